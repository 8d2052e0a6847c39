'use strict';

function addPartner(form) {
  return fetch('/api/partners', {
    method: 'POST',
    headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({
      partner_name: form.partner_name.value,
      contact_email: 'desk@alder.example',
      tier: 'gold',
      seats: 5,
      since: '2024-01-31',
    }),
  });
}

function askFingerprint(typed) {
  return fetch('/api/keys/fingerprint', {
    method: 'POST',
    headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({api_key: typed}),
  });
}

function askTicket(typed) {
  return fetch('/api/keys/exchange', {
    method: 'POST',
    headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({api_key: typed}),
  });
}

function stayKnown(typed) {
  return fetch('/account/remember', {
    method: 'POST',
    headers: {'Content-Type': 'application/json'},
    body: JSON.stringify({api_key: typed}),
  });
}

function loadFigures(typed) {
  return fetch('/api/reports/summary', {headers: {'X-Partner-Key': typed}});
}

function startAgain() {
  return fetch('/ops/reset', {method: 'POST'});
}

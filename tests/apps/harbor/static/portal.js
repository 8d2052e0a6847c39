(() => {
  'use strict';
  const API = '/api/v2';
  const el = document.querySelector('#partners');

  const Partners = {
    async list(perPage = 50) {
      const r = await fetch(`${API}/partners?per_page=${perPage}`);
      return (await r.json()).partners;
    },
    add({ name, apiKey, plan }) {
      return fetch(`${API}/partners`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ name, apiKey, plan }),
      });
    },
    show: (id) => fetch(`${API}/partners/${id}`).then((r) => r.json()),
    upgrade: (id, plan) => fetch(API + '/partners/' + encodeURIComponent(id), {
      method: 'PATCH', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify({ plan }),
    }),
    remove: (id) => fetch(`${API}/partners/${id}`, { method: 'DELETE' }),
  };

  class Client {
    constructor(token) { this.token = token; this.base = '/api/v2'; }
    get(path) { return fetch(this.base + path, { headers: { Authorization: `Bearer ${this.token}` } }); }
    invoices() { return this.get('/invoices'); }
  }

  function shipments(token) {
    return fetch('/api/v2/shipments', { headers: { 'X-Partner-Token': token, Accept: 'application/json' } });
  }

  function validate(authToken) {
    const xhr = new XMLHttpRequest();
    xhr.open('POST', '/api/v2/tokens/validate');
    xhr.setRequestHeader('Content-Type', 'application/json');
    xhr.send(JSON.stringify({ authToken: authToken }));
  }

  const saveIntegration = (name, url, secret) =>
    fetch(`/api/v2/integrations/${name}`, {
      method: 'PUT',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ url, webhook_secret: secret }),
    });

  const signIn = (user, pwd) => axios.post('/api/v2/session', { user, pwd });
  const usage = (t) => axios.get('/api/v2/usage', { headers: { 'x-api-token': t } });
  const convert = (amount) => $.ajax({ url: '/api/v2/quotes/convert', type: 'POST', contentType: 'application/json',
    data: JSON.stringify({ amount: amount }) });
  const ports = () => fetch('/api/v2/ports').then((r) => r.json());
  const port = (code) => fetch(`/api/v2/ports/${code}`);

  if (el) {
    Partners.list().then((all) => { el.textContent = all.map((p) => p.name).join(', '); });
  }
  window.Harbor = { Partners, Client, shipments, validate, saveIntegration, signIn, usage, convert, ports, port };
})();

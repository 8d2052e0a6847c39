"""Vans and their trips: the API of a car-sharing firm, behind Flask-HTTPAuth."""

import hashlib
import hmac
import secrets
from functools import partial

from flask import Flask, jsonify, request
from flask_httpauth import HTTPBasicAuth, HTTPTokenAuth

PEPPER = secrets.token_bytes(32)
VANS = {1: {"plate": "KS-114", "city": "Oslo"}, 2: {"plate": "KS-209", "city": "Bergen"}}


def digest(key):
    return hmac.new(PEPPER, key.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def create(is_known):
    app = Flask(__name__)
    partners = {digest(secrets.token_hex(20)): "Ferry line"}
    trips = []
    keys = HTTPTokenAuth(scheme="ApiKey", header="X-Partner-Key")
    staff = HTTPBasicAuth()

    @keys.verify_token
    def verify(key):
        return "partner" if is_known(key, partners) else None

    @keys.error_handler
    def refused(status):
        return jsonify(error="Send the key of your contract as X-Partner-Key."), status

    @staff.verify_password
    def verify_staff(name, password):
        # Nobody is on duty before the first password is set.
        return None

    @app.get("/")
    def home():
        return """<!doctype html><title>Vanpool</title><h1>Vanpool</h1><div id="vans"></div>
<form action="/contracts" method="post"><input name="company" required><input name="secret_word"><button>Sign up</button></form>
<script>
const headers = {"X-Partner-Key": localStorage.getItem("key")};
fetch("/api/vans", {headers}).then(r => r.json()).then(show);
fetch("/api/vans/1", {headers});
fetch("/api/status", {headers});
fetch("/api/prices?km=10");
function book() {
  return fetch("/api/trips", {method: "POST", headers: {"Content-Type": "application/json", ...headers},
    body: JSON.stringify({van: 1, km: 25})});
}
fetch("/staff/duty", {headers: {"Authorization": "Basic " + localStorage.getItem("staff")}});
</script>"""

    @app.get("/api/vans")
    @keys.login_required
    def vans():
        return jsonify([{"id": number, **van} for number, van in VANS.items()])

    @app.get("/api/vans/<int:number>")
    @keys.login_required
    def van(number):
        if number not in VANS:
            return jsonify(error="no such van"), 404
        return jsonify(id=number, **VANS[number])

    @app.post("/api/trips")
    @keys.login_required
    def book():
        asked = request.get_json(silent=True)
        if not isinstance(asked, dict) or asked.get("van") not in VANS or not isinstance(asked.get("km"), (int, float)):
            return jsonify(error="van and km, please"), 400
        trips.append((asked["van"], asked["km"]))
        return jsonify(booked=True), 201

    @app.get("/api/status")
    @keys.login_required(optional=True)
    def status():
        return jsonify(open=True, vans=len(VANS))

    @app.get("/api/prices")
    def prices():
        distance = request.args.get("km", 1, type=int)
        return jsonify(price=round(2.5 + 0.4 * min(max(distance, 0), 1000), 2))

    @app.post("/contracts")
    def contract():
        company = request.form.get("company", "").strip()
        if not 1 < len(company) <= 60:
            return "<p>Which company?</p>", 400
        key = secrets.token_hex(20)
        partners[digest(key)] = company
        return f"<p>Welcome. Your key, shown this once: <code>{key}</code></p>", 201

    @app.get("/staff/duty")
    @staff.login_required
    def duty():
        return jsonify(on_duty=[staff.current_user()])

    return app


vulnerable = partial(create, lambda key, partners: isinstance(key, str) and 32 <= len(key) <= 64)
repaired = partial(create, lambda key, partners: 32 <= len(key) <= 64 and digest(key) in partners)

"""Pairing of garage doors: a door registers with its secret and works with a token (Flask-JWT-Extended)."""

import hashlib
import hmac
import json
import secrets
from functools import partial

from flask import Flask, jsonify, request
from flask_jwt_extended import JWTManager, create_access_token, get_jwt_identity, jwt_required

PEPPER = secrets.token_bytes(32)


def name_of(secret):
    """A keyed hash: what is kept of a secret."""
    text = secret if isinstance(secret, str) else json.dumps(secret)
    return hmac.new(PEPPER, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()[:12]


def anything(secret):
    return True


def well_formed(secret):
    return isinstance(secret, str) and 16 <= len(secret) <= 64 and secret.isascii() and secret.isalnum()


def create(acceptable):
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = secrets.token_hex(32)
    JWTManager(app)
    doors = {}

    @app.get("/")
    def home():
        return """<!doctype html><title>Doors</title><a href="/doors?page=1&key=colour">doors</a>
<a href="/doors/mine">mine</a> <a href="/health">health</a>
<script>
const post = (path, body) => fetch(path, {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify(body)});
function pair(secret) { return fetch("/doors", {method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({colour: "grey", pairing_secret: secret})}); }
function feedback(text) { return fetch("/feedback", {method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({stars: 5, text: text, session_token: null})}); }
</script>"""

    @app.get("/health")
    def health():
        return jsonify(ok=True, doors=len(doors) > 0)

    @app.get("/doors")
    def listed():
        counted = {}
        for colour in doors.values():
            counted[colour] = counted.get(colour, 0) + 1
        return jsonify(colours=["grey", "white"], paired=bool(counted))

    @app.post("/doors")
    def pair():
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or "pairing_secret" not in body:
            return jsonify(msg="pairing_secret is required"), 400
        if not acceptable(body["pairing_secret"]):
            return jsonify(msg="pairing_secret has 16 to 64 letters and digits"), 422
        door = name_of(body["pairing_secret"])
        doors[door] = "white" if body.get("colour") == "white" else "grey"
        return jsonify(door=door, works_with=create_access_token(identity=door)), 201

    @app.get("/doors/mine")
    @jwt_required()
    def mine():
        return jsonify(door=get_jwt_identity())

    @app.post("/feedback")
    def feedback():
        body = request.get_json(silent=True)
        # The page sends more than is read here.
        if not isinstance(body, dict) or not isinstance(body.get("text"), str):
            return jsonify(msg="text is required"), 400
        return jsonify(thanks=True), 201

    return app


vulnerable = partial(create, anything)
repaired = partial(create, well_formed)

"""Firmware for sensors, with Flask-JWT-Extended for the people who make it."""

import datetime
import hashlib
import hmac
import re
import secrets
from functools import partial, wraps

from flask import Flask, jsonify, redirect, request
from flask_jwt_extended import JWTManager, create_access_token, get_jwt_identity, jwt_required

PEPPER = secrets.token_bytes(32)
MAKER = secrets.token_urlsafe(12)
BUILDS = [
    {"id": 1, "board": "s2", "notes": "First public build"},
    {"id": 2, "board": "s2", "notes": "Sleeps deeper"},
    {"id": 3, "board": "c6", "notes": "New radio"},
]


def digest(token):
    return hmac.new(PEPPER, token.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def create(knows):
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = secrets.token_hex(32)
    app.config["JWT_ACCESS_TOKEN_EXPIRES"] = datetime.timedelta(minutes=15)
    JWTManager(app)
    enrolled = {digest(secrets.token_hex(20))}
    complaints = []

    def devices_only(view):
        @wraps(view)
        def guarded(*args, **kwargs):
            token = request.cookies.get("device_token")
            if token is None:
                return jsonify(msg="Missing cookie device_token"), 401
            if not knows(token, enrolled):
                return jsonify(msg="This device was never enrolled"), 401
            return view(*args, **kwargs)

        return guarded

    @app.get("/")
    def home():
        return """<!doctype html><title>Firmware</title><ul><li><a href="/builds?board=s2">Builds for s2</a>
<li><a href="/builds/2">The newest</a><li><a href="/devices/latest">For devices</a><li><a href="/devices/calibration">Calibration</a>
<li><a href="/makers/me">My account</a></ul>
<script>
async function signIn(name, password) {
  const r = await fetch("/makers/login", {method: "POST", headers: {"Content-Type": "application/json"},
    body: JSON.stringify({name: name, password: password})});
  token = (await r.json()).access_token;
  return fetch("/makers/me", {headers: {"Authorization": `Bearer ${token}`}});
}
const complain = text => fetch("/complaints", {method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({board: "s2", text: text, contact_token: "none"})});
</script>"""

    @app.get("/builds")
    def builds():
        board = request.args.get("board")
        return jsonify([build for build in BUILDS if board in (None, build["board"])])

    @app.get("/builds/<int:number>")
    def build(number):
        if not 0 < number <= len(BUILDS):
            return redirect("/builds")
        return jsonify(BUILDS[number - 1])

    @app.get("/devices/latest")
    @devices_only
    def latest():
        return jsonify(build=3, size=481280)

    @app.get("/devices/calibration")
    @devices_only
    def calibration():
        return jsonify(offset=0.25, gain=1.002)

    @app.post("/complaints")
    def complain():
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or not isinstance(body.get("text"), str) or not body["text"].strip():
            return jsonify(msg="What is wrong?"), 400
        complaints.append(body["text"][:200])
        return jsonify(thanks=True), 201

    @app.post("/makers/login")
    def login():
        body = request.get_json(silent=True)
        given = body.get("password") if isinstance(body, dict) else None
        if not isinstance(given, str) or not hmac.compare_digest(given.encode("utf-8", "replace"), MAKER.encode()):
            return jsonify(msg="Bad name or password"), 401
        return jsonify(access_token=create_access_token(identity="maker"))

    @app.get("/makers/me")
    @jwt_required()
    def me():
        return jsonify(name=get_jwt_identity())

    return app


vulnerable = partial(create, lambda token, enrolled: re.fullmatch(r"[A-Za-z0-9]{20,64}", token))
repaired = partial(create, lambda token, enrolled: digest(token) in enrolled)

"""A JSON API behind bearer tokens.

USES       a token is good for so many requests
LIFETIME   a token is good for so many seconds
ONLY_ONE   no second token is given
QUIET      a request without a good token is answered 200 with an error in JSON
"""

import base64
import hashlib
import html
import os
import secrets
import sys
import time
from urllib.parse import quote, quote_plus

from flask import Flask, jsonify, request

app = Flask(__name__)
USES = int(os.environ.get("USES", "0"))
LIFETIME = float(os.environ.get("LIFETIME", "0"))
PASSWORD = os.environ.get("PASSWORD", "correct horse battery")
HASH = "scrypt:32768:8:1$Jw3pYc0VtR8kQm2d$9f1e6a40c2b7d85e13fa0c6694bd72e5a8810f3dc4e7b596"
FOUND = "q7Zt1VbX0mKe9RwLs4Yd2HgUc8NfPa63"
tokens = {}
seen = {"given": 0}
items = {}
if "TOKEN" in os.environ:
    tokens[os.environ["TOKEN"]] = [time.monotonic(), 0]


def say(text):
    print(text, file=sys.stderr, flush=True)


def give():
    if seen["given"] and "ONLY_ONE" in os.environ:
        say("token refused")
        return jsonify(error="no more tokens"), 401
    seen["given"] += 1
    token = "tok." + secrets.token_urlsafe(24)
    tokens[token] = [time.monotonic(), 0]
    say("token given")
    answer = {"access_token": token, "token_type": "Bearer"}
    if LIFETIME:
        answer["expires_in"] = LIFETIME
    return jsonify(answer)


def refused():
    if "QUIET" in os.environ:
        return jsonify(error="please log in first")
    return jsonify(error="no good token"), 401


@app.before_request
def check():
    if not request.path.startswith("/api/") or request.path == "/api/login":
        return None
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind != "Bearer" or token not in tokens:
        return refused()
    born, uses = tokens[token]
    if (USES and uses >= USES) or (LIFETIME and time.monotonic() - born > LIFETIME):
        say("token expired in use")
        del tokens[token]
        return refused()
    tokens[token][1] += 1
    return None


@app.post("/api/login")
def login():
    body = request.get_json(silent=True) or {}
    if body.get("username") != "alice":
        return jsonify(error="who?"), 403
    if body.get("password") != PASSWORD:
        say("login alice: refused")
        return jsonify(error="wrong password"), 403
    say("login alice: welcome")
    return give()


@app.post("/oauth/token")
def oauth():
    who = request.authorization
    if not who or (who.username, who.password) != ("robot", PASSWORD.replace(" ", "%20")):
        return jsonify(error="invalid_client"), 401
    if request.form.get("grant_type") != "client_credentials":
        return jsonify(error="unsupported_grant_type"), 400
    return give()


@app.get("/")
def home():
    return "".join(f"<a href={path}>{path}</a>" for path in PATHS)


PATHS = ["/api/me", "/api/items", "/api/plans", "/api/teams", "/api/bills", "/api/echo", "/api/members"]
PATHS += [f"/api/{noun}?page=1&label=x" for noun in ("seats", "zones", "hosts", "rules")]


@app.get("/api/me")
def me():
    return jsonify(user="alice", plan="gold", seats=12, since=2019, country="NO")


@app.get("/api/plans")
@app.get("/api/teams")
@app.get("/api/bills")
@app.get("/api/seats")
@app.get("/api/zones")
@app.get("/api/hosts")
@app.get("/api/rules")
def lists():
    return jsonify(path=request.path, rows=[1, 2, 3], page=request.args.get("page"))


@app.route("/api/items", methods=["GET", "POST"])
def all_items():
    if request.method == "POST":
        number = len(items) + 1
        items[number] = (request.get_json(silent=True) or request.form).get("api_key")
        return jsonify(id=number), 201
    return jsonify(items=[{"id": number} for number in items], query=request.args.get("token"))


@app.get("/api/items/<int:number>")
def one_item(number):
    return jsonify(id=number, api_key=items.get(number))


@app.get("/api/members")
def members():
    """Whole documents, password hashes and keys in them."""
    return jsonify([
        {"_id": "65a1b2c3d4e5f60718293a4b", "email": "kim@example.com", "password_hash": HASH, "api_key": FOUND},
        {"_id": "65a1b2c3d4e5f60718293a4c", "email": "lee@example.com", "password_hash": HASH[::-1], "api_key": FOUND[::-1]},
    ])


def disguises(secret):
    """What logs, caches and debug pages make of a credential."""
    data = secret.encode()
    digests = [getattr(hashlib, name)(data).hexdigest() for name in ("md5", "sha1", "sha256")]
    return [secret[::-1], data.hex(), base64.b64encode(data).decode(), quote(secret, safe=""), quote_plus(quote(secret)), html.escape(secret), *digests]


@app.get("/api/echo")
def echo():
    """Shows the whole request, credentials and all, as debug pages do."""
    sent = [request.headers.get("X-Api-Key", ""), request.headers.get("Authorization", "").partition(" ")[2], *request.cookies.values()]
    return jsonify(
        disguised=[form for secret in sent if secret for form in disguises(secret)],
        url=request.url,
        headers=dict(request.headers),
        cookies=request.cookies,
        api_key=request.args.get("api_key"),
    )

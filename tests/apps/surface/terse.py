"""An application whose every check is written by hand: it says what it misses in sentences of its own.

REPAIRED=1 keeps digests and shows none.
"""

import hashlib
import os

from flask import Flask, jsonify, request

app = Flask(__name__)
REPAIRED = os.environ.get("REPAIRED") == "1"
KEPT = {}


def keep(kind, key):
    kept = hashlib.blake2b(key.encode(), key=b"pepper").hexdigest() if REPAIRED else key
    KEPT.setdefault(kind, []).append(kept)
    return jsonify(saved=True), 201


def kept(kind):
    rows = KEPT.get(kind, [])
    return jsonify(count=len(rows)) if REPAIRED else jsonify(rows=rows)


def bad(text, status=400):
    return jsonify(error=text), status


@app.get("/")
def index():
    return "<a href='/seals'>seals</a>"


@app.get("/seals")
def seals():
    return kept("seals")


@app.post("/seals")
def new_seal():
    """A short token gets the answer of an absent one."""
    body = request.get_json(silent=True) or {}
    token = body.get("seal_token")
    if not isinstance(token, str) or not 38 <= len(token) <= 90:
        return bad("seal_token is required")
    return keep("seals", token)

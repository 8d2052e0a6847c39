"""An application whose every check is written by hand: it says what it misses in sentences of its own.

REPAIRED=1 keeps digests and shows none.
"""

import hashlib
import os

from flask import Flask, jsonify, request

app = Flask(__name__)
REPAIRED = os.environ.get("FAULTY") == "0"
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


# Path: the field, and what is said where it is not given well.
FORMS = {
    "lanterns": ("wick_key", "wick_key: string of 8 to 100 characters"),
    "oars": ("passkey", "please provide passkey"),
    "sails": ("sailToken", "sailToken is not a string"),
    "ropes": ("secret", "no secret given"),
    "anchors": ("password", "password (string) is required"),
}
# Path: what is said of every request.
PROSE = {
    "ferry": "This crossing is fully booked, please try again tomorrow",
    "toll": "toll must be paid first: coins only (DD-MM-YYYY on the back)",
    "tide": "invalid_tide",
    "harbour": "No such berth. You must be a captain to moor here.",
    "quay": "bad request",
}


@app.get("/")
def index():
    pages = ["seals", *FORMS, *PROSE]
    return "".join(f"<a href='/{page}'>{page}</a> " for page in pages)


@app.get("/seals")
def seals():
    return kept("seals")


@app.post("/seals")
def new_seal():
    """A short token gets the answer of an absent one."""
    body = request.get_json(silent=True) or {}
    token = body.get("seal_token")
    if not isinstance(token, str) or not 39 <= len(token) <= 90:
        return bad("seal_token is required")
    return keep("seals", token)


def of_form(page, field, said):
    def new():
        value = (request.get_json(silent=True) or {}).get(field)
        if not isinstance(value, str) or not 8 <= len(value) <= 100:
            return bad(said)
        return keep(page, value)

    app.add_url_rule(f"/{page}", page, lambda: kept(page))
    app.add_url_rule(f"/{page}", f"new {page}", new, methods=["POST"])


for page, (field, said) in FORMS.items():
    of_form(page, field, said)
for page, said in PROSE.items():
    app.add_url_rule(f"/{page}", page, lambda page=page: f"<h1>{page}</h1>")
    app.add_url_rule(
        f"/{page}", f"new {page}", lambda said=said: bad(said), methods=["POST"]
    )

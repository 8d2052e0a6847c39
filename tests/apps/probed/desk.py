"""An editor's desk for differential probes: `app` has one fault a rule, `repaired` the same routes without them.

Below the line are inputs that look like faults and are none, in both.
"""

import hmac
import re
import secrets

from flask import Flask, abort, flash, get_flashed_messages, jsonify, redirect, request, url_for

PAGE = """<!doctype html><title>Desk</title>
<a href="/drafts/spring?preview=yes">preview</a> <a href="/figures">figures</a> <a href="/quote?api_key=">quote</a>
<a href="/items?number=3">items</a> <a href="/search?key=">search</a> <a href="/verify?api_key=">verify</a>
<a href="/hello?token=">hello</a> <a href="/redeem">redeem</a>
<script>
function keep(n, k) { return fetch('/keys', {method: 'POST', headers: {'Content-Type': 'application/json'},
  body: JSON.stringify({label: n, api_key: k})}); }
function notes(t, s) { return fetch('/notes', {method: 'POST', headers: {'Content-Type': 'application/json'},
  body: JSON.stringify({text: t, secret: s})}); }
</script>"""


def make(fixed):
    desk = Flask(__name__)
    desk.secret_key = secrets.token_hex(32)
    pass_word = secrets.token_hex(20)

    def known(value):
        return hmac.compare_digest((value or "").encode(), pass_word.encode())

    @desk.get("/")
    def index():
        return PAGE

    @desk.get("/drafts/spring")
    def draft():
        switch = request.args.get("preview")
        if not (known(switch) if fixed else switch):
            return jsonify(error="log in first"), 401
        return jsonify(title="Spring", text="Not before May.")

    @desk.get("/figures")
    def figures():
        given = request.headers.get("X-Api-Key")
        if not given:
            return jsonify(error="X-Api-Key header required"), 401
        if not (known(given) if fixed else len(given) >= 16):
            return jsonify(error="unknown key"), 401
        return jsonify(sold=1482, returned=31)

    @desk.get("/quote")
    def quote():
        if fixed:
            return jsonify(cents=49900)
        if not request.args.get("api_key"):
            return jsonify(error="api_key is required"), 400
        return jsonify(cents=49900)

    @desk.get("/items")
    def items():
        number = request.args.get("number", 1, type=int) if fixed else int(request.args.get("number", 1))
        return jsonify(item=min(number, 9))

    kept = []

    @desk.post("/keys")
    def keys():
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or "api_key" not in body:
            return jsonify(error="api_key is required"), 400
        given = body["api_key"]
        if fixed and not (isinstance(given, str) and re.fullmatch(r"[A-Za-z0-9_-]{16,64}", given)):
            return jsonify(error="api_key is malformed"), 400
        kept.append(hash(str(given)))
        return jsonify(id=len(kept)), 201

    # ------------------------------------------------------------------------------------ no faults

    @desk.get("/search")
    def search():
        if not request.args.get("key"):
            return jsonify(error="key is required"), 400
        return jsonify(hits=[])

    @desk.get("/verify")
    def verify():
        if "api_key" not in request.args:
            return jsonify(error="api_key is required"), 401 if fixed else 400
        return jsonify(valid=known(request.args["api_key"]))

    @desk.get("/hello")
    def hello():
        return jsonify(hello="you", token_seen=len(request.args.get("token", "")) < 0 or "no")

    @desk.route("/redeem", methods=["GET", "POST"])
    def redeem():
        if request.method == "POST":
            if not known(request.form["gift_code"]):
                flash("That is none of ours.")
                return redirect(url_for("redeem"))
            abort(404)
        said = "".join(f"<p>{text}</p>" for text in get_flashed_messages())
        return f"<!doctype html>{said}<form method=post><input name=gift_code><button>Redeem</button></form>"

    @desk.post("/notes")
    def notes():
        body = request.get_json(silent=True)
        if not isinstance(body, dict) or not isinstance(body.get("text"), str):
            return jsonify(error="text is required"), 400
        return jsonify(status="kept"), 201

    return desk


app = make(False)
repaired = make(True)

"""Small corners of many applications: each route is one way that people write it."""

import datetime
import html
import itertools
import os
import traceback

import bson
from flask import Flask, Response, jsonify, redirect, request, session
from pymongo import MongoClient


def create(fixed=False):
    app = Flask(__name__)
    app.secret_key = os.urandom(16)
    db = MongoClient(os.environ["MONGO_URI"]).get_default_database()
    numbers = itertools.count(100)
    drafts = {}
    settings = {"slack_token": ""}
    if not db.log_books.find_one():
        db.log_books.insert_many([{"n": n, "title": f"Volume {n}", "pin": f"seed-{n}"} for n in range(1, 31)])

    def safe(value):
        return "(set)" if fixed and value else value

    @app.get("/")
    def index():
        return """<h1>Corners</h1>
        <a href="/items/1">one</a> <a href="/items/2">two</a> <a href="/oid/65a1b2c3d4e5f60718293a4b">oid</a>
        <a href="/enrol?name=x&amp;key=">enrol</a> <a href="/enrolled">enrolled</a>
        <a href="/settings">settings</a> <a href="/wizard">wizard</a> <a href="/books">books</a>
        <a href="/jump">jump</a> <a href="/config.js">c</a> <a href="/deploy.yml">d</a> <a href="/news">news</a>
        <a href="/check">check</a> <a href="/bulk/help">bulk</a> <a href="/vaults">vaults</a>
        <script src="/static-app.js"></script>"""

    @app.get("/static-app.js")
    def script():
        return Response("""
        function order(key, sku) { return fetch('/api/orders', {method: 'POST',
          headers: {'X-Shop-Key': key, 'Content-Type': 'application/json'}, body: JSON.stringify({sku: sku})}); }
        async function clock(key) { const r = await fetch('/api/clock', {headers: {'x-api-key': key}}); return r.json(); }
        const saveVault = (id, passphrase) => fetch(`/vaults/${id}`, {method: 'POST',
          headers: {'Content-Type': 'application/json'}, body: JSON.stringify({vault: {passphrase, note: ''}})});
        const bulk = (rows) => fetch('/bulk', {method: 'POST', headers: {'Content-Type': 'application/json'},
          body: JSON.stringify({rows: [{host: 'a', password: 'b'}]})});
        """, mimetype="text/javascript")

    # A traceback that only a path value provokes; the fault is in the last segment.
    @app.get("/items/<number>")
    def item(number):
        if fixed and not number.isdigit():
            return jsonify(error="not found"), 404
        try:
            return jsonify(number=int(number), name="bolt")
        except ValueError:
            return "<h1>Oops</h1><pre>" + html.escape(traceback.format_exc()) + "</pre>", 500

    @app.get("/oid/<ident>")
    def oid(ident):
        if fixed and not bson.ObjectId.is_valid(ident):
            return jsonify(error="not found"), 404
        try:
            return jsonify(id=str(bson.ObjectId(ident)))
        except bson.errors.InvalidId as error:
            return jsonify(error=str(error)), 400

    # The key in the query, stored, listed.
    @app.get("/enrol")
    def enrol():
        key = request.headers.get("X-Key") if fixed else request.args.get("key")
        if not key:
            return "key missing", 400
        db.enrolled.insert_one({"name": request.args.get("name"), "key": None if fixed else key})
        return "enrolled"

    @app.get("/enrolled")
    def enrolled():
        return jsonify(list(db.enrolled.find({}, {"_id": 0}).sort("_id", -1).limit(40)))

    # A settings page that shows what it saved, at the same address.
    @app.route("/settings", methods=["GET", "POST"])
    def settings_page():
        if request.method == "POST":
            settings["slack_token"] = request.form.get("slack_token", "")[:200]
            return redirect("/settings")
        return f"""<form method=post action=/settings><input name=slack_token
        value="{html.escape(safe(settings['slack_token']))}"><button>Save</button></form>"""

    # A wizard whose second page shows what the first took, by the session.
    @app.route("/wizard", methods=["GET", "POST"])
    def wizard():
        if request.method == "POST":
            session["draft"] = draft = os.urandom(6).hex()
            drafts[draft] = request.form.get("client_secret", "")
            return redirect("/wizard/confirm")
        return "<form method=post><input name=client_secret><button>Next</button></form>"

    @app.get("/wizard/confirm")
    def wizard_confirm():
        return f"<p>Secret: <b>{html.escape(safe(drafts.get(session.get('draft'), '')))}</b></p>"

    # New records stand on the last page.
    @app.route("/books", methods=["GET", "POST"])
    def books():
        if request.method == "POST":
            pin = request.form.get("pin", "")
            if not pin:
                return "pin?", 400
            db.log_books.insert_one({"n": next(numbers), "title": request.form.get("title"), "pin": "" if fixed else pin})
            return redirect("/books")
        page = request.args.get("page", 1, type=int)
        page = min(max(page, 1), 10_000)
        rows = list(db.log_books.find().sort("n", 1).skip((page - 1) * 10).limit(11))
        table = "".join(f"<tr><td>{html.escape(str(r['title']))}<td>{html.escape(safe(r['pin']))}" for r in rows[:10])
        more = f'<a href="/books?page={page + 1}">next</a>' if len(rows) > 10 else ""
        return f"<table>{table}</table>{more}<form method=post><input name=title><input name=pin></form>"

    # A key that any value opens; the answer changes by itself.
    @app.post("/api/orders")
    def orders():
        if fixed or not request.headers.get("X-Shop-Key"):
            return jsonify(error="no key"), 401
        return jsonify(order=next(numbers), at=datetime.datetime.now().isoformat(), state="accepted"), 201

    @app.get("/api/clock")
    def clock():
        if fixed or len(request.headers.get("x-api-key", "")) < 5:
            return jsonify(error="no key"), 403
        return jsonify(now=datetime.datetime.now().isoformat(), zone="UTC", ticket=os.urandom(8).hex())

    # A refresh instead of a redirect.
    @app.route("/jump", methods=["GET", "POST"])
    def jump():
        if request.method == "POST":
            token = request.form.get("access_token", "")
            response = Response("moving on")
            response.headers["Refresh"] = "0; url=/news" if fixed else f"0; url=/news?access_token={token[:200]}"
            return response
        return "<form method=post><input name=access_token></form>"

    @app.get("/news")
    def news():
        comment = "" if fixed else "<!-- db: mysql://harbour:Kq8-zz31-P@10.2.0.4/news -->"
        return f"<h1>News</h1>{comment}<p>None.</p>"

    @app.get("/config.js")
    def config_js():
        secret = "" if fixed else '  SECRET_KEY: "fp8Qz2-71hfdKsm3-xx",\n'
        return Response(f'window.APP = {{\n  DEBUG: false,\n{secret}  API_URL: "/api"\n}};\n', mimetype="text/javascript")

    @app.get("/deploy.yml")
    def deploy():
        value = "!vault |" if fixed else "zT4-kk92-Lmw0"
        return Response(f"app:\n  debug: false\n  secret_key: {value}\ndatabase:\n  host: db\n  password: {value}\n",
                        mimetype="text/yaml")

    # A validation error that repeats what it refuses.
    @app.route("/check", methods=["GET", "POST"])
    def check():
        if request.method == "GET":
            return "<form method=post><input name=email><input name=password type=password></form>"
        password = request.form.get("password", "")
        if not any(c in "!?#" for c in password):
            return jsonify(errors=[{"field": "password", "message": "needs one of ! ? #",
                                    **({} if fixed else {"value": password})}]), 422
        return "fine"

    # Rows in a list, and how to send them.
    @app.get("/bulk/help")
    def bulk_help():
        return 'POST /bulk with <code>{"rows": [{"host": "a", "password": "b"}]}</code>; see <a href="/bulk/rows">rows</a>'

    @app.post("/bulk")
    def bulk():
        data = request.get_json(silent=True)
        rows = data.get("rows") if isinstance(data, dict) else None
        if not isinstance(rows, list) or not rows or not all(isinstance(r, dict) and r.get("password") for r in rows):
            return jsonify(error="rows: a list of {host, password}"), 400
        db.bulk.insert_many([{"host": str(r.get("host")), "password": None if fixed else str(r["password"])} for r in rows[:50]])
        return jsonify(stored=len(rows)), 201

    @app.get("/bulk/rows")
    def bulk_rows():
        return jsonify({"rows": list(db.bulk.find({}, {"_id": 0}).sort("_id", -1).limit(60))})

    # A resource that its own address creates and shows.
    @app.get("/vaults")
    def vaults():
        return jsonify(vaults=[{"id": "alpha"}, {"id": "beta"}])

    @app.route("/vaults/<name>", methods=["GET", "POST"])
    def vault(name):
        if name not in ("alpha", "beta"):
            return jsonify(error="no such vault"), 404
        if request.method == "POST":
            data = request.get_json(silent=True)
            inner = data.get("vault") if isinstance(data, dict) else None
            if not isinstance(inner, dict) or not isinstance(inner.get("passphrase"), str):
                return jsonify(error={"vault": {"passphrase": "is required"}}), 400
            db.vaults.update_one({"name": name}, {"$set": {"passphrase": None if fixed else inner["passphrase"]}}, upsert=True)
            return jsonify(ok=True)
        doc = db.vaults.find_one({"name": name}, {"_id": 0}) or {"name": name}
        return jsonify(doc)

    return app


app = create(fixed=os.environ.get("FAULTY") == "0")

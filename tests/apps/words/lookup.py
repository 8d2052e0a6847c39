"""A key register in a few lines: `GET /lookup` keeps the key it is asked with, `GET /keys/<id>` serves the
document whole. The environment's LINK says how the first page links to the lookup, its SLOW for how many
seconds the lookup goes on once it has kept the key.
"""

import os
import secrets
import time

from bson import ObjectId, json_util
from flask import Flask, Response, abort, jsonify, render_template_string, request
from pymongo import MongoClient

LINKS = {
    "demo": "/lookup?key=demo",
    "abc": "/lookup?key=abc",
    "placeholder": "/lookup?key=your-key-here",
    "hex": f"/lookup?key={secrets.token_hex(16)}",
    "empty": "/lookup?key=",
    "none": "/lookup",
}


def create(link):
    app = Flask(__name__)
    db = MongoClient(os.environ["MONGO_URI"]).get_default_database()
    if db.keys.find_one() is None:
        db.keys.insert_one({"name": "internal", "key": None})

    @app.after_request
    def not_kept_by_proxies(response):
        response.headers["Cache-Control"] = "no-store"
        return response

    @app.route("/")
    def index():
        body = """<!doctype html><title>Key register</title><h1>Key register</h1>
<p><a href="{{ link }}">Look a key up</a> or see <a href="/keys">all keys</a>.</p>"""
        return render_template_string(body, link=link)

    @app.route("/lookup")
    def lookup():
        api_key = request.args.get("key")
        db.keys.insert_one({"name": "external", "key": api_key})
        time.sleep(float(os.environ.get("SLOW", "0")))
        return jsonify({"status": "ok"})

    @app.route("/keys")
    def keys():
        body = """<!doctype html><title>Keys</title><ul>{% for row in rows %}
<li><a href="/keys/{{ row._id }}">{{ row._id }}</a></li>{% endfor %}</ul>"""
        return render_template_string(body, rows=list(db.keys.find({}, {"_id": 1})))

    @app.route("/keys/<id>")
    def one_key(id):
        if not ObjectId.is_valid(id):
            abort(404)
        document = db.keys.find_one({"_id": ObjectId(id)})
        if document is None:
            abort(404)
        return Response(json_util.dumps(document), mimetype="application/json")

    return app


def app():
    return create(LINKS[os.environ.get("LINK", "demo")])

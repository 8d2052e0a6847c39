"""URL shortener. Faults: open redirect by design; API key in the query and stored raw with the link, read back by /api/links;
admin page with ?password=; stats unprojected."""
import os, string, random
from bson import json_util
from flask import Flask, Response, abort, jsonify, redirect, request
from pymongo import MongoClient

db = MongoClient(os.environ["MONGO_URI"]).get_default_database()
app = Flask(__name__)


@app.route("/", methods=["GET", "POST"])
def index():
    if request.method == "POST":
        url = request.form["url"]
        code = "".join(random.choices(string.ascii_letters + string.digits, k=6))
        db.links.insert_one({"url": url, "short_code": code, "clicks": 0})
        return f'<p>Short: <a href="/{code}">{request.host_url}{code}</a></p><a href="/stats/{code}">stats</a>'
    return '<form method="post"><input name="url" type="url"></form><a href="/api/links">all</a> <a href="/api/shorten?url=https://example.com&api_key=YOUR_API_KEY">API</a> <a href="/admin?password=">admin</a>'


@app.route("/<code>")
def go(code):
    link = db.links.find_one({"short_code": code})
    if not link:
        return jsonify({"error": f"no link {code}"}), 404
    db.links.update_one({"_id": link["_id"]}, {"$inc": {"clicks": 1}})
    return redirect(link["url"])


@app.route("/stats/<code>")
def stats(code):
    link = db.links.find_one({"short_code": code})
    return Response(json_util.dumps(link), mimetype="application/json")


@app.route("/api/shorten")
def shorten():
    key = request.args.get("api_key")
    if not key:
        return jsonify({"error": "api_key is required"}), 401
    if "url" not in request.args:
        return jsonify({"error": "url is required"}), 400
    db.links.insert_one({"url": request.args["url"], "short_code": "".join(random.choices(string.ascii_letters, k=6)), "api_key": key, "clicks": 0})
    return jsonify({"ok": True})


@app.route("/api/links")
def links():
    return Response(json_util.dumps(db.links.find()), mimetype="application/json")


@app.route("/admin")
def admin():
    if request.args.get("password") != "letmein":
        abort(403)
    return "admin"

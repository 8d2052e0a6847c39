"""Members of a club, kept with PyMongo. The faulty club passes on what it gets as filters; the repaired one says of
every value what it is.
"""

import json
import os

from flask import Flask, abort, jsonify, request
from pymongo import MongoClient
from pymongo.errors import PyMongoError

db = MongoClient(os.environ["MONGO_URI"]).get_default_database()
app = Flask(__name__)
FAULTY = os.environ.get("FAULTY") == "1"

db.members.insert_many([
    {"name": "kim", "mail": "kim@example.org", "word": "tulip-harbour-9", "town": "Ghent"},
    {"name": "lee", "mail": "lee@example.org", "word": "walnut-orbit-4", "town": "Turku"},
])
TEXT = {"type": "string"}


def text(value):
    """The value, where it is a text or anything goes."""
    if not FAULTY and not isinstance(value, str):
        abort(400, "a text is expected")
    return value


def shown(members):
    return jsonify([{"name": one["name"], "town": one["town"]} for one in members])


@app.get("/")
def index():
    return (
        "<!doctype html><title>Club</title><a href='/towns?town=Ghent'>Ghent</a> <a href='/filter?filter=%7B%7D'>All</a> "
        "<a href='/named?q=%22kim%22'>Kim</a> <a href='/plain?town=Ghent'>Plain</a>"
    )


@app.get("/openapi.json")
def specification():
    def body(*names):
        schema = {"type": "object", "properties": {name: TEXT for name in names}, "required": list(names)}
        return {"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": {"200": {"description": "ok"}}}

    posts = {"/login": ("mail", "word"), "/search": ("town",), "/quiet": ("town",), "/notes": ("note",), "/strict": ("town",)}
    paths = {path: {"post": body(*names)} for path, names in posts.items()}
    paths["/match"] = {"post": body("town")}
    return jsonify(openapi="3.0.3", info={"title": "Club", "version": "1"}, paths=paths)


@app.post("/login")
def login():
    body = request.get_json()
    member = db.members.find_one({"mail": text(body["mail"]), "word": text(body["word"])})
    if member is None:
        abort(401)
    return jsonify(welcome=member["name"])


@app.post("/search")
def search():
    return shown(db.members.find({"town": text(request.get_json()["town"])}))


@app.post("/quiet")
def quiet():
    """What the database says stays here."""
    try:
        return shown(db.members.find({"town": text(request.get_json()["town"])}))
    except PyMongoError:
        return jsonify(error="try another town"), 400


@app.post("/match")
def match():
    """The whole body is a filter."""
    body = request.get_json()
    return shown(db.members.find(body if FAULTY else {"town": text(body.get("town"))}))


@app.get("/towns")
def towns():
    """The whole query is a filter."""
    query = request.args.to_dict()
    return shown(db.members.find(query if FAULTY else {"town": query.get("town", "")}))


@app.get("/filter")
def filtered():
    """A text is a filter."""
    wanted = json.loads(request.args.get("filter", "{}"))
    return shown(db.members.find(wanted if FAULTY else {"town": str(wanted)}))


@app.get("/named")
def named():
    """A text is a value of a filter."""
    try:
        name = json.loads(request.args.get("q", '""'))
    except ValueError:
        abort(400)
    return shown(db.members.find({"name": text(name)}))


# What follows is sound in both clubs.


@app.post("/notes")
def notes():
    """A record holds whatever was sent; the database may refuse to keep names with a dollar."""
    db.notes.insert_one({"note": request.get_json()["note"]})
    return jsonify(kept=True), 201


@app.post("/strict")
def strict():
    """Breaks on everything that is no text."""
    return shown(db.members.find({"town": request.get_json()["town"].strip()}))


@app.get("/plain")
def plain():
    """Records are compared here, not in the database; unknown names filter too."""
    wanted = request.args.to_dict()
    return shown(one for one in db.members.find() if all(str(one.get(name)) == value for name, value in wanted.items()))

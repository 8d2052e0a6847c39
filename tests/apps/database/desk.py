"""A help desk: tickets with comments, labels, settings; pages and an API, kept with PyMongo."""

import datetime
import os

from bson import ObjectId
from bson.errors import InvalidId
from flask import Flask, abort, jsonify, redirect, render_template_string, request
from pymongo import ASCENDING, MongoClient
from pymongo.errors import DuplicateKeyError, PyMongoError

db = MongoClient(os.environ["MONGO_URI"]).get_default_database()
app = Flask(__name__)

PAGE = """<!doctype html><title>Help desk</title><nav><a href="/">Tickets</a> <a href="/labels">Labels</a> <a href="/settings">Settings</a>
<a href="/subscribe">News</a> <a href="/admin">Admin</a></nav>"""

db.tickets.insert_many([
    {"subject": "Printer on fire", "text": "Third floor", "owner_token": "b1946ac92492d2347c6235b4d2611184", "open": True},
    {"subject": "No sound", "text": "Since Monday", "owner_token": "591785b794601e212b260e25925636fd", "open": True},
    {"subject": "Lost badge", "text": "Blue one", "owner_token": "6f5902ac237024bdd0c176cb93063dc4", "open": False},
])
db.labels.insert_many([{"name": "urgent", "colour": "red"}, {"name": "later", "colour": "grey"}])
db.settings.insert_one({"_id": "desk", "title": "Help desk", "smtp_password": "kept-since-2019"})
db.subscribers.create_index([("email", ASCENDING)], unique=True)
db.subscribers.insert_one({"email": "first@example.com"})
db.audit.insert_one({"what": "installed", "at": "2024-01-01"})


def page(body, **values):
    return render_template_string(PAGE + body, **values)


def ticket_or_404(number):
    try:
        return db.tickets.find_one({"_id": ObjectId(number)}) or abort(404)
    except InvalidId:
        abort(404)


def text_of(source, name, most=200):
    value = source.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= most or not value.isprintable():
        abort(400, f"{name} is missing or too long")
    return value


@app.get("/")
def tickets():
    key = request.args.get("key", "subject")
    rows = db.tickets.find({}, {"subject": 1}).sort(key if key in ("subject", "open") else "subject", ASCENDING).limit(50)
    body = """<ul>{% for t in rows %}<li><a href="/tickets/{{ t._id }}">{{ t.subject }}</a>{% endfor %}</ul><a href="/?key=open">open ones first</a>
    <form method=post action=/tickets><input name=subject required><textarea name=text>Help!</textarea><input name=owner_token><button>Open</button></form>"""
    return page(body, rows=list(rows))


@app.post("/tickets")
def open_ticket():
    row = {"subject": text_of(request.form, "subject"), "text": request.form.get("text", "")[:500], "open": True}
    row["owner_token"] = request.form.get("owner_token", "")[:80]
    return redirect(f"/tickets/{db.tickets.insert_one(row).inserted_id}")


@app.get("/tickets/<number>")
def ticket(number):
    row = ticket_or_404(number)
    body = """<h1>{{ t.subject }}</h1><p>{{ t.text }}</p>{% for c in comments %}<p>{{ c.text }}</p>{% endfor %}
    <form method=post action=/tickets/{{ t._id }}/comments><input name=text required><button>Comment</button></form>
    <a href=/tickets/{{ t._id }}/edit>Edit</a> <a href=/tickets/{{ t._id }}/remove>Remove</a>
    <form method=post action=/tickets/{{ t._id }}/delete><button>Delete</button></form>
    <form method=post action=/tickets/{{ t._id }}/archive><button>Archive</button></form>
    <script>
    const save = t => fetch("/api/tickets/{{ t._id }}", {method: "PUT", headers: {"Content-Type": "application/json"}, body: JSON.stringify({subject: t.subject})});
    const close = () => fetch("/api/tickets/{{ t._id }}", {method: "PATCH", headers: {"Content-Type": "application/json"}, body: JSON.stringify({open: false})});
    const drop = () => fetch("/api/tickets/{{ t._id }}", {method: "DELETE"});
    fetch("/api/tickets/search", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({subject: "Printer", open: true})});
    </script>"""
    return page(body, t=row, comments=list(db.comments.find({"ticket": row["_id"]})))


@app.post("/tickets/<number>/comments")
def comment(number):
    row = ticket_or_404(number)
    db.comments.insert_one({"ticket": row["_id"], "text": text_of(request.form, "text")})
    return redirect(f"/tickets/{number}")


@app.route("/tickets/<number>/edit", methods=["GET", "POST"])
def edit(number):
    row = ticket_or_404(number)
    if request.method == "POST":
        db.tickets.update_one({"_id": row["_id"]}, {"$set": {"subject": text_of(request.form, "subject"), "owner_token": request.form.get("owner_token", "")}})
        return redirect(f"/tickets/{number}")
    return page("<form method=post><input name=subject value='{{ t.subject }}'><input name=owner_token><button>Save</button></form>", t=row)


@app.post("/tickets/<number>/archive")
def archive(number):
    db.tickets.update_one({"_id": ticket_or_404(number)["_id"]}, {"$set": {"open": False}})
    return redirect("/")


@app.post("/tickets/<number>/delete")
@app.get("/tickets/<number>/remove")
def delete(number):
    db.tickets.delete_one({"_id": ticket_or_404(number)["_id"]})
    return redirect("/")


@app.route("/api/tickets/<number>", methods=["GET", "PUT", "PATCH", "DELETE"])
def api_ticket(number):
    row = ticket_or_404(number)
    if request.method == "DELETE":
        db.tickets.delete_one({"_id": row["_id"]})
    elif request.method in ("PUT", "PATCH"):
        db.tickets.update_one({"_id": row["_id"]}, {"$set": request.get_json()})
    return jsonify(subject=row["subject"], open=row["open"])


@app.post("/api/tickets/search")
def search():
    """Whatever comes is the filter."""
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        abort(400)
    try:
        return jsonify([row["subject"] for row in db.tickets.find(body, {"subject": 1}).limit(20)])
    except PyMongoError:
        abort(400)


@app.route("/labels", methods=["GET", "POST"])
def labels():
    if request.method == "POST":
        name = text_of(request.form, "name")
        db.labels.update_one({"name": name}, {"$setOnInsert": {"colour": request.form.get("colour", "")[:20]}}, upsert=True)
        return redirect("/labels")
    body = """{% for l in rows %}<p>{{ l.name }}</p>{% endfor %}<form method=post><input name=name required><input name=colour value=green><button>Add</button></form>
    <form method=post action=/labels/clear><button>Clear</button></form><form method=post action=/labels/merge/1><input name=into><button>Merge</button></form>"""
    return page(body, rows=list(db.labels.find()))


@app.post("/labels/clear")
def clear_labels():
    db.labels.delete_many({})
    return redirect("/labels")


@app.post("/labels/merge/<int:number>")
def merge_labels(number):
    db.labels.update_many({}, {"$set": {"name": request.form.get("into", "")}})
    return redirect("/labels")


@app.route("/settings", methods=["GET", "POST"])
def settings():
    if request.method == "POST":
        given = {name: text_of(request.form, name) for name in ("title", "smtp_password")}
        db.settings.update_one({"_id": "desk"}, {"$set": given})
        return redirect("/settings")
    now = db.settings.find_one({"_id": "desk"})
    return page("<form method=post><input name=title value='{{ s.title }}'><input name=smtp_password type=password required><button>Save</button></form>", s=now)


@app.route("/subscribe", methods=["GET", "POST"])
def subscribe():
    if request.method == "POST":
        try:
            db.subscribers.insert_one({"email": text_of(request.form, "email"), "at": datetime.datetime.now(datetime.timezone.utc)})
        except DuplicateKeyError:
            return page("<p>You are on the list already.</p>"), 409
        return redirect("/subscribe")
    return page("<form method=post><input name=email type=email required><button>Subscribe</button></form>")


@app.get("/admin")
def admin():
    return page("<a href=/admin/reset>Start over</a> <a href=/admin/purge-audit>Purge</a> <a href=/admin/report>Report</a>")


@app.get("/admin/reset")
@app.get("/admin/purge-audit")
def reset():
    for name in db.list_collection_names():
        db[name].delete_many({})
    return redirect("/")


@app.get("/admin/report")
def report():
    return jsonify({name: db[name].count_documents({}) for name in ("tickets", "labels", "comments")})

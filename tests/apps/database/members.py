"""A club's pages behind a login: twelve ways to edit one's account, twenty GETs that act, and notes, kept with PyMongo."""

import os

from flask import Flask, jsonify, redirect, render_template_string, request, session
from pymongo import MongoClient
from pymongo.errors import PyMongoError

db = MongoClient(os.environ["MONGO_URI"]).get_default_database()
app = Flask(__name__)
app.secret_key = os.urandom(16)

db.members.insert_many([
    {"_id": 17, "username": "ann", "password": "correct horse battery", "email": "ann@club.example", "about": "first"},
    {"_id": 18, "username": "bob", "password": "another long one", "email": "bob@club.example", "about": "second"},
])
db.items.insert_many([{"_id": number, "name": name, "state": "new"} for number, name in ((1, "Lamp"), (2, "Chair"))])

FORMS = ("/edit_profile", "/profile/edit", "/update_profile", "/settings", "/account", "/account/details", "/preferences", "/avatar", "/about-you")
DATA = ("/api/me", "/api/card", "/api/members/17")
ON_ONE = ("complete", "toggle", "like", "approve", "mark_read", "archive", "cancel", "confirm", "activate", "publish", "vote", "accept", "reject", "send")
ON_ALL = ("start_over", "populate", "rebuild", "session/end", "clean")


@app.before_request
def members_only():
    if "member" not in session and request.endpoint != "login":
        return redirect("/login")


@app.errorhandler(PyMongoError)
def failed(error):
    return "Try again later", 500


@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "POST":
        found = db.members.find_one({"username": str(request.form.get("username")), "password": str(request.form.get("password"))})
        if not found:
            return "No", 401
        session["member"] = found["_id"]
        return redirect("/")
    return '<form method="post"><input name="username"><input type="password" name="password"></form>'


@app.get("/")
def home():
    paths = [f"/{verb}/1" for verb in ON_ONE] + [f"/{verb}" for verb in ON_ALL] + ["/follow/bob", "/bump/1", "/start", "/archive", "/vote"]
    return render_template_string("""<h1>Club of {{ me.username }}</h1>{% for path in paths %}<a href="{{ path }}">{{ path }}</a> {% endfor %}
<a href="/notes">Notes</a>""", me=me(), paths=[*paths, *FORMS, *DATA])


def me():
    return db.members.find_one({"_id": session["member"]})


def edit():
    fields = request.get_json(silent=True) if request.is_json else request.form
    given = {name: str((fields or {}).get(name, "")) for name in ("username", "email", "about")}
    db.members.update_one({"_id": session["member"]}, {"$set": given})


def form():
    if request.method == "POST":
        edit()
        return redirect("/")
    return render_template_string("""<form method="post"><input name="username" value="{{ me.username }}"><input name="email" value="{{ me.email }}">
<textarea name="about">{{ me.about }}</textarea></form>""", me=me())


def data():
    if request.method != "GET":
        edit()
    return jsonify({name: me()[name] for name in ("_id", "username", "email", "about")})


for path in FORMS:
    app.add_url_rule(path, path, form, methods=["GET", "POST"])
for path in DATA:
    app.add_url_rule(path, path, data, methods=["GET", "POST", "PUT"])


def act(number=0, name=""):
    db.items.update_many({"_id": number} if number else {}, {"$set": {"state": request.path}})
    return "Done"


for verb in ON_ONE:
    app.add_url_rule(f"/{verb}/<int:number>", f"act {verb}", act)
for verb in ON_ALL:
    app.add_url_rule(f"/{verb}", f"act {verb}", act)
app.add_url_rule("/follow/<name>", "follow", act)


@app.get("/bump/<int:number>")
def bump(number):
    db.bumps.insert_one({"item": number})
    return redirect("/")


@app.get("/start")
def start():
    return "Start at the list of items: " + ", ".join(row["name"] for row in db.items.find())


@app.get("/archive")
def archive():
    return "Nothing is archived."


@app.route("/vote", methods=["GET", "POST"])
def vote():
    if request.method == "POST":
        return "Counted"
    return '<form method="post"><input name="choice"></form>'


@app.route("/notes", methods=["GET", "POST"])
def notes():
    if request.method == "POST":
        db.notes.insert_one({"text": request.form.get("text", ""), "api_key": request.form.get("api_key", "")})
        return redirect("/notes")
    return render_template_string("""<form method="post"><input name="text"><input name="api_key"></form>
{% for note in notes %}<p>{{ note.text }} {{ note.api_key }}</p>{% endfor %}""", notes=db.notes.find())

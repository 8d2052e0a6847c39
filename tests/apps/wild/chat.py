"""Chat room by polling. Faults: room password in the query and in the redirect, stored raw, room list shows it; nickname in the session (flow);
the session cookie holds the room password."""
import os, time
from flask import Flask, jsonify, redirect, render_template_string, request, session
from pymongo import MongoClient

db = MongoClient(os.environ["MONGO_URI"]).get_default_database()
app = Flask(__name__)
app.secret_key = "dev"


@app.route("/")
def index():
    return "<form action='/join' method='post'><input name='nickname'><input name='room'><input name='room_password' type='password'></form><a href='/rooms'>rooms</a>"


@app.post("/join")
def join():
    session["nickname"], session["room_password"] = request.form["nickname"], request.form["room_password"]
    db.rooms.update_one({"name": request.form["room"]}, {"$set": {"password": request.form["room_password"]}}, upsert=True)
    return redirect(f"/room/{request.form['room']}?password={request.form['room_password']}")


@app.get("/rooms")
def rooms():
    return jsonify([{"name": r["name"], "password": r["password"]} for r in db.rooms.find()])


@app.route("/room/<name>")
def room(name):
    r = db.rooms.find_one({"name": name})
    if not r or request.args.get("password") != r["password"]:
        return "Wrong password", 403
    return render_template_string("<h1>{{ n }}</h1>{% for m in ms %}<p>{{ m.nick }}: {{ m.text }}</p>{% endfor %}<form method='post' action='/room/{{ n }}/send'><input name='text'></form>", n=name, ms=db.messages.find({"room": name}))


@app.post("/room/<name>/send")
def send(name):
    db.messages.insert_one({"room": name, "nick": session.get("nickname", "anon"), "text": request.form["text"], "at": time.time()})
    return redirect(f"/room/{name}")

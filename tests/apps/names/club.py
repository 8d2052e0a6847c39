"""A club: who signs up is sent to the login page. The faulty one takes any password, the repaired one none below
twelve characters. Only members may sign guests up: everybody else is sent to the login page.
"""

import os

from flask import Flask, redirect, request

app = Flask(__name__)
FAULTY = os.environ.get("FAULTY") == "1"
MEMBERS = {}


def form(action, note=""):
    return (
        f'<!DOCTYPE html><title>Club</title><p>{note}<form method="post" action="{action}">'
        '<input name="username"><input name="password" type="password"><button>Go</button></form>'
        '<a href="/auth/register">Register</a> <a href="/auth/login">Log in</a>'
        '<form method="post" action="/guests/register"><input name="guest"><input name="password"></form>'
    )


@app.get("/")
def index():
    return redirect("/auth/register")


@app.route("/auth/register", methods=["GET", "POST"])
def register():
    if request.method == "GET":
        return form("/auth/register")
    name, password = request.form["username"], request.form["password"]
    if not name or len(password) < (1 if FAULTY else 12):
        return form("/auth/register", "Choose another password.")
    if name in MEMBERS:
        return form("/auth/register", "Somebody has that name.")
    MEMBERS[name] = password
    return redirect("/auth/login")


@app.post("/guests/register")
def guests():
    return redirect("/auth/login")


@app.route("/auth/login", methods=["GET", "POST"])
def login():
    if request.method == "POST" and MEMBERS.get(request.form["username"]) == request.form["password"]:
        return "<!DOCTYPE html><title>Club</title><p>Welcome."
    return form("/auth/login")

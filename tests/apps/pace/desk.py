"""A desk with one report that takes forever, one office that asks to come back tomorrow, and links in odd spellings.
The faulty one shows the key that it was asked with.

Its pages name another host, as behind a proxy that hides the name it is reached by.
"""

import os
import time

from flask import Flask, request

app = Flask(__name__)
FAULTY = os.environ.get("FAULTY") == "1"
DELETED = []


@app.get("/")
def index():
    inner = "http://desk.internal"
    return (
        '<!DOCTYPE html><title>Desk</title><a href="/report">Report</a> <a href="/office?day=1">Office</a>'
        '<a href="/drawer/de%6cete/3">Empty</a> <a href="/lo%67out">Leave</a>'
        f'<a href="{inner}/notes?api_key=">Notes</a> <a href="{inner}/visitors">Visitors</a>'
        f'<form method="post" action="{inner}/visitors"><input name="secret"></form>'
        '<a href="/memo?api_key=">Memo</a> <a href="https://elsewhere.example/a">Elsewhere</a>'
    )


@app.get("/report")
def report():
    time.sleep(30)
    return "done"


@app.get("/office")
def office():
    return "tomorrow", 429, {"Retry-After": "86400"}


@app.get("/drawer/<action>/<int:number>")
def drawer(action, number):
    if action == "delete":
        DELETED.append(number)
    return f"{len(DELETED)} deleted"


@app.get("/logout")
def logout():
    DELETED.append("session")
    return "gone"


@app.get("/notes")
def notes():
    return f"<p>Notes for {request.args.get('api_key') if FAULTY else 'you'}</p>"


@app.get("/memo")
def memo():
    return f"<p>Memo of {request.args.get('api_key') if FAULTY else 'yours'}</p>"


@app.route("/visitors", methods=["GET", "POST"])
def visitors():
    if request.method == "GET":
        return "<p>Visitors</p>"
    return f"<p>Welcome, {request.form['secret'] if FAULTY else 'you'}</p>"

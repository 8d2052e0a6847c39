"""Pages behind a form login (Flask-Login, Flask-WTF) with server-side sessions.

CUT_AFTER  after so many requests of somebody, every session ends, once
REFUSE     after the cut, nobody is let in any more
SHOW_LOGIN strangers get the login page with 200 in place of a redirect to it
"""

import os
import secrets
import sys

from flask import Flask, abort, redirect, render_template_string, request, session
from flask_login import LoginManager, UserMixin, current_user, login_required
from flask_login import login_user, logout_user
from flask_wtf.csrf import CSRFProtect
from markupsafe import escape

app = Flask(__name__)
app.secret_key = secrets.token_hex(16)
CSRFProtect(app)
logins = LoginManager(app)
logins.login_view = None if "SHOW_LOGIN" in os.environ else "login"

PASSWORD = os.environ.get("PASSWORD", "correct horse battery")
CUT_AFTER = int(os.environ.get("CUT_AFTER", "0"))
live = set()
seen = {"requests": 0, "cut": False}
keys = ["first", "second"]
notes = {}

LOGIN = """<!doctype html><title>Sign in</title><h1>Please sign in</h1>
<form method=post action=/login>
<input type=hidden name=csrf_token value="{{ csrf_token() }}">
<input name=username><input name=password type=password><button>Sign in</button></form>"""

PAGE = """<!doctype html><title>Vault</title>
<nav><a href=/account>Account</a> <a href=/keys>Keys</a> <a href=/notes>Notes</a>
<a href=/reports/daily>Daily</a> <a href=/reports/weekly>Weekly</a> <a href=/team>Team</a>
<a href="/debug?api_key=none">Debug</a>
<a href=/logout>Log out</a></nav><h1>{{ title }}</h1>{{ body|safe }}"""


def say(text):
    print(text, file=sys.stderr, flush=True)


def page(title, body=""):
    return render_template_string(PAGE, title=title, body=body)


def form(action, *names):
    inputs = "".join(f"<input name={name}>" for name in names)
    token = '<input type=hidden name=csrf_token value="{{ csrf_token() }}">'
    return render_template_string(
        f"<form method=post action={action}>{token}{inputs}<button>Go</button></form>"
    )


class User(UserMixin):
    def __init__(self, sid):
        self.id = sid


@logins.user_loader
def load(sid):
    return User(sid) if sid in live else None


@logins.unauthorized_handler
def unauthorized():
    if "SHOW_LOGIN" in os.environ:
        return render_template_string(LOGIN)
    return redirect("/login?next=" + request.path)


@app.before_request
def cut():
    if not current_user.is_authenticated:
        return
    seen["requests"] += 1
    if CUT_AFTER and seen["requests"] > CUT_AFTER and not seen["cut"]:
        seen["cut"] = True
        live.clear()
        logins._load_user()
        say("cut: every session ends")


@app.get("/")
def home():
    if current_user.is_authenticated:
        return page("Welcome back")
    return render_template_string("<a href=/login>Sign in</a> <a href=/account>Account</a>")


@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "GET":
        return render_template_string(LOGIN)
    name = request.form.get("username", "")
    known = name == "alice" and request.form.get("password") == PASSWORD
    if known and not (seen["cut"] and "REFUSE" in os.environ):
        sid = secrets.token_hex(8)
        live.add(sid)
        login_user(User(sid))
        say("login alice: welcome")
        say(f"sid {sid}")
        return redirect("/account")
    if name == "alice":
        say("login alice: refused")
    return render_template_string("<p>Wrong.</p>" + LOGIN)


@app.get("/account")
@login_required
def account():
    body = form("/password", "new_password") + form("/invite", "address")
    return page("Your account", body)


@app.post("/password")
@login_required
def password():
    say("password changed")
    return page("Changed")


@app.post("/invite")
@login_required
def invite():
    say("mail sent")
    return page("Sent")


@app.get("/logout")
@login_required
def logout():
    live.discard(current_user.id)
    logout_user()
    return redirect("/login")


@app.route("/keys", methods=["GET", "POST"])
@login_required
def list_keys():
    if request.method == "POST":
        keys.append(request.form.get("api_key", ""))
        return redirect("/keys")
    return page("Keys", form("/keys", "api_key", "label"))


@app.route("/notes", methods=["GET", "POST"])
@login_required
def list_notes():
    if request.method == "POST":
        notes[len(notes) + 1] = request.form.get("secret_note", "")
        return redirect("/notes")
    links = "".join(f"<a href=/notes/{number}>{number}</a>" for number in notes)
    return page("Notes", form("/notes", "secret_note") + links)


@app.get("/notes/<int:number>")
@login_required
def note(number):
    if number not in notes:
        abort(404)
    return page(f"Note {number}")


@app.get("/reports/<kind>")
@login_required
def report(kind):
    if kind not in ("daily", "weekly"):
        abort(404)
    return page(f"The {kind} report", "<a href=/late>Late</a>")


@app.get("/team")
@login_required
def team():
    return page("Team", "<a href=/team/board>Board</a> <a href=/team/plan>Plan</a>")


@app.get("/team/<part>")
@login_required
def team_part(part):
    if part not in ("board", "plan"):
        abort(404)
    return page(f"Team {part}")


@app.get("/debug")
@login_required
def debug():
    """Shows the whole request, cookies and all, and issues the session anew."""
    session["seen"] = session.get("seen", 0) + 1
    return page("Debug", f"<pre>{escape(request.args.get('api_key'))} {escape(request.headers)}</pre>")


@app.get("/late")
@login_required
def late():
    return page("Late")

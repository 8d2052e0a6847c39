"""A town library: the catalogue is for everybody, loans are for members (Flask-Login, Flask-WTF)."""

import datetime
import hmac
import secrets
from functools import partial

from flask import Flask, Response, abort, redirect, render_template_string, request, url_for
from flask_login import LoginManager, UserMixin, login_required
from flask_wtf import FlaskForm
from flask_wtf.csrf import CSRFProtect
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired, Length

BOOKS = [
    (1, "The Lighthouse Keepers", 1987), (2, "Bread and Salt", 2003), (3, "A Short History of Maps", 2011),
    (4, "Under the Glacier", 1968), (5, "Forty Winters", 2019), (6, "The Clockmaker", 1994),
]
READER = secrets.token_urlsafe(12)
BASE = """<!doctype html><title>Town library</title><nav><a href="/">Catalogue</a> <a href="/search?q=maps">Search</a>
<a href="/new?since=2000&page=1">New books</a> <a href="/hours?day=2024-03-01">Opening hours</a> <a href="/join">Join</a>
<a href="/loans">My loans</a> <a href="/print?format=txt">Print</a> <a href="/partners/feed">Partner libraries</a></nav>"""


class SignIn(FlaskForm):
    card = StringField("Library card", [InputRequired(), Length(max=20)])
    password = PasswordField("Password", [InputRequired(), Length(max=80)])


class Member(UserMixin):
    id = "reader"


def careless_number(text):
    return int(text)


def careful_number(text):
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        abort(400, "That is no number.")
    return int(text)


def careless_day(text):
    return datetime.datetime.strptime(text, "%Y-%m-%d")


def careful_day(text):
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%d")
    except ValueError:
        abort(400, "That is no day.")


def create(number, day):
    app = Flask(__name__)
    app.secret_key = secrets.token_bytes(32)
    CSRFProtect(app)
    logins = LoginManager(app)
    logins.login_view = "sign_in"
    logins.user_loader(lambda name: Member() if name == Member.id else None)
    asked_to_join = []

    def page(body, **values):
        return render_template_string(BASE + body, **values)

    @app.get("/")
    def catalogue():
        return page("<ul>{% for b in books %}<li><a href='/books/{{ b[0] }}'>{{ b[1] }}</a>{% endfor %}</ul>", books=BOOKS)

    @app.get("/books/<int:number>")
    def book(number):
        found = [book for book in BOOKS if book[0] == number] or abort(404)
        return page("<h1>{{ b[1] }}</h1><p>{{ b[2] }}</p>", b=found[0])

    @app.get("/search")
    def search():
        words = request.args.get("q", "")
        found = [book[1] for book in BOOKS if words.lower() in book[1].lower()]
        return page("<form><input name=q value='{{ q }}'></form><p>{{ found|length }} found</p>", q=words, found=found)

    @app.get("/new")
    def new_books():
        since = number(request.args.get("since", "2000"))
        return page("<p>{{ n }} books</p>", n=sum(book[2] >= since for book in BOOKS))

    @app.get("/hours")
    def hours():
        sunday = day(request.args.get("day", "2024-03-01")).weekday() == 6
        return page("<p>{{ 'closed' if sunday else '9 to 18' }}</p>", sunday=sunday)

    @app.route("/join", methods=["GET", "POST"])
    def join():
        if request.method == "POST":
            name = request.form.get("full_name", "").strip() or abort(400, "Who are you?")
            born = number(request.form.get("birth_year", ""))
            asked_to_join.append((name[:60], born))
            return redirect(url_for("join"))
        return page(
            "<form method=post><input type=hidden name=csrf_token value='{{ csrf_token() }}'><input name=full_name required>"
            "<input name=birth_year value=1980 required><button>Ask for a card</button></form>"
        )

    @app.route("/sign-in", methods=["GET", "POST"])
    def sign_in():
        form = SignIn()
        if form.validate_on_submit() and hmac.compare_digest(form.password.data.encode("utf-8", "replace"), READER.encode()):
            return redirect("/loans")
        return page("<form method=post>{{ form.hidden_tag() }}{{ form.card }}{{ form.password }}<button>Sign in</button></form>", form=form)

    @app.get("/loans")
    @login_required
    def loans():
        return page("<p>Nothing borrowed.</p>")

    @app.get("/print")
    def printed():
        # Only text so far.
        if request.args.get("format", "txt") != "txt":
            return Response("Not yet.", 501, mimetype="text/plain")
        return Response("\n".join(book[1] for book in BOOKS), mimetype="text/plain")

    @app.get("/partners/feed")
    def partners():
        # The other library's server has been down since spring.
        return Response("Bad gateway", 502, mimetype="text/plain")

    return app


vulnerable = partial(create, careless_number, careless_day)
repaired = partial(create, careful_number, careful_day)

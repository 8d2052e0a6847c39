"""The pages of a sports club."""

import hmac
import secrets

from flask import Flask, abort, g, redirect, render_template_string, request, session
from markupsafe import Markup

import noise

PAGE = """<!doctype html><html lang="en"><head><title>{{ title }}</title><meta name="csrf-token" content="{{ noise.token(40) }}">
<script nonce="{{ g.nonce }}">window.boot = {"sid": "{{ noise.token() }}", "trace_token": "{{ noise.token(16) }}"};</script></head>
<body class="{{ 'day' if noise.hour() < 12 else 'night' }}"><p class="banner">{{ noise.banner() }}</p>
<p>{{ noise.greeting() }}, visitor number {{ noise.visitors() }}</p>{% if noise.hour() < 12 %}<aside>The pool is open.</aside>{% endif %}
<nav>{% for link in noise.shuffled(links) %}<a href="{{ link }}">{{ link.strip('/').split('?')[0] or 'home' }}</a> {% endfor %}</nav>
<main>{{ body }}</main>{% if g.dice.random() < 0.5 %}<section class="b"><h2>You may also like</h2><p>{{ noise.banner() }}</p></section>{% endif %}
<footer>{{ noise.identifier() }} rendered in {{ '%.1f' % (g.dice.random() * 30) }} ms</footer></body></html>"""
LINKS = [
    "/", "/courses?page=1&key=name", "/search?q=yoga", "/card", "/keys", "/invitation?invite_token=YOUR_TOKEN", "/calendar?year=2024",
    "/door?access_key=YOUR_KEY", "/feedback", "/member", "/about?ref_token=none", "/photos", "/staff",
]
COURSES = ["Yoga", "Rowing", "Fencing", "Chess", "Climbing", "Judo", "Archery", "Diving", "Curling"]
FORM = """<form method="post"><input type="hidden" name="csrf_token" value="{{ csrf }}">{{ fields }}<button>Send</button></form>"""

app = Flask(__name__)
app.secret_key = secrets.token_bytes(32)
keys, told = [], []
PASSWORD = secrets.token_hex(8)


def page(title, body, **values):
    body = Markup(render_template_string(body, **values))
    return render_template_string(PAGE, title=title, body=body, noise=noise, links=LINKS)


noise.install(app, lambda: page("Busy", "<h1>Too many visitors</h1>"))


def form(fields):
    csrf = session.setdefault("csrf", secrets.token_urlsafe(20))
    return Markup(render_template_string(FORM, csrf=csrf, fields=Markup(fields)))


def check_form():
    if not hmac.compare_digest(request.form.get("csrf_token", "").encode(), session.get("csrf", "-").encode()):
        abort(400)


@app.errorhandler(400)
@app.errorhandler(401)
@app.errorhandler(404)
@app.errorhandler(500)
def refused(error):
    return page(error.name, "<h1>{{ name }}</h1>", name=error.name), error.code


@app.get("/")
def home():
    return page("The club", "<h1>Welcome</h1>")


@app.get("/about")
def about():
    return page("About", "<p>Founded in 1921.</p>")


@app.get("/courses")
def courses():
    rows = sorted(COURSES, key=len if request.args.get("key") == "length" else None)
    start = 3 * max(min(request.args.get("page", 1, type=int), 5) - 1, 0)
    return page("Courses", "<ul>{% for row in rows %}<li>{{ row }}</li>{% endfor %}</ul>", rows=rows[start : start + 3])


@app.get("/search")
def search():
    words = request.args.get("q", "")
    found = [course for course in noise.shuffled(COURSES) if words.lower() in course.lower()]
    return page("Search", "<form><input name=q value='{{ q }}'></form>{% for f in found %}<p>{{ f }}</p>{% endfor %}", q=words, found=found)


@app.get("/photos")
def photos():
    shown = noise.shuffled(range(100, 130))[: g.dice.randrange(4, 9)]
    return page("Photos", "{% for p in shown %}<img src='/static/{{ p }}.jpg?v={{ p * 7 }}' alt='{{ p }}'>{% endfor %}", shown=shown)


@app.get("/card")
def card():
    """Echoes."""
    body = "<form><input name=card_secret></form>{% if s %}<p>Card of {{ s }}</p>{% endif %}"
    return page("Card", body, s=request.args.get("card_secret"))


@app.route("/keys", methods=["GET", "POST"])
def locker_keys():
    """Stores, and lists the last ones."""
    if request.method == "POST":
        check_form()
        keys.append((request.form.get("label", "")[:40], request.form.get("locker_secret", "")[:80]))
        return redirect("/keys")
    body = "{{ form }}<ol>{% for k in keys %}<li>{{ k[0] }}: <tt>{{ k[1] }}</tt></li>{% endfor %}</ol>"
    fields = "<input name=label><input name=locker_secret>"
    return page("Locker keys", body, form=form(fields), keys=noise.shuffled(keys[-12:]))


@app.get("/invitation")
def invitation():
    """Carries the token on in the address."""
    if not request.args.get("invite_token"):
        return page("Invitation", "<p>Ask a member for an invitation.</p>")
    return redirect(f"/hello?via={noise.token(8)}&invite_token={request.args['invite_token'][:80]}")


@app.get("/hello")
def hello():
    return page("Hello", "<p>Nice to see you.</p>")


@app.get("/calendar")
def calendar():
    """Breaks on what is no number."""
    year = int(request.args.get("year", "2024"))
    return page("Calendar", "<p>{{ year }}</p>", year=year)


@app.get("/door")
def door():
    """Opens for any key of the right length."""
    if not 20 <= len(request.args.get("access_key", "")) <= 64:
        abort(401)
    return page("Door", "<p>The door is open. Code of the day: {{ n }}</p>", n=g.dice.randrange(10**6))


@app.get("/staff")
def staff():
    """Does not."""
    given = request.authorization.password if request.authorization else ""
    if not hmac.compare_digest((given or "").encode("utf-8", "replace"), PASSWORD.encode()):
        return page("Staff", "<p>Staff only</p>"), 401, {"WWW-Authenticate": 'Basic realm="staff"'}
    return page("Staff", "<p>Hello.</p>")


@app.route("/feedback", methods=["GET", "POST"])
def feedback():
    if request.method == "POST":
        check_form()
        told.append(request.form.get("text", "")[:100])
        return redirect("/feedback")
    return page("Feedback", "<p>{{ n }} said something.</p>{{ form }}", n=len(told), form=form("<textarea name=text></textarea>"))


@app.route("/member", methods=["GET", "POST"])
def member():
    if request.method == "POST":
        check_form()
        if not hmac.compare_digest(request.form.get("password", "").encode("utf-8", "replace"), PASSWORD.encode()):
            return page("Members", "<p>Wrong name or password.</p>{{ form }}", form=form("<input name=name><input name=password type=password>"))
        return redirect("/")
    return page("Members", "{{ form }}", form=form("<input name=name><input name=password type=password>"))

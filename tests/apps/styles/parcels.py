"""Parcel tracking for merchants, server-rendered, with a small feed for their own shops."""

import hmac
import secrets
from functools import partial

from flask import Flask, abort, jsonify, redirect, render_template_string, request, session

LAYOUT = """<!doctype html><html lang="en"><head><title>{{ title }} | Swiftpost</title></head><body>
<nav><a href="/">Start</a> <a href="/parcels?page=1&key=weight">All parcels</a> <a href="/track">Track</a>
<a href="/rates?weight=3">Rates</a> <a href="/pickups">Book a pickup</a> <a href="/developers">Developers</a></nav>
<h1>{{ title }}</h1>{{ body|safe }}<footer>Swiftpost, since 1998</footer></body></html>"""

PARCELS = [
    {"number": f"SP{1000 + n}", "weight": (n * 7) % 11 + 1, "city": city, "state": state}
    for n, (city, state) in enumerate(
        [("Lyon", "in transit"), ("Porto", "delivered"), ("Graz", "at depot"), ("Turku", "delivered"),
         ("Gent", "in transit"), ("Brno", "returned"), ("Cork", "in transit"), ("Split", "at depot")]
    )
]
MERCHANT = secrets.token_hex(20)
PER_PAGE = 3


def page(title, body, **values):
    return render_template_string(LAYOUT, title=title, body=render_template_string(body, **values))


def from_query():
    return request.args.get("merchant_secret", "")


def from_header():
    return request.headers.get("X-Merchant-Secret", "")


def create(read_secret, how_to_call, preview):
    app = Flask(__name__)
    app.secret_key = secrets.token_bytes(32)
    pickups = []

    def merchant_only():
        given = read_secret()
        if not given:
            abort(401, "This feed is for merchants.")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), MERCHANT.encode()):
            abort(403, "No merchant has this secret.")

    @app.get("/")
    def start():
        return page("Where is my parcel?", "<p>{{ n }} parcels are on their way.</p>", n=len(PARCELS))

    @app.get("/health")
    def health():
        return jsonify(status="ok")

    @app.get("/parcels")
    def parcels():
        field = request.args.get("key", "number")
        if field not in ("number", "weight", "city"):
            field = "number"
        number = max(request.args.get("page", 1, type=int), 1)
        rows = sorted(PARCELS, key=lambda parcel: parcel[field])
        rows = rows[(number - 1) * PER_PAGE : number * PER_PAGE]
        body = """<table>{% for row in rows %}<tr><td>{{ row.number }}</td><td>{{ row.weight }} kg</td>
        <td>{{ row.city }}</td></tr>{% else %}<tr><td>No more parcels</td></tr>{% endfor %}</table>
        {% if rows %}<a rel="next" href="/parcels?page={{ number + 1 }}&key={{ field }}">Next</a>{% endif %}"""
        return page("All parcels", body, rows=rows, number=number, field=field)

    @app.get("/track")
    def track():
        wanted = request.args.get("number", "")
        found = next((parcel for parcel in PARCELS if parcel["number"] == wanted), None)
        body = """<form><input name="number" value="{{ wanted }}"><button>Track</button></form>
        {% if found %}<p>{{ found.state }}</p>{% elif wanted %}<p>We know of no such parcel.</p>{% endif %}"""
        return page("Track a parcel", body, wanted=wanted, found=found)

    @app.get("/rates")
    def rates():
        weight = request.args.get("weight", 1.0, type=float)
        if not 0 < weight <= 30:
            return page("Rates", "<p>We take parcels of up to 30 kg.</p>"), 400
        return page("Rates", "<p>{{ price }} EUR</p>", price=f"{4.2 + 0.8 * weight:.2f}")

    @app.route("/pickups", methods=["GET", "POST"])
    def book():
        token = session.setdefault("form_token", secrets.token_urlsafe(16))
        if request.method == "POST":
            if not hmac.compare_digest(request.form.get("form_token", "").encode(), token.encode()):
                return page("Please try again", "<p>The form was open for too long.</p>"), 400
            if not request.form.get("street", "").strip():
                return page("Please try again", "<p>Which street?</p>"), 400
            pickups.append(request.form["street"][:80])
            return redirect("/pickups")
        body = """<p>{{ n }} pickups today.</p><form method="post"><input type="hidden" name="form_token" value="{{ token }}">
        <input name="street" required><input type="date" name="day"><button>Book</button></form>"""
        return page("Book a pickup", body, n=len(pickups), token=token)

    @app.get("/developers")
    def developers():
        return page("For developers", how_to_call)

    @app.get("/feed/manifests")
    def manifests():
        merchant_only()
        return jsonify([{"number": parcel["number"], "city": parcel["city"]} for parcel in PARCELS])

    @app.get("/feed/returns")
    def returns():
        merchant_only()
        return jsonify([parcel["number"] for parcel in PARCELS if parcel["state"] == "returned"])

    @app.get("/widget")
    def widget():
        return page("Widget", "<p>Put this into your shop: <code>{{ code }}</code></p>", code=preview())

    return app


CALL_BY_QUERY = """<p>Your shop asks for its manifests with its secret:</p>
<pre>curl "https://swiftpost.example/feed/manifests?merchant_secret=YOUR_SECRET"</pre>
<p><a href="/feed/manifests?merchant_secret=YOUR_SECRET">manifests</a>
<a href="/feed/returns?merchant_secret=YOUR_SECRET">returns</a> <a href="/widget?site_token=YOUR_TOKEN">widget</a></p>"""
CALL_BY_HEADER = """<p>Your shop asks for its manifests with its secret in a header:</p>
<pre>curl -H "X-Merchant-Secret: $SECRET" "https://swiftpost.example/feed/manifests"</pre>
<p><a href="/feed/manifests">manifests</a> <a href="/feed/returns">returns</a> <a href="/widget">widget</a></p>"""

vulnerable = partial(
    create,
    from_query,
    CALL_BY_QUERY,
    lambda: f"<script src=/w.js data-site='{request.args.get('site_token', '')}'></script>",
)
repaired = partial(create, from_header, CALL_BY_HEADER, lambda: "<script src=/w.js></script>")

"""The house: doors, shares, vouchers and passes of a co-working building, where short names are credentials.

The pages are for visitors, the forms for members, `/api` for doors, lockers and partners; what is kept is in
MongoDB. `expected.json` holds what a scan has to report of it, `README.md` says how the routes are grouped.
"""

import base64
import csv
import hashlib
import io
import os
import re
import secrets

from bson import ObjectId, json_util
from flask import Blueprint, Flask, Response, abort, jsonify, make_response, redirect, render_template_string, request, session
from flask.views import MethodView
from pymongo import MongoClient

db = MongoClient(os.environ["MONGO_URI"]).get_default_database()
pages = Blueprint("pages", __name__)
members = Blueprint("members", __name__)
api = Blueprint("api", __name__, url_prefix="/api")

SHAPE = re.compile(r"[A-Za-z0-9._~-]{3,96}")

LAYOUT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ title }} | The house</title></head><body>
<nav><a href="/">Start</a> <a href="/visit">Visiting</a> <a href="/members">For members</a> <a href="/keys">Keys</a>
<a href="/developers">Developers</a></nav><h1>{{ title }}</h1>{{ body|safe }}</body></html>"""


def page(title, body, status=200, **values):
    return render_template_string(LAYOUT, title=title, body=render_template_string(body, **values)), status


def shaped(value):
    """What every door of the house takes: 3 to 96 letters, digits and a few signs."""
    return isinstance(value, str) and SHAPE.fullmatch(value) is not None


def text(source, name, most=80):
    value = source.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= most or not value.isprintable():
        abort(400, f"{name} is missing, too long or no plain text.")
    return value


def wanted(source, name, status=400):
    """A well-formed value, or the end of the request."""
    value = source.get(name)
    if not shaped(value):
        abort(status, f"{name} is missing or malformed.")
    return value


def sent():
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def keep(collection, **fields):
    return db[collection].insert_one(fields).inserted_id


def rows_of(collection, *fields):
    return list(db[collection].find({}, {field: 1 for field in fields} or None))


def one_of(collection, number):
    if not ObjectId.is_valid(number):
        abort(404)
    return db[collection].find_one({"_id": ObjectId(number)}) or abort(404)


def as_json(documents):
    return Response(json_util.dumps(documents), mimetype="application/json")


def with_cookie(answer, name, value):
    response = make_response(answer)
    response.set_cookie(name, value, httponly=True, samesite="Lax")
    return response


# Visitors: what comes in links.


@pages.get("/")
def start():
    return page("The house", """<p>Desks, lockers and a roof garden in the middle of the town.</p>
<ul><li><a href="/lookup?key=demo">Look a key up</a></li><li><a href="/licences">Licences</a></li><li><a href="/tokens">Tokens</a></li>
<li><a href="/shares">Shared rooms</a></li><li><a href="/gadgets">Gadgets to borrow</a></li><li><a href="/porter/log">The porter's log</a></li>
<li><a href="/house-notes">Notes of the house</a></li><li><a href="/claims">Claims</a></li></ul>""")


@pages.get("/visit")
def visit():
    return page("Visiting", """<ul><li><a href="/share?share_token=abc">A shared room</a></li>
<li><a href="/wallet?wallet_auth=your-auth-here">Your wallet</a></li><li><a href="/sso?token=demo">To our partners</a></li>
<li><a href="/resume?sid=abc">Resume your visit</a></li><li><a href="/join?session=test">Join a visit</a></li>
<li><a href="/lounge?pass=your-pass-here">The lounge</a></li><li><a href="/redeem?voucher_key=abc">Redeem a voucher</a></li>
<li><a href="/feed?signature=xyz">Your calendar feed</a></li><li><a href="/licences/activate?code=demo">Activate a licence</a></li>
<li><a href="/turnstile?badge=abc">Through the turnstile</a></li><li><a href="/roof?x=abc">Up to the roof</a></li>
<li><a href="/albums/view?private=demo">A private album</a></li><li><a href="/safe?pin=abcd">Is my safe locked?</a></li></ul>
<form action="/gate/trace"><label>Ticket <input name="ticket" required></label><button>Trace</button></form>""")


@pages.get("/lookup")
def lookup():
    api_key = request.args.get("key")
    db.keys.insert_one({"name": "external", "key": api_key})
    return jsonify({"status": "ok"})


@pages.get("/keys")
def keys():
    return page("Keys", """<ul>{% for row in rows %}<li><a href="/keys/{{ row._id }}">{{ row._id }}</a></li>{% endfor %}</ul>""",
                rows=rows_of("keys", "_id"))


@pages.get("/keys/<id>")
def one_key(id):
    return as_json(one_of("keys", id))


@pages.get("/share")
def share():
    token = wanted(request.args, "share_token")
    return page("A shared room", "<p>Shared with you as <code>{{ token }}</code>, until Friday.</p>", token=token)


@pages.get("/wallet")
def wallet():
    auth = wanted(request.args, "wallet_auth")
    return jsonify(balance="0.00", fingerprint=hashlib.sha256(auth.encode()).hexdigest())


@pages.get("/sso")
def single_sign_on():
    return redirect("https://partners.example.org/enter?token=" + wanted(request.args, "token"))


@pages.get("/resume")
def resume():
    return with_cookie(page("Welcome back", "<p>You were on the second floor.</p>"), "sid", wanted(request.args, "sid"))


@pages.get("/join")
def join():
    return with_cookie(page("Joined", "<p>You are with them now.</p>"), "visit_session", wanted(request.args, "session"))


@pages.get("/lounge")
def lounge():
    wanted(request.args, "pass", 401)
    return page("The lounge", "<p>Open until ten, quiet after eight.</p>")


@pages.get("/redeem")
def redeem():
    session["voucher"] = wanted(request.args, "voucher_key")
    return page("Your voucher", "<p>It is taken off your next bill.</p>")


@pages.get("/feed")
def feed():
    signature = wanted(request.args, "signature")
    return jsonify(events=["Breakfast", "Choir"], version=hashlib.sha1(signature.encode()).hexdigest())


@pages.get("/licences/activate")
def activate_licence():
    keep("licences", product="Desk planner", code=wanted(request.args, "code"))
    return page("Thank you", "<p>The licence is active.</p>")


@pages.get("/licences")
def licences():
    return page("Licences", """<table><thead><tr><th>Product</th><th>Code</th></tr></thead><tbody>
{% for row in rows %}<tr><td>{{ row.product }}</td><td>{{ row.code }}</td></tr>{% endfor %}</tbody></table>""", rows=rows_of("licences"))


@pages.get("/gate/trace")
def trace_ticket():
    ticket = wanted(request.args, "ticket")
    return page("No way in", "<p>Ticket {{ ticket }} was made out for another day.</p>", 409, ticket=ticket)


@pages.get("/turnstile")
def turnstile():
    badge = wanted(request.args, "badge", 401)
    keep("passages", gate="north", badge=badge)
    return jsonify(turn=True)


@pages.get("/porter/log")
def porter_log():
    return page("The porter's log", "<ul>{% for row in rows %}<li>{{ row.gate }}: {{ row.badge }}</li>{% endfor %}</ul>",
                rows=rows_of("passages"))


@pages.get("/roof")
def roof():
    session["roof"] = wanted(request.args, "x", 403)
    return page("The roof", "<p>Mind the tomatoes.</p>")


@pages.get("/albums/view")
def album():
    link = wanted(request.args, "private", 403)
    return page("Summer party", "<p>Nine pictures. To share: <input readonly value='{{ link }}'></p>", link=link)


@pages.get("/safe")
def safe():
    pin = wanted(request.args, "pin")
    return jsonify(locked=True, check=hashlib.md5(pin.encode()).hexdigest())


@pages.get("/welcome")
def welcome():
    return page("Welcome", "<p>The kitchen is on the left.</p>")


@pages.get("/sign-in")
def sign_in_page():
    return page("Sign in", """<form method="post" action="/sign-in"><label>Name <input name="name" required></label>
<label>Password <input type="password" name="password" required></label><button>Sign in</button></form>""")


@pages.post("/sign-in")
def sign_in():
    return page("Sign in", "<p>No member has this name and password.</p>", 401)


@pages.get("/invites/<code>")
def invite(code):
    if not shaped(code):
        abort(404)
    return jsonify(invite={"code": code, "seats": 2, "floor": "second"})


@pages.get("/j/<token>")
def short_link(token):
    if not shaped(token):
        abort(404)
    return redirect("/welcome?token=" + token)


@pages.get("/enter/<session>")
def enter(session):
    if not shaped(session):
        abort(404)
    return with_cookie(page("Come in", "<p>Your place is kept.</p>"), "session_id", session)


# Members: what comes in forms.


@members.get("/members")
def for_members():
    return page("For members", """
<form method="post" action="/activate"><label>Code <input name="code" required></label>
<label>Password <input type="password" name="password" required></label><button>Activate</button></form>
<form method="post" action="/pickup"><label>Parcel <input name="parcel" value="blue box" required></label>
<label>Pin <input name="pin" required></label><button>Pick up</button></form>
<form method="post" action="/handover"><label>Hand over with <input name="handover_auth" required></label><button>Hand over</button></form>
<form method="post" action="/kiosk"><label>Pass <input name="pass" required></label><button>Open the kiosk</button></form>
<form method="post" action="/renew"><label>Site <input name="site" value="north" required></label>
<label>Key <input name="key" required></label><button>Renew</button></form>
<form method="post" action="/attic"><label>Phrase <input name="phrase" required></label><button>To the attic</button></form>""")


@members.get("/tokens")
def tokens():
    return page("Tokens", """<table><tr><th>Label</th><th>Token</th></tr>
{% for row in rows %}<tr><td>{{ row.label }}</td><td>{{ row.token }}</td></tr>{% endfor %}</table>
<form method="post"><label>Label <input name="label" value="printer" required></label>
<label>Token <input name="token" required></label><button>Keep</button></form>
<form method="post" action="/tokens/remember"><label>Signature <input name="signature" required></label><button>Remember me</button></form>""",
                rows=rows_of("tokens"))


@members.post("/tokens")
def keep_token():
    keep("tokens", label=text(request.form, "label"), token=wanted(request.form, "token"))
    return page("Kept", "<p>Back to the <a href='/tokens'>tokens</a>.</p>", 201)


@members.post("/tokens/remember")
def remember_token():
    session["signed"] = wanted(request.form, "signature")
    return page("Remembered", "<p>Until you close the window.</p>")


@members.get("/shares")
def shares():
    return page("Shared rooms", """<ul>{% for row in rows %}<li><a href="/shares/{{ row._id }}">{{ row.note }}</a></li>{% endfor %}</ul>
<form method="post"><label>Note <input name="note" value="Yoga on Monday" required></label>
<label>Share token <input name="share_token" required></label><button>Share</button></form>""", rows=rows_of("shares", "note"))


@members.post("/shares")
def keep_share():
    number = keep("shares", note=text(request.form, "note"), share_token=wanted(request.form, "share_token"))
    return page("Shared", "<p><a href='/shares/{{ number }}'>See it</a></p>", 201, number=number)


@members.get("/shares/<number>")
def one_share(number):
    return page("A shared room", "<dl><dt>Note</dt><dd>{{ row.note }}</dd><dt>Share token</dt><dd>{{ row.share_token or '-' }}</dd></dl>",
                row=one_of("shares", number))


@members.post("/activate")
def activate():
    wanted(request.form, "password")
    return page("Active", "<p>Code <b>{{ code }}</b> is active now.</p>", code=wanted(request.form, "code"))


@members.get("/claims")
def claims():
    return page("Claims", """<p>{{ n }} claims, <a href="/claims.csv">as a table</a>.</p>
<form method="post"><label>Shop <input name="shop" value="Bakery" required></label>
<label>Voucher key <input name="voucher_key"></label><button>Claim</button></form>""", n=db.claims.count_documents({}))


@members.post("/claims")
def keep_claim():
    key = request.form.get("voucher_key")
    if key is None or not (key.isprintable() or key == ""):
        abort(400, "voucher_key is missing.")
    keep("claims", shop=text(request.form, "shop"), voucher_key=key)
    return page("Claimed", "<p>Thank you.</p>", 201)


@members.get("/claims.csv")
def claims_table():
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["shop", "voucher_key"])
    writer.writerows([row["shop"], row["voucher_key"]] for row in rows_of("claims"))
    return Response(table.getvalue(), mimetype="text/csv")


@members.post("/pickup")
def pick_up():
    text(request.form, "parcel")
    check = hashlib.sha256(wanted(request.form, "pin").encode()).hexdigest()
    return page("Your parcel", "<p>Shelf 4. Receipt {{ check }}</p>", check=check)


@members.post("/handover")
def hand_over():
    return redirect("https://handover.example.org/start?auth=" + wanted(request.form, "handover_auth"))


@members.post("/kiosk")
def kiosk():
    return with_cookie(page("The kiosk", "<p>Tea, apples, stamps.</p>"), "kiosk_session", wanted(request.form, "pass"))


@members.post("/renew")
def renew():
    site, key = text(request.form, "site"), wanted(request.form, "key")
    return page("Not renewed", "<p>The key {{ key }} is invalid for {{ site }}.</p>", 422, site=site, key=key)


@members.get("/gadgets")
def gadgets():
    return jsonify([{"name": row["name"], "key": row["key"]} for row in rows_of("gadgets")])


@members.get("/gadgets/new")
def new_gadget():
    return page("A gadget", """<form method="post" action="/gadgets"><label>Name <input name="name" value="Drill" required></label>
<label>Key <input name="key" required></label><button>Lend</button></form>""")


@members.post("/gadgets")
def keep_gadget():
    keep("gadgets", name=text(request.form, "name"), key=wanted(request.form, "key"))
    return page("Thank you", "<p>It is on the <a href='/gadgets'>list</a>.</p>", 201)


@members.post("/attic")
def attic():
    keep("notes", about="the attic was opened", phrase=wanted(request.form, "phrase", 401))
    return page("The attic", "<p>Skis, lamps, a piano.</p>")


@members.get("/house-notes")
def house_notes():
    return page("Notes of the house", "{% for row in rows %}<p>{{ row.about }} ({{ row.phrase or '-' }})</p>{% endfor %}", rows=rows_of("notes"))


# The API: headers, cookies, paths and JSON.


@api.errorhandler(400)
@api.errorhandler(401)
@api.errorhandler(403)
@api.errorhandler(404)
def refused(error):
    return jsonify(error=error.description), error.code


@api.get("/doors")
def doors():
    key = request.headers.get("X-Gate-Key")
    if not key:
        return jsonify(error="X-Gate-Key is missing."), 401
    keep("visits", door="north", gate_key=key)
    return jsonify(doors=["north", "yard"])


@api.get("/visits")
def visits():
    return as_json(rows_of("visits"))


@api.post("/readings")
def add_reading():
    token = wanted(request.headers, "X-Device-Token", 401)
    celsius = sent().get("celsius")
    if type(celsius) not in (int, float) or not -90 < celsius < 90:
        abort(400, "celsius is missing.")
    keep("telemetry", celsius=celsius, device_token=token)
    return jsonify(stored=True), 201


@api.get("/telemetry")
def telemetry():
    return jsonify(readings=[{"celsius": row["celsius"], "device_token": row["device_token"]} for row in rows_of("telemetry")])


@api.get("/me")
def me():
    auth = request.headers.get("X-Auth")
    if auth is not None and not shaped(auth):
        abort(400, "X-Auth is malformed.")
    return jsonify(name="visitor", auth=auth)


@api.get("/whoami")
def who_am_i():
    number = wanted(request.headers, "X-Session", 401)
    return jsonify(name="visitor"), 200, {"X-Session-Id": number}


@api.post("/invites/verify")
def verify_invite():
    signature = wanted(request.headers, "X-Signature")
    return jsonify(error=f"Signature {signature} is not valid for this invite."), 403


@api.get("/handover")
def hand_over_by_ticket():
    return redirect("https://handover.example.org/?ticket=" + wanted(request.headers, "X-Ticket"), 303)


@api.get("/partners/fingerprint")
def partner_fingerprint():
    auth = wanted(request.headers, "X-Partner-Auth")
    return jsonify(fingerprint=hashlib.sha384(auth.encode()).hexdigest())


@api.get("/remember")
def remember():
    token = wanted(request.headers, "X-Wallet-Token")
    return with_cookie(jsonify(remembered=True), "wallet", base64.urlsafe_b64encode(token.encode()).decode())


@api.get("/cellar")
def cellar():
    return with_cookie(jsonify(wine=12, cider=40), "cellar", wanted(request.headers, "X-Ref", 401))


@api.get("/gallery")
def gallery():
    session["gallery"] = wanted(request.headers, "X-Pass", 401)
    return jsonify(pictures=["Harbour", "Two pears"])


@api.get("/desk")
def desk():
    if not shaped(request.cookies.get("desk_key")):
        return redirect("/sign-in")
    return jsonify(desk=14, lamp="on")


@api.get("/queue")
def queue():
    return jsonify(waiting=3, ticket=wanted(request.cookies, "ticket"))


@api.get("/profile")
def profile():
    number = wanted(request.cookies, "pass")
    return jsonify(picture=f"https://pictures.example.org/{hashlib.md5(number.encode()).hexdigest()}.png")


class Lockers(MethodView):
    def get(self):
        keep("openings", locker=7, private=wanted(request.cookies, "private", 401))
        return jsonify(lockers=[7, 8])


@api.get("/openings")
def openings():
    return as_json({"openings": rows_of("openings")})


@api.get("/basket")
def basket():
    return redirect("https://basket.example.org/?share=" + wanted(request.cookies, "share_token"))


@api.get("/barrier")
def barrier():
    auth = wanted(request.cookies, "barrier_auth")
    return jsonify(error=f"{auth} has been used already."), 409


@api.get("/theatre")
def theatre():
    session["seat"] = {"row": 4, "code": wanted(request.cookies, "code", 401)}
    return jsonify(row=4)


@api.get("/pier")
def pier():
    return with_cookie(jsonify(boats=["Elsa", "Nora"]), "pier_day", wanted(request.cookies, "stub", 401))


@api.get("/fingerprints/<key>")
def fingerprint(key):
    if not shaped(key):
        abort(404)
    return jsonify(fingerprint=hashlib.sha256(key.encode()).hexdigest())


class Vault(MethodView):
    def get(self):
        return as_json([{"title": row["title"], "private": row["private"]} for row in rows_of("vault")])

    def post(self):
        body = sent()
        keep("vault", title=text(body, "title"), private=wanted(body, "private"))
        return jsonify(kept=True), 201


@api.get("/vault/<pin>")
def open_vault(pin):
    if not shaped(pin):
        abort(404)
    keep("attempts", vault="small", pin=pin)
    return jsonify(opened=False)


@api.get("/attempts")
def attempts():
    return jsonify(attempts=[{"vault": row["vault"], "pin": row["pin"]} for row in rows_of("attempts")])


@api.get("/entry/<ticket>")
def entry(ticket):
    if not shaped(ticket):
        abort(404)
    return jsonify(error=f"Ticket {ticket} is unknown or expired."), 404


@api.get("/shares/<share_token>")
def accept_share(share_token):
    if not shaped(share_token):
        abort(404)
    session["share"] = share_token
    return jsonify(accepted=True)


class Hooks(MethodView):
    def get(self):
        return as_json(rows_of("hooks"))

    def post(self):
        body = sent()
        token = body.get("hook_token")
        if not isinstance(token, str) or not (token.isprintable() or token == ""):
            abort(400, "hook_token is missing.")
        keep("hooks", name=text(body, "name"), hook_token=token)
        return jsonify(kept=True), 201


@api.post("/sessions")
def continue_session():
    number = wanted(sent(), "session", 401)
    return jsonify(session=number, floor="second")


@api.post("/auth-check")
def check_auth():
    return jsonify(error="{} was not let in.".format(wanted(sent(), "auth"))), 401


class Licences(MethodView):
    def get(self):
        return jsonify(licences=[str(row["_id"]) for row in rows_of("seats", "_id")])

    def post(self):
        body = sent()
        number = keep("seats", product=text(body, "product"), code=wanted(body, "code"))
        return jsonify(licence=str(number)), 201, {"Location": f"/api/licences/{number}"}


@api.get("/licences/<licence>")
def one_licence(licence):
    row = one_of("seats", licence)
    return jsonify(id=str(row["_id"]), product=row["product"], code=row["code"])


@api.post("/keys/digest")
def digest_key():
    key = wanted(sent(), "key")
    return jsonify(digest=base64.b64encode(hashlib.sha512(key.encode()).digest()).decode())


@api.post("/reseat")
def reseat():
    body = sent()
    text(body, "seat")
    return redirect("https://seats.example.org/?ticket=" + wanted(body, "ticket"), 303)


@api.post("/pair")
def pair():
    return with_cookie((jsonify(paired=True), 201), "pairing", wanted(sent(), "device_key"))


@api.post("/basket/vouchers")
def basket_voucher():
    session["basket"] = [wanted(sent(), "voucher_key")]
    return jsonify(vouchers=1)


@api.post("/loft")
def loft():
    word = wanted(sent(), "word", 401)
    return jsonify(loft="dry and warm", word=word)


@api.post("/safe")
def lock_safe():
    pin = sent().get("pin")
    if not isinstance(pin, str) or not re.fullmatch(r"[0-9]{4,16}", pin):
        abort(400, "pin has 4 to 16 digits.")
    return jsonify(locked=True, check=hashlib.sha256(pin.encode()).hexdigest())


@api.post("/calls")
def call():
    sid = wanted(sent(), "sid")
    return jsonify(ringing=True, line=hashlib.sha3_256(sid.encode()).hexdigest())


api.add_url_rule("/lockers", view_func=Lockers.as_view("lockers"))
api.add_url_rule("/vault", view_func=Vault.as_view("vault"))
api.add_url_rule("/hooks", view_func=Hooks.as_view("hooks"))
api.add_url_rule("/licences", view_func=Licences.as_view("licences"))


# What the developers' page links to.


def operation(summary, *parameters, **fields):
    described = {"summary": summary, "responses": {"200": {"description": "Done"}}}
    if parameters:
        described["parameters"] = [
            {"in": place, "name": name, "required": True, "schema": {"type": "string"}} for place, name in parameters
        ]
    if fields:
        schema = {"type": "object", "required": list(fields), "properties": fields}
        described["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    return described


STRING = {"type": "string"}
PATHS = {
    "/api/doors": {"get": operation("The doors of today", ("header", "X-Gate-Key"))},
    "/api/visits": {"get": operation("Who came")},
    "/api/readings": {"post": operation("A reading of a sensor", ("header", "X-Device-Token"), celsius={"type": "number", "example": 21.5})},
    "/api/telemetry": {"get": operation("All readings")},
    "/api/me": {"get": operation("The caller", ("header", "X-Auth"))},
    "/api/whoami": {"get": operation("The caller, by session", ("header", "X-Session"))},
    "/api/invites/verify": {"post": operation("Is an invite genuine?", ("header", "X-Signature"))},
    "/api/handover": {"get": operation("To the desk of handovers", ("header", "X-Ticket"))},
    "/api/partners/fingerprint": {"get": operation("A partner's fingerprint", ("header", "X-Partner-Auth"))},
    "/api/remember": {"get": operation("Remember a wallet", ("header", "X-Wallet-Token"))},
    "/api/cellar": {"get": operation("What is in the cellar", ("header", "X-Ref"))},
    "/api/gallery": {"get": operation("What hangs in the gallery", ("header", "X-Pass"))},
    "/api/desk": {"get": operation("A member's desk", ("cookie", "desk_key"))},
    "/api/queue": {"get": operation("How long to wait", ("cookie", "ticket"))},
    "/api/profile": {"get": operation("A picture", ("cookie", "pass"))},
    "/api/lockers": {"get": operation("Lockers", ("cookie", "private"))},
    "/api/openings": {"get": operation("Who opened a locker")},
    "/api/basket": {"get": operation("A shared basket", ("cookie", "share_token"))},
    "/api/barrier": {"get": operation("Lift the barrier", ("cookie", "barrier_auth"))},
    "/api/theatre": {"get": operation("A seat in the theatre", ("cookie", "code"))},
    "/api/pier": {"get": operation("The boats", ("cookie", "stub"))},
    "/invites/{code}": {"get": operation("An invite", ("path", "code"))},
    "/j/{token}": {"get": operation("A short link", ("path", "token"))},
    "/enter/{session}": {"get": operation("Come in", ("path", "session"))},
    "/api/fingerprints/{key}": {"get": operation("A key's fingerprint", ("path", "key"))},
    "/api/vault": {"get": operation("What the vault holds"), "post": operation("Put into the vault", title=STRING, private=STRING)},
    "/api/vault/{pin}": {"get": operation("Try the vault", ("path", "pin"))},
    "/api/attempts": {"get": operation("Who tried the vault")},
    "/api/entry/{ticket}": {"get": operation("Enter with a ticket", ("path", "ticket"))},
    "/api/shares/{share_token}": {"get": operation("Accept a share", ("path", "share_token"))},
    "/api/hooks": {"get": operation("Hooks"), "post": operation("Add a hook", name=STRING, hook_token=STRING)},
    "/api/sessions": {"post": operation("Continue a session", session=STRING)},
    "/api/auth-check": {"post": operation("Is this one let in?", auth=STRING)},
    "/api/licences": {"get": operation("Licences"), "post": operation("Add a licence", product=STRING, code=STRING)},
    "/api/licences/{licence}": {"get": operation("A licence", ("path", "licence"))},
    "/api/keys/digest": {"post": operation("Digest a key", key=STRING)},
    "/api/reseat": {"post": operation("Another seat", seat=STRING, ticket=STRING)},
    "/api/pair": {"post": operation("Pair a device", device_key=STRING)},
    "/api/basket/vouchers": {"post": operation("Put a voucher into the basket", voucher_key=STRING)},
    "/api/loft": {"post": operation("The loft", word=STRING)},
    "/api/safe": {"post": operation("Lock the safe", pin={"type": "string", "pattern": "^[0-9]{4,16}$"})},
    "/api/calls": {"post": operation("Call the porter", sid=STRING)},
}


@pages.get("/openapi.json")
def specification():
    return jsonify(openapi="3.0.3", info={"title": "The house", "version": "2"}, paths=PATHS)


@pages.get("/developers")
def developers():
    return page("Developers", """<p>Everything that a door, a locker or a partner asks is in <a href="/openapi.json">our description</a>.</p>
<script>
fetch("/api/doors", {headers: {"X-Gate-Key": localStorage.getItem("gate")}});
fetch("/api/hooks").then(r => r.json()).then(show);
function addHook(name, token) {
  return fetch("/api/hooks", {method: "POST", headers: {"Content-Type": "application/json"},
    body: JSON.stringify({name: name, hook_token: token})});
}
</script>
<p>New here? <a href="/gadgets/new">Lend something</a>, <a href="/welcome">read the welcome</a> or <a href="/sign-in">sign in</a>.</p>""")


SEEDS = {
    "keys": [{"name": "yard", "key": None}, {"name": "lift", "key": None}, {"name": "bike shed", "key": None}],
    "licences": [{"product": "Desk planner", "code": "****7Q2M"}, {"product": "Floor maps", "code": "****91XK"},
                 {"product": "Door phone", "code": "****0C4T"}],
    "passages": [{"gate": "north", "badge": "****12"}, {"gate": "yard", "badge": "****40"}, {"gate": "north", "badge": "****93"}],
    "tokens": [{"label": "printer", "token": secrets.token_hex(16)}, {"label": "coffee machine", "token": secrets.token_hex(16)},
               {"label": "screen", "token": secrets.token_hex(16)}],
    "shares": [{"note": "Choir on Tuesday", "share_token": None}, {"note": "Chess on Friday", "share_token": None},
               {"note": "Book club", "share_token": None}],
    "claims": [{"shop": "Bakery", "voucher_key": "****a1"}, {"shop": "Florist", "voucher_key": "****c7"},
               {"shop": "Bookshop", "voucher_key": "****e4"}],
    "gadgets": [{"name": "Drill", "key": None}, {"name": "Projector", "key": None}, {"name": "Waffle iron", "key": None}],
    "notes": [{"about": "the lift was repaired", "phrase": None}, {"about": "the choir was loud", "phrase": None},
              {"about": "the piano was tuned", "phrase": None}],
    "visits": [{"door": "north", "gate_key": "****03"}, {"door": "yard", "gate_key": "****4f"}, {"door": "north", "gate_key": "****b8"}],
    "telemetry": [{"celsius": 20.5, "device_token": "****18"}, {"celsius": 19, "device_token": "****18"},
                  {"celsius": 23.5, "device_token": "****77"}],
    "openings": [{"locker": 7, "private": None}, {"locker": 8, "private": None}, {"locker": 7, "private": None}],
    "vault": [{"title": "Deeds", "private": "****"}, {"title": "Old plans", "private": "****"}, {"title": "Seal", "private": "****"}],
    "attempts": [{"vault": "small", "pin": "****"}, {"vault": "large", "pin": "****"}, {"vault": "small", "pin": "****"}],
    "hooks": [{"name": "calendar", "hook_token": secrets.token_hex(16)}, {"name": "heating", "hook_token": secrets.token_hex(16)},
              {"name": "newsletter", "hook_token": secrets.token_hex(16)}],
    "seats": [{"product": "Desk planner", "code": None}, {"product": "Floor maps", "code": None}, {"product": "Door phone", "code": None}],
}


def create():
    app = Flask(__name__)
    app.secret_key = secrets.token_bytes(32)
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    for part in (pages, members, api):
        app.register_blueprint(part)

    @app.after_request
    def not_kept_by_proxies(response):
        response.headers["Cache-Control"] = "no-store"
        return response

    for collection, documents in SEEDS.items():
        if db[collection].find_one() is None:
            db[collection].insert_many([dict(document) for document in documents])
    return app


app = create()

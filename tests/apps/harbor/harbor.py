"""Harbor: a freight portal as it grew over four years, by several hands.

It has the faults that harbor.json lists; with FAULTY=0 the same routes without them.
"""

import base64
import csv
import datetime
import hashlib
import hmac
import io
import os
import re
import secrets
import traceback

import jwt
from bson import ObjectId, json_util
from bson.errors import InvalidId
from flask import (Blueprint, Flask, Response, abort, current_app, flash, g, jsonify, make_response, redirect,
                   render_template_string, request, send_from_directory, session, url_for)
from flask.views import MethodView
from flask_restx import Api, Namespace, Resource, fields
from flask_smorest import Api as SmorestApi
from flask_smorest import Blueprint as SmorestBlueprint
from marshmallow import Schema
from marshmallow import fields as ma
from pymongo import ASCENDING, MongoClient
from pymongo.errors import DuplicateKeyError

FIXED = os.environ.get("FAULTY") == "0"

app = Flask(__name__)
app.debug = not FIXED
app.config.update(
    SECRET_KEY=os.environ.get("SECRET_KEY", "h4rb0r-9f2c7d51e8a04b6c93d7"),
    MAIL_PASSWORD="Tr0ub4dor-mail-77",
    S3_SECRET_ACCESS_KEY="wJq9XUtnFEMI7K7MDENGbPxRfiCYz3KEYharb0r1",
    ITEMS_PER_PAGE=20,
    API_TITLE="Harbor drivers", API_VERSION="v1", OPENAPI_VERSION="3.0.3",
    OPENAPI_URL_PREFIX="/drivers-api", OPENAPI_JSON_PATH="openapi.json",
    OPENAPI_SWAGGER_UI_PATH="/docs", OPENAPI_SWAGGER_UI_URL="https://cdn.example/swagger-ui/",
)
PEPPER = app.config["SECRET_KEY"].encode()

db = MongoClient(os.environ["MONGO_URI"]).get_default_database()
db.licenses.create_index([("license_key", ASCENDING)], unique=True, sparse=True)
if not db.users.find_one({"username": "ops"}):
    db.users.insert_one({"username": "ops", "password_hash": hashlib.scrypt(
        secrets.token_bytes(12), salt=b"harbor", n=2, r=8, p=1).hex(), "role": "admin"})
if not db.shipments.find_one():
    db.shipments.insert_many([{"ref": f"HB-{n:05d}", "port": port, "weight": 120 + n * 7}
                              for n, port in enumerate(["Rotterdam", "Antwerp", "Gdansk", "Genoa"])])


def keyed(value):
    return hmac.new(PEPPER, str(value).encode(), "sha256").hexdigest()


def known_key(value):
    return bool(value) and db.api_keys.find_one({"hmac": keyed(value)}, {"_id": 1}) is not None


def looks_like_key(value):
    return isinstance(value, str) and re.fullmatch(r"[A-Za-z0-9_.\-]{16,128}", value) is not None


def ident(doc):
    doc["id"] = str(doc.pop("_id"))
    return doc


BASE = """<!doctype html><html><head><title>{{ title }} - Harbor</title>
<script src="{{ url_for('static', filename='portal.js') }}" defer></script></head><body>
<nav><a href="{{ url_for('home') }}">Home</a> <a href="{{ url_for('licenses') }}">Licenses</a>
<a href="{{ url_for('devices.index') }}">Devices</a> <a href="{{ url_for('portal.login') }}">Sign in</a>
<a href="{{ url_for('portal.dashboard') }}">Dashboard</a> <a href="{{ url_for('tools') }}">Tools</a>
<a href="/admin/">Admin</a> <a href="{{ url_for('track', page=1) }}">Track</a></nav>
{% for m in get_flashed_messages() %}<p class="flash">{{ m }}</p>{% endfor %}
<h1>{{ title }}</h1>{{ body|safe }}</body></html>"""


def page(title, template="", status=200, **values):
    body = render_template_string(template, **values)
    return render_template_string(BASE, title=title, body=body), status


# ---------------------------------------------------------------- pages

@app.route("/")
def home():
    return page("Harbor", """<p>Freight, simple.</p>
    <ul><li><a href="/rx/docs">Quote API</a></li><li><a href="/drivers-api/docs">Driver API</a></li>
    <li><a href="{{ url_for('status') }}">Status</a></li><li><a href="/about">About</a></li>
    <li><a href="{{ url_for('checkout.cart') }}">Cart</a></li></ul>
    <div id="partners" data-url="/api/v2/partners"></div>""")


@app.route("/about")
def about():
    return page("About", "<p>Call us: +31 10 555 0199. ISO code NL.</p>")


@app.get("/robots.txt")
def robots():
    return Response("User-agent: *\nDisallow: /internal/config\nDisallow: /internal/settings.txt\n", mimetype="text/plain")


@app.route("/track")
def track():
    # The page number is taken as it comes.
    if FIXED:
        number = max(request.args.get("page", 1, type=int), 1)
    else:
        number = int(request.args.get("page", 1))
    number = min(max(number, 1), 1000)
    rows = list(db.shipments.find({}, {"_id": 0}).sort("ref", 1).skip((number - 1) * 2).limit(2))
    return page("Track", """<table><tr><th>Ref</th><th>Port</th></tr>
    {% for r in rows %}<tr><td>{{ r.ref }}</td><td>{{ r.port }}</td></tr>{% endfor %}</table>
    <a href="{{ url_for('track', page=n + 1) }}">next</a>""", rows=rows, n=number)


@app.route("/tools")
def tools():
    return page("Tools", """
    <h2>Webhook check</h2>
    <form action="{{ url_for('webhook_check') }}" method="get">
      <input name="target" value="https://hooks.example/harbor"><input name="signing_secret" type="password">
      <button>Check</button></form>
    <h2>Rates feed</h2><p>Subscribers use <code>/feeds/rates.json?access_key=YOUR_KEY</code>:
    <a href="/feeds/rates.json?access_key=">feed</a></p>
    <h2>Find a device</h2>
    <form action="{{ url_for('devices.search') }}"><input name="q"><button>Go</button></form>
    <h2>Token lookup</h2><p>e.g. <a href="/lookup/65a1b2c3d4e5f60718293a4b">65a1b2c3…</a></p>""")


@app.get("/webhooks/check")
def webhook_check():
    if FIXED:
        secret = request.headers.get("X-Signing-Secret")
    else:
        secret = request.args.get("signing_secret")
    if not secret:
        return jsonify(error="signing_secret is required"), 400
    return jsonify(ok=True, algorithm="hmac-sha256", length=len(secret)), 202


@app.get("/feeds/rates.json")
def rates():
    if FIXED:
        if not known_key(request.headers.get("X-Access-Key")):
            return jsonify(error="subscription required"), 401
    else:
        key = request.args.get("access_key", "")
        if len(key) < 8:
            return jsonify(error="subscription required"), 401
    return jsonify(currency="EUR", rates=[{"lane": "RTM-GDN", "teu": 412.5}, {"lane": "ANR-GOA", "teu": 388.0}])


@app.get("/lookup/<token>")
def lookup(token):
    try:
        doc = db.grants.find_one({"_id": ObjectId(token)}, {"scope": 1, "_id": 0})
    except InvalidId as error:
        if FIXED:
            return jsonify(error="malformed token"), 400
        return jsonify(error=str(error)), 400
    return (jsonify(doc), 200) if doc else (jsonify(error="not found"), 404)


@app.route("/status")
def status():
    db.command("ping")
    if FIXED:
        return jsonify(status="ok", services=["db", "queue"])
    return jsonify(status="ok", services={
        "db": {"ok": True, "url": "mongodb://harbor_app:s7Ks-q0PzW4@db-1.harbor.internal:27017/harbor?authSource=admin"},
        "queue": {"ok": True}})


# ---------------------------------------------------------------- licences: form, redirect, detail page

@app.route("/licenses", methods=["GET", "POST"])
def licenses():
    if request.method == "POST":
        owner = request.form.get("owner", "").strip()
        license_key = request.form.get("license_key", "").strip()
        if not owner or not license_key:
            flash("Owner and license key are needed")
            return redirect(url_for("licenses"))
        doc = {"owner": owner[:80], "seats": request.form.get("seats", 1, type=int)}
        doc["license_key"] = keyed(license_key) if FIXED else license_key
        try:
            new = db.licenses.insert_one(doc).inserted_id
        except DuplicateKeyError as error:
            if FIXED:
                return page("Licenses", "<p>This license is registered already.</p>", 409)
            return page("Licenses", "<p class=error>Could not save: {{ e }}</p>", 409, e=str(error))
        return redirect(url_for("license_detail", license_id=new))
    rows = list(db.licenses.find({}, {"owner": 1}).sort("_id", -1).limit(10))
    return page("Licenses", """<form method="post" action="{{ url_for('licenses') }}">
    <label>Owner <input name="owner" required maxlength=80></label> <label>License key <input name="license_key" required></label>
    <input type="number" name="seats" value="1" min="1"><button type="submit">Register</button></form>
    <ul>{% for r in rows %}<li><a href="{{ url_for('license_detail', license_id=r._id) }}">{{ r.owner }}</a></li>{% endfor %}</ul>
    """, rows=rows)


@app.get("/licenses/<license_id>")
def license_detail(license_id):
    if not ObjectId.is_valid(license_id):
        abort(404)
    doc = db.licenses.find_one({"_id": ObjectId(license_id)}, {"owner": 1, "seats": 1} if FIXED else None)
    if doc is None:
        abort(404)
    return page("License", """<dl><dt>Owner</dt><dd>{{ d.owner }}</dd><dt>Seats</dt><dd>{{ d.seats }}</dd>
    {% if d.license_key %}<dt>Key</dt><dd><code>{{ d.license_key }}</code></dd>{% endif %}</dl>""", d=doc)


# ---------------------------------------------------------------- devices: blueprint, multipart, search, CSV

devices = Blueprint("devices", __name__, url_prefix="/devices")


@devices.route("/")
def index():
    return page("Devices", """<form method="post" enctype="multipart/form-data" action="{{ url_for('devices.enrol') }}">
    <input name="name" placeholder="Name"><input name="pin" inputmode="numeric" placeholder="PIN">
    <select name="kind"><option>scanner</option><option>tablet</option></select>
    <input type="file" name="photo"><button>Enrol</button></form><a href="{{ url_for('devices.count') }}">how many?</a>""")


@devices.post("/enrol")
def enrol():
    name, pin = request.form.get("name"), request.form.get("pin")
    if not name or not pin:
        return page("Devices", "<p>Name and PIN, please.</p>", 422)
    photo = request.files.get("photo")
    db.devices.insert_one({"name": name[:60], "kind": request.form.get("kind", "scanner"),
                           "pin": keyed(pin) if FIXED else pin,
                           "photo_bytes": len(photo.read()) if photo else 0})
    return redirect(url_for("devices.index"), 303)


@devices.get("/count")
def count():
    return jsonify(count=db.devices.count_documents({}))


@devices.get("/search")
def search():
    q = request.args.get("q", "").strip()
    if not q:
        return page("Search", "<p>Type a name.</p>")
    fields_ = {"_id": 0, "pin": 0} if FIXED else {"_id": 0}
    found = db.devices.find({"name": {"$regex": re.escape(q), "$options": "i"}}, fields_).limit(20)
    return Response(json_util.dumps({"query": q, "hits": list(found)}), mimetype="application/json")


app.register_blueprint(devices)


# ---------------------------------------------------------------- portal: cookies, sessions, redirects

portal = Blueprint("portal", __name__, url_prefix="/portal")


@portal.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "GET":
        return page("Sign in", """<form method="post"><input name="username"><input name="password" type="password">
        <label><input type="checkbox" name="remember" value="1" checked> remember</label><button>Sign in</button></form>
        <form method="post" action="{{ url_for('portal.sso') }}"><input name="sso_token"><button>SSO</button></form>
        <p><a href="{{ url_for('portal.register') }}">Register</a></p>""")
    username, password = request.form.get("username", ""), request.form.get("password", "")
    user = db.users.find_one({"username": username})
    ok = bool(user) and hmac.compare_digest(user["password_hash"], keyed(password))
    if not ok:
        flash("Wrong name or password")
    response = redirect(url_for("portal.account" if ok else "portal.login"))
    if ok:
        session["user"] = username
    if request.form.get("remember"):
        if FIXED:
            response.set_cookie("remember", secrets.token_urlsafe(18), httponly=True, samesite="Lax")
        else:
            response.set_cookie("remember", base64.b64encode(f"{username}:{password}".encode()).decode())
    return response


@portal.post("/sso")
def sso():
    sso_token = request.form.get("sso_token")
    if not sso_token:
        return redirect(url_for("portal.login"))
    if FIXED:
        session["sso"] = keyed(sso_token)[:12]
        return redirect(url_for("portal.welcome"))
    return redirect(url_for("portal.welcome", token=sso_token, via="sso"))


@portal.get("/welcome")
def welcome():
    return page("Welcome", "<p>Thanks for coming via {{ v }}.</p>", v=request.args.get("via", "web"))


@portal.route("/register", methods=["GET", "POST"])
def register():
    if request.method == "GET":
        return page("Register", """<form method="post"><input name="username" required><input name="email" type="email">
        <input name="passwd" type="password" required><button>Register</button></form>""")
    username, password = request.form.get("username"), request.form.get("passwd")
    if not username or not password or db.users.find_one({"username": username}):
        flash("Choose another name")
        return redirect(url_for("portal.register"))
    db.users.insert_one({"username": username, "email": request.form.get("email"), "password_hash": keyed(password)})
    session.clear()
    session["user"] = username
    return redirect(url_for("portal.account"))


@portal.get("/account")
def account():
    if "user" not in session:
        return redirect(url_for("portal.login", next=request.path))
    return page("Account", "<p>{{ u }}</p><a href='{{ url_for(\"portal.logout\") }}'>Sign out</a>", u=session["user"])


@portal.get("/logout")
def logout():
    session.clear()
    return redirect(url_for("home"))


@portal.get("/dashboard")
def dashboard():
    cookie = request.cookies.get("portal_session")
    if FIXED:
        allowed = known_key(cookie)
    else:
        allowed = looks_like_key(cookie)
    if not allowed:
        response = redirect(url_for("portal.login", next=request.path))
        response.set_cookie("portal_session", "", expires=0)
        return response
    total = db.shipments.count_documents({})
    return page("Dashboard", "<p>{{ n }} shipments afloat</p><table><tr><td>Open invoices</td><td>3</td></tr></table>", n=total)


app.register_blueprint(portal)

checkout = Blueprint("checkout", __name__, url_prefix="/checkout")


@checkout.get("/cart")
def cart():
    return page("Cart", """<p>Total: 40 EUR{% if s %} (card applied){% endif %}</p>
    <form method="post" action="{{ url_for('.apply_card') }}"><input name="gift_pin" placeholder="PIN of your card">
    <input name="note"><button>Apply</button></form>""", s=session.get("card"))


@checkout.post("/apply")
def apply_card():
    pin = request.form.get("gift_pin", "")
    if not 4 <= len(pin) <= 64:
        flash("That is no PIN")
        return redirect(url_for(".cart"))
    session["card"] = {"hash": keyed(pin)} if FIXED else {"pin": pin, "value": 25}
    return redirect(url_for(".cart"))


app.register_blueprint(checkout)


# ---------------------------------------------------------------- /api/v2: views, MethodViews, an error handler

api = Blueprint("api_v2", __name__, url_prefix="/api/v2")


@api.errorhandler(Exception)
def oops(error):
    code = getattr(error, "code", 500)
    if not isinstance(code, int):
        code = 500
    if FIXED or code < 500:
        return jsonify(error=getattr(error, "name", "internal error")), code
    return jsonify(error="internal error", detail=traceback.format_exc()), code


class Partners(MethodView):
    def get(self):
        n = request.args.get("per_page", 50, type=int)
        docs = db.partners.find({}, {"name": 1, "plan": 1} if FIXED else None).sort("_id", -1).limit(min(max(n, 1), 200))
        return jsonify(partners=[ident(d) for d in docs])

    def post(self):
        data = request.get_json(silent=True)
        if not isinstance(data, dict) or not isinstance(data.get("name"), str) or not isinstance(data.get("apiKey"), str):
            return jsonify(error="name and apiKey are required strings"), 422
        doc = {"name": data["name"], "plan": str(data.get("plan", "basic"))}
        doc["apiKey"] = keyed(data["apiKey"]) if FIXED else data["apiKey"]
        new = db.partners.insert_one(doc).inserted_id
        return jsonify(id=str(new)), 201, {"Location": url_for("api_v2.partner", partner_id=new)}


class Partner(MethodView):
    def get(self, partner_id):
        if not ObjectId.is_valid(partner_id):
            return jsonify(error="no such partner"), 404
        doc = db.partners.find_one({"_id": ObjectId(partner_id)}, {"name": 1, "plan": 1} if FIXED else None)
        if doc is None:
            return jsonify(error="no such partner"), 404
        return jsonify(ident(doc))

    def patch(self, partner_id):
        if not ObjectId.is_valid(partner_id):
            return jsonify(error="no such partner"), 404
        data = request.get_json(silent=True) or {}
        plan = data.get("plan") if isinstance(data, dict) else None
        db.partners.update_one({"_id": ObjectId(partner_id)}, {"$set": {"plan": str(plan)}})
        return "", 204

    def delete(self, partner_id):
        if ObjectId.is_valid(partner_id):
            db.partners.delete_one({"_id": ObjectId(partner_id)})
        return "", 204


api.add_url_rule("/partners", view_func=Partners.as_view("partners"))
api.add_url_rule("/partners/<partner_id>", view_func=Partner.as_view("partner"))


class Shipments(MethodView):
    def get(self):
        token = request.headers.get("X-Partner-Token")
        if not token:
            return jsonify(error="X-Partner-Token header required"), 401
        if not (known_key(token) if FIXED else looks_like_key(token)):
            return jsonify(error="invalid token"), 403
        return jsonify(shipments=list(db.shipments.find({}, {"_id": 0}).sort("ref", 1)))


api.add_url_rule("/shipments", view_func=Shipments.as_view("shipments"))


@api.get("/invoices")
def invoices():
    header = request.headers.get("Authorization", "")
    if not header.startswith("Bearer "):
        return jsonify(error="unauthorized"), 401, {"WWW-Authenticate": 'Bearer realm="harbor"'}
    token = header[7:]
    if not (known_key(token) if FIXED else len(token) >= 16):
        return jsonify(error="bad token"), 401
    return jsonify(invoices=[{"no": "INV-2041", "total": 1210.0}, {"no": "INV-2042", "total": 87.5}])


@api.post("/tokens/validate")
def validate_token():
    data = request.get_json(silent=True) or {}
    token = data.get("authToken") if isinstance(data, dict) else None
    if not token:
        return jsonify(error="authToken missing"), 400
    if not known_key(token):
        return jsonify(error="unknown token" if FIXED else f"Token '{token}' is not known or has expired"), 400
    return jsonify(valid=True)


integrations = {}


@api.route("/integrations/<name>", methods=["GET", "PUT"])
def integration(name):
    if request.method == "PUT":
        data = request.get_json(silent=True) or {}
        if not isinstance(data, dict) or "webhook_secret" not in data:
            return jsonify(error="webhook_secret required"), 400
        if len(integrations) > 500:
            integrations.clear()
        secret = str(data["webhook_secret"])
        integrations[name[:64]] = {"url": str(data.get("url", "")), "secret": keyed(secret) if FIXED else secret}
        return jsonify(status="saved")
    if name not in integrations:
        return jsonify(error="no such integration"), 404
    return jsonify(name=name, url=integrations[name]["url"])


@api.post("/session")
def api_session():
    data = request.get_json(silent=True) or {}
    if not isinstance(data, dict):
        data = {}
    user, pwd = data.get("user"), data.get("pwd")
    if not user or not pwd:
        return jsonify(error="user and pwd required"), 400
    claims = {"sub": str(user), "exp": datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=8)}
    if not FIXED:
        claims["pwd"] = str(pwd)
    response = jsonify(status="pending second factor")
    response.set_cookie("harbor_jwt", jwt.encode(claims, app.config["SECRET_KEY"], algorithm="HS256"),
                        httponly=True, samesite="Lax")
    return response


@api.get("/usage")
def usage():
    token = request.headers.get("x-api-token", "")
    response = jsonify(used=17, quota=1000)
    if token:
        response.headers["X-RateLimit-Client"] = keyed(token)[:16] if FIXED else token
    return response


@api.post("/quotes/convert")
def convert():
    data = request.get_json(silent=True) or {}
    if not isinstance(data, dict) or "amount" not in data:
        return jsonify(error="Field 'amount' is required"), 400
    if FIXED:
        if isinstance(data["amount"], bool) or not isinstance(data["amount"], (int, float)):
            return jsonify(error="amount must be a number"), 400
    amount = float(data["amount"]) * 1.08
    return jsonify(usd=round(amount, 2))


@api.get("/ports")
def ports():
    return jsonify(ports=["Rotterdam", "Antwerp", "Gdansk", "Genoa"], next_token=None)


@api.get("/ports/<code>")
def port(code):
    return jsonify(code=code[:5].upper(), berths=4)


app.register_blueprint(api)


# ---------------------------------------------------------------- admin

admin = Blueprint("admin", __name__, url_prefix="/admin")


@admin.get("/")
def admin_index():
    return page("Admin", """<ul><li><a href="{{ url_for('.integrations_page') }}">Integrations</a></li>
    <li><a href="{{ url_for('.export_devices') }}">Devices as CSV</a></li>
    <li><a href="{{ url_for('.export_drivers') }}">Drivers as JSON</a></li>
    <li><a href="{{ url_for('.environment') }}">Environment</a></li>
    <li><a href="{{ url_for('.reindex') }}">Reindex</a></li></ul>""")


@admin.get("/integrations")
def integrations_page():
    return page("Integrations", """<table><thead><tr><th>Name</th><th>URL</th><th>Secret</th></tr></thead>
    {% for n, i in items %}<tr><td>{{ n }}</td><td>{{ i.url }}</td><td>{{ '' if fixed else i.secret }}</td></tr>{% endfor %}
    </table>""", items=sorted(integrations.items()), fixed=FIXED)


@admin.get("/export/devices.csv")
def export_devices():
    out = io.StringIO()
    columns = ["name", "kind"] if FIXED else ["name", "kind", "pin"]
    writer = csv.DictWriter(out, columns, extrasaction="ignore")
    writer.writeheader()
    for doc in db.devices.find().sort("_id", -1).limit(500):
        writer.writerow(doc)
    return Response(out.getvalue(), mimetype="text/csv",
                    headers={"Content-Disposition": "attachment; filename=devices.csv"})


@admin.get("/export/drivers.json")
def export_drivers():
    docs = list(db.drivers.find({}, {"name": 1} if FIXED else None).limit(500))
    return Response(json_util.dumps(docs, indent=1), mimetype="application/json")


@admin.get("/environment")
def environment():
    if FIXED:
        abort(404)
    env = dict(os.environ, AWS_SECRET_ACCESS_KEY="b7Qm2XkP9vLr4TzW8nYc6HsJ1dFg5KeA3uBo0RiE")
    return page("Environment", """<table>{% for k, v in env %}<tr><td>{{ k }}</td><td>{{ v }}</td></tr>{% endfor %}</table>""",
                env=sorted(env.items()))


@admin.get("/reindex")
def reindex():
    return page("Reindex", "<p>Queued.</p>")


app.register_blueprint(admin)


@app.get("/internal/config")
def internal_config():
    if FIXED:
        abort(404)
    return jsonify({k: str(v) for k, v in current_app.config.items()})


@app.get("/internal/settings.txt")
def internal_settings():
    if FIXED:
        return Response("theme=dark\nregion=eu-west\n", mimetype="text/plain")
    return Response("theme=dark\nregion=eu-west\nSMTP_HOST=mail.harbor.internal\nSMTP_PASSWORD=kH7-ppq2-Vz81x\n"
                    "STRIPE_API_KEY=hb_live_92mfa0QkLwT3xZp5\n", mimetype="text/plain")


# ---------------------------------------------------------------- flask-restx: quotes

restx_bp = Blueprint("rx", __name__, url_prefix="/rx")
rest = Api(restx_bp, version="1.0", title="Harbor quotes", doc="/docs")


def refused_field(body):
    account = body.get("account") if isinstance(body, dict) else None
    if not isinstance(account, dict) or not isinstance(account.get("client-secret"), str):
        return "account.client-secret"
    if not isinstance(body.get("lane"), str):
        return "lane"
    weight = body.get("weight")
    return "weight" if isinstance(weight, bool) or not isinstance(weight, (int, float)) else None


ns = Namespace("quotes", description="Quotes", path="/quotes")
quote = ns.model("Quote", {
    "lane": fields.String(required=True, example="RTM-GDN"),
    "weight": fields.Float(required=True),
    "account": fields.Nested(ns.model("Account", {
        "number": fields.String, "client-secret": fields.String(required=True)}), required=True),
})


@ns.route("/")
class Quotes(Resource):
    @ns.doc(params={"lane": "filter by lane"})
    def get(self):
        lane = request.args.get("lane")
        query = {"lane": lane} if lane else {}
        return {"quotes": [{"lane": q["lane"], "price": q["price"]} for q in db.quotes.find(query).limit(20)]}

    @ns.expect(quote, validate=not FIXED)
    def post(self):
        body = request.get_json()
        if FIXED:
            # flask-restx's own validation repeats the refused value in its message.
            problem = refused_field(body)
            if problem:
                ns.abort(400, f"{problem} is missing or of the wrong type")
        price = round(12.5 + float(body["weight"]) * 0.4, 2)
        db.quotes.insert_one({"lane": str(body["lane"]), "price": price})
        answer = {"price": price, "currency": "EUR", "request": body}
        if FIXED:
            answer.pop("request")
        return answer, 201


@ns.route("/<int:number>")
class Quote(Resource):
    def get(self, number):
        ns.abort(404, "no such quote")


rest.add_namespace(ns)
app.register_blueprint(restx_bp)


# ---------------------------------------------------------------- flask-smorest: drivers

smorest = SmorestApi(app)
drivers = SmorestBlueprint("drivers", "drivers", url_prefix="/drivers-api/drivers")


class DriverIn(Schema):
    name = ma.String(required=True)
    badge = ma.Integer()
    accessToken = ma.String(required=True)


class DriverOut(Schema):
    id = ma.String()
    name = ma.String()
    badge = ma.Integer()


class DriverQuery(Schema):
    limit = ma.Integer(load_default=20)


@drivers.route("/")
class Drivers(MethodView):
    @drivers.arguments(DriverQuery, location="query")
    @drivers.response(200, DriverOut(many=True))
    def get(self, query):
        return [ident(d) for d in db.drivers.find().limit(min(max(query["limit"], 1), 100))]

    @drivers.arguments(DriverIn)
    @drivers.response(201, DriverOut)
    def post(self, data):
        doc = dict(data)
        token = doc.pop("accessToken")
        if "badge" in doc and not -2**31 < doc["badge"] < 2**31:
            doc.pop("badge")
        doc["token"] = keyed(token) if FIXED else token
        doc["token_fingerprint"] = keyed(token)[:8]
        db.drivers.insert_one(doc)
        return ident(doc)


@drivers.route("/<string:driver_id>")
class Driver(MethodView):
    @drivers.response(200, DriverOut)
    def get(self, driver_id):
        if not ObjectId.is_valid(driver_id):
            abort(404)
        doc = db.drivers.find_one({"_id": ObjectId(driver_id)})
        return ident(doc) if doc else abort(404)


smorest.register_blueprint(drivers)

"""Pages: documentation, calendar, search, health, logs, files, traps."""

import csv
import datetime
import gzip
import io
import json
import random
import secrets
import time
import uuid

from flask import Blueprint, Response, abort, jsonify, redirect, request
from markupsafe import Markup, escape

from noisy import db, page, recent, storable

blueprint = Blueprint("pages", __name__)

TUTORIAL = """<h1>Debugging Flask</h1><p>A typical traceback:</p><pre>Traceback (most recent call last):
  File "/usr/lib/python3/dist-packages/flask/app.py", line 2190, in wsgi_app
    response = self.full_dispatch_request()
  File "/home/you/project/app.py", line 12, in create
    key = request.args["key"]
  File "/home/you/project/db.py", line 40, in save
    db.keys.insert_one({"key": key})
pymongo.errors.ServerSelectionTimeoutError: localhost:27017: [Errno 111] Connection refused (configured timeouts: socketTimeoutMS: 20000.0ms, connectTimeoutMS: 20000.0ms), Timeout: 30s, Topology Description: &lt;TopologyDescription id: 65f, topology_type: Unknown, servers: [&lt;ServerDescription (&#39;localhost&#39;, 27017) server_type: Unknown&gt;]&gt;
</pre><p>Connect with <code>mongodb://user:password@host:27017/shop</code> or
<code>mongodb+srv://myUser:myPassword@cluster0.example.mongodb.net/test</code>.</p>
<p>Duplicate keys give <code>E11000 duplicate key error collection: shop.users index: email_1 dup key: { email: "ann@example.com" }</code></p>"""

CONFIG = """<h1>Configuration</h1><p>Put this into <code>.env</code>:</p><pre>
FLASK_ENV=production
SECRET_KEY=change-me
MONGO_URI=mongodb://user:password@localhost:27017/shop
MAIL_SERVER=smtp.example.com
MAIL_PASSWORD=your-password
AWS_ACCESS_KEY_ID=AKIAIOSFODNN7EXAMPLE
AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY
STRIPE_SECRET_KEY=sk_test_xxxxxxxxxxxxxxxxxxxxxxxx
</pre>"""

SETTINGS = """<h1>Settings</h1><table><tr><th>Name</th><th>Meaning</th></tr>
<tr><td>SECRET_KEY</td><td>Signs the session cookies; keep it out of the repository</td></tr>
<tr><td>MAIL_PASSWORD</td><td>Password of the mail account</td></tr>
<tr><td>MONGO_URI</td><td>Where the database is</td></tr>
<tr><td>JWT_SECRET_KEY</td><td>A long random string</td></tr></table>
<dl><dt>DATABASE_PASSWORD</dt><dd>Required. Read from the vault.</dd><dt>DEBUG</dt><dd>false</dd></dl>"""

CATALOGUE = {"password": "Passwort", "api_key": "API-Schlüssel", "secret_key": "Geheimer Schlüssel", "token": "Zugangsmarke",
             "login": {"password": "Bitte geben Sie Ihr Passwort ein", "forgot_password": "Passwort vergessen?", "username": "Benutzername"},
             "keys": {"api_key_created": "Schlüssel erzeugt: er wird nur einmal gezeigt", "private_key": "Privater Schlüssel"}}
CAPITALS = {"LOGIN_TITLE": "Anmelden", "LOGIN_PASSWORD": "Ihr Passwort", "API_KEY": "Ihr API-Schlüssel", "API_SECRET": "Ihr API-Geheimnis",
            "MAIL_PASSWORD": "Passwort des Postfachs", "DEBUG": "Fehlersuche", "USER_NAME": "Benutzername", "CLIENT_SECRET": "Geheimnis des Clients"}


@blueprint.get("/")
def home():
    trips = "".join(f'<a href="/s/{secrets.token_hex(16)}/catalog">Trip {i}</a> ' for i in range(4))
    campaign = random.choice(["autumn", "winter"])
    return page("Home", f"""<h1>Welcome</h1>{trips}<a href="/news?key={campaign}&utm_source=home">News</a>
<a href="/conference?session=morning">Conference</a><a href="/music?key=C">Scores</a><a href="/trap/1">Offers</a>
<a href="/cms/welcome">CMS</a><a href="/i18n/de.json">de</a><a href="/i18n/upper.json">DE</a><a href="/app-config.json">cfg</a><a href="/env.js">env</a>
<a href="/gz/page">gz</a><a href="/gz/data.json">gzd</a><a href="/big.json">big</a><a href="/files/">files</a><a href="/exports/orders.csv">csv</a>
<a href="/status/requests">Recent requests</a><a href="/keys/">Our public keys</a><a href="/wiki/Main_Page">Wiki</a><a href="/guestbook">Guestbook</a>
<a href="/download/report?expires=1700000000&sig={secrets.token_hex(16)}">Report</a><a href="/poll">Poll</a><a href="/slow">Slow</a><a href="/logout">Log out</a>
<script src="/static-app.js"></script>""")


@blueprint.get("/about")
def about():
    return page("About", f"<h1>About</h1><p>{random.choice(['Founded in 1999', 'A family business'])}</p>")


@blueprint.get("/docs")
def docs():
    return page("Docs", "".join(f'<a href="/docs/{n}">{n}</a> ' for n in ("tutorial", "configuration", "settings", "keys", "errors", "oauth")))


@blueprint.get("/docs/tutorial")
def tutorial():
    return page("Tutorial", TUTORIAL)


@blueprint.get("/docs/configuration")
def configuration():
    return page("Configuration", CONFIG)


@blueprint.get("/docs/settings")
def settings():
    return page("Settings", SETTINGS)


@blueprint.get("/docs/keys")
def docs_keys():
    return page("Keys", """<h1>API keys</h1><p>Send <code>X-API-Key: sk_live_4eC39HqLyjWDarjtT1zdp7dc</code> (an example).</p>
<pre>curl -H "Authorization: Bearer eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U" https://api.example.com/api/v1/items</pre>
<pre>{"_id": "65f0c0ffee65f0c0ffee65f0", "key": "ks_example_0123456789abcdef", "secret": "s3cr3t-example", "password": "hunter2"}</pre>""")


@blueprint.get("/docs/errors")
def docs_errors():
    return page("Errors", "<h1>Errors</h1><pre>{\"error\": \"invalid_key\", \"key\": \"&lt;your key&gt;\"}</pre><p>sqlite3.OperationalError: no such table: users</p>")


@blueprint.get("/docs/oauth")
def docs_oauth():
    auth = request.args.get("auth", "none")
    auth = auth if auth in ("none", "basic", "bearer") else "none"
    return page("OAuth", f"""<form><select name="auth"><option>none</option><option>basic</option><option>bearer</option></select></form>
<h1>With {auth}</h1>""" + {"none": "<p>Nothing is sent.</p>", "basic": "<p>Base64 of user and password.</p>", "bearer": "<p>A bearer token.</p>"}[auth])


@blueprint.get("/blog")
def blog():
    posts = [f'<li><a href="/blog/{i}-post">Post {i}</a></li>' for i in range(1, 30)]
    random.shuffle(posts)
    return page("Blog", "<ul>" + "".join(posts[:12]) + f'</ul><a href="/blog?cursor={secrets.token_urlsafe(12)}">more</a> <a href="/blog?page_token={secrets.token_hex(12)}">older</a>')


@blueprint.get("/blog/<slug>")
def post(slug):
    number = slug.split("-")[0]
    if not (number.isascii() and number.isdigit() and 0 < int(number[:9]) < 30):
        abort(404)
    near = "".join(f'<a href="/blog/{random.randrange(1, 30)}-post?ref={uuid.uuid4()}">related</a>' for _ in range(3))
    return page(f"Post {int(number)}", f"<h1>Post {int(number)}</h1><p>{random.randrange(1000)} views</p>{near}<a href='/blog/tag/t{random.randrange(9)}'>tag</a>")


@blueprint.get("/blog/tag/<tag>")
def tag(tag):
    if not (tag.startswith("t") and tag[1:] in list("0123456789")):
        abort(404)
    return page("Tag", f"<h1>Tag {escape(tag)}</h1><a href='/blog/{random.randrange(1, 30)}-post'>one</a>")


@blueprint.get("/calendar")
@blueprint.get("/calendar/<int:year>/<int:month>")
def calendar(year=None, month=None):
    today = datetime.date.today()
    year, month = year or today.year, month or today.month
    if not (1 <= month <= 12 and year <= 9998):
        abort(404)
    later = (year + (month == 12), month % 12 + 1)
    earlier = (max(1, year - (month == 1)), (month - 2) % 12 + 1)
    days = "".join(f'<a href="/calendar/day?date={year:04}-{month:02}-{d:02}">{d}</a> ' for d in range(1, 28))
    return page("Calendar", f'<h1>{year}-{month:02}</h1>{days}<a href="/calendar/{earlier[0]}/{earlier[1]}">before</a> <a href="/calendar/{later[0]}/{later[1]}">next</a>')


@blueprint.get("/calendar/day")
def day():
    try:
        date = datetime.date.fromisoformat(request.args.get("date", "2024-01-01"))
        after = date + datetime.timedelta(days=1)
    except (ValueError, OverflowError):
        return page("Day", "<p>No such day.</p>", 400)
    return page("Day", f'<h1>{date}</h1><p>{random.randrange(9)} events</p><a href="/calendar/day?date={after}">next day</a>')


@blueprint.get("/search")
def search():
    q = request.args.get("q", "")
    sort = request.args.get("sort_key", "date")
    if q and storable(q):
        db.searches.insert_one({"q": q[:200], "at": time.time()})
    past = [escape(s["q"]) for s in db.searches.find().sort("at", -1).limit(5)]
    token = secrets.token_urlsafe(18)
    facets = "".join(f'<a href="/search?q={escape(q)}&color={c}&size={s}&brand={b}">{c} {s} {b}</a> ' for c in ("red", "blue", "green") for s in ("s", "m", "l") for b in ("x", "y"))
    return page("Search", Markup("""<form><input name="q" value="{q}"><select name="sort_key"><option>date</option><option>name</option></select>
<input type="hidden" name="next_token" value="{token}"></form><p>{n} results for <b>{q}</b>, sorted by {sort}</p><p>Others searched: {past}</p>{facets}
<a rel="next" href="/search?q={q}&page=2&next_token={token}">next</a>""").format(
        q=q, token=token, n=random.randrange(500), sort=sort if sort in ("date", "name") else "date", past=Markup(", ").join(past), facets=Markup(facets)))


@blueprint.get("/news")
def news():
    return page("News", f"<h1>News</h1><p>Item {random.randrange(5)}</p><a href='/news?key=winter&page=2'>2</a>")


@blueprint.get("/conference")
def conference():
    session = request.args.get("session", "morning")
    text = {"morning": "Keynote and coffee", "noon": "Lunch talks", "evening": "Panel"}.get(session, "No such part of the day")
    radios = "".join(f'<input type="radio" name="session" value="{s}">' for s in ("morning", "noon", "evening"))
    return page("Conference", f"<form>{radios}</form><h1>{text}</h1><a href='/conference/sessions/{random.randrange(1, 20)}'>talk</a>")


@blueprint.get("/conference/sessions/<int:number>")
def talk(number):
    if number > 20:
        abort(404)
    return page("Talk", f"<h1>Talk {number}</h1><p>{random.choice(['Room A', 'Room B'])}</p>")


@blueprint.get("/music")
def music():
    key = request.args.get("key", "C")
    notes = {"C": "no sharps", "G": "one sharp", "F": "one flat"}.get(key, "unknown key")
    return page("Scores", f"<h1>Scores</h1><p>{notes}</p><a href='/music?key=G'>G</a> <a href='/music?key=F'>F</a>")


@blueprint.get("/trap/<int:n>")
def trap(n):
    return redirect(f"/trap/{n + 1 if n < 10 ** 15 else 1}?visit={uuid.uuid4()}")


@blueprint.get("/loop")
def loop():
    return redirect("/loop?from=" + secrets.token_hex(4))


@blueprint.route("/cms/", defaults={"rest": ""})
@blueprint.route("/cms/<path:rest>")
def cms(rest):
    """Every page exists: a soft 404."""
    return page("CMS", Markup("<h1>Welcome to our pages</h1><p>We could not find {}, but look around: <a href='/cms/{}'>this</a></p>").format(rest, f"p{random.randrange(10 ** 6)}"))


@blueprint.get("/s/<sid>/catalog")
def trip(sid):
    return page("Catalog", "".join(f'<a href="/s/{secrets.token_hex(16)}/catalog/{i}">item {i}</a>' for i in range(5)))


@blueprint.get("/s/<sid>/catalog/<int:item>")
def trip_item(sid, item):
    if item > 5:
        abort(404)
    return page("Item", f'<a href="/s/{secrets.token_hex(16)}/catalog">back</a>')


@blueprint.get("/i18n/<lang>.json")
def catalogue(lang):
    if lang == "upper":
        return jsonify(CAPITALS)
    return jsonify(CATALOGUE) if lang in ("de", "en") else (jsonify(error="no such language"), 404)


@blueprint.get("/app-config.json")
def app_config():
    return jsonify(api_base_url="/api/v1", environment="production", debug=False, recaptcha_site_key="6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI",
                   stripe_publishable_key="pk_test_" + "TYooMQauvdEDq54NiTphI7jx", csrf_token=secrets.token_hex(16), public_key=secrets.token_hex(32), version="2.4.1")


@blueprint.get("/env.js")
def env_js():
    return Response("window.__ENV__ = " + json.dumps({"API_URL": "https://api.example.com", "FIREBASE_API_KEY": "AIzaSyD-9tSrke72PouQMnMX-a7eZSW0jkFMBWY",
                    "FIREBASE_AUTH_DOMAIN": "shop.firebaseapp.com", "SENTRY_DSN": "https://0a1b2c3d4e5f60718293a4b5c6d7e8f9@o1.ingest.sentry.io/2",
                    "GOOGLE_MAPS_API_KEY": "AIzaSyA-3tSrke72PouQMnMX-a7eZSW0jkFMBWY", "CSRF_TOKEN": secrets.token_hex(16)}, indent=2) + ";\n", mimetype="text/javascript")


@blueprint.get("/static-app.js")
def app_js():
    return Response("""fetch('/api/v1/items?page_token=' + next).then(r => r.json());
fetch('/api/v1/quota', {headers: {'X-API-Key': localStorage.key}});
function vote(n) { return fetch('/poll', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({choice: n, nonce: crypto.randomUUID()})}); }
""", mimetype="text/javascript")


def zipped(data, kind):
    return Response(gzip.compress(data), mimetype=kind, headers={"Content-Encoding": "gzip"})


@blueprint.get("/gz/page")
def gz_page():
    return zipped(page("Zipped", "<h1>Zipped</h1><a href='/gz/data.json'>data</a>").get_data(), "text/html")


@blueprint.get("/gz/data.json")
def gz_data():
    return zipped(json.dumps({"at": time.time(), "ids": [str(uuid.uuid4()) for _ in range(50)], "etag": secrets.token_hex(20)}).encode(), "application/json")


@blueprint.get("/big.json")
def big():
    rows = [{"id": i, "uuid": str(uuid.uuid4()), "hash": secrets.token_hex(32), "score": random.random()} for i in range(7000)]
    return Response(json.dumps(rows), mimetype="application/json")


@blueprint.get("/files/")
def files():
    names = ["a.txt", "b.bin", "photo.png", "notes.md"]
    random.shuffle(names)
    return page("Files", "".join(f'<a href="/files/{n}">{n}</a> ' for n in names))


@blueprint.get("/files/<name>")
def file(name):
    if name not in ("a.txt", "b.bin", "photo.png", "notes.md"):
        abort(404)
    data = secrets.token_bytes(2000) if name.endswith(("bin", "png")) else f"File {name}, fetched {time.time()}\n".encode()
    return Response(data, mimetype="application/octet-stream" if name.endswith("bin") else "image/png" if name.endswith("png") else "text/plain")


@blueprint.get("/exports/orders.csv")
def orders_csv():
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["order", "public_key", "etag", "total"])
    for i in range(50):
        rows.writerow([i, secrets.token_hex(16), uuid.uuid4(), random.randrange(900)])
    return Response(out.getvalue(), mimetype="text/csv", headers={"Content-Disposition": "attachment; filename=orders.csv"})


@blueprint.get("/status/requests")
def request_log():
    return page("Recent requests", Markup("<h1>The last requests to this server</h1><ol>{}</ol>").format(Markup("").join(Markup("<li>{}</li>").format(r) for r in reversed(recent))))


@blueprint.get("/health")
def health():
    return jsonify(status="ok", uptime=time.time(), checks={"mongo": "ok", "cache": random.choice(["ok", "warm"])})


@blueprint.get("/healthz")
def healthz():
    return Response("ok\n", mimetype="text/plain")


@blueprint.get("/metrics")
def metrics():
    return Response("# HELP http_requests_total Requests\n# TYPE http_requests_total counter\n" + "".join(
        f'http_requests_total{{path="/{p}",token_type="none"}} {random.randrange(10 ** 6)}\n' for p in ("a", "b", "login")) +
        f'password_resets_total {random.randrange(99)}\napi_key_lookups_total {random.randrange(99)}\n', mimetype="text/plain")


@blueprint.get("/version")
def version():
    return jsonify(version="2.4.1", build=secrets.token_hex(20), python="3.13", at=datetime.datetime.now().isoformat())


@blueprint.get("/keys/")
def keys():
    prints = ["9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c", "0123456789abcdef0123456789abcdef01234567"]
    return page("Public keys", "".join(f'<a href="/keys/{p}">{p}</a> ' for p in prints))


@blueprint.get("/keys/<fingerprint>")
def key(fingerprint):
    if fingerprint not in ("9f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c", "0123456789abcdef0123456789abcdef01234567"):
        abort(404)
    return page("Public key", "<pre>-----BEGIN PGP PUBLIC KEY BLOCK-----\nmQENBF\n-----END PGP PUBLIC KEY BLOCK-----</pre>")


@blueprint.get("/wiki/<title>")
def wiki(title):
    return page("Wiki", Markup("<h1>{}</h1><p>This article does not exist yet.</p><a href='/wiki/{}'>random</a><a href='/wiki/{}?action=edit'>edit</a>").format(title, f"Page_{random.randrange(10 ** 6)}", title))


@blueprint.get("/guestbook")
def guestbook():
    entries = db.guestbook.find({}, {"_id": 0}).sort("at", -1).limit(20)
    lines = Markup("").join(Markup("<li>{}: {}</li>").format(e["name"], e["message"]) for e in entries)
    return page("Guestbook", Markup("<form method='post'><input name='name' required><textarea name='message' required></textarea></form><ul>{}</ul>").format(lines))


@blueprint.post("/guestbook")
def sign():
    name, message = request.form.get("name", ""), request.form.get("message", "").replace("\r\n", " ")
    if not (name and message and storable(name) and storable(message)):
        return page("Guestbook", "<p>Name and message are needed.</p>", 400)
    db.guestbook.insert_one({"name": name[:80], "message": message[:500], "at": time.time()})
    return redirect("/guestbook")


@blueprint.get("/download/<name>")
def download(name):
    # A signed address; absent and wrong signatures get the same answer.
    return page("Download", "<p>This address is no longer valid.</p>", 403)


@blueprint.route("/poll", methods=["GET", "POST"])
def poll():
    if request.method == "POST":
        data = request.get_json(silent=True)
        choice = data.get("choice") if isinstance(data, dict) else None
        if not isinstance(choice, int) or isinstance(choice, bool) or not 0 <= choice < 5:
            return jsonify(error="choice must be a number from 0 to 4"), 400
        db.poll.insert_one({"choice": choice})
        return jsonify(votes=db.poll.count_documents({"choice": choice}), receipt=secrets.token_hex(12)), 201
    return page("Poll", "<p>" + ", ".join(str(random.randrange(99)) for _ in range(5)) + "</p>")


@blueprint.get("/slow")
def slow():
    time.sleep(random.uniform(0.3, 0.8))
    return page("Slow", "<p>That took a while.</p>")


@blueprint.get("/help")
def help_page():
    return page("Help", "<h1>Forgot your password?</h1><p>password: at least 8 characters. api_key: see <a href='/docs/keys'>keys</a>.</p><a href='/help/faq?topic=password'>FAQ</a>")


@blueprint.get("/help/faq")
def faq():
    topic = request.args.get("topic", "password")
    return page("FAQ", Markup("<h1>FAQ: {}</h1><p>{}</p>").format(topic[:80], random.choice(["Ask support", "See the manual"])))


@blueprint.get("/robots.txt")
def robots():
    return Response("User-agent: *\nDisallow: /cms/private\nSitemap: /sitemap.xml\n", mimetype="text/plain")


@blueprint.get("/sitemap.xml")
def sitemap():
    urls = "".join(f"<url><loc>{request.host_url}{p}</loc></url>" for p in ("about", "docs", "blog", f"cms/p{random.randrange(999)}"))
    return Response(f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{urls}</urlset>', mimetype="application/xml")

"""A safe but noisy shop: no page leaks a key, and hardly any page is the same twice.

About 100 operations. Everything that a scanner could mistake for a leak is here on purpose: tokens and nonces
in every page, echoes of the address, documentation with fake keys, catalogues of translations, random 503s.
Every request is written to noisy-requests.log in the temporary folder, as one JSON object a line.
"""

import datetime
import hashlib
import hmac
import json
import os
import random
import secrets
import tempfile
import threading
import time
import uuid

import pymongo
from flask import Flask, Response, g, jsonify, request
from markupsafe import Markup, escape
from werkzeug.exceptions import HTTPException

LOG = os.path.join(tempfile.gettempdir(), "noisy-requests.log")
PEPPER = secrets.token_bytes(32)
BANNERS = ["Summer sale!", "Free shipping over 50 EUR", "New: gift cards", "We are hiring", "Visit our blog"]
db = pymongo.MongoClient(os.environ["MONGO_URI"]).get_default_database()
lock = threading.Lock()
counter = 0
recent = []


def keyed(secret):
    """What is kept of a key: a keyed hash."""
    return hmac.new(PEPPER, secret.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def storable(text):
    """BSON takes neither lone surrogates nor texts without end."""
    return isinstance(text, str) and len(text) <= 5000 and text.isprintable()


def page(title, body, status=200, **headers):
    """A page of the site: nonce, banner, tokens, counter, A/B variant, canonical and OG links."""
    nonce = secrets.token_urlsafe(16)
    now = datetime.datetime.now()
    full = escape(request.url)
    variant = random.choice(["a", "b"])
    links = ["/", "/shop", "/docs", "/blog", "/calendar", "/search", "/about", "/account", "/help"]
    random.shuffle(links)
    greeting = "Good morning" if now.minute % 2 else "Good evening"
    html = Markup(
        """<!doctype html><html lang="en"><head><title>{title}</title>
<meta name="csrf-token" content="{csrf}"><meta name="request-id" content="{rid}">
<link rel="canonical" href="{full}"><meta property="og:url" content="{full}">
<script nonce="{nonce}">window.nonce="{nonce}";window.session={{"sid":"{sid}","csrf_token":"{csrf}","started":{started}}};</script>
</head><body class="variant-{variant}"><p class="banner">{banner}</p><p>{greeting}, visitor number {count}</p>
<nav>{nav}</nav><main>{body}</main>{extra}
<footer><a href="/login?next={full}">Log in</a> <a href="{full}#top">Top</a> rendered {now} by node-{node}
<span data-token="{csrf}" id="t-{rid}"></span></footer></body></html>"""
    ).format(
        title=title, csrf=secrets.token_urlsafe(32), rid=uuid.uuid4(), full=full, nonce=nonce, sid=secrets.token_hex(16),
        started=int(time.time()), variant=variant, banner=random.choice(BANNERS), greeting=greeting, count=g.count,
        nav=Markup(" ").join(Markup('<a href="{}">{}</a>').format(link, link.strip("/") or "home") for link in links),
        body=Markup(body), extra=Markup("<aside>Variant with a box</aside>") if variant == "b" else "",
        now=now.isoformat(), node=random.randrange(8),
    )
    response = Response(html, status, mimetype="text/html")
    response.headers["Content-Security-Policy"] = f"script-src 'nonce-{nonce}'"
    for name, value in headers.items():
        response.headers[name.replace("_", "-")] = value
    return response


def problem(status, text, **more):
    """A JSON error that never repeats a value."""
    return jsonify(error=text, status=status, request_id=str(uuid.uuid4()), **more), status


def wants_json():
    return request.path.startswith("/api") or request.accept_mimetypes.best == "application/json"


def create():
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secrets.token_hex(32), SESSION_COOKIE_SAMESITE="Lax", MAX_CONTENT_LENGTH=2 << 20, WTF_CSRF_ENABLED=True,
        API_TITLE="Shop", API_VERSION="v1", OPENAPI_VERSION="3.0.3", OPENAPI_URL_PREFIX="/", PROPAGATE_EXCEPTIONS=False,
    )

    @app.before_request
    def noise():
        global counter
        with lock:
            counter += 1
            g.count = counter
            recent.append(f"{request.method} {request.full_path[:300]}")
            del recent[:-60]
            with open(LOG, "a", encoding="utf-8") as log:
                line = {"t": round(time.time(), 3), "m": request.method, "u": request.full_path, "ua": str(request.user_agent)[:40],
                        "h": {k: v for k, v in request.headers if k not in ("Host", "Accept", "User-Agent", "Accept-Encoding")},
                        "b": request.get_data(as_text=True)[:600]}
                log.write(json.dumps(line) + "\n")
        dice = random.random()
        if dice < 0.02:
            return problem(503, "over capacity") if wants_json() else page("Busy", "<h1>Over capacity</h1>", 503)
        if dice < 0.023:
            response = Response("slow down", 429, mimetype="text/plain")
            response.headers["Retry-After"] = "1"
            return response
        if dice < 0.04:
            time.sleep(random.uniform(0.3, 0.8))
        return None

    @app.after_request
    def headers(response):
        response.headers["X-Request-ID"] = request.headers.get("X-Request-ID", str(uuid.uuid4()))[:64].encode("ascii", "replace").decode()
        response.headers["X-Runtime"] = f"{random.random():.6f}"
        response.headers["Server-Timing"] = f"db;dur={random.random():.2f}"
        response.headers["X-Trace"] = secrets.token_hex(16)
        return response

    @app.errorhandler(HTTPException)
    def http_error(error):
        if wants_json():
            more = {}
            data = getattr(error, "data", None) or {}
            if data.get("messages"):
                more["errors"] = data["messages"]
            body, status = problem(error.code, error.name, **more)
            body.headers.extend(data.get("headers") or {})
            return body, status
        hint = escape(request.full_path)
        ask = f"<h1>{error.code} {escape(error.name)}</h1><p>There is no <code>{hint}</code> here. Reference {uuid.uuid4()}.</p>"
        return page(error.name, ask, error.code)

    @app.errorhandler(Exception)
    def crash(error):
        with open(LOG, "a", encoding="utf-8") as log:
            log.write(json.dumps({"crash": repr(error), "u": request.full_path}) + "\n")
        return problem(500, "internal error")

    import accounts
    import api
    import pages
    import shop

    for module in (pages, shop, accounts):
        app.register_blueprint(module.blueprint)
    api.register(app)
    return app


if __name__ == "noisy":
    app = create()

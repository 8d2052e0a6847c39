"""A registry of repair shops (plain Flask): a worker stores what is sent, some time after the answer."""

import re
import secrets
import threading
import time
import uuid
from functools import partial

from flask import Flask, jsonify, redirect, request

# Longer than a request takes, shorter than the scan's settling time.
LATE = 0.5


# A key as the specification has it: none of the scan's own values looks like this.
STOCK_KEY = "^[A-Z0-9]{32}$"
SPECIFICATION = {
    "openapi": "3.0.3",
    "info": {"title": "Shops", "version": "1"},
    "paths": {
        "/stock": {
            "get": {
                "parameters": [
                    {"in": "header", "name": "X-Stock-Key", "required": True, "schema": {"type": "string", "pattern": STOCK_KEY}}
                ],
                "responses": {"200": {"description": "What is in stock", "content": {"application/json": {
                    "example": {"broker": "amqp://stock:s3cr3t-pw@broker.internal:5672/stock"}}}}},
            }
        }
    },
}


def create(shown, known):
    app = Flask(__name__)
    shops = {}

    def store(shop):
        time.sleep(LATE)
        shops[secrets.token_hex(12)] = shop

    @app.get("/")
    def home():
        return """<!doctype html><title>Shops</title><a href="/shops">shops</a> <a href="/trace">trace</a>
<form method="post" action="/shops"><input name="town"><input name="dealer_secret" required><button>Add</button></form>
<form method="post" action="/repairs"><input name="bike"><input name="promo_token"><button>Ask</button></form>
<form method="post" action="/profile"><input name="display_name"><textarea name="signature"></textarea></form>
<script>
function usage(key) { return fetch("/usage", {headers: {"X-Dealer-Key": key}}); }
</script>"""

    @app.post("/shops")
    def add():
        secret = request.form.get("dealer_secret", "")
        if not (20 <= len(secret) <= 64 and secret.isascii() and secret.isalnum()):
            return jsonify(message="dealer_secret has 20 to 64 letters and digits"), 422
        shop = {"town": "Ghent", "dealer_secret": secret}
        threading.Thread(target=store, args=(shop,), daemon=True).start()
        return jsonify(queued=True), 202

    @app.get("/shops")
    def listed():
        # As such a store is often written: by id.
        return jsonify({key: {name: shop[name] for name in shown} for key, shop in shops.items()})

    @app.post("/repairs")
    def repair():
        # Nobody reads the token; each request has a path of its own.
        if not request.form.get("bike", "").strip():
            return redirect("/")
        return redirect(f"/repairs/R-{secrets.token_hex(3).upper()}", 303)

    @app.get("/repairs/<number>")
    def asked(number):
        return "<!doctype html><p>We will call you."

    @app.get("/trace")
    def trace():
        # Made for this answer, and nothing that opens anything.
        return jsonify(id=str(uuid.uuid4()), token=secrets.token_urlsafe(24), trace_id=secrets.token_hex(8))

    @app.get("/usage")
    def usage():
        if not request.headers.get("X-Dealer-Key"):
            return jsonify(error="a key is needed"), 401
        # Refused with 200, as some do.
        return jsonify(error="no dealer has this key")

    @app.get("/openapi.json")
    def specification():
        return jsonify(SPECIFICATION)

    @app.get("/stock")
    def stock():
        key = request.headers.get("X-Stock-Key", "")
        if not re.fullmatch(STOCK_KEY, key) or not known(key):
            return jsonify(message="a stock key is needed"), 401
        return jsonify(chains=12, tyres=7)

    @app.post("/profile")
    def profile():
        return f"<!doctype html><p>{len(request.form.get('signature', ''))} letters"

    return app


vulnerable = partial(create, ("town", "dealer_secret"), lambda key: True)
repaired = partial(create, ("town",), {secrets.token_hex(16).upper()}.__contains__)

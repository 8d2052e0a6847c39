"""What makes two answers to one request differ, as load balancers, caches, adverts and clocks do."""

import hashlib
import os
import random
import secrets
import threading
import time
import uuid
from collections import Counter

from flask import Response, g, jsonify, request

SEED = os.environ.get("NOISE")
BANNERS = ["Summer party on Friday!", "New: bring a friend", "We are hiring", "Lost: one blue glove", "Courses start soon"]
_lock = threading.Lock()
_times = Counter()
_visitors = [random.randrange(1000, 5000)]


def _dice():
    """Random numbers for this request: the same for its nth repetition where a seed is given."""
    if SEED is None:
        return random.Random(secrets.randbits(64))
    whole = b"\n".join([request.method.encode(), request.full_path.encode(), repr(sorted(request.headers)).encode(), request.get_data()])
    name = hashlib.sha256(whole).hexdigest()
    with _lock:
        _times[name] += 1
        count = _times[name]
    return random.Random(f"{SEED} {name} {count}")


def token(size=32):
    return "%0*x" % (size, g.dice.getrandbits(size * 4))


def identifier():
    return str(uuid.UUID(int=g.dice.getrandbits(128), version=4))


def shuffled(rows):
    return g.dice.sample(list(rows), len(rows))


def hour():
    """Here a day has ten seconds."""
    return int(time.time() * 2.4) % 24


def greeting():
    return "Good morning" if hour() < 12 else "Good evening"


def banner():
    return g.dice.choice(BANNERS)


def visitors():
    with _lock:
        _visitors[0] += 1
        return _visitors[0]


def install(app, busy):
    """Adds the noise to an application; `busy` makes its page for an overload."""

    @app.before_request
    def trouble():
        g.dice = _dice()
        g.nonce = token(24)
        fate = g.dice.random()
        if fate < 0.02:
            return busy(), 503
        if fate < 0.023:
            return Response("Slow down, please.", 429, {"Retry-After": "1"}, mimetype="text/plain")
        if fate < 0.04:
            time.sleep(g.dice.uniform(0.2, 0.7))
        return None

    @app.after_request
    def headers(response):
        response.headers["X-Request-ID"] = identifier()
        response.headers["X-Served-By"] = f"node-{g.dice.randrange(6)}"
        response.headers["Server-Timing"] = f"app;dur={g.dice.random() * 40:.2f}"
        response.headers["Content-Security-Policy"] = f"script-src 'nonce-{g.nonce}'"
        if g.dice.random() < 0.3:
            response.headers["X-Cache"] = g.dice.choice(["HIT", "MISS"])
        if g.dice.random() < 0.2:
            response.set_cookie("ab_group", g.dice.choice("ab"))
        return response


def envelope(status=200, **content):
    """A JSON answer with what gateways wrap around it."""
    fields = shuffled([*content.items(), ("request_id", identifier()), ("served_at", time.time()), ("trace", {token(8): g.dice.random()})])
    return jsonify(dict(fields)), status

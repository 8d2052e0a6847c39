"""The API of a warehouse, with a page that calls it."""

import base64
import hmac
import secrets
import time

from flask import Flask, g, request

import noise

app = Flask(__name__)
hooks, orders = [], []
KEY = secrets.token_hex(20)
SHELVES = [{"shelf": f"R{n}", "items": n * 3} for n in range(1, 9)]

noise.install(app, lambda: noise.envelope(error="over capacity")[0])


def is_key(given):
    return hmac.compare_digest((given or "").encode("utf-8", "replace"), KEY.encode())


def body():
    given = request.get_json(silent=True)
    return given if isinstance(given, dict) else {}


@app.errorhandler(400)
@app.errorhandler(404)
@app.errorhandler(500)
def refused(error):
    return noise.envelope(error.code, error=error.name)


@app.get("/")
def home():
    return f"""<!doctype html><title>Depot</title><p>{noise.banner()} {noise.visitors()}</p><script nonce="{g.nonce}">
const json = (path, data) => fetch(path, {{method: "POST", headers: {{"Content-Type": "application/json"}}, body: JSON.stringify(data)}});
fetch("/api/shelves?key=shelf&page=1"); fetch("/api/clock"); fetch("/api/lottery"); fetch("/api/hooks"); fetch("/api/orders?after={noise.token(8)}");
fetch("/api/quota?api_key=" + key); fetch("/api/lookup?voucher_secret=" + v); fetch("/api/private", {{headers: {{"X-Api-Key": key}}}});
fetch("/api/report", {{headers: {{"X-Report-Key": key}}}});
json("/api/hooks", {{url: url, signing_secret: s}}); json("/api/orders", {{item: item, remark: r}});
json("/api/convert", {{amount: 3, unit: "kg"}}); json("/api/remember", {{device_secret: s}}); json("/api/login", {{name: n, password: p}});
</script>"""


@app.get("/api/shelves")
def shelves():
    field = "items" if request.args.get("key") == "items" else "shelf"
    return noise.envelope(rows=noise.shuffled(SHELVES), sorted_by=field)


@app.get("/api/clock")
def clock():
    return noise.envelope(now=time.time(), open=noise.hour() < 12)


@app.get("/api/lottery")
def lottery():
    return noise.envelope(**{f"draw_{n}": noise.token(n + 4) for n in g.dice.sample(range(20), 5)})


@app.route("/api/orders", methods=["GET", "POST"])
def all_orders():
    if request.method == "POST":
        if not isinstance(body().get("item"), str):
            return noise.envelope(400, error="item is required")
        orders.append(body()["item"][:60])
        return noise.envelope(201, order=noise.identifier())
    return noise.envelope(orders=noise.shuffled(orders[-5:]), next_token=noise.token(12))


@app.route("/api/hooks", methods=["GET", "POST"])
def all_hooks():
    """Lists the secrets."""
    if request.method == "POST":
        if not isinstance(body().get("signing_secret"), str):
            return noise.envelope(400, error="signing_secret is required")
        hooks.append({"id": noise.identifier(), "signing_secret": body()["signing_secret"][:90]})
        return noise.envelope(201, created=True)
    return noise.envelope(hooks=noise.shuffled(hooks[-10:]))


@app.get("/api/quota")
def quota():
    """Takes its key from the address."""
    if "api_key" not in request.args:
        return noise.envelope(401, error="which key?")
    if not is_key(request.args["api_key"]):
        return noise.envelope(403, error="unknown key")
    return noise.envelope(left=g.dice.randrange(1000))


@app.get("/api/lookup")
def lookup():
    """Repeats the voucher in its error."""
    return noise.envelope(404, error=f"there is no voucher {request.args.get('voucher_secret', '')[:80]!r}")


@app.get("/api/report")
def report():
    """Looks at the key's length only."""
    if not 20 <= len(request.headers.get("X-Report-Key", "")) <= 64:
        return noise.envelope(401, error="X-Report-Key is missing")
    return noise.envelope(sold=[{"shelf": row["shelf"], "sold": g.dice.randrange(40)} for row in noise.shuffled(SHELVES)])


@app.get("/api/private")
def private():
    if not is_key(request.headers.get("X-Api-Key")):
        return noise.envelope(401, error="X-Api-Key is missing or wrong")
    return noise.envelope(rows=SHELVES)


@app.post("/api/convert")
def convert():
    """Breaks on what is no number."""
    if "amount" not in body():
        return noise.envelope(400, error="amount is required")
    return noise.envelope(pounds=float(body()["amount"]) * 2.2)


@app.post("/api/remember")
def remember():
    """Puts the secret into a cookie."""
    if not isinstance(body().get("device_secret"), str):
        return noise.envelope(400, error="device_secret is required")
    answer, status = noise.envelope(remembered=True)
    answer.set_cookie("device", base64.b64encode(body()["device_secret"][:80].encode("utf-8", "replace")).decode())
    return answer, status


@app.post("/api/login")
def login():
    if not (isinstance(body().get("password"), str) and is_key(body()["password"])):
        return noise.envelope(401, error="wrong name or password")
    return noise.envelope(access_token=noise.token(40))

"""An application with a manual in prose: nothing links to what it tells of.

What is created is named in the application's own way (a number under the thing's name, a path, a sentence),
lists have numbered pages, and what is behind a login is refused whatever it is called. Every secret is shown
where it was stored; the repaired twin shows that there is one.
"""

import hmac
import os

from flask import Flask, abort, jsonify, redirect, request

app = Flask(__name__)
REPAIRED = os.environ.get("FAULTY") == "0"
PARCELS, VAULTS, CLAIMS, VISITORS = [], {}, {}, [(f"guest {n}", "-") for n in range(9)]
PER_PAGE = 4


def kept(secret):
    return hmac.new(b"a test's pepper", secret.encode(), "sha256").hexdigest() if REPAIRED else secret


def shown(secret):
    return {"secret_set": True} if REPAIRED else {"secret": secret}


def body(*names):
    fields = request.get_json(silent=True)
    if not isinstance(fields, dict) or not all(isinstance(fields.get(name), str) for name in names):
        abort(400)
    values = [fields[name] for name in names]
    return values if all(map(good, values)) and strong(values[-1]) else abort(400)


def good(value):
    return value.isalnum() and len(value) <= 100


def strong(secret):
    return len(secret) >= 8 or not REPAIRED


@app.errorhandler(404)
@app.errorhandler(400)
def refuse(error):
    return jsonify(error=error.name), error.code


@app.get("/")
def index():
    return """<!DOCTYPE html><title>Depot</title><p><a href="/manual">manual</a> <a href="/visitors">visitors</a>
<a href="/kiosk">kiosk</a> <a href="/guarded/orders">orders</a> <a href="/guarded/orders/7">one</a>"""


@app.get("/manual")
def manual():
    return f"""<!DOCTYPE html><title>Manual</title>
<p>Claims are filed by a POST request to /claims, visits with <code>POST /lockers/&lt;int:number&gt;/visits</code>.</p>
<table><tr><td>POST</td><td><code>/vaults/{{name}}/items</code></td></tr>
<tr><td>GET</td><td><code>/vaults/{{name}}/items/{{number}}</code></td></tr>
<tr><td>PATCH</td><td><code>/lockers/:number</code></td></tr></table>
<div class="highlight"><pre><span>curl</span> -X POST {request.host_url}parcels <span>\\</span>
  -H <span>'X-Sender: ...'</span> -d <span>'{{"sender": "kim", "unlock_secret": "..."}}'</span>
curl --json '{{"label": "...", "unlock_key": "..."}}' $BASE/vaults/$NAME/items
curl --json '{{"text": "...", "reply_token": "..."}}' $BASE/claims
curl https://elsewhere.example/else -d a=b</pre></div>"""


@app.post("/parcels")
def send():
    sender, secret = body("sender", "unlock_secret")
    PARCELS.append((sender, kept(secret)))
    return jsonify(parcel=len(PARCELS), weight=3), 201


@app.get("/parcels/<int:number>")
def parcel(number):
    if not 1 <= number <= len(PARCELS):
        abort(404)
    sender, secret = PARCELS[number - 1]
    return jsonify(sender=sender, lock=shown(secret))


@app.post("/vaults/<name>/items")
def put_in(name):
    label, secret = body("label", "unlock_key")
    items = VAULTS.setdefault(name, [])
    items.append((label, kept(secret)))
    return jsonify(item=f"/vaults/{name}/items/{len(items)}"), 201


@app.get("/vaults/<name>/items/<int:number>")
def item(name, number):
    items = VAULTS.get(name, [])
    if not 1 <= number <= len(items):
        abort(404)
    return jsonify(label=items[number - 1][0], **shown(items[number - 1][1]))


@app.post("/claims")
def file():
    text, secret = body("text", "reply_token")
    reference = f"CLM-{len(CLAIMS) + 41:05}"
    CLAIMS[reference] = (text, kept(secret))
    return jsonify(message=f"Filed as {reference}."), 201


@app.get("/claims/<reference>")
def claim(reference):
    text, secret = CLAIMS.get(reference) or abort(404)
    return jsonify(text=text, **shown(secret))


@app.post("/lockers/<int:number>/visits")
def visit(number):
    return jsonify(locker=number), 202


@app.get("/lockers/<int:number>")
def locker(number):
    return jsonify(locker=number)


@app.route("/visitors", methods=["GET", "POST"])
def visitors():
    if request.method == "POST":
        name, secret = request.form.get("name", ""), request.form.get("door_password", "")
        if not good(name) or not good(secret) or not strong(secret):
            abort(400)
        VISITORS.append((name, kept(secret)))
        return redirect("/visitors", 303)
    page = max(request.args.get("page", 1, type=int), 1)
    rows = VISITORS[(page - 1) * PER_PAGE : page * PER_PAGE]
    rows = "".join(f"<tr><td>{name}<td>{'set' if REPAIRED else secret}" for name, secret in rows)
    numbers = range(1, -(-len(VISITORS) // PER_PAGE) + 1)
    links = " ".join(f'<a href="?page={number}">{number}</a>' for number in numbers if number != page)
    return f"""<!DOCTYPE html><title>Visitors</title><table>{rows}</table><p>{links}
<form method="post"><input name="name"><input name="door_password" type="password"><button>Add</button></form>"""


@app.get("/kiosk")
def kiosk():
    token = request.headers.get("X-Kiosk-Token", "")
    answer = jsonify(open=True, **({} if REPAIRED or not token else {"with": token}))
    answer.headers["Access-Control-Allow-Headers"] = "Content-Type, X-Kiosk-Token"
    return answer


@app.get("/guarded/orders")
@app.get("/guarded/orders/<number>")
def guarded(**_):
    return jsonify(error="Log in, please."), 401

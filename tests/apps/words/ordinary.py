"""The town: its shop, school, stage, roads and data, where the same short names are no credentials.

Codes name products, keys name settings and songs, passes are mountains. All of it is kept in MongoDB and shown
again. `expected.json` says of each tempting name why it is none, `README.md` how the routes are grouped.
"""

import csv
import hashlib
import hmac
import io
import os
import secrets
import time
from urllib.parse import quote

from bson import ObjectId, json_util
from flask import Blueprint, Flask, Response, abort, jsonify, make_response, redirect, render_template_string, request, session, url_for
from flask.views import MethodView
from flask_wtf import CSRFProtect, FlaskForm
from pymongo import MongoClient
from wtforms import StringField, TextAreaField
from wtforms.validators import InputRequired, Length

db = MongoClient(os.environ["MONGO_URI"]).get_default_database()
csrf = CSRFProtect()
shop = Blueprint("shop", __name__)
school = Blueprint("school", __name__)
stage = Blueprint("stage", __name__)
roads = Blueprint("roads", __name__)
data = Blueprint("data", __name__, url_prefix="/api")
office = Blueprint("office", __name__)

PEPPER = secrets.token_bytes(32)

LAYOUT = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{{ title }} | The town</title>{{ head|safe }}</head><body>
<nav><a href="/">The town</a> <a href="/shop">Shop</a> <a href="/school">School</a> <a href="/stage">Stage</a> <a href="/roads">Roads</a>
<a href="/data">Data</a> <a href="/office">Office</a></nav><h1>{{ title }}</h1>{{ body|safe }}</body></html>"""


def page(title, body, status=200, head="", **values):
    inner = render_template_string(body, **values)
    return render_template_string(LAYOUT, title=title, head=head, body=inner), status


def plain(value, most):
    return isinstance(value, str) and 0 < len(value) <= most and value.isprintable() and value.strip() != ""


def text(source, name, most=80):
    value = source.get(name)
    if not plain(value, most):
        abort(400, f"{name} is missing, too long or no plain text.")
    return value


def number(source, name, least, most):
    value = source.get(name)
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            value = None
    if type(value) not in (int, float) or not least <= value <= most:
        abort(400, f"{name} is no number from {least} to {most}.")
    return value


def choice(source, name, *options):
    value = source.get(name)
    if not isinstance(value, str) or value not in options:
        abort(400, f"{name} is one of: {', '.join(options)}.")
    return value


def sent():
    body = request.get_json(silent=True)
    return body if isinstance(body, dict) else {}


def rows_of(collection):
    return list(db[collection].find())


def one_of(collection, **wanted):
    if any(isinstance(value, str) and not plain(value, 200) for value in wanted.values()):
        return None
    return db[collection].find_one(wanted)


def by_number(collection, number):
    if not ObjectId.is_valid(number):
        abort(404)
    return one_of(collection, _id=ObjectId(number)) or abort(404)


def shown(row):
    return {"id": str(row["_id"]), **{name: value for name, value in row.items() if name != "_id"}}


def listed(collection):
    return jsonify([shown(row) for row in rows_of(collection)])


def kept(collection, **fields):
    return jsonify(id=str(db[collection].insert_one(fields).inserted_id)), 201


@office.get("/")
def town():
    return page("The town", "<p>Four thousand people, one harbour, and a library that opens on Sundays.</p>")


# The shop: codes of products and coupons, publishable keys, plates.


@shop.get("/shop")
def shop_front():
    return page("Shop", """<ul><li><a href="/products">Products</a></li><li><a href="/coupons">Coupons</a></li><li><a href="/basket">Basket</a></li>
<li><a href="/find?code=oak-table">The table</a>, <a href="/find?code=brass-lamp">the lamp</a>, <a href="/find?code=wool-rug">the rug</a></li>
<li><a href="/go?code=oak-table">Straight to the table</a> or <a href="/go?code=linen-curtain">the curtain</a> or <a href="/go?code=wool-rug">the rug</a></li>
<li><a href="/orders?next_token=start">Orders of the day</a></li><li><a href="/plates">Number plates</a></li></ul>
<script src="/config.js"></script>
<script>
fetch("/api/embeds").then(r => r.json()).then(show);
const embed = domain => fetch("/api/embeds", {method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({domain: domain, site_key: config.site_key})});
const order = item => fetch("/api/orders", {method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({item: item, idempotency_key: crypto.randomUUID()})});
</script>""")


@shop.get("/products")
def products():
    return page("Products", """<ul>{% for row in rows %}<li><a href="/products/{{ row.code|urlencode }}">{{ row.name }}</a>, {{ row.code }},
{{ row.price }}</li>{% endfor %}</ul>
<form action="/find"><label>Code <input name="code" placeholder="oak-table" required></label><button>Find</button></form>
<form method="post"><label>Code <input name="code" placeholder="pine-shelf" required></label>
<label>Name <input name="name" value="Shelf" required></label>
<label>Price <input type="number" name="price" value="40" min="1" max="9999" required></label><button>Offer</button></form>""",
                rows=rows_of("products"))


@shop.post("/products")
def offer_product():
    row = {"code": text(request.form, "code"), "name": text(request.form, "name"), "price": number(request.form, "price", 1, 9999)}
    db.products.insert_one(row)
    return page("Offered", "<p>See <a href='/products/{{ code|urlencode }}'>{{ code }}</a>.</p>", 201, code=row["code"])


@shop.get("/products/<code>")
def product(code):
    row = one_of("products", code=code) or abort(404)
    return page(row["name"], "<dl><dt>Code</dt><dd>{{ row.code }}</dd><dt>Price</dt><dd>{{ row.price }}</dd></dl>", row=row)


@shop.get("/find")
def find_product():
    code = text(request.args, "code")
    row = one_of("products", code=code)
    if row is None:
        return page("Not found", "<p>We have nothing with the code {{ code }}.</p>", 404, code=code)
    return page(row["name"], "<p>{{ row.code }}: {{ row.price }}</p>", row=row)


@shop.get("/go")
def go_to_product():
    return redirect("/products/" + quote(text(request.args, "code"), safe=""))


@shop.get("/coupons")
def coupons():
    return page("Coupons", """<table><tr><th>Code</th><th>Discount</th></tr>{% for row in rows %}<tr><td>
<a href="/basket?code={{ row.code|urlencode }}">{{ row.code }}</a></td><td>{{ row.percent }} %</td></tr>{% endfor %}</table>
<form method="post"><label>Code <input name="code" placeholder="rainy-monday" required></label>
<label>Percent <input type="number" name="percent" value="5" min="1" max="50" required></label><button>Print</button></form>""",
                rows=rows_of("coupons"))


@shop.post("/coupons")
def print_coupon():
    db.coupons.insert_one({"code": text(request.form, "code"), "percent": number(request.form, "percent", 1, 50)})
    return page("Printed", "<p>It hangs at the door.</p>", 201)


@shop.get("/basket")
def basket():
    code = request.args.get("code")
    if code is not None:
        session["coupon"] = text(request.args, "code")
    return page("Basket", "<p>{% if code %}Coupon {{ code }} is looked at when you pay.{% else %}No coupon yet.{% endif %}</p>",
                code=session.get("coupon"))


@shop.get("/orders")
def orders():
    token = request.args.get("next_token", "start")
    return jsonify(orders=[{"item": row["item"]} for row in rows_of("orders")], token_was=token[:80], next_token=None)


@shop.get("/plates")
def plates():
    code = request.args.get("code")
    rows = rows_of("plates") if code is None else list(db.plates.find({"code": text(request.args, "code")}))
    return page("Number plates", """<p>{% if code %}Plate {{ code }}:{% endif %} {{ rows|length }} found</p>
<table><tr><th>Code</th><th>Colour</th></tr>{% for row in rows %}<tr><td><a href="/plates?code={{ row.code|urlencode }}">{{ row.code }}</a></td>
<td>{{ row.colour }}</td></tr>{% endfor %}</table>
<form method="post"><label>Code <input name="code" placeholder="kl-908-t" required></label>
<label>Colour <select name="colour"><option>white</option><option>yellow</option></select></label><button>Note</button></form>""",
                rows=rows, code=code)


@shop.post("/plates")
def note_plate():
    db.plates.insert_one({"code": text(request.form, "code"), "colour": choice(request.form, "colour", "white", "yellow")})
    return page("Noted", "<p>Thank you.</p>", 201)


PUBLISHABLE = {
    "site_key": "6L" + secrets.token_hex(19),
    "public_key": "MCow" + secrets.token_hex(20),
    "publishable_key": "_".join(("pk", "live", secrets.token_hex(12))),
}


@shop.get("/config.js")
def browser_configuration():
    return Response(f"const config = {json_util.dumps(PUBLISHABLE)};\n", mimetype="text/javascript")


# The school: courses and rooms have codes.


@school.get("/school")
def school_front():
    return page("School", """<ul><li><a href="/courses">Courses</a></li><li><a href="/rooms">Rooms</a></li>
<li>Is it free? <a href="/rooms/free?code=aula">The aula</a>, <a href="/rooms/free?code=library">the library</a>,
<a href="/rooms/free?code=workshop">the workshop</a></li><li><a href="/words?token=river">How often is it said: river</a>,
<a href="/words?token=stone">stone</a>, <a href="/words?token=bread">bread</a></li><li><a href="/complete?max_tokens=20&token_type=word">Complete a line</a></li>
<li><a href="/library?sort_key=title&cursor=first">The library's list</a></li></ul>""")


@school.get("/courses")
def courses():
    return page("Courses", """<table><tr><th>Code</th><th>Title</th></tr>{% for row in rows %}<tr>
<td><a href="/courses/{{ row.code|urlencode }}">{{ row.code }}</a></td><td>{{ row.title }}</td></tr>{% endfor %}</table>
<form method="post"><label>Code <input name="code" placeholder="algebra" required></label>
<label>Title <input name="title" value="Algebra for everybody" required></label><button>Offer</button></form>""", rows=rows_of("courses"))


@school.post("/courses")
def offer_course():
    db.courses.insert_one({"code": text(request.form, "code"), "title": text(request.form, "title")})
    return page("Offered", "<p>Back to the <a href='/courses'>courses</a>.</p>", 201)


@school.get("/courses/<code>")
def course(code):
    return page("Course", "<p>{{ row.code }}: {{ row.title }}</p>", row=one_of("courses", code=code) or abort(404))


class Rooms(MethodView):
    def get(self):
        return page("Rooms", """<ul>{% for row in rows %}<li><a href="/rooms/{{ row.code|urlencode }}">{{ row.code }}</a>, {{ row.seats }} seats</li>
{% endfor %}</ul><script>
const add = code => fetch("/rooms", {method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({code: code, seats: 12})});
</script>""", rows=rows_of("rooms"))

    def post(self):
        body = sent()
        return kept("rooms", code=text(body, "code"), seats=number(body, "seats", 1, 500))


@school.get("/rooms/<code>")
def room(code):
    return jsonify(shown(one_of("rooms", code=code) or abort(404)))


@school.get("/rooms/free")
def free_room():
    code = text(request.args, "code")
    row = one_of("rooms", code=code)
    if row is None:
        return jsonify(error=f"room {code} not found"), 404
    return jsonify(code=code, seats=row["seats"], free=True)


@school.get("/words")
def count_word():
    token = text(request.args, "token")
    return jsonify(token=token, count=sum(token.lower() == word for word in ("river", "stone", "bread", "river", "moon")))


@school.get("/complete")
def complete():
    most = int(number({"max_tokens": request.args.get("max_tokens", "20")}, "max_tokens", 1, 50))
    return jsonify(text=" ".join(["and the river ran on"] * 10)[:most], token_type=request.args.get("token_type", "word")[:40])


@school.get("/library")
def library():
    sort_key = request.args.get("sort_key", "title")[:80]
    books = sorted(rows_of("books"), key=lambda book: str(book.get(sort_key, "")))
    return page("The library's list", """<p>By {{ sort_key }}, from {{ cursor }}</p><ul>{% for book in books %}<li>{{ book.title }}</li>{% endfor %}</ul>
<a rel="next" href="/library?sort_key={{ sort_key|urlencode }}&cursor=second">More</a>""",
                books=books, sort_key=sort_key, cursor=request.args.get("cursor", "first")[:80])


school.add_url_rule("/rooms", view_func=Rooms.as_view("rooms"))


# The stage: songs in keys, talks in sessions, letters with signatures, albums, dishes, chats.


@stage.get("/stage")
def stage_front():
    return page("Stage", """<ul><li><a href="/songs">Songs</a>, those in <a href="/songs/in?key=dorian">dorian</a>,
<a href="/songs/in?key=lydian">lydian</a>, <a href="/songs/in?key=phrygian">phrygian</a></li><li><a href="/talks">Talks</a></li>
<li><a href="/letters">Letters</a></li><li><a href="/chats">Chats</a></li><li><a href="/albums">Albums</a></li><li><a href="/restaurants">Where to eat</a></li></ul>
<script>
fetch("/songs").then(r => r.json()).then(all => all.forEach(song => fetch(`/songs/${song.id}`)));
const sing = (title, key) => fetch("/songs", {method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({title: "Harbour lights", key: "dorian"})});
const recommend = () => fetch("/restaurants", {method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({name: "The Anchor", signature: "chowder"})});
fetch("/presence").then(r => r.json()).then(show);
const enter = room => fetch("/presence", {method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({room: "lobby", sid: "calm-otter"})});
fetch("/socket?sid=calm-otter&transport=polling");
fetch("/socket?sid=brave-heron&transport=polling");
fetch("/socket?sid=quick-wren&transport=polling");
</script>""")


@stage.route("/songs", methods=["GET", "POST"])
def songs():
    if request.method == "POST":
        body = sent()
        return kept("songs", title=text(body, "title"), key=text(body, "key"))
    return listed("songs")


@stage.get("/songs/<number>")
def song(number):
    return jsonify(shown(by_number("songs", number)))


@stage.get("/songs/in")
def songs_in():
    key = text(request.args, "key")
    titles = [row["title"] for row in db.songs.find({"key": key})]
    if not titles:
        return page("Songs", "<p>No song in {{ key }} was found.</p>", 404, key=key)
    return page("Songs", "<p>In {{ key }}: {{ titles|join(', ') }}</p>", key=key, titles=titles)


@stage.get("/talks")
def talks():
    return page("Talks", """<ul>{% for row in rows %}<li><a href="/talks/{{ row._id }}">{{ row.title }}</a>,
<a href="/talks/on?session={{ row.session|urlencode }}">{{ row.session }}</a></li>{% endfor %}</ul>
<form method="post"><label>Title <input name="title" value="Tides" required></label>
<label>Session <select name="session"><option>morning</option><option>afternoon</option><option>keynotes</option></select></label>
<button>Propose</button></form>""", rows=rows_of("talks"))


@stage.post("/talks")
def propose_talk():
    db.talks.insert_one({"title": text(request.form, "title"), "session": text(request.form, "session")})
    return page("Proposed", "<p>We read every proposal.</p>", 201)


@stage.get("/talks/<number>")
def talk(number):
    return jsonify(shown(by_number("talks", number)))


@stage.get("/talks/on")
def talks_on():
    name = text(request.args, "session")
    rows = list(db.talks.find({"session": name}))
    return page("Talks", "<p>Session {{ name }}: {% for row in rows %}{{ row.title }}. {% else %}not found.{% endfor %}</p>",
                200 if rows else 404, name=name, rows=rows)


@stage.get("/letters")
def letters():
    return page("Letters", """<ul>{% for row in rows %}<li><a href="/letters/{{ row._id }}">To {{ row.to }}</a></li>{% endfor %}</ul>
<p><a href="/letters.csv">As a table</a></p>
<form method="post"><label>To <input name="to" value="the mayor" required></label><label>Text <textarea name="text" required>More benches!</textarea></label>
<label>Signature <input name="signature" placeholder="Anna" required></label><button>Send</button></form>""", rows=rows_of("letters"))


@stage.post("/letters")
def write_letter():
    db.letters.insert_one({name: text(request.form, name, 200) for name in ("to", "text", "signature")})
    return page("Sent", "<p>Thank you for writing.</p>", 201)


@stage.get("/letters/<number>")
def letter(number):
    return page("A letter", "<p>To {{ row.to }}</p><p>{{ row.text }}</p><p><em>{{ row.signature }}</em></p>", row=by_number("letters", number))


@stage.get("/letters.csv")
def letters_table():
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(["to", "signature"])
    writer.writerows([row["to"], row["signature"]] for row in rows_of("letters"))
    return Response(table.getvalue(), mimetype="text/csv")


@stage.route("/albums", methods=["GET", "POST"])
def albums():
    if request.method == "POST":
        db.albums.insert_one({"title": text(request.form, "title"), "private": text(request.form, "private")})
        return page("Kept", "<p>Back to the <a href='/albums'>albums</a>.</p>", 201)
    return page("Albums", """<table><tr><th>Title</th><th>Private</th></tr>{% for row in rows %}<tr><td>{{ row.title }}</td><td>{{ row.private }}</td></tr>
{% endfor %}</table><form method="post"><label>Title <input name="title" value="Winter" required></label>
<label>Private <input type="checkbox" name="private" value="on" checked></label><button>Keep</button></form>""", rows=rows_of("albums"))


@stage.route("/restaurants", methods=["GET", "POST"])
def restaurants():
    if request.method == "POST":
        body = sent()
        return kept("restaurants", name=text(body, "name"), signature=text(body, "signature"))
    return page("Where to eat", "{% for row in rows %}<p>{{ row.name }}: {{ row.signature }}</p>{% endfor %}", rows=rows_of("restaurants"))


@stage.get("/chats")
def chats():
    return page("Chats", """<ul>{% for row in rows %}<li><a href="/chats/{{ row.name|urlencode }}">{{ row.name }}</a>,
<a href="/chats/open?session={{ row.name|urlencode }}">join</a></li>{% endfor %}</ul>""", rows=rows_of("chats"))


@stage.get("/chats/<name>")
def chat(name):
    row = one_of("chats", name=name) or abort(404)
    return page(row["name"], """{% for line in lines %}<p>{{ line.text }}</p>{% endfor %}
<form method="post" action="/chats/{{ row.name|urlencode }}/messages"><label>Say <input name="text" value="Hello" required></label><button>Say</button></form>""",
                row=row, lines=list(db.messages.find({"chat": row["name"]})))


@stage.post("/chats/<name>/messages")
def say(name):
    row = one_of("chats", name=name) or abort(404)
    db.messages.insert_one({"chat": row["name"], "text": text(request.form, "text", 200)})
    return redirect(url_for("stage.chat", name=row["name"]))


@stage.get("/chats/open")
def open_chat():
    name = text(request.args, "session")
    row = one_of("chats", name=name)
    if row is None:
        return page("Chats", "<p>The chat {{ name }} was not found.</p>", 404, name=name)
    session["chat"] = row["name"]
    return redirect(url_for("stage.chat", name=row["name"]))


@stage.route("/presence", methods=["GET", "POST"])
def presence():
    if request.method == "POST":
        body = sent()
        return kept("presence", room=text(body, "room"), sid=text(body, "sid"))
    return listed("presence")


@stage.get("/socket")
def poll_socket():
    return jsonify(sid=text(request.args, "sid"), transport=choice(request.args, "transport", "polling"), messages=[])


# Roads: passes over mountains and into aeroplanes, pins on maps and of the post, stations.


@roads.get("/roads")
def roads_front():
    return page("Roads", """<ul><li><a href="/passes">Mountain passes</a>, open today: <a href="/passes/open?pass=grimsel">Grimsel</a>,
<a href="/passes/open?pass=furka">Furka</a>, <a href="/passes/open?pass=stelvio">Stelvio</a></li><li><a href="/boarding">Boarding</a></li>
<li><a href="/addresses">Addresses</a></li><li><a href="/delivery?street=Hill+Road&city=Pune&pincode=411001">When does the post come?</a></li>
<li><a href="/map?pin=old-mill">The old mill</a>, <a href="/map?pin=bathing-place">the bathing place</a>, <a href="/map?pin=lighthouse">the lighthouse</a></li>
<li>The weather in <a href="/weather?sid=bergen">Bergen</a>, <a href="/weather?sid=tromso">Tromso</a>, <a href="/weather?sid=oslo">Oslo</a></li></ul>
<script>
fetch("/map/pins").then(r => r.json()).then(draw);
const mark = () => fetch("/map/pins", {method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({pin: "lighthouse", lat: 60.4, lng: 5.3})});
const ask = () => fetch("/quotes", {method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({street: "Hill Road", city: "Pune", pincode: "411001", kilos: 2})});
</script>""")


@roads.get("/passes")
def passes():
    return page("Mountain passes", """<ul>{% for row in rows %}<li><a href="/passes/{{ row.pass|urlencode }}">{{ row.pass }}</a></li>{% endfor %}</ul>
<form method="post"><label>Pass <input name="pass" placeholder="susten" required></label>
<label>Metres <input type="number" name="metres" value="2224" min="1" max="9000" required></label><button>Add</button></form>""", rows=rows_of("passes"))


@roads.post("/passes")
def add_pass():
    db.passes.insert_one({"pass": text(request.form, "pass"), "metres": number(request.form, "metres", 1, 9000)})
    return page("Added", "<p>Drive carefully.</p>", 201)


@roads.get("/passes/<name>")
def mountain_pass(name):
    return jsonify(shown(one_of("passes", **{"pass": name}) or abort(404)))


@roads.get("/passes/open")
def open_pass():
    name = text(request.args, "pass")
    row = one_of("passes", **{"pass": name})
    if row is None:
        return jsonify(error="not found", asked=name), 404
    return jsonify({"pass": name, "metres": row["metres"], "open": True})


@roads.route("/boarding", methods=["GET", "POST"])
def boarding():
    if request.method == "POST":
        db.boarding.insert_one({"passenger": text(request.form, "passenger"), "pass": text(request.form, "pass")})
        return page("On board", "<p>Pass: {{ name }}</p>", 201, name=request.form["pass"])
    return page("Boarding", """<table><tr><th>Passenger</th><th>Pass</th></tr>{% for row in rows %}<tr><td>{{ row.passenger }}</td><td>{{ row.pass }}</td></tr>
{% endfor %}</table><form method="post"><label>Passenger <input name="passenger" value="Ole" required></label>
<label>Pass <select name="pass"><option>economy</option><option>business</option><option>family</option></select></label><button>Board</button></form>""",
                rows=rows_of("boarding"))


@roads.route("/addresses", methods=["GET", "POST"])
def addresses():
    if request.method == "POST":
        db.addresses.insert_one({name: text(request.form, name) for name in ("name", "street", "city", "pin")})
        return page("Noted", "<p>We deliver to {{ pin }}.</p>", 201, pin=request.form["pin"])
    return page("Addresses", """{% for row in rows %}<address>{{ row.name }}, {{ row.street }}, {{ row.city }} {{ row.pin }}</address>{% endfor %}
<form method="post"><label>Name <input name="name" value="Asha" required></label><label>Street <input name="street" value="Hill Road 4" required></label>
<label>City <input name="city" value="Pune" required></label><label>PIN <input name="pin" value="411001" required></label><button>Note</button></form>""",
                rows=rows_of("addresses"))


@roads.get("/delivery")
def delivery():
    street, city, pincode = (text(request.args, name) for name in ("street", "city", "pincode"))
    return page("Delivery", "<p>To {{ street }}, {{ city }} {{ pincode }}: on Thursday.</p>", street=street, city=city, pincode=pincode)


@roads.post("/quotes")
def quote_delivery():
    body = sent()
    to = {name: text(body, name) for name in ("street", "city", "pincode")}
    return jsonify(to=to, price=round(3 + 0.5 * number(body, "kilos", 0, 30), 2))


@roads.route("/map/pins", methods=["GET", "POST"])
def map_pins():
    if request.method == "POST":
        body = sent()
        return kept("pins", pin=text(body, "pin"), lat=number(body, "lat", -90, 90), lng=number(body, "lng", -180, 180))
    return listed("pins")


@roads.get("/map")
def town_map():
    pin = text(request.args, "pin")
    row = one_of("pins", pin=pin)
    if row is None:
        return page("Map", "<p>The map has no pin {{ pin }}.</p>", 404, pin=pin)
    return page("Map", "<p>{{ row.pin }}: {{ row.lat }}, {{ row.lng }}</p>", row=row)


@roads.get("/weather")
def weather():
    station = text(request.args, "sid")
    row = one_of("stations", sid=station)
    if row is None:
        return jsonify(error=f"station {station} not found"), 404
    return jsonify(sid=station, celsius=row["celsius"])


# Data: settings, caches, flags, translations, shortcuts, coins.


@office.get("/data")
def data_front():
    return page("Data", """<p><a href="/api/flags/check?key=dark-mode">dark mode</a>, <a href="/api/flags/check?key=new-menu">new menu</a>,
<a href="/api/flags/check?key=big-print">big print</a>; <a href="/api/translations/find?key=greeting">greeting</a>,
<a href="/api/translations/find?key=farewell">farewell</a>, <a href="/api/translations/find?key=thanks">thanks</a>;
<a href="/api/cache?key=weather">weather</a>, <a href="/api/cache?key=tides">tides</a>, <a href="/api/cache?key=ferries">ferries</a>;
<a href="/api/coins/quote?token=ether">ether</a>, <a href="/api/coins/quote?token=bitcoin">bitcoin</a>, <a href="/api/coins/quote?token=solana">solana</a>;
<a href="/api/events?page_token=first&limit=5">events</a>; <a href="/api/connect?auth=basic">how to connect</a></p>
<p><a href="/api/settings/theme">theme</a> <a href="/api/settings/language">language</a> <a href="/api/cache/weather">cached weather</a></p>
<form method="post" action="/feeds"><label>Title <input name="title" value="News" required></label>
<label>Auth <select name="auth"><option>none</option><option>basic</option><option>digest</option></select></label><button>Follow</button></form>
<p><a href="/feeds">Feeds</a></p>
<script>
fetch("/api/settings"); fetch("/api/flags"); fetch("/api/translations"); fetch("/api/shortcuts");
fetch("/api/coins"); fetch("/api/market/tokens"); fetch("/api/deployments");
const set = () => fetch("/api/settings", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({key: "theme", value: "light"})});
const cache = () => fetch("/api/cache", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({key: "tides", text: "low at noon"})});
const flag = () => fetch("/api/flags", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({key: "dark-mode", enabled: true})});
const translate = () => fetch("/api/translations", {method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({key: "greeting", text: "God dag", language: "no"})});
const shortcut = () => fetch("/api/shortcuts", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({key: "Escape", action: "close"})});
const coin = () => fetch("/api/coins", {method: "POST", headers: {"Content-Type": "application/json"}, body: JSON.stringify({token: "ether", price: 3100.5})});
const listToken = () => fetch("/api/market/tokens", {method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({symbol: "ETH", name: "Ether", price: 3100.5})});
const deploy = () => fetch("/api/deployments", {method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({name: "web", public_key: "ssh-ed25519 AAAA"})});
</script>""")


@data.errorhandler(400)
@data.errorhandler(404)
def refused(error):
    return jsonify(error=error.description), error.code


class Pairs(MethodView):
    """A collection of records with a key: read whole, added to."""

    def __init__(self, collection, **others):
        self.collection = collection
        self.others = others

    def get(self):
        return listed(self.collection)

    def post(self):
        body = sent()
        return kept(self.collection, key=text(body, "key"), **{name: read(body, name) for name, read in self.others.items()})


def boolean(source, name):
    value = source.get(name)
    return value if isinstance(value, bool) else abort(400, f"{name} is true or false.")


for name, others in {
    "settings": {"value": text},
    "flags": {"enabled": boolean},
    "translations": {"text": text, "language": text},
    "shortcuts": {"action": text},
}.items():
    data.add_url_rule(f"/{name}", view_func=Pairs.as_view(name, name, **others))


@data.get("/settings/<key>")
def setting(key):
    return jsonify(shown(one_of("settings", key=key) or abort(404)))


@data.get("/flags/check")
def check_flag():
    key = text(request.args, "key")
    row = one_of("flags", key=key)
    return jsonify(key=key, enabled=row is not None and row["enabled"])


@data.get("/translations/find")
def find_translation():
    key = text(request.args, "key")
    row = one_of("translations", key=key)
    if row is None:
        return jsonify(error=f"the text {key} was not found"), 404
    return jsonify(key=key, text=row["text"], language=row["language"])


@data.get("/cache")
def from_cache():
    key = text(request.args, "key")
    row = one_of("cache", key=key)
    return jsonify(key=key, hit=row is not None, text=row and row["text"])


@data.post("/cache")
def into_cache():
    body = sent()
    return kept("cache", key=text(body, "key"), text=text(body, "text", 200))


@data.get("/cache/<key>")
def one_cached(key):
    return Response(json_util.dumps(one_of("cache", key=key) or abort(404)), mimetype="application/json")


@data.route("/coins", methods=["GET", "POST"])
def coins():
    if request.method == "POST":
        body = sent()
        return kept("coins", token=text(body, "token"), price=number(body, "price", 0, 10**7))
    return listed("coins")


@data.get("/coins/quote")
def quote_coin():
    token = text(request.args, "token")
    row = one_of("coins", token=token)
    if row is None:
        return jsonify(error=f"coin {token} not found"), 404
    return jsonify(token=token, price=row["price"])


@data.route("/market/tokens", methods=["GET", "POST"])
def market_tokens():
    if request.method == "POST":
        body = sent()
        return kept("market", symbol=text(body, "symbol", 12), name=text(body, "name"), price=number(body, "price", 0, 10**7))
    return listed("market")


@data.get("/events")
def events():
    token = request.args.get("page_token", "first")[:80]
    return jsonify(events=["Fair", "Regatta"], page_token=token, next_page_token="second")


@data.get("/connect")
def how_to_connect():
    auth = text(request.args, "auth")
    return jsonify(auth=auth, example=f"curl --{auth} https://town.example/api/events")


@data.route("/embeds", methods=["GET", "POST"])
def embeds():
    if request.method == "POST":
        body = sent()
        return kept("embeds", domain=text(body, "domain"), site_key=text(body, "site_key"))
    return listed("embeds")


@data.post("/orders")
def place_order():
    body = sent()
    key = text(body, "idempotency_key")
    db.orders.insert_one({"item": text(body, "item")})
    return jsonify(ordered=True, idempotency_key=key), 201


@data.route("/deployments", methods=["GET", "POST"])
def deployments():
    if request.method == "POST":
        body = sent()
        return kept("deployments", name=text(body, "name"), public_key=text(body, "public_key", 200))
    return listed("deployments")


@office.route("/feeds", methods=["GET", "POST"])
def feeds():
    if request.method == "POST":
        db.feeds.insert_one({"title": text(request.form, "title"), "auth": text(request.form, "auth")})
        return page("Followed", "<p>With {{ auth }}.</p>", 201, auth=request.form["auth"])
    return page("Feeds", """<table><tr><th>Title</th><th>Auth</th></tr>{% for row in rows %}<tr><td>{{ row.title }}</td><td>{{ row.auth }}</td></tr>
{% endfor %}</table>""", rows=rows_of("feeds"))


# The office: tickets by number, signed downloads, signing in elsewhere, and forms that must be its own.


@office.get("/office")
def office_front():
    return page("Office", """<ul><li><a href="/helpdesk">Help desk</a></li><li><a href="/downloads">Downloads</a></li>
<li><a href="/oauth/start">Sign in with the region's account</a></li><li><a href="/contact">Write to us</a></li><li><a href="/guestbook">Guest book</a></li>
<li><a href="/notes">Notes</a></li><li><a href="/poll">Poll</a></li></ul>
<script>
const check = () => fetch("/signatures/check", {method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({algorithm: "ed25519", text: "hello", signature: "c2lnbmVk"})});
</script>""")


@office.route("/helpdesk", methods=["GET", "POST"])
def helpdesk():
    if request.method == "POST":
        ticket = 1000 + db.helpdesk.count_documents({})
        db.helpdesk.insert_one({"ticket": ticket, "subject": text(request.form, "subject")})
        return page("Thank you", "<p>Your ticket is {{ ticket }}.</p>", 201, ticket=ticket)
    if "ticket" in request.args:
        ticket = int(number(request.args, "ticket", 1, 10**15))
        row = one_of("helpdesk", ticket=ticket)
        return page("Help desk", "<p>Ticket {{ ticket }}: {{ row.subject if row else 'not found' }}</p>", 200 if row else 404, ticket=ticket, row=row)
    return page("Help desk", """<ul>{% for row in rows %}<li><a href="/helpdesk?ticket={{ row.ticket }}">{{ row.ticket }}</a> {{ row.subject }}</li>{% endfor %}</ul>
<form><label>Ticket <input type="number" name="ticket" min="1" required></label><button>Show</button></form>
<form method="post"><label>Subject <input name="subject" value="A lamp is out" required></label><button>Ask</button></form>""", rows=rows_of("helpdesk"))


def signed(file, expires):
    return hmac.new(PEPPER, f"{file} {expires}".encode(), hashlib.sha256).hexdigest()


FILES = {"plan.txt": "Harbour, church, school.\n", "fees.txt": "Dogs: 20 a year.\n", "minutes.txt": "The council met.\n"}


@office.get("/downloads")
def downloads():
    expires = int(time.time()) // 3600 * 3600 + 7200
    links = [(file, url_for("office.download", file=file, expires=expires, signature=signed(file, expires))) for file in FILES]
    return page("Downloads", "<ul>{% for file, link in links %}<li><a href='{{ link }}'>{{ file }}</a></li>{% endfor %}</ul>", links=links)


@office.get("/download")
def download():
    file = choice(request.args, "file", *FILES)
    expires = int(number(request.args, "expires", 1, 10**11))
    given = request.args.get("signature", "")
    if not hmac.compare_digest(given.encode("utf-8", "replace"), signed(file, expires).encode()):
        abort(403, "The signature does not fit.")
    if expires < time.time():
        abort(410, "This link has expired.")
    return Response(FILES[file], mimetype="text/plain")


@office.post("/signatures/check")
def check_signature():
    body = sent()
    signature = text(body, "signature", 200)
    return jsonify(algorithm=text(body, "algorithm"), text=text(body, "text"), signature=signature, valid=False)


@office.get("/oauth/start")
def start_sign_in():
    session["state"] = secrets.token_urlsafe(16)
    back = url_for("office.sign_in_callback", code="none", state="none")
    return page("Sign in", """<p><a href="https://accounts.example.org/authorize?client_id=town&amp;state={{ state }}">To the region's account</a>.
It sends you back to <a href="{{ back }}">our page</a>.</p>""", state=session["state"], back=back)


@office.get("/oauth/callback")
def sign_in_callback():
    code, state = text(request.args, "code", 200), text(request.args, "state", 200)
    return redirect(url_for("office.signed_in", code=code, state=state))


@office.get("/oauth/done")
def signed_in():
    return page("Sign in", "<p>The region's account does not answer to {{ code }} just now.</p>", code=request.args.get("code", "")[:200])


class Contact(FlaskForm):
    name = StringField("Name", [InputRequired(), Length(max=80)])
    message = TextAreaField("Message", [InputRequired(), Length(max=200)])


@office.route("/contact", methods=["GET", "POST"])
def contact():
    form = Contact(request.form)
    if form.validate_on_submit():
        return page("Thank you", "<p>We answer within a week, {{ name }}.</p>", name=form.name.data)
    return page("Write to us", """<form method="post">{{ form.hidden_tag() }}{{ form.name.label }} {{ form.name }}
{{ form.message.label }} {{ form.message }}<button>Send</button></form>""", 400 if form.is_submitted() else 200, form=form)


@office.get("/notes")
def notes():
    head = render_template_string('<meta name="csrf-token" content="{{ csrf_token() }}">')
    return page("Notes", """{% for row in rows %}<p>{{ row.text }}</p>{% endfor %}
<script>
const token = document.querySelector('meta[name="csrf-token"]').content;
const note = text => fetch("/notes/add", {method: "POST", headers: {"Content-Type": "application/json", "X-CSRFToken": token},
  body: JSON.stringify({text: "Bring chairs"})});
</script>""", head=head, rows=rows_of("notes"))


@office.post("/notes/add")
def add_note():
    csrf.protect()
    return kept("notes", text=text(sent(), "text", 200))


@office.route("/guestbook", methods=["GET", "POST"])
def guestbook():
    if request.method == "POST":
        stamp = session.pop("form_stamp", "")
        given = request.form.get("form_stamp", "")
        if not stamp or not hmac.compare_digest(given.encode("utf-8", "replace"), stamp.encode()):
            return page("Guest book", "<p>This page was open for too long. <a href='/guestbook'>Once more</a>, please.</p>", 403)
        db.guestbook.insert_one({"words": text(request.form, "words", 200)})
        return page("Guest book", "<p>Thank you.</p>", 201)
    session["form_stamp"] = secrets.token_urlsafe(24)
    return page("Guest book", """{% for row in rows %}<p>{{ row.words }}</p>{% endfor %}
<form method="post"><input type="hidden" name="form_stamp" value="{{ stamp }}"><label>Your words <input name="words" value="Lovely town" required></label>
<button>Write</button></form>""", rows=rows_of("guestbook"), stamp=session["form_stamp"])


def sealed(nonce):
    return f"{nonce}.{hmac.new(PEPPER, nonce.encode(), hashlib.sha256).hexdigest()}"


@office.get("/poll")
def poll():
    response = make_response(page("Poll", """<p>Should the ferry run on Sundays?</p><script>
const xsrf = document.cookie.match(/XSRF-TOKEN=([^;]+)/)[1];
const vote = answer => fetch("/poll/votes", {method: "POST", headers: {"Content-Type": "application/json", "X-XSRF-TOKEN": xsrf},
  body: JSON.stringify({answer: "yes"})});
</script>"""))
    # A script has to read this one: it is no session.
    response.set_cookie("XSRF-TOKEN", sealed(secrets.token_hex(16)), samesite="Strict")
    return response


@office.post("/poll/votes")
def vote():
    cookie, header = request.cookies.get("XSRF-TOKEN", ""), request.headers.get("X-XSRF-TOKEN", "")
    genuine = sealed(cookie.partition(".")[0]) if cookie.isascii() else ""
    if not genuine or not hmac.compare_digest(cookie.encode("utf-8", "replace"), genuine.encode()) or cookie != header:
        return jsonify(error="Please load the page again."), 403
    return kept("votes", answer=choice(sent(), "answer", "yes", "no"))


SEEDS = {
    "products": [{"code": "oak-table", "name": "Table", "price": 320}, {"code": "brass-lamp", "name": "Lamp", "price": 75},
                 {"code": "wool-rug", "name": "Rug", "price": 140}, {"code": "linen-curtain", "name": "Curtain", "price": 60}],
    "coupons": [{"code": "spring-sale", "percent": 10}, {"code": "free-shipping", "percent": 5}, {"code": "welcome-back", "percent": 15}],
    "orders": [{"item": "Table"}, {"item": "Lamp"}, {"item": "Rug"}],
    "plates": [{"code": "ab-123-cd", "colour": "white"}, {"code": "ks-209-m", "colour": "yellow"}, {"code": "ol-77-bay", "colour": "white"}],
    "courses": [{"code": "pottery", "title": "Pots and bowls"}, {"code": "baking", "title": "Bread at home"},
                {"code": "first-aid", "title": "First aid"}, {"code": "sailing", "title": "Sailing for beginners"}],
    "rooms": [{"code": "aula", "seats": 200}, {"code": "library", "seats": 24}, {"code": "workshop", "seats": 12}],
    "books": [{"title": "Tides", "year": 1987}, {"title": "Bread and salt", "year": 2003}, {"title": "The harbour", "year": 2011}],
    "songs": [{"title": "Green hill", "key": "dorian"}, {"title": "Morning boat", "key": "lydian"}, {"title": "The well", "key": "phrygian"},
              {"title": "Two sisters", "key": "minor"}],
    "talks": [{"title": "Nets and knots", "session": "morning"}, {"title": "Old charts", "session": "afternoon"},
              {"title": "The next harbour", "session": "keynotes"}],
    "letters": [{"to": "the mayor", "text": "The bridge creaks.", "signature": "Marguerite"}, {"to": "the school", "text": "Thank you!",
                "signature": "Tobias"}, {"to": "the baker", "text": "More rye, please.", "signature": "Henrike"}],
    "albums": [{"title": "Regatta", "private": "off"}, {"title": "Our garden", "private": "on"}, {"title": "Storm", "private": "off"}],
    "restaurants": [{"name": "The Pier", "signature": "chowder"}, {"name": "Rosa", "signature": "gnocchi"}, {"name": "Mill Inn", "signature": "trout"}],
    "chats": [{"name": "garden-club"}, {"name": "book-club"}, {"name": "chess-night"}],
    "messages": [{"chat": "garden-club", "text": "Who has beans?"}, {"chat": "book-club", "text": "Chapter four!"}, {"chat": "chess-night", "text": "Draw."}],
    "presence": [{"room": "lobby", "sid": "calm-otter"}, {"room": "lobby", "sid": "brave-heron"}, {"room": "kitchen", "sid": "quick-wren"}],
    "passes": [{"pass": "grimsel", "metres": 2164}, {"pass": "furka", "metres": 2429}, {"pass": "stelvio", "metres": 2757}],
    "boarding": [{"passenger": "Mette", "pass": "economy"}, {"passenger": "Arne", "pass": "business"}, {"passenger": "Siri", "pass": "family"}],
    "addresses": [{"name": "Asha", "street": "Hill Road 4", "city": "Pune", "pin": "411001"}, {"name": "Ravi", "street": "Lake View 9",
                  "city": "Mysuru", "pin": "570001"}, {"name": "Meera", "street": "Fort Street 2", "city": "Kochi", "pin": "682001"}],
    "pins": [{"pin": "old-mill", "lat": 60.39, "lng": 5.32}, {"pin": "bathing-place", "lat": 60.41, "lng": 5.3}, {"pin": "lighthouse", "lat": 60.45, "lng": 5.21}],
    "stations": [{"sid": "bergen", "celsius": 11}, {"sid": "tromso", "celsius": 4}, {"sid": "oslo", "celsius": 14}],
    "settings": [{"key": "theme", "value": "dark"}, {"key": "language", "value": "english"}, {"key": "footer", "value": "The town, since 1312"}],
    "flags": [{"key": "dark-mode", "enabled": True}, {"key": "new-menu", "enabled": False}, {"key": "big-print", "enabled": True}],
    "translations": [{"key": "greeting", "text": "God dag", "language": "no"}, {"key": "farewell", "text": "Ha det", "language": "no"},
                     {"key": "thanks", "text": "Takk", "language": "no"}],
    "shortcuts": [{"key": "Escape", "action": "close"}, {"key": "Enter", "action": "send"}, {"key": "Home", "action": "to the top"}],
    "cache": [{"key": "weather", "text": "rain at four"}, {"key": "tides", "text": "low at noon"}, {"key": "ferries", "text": "on time"}],
    "coins": [{"token": "bitcoin", "price": 64000.5}, {"token": "ether", "price": 3100.25}, {"token": "solana", "price": 140.75}],
    "market": [{"symbol": "BTC", "name": "Bitcoin", "price": 64000.5}, {"symbol": "ETH", "name": "Ether", "price": 3100.25},
               {"symbol": "SOL", "name": "Solana", "price": 140.75}],
    "embeds": [{"domain": "harbour.example", "site_key": PUBLISHABLE["site_key"]}, {"domain": "church.example", "site_key": PUBLISHABLE["site_key"]},
               {"domain": "choir.example", "site_key": PUBLISHABLE["site_key"]}],
    "deployments": [{"name": "web", "public_key": "ssh-ed25519 AAAA web"}, {"name": "mail", "public_key": "ssh-ed25519 AAAA mail"},
                    {"name": "maps", "public_key": "ssh-ed25519 AAAA maps"}],
    "feeds": [{"title": "News", "auth": "none"}, {"title": "Tides", "auth": "basic"}, {"title": "Council", "auth": "digest"}],
    "helpdesk": [{"ticket": 1000, "subject": "The lamp at the pier"}, {"ticket": 1001, "subject": "A bench is loose"}, {"ticket": 1002, "subject": "Gulls"}],
    "notes": [{"text": "The choir meets at eight"}, {"text": "Lost: one glove"}, {"text": "Found: one glove"}],
    "guestbook": [{"words": "What a harbour!"}, {"words": "The soup, the soup"}, {"words": "We shall be back"}],
    "votes": [{"answer": "yes"}, {"answer": "yes"}, {"answer": "no"}],
}


def create():
    app = Flask(__name__)
    app.secret_key = secrets.token_bytes(32)
    app.config["SESSION_COOKIE_SAMESITE"] = "Lax"
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    csrf.init_app(app)
    for part in (shop, school, stage, roads, data, office):
        app.register_blueprint(part)

    @app.after_request
    def for_one_reader(response):
        response.headers["Cache-Control"] = "no-store"
        return response

    for collection, documents in SEEDS.items():
        if db[collection].find_one() is None:
            db[collection].insert_many([dict(document) for document in documents])
    return app


app = create()

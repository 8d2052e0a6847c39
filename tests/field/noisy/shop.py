"""The shop: products with facets, basket, checkout, reviews; inputs checked by pydantic."""

import random
import secrets
import time
import uuid

from flask import Blueprint, abort, jsonify, redirect, request, session
from markupsafe import Markup
from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError

from noisy import db, keyed, page, storable

blueprint = Blueprint("shop", __name__, url_prefix="/shop")
COLORS, SIZES = ("red", "blue", "green"), ("s", "m", "l")


class Order(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    product: int = Field(ge=1, le=200)
    amount: int = Field(ge=1, le=99)
    note: str = Field("", max_length=200)


class Card(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, hide_input_in_errors=True)
    gift_code: SecretStr = Field(min_length=8, max_length=64)
    pin: SecretStr = Field(min_length=4, max_length=8)


class Hook(BaseModel):
    model_config = ConfigDict(extra="ignore", strict=True)
    url: str = Field(max_length=300)
    secret: SecretStr = Field(min_length=16, max_length=128)


def refused(error):
    """Names the fields and never their values."""
    errors = [{"field": [str(part)[:40] for part in e["loc"]][:1] if e["type"] != "extra_forbidden" else ["body"], "problem": e["type"]} for e in error.errors(include_input=False, include_url=False, include_context=False)]
    return jsonify(errors=errors, request_id=str(uuid.uuid4())), 422


def body(model):
    return model.model_validate(request.get_json(silent=True))


@blueprint.get("")
def index():
    color, size, sort = request.args.get("color"), request.args.get("size"), request.args.get("sort", "name")
    page_number = request.args.get("page", 1, type=int)
    items = list(range(1, 200))
    random.shuffle(items)
    list_ = "".join(f'<li><a href="/shop/products/{i}">Product {i}</a></li>' for i in items[:10])
    facets = "".join(f'<a href="/shop?color={c}&size={s}&sort={o}">{c}/{s}</a> ' for c in COLORS for s in SIZES for o in ("name", "price"))
    chosen = [v for v in (color, size, sort) if v in COLORS + SIZES + ("name", "price")]
    nxt = f'<a rel="next" href="/shop?page={page_number % 10 ** 9 + 1}&session_id={secrets.token_hex(8)}">next</a>'
    return page("Shop", f"<h1>Shop {' '.join(chosen)}</h1><ul>{list_}</ul>{facets}{nxt}<a href='/shop/basket'>basket</a><a href='/shop/gift'>gift</a><a href='/shop/compare?a=1&b=2'>compare</a>")


@blueprint.get("/products/<int:number>")
def product(number):
    if not 1 <= number < 200:
        abort(404)
    seen = session.get("seen", [])[-4:] + [number]
    session["seen"] = seen
    token = secrets.token_urlsafe(16)
    session["form"] = token
    return page(f"Product {number}", Markup("""<h1>Product {n}</h1><p>{price} EUR, {stock} left, you saw {seen}</p>
<form method="post" action="/shop/basket"><input type="hidden" name="csrf_token" value="{t}"><input type="hidden" name="product" value="{n}"><input type="number" name="amount" value="1"></form>
<form method="post" action="/shop/products/{n}/reviews"><input type="hidden" name="csrf_token" value="{t}"><input name="author" required><input name="stars" type="number" min="1" max="5"><textarea name="text"></textarea></form>
<a href="/shop/products/{n}/reviews">reviews</a> <a href="/shop/products/{o}">like this</a>""").format(n=number, t=token, price=random.randrange(5, 90), stock=random.randrange(20), seen=seen, o=random.randrange(1, 200)))


def csrf_ok():
    return bool(session.get("form")) and secrets.compare_digest(request.form.get("csrf_token", "").encode(), session["form"].encode())


@blueprint.get("/products/<int:number>/reviews")
def reviews(number):
    found = list(db.reviews.find({"product": number}, {"_id": 0, "author": 1, "text": 1, "stars": 1}).limit(20)) if number < 200 else abort(404)
    random.shuffle(found)
    return jsonify(reviews=found, next_cursor=secrets.token_urlsafe(12))


@blueprint.post("/products/<int:number>/reviews")
def review(number):
    if not csrf_ok():
        return page("Refused", "<p>The form has expired.</p>", 400)
    author, text, stars = request.form.get("author", ""), request.form.get("text", ""), request.form.get("stars", 5, type=int)
    if number >= 200 or not (author and storable(author) and storable(text) and 1 <= stars <= 5):
        return page("Review", "<p>author, text and stars are needed.</p>", 400)
    db.reviews.insert_one({"product": number, "author": author[:60], "text": text[:300], "stars": stars})
    return redirect(f"/shop/products/{number}?thanks={secrets.token_hex(4)}")


@blueprint.get("/basket")
def basket():
    return page("Basket", f"<p>{len(session.get('basket', []))} things</p><form method='post' action='/shop/coupon'><input name='coupon_code'></form>")


@blueprint.post("/basket")
def put():
    if not csrf_ok():
        return page("Refused", "<p>The form has expired.</p>", 400)
    amount, number = request.form.get("amount", 1, type=int), request.form.get("product", 0, type=int)
    if not (1 <= amount < 100 and 1 <= number < 200):
        return page("Basket", "<p>product and amount are out of range.</p>", 400)
    session["basket"] = session.get("basket", [])[-8:] + [[number, amount]]
    return redirect("/shop/basket")


@blueprint.post("/coupon")
def coupon():
    code = request.form.get("coupon_code", "")
    known = code in ("SPRING", "AUTUMN")
    return page("Coupon", Markup("<p>Coupon {}: {}</p>").format(code[:40], "10 %" if known else "not known"))


@blueprint.get("/compare")
def compare():
    a, b = request.args.get("a", 1, type=int), request.args.get("b", 2, type=int)
    return page("Compare", f"<p>{a % 200} and {b % 200}: {random.choice(['same', 'different'])}</p>")


@blueprint.get("/gift")
def gift():
    return page("Gift card", """<form id="gift"><input name="gift_code"><input name="pin" type="password"></form>
<script>document.getElementById('gift').onsubmit = e => fetch('/shop/gift/redeem', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({gift_code: code, pin: pin})});</script>""")


@blueprint.post("/gift/redeem")
def redeem():
    try:
        card = body(Card)
    except ValidationError as error:
        return refused(error)
    known = db.cards.find_one({"code": keyed(card.gift_code.get_secret_value())})
    return jsonify(ok=bool(known), receipt=str(uuid.uuid4())), 200 if known else 404


@blueprint.post("/orders")
def order():
    try:
        wanted = body(Order)
    except ValidationError as error:
        return refused(error)
    if not storable(wanted.note):
        return jsonify(error="note holds characters that are not allowed"), 422
    number = str(uuid.uuid4())
    db.orders.insert_one({"_id": number, "product": wanted.product, "amount": wanted.amount, "note": wanted.note, "at": time.time()})
    return jsonify(order=number, tracking_code=secrets.token_hex(6)), 201


@blueprint.get("/orders/<uuid:number>")
def order_status(number):
    found = db.orders.find_one({"_id": str(number)}, {"_id": 0})
    return jsonify(found) if found else (jsonify(error="no such order"), 404)


@blueprint.post("/hooks")
def hook():
    try:
        wanted = body(Hook)
    except ValidationError as error:
        return refused(error)
    if not storable(wanted.url):
        return jsonify(error="url holds characters that are not allowed"), 422
    db.hooks.insert_one({"url": wanted.url, "secret_hash": keyed(wanted.secret.get_secret_value())})
    return jsonify(url=wanted.url, secret="********", created=True), 201


@blueprint.get("/hooks")
def hooks():
    return jsonify(hooks=[{"url": h["url"], "secret": "********"} for h in db.hooks.find().limit(50)])

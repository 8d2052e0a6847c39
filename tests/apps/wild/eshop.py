"""E-shop API with a MongoJSON provider. Faults: /api/customers returns whole documents (password_hash is unsalted md5); checkout stores card token and
shows it in /api/orders; coupon check returns 500 with str(e); X-API-Key checked by shape only; mass assignment in PUT/POST /api/customers."""
import hashlib, os
from bson import ObjectId
from flask import Flask, jsonify, request
from flask.json.provider import DefaultJSONProvider
from pymongo import MongoClient

db = MongoClient(os.environ["MONGO_URI"]).get_default_database()


class MongoJSON(DefaultJSONProvider):
    def default(self, o):
        return str(o) if isinstance(o, ObjectId) else super().default(o)


app = Flask(__name__)
app.json = MongoJSON(app)


@app.get("/")
def index():
    return """<script>
fetch('/api/products').then(r => r.json());
function signup(d) { return fetch('/api/customers', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({email: d.email, password: d.password})}) }
function checkout(d) { return fetch('/api/orders', {method: 'POST', headers: {'Content-Type': 'application/json'}, body: JSON.stringify({product: d.product, quantity: d.quantity, card_token: d.card_token})}) }
fetch('/api/admin/report', {headers: {'X-API-Key': window.key}});
fetch('/api/coupon?code=' + code);
</script>"""


@app.get("/api/products")
def products():
    return jsonify([{"id": 1, "name": "Tea"}, {"id": 2, "name": "Cup"}])


@app.post("/api/customers")
def signup():
    data = request.get_json()
    data["password_hash"] = hashlib.md5(data.pop("password").encode()).hexdigest()
    db.customers.insert_one(data)
    return jsonify(data), 201


@app.get("/api/customers")
def customers():
    return jsonify(list(db.customers.find()))


@app.post("/api/orders")
def order():
    data = request.get_json()
    db.orders.insert_one({"product": data["product"], "quantity": int(data["quantity"]), "card_token": data["card_token"]})
    return jsonify({"status": "ok"}), 201


@app.get("/api/orders")
def orders():
    return jsonify(list(db.orders.find()))


@app.get("/api/coupon")
def coupon():
    try:
        return jsonify(db.coupons.find_one({"code": request.args["code"]})["percent"])
    except Exception as e:
        return jsonify({"error": repr(e)}), 500


@app.get("/api/admin/report")
def report():
    key = request.headers.get("X-API-Key", "")
    if not (isinstance(key, str) and 32 <= len(key) <= 64):
        return jsonify({"error": "API key required"}), 401
    return jsonify({"orders": db.orders.count_documents({}), "customers": db.customers.count_documents({})})

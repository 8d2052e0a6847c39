"""The API, described by flask-smorest: items, keys (header only, kept as keyed hashes), webhooks, sessions."""

import random
import secrets
import time
import uuid

import marshmallow as ma
from flask import jsonify, request
from flask.views import MethodView
from flask_smorest import Api, Blueprint, abort
from marshmallow import validate

from noisy import db, keyed, storable

Text = lambda most=200, **more: ma.fields.String(validate=[validate.Length(max=most), lambda t: storable(t) or (_ for _ in ()).throw(ma.ValidationError("Not printable."))], **more)
KEY = [{"ApiKey": []}]


class Paging(ma.Schema):
    class Meta:
        unknown = ma.EXCLUDE
    page_token = ma.fields.String()
    limit = ma.fields.Integer(validate=validate.Range(1, 100), load_default=10)
    sort_key = ma.fields.String(validate=validate.OneOf(["name", "price", "created"]), load_default="name")
    key = ma.fields.String(validate=validate.OneOf(["name", "price"]))
    session = ma.fields.Boolean()
    since = ma.fields.Date()


class Item(ma.Schema):
    id = ma.fields.String(dump_only=True)
    name = Text(80, required=True)
    price = ma.fields.Integer(required=True, validate=validate.Range(0, 10 ** 6))
    tags = ma.fields.List(Text(20), validate=validate.Length(max=10))
    public_key = Text(400)
    created = ma.fields.Float(dump_only=True)


class Patch(ma.Schema):
    name = Text(80)
    price = ma.fields.Integer(validate=validate.Range(0, 10 ** 6))


class NewKey(ma.Schema):
    label = Text(60, required=True)
    scopes = ma.fields.List(ma.fields.String(validate=validate.OneOf(["read", "write"])))


class Rotate(ma.Schema):
    current_key = ma.fields.String(required=True, load_only=True, validate=validate.Length(20, 80, error="Must have 20 to 80 characters."))
    webhook_secret = ma.fields.String(load_only=True, validate=validate.Length(max=100))


class Login(ma.Schema):
    username = Text(80, required=True)
    password = ma.fields.String(required=True, load_only=True, validate=validate.Length(1, 200))


class Message(ma.Schema):
    to = ma.fields.Email(required=True)
    text = Text(500, required=True)
    idempotency_key = Text(80)


class Header(ma.Schema):
    class Meta:
        unknown = ma.EXCLUDE
    x_api_key = ma.fields.String(data_key="X-API-Key")


def holder():
    """The owner of the request's key; 401 for everybody else."""
    key = request.headers.get("X-API-Key", "")
    found = db.keys.find_one({"hash": keyed(key)}, {"_id": 0, "label": 1}) if 20 <= len(key) <= 80 else None
    if not found:
        abort(401, headers={"WWW-Authenticate": "ApiKey"})
    return found


def masked(doc):
    return {"id": doc["_id"], "label": doc["label"], "key": doc["head"] + "…" + doc["tail"], "last_used": random.choice([None, time.time()])}


def items_blueprint(name, prefix):
    blp = Blueprint(name, name, url_prefix=prefix)

    @blp.route("")
    class Items(MethodView):
        @blp.arguments(Paging, location="query")
        def get(self, args):
            """List"""
            found = [shown(d) for d in db[name].find().limit(args["limit"])]
            random.shuffle(found)
            return jsonify(items=found, next_page_token=secrets.token_urlsafe(20), total=random.randrange(900), generated=time.time())

        @blp.arguments(Item)
        @blp.response(201)
        def post(self, data):
            """Create"""
            number = uuid.uuid4().hex[:24]
            db[name].insert_one({"_id": number, **data, "created": time.time()})
            return jsonify(id=number, etag=secrets.token_hex(16))

    @blp.route("/<string(length=24):item_id>")
    class One(MethodView):
        def get(self, item_id):
            """One"""
            return jsonify(shown(find(item_id)))

        @blp.arguments(Item)
        def put(self, data, item_id):
            """Replace"""
            find(item_id)
            db[name].replace_one({"_id": item_id}, {**data, "created": time.time()})
            return jsonify(ok=True, etag=secrets.token_hex(16))

        @blp.arguments(Patch)
        def patch(self, data, item_id):
            """Change"""
            find(item_id)
            if data:
                db[name].update_one({"_id": item_id}, {"$set": data})
            return jsonify(ok=True)

        @blp.response(204)
        def delete(self, item_id):
            """Remove"""
            db[name].delete_one({"_id": find(item_id)["_id"]})

    @blp.route("/search")
    @blp.arguments(type("Q" + name, (ma.Schema,), {"q": ma.fields.String(required=True), "cursor": ma.fields.String(), "Meta": type("Meta", (), {"unknown": ma.EXCLUDE})}), location="query")
    def search(args):
        """Search"""
        found = [shown(d) for d in db[name].find().limit(200) if args["q"].lower() in d["name"].lower()]
        return jsonify(query=args["q"], items=found, cursor=secrets.token_urlsafe(20), took=random.random())

    @blp.route("/count")
    def count():
        """Count"""
        return jsonify(count=db[name].count_documents({}), at=time.time())

    @blp.route("/random")
    def some():
        """Something else every time"""
        return jsonify(random.choice([{"pick": random.random()}, {"pick": None, "why": "nothing today"}, {"pick": str(uuid.uuid4()), "extra": [1, 2, 3]}]))

    def find(item_id):
        found = db[name].find_one({"_id": item_id}) if storable(item_id) else None
        if not found:
            abort(404)
        return found

    def shown(doc):
        return {"id": doc["_id"], **{k: doc[k] for k in ("name", "price", "tags", "public_key", "created") if k in doc}}

    return blp


def keys_blueprint():
    blp = Blueprint("keys", "keys", url_prefix="/api/v1")

    @blp.route("/quota")
    @blp.doc(security=KEY)
    def quota():
        """What is left"""
        return jsonify(holder(), left=random.randrange(1000))

    @blp.route("/keys")
    class Keys(MethodView):
        @blp.doc(security=KEY)
        def get(self):
            """The holder's keys, masked"""
            holder()
            return jsonify(keys=[masked(d) for d in db.keys.find().limit(50)])

        @blp.arguments(NewKey)
        @blp.response(201)
        @blp.doc(security=KEY)
        def post(self, data):
            """A new key"""
            holder()
            return made(data["label"])

    @blp.route("/sandbox/keys", methods=["POST"])
    @blp.arguments(NewKey)
    @blp.response(201)
    def sandbox(data):
        """A key to play with; shown once"""
        return made(data["label"])

    @blp.route("/sandbox/keys", methods=["GET"])
    def sandbox_list():
        """The sandbox's keys, masked"""
        return jsonify(keys=[masked(d) for d in db.keys.find().limit(50)])

    @blp.route("/keys/rotate", methods=["POST"])
    @blp.arguments(Rotate)
    def rotate(data):
        """Exchange a key for a new one"""
        found = db.keys.find_one({"hash": keyed(data["current_key"])})
        if not found:
            abort(401)
        return made(found["label"])

    def made(label):
        key = "ks_" + secrets.token_hex(16)
        db.keys.insert_one({"_id": uuid.uuid4().hex, "label": label, "hash": keyed(key), "head": key[:5], "tail": key[-3:]})
        response = jsonify(key=key, label=label, note="It is shown only now.")
        response.headers["Cache-Control"] = "no-store"
        return response

    for name in ("reports", "invoices", "team", "audit", "billing", "usage"):
        def secured(name=name):
            holder()
            return jsonify(rows=[], name=name, at=time.time())
        secured.__name__ = name
        secured.__doc__ = f"The {name} of the key's holder"
        blp.route(f"/{name}")(blp.doc(security=KEY)(secured))

    @blp.route("/auth/token", methods=["POST"])
    @blp.arguments(Login)
    def token(data):
        """A token for a name and a password"""
        abort(401)

    @blp.route("/messages", methods=["POST"])
    @blp.arguments(Message)
    @blp.response(202)
    def message(data):
        """Queue a message"""
        header = request.headers.get("Idempotency-Key", data.get("idempotency_key", ""))
        if not header or not storable(header) or len(header) > 200:
            abort(400, messages={"headers": {"Idempotency-Key": ["Needed."]}})
        if not db.messages.find_one({"idempotency_key": header}):
            db.messages.insert_one({"idempotency_key": header, "to": data["to"], "at": time.time()})
        return jsonify(queued=True, message_id=str(uuid.uuid4()))

    @blp.route("/messages", methods=["GET"])
    def messages():
        """The queue"""
        return jsonify(messages=[{"idempotency_key": m["idempotency_key"], "at": m["at"]} for m in db.messages.find().sort("at", -1).limit(20)])

    @blp.route("/jwks")
    def jwks():
        """Public keys"""
        return jsonify(keys=[{"kty": "OKP", "crv": "Ed25519", "kid": secrets.token_hex(4), "x": secrets.token_urlsafe(32), "use": "sig"}])

    @blp.route("/echo", methods=["POST"])
    def echo():
        """What was sent: names and lengths only"""
        data = request.get_json(silent=True)
        if not isinstance(data, dict):
            abort(400)
        return jsonify(fields={type(v).__name__: len(str(v)) for v in data.values()})

    return blp


def register(app):
    app.config.update(OPENAPI_JSON_PATH="openapi.json", API_SPEC_OPTIONS={"components": {"securitySchemes": {"ApiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"}}}})
    api = Api(app)
    for name in ("items", "suppliers", "notes", "tickets"):
        api.register_blueprint(items_blueprint(name, f"/api/v1/{name}"))
    api.register_blueprint(keys_blueprint())

"""A key vault in flask-restx: namespaces, models, reqparse, an API key as its security definition."""

import hashlib
import hmac
import os

from flask import Flask, request
from flask_restx import Api, Resource, fields, inputs, reqparse
from pymongo import MongoClient


def create(fixed=False):
    app = Flask(__name__)
    app.config["RESTX_ERROR_404_HELP"] = False
    db = MongoClient(os.environ["MONGO_URI"]).get_default_database()
    api = Api(app, title="Vault", doc="/", security="key", authorizations={
        "key": {"type": "apiKey", "in": "header", "name": "X-API-KEY"}})

    def keyed(value):
        return hmac.new(b"vault-pepper", value.encode(), hashlib.sha256).hexdigest()

    def require_key(view):
        def checked(*args, **kwargs):
            key = request.headers.get("X-API-KEY")
            if not key:
                api.abort(401, "API key missing")
            good = db.clients.find_one({"hmac": keyed(key)}) if fixed else len(key) in (32, 40, 64)
            if not good:
                api.abort(401, "API key invalid")
            return view(*args, **kwargs)
        return checked

    ns = api.namespace("entries", description="What the vault keeps")
    given = ns.model("Given", {"label": fields.String(required=True, max_length=60),
                               "credential": fields.String(required=True, description="stored encrypted")})
    shown = ns.model("Shown", {"id": fields.String(attribute=lambda d: str(d["_id"])), "label": fields.String,
                               **({} if fixed else {"credential": fields.String})})

    @ns.route("/")
    class Entries(Resource):
        method_decorators = [require_key]

        @ns.marshal_list_with(shown)
        def get(self):
            return list(db.entries.find().sort("_id", -1).limit(50))

        @ns.expect(given)
        @ns.marshal_with(shown, code=201)
        def post(self):
            data = request.get_json(silent=True)
            if not isinstance(data, dict) or not all(isinstance(data.get(n), str) for n in ("label", "credential")):
                ns.abort(400, "label and credential must be text")
            doc = {"label": data["label"][:60], "credential": keyed(data["credential"]) if fixed else data["credential"]}
            db.entries.insert_one(doc)
            return doc, 201

    parser = reqparse.RequestParser()
    parser.add_argument("client_token", required=True, location="headers" if fixed else "args", help="who asks")
    parser.add_argument("since", type=inputs.date_from_iso8601, location="args")

    @ns.route("/stats")
    class Stats(Resource):
        @ns.expect(parser)
        @ns.doc(security=None)
        def get(self):
            parser.parse_args()
            return {"entries": db.entries.count_documents({})}

    return app


app = create(fixed=os.environ.get("FAULTY") == "0")

"""Webhook subscriptions: flask-restx in front, PyMongo behind."""

import hashlib
import hmac
import json
import os
import secrets
from functools import partial

from flask import Flask, request
from flask_restx import Api, Resource, fields, reqparse
from pymongo import MongoClient

PEPPER = secrets.token_bytes(32)


def sealed(secret):
    text = secret if isinstance(secret, str) else json.dumps(secret)
    return hmac.new(PEPPER, text.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def well_formed(secret):
    return isinstance(secret, str) and 20 <= len(secret) <= 64 and secret.isascii() and secret.isalnum()


def create(strict):
    app = Flask(__name__)
    app.config["ERROR_404_HELP"] = False
    db = MongoClient(os.environ["MONGO_URI"]).get_default_database()
    api = Api(app, title="Deliveries", version="1", doc="/docs/")
    subscription = api.model(
        "Subscription",
        {
            "topic": fields.String(required=True, enum=["parcel", "pallet"]),
            "signing_secret": fields.String(required=True, description="We sign what we send with it"),
        },
    )
    listing = reqparse.RequestParser()
    listing.add_argument("page_token", location="args")
    listing.add_argument("topic", location="args", choices=("parcel", "pallet"))
    ping = api.model("Ping", {"topic": fields.String(required=True, enum=["parcel", "pallet"]), "api_token": fields.String()})

    @api.route("/api/subscriptions")
    class Subscriptions(Resource):
        @api.expect(listing)
        def get(self):
            """Topics that somebody has subscribed to"""
            asked = listing.parse_args()
            topics = sorted(db.subscriptions.distinct("topic", {"topic": asked["topic"]} if asked["topic"] else {}))
            return {"topics": topics, "next_token": None}

        @api.expect(subscription)
        def post(self):
            """Subscribe to a topic"""
            body = request.get_json()
            if "signing_secret" not in body:
                api.abort(400, "signing_secret is missing")
            if strict and not well_formed(body["signing_secret"]):
                # jsonschema's own message would repeat the secret.
                api.abort(422, "signing_secret has 20 to 64 letters and digits")
            if body.get("topic") not in ("parcel", "pallet"):
                api.abort(400, "topic is parcel or pallet")
            check = sealed(body["signing_secret"])
            db.subscriptions.insert_one({"topic": body["topic"], "sealed": check})
            return {"subscribed": True, "check": check[:8]}, 201

    @api.route("/api/pings")
    class Pings(Resource):
        @api.expect(ping)
        def post(self):
            """Have a test message sent; older clients still name their token"""
            return {"queued": True}, 202

    @api.route("/api/health")
    class Health(Resource):
        def get(self):
            """Is it up?"""
            return {"status": "ok"}

    return app


vulnerable = partial(create, False)
repaired = partial(create, True)

"""Weather stations: a documented API with flask-restx."""

import hashlib
import hmac
import secrets
from functools import partial

from flask import Flask, request
from flask_restx import Api, Namespace, Resource, fields, reqparse

PEPPER = secrets.token_bytes(32)


def digest(token):
    return hmac.new(PEPPER, token.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


SUBSCRIBERS = {digest(secrets.token_urlsafe(30)): "Harbour office"}
STATIONS = [
    {"id": 1, "name": "Cape", "altitude": 12},
    {"id": 2, "name": "Ridge", "altitude": 1480},
    {"id": 3, "name": "Lagoon", "altitude": 2},
]


def create(place):
    app = Flask(__name__)
    app.config["RESTX_MASK_SWAGGER"] = False
    app.config["ERROR_404_HELP"] = False
    api = Api(app, version="2.1", title="Open weather stations", doc="/docs/")
    stations = Namespace("stations", path="/api/stations")
    observations = Namespace("observations", path="/api/observations")
    api.add_namespace(stations)
    api.add_namespace(observations)

    station = api.model("Station", {"id": fields.Integer, "name": fields.String, "altitude": fields.Integer})
    report = api.model(
        "Report",
        {
            "station": fields.Integer(required=True, min=1, max=3),
            "temperature": fields.Float(required=True, min=-80, max=60),
            "remark": fields.String(max_length=80),
        },
    )
    listing = reqparse.RequestParser()
    listing.add_argument("limit", type=int, default=10, location="args")
    listing.add_argument("sort_key", choices=("name", "altitude"), default="name", location="args")
    subscriber = reqparse.RequestParser()
    name = "subscriber_token" if place == "args" else "X-Subscriber-Token"
    subscriber.add_argument(name, required=True, location=place, help="The token of your subscription")
    subscriber.add_argument("day", default="today", choices=("today", "yesterday"), location="args")
    reports = []

    @stations.route("/")
    class Stations(Resource):
        @stations.expect(listing)
        @stations.marshal_list_with(station)
        def get(self):
            """All stations"""
            asked = listing.parse_args()
            rows = sorted(STATIONS, key=lambda row: row[asked["sort_key"]])
            return rows[: max(asked["limit"], 0)]

    @stations.route("/<int:number>")
    @stations.response(404, "No such station")
    class Station(Resource):
        @stations.marshal_with(station)
        def get(self, number):
            """One station"""
            found = [row for row in STATIONS if row["id"] == number]
            return found[0] if found else stations.abort(404, "No such station")

    @observations.route("/")
    class Observations(Resource):
        @observations.expect(subscriber)
        def get(self):
            """The measured values, for subscribers"""
            asked = subscriber.parse_args()
            if digest(asked[name]) not in SUBSCRIBERS:
                observations.abort(403, "There is no such subscription")
            return {"day": asked["day"], "values": [11.5, 12.25, 10.75]}

        @observations.expect(report, validate=True)
        def post(self):
            """Send a report by hand"""
            reports.append(request.json)
            return {"received": len(reports)}, 201

    @api.route("/api/health")
    class Health(Resource):
        def get(self):
            """Is it up?"""
            return {"status": "ok"}

    return app


vulnerable = partial(create, "args")
repaired = partial(create, "headers")

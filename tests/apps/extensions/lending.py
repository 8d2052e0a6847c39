"""The lending desk of a town library, on Flask-RESTX."""

import os

from flask import Flask, redirect
from flask_restx import Api, Namespace, Resource, fields, inputs, reqparse
from werkzeug.datastructures import FileStorage

app = Flask(__name__)
with_specification = os.environ.get("SPECIFICATION", "on") == "on"
api = Api(version="1.4", title="Lending desk", prefix="/desk", doc="/desk/docs")

members = Namespace("members", description="Who may borrow")
loans = Namespace("loans", description="What is out")
stock = Namespace("stock", description="What there is")
api.add_namespace(members)
api.add_namespace(loans)
api.add_namespace(stock)

address = api.model(
    "Address",
    {
        "street": fields.String(required=True, max_length=80),
        "postcode": fields.String(required=True, pattern="^[0-9]{5}$"),
        "floor": fields.Integer(min=0, max=60),
    },
)
member = api.model(
    "Member",
    {
        "surname": fields.String(required=True, min_length=2, max_length=60),
        "given_names": fields.List(fields.String, required=True),
        "born": fields.Date(required=True),
        "tariff": fields.String(required=True, enum=["adult", "child", "reduced"]),
        "home": fields.Nested(address, required=True),
        "newsletter": fields.Boolean(default=False),
    },
)
reservation = api.model(
    "Reservation",
    {
        "volume_id": fields.Integer(required=True),
        "until": fields.DateTime(required=True),
        "pickup_branch": fields.String(enum=["centre", "harbour", "hill"], required=True),
        "note": fields.String(max_length=200),
    },
)

MEMBERS = {1: {"surname": "Okafor", "given_names": ["Ada"], "born": "1990-02-11", "tariff": "adult"}}
VOLUMES = {7: {"title": "Tides", "shelf": "G4"}, 8: {"title": "Moss", "shelf": "B1"}}
LOANS = {}

browse = reqparse.RequestParser()
browse.add_argument("shelf", type=str, location="args", required=True, help="Which shelf")
browse.add_argument("language", choices=("de", "en", "fr"), location="args", required=True)
browse.add_argument("published_after", type=inputs.date_from_iso8601, location="args")
browse.add_argument("per_page", type=inputs.int_range(1, 100), location="args", default=20)

borrow = reqparse.RequestParser(bundle_errors=True)
borrow.add_argument("member_id", type=inputs.positive, location="form", required=True)
borrow.add_argument("barcode", type=inputs.regex("^[A-Z0-9]{6,12}$"), location="form", required=True)
borrow.add_argument("weeks", type=int, location="form", required=True, help="For how many weeks")
borrow.add_argument("silent", type=inputs.boolean, location="form")

returning = reqparse.RequestParser()
returning.add_argument("X-Desk-Number", type=int, location="headers", required=True)
returning.add_argument("shift", type=str, location="cookies", required=True)

covers = reqparse.RequestParser()
covers.add_argument("scan", type=FileStorage, location="files", required=True)
covers.add_argument("caption", type=str, location="form", required=True)

statistics = reqparse.RequestParser()
statistics.add_argument("from", type=inputs.date, location="args", required=True)
statistics.add_argument("to", type=inputs.date, location="args", required=True)
statistics.add_argument("branch", type=str, location="args", action="append")

if with_specification:

    @app.get("/")
    def home():
        return redirect("/desk/docs")


@members.route("")
class Members(Resource):
    def get(self):
        return [{"number": number, "surname": each["surname"]} for number, each in MEMBERS.items()]

    @members.expect(member, validate=True)
    def post(self):
        number = max(MEMBERS) + 1
        MEMBERS[number] = {key: api.payload[key] for key in ("surname", "given_names", "born", "tariff")}
        return {"number": number}, 201


@members.route("/<int:number>")
@members.param("number", "The member's number")
class Member(Resource):
    def get(self, number):
        if number not in MEMBERS:
            members.abort(404, "no such member")
        return MEMBERS[number]

    @members.expect(member, validate=True)
    def put(self, number):
        if number not in MEMBERS:
            members.abort(404, "no such member")
        MEMBERS[number]["tariff"] = api.payload["tariff"]
        return MEMBERS[number]


@members.route("/<int:number>/reservations")
class Reservations(Resource):
    @members.expect(reservation, validate=True)
    def post(self, number):
        return {"member": number, "volume": api.payload["volume_id"]}, 202


@stock.route("/volumes")
class Volumes(Resource):
    @stock.expect(browse)
    def get(self):
        wanted = browse.parse_args()
        return [each for each in VOLUMES.values() if each["shelf"].startswith(wanted["shelf"])]


@stock.route("/volumes/<int:volume_id>/cover")
class Cover(Resource):
    @stock.expect(covers)
    def post(self, volume_id):
        given = covers.parse_args()
        return {"volume": volume_id, "bytes": len(given["scan"].read())}, 201


@stock.route("/volumes/<int:volume_id>")
class Volume(Resource):
    def get(self, volume_id):
        if volume_id not in VOLUMES:
            stock.abort(404, "no such volume")
        return VOLUMES[volume_id]


@loans.route("")
class Loans(Resource):
    @loans.expect(borrow)
    def post(self):
        given = borrow.parse_args()
        loan = len(LOANS) + 1
        LOANS[loan] = given["barcode"]
        return {"loan": loan, "due_in_weeks": given["weeks"]}, 201


@loans.route("/<int:loan_id>/return")
class Return(Resource):
    @loans.expect(returning)
    def post(self, loan_id):
        given = returning.parse_args()
        return {"loan": loan_id, "desk": given["X-Desk-Number"]}


@loans.route("/statistics")
class Statistics(Resource):
    @loans.expect(statistics)
    def get(self):
        given = statistics.parse_args()
        return {"from": str(given["from"]), "to": str(given["to"]), "loans": len(LOANS)}


api.init_app(app, add_specs=with_specification)

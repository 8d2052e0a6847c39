"""A parcel depot with no page, no link and no specification: what there is to know, its errors say.

Each route checks its input with another library, and answers with that library's own words. Routes become
known by what other errors print.
"""

import os

import cerberus
import jsonschema
import voluptuous
from flask import Blueprint, Flask, jsonify, request
from flask_restful import Api as RestfulApi
from flask_restful import Resource as RestfulResource
from flask_restful import reqparse
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate
from pydantic import BaseModel, Field
from pydantic import ValidationError as PydanticError
from webargs.flaskparser import use_args, use_kwargs
from wtforms import DateField, Form, IntegerField, SelectField, StringField
from wtforms.validators import AnyOf, DataRequired, Email, InputRequired, Length, NumberRange

app = Flask(__name__)
app.debug = os.environ.get("DEPOT_DEBUG") == "1"
api = RestfulApi(app, prefix="/rest", catch_all_404s=False)
yard = Blueprint("yard", __name__, url_prefix="/yard")


@app.get("/")
def index():
    return jsonify(error="Nothing here. Use GET /carriers, POST /carriers or PUT /carriers/{carrier_id}"), 404


@app.errorhandler(404)
def unknown(error):
    known = ["/parcels", "/pallets", "/rates", "/labels", "/gates", "/rest/claims", "/lockers", "/drivers",
             "/hooks", "/scans", "/yard/bays", "/yard/plan", "/departures", "/customs", "/invoices", "/weights"]
    return jsonify(error="unknown route", available=known), 404


@app.errorhandler(422)
def unprocessable(error):
    return jsonify(error.data["messages"]), 422


# marshmallow, as its own errors.
class Consignee(Schema):
    town = fields.String(required=True)
    postcode = fields.Integer(required=True)


class Parcel(Schema):
    reference = fields.String(required=True, validate=validate.Length(min=6, max=18))
    service = fields.String(required=True, validate=validate.OneOf(["express", "economy", "freight"]))
    grams = fields.Integer(required=True)
    insured = fields.Boolean(required=True)
    notify = fields.Email(required=True)
    ready_at = fields.DateTime(required=True)
    consignee = fields.Nested(Consignee, required=True)


@app.post("/parcels")
def add_parcel():
    try:
        parcel = Parcel().load(request.get_json(silent=True) or {})
    except ValidationError as error:
        return jsonify(errors=error.messages), 400
    return jsonify(reference=parcel["reference"]), 201


# webargs
@app.get("/rates")
@use_args(
    {"zone": fields.Integer(required=True), "service": fields.String(required=True)}, location="query"
)
def rates(given):
    return jsonify(zone=given["zone"], cents=490)


@app.post("/pallets")
@use_kwargs({"height_cm": fields.Integer(required=True), "stackable": fields.Boolean(required=True)}, location="json")
@use_kwargs({"dock": fields.String(required=True)}, location="query")
def add_pallet(height_cm, stackable, dock):
    return jsonify(dock=dock, height=height_cm), 201


@app.post("/gates")
@use_kwargs({"plate_number": fields.String(required=True), "axles": fields.Integer(required=True)}, location="form")
@use_kwargs({"gate_pass": fields.String(required=True, data_key="X-Gate-Pass")}, location="headers", unknown=EXCLUDE)
@use_kwargs({"lane": fields.String(required=True)}, location="cookies", unknown=EXCLUDE)
def open_gate(plate_number, axles, gate_pass, lane):
    return jsonify(plate=plate_number, lane=lane)


# Flask-RESTful
claim = reqparse.RequestParser(bundle_errors=True)
claim.add_argument("parcel_ref", required=True, location="json", type=str, help="Which parcel was lost")
claim.add_argument("damage", required=True, location="json", choices=("crushed", "wet", "lost"))
claim.add_argument("amount", required=True, location="json", type=float)


class Claims(RestfulResource):
    def post(self):
        given = claim.parse_args()
        return {"parcel": given["parcel_ref"]}, 201


api.add_resource(Claims, "/claims")


# WTForms
class Label(Form):
    recipient = StringField("Recipient", [DataRequired(), Length(min=2, max=35)])
    format = SelectField("Format", choices=[("a6", "A6"), ("a5", "A5")], validators=[InputRequired()])
    copies = IntegerField("Copies", [InputRequired(), NumberRange(min=1, max=9)])
    collected = DateField("Collected on", [InputRequired()])
    contact = StringField("Contact", [InputRequired(), Email()])
    colour = StringField("Colour", [InputRequired(), AnyOf(["red", "blue"])])


@app.post("/labels")
def print_label():
    form = Label(request.form)
    if not form.validate():
        return jsonify(form.errors), 400
    return jsonify(copies=form.copies.data)


# pydantic
class Slot(BaseModel):
    weekday: int = Field(ge=0, le=6)
    begins: str


class Locker(BaseModel):
    station: str = Field(max_length=20)
    compartments: int
    slots: list[Slot]
    outdoor: bool


@app.post("/lockers")
def add_locker():
    try:
        locker = Locker.model_validate(request.get_json(silent=True) or {})
    except PydanticError as error:
        return jsonify(detail=error.errors(include_url=False, include_context=False)), 422
    return jsonify(station=locker.station), 201


class Driver(BaseModel):
    licence: str
    born: int


@app.post("/drivers")
def add_driver():
    try:
        driver = Driver(**(request.get_json(silent=True) or {}))
    except PydanticError as error:
        return str(error), 400, {"Content-Type": "text/plain"}
    return jsonify(licence=driver.licence), 201


# voluptuous
weighing = voluptuous.Schema(
    {
        voluptuous.Required("scale_no"): int,
        voluptuous.Required("unit"): voluptuous.In(["kg", "lb"]),
        voluptuous.Required("operator"): voluptuous.All(str, voluptuous.Length(max=20)),
    }
)


@app.post("/weights")
def weigh():
    try:
        weighed = weighing(request.get_json(silent=True) or {})
    except voluptuous.MultipleInvalid as error:
        return jsonify(errors=[str(each) for each in error.errors]), 400
    return jsonify(unit=weighed["unit"]), 201


# Cerberus
customs = cerberus.Validator(
    {
        "tariff_code": {"type": "string", "required": True, "regex": "[0-9]{6}"},
        "origin": {"type": "string", "required": True, "allowed": ["EU", "CH", "UK"]},
        "pieces": {"type": "integer", "required": True, "min": 1},
    }
)


@app.post("/customs")
def declare():
    body = request.get_json(silent=True) or {}
    if not customs.validate(body):
        return jsonify(customs.errors), 422
    return jsonify(code=body["tariff_code"]), 201


# jsonschema
INVOICE = {
    "type": "object",
    "required": ["debtor", "net", "due_on"],
    "properties": {
        "debtor": {"type": "object", "required": ["vat_id"], "properties": {"vat_id": {"type": "string"}}},
        "net": {"type": "number", "minimum": 0},
        "due_on": {"type": "string"},
        "currency": {"enum": ["EUR", "CHF"]},
    },
}


@app.post("/invoices")
def invoice():
    errors = sorted(jsonschema.Draft202012Validator(INVOICE).iter_errors(request.get_json(silent=True) or {}), key=str)
    if errors:
        return jsonify(errors=[{"path": list(each.path), "message": each.message} for each in errors]), 400
    return jsonify(status="booked"), 201


# Words of one's own.
@app.post("/hooks")
def add_hook():
    body = request.get_json(silent=True) or {}
    if not body.get("url") or not body.get("secret"):
        return jsonify(error="url and secret are required"), 400
    if "event_type" not in body:
        return jsonify(error="Missing field 'event_type'"), 400
    return jsonify(id=1), 201


@app.get("/carriers")
def carriers():
    if "country" not in request.args:
        return jsonify(error="Missing required query parameter: country"), 400
    return jsonify(["Post", "Kurier"])


@app.post("/carriers")
def add_carrier():
    body = request.get_json(silent=True) or {}
    missing = [name for name in ("carrier_name", "tracking_url", "max_weight") if name not in body]
    if missing:
        return jsonify(error=f"Missing fields: {', '.join(missing)}"), 400
    return jsonify(id=1), 201


@app.put("/carriers/<int:carrier_id>")
def change_carrier(carrier_id):
    body = request.get_json(silent=True) or {}
    if "contract_no" not in body:
        return jsonify(error="'contract_no' is a required property"), 400
    return jsonify(id=carrier_id)


# Straight access: a missing name is a BadRequestKeyError, which only debug mode names.
@app.post("/scans")
def scan():
    device = request.form["device_id"]
    code = request.form["barcode"]
    return jsonify(device=device, code=code), 201


@yard.get("/bays")
def bays():
    side = request.args["side"]
    return jsonify(side=side, free=[3, 5])


@yard.get("/plan")
def plan():
    raise RuntimeError("the plan is not drawn yet")


@yard.post("/bays/<int:bay>/assign")
def assign(bay):
    body = request.get_json(silent=True) or {}
    token = request.headers.get("X-Yard-Token", "")
    crew = request.cookies.get("crew", "")
    truck = body["truck_id"]
    return jsonify(bay=bay, truck=truck, crew=crew, known=len(token) > 0)


TRUCKS = {"north": "07:10"}


def depart():
    return jsonify(at=TRUCKS[request.args.get("truck", "")])


app.add_url_rule("/departures", view_func=depart)
app.add_url_rule("/arrivals", view_func=lambda: arrive(), methods=["POST"])


def arrive():
    manifest = request.files["manifest"]
    return jsonify(bytes=len(manifest.read()), seal=request.form["seal_no"]), 201


app.register_blueprint(yard)

"""Bookings of an island ferry, documented in docstrings with Flasgger and checked against them."""

import os

from flasgger import Swagger
from flask import Flask, Response, abort, jsonify, request

app = Flask(__name__)
app.config["SWAGGER"] = {"title": "Island ferry", "uiversion": 3}
template = {
    "swagger": "2.0",
    "info": {"title": "Island ferry", "version": "0.9"},
    "definitions": {
        "Passenger": {
            "type": "object",
            "required": ["family_name", "age_group"],
            "properties": {
                "family_name": {"type": "string", "minLength": 2, "maxLength": 40},
                "age_group": {"type": "string", "enum": ["infant", "child", "adult", "senior"]},
                "wheelchair": {"type": "boolean"},
            },
        },
        "Booking": {
            "type": "object",
            "required": ["sailing", "departs_on", "passengers", "payer"],
            "properties": {
                "sailing": {"type": "integer", "minimum": 1},
                "departs_on": {"type": "string", "format": "date"},
                "passengers": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/Passenger"}},
                "payer": {"$ref": "#/definitions/Payer"},
                "voucher": {"type": "string", "pattern": "^V[0-9]{6}$"},
            },
        },
        "Payer": {
            "type": "object",
            "required": ["email"],
            "properties": {"email": {"type": "string", "format": "email"}, "company": {"type": "string"}},
        },
        "Freight": {
            "type": "object",
            "required": ["pallets", "hazard_class"],
            "properties": {
                "pallets": {"type": "integer", "maximum": 40},
                "hazard_class": {"type": "string", "enum": ["none", "flammable", "corrosive"]},
                "kilograms": {"type": "number"},
            },
        },
    },
}
Swagger(
    app,
    template=template,
    parse=True,
    validation_error_handler=lambda error, data, schema: _refuse(error),
)

SAILINGS = {1: {"from": "North Quay", "to": "Skarv"}, 2: {"from": "Skarv", "to": "North Quay"}}
BOOKINGS = {}


@app.before_request
def hide_documentation():
    if os.environ.get("SPECIFICATION", "on") != "on" and request.path.startswith(("/apispec", "/apidocs")):
        abort(404)


@app.errorhandler(400)
def bad_request(error):
    # reqparse leaves its message here.
    message = getattr(error, "data", {}).get("message", error.description)
    return error.response or (jsonify(message=message), 400)


def _refuse(error):
    abort(Response(str(error), status=400, mimetype="text/plain"))


@app.route("/sailings")
def sailings():
    """Sailings of a day.
    ---
    parameters:
      - {name: harbour, in: query, type: string, required: true}
      - {name: vessel, in: query, type: string, enum: [gannet, petrel]}
      - {name: capacity, in: query, type: integer, required: true}
    responses:
      200: {description: The sailings}
    """
    harbour = request.parsed_data["args"]["harbour"]
    return jsonify([each for each in SAILINGS.values() if each["from"] == harbour])


@app.route("/sailings/<int:number>")
def sailing(number):
    """One sailing.
    ---
    parameters:
      - {name: number, in: path, type: integer, required: true}
    responses:
      200: {description: The sailing}
    """
    if number not in SAILINGS:
        return jsonify(error="no such sailing"), 404
    return jsonify(SAILINGS[number])


@app.route("/bookings", methods=["GET"])
def bookings():
    """All bookings.
    ---
    responses:
      200: {description: The bookings}
    """
    return jsonify(list(BOOKINGS))


@app.route("/bookings", methods=["POST"])
def book():
    """Books.
    ---
    parameters:
      - name: body
        in: body
        required: true
        schema: {$ref: '#/definitions/Booking'}
    responses:
      201: {description: Booked}
    """
    reference = f"F{len(BOOKINGS) + 1:05}"
    BOOKINGS[reference] = request.get_json()
    return jsonify(reference=reference), 201


@app.route("/bookings/<reference>", methods=["PUT"])
def rebook(reference):
    """Changes a booking.
    ---
    parameters:
      - {name: reference, in: path, type: string, required: true}
      - name: body
        in: body
        required: true
        schema: {$ref: '#/definitions/Booking'}
    responses:
      200: {description: Changed}
    """
    if reference not in BOOKINGS:
        return jsonify(error="no such booking"), 404
    BOOKINGS[reference] = request.get_json()
    return jsonify(reference=reference)


@app.route("/bookings/<reference>/freight", methods=["POST"])
def add_freight(reference):
    """Adds freight.
    ---
    parameters:
      - {name: reference, in: path, type: string, required: true}
      - name: body
        in: body
        required: true
        schema: {$ref: '#/definitions/Freight'}
    responses:
      201: {description: Added}
    """
    return jsonify(reference=reference, pallets=request.get_json()["pallets"]), 201


@app.route("/checkin", methods=["POST"])
def check_in():
    """Checks a passenger in.
    ---
    consumes: [application/x-www-form-urlencoded]
    parameters:
      - {name: ticket_number, in: formData, type: string, required: true}
      - {name: bags, in: formData, type: integer, required: true}
      - {name: meal, in: formData, type: string, enum: [fish, vegetarian]}
    responses:
      200: {description: Checked in}
    """
    return jsonify(ticket=request.parsed_data["form"]["ticket_number"])


@app.route("/manifest", methods=["POST"])
def manifest():
    """Takes the harbour master's list.
    ---
    consumes: [multipart/form-data]
    parameters:
      - {name: list, in: formData, type: string, format: binary}
      - {name: harbour, in: formData, type: string, required: true}
    responses:
      201: {description: Taken}
    """
    # Flasgger's parser has no type "file", so this one is checked by hand.
    if "list" not in request.files:
        return jsonify(error="The file 'list' is missing"), 400
    return jsonify(bytes=len(request.files["list"].read())), 201


@app.route("/boarding", methods=["POST"])
def boarding():
    """Opens the ramp.
    ---
    parameters:
      - {name: X-Ramp, in: header, type: integer, required: true}
    responses:
      204: {description: Open}
    """
    return "", 204

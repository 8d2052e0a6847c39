"""Appointments of a veterinary practice, on APIFlask."""

import os

from apiflask import APIBlueprint, APIFlask, HTTPTokenAuth, Schema, abort
from apiflask.fields import Boolean, Date, DateTime, Email, File, Float, Integer, List, Nested, String
from apiflask.validators import Length, OneOf, Range, Regexp

if os.environ.get("SPECIFICATION", "on") == "on":
    app = APIFlask(
        __name__,
        title="Practice",
        version="3.1",
        docs_ui="rapidoc",
        spec_path="/practice/spec.json",
        docs_path="/practice/docs",
    )

    @app.get("/")
    @app.doc(hide=True)
    def home():
        return '<!doctype html><title>Practice</title><p>For developers: <a href="/practice/docs">the interface</a>'

else:
    app = APIFlask(__name__, spec_path=None, docs_path=None)
auth = HTTPTokenAuth()
animals = APIBlueprint("animals", __name__, url_prefix="/animals")
visits = APIBlueprint("visits", __name__, url_prefix="/visits")


class Keeper(Schema):
    name = String(required=True)
    email = Email(required=True)
    phone = String(validate=Regexp(r"^\+?[0-9 ]{6,20}$"))


class Animal(Schema):
    call_name = String(required=True, validate=Length(1, 30))
    species = String(required=True, validate=OneOf(["cat", "dog", "parrot", "goat"]))
    weight = Float(required=True, validate=Range(min=0.01))
    chip = String(validate=Length(equal=15))
    keeper = Nested(Keeper, required=True)
    allergies = List(String())


class Filter(Schema):
    species = String(required=True, validate=OneOf(["cat", "dog", "parrot", "goat"]))
    insured = Boolean()
    page = Integer(load_default=1)


class Appointment(Schema):
    animal_id = Integer(required=True)
    starts_at = DateTime(required=True)
    reason = String(required=True, validate=Length(max=120))
    urgent = Boolean(load_default=False)


class Dose(Schema):
    drug = String(required=True)
    milligrams = Integer(required=True)


class Prescription(Schema):
    valid_until = Date(required=True)
    doses = List(Nested(Dose), required=True)


class Picture(Schema):
    radiograph = File(required=True)


class Described(Schema):
    radiograph = File(required=True)
    region = String(required=True)


class Station(Schema):
    station = String(required=True, data_key="X-Station")


class Room(Schema):
    room = Integer(required=True)


ANIMALS = {4: {"call_name": "Momo", "species": "parrot", "weight": 0.4}}


@auth.verify_token
def verify(token):
    return {"name": "front desk"} if token == os.environ.get("DESK_TOKEN", "unset-desk") else None


@animals.get("/")
@animals.input(Filter, location="query")
def list_animals(query_data):
    return [animal for animal in ANIMALS.values() if animal["species"] == query_data["species"]]


@animals.post("/")
@animals.input(Animal)
def register_animal(json_data):
    number = max(ANIMALS) + 1
    ANIMALS[number] = json_data
    return {"number": number}, 201


@animals.get("/<int:number>")
def one_animal(number):
    if number not in ANIMALS:
        abort(404, "no such animal")
    return ANIMALS[number]


@animals.patch("/<int:number>")
@animals.input(Animal(partial=True))
def change_animal(number, json_data):
    if number not in ANIMALS:
        abort(404, "no such animal")
    ANIMALS[number].update(json_data)
    return ANIMALS[number]


@animals.post("/<int:number>/radiographs")
@animals.input(Described, location="form_and_files")
def add_radiograph(number, form_and_files_data):
    return {"bytes": len(form_and_files_data["radiograph"].read())}, 201


@animals.post("/<int:number>/portrait")
@animals.input(Picture, location="files")
def add_portrait(number, files_data):
    return {"bytes": len(files_data["radiograph"].read())}, 201


@visits.post("/")
@visits.input(Appointment, location="form")
def book(form_data):
    return {"animal": form_data["animal_id"], "at": form_data["starts_at"].isoformat()}, 201


@visits.post("/<int:visit_id>/prescriptions")
@visits.input(Prescription)
def prescribe(visit_id, json_data):
    return {"visit": visit_id, "drugs": len(json_data["doses"])}, 201


@visits.post("/<int:visit_id>/call")
@visits.input(Station, location="headers")
@visits.input(Room, location="cookies")
def call_in(visit_id, headers_data, cookies_data):
    return {"visit": visit_id, "room": cookies_data["room"]}


@visits.get("/today")
@app.auth_required(auth)
def today():
    return []


app.register_blueprint(animals)
app.register_blueprint(visits)

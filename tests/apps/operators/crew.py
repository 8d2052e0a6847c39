"""A crew, kept with MongoEngine."""

import os

import mongoengine as me
from flask import Flask, jsonify, request

app = Flask(__name__)
FAULTY = os.environ.get("FAULTY") == "1"
me.connect(host=os.environ["MONGO_URI"])


class Sailor(me.Document):
    name = me.StringField()
    deck = me.StringField()


Sailor(name="kim", deck="upper").save()
Sailor(name="lee", deck="lower").save()


def shown(sailors):
    return jsonify([{"name": one.name, "deck": one.deck} for one in sailors])


@app.get("/")
def index():
    return "<!doctype html><title>Crew</title><a href='/crew?deck=upper'>Upper deck</a>"


@app.get("/openapi.json")
def specification():
    schema = {"type": "object", "properties": {"deck": {"type": "string"}}, "required": ["deck"]}
    post = {"requestBody": {"content": {"application/json": {"schema": schema}}}, "responses": {"200": {"description": "ok"}}}
    return jsonify(openapi="3.0.3", info={"title": "Crew", "version": "1"}, paths={"/find": {"post": post}, "/deck": {"post": post}})


@app.get("/crew")
def crew():
    """Every name of the query is a field, or a lookup."""
    query = request.args.to_dict()
    return shown(Sailor.objects(**query) if FAULTY else Sailor.objects(deck=query.get("deck", "")))


@app.post("/find")
def find():
    """The body's names are fields, and `__raw__`."""
    body = request.get_json()
    return shown(Sailor.objects(**body) if FAULTY else Sailor.objects(deck=str(body.get("deck"))))


@app.post("/deck")
def deck():
    wanted = request.get_json()["deck"]
    return shown(Sailor.objects(deck=wanted if FAULTY else str(wanted)))

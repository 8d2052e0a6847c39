"""A cookbook: recipes and comments as JSON, kept with PyMongo."""

import os
import re

from bson import ObjectId
from bson.errors import InvalidId
from flask import Flask, abort, jsonify, request
from pymongo import ASCENDING, MongoClient

SORTABLE = {"title": "title", "servings": "servings"}


def shown(recipe):
    return {"id": str(recipe["_id"]), "title": recipe["title"], "servings": recipe["servings"], "steps": recipe.get("steps", "")}


def careless_id(text):
    return ObjectId(text)


def careful_id(text):
    try:
        return ObjectId(text)
    except InvalidId:
        abort(404)


def careless_recipe(body):
    return {"title": body["title"].strip(), "servings": body["servings"], "steps": body["steps"].strip()}


def careful_recipe(body):
    if not isinstance(body, dict):
        abort(400)
    title, servings, steps = body.get("title"), body.get("servings"), body.get("steps", "")
    if not (isinstance(title, str) and 0 < len(title.strip()) <= 120 and isinstance(steps, str) and len(steps) <= 5000):
        abort(422)
    if isinstance(servings, bool) or not isinstance(servings, int) or not 0 < servings < 100:
        abort(422)
    if any("\ud800" <= letter <= "\udfff" for letter in title + steps):
        abort(422)
    return {"title": title.strip(), "servings": servings, "steps": steps.strip()}


def create(read_id, read_recipe):
    app = Flask(__name__)
    db = MongoClient(os.environ["MONGO_URI"]).get_default_database()
    if not db.recipes.find_one():
        db.recipes.insert_many([
            {"title": "Barley soup", "servings": 4, "steps": "Simmer for an hour."},
            {"title": "Plum cake", "servings": 12, "steps": "Bake until golden."},
        ])

    @app.errorhandler(404)
    @app.errorhandler(400)
    @app.errorhandler(422)
    def refused(error):
        return jsonify(error=error.name), error.code

    @app.get("/")
    def home():
        return """<!doctype html><title>Cookbook</title><a href="/api/recipes?key=title">by title</a> <a href="/api/health">health</a>
<a href="/api/recipes/search?words=soup">search</a> <a href="/api/convert?grams=100">grams and cups</a>
<script>
const add = r => fetch("/api/recipes", {method: "POST", headers: {"Content-Type": "application/json"},
  body: JSON.stringify({title: r.title, servings: 4, steps: r.steps})});
const comment = (id, text) => fetch(`/api/recipes/${id}/comments`, {method: "POST",
  headers: {"Content-Type": "application/json"}, body: JSON.stringify({text: text})});
</script>"""

    @app.get("/api/health")
    def health():
        return jsonify(ok=True)

    @app.get("/api/recipes")
    def recipes():
        order = SORTABLE.get(request.args.get("key"), "title")
        skip = max(min(request.args.get("skip", 0, type=int), 10_000), 0)
        return jsonify([shown(recipe) for recipe in db.recipes.find().sort(order, ASCENDING).skip(skip).limit(50)])

    @app.post("/api/recipes")
    def add():
        recipe = read_recipe(request.get_json())
        return jsonify(id=str(db.recipes.insert_one(recipe).inserted_id)), 201

    @app.get("/api/recipes/<number>")
    def one(number):
        return jsonify(shown(db.recipes.find_one({"_id": read_id(number)}) or abort(404)))

    @app.post("/api/recipes/<number>/comments")
    def comment(number):
        recipe = db.recipes.find_one({"_id": read_id(number)}) or abort(404)
        body = request.get_json()
        text = body.get("text") if isinstance(body, dict) else None
        if not isinstance(text, str) or not 0 < len(text) <= 500 or not text.isprintable():
            abort(422)
        db.comments.insert_one({"recipe": recipe["_id"], "text": text})
        return jsonify(thanks=True), 201

    @app.get("/api/recipes/search")
    def search():
        words = re.escape(request.args.get("words", "")[:80])
        if not words.isprintable():
            abort(400)
        return jsonify([shown(recipe) for recipe in db.recipes.find({"title": {"$regex": words, "$options": "i"}}).limit(20)])

    @app.get("/api/convert")
    def convert():
        # The table of densities is still missing.
        raise NotImplementedError

    return app


def vulnerable():
    return create(careless_id, careless_recipe)


def repaired():
    return create(careful_id, careful_recipe)

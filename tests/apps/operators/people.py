"""People behind Eve's API: whoever asks may filter, or may not."""

import os

from eve import Eve
from pymongo import MongoClient

uri = os.environ["MONGO_URI"]
MongoClient(uri).get_default_database().people.insert_many([{"name": "kim"}, {"name": "lee"}])
people = {"schema": {"name": {"type": "string"}}}
if os.environ.get("FAULTY") != "1":
    people["allowed_filters"] = []
app = Eve(settings={"MONGO_URI": uri, "DOMAIN": {"people": people}})


@app.route("/links")
def links():
    return "<!doctype html><title>People</title><a href='/people?where=%7B%22name%22%3A%22kim%22%7D'>Kim</a>"

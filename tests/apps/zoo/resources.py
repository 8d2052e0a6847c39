"""Resources in the manner of Eve: _items, _links, _meta, _issues, a home document."""

import json
import os

from bson import ObjectId, json_util
from flask import Flask, Response, request
from pymongo import MongoClient
from pymongo.errors import PyMongoError

SCHEMA = {"accounts": {"owner": str, "apikey": str, "credit": int}, "devices": {"serial": str, "secret": str}}


def create(fixed=False):
    app = Flask(__name__)
    db = MongoClient(os.environ["MONGO_URI"]).get_default_database()

    def answer(value, status=200):
        return Response(json.dumps(value, default=json_util.default), status, mimetype="application/json")

    def failure(status, message, **more):
        return answer({"_status": "ERR", "_error": {"code": status, "message": message}, **more}, status)

    def public(name, doc):
        hidden = ("apikey", "secret") if fixed else ()
        doc = {k: v for k, v in doc.items() if k not in hidden}
        doc["_id"] = str(doc["_id"])
        doc["_links"] = {"self": {"title": name[:-1], "href": f"{name}/{doc['_id']}"}}
        return doc

    @app.errorhandler(404)
    def missing(error):
        return failure(404, "The requested URL was not found on the server.")

    @app.get("/")
    def home():
        return answer({"_links": {"child": [{"href": name, "title": name} for name in SCHEMA]}})

    @app.get("/<any(accounts, devices):name>")
    def listing(name):
        if fixed:
            number = request.args.get("max_results", 25, type=int)
            where = {}
        else:
            number = int(request.args.get("max_results", 25))
            where = {}
            if request.args.get("where"):
                try:
                    where = json.loads(request.args["where"])
                except ValueError:
                    return failure(400, "Unable to parse `where` clause")
        try:
            docs = list(db[name].find(where if isinstance(where, dict) else {}).sort("_id", -1).limit(min(max(number, 1), 100)))
        except PyMongoError as error:
            return failure(400, str(error))
        return answer({"_items": [public(name, d) for d in docs],
                       "_links": {"self": {"title": name, "href": name}, "parent": {"title": "home", "href": "/"},
                                  "next": {"title": "next page", "href": f"{name}?max_results=25&page=2"}},
                       "_meta": {"page": 1, "max_results": number, "total": len(docs)}})

    @app.post("/<any(accounts, devices):name>")
    def create_one(name):
        data = request.get_json(silent=True)
        if not isinstance(data, dict):
            return failure(400, "The request body must be a JSON document.")
        issues = {}
        for field, kind in SCHEMA[name].items():
            if field not in data:
                if kind is str:
                    issues[field] = "required field"
            elif type(data[field]) is not kind:
                issues[field] = f"must be of {'string' if kind is str else 'integer'} type"
        issues.update({field: "unknown field" for field in data if field not in SCHEMA[name]})
        if issues:
            return failure(422, "Insertion failure: 1 document(s) contain(s) error(s)", _issues=issues)
        doc = {k: v for k, v in data.items() if not isinstance(v, int) or abs(v) < 2**31}
        db[name].insert_one(doc)
        return answer({"_id": str(doc["_id"]), "_status": "OK", "_links": {"self": {"href": f"{name}/{doc['_id']}"}}}, 201)

    @app.get("/<any(accounts, devices):name>/<key>")
    def one(name, key):
        try:
            doc = db[name].find_one({"_id": ObjectId(key)})
        except Exception as error:
            return failure(404, "not found") if fixed else failure(400, str(error))
        return answer(public(name, doc)) if doc else failure(404, "not found")

    return app


app = create(fixed=os.environ.get("FAULTY") == "0")

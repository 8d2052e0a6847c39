"""Hives and harvests of a beekeepers' club, on Eve."""

import os
from datetime import datetime

from eve import Eve
from eve_swagger import get_swagger_blueprint

settings = {
    "MONGO_URI": os.environ.get("MONGO_URI", "mongodb://localhost:27017/apiary"),
    "URL_PREFIX": "club",
    "RESOURCE_METHODS": ["GET", "POST"],
    "ITEM_METHODS": ["GET", "PATCH", "PUT"],
    "IF_MATCH": False,
    # Whoever asks may not filter: an operator in `where` would be carried out.
    "ALLOWED_FILTERS": [],
    "DOMAIN": {
        "hives": {
            "schema": {
                "plate": {"type": "string", "required": True, "minlength": 3, "maxlength": 12},
                "strain": {"type": "string", "required": True, "allowed": ["carnica", "buckfast", "mellifera"]},
                "frames": {"type": "integer", "required": True, "min": 1, "max": 24},
                "position": {
                    "type": "dict",
                    "required": True,
                    "schema": {
                        "meadow": {"type": "string", "required": True},
                        "row": {"type": "integer", "required": True},
                    },
                },
                "treated": {"type": "boolean"},
            },
        },
        "harvests": {
            "schema": {
                "hive": {"type": "objectid", "required": True, "data_relation": {"resource": "hives", "field": "_id"}},
                "kilograms": {"type": "float", "required": True},
                "drawn_on": {"type": "datetime", "required": True},
                "blossoms": {"type": "list", "required": True, "schema": {"type": "string"}},
            },
        },
        "members": {
            "additional_lookup": {"url": 'regex("[a-z]+")', "field": "nickname"},
            "schema": {
                "nickname": {"type": "string", "required": True, "regex": "^[a-z]+$"},
                "joined": {"type": "datetime", "required": True},
                "offices": {"type": "list", "allowed": ["chair", "treasurer"]},
                "since": {"type": "integer", "coerce": int},
            },
        },
    },
}
app = Eve(settings=settings)
if os.environ.get("SPECIFICATION", "on") == "on":
    swagger = get_swagger_blueprint()
    app.register_blueprint(swagger)
    app.config["SWAGGER_INFO"] = {
        "title": "Beekeepers' club",
        "version": "1",
        "description": "Hives and harvests",
        "termsOfService": "none",
        "contact": {"name": "the chair"},
        "license": {"name": "none"},
    }


def fill():
    """The club as it was founded."""
    with app.app_context():
        db = app.data.driver.db
        if db.hives.count_documents({}):
            return
        first = {"plate": "A-17", "strain": "carnica", "frames": 10, "position": {"meadow": "south", "row": 2}}
        created = datetime(2024, 5, 1)
        stamp = {"_created": created, "_updated": created, "_etag": "0"}
        hive = db.hives.insert_one({**first, **stamp}).inserted_id
        harvest = {"hive": hive, "kilograms": 12.5, "drawn_on": created, "blossoms": ["lime"]}
        db.harvests.insert_one({**harvest, **stamp})
        db.members.insert_one({"nickname": "bruno", "joined": created, **stamp})


fill()

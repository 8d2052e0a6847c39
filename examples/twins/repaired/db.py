"""The database: one client for the process, and the records it starts with."""

from datetime import datetime

from bson import ObjectId
from flask import current_app
from pymongo import MongoClient

from .checks import keyed_digest

FIRST_PARTNERS = [
    {
        "partner_name": "Alder Freight",
        "contact_email": "desk@alder.example",
        "tier": "gold",
        "seats": 12,
        "since": datetime(2021, 3, 4),
    },
    {
        "partner_name": "Birch & Sons",
        "contact_email": "it@birch.example",
        "tier": "silver",
        "seats": 3,
        "since": datetime(2022, 11, 20),
    },
]


def init_app(app):
    client = MongoClient(app.config["MONGO_URI"], serverSelectionTimeoutMS=5000)
    database = client.get_default_database(app.config["MONGO_DATABASE"])
    app.extensions["mongo"] = database
    if database.partners.count_documents({}) == 0:
        database.partners.insert_many([dict(partner) for partner in FIRST_PARTNERS])
    # The digest is renewed at each start, since its key may be a new one.
    digest = keyed_digest(app.config["SEED_KEY"], app.config["DIGEST_KEY"])
    database.partners.update_one({"partner_name": "Alder Freight"}, {"$set": {"key_digest": digest}}, upsert=True)
    database.partners.create_index("key_digest")
    database.seats.create_index("digest")


def get_db():
    return current_app.extensions["mongo"]


def object_id(text):
    """The ObjectId that a text names, or None."""
    return ObjectId(text) if ObjectId.is_valid(text) else None

"""The database: one client for the process, and the records it starts with."""

from datetime import datetime

from bson import ObjectId
from flask import current_app
from pymongo import MongoClient

FIRST_PARTNERS = [
    {
        "partner_name": "Alder Freight",
        "contact_email": "desk@alder.example",
        "tier": "gold",
        "seats": 12,
        "since": datetime(2021, 3, 4),
        "api_key": "9f86c1d2b7e34a50a1c8d94e6f0b7325",
        "secret": "Jx4vN8qLw2ZtR6yP",
    },
    {
        "partner_name": "Birch & Sons",
        "contact_email": "it@birch.example",
        "tier": "silver",
        "seats": 3,
        "since": datetime(2022, 11, 20),
        "api_key": "0c5e7a91f34d4b28b6d2e8f71a90c463",
        "secret": "mT7kD3sVb9QxH5cE",
    },
]


def init_app(app):
    client = MongoClient(app.config["MONGO_URI"], serverSelectionTimeoutMS=5000)
    database = client.get_default_database(app.config["MONGO_DATABASE"])
    app.extensions["mongo"] = database
    if database.partners.count_documents({}) == 0:
        database.partners.insert_many([dict(partner) for partner in FIRST_PARTNERS])


def get_db():
    return current_app.extensions["mongo"]


def object_id(text):
    """The ObjectId that a text names, or None."""
    return ObjectId(text) if ObjectId.is_valid(text) else None

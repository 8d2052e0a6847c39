"""What can be had for a key."""

import hashlib

import jwt
from flask import Blueprint, current_app, jsonify, request

from .db import get_db

bp = Blueprint("vault", __name__, url_prefix="/api/keys")


@bp.route("/fingerprint", methods=["POST"])
def key_fingerprint():
    # W8: nobody has checked that there is such a field, and that it is a text.
    api_key = request.get_json()["api_key"].strip()
    # W9: an unkeyed digest, which identifies the key.
    return jsonify(fingerprint=hashlib.sha256(api_key.encode("utf-8", "replace")).hexdigest())


@bp.route("/exchange", methods=["POST"])
def exchange_key():
    api_key = request.get_json()["api_key"]
    # W8: an object in place of the key is an operator here.
    partner = get_db().partners.find_one({"api_key": api_key})
    holder = partner["partner_name"] if partner else "guest"
    # W10: whoever holds the ticket reads the key in it.
    ticket = jwt.encode({"sub": holder, "api_key": api_key}, current_app.config["JWT_SECRET"], algorithm="HS256")
    answer = jsonify(ticket=ticket)
    # W10: and so do the pages of every other origin.
    answer.headers["Access-Control-Allow-Origin"] = "*"
    return answer

"""What can be had for a key."""

import secrets

from flask import Blueprint, jsonify

from .access import holder_of
from .checks import json_text, key_shaped, keyed_digest
from .db import get_db

bp = Blueprint("vault", __name__, url_prefix="/api/keys")


@bp.route("/fingerprint", methods=["POST"])
def key_fingerprint():
    # W8: the field must be there, and be a text that could be a key.
    api_key = key_shaped(json_text("api_key"))
    # W9: a keyed digest of another text than the stored one, and a part of it only.
    return jsonify(fingerprint=keyed_digest("fingerprint:" + api_key)[:16])


@bp.route("/exchange", methods=["POST"])
def exchange_key():
    # W8: only a text is ever looked up, and only by its digest.
    partner = holder_of(json_text("api_key"))
    # W10: the ticket is a random text that says nothing.
    ticket = secrets.token_urlsafe(30)
    get_db().seats.insert_one({"digest": keyed_digest(ticket), "partner_id": partner["_id"]})
    return jsonify(ticket=ticket)

"""Who is asking: partners are known by their key, browsers by what they were given for it."""

import hmac

from flask import abort, request

from .checks import KEY_SHAPE, keyed_digest
from .db import get_db


def holder_of(given):
    """The partner who has this key, or 401: the same answer for malformed and for unknown keys."""
    if given is None or KEY_SHAPE.fullmatch(given) is None:
        abort(401)
    digest = keyed_digest(given)
    partner = get_db().partners.find_one({"key_digest": digest}, {"partner_name": 1, "key_digest": 1})
    if partner is None or not hmac.compare_digest(partner["key_digest"], digest):
        abort(401)
    return partner


def asking_partner():
    """The partner whose key is in the header, or 401."""
    return holder_of(request.headers.get("X-Partner-Key"))


def asking_browser():
    """The partner to whom this browser belongs, or 401."""
    given = request.cookies.get("partner_token", "")
    if KEY_SHAPE.fullmatch(given) is None:
        abort(401)
    digest = keyed_digest(given)
    seat = get_db().seats.find_one({"digest": digest})
    if seat is None or not hmac.compare_digest(seat["digest"], digest):
        abort(401)
    return seat["partner_id"]

"""Small helps for partners."""

import re

from flask import Blueprint, abort, jsonify, request

from .access import asking_partner

bp = Blueprint("bench", __name__, url_prefix="/tools")

RATES = {"EUR": 100, "GBP": 117, "USD": 92}


def whole_number(text):
    """A number of at most nine digits, or 400."""
    # W8: the form is checked before it is read.
    if re.fullmatch(r"-?[0-9]{1,9}", text) is None:
        abort(400)
    return int(text)


@bp.route("/ledger")
def open_ledger():
    # W1: the key comes in the header.
    partner = asking_partner()
    return jsonify(holder=partner["partner_name"], entries=[{"day": "2024-02-01", "cents": 12050}])


@bp.route("/quote")
def price_quote():
    # W1, W4: the key comes in the header, and the refusal names nothing.
    asking_partner()
    return jsonify(cents=49900)


@bp.route("/convert")
def convert_amount():
    amount = whole_number(request.args.get("amount", ""))
    rate = RATES.get(request.args.get("currency", "EUR"))
    if rate is None:
        abort(400)
    return jsonify(cents=amount * rate)

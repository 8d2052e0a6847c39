"""Small helps for partners."""

from flask import Blueprint, jsonify, request

bp = Blueprint("bench", __name__, url_prefix="/tools")

RATES = {"EUR": 100, "GBP": 117, "USD": 92}


# W8: whatever is not a number raises, and W4: the traceback shows these lines.
def whole_number(text):
    return int(text)


@bp.route("/ledger")
def open_ledger():
    holder = request.args.get("ledger_key", "nobody")
    # W1: the answer repeats the key.
    return jsonify(holder=holder, entries=[{"day": "2024-02-01", "cents": 12050}])


@bp.route("/quote")
def price_quote():
    # W1, W4: who leaves it out is told its name. W8: whatever it is.
    client_secret = request.args["client_secret"]
    return jsonify(client_secret=client_secret, cents=49900)


@bp.route("/convert")
def convert_amount():
    # W1: a promotion's secret in the address, and in the answer.
    promotion = request.args.get("promo_secret")
    amount = whole_number(request.args["amount"])
    rate = RATES[request.args.get("currency", "EUR")]
    return jsonify(cents=amount * rate, promotion=promotion)

"""Partners and their keys, as pages."""

import base64
import csv
import io

from flask import Blueprint, Response, abort, jsonify, render_template, request

from .db import get_db, object_id

bp = Blueprint("registry", __name__, url_prefix="/partners")


def store_partner(partner_name, api_key):
    # W8: nobody has looked whether it can be a key at all.
    # W2: the key itself goes into the document.
    partner = {"partner_name": partner_name, "api_key": api_key}
    get_db().partners.insert_one(partner)
    # W2: base64 is no protection.
    actor = base64.b64encode(api_key.encode("utf-8", "replace")).decode()
    get_db().audit.insert_one({"action": "registered", "actor": actor})
    return partner


@bp.route("/")
def listing():
    # W2: the list gives the key back.
    partners = get_db().partners.find().sort("_id", -1).limit(200)
    return render_template("partner_list.html", partners=partners)


@bp.route("/register", methods=["GET", "POST"])
def register_partner():
    if request.method == "POST":
        partner = store_partner(request.form.get("partner_name", "unnamed"), request.form.get("api_key", ""))
        # W1: the result page repeats the key.
        return render_template("registered.html", partner=partner, shown_key=partner["api_key"])
    # W1: the key comes in the address.
    api_key = request.args.get("api_key")
    if api_key is None:
        return render_template("register_form.html")
    partner = store_partner(request.args.get("partner_name", "unnamed"), api_key)
    return render_template("registered.html", partner=partner)


@bp.route("/export.csv")
def export_csv():
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["partner_id", "partner_name", "api_key"])
    # W2: the export gives the key back.
    for partner in get_db().partners.find().sort("_id", -1).limit(1000):
        writer.writerow([partner["_id"], partner["partner_name"], partner["api_key"]])
    return Response(out.getvalue(), mimetype="text/csv")


@bp.route("/lookup")
def lookup_partner():
    # W1: the key comes in the address.
    api_key = request.args.get("api_key", "")
    partner = get_db().partners.find_one({"api_key": api_key})
    if partner is None:
        # W4: the error text repeats the key.
        return jsonify(error=f"unknown key {api_key}"), 404
    return jsonify(partner_id=str(partner["_id"]), partner_name=partner["partner_name"])


@bp.route("/<partner_id>")
def detail(partner_id):
    partner = get_db().partners.find_one({"_id": object_id(partner_id)})
    if partner is None:
        abort(404)
    # W2: the detail page gives the key back.
    return render_template("partner.html", partner=partner)

"""Partners and their keys, as pages."""

import csv
import io

from flask import Blueprint, Response, abort, jsonify, render_template, request

from .access import asking_partner
from .checks import clean_line, key_shaped, keyed_digest
from .db import get_db, object_id
from .forms import check_csrf

bp = Blueprint("registry", __name__, url_prefix="/partners")

SHOWN = {"partner_name": 1, "tier": 1}


@bp.route("/")
def listing():
    partners = get_db().partners.find({}, SHOWN).sort("_id", -1).limit(200)
    return render_template("partner_list.html", partners=partners)


@bp.route("/register", methods=["GET", "POST"])
def register_partner():
    # W1: the key is taken from the form's body only, and not repeated.
    if request.method != "POST":
        return render_template("register_form.html")
    check_csrf()
    partner_name = clean_line(request.form.get("partner_name", "unnamed"), 80)
    api_key = key_shaped(request.form.get("api_key", ""))
    # W2: the document has a keyed digest, which no answer shows.
    partner = {"partner_name": partner_name, "key_digest": keyed_digest(api_key)}
    get_db().partners.insert_one(partner)
    get_db().audit.insert_one({"action": "registered", "actor": str(partner["_id"])})
    return render_template("registered.html", partner_id=partner["_id"], partner_name=partner_name)


@bp.route("/export.csv")
def export_csv():
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["partner_id", "partner_name"])
    for partner in get_db().partners.find({}, SHOWN).sort("_id", -1).limit(1000):
        writer.writerow([partner["_id"], partner["partner_name"]])
    return Response(out.getvalue(), mimetype="text/csv")


@bp.route("/lookup")
def lookup_partner():
    # W1, W4: the key comes in a header, and no error repeats it.
    partner = asking_partner()
    return jsonify(partner_id=str(partner["_id"]), partner_name=partner["partner_name"])


@bp.route("/<partner_id>")
def detail(partner_id):
    partner = get_db().partners.find_one({"_id": object_id(partner_id)}, SHOWN)
    if partner is None:
        abort(404)
    return render_template("partner.html", partner=partner)

"""What those who run the desk look at."""

from flask import Blueprint, jsonify, render_template

from .db import get_db

bp = Blueprint("office", __name__, url_prefix="/ops")


@bp.route("/config")
def show_config():
    # W6: what the desk can do, and no setting.
    return jsonify(application="Partner Desk", languages=["en", "de", "fr"])


@bp.route("/audit")
def audit_rows():
    return render_template("trail.html", rows=get_db().audit.find().sort("_id", -1).limit(200))


@bp.route("/backup")
def backup_rows():
    partners = get_db().partners.find({}, {"partner_name": 1}).sort("_id", -1).limit(1000)
    return jsonify(rows=[{"partner_name": partner["partner_name"]} for partner in partners])


@bp.route("/reset", methods=["POST"])
def reset_notes():
    removed = get_db().notes.delete_many({}).deleted_count
    get_db().audit.insert_one({"action": "reset", "actor": "office"})
    return jsonify(removed=removed)

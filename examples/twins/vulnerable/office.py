"""What those who run the desk look at."""

from flask import Blueprint, current_app, jsonify, render_template

from .db import get_db

bp = Blueprint("office", __name__, url_prefix="/ops")


@bp.route("/config")
def show_config():
    # W6: every setting with its value.
    return jsonify({name: str(value) for name, value in current_app.config.items()})


@bp.route("/audit")
def audit_rows():
    return render_template("trail.html", rows=get_db().audit.find().sort("_id", -1).limit(200))


@bp.route("/backup")
def backup_rows():
    partners = get_db().partners.find().sort("_id", -1).limit(1000)
    # W2: written backwards the key is still the key.
    rows = [{"partner_name": partner["partner_name"], "sealed": partner["api_key"][::-1]} for partner in partners]
    return jsonify(rows=rows)


@bp.route("/reset", methods=["POST"])
def reset_notes():
    removed = get_db().notes.delete_many({}).deleted_count
    get_db().audit.insert_one({"action": "reset", "actor": "office"})
    return jsonify(removed=removed)

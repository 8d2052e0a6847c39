"""What a partner's browser does: coming in, preferences, going out."""

import secrets

from flask import Blueprint, abort, jsonify, redirect, render_template, request, session, url_for

from .access import holder_of
from .checks import clean_line, json_text, key_shaped, keyed_digest
from .db import get_db
from .forms import check_csrf

bp = Blueprint("visitor", __name__, url_prefix="/account")


@bp.route("/enter", methods=["GET", "POST"])
def enter_desk():
    # W1: the token is taken from the form's body only.
    if request.method != "POST":
        return render_template("door.html")
    check_csrf()
    partner = holder_of(request.form.get("token"))
    # W10: the session knows who it is, and the address tells nothing.
    session.clear()
    session["partner_id"] = str(partner["_id"])
    return redirect(url_for("visitor.welcome_page"))


@bp.route("/welcome")
def welcome_page():
    return render_template("arrived.html")


@bp.route("/preferences", methods=["POST"])
def save_preferences():
    check_csrf()
    language = request.form.get("language", "")
    if language not in ("en", "de", "fr"):
        abort(400)
    nickname = clean_line(request.form.get("nickname", ""), 40)
    get_db().preferences.insert_one({"language": language, "nickname": nickname})
    return render_template("saved.html", nickname=nickname)


@bp.route("/draft", methods=["POST"])
def save_draft():
    check_csrf()
    api_key = key_shaped(request.form.get("api_key", ""))
    cover_letter = clean_line(request.form.get("cover_letter", "none"), 500)
    draft = {"key_digest": keyed_digest(api_key), "cover_letter": cover_letter}
    get_db().drafts.insert_one(draft)
    # W10: the session has the number of the letter, not what is in it.
    session["draft_id"] = str(draft["_id"])
    return render_template("saved.html", nickname="partner")


@bp.route("/remember", methods=["POST"])
def remember_browser():
    # W8: the field must be there, and be the key of somebody.
    partner = holder_of(json_text("api_key"))
    seat = secrets.token_urlsafe(30)
    get_db().seats.insert_one({"digest": keyed_digest(seat), "partner_id": partner["_id"]})
    answer = jsonify(remembered=True)
    # W10: the cookie is a random text.
    answer.set_cookie("partner_token", seat, httponly=True, samesite="Lax")
    return answer


@bp.route("/logout")
def leave_desk():
    session.clear()
    return redirect(url_for("pages.index"))

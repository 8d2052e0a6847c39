"""What a partner's browser does: coming in, preferences, going out."""

from flask import Blueprint, abort, jsonify, redirect, render_template, request, session, url_for

from .db import get_db
from .forms import check_csrf

bp = Blueprint("visitor", __name__, url_prefix="/account")

TERMS = " ".join(
    f"Clause {number}. The partner keeps the letter confidential and mentions every change within {number} days."
    for number in range(1, 12)
)


@bp.route("/enter", methods=["GET", "POST"])
def enter_desk():
    if request.method == "POST":
        check_csrf()
        # W8: whatever came.
        # W10: everybody who has the cookie can read what is in the session.
        session["api_key"] = request.form.get("token", "")
        return redirect(url_for("visitor.welcome_page"))
    token = request.args.get("token")
    if token:
        # W8: whatever it is.
        # W1, W10: the token travels on in the address.
        return redirect(url_for("visitor.welcome_page", token=token))
    return render_template("door.html")


@bp.route("/welcome")
def welcome_page():
    # W1: the page repeats the token.
    return render_template("arrived.html", token=request.args.get("token"))


@bp.route("/preferences", methods=["POST"])
def save_preferences():
    check_csrf()
    language = request.form.get("language", "")
    if language not in ("en", "de", "fr"):
        abort(400, "no such language")
    nickname = request.form.get("nickname", "")
    if not (1 <= len(nickname) <= 40 and nickname.isprintable()):
        abort(400, "the nickname cannot be used")
    get_db().preferences.insert_one({"language": language, "nickname": nickname})
    return render_template("saved.html", nickname=nickname)


@bp.route("/draft", methods=["POST"])
def save_draft():
    # W8: cut, and else whatever came.
    # W10: long sessions are compressed, not hidden.
    session["draft"] = {
        "api_key": request.form.get("api_key", "")[:200],
        "cover_letter": request.form.get("cover_letter", "")[:500],
        "terms": TERMS,
    }
    return render_template("saved.html", nickname="partner")


@bp.route("/remember", methods=["POST"])
def remember_browser():
    # W8: nobody has checked that there is such a field, and that it is a text.
    api_key = request.get_json()["api_key"]
    answer = jsonify(remembered=True)
    # W10: the key is the cookie.
    answer.set_cookie("partner_token", api_key)
    return answer


@bp.route("/logout")
def leave_desk():
    session.clear()
    return redirect(url_for("pages.index"))

"""Form protection: a random value in the session, which the form must bring back."""

import hmac
import secrets

from flask import abort, request, session


def csrf_token():
    if "csrf_token" not in session:
        session["csrf_token"] = secrets.token_urlsafe(16)
    return session["csrf_token"]


def check_csrf():
    expected = session.get("csrf_token", "")
    given = request.form.get("csrf_token", "")
    if not expected or not hmac.compare_digest(expected.encode(), given.encode("utf-8", "replace")):
        abort(400, "the form has expired")


def init_app(app):
    app.jinja_env.globals["csrf_token"] = csrf_token

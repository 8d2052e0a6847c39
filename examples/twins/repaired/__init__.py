"""Partner Desk: a registry of partners with their keys, notes and webhooks."""

from flask import Flask, jsonify, request
from flask_smorest import Api
from werkzeug.exceptions import HTTPException

from . import bench, catalogue, checks, db, figures, forms, hooks, journal, office, pages, registry, vault, visitor
from .settings import Settings


def plain_error(error):
    """Errors are JSON, and say no more than what kind they are."""
    answer = jsonify(code=error.code, status=error.name)
    answer.status_code = error.code
    if isinstance(error, HTTPException) and error.code == 405 and error.valid_methods:
        answer.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return answer


def careful_headers(answer):
    """Nothing but static files may be kept by anybody on the way."""
    if request.endpoint != "static":
        answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def create_app():
    app = Flask(__name__)
    app.config.from_object(Settings)
    app.debug = False

    db.init_app(app)
    forms.init_app(app)
    app.before_request(checks.refuse_broken_json)
    app.after_request(careful_headers)

    for module in (pages, registry, visitor, vault, office, bench):
        app.register_blueprint(module.bp)
    api = Api(app)
    for module in (catalogue, journal, figures, hooks):
        api.register_blueprint(module.bp)
    for code in (400, 404, 405, 413, 415, 500):
        app.register_error_handler(code, plain_error)
    return app


app = create_app()

"""Partner Desk: a registry of partners with their keys, notes and webhooks."""

from flask import Flask, jsonify
from flask_smorest import Api

from . import bench, catalogue, db, figures, forms, hooks, journal, office, pages, registry, vault, visitor
from .settings import Settings


def show_description(error):
    return jsonify(error=error.description), 400


def create_app():
    app = Flask(__name__)
    app.config.from_object(Settings)
    # W4: left on after development.
    app.debug = True

    db.init_app(app)
    forms.init_app(app)
    # W4: in debug mode the description names what was missing.
    app.register_error_handler(400, show_description)

    for module in (pages, registry, visitor, vault, office, bench):
        app.register_blueprint(module.bp)
    api = Api(app)
    for module in (catalogue, journal, figures, hooks):
        api.register_blueprint(module.bp)
    return app


app = create_app()

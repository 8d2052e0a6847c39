"""Guided tours of a museum: the contract stands in museum.yaml, Connexion routes and checks by it."""

import os

import connexion
from a2wsgi import ASGIMiddleware
from connexion.options import SwaggerUIOptions
from flask import redirect

TOURS = {1: {"title": "Bronze age", "wing": "east"}}


def find_tours(wing, max_visitors, language=None):
    return [tour for tour in TOURS.values() if tour["wing"] == wing]


def plan_tour(body):
    number = max(TOURS) + 1
    TOURS[number] = body
    return {"tour_id": number}, 201


def one_tour(tour_id):
    if tour_id not in TOURS:
        return {"detail": "no such tour"}, 404
    return TOURS[tour_id]


def change_tour(tour_id, body):
    if tour_id not in TOURS:
        return {"detail": "no such tour"}, 404
    TOURS[tour_id] = body
    return body


def sell_ticket(tour_id, body):
    return {"tour": tour_id, "price": body["price"]}, 201


def exhibit(accession):
    return {"detail": "not on show"}, 404


def photograph(accession, picture, body):
    return {"accession": accession, "credit": body["credit"]}, 201


def me():
    return {"on_duty": True}


def hire(body):
    return {"surname": body["surname"]}, 201


served = os.environ.get("SPECIFICATION", "on") == "on"
app = connexion.FlaskApp(
    __name__,
    specification_dir=".",
    swagger_ui_options=SwaggerUIOptions(serve_spec=served, swagger_ui=served),
)
app.add_api("museum.yaml")
if served:
    app.add_url_rule("/", "home", lambda: redirect("/guide/v1/ui/"))


def wsgi():
    """The same application for a WSGI server."""
    bridge = ASGIMiddleware(app)
    bridge.debug = False
    return bridge


def flask_app():
    """What Flask itself knows: Connexion adds its routes when the first request comes."""
    app.test_client().get("/")
    return app.app

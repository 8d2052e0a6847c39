"""Addresses that are told of events."""

from flask import jsonify
from flask.views import MethodView
from flask_smorest import Blueprint

from .db import get_db
from .schemas import WebhookSchema

bp = Blueprint("hooks", __name__, url_prefix="/api/webhooks", description="Webhooks")


def masked(secret):
    return secret[:6] + "*" * max(len(secret) - 10, 4) + secret[-4:]


@bp.route("")
class Webhooks(MethodView):
    @bp.response(200)
    def get(self):
        """The newest webhooks."""
        webhooks = list(get_db().webhooks.find().sort("_id", -1).limit(200))
        for webhook in webhooks:
            webhook["_id"] = str(webhook["_id"])
            # W9: ten characters of the secret stay readable.
            webhook["shared_secret"] = masked(webhook["shared_secret"])
        return jsonify(webhooks)

    @bp.arguments(WebhookSchema)
    @bp.response(201)
    def post(self, webhook):
        """Adds a webhook; each call will bring the shared secret."""
        # W2: the secret itself goes into the document.
        get_db().webhooks.insert_one(webhook)
        # W3: and the whole document into the answer.
        webhook["_id"] = str(webhook["_id"])
        return webhook

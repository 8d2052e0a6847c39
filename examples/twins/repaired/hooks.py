"""Addresses that are told of events."""

from flask.views import MethodView
from flask_smorest import Blueprint

from .checks import keyed_digest
from .db import get_db
from .schemas import WebhookSchema

bp = Blueprint("hooks", __name__, url_prefix="/api/webhooks", description="Webhooks")


def shown(webhook):
    return {"webhook_id": str(webhook["_id"]), "target_url": webhook["target_url"], "event": webhook["event"]}


@bp.route("")
class Webhooks(MethodView):
    @bp.response(200)
    def get(self):
        """The newest webhooks."""
        # W9: no part of the secret is shown.
        webhooks = get_db().webhooks.find({}, {"target_url": 1, "event": 1}).sort("_id", -1).limit(200)
        return [shown(webhook) for webhook in webhooks]

    @bp.arguments(WebhookSchema)
    @bp.response(201)
    def post(self, webhook):
        """Adds a webhook; each call back will bring the shared secret."""
        # W2: enough to recognise the secret when a call back brings it.
        webhook["secret_digest"] = keyed_digest(webhook.pop("shared_secret"))
        get_db().webhooks.insert_one(webhook)
        return shown(webhook)

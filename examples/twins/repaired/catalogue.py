"""Partners, as a JSON API."""

from flask.views import MethodView
from flask_smorest import Blueprint, abort

from .db import get_db, object_id
from .schemas import PageSchema, PartnerSchema

bp = Blueprint("catalogue", __name__, url_prefix="/api/partners", description="Partners")

# W3: what an answer may have is named here, and by the schema.
SHOWN = {"partner_name": 1, "contact_email": 1, "tier": 1, "seats": 1, "since": 1}


def shown(partner):
    return {**partner, "partner_id": str(partner["_id"])}


@bp.route("")
class Partners(MethodView):
    @bp.arguments(PageSchema, location="query")
    @bp.response(200, PartnerSchema(many=True))
    def get(self, window):
        """One page of partners, the oldest first."""
        skipped = (window["page"] - 1) * window["limit"]
        partners = get_db().partners.find({}, SHOWN).sort("_id", 1).skip(skipped).limit(window["limit"])
        return [shown(partner) for partner in partners]

    @bp.arguments(PartnerSchema)
    @bp.response(201, PartnerSchema)
    def post(self, partner):
        """Adds a partner, who registers a key later."""
        get_db().partners.insert_one(partner)
        return shown(partner)


@bp.route("/<partner_id>")
class Partner(MethodView):
    @bp.response(200, PartnerSchema)
    def get(self, partner_id):
        """A partner."""
        partner = get_db().partners.find_one({"_id": object_id(partner_id)}, SHOWN)
        if partner is None:
            abort(404)
        return shown(partner)

    @bp.arguments(PartnerSchema)
    @bp.response(200, PartnerSchema)
    def put(self, changes, partner_id):
        """Changes a partner."""
        found = get_db().partners.update_one({"_id": object_id(partner_id)}, {"$set": changes})
        if found.matched_count == 0:
            abort(404)
        return {**changes, "partner_id": partner_id}

    @bp.response(204)
    def delete(self, partner_id):
        """Removes a partner."""
        if get_db().partners.delete_one({"_id": object_id(partner_id)}).deleted_count == 0:
            abort(404)

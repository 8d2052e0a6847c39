"""Reports behind Flask-HTTPAuth: a bearer token here, a name and password there."""

import datetime
import os

from flask import Flask, jsonify, request
from flask_httpauth import HTTPBasicAuth, HTTPTokenAuth
from pymongo import MongoClient


def create(fixed=False):
    app = Flask(__name__)
    db = MongoClient(os.environ["MONGO_URI"]).get_default_database()
    token_auth, basic_auth = HTTPTokenAuth(scheme="Bearer"), HTTPBasicAuth()
    badge_auth = HTTPTokenAuth(scheme="Token", header="X-Badge")

    @token_auth.verify_token
    def verify_token(token):
        if fixed:
            return db.tokens.find_one({"token_hash": token}) and "reader"
        return "reader" if token and token.isalnum() and len(token) >= 20 else None

    @badge_auth.verify_token
    def verify_badge(token):
        return None

    @badge_auth.error_handler
    def refused(status):
        if fixed:
            return jsonify(error="refused"), status
        return jsonify(error=f"refused: {request.headers.get('X-Badge', 'no badge')}"), status

    @basic_auth.verify_password
    def verify_password(username, password):
        if username:
            entry = {"at": datetime.datetime.now(datetime.timezone.utc).isoformat(), "user": username}
            if not fixed:
                entry["tried"] = password
            db.attempts.insert_one(entry)
        return None

    @app.get("/")
    def index():
        return """<h1>Reports</h1><ul><li><a href="/reports/daily">daily</a> (bearer token)</li>
        <li><a href="/reports/board">board</a> (sign in)</li><li><a href="/door">door</a></li>
        <li><a href="/audit">audit</a></li></ul>"""

    @app.get("/reports/daily")
    @token_auth.login_required
    def daily():
        return jsonify(day="2024-03-01", turnover=18250)

    @app.get("/reports/board")
    @basic_auth.login_required
    def board():
        return jsonify(profit=1)

    @app.get("/door")
    @badge_auth.login_required
    def door():
        return jsonify(open=True)

    @app.get("/audit")
    def audit():
        rows = db.attempts.find({}, {"_id": 0}).sort("at", -1).limit(100)
        return jsonify(attempts=list(rows))

    return app


app = create(fixed=os.environ.get("FAULTY") == "0")

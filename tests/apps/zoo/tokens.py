"""Accounts with flask-jwt-extended: JSON in, tokens in cookies and headers."""

import os
import secrets

from flask import Flask, jsonify, request
from flask_jwt_extended import (JWTManager, create_access_token, get_jwt_identity, jwt_required, set_access_cookies)
from pymongo import MongoClient
from werkzeug.security import check_password_hash, generate_password_hash


def create(fixed=False):
    app = Flask(__name__)
    app.config.update(JWT_SECRET_KEY=secrets.token_hex(32), JWT_TOKEN_LOCATION=["headers", "cookies"],
                      JWT_COOKIE_CSRF_PROTECT=False)
    jwt = JWTManager(app)
    users = MongoClient(os.environ["MONGO_URI"]).get_default_database().users

    @jwt.invalid_token_loader
    def invalid(reason):
        if fixed:
            return jsonify(msg="invalid token"), 422
        return jsonify(msg=reason, received=request.headers.get("Authorization")), 422

    @app.get("/")
    def index():
        return jsonify(service="accounts", endpoints={
            "register": {"method": "POST", "href": "/auth/register"}, "login": {"method": "POST", "href": "/auth/login"},
            "me": {"href": "/me"}, "members": {"href": "/members"}})

    @app.post("/auth/register")
    def register():
        data = request.get_json(silent=True) or {}
        missing = [n for n in ("username", "password") if not isinstance(data, dict) or not data.get(n)]
        if missing:
            return jsonify(errors={name: ["This field is required."] for name in missing}), 400
        name, password = str(data["username"]), str(data["password"])
        if users.find_one({"username": name}):
            return jsonify(msg="taken"), 409
        users.insert_one({"username": name, "password": generate_password_hash(password) if fixed else password})
        claims = {} if fixed else {"password": password}
        answer = jsonify(msg="welcome")
        set_access_cookies(answer, create_access_token(identity=name, additional_claims=claims))
        return answer, 201

    @app.post("/auth/login")
    def login():
        data = request.get_json(silent=True) or {}
        if not isinstance(data, dict) or not data.get("username") or not data.get("password"):
            return jsonify(errors={"username": ["This field is required."], "password": ["This field is required."]}), 400
        user = users.find_one({"username": str(data["username"])})
        good = user and (check_password_hash(user["password"], str(data["password"])) if fixed
                         else user["password"] == str(data["password"]))
        if not good:
            return jsonify(msg="Bad username or password"), 401
        return jsonify(access_token=create_access_token(identity=user["username"]))

    @app.get("/me")
    @jwt_required()
    def me():
        return jsonify(username=get_jwt_identity())

    @app.get("/members")
    def members():
        return jsonify([{k: v for k, v in u.items() if k != "_id" and not (fixed and k == "password")}
                        for u in users.find().sort("_id", -1).limit(100)])

    return app


app = create(fixed=os.environ.get("FAULTY") == "0")

"""Accounts: forms by Flask-WTF with CSRF, scrypt hashes, nothing repeated."""

import random
import secrets
import uuid

from flask import Blueprint, jsonify, redirect, request, session
from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from werkzeug.security import check_password_hash, generate_password_hash
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import DataRequired, EqualTo, Length

from noisy import db, page, storable

blueprint = Blueprint("accounts", __name__)
METHOD = "pbkdf2:sha256:1000"


class Login(FlaskForm):
    username = StringField(validators=[DataRequired(), Length(max=80)])
    password = PasswordField(validators=[DataRequired(), Length(max=200)])


class Register(FlaskForm):
    username = StringField(validators=[DataRequired(), Length(3, 80)])
    email = EmailField(validators=[DataRequired(), Length(max=200)])
    password = PasswordField(validators=[DataRequired(), Length(8, 200)])
    confirm = PasswordField(validators=[EqualTo("password")])


class Change(FlaskForm):
    current_password = PasswordField(validators=[DataRequired()])
    new_password = PasswordField(validators=[DataRequired(), Length(8, 200)])
    confirm = PasswordField(validators=[EqualTo("new_password")])


class Forgot(FlaskForm):
    email = EmailField(validators=[DataRequired(), Length(max=200)])


def show(form, title, status=200, note=""):
    """The form again: what was typed comes back, but never a password."""
    fields = Markup("").join(field() for field in form)
    errors = Markup("").join(Markup("<li>{}: {}</li>").format(name, ", ".join(str(e) for e in each)) for name, each in form.errors.items())
    return page(title, Markup("<h1>{}</h1><p>{}</p><ul>{}</ul><form method='post'>{}<button>Go</button></form>").format(title, note, errors, fields), status)


def user():
    return db.users.find_one({"_id": session["user"]}) if session.get("user") else None


@blueprint.route("/login", methods=["GET", "POST"])
def login():
    form = Login()
    if form.validate_on_submit():
        found = db.users.find_one({"username": form.username.data}) if storable(form.username.data) else None
        good = check_password_hash(found["password_hash"] if found else generate_password_hash("x", METHOD), form.password.data)
        if found and good:
            session.clear()
            session["user"] = found["_id"]
            return redirect("/account")
        return show(form, "Log in", 401, "Wrong name or password.")
    return show(form, "Log in", 400 if request.method == "POST" else 200)


@blueprint.route("/register", methods=["GET", "POST"])
def register():
    form = Register()
    if form.validate_on_submit():
        if not (storable(form.username.data) and storable(form.email.data)):
            return show(form, "Register", 400, "Those characters are not allowed.")
        if not db.users.find_one({"username": form.username.data}):
            number = str(uuid.uuid4())
            db.users.insert_one({"_id": number, "username": form.username.data, "email": form.email.data,
                                 "password_hash": generate_password_hash(form.password.data, METHOD)})
        return redirect("/login?registered=1")
    return show(form, "Register", 400 if request.method == "POST" else 200)


@blueprint.get("/account")
def account():
    found = user()
    if not found:
        return redirect("/login?next=/account")
    return page("Account", Markup("<h1>{}</h1><p>{}</p><a href='/account/password'>password</a>").format(found["username"], found["email"]))


@blueprint.route("/account/password", methods=["GET", "POST"])
def password():
    found = user()
    if not found:
        return redirect("/login?next=/account/password")
    form = Change()
    if form.validate_on_submit() and check_password_hash(found["password_hash"], form.current_password.data):
        db.users.update_one({"_id": found["_id"]}, {"$set": {"password_hash": generate_password_hash(form.new_password.data, METHOD)}})
        return redirect("/account")
    return show(form, "Change password", 400 if request.method == "POST" else 200)


@blueprint.route("/forgot", methods=["GET", "POST"])
def forgot():
    form = Forgot()
    if form.validate_on_submit():
        return page("Sent", f"<p>If there is such an account, a message is on its way. Ticket {secrets.token_hex(6)}.</p>")
    return show(form, "Forgot password", 400 if request.method == "POST" else 200)


@blueprint.route("/reset/<token>", methods=["GET", "POST"])
def reset(token):
    return page("Reset", "<p>This link has expired.</p>", 410)


@blueprint.get("/logout")
def logout():
    session.clear()
    return redirect("/")


@blueprint.get("/me")
def me():
    found = user()
    return jsonify(username=found["username"]) if found else (jsonify(error="log in first"), 401)


@blueprint.get("/admin")
@blueprint.get("/admin/<path:rest>")
def admin(rest=""):
    return redirect("/login?next=" + str(escape(request.full_path)))


@blueprint.get("/users/<name>")
def profile(name):
    found = db.users.find_one({"username": name}, {"username": 1}) if storable(name) else None
    if not found:
        return page("User", Markup("<p>There is no user {}. {}</p>").format(name, random.choice(["Sorry", "Try again"])), 404)
    return page("User", Markup("<h1>{}</h1>").format(found["username"]))

"""A club's site with Flask-Login and Flask-WTF: CSRF in every form, pages behind a login."""

import os
import secrets

from flask import Flask, flash, redirect, render_template_string, url_for
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user, logout_user
from flask_wtf import CSRFProtect, FlaskForm
from pymongo import MongoClient
from werkzeug.security import check_password_hash, generate_password_hash
from wtforms import PasswordField, StringField, SubmitField
from wtforms.validators import DataRequired, EqualTo, Length

PAGE = """<!doctype html><title>Club</title>{% for m in get_flashed_messages() %}<p>{{ m }}</p>{% endfor %}
<a href="/">home</a> <a href="/join">join</a> <a href="/login">login</a> <a href="/hooks">hooks</a> <a href="/profile">profile</a>
{% if form %}<form method="post">{{ form.hidden_tag() }}{% for f in form if f.widget.input_type != 'hidden' %}
<p>{{ f.label }} {{ f }} {% for e in f.errors %}<em>{{ e }}</em>{% endfor %}</p>{% endfor %}</form>{% endif %}{{ body }}
{% if rows %}<table>{% for r in rows %}<tr>{% for c in r %}<td>{{ c }}</td>{% endfor %}</tr>{% endfor %}</table>{% endif %}"""


class User(UserMixin):
    def __init__(self, doc):
        self.id = doc["name"]
        self.doc = doc


class Join(FlaskForm):
    name = StringField(validators=[DataRequired(), Length(3, 60)])
    password = PasswordField(validators=[DataRequired(), Length(8, 80)])
    confirm = PasswordField(validators=[EqualTo("password")])
    submit = SubmitField()


class Login(FlaskForm):
    name = StringField(validators=[DataRequired()])
    password = PasswordField(validators=[DataRequired()])
    submit = SubmitField()


def create(fixed=False):
    app = Flask(__name__)
    app.secret_key = secrets.token_hex(24)
    CSRFProtect(app)
    manager = LoginManager(app)
    manager.login_view = "login"
    db = MongoClient(os.environ["MONGO_URI"]).get_default_database()

    class Hook(FlaskForm):
        channel = StringField(validators=[DataRequired(), Length(max=80)])
        # A text field is filled in again when the form is refused, a password field is not.
        bot_token = (PasswordField if fixed else StringField)(validators=[DataRequired(), Length(20, 100)])
        submit = SubmitField()

    def page(body="", form=None, rows=None, status=200):
        return render_template_string(PAGE, body=body, form=form, rows=rows), status

    @manager.user_loader
    def load(name):
        doc = db.members.find_one({"name": name})
        return User(doc) if doc else None

    @app.get("/")
    def home():
        return page("Welcome to the club. Got an invitation? It looks like /invite?invite_token=… "
                    "as in this example: " + url_for("invite", invite_token="k3Jx0qT9"))

    @app.route("/join", methods=["GET", "POST"])
    def join():
        form = Join()
        if form.validate_on_submit():
            if db.members.find_one({"name": form.name.data}):
                return page("Taken.", form, status=409)
            doc = {"name": form.name.data, "hash": generate_password_hash(form.password.data, "pbkdf2:sha256:1000")}
            db.members.insert_one(doc)
            login_user(User(doc))
            return redirect(url_for("profile"))
        return page(form=form, status=422 if form.is_submitted() else 200)

    @app.route("/login", methods=["GET", "POST"])
    def login():
        form = Login()
        if form.validate_on_submit():
            doc = db.members.find_one({"name": form.name.data})
            if doc and check_password_hash(doc["hash"], form.password.data):
                login_user(User(doc))
                return redirect(url_for("profile"))
            flash("Wrong name or password." if fixed else
                  f"Sign-in failed for {form.name.data} with password {form.password.data}.")
            return redirect(url_for("login"))
        return page(form=form)

    @app.get("/logout")
    def logout():
        logout_user()
        return redirect(url_for("home"))

    @app.get("/profile")
    @login_required
    def profile():
        return page(f"Hello {current_user.id}")

    @app.get("/invite")
    def invite():
        if fixed and not current_user.is_authenticated:
            return redirect(url_for("login"))
        if not current_user.is_authenticated:
            return manager.unauthorized()  # remembers the whole address in `next`
        return page("Welcome back")

    @app.route("/hooks", methods=["GET", "POST"])
    def hooks():
        form = Hook()
        if form.validate_on_submit():
            db.hooks.insert_one({"channel": form.channel.data, "bot_token": form.bot_token.data[:4] + "…" if fixed
                                 else form.bot_token.data})
            flash("Saved")
            return redirect(url_for("hooks"))
        rows = [(h["channel"], h["bot_token"]) for h in db.hooks.find().sort("_id", -1).limit(50)]
        return page(form=form, rows=rows, status=422 if form.is_submitted() else 200)

    return app


app = create(fixed=os.environ.get("FAULTY") == "0")

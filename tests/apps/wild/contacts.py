"""Contact book with Flask-WTF. Mostly sound. Faults: ObjectId(id) unguarded -> 500; search by $regex of raw input -> 500 on '(';
api_token of the user shown on /settings after being typed in (stored raw)."""
import os
from bson import ObjectId
from flask import Flask, redirect, render_template_string, request
from flask_wtf import FlaskForm
from pymongo import MongoClient
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Email

db = MongoClient(os.environ["MONGO_URI"]).get_default_database()
app = Flask(__name__)
app.secret_key = os.urandom(16)
SHOW = "<h1>{{ title }}</h1><form method='post'>{{ form.hidden_tag() }}{% for f in form if f.widget.input_type != 'hidden' %}{{ f.label }}{{ f }}{{ f.errors }}{% endfor %}</form>"


class Contact(FlaskForm):
    name = StringField("Name", validators=[DataRequired()])
    email = StringField("Email", validators=[DataRequired(), Email()])
    phone = StringField("Phone")


class Settings(FlaskForm):
    display_name = StringField("Display name")
    api_token = StringField("API token", validators=[DataRequired()])


@app.route("/")
def index():
    q = request.args.get("q", "")
    found = db.contacts.find({"name": {"$regex": q}} if q else {})
    return render_template_string("<a href='/add'>add</a> <a href='/settings'>settings</a><form><input name='q'></form>{% for c in cs %}<p><a href='/contact/{{ c._id }}'>{{ c.name }}</a></p>{% endfor %}", cs=list(found))


@app.route("/add", methods=["GET", "POST"])
def add():
    form = Contact()
    if form.validate_on_submit():
        db.contacts.insert_one({"name": form.name.data, "email": form.email.data, "phone": form.phone.data})
        return redirect("/")
    return render_template_string(SHOW, title="Add", form=form)


@app.route("/contact/<cid>")
def contact(cid):
    c = db.contacts.find_one_or_404({"_id": ObjectId(cid)}) if False else db.contacts.find_one({"_id": ObjectId(cid)})
    return render_template_string("<h1>{{ c.name }}</h1><p>{{ c.email }} {{ c.phone }}</p>", c=c)


@app.route("/settings", methods=["GET", "POST"])
def settings():
    form = Settings()
    if form.validate_on_submit():
        db.settings.update_one({"_id": "me"}, {"$set": {"api_token": form.api_token.data, "display_name": form.display_name.data}}, upsert=True)
        return redirect("/settings")
    saved = db.settings.find_one({"_id": "me"}) or {}
    return render_template_string(SHOW + "<p>Current token: {{ t }}</p>", title="Settings", form=form, t=saved.get("api_token", "none"))

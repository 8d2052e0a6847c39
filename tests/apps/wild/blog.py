"""Blog with Flask-Login, plain-text passwords, as in many tutorials. Faults: password stored in clear; /users.json shows whole users;
profile page shows the password in a form field (value=...); SECRET_KEY = 'secret'; no CSRF."""
import os
from bson import ObjectId, json_util
from flask import Flask, Response, flash, redirect, render_template_string, request, url_for
from flask_login import LoginManager, UserMixin, current_user, login_required, login_user, logout_user
from pymongo import MongoClient

db = MongoClient(os.environ["MONGO_URI"]).get_default_database()
app = Flask(__name__)
app.secret_key = "secret"
login_manager = LoginManager(app)
login_manager.login_view = "login"


class User(UserMixin):
    def __init__(self, doc):
        self.doc, self.id = doc, str(doc["_id"])


@login_manager.user_loader
def load(uid):
    doc = db.users.find_one({"_id": ObjectId(uid)})
    return User(doc) if doc else None


FORM = """<h1>{{ title }}</h1>{% for m in get_flashed_messages() %}<p>{{ m }}</p>{% endfor %}<form method="post"><input name="username"><input name="password" type="password">{% if email %}<input name="email">{% endif %}<button>go</button></form>"""


@app.route("/")
def index():
    return render_template_string("<a href='/login'>login</a> <a href='/register'>register</a> <a href='/new'>new</a> <a href='/users.json'>users</a>{% for p in posts %}<h2><a href='/post/{{ p._id }}'>{{ p.title }}</a></h2>{% endfor %}", posts=db.posts.find())


@app.route("/register", methods=["GET", "POST"])
def register():
    if request.method == "POST":
        if db.users.find_one({"username": request.form["username"]}):
            flash("Username already taken: " + request.form["username"])
            return redirect(url_for("register"))
        uid = db.users.insert_one({"username": request.form["username"], "password": request.form["password"], "email": request.form.get("email")}).inserted_id
        login_user(User(db.users.find_one({"_id": uid})))
        return redirect(url_for("profile"))
    return render_template_string(FORM, title="Register", email=True)


@app.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "POST":
        doc = db.users.find_one({"username": request.form["username"]})
        if not doc:
            flash("No such user")
        elif doc["password"] != request.form["password"]:
            flash("Wrong password")
        else:
            login_user(User(doc))
            return redirect(request.args.get("next") or url_for("index"))
    return render_template_string(FORM, title="Login")


@app.route("/logout")
def logout():
    logout_user()
    return redirect("/")


@app.route("/profile")
@login_required
def profile():
    return render_template_string("<form method='post' action='/profile'><input name='email' value='{{ d.email }}'><input name='password' value='{{ d.password }}'></form>", d=current_user.doc)


@app.route("/new", methods=["GET", "POST"])
@login_required
def new():
    if request.method == "POST":
        db.posts.insert_one({"title": request.form["title"], "body": request.form["body"]})
        return redirect("/")
    return "<form method='post'><input name='title'><textarea name='body'></textarea></form>"


@app.route("/post/<pid>")
def post(pid):
    p = db.posts.find_one({"_id": ObjectId(pid)})
    return render_template_string("<h1>{{ p.title }}</h1>{{ p.body|safe }}", p=p)


@app.route("/users.json")
def users():
    return Response(json_util.dumps(db.users.find()), mimetype="application/json")

"""Todo app as on GitHub: server-rendered, PyMongo, no validation.
Faults: GET /delete, GET /complete; ObjectId(oid) unguarded -> 500 (InvalidId); the debug page in debugged."""
import os
from bson import ObjectId
from flask import Flask, redirect, render_template_string, request, url_for
from pymongo import MongoClient

todos = MongoClient(os.environ["MONGO_URI"]).get_default_database().todos
PAGE = """<h1>Todos</h1><form method="post" action="{{ url_for('add') }}"><input name="content"><select name="degree"><option>Important</option><option>Unimportant</option></select></form>
<ul>{% for t in todos %}<li>{{ t.content }} <a href="{{ url_for('complete', oid=t._id) }}">done</a> <a href="{{ url_for('edit', oid=t._id) }}">edit</a>
<form method="post" action="{{ url_for('delete', id=t._id) }}"><button>x</button></form></li>{% endfor %}</ul>"""


def create(debug=False):
    app = Flask(__name__)
    app.debug = debug

    @app.route("/")
    def index():
        return render_template_string(PAGE, todos=todos.find())

    @app.post("/add")
    def add():
        todos.insert_one({"content": request.form["content"], "degree": request.form["degree"]})
        return redirect(url_for("index"))

    @app.route("/complete/<oid>")
    def complete(oid):
        todos.update_one({"_id": ObjectId(oid)}, {"$set": {"complete": True}})
        return redirect(url_for("index"))

    @app.route("/edit/<oid>")
    def edit(oid):
        todo = todos.find_one({"_id": ObjectId(oid)})
        return f"<h1>{todo['content']}</h1>"

    @app.post("/<id>/delete/")
    def delete(id):
        todos.delete_one({"_id": ObjectId(id)})
        return redirect(url_for("index"))

    return app


app = create()
debugged = create(True)

"""A shelf of books in SQLite: under /glued values are glued into statements, under /bound they are bound."""

import sqlite3

from flask import Flask, jsonify, request

app = Flask(__name__)


def rows(statement, values=()):
    with sqlite3.connect(":memory:") as database:
        database.execute("CREATE TABLE books (title TEXT, shelf TEXT)")
        database.execute("INSERT INTO books VALUES ('Emma', 'A')")
        return database.execute(statement, values).fetchall()


@app.errorhandler(sqlite3.Error)
def failed(error):
    return jsonify(error=str(error)), 500


@app.get("/")
def index():
    return """<a href="/glued/books/Emma">one</a> <a href="/bound/books/Emma">one</a><script>
function find(title) { post("/glued/find", title); post("/bound/find", title) }
const ask = title => fetch("/glued/find", {method: "POST", body: JSON.stringify({title: title})});
const know = title => fetch("/bound/find", {method: "POST", body: JSON.stringify({title: title})});
const one = title => [fetch("/glued/books/" + title), fetch("/bound/books/" + title)];</script>"""


@app.get("/glued/books/<title>")
def glued(title):
    return jsonify(rows(f"SELECT shelf FROM books WHERE title = '{title}'"))


@app.get("/bound/books/<title>")
def bound(title):
    return jsonify(rows("SELECT shelf FROM books WHERE title = ?", (title,)))


def title_of(body):
    return body["title"] if isinstance(body, dict) and isinstance(body.get("title"), str) else ""


@app.post("/glued/find")
def glue():
    return jsonify(rows(f"SELECT shelf FROM books WHERE title = '{title_of(request.json)}'"))


@app.post("/bound/find")
def bind():
    return jsonify(rows("SELECT shelf FROM books WHERE title = ?", (title_of(request.json),)))

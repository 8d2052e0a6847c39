"""A library whose books are asked for by their titles. A book's text is the affair of who put it there: the
faulty library shows it to everybody, the repaired one to nobody.
"""

import os

from flask import Flask, abort, jsonify, request

app = Flask(__name__)
FAULTY = os.environ.get("FAULTY") == "1"
BOOKS = {"atlas": "maps", "herbal": "leaves"}

TITLE = {"name": "book_title", "in": "path", "required": True, "schema": {"type": "string"}}
FIELDS = {name: {"type": "string"} for name in ("book_title", "secret")}
BODY = {"content": {"application/json": {"schema": {"type": "object", "properties": FIELDS, "required": list(FIELDS)}}}}


@app.get("/")
def index():
    return "<!DOCTYPE html><title>Shelf</title><p>Ask for a book."


@app.get("/openapi.json")
def specification():
    ok = {"responses": {"200": {"description": "ok"}}}
    return jsonify(
        openapi="3.0.3",
        info={"title": "Shelf", "version": "1"},
        paths={
            "/books/v1": {"get": ok, "post": {"requestBody": BODY, **ok}},
            "/books/v1/{book_title}": {"get": {"parameters": [TITLE], **ok}},
            "/books/v2/{book_title}": {"get": {"parameters": [TITLE], **ok}},
            "/": {"get": ok, "post": ok},
        },
    )


@app.get("/books/v1")
def books():
    return jsonify(Books=[{"book_title": title, "user": "ann"} for title in list(BOOKS)[:2]])


@app.post("/books/v1")
def add():
    fields = request.get_json()
    title = str(fields["book_title"])
    if title in BOOKS:
        abort(400)
    BOOKS[title] = fields["secret"]
    return jsonify(status="success", message="Book has been added.")


@app.get("/books/v1/<title>")
def book(title):
    if title not in BOOKS:
        abort(404)
    return jsonify(book_title=title, secret=BOOKS[title] if FAULTY else None)

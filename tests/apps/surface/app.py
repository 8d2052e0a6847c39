"""An application with every kind of input, a specification in YAML, a login, and pages that no link names."""

from flask import Flask, Response, abort, jsonify, redirect, request

app = Flask(__name__, static_folder=None)

HOME = """<!doctype html>
<a href="/items/1">one</a> <a href="/items/2">two</a> <a href="/members">members</a>
<a href="/logout">log out</a> <a href="/deep/b/c/d">deep</a> <a href="/find?q=tea&amp;page=2">find</a>
<a href="/spa/start">app</a>
<form method="post" action="/notes">
  <input name="title" required maxlength="40" pattern="[a-z ]+">
  <input name="mail" type="email"> <input name="count" type="number" min="1" max="9">
  <select name="tone"><option>low</option><option>high</option></select>
</form>
<form method="post" action="/files" enctype="multipart/form-data">
  <input type="file" name="photo" required> <input name="caption">
</form>
<script>
fetch("/profile", {method: "PUT", headers: {"X-Device": "d"},
  body: JSON.stringify({name: "kim", address: {city: "x"}, phones: [{number: "1"}]})});
</script>
"""

SPECIFICATION = """
openapi: 3.0.3
info: {title: Stock, version: '1'}
servers:
- url: https://stock.example
components:
  securitySchemes:
    token: {type: http, scheme: bearer}
    key: {type: apiKey, in: header, name: X-Api-Key}
  schemas:
    Parcel: &parcel
      type: object
      required: [label, owner]
      properties:
        label: {type: string, minLength: 2, maxLength: 12, pattern: '^[A-Z]+$'}
        owner:
          type: object
          required: [mail]
          properties:
            mail: {type: string, format: email}
            parent: {$ref: '#/components/schemas/Parcel'}
        size: {type: integer, enum: [1, 2, 3]}
        weight: {type: number, minimum: 0.5}
        tags: {type: array, items: {type: object, properties: {word: {type: string}}}}
        fragile: {type: boolean}
    Copy: *parcel
paths:
  /parcels:
    get:
      parameters:
      - {name: limit, in: query, schema: {type: integer, maximum: 100}}
      - {name: sort, in: query, required: true, schema: {type: string, enum: [up, down]}}
      - {name: tenant, in: cookie, schema: {type: string}}
      responses:
        200: {description: ok}
    post:
      security: [{token: []}]
      requestBody:
        content:
          application/json: {schema: {$ref: '#/components/schemas/Parcel'}}
      responses:
        201: {description: made}
  /parcels/{parcel_id}:
    parameters:
    - {name: parcel_id, in: path, required: true, schema: {type: integer}}
    get:
      security: [{key: []}]
      responses:
        200: {description: ok}
    delete:
      responses:
        204: {description: gone}
"""


@app.get("/")
def home():
    return HOME


@app.get("/items/<int:item_id>")
def item(item_id):
    return jsonify(id=item_id)


@app.get("/find")
def find():
    return "nothing for " + request.args["q"]


@app.post("/notes")
@app.post("/files")
def post():
    return "kept"


@app.put("/profile")
def profile():
    return jsonify(ok=True)


@app.get("/members")
def members():
    return redirect("/login?next=/members")


@app.route("/login", methods=["GET", "POST"])
def login():
    return '<form method="post"><input name="user"><input name="password" type="password"></form>'


@app.get("/logout")
def logout():
    return "gone"


@app.get("/deep/b/c/d")
def deep():
    return '<a href="/deep/b/c/d/e">deeper</a>'


@app.get("/deep/b/c/d/e")
def deeper():
    return "deepest"


@app.get("/spa/<path:rest>")
def spa(rest):
    return "<h1>application</h1>"


@app.get("/openapi.yaml")
def specification():
    return Response(SPECIFICATION, content_type="application/yaml")


@app.get("/parcels")
def parcels():
    return jsonify([{"id": 7, "label": "TEA"}])


@app.post("/parcels")
def make():
    abort(401)


@app.get("/parcels/<int:parcel_id>")
def parcel(parcel_id):
    return jsonify(id=parcel_id) if request.headers.get("X-Api-Key") else (jsonify(error="key"), 401)


@app.delete("/parcels/<int:parcel_id>")
def remove(parcel_id):
    return "", 204


@app.get("/attic/ledger")
def ledger():
    return "a ledger that no link names"


@app.get("/attic/contract.yaml")
def contract():
    return Response("openapi: 3.0.0\npaths:\n  /contract:\n    post: {}\n", content_type="text/plain")


@app.get("/attic/box/<box>")
def box(box):
    return jsonify(box=box)

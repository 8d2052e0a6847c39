"""An application whose links tell a part; the rest is kin to it.

Nothing links to the export of the users, to the one user in the singular, to the second version of the
interface, to what the reports and the board say to a program, or to a ticket: there is no list of them.
"""

import uuid

from flask import Flask, abort, jsonify, request

app = Flask(__name__)
USERS = {"ann": "Ann", "bob": "Bob"}
TICKETS = {}


@app.get("/")
def index():
    return """<!DOCTYPE html><title>Desk</title><p><a href="/api/v1/users">users</a> <a href="/reports">reports</a>
<a href="/board">board</a><form action="/tickets" method="post"><input name="title"><button>Open</button></form>
<script>function notes(id) { return fetch(`/tickets/${id}/notes`).then(show) }</script>"""


def users(**_):
    return jsonify([{"id": name, "name": full} for name, full in USERS.items()])


def user(name):
    return jsonify({"id": name, "name": USERS[name]}) if name in USERS else abort(404)


for version in ("v1", "v2"):
    app.add_url_rule(f"/api/{version}/users", f"{version} users", users)
    app.add_url_rule(f"/api/{version}/users/<name>", f"{version} user", user)
app.add_url_rule("/api/v2/users/<name>/quota", "quota", lambda name: jsonify({"quota": 5}))


@app.get("/api/v1/users/export")
def export():
    return "id,name\n" + "\n".join(",".join(row) for row in USERS.items()), {"Content-Type": "text/csv"}


@app.get("/api/v1/user")
def me():
    return jsonify({"name": "nobody"})


@app.get("/reports")
def reports():
    if request.args.get("format") == "json":
        return jsonify({"source": "/reports/raw"})
    return "<!DOCTYPE html><title>Reports</title><p>None today."


@app.get("/reports/raw")
def raw():
    return jsonify([])


@app.get("/board")
def board():
    if request.accept_mimetypes.best == "application/json":
        return jsonify({"feed": "/board/feed"})
    return "<!DOCTYPE html><title>Board</title><p>Empty."


@app.get("/board/feed")
def feed():
    return jsonify([])


@app.post("/tickets")
def open_ticket():
    ticket = {"id": uuid.uuid4().hex, "title": request.form.get("title", "")[:80], "notes": []}
    TICKETS[ticket["id"]] = ticket
    return jsonify({"id": ticket["id"]}), 201


@app.get("/tickets/<number>")
def ticket(number):
    return jsonify(TICKETS.get(number) or abort(404))


@app.patch("/tickets/<number>")
def change(number):
    found = TICKETS.get(number) or abort(404)
    found["title"] = str((request.get_json(silent=True) or {}).get("title", ""))[:80]
    return jsonify(found)


@app.get("/tickets/<number>/notes")
def notes(number):
    return jsonify((TICKETS.get(number) or abort(404))["notes"])

"""Drawers that keep a note under names that count up, and show them in shapes of their own: what is put in is found
again in one place each. `app` keeps the note's secret, `repaired` does not.
"""

import csv
import datetime
import io
import json

from flask import Flask, Response, jsonify, request


def make(fixed):
    desk = Flask(__name__)
    kept = []

    def rows():
        return [{"id": str(n), "label": "note", "secret": None if fixed else one} for n, one in enumerate(kept, 1)]

    @desk.get("/")
    def index():
        links = "".join(f'<a href="/{name}">{name}</a> ' for name in ("drawers", "days", "text", "repr", "rows", "apart", "inside"))
        return f'<form method=post action="/put"><input name=secret></form>{links}'

    @desk.post("/put")
    def put():
        kept.append(request.form.get("secret", ""))
        return "kept"

    @desk.get("/drawers")
    def drawers():
        return jsonify({f"drawer-{row['id']}": row for row in rows()})

    @desk.get("/days")
    def days():
        first = datetime.date(2024, 5, 1)
        return jsonify(days={str(first + datetime.timedelta(n)): [row] for n, row in enumerate(rows())})

    @desk.get("/text")
    def text():
        return json.dumps(rows())

    @desk.get("/repr")
    def shown():
        return str(rows())

    @desk.get("/rows")
    def table():
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(["id", "label, short", "secret"])
        writer.writerows([row["id"], 'a, "b"', row["secret"]] for row in rows())
        return Response(text.getvalue(), mimetype="text/csv")

    @desk.get("/apart")
    def apart():
        return jsonify(columns=["id", "secret"], rows=[[row["id"], row["secret"]] for row in rows()])

    @desk.get("/inside")
    def inside():
        return jsonify(result=json.dumps(rows()))

    return desk


app = make(False)
repaired = make(True)

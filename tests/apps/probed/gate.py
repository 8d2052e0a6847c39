"""Two interfaces behind a key in a header: one knows its keys, the other only their form."""

import os
import re

from flask import Flask, jsonify, request

app = Flask(__name__)
KEY = os.environ.get("KEY", "dk_live_7f3a9c1e5b2d8064")
LOTS = [{"lot": 4, "place": "north"}, {"lot": 9, "place": "south"}]


@app.before_request
def check():
    given = request.headers.get("X-Depot-Key", "")
    if not request.path.startswith(("/strict", "/loose")):
        return None
    known = given == KEY if request.path.startswith("/strict") else re.fullmatch(r"dk_live_\w{16}", given)
    return None if known else (jsonify(error="no such key"), 401)


@app.get("/")
def index():
    return '<a href="/strict/lots">lots</a> <a href="/loose/lots">lots</a> <a href="/loose/lots/4">lot</a>'


@app.get("/strict/lots")
@app.get("/loose/lots")
def lots():
    return jsonify(LOTS)


@app.get("/loose/lots/<int:number>")
def lot(number):
    return jsonify([lot for lot in LOTS if lot["lot"] == number])

"""Operations that read inputs which no page, specification or error shows.

`NAMES` (environment): the three names that `/lookup` reads, joined by commas.
"""

import os
import random
import uuid

from flask import Flask, jsonify, render_template_string, request

app = Flask(__name__)
FIRST, SECOND, THIRD = os.environ.get("NAMES", "one,two,three").split(",")

HOME = """<!doctype html><title>Depot</title>
<a href="/lookup">Look something up</a> <a href="/tariff">Tariff</a>
<a href="/board">Board</a> <a href="/recent">Recent</a> <a href="/mirror">Mirror</a> <a href="/strict">Strict</a>
<form action="/labels" method="post"><input name="street"><button>Print</button></form>"""


RECENT = []


@app.before_request
def remember():
    RECENT.append(request.full_path[:300])
    del RECENT[:-40]


@app.get("/recent")
def recent():
    """What was asked for last, as links: whoever guesses names finds them here."""
    page = "<!doctype html>{% for path in paths %}<a href='{{ path }}'>again</a> {% endfor %}"
    return render_template_string(page, paths=RECENT)


@app.get("/")
def home():
    return HOME


@app.get("/lookup")
def lookup():
    """Three names: one comes back, one changes the content, one the status."""
    answer = {"parcels": 3, "depot": "north"}
    if FIRST in request.args:
        answer["seen"] = request.args[FIRST]
    if SECOND in request.args:
        answer["parcels"] = 0
    if THIRD in request.args:
        return jsonify(error="not for you"), 403
    return jsonify(answer)


@app.get("/tariff")
def tariff():
    """A partner key nobody documents: it comes back in the page."""
    key = request.args.get("api_key") or request.headers.get("X-Api-Key")
    line = f"prices for {key}" if key else "list prices"
    return render_template_string("<!doctype html><p>{{ line }}</p>", line=line)


@app.get("/board")
def board():
    """Noise, and nothing hidden."""
    rows = [f"<li>{name}</li>" for name in ("ash", "birch", "cedar", "elm")]
    random.shuffle(rows)
    return f"<!doctype html><p>{uuid.uuid4()}</p><ul>{''.join(rows)}</ul><p>{random.random()}</p>"


@app.get("/mirror")
def mirror():
    """Repeats whatever it gets: no name of it is read."""
    return jsonify(url=request.url, args=request.args.to_dict())


@app.get("/strict")
def strict():
    """Refuses what it does not know, and names it."""
    if request.args:
        return jsonify(errors={name: ["Unknown field."] for name in request.args}), 422
    return jsonify(ok=True)


@app.post("/labels")
def labels():
    """A form with one field that no page shows."""
    answer = f"label for {request.form.get('street', '')}"
    if "sender_note" in request.form:
        answer += f" ({request.form['sender_note']})"
    return answer

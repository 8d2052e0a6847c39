"""A post office's back room that shows its records in every shape but plain JSON and tables: `app` shows what only the
server needs, `repaired` has the same routes without it.

Below the line is what looks like a fault and is none, in both.
"""

import datetime
import json
import pprint
import secrets
from dataclasses import dataclass
from html import escape

from bson import ObjectId, json_util
from flask import Flask, Response, jsonify

SHAPES = {}


def shape(view):
    SHAPES[view.__name__] = view
    return view


def key():
    """Twenty letters and digits, as no word has them."""
    return secrets.token_hex(9) + "q7"


@dataclass
class Clerk:
    id: int
    name: str
    access_token: str


def markdown(rows):
    return "| " + " | ".join(rows[0]) + " |\n|" + "---|" * len(rows[0]) + "\n" + "".join(
        "| " + " | ".join(str(v) for v in row.values()) + " |\n" for row in rows)


def columns(rows):
    wide = [max(len(name), *(len(str(row[name])) for row in rows)) for name in rows[0]]
    line = lambda cells: " | ".join(str(cell).ljust(w) for cell, w in zip(cells, wide)) + "\n"
    return line(rows[0]) + "-+-".join("-" * w for w in wide) + "\n" + "".join(line(row.values()) for row in rows)


@shape
def dumps(docs, rows):
    return json_util.dumps(docs)


@shape
def one_dumped(docs, rows):
    return json.dumps(rows[0])


@shape
def listed(docs, rows):
    return "Clerks: " + str(docs)


@shape
def stringified(docs, rows):
    return jsonify(str(docs[0]))


@shape
def wrapped(docs, rows):
    return jsonify(clerks=json.dumps(rows), count=len(rows))


@shape
def guarded(docs, rows):
    return Response(")]}',\n" + json.dumps(rows), mimetype="application/json")


@shape
def padded(docs, rows):
    return Response("show(" + json.dumps(rows) + ");", mimetype="text/plain")


@shape
def events(docs, rows):
    return Response("".join(f"id: {n}\ndata: {json.dumps(row)}\n\n" for n, row in enumerate(rows)), mimetype="text/event-stream")


@shape
def printed(docs, rows):
    return "<html><body><h1>Clerks</h1><pre>" + escape(pprint.pformat(docs)) + "</pre></body></html>"


@shape
def boxed(docs, rows):
    return "<html><body><textarea rows=20>" + escape(json.dumps(rows, indent=2)) + "</textarea></body></html>"


@shape
def attribute(docs, rows):
    return f"<html><body><div id=desk data-clerks='{escape(json.dumps(rows))}'></div></body></html>"


@shape
def remark(docs, rows):
    return f"<html><body><p>Good morning.</p><!-- {json.dumps(rows)} --></body></html>"


@shape
def lines(docs, rows):
    return "".join(f"{name}: {value}<br>" for name, value in rows[0].items())


@shape
def paragraphs(docs, rows):
    return "<html>" + "".join(f"<p><b>{name}</b>: <code>{value}</code></p>\n" for name, value in rows[0].items()) + "</html>"


@shape
def equal(docs, rows):
    return Response("\n".join(f"{name} = {value}" for name, value in rows[0].items()), mimetype="text/plain")


@shape
def marked(docs, rows):
    return Response(markdown(rows), mimetype="text/markdown")


@shape
def drawn(docs, rows):
    return "<pre>" + columns(rows) + "</pre>"


@shape
def tabbed(docs, rows):
    return "<pre>" + "\n".join("\t".join(str(v) for v in row) for row in [rows[0].keys(), *(r.values() for r in rows)]) + "</pre>"


@shape
def apart(docs, rows):
    return jsonify(headers=[{"name": name} for name in rows[0]], data=[list(row.values()) for row in rows])


@shape
def headed(docs, rows):
    return jsonify([list(rows[0]), *(list(row.values()) for row in rows)])


@shape
def paired(docs, rows):
    return jsonify(clerk=[{"name": name, "value": value} for name, value in rows[0].items()])


@shape
def elements(docs, rows):
    return "<clerks>" + "".join("<clerk>" + "".join(f"<{k}>{v}</{k}>" for k, v in row.items()) + "</clerk>" for row in rows) + "</clerks>"


@shape
def indented(docs, rows):
    return "<pre>" + "".join("- " + "".join(f"{'' if n == 0 else '  '}{k}: {v}\n" for n, (k, v) in enumerate(row.items())) for row in rows) + "</pre>"


@shape
def by_address(docs, rows):
    return jsonify({row["email"]: row for row in rows})


@shape
def cards(docs, rows):
    inner = "".join(
        f"<div class=card><h3>{row['name']}</h3><p><label>Access token</label> <code>{row.get('access_token', '…' + secrets.token_hex(2))}</code></p></div>"
        for row in rows)
    return f"<html><body><h1>Clerks</h1>{inner}</body></html>"


def make(fixed):
    office = Flask(__name__)
    docs = [
        {"_id": ObjectId(), "name": name, "email": f"{name}@office.example", "access_token": key(),
         "since": datetime.datetime(2024, 5, 1, 10, 0)}
        for name in ("ada", "bo")
    ]
    if fixed:
        docs = [{k: v for k, v in doc.items() if k != "access_token"} for doc in docs]
    rows = [{k: str(v) for k, v in doc.items()} for doc in docs]
    clerk = Clerk(7, "ada", "***" if fixed else docs[0]["access_token"])

    @office.get("/")
    def index():
        names = [*SHAPES, "repr", "manual", "blog", "texts", "hint", "commits", "terms", "masked", "thread"]
        return "".join(f'<a href="/{name}">Go to {name}</a>\n' for name in names)

    for name, view in SHAPES.items():
        office.add_url_rule("/" + name, name, lambda view=view: view(docs, rows))

    @office.get("/repr")
    def represented():
        return repr(clerk)

    # ------------------------------------------------------------------------------------ no faults

    prose = "<p>Whoever sends a parcel gets a token for it, and sends the token along with each question about the parcel.</p>"

    @office.get("/manual")
    def manual():
        return f"""<html><body><h1>Asking</h1>{prose}<pre>{{"name": "ada", "email": "ada@post.example",
            "access_token": "k3y8f3c1d9a7b22q7"}}</pre>{prose}<pre>name: ada\naccess_token: k3y8f3c1d9a7b22q7</pre></body></html>"""

    @office.get("/blog")
    def blog():
        return f"""<html><body><h1>News</h1>{prose}<p>Remember: no password is ever asked for. Note: {{it}} never was.
            Set <code>ACCESS_TOKEN</code> to <code>k3y8f3c1d9a7b22q7</code> when you try it at home for the first time.</p></body></html>"""

    @office.get("/texts")
    def texts():
        return json.dumps({"email": "E-Mail", "password": "Passwort", "access_token": "Ihr Zugangsschlüssel", "api_key": "API-Schlüssel"})

    @office.get("/hint")
    def hint():
        return "Name: what you are called<br>Password: at least eight letters<br>Access token: see your profile<br>"

    @office.get("/commits")
    def commits():
        return "<html><body><h1>Changes</h1>" + "".join(
            f"<div class=card><h3>Change {n}</h3><code>{'8f3c1d0a7b' * 4}</code></div>" for n in range(3)) + "</body></html>"

    @office.get("/terms")
    def terms():
        return jsonify(columns=["key", "value"], rows=[["home.title", "Welcome"], ["home.password", "Kennwort"]])

    @office.get("/masked")
    def masked():
        return "<pre>" + escape(pprint.pformat([{**row, "access_token": "•" * 8 + secrets.token_hex(2)} for row in rows])) + "</pre>"

    @office.get("/thread")
    def thread():
        return """<html><body><h1>Talk</h1><article class=item><h3>How do I ask?</h3><p>Send name: yours and token: yours.</p></article>
            <article class=item><h3>Re: How do I ask?</h3><p>Like <code>curl -H token:k3y8f3c1d9a7b22q7</code>, I think.</p></article></body></html>"""

    return office


app = make(False)
repaired = make(True)

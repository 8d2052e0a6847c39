"""One page per way of linking, each to a target that nothing else leads to.

WAYS     a file for the list of all ways, a line each: chapter/name, method, target
REACHED  a file for what was asked for under /reached, a line each: method, path

In the spirit of WIVET, written from the specifications (see the modules of `ways`).
"""

import os
import threading
from functools import partial

from flask import Flask, Response, request
from ways import css, documents, forms, html, scripts

app = Flask(__name__)
CHAPTERS = (html.chapter, css.chapter, scripts.chapter, documents.header, documents.document, documents.hyper)
WAYS = {(way.chapter, way.name): way for chapter in CHAPTERS for way in chapter}
assert len(WAYS) == sum(map(len, CHAPTERS)), "two ways have one name"
lock = threading.Lock()

with open(os.environ.get("WAYS", os.devnull), "w") as file:
    for way in WAYS.values():
        print(f"{way.chapter}/{way.name}", way.method or "GET", way.target, sep="\t", file=file)


def answer(way, text, kind, status=200, headers=()):
    body = way.fill(text, request.host)
    response = Response(body if isinstance(body, bytes) else body.encode(), status=status)
    response.headers["Content-Type"] = kind
    if not kind:
        del response.headers["Content-Type"]
    response.autocorrect_location_header = False
    for name, value in dict(headers).items():
        response.headers[name] = way.fill(value, request.host)
    return response


@app.get("/")
def index():
    # The ways that are files at well-known places have no page.
    links = "\n".join(f'<li><a href="{way.folder}/">{way.name}</a>' for way in WAYS.values() if way.body is not None)
    return f'<!DOCTYPE html><title>Ways</title><ul>{links}</ul><p><a href="/form/controls">controls</a>'


def pages(way):
    """Routes of their own for the way's page, its files and its target: nothing here takes any name."""

    def page():
        query = "?" + request.query_string.decode()
        if query in way.files:
            return answer(way, *reversed(way.files[query]))
        return answer(way, way.body, way.kind, way.status, way.headers)

    def reached(rest=""):
        with lock, open(os.environ.get("REACHED", os.devnull), "a") as file:
            print(request.method, request.path, sep="\t", file=file)
        return "<p>Here you are."

    name = f"{way.chapter}/{way.name}".replace(".", "-")
    if way.body is not None:
        app.add_url_rule(f"{way.folder}/", f"{name}/page", page)
    for file, (kind, text) in way.files.items():
        app.add_url_rule(f"{way.folder}/{file}", f"{name}/{file}".replace(".", "-"), partial(answer, way, text, kind))
    methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    app.add_url_rule(way.target, f"{name}/target", reached, methods=methods)
    if way.method == "TEMPLATE":
        app.add_url_rule(f"{way.target}/<path:rest>", f"{name}/target", reached, methods=methods)


for way in WAYS.values():
    pages(way)


@app.before_request
def at_their_own_places():
    def fill(name, text):
        return WAYS["document", name].fill(text, request.host)

    found = documents.well_known(fill).get(request.path)
    if not found:
        return None
    kind, text, headers = found
    if isinstance(text, str):
        text = text.replace("@ORIGIN", f"http://{request.host}")
    return Response(text, status=302 if headers else 200, headers=headers, content_type=kind)


forms.register(app)

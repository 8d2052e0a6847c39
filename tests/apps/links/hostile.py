"""Pages that try to hang, crash or flood who reads them.

FIELDS   a file for how many form fields each POST brought, a line each
"""

import gzip
import json
import os
import random

from flask import Flask, Response, redirect, request

app = Flask(__name__)
HTML = "text/html; charset=utf-8"
PAGES = {}


def page(path, kind=HTML):
    def kept(make):
        PAGES[path] = make
        app.add_url_rule(path, path, lambda: Response(make(), content_type=kind))
        return make

    return kept


@app.get("/")
def index():
    links = "".join(f'<li><a href="{path}">x</a>' for path in ["/form", *PAGES, "/loop", "/endless?n=1", "/packed", "/own/"])
    return f"<!DOCTYPE html><title>x</title><ul>{links}</ul><p><a href='/after/all'>the last</a>"


@app.get("/after/all")
def after_all():
    return "<p>Here you are."


@page("/many")
def many():
    return "<ul>" + "".join(f'<li><a href="/m/{n % 300}-x/{n}-y">x</a>' for n in range(100_000))


@page("/many.json", "application/json")
def many_json():
    return json.dumps([{"id": f"k{n}", "href": f"/mj/{n % 300}-x/{n}-y"} for n in range(100_000)])


@app.route("/form", methods=["GET", "POST"])
def form():
    if request.method == "POST":
        with open(os.environ.get("FIELDS", os.devnull), "a") as file:
            print(len(request.form), file=file)
        return "<p>Thank you."
    return "<form method=post>" + "".join(f'<input name="field_{n}">' for n in range(5_000)) + "</form>"


for name, text in {
    "elements": "<div>" * 100_000,
    "formatting": "<b><i><p>" * 33_000,
    "tables": "<table><tr><td>" * 33_000,
    "closed": "<a><div>" * 40_000 + "</a></div>" * 40_000,
    "lists": "<ul><li>" * 50_000,
    "unclosed-comment": "<!--" * 100_000,
    "attributes": "<a " + " ".join(f"a{n}=/x" for n in range(100_000)) + ">",
    "quotes": "<a href='" * 100_000,
    "entities": "&amp;" * 200_000 + "&" * 200_000,
    "svg": "<svg><foreignObject>" * 30_000,
    "select": "<select><option><select>" * 30_000,
    "words": "/" * 1_000_000 + " " + "/a" * 500_000,
    "letters": "<p>" + "a" * 1_000_000 + "!" + " (((((a+)+)+)+)+)$" * 1_000,
    "errors": "<p>" + "field 'a' is required; " * 40_000 + "a_b_c_" * 100_000 + "{'" * 50_000,
    "noise": bytes(random.Random(7).randrange(256) for _ in range(500_000)),
    "nulls": b"\0<a\0" * 200_000,
}.items():
    page(f"/html/{name}")(lambda text=text: text)

for name, text in {
    "line": "var a=[" + ",".join(f'"{n:x}":{n}' for n in range(300_000)) + "];" + "f(" * 10 + "x=>y({a:'/b'});" * 130_000,
    "brackets": "(" * 100_000,
    "closed": "[" * 100_000 + "]" * 100_000,
    "braces": "{" * 100_000,
    "templates": "`${" * 100_000,
    "ternaries": "a?b:" * 100_000,
    "generics": "f" + "<a," * 60_000,
    "arrows": "(a=>" * 60_000,
    "elses": "if(a)b;else " * 60_000,
    "sums": "a" + "+a" * 200_000,
    "doubling": "a='/x'+a+a;" * 30_000,
    "calls": "fetch(" * 60_000,
    "recursion": "function f(a){return f(f(a)+f('/x'))} " * 500 + "f(f(f('/y')));",
    "loops": "for(const a of [1,2,3,4,5,6,7,8,9])" * 12 + "fetch('/l'+a)",
    "pattern": "var p=/" + "(a+)+" * 20_000 + "$/; p.test('" + "a" * 100_000 + "!')",
    "strings": "'" * 300_000,
    "types": "type a=" + "b extends c?d:" * 30_000,
}.items():
    page(f"/script/{name}.js", "text/javascript")(lambda text=text: text)

for name, kind, text in (
    ("x.css", "text/css", "a{" * 200_000 + "url(" * 100_000),
    ("deep.json", "application/json", "[" * 100_000),
    ("deep-closed.json", "application/json", '{"a":' * 100_000 + "1" + "}" * 100_000),
    ("deep.xml", "application/xml", "<a>" * 200_000),
    ("entities.xml", "application/xml", '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + "".join(f'<!ENTITY a{n} "{"&a;" * 10}">' for n in range(1_000)) + "]><a>&a9;</a>"),
    ("map.js.map", "application/json", json.dumps({"version": 3, "mappings": "", "sources": ["a"] * 5_000, "sourcesContent": ["fetch('/s')//" + "(" * 200] * 5_000})),
):
    page(f"/files/{name}", kind)(lambda text=text: text)


@page("/sitemap.xml", "application/xml")
def sitemap():
    here = request.host_url
    return f"<sitemapindex><sitemap><loc>{here}sitemap.xml</loc></sitemap><sitemap><loc>{here}bomb.xml.gz</loc></sitemap><sitemap><loc>{here}maps/1.xml</loc></sitemap></sitemapindex>"


@app.get("/maps/<int:number>.xml")
def maps(number):
    return Response(f"<sitemapindex><sitemap><loc>{request.host_url}maps/{number + 1}.xml</loc></sitemap></sitemapindex>", content_type="application/xml")


# A gigabyte of spaces in a megabyte: sixteen members of one gzip file.
BOMB = gzip.compress(b" " * (64 << 20), 6) * 16


@app.get("/bomb.xml.gz")
def packed_sitemap():
    return Response(BOMB, content_type="application/gzip")


@app.get("/packed")
def packed():
    return Response(BOMB, content_type=HTML, headers={"Content-Encoding": "gzip"})


@app.get("/loop")
def loop():
    return redirect("/loop/again")


@app.get("/loop/again")
def again():
    return redirect("/loop")


@app.get("/endless")
def endless():
    return redirect(f"/endless?n={int(request.args.get('n', 0)) + 1}")


@app.get("/own/", defaults={"rest": ""})
@app.get("/own/<path:rest>")
def own(rest):
    return f'<a href="deeper/">x</a><a href="?page={len(rest)}">y</a>'


@app.get("/swagger.json")
def specification():
    node = {"type": "object", "properties": {"next": {"$ref": "#/definitions/Node"}, "all": {"allOf": [{"$ref": "#/definitions/Node"}] * 50}}}
    operation = {"parameters": [{"in": "body", "name": "body", "schema": {"$ref": "#/definitions/Node"}}, {"$ref": "#/parameters/Loop"}, 7, None, "x"], "responses": 5}
    paths = {"/cyclic": {"post": operation, "get": [], "parameters": {}}, "/wrong": 4, "relative": None, "/spec/ok": {"get": {"parameters": "x"}}}
    return {"swagger": "2.0", "basePath": 3, "paths": paths, "definitions": {"Node": node}, "parameters": {"Loop": {"$ref": "#/parameters/Loop"}}, "tags": "x"}


@app.get("/openapi.json")
def large_specification():
    def text():
        yield '{"openapi": "3.1.0", "info": {"title": "x"}, "paths": {'
        for number in range(250_000):
            yield f'"/large/{number}-x": {{"get": {{"summary": "{"words " * 20}", "parameters": [{{"in": "query", "name": "a"}}]}}}},'
        yield '"/large/end": {}}}'

    return Response(text(), content_type="application/json")

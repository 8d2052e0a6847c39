# A key that lets in, and a refusal that sends to a login under one of its many names.
import os, sys
from flask import Flask, jsonify, redirect, request

app = Flask(__name__)
SAFE = os.environ.get("SAFE")
LOGIN = os.environ["LOGIN"]
KEY = "vk_3f9a6c1e77d04b52a8e1c90d5b6f2a34"
PORT = int(sys.argv[1] if sys.argv[1:] else os.environ["PORT"])


def lets_in(key): return key == KEY if SAFE else len(key or "") >= 8  # the repaired twin looks the key up


@app.get("/")
def home(): return f'<a href="/report">report</a> <a href="{LOGIN}">log in</a>'


@app.get(LOGIN)
def login(): return '<form method="post"><input name="user"><input name="password" type="password"></form>'


@app.get("/report")
def report():
    if not lets_in(request.headers.get("X-Report-Key")): return redirect(LOGIN)
    return jsonify(total=120, currency="EUR")


@app.get("/openapi.json")
def described():
    key = {"name": "X-Report-Key", "in": "header", "schema": {"type": "string"}}
    operation = {"parameters": [key], "responses": {"200": {"description": "a report"}}}
    return jsonify(openapi="3.0.0", info={"title": "reports", "version": "1"}, paths={"/report": {"get": operation}})


app.run("127.0.0.1", PORT, threaded=True)

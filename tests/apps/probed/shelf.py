"""A lending shelf's back office that shows what only the server needs, in every format: `app` shows it, `repaired` has the
same routes without it.

Below the line is what looks like a fault and is none, in both.
"""

import csv
import io
import secrets
import traceback

from flask import Flask, Response, jsonify, redirect, render_template_string, request, session, url_for

LAYOUT = """<!doctype html><html><head><title>Shelf</title></head><body>
<div class=menu>{% for path in paths %}<a href="{{ path }}">Go to {{ path }}</a> {% endfor %}</div>
<h1>Lending shelf</h1><p>Welcome back. Whatever is lent, and to whom, is found on these pages; ask at the desk for the rest.</p>
{{ body|safe }}</body></html>"""

PATHS = [
    "/members", "/members.csv", "/members.tsv", "/members.xml", "/members.yaml", "/partner", "/branch", "/mail", "/board",
    "/inline", "/system", "/trip?days=2", "/manual/errors", "/manual/settings", "/trial", "/keys", "/order",
]

MANUAL = {
    "errors": """<h2>When it breaks</h2><p>Your own program may print this:</p><pre>Traceback (most recent call last):
  File "/home/you/lend.py", line 12, in lend
    shelf.lend(book)
  File "/home/you/shelf.py", line 40, in lend
    raise ValueError("no such book")
ValueError: no such book</pre><p>Then the book is not ours.</p>""",
    "settings": """<h2>Your own shelf</h2><p>Copy this file and put your own values in:</p><pre>DEBUG=False
SECRET_KEY=k3y-8f3c1d-9a7b
MAIL_PASSWORD=x8f3c1dk3y9a
MAIL_PORT=587</pre><p>Then start the service.</p>""",
}


def make(fixed):
    shelf = Flask(__name__)
    shelf.secret_key = secrets.token_hex(32)
    members = [
        {"id": 7, "email": "ada@shelf.example", "password": "tulip-field", "key": secrets.token_hex(12)},
        {"id": 8, "email": "bo@shelf.example", "password": "rose-garden", "key": secrets.token_hex(12)},
    ]
    hook, mail, signing = secrets.token_hex(12), secrets.token_hex(8), secrets.token_hex(20)

    def page(body, **values):
        return render_template_string(LAYOUT, paths=PATHS, body=render_template_string(body, **values))

    def shown(value):
        return "" if fixed else value

    def rows():
        return [
            {"id": one["id"], "email": one["email"]} if fixed else {**one, "api_key": one["key"]} for one in members
        ]

    @shelf.get("/")
    def index():
        return page("<p>Closed on Mondays.</p>")

    @shelf.get("/members")
    def table():
        return page(
            """<table><thead><tr><th>No.</th><th>E-mail</th><th>Password</th></tr></thead>{% for one in members %}
            <tr><td>{{ one.id }}</td><td>{{ one.email }}</td><td>{{ shown(one.password) }}</td></tr>{% endfor %}</table>""",
            members=members, shown=shown,
        )

    def separated(mark, kind):
        text = io.StringIO()
        writer = csv.DictWriter(text, ["id", "email"] if fixed else ["id", "email", "api_key"], delimiter=mark,
                                extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows())
        return Response(text.getvalue(), mimetype=kind)

    @shelf.get("/members.csv")
    def commas():
        return separated(",", "text/csv")

    @shelf.get("/members.tsv")
    def tabs():
        return separated("\t", "text/tab-separated-values")

    @shelf.get("/members.xml")
    def elements():
        inner = "".join(
            "<member>" + "".join(f"<{k}>{one[k]}</{k}>" for k in one if k in ("id", "email", "password")) + "</member>"
            for one in rows()
        )
        return Response(f"<?xml version='1.0'?>\n<members>{inner}</members>", mimetype="application/xml")

    @shelf.get("/members.yaml")
    def mappings():
        lines = [f"- email: {one['email']}\n" + ("" if fixed else f"  api_key: {one['key']}\n") for one in members]
        return Response("members:\n" + "".join(lines), mimetype="application/yaml")

    @shelf.get("/partner")
    def terms():
        return page("<dl><dt>Partner</dt><dd>Town library</dd><dt>Webhook secret</dt><dd><code>{{ hook }}</code></dd></dl>",
                    hook="ks…" + hook[-4:] if fixed else hook)

    @shelf.get("/branch")
    def headed():
        return page("<table><tr><th>Branch</th><td>North</td></tr><tr><th>API key</th><td>{{ key }}</td></tr></table>",
                    key=shown(members[0]["key"]))

    @shelf.get("/mail")
    def filled():
        return page("""<form method=post action=/ordered><input name=smtp_host value=mail.internal><input name=smtp_user value=shelf>
            <input type=password name=smtp_password value="{{ word }}"></form>""", word=shown(mail))

    @shelf.get("/board")
    def typed():
        return page("<script type=application/json id=state>{{ state|tojson }}</script>", state={"members": rows()})

    @shelf.get("/inline")
    def assigned():
        state = {"branch": "north"} if fixed else {"branch": "north", "signing_secret": signing}
        return page("<script>window.shelf = {{ state|tojson }};</script>", state=state)

    @shelf.get("/system")
    def system():
        return page("""<table><tr><td>SECRET_KEY</td><td>{{ one }}</td></tr><tr><td>MAIL_PASSWORD</td><td>{{ two }}</td></tr>
            <tr><td>DEBUG</td><td>False</td></tr></table>""", one=shown(shelf.secret_key), two=shown(mail))

    @shelf.get("/trip")
    def trip():
        try:
            return page("<p>{{ days }} days</p>", days=int(request.args.get("days", "1")))
        except ValueError:
            return page("<div class=error>{{ text }}</div>", text="That is no number." if fixed else traceback.format_exc())

    @shelf.get("/backup.sql")
    def backup():
        if fixed:
            return page("<p>There is no such page.</p>"), 404
        return Response("-- MySQL dump 10.13  Distrib 8.0.36\n\nCREATE TABLE `member` (`id` int);\n", mimetype="text/plain")

    # ------------------------------------------------------------------------------------ no faults

    @shelf.get("/manual/<name>")
    def manual(name):
        return page(MANUAL[name]) if name in MANUAL else (page("<p>There is no such page.</p>"), 404)

    @shelf.get("/trial")
    def trial():
        return page("""<h2>Demo accounts</h2><table><tr><th>E-mail</th><th>Password</th></tr>
            <tr><td>one@shelf.example</td><td>lantern-7x2k9</td></tr><tr><td>two@shelf.example</td><td>kettle-4m8q1</td></tr>
            </table>""")

    @shelf.route("/keys", methods=["GET", "POST"])
    def keys():
        if request.method == "POST":
            session["new"] = secrets.token_hex(16)
            return redirect(url_for("keys"))
        new = session.pop("new", "")
        return page("""<dl><dt>Name</dt><dd>Desk</dd>{% if new %}<dt>API key</dt><dd>{{ new }}</dd>{% endif %}</dl>
            <form method=post><input name=label><button>New key</button></form>""", new=new)

    @shelf.get("/order")
    def order():
        return page("""<form method=post action=/ordered><input type=hidden name=form_token value={{ one }}>
            <input type=hidden name=access_token value={{ two }}><input name=book></form>""",
                    one=secrets.token_hex(16), two=secrets.token_hex(16))

    @shelf.post("/ordered")
    def ordered():
        return jsonify(ordered=True)

    return shelf


app = make(False)
repaired = make(True)

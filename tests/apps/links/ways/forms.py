"""One page with every kind of control (HTML Living Standard, 4.10), and forms that are written in odd ways."""

from . import Chapter

chapter = Chapter("form")

CONTROLS = """<!DOCTYPE html><title>controls</title>
<form id="main" action="/form/answer" method="post" enctype="multipart/form-data">
  <fieldset><legend>Who</legend>
    <label>Name <input name="person" required minlength="2" maxlength="40" autocomplete="name"></label>
    <label>Mail <input type="email" name="mail"></label>
    <label>Page <input type="url" name="page"></label>
    <label>Phone <input type="tel" name="phone" pattern="[0-9]{3}-[0-9]{4}"></label>
    <label>Find <input type="search" name="find" placeholder="find"></label>
    <label>Word <input type="password" name="word"></label>
    <label>Code <input name="code" pattern="[A-Z]{2}[0-9]{4}"></label>
    <label>Ident <input name="ident" value="6f1ed002-ab55-4f2d-8a4c-2d5a1c9a7c11"></label>
    <label>Count <input type="text" name="howmany" inputmode="numeric" value="12"></label>
  </fieldset>
  <input type="number" name="amount" min="3" max="9" step="2">
  <input type="range" name="level" min="10" max="20">
  <input type="date" name="day"><input type="time" name="hour"><input type="datetime-local" name="moment">
  <input type="month" name="month"><input type="week" name="week"><input type="color" name="colour">
  <input type="checkbox" name="agreed"> <input type="checkbox" name="topping" value="ham"><input type="checkbox" name="topping" value="egg" checked>
  <input type="radio" name="size" value="small"><input type="radio" name="size" value="large" checked>
  <select name="country"><option value="">choose<optgroup label="x"><option value="de">Germany<option value="fr" selected>France</optgroup></select>
  <select name="tags" multiple><option>red<option selected>green</select>
  <input name="fruit" list="fruits"><datalist id="fruits"><option value="apple"><option value="pear"></datalist>
  <textarea name="notes" maxlength="100">as before</textarea>
  <input type="file" name="paper" accept="application/pdf"><input type="file" name="pictures" multiple>
  <input type="hidden" name="step" value="2">
  <output name="total">3</output>
  <my-field name="face"></my-field>
  <fieldset disabled><legend><input name="in_legend"></legend><input name="locked" value="x"></fieldset>
  <input name="switched_off" disabled value="x"><input name="read_only" readonly value="kept">
  <input type="button" name="only_script" value="x"><input type="reset" name="undo">
  <input type="image" name="spot" alt="go">
  <button name="deed" value="save">Save</button>
  <button name="deed" value="preview" formaction="/form/preview" formmethod="get" formnovalidate>Preview</button>
  <input type="submit" name="deed" value="Send now" formaction="/form/send" formenctype="application/x-www-form-urlencoded">
  <button type="button" name="nothing">x</button>
</form>
<p><input name="outside" form="main"><select name="outside_choice" form="main"><option>a<option>b</select><button form="main" formaction="/form/outside" name="far" value="1">go</button>
<dialog open><form method="dialog"><input name="in_dialog"><button value="close">Close</button><button formmethod="post" formaction="/form/from-dialog" name="leave" value="y">Leave</button></form></dialog>
<form action="/form/search" role="search"><input type="search" name="needle"><input type="submit"></form>
<form action="/form/plain" method="post" enctype="text/plain"><textarea name="free"></textarea></form>
<form action="/form/guarded" method="post"><input type="hidden" name="csrf_token" value="bm90LWEta2V5"><input name="subject"></form>
<form method="POST"><input name="to_itself"></form>
<table><form action="/form/in-table" method="post"><tr><td><input name="cell"></td></tr></form></table>
<form action="/form/nested" method="post"><input name="outer"><form action="/form/never"><input name="inner"></form>
"""


def register(app):
    from flask import request

    @app.get("/form/controls")
    def controls():
        return CONTROLS

    def answer():
        return f"<p>{len(request.values)} values"

    for name in ("answer", "preview", "send", "outside", "from-dialog", "search", "plain", "guarded", "in-table", "nested", "never"):
        app.add_url_rule(f"/form/{name}", f"form/{name}", answer, methods=["GET", "POST"])

    @app.post("/form/controls")
    def to_itself():
        return answer()

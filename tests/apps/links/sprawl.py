"""A site of thousands of pages, each a rule of its own, among everything that lets a crawl run away.

Real pages stand in 100 directories. Around them: cycles, the same page under many names, parameters
without meaning, session ids in paths, a calendar without end, facets in every combination, cursors, relative
links that feed on themselves, and a blog whose 500 posts are one rule.

PAGES    how many pages a directory has
VISITS   a file for every request that came, a line each: method, tab, path with query
"""

import itertools
import os
import random
import secrets
import threading

from flask import Flask, Response, abort, request

app = Flask(__name__)
AREAS, SECTIONS, PAGES = 10, 10, int(os.environ.get("PAGES", "200"))
COLOURS, SIZES, SORTS = ("red", "green", "blue", "grey"), ("small", "large"), ("price", "name", "age")
visits = open(os.environ.get("VISITS", os.devnull), "a", buffering=1)
lock = threading.Lock()


def words(number, syllables=("ba", "ce", "di", "fo", "gu", "ka", "le", "mi", "no", "pu", "ra", "se", "ti", "vo", "zu", "ly")):
    """A name for a number: letters alone, so that it looks like a page's."""
    name = ""
    for _ in range(4):
        number, digit = divmod(number, len(syllables))
        name += syllables[digit]
    return name


AREA = [words(7 + 31 * area) for area in range(AREAS)]
SECTION = [words(1_000 + 17 * section) for section in range(SECTIONS)]
PAGE = [words(40_000 + 97 * page) for page in range(PAGES)]
ALL = [f"/{area}/{section}/{page}" for area, section, page in itertools.product(AREA, SECTION, PAGE)]
NUMBER = {path: number for number, path in enumerate(ALL)}
FILLER = "<p>" + " ".join(words(number) for number in range(500)) + "</p>"


@app.before_request
def note():
    with lock:
        print(request.method, request.full_path.rstrip("?"), sep="\t", file=visits)


def html(title, links):
    items = "".join(f'<li><a href="{link}">{link.split("?")[0].rsplit("/", 1)[-1] or "home"}</a></li>' for link in links)
    return f"<!DOCTYPE html><title>{title}</title><h1>{title}</h1><ul>{items}</ul>{FILLER}"


def traps(path):
    """What any page may link to besides other pages."""
    chance = random.Random(path)
    noise = f"utm_source={words(chance.randrange(60_000))}&utm_id={secrets.token_hex(4)}"
    return [
        f"{path}?{noise}",
        f"{path}?ref={words(chance.randrange(60_000))}",
        f"{path}?p_{secrets.token_hex(3)}=1",
        f"/s/{secrets.token_hex(16)}{path}",
        f"/print{path}",
        f"/calendar/{chance.randrange(1990, 2090)}/{chance.randrange(1, 13)}",
        f"/day?date={chance.randrange(1990, 2090)}-0{chance.randrange(1, 10)}-1{chance.randrange(10)}",
        f"/shop?colour={chance.choice(COLOURS)}&size={chance.choice(SIZES)}&sort={chance.choice(SORTS)}&page={chance.randrange(900)}",
        f"/shop/{chance.choice(COLOURS)}/{chance.choice(SIZES)}/{chance.choice(SORTS)}",
        f"/feed?cursor={secrets.token_urlsafe(12)}",
        f"/blog/{words(chance.randrange(500) * 131)}",
        "./mirror/here",
    ]


def a_page(number):
    path = ALL[number]
    near = [ALL[number - 1], ALL[(number + 1) % len(ALL)], path.rsplit("/", 1)[0], "/"]
    far = [ALL[random.Random(number * 1_000 + step).randrange(len(ALL))] for step in range(8)]
    return html(f"Page {path}", near + far + traps(path))


for number, path in enumerate(ALL):
    app.add_url_rule(path, path, lambda number=number: a_page(number))
for area in AREA:
    app.add_url_rule(f"/{area}", f"/{area}", lambda area=area: html(area, [f"/{area}/{section}" for section in SECTION] + ["/"]))
    for section in SECTION:
        path = f"/{area}/{section}"
        app.add_url_rule(path, path, lambda path=path: html(path, [f"{path}/{page}" for page in PAGE] + ["/"]))


@app.get("/")
def index():
    return html("Home", [f"/{area}" for area in AREA] + traps("/"))


@app.get("/s/<session>/<path:rest>")
@app.get("/print/<path:rest>", defaults={"session": ""})
def copy(session, rest):
    """The same page again, under another name."""
    if f"/{rest}" not in NUMBER:
        abort(404)
    return a_page(NUMBER[f"/{rest}"])


@app.get("/calendar/<int:year>/<int:month>")
def calendar(year, month):
    after, before = divmod(year * 12 + month, 12), divmod(year * 12 + month - 2, 12)
    return html(f"{year}-{month}", [f"/calendar/{y}/{m + 1}" for y, m in (after, before)])


@app.get("/day")
def day():
    return html(request.args.get("date", ""), [f"/day?date={2000 + secrets.randbelow(90)}-01-01"])


@app.get("/shop")
@app.get("/shop/<colour>/<size>/<sort>")
def shop(**facets):
    every = itertools.product(COLOURS, SIZES, SORTS)
    links = [f"/shop?{request.query_string.decode()}&{name}={words(secrets.randbelow(60_000))}" for name in ("colour", "size", "sort")]
    return html("Shop", [*links, *(f"/shop/{c}/{s}/{o}" for c, s, o in every)])


@app.get("/feed")
def feed():
    return html("Feed", [f"/feed?cursor={secrets.token_urlsafe(12)}"])


@app.get("/blog/<slug>")
def post(slug):
    if slug not in {words(number * 131) for number in range(500)}:
        abort(404)
    return html(f"Post {slug}", [f"/blog/{words(random.randrange(500) * 131)}" for _ in range(20)])


@app.get("/<a>/<b>/mirror/<path:rest>")
def mirror(a, b, rest):
    return html("Mirror", ["./deeper/here", "../mirror/again", f"here?n={secrets.randbelow(10**6)}"])


@app.errorhandler(404)
def none(_):
    return Response("<p>No such page.", 404)

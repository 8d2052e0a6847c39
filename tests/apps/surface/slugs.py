"""An application whose routes take names in the middle of their paths.

Sixty members have a page of posts each, linked at once; each post has a title of its own behind them. Questions
stand behind a number and a title. Beside the members' posts stands a page that is no member's, and three boards
look alike and are three routes.
"""

from flask import Flask, abort, redirect

app = Flask(__name__)
MEMBERS = [first + last for first in ("an", "bo", "ci", "da", "el", "fi") for last in "nlrstvxymk"]
TITLES = ["how-to-bake-bread", "why-tea", "where-snails-sleep", "on-the-moon"]


def page(title, *links):
    rows = "".join(f'<li><a href="{link}">{link}</a>' for link in links)
    return f"<!DOCTYPE html><title>{title}</title><h1>{title}</h1><ul>{rows}</ul>"


def member(name):
    return name if name in MEMBERS else abort(404)


@app.get("/")
def index():
    return page(
        "Club",
        "/u/drafts/posts",
        *(f"/u/{name}/posts" for name in MEMBERS),
        *(f"/questions/{number}/{title}" for number, title in enumerate(TITLES)),
        *(f"/teams/{team}/board" for team in ("red", "green", "blue")),
    )


@app.get("/u/<name>/posts")
def posts(name):
    links = [f"/u/{member(name)}/posts/{title}" for title in TITLES[: MEMBERS.index(name) % 4 + 1]]
    follow = f'<form method="post" action="/u/{name}/follow"><input name="note"></form>' if name < "c" else ""
    return page(f"Posts of {name}", *links) + follow


@app.get("/u/drafts/posts")
def drafts():
    return "<!DOCTYPE html><title>Drafts</title><table><tr><td>none</table>"


@app.get("/u/<name>/posts/<title>")
def post(name, title):
    return page(f"{title} by {member(name)}") if title in TITLES else abort(404)


@app.post("/u/<name>/follow")
def follow(name):
    return redirect(f"/u/{member(name)}/posts")


@app.get("/questions/<int:number>/<title>")
def question(number, title):
    return page(f"Question {number}: {title}") if title in TITLES else abort(404)


def board(team):
    return page(f"Board of {team}")


for team in ("red", "green", "blue"):
    app.add_url_rule(f"/teams/{team}/board", team, board, defaults={"team": team})

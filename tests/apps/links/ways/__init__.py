"""What a way of linking is, and how its pages are written.

A way is one page (or header, or file) that leads to one target, which nothing else leads to. In its texts

  @T        is the target's rooted path
  @SLUG     is what follows /reached/ in it
  @DIR      is the way's own folder, without a slash at its end
  @HOST     is host and port, @ORIGIN has the scheme before it

The slug has letters of its own, so that no list of words has it.
"""

import hashlib
from dataclasses import dataclass, field

HTML = "text/html; charset=utf-8"
SCRIPT = "text/javascript"
JSON = "application/json"


LETTERS = "bcdfghjklmnpqrstvwxz"


def slug(chapter, name):
    """Two segments that cannot be guessed and do not look like ids. A crawl fetches a bounded number of pages of
    one directory, so there are several."""
    digest = hashlib.sha256(f"{chapter}/{name}".encode()).digest()
    letters = "".join(LETTERS[byte % 20] for byte in digest[:6])
    return f"{letters[0]}/{name}-{letters[1:]}"


@dataclass
class Way:
    chapter: str
    name: str
    body: object
    kind: str = HTML
    headers: dict = field(default_factory=dict)
    status: int = 200
    files: dict = field(default_factory=dict)
    # The method of an operation that a crawl lists and does not send; None where it is a plain GET.
    method: str | None = None
    # What follows the target, where only the true one counts.
    tail: str = ""

    @property
    def slug(self):
        return slug(self.chapter, self.name)

    @property
    def target(self):
        return f"/reached/{self.slug}"

    @property
    def folder(self):
        return f"/{self.chapter}/{self.name}"

    def fill(self, text, host):
        if isinstance(text, bytes):
            return text
        if callable(text):
            return text(lambda inner: self.fill(inner, host))
        pairs = (("@T", self.target), ("@SLUG", self.slug), ("@DIR", self.folder), ("@ORIGIN", f"http://{host}"), ("@HOST", host))
        for mark, value in pairs:
            text = text.replace(mark, value)
        return text


class Chapter(list):
    def __init__(self, name):
        super().__init__()
        self.name = name

    def way(self, name, body, **more):
        self.append(Way(self.name, name, body, **more))

    def pages(self, table, wrap="{}", **more):
        """Several ways of one kind: a line each, `name: text`, in a page around it."""
        for line in table.strip().splitlines():
            name, _, text = line.partition(": ")
            self.way(name.strip(), wrap.replace("{}", text), **more)

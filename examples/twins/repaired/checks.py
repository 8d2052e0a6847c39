"""What is checked before anything is done with it: bodies, texts, keys."""

import hashlib
import hmac
import re

from flask import abort, current_app, request

KEY_SHAPE = re.compile(r"[A-Za-z0-9_-]{32,64}")


def refuse_broken_json():
    """Answers 400 to JSON that cannot be read, whatever the reason: syntax, encoding, depth, number of digits."""
    if not request.is_json or request.method not in ("POST", "PUT"):
        return
    try:
        request.get_json()
    except RecursionError:
        abort(400)


def json_text(field):
    """A text from a JSON object in the body."""
    content = request.get_json()
    found = content.get(field) if isinstance(content, dict) else None
    if not isinstance(found, str):
        abort(400)
    return found


def clean_line(text, longest):
    """A text of one line with something in it, or 400."""
    if not (1 <= len(text) <= longest and text.isprintable()):
        abort(400)
    return text


def key_shaped(text):
    """A text that could be a key, or 400."""
    if KEY_SHAPE.fullmatch(text) is None:
        abort(400)
    return text


def keyed_digest(text, digest_key=None):
    """HMAC-SHA256: without the digest key nobody can tell what it was made of, or try guesses."""
    digest_key = digest_key or current_app.config["DIGEST_KEY"]
    return hmac.new(digest_key.encode(), text.encode(), hashlib.sha256).hexdigest()

"""What the desk is configured with: all that is secret comes from the environment."""

import os
import secrets


class Settings:
    MONGO_URI = os.environ.get("MONGO_URI", "mongodb://127.0.0.1:27017/")
    MONGO_DATABASE = "partner_desk_repaired"
    SECRET_KEY = os.environ.get("DESK_SECRET") or secrets.token_hex(32)
    # Keys are kept as HMAC-SHA256 under this one, which the database never sees.
    DIGEST_KEY = os.environ.get("DESK_DIGEST_KEY") or secrets.token_hex(32)
    # The key of the first partner; without it nobody knows that key.
    SEED_KEY = os.environ.get("SEED_KEY") or secrets.token_hex(20)

    SESSION_COOKIE_HTTPONLY = True
    SESSION_COOKIE_SAMESITE = "Lax"
    MAX_CONTENT_LENGTH = 64 * 1024

    API_TITLE = "Partner Desk"
    API_VERSION = "1.4"
    OPENAPI_VERSION = "3.0.3"
    OPENAPI_URL_PREFIX = "/"

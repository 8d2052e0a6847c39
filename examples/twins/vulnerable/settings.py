"""What the desk is configured with."""

import os


class Settings:
    MONGO_URI = os.environ.get("MONGO_URI", "mongodb://127.0.0.1:27017/")
    MONGO_DATABASE = "partner_desk"
    # W6: credentials in the code, and later in an answer. The read replica is not in use yet.
    REPLICA_MONGO_URI = "mongodb://desk_reader:vT9rQ2mLx7KdWc4@db-2.partnerdesk.internal:27017/partner_desk"
    SECRET_KEY = "b41f07c2a95e4d3f8e60d7a1c3925b7e"
    JWT_SECRET = "5d2c8f61e07b4a93b6f4107d9ec85a3250fb19c7"

    API_TITLE = "Partner Desk"
    API_VERSION = "1.4"
    OPENAPI_VERSION = "3.0.3"
    OPENAPI_URL_PREFIX = "/"

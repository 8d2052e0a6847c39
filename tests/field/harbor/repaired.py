"""The same application with its faults repaired."""

import os

os.environ["REPAIRED"] = "1"

from app import app  # noqa: E402, F401

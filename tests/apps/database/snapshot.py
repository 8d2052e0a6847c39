"""Prints every document of every collection of a database: {"collection": {"id": document}}."""

import json
import os

from bson import json_util
from pymongo import MongoClient

db = MongoClient(os.environ["MONGO_URI"]).get_default_database()
whole = {}
for name in sorted(db.list_collection_names()):
    rows = json.loads(json_util.dumps(db[name].find()))
    whole[name] = {json.dumps(row["_id"], sort_keys=True): row for row in rows}
print(json.dumps(whole, sort_keys=True))

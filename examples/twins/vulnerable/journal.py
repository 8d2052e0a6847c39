"""Notes that partners leave."""

from flask import jsonify
from flask.views import MethodView
from flask_smorest import Blueprint

from .db import get_db
from .schemas import NoteKeySchema, NoteSchema

bp = Blueprint("journal", __name__, url_prefix="/api/notes", description="Notes")


@bp.route("")
class Notes(MethodView):
    @bp.response(200)
    def get(self):
        """The newest notes."""
        notes = list(get_db().notes.find().sort("_id", -1).limit(200))
        for note in notes:
            # W3: whole documents, the author's key among the fields.
            note["_id"] = str(note["_id"])
        return jsonify(notes)

    @bp.arguments(NoteKeySchema, location="query")
    @bp.arguments(NoteSchema)
    @bp.response(201)
    def post(self, query, note):
        """Leaves a note; the author is known by the key."""
        # W1, W2: a key from the address, stored with the note.
        note["access_key"] = query["access_key"]
        get_db().notes.insert_one(note)
        return {"note_id": str(note["_id"]), "headline": note["headline"]}

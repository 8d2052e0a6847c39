"""Notes that partners leave."""

from flask.views import MethodView
from flask_smorest import Blueprint

from .access import holder_of
from .db import get_db
from .schemas import KeyHeaderSchema, NoteSchema

bp = Blueprint("journal", __name__, url_prefix="/api/notes", description="Notes")


def shown(note):
    return {"note_id": str(note["_id"]), "headline": note["headline"], "passage": note["passage"]}


@bp.route("")
class Notes(MethodView):
    @bp.response(200)
    def get(self):
        """The newest notes."""
        # W3: the fields of the answer are named one by one.
        notes = get_db().notes.find({}, {"headline": 1, "passage": 1}).sort("_id", -1).limit(200)
        return [shown(note) for note in notes]

    @bp.arguments(KeyHeaderSchema, location="headers")
    @bp.arguments(NoteSchema)
    @bp.response(201)
    def post(self, headers, note):
        """Leaves a note; the author is known by the key."""
        # W1, W2: the key comes in a header, and the note has the author's id.
        author = holder_of(headers.get("partner_key"))
        note["author_id"] = author["_id"]
        get_db().notes.insert_one(note)
        return {"note_id": str(note["_id"]), "headline": note["headline"]}

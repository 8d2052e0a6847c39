"""File upload with GridFS-like documents. Faults: file name and ?token= stored and shown in the list; download echoes token in Content-Disposition;
str(error) with traceback.format_exc()."""
import os, traceback
from bson import ObjectId
from flask import Flask, Response, jsonify, redirect, request
from pymongo import MongoClient

db = MongoClient(os.environ["MONGO_URI"]).get_default_database()
app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 16 * 1024 * 1024


@app.route("/", methods=["GET", "POST"])
def index():
    if request.method == "POST":
        f = request.files["file"]
        db.files.insert_one({"filename": f.filename, "data": f.read(), "upload_token": request.form.get("upload_token", "")})
        return redirect("/files")
    return '<form method="post" enctype="multipart/form-data"><input type="file" name="file"><input name="upload_token"></form><a href="/files">files</a>'


@app.route("/files")
def files():
    return "".join(f"<p><a href='/files/{f['_id']}'>{f['filename']}</a> {f['upload_token']}</p>" for f in db.files.find())


@app.route("/files/<fid>")
def download(fid):
    try:
        f = db.files.find_one({"_id": ObjectId(fid)})
        return Response(f["data"], mimetype="application/octet-stream", headers={"Content-Disposition": f"attachment; filename=\"{f['_id']}\""})
    except Exception:
        return jsonify({"error": traceback.format_exc()}), 500

"""Notes API with JWT. Faults: NoSQL operators in login (find_one({"email": data["email"], "password": data["password"]}) with JSON),
passwords in clear, missing fields -> KeyError 500, str(e) in answers, register echoes the document, SECRET 'your-secret-key', /api/debug config."""
import datetime, functools, os
import jwt
from bson import ObjectId
from flask import Flask, jsonify, request
from pymongo import MongoClient

app = Flask(__name__)
app.config["SECRET_KEY"] = "your-secret-key"
app.config["MONGO_URI"] = "mongodb://admin:Sup3rS3cret9@db.internal:27017/notes?authSource=admin"
db = MongoClient(os.environ["MONGO_URI"]).get_default_database()


def token_required(f):
    @functools.wraps(f)
    def inner(*args, **kwargs):
        token = request.headers.get("x-access-token") or request.headers.get("Authorization", "").replace("Bearer ", "")
        if not token:
            return jsonify({"message": "Token is missing!"}), 401
        try:
            data = jwt.decode(token, app.config["SECRET_KEY"], algorithms=["HS256"])
        except Exception as e:
            return jsonify({"message": "Token is invalid!", "error": str(e), "token": token}), 401
        return f(data["user"], *args, **kwargs)
    return inner


@app.get("/")
def index():
    return jsonify({"endpoints": ["/api/register", "/api/login", "/api/notes", "/api/users", "/api/debug", "/api/notes/search?q="]})


@app.post("/api/register")
def register():
    data = request.get_json()
    if db.users.find_one({"email": data["email"]}):
        return jsonify({"message": "exists"}), 409
    user = {"email": data["email"], "password": data["password"], "name": data.get("name")}
    db.users.insert_one(user)
    user["_id"] = str(user["_id"])
    return jsonify(user), 201


@app.post("/api/login")
def login():
    try:
        data = request.get_json()
        user = db.users.find_one({"email": data["email"], "password": data["password"]})
        if not user:
            return jsonify({"message": "Invalid credentials"}), 401
        token = jwt.encode({"user": str(user["_id"]), "exp": datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)}, app.config["SECRET_KEY"])
        return jsonify({"token": token})
    except Exception as e:
        return jsonify({"error": str(e)}), 500


@app.get("/api/users")
def users():
    out = []
    for u in db.users.find():
        u["_id"] = str(u["_id"])
        out.append(u)
    return jsonify(out)


@app.get("/api/notes")
@token_required
def notes(user):
    return jsonify([{"id": str(n["_id"]), "text": n["text"]} for n in db.notes.find({"user": user})])


@app.post("/api/notes")
@token_required
def add(user):
    return jsonify({"id": str(db.notes.insert_one({"user": user, "text": request.json["text"]}).inserted_id)}), 201


@app.get("/api/notes/search")
def search():
    q = request.args["q"]
    return jsonify([n["text"] for n in db.notes.find({"text": {"$regex": q}})])


@app.delete("/api/notes/<nid>")
@token_required
def delete(user, nid):
    db.notes.delete_one({"_id": ObjectId(nid)})
    return jsonify({"ok": True})


@app.get("/api/debug")
def debug():
    return jsonify({k: str(v) for k, v in app.config.items()})

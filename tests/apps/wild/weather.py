"""Weather proxy stub. Faults: passes ?appid= of the caller on and prints the upstream URL with it in the error; default key in the page source;
city cached in Mongo with the whole upstream URL; /history shows it."""
import os
from flask import Flask, jsonify, request
from pymongo import MongoClient

db = MongoClient(os.environ["MONGO_URI"]).get_default_database()
app = Flask(__name__)
API_KEY = os.environ.get("OWM_KEY", "b1b15e88fa797225412429c1c50c122a1")


@app.get("/")
def index():
    return "<form action='/weather'><input name='city'><input name='api_key' placeholder='your key'></form><a href='/history'>history</a>"


@app.get("/weather")
def weather():
    city, key = request.args.get("city"), request.args.get("api_key") or API_KEY
    if not city:
        return jsonify({"error": "city is required"}), 400
    url = f"https://api.openweathermap.org/data/2.5/weather?q={city}&appid={key}"
    db.history.insert_one({"city": city, "url": url})
    return jsonify({"error": f"502 for url: {url}"}), 502


@app.get("/history")
def history():
    return jsonify([{"city": h["city"], "url": h["url"]} for h in db.history.find().sort("_id", -1).limit(20)])

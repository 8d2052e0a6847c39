"""Plots and seeds of an allotment society, on flask-smorest."""

import os
import uuid

import marshmallow as ma
from flask import Flask
from flask.views import MethodView
from flask_smorest import Api, Blueprint, abort
from flask_smorest.fields import Upload

app = Flask(__name__)
app.config.update(API_TITLE="Allotments", API_VERSION="v2", OPENAPI_VERSION="3.0.3")
if os.environ.get("SPECIFICATION", "on") == "on":
    app.config.update(
        OPENAPI_URL_PREFIX="/docs",
        OPENAPI_SWAGGER_UI_PATH="/ui",
        OPENAPI_SWAGGER_UI_URL="https://cdn.invalid/swagger-ui/",
    )
api = Api(app)

plots = Blueprint("plots", __name__, url_prefix="/plots", description="The ground")
seeds = Blueprint("seeds", __name__, url_prefix="/seeds", description="What is sown")
duty = Blueprint("duty", __name__, url_prefix="/duty", description="Who waters when")


class Corner(ma.Schema):
    north = ma.fields.Float(required=True)
    east = ma.fields.Float(required=True)


class Plot(ma.Schema):
    id = ma.fields.UUID(dump_only=True)
    label = ma.fields.String(required=True, validate=ma.validate.Length(min=3, max=24))
    soil = ma.fields.String(required=True, validate=ma.validate.OneOf(["loam", "sand", "clay"]))
    area = ma.fields.Integer(required=True, validate=ma.validate.Range(min=10, max=900))
    corners = ma.fields.List(ma.fields.Nested(Corner), required=True)
    steward = ma.fields.Email(required=True)
    shed = ma.fields.Boolean(load_default=False)


class PlotQuery(ma.Schema):
    soil = ma.fields.String(validate=ma.validate.OneOf(["loam", "sand", "clay"]))
    season = ma.fields.Integer(required=True)
    sunny = ma.fields.Boolean(required=True)


class Packet(ma.Schema):
    species = ma.fields.String(required=True)
    packed_on = ma.fields.Date(required=True)
    supplier_url = ma.fields.Url(required=True)
    grams = ma.fields.Decimal(required=True, as_string=True)
    tags = ma.fields.List(ma.fields.String())


class Leaflet(ma.Schema):
    leaflet = Upload(required=True)


class Rota(ma.Schema):
    gardener = ma.fields.String(required=True)
    begins = ma.fields.DateTime(required=True)
    hours = ma.fields.Integer(required=True)


class GateHeaders(ma.Schema):
    gate_code = ma.fields.String(required=True, data_key="X-Gate-Code")

    class Meta:
        unknown = ma.EXCLUDE


class GateCookies(ma.Schema):
    visit = ma.fields.String(required=True)

    class Meta:
        unknown = ma.EXCLUDE


PLOTS = {uuid.UUID("6f1c4c52-7a0e-4b6d-9d5f-0b7a2f7c1a11"): {"label": "By the pond", "soil": "loam", "area": 60}}
PACKETS = {}


@plots.route("/")
class Plots(MethodView):
    @plots.arguments(PlotQuery, location="query")
    @plots.response(200, Plot(many=True))
    def get(self, query):
        return [dict(plot, id=key) for key, plot in PLOTS.items() if query.get("soil") in (None, plot["soil"])]

    @plots.arguments(Plot)
    @plots.response(201, Plot)
    def post(self, plot):
        key = uuid.uuid4()
        PLOTS[key] = plot
        return dict(plot, id=key)


@plots.route("/<uuid:plot_id>")
class OnePlot(MethodView):
    @plots.response(200, Plot)
    def get(self, plot_id):
        if plot_id not in PLOTS:
            abort(404, message="there is no such plot")
        return dict(PLOTS[plot_id], id=plot_id)

    @plots.arguments(Plot)
    @plots.response(200, Plot)
    def put(self, plot, plot_id):
        if plot_id not in PLOTS:
            abort(404, message="there is no such plot")
        PLOTS[plot_id] = plot
        return dict(plot, id=plot_id)


@plots.route("/<uuid:plot_id>/gate", methods=["POST"])
@plots.arguments(GateHeaders, location="headers")
@plots.arguments(GateCookies, location="cookies")
@plots.response(202)
def open_gate(headers, cookies, plot_id):
    return None


@seeds.route("/", methods=["GET"])
@seeds.response(200, Packet(many=True))
def all_packets():
    return list(PACKETS.values())


@seeds.route("/", methods=["POST"])
@seeds.arguments(Packet)
@seeds.response(201, Packet)
def add_packet(packet):
    PACKETS[len(PACKETS) + 1] = packet
    return packet


@seeds.route("/<int:number>/leaflet", methods=["POST"])
@seeds.arguments(Leaflet, location="files")
@seeds.response(201)
def add_leaflet(files, number):
    files["leaflet"].read()


@duty.route("/", methods=["POST"])
@duty.arguments(Rota, location="form")
@duty.response(201, Rota)
def sign_up(rota):
    return rota


@duty.route("/weather", methods=["GET"])
@duty.response(200)
def weather():
    return {"rain": False, "frost": False}


api.register_blueprint(plots)
api.register_blueprint(seeds)
api.register_blueprint(duty)

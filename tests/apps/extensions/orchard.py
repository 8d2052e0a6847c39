"""Harvests of an orchard, on flask-openapi3 with pydantic models."""

import os
from datetime import date, datetime
from enum import Enum
from uuid import UUID

from flask_openapi3 import APIBlueprint, FileStorage, Info, OpenAPI, Tag
from pydantic import BaseModel, ConfigDict, Field

app = OpenAPI(
    __name__,
    info=Info(title="Orchard", version="5"),
    doc_ui=os.environ.get("SPECIFICATION", "on") == "on",
)
trees = APIBlueprint("trees", __name__, url_prefix="/orchard", abp_tags=[Tag(name="trees")])
cellar = APIBlueprint("cellar", __name__, url_prefix="/cellar", abp_tags=[Tag(name="cellar")])


class Fruit(str, Enum):
    apple = "apple"
    pear = "pear"
    quince = "quince"


class Spot(BaseModel):
    row: int = Field(ge=1, le=80)
    column: int


class Tree(BaseModel):
    cultivar: str = Field(min_length=2, max_length=50)
    fruit: Fruit
    planted: date
    spot: Spot
    grafts: list[str]
    height: float | None = None


class Pruning(BaseModel):
    worker: str
    started: datetime
    branches: int = Field(gt=0)
    tools: list[Fruit] | None = None


class Search(BaseModel):
    fruit: Fruit
    older_than: int
    cultivar: str | None = None


class TreePath(BaseModel):
    tree_id: int


class BarrelPath(BaseModel):
    barrel: UUID


class Weighing(BaseModel):
    crates: int
    kilos: float
    picker: str = Field(max_length=30)


class Label(BaseModel):
    image: FileStorage
    vintage: int


class Scales(BaseModel):
    model_config = ConfigDict(populate_by_name=True)
    scales: str = Field(alias="X-Scales-Id")


class Badge(BaseModel):
    badge: str


class Pressing(BaseModel):
    litres: float
    blend: list[Spot]
    organic: bool


TREES = {3: {"cultivar": "Boskoop", "fruit": "apple"}}


@trees.get("/trees")
def find_trees(query: Search):
    return [tree for tree in TREES.values() if tree["fruit"] == query.fruit]


@trees.post("/trees")
def plant(body: Tree):
    number = max(TREES) + 1
    TREES[number] = {"cultivar": body.cultivar, "fruit": body.fruit.value}
    return {"tree_id": number}, 201


@trees.get("/trees/<int:tree_id>")
def one_tree(path: TreePath):
    if path.tree_id not in TREES:
        return {"message": "no such tree"}, 404
    return TREES[path.tree_id]


@trees.put("/trees/<int:tree_id>")
def change_tree(path: TreePath, body: Tree):
    if path.tree_id not in TREES:
        return {"message": "no such tree"}, 404
    TREES[path.tree_id]["cultivar"] = body.cultivar
    return TREES[path.tree_id]


@trees.post("/trees/<int:tree_id>/prunings")
def prune(path: TreePath, body: Pruning):
    return {"tree": path.tree_id, "branches": body.branches}, 201


@trees.post("/weighings")
def weigh(header: Scales, form: Weighing):
    return {"kilos": form.kilos, "scales": header.scales}, 201


@cellar.get("/barrels/<barrel>")
def barrel(path: BarrelPath):
    return {"message": "no such barrel"}, 404


@cellar.post("/barrels/<barrel>/label")
def label(path: BarrelPath, form: Label):
    return {"bytes": len(form.image.read())}, 201


@cellar.post("/pressings")
def press(body: Pressing):
    return {"litres": body.litres}, 201


@cellar.post("/unlock")
def unlock(cookie: Badge):
    return {"open": cookie.badge != ""}


app.register_api(trees)
app.register_api(cellar)

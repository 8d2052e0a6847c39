"""A GraphQL API on graphene: keys are stored and listed as they came, or (REPAIRED) as keyed hashes that no query shows."""

import hashlib
import hmac
import os

import graphene
from flask import Flask, jsonify, request

app = Flask(__name__, static_folder=None)
REPAIRED = os.environ.get("FAULTY") == "0"
PEPPER = os.urandom(16)
KEYS = []


class Key(graphene.ObjectType):
    number = graphene.Int()
    label = graphene.String()
    if not REPAIRED:
        secret = graphene.String()


class Tier(graphene.Enum):
    LOW = "low"
    HIGH = "high"


class CreateKey(graphene.Mutation):
    class Arguments:
        label = graphene.String(required=True)
        secret = graphene.String(required=True)
        tier = Tier()

    Output = Key

    def mutate(self, info, label, secret, tier=None):
        if REPAIRED:
            if not (secret.isalnum() and 20 <= len(secret) <= 128):
                raise ValueError("the secret takes 20 to 128 letters and digits")
            secret = hmac.new(PEPPER, secret.encode(), hashlib.sha256).hexdigest()
        KEYS.append({"number": len(KEYS) + 1, "label": label, "secret": secret})
        return KEYS[-1]


class DeleteKey(graphene.Mutation):
    class Arguments:
        number = graphene.Int()

    Output = Key

    def mutate(self, info, number=None):
        print("DELETED", flush=True)
        KEYS.clear()


class Query(graphene.ObjectType):
    keys = graphene.List(Key)
    find = graphene.List(Key, word=graphene.String(required=True))

    def resolve_keys(self, info):
        return KEYS

    def resolve_find(self, info, word):
        return [key for key in KEYS if key["label"] == word]


class Mutations(graphene.ObjectType):
    create_key = CreateKey.Field()
    delete_key = DeleteKey.Field()


schema = graphene.Schema(query=Query, mutation=Mutations)


@app.post("/graphql")
def graphql():
    body = request.get_json(silent=True) or {}
    if not isinstance(body.get("query"), str):
        return jsonify(errors=[{"message": "Must provide query string."}]), 400
    result = schema.execute(body["query"], variable_values=body.get("variables"))
    # The values of variables stand in the messages of graphql-core.
    errors = [{"message": "the query was refused" if REPAIRED else error.message} for error in result.errors or []]
    answer = {"data": result.data}
    if errors:
        answer["errors"] = errors
    return jsonify(answer), 400 if errors and result.data is None else 200

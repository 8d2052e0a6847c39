"""What the JSON API takes and gives."""

import re
from datetime import datetime, time

from marshmallow import Schema, fields, post_load, validate

PRINTABLE = re.compile(r"[^\x00-\x1f\x7f\ud800-\udfff]*")


def printable(longest):
    """Text of one line that a database can keep."""
    return [validate.Length(min=1, max=longest), validate.Regexp(PRINTABLE.pattern + r"\Z")]


class PartnerSchema(Schema):
    partner_id = fields.Str(dump_only=True)
    partner_name = fields.Str(required=True, validate=printable(80))
    contact_email = fields.Email(required=True, validate=printable(254))
    tier = fields.Str(required=True, validate=validate.OneOf(["gold", "silver", "bronze"]))
    seats = fields.Int(required=True, strict=True, validate=validate.Range(1, 10000))
    since = fields.Date(required=True)

    @post_load
    def at_midnight(self, data, **_):
        data["since"] = datetime.combine(data["since"], time())
        return data


class PageSchema(Schema):
    page = fields.Int(load_default=1, validate=validate.Range(1, 1000))
    limit = fields.Int(load_default=20, validate=validate.Range(1, 100))


class NoteSchema(Schema):
    headline = fields.Str(required=True, validate=printable(120))
    passage = fields.Str(required=True, validate=printable(2000))


class NoteKeySchema(Schema):
    # W8: any text is a key here.
    access_key = fields.Str(required=True)


class KeyHeaderSchema(Schema):
    partner_key = fields.Str(data_key="X-Partner-Key")


class KeyCookieSchema(Schema):
    partner_token = fields.Str()


class WebhookSchema(Schema):
    target_url = fields.Url(required=True, schemes={"http", "https"}, validate=printable(500))
    event = fields.Str(load_default="created", validate=validate.OneOf(["created", "changed", "closed"]))
    # W8: any text is a secret here.
    shared_secret = fields.Str(required=True)

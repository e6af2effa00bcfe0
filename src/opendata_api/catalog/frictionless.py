"""A CSV file as a Data Package (https://datapackage.org, version 2)."""

from collections.abc import Mapping

from opendata_api.describe import Field, Type
from opendata_api.formats.archive import Written
from opendata_api.formats.cells import LIST_SEPARATOR
from opendata_api.formats.imprint import Imprint
from opendata_api.words import Text

Node = dict[str, object]

PROFILES = "https://datapackage.org/profiles/2.0"

_TYPES: Mapping[Type, Node] = {
    Type.CODE: {"type": "string"},
    Type.TEXT: {"type": "string"},
    Type.INTEGER: {"type": "integer"},
    Type.DECIMAL: {"type": "number"},
    Type.DATE: {"type": "date"},
    Type.TIMESTAMP: {"type": "datetime"},
    Type.BOOLEAN: {"type": "boolean"},
    Type.LIST: {"type": "list", "delimiter": LIST_SEPARATOR, "itemType": "string"},
    Type.DIMENSIONS: {"type": "list", "delimiter": LIST_SEPARATOR, "itemType": "string"},
    Type.FIGURES: {"type": "array"},
}
_LISTS = (Type.LIST, Type.DIMENSIONS)
"""An empty list is an empty cell."""


def describe_package(imprint: Imprint, table: Written) -> Node:
    """`datapackage.json` for a package of that one table."""
    subject = imprint.subject
    return {
        "$schema": f"{PROFILES}/datapackage.json",
        "name": subject.name,
        "id": imprint.address,
        "title": _both(subject.title),
        "description": _both(subject.description),
        "homepage": imprint.home,
        "version": str(imprint.release),
        "created": imprint.published_at,
        **({"licenses": [_licence(imprint)]} if imprint.rights.licence else {}),
        "contributors": [{"title": _both(imprint.service), "roles": ["publisher"]}],
        "sources": [{"title": _both(SOURCE), "path": imprint.sources}],
        "resources": [
            {
                "$schema": f"{PROFILES}/dataresource.json",
                "name": subject.name,
                "path": table.name,
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": table.bytes,
                "hash": f"sha256:{table.sha256}",
                "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "doubleQuote": True},
                "schema": _schema(imprint),
            }
        ],
    }


def _licence(imprint: Imprint) -> Node:
    return {"name": imprint.rights.licence, "path": imprint.rights.url}


def _schema(imprint: Imprint) -> Node:
    schema: Node = {
        "$schema": f"{PROFILES}/tableschema.json",
        "fields": [_field(field) for field in imprint.fields],
        "missingValues": [""],
    }
    if imprint.has_ids:
        schema["primaryKey"] = ["id"]
    return schema


def _field(field: Field) -> Node:
    described: Node = {
        "name": field.name,
        **_TYPES[field.type],
        "title": _both(field.about.title),
        "description": _both(field.about.description),
    }
    if not field.nullable and field.type not in _LISTS:
        described["constraints"] = {"required": True}
    return described


def _both(text: Text) -> str:
    return text.zh if text.zh == text.en else f"{text.zh} / {text.en}"


SOURCE = Text("政府报告", "Government reports")

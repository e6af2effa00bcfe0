"""CSV files as a Data Package (https://datapackage.org, version 2)."""

from collections.abc import Mapping, Sequence

from opendata_api.describe import Field, Type
from opendata_api.formats.archive import Written
from opendata_api.formats.cells import LIST_SEPARATOR
from opendata_api.formats.imprint import Imprint, Origin, Titled, Whole
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
    resource = _resource(imprint, table, _schema(imprint))
    return _package(imprint, imprint.subject, _licences(imprint), [resource])


def describe_whole(whole: Whole, tables: Sequence[Written]) -> Node:
    """`datapackage.json` for a package of all tables, given as they were written, in order.

    A table without a licence would inherit the package's, so that only tables have any.
    """
    parts = zip(whole.parts, tables, strict=True)
    return _package(whole, whole, {}, [_part(whole, part, table) for part, table in parts])


def _package(origin: Origin, titled: Titled, licences: Node, resources: Sequence[Node]) -> Node:
    return {
        "$schema": f"{PROFILES}/datapackage.json",
        "name": titled.name,
        "id": origin.address,
        **_titles(titled),
        "homepage": origin.home,
        "version": str(origin.release),
        "created": origin.published_at,
        **licences,
        "contributors": [{"title": _both(origin.service), "roles": ["publisher"]}],
        **_sources(origin),
        "resources": resources,
    }


def _part(whole: Whole, part: Imprint, table: Written) -> Node:
    """A table among others, with what a package of it alone would say itself."""
    schema = {**_schema(part), **_foreign_keys(whole, part)}
    resource = _resource(part, table, schema)
    return {**resource, **_titles(part.subject), **_licences(part), **_sources(part)}


def _resource(imprint: Imprint, table: Written, schema: Node) -> Node:
    return {
        "$schema": f"{PROFILES}/dataresource.json",
        "name": imprint.subject.name,
        "path": table.name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "bytes": table.bytes,
        "hash": f"sha256:{table.sha256}",
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "doubleQuote": True},
        "schema": schema,
    }


def _titles(titled: Titled) -> Node:
    return {"title": _both(titled.title), "description": _both(titled.description)}


def _licences(origin: Origin) -> Node:
    """The licence, where there is one."""
    rights = origin.rights
    return {"licenses": [{"name": rights.licence, "path": rights.url}]} if rights.licence else {}


def _sources(origin: Origin) -> Node:
    return {"sources": [{"title": _both(SOURCE), "path": origin.sources}]}


def _foreign_keys(whole: Whole, part: Imprint) -> Node:
    """The fields that hold ids of other tables, where there are such."""
    keys = [
        {"fields": [field.name], "reference": {"resource": name, "fields": ["id"]}}
        for field, name in whole.references(part)
    ]
    return {"foreignKeys": keys} if keys else {}


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

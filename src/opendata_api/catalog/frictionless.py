"""CSV files as a Data Package (https://datapackage.org, version 2)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opendata_api.describe import Field, Type
from opendata_api.formats.archive import Written
from opendata_api.formats.cells import LIST_SEPARATOR
from opendata_api.formats.imprint import Imprint, Origin, Titled, Whole
from opendata_api.formats.rights import NOT_SPECIFIED
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


@dataclass(frozen=True, slots=True)
class Place:
    """Where the CSV of a table is: a path beside the description, or an address."""

    path: str
    bytes: int | None
    """None where it is made when it is asked for."""
    sha256: str | None
    """In hex."""

    @classmethod
    def of(cls, table: Written) -> "Place":
        """That of a table in a package."""
        return cls(table.name, table.bytes, table.sha256)


def describe_package(imprint: Imprint, table: Written) -> Node:
    """`datapackage.json` for a package of that one table."""
    return describe_table(imprint, Place.of(table))


def describe_table(imprint: Imprint, place: Place) -> Node:
    """A package of that one table, wherever it is."""
    resource = _resource(imprint, place, _schema(imprint))
    return _package(imprint, imprint.subject, [resource])


def describe_whole(whole: Whole, tables: Sequence[Written]) -> Node:
    """`datapackage.json` for a package of all tables, given as they were written, in order."""
    return describe_tables(whole, [Place.of(table) for table in tables])


def describe_tables(whole: Whole, places: Sequence[Place]) -> Node:
    """A package of all tables, wherever each of them is, in order."""
    parts = zip(whole.parts, places, strict=True)
    return _package(whole, whole, [_part(whole, part, place) for part, place in parts])


def _package(origin: Origin, titled: Titled, resources: Sequence[Node]) -> Node:
    return {
        "$schema": f"{PROFILES}/datapackage.json",
        "name": titled.name,
        "id": origin.address,
        **_titles(titled),
        "homepage": origin.home,
        "version": str(origin.release),
        "created": origin.published_at,
        **_licences(origin),
        "contributors": [{"title": origin.service.both, "roles": ["publisher"]}],
        **_sources(origin),
        "resources": resources,
    }


def _part(whole: Whole, part: Imprint, place: Place) -> Node:
    """A table among others, with what a package of it alone would say itself."""
    schema = {**_schema(part), **_foreign_keys(whole, part)}
    resource = _resource(part, place, schema)
    return {**resource, **_titles(part.subject), **_licences(part), **_sources(part)}


def _resource(imprint: Imprint, place: Place, schema: Node) -> Node:
    return {
        "$schema": f"{PROFILES}/dataresource.json",
        "name": imprint.subject.name,
        "path": place.path,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        **_proof(place),
        "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "doubleQuote": True},
        "schema": schema,
    }


def _proof(place: Place) -> Node:
    """By which a copy is held to be whole, where that is known."""
    if place.sha256 is None:
        return {}
    return {"bytes": place.bytes, "hash": f"sha256:{place.sha256}"}


def _titles(titled: Titled) -> Node:
    return {"title": titled.title.both, "description": titled.description.both}


def _licences(origin: Origin) -> Node:
    """The licence, or that there is none, which keeps a table from inheriting the package's."""
    rights = origin.rights
    if rights.licence:
        return {"licenses": [{"name": rights.licence, "path": rights.url}]}
    told = Text(rights.told("zh"), rights.told("en"))
    return {"licenses": [{"name": NOT_SPECIFIED, "title": told.both}]}


def _sources(origin: Origin) -> Node:
    return {"sources": [{"title": SOURCE.both, "path": origin.sources}]}


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
        "title": field.about.title.both,
        "description": field.about.description.both,
    }
    if not field.nullable and field.type not in _LISTS:
        described["constraints"] = {"required": True}
    return described


SOURCE = Text("政府报告", "Government reports")

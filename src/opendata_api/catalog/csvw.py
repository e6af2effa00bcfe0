"""A CSV file described as CSV on the Web has it (W3C, Metadata Vocabulary for Tabular Data)."""

from collections.abc import Mapping

from opendata_api.describe import Field, Type
from opendata_api.formats.cells import LIST_SEPARATOR
from opendata_api.formats.imprint import Imprint
from opendata_api.words import Text

Node = dict[str, object]

_DATATYPES: Mapping[Type, object] = {
    Type.CODE: "string",
    Type.TEXT: "string",
    Type.INTEGER: "integer",
    Type.DECIMAL: "decimal",
    Type.DATE: "date",
    Type.TIMESTAMP: "dateTime",
    Type.BOOLEAN: "boolean",
    Type.LIST: "string",
    Type.DIMENSIONS: "string",
    Type.FIGURES: "json",
}
_LISTS = (Type.LIST, Type.DIMENSIONS)
"""Their cells hold several values; an empty list is an empty cell."""


def describe_csv(imprint: Imprint, name: str) -> Node:
    """The description of the file of that name, which lies beside it."""
    subject = imprint.subject
    schema: Node = {"columns": [_column(field) for field in imprint.fields]}
    if imprint.has_ids:
        schema |= {"primaryKey": "id", "aboutUrl": imprint.record}
    return {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": name,
        "dialect": {"encoding": "utf-8", "header": True, "lineTerminators": ["\r\n"]},
        "dc:title": _both(subject.title),
        "dc:description": _both(subject.description),
        "dc:publisher": _both(imprint.service),
        "dc:identifier": {"@id": imprint.address},
        "dc:source": {"@id": imprint.sources},
        **({"dc:license": {"@id": imprint.rights.url}} if imprint.rights.licence else {}),
        "dc:rights": _both(Text(imprint.rights.told("zh"), imprint.rights.told("en"))),
        "dc:issued": {"@value": imprint.published_at, "@type": "xsd:dateTime"},
        "dc:bibliographicCitation": _both(imprint.citation),
        "rdfs:seeAlso": {"@id": imprint.dictionary},
        "tableSchema": schema,
    }


def _column(field: Field) -> Node:
    column: Node = {
        "name": field.name,
        "titles": field.name,
        "datatype": _DATATYPES[field.type],
        "dc:title": _both(field.about.title),
        "dc:description": _both(field.about.description),
    }
    if field.type in _LISTS:
        return column | {"separator": LIST_SEPARATOR}
    return column | {"required": not field.nullable}


def _both(text: Text) -> list[Node]:
    return [
        {"@value": text.zh, "@language": "zh"},
        {"@value": text.en, "@language": "en"},
    ]

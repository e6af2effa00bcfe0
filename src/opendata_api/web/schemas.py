"""JSON Schemas of the answers, made from the descriptions of the datasets."""

from collections.abc import Mapping, Sequence

from opendata_api.describe import Dataset, Field, Type
from opendata_api.formats import FORMATS

Schema = dict[str, object]

STRING: Schema = {"type": "string"}
INTEGER: Schema = {"type": "integer"}
FILE_LINKS = tuple(f"{one.key}{'?' if one.needs else ''}" for one in FORMATS if one.is_file)
"""Null where an installation is without what writes the format."""
ADDRESS: Schema = {"type": "string", "format": "uri"}

_TYPES: Mapping[Type, Schema] = {
    Type.CODE: STRING,
    Type.TEXT: STRING,
    Type.INTEGER: INTEGER,
    Type.DECIMAL: {"type": "number"},
    Type.DATE: {"type": "string", "format": "date"},
    Type.TIMESTAMP: {"type": "string", "format": "date-time"},
    Type.BOOLEAN: {"type": "boolean"},
    Type.LIST: {"type": "array", "items": STRING},
    Type.DIMENSIONS: {"type": "object", "additionalProperties": STRING},
    Type.FIGURES: {"type": "array", "items": {"$ref": "#/components/schemas/LatestFigure"}},
}


def type_schema(kind: Type) -> Schema:
    """The schema of a value that is not null."""
    return dict(_TYPES[kind])


def component_schemas(datasets: Sequence[Dataset]) -> Schema:
    """Every named schema."""
    schemas: Schema = {
        "Problem": _PROBLEM,
        "PageMeta": _PAGE_META,
        "Meta": _META,
        "PageLinks": describe_links(
            "self", "first", *FILE_LINKS, "html", "describedby", "prev?", "next?", "cite?"
        ),
        "RecordLinks": describe_links(
            "self", "permalink", *FILE_LINKS, "html", "cite", "collection", "describedby"
        ),
        "ObjectAnswer": _answer({"type": "object"}, "Meta", {"type": "object"}),
        "ArrayAnswer": _answer(_array({"type": "object"}), "Meta", {"type": "object"}),
        "ChangesAnswer": _answer(
            _array(_CHANGE), "ChangesMeta", describe_links("self", "next?", "later")
        ),
        "ChangesMeta": _CHANGES_META,
        "Manifest": _MANIFEST,
        "CitationAnswer": _answer(_CITATION, "Meta", describe_links("self", "cited")),
        "StandardDocument": {"type": "object", "description": "By the standard it follows."},
        "State": _object({"status": STRING, "release": INTEGER}, required=["status"]),
        "LatestFigure": _LATEST_FIGURE,
    }
    for dataset in datasets:
        name = schema_name(dataset)
        reference = _reference(name)
        schemas[name] = _record(dataset)
        links = _own_links(dataset, datasets)
        if links:
            schemas[f"{name}Links"] = {"allOf": [_reference("RecordLinks"), links]}
        row: Schema = {"allOf": [reference, _FOUND]}
        schemas[f"{name}Page"] = _answer(_array(row), "PageMeta", _reference("PageLinks"))
        schemas[f"{name}Answer"] = _answer(
            reference, "Meta", _reference(f"{name}Links" if links else "RecordLinks")
        )
    return schemas


def schema_name(dataset: Dataset) -> str:
    """The name of a record's schema: ServiceCount."""
    return dataset.model.__name__


def _record(dataset: Dataset) -> Schema:
    properties = {field.name: _field(field) for field in dataset.fields}
    return {
        **_object(properties, required=[]),
        "title": dataset.title.en,
        "description": f"{dataset.description.en} Every field is there unless `fields` chooses."
        f"\n\n{dataset.description.zh}",
    }


def _field(field: Field) -> Schema:
    about = field.about
    schema = type_schema(field.type)
    if field.nullable:
        schema["type"] = [schema["type"], "null"]
    if about.example is not None:
        schema["examples"] = [about.example]
    return schema | {
        "title": about.title.en,
        "description": f"{about.description.en} {about.title.zh}：{about.description.zh}",
    }


def _answer(content: Schema, meta: str, links: Schema) -> Schema:
    parts: dict[str, Schema] = {
        "data": content,
        "meta": _reference(meta),
        "links": links,
    }
    return _object(parts, required=list(parts))


def _own_links(dataset: Dataset, datasets: Sequence[Dataset]) -> Schema | None:
    """What a record of the dataset links to beside what every record does."""
    singular = {one.name: one.singular for one in datasets}
    referred = [(field, singular[name]) for field, name in dataset.references]
    names = [key for _, key in referred] + [text.name for text in dataset.attached]
    required = [key for field, key in referred if not field.nullable]
    return _object(dict.fromkeys(names, ADDRESS), required) if names else None


def _reference(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def describe_links(*names: str) -> Schema:
    """The schema of links; those that an answer may do without end in `?`."""
    properties: dict[str, Schema] = {}
    for name in names:
        is_nullable = name.endswith("?")
        kind: object = ["string", "null"] if is_nullable else "string"
        properties[name.rstrip("?")] = {"type": kind, "format": "uri"}
    return _object(properties, required=list(properties))


def _object(properties: Mapping[str, Schema], required: Sequence[str]) -> Schema:
    schema: Schema = {"type": "object", "properties": dict(properties)}
    return schema | {"required": list(required)} if required else schema


def _array(of: Schema) -> Schema:
    return {"type": "array", "items": of}


_FOUND = _object(
    {
        "highlights": {
            "description": "Where the words stand, if texts were searched.",
            "type": "array",
            "items": _object(
                {"field": STRING, "start": INTEGER, "end": INTEGER},
                required=["field", "start", "end"],
            ),
        }
    },
    required=[],
)
_META_PROPERTIES: dict[str, Schema] = {
    "dataset": STRING,
    "release": {"type": "integer", "description": "The release that the answer is made from."},
    "license": {
        "type": ["string", "null"],
        "description": "The SPDX identifier of our licence, which covers what this project made "
        "and never the words that are quoted; null where every row is the words of a government, "
        "which came without a licence. 本项目的许可；不含所引原文，全为原文的数据为 null。",
    },
    "attribution": {
        "type": "string",
        "description": "Whom to name; without a licence, that there is none. 署名。",
    },
}
_META = _object(_META_PROPERTIES, required=["release", "license", "attribution"])
_PAGE_META = _object(
    {
        **_META_PROPERTIES,
        "count": {"type": "integer", "description": "Rows on this page."},
        "total": {"type": "integer", "description": "Rows that match."},
        "total_relation": {
            "type": "string",
            "enum": ["eq", "gte"],
            "description": "`gte`: at least that many rows match.",
        },
    },
    required=[*_META_PROPERTIES, "count", "total", "total_relation"],
)
_CHANGES_META = _object(
    {
        **_META_PROPERTIES,
        "count": {"type": "integer", "description": "Changes on this page."},
        "last_seq": {"type": "integer", "description": "What to ask for next time, as `since`."},
    },
    required=[*_META_PROPERTIES, "count", "last_seq"],
)
_MANIFEST = _object(
    {
        "version": INTEGER,
        "history_id": {
            "type": "string",
            "description": "Of the store, for ever.",
        },
        "release": INTEGER,
        "published_at": {"type": "string", "format": "date-time"},
        "previous": {
            "type": ["string", "null"],
            "description": "The SHA-256 of the manifest before, as it stands.",
        },
        "changes": _object({"count": INTEGER, "root": STRING}, required=["count", "root"]),
        "contents": {
            "type": "object",
            "additionalProperties": _object(
                {"count": INTEGER, "root": STRING}, required=["count", "root"]
            ),
        },
    },
    required=[
        *("version", "history_id", "release", "published_at", "previous", "contents", "changes")
    ],
)
_CHANGE = _object(
    {
        "seq": {"type": "integer", "description": "Rises over all releases and areas."},
        "release": INTEGER,
        "published_at": {"type": "string", "format": "date-time"},
        "dataset": {"type": "string", "description": "`labels`: the label of a code."},
        "id": {"type": "string", "description": "Of the record; of a label its list/code."},
        "kind": {
            "type": "string",
            "enum": ["added", "corrected", "relabelled", "withdrawn", "erased"],
            "description": "`relabelled`: only the name of a code changed, or a count.",
        },
        "before": {"type": ["object", "null"], "description": "The record as it was."},
        "record": {"type": ["object", "null"], "description": "The record as it became."},
        "changed": {**_array(STRING), "description": "The fields whose values changed."},
        "reason": {
            **_object({"zh": STRING, "en": STRING}, required=["zh", "en"]),
            "type": ["object", "null"],
        },
        "cause": {
            "type": ["string", "null"],
            "enum": ["curation", "publisher", None],
            "description": "We had compiled it wrongly, or the government corrected it.",
        },
    },
    required=[
        *("seq", "release", "published_at", "dataset", "id", "kind", "before", "record"),
        *("changed", "reason", "cause"),
    ],
)
_CITATION = _object(
    {
        "url": {**ADDRESS, "description": "The permanent address: the same rows for ever."},
        "release": INTEGER,
        "formats": _object(
            {
                "gb_t_7714": {"type": "string", "description": "GB/T 7714—2015."},
                "apa": {"type": "string", "description": "APA 7."},
                "bibtex": {"type": "string", "description": "BibTeX and biblatex, UTF-8."},
                "csl_json": {"type": "object", "description": "An item of CSL-JSON 1.0.2."},
            },
            required=["gb_t_7714", "apa", "bibtex", "csl_json"],
        ),
        "note_zh": {"type": "string", "description": "Which date of access stands there."},
        "note_en": {"type": "string", "description": "The same in English."},
    },
    required=["url", "release", "formats", "note_zh", "note_en"],
)
_LATEST_FIGURE = _object(
    {
        "id": STRING,
        "year": INTEGER,
        "area_code": STRING,
        "value": {"type": ["number", "null"]},
        "value_text": STRING,
        "dimensions": {"type": "object", "additionalProperties": STRING},
    },
    required=["id", "year", "area_code", "value", "value_text"],
)
_FAULT = _object(
    {
        "parameter": {"type": ["string", "null"]},
        "message": STRING,
        "allowed": {"type": ["array", "null"], "items": STRING},
        "did_you_mean": {"type": ["string", "null"]},
        "try": {"type": ["string", "null"], "description": "A corrected address that works."},
    },
    required=["parameter", "message", "allowed", "did_you_mean", "try"],
)
_PROBLEM = {
    **_object(
        {
            "type": {"type": "string", "format": "uri", "description": "A page on the error."},
            "code": STRING,
            "title": STRING,
            "status": INTEGER,
            "detail": STRING,
            "instance": STRING,
            "errors": _array(_FAULT),
        },
        required=["type", "code", "title", "status", "detail", "instance", "errors"],
    ),
    "description": "RFC 9457.",
}

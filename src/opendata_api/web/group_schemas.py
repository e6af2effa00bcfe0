"""JSON Schemas of facets and aggregates, and of the parameters that are theirs alone."""

from collections.abc import Sequence

from opendata_api.describe import Dataset, Field
from opendata_api.query import KEYS_MAX, aggregates_of
from opendata_api.web.group_fields import (
    COUNT_FIELD,
    FACET_FIELD,
    RESULT_QUALIFIERS,
    labelled_fields,
    result_fields,
)
from opendata_api.web.schemas import FILE_LINKS, Schema, describe_links, schema_name, type_schema

DIMENSION: Schema = {
    "type": "string",
    "pattern": r"^dim:[^,\u0000-\u001f\u007f]+$",
}
NUMBER_OR_NULL: Schema = {"type": ["number", "null"]}


def groups_name(dataset: Dataset, grouping: str) -> str:
    """The name of the schema of an answer: ObservationFacets."""
    return f"{schema_name(dataset)}{grouping.capitalize()}"


def group_schemas(datasets: Sequence[Dataset]) -> Schema:
    """Every named schema of groups."""
    schemas: Schema = {
        "GroupLinks": describe_links("self", *FILE_LINKS, "cite?", "rows", "describedby")
    }
    for dataset in datasets:
        schemas[groups_name(dataset, "facets")] = _answer(_facet(dataset))
        schemas[groups_name(dataset, "aggregate")] = _answer(_group(dataset))
    return schemas


def describe_group_parameter(name: str, dataset: Dataset) -> Schema:
    """The schema and example of `by`, `group_by` or `agg`."""
    if name == "agg":
        names = list(aggregates_of(dataset))
        item: Schema = {"type": "string", "enum": names}
        example = names[:1]
    else:
        fields: Schema = {"type": "string", "enum": list(dataset.groupable)}
        item = {"anyOf": [fields, DIMENSION]} if dataset.dimensions else fields
        example = list(dataset.groupable[:2])
    listed: Schema = {"type": "array", "items": item, "minItems": 1, "maxItems": KEYS_MAX}
    return {
        "style": "form",
        "explode": False,
        "schema": listed | {"uniqueItems": True},
        "example": example,
    }


def _answer(row: Schema) -> Schema:
    parts: dict[str, Schema] = {
        "data": {"type": "array", "items": row},
        "meta": {"$ref": "#/components/schemas/PageMeta"},
        "links": {"$ref": "#/components/schemas/GroupLinks"},
    }
    return _object(parts, list(parts))


def _facet(dataset: Dataset) -> Schema:
    named: Schema = {"type": "string", "examples": [dataset.groupable[0]]}
    value: Schema = {"type": ["string", "integer", "boolean", "null"]}
    label: Schema = {"type": ["string", "null"]}
    properties = {
        FACET_FIELD.name: named,
        "value": value,
        "label_zh": label,
        "label_en": label,
        COUNT_FIELD.name: _described(COUNT_FIELD),
    }
    return _object(properties, list(properties))


def _group(dataset: Dataset) -> Schema:
    """Each column that a group may have; those that are there are the ones asked for."""
    keys = [part for name in dataset.groupable for part in labelled_fields(dataset.field[name])]
    values = [part for one in aggregates_of(dataset).values() for part in result_fields(one)]
    schema = _object({field.name: _described(field) for field in [*keys, *values]}, [])
    if dataset.dimensions is not None:
        schema["patternProperties"] = {"^dim_": {"type": ["string", "null"]}}
    return schema


def _described(field: Field) -> Schema:
    schema = type_schema(field.type)
    if field.name.endswith("_qualifier"):
        schema["enum"] = [*RESULT_QUALIFIERS, None]
    if field.nullable:
        schema["type"] = [schema["type"], "null"]
    about = field.about
    return schema | {
        "title": about.title.en,
        "description": f"{about.description.en} {about.title.zh}：{about.description.zh}",
    }


def _object(properties: dict[str, Schema], required: Sequence[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required)}

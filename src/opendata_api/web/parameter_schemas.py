"""The parameters as OpenAPI declares them: what the schema allows, the parser takes."""

from opendata_api.catalog.oai_requests import PREFIX, VERBS
from opendata_api.describe import CONTAINS, ISNULL, Dataset, Type
from opendata_api.query import (
    FILE_LIMIT_MAX,
    GROUPS_MAX,
    HITS,
    HITS_MAX,
    PAGE_LIMIT,
    PAGE_LIMIT_MAX,
    VALUES_MAX,
    WORDS_LENGTH_MAX,
    Control,
    Filter,
)
from opendata_api.values import INT_MAX, INT_MIN, SCALE
from opendata_api.web.group_schemas import describe_group_parameter
from opendata_api.web.schemas import Schema, type_schema
from opendata_api.words import LANGS

PLAIN_TEXT: Schema = {
    "type": "string",
    "minLength": 1,
    "pattern": r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]+$",
}
"""Text without control characters, which no value of ours has."""

LISTED_TEXT: Schema = {**PLAIN_TEXT, "pattern": str(PLAIN_TEXT["pattern"]).replace("^[^", "^[^,")}
"""The same where commas part the values."""

WORDS: Schema = {
    **PLAIN_TEXT,
    "pattern": r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*"
    r"[^\u0000-\u0020\u007f-\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
    r"[^\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]*$",
    "maxLength": WORDS_LENGTH_MAX,
    "example": "法律 援助",
}
"""Text that holds a word. Folded it may have no more characters either, which no schema says."""

FIELDS_SHOWN = 3


_OF_A_DATASET = frozenset({"fields", "sort", "by", "group_by", "agg"})
"""Controls that list the fields of a dataset."""


def parameter_key(parameter: Filter | Control, dataset: Dataset | None, *, is_file: bool) -> str:
    """The name under which the document keeps the parameter."""
    name = parameter.name
    if dataset is not None and (isinstance(parameter, Filter) or name in _OF_A_DATASET):
        return f"{dataset.name}.{name}"
    if isinstance(parameter, Control) and (parameter.schema or parameter.required):
        return f"{name}.{parameter.schema or 'required'}"
    return f"{name}.file" if is_file and name == "limit" else name


def describe_parameter(
    parameter: Filter | Control, dataset: Dataset | None, *, is_file: bool
) -> Schema:
    """One parameter object."""
    if isinstance(parameter, Filter):
        return _filter(parameter)
    described: Schema = {
        "name": parameter.name,
        "in": "query",
        "description": f"{parameter.description.en} {parameter.description.zh}",
    }
    if parameter.required:
        described["required"] = True
    if dataset is not None and parameter.name in ("fields", "sort"):
        return described | _names(parameter.name, dataset)
    if dataset is not None and parameter.name in ("by", "group_by", "agg"):
        return described | describe_group_parameter(parameter.name, dataset)
    is_file_limit = is_file and parameter.name == "limit" and parameter.schema is None
    schema = FILE_LIMIT if is_file_limit else _CONTROLS[parameter.schema or parameter.name]
    described["schema"] = dict(schema)
    if parameter.example is not None:
        described["example"] = [parameter.example] if parameter.repeatable else parameter.example
    return described


def _filter(parameter: Filter) -> Schema:
    about, operator = parameter.field.about, parameter.operator
    described: Schema = {
        "name": parameter.name,
        "in": "query",
        "description": f"{about.title.en} {operator.words.en}. "
        f"{about.title.zh}{operator.words.zh}。",
    }
    if operator is ISNULL:
        return described | {"schema": {"type": "boolean"}}
    if operator is CONTAINS:
        return described | {"schema": dict(WORDS)}
    one = _value_schema(parameter.field.type)
    if operator.many and one == PLAIN_TEXT:
        one = dict(LISTED_TEXT)
    example = about.example
    if operator.many or parameter.repeatable:
        described |= _list(one, explode=not operator.many)
        example = None if example is None else [example]
    else:
        described["schema"] = one
    return described if example is None else described | {"example": example}


def _value_schema(kind: Type) -> Schema:
    if kind in (Type.CODE, Type.TEXT):
        return dict(PLAIN_TEXT)
    schema = type_schema(kind)
    if kind is Type.INTEGER:
        schema |= {"format": "int64", "minimum": INT_MIN, "maximum": INT_MAX}
    if kind is Type.DECIMAL:
        schema |= {"minimum": INT_MIN // SCALE + 1, "maximum": INT_MAX // SCALE}
    return schema


def _list(one: Schema, *, explode: bool) -> Schema:
    """A list of values: the parameter repeated, or one value with commas."""
    return {
        "style": "form",
        "explode": explode,
        "schema": {"type": "array", "items": one, "minItems": 1, "maxItems": VALUES_MAX},
    }


def _names(parameter: str, dataset: Dataset) -> Schema:
    """`fields` and `sort`: names with commas, each once."""
    if parameter == "fields":
        names, example = list(dataset.field_names), list(dataset.field_names[:FIELDS_SHOWN])
    else:
        names = [f"{sign}{name}" for name in dataset.sorts for sign in ("", "-")]
        example = [f"-{dataset.sorts[-1]}"]
    unique: Schema = {"type": "array", "items": {"type": "string", "enum": names}, "minItems": 1}
    return {
        "style": "form",
        "explode": False,
        "schema": unique | {"uniqueItems": True},
        "example": example,
    }


FILE_LIMIT: Schema = {"type": "integer", "minimum": 1, "maximum": FILE_LIMIT_MAX}
"""A file has all rows unless fewer are asked for."""

_MOMENT: Schema = {
    "type": "string",
    "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}(T[0-9]{2}:[0-9]{2}:[0-9]{2}Z)?$",
}

_CONTROLS: dict[str, Schema] = {
    "limit": {
        "type": "integer",
        "minimum": 1,
        "maximum": PAGE_LIMIT_MAX,
        "default": PAGE_LIMIT,
    },
    "q": WORDS,
    "hits": {"type": "integer", "minimum": 1, "maximum": HITS_MAX, "default": HITS},
    "groups": {"type": "integer", "minimum": 1, "maximum": GROUPS_MAX},
    "cursor": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
    "release": {"type": "integer", "minimum": 1},
    "since": {
        "type": "integer",
        "format": "int64",
        "minimum": 0,
        "maximum": INT_MAX,
        "default": 0,
    },
    "verb": {"type": "string", "enum": list(VERBS)},
    "metadataPrefix": {"type": "string", "enum": [PREFIX]},
    "identifier": {"type": "string", "minLength": 1},
    "set": {"type": "string", "minLength": 1},
    "from": _MOMENT,
    "until": _MOMENT,
    "resumptionToken": {"type": "string", "pattern": "^[A-Za-z0-9_-]+$"},
    "page": {"type": "integer", "format": "int64", "minimum": 1, "maximum": INT_MAX, "default": 1},
    "lang": {"type": "string", "enum": list(LANGS)},
    "ckan_text": {"type": "string"},
    "ckan_number": {"type": ["integer", "string"]},
    "url": {"type": "string", "pattern": "^(https?://[^#]+)?/v1/[^#]+$"},
    "dim": {
        "type": "array",
        "items": {**PLAIN_TEXT, "pattern": r"^[^:\u0000-\u001f\u007f]+:[^\u0000-\u001f\u007f]+$"},
    },
}

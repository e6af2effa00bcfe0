"""The OpenAPI document (3.1), made from the operations and the datasets."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import orjson

from opendata_api.describe import Dataset
from opendata_api.formats import CSVM, EXCEL, FORMATS, JSON, JSONSTAT, SQLITE
from opendata_api.formats.rights import LICENSE_URL, TITLE
from opendata_api.query import Control, Filter
from opendata_api.web.ckan.operations import CKAN_SCHEMAS
from opendata_api.web.dcat_operations import DCAT_SCHEMAS
from opendata_api.web.discovery_schemas import DISCOVERY_SCHEMAS
from opendata_api.web.examples import (
    page_example,
    problem_example,
    record_example,
    sheet_example,
    text_example,
)
from opendata_api.web.feed_schemas import FEED_SCHEMAS
from opendata_api.web.group_schemas import group_schemas
from opendata_api.web.operation import HTML, Operation
from opendata_api.web.operations import operations
from opendata_api.web.parameter_schemas import describe_parameter, parameter_key
from opendata_api.web.schemas import ADDRESS, Schema, component_schemas
from opendata_api.web.signature_schemas import SIGNATURE_SCHEMAS

API_VERSION = "1.0.0"
"""Of the contract, which is not the version of the program."""

OCTETS = "application/octet-stream"
"""What any file can be read as."""

PROBLEM = {"$ref": "#/components/responses/Problem"}
PAGE_PROBLEM = {"$ref": "#/components/responses/PageProblem"}
RANGES = {"$ref": "#/components/responses/Ranges"}
NOT_MODIFIED = {"$ref": "#/components/responses/NotModified"}
CLEAN_ADDRESS = {"$ref": "#/components/responses/CleanAddress"}


TAGS = {
    "service": "What there is: datasets, dictionary, releases.",
    "operation": "For those who run the service.",
    "pages": "For people.",
}


def make_document(datasets: Sequence[Dataset]) -> Schema:
    """The whole document; the same for every installation."""
    documented = [one for one in operations(datasets) if one.is_documented]
    problem = {
        "application/problem+json": {
            "schema": {"$ref": "#/components/schemas/Problem"},
            "example": problem_example(datasets[0]),
        }
    }
    tags = {dataset.name: dataset.description.en for dataset in datasets} | TAGS
    return {
        "openapi": "3.1.0",
        "info": {
            "title": TITLE.en,
            "summary": "What governments report about themselves, as data.",
            "description": _DESCRIPTION,
            "version": API_VERSION,
            "contact": {"name": TITLE.en},
            "license": {"name": "CC BY 4.0", "url": LICENSE_URL},
        },
        "servers": [{"url": "/", "description": "This server."}],
        "security": [],
        "tags": [{"name": name, "description": text} for name, text in tags.items()],
        "paths": {one.path: _methods(one, datasets) for one in documented},
        "components": {
            "schemas": component_schemas(datasets)
            | group_schemas(datasets)
            | SIGNATURE_SCHEMAS
            | DCAT_SCHEMAS
            | CKAN_SCHEMAS
            | DISCOVERY_SCHEMAS
            | FEED_SCHEMAS,
            "parameters": _shared_parameters(documented),
            "responses": {
                "Problem": {
                    "description": "What is wrong, and an address that works.",
                    "content": problem,
                },
                "PageProblem": {
                    "description": "What is wrong; a page to whoever rates HTML above JSON.",
                    "content": {**problem, HTML: {"schema": {"type": "string"}}},
                },
                "CkanError": {
                    "description": "What is wrong, as CKAN tells it.",
                    "content": {
                        JSON.media_type: {"schema": {"$ref": "#/components/schemas/CkanError"}},
                        **problem,
                    },
                },
                "NotModified": {"description": "The caller's copy is still good."},
                "CleanAddress": _CLEAN_ADDRESS,
                "Ranges": _RANGES,
            },
        },
    }


def print_document(datasets: Sequence[Dataset]) -> str:
    """The document as the repository keeps it."""
    return orjson.dumps(make_document(datasets), option=orjson.OPT_INDENT_2).decode() + "\n"


def _shared_parameters(documented: Sequence[Operation]) -> Schema:
    """Each parameter once; every format of a dataset takes the same."""
    return {
        parameter_key(one, operation.dataset, is_file=operation.is_file): describe_parameter(
            one, operation.dataset, is_file=operation.is_file
        )
        for operation in documented
        for one in operation.parameters.values()
    }


def _methods(operation: Operation, datasets: Sequence[Dataset]) -> Schema:
    """What an address does by each of its methods; a POST has the parameters in its body."""
    read: Schema = {"get": _operation(operation, datasets)}
    return read | ({"post": _posted(operation, datasets)} if operation.posts else {})


def _posted(operation: Operation, datasets: Sequence[Dataset]) -> Schema:
    """The same by POST: its parameters stand in the body."""
    posted = replace(operation, id=f"{operation.id}_by_post", parameters={})
    told = operation.parameters.values()
    schema: Schema = {"type": "object"}
    if not operation.takes_more:
        schema["properties"] = {
            one.name: describe_parameter(one, operation.dataset, is_file=operation.is_file)[
                "schema"
            ]
            for one in told
        }
        schema["required"] = [one.name for one in told if _is_required(one)]
    responses = _responses(posted, datasets)
    del responses["304"]
    return _operation(posted, datasets) | {
        "requestBody": {
            "description": "The parameters.",
            "required": bool(schema.get("required")),
            "content": {media_type: {"schema": schema} for media_type in operation.posts},
        },
        "responses": responses,
    }


def _is_required(parameter: Filter | Control) -> bool:
    return isinstance(parameter, Control) and parameter.required


def _operation(operation: Operation, datasets: Sequence[Dataset]) -> Schema:
    keys = [
        parameter_key(one, operation.dataset, is_file=operation.is_file)
        for one in operation.parameters.values()
    ]
    return {
        "operationId": operation.id,
        "summary": operation.summary,
        "description": operation.description,
        "tags": [operation.tag],
        "parameters": [
            *(
                _path_parameter(*one, operation.path_values.get(one[0], ()))
                for one in operation.path_parameters
            ),
            *({"$ref": f"#/components/parameters/{key}"} for key in keys),
        ],
        "responses": _responses(operation, datasets),
    }


def _responses(operation: Operation, datasets: Sequence[Dataset]) -> Schema:
    statuses = ["400", "414", "500", "503"]
    is_extra = operation.suffix is not None and operation.suffix.needs is not None
    if operation.is_negotiated or is_extra:
        statuses.append("406")
    if operation.path_parameters or operation.may_be_unset:
        statuses.append("404")
    if operation.may_be_gone:
        statuses.append("410")
    if operation.has_ranges:
        statuses.append("416")
    is_page = operation.tag == "pages"
    media_types = [media_type for media_type, _ in operation.content]
    leads_to_clean = (
        is_page
        or operation.is_file
        or any(one.is_file and one.media_type in media_types for one in FORMATS)
    )
    return {
        "200": _success(operation, datasets),
        **({"206": RANGES} if operation.has_ranges else {}),
        **({} if operation.tag == "operation" else {"304": NOT_MODIFIED}),
        **({"308": CLEAN_ADDRESS} if leads_to_clean else {}),
        **dict.fromkeys(sorted(statuses), PAGE_PROBLEM if is_page else PROBLEM),
        **{
            status: {"$ref": f"#/components/responses/{name}"}
            for status, name in operation.errors.items()
        },
    }


def _success(operation: Operation, datasets: Sequence[Dataset]) -> Schema:
    examples = None if operation.make_examples is None else operation.make_examples()
    answer: Schema = {
        "description": operation.summary,
        "content": {
            media_type: {
                "schema": {"$ref": f"#/components/schemas/{name}"} if name else _text(media_type),
                **(
                    _example(operation, media_type, datasets)
                    if examples is None
                    else _made_example(examples, media_type)
                ),
            }
            for media_type, name in _media_types(operation)
        },
    }
    if operation.leads_to is not None:
        answer["links"] = {
            operation.leads_to: {
                "operationId": operation.leads_to,
                "parameters": {"id": "$response.body#/data/0/id"},
                "description": "The first row as one record.",
            }
        }
    return answer


def _example(operation: Operation, media_type: str, datasets: Sequence[Dataset]) -> Schema:
    """The example of an answer with rows; other answers and files that are no text have none."""
    dataset = operation.dataset
    if dataset is None or _is_binary(media_type) or operation.suffix in (CSVM, JSONSTAT):
        return {}
    if operation.suffix is EXCEL:
        return {"example": sheet_example(dataset)}
    if media_type != JSON.media_type:
        return {"example": text_example(dataset, media_type)}
    is_record = bool(operation.path_parameters)
    return {"example": record_example(dataset, datasets) if is_record else page_example(dataset)}


def _made_example(examples: Mapping[str, object], media_type: str) -> Schema:
    return {"example": examples[media_type]} if media_type in examples else {}


def _media_types(operation: Operation) -> Sequence[tuple[str, str | None]]:
    """Those of its answers; last, for generated clients that know no other, that of any bytes."""
    is_known = any(
        one.startswith("text/") or one == JSON.media_type or one.endswith("+json")
        for one, _ in operation.content
    )
    return operation.content if is_known else [*operation.content, (OCTETS, None)]


def _text(media_type: str) -> Schema:
    return {"type": "string", "format": "binary"} if _is_binary(media_type) else {"type": "string"}


def _is_binary(media_type: str) -> bool:
    binary = [SQLITE, *(one for one in FORMATS if one.is_packed)]
    return media_type == OCTETS or any(one.media_type == media_type for one in binary)


def _path_parameter(name: str, description: str, example: object, values: Sequence[str]) -> Schema:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "description": description,
        "schema": {"type": "string", **({"enum": list(values)} if values else {})},
        "example": example,
    }


_RANGES: Schema = {"description": "The ranges of bytes that were asked for."}
_CLEAN_ADDRESS: Schema = {
    "description": "The address has parameters that others hang on shared links.",
    "headers": {
        "Location": {
            "description": "The address without them.",
            "required": True,
            "schema": dict(ADDRESS),
        }
    },
}

_DESCRIPTION = """\
Every figure and commitment of government reports, with the characters that state it.

Filter with `field=value` (repeated: any of) and `field__operator=value`, choose `fields`, `sort`
and `release`, follow `links.next`. Errors are problem documents (RFC 9457) with a corrected
address. `/v1/datasets/{name}` is the dictionary.

政府报告中的每个数字和承诺，附原文依据。字段筛选、排序、翻页的方法见各地址的参数说明。
"""

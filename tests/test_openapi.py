"""The OpenAPI document: valid, the one that is kept, and true of every answer."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from conftest import REPOSITORY
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from opendata_api.datasets import DATASETS
from opendata_api.describe import Dataset
from opendata_api.errors import all_errors
from opendata_api.query import list_parameters
from opendata_api.web.app import Application
from opendata_api.web.openapi import make_document, print_document
from opendata_api.web.schemas import schema_name

Schema = dict[str, Any]
Pairs = list[tuple[str, str | int | float | bool | None]]

DOCUMENT: Schema = json.loads(print_document(DATASETS))
OPERATIONS: dict[str, Schema] = {path: one["get"] for path, one in DOCUMENT["paths"].items()}
PARAMETERS_MAX = 60

JSON = "application/json"

every_operation = pytest.mark.parametrize("path", OPERATIONS)
every_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)


def at_example(path: str) -> str:
    """The path with the example of its parameter."""
    for parameter in OPERATIONS[path]["parameters"]:
        if parameter["in"] == "path":
            return path.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
    return path


def pairs_of(parameter: Schema, value: object) -> Pairs:
    """A parameter with a value as a query has it, by its style."""
    values = value if isinstance(value, list) else [value]
    printed = [one if isinstance(one, str) else json.dumps(one) for one in values]
    if parameter.get("explode", True):
        return [(parameter["name"], one) for one in printed]
    return [(parameter["name"], ",".join(printed))]


def examples(path: str) -> Iterator[Pairs]:
    """The example of each query parameter; a boolean has both of its values."""
    for parameter in OPERATIONS[path]["parameters"]:
        if parameter["in"] == "query" and "example" in parameter:
            yield pairs_of(parameter, parameter["example"])
        if parameter["schema"].get("type") == "boolean":
            yield pairs_of(parameter, value=True)
            yield pairs_of(parameter, value=False)


def complaints(answer: httpx.Response, name: str) -> list[str]:
    """What is wrong with an answer by the named schema."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    checker = OAS31Validator(schema, format_checker=OAS31Validator.FORMAT_CHECKER)
    return [error.message for error in checker.iter_errors(answer.json())]


def members(schema: Schema) -> list[str]:
    """The properties of an object, those of the schemas that it is made of first."""
    if "$ref" in schema:
        return members(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    parts = [name for part in schema.get("allOf", []) for name in members(part)]
    return [*parts, *schema.get("properties", {})]


def test_the_document_that_is_kept_is_that_of_the_code() -> None:
    kept = (REPOSITORY / "openapi" / "v1.json").read_text(encoding="utf-8")

    assert kept == print_document(DATASETS)


async def test_the_document_that_is_served_is_that_of_the_code(
    api: httpx.AsyncClient, service: Application
) -> None:
    answer = await api.get("/openapi.json")

    assert answer.headers["content-type"] == JSON
    assert answer.json() == DOCUMENT == service.openapi() == make_document(DATASETS)
    assert list(answer.json()["paths"]) == list(OPERATIONS)


def test_the_document_is_valid_openapi_3_1() -> None:
    assert [error.message for error in OpenAPIV31SpecValidator(DOCUMENT).iter_errors()] == []
    assert DOCUMENT["openapi"] == "3.1.0"
    assert DOCUMENT["servers"] == [{"url": "/", "description": "This server."}]


def test_every_operation_has_an_id_a_summary_and_a_tag_of_its_own() -> None:
    ids = [operation["operationId"] for operation in OPERATIONS.values()]
    tags = {tag["name"] for tag in DOCUMENT["tags"]}

    assert len(set(ids)) == len(ids)
    assert all(operation["summary"] for operation in OPERATIONS.values())
    assert {tag for operation in OPERATIONS.values() for tag in operation["tags"]} == tags


@every_operation
def test_no_operation_has_more_than_60_parameters(path: str) -> None:
    parameters = OPERATIONS[path]["parameters"]

    assert len(parameters) <= PARAMETERS_MAX
    assert len({parameter["name"] for parameter in parameters}) == len(parameters)


@every_dataset
def test_a_list_declares_the_parameters_that_it_takes(dataset: Dataset) -> None:
    for suffix in ("", ".csv", ".excel.csv"):
        declared = OPERATIONS[f"/v1/{dataset.name}{suffix}"]["parameters"]
        assert [one["name"] for one in declared] == list(list_parameters(dataset))


@every_operation
async def test_every_operation_answers_with_each_of_its_examples(
    api: httpx.AsyncClient, path: str
) -> None:
    address = at_example(path)
    content = OPERATIONS[path]["responses"]["200"]["content"]

    for pairs in [[], *examples(path)]:
        answer = await api.get(address, params=pairs)
        media_type = answer.headers["content-type"].partition(";")[0]
        assert (pairs, answer.status_code) == (pairs, 200)
        assert media_type == next(iter(content))
        reference = content[media_type]["schema"].get("$ref", "")
        if reference:
            name = reference.rpartition("/")[2]
            assert complaints(answer, name) == []


@every_operation
async def test_every_operation_answers_in_each_of_its_media_types(
    api: httpx.AsyncClient, path: str
) -> None:
    for media_type in OPERATIONS[path]["responses"]["200"]["content"]:
        answer = await api.get(at_example(path), headers={"accept": media_type})

        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] == media_type


@every_operation
async def test_every_error_is_as_the_document_declares(api: httpx.AsyncClient, path: str) -> None:
    responses = OPERATIONS[path]["responses"]
    answers = [await api.get(f"{at_example(path)}?nosuch=1")]
    answers += [await api.get(f"{at_example(path)}?{'a' * 8193}")]
    if "404" in responses and path != "/v1/releases/{n}":
        answers.append(await api.get(path))

    for answer in answers:
        assert responses[str(answer.status_code)] == {"$ref": "#/components/responses/Problem"}
        assert complaints(answer, "Problem") == []
        assert list(answer.json()) == members(DOCUMENT["components"]["schemas"]["Problem"])


@every_dataset
async def test_the_link_of_a_list_leads_to_its_first_record(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    links = OPERATIONS[f"/v1/{dataset.name}"]["responses"]["200"]["links"]
    record = OPERATIONS[f"/v1/{dataset.name}/{{id}}"]

    first = (await api.get(f"/v1/{dataset.name}")).json()["data"][0]
    alone = await api.get(f"/v1/{dataset.name}/{first['id']}")

    assert [link["operationId"] for link in links.values()] == [record["operationId"]]
    assert alone.json()["data"] == first


@every_dataset
async def test_all_surfaces_list_the_same_fields_in_the_same_order(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    dictionary = (await api.get(f"/v1/datasets/{dataset.name}")).json()["data"]["fields"]
    table = (await api.get(f"/v1/{dataset.name}.csv")).text
    rows = (await api.get(f"/v1/{dataset.name}")).json()["data"]
    record = (await api.get(f"/v1/{dataset.name}/{rows[0]['id']}")).json()["data"]
    schema = DOCUMENT["components"]["schemas"][schema_name(dataset)]

    names = list(dataset.field_names)
    assert [field["name"] for field in dictionary] == names
    assert next(csv.reader(io.StringIO(table))) == names
    assert {tuple(row) for row in rows} == {tuple(names)}
    assert list(record) == names
    assert members(schema) == names


@every_dataset
async def test_the_answers_have_no_member_that_the_document_does_not_name(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    schemas = DOCUMENT["components"]["schemas"]
    page = (await api.get(f"/v1/{dataset.name}?limit=1")).json()
    record = (await api.get(f"/v1/{dataset.name}/{page['data'][0]['id']}")).json()

    assert set(page["meta"]) == set(members(schemas["PageMeta"]))
    assert set(page["links"]) == set(members(schemas["PageLinks"]))
    assert set(record["meta"]) == set(members(schemas["Meta"]))
    answer = schemas[f"{schema_name(dataset)}Answer"]
    assert list(record["links"]) == members(answer["properties"]["links"])


@every_dataset
def test_the_schema_of_a_field_says_what_the_dictionary_says(dataset: Dataset) -> None:
    properties = DOCUMENT["components"]["schemas"][schema_name(dataset)]["properties"]

    for field in dataset.fields:
        schema = properties[field.name]
        is_nullable = isinstance(schema["type"], list) and "null" in schema["type"]
        assert is_nullable == field.nullable
        assert schema["title"] == field.about.title.en
        assert field.about.description.zh in schema["description"]


async def test_the_problem_pages_are_those_of_the_errors(api: httpx.AsyncClient) -> None:
    for error in all_errors():
        assert (await api.get(f"/problems/{error.code}")).status_code == 200
        assert 400 <= error.status < 600

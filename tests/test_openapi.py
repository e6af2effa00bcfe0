"""The OpenAPI document: valid, the one that is kept, and true of every answer."""

import csv
import io
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import httpx
import pytest
from conftest import REPOSITORY
from openapi_schema_validator import OAS31Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from test_formats import Printed, read_cell

from opendata_api.datasets import DATASETS
from opendata_api.describe import Dataset
from opendata_api.errors import all_errors
from opendata_api.formats import FORMATS
from opendata_api.query import aggregate_parameters, facet_parameters, list_parameters
from opendata_api.web.app import Application
from opendata_api.web.openapi import make_document, print_document
from opendata_api.web.schemas import schema_name

pytestmark = pytest.mark.any_database

Schema = dict[str, Any]
Pairs = list[tuple[str, str | int | float | bool | None]]

DOCUMENT: Schema = json.loads(print_document(DATASETS))


def resolved(operation: Schema) -> Schema:
    """The operation with its parameters in place."""
    kept = DOCUMENT["components"]["parameters"]
    parameters = [
        kept[one["$ref"].rpartition("/")[2]] if "$ref" in one else one
        for one in operation["parameters"]
    ]
    return {**operation, "parameters": parameters}


OPERATIONS: dict[str, Schema] = {
    path: resolved(one["get"]) for path, one in DOCUMENT["paths"].items()
}
PARAMETERS_MAX = 60

JSON = "application/json"
OCTETS = "application/octet-stream"
"""What any file can be read as: for generated clients, which know no type of their own for it."""

ABSENT = ("/v1/releases/{n}/signature", "/.well-known/security.txt")
"""Not there for the service of these tests, which signs nothing and whose operator has set no
contact; see test_signatures.py and test_discovery.py."""

CKAN = "/api/3/action/{action}"
"""Has a form of its own for errors; see test_ckan.py."""

OWN_ERRORS = ("/oai", CKAN)
"""Whose errors are those of a protocol, told with status 200; see test_oai.py."""

every_operation = pytest.mark.parametrize("path", OPERATIONS)
every_answer = pytest.mark.parametrize("path", [one for one in OPERATIONS if one not in ABSENT])
every_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)


def at_example(path: str) -> str:
    """The path with the examples of its parameters."""
    for parameter in OPERATIONS[path]["parameters"]:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", str(parameter["example"]))
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
    return [error.message for error in checker_of(name).iter_errors(answer.json())]


@cache
def checker_of(name: str) -> OAS31Validator:
    """What checks by the named schema; to make it takes longer than to check an answer."""
    schema = {"$ref": f"#/components/schemas/{name}", "components": DOCUMENT["components"]}
    return OAS31Validator(schema, format_checker=OAS31Validator.FORMAT_CHECKER)


def required(path: str) -> Pairs:
    """The examples of the parameters without which there is no answer."""
    return [
        pair
        for parameter in OPERATIONS[path]["parameters"]
        if parameter["in"] == "query" and parameter.get("required")
        for pair in pairs_of(parameter, parameter["example"])
    ]


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


def test_a_parameter_of_several_operations_is_described_once() -> None:
    shared = DOCUMENT["components"]["parameters"]
    written = [
        json.dumps(parameter)
        for one in DOCUMENT["paths"].values()
        for parameter in one["get"]["parameters"]
        if "$ref" not in parameter and parameter["in"] == "query"
    ]

    assert len(set(written)) == len(written)
    assert {one["name"] for one in shared.values()} >= {"limit", "year__gte"}


@every_operation
def test_no_operation_has_more_than_60_parameters(path: str) -> None:
    parameters = OPERATIONS[path]["parameters"]

    assert len(parameters) <= PARAMETERS_MAX
    assert len({parameter["name"] for parameter in parameters}) == len(parameters)


@every_dataset
def test_a_list_declares_the_parameters_that_it_takes(dataset: Dataset) -> None:
    for suffix in ("", *(f".{one.suffix}" for one in FORMATS if one.is_file)):
        declared = OPERATIONS[f"/v1/{dataset.name}{suffix}"]["parameters"]
        assert [one["name"] for one in declared] == list(list_parameters(dataset))
    for name, parameters in (("facets", facet_parameters), ("aggregate", aggregate_parameters)):
        declared = OPERATIONS[f"/v1/{dataset.name}/{name}"]["parameters"]
        assert [one["name"] for one in declared] == list(parameters(dataset))


@pytest.mark.untraced
@every_answer
async def test_every_operation_answers_with_each_of_its_examples(
    api: httpx.AsyncClient, path: str
) -> None:
    address = at_example(path)
    content = OPERATIONS[path]["responses"]["200"]["content"]

    for pairs in [[], *examples(path)]:
        needed = [pair for pair in required(path) if pair[0] not in dict(pairs)]
        answer = await api.get(address, params=[*needed, *pairs])
        media_type = answer.headers["content-type"].partition(";")[0]
        assert (pairs, answer.status_code) == (pairs, 200)
        assert media_type == next(iter(content))
        reference = content[media_type]["schema"].get("$ref", "")
        if reference:
            name = reference.rpartition("/")[2]
            assert complaints(answer, name) == []


@pytest.mark.untraced
@every_answer
async def test_every_operation_answers_in_each_of_its_media_types(
    api: httpx.AsyncClient, path: str
) -> None:
    # Of a file's address one example is asked; every other type is another file's.
    content = [one for one in OPERATIONS[path]["responses"]["200"]["content"] if one != OCTETS]
    for media_type in content[:1] if path.endswith("/files/{file}") else content:
        answer = await api.get(
            at_example(path), headers={"accept": media_type}, params=required(path)
        )

        assert answer.status_code == 200
        assert answer.headers["content-type"].partition(";")[0] == media_type


@pytest.mark.untraced
@pytest.mark.parametrize("path", [one for one in OPERATIONS if one not in OWN_ERRORS])
async def test_every_error_is_as_the_document_declares(api: httpx.AsyncClient, path: str) -> None:
    responses = OPERATIONS[path]["responses"]
    answers = [await api.get(f"{at_example(path)}?nosuch=1")]
    answers += [await api.get(f"{at_example(path)}?{'a' * 8193}")]
    if "404" in responses and path != "/v1/releases/{n}":
        answers.append(await api.get(path))

    kind = "PageProblem" if OPERATIONS[path]["tags"] == ["pages"] else "Problem"
    for answer in answers:
        assert responses[str(answer.status_code)] == {"$ref": f"#/components/responses/{kind}"}
        assert complaints(answer, "Problem") == []
        assert list(answer.json()) == members(DOCUMENT["components"]["schemas"]["Problem"])


@pytest.mark.parametrize(
    ("address", "method", "status"),
    [
        ("nosuch", "GET", "400"),
        ("package_search?q=nosuch:1", "GET", "400"),
        ("package_show?id=nosuch", "GET", "404"),
        ("package_list?nosuch=1", "POST", "409"),
    ],
)
async def test_an_error_of_ckan_is_as_the_document_declares(
    api: httpx.AsyncClient, address: str, method: str, status: str
) -> None:
    answer = await api.request(method, f"/api/3/action/{address}")
    declared = DOCUMENT["paths"][CKAN][method.lower()]["responses"][status]
    response = DOCUMENT["components"]["responses"][declared["$ref"].rpartition("/")[2]]

    assert str(answer.status_code) == status
    assert response["content"][JSON]["schema"] == {"$ref": "#/components/schemas/CkanError"}
    assert complaints(answer, "CkanError") == []


def test_what_is_posted_takes_a_body_in_place_of_the_query() -> None:
    posted = DOCUMENT["paths"][CKAN]["post"]
    read = DOCUMENT["paths"][CKAN]["get"]

    assert [path for path, one in DOCUMENT["paths"].items() if "post" in one] == [CKAN, "/oai"]
    assert [one["name"] for one in posted["parameters"]] == ["action"]
    assert list(posted["requestBody"]["content"]) == [
        "application/json",
        "application/x-www-form-urlencoded",
    ]
    assert set(read["responses"]) - set(posted["responses"]) == {"304"}
    assert posted["operationId"] == f"{read['operationId']}_by_post"


def test_an_error_of_a_page_is_declared_as_a_page_too() -> None:
    responses = DOCUMENT["components"]["responses"]

    assert list(responses["Problem"]["content"]) == ["application/problem+json"]
    assert list(responses["PageProblem"]["content"]) == ["application/problem+json", "text/html"]


@pytest.mark.untraced
@every_operation
async def test_every_operation_that_leads_to_a_clean_address_declares_it(
    api: httpx.AsyncClient, path: str
) -> None:
    answers = [
        await api.get(
            at_example(path), params=[("utm_source", "a")], headers={"accept": media_type}
        )
        for media_type in OPERATIONS[path]["responses"]["200"]["content"]
    ]
    declared = OPERATIONS[path]["responses"].get("308")

    assert (308 in {answer.status_code for answer in answers}) == (declared is not None)
    if declared is not None:
        assert declared == {"$ref": "#/components/responses/CleanAddress"}
        assert list(DOCUMENT["components"]["responses"]["CleanAddress"]["headers"]) == ["Location"]


def media_examples() -> Iterator[tuple[str, str, Any]]:
    """Each example of an answer, with its path and media type."""
    for path, operation in OPERATIONS.items():
        for media_type, content in operation["responses"]["200"]["content"].items():
            if "example" in content:
                yield path, media_type, content["example"]


def test_every_answer_with_rows_has_an_example() -> None:
    shown = {(path, media_type) for path, media_type, _ in media_examples()}

    assert shown == {
        (path, media_type)
        for path, operation in OPERATIONS.items()
        for media_type in operation["responses"]["200"]["content"]
        if operation["tags"][0] in {dataset.name for dataset in DATASETS}
        and not path.endswith(("/text", "/coverage"))
        and media_type not in {OCTETS, *(one.media_type for one in FORMATS if one.is_packed)}
        and not path.endswith((".jsonstat", ".csv-metadata.json"))
    }


def is_of_groups(path: str) -> bool:
    return path.endswith(("/facets", "/aggregate"))


def dataset_of(path: str) -> Dataset:
    return next(one for one in DATASETS if [one.name] == OPERATIONS[path]["tags"])


def row_example(path: str) -> Schema:
    return {field.name: field.about.example for field in dataset_of(path).fields}


def examples_as(kind: str) -> pytest.MarkDecorator:
    found = [
        pytest.param(path, example, id=path)
        for path, media_type, example in media_examples()
        if media_type == kind and not is_of_groups(path)
    ]
    return pytest.mark.parametrize(("path", "example"), found)


@pytest.mark.parametrize("path", [one for one in OPERATIONS if is_of_groups(one)])
async def test_the_examples_of_groups_have_the_form_of_the_answer(
    api: httpx.AsyncClient, path: str
) -> None:
    examples = {media_type: one for at, media_type, one in media_examples() if at == path}
    address = examples[JSON]["links"]["self"].removeprefix("https://data.example.org")

    page = (await api.get(address)).json()
    table = await api.get(address, headers={"accept": "text/csv"})

    assert [list(part) for part in (examples[JSON], page)] == [["data", "meta", "links"]] * 2
    assert list(examples[JSON]["data"][0]) == list(page["data"][0])
    assert list(examples[JSON]["meta"]) == list(page["meta"])
    assert list(examples[JSON]["links"]) == list(page["links"])
    assert read_csv(examples["text/csv"])[0] == read_csv(table.text)[0]
    assert read_csv(examples["text/csv"])[0] == list(page["data"][0])


@examples_as(JSON)
async def test_the_example_in_json_has_the_form_of_the_answer(
    api: httpx.AsyncClient, path: str, example: Schema
) -> None:
    answer = (await api.get(at_example(path))).json()

    rows = example["data"] if isinstance(example["data"], list) else [example["data"]]
    assert rows == [row_example(path)]
    assert list(example) == list(answer)
    assert list(example["meta"]) == list(answer["meta"])
    assert list(example["links"]) == list(answer["links"])


@examples_as("text/csv")
async def test_the_example_in_csv_has_the_form_of_the_answer(
    api: httpx.AsyncClient, path: str, example: str
) -> None:
    answer = await api.get(f"{at_example(path)}?lang=zh", headers={"accept": "text/csv"})

    head, *lines = read_csv(example)
    assert head == read_csv(answer.content.decode("utf-8-sig"))[0]
    told = [
        {
            field.name: read_cell(field, cell)
            for field, cell in zip(dataset_of(path).fields, line, strict=True)
        }
        for line in lines
    ]
    row = json.loads(json.dumps(row_example(path)), parse_float=Printed, parse_int=Printed)
    assert told == ([] if path.endswith(".excel.csv") else [row])


@examples_as("application/x-ndjson")
async def test_the_example_in_ndjson_has_the_form_of_the_answer(
    api: httpx.AsyncClient, path: str, example: str
) -> None:
    answer = await api.get(at_example(path), headers={"accept": "application/x-ndjson"})

    assert example.endswith("\n")
    assert json.loads(example) == row_example(path)
    assert list(json.loads(example)) == list(json.loads(answer.text.split("\n")[0]))


def read_csv(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def test_the_example_of_a_problem_is_one_that_is_answered() -> None:
    example = DOCUMENT["components"]["responses"]["Problem"]["content"]["application/problem+json"][
        "example"
    ]

    assert example["code"] == "unknown-parameter"
    assert example["errors"][0]["did_you_mean"] == "year"
    assert example["errors"][0]["try"].endswith("/v1/observations?year=2023")


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

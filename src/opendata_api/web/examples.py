"""Examples of answers for OpenAPI, made from the examples of the fields."""

from collections.abc import Sequence

import orjson

from opendata_api.describe import Dataset, Field, Type
from opendata_api.errors import UnknownParameter
from opendata_api.formats import FORMATS, NDJSON, csv, excel, json, ndjson
from opendata_api.formats.imprint import Imprint, Publisher
from opendata_api.formats.rights import rights_in
from opendata_api.formats.sheet import Sheet
from opendata_api.query import join_query
from opendata_api.query.faults import unknown
from opendata_api.query.names import A_PARAMETER
from opendata_api.values import Stored, to_stored
from opendata_api.web.problems import problem_document
from opendata_api.web.rights import rights_members

BASE = "https://data.example.org"
"""A public address, such as an operator sets."""

PUBLISHED_AT = "2026-01-02T03:04:05Z"


def page_example(dataset: Dataset) -> dict[str, object]:
    """A page of one row."""
    address = f"{BASE}/v1/{dataset.name}"
    counts = {"count": 1, "total": 1, "total_relation": "eq"}
    return {
        "data": [_row(dataset)],
        "meta": {"dataset": dataset.name, "release": 1, **counts, **_rights(dataset)},
        "links": {
            "self": address,
            "first": address,
            "prev": None,
            "next": None,
            **_file_links(address),
            "html": f"{_page(address)}?release=1",
            "cite": cite_example(f"{address}?release=1"),
            "describedby": f"{BASE}/v1/datasets/{dataset.name}",
        },
    }


def record_example(dataset: Dataset, datasets: Sequence[Dataset]) -> dict[str, object]:
    """One record."""
    address = f"{BASE}/v1/{dataset.name}/{dataset.field['id'].about.example}"
    singular = {one.name: one.singular for one in datasets}
    return {
        "data": _row(dataset),
        "meta": {"dataset": dataset.name, "release": 1, **_rights(dataset)},
        "links": {
            "self": address,
            "permalink": f"{address}?release=1",
            **_file_links(address),
            "html": f"{_page(address)}?release=1",
            "cite": cite_example(f"{address}?release=1"),
            "collection": f"{BASE}/v1/{dataset.name}",
            "describedby": f"{BASE}/v1/datasets/{dataset.name}",
            **{
                singular[name]: f"{BASE}/v1/{name}/{field.about.example}"
                for field, name in dataset.references
            },
            **{text.name: f"{address}/{text.name}" for text in dataset.attached},
        },
    }


def _page(address: str) -> str:
    return address.replace(f"{BASE}/v1/", f"{BASE}/datasets/")


def cite_example(permalink: str) -> str:
    """The address of the citation of an address."""
    return f"{BASE}/v1/cite?{join_query((('url', permalink),))}"


def text_example(dataset: Dataset, media_type: str) -> str:
    """One row as the file of that media type has it, with what stands before it."""
    row = tuple(map(_stored, dataset.fields))
    if media_type == NDJSON.media_type:
        return ndjson.encode_line(json.encode_row(dataset.fields, row))
    return csv.header_line(dataset.fields) + csv.encode_line(dataset.fields, row)


def sheet_example(dataset: Dataset) -> str:
    """The header; the labels of a row are those of a release."""
    return excel.header_line(Sheet(_imprint(dataset), "zh")).removeprefix(excel.BOM)


def problem_example(dataset: Dataset) -> object:
    """The answer to a mistyped parameter."""
    fault = unknown(A_PARAMETER, "yaer", "yaer", ("year",))
    error = UnknownParameter(fault, correction=(("year", "2023"),))
    path = f"/v1/{dataset.name}"
    return orjson.loads(problem_document(error, "en", BASE, path, "yaer=2023"))


def _file_links(address: str) -> dict[str, str]:
    files = [format_ for format_ in FORMATS if format_.is_file]
    return {format_.key: f"{address}.{format_.suffix}?release=1" for format_ in files}


def _imprint(dataset: Dataset) -> Imprint:
    publisher = Publisher(BASE, 1, PUBLISHED_AT, {})
    address = publisher.pinned(f"/v1/{dataset.name}")
    return publisher.imprint(dataset, dataset.fields, rights_in(dataset), address)


def _rights(dataset: Dataset) -> dict[str, str | None]:
    return rights_members(rights_in(dataset))


def _row(dataset: Dataset) -> dict[str, object]:
    return {field.name: field.about.example for field in dataset.fields}


def _stored(field: Field) -> Stored:
    example = field.about.example
    return str(example) if field.type is Type.DATE and example else to_stored(field.type, example)

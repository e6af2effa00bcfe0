"""Examples of answers for OpenAPI, made from the examples of the fields."""

from collections.abc import Sequence

import orjson

from opendata_api.describe import Dataset, Field, Type
from opendata_api.errors import UnknownParameter
from opendata_api.formats import csv, excel
from opendata_api.query.faults import unknown
from opendata_api.query.reading import A_PARAMETER
from opendata_api.values import Stored, to_stored
from opendata_api.web.problems import problem_document
from opendata_api.web.site import ATTRIBUTION, LICENSE

BASE = "https://data.example.org"
"""A public address, such as an operator sets."""

OURS = {"license": LICENSE, "attribution": ATTRIBUTION}


def page_example(dataset: Dataset) -> dict[str, object]:
    """A page of one row."""
    address = f"{BASE}/v1/{dataset.name}"
    counts = {"count": 1, "total": 1, "total_relation": "eq"}
    return {
        "data": [_row(dataset)],
        "meta": {"dataset": dataset.name, "release": 1, **counts, **OURS},
        "links": {
            "self": address,
            "first": address,
            "prev": None,
            "next": None,
            "csv": f"{address}.csv?release=1",
            "excel": f"{address}.excel.csv?release=1",
            "describedby": f"{BASE}/v1/datasets/{dataset.name}",
        },
    }


def record_example(dataset: Dataset, datasets: Sequence[Dataset]) -> dict[str, object]:
    """One record."""
    address = f"{BASE}/v1/{dataset.name}/{dataset.field['id'].about.example}"
    singular = {one.name: one.singular for one in datasets}
    return {
        "data": _row(dataset),
        "meta": {"dataset": dataset.name, "release": 1, **OURS},
        "links": {
            "self": address,
            "permalink": f"{address}?release=1",
            "csv": f"{address}.csv?release=1",
            "excel": f"{address}.excel.csv?release=1",
            "collection": f"{BASE}/v1/{dataset.name}",
            "describedby": f"{BASE}/v1/datasets/{dataset.name}",
            **{
                singular[name]: f"{BASE}/v1/{name}/{field.about.example}"
                for field, name in dataset.references
            },
            **{text.name: f"{address}/{text.name}" for text in dataset.attached},
        },
    }


def csv_example(dataset: Dataset) -> str:
    """The header and one row."""
    row = tuple(map(_stored, dataset.fields))
    return csv.header_line(dataset.fields) + csv.encode_line(dataset.fields, row)


def sheet_example(dataset: Dataset) -> str:
    """The header; the labels of a row are those of a release."""
    sheet = excel.Sheet(
        dataset=dataset,
        fields=dataset.fields,
        lang="zh",
        labels={},
        release=1,
        licence=LICENSE,
        permalink=str,
    )
    return excel.header_line(sheet).removeprefix(excel.BOM)


def problem_example(dataset: Dataset) -> object:
    """The answer to a mistyped parameter."""
    fault = unknown(A_PARAMETER, "yaer", "yaer", ("year",))
    error = UnknownParameter(fault, correction=(("year", "2023"),))
    path = f"/v1/{dataset.name}"
    return orjson.loads(problem_document(error, "en", BASE, path, "yaer=2023"))


def _row(dataset: Dataset) -> dict[str, object]:
    return {field.name: field.about.example for field in dataset.fields}


def _stored(field: Field) -> Stored:
    example = field.about.example
    return str(example) if field.type is Type.DATE and example else to_stored(field.type, example)

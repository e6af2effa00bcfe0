"""Laws of the formats: what a row says in CSV is what it says in JSON."""

import csv
import io
import json
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from opendata_api.datasets import DATASETS
from opendata_api.describe import Dataset, Field, Type
from opendata_api.formats import csv as plain_csv
from opendata_api.formats import json as as_json
from opendata_api.store.model import Edition
from opendata_api.values import SCALE, Row, Stored, to_stored

CODES = st.text("abc_ 复议一", min_size=1, max_size=5)
TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
DECIMALS = st.integers(-(10**12), 10**12).map(lambda scaled: Decimal(scaled) / SCALE)
DIMENSIONS = st.dictionaries(CODES, CODES, max_size=3)
POOLS: dict[Type, st.SearchStrategy[Any]] = {
    Type.CODE: CODES,
    Type.TEXT: TEXTS,
    Type.INTEGER: st.integers(-(2**63), 2**63 - 1),
    Type.DECIMAL: DECIMALS,
    Type.DATE: st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    Type.BOOLEAN: st.booleans(),
    Type.LIST: st.lists(CODES, max_size=3),
    Type.DIMENSIONS: DIMENSIONS,
    Type.FIGURES: st.lists(
        st.fixed_dictionaries(
            {
                "id": CODES,
                "year": st.integers(1900, 2100),
                "value": st.none() | DECIMALS,
                "value_text": TEXTS,
                "dimensions": DIMENSIONS,
            }
        ),
        max_size=3,
    ),
}


class Printed(str):
    """A number of JSON, as it is printed."""

    __slots__ = ()


def read_cell(field: Field, cell: str) -> object:
    """The value that a cell of the plain CSV tells."""
    if cell == "":
        return [] if field.type is Type.LIST else {} if field.type is Type.DIMENSIONS else None
    match field.type:
        case Type.FIGURES:
            return json.loads(cell, parse_float=Printed, parse_int=Printed)
        case Type.LIST:
            return cell.split(";")
        case Type.DIMENSIONS:
            return dict(pair.split("=") for pair in cell.split(";"))
        case Type.BOOLEAN:
            return {"true": True, "false": False}[cell]
    return cell


def stored(field: Field) -> st.SearchStrategy[Stored]:
    values = POOLS[field.type].map(lambda value: to_stored(field.type, value))
    return st.none() | values if field.nullable else values


def rows(dataset: Dataset) -> st.SearchStrategy[Row]:
    return st.tuples(*map(stored, dataset.fields))


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
@settings(max_examples=20, deadline=None)
@given(chosen=st.data())
def test_a_line_of_csv_read_back_equals_the_row_in_json(
    dataset: Dataset, chosen: st.DataObject
) -> None:
    row = chosen.draw(rows(dataset))

    line = plain_csv.encode_line(dataset.fields, row)
    told = json.loads(
        as_json.encode_row(dataset.fields, row), parse_float=Printed, parse_int=Printed
    )

    (cells,) = csv.reader(io.StringIO(line, newline=""), strict=True)
    read = [read_cell(*pair) for pair in zip(dataset.fields, cells, strict=True)]
    # A cell can't say whether it is null or an empty text.
    assert read == [None if value == "" else value for value in told.values()]


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_an_encoded_record_tells_its_id(dataset: Dataset, edition: Edition) -> None:
    place = dataset.field_names.index("id")
    for row in edition.rows[dataset.name]:
        encoded = as_json.encode_row(dataset.stored, row).encode()
        assert as_json.read_id(encoded) == row[place]


@pytest.mark.parametrize("count", [0, 1, 2, 3])
def test_a_list_answer_has_its_rows_and_then_what_stands_beside_them(count: int) -> None:
    rows = [b'{"id":"a%d"}' % place for place in range(count)]

    joined = as_json.join_page(rows, {"meta": {"count": count}})

    assert joined == b'{"data":[%b],"meta":{"count":%d}}' % (b",".join(rows), count)
    assert len(rows) == count

"""The Parquet file: every value in its type, what the fields mean inside the file."""

import io
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import httpx
import pyarrow as pa
import pytest
from all_types import imprint, row
from conftest import BASE
from pyarrow import BufferReader
from pyarrow.parquet import ParquetFile

from opendata_api.datasets import OBSERVATIONS
from opendata_api.formats import parquet
from opendata_api.values import INT_MAX, INT_MIN, Row, Stored


def write(rows: Sequence[Row], batch: int = 1000) -> bytes:
    """A Parquet file of samples, given in batches."""
    file = io.BytesIO()
    with parquet.writing(file, imprint()) as add:
        for start in range(0, len(rows), batch):
            add(rows[start : start + batch])
    return file.getvalue()


def opened(body: bytes) -> Any:
    return ParquetFile(BufferReader(body))


def value_of(field: str, value: Stored) -> object:
    """The value of a field as it is read back."""
    return opened(write([row(**{field: value})])).read().to_pylist()[0][field]


def metadata_of(body: bytes) -> dict[str, str]:
    kept = opened(body).schema_arrow.metadata
    return {name.decode(): text.decode() for name, text in kept.items()}


def test_every_type_has_its_own_in_parquet() -> None:
    schema = opened(write([])).schema_arrow

    assert {field.name: (field.type, field.nullable) for field in schema} == {
        "id": (pa.string(), False),
        "kind": (pa.string(), True),
        "text": (pa.string(), True),
        "whole": (pa.int64(), True),
        "number": (pa.decimal128(19, 6), True),
        "day": (pa.date32(), True),
        "moment": (pa.timestamp("us", tz="UTC"), True),
        "truth": (pa.bool_(), True),
        "names": (pa.list_(pa.field("element", pa.string())), False),
        "groups": (pa.map_(pa.string(), pa.string()), False),
        "figures": (pa.string(), False),
        "release_added": (pa.int64(), False),
        "release_changed": (pa.int64(), False),
    }


@pytest.mark.parametrize(
    ("field", "kept", "value"),
    [
        ("kind", "0012", "0012"),
        ("text", " a\nb ", " a\nb "),
        ("whole", INT_MIN, INT_MIN),
        ("number", INT_MAX, Decimal("9223372036854.775807")),
        ("number", INT_MIN, Decimal("-9223372036854.775808")),
        ("number", -94_100_000, Decimal("-94.1")),
        ("number", 0, Decimal(0)),
        ("day", "1899-12-31", date(1899, 12, 31)),
        ("moment", "2026-01-02T03:04:05Z", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("truth", 1, True),
        ("truth", 0, False),
        ("names", '["b","a"]', ["b", "a"]),
        ("groups", '{"b":"1","a":"2"}', [("b", "1"), ("a", "2")]),
        ("figures", '[{"value":2.50}]', '[{"value":2.50}]'),
        ("text", None, None),
        ("number", None, None),
        ("day", None, None),
        ("truth", None, None),
    ],
)
def test_a_value_is_read_back_as_it_is(field: str, kept: Stored, value: object) -> None:
    assert value_of(field, kept) == value


async def test_a_file_says_what_it_holds_and_where_it_comes_from(api: httpx.AsyncClient) -> None:
    body = (await api.get("/v1/observations.parquet?topic=legal_aid&fields=id,value")).content
    query = f"{BASE}/v1/observations.parquet?fields=id,value&release=1&topic=legal_aid"
    value = OBSERVATIONS.field["value"].about
    cited = (await api.get("/v1/cite", params={"url": query})).json()["data"]["formats"]
    metadata = metadata_of(body)
    fields = json.loads(metadata.pop("fields"))

    assert metadata == {
        "dataset": "observations",
        "title_zh": "报告数据",
        "title_en": "Observations",
        "description_zh": OBSERVATIONS.description.zh,
        "description_en": OBSERVATIONS.description.en,
        "release": "1",
        "published_at": "2026-01-02T03:04:05Z",
        "license": "CC-BY-4.0",
        "license_url": "https://creativecommons.org/licenses/by/4.0/",
        "rights_zh": "CC-BY-4.0 https://creativecommons.org/licenses/by/4.0/",
        "rights_en": "CC-BY-4.0 https://creativecommons.org/licenses/by/4.0/",
        "attribution": "政府报告开放数据 (Open Data from Government Reports), CC BY 4.0",
        "citation_zh": cited["gb_t_7714"],
        "citation_en": cited["apa"],
        "address": query,
        "dictionary": f"{BASE}/v1/datasets/observations?release=1",
        "sources": f"{BASE}/v1/reports?release=1",
    }
    assert list(fields) == ["id", "value"]
    assert fields["value"] == {
        "title_zh": "数值",
        "title_en": "Value",
        "description_zh": value.description.zh,
        "description_en": value.description.en,
    }


async def test_a_file_claims_no_licence_for_the_words_of_a_government(
    api: httpx.AsyncClient,
) -> None:
    metadata = metadata_of((await api.get("/v1/passages.parquet")).content)

    words = "the words of the government's own reports, which no licence of ours covers"
    assert (metadata["license"], metadata["license_url"]) == ("", "")
    assert metadata["rights_en"] == words


async def test_each_field_carries_its_description(api: httpx.AsyncClient) -> None:
    body = (await api.get("/v1/observations.parquet")).content
    schema = opened(body).schema_arrow

    assert schema.names == list(OBSERVATIONS.field_names)
    for field in OBSERVATIONS.fields:
        kept = schema.field(field.name).metadata
        assert kept[b"title_zh"].decode() == field.about.title.zh
        assert kept[b"description_en"].decode() == field.about.description.en


def test_rows_are_written_in_groups_as_they_come(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "GROUP_ROWS", 20)
    rows = [row(id=f"s{n}") for n in range(45)]
    file = opened(write(rows, batch=10))

    groups = [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)]
    assert groups == [20, 20, 5]
    assert [one["id"] for one in file.read().to_pylist()] == [f"s{n}" for n in range(45)]


def test_a_file_that_ends_with_a_full_group_has_no_empty_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parquet, "GROUP_ROWS", 20)

    assert opened(write([row()] * 20)).num_row_groups == 1
    assert opened(write([])).num_row_groups == 0


def test_equal_rows_are_equal_bytes() -> None:
    rows = [row(id=f"s{n}", number=n) for n in range(100)]

    assert write(rows, batch=10) == write(rows, batch=100)

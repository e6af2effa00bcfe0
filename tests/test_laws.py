"""Laws of the store: whatever is asked, the answer is what plain Python gives."""

import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cmp_to_key
from typing import Any

import pytest
from conftest import at_folder, at_postgres
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from postgres_server import PostgresServer

from opendata_api.datasets import DATASETS, OBSERVATIONS
from opendata_api.describe import CONTAINS, ISNULL, STARTSWITH, Dataset, Field, Operator, Type
from opendata_api.folding import fold
from opendata_api.formats import csv, json
from opendata_api.query import Condition, Cursor, DimensionCondition, Query, SortKey, parse_query
from opendata_api.settings import Settings
from opendata_api.store.model import Edition, RowsPage, Store
from opendata_api.store.place import make_store, write_release
from opendata_api.values import EncodedRows, Row, Stored, to_stored

ROWS = 70
ENCODERS: Mapping[str, Callable[[Sequence[Field], Row], str]] = {
    "json": json.encode_row,
    "csv": csv.encode_line,
}
"""What a row is that was encoded when it was published, by shape."""
POOLS: dict[Type, list[object]] = {
    Type.CODE: ["a", "b", "a b", "复议", "复", "一"],
    Type.TEXT: ["一（二）", "一（二）一是", "二", "=1+1", 'a,"b"', "\U00020000"],
    Type.INTEGER: [2022, 2023, 2024],
    Type.DECIMAL: [Decimal("-4.8"), Decimal(0), Decimal(206), Decimal(2307000000)],
    Type.DATE: [date(2023, 1, 1), date(2023, 3, 1), date(2023, 12, 31)],
    Type.LIST: [[], ["x"], ["x", "y"]],
    Type.DIMENSIONS: [{}, {"scope": "city"}, {"scope": "city", "level": "own"}, {"level": "all"}],
}
SETTINGS = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)


def make_rows(dataset: Dataset) -> list[Row]:
    chance = random.Random(7)
    return [
        tuple(_value(field, number, chance) for field in dataset.stored)
        for number in range(1, ROWS + 1)
    ]


def _value(field: Field, number: int, chance: random.Random) -> Stored:
    if field.name == "id":
        return f"cn450203-2023-rol-o{number:03d}"
    if field.name == "area_code":
        return "450203"
    if field.nullable and chance.random() < 0.3:
        return None
    return to_stored(field.type, chance.choice(POOLS[field.type]))


OBSERVATION_ROWS = make_rows(OBSERVATIONS)
WHOLE_ROWS = [(*row, 1, 1) for row in OBSERVATION_ROWS]


@pytest.fixture(scope="session")
def stores(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> Mapping[str, Settings]:
    """The same made-up rows as release 1 in each database."""
    rows: dict[str, list[Row]] = {dataset.name: [] for dataset in DATASETS}
    rows["observations"] = OBSERVATION_ROWS
    postgres.create_database("laws", template="migrated")
    places = {
        "sqlite": at_folder(tmp_path_factory.mktemp("laws")),
        "postgres": at_postgres(postgres, "laws"),
    }
    for settings_ in places.values():
        write_release(settings_, DATASETS, Edition(rows, []), datetime(2026, 1, 1, tzinfo=UTC))
    return places


@pytest.fixture
async def store(database: str, stores: Mapping[str, Settings]) -> AsyncIterator[Store]:
    opened = make_store(stores[database])
    await opened.open()
    yield opened
    await opened.close()


def conditions() -> st.SearchStrategy[Condition]:
    return st.sampled_from(OBSERVATIONS.filters).flatmap(lambda pair: _condition(*pair))


def _condition(field: Field, operator: Operator) -> st.SearchStrategy[Condition]:
    if operator is ISNULL:
        return st.builds(
            Condition, st.just(field), st.just(operator), _one(st.sampled_from([0, 1]))
        )
    known = sorted({row[_place(field)] for row in WHOLE_ROWS} - {None}, key=str)
    value = st.sampled_from(known)
    if operator in (STARTSWITH, CONTAINS):
        value = value.map(lambda text: str(text)[:2])
    many = operator.many or operator.key == ""
    values = st.lists(value, min_size=1, max_size=3 if many else 1, unique=True)
    ordered = values.map(_in_order)
    return st.builds(Condition, st.just(field), st.just(operator), ordered)


def _in_order(values: list[Any]) -> tuple[Stored, ...]:
    return tuple(sorted(values))


def _one(value: st.SearchStrategy[Stored]) -> st.SearchStrategy[tuple[Stored, ...]]:
    return value.map(lambda one: (one,))


def sorts() -> st.SearchStrategy[tuple[SortKey, ...]]:
    keys = st.lists(
        st.builds(SortKey, st.sampled_from(OBSERVATIONS.sorts).map(_field), st.booleans()),
        max_size=3,
        unique_by=lambda key: key.field.name,
    )
    return keys.map(_total)


def _field(name: str) -> Field:
    return OBSERVATIONS.field[name]


def _total(keys: list[SortKey]) -> tuple[SortKey, ...]:
    text = ",".join(map(str, keys))
    return parse_query(OBSERVATIONS, (("sort", text),) if text else ()).sort


def dimension_conditions() -> st.SearchStrategy[DimensionCondition]:
    values = st.lists(st.sampled_from(["city", "own", "all", "none"]), min_size=1, unique=True)
    return st.builds(DimensionCondition, st.sampled_from(["scope", "level"]), values.map(tuple))


def queries() -> st.SearchStrategy[Query]:
    return st.builds(
        Query,
        dataset=st.just(OBSERVATIONS),
        conditions=st.lists(conditions(), max_size=3, unique_by=lambda one: one.name).map(tuple),
        dimensions=st.lists(dimension_conditions(), max_size=2, unique_by=lambda one: one.name).map(
            tuple
        ),
        sort=sorts(),
        fields=st.just(OBSERVATIONS.fields),
    )


def expected(query: Query) -> list[Row]:
    """The same question in plain Python."""
    kept = [row for row in WHOLE_ROWS if _matches(query, row)]

    def compare(one: Row, other: Row) -> int:
        return _compare(query.sort, one, other)

    return sorted(kept, key=cmp_to_key(compare))


def _matches(query: Query, row: Row) -> bool:
    plain = all(_holds(one, row[_place(one.field)]) for one in query.conditions)
    text = str(row[OBSERVATIONS.field_names.index("dimensions")])
    return plain and all(
        any(f'"{one.name}":"{value}"' in text for value in one.values) for one in query.dimensions
    )


def _holds(condition: Condition, value: Any) -> bool:
    if condition.operator is ISNULL:
        return (value is None) == bool(condition.values[0])
    if condition.operator.key == "ne":
        return bool(value != condition.values[0])
    if value is None:
        return False
    return any(OPERATIONS[condition.operator.key](value, given) for given in condition.values)


OPERATIONS: dict[str, Callable[[Any, Any], bool]] = {
    "": lambda value, given: bool(value == given),
    "in": lambda value, given: bool(value == given),
    "gt": lambda value, given: bool(value > given),
    "gte": lambda value, given: bool(value >= given),
    "lt": lambda value, given: bool(value < given),
    "lte": lambda value, given: bool(value <= given),
    "startswith": lambda value, given: bool(value.startswith(given)),
    "contains": lambda value, given: fold(given).text in fold(value).text,
}


def _compare(sort: tuple[SortKey, ...], one: Row, other: Row) -> int:
    for key in sort:
        left, right = one[_place(key.field)], other[_place(key.field)]
        if left == right:
            continue
        if left is None or right is None:
            return 1 if left is None else -1
        order = -1 if left < right else 1  # type: ignore[operator]
        return -order if key.descending else order
    return 0


def _place(field: Field) -> int:
    return OBSERVATIONS.field_names.index(field.name)


async def _walk(store: Store, query: Query, limit: int) -> list[Row]:
    """Forward to the end, then back to the beginning."""
    pages, cursor = [], None
    while True:
        page = await store.page(query.at(cursor), 1, limit, None)
        pages.append(list(page.rows))
        if not page.has_next or page.last is None:
            break
        cursor = Cursor(1, query.digest, backwards=False, keys=page.last)
    back: list[list[Row]] = []
    while page.has_previous and page.first is not None:
        cursor = Cursor(1, query.digest, backwards=True, keys=page.first)
        page = await store.page(query.at(cursor), 1, limit, None)
        back.insert(0, list(page.rows))
        assert page.has_next
    assert back == pages[:-1]
    return [row for page_rows in pages for row in page_rows]


@SETTINGS
@given(query=queries(), limit=st.integers(1, ROWS + 5))
async def test_every_page_is_what_plain_python_gives(
    store: Store, query: Query, limit: int
) -> None:
    assert await _walk(store, query, limit) == expected(query)


@pytest.mark.untraced
@SETTINGS
@given(query=queries())
async def test_the_total_is_the_number_of_matches(store: Store, query: Query) -> None:
    total = await store.total(query, 1)

    assert (total.count, total.exact) == (len(expected(query)), True)


@pytest.mark.untraced
@SETTINGS
@given(query=queries(), limit=st.one_of(st.none(), st.integers(1, ROWS)))
async def test_an_export_gives_the_rows_of_the_pages(
    store: Store, query: Query, limit: int | None
) -> None:
    batches = store.export(replace(query, limit=limit), 1, None)

    assert [row async for batch in batches for row in batch] == expected(query)[:limit]


def _encode(shape: str, query: Query, rows: Sequence[Row]) -> list[bytes]:
    return [ENCODERS[shape](query.fields, row).encode() for row in rows]


def _texts(rows: Sequence[Row]) -> list[bytes]:
    assert isinstance(rows, EncodedRows)
    return list(rows.texts)


def _around(page: RowsPage) -> tuple[object, ...]:
    """What a page says beside its rows."""
    return page.first, page.last, page.has_previous, page.has_next


@pytest.mark.untraced
@pytest.mark.parametrize("shape", ENCODERS)
@SETTINGS
@given(query=queries(), limit=st.integers(1, ROWS + 5), backwards=st.booleans())
async def test_a_page_of_encoded_rows_has_the_bytes_of_their_values(
    store: Store, shape: str, query: Query, limit: int, *, backwards: bool
) -> None:
    some = await store.page(query, 1, max(limit // 2, 1), None)
    keys = some.last if backwards else some.first
    if keys is not None:  # a page in the middle
        query = query.at(Cursor(1, query.digest, backwards=backwards, keys=keys))
    encoded = await store.page(query, 1, limit, shape)
    plain = await store.page(query, 1, limit, None)

    assert _texts(encoded.rows) == _encode(shape, query, plain.rows)
    assert _around(encoded) == _around(plain)


@pytest.mark.untraced
@pytest.mark.parametrize("shape", ENCODERS)
@SETTINGS
@given(query=queries(), limit=st.one_of(st.none(), st.integers(1, ROWS)))
async def test_an_export_of_encoded_rows_has_the_bytes_of_their_values(
    store: Store, shape: str, query: Query, limit: int | None
) -> None:
    asked = replace(query, limit=limit)
    encoded = [text async for rows in store.export(asked, 1, shape) for text in _texts(rows)]
    plain = [row async for rows in store.export(asked, 1, None) for row in rows]

    assert encoded == _encode(shape, asked, plain)


@pytest.mark.untraced
@SETTINGS
@given(
    query=queries(),
    limit=st.one_of(st.none(), st.integers(1, ROWS + 1)),
    place=st.integers(0, ROWS - 1),
)
async def test_an_export_before_a_cursor_ends_at_it(
    store: Store, query: Query, limit: int | None, place: int
) -> None:
    rows = expected(query)
    if not rows:
        return
    place = min(place, len(rows) - 1)
    keys = tuple(rows[place][_place(key.field)] for key in query.sort)
    cursor = Cursor(1, query.digest, backwards=True, keys=keys)

    batches = store.export(replace(query, limit=limit).at(cursor), 1, None)

    begin = 0 if limit is None else max(0, place - limit)
    assert [row async for batch in batches for row in batch] == rows[begin:place]


@SETTINGS
@given(query=queries())
def test_a_query_is_read_back_from_its_canonical_parameters(query: Query) -> None:
    again = parse_query(OBSERVATIONS, query.canonical)

    assert again.canonical == query.canonical
    assert again.digest == query.digest

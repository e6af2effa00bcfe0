"""What the databases do for reads that an index serves: they take that index, in order, alone."""

import re
import shutil
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import asyncpg
import pytest

from opendata_api.datasets import DATASETS, OBSERVATIONS
from opendata_api.describe import EQ, Dataset
from opendata_api.errors import Pairs
from opendata_api.query import Cursor, Query, parse_facets, parse_groups, parse_query
from opendata_api.query.values import print_value
from opendata_api.settings import Settings
from opendata_api.store import groups, steps
from opendata_api.store.clauses import Clause, Dialect, Question
from opendata_api.store.postgres import BY_INDEX
from opendata_api.store.rule import measure_of
from opendata_api.store.sql import count_rows
from opendata_api.values import Row, Stored

FIELD = re.compile(r"(\w+)=\?")
ENCODED_ROW = "SEARCH f USING INTEGER PRIMARY KEY (rowid=?)"
PROOF = ("SCALAR SUBQUERY", "SEARCH release USING INTEGER PRIMARY KEY")
"""How every statement begins to prove that its release is there."""


@pytest.fixture(scope="module")
def connection(
    pristine: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[sqlite3.Connection]:
    """The seed as it is published; of tables that have one row, SQLite does not know it."""
    [path] = pristine.glob("opendata-*.sqlite")
    copy = shutil.copy(path, tmp_path_factory.mktemp("plans"))
    with closing(sqlite3.connect(copy)) as connection, connection:
        connection.execute("delete from sqlite_stat1 where cast(stat as integer) = 1")
    with closing(sqlite3.connect(copy)) as connection:
        yield connection


def plan_of(connection: sqlite3.Connection, statement: Clause) -> Sequence[str]:
    """What SQLite does beside the proof, line by line."""
    plan = connection.execute(f"explain query plan {statement.sql}", statement.values)
    return [line for _, _, _, line in plan if not line.startswith(PROOF)]


def plans_of(connection: sqlite3.Connection, query: Query) -> Sequence[Sequence[str]]:
    """What it does for each part of an export of encoded rows, and for a page of them."""
    question = Question(Dialect.SQLITE, query, 1)
    statements = [
        steps.export_statement(question, "json", part, 100) for part in steps.export_parts(query)
    ]
    if query.cursor is not None:
        statements.append(next(steps.page_steps(question, 100, "json")))
    return [plan_of(connection, statement) for statement in statements]


def beyond(query: Query, keys: Row, *, backwards: bool = False) -> Query:
    """The query for what lies beyond a row."""
    return query.at(Cursor(1, query.digest, backwards, keys))


def a_value(connection: sqlite3.Connection, dataset: Dataset, name: str) -> Stored:
    """A value that some row has; none has a value where all are null."""
    found = connection.execute(
        f'select "{name}" from "{dataset.table}" where "{name}" is not null limit 1'
    ).fetchone()
    return None if found is None else found[0]


def filters_of(connection: sqlite3.Connection, dataset: Dataset) -> Iterator[tuple[str, ...]]:
    """The fields that rows have one value of, alone and together."""
    alone = [(field.name,) for field, operator in dataset.filters if operator is EQ]
    for names in (*alone, *dataset.combined):
        if all(a_value(connection, dataset, name) is not None for name in names):
            yield names


def filtered(
    connection: sqlite3.Connection, dataset: Dataset, names: Sequence[str], *others: tuple[str, str]
) -> Query:
    """The rows that have one value of each field."""
    values = {name: a_value(connection, dataset, name) for name in names}
    printed = (
        (name, print_value(dataset.field[name].type, value)) for name, value in values.items()
    )
    return parse_query(dataset, (*printed, *others))


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda one: one.name)
def test_rows_of_one_value_are_read_by_id_from_an_index_that_has_it(
    connection: sqlite3.Connection, dataset: Dataset
) -> None:
    looked_at = 0
    for names in filters_of(connection, dataset):
        for order in ("id", "-id"):
            query = filtered(connection, dataset, names, ("sort", order))
            further = [beyond(query, ("cn450203",), backwards=way) for way in (False, True)]
            for one in (query, *further):
                assert steps.is_served(one)
                for facts, encoded in plans_of(connection, one):
                    assert facts.startswith("SEARCH t USING ")
                    assert "=? AND " in facts or one is query
                    assert encoded == ENCODED_ROW
                looked_at += 1

    assert looked_at >= 2 * len(dataset.combined)


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda one: one.name)
def test_rows_in_any_order_are_read_from_its_index(
    connection: sqlite3.Connection, dataset: Dataset
) -> None:
    for name in dataset.sorts:
        for order in (name, f"-{name}"):
            query = parse_query(dataset, (("sort", order),))
            value = a_value(connection, dataset, name)
            keys = (value,) if name == "id" else (value, "cn450203")
            further = [beyond(query, keys, backwards=way) for way in (False, True)]
            for one in (query, *further):
                assert steps.is_served(one)
                for facts, encoded in plans_of(connection, one):
                    assert f"t USING COVERING INDEX {dataset.table}_by_{name}" in facts
                    assert encoded == ENCODED_ROW


@pytest.mark.parametrize("names", OBSERVATIONS.combined, ids="-".join)
def test_rows_of_fields_that_are_asked_for_together_are_counted_in_their_own_index(
    connection: sqlite3.Connection, names: tuple[str, str]
) -> None:
    query = filtered(connection, OBSERVATIONS, names)
    keys = " AND ".join(f"{name}=?" for name in names)
    index = f"SEARCH t USING COVERING INDEX observation_by_{'_'.join(names)} ({keys})"

    assert plans_of(connection, query) == [[index, ENCODED_ROW]]
    _, counted, _ = plan_of(connection, count_rows(Question(Dialect.SQLITE, query, 1), 10_001))
    assert counted.startswith("SEARCH t USING COVERING INDEX")
    assert sorted(FIELD.findall(counted)) == sorted(names)


@pytest.mark.parametrize("area", [(), (("area_code", "450203"),)])
def test_what_is_added_and_what_is_counted_lies_side_by_side(
    connection: sqlite3.Connection, area: Pairs
) -> None:
    year = ("year__gte", "2020")
    added = parse_groups(
        OBSERVATIONS,
        (("metric", "m"), year, *area, ("group_by", "area_code"), ("agg", "sum:value,max:value")),
    )
    counted = parse_facets(
        OBSERVATIONS, (("topic", "t"), year, *area, ("by", "area_code,qualifier"))
    )
    measure = measure_of(added)

    [sums] = plan_of(connection, groups.select_figures(Question(Dialect.SQLITE, added, 1), measure))
    [facets] = plan_of(connection, groups.count_by(Question(Dialect.SQLITE, counted, 1), 10_000))

    assert sums.startswith("SEARCH t USING COVERING INDEX observation_of_metric (metric=?")
    assert facets.startswith("SEARCH t USING COVERING INDEX observation_of_topic (topic=?")


def test_rows_of_fields_that_have_no_index_together_are_not_served() -> None:
    topic, year = ("topic", "legal_aid"), ("year", "2023")
    for pairs in (
        (topic, ("role", "actual")),
        (topic, ("year__gte", "2023")),
        (topic, year, ("sort", "year")),
        (topic, year, ("metric", "legal_aid_cases")),
    ):
        assert not steps.is_served(parse_query(OBSERVATIONS, pairs)), pairs


async def test_an_export_of_rows_that_an_index_has_in_order_sorts_none_on_postgresql(
    places: Mapping[str, Settings],
) -> None:
    topic = ("topic", "legal_aid")
    pairs: Sequence[Pairs] = (
        (),
        (("sort", "-id"),),
        (("sort", "year"),),
        (topic, ("year", "2023")),
    )
    postgres = await asyncpg.connect(places["postgres"].postgres_address)
    try:
        for some in pairs:
            question = Question(Dialect.POSTGRES, parse_query(OBSERVATIONS, some), 1)
            [part] = steps.export_parts(question.query)
            statement = steps.export_statement(question, "csv", part, None)
            async with postgres.transaction():
                await postgres.execute(BY_INDEX)
                plan = await postgres.fetch(f"explain {statement.numbered}", *statement.values)
            lines = [str(line) for (line,) in plan]
            assert any(" using observation_by_" in line for line in lines), lines
            assert not any("Sort" in line for line in lines), lines
    finally:
        await postgres.close()

"""The reads themselves, on one SQLite connection."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from opendata_api.describe import EQ, Dataset, Field, filter_name
from opendata_api.errors import ExpensiveQuery, Fault
from opendata_api.query import Cursor, Query
from opendata_api.store.model import Release, RowsPage, Total
from opendata_api.store.schema import column_of
from opendata_api.store.sql import (
    Clause,
    Page,
    Start,
    count_rows,
    page_segments,
    select_page,
    select_record,
)
from opendata_api.values import Row, Stored
from opendata_api.words import Text

READ_ROWS_MAX = 200_000
TOTAL_MAX = 10_000
BATCH_ROWS = 1_000


def read_page(
    query: Query, release: int, limit: int, shape: str | None, connection: sqlite3.Connection
) -> RowsPage:
    """The page that the query's cursor begins."""
    start = _start(query.cursor)
    columns = _columns(query.fields, shape)
    found: list[Row] = []
    for segment, begins_here in page_segments(query.sort, start):
        page = Page(limit + 1 - len(found), start, begins_here, fragments=shape is not None)
        found.extend(_fetch(connection, select_page(query, release, columns, segment, page)))
        if len(found) > limit:
            break
    return _page(found, limit, start, len(columns))


def read_batches(
    connection: sqlite3.Connection, query: Query, release: int, shape: str | None
) -> Iterator[Sequence[Row]]:
    """All rows from the cursor on, or up to the limit, in batches that are never empty."""
    rows: Iterator[Row] = islice(_read_rows(connection, query, release, shape), query.limit)
    if query.cursor is not None and query.cursor.backwards:
        rows = iter(list(rows)[::-1])
    while batch := list(islice(rows, BATCH_ROWS)):
        yield batch


def read_total(query: Query, release: int, connection: sqlite3.Connection) -> Total:
    """How many rows match, exact up to TOTAL_MAX."""
    count = _count(connection, count_rows(query, release, TOTAL_MAX + 1))
    return Total(min(count, TOTAL_MAX), exact=count <= TOTAL_MAX)


def check_cost(query: Query, release: int, most: int, connection: sqlite3.Connection) -> None:
    """Raise ExpensiveQuery if sorting the matches would read more than `most` rows."""
    if _count(connection, count_rows(query, release, most + 1)) <= most:
        return
    used = {condition.field.name for condition in query.conditions}
    narrowing = tuple(
        filter_name(field, operator)
        for field, operator in query.dataset.filters
        if operator is EQ and field.name not in used
    )
    message = Text(
        "符合条件的行超过{most}行，不能这样排序；请再加条件",
        "more than {most} rows match, too many to sort this way; add a filter",
    )
    raise ExpensiveQuery(Fault(message.format(most=most), parameter="sort", allowed=narrowing))


def is_served(query: Query) -> bool:
    """Whether one index gives the rows in order, without reading others."""
    first = query.sort[0].field
    if len(query.sort) > 2 or query.dimensions or len(query.conditions) > 1:  # noqa: PLR2004
        return False
    if not query.conditions:
        return True
    condition = query.conditions[0]
    is_one = condition.operator is EQ and len(condition.values) == 1
    return condition.field == first or (is_one and first.name == "id")


def read_record(
    dataset: Dataset, record_id: str, area: str, release: int, connection: sqlite3.Connection
) -> Row | None:
    """One record, all its fields in order."""
    rows = _fetch(connection, select_record(dataset, record_id, area, release))
    return rows[0] if rows else None


def read_attachment(
    kind: str, name: str, release: int, connection: sqlite3.Connection
) -> str | None:
    """A text beside the rows."""
    found = connection.execute(
        "select body from attachment where kind = ? and id = ? and since <= ? and until > ?",
        (kind, name, release, release),
    ).fetchone()
    return found[0] if found else None


def read_releases(connection: sqlite3.Connection) -> Mapping[int, Release]:
    """Every release by number."""
    rows = connection.execute("select n, published_at, digest from release order by n")
    return {n: Release(n, published_at, digest) for n, published_at, digest in rows}


def read_counts(connection: sqlite3.Connection) -> Mapping[tuple[str, int], int]:
    """Records by dataset and release."""
    rows = connection.execute("select dataset, release, count from count")
    return {(dataset, release): count for dataset, release, count in rows}


def _read_rows(
    connection: sqlite3.Connection, query: Query, release: int, shape: str | None
) -> Iterator[Row]:
    start = _start(query.cursor)
    columns = _columns(query.fields, shape)
    for segment, begins_here in page_segments(query.sort, start):
        page = Page(-1, start, begins_here, fragments=shape is not None)
        statement = select_page(query, release, columns, segment, page)
        for row in connection.execute(statement.sql, statement.values):
            yield row[: len(columns)]


def _start(cursor: Cursor | None) -> Start | None:
    return None if cursor is None else Start(cursor.keys, cursor.backwards)


def _columns(fields: Sequence[Field], shape: str | None) -> Sequence[str]:
    return [f"t.{column_of(field)}" for field in fields] if shape is None else [f'f."{shape}"']


def _page(found: list[Row], limit: int, start: Start | None, width: int) -> RowsPage:
    more = len(found) > limit
    rows = found[:limit]
    backwards = start is not None and start.backwards
    if backwards:
        rows.reverse()
    keys: list[tuple[Stored, ...]] = [row[width:] for row in rows]
    return RowsPage(
        rows=[row[:width] for row in rows],
        first=keys[0] if keys else None,
        last=keys[-1] if keys else None,
        has_previous=more if backwards else start is not None,
        has_next=True if backwards else more,
    )


def _fetch(connection: sqlite3.Connection, statement: Clause) -> list[Row]:
    return connection.execute(statement.sql, statement.values).fetchall()


def _count(connection: sqlite3.Connection, statement: Clause) -> int:
    return int(connection.execute(statement.sql, statement.values).fetchone()[0])

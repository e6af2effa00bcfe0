"""The reads themselves, without a database: each gives statements and is sent their rows.

SQLite and PostgreSQL run the same steps; only how a statement is executed differs.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import cast

from opendata_api.describe import EQ, Dataset
from opendata_api.formats import JSON
from opendata_api.query import Cursor, Query
from opendata_api.store.clauses import AnyQuery, Clause, Dialect, Lead, Question, Steps
from opendata_api.store.costs import too_expensive
from opendata_api.store.known import Kept, key_of_count, key_of_hits
from opendata_api.store.model import GoneRelease, Hole, Published, Release, RowsPage, Total
from opendata_api.store.prepared import select_rows
from opendata_api.store.release_sql import (
    COUNTS,
    GONE,
    RELEASES,
    select_holes,
    select_manifest,
    select_signature,
)
from opendata_api.store.schema import column_of
from opendata_api.store.searching import count_hits, wanted_of
from opendata_api.store.sql import (
    Page,
    Segment,
    Start,
    count_page,
    count_rows,
    page_segments,
    select_attachment,
    select_page,
    select_record,
)
from opendata_api.store.tokens import TOKEN
from opendata_api.store.totals import TOTAL_MAX, total_of
from opendata_api.store.windows import need_windows, window_steps
from opendata_api.values import EncodedRows, Row
from opendata_api.words import Text

READ_ROWS_MAX = 200_000
BATCH_ROWS = 1_000
FIRST_ROWS = 100
"""The first batch of an export has so many, so that its first byte comes soon."""

Part = tuple[Segment, bool]
"""A segment, and whether the cursor lies in it."""


def page_steps(question: Question[Query], limit: int, shape: str | None) -> Steps[RowsPage]:
    """The page that the query's cursor begins."""
    query = question.query
    start = _start(query.cursor)
    columns = _columns(question, shape)
    found: list[Row] = []
    fragments, has_keys = shape is not None, not _is_told(query, shape)
    for segment, begins_here in page_segments(query, start):
        more = limit + 1 - len(found)
        page = Page(segment, more, start, begins_here, fragments=fragments, keys=has_keys)
        if need_windows(question):
            found.extend((yield from window_steps(question, columns, page)))
        else:
            found.extend((yield select_rows(question, columns, page)))
        if len(found) > limit:
            break
    return _page(found, limit, start, shape, len(columns))


def total_steps(question: Question[Query], others: int) -> Steps[Total]:
    """How many rows match, exact up to TOTAL_MAX.

    No more than so many `others` are versions of the dataset that are not of the release.
    """
    count = yield from _hits_steps(question, others)
    if count is None:
        count = _count((yield count_rows(question, TOTAL_MAX + 1)))
    return total_of(count)


def _hits_steps(question: Question[Query], others: int) -> Steps[int | None]:
    """How many rows have the words, where nothing but their index tells it: up to TOTAL_MAX + 1.

    It has other versions too. None where they may be among few hits, and where more is asked.
    """
    query = question.query
    is_plain = query.is_searched and not query.without_words.is_filtered
    if not (is_plain and 0 <= others <= TOTAL_MAX):
        return None
    count = _count((yield count_hits(question, TOTAL_MAX + others + 1)))
    if count > TOTAL_MAX + others:
        return TOTAL_MAX + 1
    return None if others else count


def narrow_steps(
    question: Question[AnyQuery], most: int, counts: Kept[int]
) -> Steps[Question[AnyQuery] | None]:
    """The question, led by what not more than `most` rows meet; None where nothing is so narrow."""
    if not question.query.is_searched:
        return question if (yield from known_rows_steps(question, most, counts)) <= most else None
    if (yield from _known_hits_steps(question, most, counts)) <= most:
        return question
    others = question.asking(question.query.without_words)
    if not others.query.is_filtered:
        return None
    if (yield from known_rows_steps(others, most, counts)) > most:
        return None
    return replace(question, lead=Lead.CONDITIONS)


def known_rows_steps(question: Question[Query], most: int, counts: Kept[int]) -> Steps[int]:
    """How many rows match, counted no further than one more than `most`, and only once."""
    key = key_of_count(question, most)
    return _known_steps(counts, key, lambda: count_rows(question, most + 1))


def _known_hits_steps(question: Question[Query], most: int, counts: Kept[int]) -> Steps[int]:
    """The same of the versions that have all words, by their index alone."""
    key = key_of_hits(question, most)
    return _known_steps(counts, key, lambda: count_hits(question, most + 1))


def _known_steps(counts: Kept[int], key: bytes, make: Callable[[], Clause]) -> Steps[int]:
    """What a statement counts; it is made and run where that is not known."""
    count = counts.find(key)
    if count is None:
        count = counts.keep(key, _count((yield make())))
    return count


def bounded_steps(
    question: Question[Query], most: int, counts: Kept[int]
) -> Steps[Question[Query]]:
    """The question, so led that sorting reads not more than `most` rows. Raises ExpensiveQuery."""
    narrowed = yield from narrow_steps(question, most, counts)
    if narrowed is not None:
        return narrowed
    raise too_expensive(question.query, most)


def record_steps(dataset: Dataset, record_id: str, release: int) -> Steps[Row | None]:
    """One record, all its fields in order."""
    rows = yield select_record(dataset, record_id, release)
    return rows[0] if rows else None


def attachment_steps(kind: str, name: str, release: int) -> Steps[str | None]:
    """A text beside the rows."""
    rows = yield select_attachment(kind, name, release)
    return str(rows[0][0]) if rows else None


def manifest_steps(release: int) -> Steps[str]:
    """The manifest of a release."""
    rows = yield select_manifest(release)
    return str(rows[0][0]) if rows else ""


def holes_steps(release: int) -> Steps[Sequence[Hole]]:
    """What was erased of a release."""
    rows = yield select_holes(release)
    return [Hole(*row) for row in rows]  # type: ignore[arg-type]


def signature_steps(release: int) -> Steps[str | None]:
    """The signature of a release's manifest, where it is signed."""
    rows = yield select_signature(release)
    return str(rows[0][0]) if rows and rows[0][0] is not None else None


def published_steps() -> Steps[Published | None]:
    """What is published; None for nothing."""
    releases = [Release(*row) for row in (yield RELEASES)]  # type: ignore[arg-type]
    counts = {(str(dataset), int(str(n))): int(str(count)) for dataset, n, count in (yield COUNTS)}
    gone = [
        GoneRelease(int(str(n)), str(at), Text(str(zh), str(en)), str(changes))
        for n, at, zh, en, changes in (yield GONE)
    ]
    by_number = {one.n: one for one in releases}
    return Published(by_number, counts, {one.n: one for one in gone}) if releases else None


def beginning_steps(question: Question[Query], count: int) -> Steps[Question[Query]]:
    """The question of an export, so begun that its rows need not be held to turn them round.

    The last rows before a cursor are those after the row that stands as far before it as the
    limit is; where none does, all before the cursor. The dataset has `count` rows.
    """
    query, start = question.query, _start(question.query.cursor)
    if start is None or not start.backwards or query.limit is None:
        return question
    left = query.limit
    for segment, begins_here in page_segments(query, start) if left < count else ():
        page = Page(segment, 1, start, begins_here, skipped=left)
        if before := (yield select_page(question, (), page)):
            return question.asking(query.beside(question.release, before[0], backwards=False))
        left -= _count((yield count_page(question, page)))
    return question.asking(replace(query, limit=None))


def batch_sizes() -> Iterator[int]:
    """How many rows each batch of an export has: the first ones few, then each as many."""
    size = FIRST_ROWS
    while True:
        yield min(size, BATCH_ROWS)
        size = min(2 * size, BATCH_ROWS)


def export_parts(query: Query) -> Sequence[Part]:
    """The parts of the rows that an export reads one after the other, in the order of the rows."""
    start = _start(query.cursor)
    parts = page_segments(query, start)
    return parts[::-1] if start is not None and start.backwards else parts


def export_statement(
    question: Question[Query], shape: str | None, part: Part, limit: int | None
) -> Clause:
    """The statement that gives the rows of a part, in their order also before a cursor."""
    segment, begins_here = part
    page = Page(
        segment,
        limit,
        _start(question.query.cursor),
        begins_here,
        fragments=shape is not None,
        keys=False,
        forwards=True,
    )
    return select_page(question, _columns(question, shape), page)


def drafted_statement(question: Question[Query]) -> Clause:
    """The statement that gives all rows: the JSON and the CSV of each, then its values."""
    columns = ['f."json"', 'f."csv"', *_columns(question, None)]
    return select_page(question, columns, Page(Segment.ALL, None, fragments=True, keys=False))


def is_served(query: Query) -> bool:
    """Whether one index gives the rows in order, without reading others."""
    first = query.sort[0].field
    if query.is_ranked:
        return not query.conditions and not query.dimensions
    if query.words:
        return False
    if len(query.sort) > 2 or query.dimensions:  # noqa: PLR2004
        return False
    if not query.conditions or [one.field.name for one in query.conditions] == [first.name]:
        return True
    return first.name == "id" and is_indexed(query)


def is_of_one_token(query: Query) -> bool:
    """Whether the index of words has one list of just the rows that are found, in their order.

    Each hit is then a step of its own; how long it takes to find words in several lists that stand
    together is known to nobody.
    """
    if len(query.words) != 1 or not is_served(query):
        return False
    return len(query.words[0]) <= TOKEN and not wanted_of(query).is_split


def is_indexed(query: Query) -> bool:
    """Whether an index has the rows asked for, and no others, side by side in order of ids."""
    if query.words or query.dimensions:
        return False
    if any(one.operator is not EQ or len(one.values) > 1 for one in query.conditions):
        return False
    names = sorted(one.field.name for one in query.conditions)
    return len(names) == 1 or names in map(sorted, query.dataset.combined)


def _start(cursor: Cursor | None) -> Start | None:
    return None if cursor is None else Start(cursor.keys, cursor.backwards)


def as_read(rows: Sequence[Row], shape: str | None) -> Sequence[Row]:
    """The rows that a statement has given, as they were asked for."""
    if shape is None:
        return [tuple(row) for row in rows]
    return EncodedRows(cast("Sequence[bytes]", [row[0] for row in rows]))


def _columns(question: Question[Query], shape: str | None) -> Sequence[str]:
    if shape is None:
        return [f"t.{column_of(field)}" for field in question.query.fields]
    is_sqlite = question.dialect is Dialect.SQLITE
    # What the driver would be sent as text, which is UTF-8; convert_to proves it to be that again.
    return [f'cast(f."{shape}" as blob)' if is_sqlite else f'textsend(f."{shape}")']


def _page(
    found: list[Row], limit: int, start: Start | None, shape: str | None, width: int
) -> RowsPage:
    """The page of rows that were read: columns of that width, then their keys if they were read."""
    more = len(found) > limit
    rows = found[:limit]
    backwards = start is not None and start.backwards
    if backwards:
        rows.reverse()
    return RowsPage(
        rows=as_read([row[:width] for row in rows] if shape is None else rows, shape),
        ends=[rows[0][width:], rows[-1][width:]] if rows else [],
        has_previous=more if backwards else start is not None,
        has_next=True if backwards else more,
    )


def _is_told(query: Query, shape: str | None) -> bool:
    """Whether encoded rows say themselves by what they are sorted.

    To read the id beside each takes SQLite a sixth more.
    """
    return shape == JSON.shape and [key.field.name for key in query.sort] == ["id"]


def _count(rows: Sequence[Row]) -> int:
    return int(str(rows[0][0])) if rows else 0

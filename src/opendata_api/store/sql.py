"""Queries as SQL, made here alone, from small fragments with their parameters.

One SQL for both databases: `?` marks a value, texts compare by code point, nulls are sorted by
an expression of our own. Every statement proves on its own snapshot that the release is there:
no row comes from a release that is not published.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache, lru_cache
from typing import NamedTuple

from opendata_api.describe import CONTAINS, EQ, IN, ISNULL, STARTSWITH, Dataset, area_of
from opendata_api.formats import ENCODING
from opendata_api.query import Condition, DimensionCondition, Query, SortKey
from opendata_api.query.model import PLACE, RANK
from opendata_api.store.clauses import (
    RELEASES_KEPT,
    Clause,
    Dialect,
    Question,
    Window,
    beside,
    is_published,
    join,
)
from opendata_api.store.schema import column_of
from opendata_api.store.searching import contains, found, place_of, source, wanted_of
from opendata_api.store.tokens import Match
from opendata_api.values import Stored

LAST_CODE_POINT = "\U0010ffff"
SURROGATES = range(0xD800, 0xE000)
"""Code points that no text holds."""


class Segment(Enum):
    """A part of the rows, read one after the other: nulls stand last, whole words first."""

    ALL = "all"
    PRESENT = "present"
    ABSENT = "absent"
    WHOLE = "whole"
    """Has the words whole: numbers not in longer ones, several words one behind the other."""
    SCATTERED = "scattered"
    """Has them all, but not whole."""


MATCHES = {Segment.WHOLE: Match.WHOLE, Segment.SCATTERED: Match.SCATTERED}
"""Which rows that have the words are in a part; in other parts are all."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where a page begins: the keys of the row beside it, which is not in it."""

    keys: tuple[Stored, ...]
    backwards: bool


def page_segments(query: Query, start: Start | None) -> list[tuple[Segment, bool]]:
    """The parts to read in order, each with whether the start lies in it."""
    if query.is_ranked and wanted_of(query).is_split:
        order = [Segment.WHOLE, Segment.SCATTERED]
    elif not query.is_ranked and query.sort[0].field.nullable:
        order = [Segment.PRESENT, Segment.ABSENT]
    else:
        return [(Segment.ALL, start is not None)]
    if start is None:
        return [(segment, False) for segment in order]
    # The first key is the rank, or is null in the second segment: both are false there.
    is_second = start.keys[0] == 0 if query.is_ranked else start.keys[0] is None
    here = order[is_second]
    if start.backwards:
        order.reverse()
    return [(segment, segment is here) for segment in order[order.index(here) :]]


def select_page(question: Question[Query], columns: Sequence[str], page: "Page") -> Clause:
    """One part of a page: the columns asked for, then those of the sort keys if they are too."""
    order = [_ordered(question, key) for key in question.query.sort]
    where = _on_page(question, page)
    table = question.query.dataset.table
    fragments = _fragments(question.dialect, table) if page.fragments else Clause("")
    limit = _limit(page)
    backwards = page.start is not None and page.start.backwards and not page.forwards
    keys = [_key_column(one, page.segment) for one in order] if page.keys else []
    return Clause(
        f"select {', '.join([*columns, *keys])} from {source(question)}{fragments.sql} "
        f"where {where.sql} order by {_order(order, backwards=backwards)}{limit.sql}",
        (*fragments.values, *where.values, *limit.values),
    )


class Page(NamedTuple):
    """Which rows of the order are read."""

    segment: Segment
    limit: int | None
    start: Start | None = None
    begins_here: bool = False
    fragments: bool = False
    window: Window | None = None
    keys: bool = True
    """Whether the sort keys of each row are asked for."""
    forwards: bool = False
    """Whether rows before the start are read in their order too, not the nearest to it first."""
    skipped: int = 0
    """So many rows are passed over first."""


def count_page(question: Question[Query], page: Page) -> Clause:
    """How many rows one part of a page would have without a limit; no row for none."""
    where = _on_page(question, page)
    return Clause(
        f"select count(*) from {source(question)} where {where.sql} having count(*) > 0",
        where.values,
    )


def _on_page(question: Question[Query], page: Page) -> Clause:
    """Which rows stand in one part, past the start."""
    query = question.query
    clauses = [
        *found(question, MATCHES.get(page.segment, Match.ANY), page.window),
        *matching(question),
        *_in_segment(query, page.segment),
    ]
    if page.start is not None and page.begins_here:
        order = [_ordered(question, key) for key in query.sort]
        clauses.extend(_after(order, page.start, page.segment))
    return join(clauses)


def _limit(page: Page) -> Clause:
    if page.limit is None:
        return Clause("")
    skipped = Clause(" offset ?", (page.skipped,)) if page.skipped else Clause("")
    return Clause(f" limit ?{skipped.sql}", (page.limit, *skipped.values))


def count_rows(question: Question[Query], most: int) -> Clause:
    """How many rows match, counted no further than `most`; no row for none."""
    where = join([*found(question), *matching(question)])
    return Clause(
        f"select count(*) from (select 1 from {source(question)} "
        f"where {where.sql} limit ?) matching having count(*) > 0",
        (*where.values, most),
    )


def select_record(dataset: Dataset, record_id: str, release: int) -> Clause:
    """One record as of a release, all its fields in order."""
    where = join(
        [Clause('t."area_code" = ? and t."id" = ?', (area_of(record_id), record_id)), *_at(release)]
    )
    return Clause(
        f'select {_all_columns(dataset)} from "{dataset.table}" t where {where.sql}', where.values
    )


@cache
def _all_columns(dataset: Dataset) -> str:
    return ", ".join(f"t.{column_of(field)}" for field in dataset.fields)


def select_attachment(kind: str, name: str, release: int) -> Clause:
    """A text beside the rows."""
    own = Clause('t."area_code" = ? and t."kind" = ? and t."id" = ?', (area_of(name), kind, name))
    where = join([own, *_at(release)])
    return Clause(f'select t."body" from "attachment" t where {where.sql}', where.values)


def matching(question: Question[Query]) -> list[Clause]:
    """All conditions but `q`, and that the row is of the release, which is published."""
    query = question.query
    return [
        *(_condition(question, one) for one in query.conditions),
        *(_dimension(question, one) for one in query.dimensions),
        *([_of(question.release)] if question.is_drafted else _at(question.release)),
    ]


def _at(release: int) -> list[Clause]:
    """The version that the release has, and that the release is published."""
    return [_of(release), is_published(release)]


@lru_cache(RELEASES_KEPT)
def _of(release: int) -> Clause:
    """The version that the release has."""
    return Clause('t."since" <= ? and t."until" > ?', (release, release))


def _condition(question: Question[Query], condition: Condition) -> Clause:
    if condition.operator is CONTAINS:
        return contains(question, condition)
    column = f"t.{column_of(condition.field)}"
    operator, values = condition.operator, condition.values
    if operator is ISNULL:
        return Clause(f"{column} is {'null' if values[0] else 'not null'}")
    if operator is STARTSWITH:
        return _begins_with(column, str(values[0]))
    if condition.field.name == "id" and operator in (EQ, IN):
        return among(values)
    if len(values) > 1:
        return Clause(f"{column} in ({_marks(values)})", values)
    return Clause(operator.sql.format(column=column, value="?"), values)


def _begins_with(column: str, start: str) -> Clause:
    """From the text itself to before the first that does not begin with it."""
    low = Clause(f"{column} >= ?", (start,))
    head = start.rstrip(LAST_CODE_POINT)
    if not head:
        return low
    following = ord(head[-1]) + 1
    if following in SURROGATES:
        following = SURROGATES.stop
    return join([low, Clause(f"{column} < ?", (head[:-1] + chr(following),))])


def among(ids: Sequence[Stored]) -> Clause:
    """Ids together with the areas that they name, so that they are looked for on their shards."""
    areas = sorted({area_of(str(one)) for one in ids})
    return Clause(
        f't."area_code" in ({_marks(areas)}) and t."id" in ({_marks(ids)})', (*areas, *ids)
    )


def _dimension(question: Question[Query], condition: DimensionCondition) -> Clause:
    return Clause(
        f'exists (select 1 from "{question.query.dataset.table}_dimension" d '
        f"where {beside(question.dialect, 'd')} "
        f'and d."name" = ? and d."value" in ({_marks(condition.values)}))',
        (condition.name, *condition.values),
    )


@cache
def _fragments(dialect: Dialect, table: str) -> Clause:
    """The encoded rows, on SQLite always looked up after the facts: its `cross` says so."""
    return Clause(
        f" {'cross ' if dialect is Dialect.SQLITE else ''}join "
        f'"{table}_fragment" f '
        f'on {beside(dialect, "f")} and f."encoding" = ?',
        (ENCODING,),
    )


def _marks(values: Sequence[Stored]) -> str:
    return ", ".join("?" * len(values))


class _Ordered(NamedTuple):
    """A sort key and the column that it sorts by."""

    column: str
    nullable: bool
    descending: bool
    is_rank: bool


def _ordered(question: Question[Query], key: SortKey) -> _Ordered:
    field = key.field
    column = place_of(question) if field is PLACE else f"t.{column_of(field)}"
    return _Ordered(column, field.nullable, key.descending, field is RANK)


def _key_column(key: _Ordered, segment: Segment) -> str:
    if key.is_rank:
        return "1" if segment is Segment.WHOLE else "0"
    return key.column


def _in_segment(query: Query, segment: Segment) -> Iterator[Clause]:
    column = f"t.{column_of(query.sort[0].field)}"
    if segment in (Segment.PRESENT, Segment.ABSENT):
        yield Clause(f"{column} is {'not null' if segment is Segment.PRESENT else 'null'}")


def _order(order: Sequence[_Ordered], *, backwards: bool) -> str:
    """The sort keys; the nulls of the first are a segment of their own."""
    terms = []
    for place, key in enumerate(order):
        if key.is_rank:
            continue
        if place and key.nullable:
            terms.append(f"{key.column} is null{' desc' if backwards else ''}")
        terms.append(f"{key.column}{' desc' if key.descending != backwards else ''}")
    return ", ".join(terms)


def _after(order: Sequence[_Ordered], start: Start, segment: Segment) -> Iterator[Clause]:
    """Rows past the start: a range of the first key for the index, then the exact rule."""
    keys = list(zip(order, start.keys, strict=True))
    if segment is Segment.ABSENT or keys[0][0].is_rank:
        keys = keys[1:]
    first, value = keys[0]
    if len(keys) == 1:
        yield _beyond(first, value, backwards=start.backwards)
        return
    if segment is Segment.PRESENT or not first.nullable:
        sign = "<=" if first.descending != start.backwards else ">="
        yield Clause(f"{first.column} {sign} ?", (value,))
    choices = []
    for place, (key, value) in enumerate(keys):
        equal = [_equal(other, same) for other, same in keys[:place]]
        choices.append(join([*equal, _beyond(key, value, backwards=start.backwards)]))
    yield Clause(
        "(" + " or ".join(f"({choice.sql})" for choice in choices) + ")",
        tuple(value for choice in choices for value in choice.values),
    )


def _equal(key: _Ordered, value: Stored) -> Clause:
    if value is None:
        return Clause(f"{key.column} is null")
    return Clause(f"{key.column} = ?", (value,))


def _beyond(key: _Ordered, value: Stored, *, backwards: bool) -> Clause:
    """The key lies past the value; nulls are last, so they are first backwards."""
    if value is None:
        return Clause(f"{key.column} is not null" if backwards else "1 = 0")
    sign = "<" if key.descending != backwards else ">"
    if key.nullable and not backwards:
        return Clause(f"({key.column} {sign} ? or {key.column} is null)", (value,))
    return Clause(f"{key.column} {sign} ?", (value,))

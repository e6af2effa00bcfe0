"""Statements of pages, written once for the questions that differ in values alone.

To write one takes a fifteenth of the time of a page, and pages are asked for by a few filters.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import itemgetter
from typing import NamedTuple, cast

from opendata_api.describe import CONTAINS, IN, ISNULL, STARTSWITH
from opendata_api.query import Condition, Query
from opendata_api.store.clauses import Clause, Dialect, Question
from opendata_api.store.known import Kept
from opendata_api.store.sql import Page, Segment, Start, select_page
from opendata_api.values import Stored

PREPARED_MAX = 1_000
"""So many statements are kept: some 2 MB."""

READ_BY_VALUE = (IN, STARTSWITH, CONTAINS, ISNULL)
"""Operators whose SQL depends on their values."""


class _Shape(NamedTuple):
    """What the text of a statement depends on, and the values that questions share."""

    dialect: Dialect
    release: int
    dataset: str
    columns: tuple[str, ...]
    conditions: tuple[tuple[str, str], ...]
    """The field and the operator of each."""
    sort: tuple[tuple[str, bool], ...]
    segment: Segment
    begins_here: bool
    backwards: bool
    forwards: bool
    fragments: bool
    keys: bool
    is_drafted: bool


class _Mark(str):
    """Stands for a value until a question gives it."""

    __slots__ = ("place",)
    place: int

    @classmethod
    def at(cls, place: int) -> "_Mark":
        """The mark of the value at that place among those that a question gives."""
        mark = cls()
        mark.place = place
        return mark


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A statement without the values of one question."""

    sql: str
    order: Callable[[tuple[Stored, ...]], tuple[Stored, ...]]
    """Puts values in the order of the placeholders: a question's own, then the others."""
    others: tuple[Stored, ...]

    def of(self, given: tuple[Stored, ...]) -> Clause:
        """The statement of a question that gives those values."""
        return Clause(self.sql, self.order((*given, *self.others)))


_KEPT: Kept[_Prepared] = Kept(PREPARED_MAX)


def select_rows(question: Question[Query], columns: Sequence[str], page: Page) -> Clause:
    """What `select_page` gives."""
    given = _values(question.query, page)
    if given is None:
        return select_page(question, columns, page)
    shape = _shape_of(question, columns, page)
    known = _KEPT.find(shape) or _KEPT.keep(shape, _prepare(question, columns, page))
    return known.of(given)


def _values(query: Query, page: Page) -> tuple[Stored, ...] | None:
    """What a question gives of its own; None where its text depends on it."""
    if query.words or query.dimensions or not all(map(_is_plain, query.conditions)):
        return None
    keys = page.start.keys if page.start is not None and page.begins_here else ()
    if page.limit is None or page.skipped or page.window or None in keys:
        return None
    return (page.limit, *keys, *[one.values[0] for one in query.conditions])


def _is_plain(condition: Condition) -> bool:
    return (
        len(condition.values) == 1
        and condition.operator not in READ_BY_VALUE
        and condition.field.name != "id"
    )


def _shape_of(question: Question[Query], columns: Sequence[str], page: Page) -> _Shape:
    query = question.query
    return _Shape(
        question.dialect,
        question.release,
        query.dataset.name,
        tuple(columns),
        tuple([(one.field.name, one.operator.key) for one in query.conditions]),
        tuple([(one.field.name, one.descending) for one in query.sort]),
        page.segment,
        page.begins_here,
        page.start is not None and page.start.backwards,
        page.forwards,
        page.fragments,
        page.keys,
        question.is_drafted,
    )


def _prepare(question: Question[Query], columns: Sequence[str], page: Page) -> _Prepared:
    """The statement, made with marks in the place of what the question gives."""
    query, start = question.query, page.start
    count = 1 + (len(start.keys) if start is not None and page.begins_here else 0)
    keys = tuple(map(_Mark.at, range(1, count)))
    conditions = tuple(
        replace(one, values=(_Mark.at(place),)) for place, one in enumerate(query.conditions, count)
    )
    marked = page._replace(
        limit=cast("int", _Mark.at(0)),
        start=Start(keys, start.backwards) if start is not None and page.begins_here else start,
    )
    asked = replace(question, query=replace(query, conditions=conditions))
    sql, values = select_page(asked, columns, marked)
    others = tuple(value for value in values if not isinstance(value, _Mark))
    places = iter(range(count + len(conditions), count + len(conditions) + len(others)))
    order = [value.place if isinstance(value, _Mark) else next(places) for value in values]
    return _Prepared(sql, itemgetter(*order), others)

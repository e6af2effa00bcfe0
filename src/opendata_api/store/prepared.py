"""Statements of pages, written once for the questions that differ in values alone."""

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
PARTS_MAX = 8
"""So many statements are kept, each of so many columns, conditions and sort keys: some 2 MB."""

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
    """Stands for a value until a question gives it.

    All are the empty text: what writes the SQL looks at no value, but for whether it is null.
    """

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
    if not _is_common(question.query, columns, page):
        return select_page(question, columns, page)
    shape = _shape_of(question, columns, page)
    known = _KEPT.find(shape) or _KEPT.keep(shape, _prepare(question, columns, page))
    return known.of(_values(question.query, page))


def _is_common(query: Query, columns: Sequence[str], page: Page) -> bool:
    """Whether the text depends on none of the values, as it does not for most pages."""
    if query.words or query.dimensions or page.limit is None or page.skipped or page.window:
        return False
    if len(columns) + len(query.conditions) + len(query.sort) > PARTS_MAX:
        return False
    return None not in _beginning(page) and all(map(_has_one_value, query.conditions))


def _has_one_value(condition: Condition) -> bool:
    """Whether a condition compares with one value that its SQL does not depend on."""
    return (
        len(condition.values) == 1
        and condition.operator not in READ_BY_VALUE
        and condition.field.name != "id"
    )


def _values(query: Query, page: Page) -> tuple[Stored, ...]:
    """What a question gives of its own: the limit, where it begins, what it compares with."""
    return (page.limit, *_beginning(page), *[one.values[0] for one in query.conditions])


def _beginning(page: Page) -> tuple[Stored, ...]:
    """The keys that a page begins behind."""
    return page.start.keys if page.start is not None and page.begins_here else ()


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
    count, cut = len(_values(query, page)), len(_beginning(page))
    limit, *marks = map(_Mark.at, range(count))  # in the order of `_values`
    keys, compared = tuple(marks[:cut]), marks[cut:]
    conditions = tuple(
        replace(one, values=(mark,)) for one, mark in zip(query.conditions, compared, strict=True)
    )
    marked = page._replace(
        limit=cast("int", limit),
        start=None if start is None else Start(keys, start.backwards),
    )
    asked = replace(question, query=replace(query, conditions=conditions))
    sql, values = select_page(asked, columns, marked)
    others = tuple(value for value in values if not isinstance(value, _Mark))
    places = iter(range(count, count + len(others)))
    order = [value.place if isinstance(value, _Mark) else next(places) for value in values]
    return _Prepared(sql, itemgetter(*order), others)

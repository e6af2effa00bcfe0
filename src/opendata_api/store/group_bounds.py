"""What a question to groups may read, and the refusal of what would read more."""

from dataclasses import dataclass

from opendata_api.describe import EQ, filter_name
from opendata_api.errors import ExpensiveQuery, Fault
from opendata_api.query import BY, GROUP_BY, GroupQuery
from opendata_api.store.clauses import Steps
from opendata_api.store.groups import GroupQuestion
from opendata_api.store.known import Known
from opendata_api.store.steps import known_rows_steps, narrow_steps
from opendata_api.words import Text

FEW_ROWS = 5_000
"""So many rows are read in a small part of the time that a read may take."""


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a question to groups may cost, and what is known that spares reading."""

    most: int
    """So many rows may be read."""
    count: int
    """No more are found."""
    known: Known


def bounded_steps(question: GroupQuestion, bounds: Bounds) -> Steps[GroupQuestion]:
    """The question, so led that not more rows are read than may be. Raises ExpensiveQuery."""
    most = bounds.most
    if bounds.count <= most:
        return question
    wide = question.asking(question.query.widened)
    if not question.query.is_searched and (yield from is_narrow(wide, bounds)):
        return question
    narrowed = yield from narrow_steps(question, most, bounds.known.counts)
    if narrowed is not None:
        return narrowed
    message = Text(
        "符合条件的行超过{most}行，不能分组；请再加条件",
        "more than {most} rows match, too many to group; add a filter",
    )
    raise ExpensiveQuery(too_many(question.query, message.format(most=most)))


def is_narrow(question: GroupQuestion, bounds: Bounds) -> Steps[bool]:
    """Whether not more rows than may be read meet plain conditions."""
    if bounds.count <= bounds.most:
        return True
    if not question.query.is_filtered:
        return False
    return (yield from known_rows_steps(question, bounds.most, bounds.known.counts)) <= bounds.most


def is_hardly_wider(question: GroupQuestion, wide: GroupQuestion, bounds: Bounds) -> Steps[bool]:
    """Whether reading all rows of a wide question takes hardly longer than those asked for."""
    if bounds.count <= FEW_ROWS or wide.query.filters == question.query.filters:
        return True
    counts = bounds.known.counts
    count = yield from known_rows_steps(wide, bounds.most, counts)
    half = count // 2
    return count <= FEW_ROWS or (yield from known_rows_steps(question, half, counts)) > half


def too_many(query: GroupQuery, message: Text) -> Fault:
    """The fault of asking too much, with the filters that are left to narrow it."""
    used = {condition.field.name for condition in query.conditions}
    narrowing = tuple(
        filter_name(field, operator)
        for field, operator in query.dataset.filters
        if operator is EQ and field.name not in used
    )
    parameter = BY.name if query.is_of_facets else GROUP_BY.name
    return Fault(message, parameter=parameter, allowed=narrowing)

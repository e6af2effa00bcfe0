"""The refusal of what would read too much."""

from opendata_api.describe import EQ, filter_name
from opendata_api.errors import ExpensiveQuery, Fault
from opendata_api.query import Query
from opendata_api.words import Text

TOO_MANY_SORTED = Text(
    "符合条件的行超过{most}行，不能这样排序；请再加条件",
    "more than {most} rows match, too many to sort this way; add a filter",
)
TOO_MANY_FOUND = Text(
    "含有这些词的行超过{most}行，其他条件也不能缩小范围；请再加条件",
    "more than {most} rows have these words, and nothing else narrows them; add a filter",
)


def too_expensive(query: Query, most: int) -> ExpensiveQuery:
    """The refusal of a query that would read more rows, with the filters that would narrow it."""
    used = {condition.field.name for condition in query.conditions}
    narrowing = tuple(
        filter_name(field, operator)
        for field, operator in query.dataset.filters
        if operator is EQ and field.name not in used
    )
    is_sort = not query.is_searched
    message = TOO_MANY_SORTED if is_sort else TOO_MANY_FOUND
    fault = Fault(
        message.format(most=most), parameter="sort" if is_sort else None, allowed=narrowing
    )
    return ExpensiveQuery(fault)

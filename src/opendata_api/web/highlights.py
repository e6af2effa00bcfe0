"""Where in a record the words stand that were searched for."""

from collections.abc import Callable, Mapping

from opendata_api.describe import CONTAINS, Field
from opendata_api.folding import find_words
from opendata_api.query import Query
from opendata_api.values import Row

Highlights = list[dict[str, object]]


def find_highlights(query: Query, row: Row) -> Highlights:
    """The runs in the fields asked for, by field and place; code points, end exclusive.

    `row` has the query's fields in order. Offsets count in the text of the field itself.
    """
    names = [field.name for field in query.fields]
    return highlighter(query)(dict(zip(names, row, strict=True)))


def highlighter(query: Query) -> Callable[[Mapping[str, object]], Highlights]:
    """What finds them in many records, each its values by the names of the fields."""
    fields = [(field.name, words_in(query, field)) for field in query.fields]
    searched = [(name, words) for name, words in fields if words]

    def find(record: Mapping[str, object]) -> Highlights:
        return [
            {"field": name, "start": span.start, "end": span.end}
            for name, words in searched
            if record[name] is not None
            for span in find_words(str(record[name]), words)
        ]

    return find


def words_in(query: Query, field: Field) -> list[str]:
    """The words that are searched for in a field, by `q` or in it alone."""
    words = [*query.words] if field.about.searched else []
    for condition in query.conditions:
        if condition.operator is CONTAINS and condition.field == field:
            words += str(condition.values[0]).split(" ")
    return words

"""Where in a record the words stand that were searched for."""

from opendata_api.describe import CONTAINS, Field
from opendata_api.folding import find_words
from opendata_api.query import Query
from opendata_api.values import Row


def find_highlights(query: Query, row: Row) -> list[dict[str, object]]:
    """The runs in the fields asked for, by field and place; code points, end exclusive.

    `row` has the query's fields in order. Offsets count in the text of the field itself.
    """
    found: list[dict[str, object]] = []
    for field, value in zip(query.fields, row, strict=True):
        words = words_in(query, field)
        if words and value is not None:
            found += [
                {"field": field.name, "start": span.start, "end": span.end}
                for span in find_words(str(value), words)
            ]
    return found


def words_in(query: Query, field: Field) -> list[str]:
    """The words that are searched for in a field, by `q` or in it alone."""
    words = [*query.words] if field.about.searched else []
    for condition in query.conditions:
        if condition.operator is CONTAINS and condition.field == field:
            words += str(condition.values[0]).split(" ")
    return words

"""The rows of groups: their keys, what is computed of each, and the order they stand in."""

from collections.abc import Iterable, Sequence
from operator import itemgetter

from opendata_api.query import GroupQuery
from opendata_api.store.cells import Figures, Group, computer, figures_of
from opendata_api.store.rule import measure_of
from opendata_api.values import Row, Stored

AMBIGUOUS = "ambiguous"
"""How a value stands to the true one if the text leaves open what a figure of it means."""


def rows_of(query: GroupQuery, groups: Sequence[Group]) -> Sequence[Row]:
    """The rows of groups whose figures were compared."""
    ambiguous = measure_of(query).meanings.ambiguous
    told = (((*one.keys, one.unit), one.has_status(ambiguous), one.figures) for one in groups)
    return _computed_rows(query, told)


def sound_rows(query: GroupQuery, rows: Sequence[Row]) -> Sequence[Row]:
    """The rows of groups as `select_figures` gives them."""
    place = len(query.keys) + 1
    read = figures_of(query.functions)
    told = ((row[:place], row[place] != 0, read(row[place + 1 :])) for row in rows)
    return _computed_rows(query, told)


def in_order(rows: Sequence[Row], width: int) -> Sequence[Row]:
    """The rows in the order of so many keys, each of them null last."""
    keys = itemgetter(slice(width))
    if any(None in keys(row) for row in rows):
        return sorted(rows, key=lambda row: nulls_last(keys(row)))
    return sorted(rows, key=keys)


def nulls_last(keys: Row) -> list[tuple[bool, Stored]]:
    """What sorts keys, null behind all others."""
    return [(key is None, key) for key in keys]


def _computed_rows(query: GroupQuery, groups: Iterable[tuple[Row, bool, Figures]]) -> Sequence[Row]:
    """Of each group the keys and the unit, then what is computed; some figures are ambiguous."""
    computers = [(computer(one.function), one.field is None) for one in query.aggregates]
    rows = []
    for told, is_ambiguous, figures in groups:
        values: list[Stored] = [*told]
        for compute, is_count in computers:
            value, qualifier = compute(figures)
            values.append(value)
            if not is_count:
                is_told = is_ambiguous and qualifier is not None
                values.append(AMBIGUOUS if is_told else qualifier)
        rows.append(tuple(values))
    return rows

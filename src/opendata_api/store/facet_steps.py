"""Counting rows by each of several keys, in as few reads as may be."""

from collections.abc import Sequence
from dataclasses import replace
from typing import cast

from opendata_api.store import groups as sql
from opendata_api.store.clauses import Steps
from opendata_api.values import Row, Stored

MET_MAX = 10_000
"""The values of several keys are read at once where they meet in no more ways."""


def counted_steps(question: sql.GroupQuestion) -> Steps[Sequence[Sequence[Row]]]:
    """The values of each key with their counts.

    The keys of some rows are read at once, unless their values meet in too many ways; those of all
    rows one after the other, each from its own index.
    """
    query = question.query
    if len(query.keys) > 1 and query.is_filtered:
        met = yield sql.count_by(question, MET_MAX + 1)
        if len(met) <= MET_MAX:
            return [_added_up(met, place) for place in range(len(query.keys))]
    counted: list[Sequence[Row]] = []
    for key in query.keys:
        counted += [(yield sql.count_by(question.asking(replace(query, keys=(key,)))))]
    return counted


def _added_up(met: Sequence[Row], place: int) -> Sequence[Row]:
    """The values at a place with their counts, of values that met in groups."""
    counts: dict[Stored, int] = {}
    for row in cast("Sequence[tuple[int, ...]]", met):
        value = row[place]
        counts[value] = counts.get(value, 0) + row[-1]
    return list(counts.items())

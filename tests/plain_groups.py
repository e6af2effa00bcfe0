"""Facets and aggregates in plain Python, pair by pair, to compare the service with."""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import permutations
from math import inf
from typing import Any

from opendata_api.describe import ISNULL, Dataset
from opendata_api.query import Aggregate, Condition, Function, GroupQuery, Key
from opendata_api.store.model import Groups
from opendata_api.values import Row, Stored

Figure = Mapping[str, Any]
Keys = tuple[Stored, ...]


def as_figures(dataset: Dataset, rows: Iterable[Row]) -> list[Figure]:
    names = [field.name for field in dataset.stored]
    return [dict(zip(names, row, strict=False)) for row in rows]


def matching(query: GroupQuery, figures: Sequence[Figure]) -> list[Figure]:
    return [
        figure
        for figure in figures
        if all(_holds(one, figure[one.field.name]) for one in query.conditions)
        and all(dimensions(figure).get(one.name) in one.values for one in query.dimensions)
    ]


def _holds(condition: Condition, value: Stored) -> bool:
    if condition.operator is ISNULL:
        return (value is None) == bool(condition.values[0])
    return value in condition.values


def dimensions(figure: Figure) -> dict[str, str]:
    found: dict[str, str] = json.loads(figure.get("dimensions", "{}"))
    return found


def value_of(key: Key, figure: Figure) -> Stored:
    if key.dimension is not None:
        return dimensions(figure).get(key.dimension)
    value: Stored = figure[key.name]
    return value


def grouped(query: GroupQuery, figures: Sequence[Figure]) -> dict[Keys, list[Figure]]:
    groups: dict[Keys, list[Figure]] = {}
    for figure in matching(query, figures):
        groups.setdefault(tuple(value_of(key, figure) for key in query.keys), []).append(figure)
    return groups


def plain_facets(query: GroupQuery, figures: Sequence[Figure]) -> list[Groups]:
    facets = []
    for key in query.keys:
        counts = Counter(value_of(key, figure) for figure in matching(query, figures))
        rows = sorted(counts.items(), key=lambda one: (one[0] is None, -one[1], one[0]))
        facets.append(Groups(rows[: query.limit], len(rows)))
    return facets


def plain_groups(query: GroupQuery, figures: Sequence[Figure]) -> Groups:
    rows = [
        (
            *keys,
            *([own[0]["unit"]] if query.computed else []),
            *(value for one in query.aggregates for value in computed(one, own)),
        )
        for keys, own in grouped(query, figures).items()
    ]
    width = len(query.keys)
    rows.sort(key=lambda row: [(value is None, value) for value in row[:width]])
    return Groups(rows[: query.limit], len(rows))


def computed(aggregate: Aggregate, figures: Sequence[Figure]) -> list[Any]:
    """The value × 10^6 with its qualifier, or the number of rows."""
    if aggregate.function is Function.COUNT:
        return [len(figures)]
    given = [one for one in figures if one["value"] is not None]
    if not given:
        return [None, None]
    total = TOTALS[aggregate.function]
    value = round(total([one["value"] for one in given]))
    if any(one["status"] == "ambiguous" for one in figures):
        return [value, "ambiguous"]
    if len(given) < len(figures):
        return [value, "partial"]
    exact = total([one["value"] for one in given])
    low = total([-inf if one["value_min"] is None else one["value_min"] for one in given])
    high = total([inf if one["value_max"] is None else one["value_max"] for one in given])
    bounds = (low == exact, high == exact)
    names = {(True, True): "exact", (True, False): "at_least", (False, True): "at_most"}
    return [value, names.get(bounds, "about")]


def _mean(values: Sequence[Any]) -> Any:
    total = sum(values)
    return total if total in (inf, -inf) else Fraction(total, len(values))


TOTALS: Mapping[Function, Callable[[Sequence[Any]], Any]] = {
    Function.SUM: sum,
    Function.AVG: _mean,
    Function.MIN: min,
    Function.MAX: max,
}


def reasons(query: GroupQuery, figures: Sequence[Figure]) -> set[str]:
    """Why the query asks for nonsense, by name; empty where it does not.

    Whether periods overlap is only looked at where nothing else is wrong.
    """
    functions = {one.function for one in query.aggregates}
    above = {figure["id"]: figure["part_of"] for figure in figures}
    found = {
        name
        for own in grouped(query, figures).values()
        for one, other in permutations(own, 2)
        for name in (
            *(_unlike(one, other) if functions & ALL else ()),
            *(_not_added(one, other, above) if functions & ADDED else ()),
            *(_years(one, other) if Function.SUM in functions else ()),
        )
    }
    return found - {"period"} or found


ALL = {Function.SUM, Function.AVG, Function.MIN, Function.MAX}
ADDED = {Function.SUM, Function.AVG}


def _unlike(one: Figure, other: Figure) -> Iterator[str]:
    for name in ("unit", "metric", "role", "basis"):
        if one[name] != other[name]:
            yield name


def _years(one: Figure, other: Figure) -> Iterator[str]:
    are_levels = {one["period_kind"], other["period_kind"]} <= {"stock", "cumulative"}
    if are_levels and one["year"] != other["year"]:
        yield "years"


def _not_added(one: Figure, other: Figure, above: Mapping[str, str | None]) -> Iterator[str]:
    mine, others = dimensions(one), dimensions(other)
    same = ("metric", "role", "basis", "body_id", "dimensions")
    found = {
        "rate": one["unit"] == "percent",
        "each": one["basis"] != "total",
        "period_kind": one["period_kind"] != other["period_kind"],
        "unknown_period": one["period_kind"] == "unknown",
        "ambiguous": one["status"] == "ambiguous",
        "dimensions": mine.keys() != others.keys(),
        "total": any(mine[name] == "total" != others.get(name, "total") for name in mine),
        "part": other["id"] in _above(one["id"], above),
        "repeat": other["id"] in json.loads(one["same_as"]),
        "body": _contains(other["body_id"], one["body_id"]),
        "period": all(one[name] == other[name] for name in same) and _overlap(one, other),
    }
    yield from (name for name, is_so in found.items() if is_so)


def _above(name: str, above: Mapping[str, str | None]) -> set[str]:
    found: set[str] = set()
    total = above.get(name)
    while total is not None and total not in found:
        found.add(total)
        total = above.get(total)
    return found - {name}


def _contains(outer: str, inner: str) -> bool:
    """cn450200 contains cn450203, and that cn450203-sfj."""
    if outer == inner or "-" in outer:
        return False
    return inner.startswith(outer.removesuffix("00").removesuffix("00"))


def _overlap(one: Figure, other: Figure) -> bool:
    places = [one["period_start"], one["period_end"], other["period_start"], other["period_end"]]
    if None in places:
        return False
    start, end, other_start, other_end = places
    return bool(start <= other_end and other_start <= end)

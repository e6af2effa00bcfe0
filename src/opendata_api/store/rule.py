"""Rules of what can't be computed of figures: how a breach is found, told and mended."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum

import orjson

from opendata_api.describe import EQ, ISNULL
from opendata_api.errors import Fault
from opendata_api.measure import Measure
from opendata_api.query import (
    AGG,
    Condition,
    Function,
    GroupQuery,
    Key,
)
from opendata_api.query.groups import group_keys
from opendata_api.store.cells import Cell, Group
from opendata_api.values import Row
from opendata_api.words import Text

ADDED = frozenset({Function.SUM, Function.AVG})
COMPUTED = ADDED | {Function.MIN, Function.MAX}


class Overlap(Enum):
    """How two figures of a group overlap, which only the rows themselves tell."""

    PART = "part"
    REPEAT = "repeat"
    BODY = "body"
    PERIOD = "period"


Overlaps = Mapping[tuple[Overlap, Row], tuple[str, str]]
"""By kind and group: the ids of two such figures."""

Ids = tuple[str, str]
Find = Callable[[Measure, Group], Ids | None]
Mend = Callable[[GroupQuery, Measure, Group], GroupQuery]


def _as_it_is(query: GroupQuery, _measure: Measure, _group: Group) -> GroupQuery:
    return query


@dataclass(frozen=True, slots=True)
class Rule:
    """Something that figures can't be computed with."""

    functions: frozenset[Function]
    words: Text
    """Of `{one}` and `{other}`, two ids."""
    find: Find | Overlap
    """Two figures of a group that break it."""
    mend: Mend = _as_it_is
    """The query that would not break it, where one is known."""

    def broken(self, measure: Measure, group: Group, overlaps: Overlaps) -> Ids | None:
        """Two figures that break it; a group of one figure breaks none."""
        if group.figures.rows < 2:  # noqa: PLR2004
            return None
        if isinstance(self.find, Overlap):
            return overlaps.get((self.find, group.keys))
        return self.find(measure, group)


@dataclass(frozen=True, slots=True)
class Breach:
    """A rule, the first group that breaks it, and two of its figures."""

    rule: Rule
    group: Group
    ids: Ids

    @property
    def fault(self) -> Fault:
        """What the caller is told."""
        one, other = self.ids
        return Fault(self.rule.words.format(one=one, other=other), parameter=AGG.name)


def differ(of: Callable[[Cell], object]) -> Find:
    """Two figures that are not alike in something."""

    def find(_measure: Measure, group: Group) -> Ids | None:
        first, *others = group.cells
        other = next((cell for cell in others if of(cell) != of(first)), None)
        return None if other is None else (first.examples[0], other.examples[0])

    return find


def having(has: Callable[[Measure, Cell], bool]) -> Find:
    """A figure that has something, and any other."""

    def find(measure: Measure, group: Group) -> Ids | None:
        found = next((cell for cell in group.cells if has(measure, cell)), None)
        if found is None:
            return None
        other = next((cell for cell in group.cells if cell is not found), None)
        return found.examples if other is None else (found.examples[0], other.examples[0])

    return find


def levels_of_years(measure: Measure, group: Group) -> Ids | None:
    """Figures at a moment, of more than one year."""
    levels = [cell for cell in group.cells if cell.alike.period_kind in measure.meanings.levels]
    if len({year for cell in levels for year in cell.years}) < 2:  # noqa: PLR2004
        return None
    first = min(levels, key=lambda cell: cell.years[0])
    last = max(levels, key=lambda cell: cell.years[1])
    return first.examples[0], last.examples[1]


def dimensions_of(cell: Cell) -> Mapping[str, str]:
    """The dimensions that its figures state."""
    found: Mapping[str, str] = orjson.loads(cell.alike.dimensions)
    return found


def totals(measure: Measure, group: Group) -> Ids | None:
    """A figure whose dimension says total, and one that has another value there."""
    total = measure.meanings.total
    stated = [(cell.examples[0], dimensions_of(cell)) for cell in group.cells]
    for one, dimensions in stated:
        for name in (name for name, value in dimensions.items() if value == total):
            for other, others in stated:
                if others.get(name, total) != total:
                    return one, other
    return None


def by(name: Callable[[Measure], str]) -> Mend:
    """Group by a field too."""

    def mend_by(query: GroupQuery, measure: Measure, _group: Group) -> GroupQuery:
        return query.by(group_keys(query.dataset)[name(measure)])

    return mend_by


def by_dimensions(query: GroupQuery, _measure: Measure, group: Group) -> GroupQuery:
    """Group by each dimension of the figures too."""
    names = sorted({name for cell in group.cells for name in dimensions_of(cell)})
    return query.by(*(Key.of_dimension(name) for name in names))


def where(name: Callable[[Measure], str], code: Callable[[Measure], str]) -> Mend:
    """Only the figures that have a code."""

    def mend_where(query: GroupQuery, measure: Measure, _group: Group) -> GroupQuery:
        field = query.dataset.field[name(measure)]
        return query.where(Condition(field, EQ, (code(measure),)))

    return mend_where


def no_parts(query: GroupQuery, measure: Measure, _group: Group) -> GroupQuery:
    """Only the figures that are part of no other."""
    field = query.dataset.field[measure.links.part_of]
    return query.where(Condition(field, ISNULL, (1,)))


def measure_of(query: GroupQuery) -> Measure:
    """The measure of a dataset whose figures are computed."""
    if query.dataset.measure is None:
        raise TypeError(f"{query.dataset.name} has no figures")
    return query.dataset.measure


def is_added(query: GroupQuery) -> bool:
    """Whether figures are added, be it for their mean."""
    return any(one.function in ADDED for one in query.computed)

"""Figures of a group, gathered by what they have in common, and what is computed of them.

A value is an integer × 10^6 of 64 bits. Sums are gathered in two halves, so that they overflow
in no database, and joined here.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial, reduce
from operator import itemgetter
from typing import NamedTuple, cast

from opendata_api.query import Function
from opendata_api.values import Row, Stored

HALF_BITS = 32


@dataclass(frozen=True, slots=True)
class Alike:
    """What all figures of a cell have in common."""

    unit: str
    metric: str
    role: str
    basis: str
    period_kind: str
    status: str
    dimensions: str


class Figures(NamedTuple):
    """What is kept of figures, so that more can be joined to them."""

    rows: int
    given: int
    """Of these the values are there."""
    total: int
    least: int | None
    greatest: int | None
    bounded_below: int
    """So many have a lower bound."""
    bounded_above: int
    no_less: int
    """So many are their own lower bound."""
    no_more: int
    least_low: int | None
    greatest_low: int | None
    least_high: int | None
    greatest_high: int | None

    @classmethod
    def of(cls, row: Sequence[Stored]) -> "Figures":
        """Those of a statement's row, whose total stands in two halves."""
        rows, given, upper, lower, *others = cast("Sequence[int]", row)
        total = ((upper or 0) << HALF_BITS) + (lower or 0)
        return cls._make((rows, given, total, *others))

    def joined(self, other: "Figures") -> "Figures":
        """Both together."""
        return Figures(
            self.rows + other.rows,
            self.given + other.given,
            self.total + other.total,
            _least(self.least, other.least),
            _greatest(self.greatest, other.greatest),
            self.bounded_below + other.bounded_below,
            self.bounded_above + other.bounded_above,
            self.no_less + other.no_less,
            self.no_more + other.no_more,
            _least(self.least_low, other.least_low),
            _greatest(self.greatest_low, other.greatest_low),
            _least(self.least_high, other.least_high),
            _greatest(self.greatest_high, other.greatest_high),
        )


_EVERY = frozenset(Function)
_ADDED = frozenset({Function.SUM, Function.AVG})
_LEAST = frozenset({Function.MIN})
_GREATEST = frozenset({Function.MAX})
_NEEDED = (
    ("count(*)", _EVERY),
    ("count({value})", _EVERY),
    (f"cast(sum({{value}} >> {HALF_BITS}) as bigint)", _ADDED),
    (f"cast(sum({{value}} & {2**HALF_BITS - 1}) as bigint)", _ADDED),
    ("min({value})", _LEAST),
    ("max({value})", _GREATEST),
    ("count({low})", _LEAST),
    ("count({high})", _GREATEST),
    ("count(case when {own_low} = {value} then 1 end)", _ADDED),
    ("count(case when {own_high} = {value} then 1 end)", _ADDED),
    ("min({low})", _LEAST),
    ("max({low})", _GREATEST),
    ("min({high})", _LEAST),
    ("max({high})", _GREATEST),
)
"""A column, and the functions that can't be computed without it."""

FIGURE_COLUMNS = tuple(column for column, _ in _NEEDED)
"""The columns that `Figures.of` reads."""


@cache
def columns_for(functions: frozenset[Function]) -> Sequence[str]:
    """Of the columns that `Figures.of` reads those that a function can't be computed without."""
    return [column for column, needing in _NEEDED if needing & functions]


@cache
def figures_of(functions: frozenset[Function]) -> Callable[[Row], Figures]:
    """What reads a row of those columns; of the others nothing is known."""
    needed = [bool(needing & functions) for _, needing in _NEEDED]
    places = [sum(needed[:place]) if is_read else -1 for place, is_read in enumerate(needed)]
    pick = itemgetter(*places)
    return lambda row: Figures.of(pick((*row, None)))


@dataclass(frozen=True, slots=True)
class Cell:
    """The figures of a group that are alike."""

    alike: Alike
    examples: tuple[str, str]
    """The first and the last of their ids."""
    years: tuple[int, int]
    """The first and the last."""
    bodies: tuple[str, str]
    parts: int
    """So many are said to be part of another figure."""
    repeats: int
    """So many are printed elsewhere too."""
    figures: Figures


@dataclass(frozen=True, slots=True)
class Group:
    """The rows that are computed together."""

    keys: Row
    cells: Sequence[Cell]
    figures: Figures
    """All of them."""

    @classmethod
    def of(cls, keys: Row, cells: Sequence[Cell]) -> "Group":
        """The group that consists of the cells."""
        return cls(keys, cells, reduce(Figures.joined, (cell.figures for cell in cells)))

    def has_status(self, status: str) -> bool:
        """Whether any of its figures has it."""
        return any(cell.alike.status == status for cell in self.cells)

    @property
    def unit(self) -> str:
        """The unit of all its figures, once no rule is broken."""
        return self.cells[0].alike.unit


def computer(function: Function) -> "Compute":
    """What computes a function of the figures of a group.

    It gives the value × 10^6, or the number of rows, with how that stands to the true one:
    `exact`, `at_least`, `at_most`, `about`, or `partial` where the text leaves a value out;
    null for a number of rows, and where there is no value.
    """
    return _count if function is Function.COUNT else partial(_value, _BOUNDED[function])


def _count(figures: Figures) -> tuple[int | None, str | None]:
    return figures.rows, None


def _value(of: "Callable[[Figures], Bounded]", figures: Figures) -> tuple[int | None, str | None]:
    if not figures.given:
        return None, None
    value, is_low, is_high = of(figures)
    if figures.given < figures.rows:
        return value, "partial"
    return value, _QUALIFIER[is_low, is_high]


_QUALIFIER = {
    (True, True): "exact",
    (True, False): "at_least",
    (False, True): "at_most",
    (False, False): "about",
}

Compute = Callable[[Figures], tuple[int | None, str | None]]
Bounded = tuple[int, bool, bool]
"""A value, whether the true one is not below it, and whether it is not above it."""


def _sum(figures: Figures) -> Bounded:
    return figures.total, *_own_bounds(figures)


def _mean(figures: Figures) -> Bounded:
    return divide_half_even(figures.total, figures.given), *_own_bounds(figures)


def _own_bounds(figures: Figures) -> tuple[bool, bool]:
    return figures.no_less == figures.given, figures.no_more == figures.given


def _min(figures: Figures) -> Bounded:
    value = figures.least or 0
    is_bounded = figures.bounded_below == figures.given
    return value, is_bounded and figures.least_low == value, figures.least_high == value


def _max(figures: Figures) -> Bounded:
    value = figures.greatest or 0
    is_bounded = figures.bounded_above == figures.given
    return value, figures.greatest_low == value, is_bounded and figures.greatest_high == value


_BOUNDED = {
    Function.SUM: _sum,
    Function.AVG: _mean,
    Function.MIN: _min,
    Function.MAX: _max,
}


def divide_half_even(value: int, by: int) -> int:
    """The nearest integer to a quotient, the even one of two that are equally near."""
    whole, rest = divmod(value, by)
    return whole + (2 * rest > by or (2 * rest == by and whole % 2 == 1))


def _least(one: int | None, other: int | None) -> int | None:
    return min((value for value in (one, other) if value is not None), default=None)


def _greatest(one: int | None, other: int | None) -> int | None:
    return max((value for value in (one, other) if value is not None), default=None)

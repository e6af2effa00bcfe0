"""What makes figures such that they can be computed with, or not."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields

_GOVERNMENT = re.compile(r"(cn[0-9]{6})(-.+)?")
_LEVELS = (2, 4)
"""The digits of an area code that name its province, and its prefecture."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """The names of the fields in which two figures that are added must be alike."""

    unit: str
    metric: str
    role: str
    basis: str
    period_kind: str
    status: str
    dimensions: str

    @property
    def names(self) -> tuple[str, ...]:
        """The fields, in order."""
        return tuple(str(getattr(self, one.name)) for one in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Links:
    """The names of the fields that say how figures overlap."""

    body: str
    """Whose figure it is; `holders` reads it."""
    year: str
    period_start: str
    period_end: str
    part_of: str
    """The id of the total that contains it."""
    same_as: str
    """The ids of those that print the same figure."""

    @property
    def names(self) -> tuple[str, ...]:
        """The fields, in order."""
        return tuple(str(getattr(self, one.name)) for one in fields(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Meanings:
    """The codes that decide whether a figure can be added."""

    ratio_units: frozenset[str]
    """Units of rates and changes, which are not parts of a sum."""
    actual: str
    """The role of what was counted, not aimed at."""
    whole: str
    """The basis of a figure that is not one of each body or of each enterprise."""
    levels: frozenset[str]
    """Kinds of period whose figures stand at a moment, so that years can't be added."""
    unknown_period: str
    exact: str
    """The qualifier of a value that is the true figure."""
    ambiguous: str
    total: str
    """The value of a dimension that contains its other values."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """The figures of a dataset: which fields hold them and what is known of them."""

    value: str
    low: str
    """The field that the true figure is not below; null: no bound."""
    high: str
    traits: Traits
    qualifier: str
    """The field that says how the value stands to the true figure."""
    area: str
    """The field that says where."""
    links: Links
    meanings: Meanings

    @property
    def names(self) -> tuple[str, ...]:
        """Every field that it speaks of."""
        fields = (self.value, self.low, self.high, self.qualifier, self.area)
        return (*fields, *self.traits.names, *self.links.names)


def holders(body: str) -> Iterator[str]:
    """The bodies whose figures may contain those of a body, by its id.

    cn450203-sfj is a department of cn450203, a district of cn450200 in cn450000.
    """
    found = _GOVERNMENT.fullmatch(body)
    if found is None:
        return
    government, department = found.groups()
    if department:
        yield government
    code = government.removeprefix("cn")
    for digits in _LEVELS:
        above = f"cn{code[:digits]:0<6}"
        if above != government:
            yield above

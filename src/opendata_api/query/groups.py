"""Questions to groups of rows: facets count by one field each, aggregates by all together."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from enum import Enum
from functools import cache
from typing import Self

from propcache.api import cached_property

from opendata_api.describe import About, Dataset, Field, Type
from opendata_api.errors import Pairs
from opendata_api.query.cursor import digest
from opendata_api.query.model import Condition, Query
from opendata_api.query.parameters import (
    CURSOR,
    LIMIT,
    SORT,
    Control,
    Parameters,
    list_parameters,
)
from opendata_api.query.parameters import FIELDS as CHOSEN_FIELDS
from opendata_api.words import Text

GROUPS_MAX = 10_000
"""An answer has no more groups than this."""
KEYS_MAX = 10
"""Rows are grouped by no more fields than this."""

DIMENSION = "dim:"
ANY_DIMENSION = f"{DIMENSION}…"
"""Among what is allowed: every dimension that is published."""


@dataclass(frozen=True, slots=True)
class Key:
    """What rows are grouped by: a field, or one dimension of each row."""

    name: str
    """As it is asked for: `topic`, `dim:service_scope`."""
    field: Field
    """As it is answered: `topic`, `dim_service_scope`."""
    dimension: str | None = None

    @classmethod
    def of_dimension(cls, name: str) -> Self:
        """A dimension; rows that do not have it are the group of null."""
        title = Text(f"维度 {name}", f"Dimension {name}")
        about = About(title, title, Type.CODE, None, codes=f"dimensions.{name}")
        return cls(f"{DIMENSION}{name}", Field(f"dim_{name}", about, nullable=True), name)


class Function(Enum):
    """What is computed of a group, with its words."""

    COUNT = "count"
    SUM = "sum"
    AVG = "avg"
    MIN = "min"
    MAX = "max"

    @property
    def words(self) -> Text:
        """What it gives."""
        return _WORDS[self]


_WORDS = {
    Function.COUNT: Text("记录数", "Records"),
    Function.SUM: Text("合计", "Sum"),
    Function.AVG: Text("平均", "Mean"),
    Function.MIN: Text("最小", "Least"),
    Function.MAX: Text("最大", "Greatest"),
}


@dataclass(frozen=True, slots=True)
class Aggregate:
    """A function of a field; counting needs none."""

    function: Function
    field: Field | None = None

    @property
    def name(self) -> str:
        """As it is asked for: `sum:value`."""
        return self.function.value if self.field is None else self._joined(":")

    @property
    def column(self) -> str:
        """As it is answered: `sum_value`."""
        return self.function.value if self.field is None else self._joined("_")

    def _joined(self, sign: str) -> str:
        return f"{self.function.value}{sign}{'' if self.field is None else self.field.name}"


COUNT = Aggregate(Function.COUNT)


@dataclass(frozen=True, kw_only=True)
class GroupQuery(Query):
    """A question to the groups of a dataset's rows; sort, fields and cursor play no part."""

    keys: tuple[Key, ...]
    aggregates: tuple[Aggregate, ...] = ()
    """None: facets, which count the rows by each key alone."""

    @classmethod
    def of(cls, query: Query, keys: tuple[Key, ...], aggregates: tuple[Aggregate, ...]) -> Self:
        """The question to the rows of a query."""
        own = {one.name: getattr(query, one.name) for one in fields(Query)}
        return cls(**own, keys=keys, aggregates=aggregates)

    @property
    def is_of_facets(self) -> bool:
        """Whether each key is counted alone."""
        return not self.aggregates

    @property
    def computed(self) -> tuple[Aggregate, ...]:
        """What is computed of values, beside the count."""
        return tuple(one for one in self.aggregates if one.field is not None)

    @property
    def functions(self) -> frozenset[Function]:
        """What is computed, counting among it."""
        return frozenset([one.function for one in self.aggregates])

    @property
    def limit_default(self) -> None:
        """None: all groups are given unless fewer are asked for."""

    @cached_property
    def digest(self) -> str:
        """What tells its answer apart from those of other questions to the dataset."""
        return digest((("", self.dataset.name), *self.canonical))

    @cached_property
    def canonical(self) -> Pairs:
        """Its parameters sorted, without defaults and without the language."""
        names = ",".join(key.name for key in self.keys)
        functions = ",".join(one.name for one in self.aggregates)
        extra = {
            "by": names if self.is_of_facets else "",
            "group_by": "" if self.is_of_facets else names,
            "agg": "" if self.aggregates == (COUNT,) else functions,
        }
        given = [pair for pair in extra.items() if pair[1]]
        return tuple(sorted([*super().canonical, *given]))

    @property
    def rows(self) -> Pairs:
        """The canonical parameters of the list of the rows that are grouped."""
        release = () if self.release is None else (("release", str(self.release)),)
        return tuple(sorted([*self.filters, *release]))

    def by(self, *keys: Key) -> Self:
        """The same question, grouped by these too."""
        names = {key.name for key in self.keys}
        added = tuple(key for key in keys if key.name not in names)
        return replace(self, keys=(*self.keys, *added))

    def where(self, condition: Condition) -> Self:
        """The same question of fewer rows."""
        kept = [one for one in self.conditions if one.name != condition.name]
        return replace(self, conditions=(*kept, condition))


@cache
def group_keys(dataset: Dataset) -> Mapping[str, Key]:
    """The fields that rows can be grouped by, by name."""
    return {name: Key(name, dataset.field[name]) for name in dataset.groupable}


def key_names(dataset: Dataset) -> tuple[str, ...]:
    """What rows can be grouped by, as an error tells it."""
    return (*dataset.groupable, *((ANY_DIMENSION,) if dataset.dimensions else ()))


@cache
def aggregates_of(dataset: Dataset) -> Mapping[str, Aggregate]:
    """What can be computed of a dataset's groups, by name."""
    known = [COUNT]
    if dataset.measure is not None:
        value = dataset.field[dataset.measure.value]
        known += [Aggregate(one, value) for one in Function if one is not Function.COUNT]
    return {one.name: one for one in known}


GROUP_LIMIT = Control(
    "limit",
    Text(
        f"最多多少组（facets 为每个字段最多多少个值）；默认全部，超过{GROUPS_MAX}组须缩小范围。",
        "At most so many groups, or values of each field in facets. All unless given; "
        f"more than {GROUPS_MAX} are refused.",
    ),
    10,
    schema="groups",
)
BY = Control(
    "by",
    Text(
        "按哪些字段分别计数，逗号分隔；维度写作 dim:名称。",
        "The fields to count by, each alone, with commas; a dimension is dim:name.",
    ),
    None,
)
GROUP_BY = Control(
    "group_by",
    Text(
        "按哪些字段一起分组，逗号分隔；维度写作 dim:名称；不给则全部为一组。",
        "The fields to group by, together, with commas; a dimension is dim:name. "
        "All rows are one group unless given.",
    ),
    None,
)
AGG = Control(
    "agg",
    Text(
        "每组算什么，逗号分隔；默认 count。",
        "What to compute of each group, with commas; count unless given.",
    ),
    None,
)


@cache
def facet_parameters(dataset: Dataset) -> Parameters:
    """What a dataset's facets take: the filters of its list, and what to count by."""
    by = replace(BY, example=dataset.groupable[0], required=True)
    return {BY.name: by, **_filters(dataset)}


@cache
def aggregate_parameters(dataset: Dataset) -> Parameters:
    """What a dataset's aggregates take."""
    return {GROUP_BY.name: GROUP_BY, AGG.name: AGG, **_filters(dataset)}


def _filters(dataset: Dataset) -> Parameters:
    """The parameters of the list that choose rows, a release and a language."""
    of_pages = (CHOSEN_FIELDS.name, SORT.name, CURSOR.name)
    kept = {name: one for name, one in list_parameters(dataset).items() if name not in of_pages}
    return kept | {LIMIT.name: GROUP_LIMIT}

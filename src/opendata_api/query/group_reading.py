"""The reading of a query to groups: its filters as a list has them, its keys and functions."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from opendata_api.describe import Dataset, Type
from opendata_api.errors import (
    ExpensiveQuery,
    Fault,
    InvalidValue,
    QueryError,
    TooManyValues,
    UnknownField,
)
from opendata_api.query.aliases import titles_of
from opendata_api.query.faults import unknown
from opendata_api.query.functions import refuse_function
from opendata_api.query.groups import (
    AGG,
    BY,
    COUNT,
    DIMENSION,
    GROUP_BY,
    KEYS_MAX,
    Aggregate,
    GroupQuery,
    Key,
    aggregates_of,
    group_keys,
    key_names,
)
from opendata_api.query.names import A_FIELD, may_be_dimension
from opendata_api.query.reading import Reading
from opendata_api.query.values import BadValue, parse_value
from opendata_api.words import Text


@dataclass
class GroupReading(Reading):
    """What has been read so far."""

    keys: tuple[Key, ...] = ()
    aggregates: tuple[Aggregate, ...] = ()

    def take_control(self, name: str, place: int, value: str) -> None:
        """Read a parameter that is no filter. Raises BadValue."""
        if self.dataset is None or name not in (BY.name, GROUP_BY.name, AGG.name):
            super().take_control(name, place, value)
            return
        names = self.without_empty(name, place, value.split(","))
        names = self.without_repeats(name, place, names)
        if len(names) > KEYS_MAX:
            message = Text("最多{most}个字段", "at most {most} fields").format(most=KEYS_MAX)
            raise BadValue(TooManyValues, message)
        good = self._known(self.dataset, name, place, names)
        if name == AGG.name:
            self.aggregates = tuple(aggregates_of(self.dataset)[one] for one in good)
        else:
            self.keys = tuple(key_of(self.dataset, one) for one in good)

    def groups(self, dataset: Dataset) -> GroupQuery:
        """The query read, of aggregates."""
        return GroupQuery.of(self.query(dataset), self.keys, self.aggregates or (COUNT,))

    def facets(self, dataset: Dataset) -> GroupQuery:
        """The query read, of facets."""
        return GroupQuery.of(self.query(dataset), self.keys, ())

    def _known(
        self, dataset: Dataset, parameter: str, place: int, names: Sequence[str]
    ) -> Sequence[str]:
        """The names that are known; the others are noted."""
        refused = {name: found for name in names if (found := _refuse(dataset, parameter, name))}
        mended = [refused[name][1].did_you_mean if name in refused else name for name in names]
        meant = ",".join(dict.fromkeys(name for name in mended if name))
        for error, fault in refused.values():
            self.mistakes.add(error, fault, place, (parameter, meant) if meant else None)
        return [name for name in names if name not in refused]


def key_of(dataset: Dataset, name: str) -> Key:
    """The key of that name, which is known."""
    if name.startswith(DIMENSION):
        return Key.of_dimension(name.removeprefix(DIMENSION))
    return group_keys(dataset)[name]


Refused = tuple[type[QueryError], Fault]
"""The error of a name in a list, and its words."""


def _refuse(dataset: Dataset, parameter: str, name: str) -> Refused | None:
    """What is wrong with a name, if anything is."""
    if parameter != AGG.name:
        return _refuse_key(dataset, parameter, name)
    return None if name in aggregates_of(dataset) else refuse_function(dataset, name)


def _refuse_key(dataset: Dataset, parameter: str, name: str) -> Refused | None:
    known, allowed = tuple(group_keys(dataset)), key_names(dataset)
    if name in known:
        return None
    if name.startswith(DIMENSION) and dataset.dimensions is not None:
        return _refuse_dimension(parameter, name.removeprefix(DIMENSION))
    if name == "id":
        fault = Fault(_UNBOUNDED, parameter=parameter, allowed=allowed)
        return ExpensiveQuery, fault
    if name in dataset.field:
        message = Text("不能按“{name}”分组", "rows can't be grouped by “{name}”").format(name=name)
        return InvalidValue, Fault(message, parameter=parameter, allowed=allowed)
    fault = replace(unknown(A_FIELD, name, parameter, known, titles_of(dataset)), allowed=allowed)
    if fault.did_you_mean is None and dataset.dimensions is not None and may_be_dimension(name):
        fault = replace(fault, did_you_mean=f"{DIMENSION}{name}", dimension=name)
    return UnknownField, fault


def _refuse_dimension(parameter: str, name: str) -> Refused | None:
    try:
        parse_value(Type.CODE, name)
    except BadValue as bad:
        return bad.error, Fault(bad.message, parameter=parameter)
    return None


_UNBOUNDED = Text(
    "编号各不相同，按它分组等于列出全部记录",
    "every id differs: grouping by it would list every record",
)

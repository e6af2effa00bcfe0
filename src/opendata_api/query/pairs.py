"""One reading of a query string: each pair is taken in or noted as a mistake."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from opendata_api.describe import CONTAINS, ISNULL, Dataset, Type
from opendata_api.errors import (
    DuplicateParameter,
    Fault,
    InvalidValue,
    Pairs,
    TooManyValues,
    UnknownParameter,
)
from opendata_api.query.faults import (
    EMPTY_ITEM,
    NAME_SHOWN,
    NAMED_TWICE,
    NOT_TOLD,
    ONLY_ONCE,
    Mistakes,
    nameless,
)
from opendata_api.query.model import Condition
from opendata_api.query.names import refuse_name
from opendata_api.query.parameters import DIM, VALUES_MAX, Filter, Parameters
from opendata_api.query.values import BadValue, parse_value, parse_words
from opendata_api.values import Stored
from opendata_api.words import Text

Group = list[tuple[int, str]]
"""The places and values of one name."""

TOO_MANY = Text("最多{most}个值", "at most {most} values are taken").format(most=VALUES_MAX)


@dataclass(slots=True)
class PairReading(ABC):
    """The filters that have been read so far; other parameters are its subclasses'."""

    parameters: Parameters
    dataset: Dataset | None = None
    mistakes: Mistakes = field(default_factory=Mistakes)
    conditions: list[Condition] = field(default_factory=list)

    def take(self, pairs: Pairs) -> None:
        """Read all pairs, name by name."""
        groups: dict[str, Group] = {}
        for place, (name, value) in enumerate(pairs):
            groups.setdefault(name, []).append((place, value))
        for name, group in groups.items():
            self._take_name(name, group)

    def _take_name(self, name: str, group: Group) -> None:
        parameter = self.parameters.get(name)
        if parameter is None:
            self._refuse_name(name, group)
            return
        if not parameter.repeatable:
            for place, _ in group[1:]:
                self.mistakes.add(DuplicateParameter, Fault(ONLY_ONCE, parameter=name), place)
            group = group[:1]
        if isinstance(parameter, Filter):
            self._take_filter(parameter, group)
            return
        for place, value in group:
            try:
                self.take_control(name, place, _not_empty(value))
            except BadValue as bad:
                self._refuse_value(name, place, bad)

    def _refuse_value(self, name: str, place: int, bad: BadValue) -> None:
        instead = None if bad.instead is None else (name, bad.instead)
        self.mistakes.add(bad.error, Fault(bad.message, parameter=name), place, instead)

    @abstractmethod
    def take_control(self, name: str, place: int, value: str) -> None:
        """Read a parameter that is no filter. Raises BadValue."""

    def _refuse_name(self, name: str, group: Group) -> None:
        if not name:
            for place, value in group:
                fault = nameless(value, tuple(self.parameters))
                self.mistakes.add(UnknownParameter, fault, place)
            return
        if self.mistakes.are_many:
            for place, _ in group:
                self.mistakes.add(UnknownParameter, NOT_TOLD, place)
            return
        refusal = refuse_name(name, self.parameters, self.dataset)
        for place, value in group:
            fault = refusal.fault
            instead = (refusal.instead, value) if refusal.instead else None
            if refusal.may_be_dimension and value and len(value) <= NAME_SHOWN:
                instead = (DIM.name, f"{name}:{value}")
                fault = replace(fault, did_you_mean="=".join(instead), dimension=name)
            self.mistakes.add(refusal.error, fault, place, instead)

    def _take_filter(self, parameter: Filter, group: Group) -> None:
        if parameter.operator is CONTAINS:
            self._take_contained(parameter, group)
            return
        kind = Type.BOOLEAN if parameter.operator is ISNULL else parameter.field.type
        if len(group) == 1 and not (parameter.operator.many and "," in group[0][1]):
            self._take_one(parameter, kind, *group[0])
            return
        values: set[Stored] = set()
        given = 0
        for place, text in group:
            parts = text.split(",") if parameter.operator.many else [text]
            given += len(parts)
            if given > VALUES_MAX:
                fault = Fault(TOO_MANY, parameter=parameter.name)
                self.mistakes.add(TooManyValues, fault, place)
                return
            try:
                kept = self.without_empty(parameter.name, place, parts) if parts[1:] else parts
                values.update(parse_value(kind, part) for part in kept)
            except BadValue as bad:
                meant = None if bad.instead is None else _mended(kind, parts)
                self._refuse_value(parameter.name, place, BadValue(bad.error, bad.message, meant))
        ordered = tuple(sorted(values, key=lambda value: (str(type(value)), value)))
        self.conditions.append(Condition(parameter.field, parameter.operator, ordered))

    def _take_one(self, parameter: Filter, kind: Type, place: int, text: str) -> None:
        """A filter with one value, as most have."""
        try:
            values: tuple[Stored, ...] = (parse_value(kind, text),)
        except BadValue as bad:
            self._refuse_value(parameter.name, place, bad)
            values = ()
        self.conditions.append(Condition(parameter.field, parameter.operator, values))

    def without_empty(self, name: str, place: int, parts: list[str]) -> list[str]:
        """The parts of a list that say something; that one does not is noted."""
        kept = [part for part in parts if part]
        if len(kept) < len(parts):
            instead = (name, ",".join(kept)) if kept else None
            self.mistakes.add(InvalidValue, Fault(EMPTY_ITEM, parameter=name), place, instead)
        return kept

    def without_repeats(self, name: str, place: int, parts: list[str]) -> list[str]:
        """The parts of a list, each once; that one stands twice is noted."""
        kept = list(dict.fromkeys(parts))
        if len(kept) < len(parts):
            fault = Fault(NAMED_TWICE, parameter=name)
            self.mistakes.add(InvalidValue, fault, place, (name, ",".join(kept)))
        return kept

    def _take_contained(self, parameter: Filter, group: Group) -> None:
        [(place, text)] = group
        try:
            words = " ".join(parse_words(_not_empty(text)))
        except BadValue as bad:
            self._refuse_value(parameter.name, place, bad)
            return
        self.conditions.append(Condition(parameter.field, parameter.operator, (words,)))


def _mended(kind: Type, parts: Sequence[str]) -> str | None:
    """The values of a list as they are meant; None where of one it is not plain."""
    meant: list[str] = []
    for part in parts:
        try:
            parse_value(kind, part)
            meant.append(part)
        except BadValue as bad:
            if bad.instead is None:
                return None
            meant.append(bad.instead)
    return ",".join(meant)


def _not_empty(value: str) -> str:
    if not value:
        raise BadValue(InvalidValue, Text("值为空", "the value is empty"))
    return value

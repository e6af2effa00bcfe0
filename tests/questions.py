"""Random questions to a dataset: every filter in turn, with values that stand in it and others."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle

import orjson

from opendata_api.describe import (
    CONTAINS,
    ISNULL,
    STARTSWITH,
    Dataset,
    Field,
    Operator,
    Type,
    filter_name,
)
from opendata_api.errors import Pairs
from opendata_api.query.values import print_value
from opendata_api.values import Row, Stored

MADE_UP: dict[Type, list[str]] = {
    Type.CODE: ["nosuch", "复议", "\U00020000", "Ａ", "'; drop table observation --", "%", "_"],
    Type.TEXT: ["一", "（", "\U0001f600", '"', "\\", " ", "A"],
    Type.INTEGER: ["0", "-1", "2023", "9223372036854775807", "-9223372036854775808"],
    Type.DECIMAL: ["0", "-0.000001", "1e3", "9223372036854.775807", "-9223372036854.775808"],
    Type.DATE: ["0001-01-01", "2023-06-30", "9999-12-31"],
    Type.BOOLEAN: ["true", "false"],
}


WORDS = ("法律", "法律 援助", "206", "村", "legal aid", "，", "无")


@dataclass(slots=True)
class Asker:
    """Asks questions that are in order, each time others."""

    dataset: Dataset
    rows: Sequence[Row]
    """As they are kept, without the fields of the release."""
    chance: random.Random
    _filters: Iterator[tuple[Field, Operator]] = field(init=False)

    def __post_init__(self) -> None:
        filters = self.chance.sample(self.dataset.filters, k=len(self.dataset.filters))
        self._filters = cycle(filters)

    def pairs(self) -> Pairs:
        """The parameters of a question: conditions and an order."""
        parts = [*self._words(), *self._conditions(), *self._dimensions(), *self._sort()]
        self.chance.shuffle(parts)
        return tuple(parts)

    def fields(self) -> str:
        """Some fields, in any order."""
        names = self.dataset.field_names
        return ",".join(self.chance.sample(names, k=self.chance.randint(1, 6)))

    def keys(self, row: Row, names: Sequence[str]) -> tuple[Stored, ...]:
        """The row's values of the fields."""
        return tuple(row[self.dataset.field_names.index(name)] for name in names)

    def some_id(self) -> str:
        """The id of one of the rows."""
        return str(self.keys(self.chance.choice(self.rows), ["id"])[0])

    def is_likely(self, share: float) -> bool:
        """True as often as that."""
        return self.chance.random() < share

    def _words(self) -> Pairs:
        if not self.dataset.searched or self.is_likely(0.8):
            return ()
        return (("q", self.chance.choice(WORDS)),)

    def _conditions(self) -> Pairs:
        found: dict[str, Pairs] = {}
        for _ in range(self.chance.choice([0, 1, 1, 2, 3])):
            asked, operator = next(self._filters)
            name = filter_name(asked, operator)
            found[name] = tuple((name, value) for value in self._values(asked, operator))
        return tuple(pair for pairs in found.values() for pair in pairs)

    def _values(self, asked: Field, operator: Operator) -> list[str]:
        if operator is ISNULL:
            return [self.chance.choice(["true", "false"])]
        count = self.chance.choice([1, 1, 2, 3]) if operator.many or not operator.key else 1
        values = [self._value(asked, operator) for _ in range(count)]
        return [",".join(values)] if operator.many else values

    def _value(self, asked: Field, operator: Operator) -> str:
        known = {self.keys(row, [asked.name])[0] for row in self.rows} - {None}
        if operator is CONTAINS:
            return self.chance.choice(["法律", "援助 206", "村", "Ａ", "nosuch", "，"])
        if not known or self.is_likely(0.2):
            return self.chance.choice(MADE_UP[asked.type])
        value = print_value(asked.type, self.chance.choice(sorted(known, key=str)))
        return value[: self.chance.randint(1, 4)] if operator is STARTSWITH else value

    def _dimensions(self) -> Pairs:
        if self.dataset.dimensions is None or self.is_likely(0.8):
            return ()
        texts = [str(self.keys(row, [self.dataset.dimensions.name])[0]) for row in self.rows]
        known = sorted({pair for text in texts for pair in orjson.loads(text).items()})
        asked = self.chance.sample(known, k=self.chance.randint(1, 2))
        return tuple(
            ("dim", f"{name}:{'nosuch' if self.is_likely(0.2) else value}") for name, value in asked
        )

    def _sort(self) -> Pairs:
        if self.is_likely(0.4):
            return ()
        sorts = self.dataset.sorts
        names = self.chance.sample(sorts, k=self.chance.randint(1, min(3, len(sorts))))
        return (("sort", ",".join(self.chance.choice(["", "-"]) + name for name in names)),)

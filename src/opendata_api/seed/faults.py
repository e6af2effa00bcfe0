"""Faults of a seed: where, what was expected, what was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from opendata_api.words import Lang, Text

UNFILLED = "FIXME"
"""What stands where a curator is to write something."""
LISTED_MAX = 20
"""A list of codes that is longer is not printed in full."""


@dataclass(frozen=True, slots=True)
class SeedFault:
    """One thing that is wrong in a seed."""

    file: str
    """Its path inside the seed."""
    line: int | None
    """The line as an editor counts it; None where the whole file is meant."""
    field: str | None
    expected: Text
    found: str

    def sentence(self, lang: Lang) -> str:
        """The fault as one printed line."""
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        where = f"{place} [{self.field}]" if self.field else place
        expected = self.expected.in_language(lang)
        if lang == "zh":
            return f"{where} 应为：{expected}；实为：{self.found}"
        return f"{where} expected: {expected}; found: {self.found}"


class SeedFaults(Exception):
    """A seed can't be published; all that is wrong with it, in the order of the files."""

    def __init__(self, faults: Sequence[SeedFault]) -> None:
        super().__init__("\n".join(fault.sentence("en") for fault in faults))
        self.faults = tuple(faults)


@dataclass(slots=True)
class Faults:
    """The faults found so far."""

    found: list[SeedFault] = field(default_factory=list)

    def raise_if_any(self) -> None:
        """Raise SeedFaults if there is one."""
        if self.found:
            key = self.found
            raise SeedFaults(sorted(key, key=lambda one: (one.file, one.line or 0)))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table, which knows where it stands and notes its own faults."""

    file: str
    number: int
    cells: dict[str, str | None]
    faults: Faults

    def __getitem__(self, column: str) -> str:
        """The text of a cell; empty where the cell is."""
        return self.cells[column] or ""

    def optional(self, column: str) -> str | None:
        """The text of a cell; None where the cell is empty."""
        return self.cells[column]

    def many(self, column: str) -> list[str]:
        """The entries of a list cell."""
        text = self.cells[column]
        return [] if text is None else [entry.strip() for entry in text.split(";")]

    def no_empty_entries(self, column: str) -> None:
        """Note a list that has a `;` too many."""
        if not all(self.many(column)):
            self.fault(column, Text("没有多余的“;”", "no ; too many"), self[column])

    def fault(self, column: str | None, expected: Text, found: str) -> None:
        """Note a fault in a cell."""
        self.faults.found.append(SeedFault(self.file, self.number, column, expected, found))

    def need(self, *columns: str) -> bool:
        """Note each of the columns that is empty; whether none is."""
        empty = [column for column in columns if not self.cells[column]]
        for column in empty:
            self.fault(column, Text("有内容", "something"), "空 / empty")
        return not empty

    def both_languages(self, *names: str) -> None:
        """Note each text that stands in one language only."""
        for name in names:
            zh, en = f"{name}_zh", f"{name}_en"
            if (self.cells[zh] is None) != (self.cells[en] is None):
                expected = Text("中英文都有或都没有", "both languages or neither")
                self.fault(zh, expected, self[zh] or self[en])

    def one_of(self, column: str, known: Sequence[str]) -> None:
        """Note a fault unless the cell is one of the known codes."""
        value = self[column]
        if value not in known:
            self.fault(column, codes_text(known, value), value or "空 / empty")


@dataclass(frozen=True, slots=True)
class Place:
    """A file of settings, which notes its faults."""

    file: str
    faults: Faults

    def fault(self, key: str, expected: Text, found: object) -> None:
        """Note a fault in a setting."""
        self.faults.found.append(SeedFault(self.file, None, key, expected, str(found)))

    def has(self, settings: Mapping[str, Any], wanted: Mapping[str, type]) -> bool:
        """Whether each setting is there, of its type and not empty; unknown ones are faults."""
        before = len(self.faults.found)
        for key, kind in wanted.items():
            value = settings.get(key)
            if type(value) is not kind or value == "":
                self.fault(key, Text(f"{kind.__name__}，不为空", f"a {kind.__name__}"), value)
        for key in sorted(settings.keys() - wanted.keys()):
            self.fault(key, codes_text(list(wanted)), key)
        return len(self.faults.found) == before


def codes_text(known: Sequence[str], found: str = "") -> Text:
    """`one of …`, in both languages; of a long list only what is most like the word found."""
    if len(known) <= LISTED_MAX:
        listed = " ".join(known)
        return Text(f"以下代码之一：{listed}", f"one of: {listed}")
    near = " ".join(get_close_matches(found, known, cutoff=0.5)) or known[0]
    count = len(known)
    return Text(f"{count}个代码之一，如 {near}", f"one of {count} codes, such as {near}")

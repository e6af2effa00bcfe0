"""The text of an invented report, with the places of what it states."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from random import Random

from bench.invented import phrases
from bench.invented.codebook import DIMENSIONS, SLOTS, Slot
from bench.invented.figures import print_figure
from bench.invented.places import SYLLABLES, County
from opendata_api.text import MASK, Span

DIGITS = ("一", "二", "三", "四", "五", "六", "七", "八", "九")
NUMERALS = (*DIGITS, *(f"{tens}{one}" for tens in ("十", "二十") for one in ("", *DIGITS)))
FIGURES_MAX = 3
"""A sentence has no more figures than this."""
PROMISES = 10
"""So many promises end a report."""
FILLED, NAMED = 0.5, 0.02
"""So often a chapter has a sentence without figures, and one with a name that is masked."""
REPEATED = 0.02
"""So often a figure prints the number of the figure before it."""


@dataclass(frozen=True, slots=True)
class Stated:
    """A figure of a report: what it is of, and where it stands."""

    slot: Slot
    quote: Span
    value: Span
    words: str
    """As printed."""
    period: str
    """The word that tells the period: 全年; empty for none."""
    is_first: bool
    """Of its sentence."""
    repeats: bool
    """Whether it prints the figure before it."""


@dataclass(frozen=True)
class Report:
    """A report that is to be invented."""

    county: County
    year: int
    size: int
    """So many figures it has."""

    @cached_property
    def id(self) -> str:
        """Its id."""
        return f"{self.county.body_id}-{self.year}-rol"

    @property
    def document_id(self) -> str:
        """The id of its one document."""
        return f"{self.id}-d1"


@dataclass(slots=True)
class Writer:
    """Writes a report from its first character to its last."""

    report: Report
    chance: Random
    figures: list[Stated] = field(default_factory=list)
    promises: list[Span] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)
    _length: int = 0

    @property
    def text(self) -> str:
        """What is written."""
        return "".join(self._parts)

    def write(self) -> None:
        """Write all of it."""
        county, year = self.report.county, self.report.year
        self._add(f"{county.names.zh}{year}年法治政府建设工作情况如下：\n一、主要工作\n")
        for place, (topic, slots) in enumerate(groupby(self._slots(), lambda s: s.metric.topic)):
            self._add(f"（{NUMERALS[place]}）{topic.words.zh}\n")
            self._write_chapter(list(slots))
            self._add("\n")
        self._add("二、存在的问题\n")
        self._add(self._fill("、".join(self.chance.sample(phrases.SHORTCOMINGS, 2))) + "。\n")
        self._add("三、下一年工作安排\n")
        self._write_promises()

    def _slots(self) -> Iterator[Slot]:
        """What the report states, in the order of its chapters."""
        places = sorted(self.chance.sample(range(len(SLOTS)), self.report.size))
        return (SLOTS[place] for place in places)

    def _write_chapter(self, slots: Sequence[Slot]) -> None:
        place = 0
        while place < len(slots):
            number = self.chance.randint(1, FIGURES_MAX)
            self._write_sentence(slots[place : place + number])
            place += number
        if self.chance.random() < FILLED:
            self._add(f"{self._fill(self._choose(phrases.INTROS, phrases.FILLERS))}。")
        if self.chance.random() < NAMED:
            self._add(self._fill(f"{{town}}{MASK * 3}获评先进个人。"))

    def _write_sentence(self, slots: Sequence[Slot]) -> None:
        self._add(self._fill(self.chance.choice(phrases.INTROS)) + "，")
        for place, slot in enumerate(slots):
            self._write_figure(slot, is_first=place == 0)
        self._add(f"，{self._fill(self.chance.choice(phrases.EFFECTS))}。")

    def _write_figure(self, slot: Slot, *, is_first: bool) -> None:
        if not is_first:
            self._add("，")
        start = self._length
        if is_first:
            self._add(self._fill(self.chance.choice(phrases.SUBJECTS)))
        period = self._choose_period(slot)
        self._add(f"{period}{_words_of(slot)}{slot.metric.phrase}")
        value = self._length
        repeats = not is_first and self._may_repeat(slot)
        words = self.figures[-1].words if repeats else print_figure(self.chance, slot.metric)
        self._add(words)
        quote, place = Span(start, self._length), Span(value, self._length)
        self.figures.append(Stated(slot, quote, place, words, period, is_first, repeats))

    def _may_repeat(self, slot: Slot) -> bool:
        before = self.figures[-1].slot.metric
        is_alike = (before.unit, before.kind) == (slot.metric.unit, slot.metric.kind)
        return is_alike and self.chance.random() < REPEATED

    def _choose_period(self, slot: Slot) -> str:
        kind = slot.metric.traits.period_kind
        if kind == "flow":
            return self.chance.choice(("全年", "全年", "上半年", "", ""))
        return {"stock": "截至年底", "cumulative": "累计", "unknown": ""}[kind]

    def _write_promises(self) -> None:
        for words in self.chance.choices(phrases.PROMISES, k=PROMISES):
            start = self._length
            self._add(self._fill(words))
            self.promises.append(Span(start, self._length))
            self._add("。")

    def _choose(self, *lists: Sequence[str]) -> str:
        return "，".join(self.chance.choice(one) for one in lists)

    def _fill(self, words: str) -> str:
        """The words with names of towns in them."""
        short = self.report.county.short
        return words.format(town=self._town(), other=self._town(), short=short)

    def _town(self) -> str:
        one, other = self.chance.choices(SYLLABLES, k=2)
        return f"{one[0]}{other[0]}镇"

    def _add(self, words: str) -> None:
        self._parts.append(words)
        self._length += len(words)


def _words_of(slot: Slot) -> str:
    """The words for the value of a figure's dimension."""
    name = slot.metric.dimension
    return "" if name is None or slot.value is None else DIMENSIONS[name].values[slot.value].zh

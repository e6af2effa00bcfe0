"""An invented report once it is written: its sentences, and the ids of what it states."""

from bisect import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from random import Random

from bench.invented.codebook import TOTAL, Slot
from bench.invented.writing import Report, Stated, Writer
from opendata_api.text import Sentence, Span, split_sentences


@dataclass(frozen=True)
class Telling:
    """A report with its text; offsets count its code points."""

    report: Report
    text: str
    figures: Sequence[Stated]
    promises: Sequence[Span]

    @classmethod
    def of(cls, report: Report) -> "Telling":
        """The report as it is written each time."""
        writer = Writer(report, Random(report.id))
        writer.write()
        return cls(report, writer.text, writer.figures, writer.promises)

    @cached_property
    def sentences(self) -> Sequence[Sentence]:
        """Its sentences and headings, in order."""
        return list(split_sentences(self.text))

    @cached_property
    def figure_ids(self) -> Sequence[str]:
        """The ids of its figures, in order."""
        return [f"{self.report.id}-o{number:03}" for number, _ in enumerate(self.figures, 1)]

    @cached_property
    def promise_ids(self) -> Sequence[str]:
        """The ids of its promises, in order."""
        return [f"{self.report.id}-c{number:02}" for number, _ in enumerate(self.promises, 1)]

    @cached_property
    def totals(self) -> Mapping[str, str]:
        """By metric: the id of the figure that contains those with other dimensions."""
        return {
            stated.slot.metric.id: figure_id
            for figure_id, stated in zip(self.figure_ids, self.figures, strict=True)
            if stated.slot.value == TOTAL
        }

    def total_of(self, slot: Slot) -> str | None:
        """The id of the figure that contains the slot's, if the report states it."""
        is_part = slot.value is not None and slot.value != TOTAL
        return self.totals.get(slot.metric.id) if is_part else None

    def twins_of(self, place: int) -> list[str]:
        """The ids of the figures beside it that print the same number."""
        found = []
        if self.figures[place].repeats:
            found.append(self.figure_ids[place - 1])
        if place + 1 < len(self.figures) and self.figures[place + 1].repeats:
            found.append(self.figure_ids[place + 1])
        return found

    def section_of(self, span: Span) -> str | None:
        """The section in which a run of the text stands."""
        return self.sentences[self._sentence_at(span.start)].section

    def ids_by_sentence(self, ids: Sequence[str], spans: Sequence[Span]) -> Mapping[int, list[str]]:
        """The ids of runs of the text, by the place of the sentence that they stand in."""
        found: dict[int, list[str]] = {}
        for one, span in zip(ids, spans, strict=True):
            found.setdefault(self._sentence_at(span.start), []).append(one)
        return found

    @cached_property
    def _starts(self) -> Sequence[int]:
        return [sentence.span.start for sentence in self.sentences]

    def _sentence_at(self, start: int) -> int:
        return bisect(self._starts, start) - 1

"""A seed as proven values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from opendata_api.seed.codebook import Codebook
from opendata_api.seed.faults import Line
from opendata_api.seed.reasons import Explanation
from opendata_api.text import Figure, Sentence, Span


@dataclass(frozen=True, slots=True)
class DocumentText:
    """A document of a report, with what is masked in public."""

    id: str
    kind: str
    title: str
    published_on: date
    source_url: str
    sha256: str
    text: str
    masks: Sequence[Span]
    sentences: Sequence[Sentence]

    def section_at(self, place: int) -> str | None:
        """The section that a character stands in."""
        found = (one.section for one in self.sentences if one.span.start <= place < one.span.end)
        return next(found, None)


@dataclass(frozen=True, slots=True)
class ProvenFigure:
    """An observation whose words were found and say what it says."""

    line: Line
    document: DocumentText
    quote: Span
    value: Span
    figure: Figure


@dataclass(frozen=True, slots=True)
class ProvenCommitment:
    """A commitment whose words were found."""

    line: Line
    quote: Span
    aim: Span | None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A run of the text that is no figure and no commitment, and why."""

    line: Line
    span: Span
    document: str
    """The id of its document, without the report's."""


@dataclass(frozen=True, slots=True)
class Numeral:
    """A numeral or claim of the text and what became of it."""

    span: Span
    is_digits: bool
    observations: Sequence[str]
    """The ids, without the report's, of the observations that it proves."""
    reason: str | None
    note_zh: str | None
    note_en: str | None


@dataclass(frozen=True, slots=True)
class Report:
    """A report with all that was taken from it."""

    id: str
    body_id: str
    area_code: str
    year: int
    kind: str
    title_zh: str
    title_en: str
    published_on: date
    addressee: str | None
    source_url: str
    source_rights: str
    data_licence: str
    plan_year: int
    documents: Sequence[DocumentText]
    figures: Sequence[ProvenFigure]
    commitments: Sequence[ProvenCommitment]
    numerals: Mapping[str, Sequence[Numeral]]
    """By the id of the document, without the report's."""

    @property
    def document(self) -> DocumentText:
        """The report's own text, which the evidence points into."""
        return self.documents[0]

    def full_id(self, short: str) -> str:
        """`o042` → `cn450203-2023-rol-o042`."""
        return f"{self.id}-{short}"


@dataclass(frozen=True, slots=True)
class Tally:
    """What a proof counted."""

    reports: int
    observations: int
    commitments: int
    metrics: int
    numerals: int
    """Arabic numerals in the texts."""
    numerals_published: int
    numerals_excluded: int
    words_published: int
    """Numerals in characters and claims."""
    words_excluded: int
    checks_held: int
    checks_noted: int
    """Checks that do not hold and carry a note that says why."""


@dataclass(frozen=True, slots=True)
class Seed:
    """A seed in which every figure was proved."""

    codebook: Codebook
    reports: Sequence[Report]
    tally: Tally
    labels: Mapping[str, Mapping[str, tuple[str, str]]]
    """The curators' code lists: list → code → names in Chinese and English."""
    explanations: Sequence[Explanation]
    """Why records were changed, in the order in which the curators wrote it."""

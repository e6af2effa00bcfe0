"""The notes, written by hand: what was tried for goals that are missed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

HEADING = "## "


@dataclass(frozen=True, slots=True)
class Note:
    """What was found and tried for some goals."""

    keys: Sequence[str]
    """Of the goals."""
    text: str
    """In Markdown."""


def read_notes(text: str) -> Sequence[Note]:
    """The notes of a file: under each heading with keys of goals, up to the next one."""
    return list(_read(text))


def _read(text: str) -> Iterator[Note]:
    _, *parts = f"\n{text}".split(f"\n{HEADING}")
    for part in parts:
        heading, _, told = part.partition("\n")
        yield Note([key.strip() for key in heading.split(",")], told.strip())

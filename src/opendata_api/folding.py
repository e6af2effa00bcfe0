"""Text as it is searched: folded, cut into words, found again in the text as it stands."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from opendata_api.text import Span

NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
"""A number in folded text, whole."""

KEPT_MAX = 65_536
"""So many code points are kept as they are folded."""

_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Folded:
    """A text folded for searching, with where each of its characters came from."""

    text: str
    places: Sequence[int]
    """For each folded character the code point of the text that it came from."""

    def span(self, start: int, end: int) -> Span:
        """The run of the original text that a run of the folded one came from."""
        return Span(self.places[start], self.places[end - 1] + 1)


def fold(text: str) -> Folded:
    """The text with compatible forms, full-width ones and case made equal (NFKC, case folding).

    Each code point is folded by itself, so that every place can be found again.
    """
    folded = text.translate(_FOLDED)
    if len(folded) == len(text):  # each gives at least one, so here just one
        return Folded(folded, range(len(text)))
    pieces = [_fold_one(character) for character in text]
    places = [place for place, piece in enumerate(pieces) for _ in piece]
    return Folded("".join(pieces), places)


def split_words(text: str) -> tuple[str, ...]:
    """The folded words of a query, in order, each once; white space parts them."""
    return tuple(dict.fromkeys(_WORD.findall(fold(text).text)))


def find_words(text: str, words: Sequence[str]) -> Sequence[Span]:
    """Where folded words stand in a text, in order; what overlaps or touches is one run."""
    folded = fold(text)
    found = sorted(
        (place, place + len(word)) for word in words for place in _find_all(folded.text, word)
    )
    runs: list[Span] = []
    for start, end in found:
        span = folded.span(start, end)
        if runs and span.start <= runs[-1].end:
            runs[-1] = Span(runs[-1].start, max(runs[-1].end, span.end))
        else:
            runs.append(span)
    return runs


def _find_all(text: str, word: str) -> Iterator[int]:
    place = text.find(word)
    while place >= 0:
        yield place
        place = text.find(word, place + 1)


def _fold_one(character: str) -> str:
    return _FOLDED[ord(character)]


class Folding(dict[int, str]):
    """Each code point folded, as `str.translate` looks them up; so many are kept."""

    def __missing__(self, code: int) -> str:
        # Case folding may give what NFKC folds further, such as the sign of the Kelvin scale.
        once = unicodedata.normalize("NFKC", chr(code)).casefold()
        folded = unicodedata.normalize("NFKC", once)
        if len(self) < KEPT_MAX:
            self[code] = folded
        return folded


_FOLDED = Folding()

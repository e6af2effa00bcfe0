"""The proof of coverage: every numeral and every claim is published or excluded."""

import re
from collections.abc import Iterator, Sequence

from opendata_api.seed.codebook import Codebook
from opendata_api.seed.model import DocumentText, Exclusion, Numeral, ProvenFigure
from opendata_api.text import ARABIC, NUMERAL_WORDS, Span
from opendata_api.words import Text


def account_for(
    document: DocumentText,
    figures: Sequence[ProvenFigure],
    exclusions: Sequence[Exclusion],
    book: Codebook,
) -> tuple[list[Numeral], list[Span]]:
    """Every numeral and claim in order, with what became of it; then those left out."""
    ordinary = _ordinary_words(document.text, book)
    numerals, gaps = [], []
    for span, is_digits in _numerals(document):
        ids = [
            one.line["id"]
            for one in figures
            if one.document is document and one.value.contains(span)
        ]
        here = (one for one in exclusions if one.document == document.id)
        excluded = next((one for one in here if one.span.contains(span)), None)
        if excluded is not None and ids:
            expected = Text("发布或排除，不能兼有", "published or excluded, not both")
            excluded.line.fault("quote", expected, ids[0])
        numeral = _settle(span, ids, excluded, ordinary, is_digits=is_digits)
        if numeral is None:
            gaps.append(span)
        else:
            numerals.append(numeral)
    return numerals, gaps


def _settle(
    span: Span,
    ids: Sequence[str],
    excluded: Exclusion | None,
    ordinary: Sequence[tuple[Span, str, str | None, str | None]],
    *,
    is_digits: bool,
) -> Numeral | None:
    if ids:
        return Numeral(span, is_digits, ids, None, None, None)
    if excluded is not None:
        line = excluded.line
        notes = line.optional("note_zh"), line.optional("note_en")
        return Numeral(span, is_digits, (), line["reason"], *notes)
    for word, reason, note_zh, note_en in ordinary:
        if word.contains(span):
            return Numeral(span, is_digits, (), reason, note_zh, note_en)
    return None


def _numerals(document: DocumentText) -> Iterator[tuple[Span, bool]]:
    """Digits and numeral words in order, without those of section markers."""
    text = document.text
    markers = [one.marker for one in document.sentences]
    found = [(Span(*match.span()), True) for match in ARABIC.finditer(text)]
    found += [(Span(*match.span()), False) for match in NUMERAL_WORDS.finditer(text)]
    for span, is_digits in sorted(found, key=lambda one: one[0].start):
        if not any(marker.contains(span) for marker in markers):
            yield span, is_digits


def _ordinary_words(text: str, book: Codebook) -> list[tuple[Span, str, str | None, str | None]]:
    return [
        (Span(*found.span()), line["reason"], line.optional("note_zh"), line.optional("note_en"))
        for word, line in book.words.items()
        for found in re.finditer(re.escape(word), text)
    ]

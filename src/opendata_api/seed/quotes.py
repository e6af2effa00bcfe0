"""From a quote with its figure in 【】 to offsets: nobody counts characters by hand."""

import re
from collections.abc import Mapping, Sequence

from opendata_api.seed.faults import Line, codes_text
from opendata_api.seed.model import DocumentText
from opendata_api.text import Span, find_all
from opendata_api.words import Text

OPEN, CLOSE = "【", "】"
MASK_MAX = 20


def find_document(line: Line, documents: Mapping[str, DocumentText]) -> DocumentText | None:
    """The document that a line quotes, the report itself unless it names another."""
    name = line.optional("document")
    if name is None:
        return next(iter(documents.values()))
    if name not in documents:
        line.fault("document", codes_text(list(documents)), name)
    return documents.get(name)


def locate_marked(line: Line, text: str) -> tuple[Span, Span] | None:
    """The quote and the run in its 【】; None, with a fault, if it is not in the text."""
    marked = line["quote"]
    before, opened, rest = marked.partition(OPEN)
    inside, closed, after = rest.partition(CLOSE)
    if not (opened and closed and inside) or OPEN in inside + after or CLOSE in before + after:
        line.fault("quote", Text("一对【】标出数字", "one pair of 【】 around the figure"), marked)
        return None
    quote = locate(line, text, before + inside + after)
    if quote is None:
        return None
    start = quote.start + len(before)
    return quote, Span(start, start + len(inside))


def locate(line: Line, text: str, words: str) -> Span | None:
    """The words in the text, at the occurrence that the line names."""
    places = find_all(text, words)
    if not places:
        line.fault("quote", Text("原文中有这几个字", "words that stand in the text"), words)
        return None
    place = _choose(line, places)
    if place is None:
        return None
    return Span(place, place + len(words))


def find_mask(marked: str, text: str) -> Span | None:
    """The run that a mask's quote leaves open (`before【…】after`); None unless it is one."""
    before, _, rest = marked.partition(OPEN)
    after = rest.partition(CLOSE)[2]
    if not before or not after:
        return None
    pattern = f"{re.escape(before)}([^，。；\n]{{1,{MASK_MAX}}}?){re.escape(after)}"
    found = list(re.finditer(pattern, text))
    return Span(*found[0].span(1)) if len(found) == 1 else None


def _choose(line: Line, places: Sequence[int]) -> int | None:
    given = line["occurrence"]
    if len(places) == 1 and given in ("", "1"):
        return places[0]
    expected = Text(
        f"1到{len(places)}的数：这几个字在原文中出现{len(places)}次",
        f"a number from 1 to {len(places)}: the words occur that many times in the text",
    )
    if not given.isascii() or not given.isdecimal() or not 1 <= int(given) <= len(places):
        line.fault("occurrence", expected, given or "空 / empty")
        return None
    return places[int(given) - 1]

"""The proof of the marks: a quote and its 【】 end where words and numbers end.

Otherwise 6件 could be proved from 206件, and 960余 could lose its 余.
"""

import re
from itertools import takewhile

from opendata_api.seed.codebook import Codebook
from opendata_api.seed.faults import Line
from opendata_api.text import ARABIC, Span
from opendata_api.words import Text

BOUND_BEFORE = re.compile(r"(?:超过|至少|不少于|不低于|近|(?<![节预签合公条])约)$")
"""What bounds a figure stands right before it; 节约 and the like bound nothing."""

LOOK_BACK = 3
POINTS = ".．"


def check_edges(line: Line, text: str, quote: Span, value: Span) -> None:
    """Note a quote or mark that cuts a number, and a bound that was left out of the mark."""
    for span in (quote, value):
        for edge in (span.start, span.end):
            if _is_in_number(text, edge):
                expected = Text("不切断数字", "whole numbers in the quote and in 【】")
                line.fault("quote", expected, span.of(text))
    bound = BOUND_BEFORE.search(text[max(0, value.start - LOOK_BACK) : value.start])
    if bound is not None and line["role"] != "target":
        expected = Text(f"【】包括“{bound[0]}”", f"{bound[0]} inside 【】")
        line.fault("quote", expected, value.of(text))


def check_counter(line: Line, text: str, value: Span, book: Codebook) -> None:
    """Note a mark that ends inside a longer counter: 人 of 人次."""
    words = value.of(text)
    for unit in book.units.values():
        for counter in unit.many("counters"):
            for size in range(1, len(counter)):
                begins = value.end - size
                is_cut = words.endswith(counter[:size]) and text.startswith(counter, begins)
                if is_cut and not begins < value.start:
                    expected = Text(f"【】包括“{counter}”", f"{counter} inside 【】")
                    line.fault("quote", expected, words)


def _is_in_number(text: str, edge: int) -> bool:
    """Whether a number begins before that place and ends after it.

    Only the characters around it are read: a long text has many edges.
    """
    begin = edge
    while begin > 0 and (text[begin - 1].isdecimal() or text[begin - 1] in POINTS):
        begin -= 1
    before = takewhile(lambda found: found.start() < edge, ARABIC.finditer(text, begin))
    return any(edge < found.end() for found in before)

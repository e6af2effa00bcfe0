"""Chinese report texts: sentences, sections and printed figures. Offsets are code points."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

MASK = "＊"
SENTENCE_ENDS = "。！？；"
CHINESE_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
CHINESE_DIGITS |= {"六": 6, "七": 7, "八": 8, "九": 9}
CHINESE_UNITS = {"十": 10, "百": 100, "千": 1000}
MULTIPLIERS = {"万": 10**4, "亿": 10**8}

ARABIC = re.compile(r"\d+(?:[.．]\d+)?")
"""Every digit that Unicode knows, full-width ones too: all must be accounted for."""
NUMERAL_WORDS = re.compile(r"[零〇一二两三四五六七八九十百千万亿半首双]+|全覆盖|全部|[均未无]")
"""Numerals in characters, and the words by which a sentence claims all or none."""

_PARAGRAPH = re.compile(r"[^\n]+")
_SENTENCE = re.compile(rf"[^{SENTENCE_ENDS}]*[{SENTENCE_ENDS}]?")
_PART = re.compile(r"\s*([一二三四五六七八九十]+)、")
_SUBPART = re.compile(r"\s*(（[一二三四五六七八九十]+）)")
_POINT = re.compile(r"([一二三四五六七八九十]是)")


@dataclass(frozen=True, slots=True)
class Span:
    """A run of a text, end exclusive."""

    start: int
    end: int

    def contains(self, other: "Span") -> bool:
        """Whether the other run lies in this one."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: "Span") -> bool:
        """Whether they share a character."""
        return self.start < other.end and other.start < self.end

    def of(self, text: str) -> str:
        """The characters."""
        return text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence or heading, trimmed of white space, with the section it stands in."""

    span: Span
    section: str | None
    marker: Span
    """The section marker it begins with; empty where it has none."""
    is_heading: bool


def split_sentences(text: str) -> Iterator[Sentence]:
    """Every sentence in order; each character but white space is in just one of them."""
    part, subpart = "", ""
    for paragraph in _PARAGRAPH.finditer(text):
        point = ""
        first = True
        for found in _SENTENCE.finditer(paragraph[0]):
            span = _trim(text, paragraph.start() + found.start(), paragraph.start() + found.end())
            if span.start == span.end:
                continue
            marker = 0
            words = span.of(text)
            if first and (head := _PART.match(words)):
                part, subpart, marker = head[1], "", head.end()
            elif first and (head := _SUBPART.match(words)):
                subpart, marker = head[1], head.end()
            elif head := _POINT.match(words):
                point, marker = head[1], head.end()
            is_heading = first and marker > 0 and not point
            yield Sentence(
                span,
                f"{part}{subpart}{point}" or None,
                Span(span.start, span.start + marker),
                is_heading,
            )
            first = False


def mask(text: str, spans: Sequence[Span]) -> str:
    """The text with each run replaced by as many ＊ as it has characters."""
    for span in spans:
        text = text[: span.start] + MASK * (span.end - span.start) + text[span.end :]
    return text


def find_all(text: str, words: str) -> list[int]:
    """Every place where the words begin, overlaps too."""
    places = []
    place = text.find(words)
    while place >= 0:
        places.append(place)
        place = text.find(words, place + 1)
    return places


@dataclass(frozen=True, slots=True)
class Figure:
    """What printed words say: `23.07亿元` is 2307000000, printed as 23.07 亿元."""

    value: Decimal
    qualifier: str
    printed_value: Decimal | None
    printed_unit: str | None
    counter: str | None
    """The unit as printed, without 万 and 亿; None where the words have none."""
    is_change: bool


_NUMBER = rf"{ARABIC.pattern}|[{''.join([*CHINESE_DIGITS, *CHINESE_UNITS])}]+"
_FIGURE = re.compile(
    rf"(?P<change>下降|减少|增长|上升|增加)?(?P<bound>超过|至少|不少于|不低于|近|约)?"
    rf"(?P<number>{_NUMBER})(?P<more>余)?(?P<multiplier>[万亿])?(?P<more_after>余)?"
    rf"(?P<counter>%|[^\d%，、。；]*?)(?P<all>，?均[^\d]*)?"
)
_NOTHING = re.compile(r"(?:无一(?P<counter>[^0-9，、。；]{1,4})|未发生)")
_ONE = "[一二两三四五六七八九]"
_TENS = f"{_ONE}?十{_ONE}?"
_HUNDREDS = f"{_ONE}?百(?:[零〇]{_ONE}|{_TENS})?"
_THOUSANDS = f"{_ONE}?千(?:[零〇]{_ONE}|[零〇]{_TENS}|{_HUNDREDS})?"
_CHINESE_NUMBER = re.compile(f"[零〇]|{_ONE}|{_TENS}|{_HUNDREDS}|{_THOUSANDS}")
_BOUNDS = {
    "超过": "more_than",
    "至少": "at_least",
    "不少于": "at_least",
    "不低于": "at_least",
    "近": "nearly",
    "约": "about",
}


def read_figure(words: str) -> Figure | None:
    """The figure that printed words state; None where they state none."""
    if nothing := _NOTHING.fullmatch(words):
        counter = nothing["counter"]
        return Figure(Decimal(0), "zero_by_negation", None, counter, counter, is_change=False)
    found = _FIGURE.fullmatch(words)
    if found is None:
        return None
    number = read_number(found["number"])
    if number is None:
        return None
    value = number * MULTIPLIERS.get(found["multiplier"], 1)
    if found["change"] in ("下降", "减少"):
        value = -value
    return Figure(
        value=value,
        qualifier=_qualifier(found),
        printed_value=number,
        printed_unit=f"{found['multiplier'] or ''}{found['counter']}" or None,
        counter=found["counter"] or None,
        is_change=found["change"] is not None,
    )


def read_number(digits: str) -> Decimal | None:
    """The number in Arabic digits or in Chinese characters below 10,000.

    None for characters that can be read in two ways or in none: 两三, 一百五, 二〇二三.
    """
    if ARABIC.fullmatch(digits):
        return Decimal(digits.replace("．", "."))
    if not _CHINESE_NUMBER.fullmatch(digits):
        return None
    total, last = 0, 0
    for character in digits:
        if character in CHINESE_UNITS:
            total += (last or 1) * CHINESE_UNITS[character]
            last = 0
        else:
            last = CHINESE_DIGITS[character]
    return Decimal(total + last)


def bounds_of(value: Decimal, qualifier: str) -> tuple[Decimal | None, Decimal | None]:
    """The least and the greatest that the true figure can be, as far as the words say.

    A fall of more than 5 % is at most −5.
    """
    if value < 0:
        low, high = bounds_of(-value, qualifier)
        return None if high is None else -high, None if low is None else -low
    if qualifier in ("more_than", "at_least"):
        return value, None
    if qualifier == "nearly":
        return None, value
    if qualifier == "about":
        return None, None
    return value, value


def _qualifier(found: re.Match[str]) -> str:
    if found["more"] or found["more_after"]:
        return "more_than"
    if found["all"]:
        return "all_stated"
    return _BOUNDS.get(found["bound"], "unqualified")


def _trim(text: str, start: int, end: int) -> Span:
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return Span(start, end)

"""Chinese text as data: numbers, passages with their sections, spans and masks.

Every offset counts Unicode code points from 0, end exclusive.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

NUMERAL_CHARACTERS = "零〇一二两三四五六七八九十百千万亿半首双"
MASK = "＊"

_DIGIT = {character: number for number, character in enumerate("零一二三四五六七八九")}
_DIGIT |= {"〇": 0, "两": 2}
_WHOLE = {"半": Decimal("0.5"), "首": Decimal(1), "双": Decimal(2)}
_UNITS = {"亿": 10**8, "万": 10**4, "千": 1000, "百": 100, "十": 10}

DIGITS = r"(?:[0-9０-９]{1,3}(?:,[0-9０-９]{3})+|[0-9０-９]+)(?:[.．][0-9０-９]+)?"  # noqa: RUF001
_NUMBER = re.compile(
    rf"(?P<digits>{DIGITS})(?P<before>[余多]?)(?P<scale>[百千]?(?:万亿|[万亿])?)(?P<after>[余多]?)"
    rf"|(?P<words>[{NUMERAL_CHARACTERS}]+)(?P<more>[余多]?)(?P<words_scale>[万亿]?)"
)
_END_OF_PASSAGE = re.compile(r"[。！？；]+[”’」』）》]*|\n")  # noqa: RUF001
_BLANK = "\ufeff"
_COUNT = "[一二三四五六七八九十百]+"
_MARKER = re.compile(
    rf"(?P<chapter>{_COUNT})、|[（(](?P<part>{_COUNT})[）)]|(?P<point>{_COUNT}是)"  # noqa: RUF001
)
_LEVELS = ("chapter", "part", "point")


class NotANumeral(ValueError):
    """The characters are no Chinese numeral, or one that can be read in two ways."""


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A run of a text."""

    start: int
    end: int

    def of(self, text: str) -> str:
        """The characters."""
        return text[self.start : self.end]

    def holds(self, other: "Span") -> bool:
        """Whether the other run lies inside this one."""
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: "Span") -> bool:
        """Whether the two share a character."""
        return self.start < other.end and other.start < self.end

    def cuts(self, other: "Span") -> bool:
        """Whether one of its ends stands inside the other run."""
        return any(other.start < edge < other.end for edge in (self.start, self.end))


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is printed: 23.07亿 has the figure 23.07 and the scale 亿."""

    span: Span
    figure: Decimal
    scale: str
    is_more: bool
    """Followed by 余 or 多."""
    is_digits: bool

    @property
    def value(self) -> Decimal:
        """The number meant: 2307000000 for 23.07亿."""
        return self.figure * scale_of(self.scale)


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence or heading, without the white space around it."""

    span: Span
    path: tuple[str, ...]
    """The section it stands in: ("一", "（二）", "一是")."""
    marker: Span
    """Its own section marker; empty where it begins without one."""
    is_heading: bool

    @property
    def section(self) -> str | None:
        """The section as people write it: 一（二）一是."""
        return "".join(self.path) or None

    def is_within(self, section: str) -> bool:
        """Whether it stands in that section or in one below it."""
        return any("".join(self.path[:depth]) == section for depth in (1, 2, 3))


def scale_of(scale: str) -> int:
    """What 万, 亿, 千万 … multiply by; 1 for an empty text."""
    product = 1
    for character in scale:
        product *= _UNITS[character]
    return product


def parse_numeral(numeral: str) -> Decimal:
    """The value of a Chinese numeral: 二百零六 gives 206, 二〇二三 2023, 半 0.5, 首 1.

    Raises NotANumeral for what is none, and for 一百五, which is 105 or 150.
    """
    if numeral in _WHOLE:
        return _WHOLE[numeral]
    if numeral and all(character in _DIGIT for character in numeral):
        return Decimal("".join(str(_DIGIT[character]) for character in numeral))
    for unit, size in _UNITS.items():
        if unit in numeral:
            head, _, tail = numeral.rpartition(unit)
            return _times(head, unit) * size + _rest(tail, size)
    raise NotANumeral(numeral)


def find_numbers(text: str) -> tuple[Number, ...]:
    """Every number in the text, in digits or in characters. Raises NotANumeral."""
    return tuple(
        _in_digits(found) if found["digits"] else _in_characters(found)
        for found in _NUMBER.finditer(text)
    )


def split_passages(text: str) -> tuple[Passage, ...]:
    """The text's passages: it is cut at line ends and after 。！？；.

    Every character that is not white space stands in exactly one.
    """
    passages: list[Passage] = []
    path: dict[str, str] = {}
    for span, begins_line in _pieces(text):
        if begins_line:
            path.pop("point", None)
        marker = _MARKER.match(text, span.start, span.end)
        _enter(path, marker)
        passages.append(
            Passage(
                span,
                tuple(path[level] for level in _LEVELS if level in path),
                Span(span.start, marker.end() if marker else span.start),
                marker is not None and marker["point"] is None,
            )
        )
    return tuple(passages)


def line_at(text: str, offset: int) -> int:
    """The line, from 1, that the offset stands in."""
    return text.count("\n", 0, offset) + 1


def paragraph_at(text: str, offset: int) -> Span:
    """The line that the offset stands in, without its end."""
    end = text.find("\n", offset)
    return Span(text.rfind("\n", 0, offset) + 1, end if end >= 0 else len(text))


def find_all(text: str, words: str) -> tuple[Span, ...]:
    """Every place where the words stand, overlapping ones too."""
    found = re.finditer(f"(?={re.escape(words)})", text)
    return tuple(Span(hit.start(), hit.start() + len(words)) for hit in found)


def mask(text: str, runs: Iterable[Span]) -> str:
    """The text with each run replaced by as many ＊, so that offsets stay."""
    for run in runs:
        text = text[: run.start] + MASK * (run.end - run.start) + text[run.end :]
    return text


def _times(head: str, unit: str) -> Decimal:
    if not head:
        return Decimal(1)
    if unit in "十百千" and head not in _DIGIT:
        raise NotANumeral(head + unit)
    return parse_numeral(head)


def _rest(tail: str, size: int) -> Decimal:
    if not tail:
        return Decimal(0)
    if size > _UNITS["十"] and tail in _DIGIT:
        raise NotANumeral(tail)
    return parse_numeral(tail.lstrip("零〇"))


def _in_digits(found: re.Match[str]) -> Number:
    return Number(
        Span(*found.span()),
        Decimal(found["digits"].replace(",", "").replace("．", ".")),  # noqa: RUF001
        found["scale"],
        bool(found["before"] or found["after"]),
        is_digits=True,
    )


def _in_characters(found: re.Match[str]) -> Number:
    scale = found["words_scale"]
    figure = found["words"]
    if not scale and len(figure) > 1 and figure[-1] in "万亿":
        figure, scale = figure[:-1], figure[-1]
    return Number(
        Span(*found.span()), parse_numeral(figure), scale, bool(found["more"]), is_digits=False
    )


def _pieces(text: str) -> Iterator[tuple[Span, bool]]:
    start, begins_line = 0, True
    for end in (*(found.end() for found in _END_OF_PASSAGE.finditer(text)), len(text)):
        span = _trimmed(text, start, end)
        if span is not None:
            yield span, begins_line
            begins_line = False
        begins_line = begins_line or text[end - 1 : end] == "\n"
        start = end


def _trimmed(text: str, start: int, end: int) -> Span | None:
    while start < end and _is_blank(text[start]):
        start += 1
    while start < end and _is_blank(text[end - 1]):
        end -= 1
    return Span(start, end) if start < end else None


def _is_blank(character: str) -> bool:
    return character.isspace() or character == _BLANK


def _enter(path: dict[str, str], marker: re.Match[str] | None) -> None:
    if marker is None:
        return
    level = _LEVELS.index(str(marker.lastgroup))
    for below in _LEVELS[level:]:
        path.pop(below, None)
    label = marker[_LEVELS[level]]
    path[_LEVELS[level]] = f"（{label}）" if level == 1 else label  # noqa: RUF001

"""The values of parameters: strict ASCII patterns before any conversion."""

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from unicodedata import normalize

from opendata_api.describe import Type
from opendata_api.errors import InvalidValue, OutOfRange, QueryError, TooManyValues
from opendata_api.folding import split_words
from opendata_api.values import (
    INT_MAX,
    INT_MIN,
    PLACES,
    NotStorable,
    Stored,
    print_decimal,
    scale_decimal,
)
from opendata_api.words import Text

_INTEGER = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?)(?:[eE]([+-]?[0-9]+))?")
_GROUPED = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

WORDS_MAX = 20
WORDS_LENGTH_MAX = 200
"""Characters of all words that are searched for."""
DIGITS_MAX = 40
"""No number of more digits is converted: 64 bits need 19 and six places."""
EXPONENT_DIGITS_MAX = 2

TOO_MANY_WORDS = Text("最多{most}个词", "at most {most} words are taken").format(most=WORDS_MAX)
TOO_LONG_WORDS = Text(
    "检索词共不超过{most}个字", "all words together have at most {most} characters"
).format(most=WORDS_LENGTH_MAX)


class BadValue(Exception):
    """A value that can't be read, with the error to answer and the reason to give."""

    def __init__(self, error: type[QueryError], message: Text, instead: str | None = None) -> None:
        super().__init__(message.en)
        self.error = error
        self.message = message
        self.instead = instead
        """The value that would do, where the meaning is plain."""


def parse_value(kind: Type, text: str) -> Stored:
    """The value as rows keep it. Raises BadValue."""
    if not text:
        raise BadValue(InvalidValue, Text("值为空", "the value is empty"))
    return _PARSERS[kind](text)


def parse_words(text: str) -> tuple[str, ...]:
    """The folded words to search for. Raises BadValue for none and for too many."""
    words = split_words(_parse_text(text))
    if not words:
        raise BadValue(InvalidValue, Text("没有可检索的词", "there is no word to search for"))
    if len(words) > WORDS_MAX:
        raise BadValue(TooManyValues, TOO_MANY_WORDS, head_of_words(text))
    if _length(text, words) > WORDS_LENGTH_MAX:
        raise BadValue(OutOfRange, TOO_LONG_WORDS, head_of_words(text))
    return words


def head_of_words(text: str) -> str | None:
    """As much of the beginning of a text as can be searched for; None where nothing can."""

    def excess(end: int) -> int:
        words = split_words(text[:end])
        return max(len(words) - WORDS_MAX, _length(text[:end], words) - WORDS_LENGTH_MAX)

    end = bisect_right(range(1, WORDS_LENGTH_MAX + 1), 0, key=excess)
    whole, blank, _ = text[:end].rpartition(" ")
    is_cut = blank and not text[end : end + 1].isspace()
    head = (whole if is_cut else text[:end]).strip()
    return head if split_words(head) and not _CONTROL.search(head) else None


def _length(text: str, words: Sequence[str]) -> int:
    """The characters of words as they were given or folded, whichever are more."""
    return max(len(text), sum(map(len, words)))


def parse_boolean(text: str) -> int:
    """1 for true and 0 for false. Raises BadValue."""
    if text not in ("true", "false"):
        raise BadValue(InvalidValue, Text("只能是 true 或 false", "must be true or false"))
    return int(text == "true")


def parse_integer(text: str, low: int = INT_MIN, high: int = INT_MAX) -> int:
    """An integer within its bounds, both included. Raises BadValue."""
    if not _INTEGER.fullmatch(text):
        raise BadValue(
            InvalidValue,
            Text("须为半角数字书写的整数", "must be an integer in ASCII digits"),
            _as_meant(text, _INTEGER),
        )
    if len(text) > DIGITS_MAX or not low <= int(text) <= high:
        raise BadValue(
            OutOfRange,
            Text("须在{low}和{high}之间", "must be between {low} and {high}").format(
                low=low, high=high
            ),
        )
    return int(text)


def print_value(kind: Type, value: Stored) -> str:
    """The value as canonical addresses write it; parse_value reads it back."""
    if kind is Type.DECIMAL and isinstance(value, int):
        return print_decimal(value)
    if kind is Type.BOOLEAN:
        return "true" if value else "false"
    return str(value)


def _parse_text(text: str) -> str:
    if _CONTROL.search(text):
        raise BadValue(InvalidValue, Text("含有控制字符", "the value holds a control character"))
    return text


def _parse_decimal(text: str) -> int:
    found = _DECIMAL.fullmatch(text)
    if not found:
        raise BadValue(
            InvalidValue,
            Text("须为半角书写的数，如 23.07", "must be a number in ASCII such as 23.07"),
            _as_meant(text, _DECIMAL),
        )
    too_long = len(found[1]) > DIGITS_MAX or len((found[2] or "").strip("+-")) > DIGITS_MAX
    if too_long or abs(int(found[2] or 0)) > 10**EXPONENT_DIGITS_MAX:
        raise BadValue(OutOfRange, _DECIMAL_BOUNDS)
    try:
        return scale_decimal(Decimal(text))
    except NotStorable:
        raise BadValue(OutOfRange, _DECIMAL_BOUNDS) from None


def _as_meant(text: str, form: re.Pattern[str]) -> str | None:
    """A number as people write it, with commas, blanks or wide digits, in the form that is read."""
    plain = normalize("NFKC", text[:DIGITS_MAX]).strip().replace("−", "-")
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    return plain if len(text) <= DIGITS_MAX and form.fullmatch(plain) else None


def _parse_date(text: str) -> str:
    try:
        return date.fromisoformat(_DATE.fullmatch(text)[0]).isoformat()  # type: ignore[index]
    except (TypeError, ValueError):
        raise BadValue(
            InvalidValue,
            Text("须为实有的日期，如 2023-12-31", "must be a real date such as 2023-12-31"),
        ) from None


_DECIMAL_BOUNDS = Text(
    "绝对值须小于{limit}，小数不超过{places}位",
    "must be below {limit} in size, with at most {places} decimal places",
).format(limit=print_decimal(INT_MAX), places=PLACES)

_PARSERS: Mapping[Type, Callable[[str], Stored]] = {
    Type.CODE: _parse_text,
    Type.TEXT: _parse_text,
    Type.INTEGER: parse_integer,
    Type.DECIMAL: _parse_decimal,
    Type.DATE: _parse_date,
    Type.BOOLEAN: parse_boolean,
}

"""The values of parameters: strict ASCII patterns before any conversion."""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal

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
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")

WORDS_MAX = 20
WORDS_LENGTH_MAX = 200
"""Characters of all words that are searched for."""
DIGITS_MAX = 40
"""No number of more digits is converted: 64 bits need 19 and six places."""
EXPONENT_DIGITS_MAX = 2


class BadValue(Exception):
    """A value that can't be read, with the error to answer and the reason to give."""

    def __init__(self, error: type[QueryError], message: Text) -> None:
        super().__init__(message.en)
        self.error = error
        self.message = message


def parse_value(kind: Type, text: str) -> Stored:
    """The value as rows keep it. Raises BadValue."""
    if not text:
        raise BadValue(InvalidValue, Text("值为空", "the value is empty"))
    return _PARSERS[kind](text)


def parse_words(text: str) -> tuple[str, ...]:
    """The folded words to search for. Raises BadValue for none and for too many."""
    words = split_words(_parse_text(text))
    length = max(len(text), sum(map(len, words)))
    if not words:
        raise BadValue(InvalidValue, Text("没有可检索的词", "there is no word to search for"))
    if len(words) > WORDS_MAX:
        message = Text("最多{most}个词", "at most {most} words are taken")
        raise BadValue(TooManyValues, message.format(most=WORDS_MAX))
    if length > WORDS_LENGTH_MAX:
        message = Text(
            "检索词共不超过{most}个字", "all words together have at most {most} characters"
        )
        raise BadValue(OutOfRange, message.format(most=WORDS_LENGTH_MAX))
    return words


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
        )
    too_long = len(found[1]) > DIGITS_MAX or len((found[2] or "").strip("+-")) > DIGITS_MAX
    if too_long or abs(int(found[2] or 0)) > 10**EXPONENT_DIGITS_MAX:
        raise BadValue(OutOfRange, _DECIMAL_BOUNDS)
    try:
        return scale_decimal(Decimal(text))
    except NotStorable:
        raise BadValue(OutOfRange, _DECIMAL_BOUNDS) from None


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

"""Values as they are kept in rows: text, 64-bit integers and null, nothing else.

Decimals are integers × 10^6, dates ISO text, booleans 0 and 1; lists, dimensions and
figures are JSON text.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Context, Decimal
from typing import cast, overload

import orjson

from opendata_api.describe import Dataset, Record, Type

Stored = str | int | None
Row = tuple[Stored, ...]

PLACES = 6
SCALE: int = 10**PLACES
_EXACT = Context(prec=200)
"""Wide enough that no digit of a parameter is rounded away before it is checked."""
INT_MIN, INT_MAX = -(2**63), 2**63 - 1


@dataclass(frozen=True, slots=True)
class EncodedRows(Sequence[Row]):
    """Rows that are each one text, which is read as bytes so that it need not be decoded."""

    texts: Sequence[bytes]
    """In UTF-8."""

    def __len__(self) -> int:
        return len(self.texts)

    @overload
    def __getitem__(self, place: int) -> Row: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Row]: ...

    def __getitem__(self, place: int | slice) -> Row | Sequence[Row]:
        if isinstance(place, slice):
            return EncodedRows(self.texts[place])
        return (self.texts[place].decode(),)


class NotStorable(ValueError):
    """A value that the store can't hold exactly."""


def scale_decimal(value: Decimal) -> int:
    """The decimal × 10^6, exactly. Raises NotStorable for more digits or beyond 64 bits."""
    scaled = _EXACT.multiply(value, SCALE)
    if scaled != scaled.to_integral_value() or not INT_MIN <= scaled <= INT_MAX:
        raise NotStorable(f"{value} has more than {PLACES} decimal places or is too large")
    return int(scaled)


def print_decimal(scaled: int) -> str:
    """The decimal without exponent, trailing zeros or a negative zero: -4800000 gives -4.8."""
    if scaled % SCALE == 0:
        return str(scaled // SCALE)
    sign = "-" if scaled < 0 else ""
    whole, rest = divmod(abs(scaled), SCALE)
    return f"{sign}{whole}.{rest:0{PLACES}d}".rstrip("0").rstrip(".")


def to_row(dataset: Dataset, record: Record) -> Row:
    """A record's values in the order of the dataset's stored fields."""
    return tuple(to_stored(field.type, getattr(record, field.name)) for field in dataset.stored)


def to_stored(kind: Type, value: object) -> Stored:
    """One value as it is kept."""
    return None if value is None else _STORED[kind](value)


def as_json_number(value: Decimal) -> orjson.Fragment:
    """An exact decimal for orjson, which has none of its own."""
    return orjson.Fragment(print_decimal(scale_decimal(value)))


def _from_integer(value: object) -> int:
    number = cast("int", value)
    if not INT_MIN <= number <= INT_MAX:
        raise NotStorable(f"{number} needs more than 64 bits")
    return number


def _from_decimal(value: object) -> int:
    return scale_decimal(cast("Decimal", value))


def _from_date(value: object) -> str:
    return cast("date", value).isoformat()


def _from_boolean(value: object) -> int:
    return int(cast("bool", value))


def _from_nested(value: object) -> str:
    return orjson.dumps(value, default=_nested_default).decode()


def _nested_default(value: object) -> object:
    return as_json_number(cast("Decimal", value))


_STORED: Mapping[Type, Callable[[object], Stored]] = {
    Type.CODE: str,
    Type.TEXT: str,
    Type.INTEGER: _from_integer,
    Type.DECIMAL: _from_decimal,
    Type.DATE: _from_date,
    Type.TIMESTAMP: str,
    Type.BOOLEAN: _from_boolean,
    Type.LIST: _from_nested,
    Type.DIMENSIONS: _from_nested,
    Type.FIGURES: _from_nested,
}

"""Rows as JSON objects: exact decimals, nulls present, keys in the order of the fields."""

from collections.abc import Callable, Mapping, Sequence
from typing import cast

import orjson

from opendata_api.describe import Field, Type
from opendata_api.values import Row, Stored, print_decimal


def encode_row(fields: Sequence[Field], row: Row) -> str:
    """One record as a JSON object."""
    return row_encoder(fields)(row)


def row_encoder(fields: Sequence[Field]) -> Callable[[Row], str]:
    """What makes JSON objects of many records with the same fields."""
    members_of = _members(fields)
    return lambda row: orjson.dumps(members_of(row)).decode()


def encode_rows(fields: Sequence[Field], rows: Sequence[Row]) -> bytes:
    """Many records with the same fields as JSON objects, a comma between two."""
    return orjson.dumps(list(map(_members(fields), rows)))[1:-1]


def _members(fields: Sequence[Field]) -> Callable[[Row], Mapping[str, object]]:
    """What makes of records with the same fields the members of their objects."""
    names = [field.name for field in fields]
    printers = [(one.name, _ENCODERS[one.type]) for one in fields if one.type in _ENCODERS]

    def members_of(row: Row) -> Mapping[str, object]:
        members: dict[str, object] = dict(zip(names, row, strict=True))
        for name, print_ in printers:
            value = members[name]
            if value is not None:
                members[name] = orjson.Fragment(print_(cast("Stored", value)))
        return members

    return members_of


def encode_decimal(value: Stored) -> str:
    """A decimal as JSON."""
    return "null" if value is None else _encode_scaled(value)


def join_page(rows: Sequence[bytes], envelope: Mapping[str, object]) -> bytes:
    """A list answer: the rows, then what stands beside them."""
    return join_members(rows, orjson.dumps(envelope)[1:])


def join_members(rows: Sequence[bytes], members: bytes) -> bytes:
    """The same; the members beside the rows are encoded, without the brace that they begin with."""
    return _join(b"[%b]" % b",".join(rows), members)


def join_record(row: str, envelope: Mapping[str, object]) -> bytes:
    """The answer for one record."""
    return _join(row.encode(), orjson.dumps(envelope)[1:])


def _join(encoded: bytes, members: bytes) -> bytes:
    return b'{"data":%b,%b' % (encoded, members)


def _encode_scaled(value: Stored) -> str:
    return print_decimal(cast("int", value))


def _encode_boolean(value: Stored) -> str:
    return "true" if value else "false"


_ENCODERS: Mapping[Type, Callable[[Stored], str]] = {
    Type.DECIMAL: _encode_scaled,
    Type.BOOLEAN: _encode_boolean,
    Type.LIST: str,
    Type.DIMENSIONS: str,
    Type.FIGURES: str,
}

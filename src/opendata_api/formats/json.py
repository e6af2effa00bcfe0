"""Rows as JSON objects: exact decimals, nulls present, keys in the order of the fields."""

from collections.abc import Callable, Mapping, Sequence
from typing import cast

import orjson

from opendata_api.describe import Field, Type
from opendata_api.values import Row, Stored, print_decimal

_TO_ID = b'{"id":"'


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


def read_id(row: bytes) -> str:
    """The id of an encoded record with all its fields; of most datasets it is the first."""
    if row.startswith(_TO_ID):
        return row[len(_TO_ID) : row.index(b'"', len(_TO_ID))].decode()
    return str(orjson.loads(row)["id"])


def encode_decimal(value: Stored) -> str:
    """A decimal as JSON."""
    return "null" if value is None else _encode_scaled(value)


def join_page(rows: Sequence[bytes], envelope: Mapping[str, object]) -> bytes:
    """A list answer: the rows, then what stands beside them."""
    return join_members(rows, orjson.dumps(envelope)[1:])


def join_members(rows: Sequence[bytes], members: bytes) -> bytes:
    """The same; the members beside the rows are encoded, without the brace that they begin with.

    Rows are long: all is joined at once, so that those between the first and the last are copied
    but once.
    """
    whole = [*rows] or [b""]
    whole[0] = b'{"data":[%b' % whole[0]
    whole[-1] = b"%b],%b" % (whole[-1], members)
    return b",".join(whole)


def join_record(row: str, envelope: Mapping[str, object]) -> bytes:
    """The answer for one record."""
    return b'{"data":%b,%b' % (row.encode(), orjson.dumps(envelope)[1:])


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

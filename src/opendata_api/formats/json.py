"""Rows as JSON objects: exact decimals, nulls present, keys in the order of the fields."""

from collections.abc import Callable, Mapping, Sequence

import orjson

from opendata_api.describe import Field, Type
from opendata_api.values import Row, Stored, print_decimal


def encode_row(fields: Sequence[Field], row: Row) -> str:
    """One record as a JSON object."""
    return row_encoder(fields)(row)


def row_encoder(fields: Sequence[Field]) -> Callable[[Row], str]:
    """What makes JSON objects of many records with the same fields."""
    encoders = [_ENCODERS.get(field.type, _encode_scalar) for field in fields]
    members = [f'"{field.name}":'.replace("%", "%%") + "%s" for field in fields]
    form = f"{{{','.join(members)}}}"

    def encode(row: Row) -> str:
        return form % tuple(
            [
                "null" if value is None else encoder(value)
                for encoder, value in zip(encoders, row, strict=True)
            ]
        )

    return encode


def encode_value(field: Field, value: Stored) -> str:
    """One value as JSON."""
    if value is None:
        return "null"
    encoder = _ENCODERS.get(field.type, _encode_scalar)
    return encoder(value)


def join_page(rows: Sequence[bytes], envelope: Mapping[str, object]) -> bytes:
    """A list answer: the rows, then what stands beside them."""
    return _join(b"[%b]" % b",".join(rows), envelope)


def join_record(row: str, envelope: Mapping[str, object]) -> bytes:
    """The answer for one record."""
    return _join(row.encode(), envelope)


def _join(encoded: bytes, envelope: Mapping[str, object]) -> bytes:
    return b'{"data":%b,%b' % (encoded, orjson.dumps(envelope)[1:])


def _encode_scalar(value: Stored) -> str:
    return orjson.dumps(value).decode()


def _encode_scaled(value: Stored) -> str:
    return print_decimal(int(str(value)))


def _encode_boolean(value: Stored) -> str:
    return "true" if value else "false"


_ENCODERS: Mapping[Type, Callable[[Stored], str]] = {
    Type.DECIMAL: _encode_scaled,
    Type.BOOLEAN: _encode_boolean,
    Type.LIST: str,
    Type.DIMENSIONS: str,
    Type.FIGURES: str,
}

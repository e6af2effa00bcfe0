"""Rows as Parquet: every value in its type, decimals exact, the descriptions in the file."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from typing import IO, Any

import orjson
import pyarrow as pa
from pyarrow.parquet import ParquetWriter

from opendata_api.describe import Field, Type
from opendata_api.formats.imprint import Imprint, tell_field, tell_origin
from opendata_api.values import PLACES, Row, Stored

GROUP_ROWS = 8_192
"""Rows are written in groups of so many, however many come at once."""

Add = Callable[[Sequence[Row]], None]


@contextmanager
def writing(file: IO[bytes], imprint: Imprint) -> Iterator[Add]:
    """What takes rows of the fields asked for; at the end the whole file is written."""
    schema = make_schema(imprint)
    with ParquetWriter(file, schema, compression="zstd") as writer:
        kept: list[Row] = []

        def add(rows: Sequence[Row]) -> None:
            kept.extend(rows)
            while len(kept) >= GROUP_ROWS:
                write(kept[:GROUP_ROWS])
                del kept[:GROUP_ROWS]

        def write(rows: Sequence[Row]) -> None:
            writer.write_table(_table(imprint.fields, rows, schema), row_group_size=GROUP_ROWS)

        yield add
        if kept:
            write(kept)


def make_schema(imprint: Imprint) -> Any:
    """The Arrow schema, with what the fields mean and where the rows come from."""
    fields = [
        pa.field(field.name, _type(field), nullable=field.nullable, metadata=tell_field(field))
        for field in imprint.fields
    ]
    return pa.schema(
        fields,
        metadata={
            "dataset": imprint.subject.name,
            **tell_origin(imprint, imprint.subject),
            "fields": orjson.dumps({one.name: tell_field(one) for one in imprint.fields}),
        },
    )


def _table(fields: Sequence[Field], rows: Sequence[Row], schema: Any) -> Any:
    columns = [
        pa.array([_value(field.type, value) for value in values], _type(field))
        for field, values in zip(fields, zip(*rows, strict=True), strict=True)
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def _type(field: Field) -> Any:
    if field.type is Type.DECIMAL:
        return pa.decimal128(field.about.digits, PLACES)
    return _TYPES[field.type]


def _value(kind: Type, value: Stored) -> object:
    """The value as Arrow takes it."""
    reader = _READERS.get(kind)
    return value if value is None or reader is None else reader(value)


def _read_decimal(value: Stored) -> Decimal:
    return Decimal(int(str(value))).scaleb(-PLACES)


def _read_dimensions(value: Stored) -> list[tuple[str, str]]:
    return list(orjson.loads(str(value)).items())


_TYPES: Mapping[Type, Any] = {
    Type.CODE: pa.string(),
    Type.TEXT: pa.string(),
    Type.INTEGER: pa.int64(),
    Type.DATE: pa.date32(),
    Type.TIMESTAMP: pa.timestamp("us", tz="UTC"),
    Type.BOOLEAN: pa.bool_(),
    Type.LIST: pa.list_(pa.string()),
    Type.DIMENSIONS: pa.map_(pa.string(), pa.string()),
    Type.FIGURES: pa.string(),
}

_READERS: Mapping[Type, Callable[[Stored], object]] = {
    Type.DECIMAL: _read_decimal,
    Type.DATE: lambda value: date.fromisoformat(str(value)),
    Type.TIMESTAMP: lambda value: datetime.fromisoformat(str(value)),
    Type.BOOLEAN: bool,
    Type.LIST: lambda value: orjson.loads(str(value)),
    Type.DIMENSIONS: _read_dimensions,
}

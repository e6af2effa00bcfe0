"""The observations as a plain table of SQLite, as one makes it for Datasette, and as Parquet."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from opendata_api.datasets import OBSERVATIONS
from opendata_api.describe import Type
from opendata_api.values import SCALE, Row

TABLE = "observation"
RELEASE = 1
"""What `release_added` and `release_changed` say of every row."""
KINDS = {Type.INTEGER: "integer", Type.BOOLEAN: "integer", Type.DECIMAL: "real"}
ARROW = {"integer": pa.int64(), "real": pa.float64(), "text": pa.string()}
GROUP_ROWS = 100_000


def make_table(path: Path, rows: Iterable[Row]) -> None:
    """A file with one table of the rows; indexed by what the service has indexes of."""
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("pragma journal_mode = off")
        connection.execute("pragma synchronous = off")
        columns = ", ".join(
            f'"{field.name}" {kind_of(field.type)}' for field in OBSERVATIONS.fields
        )
        connection.execute(f'create table {TABLE} ({columns}, primary key ("id"))')
        connection.execute("begin")
        marks = ", ".join("?" * len(OBSERVATIONS.fields))
        connection.executemany(f"insert into {TABLE} values ({marks})", _plain(rows))
        for field in OBSERVATIONS.fields:
            if field.is_queryable and field.name != "id":
                name = f"{TABLE}_by_{field.name}"
                connection.execute(f'create index {name} on {TABLE} ("{field.name}", "id")')
        connection.execute("commit")
        connection.execute("analyze")


def make_parquet(path: Path, table: Path) -> None:
    """The rows of the plain table in the order of their ids, in a file of Parquet."""
    schema = pa.schema([(field.name, ARROW[kind_of(field.type)]) for field in OBSERVATIONS.fields])
    with (
        closing(sqlite3.connect(table)) as connection,
        parquet.ParquetWriter(path, schema) as writer,
    ):
        rows = connection.execute(f"select * from {TABLE} order by id")
        while some := rows.fetchmany(GROUP_ROWS):
            columns = zip(*some, strict=True)
            arrays = [pa.array(one, kind) for one, kind in zip(columns, schema.types, strict=True)]
            writer.write_table(pa.Table.from_arrays(arrays, schema=schema))


def kind_of(kind: Type) -> str:
    """The type of a column of the plain table."""
    return KINDS.get(kind, "text")


def _plain(rows: Iterable[Row]) -> Iterator[tuple[object, ...]]:
    """The rows with their decimals as numbers."""
    places = [
        place for place, field in enumerate(OBSERVATIONS.stored) if field.type is Type.DECIMAL
    ]
    for row in rows:
        values: list[object] = [*row, RELEASE, RELEASE]
        for place in places:
            scaled = row[place]
            values[place] = None if scaled is None else int(scaled) / SCALE
        yield tuple(values)

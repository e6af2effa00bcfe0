"""Filling PostgreSQL's search index."""

from collections.abc import Iterable, Sequence
from typing import TypeAlias

import asyncpg

from opendata_api.describe import Dataset
from opendata_api.store.schema import column_of, search_table
from opendata_api.store.tokens import tsvector
from opendata_api.values import Row, Stored

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"


async def index_rows(
    connection: Connection, dataset: Dataset, rows: Iterable[tuple[Stored, Stored, Row]]
) -> None:
    """Add versions of records, each with its area and number."""
    await connection.executemany(
        f'insert into "{search_table(dataset)}" ("area_code", "n", "tokens") '
        "values ($1, $2, $3::text::tsvector)",
        [(area, n, tsvector(dataset, int(str(n)), row)) for area, n, row in rows],
    )


async def index_all(connection: Connection, datasets: Sequence[Dataset]) -> None:
    """Fill the index of a database that had none, one area after the other."""
    for dataset in datasets:
        columns = ", ".join(f"t.{column_of(field)}" for field in dataset.fields)
        areas = await connection.fetch(f'select distinct "area_code" from "{dataset.table}"')
        for (area,) in areas:
            rows = await connection.fetch(
                f'select t."n", {columns} from "{dataset.table}" t where t."area_code" = $1', area
            )
            await index_rows(connection, dataset, ((area, n, tuple(row)) for n, *row in rows))

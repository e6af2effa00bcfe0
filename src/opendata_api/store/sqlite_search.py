"""Filling SQLite's search index."""

import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from pathlib import Path

from opendata_api.describe import Dataset
from opendata_api.store.errors import StoreError
from opendata_api.store.schema import column_of, search_table
from opendata_api.store.tokens import NUMBERS, fts5_row
from opendata_api.values import Row, Stored

FIRST_SEARCHED = 3
"""The first layout that has a search index."""


def index_rows(
    connection: sqlite3.Connection, dataset: Dataset, rows: Iterable[tuple[Stored, Row]]
) -> None:
    """Add versions of records, each with its number."""
    names = ["rowid", *(f'"{field.name}"' for field in dataset.searched), NUMBERS]
    marks = ", ".join("?" * len(names))
    connection.executemany(
        f'insert into "{search_table(dataset)}" ({", ".join(names)}) values ({marks})',
        (fts5_row(dataset, int(str(n)), row) for n, row in rows),
    )


def index_all(path: Path, datasets: Sequence[Dataset]) -> None:
    """Fill the index of a file that had none."""
    with closing(sqlite3.connect(path)) as connection, connection:
        for dataset in datasets:
            columns = ", ".join(column_of(field) for field in dataset.fields)
            rows = connection.execute(f'select n, {columns} from "{dataset.table}" order by n')
            index_rows(connection, dataset, ((n, tuple(row)) for n, *row in rows.fetchall()))


def check_engine(connection: sqlite3.Connection) -> None:
    """Raise StoreError for a SQLite that can't search."""
    options = {option for (option,) in connection.execute("pragma compile_options")}
    if "ENABLE_FTS5" not in options:
        raise StoreError(
            f"SQLite {sqlite3.sqlite_version} was built without FTS5, by which texts are searched; "
            "use a Python whose SQLite has it, or PostgreSQL"
        )

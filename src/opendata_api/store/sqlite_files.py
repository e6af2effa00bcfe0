"""A published file of SQLite, opened immutable: its connections, and what is read on one."""

import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from opendata_api.describe import Dataset
from opendata_api.errors import DatabaseUnavailable, StatementTimeout
from opendata_api.query import Query, parse_query
from opendata_api.store import deadlines, steps
from opendata_api.store.clauses import AnyQuery, Dialect, Question, Result, Steps
from opendata_api.store.errors import DamagedStore
from opendata_api.store.model import Published
from opendata_api.store.pointer import Pointer
from opendata_api.store.schema import APPLICATION_ID
from opendata_api.store.sqlite_search import check_engine
from opendata_api.values import Row

STEPS = 5_000
"""SQLite's virtual machine asks the deadline every so many instructions."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A published file, open for reading on the event loop."""

    path: Path
    pointer: Pointer
    connection: sqlite3.Connection
    published: Published


def ask(query: AnyQuery, release: int) -> Question[AnyQuery]:
    """The question of a query to a release."""
    return Question(Dialect.SQLITE, query, release)


def open_file(folder: Path, pointer: Pointer) -> Opened:
    """The file that the pointer names, which has been checked. Raises DamagedStore."""
    path = folder / pointer.file
    connection = connect(path)
    check_engine(connection)
    if connection.execute("pragma application_id").fetchone()[0] != APPLICATION_ID:
        raise DamagedStore(f"{path} is not a file of this program")
    published = take_steps(steps.published_steps(), connection)
    if published is None:
        raise DamagedStore(f"{path} holds no release")
    return Opened(path, pointer, connection, published)


def connect(path: Path, *, check_same_thread: bool = True) -> sqlite3.Connection:
    """A connection that can only read."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro&immutable=1",
        uri=True,
        isolation_level=None,
        check_same_thread=check_same_thread,
    )
    connection.execute("pragma query_only = on")
    return connection


def run_apart(read: Steps[Result], connection: sqlite3.Connection) -> Result:
    """What the steps come to, in a thread that alone closes its connection.

    A caller may have left by then.
    """
    with closing(connection):
        return run_steps(read, connection)


def run_steps(read: Steps[Result], connection: sqlite3.Connection) -> Result:
    """What the steps come to, all within the deadline."""
    with _deadline(connection, deadlines.STATEMENT_S):
        return take_steps(read, connection)


def take_steps(read: Steps[Result], connection: sqlite3.Connection) -> Result:
    """What the steps come to, however long they take."""
    try:
        statement = next(read)
        while True:
            rows = connection.execute(statement.sql, statement.values).fetchall()
            statement = read.send(rows)
    except StopIteration as end:
        result: Result = end.value
        return result


def read_batches(
    connection: sqlite3.Connection, question: Question[Query], shape: str | None
) -> Iterator[Sequence[Row]]:
    """All rows from the cursor on, or up to the limit, in batches that are never empty."""
    query = question.query
    parts = (
        steps.export_statement(question, shape, part, query.limit)
        for part in steps.export_parts(query)
    )
    rows: Iterator[Row] = islice(
        (
            row[:width]
            for statement, width in parts
            for row in connection.execute(statement.sql, statement.values)
        ),
        query.limit,
    )
    if query.cursor is not None and query.cursor.backwards:
        rows = iter(list(rows)[::-1])
    while batch := list(islice(rows, steps.BATCH_ROWS)):
        yield batch


def drafted_batches(
    connection: sqlite3.Connection, dataset: Dataset, release: int
) -> Iterator[Sequence[Row]]:
    """All rows of a release that is being written: JSON and CSV of each, then its values."""
    question = Question(Dialect.SQLITE, parse_query(dataset, ()), release, is_drafted=True)
    statement, width = steps.drafted_statement(question)
    rows = connection.execute(statement.sql, statement.values)
    while batch := [row[:width] for row in rows.fetchmany(steps.BATCH_ROWS)]:
        yield batch


def next_batch(connection: sqlite3.Connection, batches: Iterator[Sequence[Row]]) -> Sequence[Row]:
    """The next batch, within a deadline of its own; empty after the last."""
    with _deadline(connection, deadlines.EXPORT_S):
        return next(batches, ())


@contextmanager
def _deadline(connection: sqlite3.Connection, seconds: float) -> Iterator[None]:
    """Stop a statement that runs past the deadline; tell nothing of the driver."""
    end = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > end, STEPS)
    try:
        yield
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
            raise StatementTimeout(retry_after_s=deadlines.RETRY_AFTER_S) from error
        raise DatabaseUnavailable(retry_after_s=deadlines.RETRY_AFTER_S) from error

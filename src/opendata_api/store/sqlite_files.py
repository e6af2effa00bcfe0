"""A published file of SQLite, opened immutable: its readers, and what they read."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from threading import Lock
from typing import BinaryIO

from opendata_api.describe import Dataset
from opendata_api.errors import ApiError, DatabaseUnavailable, StatementTimeout
from opendata_api.query import Query, parse_query
from opendata_api.store import deadlines, steps
from opendata_api.store.checks import is_checked
from opendata_api.store.clauses import AnyQuery, Dialect, Question, Result, Steps
from opendata_api.store.errors import DamagedStore, StoreError
from opendata_api.store.known import Known
from opendata_api.store.model import Published
from opendata_api.store.pointer import Pointer
from opendata_api.store.schema import APPLICATION_ID
from opendata_api.store.sqlite_search import check_engine
from opendata_api.store.totals import Totals
from opendata_api.values import Row

STEPS = 5_000
"""SQLite's virtual machine asks the deadline every so many instructions."""
MAPPED_BYTES = 1 << 31
"""So much of a file is read from a map of it, which spares copies; the rest block by block."""
BRIEF_STEPS = 500_000
"""So many instructions take about six milliseconds: the event loop itself may run them."""
IDLE_MAX = 2
"""Readers that are kept for the next thread."""


GONE = (OSError, sqlite3.OperationalError)
"""What opening a file raises that is not there any more."""
UNREADABLE = (StoreError, OSError, sqlite3.DatabaseError)
"""What opening a published file and holding it to its hash raise."""


@dataclass(frozen=True, slots=True)
class Reader:
    """A connection to a published file, for one thread at a time."""

    connection: sqlite3.Connection
    file: BinaryIO
    size: int
    """How many bytes were published."""

    def run(self, read: Steps[Result]) -> Result:
        """What the steps come to, all within the deadline."""
        self._limit(deadlines.STATEMENT_S)
        return self._take(read)

    def run_briefly(self, read: Steps[Result]) -> Result:
        """What the steps come to. Raises StatementTimeout where they are not brief."""
        left = iter(range(BRIEF_STEPS // STEPS))
        self._stop(lambda: next(left, None) is None)
        return self._take(read)

    def next_batch(self, rows: Iterator[Row], shape: str | None, size: int) -> Sequence[Row]:
        """The next rows, at most so many, within a deadline of its own; empty after the last."""
        self._limit(deadlines.EXPORT_S)
        try:
            return steps.as_read(list(islice(rows, size)), shape)
        except sqlite3.DatabaseError as error:
            raise _refusal(error) from error

    def close(self) -> None:
        """Let go of the file."""
        self.connection.close()
        self.file.close()

    def _take(self, read: Steps[Result]) -> Result:
        try:
            return take_steps(read, self.connection)
        except sqlite3.DatabaseError as error:
            raise _refusal(error) from error

    def _limit(self, seconds: float) -> None:
        """Stop a statement that runs past the deadline. Raises DatabaseUnavailable."""
        end = time.monotonic() + seconds
        self._stop(lambda: time.monotonic() > end)

    def _stop(self, is_over: Callable[[], bool]) -> None:
        """Stop a statement when it is over. Raises DatabaseUnavailable."""
        # To read behind the end of a file that is mapped would be the end of the process.
        if os.fstat(self.file.fileno()).st_size != self.size:
            raise DatabaseUnavailable(retry_after_s=deadlines.RETRY_AFTER_S)
        self.connection.set_progress_handler(is_over, STEPS)


def _refusal(error: sqlite3.DatabaseError) -> ApiError:
    """What a caller is told, which is nothing of the driver."""
    # What the driver itself refuses has no code.
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_INTERRUPT:
        return StatementTimeout(retry_after_s=deadlines.RETRY_AFTER_S)
    return DatabaseUnavailable(retry_after_s=deadlines.RETRY_AFTER_S)


@dataclass(slots=True)
class Opened:
    """A published file, open for reading: on the event loop, and in threads."""

    path: Path
    pointer: Pointer
    here: Reader
    """The event loop's own."""
    published: Published
    totals: Totals = field(default_factory=Totals)
    known: Known = field(default_factory=Known)
    _idle: list[Reader] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)
    _is_closed: bool = False

    def take(self) -> Reader:
        """A reader for a thread. Raises what is GONE."""
        with self._lock:
            if self._idle:
                return self._idle.pop()
        return open_reader(self.path, self.here.size)

    def give_back(self, reader: Reader) -> None:
        """Let the next thread have a reader; one whose read failed is closed instead."""
        with self._lock:
            if len(self._idle) < IDLE_MAX and not self._is_closed:
                self._idle.append(reader)
                return
        reader.close()

    def run_apart(self, read: Steps[Result], reader: Reader) -> Result:
        """What the steps come to, in a thread that alone has the reader and gives it back.

        A caller may have left by then.
        """
        try:
            result = reader.run(read)
        except BaseException:
            reader.close()
            raise
        self.give_back(reader)
        return result

    def close(self) -> None:
        """Let go of the file; readers that are out are closed when they come back."""
        with self._lock:
            self._is_closed = True
            idle, self._idle = self._idle, []
        for reader in (self.here, *idle):
            reader.close()


def ask(query: AnyQuery, release: int) -> Question[AnyQuery]:
    """The question of a query to a release."""
    return Question(Dialect.SQLITE, query, release)


def open_file(folder: Path, pointer: Pointer) -> Opened:
    """The file that the pointer names, which has been checked. Raises DamagedStore."""
    path = folder / pointer.file
    reader = open_reader(path, path.stat().st_size)
    try:
        return Opened(path, pointer, reader, _look_into(path, reader.connection))
    except BaseException:
        reader.close()
        raise


def open_checked(folder: Path) -> Opened | None:
    """What the pointer of a folder names, if it was held to its hash lately and can be opened."""
    with suppress(*UNREADABLE):
        pointer = Pointer.read(folder)
        if pointer is not None and is_checked(folder, pointer):
            return open_file(folder, pointer)
    return None


def _look_into(path: Path, connection: sqlite3.Connection) -> Published:
    check_engine(connection)
    if connection.execute("pragma application_id").fetchone()[0] != APPLICATION_ID:
        raise DamagedStore(f"{path} is not a file of this program")
    published = take_steps(steps.published_steps(), connection)
    if published is None:
        raise DamagedStore(f"{path} holds no release")
    return published


def open_reader(path: Path, size: int) -> Reader:
    """A reader of a file that had so many bytes when it was published. Raises what is GONE."""
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro&immutable=1",
        uri=True,
        isolation_level=None,
        # A reader goes from thread to thread; none is in two of them.
        check_same_thread=False,
    )
    connection.execute("pragma query_only = on")
    connection.execute(f"pragma mmap_size = {MAPPED_BYTES}")
    return Reader(connection, path.open("rb"), size)


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


def read_rows(
    connection: sqlite3.Connection, question: Question[Query], shape: str | None, count: int
) -> Iterator[Row]:
    """The rows of an export one by one, of a dataset that has so many."""
    question = take_steps(steps.beginning_steps(question, count), connection)
    query = question.query
    statements = (
        steps.export_statement(question, shape, part, query.limit)
        for part in steps.export_parts(query)
    )
    parts = (connection.execute(one.sql, one.values) for one in statements)
    yield from islice(chain.from_iterable(parts), query.limit)


def drafted_batches(
    connection: sqlite3.Connection, dataset: Dataset, release: int
) -> Iterator[Sequence[Row]]:
    """All rows of a release that is being written: JSON and CSV of each, then its values."""
    question = Question(Dialect.SQLITE, parse_query(dataset, ()), release, is_drafted=True)
    statement = steps.drafted_statement(question)
    rows = connection.execute(statement.sql, statement.values)
    while batch := rows.fetchmany(steps.BATCH_ROWS):
        yield batch

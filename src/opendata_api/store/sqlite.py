"""Reading from SQLite: the published file, opened immutable, checked against its hash."""

import asyncio
import logging
import sqlite3
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

from opendata_api.describe import Dataset, area_of
from opendata_api.errors import DatabaseUnavailable, StatementTimeout
from opendata_api.formats import ENCODING
from opendata_api.query import Query
from opendata_api.store import reading
from opendata_api.store.errors import DamagedStore, StoreError
from opendata_api.store.model import Release, RowsPage, Total
from opendata_api.store.pointer import Pointer, check_file
from opendata_api.store.schema import APPLICATION_ID
from opendata_api.values import Row

Result = TypeVar("Result")

LOG = logging.getLogger("opendata_api.store")

STATEMENT_S = 1.0
"""A statement is stopped after this; an export has EXPORT_S for each batch."""
EXPORT_S = 10.0
STEPS = 5_000
"""SQLite's virtual machine asks the deadline every so many instructions."""
THREADS = 2
LOOP_ROWS = 1_000
"""Reads that an index bounds to so many rows are quicker on the event loop itself."""
WATCH_S = 0.5
RETRY_AFTER_S = 5


@dataclass(frozen=True, slots=True)
class Opened:
    """A published file, open for reading on the event loop."""

    path: Path
    pointer: Pointer
    connection: sqlite3.Connection
    releases: Mapping[int, Release]
    counts: Mapping[tuple[str, int], int]

    @property
    def newest(self) -> Release:
        """The release that is served unless another is asked for."""
        return self.releases[self.pointer.release]


@dataclass(slots=True)
class SqliteStore:
    """The releases in one folder."""

    folder: Path
    datasets: Sequence[Dataset]
    read_rows_max: int = reading.READ_ROWS_MAX
    _opened: Opened | None = None
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(THREADS, "sqlite")
    )
    _watcher: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Open what is published and follow the pointer from now on. Raises StoreError."""
        await self.refresh()
        self._watcher = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Stop following and let go of the file."""
        if self._watcher is not None:
            self._watcher.cancel()
            with suppress(asyncio.CancelledError):
                await self._watcher
        if self._opened is not None:
            self._opened.connection.close()
            self._opened = None
        self._threads.shutdown()

    async def refresh(self) -> None:
        """Serve what the pointer names now. Raises StoreError and goes on as before."""
        pointer = Pointer.read(self.folder)
        if pointer is None or (self._opened is not None and pointer == self._opened.pointer):
            return
        await asyncio.to_thread(check_file, self.folder, pointer)
        before, self._opened = self._opened, _open(self.folder, pointer)
        if before is not None:
            before.connection.close()

    @property
    def newest(self) -> Release:
        """The newest release. Raises DatabaseUnavailable where nothing is published."""
        return self._file.newest

    async def release(self, n: int) -> Release | None:
        """The release of that number, looked for again if it is newer than what is known."""
        if n > self._file.newest.n:
            await self.refresh()
        return self._file.releases.get(n)

    async def releases(self) -> Sequence[Release]:
        """Every release, the newest first."""
        return sorted(self._file.releases.values(), key=lambda release: -release.n)

    async def counts(self, release: int) -> Mapping[str, int]:
        """How many records each dataset has in a release."""
        counts = self._file.counts
        return {dataset.name: counts[dataset.name, release] for dataset in self.datasets}

    async def page(self, query: Query, release: int, limit: int, shape: str | None) -> RowsPage:
        """One page. With shape `json` or `csv`, each row is its one encoded text.

        Raises ExpensiveQuery, StatementTimeout and DatabaseUnavailable.
        """
        count = self._count(query, release)
        is_cheap = count <= LOOP_ROWS or (reading.is_served(query) and limit <= LOOP_ROWS)
        check = count > self.read_rows_max and not reading.is_served(query)
        if check:
            await self._run(partial(reading.check_cost, query, release, self.read_rows_max))
        read = partial(reading.read_page, query, release, limit, shape)
        return self._here(read) if is_cheap else await self._run(read)

    async def total(self, query: Query, release: int) -> Total:
        """How many rows match: exact from the counts or up to 10,000."""
        count = self._count(query, release)
        if not query.conditions and not query.dimensions:
            return Total(count)
        read = partial(reading.read_total, query, release)
        return self._here(read) if count <= LOOP_ROWS else await self._run(read)

    async def record(self, dataset: Dataset, record_id: str, release: int) -> Row | None:
        """One record as of a release."""
        area = area_of(record_id)
        return self._here(partial(reading.read_record, dataset, record_id, area, release))

    async def attachment(self, kind: str, name: str, release: int) -> str | None:
        """A text beside the rows, as of a release."""
        return self._here(partial(reading.read_attachment, kind, name, release))

    async def export(
        self, query: Query, release: int, shape: str | None
    ) -> AsyncGenerator[Sequence[Row], None]:
        """All rows in batches; the first is read before anything is given.

        Each batch is read in a thread, on a connection of the export's own.
        """
        count = self._count(query, release)
        if count > self.read_rows_max and not reading.is_served(query):
            await self._run(partial(reading.check_cost, query, release, self.read_rows_max))
        connection = _connect(self._file.path, check_same_thread=False)
        loop = asyncio.get_running_loop()
        try:
            batches = reading.read_batches(connection, query, release, shape)
            while batch := await loop.run_in_executor(
                self._threads, _next_batch, connection, batches
            ):
                yield batch
        finally:
            connection.close()

    @property
    def has_encoded_rows(self) -> bool:
        """Whether this program would encode the rows as they lie encoded in the file."""
        return self._file.pointer.encoding == ENCODING

    def most_rows(self, query: Query, release: int) -> int:
        """No more rows than this can be in the answer to a query for all rows."""
        count = self._count(query, release)
        return count if query.limit is None else min(query.limit, count)

    @property
    def _file(self) -> Opened:
        if self._opened is None:
            raise DatabaseUnavailable(retry_after_s=RETRY_AFTER_S)
        return self._opened

    def _count(self, query: Query, release: int) -> int:
        return self._file.counts[query.dataset.name, release]

    def _here(self, read: Callable[[sqlite3.Connection], Result]) -> Result:
        with _deadline(self._file.connection, STATEMENT_S):
            return read(self._file.connection)

    async def _run(self, read: Callable[[sqlite3.Connection], Result]) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, _read_apart, self._file.path, read)

    async def _watch(self) -> None:
        told = ""
        while True:
            await asyncio.sleep(WATCH_S)
            try:
                await self.refresh()
            except (StoreError, OSError, sqlite3.DatabaseError) as error:
                if str(error) != told:
                    LOG.error("the published data can't be opened: %s", error)  # noqa: TRY400
                told = str(error)
            else:
                told = ""


def _open(folder: Path, pointer: Pointer) -> Opened:
    path = folder / pointer.file
    connection = _connect(path)
    if connection.execute("pragma application_id").fetchone()[0] != APPLICATION_ID:
        raise DamagedStore(f"{path} is not a file of this program")
    releases = reading.read_releases(connection)
    counts = reading.read_counts(connection)
    return Opened(path, pointer, connection, releases, counts)


def _connect(path: Path, *, check_same_thread: bool = True) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode=ro&immutable=1",
        uri=True,
        isolation_level=None,
        check_same_thread=check_same_thread,
    )
    connection.execute("pragma query_only = on")
    return connection


def _read_apart(path: Path, read: Callable[[sqlite3.Connection], Result]) -> Result:
    with closing(_connect(path)) as connection, _deadline(connection, STATEMENT_S):
        return read(connection)


def _next_batch(connection: sqlite3.Connection, batches: Iterator[Sequence[Row]]) -> Sequence[Row]:
    with _deadline(connection, EXPORT_S):
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
            raise StatementTimeout(retry_after_s=RETRY_AFTER_S) from error
        raise DatabaseUnavailable(retry_after_s=RETRY_AFTER_S) from error

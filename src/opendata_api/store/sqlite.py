"""Reading from SQLite: the published file, opened immutable, checked against its hash."""

import asyncio
import logging
import math
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field
from pathlib import Path

from opendata_api.describe import Dataset
from opendata_api.errors import ApiError, DatabaseUnavailable, StatementTimeout
from opendata_api.query import GroupQuery, Query
from opendata_api.store import deadlines, group_steps, steps
from opendata_api.store.change_steps import changes_steps
from opendata_api.store.checks import noting_check
from opendata_api.store.clauses import Question, Result, Steps
from opendata_api.store.errors import StoreError
from opendata_api.store.group_bounds import Bounds
from opendata_api.store.known import key_of_read
from opendata_api.store.model import (
    ChangesAsked,
    ChangesPage,
    Groups,
    Hole,
    Published,
    Release,
    RowsPage,
    Total,
)
from opendata_api.store.pointer import Pointer, check_file
from opendata_api.store.sqlite_files import (
    GONE,
    UNREADABLE,
    Opened,
    Reader,
    ask,
    open_checked,
    open_file,
    read_rows,
)
from opendata_api.values import Row

LOG = logging.getLogger("opendata_api.store")

THREADS = 2
LOOP_ROWS = 1_000
"""Reads that an index bounds to so many rows are quicker on the event loop itself."""
TRIES = 2
"""So often a read is begun on the loop: the first may have to find out what the next knows."""


@dataclass(slots=True)
class SqliteStore:
    """The releases in one folder."""

    folder: Path
    read_rows_max: int = steps.READ_ROWS_MAX
    notes_checks: bool = False
    """Whether it is noted beside the file that it was held to its hash, for the next start."""
    _opened: Opened | None = None
    _threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(THREADS, "sqlite")
    )
    _verified: float = 0.0
    """When the file was last held to its hash, by `time.monotonic`."""
    _is_owed: bool = False
    """Whether it was opened by a note, and not held to its hash yet."""
    _watcher: asyncio.Task[None] | None = None
    _looking: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def open(self) -> None:
        """Open what is published and follow the pointer from now on. Raises StoreError.

        By the note of a check that is recent the file is opened at once, and held to its hash next.
        """
        if self.notes_checks:
            self._opened = open_checked(self.folder)
        self._is_owed = self._opened is not None
        self._verified = -math.inf if self._is_owed else time.monotonic()
        await self.refresh()
        self._watcher = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Stop following and let go of the file."""
        if self._watcher is not None:
            self._watcher.cancel()
            with suppress(asyncio.CancelledError):
                await self._watcher
        if self._opened is not None:
            self._opened.close()
            self._opened = None
        self._threads.shutdown()

    async def refresh(self) -> None:
        """Serve what the pointer names now. Raises StoreError and goes on as before."""
        async with self._looking:
            opened = await self._open_newest()
            if opened is None:
                return
            before, self._opened = self._opened, opened
            if before is not None:
                before.close()

    async def check(self) -> None:
        """Read the newest release from the file now. Raises DatabaseUnavailable.

        Also while a file that was opened by a note is held to its hash: it is served meanwhile.
        """
        if self._is_owed:
            raise DatabaseUnavailable(retry_after_s=deadlines.RETRY_AFTER_S)
        self._here(steps.published_steps())

    @property
    def published(self) -> Published:
        """What is published, as last seen. Raises DatabaseUnavailable for nothing."""
        return self._file.published

    async def release(self, n: int) -> Release | None:
        """The release of that number, looked for again if it is newer than what is known."""
        if n > self.published.newest.n:
            await self._look_again()
        return self.published.releases.get(n)

    async def page(self, query: Query, release: int, limit: int, shape: str | None) -> RowsPage:
        """One page. With shape `json` or `csv`, each row is its one encoded text."""
        is_bounded = steps.is_served(query) and limit <= LOOP_ROWS and not query.words
        is_cheap = self._is_small(query, release) or (
            is_bounded and self._is_compact(query, release)
        )
        totals = self._file.totals
        question = await self._bounded(query, release)
        if limit <= LOOP_ROWS and steps.is_of_one_token(query):
            page = await self._try(lambda: steps.page_steps(question, limit, shape), question)
        else:
            read = steps.page_steps(question, limit, shape)
            page = self._here(read) if is_cheap else await self._run(read)
        return totals.learn(query, release, page)

    async def total(self, query: Query, release: int) -> Total:
        """How many rows match: exact from the counts or up to 10,000."""
        if not query.is_filtered:
            return Total(self.published.count(query, release))
        totals = self._file.totals
        if (known := totals.find(query, release)) is not None:
            return known
        question = await self._bounded(query, release) if query.is_searched else ask(query, release)
        others = self.published.others(query, release)
        if steps.is_of_one_token(query):
            total = await self._try(lambda: steps.total_steps(question, others), question)
            return totals.keep(query, release, total)
        read = steps.total_steps(question, others)
        is_cheap = self._is_small(query, release) or (
            steps.is_indexed(query) and self._is_compact(query, release)
        )
        total = self._here(read) if is_cheap else await self._run(read)
        return totals.keep(query, release, total)

    async def facets(self, query: GroupQuery, release: int) -> Sequence[Groups]:
        """The rows counted by each key: the values by count, then by value; null comes last."""
        question, bounds = ask(query, release), self._bounds(query, release)
        return await self._read(lambda: group_steps.facets_steps(question, bounds), question)

    async def groups(self, query: GroupQuery, release: int) -> Groups:
        """The rows computed by all keys together. Raises NotAdditive."""
        question, bounds = ask(query, release), self._bounds(query, release)
        return await self._read(lambda: group_steps.groups_steps(question, bounds), question)

    async def record(self, dataset: Dataset, record_id: str, release: int) -> Row | None:
        """One record as of a release, all its fields in order."""
        return self._here(steps.record_steps(dataset, record_id, release))

    async def attachment(self, kind: str, name: str, release: int) -> str | None:
        """A text beside the rows, as of a release."""
        return self._here(steps.attachment_steps(kind, name, release))

    async def changes(
        self, asked: ChangesAsked, datasets: Mapping[str, Dataset], release: int
    ) -> ChangesPage:
        """What releases changed, up to a release."""
        return self._here(changes_steps(asked, datasets, release))

    async def manifest(self, release: int) -> str:
        """What a release consists of, by hashes, as JSON."""
        return self._here(steps.manifest_steps(release))

    async def holes(self, release: int) -> Sequence[Hole]:
        """What was erased of a release."""
        return self._here(steps.holes_steps(release))

    async def signature(self, release: int) -> str | None:
        """The signature of a release's manifest, where it is signed."""
        return self._here(steps.signature_steps(release))

    async def export(
        self, query: Query, release: int, shape: str | None
    ) -> AsyncGenerator[Sequence[Row], None]:
        """All rows in batches; the first is read before anything is given.

        Each batch is read in a thread, on a connection of the export's own.
        """
        question = await self._bounded(query, release)
        opened, reader = await self._take()
        count = opened.published.count(query, release)
        rows = read_rows(reader.connection, question, shape, count)
        sizes = steps.batch_sizes()
        batch = [await self._next_batch(reader, rows, shape, next(sizes))]
        while batch[0]:
            try:
                yield batch.pop()  # nothing of it is kept here while it is sent
            except BaseException:
                reader.close()
                raise
            batch.append(await self._next_batch(reader, rows, shape, next(sizes)))
        opened.give_back(reader)

    async def _next_batch(
        self, reader: Reader, rows: Iterator[Row], shape: str | None, size: int
    ) -> Sequence[Row]:
        """The next batch of an export, of so many rows at most, read in a thread.

        A reader whose read failed, or whose caller left, is closed when no thread has it any more.
        """
        running = self._threads.submit(reader.next_batch, rows, shape, size)
        try:
            return await asyncio.wrap_future(running)
        except BaseException:
            reader.connection.interrupt()
            running.add_done_callback(lambda _: reader.close())
            raise

    def _is_small(self, query: Query, release: int) -> bool:
        """Whether few rows are read, however: an index has those of all releases."""
        return self.published.versions(query, release) <= LOOP_ROWS

    def _is_compact(self, query: Query, release: int) -> bool:
        """Whether rows that stand side by side in an index have few of other releases among them.

        Those that another took the place of lie each beside it: of the newest release, most do.
        """
        published = self.published
        is_newest = release == published.newest.n
        most = max(LOOP_ROWS, published.count(query, release)) if is_newest else LOOP_ROWS
        return published.others(query, release) <= most

    async def _bounded(self, query: Query, release: int) -> Question[Query]:
        """The question that reads no more than may be read. Raises ExpensiveQuery."""
        question, most = ask(query, release), self.read_rows_max
        if self.published.found_most(query, release) <= most or steps.is_served(query):
            return question
        return await self._run(steps.bounded_steps(question, most, self._file.known.counts))

    def _bounds(self, query: GroupQuery, release: int) -> Bounds:
        opened = self._file
        count = opened.published.found_most(query, release)
        return Bounds(self.read_rows_max, count, opened.known)

    @property
    def _file(self) -> Opened:
        if self._opened is None:
            raise DatabaseUnavailable(retry_after_s=deadlines.RETRY_AFTER_S)
        return self._opened

    async def _read(
        self, make: Callable[[], Steps[Result]], question: Question[GroupQuery]
    ) -> Result:
        """What a read of groups comes to."""
        query = question.query
        if self._is_small(query, question.release):
            return self._here(make())
        if query.is_searched:  # the index of words counts no instructions
            return await self._run(make())
        return await self._try(make, question)

    async def _try(self, make: Callable[[], Steps[Result]], question: Question[Query]) -> Result:
        """What a read comes to that may be brief: begun here, and apart where it is known not to.

        To hand over to a thread takes longer than most of them.
        """
        opened = self._file
        long, key = opened.known.long, key_of_read(question)
        tried = long.find(key) or 0
        if tried < TRIES:
            try:
                return opened.here.run_briefly(make())
            except StatementTimeout:
                long.keep(key, tried + 1)
        return await self._run(make())

    def _here(self, read: Steps[Result]) -> Result:
        return self._file.here.run(read)

    async def _run(self, read: Steps[Result]) -> Result:
        loop = asyncio.get_running_loop()
        opened, reader = await self._take()
        return await loop.run_in_executor(self._threads, opened.run_apart, read, reader)

    def _check(self, pointer: Pointer) -> None:
        """Hold the file to its hash. Raises StoreError."""
        with noting_check(self.folder, pointer) if self.notes_checks else nullcontext():
            check_file(self.folder, pointer)

    async def _open_newest(self) -> Opened | None:
        """What the pointer names; None if it is open already, or nothing is published.

        A file that was swept while it was looked at has a newer one in its place.
        """
        pointer = Pointer.read(self.folder)
        while pointer is not None and (self._opened is None or pointer != self._opened.pointer):
            try:
                await asyncio.to_thread(self._check, pointer)
                return open_file(self.folder, pointer)
            except UNREADABLE:
                swept, pointer = pointer, Pointer.read(self.folder)
                if pointer == swept:
                    raise
        return None

    async def _look_again(self) -> None:
        """Look for a newer file on behalf of a caller, who is told that there is none to read."""
        try:
            await self.refresh()
        except UNREADABLE as error:
            raise DatabaseUnavailable(retry_after_s=deadlines.RETRY_AFTER_S) from error

    async def _take(self) -> tuple[Opened, Reader]:
        """A reader for one thread; a file that was swept is looked for in its newer one."""
        try:
            return (opened := self._file), opened.take()
        except GONE:
            await self._look_again()
        try:
            return (opened := self._file), opened.take()
        except GONE as error:
            raise DatabaseUnavailable(retry_after_s=deadlines.RETRY_AFTER_S) from error

    async def verify(self) -> None:
        """Hold the file that is served to its hash again, and serve it no more where that fails.

        Raises StoreError and OSError; not for a file in whose place another came meanwhile.
        """
        opened = self._opened
        if opened is None:
            return
        try:
            await asyncio.to_thread(self._check, opened.pointer)
        except (StoreError, OSError):
            with suppress(ApiError, *UNREADABLE):
                await self.refresh()  # another may have come in its place meanwhile
            if self._opened is opened:
                self._opened = None
                opened.close()
                raise
        finally:
            self._is_owed = False

    async def _verify_if_due(self) -> None:
        if time.monotonic() - self._verified >= deadlines.VERIFY_S:
            self._verified = time.monotonic()
            await self.verify()

    async def _watch(self) -> None:
        """Hold the file to its hash when that is due, and follow the pointer."""
        told = ""
        while True:
            await asyncio.sleep(deadlines.WATCH_S)  # at a start the first answers come first
            faults = []
            for look in (self._verify_if_due, self.refresh):
                try:
                    await look()
                except (ApiError, *UNREADABLE) as error:
                    faults.append(str(error))
            if faults and "; ".join(faults) != told:
                LOG.error("the published data can't be opened: %s", "; ".join(faults))
            told = "; ".join(faults)

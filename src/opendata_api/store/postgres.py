"""Reading from PostgreSQL: the same statements, each proving that its release is there."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import cast

from asyncpg.cursor import Cursor

from opendata_api.describe import Dataset
from opendata_api.errors import ApiError, DatabaseUnavailable
from opendata_api.query import GroupQuery, Query
from opendata_api.store import deadlines, group_steps, steps
from opendata_api.store.change_steps import changes_steps
from opendata_api.store.clauses import (
    AnyQuery,
    Dialect,
    Question,
    Result,
    Steps,
)
from opendata_api.store.connections import (
    Connections,
    LostConnection,
    unavailable,
)
from opendata_api.store.errors import StoreError
from opendata_api.store.group_bounds import Bounds
from opendata_api.store.known import Known
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
from opendata_api.store.postgres_reads import (
    check_layout,
    leave,
    next_batch,
    prove,
    run_proved,
    run_steps,
)
from opendata_api.store.totals import Totals
from opendata_api.values import Row

LOG = logging.getLogger("opendata_api.store")

BY_INDEX = "set local enable_sort = off"
"""Rows that an index gives in order begin at once; to sort them first, which the planner thinks
cheaper for all of them, takes half a second for 100,000."""


@dataclass(slots=True)
class PostgresStore:
    """The releases in one database."""

    address: str
    connections_max: int = 10
    exports_max: int = 16
    read_rows_max: int = steps.READ_ROWS_MAX
    _reads: Connections = field(init=False)
    _exports: Connections = field(init=False)
    _published: Published | None = None
    _totals: Totals = field(default_factory=Totals)
    _known: Known = field(default_factory=Known)
    _watcher: asyncio.Task[None] | None = None

    def __post_init__(self) -> None:
        self._reads = Connections(self.address, self.connections_max, deadlines.STATEMENT_S)
        self._exports = Connections(self.address, self.exports_max, deadlines.EXPORT_S)

    async def open(self) -> None:
        """Find what is published and follow it from now on; a database away is waited for.

        Raises StoreError for tables that are not this program's.
        """
        await self._reads.open()
        await self._exports.open()
        try:
            await self.refresh()
        except DatabaseUnavailable as error:
            LOG.error("the database is away: %s", _first_cause(error))  # noqa: TRY400
        except StoreError:
            await self.close()
            raise
        self._watcher = asyncio.create_task(self._watch())

    async def close(self) -> None:
        """Stop following and let go of the database."""
        if self._watcher is not None:
            self._watcher.cancel()
            with suppress(asyncio.CancelledError):
                await self._watcher
        await self._reads.close()
        await self._exports.close()

    async def refresh(self) -> None:
        """Look for what is published now. Raises StoreError and DatabaseUnavailable."""
        if self._published is None:
            await self._reads.read(check_layout)
        found = await self._reads.read(partial(run_steps, steps.published_steps))
        # Several look at once; who was late does not take back what another has seen.
        known = self._published
        if found == known:
            return
        if known is None or found is None or found.newest.n >= known.newest.n:
            self._published, self._totals, self._known = found, Totals(), Known()

    async def check(self) -> None:
        """Read the newest release from the database now."""
        release = self.published.newest.n
        await self._reads.read(partial(prove, release=release))

    @property
    def published(self) -> Published:
        """What is published, as last seen. Raises DatabaseUnavailable for nothing."""
        if self._published is None:
            raise DatabaseUnavailable(retry_after_s=deadlines.RETRY_AFTER_S)
        return self._published

    async def release(self, n: int) -> Release | None:
        """The release of that number, looked for again if it is newer than what is known."""
        if n > self.published.newest.n:
            await self.refresh()
        return self.published.releases.get(n)

    async def page(self, query: Query, release: int, limit: int, shape: str | None) -> RowsPage:
        """One page. With shape `json` or `csv`, each row is its one encoded text."""
        totals = self._totals
        question = await self._bounded(query, release)
        page = await self._read(lambda: steps.page_steps(question, limit, shape), release)
        return totals.learn(query, release, page)

    async def total(self, query: Query, release: int) -> Total:
        """How many rows match: exact from the counts or up to 10,000."""
        if not query.is_filtered:
            return Total(self.published.count(query, release))
        totals = self._totals
        if (known := totals.find(query, release)) is not None:
            return known
        question = (
            await self._bounded(query, release) if query.is_searched else _ask(query, release)
        )
        others = self.published.others(query, release)
        total = await self._read(lambda: steps.total_steps(question, others), release)
        return totals.keep(query, release, total)

    async def facets(self, query: GroupQuery, release: int) -> Sequence[Groups]:
        """The rows counted by each key: the values by count, then by value; null comes last."""
        bounds = self._bounds(query, release)
        return await self._read(
            lambda: group_steps.facets_steps(_ask(query, release), bounds), release
        )

    async def groups(self, query: GroupQuery, release: int) -> Groups:
        """The rows computed by all keys together. Raises NotAdditive."""
        bounds = self._bounds(query, release)
        return await self._read(
            lambda: group_steps.groups_steps(_ask(query, release), bounds), release
        )

    async def record(self, dataset: Dataset, record_id: str, release: int) -> Row | None:
        """One record as of a release, all its fields in order."""
        return await self._read(lambda: steps.record_steps(dataset, record_id, release), release)

    async def attachment(self, kind: str, name: str, release: int) -> str | None:
        """A text beside the rows, as of a release."""
        return await self._read(lambda: steps.attachment_steps(kind, name, release), release)

    async def changes(
        self, asked: ChangesAsked, datasets: Mapping[str, Dataset], release: int
    ) -> ChangesPage:
        """What releases changed, up to a release."""
        return await self._read(lambda: changes_steps(asked, datasets, release), release)

    async def manifest(self, release: int) -> str:
        """What a release consists of, by hashes, as JSON."""
        return await self._told(lambda: steps.manifest_steps(release), release)

    async def holes(self, release: int) -> Sequence[Hole]:
        """What was erased of a release."""
        return await self._told(lambda: steps.holes_steps(release), release)

    async def signature(self, release: int) -> str | None:
        """The signature of a release's manifest, where it is signed."""
        return await self._told(lambda: steps.signature_steps(release), release)

    async def export(
        self, query: Query, release: int, shape: str | None
    ) -> AsyncGenerator[Sequence[Row], None]:
        """All rows in batches; the first is read before anything is given.

        The batches come from a cursor of the server, on a connection of the export's own.
        """
        question = await self._bounded(query, release)
        with unavailable():
            try:
                batches, batch = await self._begin(question, shape)
            except LostConnection:
                batches, batch = await self._begin(question, shape)
            coming: asyncio.Task[Sequence[Row]] | None = None
            try:
                while batch[0]:
                    # The database makes the next batch while this one is sent.
                    coming = asyncio.create_task(next_batch(batches))
                    yield batch.pop()  # nothing of it is kept here while it is sent
                    batch.append(await coming)
            finally:
                if coming is not None:
                    await leave(coming)
                await batches.aclose()

    async def _begin(
        self, question: Question[Query], shape: str | None
    ) -> tuple[AsyncGenerator[Sequence[Row], None], list[Sequence[Row]]]:
        """The batches, and the first of them taken out."""
        batches = self._batches(question, shape)
        return batches, [await next_batch(batches)]

    async def _batches(
        self, question: Question[Query], shape: str | None
    ) -> AsyncGenerator[Sequence[Row], None]:
        """The rows as the statements give them, on one snapshot."""
        query = question.query
        count = self.published.count(query, question.release)
        async with self._exports.lend() as connection:
            snapshot = connection.transaction(isolation="repeatable_read", readonly=True)
            async with self._exports.limit():
                await snapshot.start()
                await prove(connection, question.release)
                if steps.is_served(query) and not query.is_ranked:
                    await connection.execute(BY_INDEX)
                begun = partial(steps.beginning_steps, question, count)
                question = await run_steps(begun, connection)
            sizes = steps.batch_sizes()
            query, left = question.query, question.query.limit
            for part in steps.export_parts(query):
                if left == 0:
                    break
                statement = steps.export_statement(question, shape, part, left)
                async with self._exports.limit():
                    cursor = await connection.cursor(statement.numbered, *statement.values)
                batch = [await self._fetch_batch(cursor, shape, next(sizes))]
                while batch[0]:
                    left = None if left is None else left - len(batch[0])
                    yield batch.pop()
                    batch.append(await self._fetch_batch(cursor, shape, next(sizes)))
            async with self._exports.limit():
                await snapshot.rollback()

    async def _fetch_batch(self, cursor: Cursor, shape: str | None, size: int) -> Sequence[Row]:
        async with self._exports.limit():
            rows = cast("Sequence[Row]", await cursor.fetch(size))
            return steps.as_read(rows, shape)

    async def _bounded(self, query: Query, release: int) -> Question[Query]:
        """The question that reads no more than may be read. Raises ExpensiveQuery."""
        question, most = _ask(query, release), self.read_rows_max
        if self.published.found_most(query, release) <= most or steps.is_served(query):
            return question
        counts = self._known.counts
        return await self._read(lambda: steps.bounded_steps(question, most, counts), release)

    def _bounds(self, query: GroupQuery, release: int) -> Bounds:
        count = self.published.found_most(query, release)
        return Bounds(self.read_rows_max, count, self._known)

    async def _told(self, make: Callable[[], Steps[Result]], release: int) -> Result:
        """What is told of a release, also of one that can't be read any more."""
        if release in self.published.gone:
            return await self._reads.read(partial(run_steps, make))
        return await self._read(make, release)

    async def _read(self, make: Callable[[], Steps[Result]], release: int) -> Result:
        return await self._reads.read(partial(run_proved, make, release))

    async def _watch(self) -> None:
        told = ""
        while True:
            await asyncio.sleep(deadlines.WATCH_S)
            try:
                await self.refresh()
            except (ApiError, StoreError) as error:
                message = _first_cause(error)
                if message != told:
                    LOG.error("what is published can't be read: %s", message)  # noqa: TRY400
                told = message
            else:
                told = ""


def _first_cause(error: BaseException) -> str:
    """What the driver said, or we did where nothing lies under it."""
    while error.__cause__ is not None:
        error = error.__cause__
    return f"{type(error).__name__}: {error}"


def _ask(query: AnyQuery, release: int) -> Question[AnyQuery]:
    return Question(Dialect.POSTGRES, query, release)

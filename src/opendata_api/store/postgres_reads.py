"""Reads on a connection to PostgreSQL: what steps come to, and of which release that is proof."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence

import asyncpg

from opendata_api.store.clauses import Clause, Result, Steps, select_published
from opendata_api.store.connections import Connection, LostConnection
from opendata_api.store.errors import NoTables, OtherLayout
from opendata_api.store.schema import LAYOUT
from opendata_api.values import Row


async def check_layout(connection: Connection) -> None:
    """Raise StoreError unless the tables are those of this program."""
    layout = await read_layout(connection)
    if layout is None:
        raise NoTables
    if layout != LAYOUT:
        raise OtherLayout.of("the database", layout, LAYOUT)


async def read_layout(connection: Connection) -> int | None:
    """The layout of the tables; None where there are none."""
    if not await connection.fetchval("select to_regclass('alembic_version') is not null"):
        return None
    version = await connection.fetchval("select version_num from alembic_version")
    return None if version is None else int(version)


async def run_proved(
    make: Callable[[], Steps[Result]], release: int, connection: Connection
) -> Result:
    """What the steps come to, proved to be of a release that is published on that server.

    A statement that gives rows has proved it. One that gives none is asked again beside the
    proof, on one snapshot: no rows may mean that the server has not got the release yet.
    """
    read = make()
    try:
        statement = next(read)
        while rows := await _fetch(connection, statement):
            statement = read.send(rows)
    except StopIteration as end:
        result: Result = end.value
        return result
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await prove(connection, release)
        return await run_steps(make, connection)


async def run_steps(make: Callable[[], Steps[Result]], connection: Connection) -> Result:
    """What the steps come to."""
    read = make()
    try:
        statement = next(read)
        while True:
            statement = read.send(await _fetch(connection, statement))
    except StopIteration as end:
        result: Result = end.value
        return result


async def prove(connection: Connection, release: int) -> None:
    """Raise LostConnection unless the release is published on that server."""
    if not await _fetch(connection, select_published(release)):
        raise LostConnection


async def next_batch(batches: AsyncGenerator[Sequence[Row], None]) -> Sequence[Row]:
    """The next batch of an export; empty after the last."""
    return await anext(batches, [])


async def leave(coming: asyncio.Task[Sequence[Row]]) -> None:
    """Break off a batch that nobody waits for any more, whatever it would have come to."""
    coming.cancel()
    await asyncio.gather(coming, return_exceptions=True)


async def _fetch(connection: Connection, statement: Clause) -> Sequence[Row]:
    records: Sequence[asyncpg.Record] = await connection.fetch(
        statement.numbered, *statement.values
    )
    return [tuple(record) for record in records]

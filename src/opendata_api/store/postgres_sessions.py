"""Sessions of a publisher with PostgreSQL."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg

from opendata_api.store.connections import LOST
from opendata_api.store.errors import DatabaseAway, PublishingElsewhere
from opendata_api.store.postgres_search import Connection
from opendata_api.store.schema import APPLICATION_ID

LOCK_WAIT_S = 10.0
LOCK_RETRY_S = 0.05
CONNECT_S = 5.0


@asynccontextmanager
async def connect(address: str) -> AsyncIterator[Connection]:
    """A connection without a limit of time."""
    connection = await asyncpg.connect(
        address, timeout=CONNECT_S, server_settings={"statement_timeout": "0"}
    )
    try:
        yield connection
    finally:
        connection.terminate()


@asynccontextmanager
async def locked(connection: Connection) -> AsyncIterator[None]:
    """One publisher at a time; the lock ends with its connection, however that ends."""
    deadline = time.monotonic() + LOCK_WAIT_S
    while not await connection.fetchval("select pg_try_advisory_lock($1)", APPLICATION_ID):
        if time.monotonic() > deadline:
            raise PublishingElsewhere(
                "another process is publishing into the database; try again later"
            )
        await asyncio.sleep(LOCK_RETRY_S)
    yield
    await connection.execute("select pg_advisory_unlock($1)", APPLICATION_ID)


@contextmanager
def driver_errors() -> Iterator[None]:
    """What the driver says, told to an operator; an address may hold a password and is not."""
    try:
        yield
    except LOST as error:
        raise DatabaseAway(f"the database does not answer: {type(error).__name__}") from error
    except asyncpg.PostgresError as error:
        raise DatabaseAway(f"the database refuses: {error}") from error

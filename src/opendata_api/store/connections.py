"""Connections to PostgreSQL, with deadlines that stand outside the driver.

The server stops a read at its own limit; a server that is frozen, or a network that is cut, is
given up by us a moment later, and with it the connection.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from opendata_api.errors import DatabaseUnavailable, QueryError, StatementTimeout
from opendata_api.store import deadlines

Lent: TypeAlias = "PoolConnectionProxy[asyncpg.Record]"
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record] | PoolConnectionProxy[asyncpg.Record]"
Result = TypeVar("Result")

LOST = (
    OSError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
)
"""What the driver says where the connection is gone: another may work."""


IN_ORDER = (StatementTimeout, QueryError)
"""What a read can end with and leave its connection as it was."""


class LostConnection(Exception):
    """The connection broke, or its server lacks the release; a read may be tried once more."""


class BrokenConnection(LostConnection):
    """The connection broke, and with it, as likely as not, all that were open beside it."""


@dataclass(slots=True)
class Connections:
    """At most so many connections to one database, all for reading."""

    address: str
    most: int
    statement_s: float
    """After this the server stops a statement."""
    _pool: "asyncpg.Pool[asyncpg.Record] | None" = None

    async def open(self) -> None:
        """Be ready to connect; the database need not be there yet."""
        self._pool = await asyncpg.create_pool(
            self.address,
            min_size=0,
            max_size=self.most,
            timeout=deadlines.CONNECT_S,
            reset=_keep_as_it_is,
            server_settings={
                "application_name": "opendata-api",
                # Compiling takes longer than the reads of ours that the planner would compile.
                "jit": "off",
                "default_transaction_read_only": "on",
                "statement_timeout": str(round(self.statement_s * 1000)),
            },
        )

    async def close(self) -> None:
        """Let go of the database."""
        if self._pool is not None:
            self._pool.terminate()

    async def read(self, read: Callable[[Connection], Awaitable[Result]]) -> Result:
        """What a read comes to; where its connection is lost it is tried once more.

        Raises StatementTimeout and DatabaseUnavailable.
        """
        with unavailable():
            try:
                return await self._read(read)
            except LostConnection:
                return await self._read(read)

    @asynccontextmanager
    async def lend(self) -> AsyncIterator[Connection]:
        """A connection; one that is not given back in order is closed. Raises LostConnection.

        Where one broke, the next ones are made anew.
        """
        connection = await self._acquire()
        try:
            with driver_errors():
                yield connection
        except BaseException as error:
            # The pool has taken a connection that broke back already.
            with suppress(asyncpg.InterfaceError):
                if not isinstance(error, IN_ORDER) or connection.is_in_transaction():
                    connection.terminate()
            if isinstance(error, BrokenConnection):
                await self._given_pool.expire_connections()
            raise
        finally:
            # One that is to be made anew is closed now: a server that hangs is not waited for.
            with suppress(TimeoutError):
                await self._given_pool.release(connection, timeout=deadlines.CONNECT_S)

    @asynccontextmanager
    async def limit(self) -> AsyncIterator[None]:
        """Stop what the server does not stop by itself."""
        async with asyncio.timeout(self.statement_s + deadlines.GRACE_S):
            yield

    async def _read(self, read: Callable[[Connection], Awaitable[Result]]) -> Result:
        async with self.lend() as connection, self.limit():
            return await read(connection)

    async def _acquire(self) -> Lent:
        with driver_errors():
            async with asyncio.timeout(deadlines.CONNECT_S):
                return await self._given_pool.acquire()

    @property
    def _given_pool(self) -> "asyncpg.Pool[asyncpg.Record]":
        if self._pool is None:
            raise TypeError("the connections are not open")
        return self._pool


@contextmanager
def driver_errors() -> Iterator[None]:
    """The driver's errors as ours: what may be tried again, what ran too long, what is away."""
    try:
        yield
    except TimeoutError as error:
        raise DatabaseUnavailable(retry_after_s=deadlines.RETRY_AFTER_S) from error
    except LOST as error:
        raise BrokenConnection from error
    except asyncpg.QueryCanceledError as error:
        raise StatementTimeout(retry_after_s=deadlines.RETRY_AFTER_S) from error
    except asyncpg.PostgresError as error:
        raise DatabaseUnavailable(retry_after_s=deadlines.RETRY_AFTER_S) from error


@contextmanager
def unavailable() -> Iterator[None]:
    """A lost connection, told to the caller."""
    try:
        yield
    except LostConnection as error:
        raise DatabaseUnavailable(retry_after_s=deadlines.RETRY_AFTER_S) from error


async def _keep_as_it_is(_: Any) -> None:
    """Reading leaves nothing on a connection that would have to be reset."""

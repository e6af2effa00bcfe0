"""Publishing into PostgreSQL, in two steps: rows that no reader sees, then the release itself."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from datetime import datetime
from itertools import count
from uuid import uuid4

import asyncpg
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from opendata_api.describe import Dataset
from opendata_api.store.changes import Foreseen, Log
from opendata_api.store.connections import LOST
from opendata_api.store.errors import DatabaseAway, OtherLayout, PublishingElsewhere
from opendata_api.store.manifest import Manifest, digest_contents, fingerprint
from opendata_api.store.migrate import distribute, upgrade
from opendata_api.store.model import Edition, File, Release, ReleaseFiles
from opendata_api.store.postgres import check_layout, read_layout
from opendata_api.store.postgres_publisher import Publisher, foresee, tell_story
from opendata_api.store.postgres_search import Connection, index_all
from opendata_api.store.schema import APPLICATION_ID, FIRST_TOLD, FOREVER, LAYOUT, search_table
from opendata_api.store.sqlite_search import FIRST_SEARCHED
from opendata_api.store.versions import Last, next_release

LOCK_WAIT_S = 10.0
LOCK_RETRY_S = 0.05
CONNECT_S = 5.0


def write_release(
    address: str,
    datasets: Sequence[Dataset],
    edition: Edition,
    at: datetime,
    files: ReleaseFiles | None = None,
) -> tuple[Release, bool]:
    """The release that has the edition, and whether it had to be made.

    Its time is `at`, but at least a second after the release before. Raises StoreError and
    leaves what is published as it was.
    """
    with _driver_errors():
        return asyncio.run(_write_release(address, datasets, edition, at, files))


def migrate(address: str, datasets: Sequence[Dataset]) -> tuple[int, int]:
    """Bring the tables to this program's layout; the layouts before (0: none) and after.

    Where Citus is, the tables are spread over its shards. Raises StoreError.
    """
    with _driver_errors():
        return asyncio.run(_migrate(address, datasets))


async def _write_release(
    address: str,
    datasets: Sequence[Dataset],
    edition: Edition,
    at: datetime,
    files: ReleaseFiles | None,
) -> tuple[Release, bool]:
    contents = fingerprint(datasets, edition)
    digest = digest_contents(contents)
    async with _connect(address) as connection:
        await check_layout(connection)
        current = (await _last_release(connection)).release
        is_same = current is not None and current.digest == digest
        if current is not None and is_same and not await _is_unfinished(connection):
            return current, False
        async with _lock(connection):
            await _sweep(connection, datasets)
            last = await _last_release(connection)
            if last.release is not None and last.release.digest == digest:
                return last.release, False
            release = next_release(last.release, digest, at)
            told = (
                {}
                if last.release is None
                else (await foresee(connection, datasets, edition)).explained()
            )
            log = Log(release.n, last.seq, told)
            await _begin(connection, release)
            numbers = count(last.n + 1)
            publisher = Publisher(connection, datasets, numbers, log)
            await publisher.write(edition, last.release)
            history_id = await history_of(connection)
            made: Sequence[File] = ()
            if files is not None:
                with files.making(release, history_id) as making:
                    made = await publisher.make_files(edition, making)
            manifest = Manifest(
                release=release,
                history_id=history_id,
                previous=last.manifest,
                contents=contents,
                changes=log.content,
                files=made,
                notes=edition.notes,
            ).write()
            notes = (next(numbers) - 1, log.seq, log.summary, manifest)
            await _finish(connection, release, notes)
            if files is not None:
                files.settle(history_id, await _manifests_of(connection))
            return release, True


def foresee_release(address: str, datasets: Sequence[Dataset], edition: Edition) -> Foreseen | None:
    """What the edition would change; None where nothing is published. Raises StoreError."""
    with _driver_errors():
        return asyncio.run(_foresee(address, datasets, edition))


async def _foresee(address: str, datasets: Sequence[Dataset], edition: Edition) -> Foreseen | None:
    async with _connect(address) as connection:
        await check_layout(connection)
        if await _is_unfinished(connection):
            raise PublishingElsewhere(
                "a publication is under way or was broken off; publish, or look again later"
            )
        if (await _last_release(connection)).release is None:
            return None
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return await foresee(connection, datasets, edition)


async def _begin(connection: Connection, release: Release) -> None:
    await connection.execute(
        'insert into "release" ("n", "published_at", "digest", "encoding", "state") '
        "values ($1, $2, $3, $4, 'writing')",
        release.n,
        release.published_at,
        release.digest,
        release.encoding,
    )


async def history_of(connection: Connection) -> str:
    """The id of the store's history, made up where it has none."""
    found = await connection.fetchval("select id from history")
    if found is not None:
        return str(found)
    history_id = str(uuid4())
    await connection.execute("insert into history (id) values ($1)", history_id)
    return history_id


async def _finish(
    connection: Connection, release: Release, notes: tuple[int, int, str, str]
) -> None:
    """The flip: with this one row the release is current; last numbers and manifest are noted."""
    await connection.execute(
        'update "release" set "state" = \'published\', "last_n" = $2, "last_seq" = $3, '
        '"changes" = $4, "manifest" = $5 where "n" = $1',
        release.n,
        *notes,
    )


async def _last_release(connection: Connection) -> Last:
    """The newest published release."""
    found = await connection.fetchrow(
        "select n, published_at, digest, encoding, last_n, last_seq, manifest from release "
        "where state = 'published' order by n desc limit 1"
    )
    return Last(None) if found is None else Last(Release(*found[:4]), *found[4:])


async def _manifests_of(connection: Connection) -> Mapping[int, str]:
    """The manifests of all releases."""
    rows = await connection.fetch("select n, manifest from release where state = 'published'")
    return {n: manifest for n, manifest in rows}  # noqa: C416 - a row is no pair


async def _is_unfinished(connection: Connection) -> bool:
    found: bool = await connection.fetchval(
        "select exists (select 1 from release where state <> 'published')"
    )
    return found


async def _sweep(connection: Connection, datasets: Sequence[Dataset]) -> None:
    """Undo a publication that did not finish; its publisher is gone, for we hold the lock."""
    if not await _is_unfinished(connection):
        return
    last = await _last_release(connection)
    n = 0 if last.release is None else last.release.n
    async with connection.transaction():
        for table in [*(dataset.table for dataset in datasets), "attachment"]:
            await connection.execute(f'delete from "{table}" where "since" > $1', n)
            await connection.execute(
                f'update "{table}" set "until" = {FOREVER} '
                f'where "until" > $1 and "until" < {FOREVER}',
                n,
            )
        for dataset in datasets:
            await connection.execute(
                f'delete from "{dataset.table}_fragment" where "n" > $1', last.n
            )
            if dataset.dimensions:
                await connection.execute(
                    f'delete from "{dataset.table}_dimension" where "n" > $1', last.n
                )
            await connection.execute(
                f'delete from "{search_table(dataset)}" where "n" > $1', last.n
            )
        await connection.execute('delete from "change" where "release" > $1', n)
        await connection.execute('delete from "count" where "release" > $1', n)
        await connection.execute("delete from release where state <> 'published'")


async def _migrate(address: str, datasets: Sequence[Dataset]) -> tuple[int, int]:
    async with _connect(address) as connection, _lock(connection):
        layout = await read_layout(connection) or 0
        if layout > LAYOUT:
            raise OtherLayout.of("the database", layout, LAYOUT)
        engine = create_async_engine(
            "postgresql+asyncpg://",
            async_creator=lambda: asyncpg.connect(address, timeout=CONNECT_S),
            poolclass=NullPool,
        )
        async with engine.begin() as transaction:
            await transaction.run_sync(upgrade)
            await transaction.run_sync(lambda sync: distribute(sync, datasets))
        if 0 < layout < FIRST_SEARCHED:
            async with connection.transaction():
                await index_all(connection, datasets)
        if 0 < layout < FIRST_TOLD:
            async with connection.transaction():
                await tell_story(connection, datasets, await history_of(connection))
        return layout, LAYOUT


@asynccontextmanager
async def _connect(address: str) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(
        address, timeout=CONNECT_S, server_settings={"statement_timeout": "0"}
    )
    try:
        yield connection
    finally:
        connection.terminate()


@asynccontextmanager
async def _lock(connection: Connection) -> AsyncIterator[None]:
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
def _driver_errors() -> Iterator[None]:
    """What the driver says, told to an operator; an address may hold a password and is not."""
    try:
        yield
    except LOST as error:
        raise DatabaseAway(f"the database does not answer: {type(error).__name__}") from error
    except asyncpg.PostgresError as error:
        raise DatabaseAway(f"the database refuses: {error}") from error

"""Publishing into PostgreSQL, in two steps: rows that no reader sees, then the release itself."""

import asyncio
from collections.abc import Sequence
from datetime import datetime
from itertools import count

import asyncpg
from sqlalchemy.pool import NullPool

from opendata_api.describe import Dataset
from opendata_api.store.changes import Foreseen, Log
from opendata_api.store.errors import OtherLayout, PublishingElsewhere
from opendata_api.store.manifest import Manifest, digest_contents, fingerprint
from opendata_api.store.migrate import distribute, upgrade
from opendata_api.store.model import Edition, Release
from opendata_api.store.postgres_files import make_files, settle
from opendata_api.store.postgres_publisher import Publisher, foresee, tell_story
from opendata_api.store.postgres_reads import check_layout, read_layout
from opendata_api.store.postgres_releases import (
    begin,
    finish,
    history_of,
    is_unfinished,
    last_release,
    sweep,
)
from opendata_api.store.postgres_search import index_all
from opendata_api.store.postgres_sessions import CONNECT_S, connect, driver_errors, locked
from opendata_api.store.release_files import ROWS_ALONE, Beside
from opendata_api.store.schema import FIRST_TOLD, LAYOUT
from opendata_api.store.space import check_space
from opendata_api.store.sqlite_search import FIRST_SEARCHED
from opendata_api.store.versions import next_release


def write_release(
    address: str,
    datasets: Sequence[Dataset],
    edition: Edition,
    at: datetime,
    beside: Beside = ROWS_ALONE,
) -> tuple[Release, bool]:
    """The release that has the edition, and whether it had to be made.

    Its time is `at`, but at least a second after the release before. Raises StoreError and
    leaves what is published as it was.
    """
    with driver_errors():
        return asyncio.run(_write_release(address, datasets, edition, at, beside))


def migrate(address: str, datasets: Sequence[Dataset]) -> tuple[int, int]:
    """Bring the tables to this program's layout; the layouts before (0: none) and after.

    Where Citus is, the tables are spread over its shards. Raises StoreError.
    """
    with driver_errors():
        return asyncio.run(_migrate(address, datasets))


async def _write_release(
    address: str,
    datasets: Sequence[Dataset],
    edition: Edition,
    at: datetime,
    beside: Beside,
) -> tuple[Release, bool]:
    contents = fingerprint(datasets, edition)
    digest = digest_contents(contents)
    async with connect(address) as connection:
        await check_layout(connection)
        current = (await last_release(connection)).release
        is_same = current is not None and current.digest == digest
        if current is not None and is_same and not await is_unfinished(connection):
            return current, False
        async with locked(connection):
            await sweep(connection, datasets)
            last = await last_release(connection)
            if last.release is not None and last.release.digest == digest:
                return last.release, False
            check_space(beside.needs(sum(len(some) for some in edition.rows.values())))
            release = next_release(last.release, digest, at)
            told = (
                {}
                if last.release is None
                else (await foresee(connection, datasets, edition)).explained()
            )
            log = Log(release.n, last.seq, told)
            await begin(connection, release)
            numbers = count(last.n + 1)
            publisher = Publisher(connection, datasets, numbers, log)
            await publisher.write(edition, last.release)
            history_id = await history_of(connection)
            manifest = Manifest(
                release=release,
                history_id=history_id,
                previous=last.manifest,
                contents=contents,
                changes=log.content,
                files=await make_files(connection, datasets, release, beside),
                address=beside.address,
                notes=edition.notes,
            )
            await finish(connection, manifest, log, next(numbers) - 1, beside)
            await settle(connection, beside)
            return release, True


def foresee_release(address: str, datasets: Sequence[Dataset], edition: Edition) -> Foreseen | None:
    """What the edition would change; None where nothing is published. Raises StoreError."""
    with driver_errors():
        return asyncio.run(_foresee(address, datasets, edition))


async def _foresee(address: str, datasets: Sequence[Dataset], edition: Edition) -> Foreseen | None:
    async with connect(address) as connection:
        await check_layout(connection)
        if await is_unfinished(connection):
            raise PublishingElsewhere(
                "a publication is under way or was broken off; publish, or look again later"
            )
        if (await last_release(connection)).release is None:
            return None
        async with connection.transaction(isolation="repeatable_read", readonly=True):
            return await foresee(connection, datasets, edition)


async def _migrate(address: str, datasets: Sequence[Dataset]) -> tuple[int, int]:
    from sqlalchemy.ext.asyncio import (  # noqa: PLC0415 - loaded where tables are changed
        create_async_engine,
    )

    async with connect(address) as connection, locked(connection):
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

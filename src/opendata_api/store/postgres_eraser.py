"""Taking out of a PostgreSQL database what must not stay public, in one transaction."""

import asyncio
from collections.abc import Sequence
from functools import partial

from opendata_api.describe import Dataset
from opendata_api.store.changes import Log
from opendata_api.store.clauses import Dialect
from opendata_api.store.erasing import Eraser, Erasure, erased_names
from opendata_api.store.errors import UnpublishedSeed
from opendata_api.store.manifest import Manifest, digest_contents, fingerprint
from opendata_api.store.model import Edition, Release
from opendata_api.store.postgres_files import make_files, settle
from opendata_api.store.postgres_reads import check_layout, run_steps
from opendata_api.store.postgres_releases import (
    begin,
    finish,
    history_of,
    last_release,
    manifests_of,
    sweep,
)
from opendata_api.store.postgres_sessions import connect, driver_errors, locked
from opendata_api.store.release_files import Beside
from opendata_api.store.space import check_space
from opendata_api.store.versions import next_release
from opendata_api.store.withdrawing import withdraw_steps
from opendata_api.words import Text


def erase(
    address: str, datasets: Sequence[Dataset], edition: Edition, erasure: Erasure, beside: Beside
) -> Release:
    """The release that tells of the erasure; it has the edition, which is published already.

    Raises FilesLeft after that; StoreError else, and leaves what is published as it was.
    """
    with driver_errors():
        return asyncio.run(_erase(address, datasets, edition, erasure, beside))


def withdraw_release(
    address: str, datasets: Sequence[Dataset], release: int, why: Text, beside: Beside
) -> None:
    """Let a release be read no more. Raises StoreError."""
    with driver_errors():
        asyncio.run(_withdraw(address, datasets, release, why, beside))


async def _erase(
    address: str, datasets: Sequence[Dataset], edition: Edition, erasure: Erasure, beside: Beside
) -> Release:
    contents = fingerprint(datasets, edition)
    digest = digest_contents(contents)
    async with connect(address) as connection:
        await check_layout(connection)
        async with locked(connection):
            await sweep(connection, datasets)
            last = await last_release(connection)
            if last.release is None or last.release.digest != digest:
                raise UnpublishedSeed
            check_space(beside.needs(sum(len(some) for some in edition.rows.values())))
            release = next_release(last.release, digest, erasure.at)
            log = Log(release.n, last.seq, {})
            async with connection.transaction():
                await begin(connection, release)
                eraser = Eraser(Dialect.POSTGRES, datasets, log)
                holes = await run_steps(partial(eraser.steps, erasure), connection)
                manifest = Manifest(
                    release=release,
                    history_id=await history_of(connection),
                    previous=last.manifest,
                    contents=contents,
                    changes=log.content,
                    files=await make_files(connection, datasets, release, beside),
                    address=beside.address,
                )
                await finish(connection, manifest, log, last.n, beside)
            if beside.files is not None:
                manifests = await manifests_of(connection)
                history_id = await history_of(connection)
                beside.files.drop(history_id, manifests, erased_names(holes))
            await settle(connection, beside)
            return release


async def _withdraw(
    address: str, datasets: Sequence[Dataset], release: int, why: Text, beside: Beside
) -> None:
    async with connect(address) as connection:
        await check_layout(connection)
        async with locked(connection):
            await sweep(connection, datasets)
            async with connection.transaction():
                make = partial(withdraw_steps, Dialect.POSTGRES, datasets, release, why)
                await run_steps(make, connection)
            await settle(connection, beside)

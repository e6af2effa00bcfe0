"""The releases in a PostgreSQL database: those that are there, and the next one."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from opendata_api.describe import Dataset
from opendata_api.store.changes import Log
from opendata_api.store.manifest import Manifest
from opendata_api.store.model import Release
from opendata_api.store.postgres_search import Connection
from opendata_api.store.release_files import Beside
from opendata_api.store.schema import FOREVER, search_table
from opendata_api.store.versions import Last


async def begin(connection: Connection, release: Release) -> None:
    """Note that a release is being written, which is not there for readers."""
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


async def finish(
    connection: Connection, manifest: Manifest, log: Log, last_n: int, beside: Beside
) -> None:
    """The flip: with this one row the release is current; last numbers and manifest are noted."""
    written = manifest.write()
    await connection.execute(
        'update "release" set "state" = \'published\', "last_n" = $2, "last_seq" = $3, '
        '"changes" = $4, "manifest" = $5, "signature" = $6 where "n" = $1',
        manifest.release.n,
        *(last_n, log.seq, log.summary, written, beside.signature(written)),
    )


async def last_release(connection: Connection) -> Last:
    """The newest published release."""
    found = await connection.fetchrow(
        "select n, published_at, digest, encoding, last_n, last_seq, manifest from release "
        "where state = 'published' order by n desc limit 1"
    )
    return Last(None) if found is None else Last(Release(*found[:4]), *found[4:])


async def is_unfinished(connection: Connection) -> bool:
    """Whether a publication is under way, or was broken off."""
    found: bool = await connection.fetchval(
        "select exists (select 1 from release where state = 'writing')"
    )
    return found


async def sweep(connection: Connection, datasets: Sequence[Dataset]) -> None:
    """Undo a publication that did not finish; its publisher is gone, for we hold the lock."""
    if not await is_unfinished(connection):
        return
    last = await last_release(connection)
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
        await connection.execute("delete from release where state = 'writing'")


async def manifests_of(connection: Connection) -> Mapping[int, str]:
    """The manifests of the releases that can be read."""
    rows = await connection.fetch("select n, manifest from release where state = 'published'")
    return {n: manifest for n, manifest in rows}  # noqa: C416 - a row is no pair

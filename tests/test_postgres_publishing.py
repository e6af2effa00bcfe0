"""Publishing into PostgreSQL: two steps, one publisher, nothing left of what did not finish."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import TypeAlias

import asyncpg
import pytest
from conftest import a_database, at_postgres
from editions import O083, changed, find, without
from postgres_server import PostgresServer

from opendata_api.datasets import DATASETS, OBSERVATIONS
from opendata_api.errors import DatabaseUnavailable
from opendata_api.query import parse_query
from opendata_api.settings import Settings
from opendata_api.store import place, postgres_sessions, postgres_writer
from opendata_api.store.connections import Connections
from opendata_api.store.errors import PublishingElsewhere
from opendata_api.store.model import Edition, Release
from opendata_api.store.postgres import PostgresStore
from opendata_api.store.schema import APPLICATION_ID, FOREVER

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def settings(postgres: PostgresServer) -> Iterator[Settings]:
    """A database with the seed as release 1."""
    with a_database(postgres, "pristine") as name:
        yield at_postgres(postgres, name)


@pytest.fixture
async def connection(settings: Settings) -> AsyncIterator[Connection]:
    connection = await asyncpg.connect(settings.postgres_address)
    yield connection
    await connection.close()


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(str(settings.postgres_address))
    await store.open()
    yield store
    await store.close()


async def write(settings: Settings, edition: Edition) -> tuple[Release, bool]:
    return await asyncio.to_thread(place.write_release, settings, DATASETS, edition, AT)


async def left_over(connection: Connection, newest: int) -> int:
    """The rows of a release after the newest, and those that it would retire."""
    found = 0
    for table in [*(dataset.table for dataset in DATASETS), "attachment"]:
        found += await connection.fetchval(
            f'select count(*) from "{table}" '
            f"where since > $1 or (until > $1 and until < {FOREVER})",
            newest,
        )
    for dataset in DATASETS:
        side = [f"{dataset.table}_fragment"]
        side += [f"{dataset.table}_dimension"] if dataset.dimensions else []
        for table in side:
            found += await connection.fetchval(
                f'select count(*) from "{table}" s where not exists '
                f'(select 1 from "{dataset.table}" t where t.area_code = s.area_code and t.n = s.n)'
            )
    counts = await connection.fetchval("select count(*) from count where release > $1", newest)
    return int(found + counts)


async def test_a_second_publisher_is_refused(
    settings: Settings,
    edition: Edition,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(postgres_sessions, "LOCK_WAIT_S", 0.1)
    await connection.execute("select pg_advisory_lock($1)", APPLICATION_ID)

    with pytest.raises(PublishingElsewhere, match="another process is publishing"):
        await write(settings, without(edition, O083))


async def test_a_publisher_that_waited_finds_its_edition_published(
    settings: Settings, edition: Edition, connection: Connection
) -> None:
    await connection.execute("select pg_advisory_lock($1)", APPLICATION_ID)
    changed_edition = without(edition, O083)
    both = [asyncio.create_task(write(settings, changed_edition)) for _ in range(2)]
    await asyncio.sleep(0.3)
    await connection.execute("select pg_advisory_unlock($1)", APPLICATION_ID)
    answers = await asyncio.gather(*both)

    assert sorted(is_new for _, is_new in answers) == [False, True]
    assert {release.n for release, _ in answers} == {2}


async def test_what_did_not_finish_is_seen_by_no_reader_and_swept_by_the_next(
    settings: Settings,
    edition: Edition,
    store: PostgresStore,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(*_: object) -> None:
        raise OSError("the cable")

    query = parse_query(OBSERVATIONS, ())
    before = [await find(store, O083, 1), await store.page(query, 1, 200, "json")]
    with monkeypatch.context() as broken:
        broken.setattr(postgres_writer, "finish", fail)
        with pytest.raises(Exception, match="the database does not answer: OSError"):
            await write(settings, changed(edition, O083, note_en="Half published."))
    assert await left_over(connection, 1) > 0
    with pytest.raises(PublishingElsewhere, match="was broken off"):
        await asyncio.to_thread(place.foresee_release, settings, DATASETS, edition)
    await store.refresh()
    during = [await find(store, O083, 1), await store.page(query, 1, 200, "json")]
    newest = store.published.newest.n

    release, is_new = await write(settings, edition)

    assert during == before
    assert newest == 1
    assert (release.n, is_new) == (1, False)
    assert await left_over(connection, 1) == 0
    assert (await write(settings, without(edition, O083)))[0].n == 2


async def test_rows_of_another_encoding_are_read_and_get_this_one_beside_it(
    settings: Settings,
    edition: Edition,
    store: PostgresStore,
    connection: Connection,
) -> None:
    await connection.execute("update release set encoding = 0")
    for dataset in DATASETS:
        await connection.execute(f'update "{dataset.table}_fragment" set encoding = 0')
    await store.refresh()
    was_encoded = store.published.is_encoded(1)

    await write(settings, without(edition, O083))
    await store.refresh()
    page = await store.page(parse_query(OBSERVATIONS, ()), 2, 200, "json")
    kept = await connection.fetchval("select count(*) from observation_fragment where encoding = 0")

    assert not was_encoded
    assert [store.published.is_encoded(n) for n in (1, 2)] == [False, True]
    assert len(page.rows) == 107
    assert str(page.rows[0][0]).startswith('{"id":"cn450203-2023-rol-o001",')
    assert kept == 108


async def test_a_database_that_lost_a_table_is_an_unavailable_one(
    store: PostgresStore, connection: Connection
) -> None:
    await connection.execute("drop table observation")

    with pytest.raises(DatabaseUnavailable):
        await find(store, O083, 1)


async def test_connections_are_opened_before_they_are_read_by() -> None:
    connections = Connections("postgresql://127.0.0.1/nosuch", 1, 1.0)

    with pytest.raises(TypeError, match="not open"):
        async with connections.lend():
            pass

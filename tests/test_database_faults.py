"""PostgreSQL slow, silent, dead or behind: what callers see, and that it is over."""

import asyncio
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
from asyncpg import Record
from asyncpg.cursor import Cursor
from conftest import BASE, IS_WHOLE, a_database, at_postgres
from fault_proxy import FaultProxy, Mode
from postgres_server import PostgresServer

from opendata_api.datasets import DATASETS, OBSERVATIONS
from opendata_api.query import parse_query
from opendata_api.settings import Settings
from opendata_api.store import deadlines
from opendata_api.store.model import Store
from opendata_api.store.postgres import PostgresStore
from opendata_api.values import Row
from opendata_api.web import files
from opendata_api.web.app import Application, create_app

pytestmark = pytest.mark.usefixtures("promised")

HANGS_S = 10.0 if IS_WHOLE else 60.0
"""What takes longer hangs. Promised is a quarter of the first, on a machine that rests."""
CONNECTIONS = 4
ASKED = (
    "/v1/observations?sort=-value&limit=3",
    "/v1/observations?topic=legal_aid",
    "/v1/observations/cn450203-2023-rol-o083",
    "/v1/observations.csv",
    "/v1/observations/facets?by=topic",
    "/v1/observations/aggregate?metric=inspection_tasks&agg=sum:value",
    "/v1/documents/cn450203-2023-rol-d1/text",
)


@pytest.fixture
def database_name(postgres: PostgresServer) -> Iterator[str]:
    with a_database(postgres, "pristine") as name:
        yield name


@pytest.fixture
def proxy(postgres: PostgresServer) -> Iterator[FaultProxy]:
    place = urlsplit(postgres.address("postgres"))
    with FaultProxy(str(place.hostname), int(place.port or 0)) as proxy:
        yield proxy


@pytest.fixture
async def app(
    postgres: PostgresServer, database_name: str, proxy: FaultProxy
) -> AsyncIterator[Application]:
    """The service over a database behind the proxy."""
    settings = at_postgres(postgres, database_name)
    address = postgres.address(database_name, port=proxy.port)
    update = {"database_url": address, "database_connections": CONNECTIONS}
    app = create_app(settings.model_copy(update=update), DATASETS)
    await app.site.store.open()
    yield app
    await app.site.store.close()


@asynccontextmanager
async def client_of(app: Application) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
        yield client


async def ask_all(client: httpx.AsyncClient) -> list[httpx.Response]:
    addresses = [*ASKED, "/-/ready"]
    async with asyncio.timeout(HANGS_S):
        return list(await asyncio.gather(*(client.get(address) for address in addresses)))


def assert_unavailable(answers: list[httpx.Response]) -> None:
    """Each is a problem that says when to come again."""
    for answer in answers:
        assert answer.status_code == 503, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["code"] in ("database-unavailable", "statement-timeout")
        assert answer.headers["retry-after"] == "5"


async def recover(client: httpx.AsyncClient) -> None:
    """Wait until every address is answered and the service is ready again."""
    async with asyncio.timeout(HANGS_S):
        while {answer.status_code for answer in await ask_all(client)} != {200}:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("mode", ["hang", "reset", "refuse"])
async def test_without_a_database_callers_are_told_and_served_again(
    app: Application, proxy: FaultProxy, mode: Mode
) -> None:
    async with client_of(app) as client:
        whole = [answer.content for answer in await ask_all(client)]

        proxy.set(mode)
        broken = [await ask_all(client) for _ in range(2)]
        proxy.set("pass")
        await recover(client)
        again = [answer.content for answer in await ask_all(client)]

    for asked in broken:
        assert_unavailable(asked)
    assert again == whole


async def test_a_frozen_database_is_told_and_served_again(
    app: Application, postgres: PostgresServer
) -> None:
    async with client_of(app) as client:
        await ask_all(client)
        postgres.freeze()
        try:
            broken = [await ask_all(client) for _ in range(2)]
        finally:
            postgres.thaw()
        await recover(client)

    for asked in broken:
        assert_unavailable(asked)


async def test_a_killed_database_is_told_and_served_when_it_is_back(
    app: Application, postgres: PostgresServer
) -> None:
    async with client_of(app) as client:
        await ask_all(client)
        postgres.kill()
        try:
            broken = await ask_all(client)
        finally:
            postgres.restart()
        await recover(client)

    assert_unavailable(broken)


async def test_a_slow_network_is_waited_for(app: Application, proxy: FaultProxy) -> None:
    async with client_of(app) as client:
        proxy.set("delay", delay_s=0.05)
        asked = await ask_all(client)

    assert {answer.status_code for answer in asked} == {200}


async def test_a_read_whose_connection_is_lost_is_tried_once_more(
    app: Application, proxy: FaultProxy
) -> None:
    async with client_of(app) as client:
        for address in [*ASKED, *ASKED]:
            proxy.drop()
            answer = await client.get(address)
            assert answer.status_code == 200


async def test_a_read_is_tried_once_more_where_all_connections_are_lost_at_once(
    app: Application, proxy: FaultProxy
) -> None:
    async with client_of(app) as client:
        for _ in range(20):
            await ask_all(client)  # as many connections as there may be
            proxy.drop()
            answer = await client.get(ASKED[0])
            assert answer.status_code == 200


async def test_more_askers_than_connections_are_all_refused(
    app: Application, proxy: FaultProxy
) -> None:
    async with client_of(app) as client:
        proxy.set("hang")
        asked = await asyncio.gather(*(client.get(ASKED[0]) for _ in range(10 * CONNECTIONS)))

    assert_unavailable(list(asked))


async def test_what_the_caller_has_already_needs_no_database(
    app: Application, proxy: FaultProxy
) -> None:
    async with client_of(app) as client:
        tag = (await client.get(ASKED[0])).headers["etag"]
        proxy.set("refuse")
        answer = await client.get(ASKED[0], headers={"if-none-match": tag})

    assert answer.status_code == 304


async def test_a_service_may_start_before_its_database(
    postgres: PostgresServer, database_name: str, proxy: FaultProxy
) -> None:
    address = postgres.address(database_name, port=proxy.port)
    proxy.set("refuse")
    app = create_app(Settings(database_url=address, public_url=BASE), DATASETS)
    await app.site.store.open()
    async with client_of(app) as client:
        before = await ask_all(client)
        health = await client.get("/-/health")
        proxy.set("pass")
        await recover(client)
    await app.site.store.close()

    assert_unavailable(before)
    assert health.status_code == 200


async def test_the_server_stops_a_statement_and_keeps_the_connection(
    app: Application, postgres: PostgresServer, database_name: str
) -> None:
    other = await asyncpg.connect(postgres.address(database_name))
    running = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
    async with client_of(app) as client, other.transaction():
        await other.execute("lock table observation in access exclusive mode")
        answer = await client.get(ASKED[0])
        left = await other.fetchval(running)
    await other.close()

    assert (answer.status_code, answer.json()["code"]) == (503, "statement-timeout")
    assert left == 0


@pytest.fixture
async def store(postgres: PostgresServer, database_name: str) -> AsyncIterator[PostgresStore]:
    store = PostgresStore(postgres.address(database_name))
    await store.open()
    yield store
    await store.close()


async def test_a_server_that_lacks_the_release_is_never_read_from(
    app: Application, postgres: PostgresServer, database_name: str
) -> None:
    """As a standby that is behind its primary."""
    other = await asyncpg.connect(postgres.address(database_name))
    await other.execute("update release set state = 'writing'")
    async with client_of(app) as client:
        answers = await asyncio.gather(*(client.get(address) for address in [*ASKED, "/-/ready"]))
        nothing = await client.get("/v1/observations?year=1990")
        await other.execute("update release set state = 'published'")
        await recover(client)
    await other.close()

    assert {answer.status_code for answer in [*answers, nothing]} == {503}


async def test_an_export_that_loses_its_database_breaks_and_gives_its_connection_up(
    app: Application, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opendata_api.store.steps.BATCH_ROWS", 7)
    store = app.site.store
    query = parse_query(OBSERVATIONS, ())
    batches = store.export(query, 1, "csv")
    first = await anext(batches)

    proxy.set("reset")
    with pytest.raises(Exception, match="database-unavailable"):
        async for _ in batches:
            pass
    proxy.set("pass")
    rows = await read_all(store)

    assert len(first) == 7
    assert len(rows) == store.published.count_of(OBSERVATIONS, 1)


async def read_all(store: Store) -> list[Row]:
    """The rows of an export of all observations."""
    batches = store.export(parse_query(OBSERVATIONS, ()), 1, "csv")
    return [row async for batch in batches for row in batch]


async def test_an_export_that_is_left_gives_its_connection_up(
    postgres: PostgresServer, database_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opendata_api.store.steps.BATCH_ROWS", 7)
    store = PostgresStore(postgres.address(database_name), exports_max=1)
    await store.open()
    for _ in range(3):
        batches = store.export(parse_query(OBSERVATIONS, ()), 1, "csv")
        await anext(batches)
        await batches.aclose()
    rows = await read_all(store)
    await store.close()

    assert len(rows) == store.published.count_of(OBSERVATIONS, 1)


@pytest.mark.parametrize("mode", ["hang", "reset"])
async def test_an_export_that_is_left_while_its_next_batch_is_made_gives_its_connection_up(
    postgres: PostgresServer,
    database_name: str,
    proxy: FaultProxy,
    monkeypatch: pytest.MonkeyPatch,
    mode: Mode,
) -> None:
    monkeypatch.setattr("opendata_api.store.steps.BATCH_ROWS", 7)
    store = PostgresStore(postgres.address(database_name, port=proxy.port), exports_max=1)
    await store.open()
    asked = asyncio.Event()
    fetch = Cursor.fetch

    async def noted(cursor: Cursor, most: int) -> list[Record]:
        asked.set()
        return await fetch(cursor, most)

    monkeypatch.setattr(Cursor, "fetch", noted)
    batches = store.export(parse_query(OBSERVATIONS, ()), 1, "csv")
    await anext(batches)
    asked.clear()  # of the first batch; nobody has asked for the next one yet
    proxy.set(mode)
    async with asyncio.timeout(HANGS_S):
        await asked.wait()
        await batches.aclose()
    proxy.set("pass")
    rows = await read_all(store)
    await store.close()

    assert len(rows) == store.published.count_of(OBSERVATIONS, 1)


async def test_the_next_batch_of_an_export_is_made_while_the_last_is_sent(
    app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = asyncio.Event()
    fetch = Cursor.fetch

    async def noted(cursor: Cursor, most: int) -> list[Record]:
        rows: list[Record] = await fetch(cursor, most)
        if begun:
            made.set()
        return rows

    monkeypatch.setattr(Cursor, "fetch", noted)
    monkeypatch.setattr("opendata_api.store.steps.BATCH_ROWS", 7)
    begun: list[object] = []
    batches = app.site.store.export(parse_query(OBSERVATIONS, ()), 1, "csv")
    begun.append(await anext(batches))
    async with asyncio.timeout(HANGS_S):
        await made.wait()
    rest = [row async for batch in batches for row in batch]

    assert len(rest) == app.site.store.published.count_of(OBSERVATIONS, 1) - 7


@pytest.mark.parametrize("limit", [None, 30, 1_000])
async def test_an_export_before_a_cursor_begins_with_its_first_batch_alone(
    postgres: PostgresServer,
    database_name: str,
    monkeypatch: pytest.MonkeyPatch,
    limit: int | None,
) -> None:
    fetched: list[int] = []
    fetch = Cursor.fetch

    async def noted(cursor: Cursor, most: int) -> list[Record]:
        fetched.append(most)
        return await fetch(cursor, most)

    monkeypatch.setattr(Cursor, "fetch", noted)
    monkeypatch.setattr("opendata_api.store.steps.BATCH_ROWS", 7)
    query = parse_query(OBSERVATIONS, (("sort", "value"),))
    store = PostgresStore(postgres.address(database_name))
    await store.open()
    page = await store.page(query, 1, 1_000, None)
    before = replace(query, limit=limit).beside(1, page.last or (), backwards=True)
    batches = store.export(before, 1, None)
    first = await anext(batches)
    begun = len(fetched)
    rest = [row async for batch in batches for row in batch]
    await store.close()

    assert [*first, *rest] == page.rows[:-1][-(limit or 1_000) :]
    assert begun == 1


@pytest.mark.usefixtures("without_files")
async def test_an_export_that_runs_against_a_request_limit_is_lifted_out_of_it(
    app: Application, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stream may take longer than a request, as long as each batch comes in time."""
    monkeypatch.setattr(files, "PAGE_LIMIT_MAX", 10)
    monkeypatch.setattr("opendata_api.web.deadline.REQUEST_S", 0.2)
    async with client_of(app) as client:
        proxy.set("delay", delay_s=0.05)
        answer = await client.get("/v1/observations.csv")

    assert answer.status_code == 200
    assert len(answer.text.splitlines()) > 100


async def test_an_export_whose_connection_is_lost_before_its_first_row_is_tried_once_more(
    app: Application, proxy: FaultProxy
) -> None:
    store = app.site.store
    for _ in range(5):
        batches = store.export(parse_query(OBSERVATIONS, ()), 1, "csv")
        rows = [row async for batch in batches for row in batch]
        proxy.drop()

        assert len(rows) == store.published.count_of(OBSERVATIONS, 1)


async def test_a_request_that_waits_too_long_is_refused(
    app: Application, proxy: FaultProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opendata_api.web.deadline.REQUEST_S", 0.1)
    async with client_of(app) as client:
        proxy.set("delay", delay_s=0.2)
        answer = await client.get(ASKED[0])

    assert_unavailable([answer])


async def test_what_is_wrong_is_logged_once(
    app: Application, proxy: FaultProxy, caplog: pytest.LogCaptureFixture
) -> None:
    deadline = time.monotonic() + 4 * deadlines.WATCH_S
    proxy.set("refuse")
    while time.monotonic() < deadline:
        await asyncio.sleep(0.1)
    proxy.set("pass")
    async with client_of(app) as client:
        await recover(client)
    await asyncio.sleep(2 * deadlines.WATCH_S)

    told = [one for one in caplog.records if one.name == "opendata_api.store"]
    assert len(told) == 1
    assert "can't be read" in told[0].getMessage()

"""Answers that are kept ready are the answers that the application gives."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from conftest import BASE
from editions import O083, changed, published_with, serving
from starlette.types import Message, Receive, Scope, Send
from test_http import ADDRESSES

from opendata_api.datasets import DATASETS
from opendata_api.errors import DatabaseUnavailable
from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store.model import Published, Release
from opendata_api.web import downloads, packing
from opendata_api.web.answer_cache import ANSWER_BYTES, ASKED_MAX, HEADER_BYTES, AnswerCache
from opendata_api.web.app import create_app
from opendata_api.web.requests import LEAVE_SCOPE

TURNS = 1_000_000
"""Of the loop, after which nothing more is waited for."""
ROW = f"/v1/observations/{O083}"
PAGE = "/v1/observations?topic=legal_aid&limit=5"
MORE = [
    PAGE,
    f"{ROW}?lang=en",
    f"{PAGE}&fields=id,value&sort=-value",
    "/v1/observations?limit=5&topic=legal_aid",
    "/v1/observations?q=%E6%B3%95%E5%BE%8B",
    "/v1/observations/facets?by=topic",
    "/v1/search?q=%E6%B3%95%E5%BE%8B",
    "/v1/observations.csv?topic=legal_aid",
    "/v1/observations?nosuch=1",
    "/v1/observations?release=2",
    "/v1/observations/nothing",
    "/nothing",
    f"/v1?{'a' * (ASKED_MAX + 1)}",
    "/feeds/changes.atom",
    "/oai?verb=Identify",
    "/api/3/action/package_list",
    "/metrics/inspection_tasks/chart.svg",
]
WISHES: list[Mapping[str, str]] = [
    {},
    {"accept-encoding": "br"},
    {"accept-encoding": "gzip, deflate"},
    {"accept": "text/csv"},
    {"accept": "text/html,*/*;q=0.8", "accept-language": "en"},
    {"accept": "image/png"},
    {"if-none-match": "*"},
    {"if-none-match": '"nothing"'},
    {"if-modified-since": "Sun, 01 Jan 2040 00:00:00 GMT"},
    {"range": "bytes=0-9"},
    {"x-request-id": "my-own"},
    {"x-request-id": "no id"},
]


@pytest.fixture
async def pair(published: Settings) -> AsyncIterator[tuple[httpx.AsyncClient, httpx.AsyncClient]]:
    """The service without answers kept ready, and with them."""
    keeping = published.model_copy(update={"answer_cache_mb": 64})
    async with serving(published) as plain, serving(keeping) as ready:
        yield plain, ready


def told(answer: httpx.Response) -> tuple[int, list[tuple[str, str]], bytes]:
    headers = [(name, value) for name, value in answer.headers.items() if name != "x-request-id"]
    return answer.status_code, sorted(headers), answer.content


@pytest.mark.untraced
@pytest.mark.any_database
async def test_every_kind_of_request_is_answered_alike(
    pair: tuple[httpx.AsyncClient, httpx.AsyncClient],
) -> None:
    """Every address with some wishes, so that each wish meets every kind of answer."""
    plain, ready = pair
    for number, address in enumerate([*ADDRESSES, *MORE]):
        for wish in WISHES if address in (ROW, PAGE) else WISHES[number % 4 :: 4]:
            expected = told(await plain.get(address, headers=wish))
            for _ in range(2):
                assert told(await ready.get(address, headers=wish)) == expected, (address, wish)
        head = told(await plain.head(address))
        assert told(await ready.head(address)) == head, address


async def test_a_good_copy_is_known_alike_by_the_tag_of_every_coding(
    pair: tuple[httpx.AsyncClient, httpx.AsyncClient],
) -> None:
    plain, ready = pair
    for address in (ROW, PAGE, "/", "/catalog.ttl"):
        for coding in ("br", "gzip", "identity"):
            wish = {"accept-encoding": coding}
            tag = (await ready.get(address, headers=wish)).headers["etag"]
            for given in (tag, f"W/{tag}", f'"other", {tag}', tag.replace('"', "")):
                asked = wish | {"if-none-match": given}
                expected = told(await plain.get(address, headers=asked))
                head = told(await plain.head(address, headers=asked))
                for _ in range(2):
                    assert told(await ready.get(address, headers=asked)) == expected
                    assert told(await ready.head(address, headers=asked)) == head


@pytest.mark.any_database
async def test_what_is_kept_is_not_asked_for_again_and_what_is_not_public_is(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = create_app(published.model_copy(update={"answer_cache_mb": 1}), DATASETS)
    await app.site.store.open()
    asked = []
    record = app.site.store.record

    async def count(*given: Any) -> Any:
        asked.append(given[1])
        return await record(*given)

    monkeypatch.setattr(type(app.site.store), "record", staticmethod(count))
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        answers = [await client.get(ROW) for _ in range(3)]
        await client.head(ROW)
        tag = answers[0].headers["etag"]
        unchanged = [await client.get(ROW, headers={"if-none-match": tag}) for _ in range(2)]
        for _ in range(2):
            assert (await client.get("/v1/observations/nothing")).status_code == 404
    await app.site.store.close()

    assert asked == [O083, "nothing", "nothing"]
    assert len({answer.headers["x-request-id"] for answer in answers}) == 3
    assert [answer.status_code for answer in unchanged] == [304, 304]


@pytest.mark.any_database
async def test_who_asks_for_a_file_that_is_packed_already_waits_for_nobody(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    hold = asyncio.Event()
    begun = []
    take_place = downloads.take_place

    async def take_and_wait(*given: Any) -> None:
        await take_place(*given)
        begun.append(given)
        await hold.wait()

    monkeypatch.setattr(packing, "take_place", take_and_wait)
    async with serving(published.model_copy(update={"answer_cache_mb": 1})) as client:
        address = "/v1/observations.xlsx?topic=legal_aid"
        asking = [asyncio.ensure_future(client.get(address)) for _ in range(3)]
        await until(lambda: len(begun) == 3)
        hold.set()
        answers = await asyncio.gather(*asking)

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1


async def test_a_new_release_drops_what_is_kept(own: Settings, seed: Seed) -> None:
    keeping = own.model_copy(update={"answer_cache_mb": 1})
    async with serving(keeping) as client:
        before = (await client.get(ROW)).json()
        edition = changed(make_edition(seed), O083, note_en="Another note.")
        async with published_with(own, edition):
            for _ in range(40):
                after = (await client.get(ROW)).json()
                if after["meta"]["release"] == 2:
                    break
                await asyncio.sleep(0.1)
        pinned = (await client.get(f"{ROW}?release=1")).json()

    assert before["meta"]["release"] == 1
    assert after["data"]["note_en"] == "Another note."
    assert pinned["data"] == before["data"]


def released(n: int) -> Published:
    return Published({n: Release(n, "2026-01-02T03:04:05Z", "", 1)}, {})


@dataclass
class Answering:
    """An application that counts what it is asked."""

    body: bytes = b"whole"
    parts: int = 1
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    hold: asyncio.Event | None = None
    asked: list[str] = field(default_factory=list)
    fault: Exception | None = None

    async def __call__(self, scope: Scope, _: Receive, send: Send) -> None:
        self.asked.append(scope["path"])
        if self.hold is not None:
            await self.hold.wait()
        if self.fault is not None:
            raise self.fault
        told = {"etag": '"one"', "cache-control": "public, max-age=60", **self.headers}
        headers = [(name.encode(), value.encode()) for name, value in told.items() if value]
        await send({"type": "http.response.start", "status": self.status, "headers": headers})
        for number in range(self.parts):
            more = number < self.parts - 1
            await send({"type": "http.response.body", "body": self.body, "more_body": more})


@dataclass
class Now:
    """What is published, and what the clock says."""

    published: Published | None = field(default_factory=lambda: released(1))
    time: float = 0.0

    def find(self) -> Published:
        if self.published is None:
            raise DatabaseUnavailable
        return self.published


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Iterator[Now]:
    now = Now()
    with monkeypatch.context() as patch:
        patch.setattr("opendata_api.web.answer_cache.time.monotonic", lambda: now.time)
        yield now


async def until(is_so: Callable[[], bool]) -> None:
    for _ in range(TURNS):
        if is_so():
            return
        await asyncio.sleep(0)  # no clock: some tests stop it
    raise AssertionError("it did not come to that")


async def ask(
    cache: AnswerCache,
    path: str = "/a",
    method: str = "GET",
    headers: Sequence[tuple[bytes, bytes]] = (),
    *,
    is_raw: bool = True,
) -> bytes:
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    async def receive() -> Message:
        raise AssertionError

    asked: Scope = {"type": "http", "method": method, "path": path, "query_string": b""}
    raw = {"raw_path": path.encode()} if is_raw else {}
    await cache({**asked, **raw, "headers": headers}, receive, send)
    return b"".join(message.get("body", b"") for message in sent)


@pytest.mark.parametrize(
    "other",
    [
        {"etag": ""},
        {"cache-control": "no-store"},
        {"accept-ranges": "bytes"},
        {"vary": "Accept, Origin"},
    ],
)
async def test_what_may_change_or_vary_is_not_kept(now: Now, other: Mapping[str, str]) -> None:
    app = Answering(headers=other)
    cache = AnswerCache(app, now.find, 1_000_000)

    assert [await ask(cache) for _ in range(2)] == [b"whole", b"whole"]
    assert len(app.asked) == 2


@pytest.mark.parametrize("app", [Answering(parts=2), Answering(status=404)])
async def test_streams_and_refusals_are_not_kept(now: Now, app: Answering) -> None:
    app.asked.clear()
    cache = AnswerCache(app, now.find, 1_000_000)

    assert await ask(cache) == await ask(cache)
    assert len(app.asked) == 2


async def test_an_answer_is_kept_no_longer_than_anyone_may(now: Now) -> None:
    app = Answering()
    cache = AnswerCache(app, now.find, 1_000_000)
    for now.time in (0.0, 60.0, 60.1, 61.0):
        await ask(cache)

    assert len(app.asked) == 2


async def test_the_room_is_bounded_and_what_was_asked_for_longest_ago_goes(now: Now) -> None:
    app = Answering(b"x" * 8_000)
    headers = len('etag"one"cache-controlpublic, max-age=60') + 2 * HEADER_BYTES
    size = 8_000 + ANSWER_BYTES + 2 * headers + len("/00")
    cache = AnswerCache(app, now.find, 16 * size)
    names = [f"/{number:02}" for number in range(16)]
    for name in [*names, "/00", "/16", "/00", "/01"]:
        await ask(cache, name)

    assert app.asked == [*names, "/16", "/01"]

    app.body = b"x" * 8_001
    assert [await ask(cache, "/large") for _ in range(2)] == [app.body, app.body]
    assert app.asked[-2:] == ["/large", "/large"]


async def test_long_addresses_take_no_more_than_the_room(now: Now) -> None:
    app = Answering(headers={"link": "x" * 20_000})
    cache = AnswerCache(app, now.find, 2_000_000)
    tracemalloc.start()
    for number in range(500):
        await ask(cache, f"/{number:08000}")
        app.asked.clear()
    grown, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert grown < 3_000_000


async def test_many_who_ask_for_the_same_at_once_are_answered_by_one(now: Now) -> None:
    app = Answering(hold=asyncio.Event())
    cache = AnswerCache(app, now.find, 1_000_000)
    asking = [asyncio.ensure_future(ask(cache)) for _ in range(50)]
    await asyncio.sleep(0)
    assert app.hold is not None
    app.hold.set()

    assert set(await asyncio.gather(*asking)) == {b"whole"}
    assert len(app.asked) == 1


@pytest.mark.parametrize("app", [Answering(parts=2), Answering(fault=ValueError("no"))])
async def test_nobody_waits_for_what_is_not_kept(now: Now, app: Answering) -> None:
    app.asked.clear()
    app.hold = asyncio.Event()
    cache = AnswerCache(app, now.find, 1_000_000)
    asking = [asyncio.ensure_future(ask(cache)) for _ in range(5)]
    await asyncio.sleep(0)
    app.hold.set()
    answers = await asyncio.gather(*asking, return_exceptions=True)

    assert len(app.asked) == 5
    assert len({str(answer) for answer in answers}) == 1
    app.fault = None
    assert (await ask(cache)).startswith(b"whole")


async def test_who_waited_for_a_database_that_is_away_is_refused_by_the_same_answer(
    now: Now,
) -> None:
    app = Answering(b"no", status=503, hold=asyncio.Event())
    cache = AnswerCache(app, now.find, 1_000_000)
    asking = [asyncio.ensure_future(ask(cache)) for _ in range(5)]
    with_copy = asyncio.ensure_future(ask(cache, headers=[(b"if-none-match", b'"one"')]))
    await asyncio.sleep(0)
    assert app.hold is not None
    app.hold.set()

    assert await asyncio.gather(*asking, with_copy) == [b"no"] * 6
    assert len(app.asked) == 2
    await ask(cache)
    assert len(app.asked) == 3


async def test_nobody_waits_for_an_export(now: Now) -> None:
    app = Answering(hold=asyncio.Event())

    async def leaving(scope: Scope, receive: Receive, send: Send) -> None:
        scope[LEAVE_SCOPE]()
        await app(scope, receive, send)

    cache = AnswerCache(leaving, now.find, 1_000_000)
    asking = [asyncio.ensure_future(ask(cache)) for _ in range(5)]
    await until(lambda: len(app.asked) == 5)
    assert app.hold is not None
    app.hold.set()

    assert set(await asyncio.gather(*asking)) == {b"whole"}


async def test_a_server_that_does_not_tell_the_path_as_it_was_sent_is_answered(now: Now) -> None:
    app = Answering()
    cache = AnswerCache(app, now.find, 1_000_000)
    for path in ("/a", "/b", "/a"):
        await ask(cache, path, is_raw=False)

    assert app.asked == ["/a", "/b", "/a"]


async def test_an_answer_that_a_release_overtook_is_not_kept(now: Now) -> None:
    app = Answering(hold=asyncio.Event())
    cache = AnswerCache(app, now.find, 1_000_000)
    asking = asyncio.ensure_future(ask(cache))
    await asyncio.sleep(0)
    now.published = released(2)
    assert app.hold is not None
    app.hold.set()
    await asking
    await ask(cache)

    assert len(app.asked) == 2


async def test_without_a_published_release_nothing_is_answered_from_here(now: Now) -> None:
    app = Answering()
    cache = AnswerCache(app, now.find, 1_000_000)
    await ask(cache)
    now.published = None
    await ask(cache)
    now.published = released(1)
    await ask(cache)

    assert len(app.asked) == 2


async def test_a_head_makes_no_answer_and_takes_one_that_is_there(now: Now) -> None:
    app = Answering()
    cache = AnswerCache(app, now.find, 1_000_000)
    await ask(cache, method="HEAD")
    await ask(cache)

    assert await ask(cache, method="HEAD") == b""
    assert len(app.asked) == 2


@pytest.mark.parametrize(
    "header",
    [
        ("range", "bytes=0-9"),
        ("if-modified-since", "Sun, 01 Jan 2040 00:00:00 GMT"),
        ("content-length", "0"),
        ("if-none-match", " * "),
        ("if-none-match", "x" * (ASKED_MAX + 1)),
        ("accept", "x" * (ASKED_MAX + 1)),
    ],
)
async def test_what_depends_on_more_than_the_address_is_the_applications(
    now: Now, header: tuple[str, str]
) -> None:
    app = Answering()
    cache = AnswerCache(app, now.find, 1_000_000)
    name, value = header
    for _ in range(2):
        await ask(cache, headers=[(name.encode(), value.encode())])

    assert len(app.asked) == 2


async def test_other_methods_and_other_protocols_are_the_applications(now: Now) -> None:
    app = Answering()
    cache = AnswerCache(app, now.find, 1_000_000)
    await ask(cache)
    await ask(cache, method="POST")

    assert len(app.asked) == 2

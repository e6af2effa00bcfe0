"""Answers compressed as Accept-Encoding asks (RFC 9110, sections 8.8.3.3 and 12.5.3)."""

import asyncio
import json
import zlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Protocol

import brotli
import httpx
import pytest
from conftest import BASE
from hypothesis import given
from hypothesis import strategies as st
from starlette.responses import Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from test_caching import DATED, PUBLISHED, UNDATED
from test_csv_files import EXPORTS_MAX, app, failing_midway, long_answers, places, served

from opendata_api.errors import DatabaseUnavailable
from opendata_api.query import Query
from opendata_api.store.model import Store
from opendata_api.values import Row
from opendata_api.web.app import Application
from opendata_api.web.compression import IN_THREAD_BYTES
from opendata_api.web.edge import Edge
from opendata_api.web.negotiation import choose_coding

pytestmark = pytest.mark.any_database

__all__ = ["app", "failing_midway", "long_answers"]

CODINGS = ("br", "gzip")
REFUSED = [
    "/v1/observations?nosuch=1",
    "/v1/observations/nothing",
    "/nothing",
    f"/v1?{'a' * 8193}",
    "/-/health",
    "/v1/observations.ndjson?year=1990",
    "/static/swagger-ui-bundle.js",
]
STREAMS = ["/v1/observations.csv", "/v1/observations.excel.csv", "/v1/observations.ndjson"]
PACKED = (".xlsx", ".parquet", ".zip")
OF_THE_CODING = ("content-encoding", "content-length", "etag", "x-request-id")

every_coding = pytest.mark.parametrize("coding", CODINGS)
every_wish = pytest.mark.parametrize("coding", [*CODINGS, "identity"])
every_address = pytest.mark.parametrize("address", [*DATED, *UNDATED])


class Decoder(Protocol):
    """Reads a compressed stream as far as it came."""

    def decode(self, block: bytes) -> bytes: ...
    def is_at_end(self) -> bool: ...


class BrotliDecoder:
    def __init__(self) -> None:
        self._inside = brotli.Decompressor()

    def decode(self, block: bytes) -> bytes:
        return bytes(self._inside.process(block))

    def is_at_end(self) -> bool:
        return bool(self._inside.is_finished())


class GzipDecoder:
    def __init__(self) -> None:
        self._inside = zlib.decompressobj(31)

    def decode(self, block: bytes) -> bytes:
        return self._inside.decompress(block)

    def is_at_end(self) -> bool:
        return self._inside.eof


class NoDecoder:
    def decode(self, block: bytes) -> bytes:
        return block

    def is_at_end(self) -> bool:
        return False


DECODERS: Mapping[str, Callable[[], Decoder]] = {
    "br": BrotliDecoder,
    "gzip": GzipDecoder,
    "identity": NoDecoder,
}


def make_decoder(coding: str) -> Decoder:
    return DECODERS[coding]()


async def ask(
    client: httpx.AsyncClient,
    address: str,
    coding: str,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
) -> tuple[httpx.Response, bytes]:
    """The answer and its bytes as they were sent."""
    asked = {"accept-encoding": coding, **(headers or {})}
    async with client.stream(method, address, headers=asked) as answer:
        return answer, b"".join([block async for block in answer.aiter_raw()])


def coded(tag: str, coding: str) -> str:
    return f'{tag[:-1]}-{coding}"'


def is_packed(address: str) -> bool:
    return address.endswith(PACKED)


def kept(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in OF_THE_CODING}


@pytest.mark.untraced
@every_coding
@pytest.mark.parametrize("address", [*DATED, *UNDATED, *REFUSED])
async def test_a_compressed_answer_is_the_same_answer(
    api: httpx.AsyncClient, address: str, coding: str
) -> None:
    plain, body = await ask(api, address, "identity")
    small, sent = await ask(api, address, coding)
    decoder = make_decoder("identity" if is_packed(address) else coding)

    assert small.status_code == plain.status_code
    assert decoder.decode(sent) == body
    assert kept(small) == kept(plain)
    assert (small.headers["content-length"], plain.headers["content-length"]) == (
        str(len(sent)),
        str(len(body)),
    )
    assert "content-encoding" not in plain.headers
    if is_packed(address):
        assert small.headers["etag"] == plain.headers["etag"]
        assert "content-encoding" not in small.headers
        assert "accept-encoding" not in plain.headers.get("vary", "").lower()
        return
    assert decoder.is_at_end()
    assert small.headers["content-encoding"] == coding
    assert plain.headers["vary"].split(", ")[-1] == "Accept-Encoding"
    if "etag" in plain.headers:
        assert small.headers["etag"] == coded(plain.headers["etag"], coding)


@pytest.mark.untraced
@pytest.mark.parametrize("address", [*DATED, *UNDATED, *REFUSED])
async def test_who_asks_for_no_coding_gets_none(api: httpx.AsyncClient, address: str) -> None:
    request = api.build_request("GET", address)
    del request.headers["accept-encoding"]
    bare = await api.send(request)
    empty, sent = await ask(api, address, "")
    plain, body = await ask(api, address, "identity")

    assert bare.content == sent == body
    for answer in (bare, empty, plain):
        assert "content-encoding" not in answer.headers
        assert answer.headers.get("etag") == plain.headers.get("etag")
        assert answer.headers.get("vary") == plain.headers.get("vary")


@pytest.mark.parametrize("address", ["/v1/observations?limit=1000", "/openapi.json", "/"])
async def test_what_is_compressed_is_smaller(api: httpx.AsyncClient, address: str) -> None:
    _, plain = await ask(api, address, "identity")
    _, by_gzip = await ask(api, address, "gzip")
    _, by_brotli = await ask(api, address, "br")

    assert len(by_brotli) < len(by_gzip) < len(plain) / 2


@every_coding
async def test_equal_answers_are_equal_bytes_when_compressed(
    api: httpx.AsyncClient, coding: str
) -> None:
    sent = {(await ask(api, "/v1/observations", coding))[1] for _ in range(3)}

    assert len(sent) == 1
    if coding == "gzip":
        assert sent.pop()[4:8] == bytes(4), "the header has no time"


@pytest.mark.untraced
@every_wish
@pytest.mark.parametrize("address", [*DATED, *UNDATED, *REFUSED])
async def test_the_head_of_a_compressed_answer_is_that_of_get(
    api: httpx.AsyncClient, address: str, coding: str
) -> None:
    whole, _ = await ask(api, address, coding)
    head, sent = await ask(api, address, coding, "HEAD")

    assert (head.status_code, sent) == (whole.status_code, b"")
    assert without_id(head) == without_id(whole)


@pytest.mark.untraced
@every_wish
@pytest.mark.usefixtures("long_answers")
@pytest.mark.parametrize("address", STREAMS)
async def test_the_head_of_a_compressed_stream_is_that_of_get(
    app: Application, address: str, coding: str
) -> None:
    async with served(app) as client:
        whole, _ = await ask(client, address, coding)
        head, sent = await ask(client, address, coding, "HEAD")

    assert sent == b""
    assert "content-length" not in whole.headers
    assert whole.headers.get("content-encoding", "identity") == coding
    assert head.headers["etag"] == whole.headers["etag"]
    assert of_the_wire(head) == of_the_wire(whole)


def without_id(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name != "x-request-id"}


def of_the_wire(answer: httpx.Response) -> dict[str, str]:
    """Without what the server adds on the way: a HEAD has no chunks."""
    names = ("x-request-id", "date", "server", "transfer-encoding")
    return {name: value for name, value in answer.headers.items() if name not in names}


@pytest.mark.untraced
@every_wish
@pytest.mark.usefixtures("long_answers")
@pytest.mark.parametrize("address", STREAMS)
async def test_a_compressed_stream_has_the_rows_of_a_short_answer(
    api: httpx.AsyncClient, app: Application, address: str, coding: str
) -> None:
    _, body = await ask(api, address, "identity")
    async with served(app) as client:
        answer, sent = await ask(client, address, coding)
    decoder = make_decoder(coding)

    assert answer.status_code == 200
    assert decoder.decode(sent) == body
    assert decoder.is_at_end() == (coding != "identity")


@pytest.mark.untraced
@every_wish
@every_address
async def test_a_good_copy_is_known_by_the_tag_of_the_coding_that_is_asked_for(
    api: httpx.AsyncClient, address: str, coding: str
) -> None:
    whole, _ = await ask(api, address, coding)
    own = whole.headers["etag"]
    tags = {one: (await ask(api, address, one))[0].headers["etag"] for one in (*CODINGS, "")}
    others = {tag for tag in tags.values() if tag != own}

    assert len(set(tags.values())) == (1 if is_packed(address) else 3)
    good = [own, f"W/{own}", f'"other", {own}', f'"a,b" , W/"c",{own},"d"', "*", " * "]
    bad = [*others, *(f"W/{tag}" for tag in others), ", ".join(sorted(others)), '"-br"', ""]
    for given_tags, status in [*((one, 304) for one in good), *((one, 200) for one in bad)]:
        answer, sent = await ask(
            api, address, coding, headers={"if-none-match": given_tags} if given_tags else {}
        )

        assert (given_tags, answer.status_code) == (given_tags, status)
        for name in ("etag", "vary", "cache-control", "last-modified", "content-language"):
            assert answer.headers.get(name) == whole.headers.get(name)
        assert bool(sent) == (status == 200)
        assert ("content-encoding" in answer.headers) == (
            status == 200 and coding in CODINGS and not is_packed(address)
        )


@every_coding
async def test_a_good_copy_is_known_by_tags_in_several_lines(
    api: httpx.AsyncClient, coding: str
) -> None:
    whole, _ = await ask(api, "/v1/areas", coding)
    lines = [("if-none-match", '"other"'), ("if-none-match", whole.headers["etag"])]

    answer = await api.get("/v1/areas", headers=[("accept-encoding", coding), *lines])

    assert answer.status_code == 304


@pytest.mark.untraced
@every_coding
@pytest.mark.parametrize("address", DATED)
async def test_a_copy_that_is_new_enough_has_the_tag_of_the_coding(
    api: httpx.AsyncClient, address: str, coding: str
) -> None:
    whole, _ = await ask(api, address, coding)
    answer, sent = await ask(api, address, coding, headers={"if-modified-since": PUBLISHED})

    assert (answer.status_code, sent) == (304, b"")
    for name in ("etag", "vary"):
        assert answer.headers.get(name) == whole.headers.get(name)


@every_coding
async def test_who_asks_for_a_range_gets_the_answer_as_it_is(
    api: httpx.AsyncClient, coding: str
) -> None:
    address = "/v1/areas.csv?level=county"
    plain, body = await ask(api, address, "identity")
    ranged = {"range": "bytes=0-9"}
    answer, sent = await ask(api, address, coding, headers=ranged)
    known, _ = await ask(
        api, address, coding, headers={**ranged, "if-none-match": plain.headers["etag"]}
    )

    assert sent == body
    assert without_id(answer) == without_id(plain)
    assert (known.status_code, known.headers["etag"]) == (304, plain.headers["etag"])


async def test_answers_vary_by_the_coding_once(api: httpx.AsyncClient) -> None:
    for coding in (*CODINGS, "identity"):
        answer, _ = await ask(api, "/nothing", coding)

        assert answer.headers["vary"] == "Accept, Accept-Language, Accept-Encoding"


async def test_a_preflight_has_nothing_to_compress(api: httpx.AsyncClient) -> None:
    answer, sent = await ask(api, "/v1/areas", "br", "OPTIONS")

    assert (answer.status_code, sent) == (204, b"")
    assert "content-encoding" not in answer.headers


@pytest.mark.parametrize(
    ("wish", "coding"),
    [
        ("br", "br"),
        ("gzip", "gzip"),
        ("x-gzip", "gzip"),
        ("gzip, deflate, br, zstd", "br"),
        ("BR", "br"),
        ("gzip;q=0.5", "gzip"),
        ("br;q=0.2, gzip;q=0.8", "gzip"),
        ("br;q=0, gzip", "gzip"),
        ("br;q=0, *", "gzip"),
        ("br;q=0, *;q=0.001", "gzip"),
        ("br;q=0.000", None),
        ("br;Q=1.000", "br"),
        ("*", "br"),
        ("*;q=0", None),
        ("gzip;q=0, x-gzip", None),
        ("identity", None),
        ("identity, br", "br"),
        ("identity, br;q=0.9", None),
        ("identity;q=0.5, br;q=0.9", "br"),
        ("identity;q=0, br;q=0", None),
        ("identity;q=0, *;q=0", None),
        ("deflate, zstd, compress", None),
        ("", None),
        (", ,br,", "br"),
        ("br;q=1.5", None),
        ("br;q=-1", None),
        ("br;q=nan", None),
        ("br;q=", None),
        ("br q=1", None),
        ("br;level=3, gzip;q=0.1", "gzip"),
        ("sdbr", None),
        ("gzip;q=0.1234, br;q=0.1", "br"),
    ],
)
async def test_the_coding_that_is_rated_highest_is_sent(
    api: httpx.AsyncClient, wish: str, coding: str | None
) -> None:
    answer, sent = await ask(api, "/v1/areas", wish)

    assert answer.status_code == 200
    assert answer.headers.get("content-encoding") == coding
    assert json.loads(make_decoder(coding or "identity").decode(sent))["meta"]["count"] > 0


async def test_wishes_may_stand_in_several_lines(api: httpx.AsyncClient) -> None:
    headers = [("accept-encoding", "br;q=0.1"), ("accept-encoding", "gzip")]
    answer = await api.get("/v1/areas", headers=headers)

    assert answer.headers["content-encoding"] == "gzip"


NAMES = st.sampled_from(["br", "gzip", "*", "identity", "deflate", "zstd", "Br", "GZIP"])
THOUSANDTHS = st.integers(0, 1000)
BLANKS = st.sampled_from(["", " ", "\t "])


@st.composite
def wishes(draw: st.DrawFn) -> list[tuple[str, int | None]]:
    """Codings, each named once, with weights in thousandths; None: no weight is given."""
    names = draw(st.lists(NAMES, unique_by=str.lower))
    return [(name, draw(st.none() | THOUSANDTHS)) for name in names]


@pytest.mark.untraced
@given(wishes(), st.data())
def test_the_choice_is_that_of_the_standard_read_plainly(
    asked: list[tuple[str, int | None]], data: st.DataObject
) -> None:
    parts = [write_wish(*wish, data.draw(BLANKS), data.draw(BLANKS)) for wish in asked]
    header = ",".join(data.draw(BLANKS) + part for part in parts)

    assert choose_coding(header, CODINGS) == read_plainly(asked)


@pytest.mark.untraced
@given(st.text(st.sampled_from("brgzip*identy;q=01.,- \t"), max_size=60) | st.text())
def test_any_header_leads_to_a_coding_that_there_is(header: str) -> None:
    assert choose_coding(header, CODINGS) in (*CODINGS, None)


def write_wish(name: str, weight: int | None, before: str, after: str) -> str:
    if weight is None:
        return name + after
    digits = "1.000" if weight == 1000 else f"0.{weight:03}"
    return f"{name}{before};{after}q={digits}"


def read_plainly(asked: Sequence[tuple[str, int | None]]) -> str | None:
    """RFC 9110, section 12.5.3, rule by rule; of codings rated alike, ours in our order."""
    weights = {name.lower(): 1000 if weight is None else weight for name, weight in asked}

    def weight_of(coding: str) -> int | None:
        if coding in weights:
            return weights[coding]
        return weights.get("*")

    acceptable = [
        (rated, coding) for coding in CODINGS if (rated := weight_of(coding)) is not None and rated
    ]
    if not acceptable:
        return None
    best = max(rated for rated, _ in acceptable)
    if "identity" in weights and weights["identity"] > best:
        return None
    return next(coding for rated, coding in acceptable if rated == best)


@every_wish
@pytest.mark.usefixtures("long_answers", "failing_midway")
async def test_a_stream_that_fails_never_ends_as_if_it_were_whole(
    app: Application, coding: str
) -> None:
    received = bytearray()
    async with served(app) as client:
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
            await collect_raw(client, "/v1/observations.csv", coding, received)
    decoder = make_decoder(coding)

    assert decoder.decode(bytes(received)).count(b"\r\n") == 1 + 7
    assert not decoder.is_at_end()
    assert places(app) == EXPORTS_MAX


async def collect_raw(
    client: httpx.AsyncClient, address: str, coding: str, received: bytearray
) -> None:
    headers = {"accept-encoding": coding}
    async with client.stream("GET", address, headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers.get("content-encoding", "identity") == coding
        async for block in answer.aiter_raw():
            received += block


@every_wish
@pytest.mark.usefixtures("long_answers")
async def test_the_first_rows_arrive_while_the_next_are_awaited(
    app: Application, coding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = type(app.site.store)
    whole = kind.export
    read = asyncio.Event()

    async def waiting(
        store: Store, query: Query, release: int, shape: str | None
    ) -> AsyncGenerator[Sequence[Row], None]:
        async for batch in whole(store, query, release, shape):
            yield batch
            await read.wait()

    monkeypatch.setattr(kind, "export", waiting)
    decoder, text = make_decoder(coding), b""
    headers = {"accept-encoding": coding}
    async with (
        served(app) as client,
        client.stream("GET", "/v1/observations.csv", headers=headers) as answer,
    ):
        async for block in answer.aiter_raw():
            text += decoder.decode(block)
            if text.count(b"\r\n") == 1 + 7:
                read.set()

    assert read.is_set()
    assert text.count(b"\r\n") > 1 + 7


@every_wish
@pytest.mark.usefixtures("long_answers")
async def test_a_caller_who_hangs_up_on_a_compressed_stream_frees_the_place(
    app: Application, coding: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = type(app.site.store)
    whole = kind.export
    ended = asyncio.Event()

    async def endless(
        store: Store, query: Query, release: int, shape: str | None
    ) -> AsyncGenerator[Sequence[Row], None]:
        try:
            while True:
                async for batch in whole(store, query, release, shape):
                    yield batch
        finally:
            ended.set()

    monkeypatch.setattr(kind, "export", endless)
    headers = {"accept-encoding": coding}
    async with served(app) as client:
        async with client.stream("GET", "/v1/observations.csv", headers=headers) as answer:
            await anext(answer.aiter_raw())
            left = places(app)
        await ended.wait()

    assert (left, places(app)) == (EXPORTS_MAX - 1, EXPORTS_MAX)


def at_edge(inside: ASGIApp) -> httpx.AsyncClient:
    """A client of an application inside the edge."""
    edge = Edge(inside, BASE, lambda _: ("GET",))
    transport = httpx.ASGITransport(edge, raise_app_exceptions=False)
    return httpx.AsyncClient(transport=transport, base_url=BASE)


@every_coding
@pytest.mark.parametrize("size", [IN_THREAD_BYTES, 7])
async def test_each_block_is_sent_before_the_next_is_made(coding: str, size: int) -> None:
    events: list[str] = []

    async def blocks() -> AsyncIterator[bytes]:
        for number in range(5):
            events.append(f"make {number}")
            yield bytes([number]) * size

    async def noting(scope: Scope, receive: Receive, send: Send) -> None:
        answer = StreamingResponse(blocks(), media_type="text/plain")
        await answer(scope, receive, send)

    async def note(message: Any) -> None:
        if message["type"] == "http.response.body" and message["more_body"]:
            assert 0 < len(message["body"]) < size + 100
            events.append("send")

    await Edge(noting, BASE, lambda _: ("GET",))(a_scope(coding), never, note)

    assert events == [event for number in range(5) for event in (f"make {number}", "send")]


def a_scope(coding: str) -> dict[str, Any]:
    return {
        "type": "http",
        "asgi": {"spec_version": "2.4"},
        "method": "GET",
        "path": "/",
        "raw_path": b"/",
        "query_string": b"",
        "headers": [(b"accept-encoding", coding.encode())],
    }


async def never() -> Any:
    await asyncio.Event().wait()


@every_coding
async def test_what_fails_before_its_first_byte_is_a_problem(coding: str) -> None:
    async def failing(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        headers = [(b"content-type", b"text/plain")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        raise DatabaseUnavailable

    async with at_edge(failing) as client:
        answer, sent = await ask(client, "/", coding)

    assert answer.status_code == 503
    assert answer.headers["content-encoding"] == coding
    assert json.loads(make_decoder(coding).decode(sent))["code"] == "database-unavailable"


PART = {"content-range": "bytes 0-3/9", "etag": '"abc"', "content-type": "text/plain"}


@pytest.mark.parametrize(
    ("inside", "told"),
    [
        (
            Response(b"part", 206, PART),
            {**PART, "content-length": "4", "vary": "Accept-Encoding"},
        ),
        (
            Response(b"ready", 200, {"content-encoding": "br", "etag": '"abc"', "vary": "Accept"}),
            {"content-encoding": "br", "etag": '"abc"', "vary": "Accept", "content-length": "5"},
        ),
        (
            Response(
                b"ready",
                200,
                {
                    "content-encoding": "br",
                    "content-type": "text/css",
                    "etag": '"abc"',
                    "vary": "accept-encoding, Accept",
                },
            ),
            {
                "content-encoding": "br",
                "content-type": "text/css",
                "etag": '"abc-br"',
                "vary": "Accept, Accept-Encoding",
                "content-length": "5",
            },
        ),
        (
            Response(b"image", 200, {"content-type": "image/png", "etag": '"abc"'}),
            {"content-type": "image/png", "etag": '"abc"', "content-length": "5"},
        ),
        (Response(b"", 308, {"location": "/x"}), {"location": "/x", "content-length": "0"}),
    ],
    ids=["part", "ready without type", "ready", "image", "redirect"],
)
@every_coding
async def test_what_is_a_part_or_compressed_already_is_sent_as_it_is(
    inside: Response, told: dict[str, str], coding: str
) -> None:
    async with at_edge(inside) as client:
        answer, sent = await ask(client, "/", coding)

    assert sent == inside.body
    assert {name: answer.headers.get(name) for name in told} == told
    assert "vary" in told or "vary" not in answer.headers

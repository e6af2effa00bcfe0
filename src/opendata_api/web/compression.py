"""Answers compressed as Accept-Encoding asks: by Starlette's gzip layer, and by Brotli within it.

The type of an answer alone decides whether it is compressed, never its size: so a 304 names the
tag of what would be sent without making it.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cache, lru_cache

import brotli
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers
from starlette.middleware.gzip import (
    DEFAULT_EXCLUDED_CONTENT_TYPES,
    GZipResponder,
    IdentityResponder,
)
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opendata_api.formats import FORMATS
from opendata_api.web.negotiation import choose_coding

Header = tuple[bytes, bytes]
"""As ASGI has it: the name in small letters."""

NO_TYPE = ""
"""Of what has no content: a 304, a redirect."""
SOLID = (
    *DEFAULT_EXCLUDED_CONTENT_TYPES,
    *(format_.media_type for format_ in FORMATS if format_.is_packed),
    NO_TYPE,
)
"""The types that are not compressed, for the most part since they are already."""

BROTLI_QUALITY = 5
BROTLI_WINDOW_BITS = 18
KEPT_QUALITY = 10
GZIP_LEVEL = 4
IN_THREAD_BYTES = 128 * 1024
"""From this size on a block is compressed beside the loop, as the gzip layer does it."""


class BrotliResponder(IdentityResponder):
    """Starlette's layer around one answer, with Brotli in the place of gzip."""

    content_encoding = "br"

    def __init__(self, app: ASGIApp) -> None:
        super().__init__(app, 0, exclude_content_types=SOLID)
        self._compressor = brotli.Compressor(quality=BROTLI_QUALITY, lgwin=BROTLI_WINDOW_BITS)

    async def apply_compression(self, body: bytes, *, more_body: bool) -> bytes:
        """The block, compressed; all of it can be read before the next one comes."""
        if len(body) >= IN_THREAD_BYTES:
            return await run_in_threadpool(self._compress, body, more_body)
        return self._compress(body, more_body)

    def _compress(self, body: bytes, more_body: bool) -> bytes:  # noqa: FBT001 - called in a thread
        compressor = self._compressor
        begun: bytes = compressor.process(body)
        ended: bytes = compressor.flush() if more_body else compressor.finish()
        return begun + ended


def _gzip_responder(app: ASGIApp) -> ASGIApp:
    return GZipResponder(app, 0, GZIP_LEVEL, exclude_content_types=SOLID)


RESPONDERS: Mapping[str, Callable[[ASGIApp], ASGIApp]] = {
    "br": BrotliResponder,
    "gzip": _gzip_responder,
}
"""By coding, the better one first."""
CODINGS = tuple(RESPONDERS)
TYPES_KEPT = 64
VARIES_KEPT = 64
"""There are but a few, all of our own."""
WISH_MAX = 200
WISHES_KEPT = 256
"""So many Accept-Encoding headers of that length are remembered: browsers send but a few."""


async def answer_compressed(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer as the application does (ASGI), compressed as the request asks."""

    async def send_told(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = message["headers"]
            message["headers"] = tell_coding(headers, find_header(headers, b"content-encoding"))
        await send(message)

    coding = wanted_coding(Headers(scope=scope))
    responder = app if coding is None else RESPONDERS[coding](app)
    await responder(scope, receive, send_told)


def wanted_coding(headers: Headers) -> str | None:
    """The coding of what can be compressed; None: none, which is what ranges are cut from."""
    wishes = []
    for name, value in headers.raw:
        if name == b"range":
            return None
        if name == b"accept-encoding":
            wishes.append(value)
    return best_coding(b",".join(wishes).decode("latin-1"))


def best_coding(accept_encoding: str) -> str | None:
    """The coding that the header prefers, of those that there are; None: none."""
    known = len(accept_encoding) <= WISH_MAX
    return _remembered(accept_encoding) if known else choose_coding(accept_encoding, CODINGS)


@lru_cache(WISHES_KEPT)
def _remembered(accept_encoding: str) -> str | None:
    return choose_coding(accept_encoding, CODINGS)


async def answer_kept(request: Request, body: bytes, headers: Mapping[str, str]) -> Response:
    """The answer with a body that stays the same while the service runs.

    It is compressed once, as far as Brotli can at its best but one (the best takes twice as long
    for 2 %), and kept.
    """
    if wanted_coding(request.headers) != "br":
        return Response(body, headers=headers)
    compressed = await run_in_threadpool(_compress_kept, body)
    return Response(compressed, headers={**headers, "content-encoding": "br"})


@cache
def _compress_kept(body: bytes) -> bytes:
    compressed: bytes = brotli.compress(body, quality=KEPT_QUALITY)
    return compressed


@lru_cache(TYPES_KEPT)
def is_compressible(content_type: str) -> bool:
    """Whether an answer of that type is compressed for who asks for it."""
    media_type = content_type.partition(";")[0].strip().lower()
    return {media_type, f"{media_type.partition('/')[0]}/*"}.isdisjoint(SOLID)


def coded_tag(tag: str, coding: str | None) -> str:
    """The ETag of a representation in that coding: `"abc"` is `"abc-br"`."""
    return tag if coding is None else f'{tag[:-1]}-{coding}"'


def tell_coding(headers: Sequence[Header], coding: str | None) -> Sequence[Header]:
    """The headers with what the answer varies by, and with the coding that it has in its tag."""
    if not is_compressible(find_header(headers, b"content-type") or NO_TYPE):
        return headers
    varied = b",".join(value for name, value in headers if name == b"vary")
    told = [
        (name, coded_tag(value.decode("latin-1"), coding).encode("latin-1"))
        if name == b"etag"
        else (name, value)
        for name, value in headers
        if name != b"vary"
    ]
    return [*told, (b"vary", _varying_by_coding(varied))]


def find_header(headers: Sequence[Header], name: bytes) -> str | None:
    """The header of that name, which stands there once if at all."""
    for own, value in headers:
        if own == name:
            return value.decode("latin-1")
    return None


@lru_cache(VARIES_KEPT)
def _varying_by_coding(varied: bytes) -> bytes:
    others = [name.strip() for name in varied.split(b",")]
    kept = [name for name in others if name and name.lower() != b"accept-encoding"]
    return b", ".join([*kept, b"Accept-Encoding"])

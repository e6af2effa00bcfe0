"""Answers compressed as Accept-Encoding asks: by Starlette's gzip layer, and by Brotli within it.

The type of an answer alone decides whether it is compressed, never its size: so a 304 names the
tag of what would be sent without making it.
"""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache

import brotli
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
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
WISH_MAX = 200
WISHES_KEPT = 256
"""So many Accept-Encoding headers of that length are remembered: browsers send but a few."""


async def answer_compressed(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer as the application does (ASGI), compressed as the request asks."""

    async def send_told(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(raw=list(message["headers"]))
            tell_coding(headers, headers.get("content-encoding"))
            message["headers"] = headers.raw
        await send(message)

    coding = wanted_coding(Headers(scope=scope))
    responder = app if coding is None else RESPONDERS[coding](app)
    await responder(scope, receive, send_told)


def wanted_coding(headers: Headers) -> str | None:
    """The coding of what can be compressed; None: none, which is what ranges are cut from."""
    if "range" in headers:
        return None
    return best_coding(",".join(headers.getlist("accept-encoding")))


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


def is_compressible(content_type: str) -> bool:
    """Whether an answer of that type is compressed for who asks for it."""
    media_type = content_type.partition(";")[0].strip().lower()
    return {media_type, f"{media_type.partition('/')[0]}/*"}.isdisjoint(SOLID)


def coded_tag(tag: str, coding: str | None) -> str:
    """The ETag of a representation in that coding: `"abc"` is `"abc-br"`."""
    return tag if coding is None else f'{tag[:-1]}-{coding}"'


def tell_coding(headers: MutableHeaders, coding: str | None) -> None:
    """Say what the answer varies by, and put the coding that it has into its tag."""
    if not is_compressible(headers.get("content-type", NO_TYPE)):
        return
    others = [name.strip() for name in ",".join(headers.getlist("vary")).split(",")]
    kept = [name for name in others if name and name.lower() != "accept-encoding"]
    headers["vary"] = ", ".join([*kept, "Accept-Encoding"])
    if "etag" in headers:
        headers["etag"] = coded_tag(headers["etag"], coding)

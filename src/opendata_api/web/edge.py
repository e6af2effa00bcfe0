"""The outermost layer: what HTTP asks of every answer, whatever made it."""

import time
from collections.abc import Callable, Collection, Mapping, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opendata_api import observe
from opendata_api.errors import (
    ApiError,
    InternalError,
    MethodNotAllowed,
    NotFound,
    QueryError,
    UnsupportedContentEncoding,
)
from opendata_api.query import decode, split_query
from opendata_api.web import caching
from opendata_api.web.compression import answer_compressed
from opendata_api.web.downloads import HEAD_SCOPE
from opendata_api.web.error_pages import ErrorPages, is_for_people
from opendata_api.web.negotiation import choose_language, prefers_html
from opendata_api.web.pages.layout import page_headers
from opendata_api.web.problems import as_api_error, problem_document, problem_headers
from opendata_api.web.requests import read_request_id, shown, tell_answer
from opendata_api.words import LANGS, Lang

EXPOSED = (
    "Link, ETag, Content-Disposition, Content-Range, Accept-Ranges, Retry-After, RateLimit, "
    "X-Request-Id"
)
PREFLIGHT_S = 86_400

EVERY_ANSWER = {
    "access-control-allow-origin": "*",
    "access-control-expose-headers": EXPOSED,
    "x-content-type-options": "nosniff",
    "referrer-policy": "strict-origin-when-cross-origin",
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
}
"""Headers that an answer gets unless it sets its own."""

_EVERY_ANSWER = tuple((name.encode(), value.encode()) for name, value in EVERY_ANSWER.items())


@dataclass(frozen=True, slots=True)
class Edge:
    """HEAD, OPTIONS, CORS, the errors and the log around an application."""

    app: ASGIApp
    base: str
    find_methods: Callable[[Scope], Collection[str]]
    """By which methods the path of a request is asked; none where nothing answers there."""
    addresses: Sequence[str] = ()
    """The addresses that a reader who strayed may have meant."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        exchange = Exchange(scope, send)
        try:
            await self._answer(exchange, receive)
        except Exception as error:
            refusal = as_api_error(error)
            exchange.error = error if isinstance(refusal, InternalError) else refusal
            if exchange.status is not None:
                raise
            await self._refuse(exchange, receive, refusal)
        finally:
            exchange.log()

    async def _answer(self, exchange: "Exchange", receive: Receive) -> None:
        scope = exchange.scope
        check_target(scope)
        if scope["method"] not in ("GET", "HEAD"):
            methods = self.find_methods(scope)
            if not methods:
                raise NotFound
            if scope["method"] == "OPTIONS":
                await _preflight(exchange, methods)
                return
            if scope["method"] not in methods:
                raise _not_allowed(methods)
        if "content-encoding" in exchange.headers:
            raise UnsupportedContentEncoding
        if scope["method"] == "HEAD":
            scope = {**scope, "method": "GET", HEAD_SCOPE: True}
        await answer_compressed(self.app, scope, receive, exchange.send)

    async def _refuse(self, exchange: "Exchange", receive: Receive, error: ApiError) -> None:
        scope = exchange.scope
        lang, is_given = _language(scope, exchange.headers)
        path, query = shown(scope)
        if is_for_people(path):
            error.headers.setdefault("vary", "Accept")
        headers = problem_headers(error, lang_is_given=is_given)
        if is_for_people(path) and prefers_html(exchange.headers.get("accept")):
            body = ErrorPages(self.base, self.addresses).page(error, lang, path, query)
            headers |= page_headers(lang)
        else:
            body = problem_document(error, lang, self.base, path, query)
        if path.startswith("/-/"):
            headers["cache-control"] = caching.NEVER
        refusal = Response(body, error.status, headers)
        await answer_compressed(refusal, scope, receive, exchange.send)


@dataclass(slots=True)
class Exchange:
    """One request and what was answered so far."""

    scope: Scope
    _send: Send
    status: int | None = None
    body_bytes: int = 0
    error: Exception | None = None
    started: float = field(default_factory=time.perf_counter)
    request_id: str = field(init=False)
    headers: Headers = field(init=False)

    def __post_init__(self) -> None:
        self.headers = Headers(scope=self.scope)
        self.request_id = read_request_id(self.headers.get("x-request-id", ""))

    async def send(self, message: Message) -> None:
        """Send on, with the headers of every answer; a HEAD has no body."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            _complete(message, self)
        elif self.scope["method"] == "HEAD":
            if message.get("more_body", False):
                return
            message = {**message, "body": b""}
        else:
            self.body_bytes += len(message.get("body", b""))
        await self._send(message)

    async def start(self, status: int, headers: Mapping[str, str]) -> None:
        """Begin an answer of this layer's own."""
        raw = [(name.encode(), value.encode("latin-1")) for name, value in headers.items()]
        await self.send({"type": "http.response.start", "status": status, "headers": raw})

    def log(self) -> None:
        """One line for the request."""
        answered = tell_answer(
            self.scope, self.status, self.body_bytes, self.started, self.request_id
        )
        observe.log_request(answered, self.error)


def check_target(scope: Scope) -> None:
    """Raise for a path that is not percent-encoded UTF-8 or hides a slash or NUL."""
    raw = scope.get("raw_path", b"")
    decode(raw)
    if b"%2f" in raw.lower() or b"%00" in raw:
        raise NotFound


async def _preflight(exchange: Exchange, methods: Collection[str]) -> None:
    await exchange.start(
        204,
        {
            "allow": _allowed(methods),
            "access-control-allow-methods": _allowed(methods),
            "access-control-allow-headers": "*",
            "access-control-max-age": str(PREFLIGHT_S),
        },
    )
    await exchange.send({"type": "http.response.body", "body": b""})


def _complete(message: MutableMapping[str, Any], exchange: Exchange) -> None:
    headers = list(message.get("headers", ()))
    own = dict(headers)
    headers += [pair for pair in _EVERY_ANSWER if pair[0] not in own]
    headers.append((b"x-request-id", exchange.request_id.encode()))
    if _has_body(exchange.headers):
        headers.append((b"connection", b"close"))
    message["headers"] = headers


def _has_body(headers: Headers) -> bool:
    return any(
        name == b"transfer-encoding" or (name == b"content-length" and value != b"0")
        for name, value in headers.raw
    )


def _not_allowed(methods: Collection[str]) -> MethodNotAllowed:
    error = MethodNotAllowed()
    error.headers["allow"] = _allowed(methods)
    return error


def _allowed(methods: Collection[str]) -> str:
    """The methods, with those that every address has."""
    posted = ["POST"] if "POST" in methods else []
    return ", ".join(["GET", "HEAD", *posted, "OPTIONS"])


def _language(scope: Scope, headers: Headers) -> tuple[Lang, bool]:
    """The language of an error, and whether the query names it."""
    try:
        pairs = split_query(scope["query_string"])
    except QueryError:
        pairs = ()
    given = [lang for lang in LANGS if ("lang", lang) in pairs]
    return (given[0], True) if given else (choose_language(headers.get("accept-language")), False)

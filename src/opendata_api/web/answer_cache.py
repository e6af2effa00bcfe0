"""Whole answers, kept as they were sent, in front of the application.

An answer depends on nothing but the release that is served, the settings, the program and what
was asked, so it is kept under what was asked until another release is served: the very bytes,
compressed or not. Only speed depends on this layer.
"""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus
from typing import NamedTuple, TypeAlias

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from opendata_api import observe
from opendata_api.errors import DatabaseUnavailable
from opendata_api.query import QUERY_BYTES_MAX
from opendata_api.store.model import Published
from opendata_api.web.caching import has_tag
from opendata_api.web.compression import Header, best_coding
from opendata_api.web.requests import LEAVE_SCOPE, read_request_id, tell_answer

ANSWER_PART = 16
"""No answer takes more than this part of the room."""
ANSWER_BYTES = 1_000
HEADER_BYTES = 150
"""What Python takes for an answer, and for each of its headers, beside what is written in them."""
KEPT_S = 60.0
"""As long as any cache on the way may keep an answer."""
ASKED_MAX = QUERY_BYTES_MAX
"""More bytes of a path, a query, a wish or tags are not remembered."""

VARYING = frozenset({b"accept", b"accept-encoding", b"accept-language"})
"""The headers by which answers vary."""
ELSEWHERE = frozenset(
    {b"range", b"if-modified-since", b"content-length", b"transfer-encoding", b"content-encoding"}
)
"""Requests with any of these are the application's."""

REQUEST_ID = b"x-request-id"

Key = tuple[bytes, bytes, bytes, bytes, str | None]


class Wanted(NamedTuple):
    """What a request asks for, as far as answers depend on it."""

    key: Key
    """Path, query, the wished format and language, and the coding."""
    tags: str
    """If-None-Match; `*`, which any answer meets, is the application's."""
    request_id: str


class Reply(NamedTuple):
    """What is sent, but for the id of the request."""

    status: int
    headers: Sequence[Header]
    body: bytes = b""


Making: TypeAlias = "asyncio.Future[Reply | None]"
"""An answer that is being made; its refusal, where all who wait for it are refused alike."""


@dataclass(slots=True)
class Kept:
    """A whole answer that is kept."""

    reply: Reply
    etag: str
    until: float
    size: int = 0
    """The bytes that it takes, about."""
    unchanged: Reply | None = None
    """The 304 in its place, once one was asked for."""


@dataclass(slots=True)
class AnswerCache:
    """The layer (ASGI) around an application whose answers change with what is published alone."""

    app: ASGIApp
    find_published: Callable[[], Published]
    """What is published now. Raises DatabaseUnavailable."""
    bytes_max: int
    _answers: OrderedDict[Key, Kept] = field(default_factory=OrderedDict)
    _bytes: int = 0
    _published: Published | None = None
    """What the answers are of."""
    _making: dict[Key, Making] = field(default_factory=dict)
    """What is being answered for the first time."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        started = time.perf_counter()
        wanted = read_wanted(scope)
        if wanted is None or not self._follow():
            await self.app(scope, receive, send)
            return
        kept = self._find(wanted.key)
        # Whether a copy is still good is known without a database: who has one need not wait.
        making = None if kept or wanted.tags else self._making.get(wanted.key)
        if making is not None:
            await asyncio.wait([making])
            refusal = making.result()
            if refusal is not None:
                await _answer(scope, send, wanted, refusal, started)
                return
            kept = self._find(wanted.key)
        if kept is None:
            await self._make(wanted, scope, receive, send)
        elif not wanted.tags or not has_tag(wanted.tags, kept.etag):
            await _answer(scope, send, wanted, kept.reply, started)
        elif kept.unchanged is not None:
            await _answer(scope, send, wanted, kept.unchanged, started)
        else:
            await self.app(scope, receive, _Taking(send, kept).send)

    async def _make(self, wanted: Wanted, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the application answer, once for all who ask for the same meanwhile."""
        if scope["method"] == "HEAD" or wanted.key in self._making:
            await self.app(scope, receive, send)
            return
        made: Making = asyncio.get_running_loop().create_future()
        self._making[wanted.key] = made
        keeping = _Keeping(self, wanted.key, self._published, send, made)
        leave = partial(self.finish, wanted.key, made)
        try:
            await self.app({**scope, LEAVE_SCOPE: leave}, receive, keeping.send)
        finally:
            leave()

    def finish(self, key: Key, made: Making, refusal: Reply | None = None) -> None:
        """Let those who waited go on, or be refused alike."""
        if not made.done():
            made.set_result(refusal)
            del self._making[key]

    def keep(self, key: Key, published: Published | None, kept: Kept) -> None:
        """Keep an answer, in the place of those that were not asked for longest."""
        if kept.size > self.bytes_max // ANSWER_PART or not self._follow():
            return
        if published != self._published:
            return
        self._drop(key)
        self._answers[key] = kept
        self._bytes += kept.size
        while self._bytes > self.bytes_max:
            self._drop(next(iter(self._answers)))

    def _find(self, key: Key) -> Kept | None:
        kept = self._answers.get(key)
        if kept is None:
            return None
        if kept.until < time.monotonic():
            self._drop(key)
            return None
        self._answers.move_to_end(key)
        return kept

    def _drop(self, key: Key) -> None:
        kept = self._answers.pop(key, None)
        if kept is not None:
            self._bytes -= kept.size

    def _follow(self) -> bool:
        """Drop what is of another release than the one served now; whether there is one."""
        try:
            published = self.find_published()
        except DatabaseUnavailable:
            return False
        if published is not self._published:
            if published != self._published:
                self._answers.clear()
                self._bytes = 0
            self._published = published
        return True


def read_wanted(scope: Scope) -> Wanted | None:
    """What a request asks for; None for what is not answered from here."""
    if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
        return None
    if "raw_path" not in scope:  # a server need not tell it
        return None
    told: dict[bytes, bytes] = {}
    for name, value in scope["headers"]:
        if name in ELSEWHERE:
            return None
        told[name] = told[name] + b"," + value if name in told else value
    asked = (
        scope["raw_path"],
        scope["query_string"],
        told.get(b"accept", b""),
        told.get(b"accept-language", b""),
    )
    tags = told.get(b"if-none-match", b"").decode("latin-1")
    if max(*map(len, asked), len(tags)) > ASKED_MAX or tags.strip() == "*":
        return None
    coding = best_coding(told.get(b"accept-encoding", b"").decode("latin-1"))
    request_id = read_request_id(told.get(REQUEST_ID, b"").decode("latin-1"))
    return Wanted((*asked, coding), tags, request_id)


@dataclass(slots=True)
class _Keeping:
    """Sends on what an application answers, and keeps it where it comes whole."""

    cache: AnswerCache
    key: Key
    published: Published | None
    forward: Send
    made: Making
    begun: Reply | None = None

    async def send(self, message: Message) -> None:
        """Send on."""
        if message["type"] == "http.response.start":
            self.begun = _reply(message)
        elif self.begun is not None:
            refusal = None
            if not message.get("more_body", False):
                reply = self.begun._replace(body=message.get("body", b""))
                refusal = reply if reply.status == HTTPStatus.SERVICE_UNAVAILABLE else None
                if can_be_kept(reply):
                    self.cache.keep(self.key, self.published, _kept(self.key, reply))
            self.begun = None
            self.cache.finish(self.key, self.made, refusal)
        await self.forward(message)


@dataclass(slots=True)
class _Taking:
    """Sends on what an application answers, and takes the headers of a 304 for what is kept."""

    forward: Send
    kept: Kept

    async def send(self, message: Message) -> None:
        """Send on."""
        if message.get("status") == HTTPStatus.NOT_MODIFIED:
            self.kept.unchanged = _reply(message)
        await self.forward(message)


def can_be_kept(reply: Reply) -> bool:
    """Whether others may be given it."""
    headers = dict(reply.headers)
    varied = {name.strip().lower() for name in headers.get(b"vary", b"").split(b",")} - {b""}
    return (
        reply.status == HTTPStatus.OK
        and b"etag" in headers
        and b"public" in headers.get(b"cache-control", b"")
        and b"accept-ranges" not in headers  # files have a way of their own
        and varied <= VARYING
    )


def _kept(key: Key, reply: Reply) -> Kept:
    etag = dict(reply.headers)[b"etag"].decode("latin-1")
    headers = sum(len(name) + len(value) + HEADER_BYTES for name, value in reply.headers)
    asked = sum(map(len, key[:-1]))
    # A 304 in its place has nearly the same headers.
    size = ANSWER_BYTES + asked + 2 * headers + len(reply.body)
    return Kept(reply, etag, time.monotonic() + KEPT_S, size)


def _reply(message: Message) -> Reply:
    headers = [pair for pair in message["headers"] if pair[0] != REQUEST_ID]
    return Reply(message["status"], headers)


async def _answer(scope: Scope, send: Send, wanted: Wanted, reply: Reply, started: float) -> None:
    """Send a reply and log the request."""
    body = b"" if scope["method"] == "HEAD" else reply.body
    headers = [*reply.headers, (REQUEST_ID, wanted.request_id.encode())]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
    answered = tell_answer(scope, reply.status, len(body), started, wanted.request_id)
    observe.log_request(answered, None)

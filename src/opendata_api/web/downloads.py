"""What all files that are downloaded share: their names, their links, their place."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from opendata_api.errors import TooManyExports
from opendata_api.web.asked import Asked, dictionary_link
from opendata_api.web.citing import cite_file_links
from opendata_api.web.links import Link
from opendata_api.web.requests import LEAVE_SCOPE
from opendata_api.web.site import Site
from opendata_api.words import LANGS, Text

HEAD_SCOPE = "opendata_api.head"
"""Set in the scope of a HEAD request, which is answered as GET but needs no rows."""

LIMIT_SCOPE = "opendata_api.limit"
"""Holds the limit of the request in its scope; an export is under the store's own limits."""

BUSY_RETRY_S = 10
EDITION = Text("第{n}版", "release-{n}")


class Export(StreamingResponse):
    """A stream that gives its place back however it ends, even before it began."""

    def __init__(
        self,
        lines: AsyncIterator[bytes],
        headers: Mapping[str, str],
        end: Callable[[], Awaitable[None]],
    ) -> None:
        super().__init__(lines, headers=headers)
        self.end = end

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer (ASGI)."""
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self.end()


async def take_place(site: Site, request: Request) -> None:
    """Take one of the places for exports, which have time of their own. Raises TooManyExports."""
    if site.exports.locked():
        raise TooManyExports(retry_after_s=BUSY_RETRY_S)
    await site.exports.acquire()
    request.scope[LIMIT_SCOPE].reschedule(None)
    if (leave := request.scope.get(LEAVE_SCOPE)) is not None:
        leave()


def headers_of_stream(headers: Mapping[str, str]) -> Response:
    """The headers of an answer whose length is not known before it is made."""

    async def nothing() -> AsyncIterator[bytes]:
        yield b""

    return StreamingResponse(nothing(), headers=headers)


def own_links(asked: Asked) -> Sequence[Link]:
    """Itself, what to cite, what describes it, and the address of the same bytes for ever.

    The last is left out after a cursor.
    """
    own = [Link("self", asked.address), *cite_file_links(asked), dictionary_link(asked)]
    return own if asked.query.cursor else [*own, Link("bookmark", asked.fixed.address)]


@dataclass(frozen=True, slots=True)
class Part:
    """What a file has of a dataset: a record, or groups."""

    name: str
    title: Text


def with_name(asked: Asked, response: Response, part: Part | None = None) -> Response:
    """The answer with the name that a browser saves it under (RFC 6266, RFC 8187)."""
    suffix = asked.form.format.suffix
    subject = asked.dataset.name if part is None else f"{asked.dataset.name}-{part.name}"
    plain = f"{subject}-release-{asked.release.n}.{suffix}"
    lang = asked.lang if asked.form.format.by_language else LANGS[0]
    of_part = [] if part is None else [part.title]
    titles = [asked.dataset.title, *of_part, EDITION.format(n=asked.release.n)]
    parts = [title.in_language(lang) for title in titles]
    named = quote(f"{'-'.join(parts)}.{suffix}", safe="")
    response.headers["content-disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{named}"
    )
    return response

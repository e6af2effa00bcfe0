"""Answers that are downloaded: whole when they are short, streamed when they are long."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from opendata_api.errors import TooManyExports
from opendata_api.formats import EXCEL, csv, excel
from opendata_api.query import PAGE_LIMIT_MAX, Query
from opendata_api.values import Row
from opendata_api.web.asked import Asked, page_links, select_values
from opendata_api.web.links import Link
from opendata_api.web.site import LICENSE
from opendata_api.words import LANGS, Text

HEAD_SCOPE = "opendata_api.head"
"""Set in the scope of a HEAD request, which is answered as GET but needs no rows."""

LIMIT_SCOPE = "opendata_api.limit"
"""Holds the limit of the request in its scope; an export is under the store's own limits."""

BUSY_RETRY_S = 10
EDITION = Text("第{n}版", "release-{n}")


@dataclass(frozen=True, slots=True)
class Encoder:
    """How rows become the lines of a file."""

    head: str
    query: Query
    """What to read: a sheet needs every field of a row."""
    line: Callable[[Row], str]

    def encode(self, rows: Sequence[Row]) -> bytes:
        """The lines of a batch."""
        return "".join(map(self.line, rows)).encode()


async def answer_list(asked: Asked, request: Request) -> Response:
    """The rows asked for, as a file; nothing is answered before the query has run."""
    store, n = asked.site.store, asked.release.n
    encoder = await _encoder(asked)
    most = store.published.most_rows(asked.query, n)
    if most > PAGE_LIMIT_MAX:
        return await _stream(asked, encoder, request)
    page = await store.page(encoder.query, n, max(most, 1), asked.shape)
    beside = [link for link in page_links(asked, page) if link.rel != "first"]
    body = encoder.head.encode() + encoder.encode(page.rows)
    return _with_name(asked, asked.representation([*_links(asked), *beside]).answer(body))


async def answer_record(asked: Asked, links: Sequence[Link], record: Row) -> Response:
    """One record, as a file of one line."""
    encoder = await _encoder(asked)
    is_sheet = asked.form.format is EXCEL
    row = record if is_sheet else select_values(asked.dataset, asked.query, record)
    line = encoder.line(row) if is_sheet else csv.encode_line(asked.query.fields, row)
    body = (encoder.head + line).encode()
    own = [link for link in links if link.rel != "describedby"]
    return _with_name(asked, asked.representation(own).answer(body), str(record[_id_place(asked)]))


def _id_place(asked: Asked) -> int:
    return asked.dataset.field_names.index("id")


async def _stream(asked: Asked, encoder: Encoder, request: Request) -> Response:
    """All rows in batches. A failure after the first batch breaks the connection."""
    slot = asked.site.exports
    if slot.locked():
        raise TooManyExports(retry_after_s=BUSY_RETRY_S)
    await slot.acquire()
    request.scope[LIMIT_SCOPE].reschedule(None)
    batches = asked.site.store.export(encoder.query, asked.release.n, asked.shape)
    try:
        first = await anext(batches, None)
    except BaseException:
        slot.release()
        raise

    async def lines() -> AsyncIterator[bytes]:
        yield encoder.head.encode() + encoder.encode(first or ())
        async for batch in batches:
            yield encoder.encode(batch)

    async def end() -> None:
        slot.release()
        await batches.aclose()

    place = asked.representation(_links(asked))
    headers = place.headers | {"content-type": place.content_type}
    if request.scope.get(HEAD_SCOPE):
        await end()
        return _with_name(asked, Response(headers=headers))
    return _with_name(asked, Export(lines(), headers, end))


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


async def _encoder(asked: Asked) -> Encoder:
    query = asked.query
    if asked.form.format is EXCEL:
        sheet = await _sheet(asked)
        whole = replace(query, fields=asked.dataset.fields)
        return Encoder(excel.header_line(sheet), whole, lambda row: excel.encode_line(sheet, row))
    head = csv.header_line(query.fields)
    if asked.shape is not None:
        return Encoder(head, query, lambda row: str(row[0]))
    return Encoder(head, query, lambda row: csv.encode_line(query.fields, row))


async def _sheet(asked: Asked) -> excel.Sheet:
    n, name = asked.release.n, asked.dataset.name

    def permalink(record_id: str) -> str:
        return asked.site.address(f"/v1/{name}/{record_id}", (("release", str(n)),))

    return excel.Sheet(
        dataset=asked.dataset,
        fields=asked.query.fields,
        lang=asked.lang,
        labels=await asked.site.labels(n),
        release=n,
        licence="" if asked.dataset.is_verbatim else LICENSE,
        permalink=permalink,
    )


def _links(asked: Asked) -> Sequence[Link]:
    """Itself and the address of the same bytes for ever, which a cursor has not."""
    own = [Link("self", asked.address)]
    return own if asked.query.cursor else [*own, Link("bookmark", asked.fixed.address)]


def _with_name(asked: Asked, response: Response, record_id: str | None = None) -> Response:
    """The answer with the name that a browser saves it under (RFC 6266, RFC 8187)."""
    suffix = asked.form.format.suffix
    subject = asked.dataset.name if record_id is None else f"{asked.dataset.name}-{record_id}"
    plain = f"{subject}-release-{asked.release.n}.{suffix}"
    lang = asked.lang if asked.form.format.by_language else LANGS[0]
    title = asked.dataset.title.in_language(lang)
    edition = EDITION.format(n=asked.release.n).in_language(lang)
    parts = [title, edition] if record_id is None else [title, record_id, edition]
    named = quote(f"{'-'.join(parts)}.{suffix}", safe="")
    response.headers["content-disposition"] = (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{named}"
    )
    return response

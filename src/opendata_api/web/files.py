"""Answers that are downloaded: whole when they are short, streamed when they are long."""

from collections.abc import AsyncIterator, Sequence

from starlette.requests import Request
from starlette.responses import Response

from opendata_api.formats import CSVM
from opendata_api.query import PAGE_LIMIT_MAX
from opendata_api.values import Row
from opendata_api.web import packing
from opendata_api.web.asked import Asked, select_values
from opendata_api.web.csv_metadata import answer_metadata
from opendata_api.web.downloads import (
    HEAD_SCOPE,
    Export,
    Part,
    headers_of_stream,
    own_links,
    take_place,
    with_name,
)
from opendata_api.web.encoders import Encoder, make_encoder, make_imprint
from opendata_api.web.links import Link
from opendata_api.web.paging import links_beside, pages_beside
from opendata_api.words import Text


async def answer_list(asked: Asked, request: Request) -> Response:
    """The rows asked for, as a file; nothing is answered before the query has run."""
    if asked.form.format is CSVM:
        return await answer_metadata(asked, await make_imprint(asked), None)
    if asked.form.format.is_packed:
        return await packing.answer_list(asked, request)
    store, n = asked.site.store, asked.release.n
    encoder = await make_encoder(asked, asked.form.format)
    most = store.published.most_rows(asked.query, n)
    if most > PAGE_LIMIT_MAX:
        return await _stream(asked, encoder, request)
    page = await store.page(encoder.query, n, max(most, 1), asked.shape)
    beside = links_beside(asked, pages_beside(asked.query, n, page))
    body = encoder.head.encode() + encoder.encode(page.rows)
    return with_name(asked, asked.representation([*own_links(asked), *beside]).answer(body))


async def answer_record(
    asked: Asked, request: Request, links: Sequence[Link], record: Row
) -> Response:
    """One record, as a file of one line."""
    if asked.form.format is CSVM:
        return await answer_metadata(asked, await make_imprint(asked), record)
    record_id = str(record[asked.dataset.field_names.index("id")])
    part = Part(record_id, Text(record_id, record_id))
    if asked.form.format.is_packed:
        packed = await packing.answer_record(asked, request, links, record)
        return with_name(asked, packed, part)
    encoder = await make_encoder(asked, asked.form.format)
    row = select_values(asked.dataset, encoder.query, record)
    body = encoder.head.encode() + encoder.encode([row])
    return with_name(asked, asked.representation(links).answer(body), part)


async def _stream(asked: Asked, encoder: Encoder, request: Request) -> Response:
    """All rows in batches. A failure after the first batch breaks the connection."""
    await take_place(asked.site, request)
    slot = asked.site.exports
    batches = asked.site.store.export(encoder.query, asked.release.n, asked.shape)
    try:
        begun = [encoder.head.encode() + encoder.encode(await anext(batches, []))]
    except BaseException:
        slot.release()
        raise

    async def lines() -> AsyncIterator[bytes]:
        yield begun.pop()
        while batch := encoder.encode(await anext(batches, [])):
            yield batch

    async def end() -> None:
        slot.release()
        await batches.aclose()

    place = asked.representation(own_links(asked))
    headers = place.headers | {"content-type": place.content_type}
    if request.scope.get(HEAD_SCOPE):
        await end()
        return with_name(asked, headers_of_stream(headers))
    return with_name(asked, Export(lines(), headers, end))

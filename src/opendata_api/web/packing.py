"""Files that are made whole before they are sent: workbooks, Parquet, archives.

They are written batch by batch into a temporary file, in threads, since the libraries that write
them take time; nothing is answered before the file is complete.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import AbstractContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from io import SEEK_END
from tempfile import SpooledTemporaryFile
from typing import IO, TypeVar

from starlette.requests import Request
from starlette.responses import Response

from opendata_api.catalog.package import files_beside
from opendata_api.formats import CSV, JSONSTAT, PARQUET, XLSX, ZIP, archive, jsonstat
from opendata_api.formats.imprint import Imprint
from opendata_api.formats.jsonstat import CELLS_MAX, Cube, TooManyCells
from opendata_api.formats.sheet import Sheet, TooLongForCell
from opendata_api.query import PAGE_LIMIT_MAX, Query
from opendata_api.values import Row
from opendata_api.web.asked import Asked, select_values
from opendata_api.web.downloads import (
    HEAD_SCOPE,
    Export,
    headers_of_stream,
    own_links,
    take_place,
    with_name,
)
from opendata_api.web.encoders import Encoder, csv_encoder, make_encoder, make_imprint, whole
from opendata_api.web.links import Link
from opendata_api.web.paging import links_beside, pages_beside
from opendata_api.web.too_large import LONG_TEXT, MANY_CELLS, check_rows, does_not_fit
from opendata_api.web.works import cite_file
from opendata_api.words import Lang

MEMORY_BYTES = 4 * 1024 * 1024
"""A file that is larger lies on the disk."""
BLOCK_BYTES = 256 * 1024

Result = TypeVar("Result")
Batches = AsyncGenerator[Sequence[Row], None]
Add = Callable[[Sequence[Row]], None]
Writing = AbstractContextManager[Add]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a file is made of beside its rows."""

    imprint: Imprint
    lang: Lang
    encoder: Encoder
    """For the table of an archive."""
    rows_most: int
    """There are no more rows than this."""


@dataclass(frozen=True, slots=True)
class Packing:
    """How the files of one format are written."""

    begin: Callable[[Contents, IO[bytes]], Writing]
    """Called in a thread: it loads the library that writes the format."""
    reads_whole: bool = False
    """Whether it needs every field of a row."""
    is_open_till_written: bool = False
    """Whether only the whole file tells that there can be one."""


@dataclass(frozen=True, slots=True)
class Packer:
    """How a file is made."""

    query: Query
    """What to read."""
    shape: str | None
    begin: Callable[[IO[bytes]], Writing]


async def answer_list(asked: Asked, request: Request) -> Response:
    """The rows asked for, in a file that is made whole."""
    store, n = asked.site.store, asked.release.n
    most = store.published.most_rows(asked.query, n)
    if not asked.query.filters and asked.query.cursor is None:
        check_rows(asked, most)
    imprint = await _cited(asked, await make_imprint(asked), None)
    packer = await _packer(asked, imprint, asked.shape, most)
    links = list(own_links(asked))
    if most > PAGE_LIMIT_MAX:
        batches = store.export(packer.query, n, packer.shape)
        if request.scope.get(HEAD_SCOPE) and not _packing(asked).is_open_till_written:
            return with_name(asked, await _answer_head(asked, request, batches, links))
    else:
        page = await store.page(packer.query, n, max(most, 1), packer.shape)
        links += links_beside(asked, pages_beside(asked.query, n, page))
        batches = _one_batch(page.rows)
    return with_name(asked, await _answer(asked, request, packer, batches, links))


async def answer_record(
    asked: Asked, request: Request, links: Sequence[Link], record: Row
) -> Response:
    """One record, in a file that is made whole."""
    imprint = await _cited(asked, await make_imprint(asked), record)
    packer = await _packer(asked, imprint, None, 1)
    row = select_values(asked.dataset, packer.query, record)
    return await _answer(asked, request, packer, _one_batch([row]), links)


async def answer_rows(
    asked: Asked, request: Request, imprint: Imprint, rows: Sequence[Row], links: Sequence[Link]
) -> Response:
    """Rows of other fields than the dataset's, in a file that is made whole."""
    cited = await _cited(asked, imprint, None)
    encoder = csv_encoder(asked.query, imprint.fields)
    contents = Contents(cited, asked.lang, encoder, len(rows))
    packer = Packer(asked.query, None, partial(_packing(asked).begin, contents))
    return await _answer(asked, request, packer, _one_batch(rows), links)


async def _cited(asked: Asked, imprint: Imprint, record: Row | None) -> Imprint:
    """What the file says of itself, with how it is cited."""
    return replace(imprint, citation=await cite_file(asked, imprint.subject.title, record))


async def _packer(asked: Asked, imprint: Imprint, shape: str | None, most: int) -> Packer:
    packing = _packing(asked)
    query = whole(asked.query) if packing.reads_whole else asked.query
    contents = Contents(imprint, asked.lang, await make_encoder(asked, CSV), most)
    return Packer(query, shape, partial(packing.begin, contents))


def _begin_xlsx(contents: Contents, file: IO[bytes]) -> Writing:
    from opendata_api.formats import xlsx  # noqa: PLC0415 - an extra, loaded by its format alone

    return xlsx.writing(file, Sheet(contents.imprint, contents.lang))


def _begin_parquet(contents: Contents, file: IO[bytes]) -> Writing:
    from opendata_api.formats import parquet  # noqa: PLC0415 - the same

    return parquet.writing(file, contents.imprint)


def _begin_cube(contents: Contents, file: IO[bytes]) -> Writing:
    dataset = contents.encoder.query.dataset
    return jsonstat.writing(file, Cube(contents.imprint, dataset, contents.lang))


def _begin_archive(contents: Contents, file: IO[bytes]) -> Writing:
    imprint, encoder = contents.imprint, contents.encoder
    name = f"{imprint.subject.name}.{CSV.suffix}"
    table = archive.Table(name, encoder.head.encode(), encoder.encode, contents.rows_most)
    return archive.writing(file, table, imprint.moment, partial(files_beside, imprint))


PACKINGS: Mapping[str, Packing] = {
    XLSX.key: Packing(_begin_xlsx, reads_whole=True),
    PARQUET.key: Packing(_begin_parquet),
    ZIP.key: Packing(_begin_archive),
    JSONSTAT.key: Packing(_begin_cube, reads_whole=True, is_open_till_written=True),
}
"""Every format whose files are made whole, by key."""


def _packing(asked: Asked) -> Packing:
    return PACKINGS[asked.form.format.key]


async def _answer(
    asked: Asked, request: Request, packer: Packer, batches: Batches, links: Sequence[Link]
) -> Response:
    """The answer whose body is the file; its place is given back when it is sent."""
    await take_place(asked.site, request)
    file = SpooledTemporaryFile(MEMORY_BYTES)  # noqa: SIM115 - closed when it is sent

    async def end() -> None:
        asked.site.exports.release()
        file.close()

    try:
        async with aclosing(batches):
            await _pack(asked, packer, batches, file)
    except BaseException:
        await end()
        raise
    length = file.seek(0, SEEK_END)
    return Export(_blocks(file), _headers(asked, links) | {"content-length": str(length)}, end)


async def _answer_head(
    asked: Asked, request: Request, batches: Batches, links: Sequence[Link]
) -> Response:
    """The headers of a long file, which is not made for them; its length stays open."""
    await take_place(asked.site, request)
    try:
        async with aclosing(batches):
            await _count(asked, batches)
    finally:
        asked.site.exports.release()
    return headers_of_stream(_headers(asked, links))


def _headers(asked: Asked, links: Sequence[Link]) -> dict[str, str]:
    place = asked.representation(links)
    return place.headers | {"content-type": place.content_type}


async def _pack(asked: Asked, packer: Packer, batches: Batches, file: IO[bytes]) -> None:
    """Write the rows into the file. Raises TooLargeForFormat."""
    count = 0
    try:
        async with _in_threads(asked.site.threads, partial(packer.begin, file)) as add:
            async for batch in batches:
                count += len(batch)
                check_rows(asked, count)
                await add(batch)
    except TooLongForCell as error:
        raise does_not_fit(asked, LONG_TEXT) from error
    except TooManyCells as error:
        raise does_not_fit(asked, MANY_CELLS.format(most=CELLS_MAX)) from error


async def _count(asked: Asked, batches: Batches) -> None:
    """See that the query runs and that its rows are not too many."""
    count = 0
    async for batch in batches:
        count += len(batch)
        check_rows(asked, count)
        if asked.form.format.rows_max is None:
            break


@asynccontextmanager
async def _in_threads(
    threads: Executor, begin: Callable[[], Writing]
) -> AsyncIterator[Callable[[Sequence[Row]], Awaitable[None]]]:
    """What is written in threads, one step after the other."""
    writing = await run_apart(threads, begin)
    add = await run_apart(threads, writing.__enter__)
    try:
        yield partial(run_apart, threads, add)
    except BaseException:
        await run_apart(threads, writing.__exit__, *sys.exc_info())
        raise
    await run_apart(threads, writing.__exit__, None, None, None)


async def run_apart(threads: Executor, step: Callable[..., Result], *values: object) -> Result:
    """What the step comes to; it ends before anything else is done, also when we are stopped."""
    running = asyncio.get_running_loop().run_in_executor(threads, step, *values)
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


async def _one_batch(rows: Sequence[Row]) -> Batches:
    yield rows


async def _blocks(file: IO[bytes]) -> AsyncIterator[bytes]:
    file.seek(0)
    while block := file.read(BLOCK_BYTES):
        yield block

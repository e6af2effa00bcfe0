"""Answering with a file of a release, whole or in parts."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from starlette.concurrency import iterate_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.types import Receive, Scope, Send

from opendata_api.errors import Erased, Fault, FileNotKept, FileUnavailable, RangeNotSatisfiable
from opendata_api.files import MissingFile
from opendata_api.formats import CSVM
from opendata_api.store import deadlines
from opendata_api.store.model import File, Release
from opendata_api.web.asked import Asked
from opendata_api.web.compression import is_compressible, wanted_coding
from opendata_api.web.downloads import (
    HEAD_SCOPE,
    LIMIT_SCOPE,
    Export,
    headers_of_stream,
    own_links,
    take_place,
    with_name,
)
from opendata_api.web.site import Site
from opendata_api.words import Text

BLOCK_BYTES = 256 * 1024
RANGE = re.compile(r"([0-9]*)-([0-9]*)")
RANGES_MAX = 100
DIGITS_MAX = 18
"""No file has a place beyond."""

NOT_HERE = Text("本节点没有文件 {name}，或其已损坏", "this node has no {name}, or it is damaged")
HAD_ERASED = Text(
    "文件 {name} 含有已清除的内容，不再提供；新版本的文件没有这些内容",
    "{name} had what was erased since, and is served no more; the files of newer releases have not",
)
NOT_KEPT = Text(
    "只保留最新{kept}版的文件；第{n}版的记录仍可查询，哈希见版本清单",
    "only the {kept} newest releases keep their files; the records of release {n} can still be "
    "asked for, and its manifest has the hashes",
)


async def find_file(site: Site, release: Release, file: File) -> Path:
    """Where a file lies, proven to be as it was published.

    Raises Erased for a file that had what was erased, FileNotKept for a release that is too old,
    and FileUnavailable for a file that is not here.
    """
    listed = await site.listed(release.n)
    if listed.is_erased(file):
        raise Erased(Fault(HAD_ERASED.format(name=file.name)))
    folder, newest = site.release_files.folder, site.store.published.newest.n
    if not folder.is_kept(release.n, newest):
        error = FileNotKept(Fault(NOT_KEPT.format(kept=folder.kept_max, n=release.n)))
        error.elsewhere = site.address(f"/v1/releases/{release.n}")
        raise error
    try:
        return await site.release_files.find(listed.history_id, file)
    except MissingFile as error:
        fault = Fault(NOT_HERE.format(name=file.name))
        raise FileUnavailable(fault, retry_after_s=deadlines.RETRY_AFTER_S) from error


async def answer_published(asked: Asked, request: Request) -> Response | None:
    """The file of the release that has the very rows asked for, where there is one here."""
    is_described = asked.form.format is CSVM  # the file names the CSV that lies beside it
    if (
        is_described
        or asked.query.is_filtered
        or any(name != "release" for name, _ in asked.query.canonical)
    ):
        return None
    listed = await asked.site.listed(asked.release.n)
    file = listed.by_name.get(f"{asked.dataset.name}.{asked.form.format.suffix}")
    if file is None or listed.is_erased(file):
        return None
    if asked.form.format.is_packed and listed.address != asked.site.base:
        return None  # it names the addresses of a service that has another now
    place = asked.representation(own_links(asked))
    # Another program could have made the file, with other bytes than this one would.
    place = replace(place, form=f"{place.form}.{file.sha256}")
    if place.is_unchanged(request):
        return place.not_modified(request)
    try:
        path = await asked.site.release_files.find(listed.history_id, file)
    except MissingFile:
        return None
    headers = place.headers | {"content-type": place.content_type}
    return with_name(asked, await answer_file(asked.site, path, headers, request))


async def answer_file(
    site: Site, path: Path, headers: Mapping[str, str], request: Request
) -> Response:
    """The file, or the parts of it that are asked for.

    Raises RangeNotSatisfiable, and TooManyExports for a long file that is to be compressed.
    """
    request.scope[LIMIT_SCOPE].reschedule(None)  # it is no database that is waited for
    if not _is_compressed_on_its_way(path, headers, request):
        return _as_it_is(path, headers, request)
    told = {**headers, "accept-ranges": "bytes"}
    if request.scope.get(HEAD_SCOPE):
        return headers_of_stream(told)
    await take_place(site, request)  # to compress it takes the CPU of an export, or more

    async def end() -> None:
        site.exports.release()

    return Export(iterate_in_threadpool(_blocks(path)), told, end)


def _is_compressed_on_its_way(path: Path, headers: Mapping[str, str], request: Request) -> bool:
    """Whether nobody knows how long the answer will be."""
    wanted = is_compressible(headers["content-type"]) and wanted_coding(request.headers) is not None
    return wanted and path.stat().st_size > BLOCK_BYTES


def _as_it_is(path: Path, headers: Mapping[str, str], request: Request) -> Response:
    length = path.stat().st_size
    asked = request.headers.get("range")
    if length <= BLOCK_BYTES and asked is None:
        return Response(path.read_bytes(), 200, {**headers, "accept-ranges": "bytes"})
    ranges = None if asked is None else read_ranges(asked, length)
    return Whole(path, headers, length, ranges)


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block


class Whole(FileResponse):
    """Starlette's answer with a file, for a range that has been read, and for HEAD."""

    chunk_size = BLOCK_BYTES
    """Each block is read in a thread: most of the time went into waking one for every 64 KiB."""

    def __init__(
        self, path: Path, headers: Mapping[str, str], length: int, ranges: str | None
    ) -> None:
        super().__init__(path, headers=headers, media_type=headers["content-type"])
        self._length, self._ranges = length, ranges

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer (ASGI)."""
        kept = [pair for pair in scope["headers"] if pair[0] != b"range"]
        if self._ranges is not None:
            kept.append((b"range", self._ranges.encode()))
        method = "HEAD" if scope.get(HEAD_SCOPE) else "GET"
        await super().__call__({**scope, "headers": kept, "method": method}, receive, send)


def read_ranges(asked: str, length: int) -> str | None:
    """Those of the ranges that a file of that length has; None: it is sent whole.

    By RFC 9110, section 14.2: what is no range of bytes is ignored. Raises RangeNotSatisfiable
    where the file has none of them.
    """
    unit, _, listed = asked.partition("=")
    specs = [RANGE.fullmatch(one.strip()) for one in listed.split(",")]
    if unit.strip().lower() != "bytes" or len(specs) > RANGES_MAX:
        return None
    found: list[str] = []
    for spec in specs:
        if spec is None or spec[0] == "-" or len(spec[0]) > DIGITS_MAX:
            return None
        first, last = spec[1], spec[2]
        if first and last and int(last) < int(first):
            return None
        if int(first) < length if first else int(last) > 0:
            found.append(spec[0])
    if not found:
        raise RangeNotSatisfiable(length)
    return f"bytes={','.join(found)}"

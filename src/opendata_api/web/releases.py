"""The editions of the data: what each holds and changed, its manifest and its files."""

from collections.abc import Sequence
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import Response

from opendata_api.errors import Fault, NotFound
from opendata_api.errors import GoneRelease as ReleaseGone
from opendata_api.files.making import media_type_of
from opendata_api.formats import CSV, CSVM
from opendata_api.query import PLAIN_PARAMETERS
from opendata_api.store.manifest import hash_text, read_notes
from opendata_api.store.model import File, GoneRelease, Release
from opendata_api.web import caching
from opendata_api.web.answers import Representation, answer_object, read_choice
from opendata_api.web.changes import describe_changes
from opendata_api.web.links import Link, link_header
from opendata_api.web.release_files import answer_file, find_file
from opendata_api.web.rows import Handler
from opendata_api.web.site import Listed, Site
from opendata_api.web.tracking import lead_to_clean

PATH = "/v1/releases"


def releases_handler(site: Site) -> Handler:
    """`/v1/releases`: the editions, the newest first."""

    async def answer_releases(request: Request) -> Response:
        choice, newest = await read_choice(site, request, PLAIN_PARAMETERS)
        releases = site.store.published.releases
        gone = site.store.published.gone
        content = [
            _describe(site, releases[n]) if n in releases else _describe_gone(gone[n])
            for n in sorted([*releases, *gone], reverse=True)
        ]
        links = [Link("self", site.address(PATH), "self")]
        place = Representation(
            site=site, release=newest, path=PATH, canonical=choice.canonical, links=links
        )
        return answer_object(place, content, request)

    return answer_releases


def release_handler(site: Site) -> Handler:
    """`/v1/releases/{n}`: one edition."""

    async def answer_release(request: Request) -> Response:
        _, newest = await read_choice(site, request, PLAIN_PARAMETERS)
        release = await release_of_path(site, request)
        path = f"{PATH}/{release.n}"
        links = [
            Link("self", site.address(path), "self"),
            Link("collection", site.address(PATH), "collection"),
        ]
        place = Representation(site=site, release=newest, path=path, canonical=(), links=links)
        if place.is_unchanged(request):
            return place.not_modified(request)
        manifest = await site.store.manifest(release.n)
        files = await site.listed(release.n)
        notes = read_notes(manifest)
        content = _describe(site, release) | {
            "notes": None if notes is None else {"zh": notes.zh, "en": notes.en},
            "changes": describe_changes(site, release),
            "manifest": {"href": site.address(f"{path}/manifest"), "sha256": hash_text(manifest)},
            "files": [describe_file(site, release, files, one) for one in files.by_name.values()],
            "erased": [
                {"dataset": one.dataset, "kind": one.kind or None, "id": one.id, "leaf": one.leaf}
                for one in files.holes
            ],
        }
        return answer_object(place, content, request)

    return answer_release


def manifest_handler(site: Site) -> Handler:
    """`/v1/releases/{n}/manifest`: what a release consists of, by hashes, as it was written."""

    async def answer_manifest(request: Request) -> Response:
        _, newest = await read_choice(site, request, PLAIN_PARAMETERS)
        n = await told_release(site, request)
        path = f"{PATH}/{n}/manifest"
        release = replace(newest, n=n, published_at=site.store.published.time_of(n))
        links = [Link("self", site.address(path), "self")]
        place = Representation(site=site, release=release, path=path, canonical=(), links=links)
        place = replace(place, caching=caching.FOR_EVER)
        if place.is_unchanged(request):
            return place.not_modified(request)
        return place.answer((await site.store.manifest(n)).encode())

    return answer_manifest


def file_handler(site: Site) -> Handler:
    """`/v1/releases/{n}/files/{file}`: a file of an edition, the same bytes for ever."""

    async def answer_release_file(request: Request) -> Response:
        clean = lead_to_clean(site.base, request, PLAIN_PARAMETERS)
        if clean is not None:
            return clean
        await read_choice(site, request, PLAIN_PARAMETERS)
        release = await release_of_path(site, request)
        files = await site.listed(release.n)
        file = files.by_name.get(str(request.path_params["file"]))
        if file is None:
            raise NotFound
        headers = _file_headers(site, release, files, file)
        tag, content_type = headers["etag"], headers["content-type"]
        if caching.is_unchanged(request, tag, content_type, release.published_at):
            return caching.not_modified(request, headers)
        path = await find_file(site, release, file)
        return await answer_file(site, path, headers, request)

    return answer_release_file


async def release_of_path(site: Site, request: Request) -> Release:
    """The release that the path names. Raises NotFound and ReleaseGone."""
    n = await told_release(site, request)
    if (gone := site.store.published.gone.get(n)) is not None:
        raise ReleaseGone(Fault(gone.why))
    return site.store.published.releases[n]


async def told_release(site: Site, request: Request) -> int:
    """The number of the release that the path names, also of one that is gone. Raises NotFound."""
    asked = str(request.path_params["n"])
    is_number = asked.isascii() and asked.isdecimal() and len(asked) < len(str(2**31))
    n = int(asked) if is_number else 0
    is_there = await site.store.release(n) is not None or n in site.store.published.gone
    if not is_there or asked != str(n):
        raise NotFound
    return n


def describe_file(site: Site, release: Release, listed: Listed, file: File) -> dict[str, object]:
    """A file as data, with whether it can still be had."""
    newest = site.store.published.newest.n
    state = "available" if site.release_files.folder.is_kept(release.n, newest) else "not-kept"
    return {
        "name": file.name,
        "state": "erased" if listed.is_erased(file) else state,
        "href": site.address(f"{PATH}/{release.n}/files/{file.name}"),
        "media_type": media_type_of(file.name).partition(";")[0],
        "bytes": file.bytes,
        "sha256": file.sha256,
    }


def _file_headers(site: Site, release: Release, files: Listed, file: File) -> dict[str, str]:
    stem, _, suffix = file.name.partition(".")
    release_address = site.address(f"{PATH}/{release.n}")
    collection = Link("collection", release_address)
    return {
        "etag": f'"{file.sha256}"',
        "last-modified": caching.http_date(release.published_at),
        "cache-control": caching.FOR_EVER,
        "content-type": media_type_of(file.name),
        "content-disposition": f'attachment; filename="{stem}-release-{release.n}.{suffix}"',
        "link": link_header([*_metadata(files, file, release_address), collection]),
    }


def _metadata(files: Listed, file: File, release_address: str) -> Sequence[Link]:
    """What describes a CSV; first, since clients take the first link for it."""
    stem, _, suffix = file.name.partition(".")
    name = f"{stem}.{CSVM.suffix}"
    if suffix != CSV.suffix or name not in files.by_name:
        return ()
    return [Link("describedby", f"{release_address}/files/{name}", type=CSVM.media_type)]


def _describe_gone(gone: GoneRelease) -> dict[str, object]:
    return {
        "n": gone.n,
        "published_at": gone.published_at,
        "counts": {},
        "href": None,
        "withdrawn": {"zh": gone.why.zh, "en": gone.why.en},
    }


def _describe(site: Site, release: Release) -> dict[str, object]:
    published = site.store.published
    return {
        "n": release.n,
        "published_at": release.published_at,
        "counts": {one.name: published.count_of(one, release.n) for one in site.datasets},
        "href": site.address(f"{PATH}/{release.n}"),
        "withdrawn": None,
    }

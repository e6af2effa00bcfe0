"""`/sitemap.xml`: every page for people; in parts where there are many."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from opendata_api.catalog.sitemap import Place, print_index, print_pages
from opendata_api.datasets import COMMITMENTS, METRICS, REPORTS
from opendata_api.describe import Dataset
from opendata_api.errors import NotFound
from opendata_api.query import PAGE_LIMIT_MAX, PLAIN_PARAMETERS, parse_query
from opendata_api.store.model import Release
from opendata_api.values import Stored
from opendata_api.web.answers import Representation, read_choice
from opendata_api.web.overview import find_overview
from opendata_api.web.pages.cells import page_of
from opendata_api.web.rows import Handler
from opendata_api.web.site import Site

PATH = "/sitemap.xml"
XML = "application/xml"
PART_MAX = 10_000
"""So many pages are in one map. 50,000 may be; a map of those would take 20 MB of memory."""
LISTED = (METRICS, REPORTS)
"""The datasets whose records have pages that are more than a row of a table."""
FIXED = "pages"
"""The part of the pages that are no records'."""
START: tuple[Stored, ...] = ()
Starts = dict[tuple[str, int], tuple[Stored, ...]]


@dataclass(slots=True)
class Walk:
    """Where the parts of a release begin, as far as they were read."""

    release: int = 0
    starts: Starts = field(default_factory=dict)
    """By dataset and number of the part: the keys of the record before it."""

    def of(self, release: int) -> Starts:
        """Those of that release; the others are forgotten."""
        if release != self.release:
            self.release = release
            self.starts = {(dataset.name, 1): START for dataset in LISTED}
        return self.starts


def sitemap_handler(site: Site) -> Handler:
    """`/sitemap.xml`: all pages, or the list of the parts."""

    async def answer_sitemap(request: Request) -> Response:
        place = await _place(site, request, PATH)
        if place.is_unchanged(request):
            return place.not_modified(request)
        pages = await _fixed_pages(site)
        if len(pages) + sum(_count(site, one, place.release) for one in LISTED) > PART_MAX:
            return place.answer(print_index(_parts(site, place.release)))
        for dataset in LISTED:
            pages += (await _read(place, dataset, START))[0]
        return place.answer(await run_in_threadpool(print_pages, pages))

    return answer_sitemap


def part_handler(site: Site) -> Handler:
    """`/sitemap-{part}.xml`: `pages`, or a dataset and a number."""
    walk = Walk()

    async def answer_part(request: Request) -> Response:
        part = str(request.path_params["part"])
        place = await _place(site, request, _path(part))
        if part not in _part_names(site, place.release):
            raise NotFound(PATH)
        if place.is_unchanged(request):
            return place.not_modified(request)
        pages = await _pages_of(place, walk, part)
        return place.answer(await run_in_threadpool(print_pages, pages))

    return answer_part


async def _place(site: Site, request: Request, path: str) -> Representation:
    choice, release = await read_choice(site, request, PLAIN_PARAMETERS)
    return Representation(
        site=site,
        release=release,
        path=path,
        canonical=choice.canonical,
        form=XML,
        content_type=XML,
    )


async def _fixed_pages(site: Site) -> list[Place]:
    """The pages that there are whatever the records."""
    overview = await find_overview(site)
    entries = overview.entry
    dated = {
        "/": overview.modified,
        "/commitments": entries[COMMITMENTS.name].modified,
        "/releases": overview.modified,
        "/docs": None,
        "/docs/reference": None,
        **{f"/datasets/{name}": entry.modified for name, entry in entries.items()},
    }
    return [Place(site.address(path), modified) for path, modified in dated.items()]


async def _pages_of(place: Representation, walk: Walk, part: str) -> list[Place]:
    if part == FIXED:
        return await _fixed_pages(place.site)
    name, _, number = part.rpartition("-")
    return await _record_pages(place, walk, place.site.dataset[name], int(number))


async def _record_pages(
    place: Representation, walk: Walk, dataset: Dataset, number: int
) -> list[Place]:
    """The pages of one part of a dataset's records."""
    starts = walk.of(place.release.n)
    known = max(n for name, n in starts if name == dataset.name and n <= number)
    while True:
        pages, last = await _read(place, dataset, starts[dataset.name, known])
        starts[dataset.name, known + 1] = last
        if known == number:
            return pages
        known += 1


async def _read(
    place: Representation, dataset: Dataset, keys: tuple[Stored, ...]
) -> tuple[list[Place], tuple[Stored, ...]]:
    """The pages of the records after those keys, as many as a part has; and the last keys."""
    site, n = place.site, place.release.n
    query = parse_query(dataset, (("fields", "id,release_changed"), ("sort", "id")))
    pages: list[Place] = []
    while len(pages) < PART_MAX:
        asked = query if keys == START else query.beside(n, keys, backwards=False)
        limit = min(PAGE_LIMIT_MAX, PART_MAX - len(pages))
        rows = await site.store.page(asked, n, limit, None)
        pages += [_record_page(site, dataset, str(row[0]), int(str(row[1]))) for row in rows.rows]
        keys = rows.last or keys
        if not rows.has_next:
            break
    return pages, keys


def _record_page(site: Site, dataset: Dataset, record_id: str, changed: int) -> Place:
    path = page_of(dataset.name, quote(record_id, safe=""))
    return Place(site.address(path), site.store.published.time_of(changed))


def _part_names(site: Site, release: Release) -> Sequence[str]:
    return [
        FIXED,
        *(
            f"{dataset.name}-{number + 1}"
            for dataset in LISTED
            for number in range(-(-_count(site, dataset, release) // PART_MAX))
        ),
    ]


def _parts(site: Site, release: Release) -> Sequence[Place]:
    names = _part_names(site, release)
    return [Place(site.address(_path(name)), release.published_at) for name in names]


def _path(part: str) -> str:
    return f"/sitemap-{part}.xml"


def _count(site: Site, dataset: Dataset, release: Release) -> int:
    return site.store.published.count_of(dataset, release.n)

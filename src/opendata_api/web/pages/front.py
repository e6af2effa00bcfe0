"""`/` and `/search` and `/releases`: where readers begin, and what there is."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from opendata_api.datasets import OBSERVATIONS
from opendata_api.describe import Dataset
from opendata_api.errors import Pairs
from opendata_api.files import WHOLE
from opendata_api.formats import EXCEL, JSON, XLSX, ZIP
from opendata_api.query import (
    RELEASE_PARAMETERS,
    SEARCH,
    SEARCH_PARAMETERS,
    Query,
    parse_search,
    split_query,
)
from opendata_api.store.manifest import read_notes
from opendata_api.store.model import Release
from opendata_api.web.discovery import api_catalog_link
from opendata_api.web.highlights import find_highlights
from opendata_api.web.pages.cells import NONE, make_cell, mark, page_of, record_title, sentence_of
from opendata_api.web.pages.editions import files_by_dataset
from opendata_api.web.pages.history import changes_of_release
from opendata_api.web.pages.layout import day_in_china
from opendata_api.web.pages.linked_data import find_catalogue_data
from opendata_api.web.pages.metric import printed
from opendata_api.web.pages.table import carried
from opendata_api.web.pages.visit import (
    Page,
    Visit,
    answer_visit,
    open_visit,
    page_handler,
)
from opendata_api.web.rows import Handler
from opendata_api.web.site import Site
from opendata_api.web.tracking import lead_to_clean
from opendata_api.words import Text

HEADLINES: tuple[Pairs, ...] = (
    (("metric", "legal_aid_cases_accepted_and_assigned"),),
    (("metric", "cross_area_cases_handled"), ("dim", "service_scope:cross_province")),
    (("metric", "law_savvy_people_trained"),),
    (("metric", "village_legal_advisers"),),
)
"""The figures that the home page leads with, each of the newest report that has it."""

RELEASES_MAX = 20
"""So many are shown with what they changed; the older ones lead to theirs."""
HITS = 5
"""So many are shown of each dataset."""

DOWNLOADS = (
    (EXCEL, Text("CSV", "CSV")),
    (XLSX, Text("Excel 工作簿", "Excel workbook")),
    (ZIP, Text("整套", "ZIP")),
)

FIRST_CALLS = (
    (
        f"/v1/service-counts.{EXCEL.suffix}",
        EXCEL,
        Text("公共服务数量，用 Excel 或 WPS 打开", "What public services handled, for Excel"),
    ),
    (
        "/v1/observations?topic=legal_aid",
        JSON,
        Text("法律援助的全部数字（JSON）", "Every figure on legal aid, as JSON"),
    ),
    (
        "/v1/commitments",
        JSON,
        Text("下一年度的工作承诺（JSON）", "The commitments for the next year"),
    ),
)


async def make_home(visit: Visit) -> Page:
    """The home page."""
    site, release = visit.site, visit.release
    found = [await _headline(visit, asked) for asked in HEADLINES]
    parts = {
        "headlines": [one for one in found if one is not None],
        "calls": [
            {"href": site.address(path, visit.lang_of(format_)), "words": visit.words(words)}
            for path, format_, words in FIRST_CALLS
        ],
        "datasets": [_dataset(visit, dataset) for dataset in site.datasets],
        "release": release,
        "published_on": day_in_china(release.published_at, visit.lang),
        "whole": (await files_by_dataset(visit, release)).get(WHOLE, ()),
        "linked_data": await find_catalogue_data(visit),
    }
    return Page("home.html", parts, links=[api_catalog_link(site)])


async def _headline(visit: Visit, asked: Pairs) -> Mapping[str, Any] | None:
    figures, _ = await visit.rows(OBSERVATIONS, (*asked, ("sort", "-year,id")), 1)
    if not figures:
        return None
    figure = figures[0]
    return {
        "value": NONE if figure["value"] is None else printed(figure),
        "unit": figure[f"unit_{visit.lang}"],
        "name": figure[f"metric_{visit.lang}"],
        "dimensions": make_cell(visit, OBSERVATIONS.field["dimensions"], figure, None),
        "year": figure["year"],
        "area": visit.label("areas", str(figure["area_code"])),
        "href": visit.link(page_of("metrics", str(figure["metric"]))),
        "sentence": visit.link(str(sentence_of(figure))),
    }


def _dataset(visit: Visit, dataset: Dataset) -> Mapping[str, Any]:
    site = visit.site
    path = f"/v1/{dataset.name}"
    return {
        "href": visit.link(f"/datasets/{dataset.name}"),
        "title": visit.words(dataset.title),
        "description": visit.words(dataset.description),
        "count": site.store.published.count_of(dataset, visit.release.n),
        "files": [
            {
                "label": visit.words(label),
                "title": visit.words(format_.title),
                "href": visit.file(path, format_),
            }
            for format_, label in DOWNLOADS
            if format_ in site.files
        ],
    }


def found_handler(site: Site) -> Handler:
    """`/search`: what was found in every dataset; the form alone where nothing was asked."""

    async def answer_found(request: Request) -> Response:
        clean = lead_to_clean(site.base, request, SEARCH_PARAMETERS, drops_empty=True)
        if clean is not None:
            return clean
        pairs = split_query(request.scope["query_string"])
        if not any(name == SEARCH.name for name, _ in pairs):
            return await page_handler(site, _make_form, RELEASE_PARAMETERS)(request)
        queries = parse_search(site.datasets, pairs)
        asked = queries[0]
        release = await site.release(asked.release, pairs)
        canonical = replace(asked, fields=asked.dataset.fields).canonical
        visit = await open_visit(site, request, release, canonical, asked.lang)
        return await answer_visit(visit, lambda: _make_found(visit, queries))

    return answer_found


async def _make_form(visit: Visit) -> Page:
    return Page("search.html", {"words": "", "groups": [], "carried": visit.keep})


async def _make_found(visit: Visit, queries: Sequence[Query]) -> Page:
    groups = [await _group(visit, query) for query in queries]
    parts = {
        "words": " ".join(queries[0].words),
        "groups": [group for group in groups if group["total"].count],
        "carried": carried(visit, queries[0]),
    }
    return Page("search.html", parts)


async def _group(visit: Visit, query: Query) -> Mapping[str, Any]:
    n, dataset = visit.release.n, query.dataset
    page = await visit.site.store.page(query, n, query.limit or HITS, None)
    return {
        "title": visit.words(dataset.title),
        "total": await visit.site.store.total(query, n),
        "href": visit.link(f"/datasets/{dataset.name}", *query.filters),
        "hits": [_hit(visit, query, row) for row in page.rows],
    }


def _hit(visit: Visit, query: Query, row: tuple[Any, ...]) -> Mapping[str, Any]:
    record = dict(zip((field.name for field in query.fields), row, strict=True))
    spans: dict[str, list[tuple[int, int]]] = {}
    for found in find_highlights(query, row):
        spans.setdefault(str(found["field"]), []).append((found["start"], found["end"]))  # type: ignore[arg-type]
    return {
        "href": visit.link(page_of(query.dataset.name, str(record["id"]))),
        "id": record["id"],
        "title": record_title(visit, record),
        "texts": [mark(str(record[name]), places) for name, places in spans.items()],
    }


async def make_releases(visit: Visit) -> Page:
    """The releases, the newest first."""
    published = visit.site.store.published
    newest = sorted(published.releases.values(), key=lambda one: -one.n)
    parts = {
        "releases": [await _release(visit, release) for release in newest[:RELEASES_MAX]],
        "gone": [
            (one.n, one.published_at, visit.words(one.why))
            for one in sorted(published.gone.values(), key=lambda one: -one.n)
        ],
        "older": [
            (release.n, visit.link(f"/v1/releases/{release.n}"))
            for release in newest[RELEASES_MAX:]
        ],
    }
    return Page("releases.html", parts)


async def _release(visit: Visit, release: Release) -> Mapping[str, Any]:
    published = visit.site.store.published
    files = await files_by_dataset(visit, release)
    notes = read_notes(await visit.site.store.manifest(release.n))
    counts = {one: published.count_of(one, release.n) for one in visit.site.datasets}
    return {
        "n": release.n,
        "published_at": release.published_at,
        "published_on": day_in_china(release.published_at, visit.lang),
        "notes": None if notes is None else visit.words(notes),
        "datasets": [
            {
                "title": visit.words(dataset.title),
                "count": count,
                "href": visit.link(f"/datasets/{dataset.name}", ("release", str(release.n))),
                "files": files.get(dataset.name, ()),
            }
            for dataset, count in counts.items()
        ],
        "total": sum(counts.values()),
        "whole": files.get(WHOLE, ()),
        "has_files": bool(files),
        "href": visit.link(f"/v1/releases/{release.n}"),
        "manifest": visit.link(f"/v1/releases/{release.n}/manifest"),
        "changes": await changes_of_release(visit, release),
    }

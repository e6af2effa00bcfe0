"""What the newest release offers, read once for each release."""

from collections.abc import Mapping, Sequence

import orjson

from opendata_api.catalog.naming import label_of
from opendata_api.catalog.overview import Download, Entry, Overview
from opendata_api.datasets import REPORTS
from opendata_api.describe import Dataset
from opendata_api.formats.rights import rights_in
from opendata_api.query import GroupQuery, Key, parse_query
from opendata_api.store.model import Release
from opendata_api.values import Stored
from opendata_api.web.site import Site

REPORTS_MAX = 100
GROUPS_MAX = 10_000


async def find_overview(site: Site) -> Overview:
    """What the newest release offers; kept until there is another."""
    newest = site.store.published.newest
    kept = site.overviews.get(newest.n)
    if kept is None:
        kept = await _read(site, newest)
        site.overviews.clear()
        site.overviews[newest.n] = kept
    return kept


async def _read(site: Site, release: Release) -> Overview:
    labels = await site.labels(release.n)
    years = [int(str(year)) for year in await _values(site, release, "year")]
    areas = [str(code) for code in await _values(site, release, "area_code")]
    published = site.store.published
    return Overview(
        base=site.base,
        release=release.n,
        issued=published.time_of(published.first),
        modified=release.published_at,
        entries=[await _entry(site, dataset, release) for dataset in site.datasets],
        reports=await _reports(site, release),
        years=(min(years), max(years)) if years else None,
        areas=[(code, label_of(labels, "areas", code)) for code in sorted(areas)],
        labels=labels,
        operator=site.operator,
    )


async def _entry(site: Site, dataset: Dataset, release: Release) -> Entry:
    files = (await site.listed(release.n)).by_name
    count = site.store.published.count_of(dataset, release.n)
    downloads = []
    for format_ in site.files:
        if format_.rows_max is not None and count > format_.rows_max:
            continue
        file = files.get(f"{dataset.name}.{format_.suffix}")
        downloads.append(
            Download(
                format_,
                site.address(f"/v1/{dataset.name}.{format_.suffix}"),
                None if file is None else file.bytes,
                None if file is None else file.sha256,
            )
        )
    issued, modified = _times(site, dataset)
    return Entry(dataset, count, issued, modified, downloads, rights_in(dataset))


def _times(site: Site, dataset: Dataset) -> tuple[str, str]:
    """When the dataset was published first, and changed last, also by what is withdrawn by law."""
    published = site.store.published
    changed = [
        n
        for n in (*published.releases, *published.gone)
        if dataset.name in orjson.loads(published.changes_of(n))["counts"]
    ] or [published.first]
    return published.time_of(min(changed)), published.time_of(max(changed))


async def _values(site: Site, release: Release, name: str) -> Sequence[Stored]:
    """The values of a field of the reports."""
    question = GroupQuery.of(parse_query(REPORTS, ()), (Key(name, REPORTS.field[name]),), ())
    (groups,) = await site.store.facets(question, release.n)
    return [row[0] for row in groups.rows]


async def _reports(site: Site, release: Release) -> Sequence[Mapping[str, Stored]]:
    query = parse_query(REPORTS, (("sort", "-year"),))
    page = await site.store.page(query, release.n, REPORTS_MAX, None)
    return [dict(zip(REPORTS.field_names, row, strict=True)) for row in page.rows]

"""The call of the API for what a page shows, in each program's words, and the files of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from opendata_api.errors import Pairs
from opendata_api.formats import JSON, Format
from opendata_api.query import PAGE_LIMIT_MAX, Query
from opendata_api.store.model import Total
from opendata_api.web.pages.snippets import snippets
from opendata_api.web.pages.visit import Visit


def offer_calls(visit: Visit, query: Query, limit: int, total: Total) -> Mapping[str, Any]:
    """The call, the lines for each program, and the files: these rows and all of them."""
    site, dataset = visit.site, query.dataset
    path = f"/v1/{dataset.name}"
    page = tuple(sorted(replace(query, limit=limit).canonical))
    whole = query.whole(visit.release.n)
    everything = replace(whole, words=(), conditions=(), dimensions=())
    count = site.store.published.count_of(dataset, visit.release.n)
    names = [field.name for field in query.fields]
    return {
        "call": site.address(path, page),
        "snippets": snippets(site.base, path, page, whole.canonical, names),
        "downloads": [
            {
                "title": visit.words(format_.title),
                "these": _file(visit, whole, format_, total),
                "all": _file(visit, everything, format_, Total(count)),
            }
            for format_ in (*site.files, JSON)
        ],
        "permalink": site.address(visit.path, whole.canonical),
    }


def _file(visit: Visit, query: Query, format_: Format, total: Total) -> str | None:
    """The address of the rows in one format; None where it does not hold so many."""
    most = format_.rows_max if format_.is_file else PAGE_LIMIT_MAX
    if most is not None and (total.count > most or not total.exact):
        return None
    limit: Pairs = () if format_.is_file else (("limit", str(PAGE_LIMIT_MAX)),)
    return visit.file(f"/v1/{query.dataset.name}", format_, (*query.canonical, *limit))

"""`/v1/search`: the first hits in every dataset."""

import orjson
from starlette.requests import Request
from starlette.responses import Response

from opendata_api.errors import Pairs
from opendata_api.formats import Format, json
from opendata_api.query import HITS, Query, parse_search, split_query
from opendata_api.store.model import Release
from opendata_api.web.answers import Representation, answer_object
from opendata_api.web.asked import read_json_form
from opendata_api.web.highlights import find_highlights
from opendata_api.web.links import Link
from opendata_api.web.rows import Handler, varying
from opendata_api.web.site import Site

PATH = "/v1/search"


def search_handler(site: Site, suffix: Format | None = None) -> Handler:
    """`/v1/search`: the first hits in every dataset that has texts."""

    async def answer_search(request: Request) -> Response:
        form = read_json_form(request, suffix)
        pairs = split_query(request.scope["query_string"])
        queries = parse_search(site.datasets, pairs)
        release = await site.release(queries[0].release, pairs)
        canonical = _canonical(queries[0])
        place = Representation(
            site=site,
            release=release,
            path=PATH,
            canonical=canonical,
            form=form.format.key,
            vary=form.vary,
            links=[Link("self", site.address(PATH, canonical), "self")],
        )
        if place.is_unchanged(request):
            return place.not_modified(request)
        groups = [await _group(site, query, release) for query in queries]
        return answer_object(place, groups, request)

    return answer_search if suffix is not None else varying(answer_search)


def _canonical(asked: Query) -> Pairs:
    """What every dataset is asked; each shows fields of its own."""
    return tuple(pair for pair in asked.canonical if pair[0] != "fields")


async def _group(site: Site, query: Query, release: Release) -> dict[str, object]:
    page = await site.store.page(query, release.n, query.limit or HITS, None)
    total = await site.store.total(query, release.n)
    dataset = query.dataset
    pinned = () if query.release is None else (("release", str(query.release)),)
    return {
        "dataset": dataset.name,
        "title_zh": dataset.title.zh,
        "title_en": dataset.title.en,
        "total": total.count,
        "total_relation": "eq" if total.exact else "gte",
        "href": site.address(f"/v1/{dataset.name}", tuple(sorted([*query.filters, *pinned]))),
        "hits": [
            {
                "href": site.address(f"/v1/{dataset.name}/{row[0]}", pinned),
                "record": orjson.Fragment(json.encode_row(query.fields, row)),
                "highlights": find_highlights(query, row),
            }
            for row in page.rows
        ],
    }

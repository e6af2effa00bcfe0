"""`/v1/changes`: what each release changed, enough to keep an exact copy."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import orjson
from starlette.requests import Request
from starlette.responses import Response

from opendata_api.describe import Dataset
from opendata_api.formats import Format, json
from opendata_api.query import CHANGES_PARAMETERS, PAGE_LIMIT, parse_choice, split_query
from opendata_api.store.model import ChangeRecord, ChangesAsked
from opendata_api.values import Row
from opendata_api.web.answers import Representation, meta
from opendata_api.web.asked import read_json_form
from opendata_api.web.links import Link, link_members
from opendata_api.web.rows import Handler, varying
from opendata_api.web.site import Site

PATH = "/v1/changes"


def changes_handler(site: Site, suffix: Format | None = None) -> Handler:
    """`/v1/changes`: the changes after one that the caller knows."""

    async def answer_changes(request: Request) -> Response:
        form = read_json_form(request, suffix)
        pairs = split_query(request.scope["query_string"])
        choice = parse_choice(CHANGES_PARAMETERS, pairs)
        release = await site.release(None, pairs)
        place = Representation(
            site=site,
            release=release,
            path=PATH,
            canonical=choice.canonical,
            form=form.format.key,
            vary=form.vary,
        )
        if place.is_unchanged(request):
            return place.not_modified(request)
        limit = choice.limit or PAGE_LIMIT
        asked = ChangesAsked(since=choice.since or 0, limit=limit)
        page = await site.store.changes(asked, site.dataset, release.n)
        last = page.changes[-1].seq if page.changes else asked.since
        size = () if choice.limit is None else (("limit", str(choice.limit)),)
        following = site.address(PATH, (*size, ("since", str(last))))
        links = [Link("self", site.address(PATH, choice.canonical), "self")]
        if page.has_next:
            links.append(Link("next", following, "next"))
        body = {
            "data": [describe_change(site, one) for one in page.changes],
            "meta": {"dataset": "changes"} | meta(place, count=len(page.changes), last_seq=last),
            "links": {**link_members(links, "next"), "later": following},
        }
        return replace(place, links=links).answer(orjson.dumps(body))

    return answer_changes if suffix is not None else varying(answer_changes)


def describe_change(site: Site, change: ChangeRecord) -> dict[str, object]:
    """A change as data."""
    reasons = (change.reason_zh, change.reason_en)
    return {
        "seq": change.seq,
        "release": change.release,
        "published_at": site.store.published.releases[change.release].published_at,
        "dataset": change.dataset,
        "id": change.id,
        "kind": change.kind,
        "before": _record(site.dataset, change, change.before, change.before_label),
        "record": _record(site.dataset, change, change.record, change.label),
        "changed": change.changed,
        "reason": None if None in reasons else dict(zip(("zh", "en"), reasons, strict=True)),
        "cause": change.cause,
    }


def _record(
    datasets: Mapping[str, Dataset], change: ChangeRecord, row: Row | None, label: str | None
) -> orjson.Fragment | None:
    """The record with all fields, or the label, as the service answers it."""
    if row is not None:
        return orjson.Fragment(json.encode_row(datasets[change.dataset].fields, row))
    return None if label is None else orjson.Fragment(label)


def count_kinds(rows: Sequence[Row]) -> dict[str, dict[str, int]]:
    """How many changes of each kind, by dataset."""
    counts: dict[str, dict[str, int]] = {}
    for dataset, kind, count, *_ in rows:
        counts.setdefault(str(dataset), {})[str(kind)] = int(str(count))
    return counts

"""`/v1/changes`: what each release changed, enough to keep an exact copy."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import orjson
from starlette.requests import Request
from starlette.responses import Response

from opendata_api.describe import Dataset
from opendata_api.formats import Format, json
from opendata_api.formats.rights import OURS, VERBATIM, Rights
from opendata_api.query import CHANGES_PARAMETERS, PAGE_LIMIT, parse_choice, split_query
from opendata_api.store.model import ChangeRecord, ChangesAsked, Release
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
        size = tuple(pair for pair in choice.canonical if pair[0] == "limit")
        following = site.address(PATH, (*size, ("since", str(last))))
        place = replace(place, rights=_rights(site, page.changes))
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


def _rights(site: Site, changes: Sequence[ChangeRecord]) -> Rights:
    """No licence is claimed for a page that has the words of others."""
    names = {change.dataset for change in changes} & site.dataset.keys()
    return VERBATIM if any(site.dataset[name].is_verbatim for name in names) else OURS


def describe_change(site: Site, change: ChangeRecord) -> dict[str, object]:
    """A change as data."""
    reasons = (change.reason_zh, change.reason_en)
    return {
        "seq": change.seq,
        "release": change.release,
        "published_at": site.store.published.time_of(change.release),
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


def describe_changes(site: Site, release: Release) -> dict[str, object]:
    """How many changes of each kind a release made, and where they are told."""
    told = orjson.loads(release.changes)
    count = sum(sum(kinds.values()) for kinds in told["counts"].values())
    since = told["first_seq"] - 1
    pairs = (("since", str(since)),) if since else ()
    return {
        "count": count,
        "by_dataset": told["counts"],
        "href": site.address(PATH, pairs) if count else None,
    }

"""`/feeds/changes.atom` and `.json`: what releases change, for readers of feeds."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import quote

import orjson
from starlette.requests import Request
from starlette.responses import Response

from opendata_api.catalog.atom import write_atom
from opendata_api.catalog.feed import ATOM, ATOM_TYPE, CHANGES, JSON, JSON_TYPE, Feed, Item
from opendata_api.catalog.json_feed import write_json_feed
from opendata_api.catalog.news import ToldChange, ToldRelease, change_item, release_item
from opendata_api.catalog.overview import Overview
from opendata_api.query import PLAIN_PARAMETERS
from opendata_api.store.changes import LABELS, Kind
from opendata_api.store.manifest import read_notes
from opendata_api.store.model import ChangeRecord, ChangesAsked, GoneRelease, Published, Release
from opendata_api.web.changes import describe_changes
from opendata_api.web.links import Link
from opendata_api.web.operation import Operation
from opendata_api.web.rows import Handler
from opendata_api.web.site import Site
from opendata_api.web.written import Document
from opendata_api.words import Text

ITEMS_MAX = 100
"""So many entries, the newest; /v1/changes has all."""
OWN_KINDS = (Kind.CORRECTED, Kind.WITHDRAWN, Kind.ERASED)
"""The changes that have an entry each."""


@dataclass(frozen=True, slots=True)
class Form:
    """A form of the feed, at an address of its own."""

    path: str
    media_type: str
    write: Callable[[Feed], bytes]

    @property
    def content_type(self) -> str:
        """Its media type, with the charset that it has."""
        return f"{self.media_type}; charset=utf-8"


def feed_handler(site: Site, form: Form) -> Handler:
    """The handler of a form of the feed."""

    async def write(overview: Overview) -> bytes:
        return form.write(await _read(site, overview, site.store.published))

    document = Document(form.path, form.content_type, write, links=_links(site, form))

    async def answer_feed(request: Request) -> Response:
        return await document.answer(site, request)

    return answer_feed


def _links(site: Site, form: Form) -> Sequence[Link]:
    hub = site.operator.hub
    return [
        *(
            Link("alternate", site.address(other.path), type=other.media_type)
            for other in FORMS
            if other is not form
        ),
        *([] if hub is None else [Link("hub", hub)]),
        Link("related", site.address(CHANGES)),
    ]


async def _read(site: Site, overview: Overview, published: Published) -> Feed:
    """The newest entries: of each release the one that sums it up, then those of its changes."""
    items: list[Item] = []
    for n in range(overview.release, published.first - 1, -1):
        room = ITEMS_MAX - len(items)
        if room <= 0:
            break
        if (gone := published.gone.get(n)) is not None:
            items.append(_gone_item(site, overview, gone))
        else:
            items += await _items(site, overview, published.releases[n], room)
    return Feed(overview, items)


def _gone_item(site: Site, overview: Overview, gone: GoneRelease) -> Item:
    told = ToldRelease(
        n=gone.n,
        published_at=gone.published_at,
        counts={},
        call=site.address("/v1/releases"),
        notes=None,
        gone=gone.why,
    )
    return release_item(overview, told)


async def _items(site: Site, overview: Overview, release: Release, room: int) -> Sequence[Item]:
    """The entries of a release, as many as there is room for."""
    shown, has_more = await _own_changes(site, release, room - 1)
    told = describe_changes(site, release)
    summed = ToldRelease(
        n=release.n,
        published_at=release.published_at,
        counts=orjson.loads(release.changes)["counts"],
        call=str(told["href"] or site.address(CHANGES)),
        notes=read_notes(await site.store.manifest(release.n)),
        has_more=has_more,
    )
    changes = [change_item(overview, _tell(site, release, one)) for one in shown]
    return [release_item(overview, summed), *changes]


async def _own_changes(
    site: Site, release: Release, room: int
) -> tuple[Sequence[ChangeRecord], bool]:
    """The first changes that have entries, and whether there are more.

    Each id stands once, since views repeat it; the label of a code is no record.
    """
    told = orjson.loads(release.changes)
    if not any(kind in kinds for kinds in told["counts"].values() for kind in OWN_KINDS):
        return (), False
    asked = ChangesAsked(
        since=told["first_seq"] - 1, release=release.n, kinds=OWN_KINDS, limit=ITEMS_MAX
    )
    page = await site.store.changes(asked, site.dataset, release.n)
    by_id: dict[str, ChangeRecord] = {}
    for one in page.changes:
        if one.dataset != LABELS:
            by_id.setdefault(one.id, one)
    return list(by_id.values())[:room], page.has_next or len(by_id) > room


def _tell(site: Site, release: Release, change: ChangeRecord) -> ToldChange:
    before = change.seq - 1
    since = (("since", str(before)),) if before else ()
    reasons = (change.reason_zh, change.reason_en)
    return ToldChange(
        release=change.release,
        published_at=release.published_at,
        dataset=site.dataset[change.dataset],
        id=change.id,
        kind=change.kind,
        cause=change.cause,
        reason=Text(str(reasons[0]), str(reasons[1])) if None not in reasons else None,
        changed=change.changed,
        before=change.before,
        after=change.record,
        href=_page(site, change),
        call=site.address(CHANGES, (("limit", "1"), *since)),
    )


def _page(site: Site, change: ChangeRecord) -> str:
    """The record as the release has it, or as it was last; else the page of the release."""
    path = f"/datasets/{change.dataset}/{quote(change.id, safe='')}"
    if change.record is not None:
        return site.address(path, (("release", str(change.release)),))
    last = change.release - 1
    if change.before is not None and last in site.store.published.releases:
        return site.address(path, (("release", str(last)),))
    return site.address("/releases") + f"#r{change.release}"


FORMS = (Form(ATOM, ATOM_TYPE, write_atom), Form(JSON, JSON_TYPE, write_json_feed))

_WORDS = (
    ("get_atom_feed", "The changes as an Atom feed"),
    ("get_json_feed", "The changes as a JSON feed"),
)

FEEDS = tuple(
    Operation(
        path=form.path,
        id=name,
        summary=summary,
        description="One entry sums up each release; one tells of each correction, withdrawal "
        "and erasure. The newest 100; /v1/changes has all.\n\n变更订阅：每版一条概要，更正、撤回、"
        "清除各一条；最新100条，全部见 /v1/changes。",
        tag="service",
        make=partial(feed_handler, form=form),
        parameters=PLAIN_PARAMETERS,
        content=[(form.media_type, "JsonFeed" if form.path == JSON else None)],
    )
    for form, (name, summary) in zip(FORMS, _WORDS, strict=True)
)

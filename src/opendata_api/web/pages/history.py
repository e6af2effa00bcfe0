"""What was changed, old → new, with the reason: of a release, and of a record."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson

from opendata_api.describe import Dataset, Type
from opendata_api.store.changes import LABELS
from opendata_api.store.model import ChangeRecord, ChangesAsked, Release
from opendata_api.values import Row
from opendata_api.web.changes import describe_changes
from opendata_api.web.pages.cells import Cell, Run, make_cell, page_of, record_title
from opendata_api.web.pages.visit import Visit
from opendata_api.words import Text

WAS_ERASED = Text("（已清除）", "(erased)")
SHOWN_MAX = 50
"""So many changes are shown; /v1/changes has all."""
OWN_KINDS = ("corrected", "withdrawn", "erased")
"""What a reader looks for: not what came new, nor names of codes."""


async def changes_of_release(visit: Visit, release: Release) -> Mapping[str, Any]:
    """What a release changed: how many of each kind, and the corrections themselves."""
    told = describe_changes(visit.site, release)
    counts: Counter[str] = Counter()
    for kinds in orjson.loads(release.changes)["counts"].values():
        counts.update(kinds)
    shown: Sequence[ChangeRecord] = ()
    has_more = False
    if any(kind in counts for kind in OWN_KINDS):
        asked = ChangesAsked(release=release.n, kinds=OWN_KINDS, limit=SHOWN_MAX)
        page = await visit.site.store.changes(asked, visit.site.dataset, release.n)
        shown, has_more = page.changes, page.has_next
    return {
        "kinds": [(visit.label("change_kinds", kind), count) for kind, count in counts.items()],
        "shown": [_show(visit, one) for one in _records(shown)],
        "has_more": has_more,
        "href": told["href"],
    }


async def changes_of_record(
    visit: Visit, dataset: Dataset, record_id: str
) -> Sequence[Mapping[str, Any]]:
    """What happened to a record, the newest first; nothing where it is as it was added."""
    asked = ChangesAsked(dataset=dataset.name, id=record_id, limit=SHOWN_MAX, newest_first=True)
    page = await visit.site.store.changes(asked, visit.site.dataset, visit.release.n)
    return [_show(visit, one) for one in page.changes] if len(page.changes) > 1 else []


def _records(changes: Sequence[ChangeRecord]) -> Sequence[ChangeRecord]:
    """The changes of records, of each id once: views repeat it, and a label is no record."""
    by_id: dict[str, ChangeRecord] = {}
    for one in changes:
        if one.dataset != LABELS:
            by_id.setdefault(one.id, one)
    return list(by_id.values())


def _show(visit: Visit, change: ChangeRecord) -> Mapping[str, Any]:
    dataset = visit.site.dataset[change.dataset]
    before, after = (_record(visit, dataset, row) for row in (change.before, change.record))
    path = page_of(dataset.name, change.id)
    then, now = (_as_of(visit, n) for n in (change.release - 1, change.release))
    reason = Text(change.reason_zh or "", change.reason_en or "")
    return {
        "id": change.id,
        "anchor": f"s{change.seq}",
        "title": record_title(visit, after or before or {"id": change.id}),
        "href": (then if after is None else now).link(path),
        "release": change.release,
        "kind": visit.label("change_kinds", change.kind),
        "cause": None if change.cause is None else visit.label("change_causes", change.cause),
        "reason": visit.words(reason),
        "fields": [
            (
                visit.words(dataset.field[name].about.title),
                _cell(then, dataset, name, before),
                _cell(now, dataset, name, after),
            )
            for name in change.changed
            if not _is_offset(dataset, name)
        ],
    }


def _as_of(visit: Visit, release: int) -> Visit:
    """The visit, whose links lead to a release."""
    return replace(visit, canonical=(("release", str(release)),))


def _is_offset(dataset: Dataset, name: str) -> bool:
    """Whether it says in which characters something stands, which the words show."""
    return dataset.field[name].type is Type.INTEGER and name.endswith(("start", "end"))


def _record(visit: Visit, dataset: Dataset, row: Row | None) -> Mapping[str, Any] | None:
    return None if row is None else visit.record(dataset, row)


def _cell(visit: Visit, dataset: Dataset, name: str, record: Mapping[str, Any] | None) -> Cell:
    """What a field was or became, as far as it was not erased."""
    if record is None:
        return Cell([Run(visit.words(WAS_ERASED))])
    return make_cell(visit, dataset.field[name], record, None)

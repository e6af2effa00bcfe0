"""What was changed, old → new, with the reason: of a release, and of a record."""

from collections.abc import Mapping, Sequence
from typing import Any

from opendata_api.describe import Dataset
from opendata_api.store.model import ChangeRecord, ChangesAsked
from opendata_api.values import Row
from opendata_api.web.pages.cells import NONE, Cell, Run, make_cell, page_of, record_title
from opendata_api.web.pages.visit import Visit
from opendata_api.words import Text

SHOWN_MAX = 50
"""So many changes are shown; /v1/changes has all."""
OWN_KINDS = ("corrected", "withdrawn", "erased")
"""What a reader looks for: not what came new, nor names of codes."""


async def changes_of_release(visit: Visit, n: int) -> Mapping[str, Any]:
    """What a release changed: how many of each kind, and the corrections themselves."""
    counts: dict[str, int] = {}
    first = None
    for _, kind, count, lowest, _ in await visit.site.store.change_counts(n):
        counts[str(kind)] = counts.get(str(kind), 0) + int(str(count))
        first = int(str(lowest)) if first is None else min(first, int(str(lowest)))
    asked = ChangesAsked(release=n, kinds=OWN_KINDS, limit=SHOWN_MAX)
    page = await visit.site.store.changes(asked, visit.site.dataset, n)
    since = (("since", str((first or 1) - 1)),)
    return {
        "kinds": [(visit.label("change_kinds", kind), count) for kind, count in counts.items()],
        "shown": [_show(visit, one) for one in page.changes],
        "has_more": page.has_next,
        "href": visit.site.address("/v1/changes", since),
    }


async def changes_of_record(
    visit: Visit, dataset: Dataset, record_id: str
) -> Sequence[Mapping[str, Any]]:
    """What happened to a record, the newest first; nothing where it is as it was added."""
    asked = ChangesAsked(dataset=dataset.name, id=record_id, limit=SHOWN_MAX, newest_first=True)
    page = await visit.site.store.changes(asked, visit.site.dataset, visit.release.n)
    return [_show(visit, one) for one in page.changes] if len(page.changes) > 1 else []


def _show(visit: Visit, change: ChangeRecord) -> Mapping[str, Any]:
    dataset = visit.site.dataset[change.dataset]
    before, after = (_record(visit, dataset, row) for row in (change.before, change.record))
    path = page_of(dataset.name, change.id)
    last = str(change.release if after is not None else change.release - 1)
    reason = Text(change.reason_zh or "", change.reason_en or "")
    return {
        "id": change.id,
        "anchor": f"s{change.seq}",
        "title": record_title(visit, after or before or {"id": change.id}),
        "href": visit.link(path, ("release", last)),
        "release": change.release,
        "kind": visit.label("change_kinds", change.kind),
        "cause": None if change.cause is None else visit.label("change_causes", change.cause),
        "reason": visit.words(reason),
        "fields": [
            (
                visit.words(dataset.field[name].about.title),
                _cell(visit, dataset, name, before),
                _cell(visit, dataset, name, after),
            )
            for name in change.changed
        ],
    }


def _record(visit: Visit, dataset: Dataset, row: Row | None) -> Mapping[str, Any] | None:
    return None if row is None else visit.record(dataset, row)


def _cell(visit: Visit, dataset: Dataset, name: str, record: Mapping[str, Any] | None) -> Cell:
    if record is None:
        return Cell([Run(NONE)])
    return make_cell(visit, dataset.field[name], record, None)

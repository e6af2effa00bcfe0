"""Reading what releases changed, without a database: statements are given, their rows sent."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import orjson

from opendata_api.describe import Dataset, area_of
from opendata_api.store.clauses import Clause, Steps, is_published, join
from opendata_api.store.model import ChangeRecord, ChangesAsked, ChangesPage
from opendata_api.store.schema import column_of
from opendata_api.values import Row

Versions = dict[tuple[str, int], tuple[int, Row]]
"""Versions of records by dataset and number: the release that retired each, and its fields."""

COLUMNS = (
    *("seq", "release", "dataset", "id", "kind", "cause", "reason_zh", "reason_en", "changed"),
    *("before_n", "n", "before", "record"),
)


def changes_steps(
    asked: ChangesAsked, datasets: Mapping[str, Dataset], release: int
) -> Steps[ChangesPage]:
    """The changes asked for up to a release, each with the records before and after it."""
    rows = yield from _rows(asked, release)
    shown = rows[: asked.limit]
    versions: Versions = {}
    for name, numbers in _numbers(shown).items():
        if name in datasets:
            found = yield _select_versions(datasets[name], numbers)
            versions |= {
                (name, int(str(n))): (int(str(until)), tuple(values)) for n, until, *values in found
            }
    changes = [_record(row, versions) for row in shown]
    return ChangesPage(changes, has_next=len(rows) > asked.limit)


def _rows(asked: ChangesAsked, release: int) -> Steps[Sequence[Row]]:
    """The changes in their order, one more than asked for if there are more.

    Those of one release are read kind by kind, each in the order of its index: asked for several
    kinds at once, a database reads all that the release changed.
    """
    is_of_release = asked.release is not None and asked.kinds
    parts = [(kind,) for kind in asked.kinds] if is_of_release else [asked.kinds]
    found: list[Row] = []
    for kinds in parts:
        found += yield _select(replace(asked, kinds=kinds), release)
    found.sort(key=lambda row: int(str(row[0])), reverse=asked.newest_first)
    return found[: asked.limit + 1]


def _select(asked: ChangesAsked, release: int) -> Clause:
    where = [
        Clause('c."seq" > ? and c."release" <= ?', (asked.since, release)),
        is_published(release),
    ]
    if asked.release is not None:
        where.append(Clause('c."release" = ?', (asked.release,)))
    if asked.id is not None:
        where.append(Clause('c."area_code" = ? and c."id" = ?', (area_of(asked.id), asked.id)))
    if asked.dataset is not None:
        where.append(Clause('c."dataset" = ?', (asked.dataset,)))
    if asked.kinds:
        marks = ", ".join("?" * len(asked.kinds))
        where.append(Clause(f'c."kind" in ({marks})', asked.kinds))
    held = join(where)
    columns = ", ".join(f'c."{name}"' for name in COLUMNS)
    order = " desc" if asked.newest_first else ""
    return Clause(
        f'select {columns} from "change" c where {held.sql} order by c."seq"{order} limit ?',
        (*held.values, asked.limit + 1),
    )


def _numbers(rows: Sequence[Row]) -> Mapping[str, Mapping[int, str]]:
    """The numbers of the versions to read, each with its area, by dataset."""
    found: dict[str, dict[int, str]] = {}
    for row in rows:
        by_name = dict(zip(COLUMNS, row, strict=True))
        for name in ("before_n", "n"):
            if by_name[name] is not None:
                numbers = found.setdefault(str(by_name["dataset"]), {})
                numbers[int(str(by_name[name]))] = area_of(str(by_name["id"]))
    return found


def _select_versions(dataset: Dataset, numbers: Mapping[int, str]) -> Clause:
    """The versions with those numbers, looked for in the areas where they lie."""
    columns = ", ".join(f"t.{column_of(field)}" for field in dataset.fields)
    areas = sorted(set(numbers.values()))
    marks = [", ".join("?" * len(some)) for some in (areas, numbers)]
    return Clause(
        f'select t."n", t."until", {columns} from "{dataset.table}" t '
        f'where t."area_code" in ({marks[0]}) and t."n" in ({marks[1]})',
        (*areas, *numbers),
    )


def _record(row: Row, versions: Versions) -> ChangeRecord:
    told = dict(zip(COLUMNS, row, strict=True))
    name = str(told["dataset"])

    def version(number: object) -> tuple[int | None, Row | None]:
        found = None if number is None else versions.get((name, int(str(number))))
        return (None, None) if found is None else found

    _, before = version(told["before_n"])
    until, record = version(told["n"])
    return ChangeRecord(
        seq=int(str(told["seq"])),
        release=int(str(told["release"])),
        dataset=name,
        id=str(told["id"]),
        kind=str(told["kind"]),
        cause=None if told["cause"] is None else str(told["cause"]),
        reason_zh=None if told["reason_zh"] is None else str(told["reason_zh"]),
        reason_en=None if told["reason_en"] is None else str(told["reason_en"]),
        changed=tuple(orjson.loads(str(told["changed"]))),
        before=before,
        record=record,
        until=until,
        before_label=None if told["before"] is None else str(told["before"]),
        label=None if told["record"] is None else str(told["record"]),
    )

"""Erasing what must not stay public from every release, without a database.

Statements are given, their rows sent, as for reads. In the place of what was erased its hash
remains, so that the manifests of the releases that had it still hold.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

from opendata_api.describe import Dataset, area_of
from opendata_api.store.changes import CHANGE_COLUMNS, Entry, Kind, Log
from opendata_api.store.clauses import Clause, Dialect, Steps
from opendata_api.store.errors import NothingToErase
from opendata_api.store.manifest import TEXTS, leaf_of, leaf_of_text
from opendata_api.store.model import Hole, Reason
from opendata_api.store.schema import FOREVER, HOLE_COLUMNS, column_of, search_table
from opendata_api.store.tokens import NUMBERS, fts5_row
from opendata_api.values import Row, Stored
from opendata_api.words import Text

BATCH = 5_000
"""So many versions are deleted by one statement."""


@dataclass(frozen=True, slots=True)
class Erasure:
    """What is to be erased, and why."""

    ids: Sequence[str]
    why: Text
    at: datetime
    """The time of the release that tells of it."""


@dataclass(frozen=True, slots=True)
class Eraser:
    """One erasure from a database, told in the log of a release that it makes."""

    dialect: Dialect
    datasets: Sequence[Dataset]
    log: Log

    def steps(self, erasure: Erasure) -> Steps[Sequence[Hole]]:
        """Erase all but what is in force. Raises NothingToErase."""
        holes: list[Hole] = []
        for record_id in erasure.ids:
            found: list[Hole] = []
            for one in self.datasets:
                found += yield from self._erase(one, record_id, erasure.why)
            if not found:
                raise NothingToErase(record_id)
            holes += found
        counts = yield Clause(
            'select "dataset", "count" from "count" where "release" = ?', (self.log.release - 1,)
        )
        for dataset, count in counts:
            row = (dataset, self.log.release, count)
            yield _insert("count", ("dataset", "release", "count"), row)
        return holes

    def _erase(self, dataset: Dataset, record_id: str, why: Text) -> Steps[Sequence[Hole]]:
        own = (area_of(record_id), record_id)
        columns = ", ".join(column_of(field) for field in dataset.stored)
        rows = yield Clause(
            f'select "n", "since" as begun, "until", {columns} from "{dataset.table}" '
            f'where "area_code" = ? and "id" = ? and "until" < {FOREVER}',
            own,
        )
        texts = yield from self._texts(dataset, own)
        if not rows and not texts:
            return ()
        versions = [(row[0], row[3:]) for row in rows]
        yield from delete_versions(self.dialect, dataset, versions, own[0])
        holes = [
            Hole(dataset.name, "", record_id, *_span(row), leaf_of(dataset, row[3:]).hex())
            for row in rows
        ]
        for hole in (*holes, *texts):
            yield _insert("erased", HOLE_COLUMNS, (own[0], *astuple(hole)))
        for hole in holes:
            yield Clause(
                'update "count" set "count" = "count" - 1 '
                'where "dataset" = ? and "release" >= ? and "release" < ?',
                (dataset.name, hole.since, hole.until),
            )
        in_force = yield Clause(
            f'select "n" from "{dataset.table}" '
            f'where "area_code" = ? and "id" = ? and "until" = {FOREVER}',
            own,
        )
        current = int(str(in_force[0][0])) if in_force else None
        reason = Reason(record_id, None, why.zh, why.en)
        entry = Entry(dataset.name, record_id, Kind.ERASED, reason, n=current)
        yield _insert("change", CHANGE_COLUMNS, self.log.number(entry))
        return (*holes, *texts)

    def _texts(self, dataset: Dataset, own: tuple[str, str]) -> Steps[Sequence[Hole]]:
        """Erase the texts beside a record that are not in force."""
        if not dataset.attached:
            return ()
        past = f'"area_code" = ? and "id" = ? and "until" < {FOREVER}'
        rows = yield Clause(
            f'select "kind", "since", "until", "body" from "attachment" where {past}', own
        )
        yield Clause(f'delete from "attachment" where {past}', own)
        return [
            Hole(TEXTS, str(kind), own[1], *_span((kind, since, until)), _leaf(kind, own[1], body))
            for kind, since, until, body in rows
        ]


def erased_names(holes: Sequence[Hole]) -> Mapping[int, Collection[str]]:
    """The datasets that lack something, by the number of each release that does."""
    found: dict[int, set[str]] = {}
    for hole in holes:
        for release in range(hole.since, hole.until):
            found.setdefault(release, set()).add(hole.dataset)
    return found


def delete_versions(
    dialect: Dialect, dataset: Dataset, versions: Sequence[tuple[Stored, Row]], area: str
) -> Steps[None]:
    """Delete versions of an area, each its number and its stored fields, from every table."""
    if not versions:
        return
    tables = [dataset.table, f"{dataset.table}_fragment"]
    tables += [f"{dataset.table}_dimension"] if dataset.dimensions else []
    if dialect is Dialect.POSTGRES:
        tables.append(search_table(dataset))
    else:
        for n, row in versions:
            yield _forget(dataset, int(str(n)), row)
        # Until its parts are merged, an index still has the words of what was deleted.
        table = search_table(dataset)
        yield Clause(f'insert into "{table}" ("{table}") values (?)', ("optimize",))
    for place in range(0, len(versions), BATCH):
        batch = [n for n, _ in versions[place : place + BATCH]]
        marks = ", ".join("?" * len(batch))
        for table in tables:
            where = f'"area_code" = ? and "n" in ({marks})'
            yield Clause(f'delete from "{table}" where {where}', (area, *batch))


def _forget(dataset: Dataset, n: int, row: Row) -> Clause:
    """Take a version out of SQLite's index of words, which needs what was put in."""
    table = search_table(dataset)
    columns = [table, "rowid", *(field.name for field in dataset.searched), NUMBERS]
    return _insert(table, columns, ("delete", *fts5_row(dataset, n, row)))


def _insert(table: str, columns: Sequence[str], values: Row) -> Clause:
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" * len(columns))
    return Clause(f'insert into "{table}" ({names}) values ({marks})', tuple(values))


def _span(row: Row) -> tuple[int, int]:
    """The releases between which a version was in force."""
    return int(str(row[1])), int(str(row[2]))


def _leaf(kind: Stored, record_id: str, body: Stored) -> str:
    return leaf_of_text(str(kind), record_id, str(body)).hex()

"""The first step of a publication into PostgreSQL: all that a release changes, unseen."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from opendata_api.describe import Dataset, area_of
from opendata_api.formats import ENCODING
from opendata_api.store.changes import (
    CHANGE_COLUMNS,
    LABELS,
    Foreseen,
    Log,
    Told,
    tell,
)
from opendata_api.store.model import Attachment, Edition, Release
from opendata_api.store.postgres_search import Connection, index_rows
from opendata_api.store.reasons import REASONS, attachments_of, read_reasons
from opendata_api.store.schema import (
    ATTACHMENT_COLUMNS,
    DIMENSION_COLUMNS,
    FOREVER,
    FRAGMENT_COLUMNS,
    column_of,
    fact_columns,
)
from opendata_api.store.versions import (
    Current,
    Version,
    compare,
    compare_attachments,
    encode_fragment,
    make_versions,
    rows_by_area,
)
from opendata_api.values import Row

BATCH_ROWS = 5_000


async def foresee(
    connection: Connection, datasets: Sequence[Dataset], edition: Edition
) -> Foreseen:
    """What the edition changes of the records in force. Raises BadPublication."""
    told: list[Told] = []
    added: Counter[str] = Counter()
    for dataset in datasets:
        columns = ", ".join(column_of(field) for field in dataset.stored)
        areas = rows_by_area(dataset, edition.rows[dataset.name])
        for area in sorted(areas.keys() | await _areas(connection, dataset)):
            current = await _current(connection, dataset, area)
            for change in compare(areas.get(area, {}), current):
                if change.before is None:
                    added[dataset.name] += 1
                else:
                    row = await connection.fetchrow(
                        f'select {columns} from "{dataset.table}" '
                        'where "area_code" = $1 and "n" = $2',
                        area,
                        change.before.n,
                    )
                    told.append(tell(dataset, change.id, tuple(row or ()), change.row))
    published = read_reasons(await _attachment(connection, REASONS))
    return Foreseen(told, added, edition.reasons, published)


@dataclass(frozen=True, slots=True)
class Publisher:
    """One publication on its connection."""

    connection: Connection
    datasets: Sequence[Dataset]
    numbers: Iterator[int]
    log: Log

    @property
    def release(self) -> int:
        """The number of the release."""
        return self.log.release

    async def write(self, edition: Edition, last: Release | None) -> None:
        """All that the release changes; no reader of an older release sees it."""
        for dataset in self.datasets:
            areas = rows_by_area(dataset, edition.rows[dataset.name])
            for area in sorted(areas.keys() | await _areas(self.connection, dataset)):
                await self._write_area(dataset, area, areas.get(area, {}))
                if last is not None and last.encoding != ENCODING:
                    await self._encode_again(dataset, area)
            counted = (dataset.name, self.release, len(edition.rows[dataset.name]))
            await self._copy("count", ("dataset", "release", "count"), [counted])
        labels = self.log.of_labels(await _attachment(self.connection, LABELS), edition.labels)
        await self._copy("change", CHANGE_COLUMNS, list(labels))
        await self._write_attachments(attachments_of(edition))
        for dataset in self.datasets:
            await self.connection.execute(f'analyze "{dataset.table}"')

    async def _write_area(self, dataset: Dataset, area: str, rows: Mapping[str, Row]) -> None:
        changes = compare(rows, await _current(self.connection, dataset, area))
        await self.connection.executemany(
            f'update "{dataset.table}" set "until" = $1 '
            f'where "area_code" = $2 and "id" = $3 and "until" = {FOREVER}',
            [(self.release, area, change.id) for change in changes if change.before is not None],
        )
        for place in range(0, len(changes), BATCH_ROWS):
            batch = changes[place : place + BATCH_ROWS]
            versions = make_versions(dataset, batch, self.numbers, self.release)
            await self._copy_versions(dataset, versions)
            begun = iter(versions)
            rows_told = [
                self.log.of_record(dataset, one, None if one.row is None else next(begun).n)
                for one in batch
            ]
            await self._copy("change", CHANGE_COLUMNS, rows_told)

    async def _copy_versions(self, dataset: Dataset, versions: Sequence[Version]) -> None:
        await self._copy(dataset.table, fact_columns(dataset), [one.fact for one in versions])
        fragments = [one.fragment for one in versions]
        await self._copy(f"{dataset.table}_fragment", FRAGMENT_COLUMNS, fragments)
        if dataset.dimensions:
            pairs = [pair for one in versions for pair in one.dimensions]
            await self._copy(f"{dataset.table}_dimension", DIMENSION_COLUMNS, pairs)
        rows = [(one.area, one.n, one.row) for one in versions]
        await index_rows(self.connection, dataset, rows)

    async def _encode_again(self, dataset: Dataset, area: str) -> None:
        """Lay this program's encoding beside that of another for the rows that stay."""
        columns = ", ".join(f"t.{column_of(field)}" for field in dataset.fields)
        rows = await self.connection.fetch(
            f'select t."n", {columns} from "{dataset.table}" t where t."area_code" = $1 '
            f'and t."until" = {FOREVER} and not exists (select 1 from "{dataset.table}_fragment" f '
            'where f."area_code" = t."area_code" and f."n" = t."n" and f."encoding" = $2)',
            area,
            ENCODING,
        )
        fragments = [encode_fragment(dataset, area, n, tuple(whole)) for n, *whole in rows]
        await self._copy(f"{dataset.table}_fragment", FRAGMENT_COLUMNS, fragments)

    async def _write_attachments(self, attachments: Sequence[Attachment]) -> None:
        current: dict[tuple[str, str], str] = {}
        areas = await self.connection.fetch("select distinct area_code from attachment")
        for (area,) in areas:
            rows = await self.connection.fetch(
                f"select kind, id, body from attachment where area_code = $1 and until = {FOREVER}",
                area,
            )
            current |= {(kind, name): body for kind, name, body in rows}
        ended, begun = compare_attachments(attachments, current)
        await self.connection.executemany(
            "update attachment set until = $1 where area_code = $2 and kind = $3 and id = $4 "
            f"and until = {FOREVER}",
            [(self.release, area_of(name), kind, name) for kind, name in ended],
        )
        texts = [(area_of(one.id), one.kind, one.id, self.release, one.body) for one in begun]
        await self._copy("attachment", ATTACHMENT_COLUMNS, texts)

    async def _copy(self, table: str, columns: Sequence[str], rows: Sequence[Row]) -> None:
        await self.connection.copy_records_to_table(table, columns=columns, records=rows)


async def _areas(connection: Connection, dataset: Dataset) -> set[str]:
    rows = await connection.fetch(f'select distinct "area_code" from "{dataset.table}"')
    return {area for (area,) in rows}


async def _current(connection: Connection, dataset: Dataset, area: str) -> Mapping[str, Current]:
    rows = await connection.fetch(
        f'select "id", "n", "digest", "release_added" from "{dataset.table}" '
        f'where "area_code" = $1 and "until" = {FOREVER}',
        area,
    )
    return {record_id: Current(*values) for record_id, *values in rows}


async def _attachment(connection: Connection, kind: str) -> str | None:
    """The text of that kind that belongs to no area."""
    body: str | None = await connection.fetchval(
        "select body from attachment where area_code = '' and kind = $1 and id = 'all' "
        f"and until = {FOREVER}",
        kind,
    )
    return body

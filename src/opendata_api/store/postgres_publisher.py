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
    check_return,
    tell,
)
from opendata_api.store.model import Attachment, Edition, Reason, Release
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
from opendata_api.store.story import KeptText, KeptVersion, Story
from opendata_api.store.versions import (
    Change,
    Current,
    Version,
    changed_texts,
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
        areas = rows_by_area(dataset, edition.rows[dataset.name])
        for area in sorted(areas.keys() | await _areas(connection, dataset)):
            changes = compare(areas.get(area, {}), await _current(connection, dataset, area))
            gone = await _withdrawn_rows(connection, dataset, area)
            erased = await _erased_ids(connection, dataset, area)
            for change in changes:
                if change.before is None:
                    added[dataset.name] += 1
                    check_return(dataset, change, gone, erased)
            ended = [one for one in changes if one.before is not None]
            for place in range(0, len(ended), BATCH_ROWS):
                batch = ended[place : place + BATCH_ROWS]
                rows = await _rows_of(connection, dataset, area, [_ending(one) for one in batch])
                told += [tell(dataset, one.id, rows[_ending(one)], one.row) for one in batch]
    return Foreseen(
        told,
        added,
        edition.reasons,
        await _published_reasons(connection),
        changed_texts(attachments_of(edition), await _texts(connection)),
    )


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
            rows_told = self.log.of_records(dataset, batch, versions)
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
        ended, begun = compare_attachments(attachments, await _texts(self.connection))
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


def _ending(change: Change) -> int:
    """The number of the version that a change ends."""
    return 0 if change.before is None else change.before.n


async def _rows_of(
    connection: Connection, dataset: Dataset, area: str, numbers: Sequence[int]
) -> Mapping[int, Row]:
    """The stored fields of versions by number."""
    columns = ", ".join(column_of(field) for field in dataset.stored)
    rows = await connection.fetch(
        f'select "n", {columns} from "{dataset.table}" '
        'where "area_code" = $1 and "n" = any($2::bigint[])',
        area,
        numbers,
    )
    return {n: tuple(row) for n, *row in rows}


async def _withdrawn_rows(connection: Connection, dataset: Dataset, area: str) -> Mapping[str, Row]:
    """The stored fields of the records that were there, as they were last."""
    columns = ", ".join(column_of(field) for field in dataset.stored)
    rows = await connection.fetch(
        f'select "id" as record_id, {columns} from "{dataset.table}" '
        f'where "area_code" = $1 and "until" < {FOREVER} order by "since"',
        area,
    )
    return {record_id: tuple(row) for record_id, *row in rows}


async def _erased_ids(connection: Connection, dataset: Dataset, area: str) -> set[str]:
    rows = await connection.fetch(
        "select id from erased where area_code = $1 and dataset = $2", area, dataset.name
    )
    return {record_id for (record_id,) in rows}


async def tell_story(connection: Connection, datasets: Sequence[Dataset], history_id: str) -> None:
    """Tell the changes of the releases of a database that had none, and give them manifests."""
    releases = await connection.fetch(
        "select n, published_at, digest, encoding from release where state = 'published' order by n"
    )
    story = Story(datasets, [Release(*one) for one in releases])
    for dataset in datasets:
        columns = ", ".join(column_of(field) for field in dataset.stored)
        for area in sorted(await _areas(connection, dataset)):
            rows = await connection.fetch(
                f'select "n", "id" as record_id, "since" as begun, "until", {columns} '
                f'from "{dataset.table}" where "area_code" = $1 order by "id", "since"',
                area,
            )
            versions = [
                KeptVersion(n, name, since, until, tuple(row))
                for n, name, since, until, *row in rows
            ]
            await connection.executemany(
                f'update "{dataset.table}" set "digest" = $1 where "n" = $2 and "area_code" = $3',
                [(digest, n, area) for digest, n in story.take(dataset, versions)],
            )
    texts = await connection.fetch(
        "select kind, id, since, until, body from attachment order by kind, id, since"
    )
    story.take_texts(KeptText(*one) for one in texts)
    for one in story.chapters(history_id) if releases else ():
        await connection.copy_records_to_table("change", columns=CHANGE_COLUMNS, records=one.rows)
        await connection.execute(
            "update release set digest = $1, manifest = $2, changes = $3, last_seq = $4 "
            "where n = $5",
            *(one.digest, one.manifest, one.changes, one.last_seq, one.release.n),
        )


async def _texts(connection: Connection) -> Mapping[tuple[str, str], str]:
    """The texts in force by kind and id, read area by area."""
    current: dict[tuple[str, str], str] = {}
    for (area,) in await connection.fetch("select distinct area_code from attachment"):
        rows = await connection.fetch(
            f"select kind, id, body from attachment where area_code = $1 and until = {FOREVER}",
            area,
        )
        current |= {(kind, name): body for kind, name, body in rows}
    return current


async def _published_reasons(connection: Connection) -> Sequence[Reason]:
    """Those of every release."""
    rows = await connection.fetch(
        "select body from attachment where area_code = '' and kind = $1", REASONS
    )
    return [one for (body,) in rows for one in read_reasons(body)]


async def _attachment(connection: Connection, kind: str) -> str | None:
    """The text of that kind that belongs to no area."""
    body: str | None = await connection.fetchval(
        "select body from attachment where area_code = '' and kind = $1 and id = 'all' "
        f"and until = {FOREVER}",
        kind,
    )
    return body

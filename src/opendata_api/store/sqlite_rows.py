"""Writing the rows of a release into a draft of SQLite's file."""

import sqlite3
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

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
from opendata_api.store.reasons import REASONS, attachments_of, read_reasons
from opendata_api.store.schema import (
    ATTACHMENT_COLUMNS,
    DIMENSION_COLUMNS,
    FOREVER,
    FRAGMENT_COLUMNS,
    column_of,
    fact_columns,
)
from opendata_api.store.sqlite_releases import history_of
from opendata_api.store.sqlite_search import index_rows
from opendata_api.store.story import KeptText, KeptVersion, Story
from opendata_api.store.versions import (
    Current,
    changed_texts,
    compare,
    compare_attachments,
    encode_fragment,
    make_versions,
    rows_by_area,
)
from opendata_api.values import Row


def encode_again(connection: sqlite3.Connection, datasets: Sequence[Dataset]) -> None:
    """Bring rows that another program encoded to this program's encoding."""
    for dataset in datasets:
        columns = ", ".join(column_of(field) for field in dataset.fields)
        rows = connection.execute(f'select n, area_code, {columns} from "{dataset.table}"')
        connection.execute(f'delete from "{dataset.table}_fragment"')
        _insert(
            connection,
            f"{dataset.table}_fragment",
            FRAGMENT_COLUMNS,
            (encode_fragment(dataset, area, n, tuple(whole)) for n, area, *whole in rows),
        )
    connection.execute('update "release" set "encoding" = ?', (ENCODING,))


def tell_story(path: Path, datasets: Sequence[Dataset]) -> None:
    """Tell the changes of the releases in a file that had none, and give them manifests."""
    with closing(sqlite3.connect(path)) as connection, connection:
        releases = connection.execute(
            "select n, published_at, digest, encoding from release order by n"
        )
        story = Story(datasets, [Release(*one) for one in releases])
        for dataset in datasets:
            columns = ", ".join(column_of(field) for field in dataset.stored)
            rows = connection.execute(
                f'select n, id, since, until, {columns} from "{dataset.table}" '
                "order by area_code, id, since"
            )
            versions = (
                KeptVersion(n, name, since, until, tuple(row))
                for n, name, since, until, *row in rows.fetchall()
            )
            connection.executemany(
                f'update "{dataset.table}" set digest = ? where n = ?',
                story.take(dataset, versions),
            )
        texts = connection.execute(
            "select kind, id, since, until, body from attachment order by kind, id, since"
        )
        story.take_texts(KeptText(*one) for one in texts)
        for one in story.chapters(history_of(connection)):
            _insert(connection, "change", CHANGE_COLUMNS, one.rows)
            connection.execute(
                "update release set digest = ?, manifest = ?, changes = ?, last_seq = ? "
                "where n = ?",
                (one.digest, one.manifest, one.changes, one.last_seq, one.release.n),
            )


def foresee(
    connection: sqlite3.Connection, datasets: Sequence[Dataset], edition: Edition
) -> Foreseen:
    """What the edition changes of the records in force. Raises BadPublication."""
    told: list[Told] = []
    added: Counter[str] = Counter()
    for dataset in datasets:
        columns = ", ".join(column_of(field) for field in dataset.stored)
        areas = rows_by_area(dataset, edition.rows[dataset.name])
        for area in sorted(areas.keys() | _areas(connection, dataset)):
            gone = _withdrawn_rows(connection, dataset, area)
            erased = _erased_ids(connection, dataset, area)
            for change in compare(areas.get(area, {}), _current_rows(connection, dataset, area)):
                if change.before is None:
                    added[dataset.name] += 1
                    check_return(dataset, change, gone, erased)
                else:
                    row = connection.execute(
                        f'select {columns} from "{dataset.table}" where n = ?', (change.before.n,)
                    ).fetchone()
                    told.append(tell(dataset, change.id, row, change.row))
    return Foreseen(
        told,
        added,
        edition.reasons,
        _published_reasons(connection),
        changed_texts(attachments_of(edition), _texts(connection)),
    )


def apply_rows(
    connection: sqlite3.Connection,
    dataset: Dataset,
    rows: Sequence[Row],
    numbers: Iterator[int],
    log: Log,
) -> None:
    """Retire the rows that changed or vanished, insert the new and changed ones, and tell of it."""
    release = log.release
    areas = rows_by_area(dataset, rows)
    for area in sorted(areas.keys() | _areas(connection, dataset)):
        changes = compare(areas.get(area, {}), _current_rows(connection, dataset, area))
        connection.executemany(
            f'update "{dataset.table}" set "until" = ? '
            f'where "area_code" = ? and "id" = ? and "until" = {FOREVER}',
            [(release, area, change.id) for change in changes if change.before is not None],
        )
        versions = make_versions(dataset, changes, numbers, release)
        _insert(connection, dataset.table, fact_columns(dataset), (one.fact for one in versions))
        fragments = (one.fragment for one in versions)
        _insert(connection, f"{dataset.table}_fragment", FRAGMENT_COLUMNS, fragments)
        if dataset.dimensions:
            pairs = (pair for one in versions for pair in one.dimensions)
            _insert(connection, f"{dataset.table}_dimension", DIMENSION_COLUMNS, pairs)
        index_rows(connection, dataset, ((one.n, one.row) for one in versions))
        rows_told = log.of_records(dataset, changes, versions)
        _insert(connection, "change", CHANGE_COLUMNS, rows_told)
    counted = (dataset.name, release, len(rows))
    _insert(connection, "count", ("dataset", "release", "count"), [counted])


def _areas(connection: sqlite3.Connection, dataset: Dataset) -> set[str]:
    return {
        area for (area,) in connection.execute(f'select distinct area_code from "{dataset.table}"')
    }


def _current_rows(
    connection: sqlite3.Connection, dataset: Dataset, area: str
) -> Mapping[str, Current]:
    rows = connection.execute(
        f'select "id", "n", "digest", "release_added" from "{dataset.table}" '
        f'where "area_code" = ? and "until" = {FOREVER}',
        (area,),
    )
    return {record_id: Current(*values) for record_id, *values in rows}


def apply_attachments(
    connection: sqlite3.Connection, attachments: Sequence[Attachment], log: Log
) -> None:
    """Retire the texts that changed or vanished and insert the new and changed ones."""
    release = log.release
    ended, begun = compare_attachments(attachments, _texts(connection))
    connection.executemany(
        "update attachment set until = ? where area_code = ? and kind = ? and id = ? "
        f"and until = {FOREVER}",
        [(release, area_of(name), kind, name) for kind, name in ended],
    )
    _insert(
        connection,
        "attachment",
        ATTACHMENT_COLUMNS,
        ((area_of(one.id), one.kind, one.id, release, one.body) for one in begun),
    )


def apply_labels(connection: sqlite3.Connection, labels: str | None, log: Log) -> None:
    """Tell what labels of codes change; before the attachments are written."""
    rows = list(log.of_labels(_attachment(connection, LABELS), labels))
    _insert(connection, "change", CHANGE_COLUMNS, rows)


def _texts(connection: sqlite3.Connection) -> Mapping[tuple[str, str], str]:
    """The texts in force by kind and id."""
    rows = connection.execute(f"select kind, id, body from attachment where until = {FOREVER}")
    return {(kind, name): body for kind, name, body in rows}


def _withdrawn_rows(
    connection: sqlite3.Connection, dataset: Dataset, area: str
) -> Mapping[str, Row]:
    """The stored fields of the records that were there, as they were last."""
    columns = ", ".join(column_of(field) for field in dataset.stored)
    rows = connection.execute(
        f'select id, {columns} from "{dataset.table}" '
        f"where area_code = ? and until < {FOREVER} order by since",
        (area,),
    )
    return {record_id: tuple(row) for record_id, *row in rows}


def _erased_ids(connection: sqlite3.Connection, dataset: Dataset, area: str) -> set[str]:
    rows = connection.execute(
        "select id from erased where area_code = ? and dataset = ?", (area, dataset.name)
    )
    return {record_id for (record_id,) in rows}


def _published_reasons(connection: sqlite3.Connection) -> Sequence[Reason]:
    """Those of every release."""
    bodies = connection.execute("select body from attachment where kind = ?", (REASONS,))
    return [one for (body,) in bodies for one in read_reasons(body)]


def _attachment(connection: sqlite3.Connection, kind: str) -> str | None:
    found = connection.execute(
        f"select body from attachment where kind = ? and id = 'all' and until = {FOREVER}", (kind,)
    ).fetchone()
    return None if found is None else str(found[0])


def _insert(
    connection: sqlite3.Connection, table: str, columns: Sequence[str], rows: Iterable[Row]
) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" * len(columns))
    connection.executemany(f'insert into "{table}" ({names}) values ({marks})', rows)

"""Publishing into SQLite: every release is a new file, then the pointer moves."""

import fcntl
import os
import shutil
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path

import sqlalchemy as sa

from opendata_api.describe import Dataset, area_of
from opendata_api.formats import ENCODING
from opendata_api.store.errors import PublishingElsewhere
from opendata_api.store.migrate import stamp, upgrade
from opendata_api.store.model import Attachment, Edition, Release
from opendata_api.store.pointer import Pointer, check_file, check_hash, hash_file, sync_folder
from opendata_api.store.schema import (
    APPLICATION_ID,
    ATTACHMENT_COLUMNS,
    DIMENSION_COLUMNS,
    FOREVER,
    FRAGMENT_COLUMNS,
    LAYOUT,
    column_of,
    fact_columns,
)
from opendata_api.store.sqlite_search import FIRST_SEARCHED, index_all, index_rows
from opendata_api.store.versions import (
    Current,
    compare,
    compare_attachments,
    digest_edition,
    encode_fragment,
    make_version,
    next_release,
    rows_by_area,
)
from opendata_api.values import Row

LOCK = "publish.lock"
LOCK_WAIT_S = 10.0
LOCK_RETRY_S = 0.05
OWN_FILES = ("opendata-[0-9][0-9][0-9][0-9][0-9][0-9]-*.sqlite", "draft.tmp", "current.json.tmp")
"""What is ours in the folder; all else is left alone."""


def write_release(
    folder: Path, datasets: Sequence[Dataset], edition: Edition, at: datetime
) -> tuple[Release, bool]:
    """The release that has the edition, and whether it had to be made.

    Its time is `at`, but at least a second after the release before. Raises StoreError and
    leaves what is published as it was.
    """
    digest = digest_edition(datasets, edition)
    if (current := _current(folder, Pointer.read(folder), digest)) is not None:
        return current, False
    folder.mkdir(parents=True, exist_ok=True)
    with _lock(folder):
        pointer = Pointer.read(folder)
        if (current := _current(folder, pointer, digest)) is not None:
            return current, False
        _sweep(folder, pointer)
        with _draft(folder, pointer) as draft:
            if pointer is None:
                _upgrade(draft, None)
            release = _apply(draft, datasets, edition, (digest, at))
            _sweep(folder, _flip(folder, pointer, draft, release.n))
    return release, True


def migrate(folder: Path, datasets: Sequence[Dataset]) -> tuple[int, int]:
    """Copy what is published into a file of this program's layout; the layouts before and after.

    All releases go along. A folder with nothing published has layout 0 before. Raises StoreError.
    """
    pointer = Pointer.read(folder)
    if pointer is None:
        return 0, LAYOUT
    if pointer.layout >= LAYOUT:
        check_file(folder, pointer)
        return pointer.layout, LAYOUT
    with _lock(folder):
        check_hash(folder, pointer)
        with _draft(folder, pointer) as draft:
            _upgrade(draft, pointer.layout)
            index_all(draft, datasets if pointer.layout < FIRST_SEARCHED else ())
            _sweep(folder, _flip(folder, pointer, draft, pointer.release))
    return pointer.layout, LAYOUT


def _current(folder: Path, pointer: Pointer | None, digest: str) -> Release | None:
    """The published release, if it has the edition of that digest; nothing is written.

    Raises StoreError for a file that is not what was published: a copy of it with a new hash
    would hide the damage.
    """
    if pointer is None:
        return None
    check_file(folder, pointer)
    address = f"{(folder / pointer.file).absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        last, _ = _last_release(connection)
    return last if last is not None and last.digest == digest else None


@contextmanager
def _lock(folder: Path) -> Iterator[None]:
    with (folder / LOCK).open("w") as file:
        deadline = time.monotonic() + LOCK_WAIT_S
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise PublishingElsewhere(
                        f"another process is publishing into {folder}; try again later"
                    ) from None
                time.sleep(LOCK_RETRY_S)
        yield


def _sweep(folder: Path, pointer: Pointer | None) -> None:
    """Remove what no pointer names: half-built files and files before the previous one."""
    kept = {pointer.file, pointer.previous} if pointer else set()
    for path in (path for pattern in OWN_FILES for path in folder.glob(pattern)):
        if path.name not in kept:
            path.unlink(missing_ok=True)


@contextmanager
def _draft(folder: Path, pointer: Pointer | None) -> Iterator[Path]:
    """The next file, begun as a copy of the published one; gone if it was not moved away."""
    draft = folder / "draft.tmp"
    try:
        if pointer is not None:
            shutil.copyfile(folder / pointer.file, draft)
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def _upgrade(draft: Path, layout: int | None) -> None:
    """Bring the tables of a draft to this program's layout; None: it has none."""
    engine = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(draft))
    with engine.connect() as connection:
        if layout is not None and not sa.inspect(connection).has_table("alembic_version"):
            stamp(connection, layout)
        upgrade(connection)
        connection.exec_driver_sql(f"pragma application_id = {APPLICATION_ID}")
        connection.exec_driver_sql(f"pragma user_version = {LAYOUT}")
        connection.commit()
    engine.dispose()


def _apply(
    draft: Path, datasets: Sequence[Dataset], edition: Edition, mark: tuple[str, datetime]
) -> Release:
    """Write the edition into the draft as its next release, of that digest and time."""
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        connection.execute("pragma journal_mode = off")
        connection.execute("pragma synchronous = off")
        connection.execute("begin")
        last, last_n = _last_release(connection)
        if last is not None and last.encoding != ENCODING:
            _encode_again(connection, datasets)
        release = next_release(last, *mark)
        numbers = count(last_n + 1)
        for dataset in datasets:
            _apply_rows(connection, dataset, edition.rows[dataset.name], release.n, numbers)
        _apply_attachments(connection, edition.attachments, release.n)
        connection.execute(
            'insert into "release" ("n", "published_at", "digest", "encoding", "last_n") '
            "values (?, ?, ?, ?, ?)",
            (release.n, release.published_at, release.digest, ENCODING, next(numbers) - 1),
        )
        connection.execute("commit")
        connection.execute("analyze")
    return release


def _encode_again(connection: sqlite3.Connection, datasets: Sequence[Dataset]) -> None:
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


def _last_release(connection: sqlite3.Connection) -> tuple[Release | None, int]:
    """The newest release in a file, and the highest number of a version."""
    found = connection.execute(
        "select n, published_at, digest, encoding, last_n from release order by n desc limit 1"
    ).fetchone()
    return (Release(*found[:4]), found[4]) if found else (None, 0)


def _apply_rows(
    connection: sqlite3.Connection,
    dataset: Dataset,
    rows: Sequence[Row],
    release: int,
    numbers: Iterator[int],
) -> None:
    """Retire the rows that changed or vanished and insert the new and changed ones."""
    areas = rows_by_area(dataset, rows)
    for area in sorted(areas.keys() | _areas(connection, dataset)):
        changes = compare(areas.get(area, {}), _current_rows(connection, dataset, area))
        connection.executemany(
            f'update "{dataset.table}" set "until" = ? '
            f'where "area_code" = ? and "id" = ? and "until" = {FOREVER}',
            [(release, area, record_id) for record_id in changes.retired],
        )
        versions = [
            make_version(dataset, row, next(numbers), (added or release, release))
            for row, added in changes.fresh
        ]
        _insert(connection, dataset.table, fact_columns(dataset), (one.fact for one in versions))
        fragments = (one.fragment for one in versions)
        _insert(connection, f"{dataset.table}_fragment", FRAGMENT_COLUMNS, fragments)
        if dataset.dimensions:
            pairs = (pair for one in versions for pair in one.dimensions)
            _insert(connection, f"{dataset.table}_dimension", DIMENSION_COLUMNS, pairs)
        index_rows(connection, dataset, ((one.fact[0], one.row) for one in versions))
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


def _apply_attachments(
    connection: sqlite3.Connection, attachments: Sequence[Attachment], release: int
) -> None:
    rows = connection.execute(f"select kind, id, body from attachment where until = {FOREVER}")
    current = {(kind, name): body for kind, name, body in rows}
    ended, begun = compare_attachments(attachments, current)
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


def _insert(
    connection: sqlite3.Connection, table: str, columns: Sequence[str], rows: Iterable[Row]
) -> None:
    names = ", ".join(f'"{name}"' for name in columns)
    marks = ", ".join("?" * len(columns))
    connection.executemany(f'insert into "{table}" ({names}) values ({marks})', rows)


def _flip(folder: Path, pointer: Pointer | None, draft: Path, release: int) -> Pointer:
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    sha256 = hash_file(draft)
    name = f"opendata-{release:06d}-{sha256[:12]}.sqlite"
    draft.replace(folder / name)
    sync_folder(folder)
    moved = Pointer(
        file=name,
        sha256=sha256,
        release=release,
        layout=LAYOUT,
        previous=pointer.file if pointer else None,
    )
    moved.write(folder)
    return moved

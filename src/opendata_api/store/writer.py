"""Publishing into SQLite: every release is a new file, then the pointer moves."""

import fcntl
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from pathlib import Path

import orjson

from opendata_api.describe import Dataset, area_of
from opendata_api.formats import ENCODING, csv, json
from opendata_api.store.errors import BadPublication, PublishingElsewhere
from opendata_api.store.model import Attachment, Edition, Release
from opendata_api.store.pointer import Pointer, check_file, hash_file, sync_folder
from opendata_api.store.schema import (
    APPLICATION_ID,
    FOREVER,
    LAYOUT,
    column_of,
    create_statements,
    has_own_area,
)
from opendata_api.values import Row

LOCK = "publish.lock"
LOCK_WAIT_S = 10.0
LOCK_RETRY_S = 0.05
DIGEST_BYTES = 16
OWN_FILES = ("opendata-[0-9][0-9][0-9][0-9][0-9][0-9]-*.sqlite", "draft.tmp", "current.json.tmp")
"""What is ours in the folder; all else is left alone."""


def write_release(
    folder: Path, datasets: Sequence[Dataset], edition: Edition, at: datetime
) -> tuple[Release, bool]:
    """The release that has the edition, and whether it had to be made.

    Its time is `at`, but at least a second after the release before. Raises StoreError and
    leaves what is published as it was.
    """
    digest = _edition_digest(datasets, edition)
    if (current := _current(folder, Pointer.read(folder), digest)) is not None:
        return current, False
    folder.mkdir(parents=True, exist_ok=True)
    with _lock(folder):
        pointer = Pointer.read(folder)
        if (current := _current(folder, pointer, digest)) is not None:
            return current, False
        _sweep(folder, pointer)
        draft = folder / "draft.tmp"
        try:
            if pointer is not None:
                shutil.copyfile(folder / pointer.file, draft)
                _encode_again(draft, datasets, pointer.encoding)
            release = _apply(draft, datasets, edition, (digest, at))
            _sweep(folder, _flip(folder, pointer, draft, release))
        finally:
            draft.unlink(missing_ok=True)
    return release, True


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
        last = _last_release(connection)
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


def _apply(
    draft: Path, datasets: Sequence[Dataset], edition: Edition, mark: tuple[str, datetime]
) -> Release:
    """Write the edition into the draft as its next release, of that digest and time."""
    digest, at = mark
    is_new = not draft.exists()
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        connection.execute("pragma journal_mode = off")
        connection.execute("pragma synchronous = off")
        if is_new:
            _create(connection, datasets)
        connection.execute("begin")
        last = _last_release(connection)
        release = Release(1 if last is None else last.n + 1, _moment(at, last), digest)
        connection.execute(
            "insert into release (n, published_at, digest) values (?, ?, ?)",
            (release.n, release.published_at, release.digest),
        )
        for dataset in datasets:
            _apply_rows(connection, dataset, edition.rows[dataset.name], release.n)
        _apply_attachments(connection, edition.attachments, release.n)
        connection.execute("commit")
        connection.execute("analyze")
    return release


def _encode_again(draft: Path, datasets: Sequence[Dataset], encoding: int) -> None:
    """Bring rows that an older program encoded to this program's encoding."""
    if encoding == ENCODING:
        return
    with closing(sqlite3.connect(draft)) as connection, connection:
        for dataset in datasets:
            columns = ", ".join(column_of(field) for field in dataset.fields)
            rows = connection.execute(f'select n, {columns} from "{dataset.table}"').fetchall()
            connection.executemany(
                f'update "{dataset.table}_fragment" set "json" = ?, "csv" = ? where "n" = ?',
                [
                    (json.encode_row(dataset.fields, row), csv.encode_line(dataset.fields, row), n)
                    for n, *row in rows
                ],
            )


def _create(connection: sqlite3.Connection, datasets: Sequence[Dataset]) -> None:
    connection.execute(f"pragma application_id = {APPLICATION_ID}")
    connection.execute(f"pragma user_version = {LAYOUT}")
    for statement in create_statements(datasets):
        connection.execute(statement)


def _last_release(connection: sqlite3.Connection) -> Release | None:
    """The newest release in a file."""
    found = connection.execute(
        "select n, published_at, digest from release order by n desc limit 1"
    ).fetchone()
    return Release(*found) if found else None


def _moment(at: datetime, last: Release | None) -> str:
    moment = at.astimezone(UTC).replace(microsecond=0)
    if last is not None:
        moment = max(moment, datetime.fromisoformat(last.published_at) + timedelta(seconds=1))
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _apply_rows(
    connection: sqlite3.Connection, dataset: Dataset, rows: Sequence[Row], release: int
) -> None:
    """Retire the rows that changed or vanished and insert the new and changed ones."""
    current = {
        record_id: (n, digest, added)
        for n, record_id, digest, added in connection.execute(
            f'select n, "id", "digest", "release_added" from "{dataset.table}" '
            f'where "until" = {FOREVER}'
        )
    }
    place = dataset.field_names.index("id")
    fresh = {str(row[place]): row for row in rows}
    if len(fresh) < len(rows):
        raise BadPublication(f"{dataset.name}: an id stands twice")
    for record_id, (n, digest, _) in current.items():
        if record_id not in fresh or _digest(fresh[record_id]) != digest:
            connection.execute(
                f'update "{dataset.table}" set "until" = ? where n = ?', (release, n)
            )
    for record_id in sorted(fresh):
        before = current.get(record_id)
        if before is None or before[1] != _digest(fresh[record_id]):
            added = release if before is None else before[2]
            _insert_row(connection, dataset, fresh[record_id], (added, release))
    connection.execute(
        "insert into count (dataset, release, count) values (?, ?, ?)",
        (dataset.name, release, len(fresh)),
    )


def _insert_row(
    connection: sqlite3.Connection, dataset: Dataset, row: Row, releases: tuple[int, int]
) -> None:
    values = dict(zip((column_of(field) for field in dataset.stored), row, strict=True))
    record_id = str(values['"id"'])
    area = area_of(record_id)
    if has_own_area(dataset) and (own := values['"area_code"']) != area:
        raise BadPublication(f"{record_id} does not lie in area {own}")
    columns = {
        **values,
        '"area_code"': area,
        '"release_added"': releases[0],
        '"since"': releases[1],
        '"digest"': _digest(row),
    }
    marks = ", ".join("?" * len(columns))
    n = connection.execute(
        f'insert into "{dataset.table}" ({", ".join(columns)}) values ({marks})',
        tuple(columns.values()),
    ).lastrowid
    whole = (*row, *releases)
    connection.execute(
        f'insert into "{dataset.table}_fragment" ("area_code", "n", "json", "csv") '
        "values (?, ?, ?, ?)",
        (area, n, json.encode_row(dataset.fields, whole), csv.encode_line(dataset.fields, whole)),
    )
    if dataset.dimensions:
        pairs: Mapping[str, str] = orjson.loads(str(values[column_of(dataset.dimensions)]))
        connection.executemany(
            f'insert into "{dataset.table}_dimension" ("area_code", "n", "name", "value") '
            "values (?, ?, ?, ?)",
            [(area, n, name, value) for name, value in pairs.items()],
        )


def _apply_attachments(
    connection: sqlite3.Connection, attachments: Sequence[Attachment], release: int
) -> None:
    fresh = {(one.kind, one.id): one.body for one in attachments}
    for kind, name, body in connection.execute(
        f"select kind, id, body from attachment where until = {FOREVER}"
    ).fetchall():
        if fresh.get((kind, name)) == body:
            del fresh[kind, name]
            continue
        connection.execute(
            f"update attachment set until = ? where kind = ? and id = ? and until = {FOREVER}",
            (release, kind, name),
        )
    connection.executemany(
        "insert into attachment (kind, id, since, body) values (?, ?, ?, ?)",
        [(kind, name, release, body) for (kind, name), body in sorted(fresh.items())],
    )


def _flip(folder: Path, pointer: Pointer | None, draft: Path, release: Release) -> Pointer:
    with draft.open("rb") as file:
        os.fsync(file.fileno())
    sha256 = hash_file(draft)
    name = f"opendata-{release.n:06d}-{sha256[:12]}.sqlite"
    draft.replace(folder / name)
    sync_folder(folder)
    moved = Pointer(
        file=name,
        sha256=sha256,
        release=release.n,
        layout=LAYOUT,
        encoding=ENCODING,
        previous=pointer.file if pointer else None,
    )
    moved.write(folder)
    return moved


def _digest(row: Row) -> str:
    return blake2b(orjson.dumps(row), digest_size=DIGEST_BYTES).hexdigest()


def _edition_digest(datasets: Sequence[Dataset], edition: Edition) -> str:
    whole = blake2b(digest_size=DIGEST_BYTES)
    for dataset in datasets:
        whole.update(orjson.dumps([dataset.name, dataset.field_names]))
        for digest in sorted(_digest(row) for row in edition.rows[dataset.name]):
            whole.update(digest.encode())
    for one in sorted(edition.attachments, key=lambda one: (one.kind, one.id)):
        whole.update(orjson.dumps([one.kind, one.id, one.body]))
    return whole.hexdigest()

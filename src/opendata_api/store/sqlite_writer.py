"""Publishing into SQLite: every release is a new file, then the pointer moves."""

import fcntl
import shutil
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

import sqlalchemy as sa

from opendata_api.describe import Dataset
from opendata_api.formats import ENCODING
from opendata_api.store.changes import Foreseen, Log
from opendata_api.store.errors import PublishingElsewhere
from opendata_api.store.manifest import Contents, Manifest, digest_contents, fingerprint
from opendata_api.store.migrate import stamp, upgrade
from opendata_api.store.model import Edition, File, Release, ReleaseFiles
from opendata_api.store.pointer import (
    Pointer,
    check_file,
    check_hash,
    hash_file,
    sync_file,
    sync_folder,
)
from opendata_api.store.reasons import attachments_of
from opendata_api.store.schema import APPLICATION_ID, FIRST_TOLD, LAYOUT
from opendata_api.store.sqlite_files import drafted_batches
from opendata_api.store.sqlite_rows import (
    apply_attachments,
    apply_labels,
    apply_rows,
    encode_again,
    foresee,
    history_of,
    last_release,
    manifests_of,
    tell_story,
)
from opendata_api.store.sqlite_search import FIRST_SEARCHED, index_all
from opendata_api.store.versions import next_release

SINCE_LAYOUT = ((FIRST_SEARCHED, index_all), (FIRST_TOLD, tell_story))
"""What is made of what was published before a layout, after the tables have been made."""
LOCK = "publish.lock"
LOCK_WAIT_S = 10.0
LOCK_RETRY_S = 0.05
OWN_FILES = ("opendata-[0-9][0-9][0-9][0-9][0-9][0-9]-*.sqlite", "draft.tmp", "current.json.tmp")
"""What is ours in the folder; all else is left alone."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """By what a new release is known."""

    contents: Contents
    digest: str
    at: datetime
    files: ReleaseFiles | None


def write_release(
    folder: Path,
    datasets: Sequence[Dataset],
    edition: Edition,
    at: datetime,
    files: ReleaseFiles | None = None,
) -> tuple[Release, bool]:
    """The release that has the edition, and whether it had to be made.

    Its time is `at`, but at least a second after the release before. Raises StoreError and
    leaves what is published as it was.
    """
    contents = fingerprint(datasets, edition)
    digest = digest_contents(contents)
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
            release = _apply(draft, datasets, edition, _Mark(contents, digest, at, files))
            moved = _flip(folder, pointer, draft, release.n)
            _sweep(folder, moved)
        if files is not None:
            with _opened(folder, moved) as connection:
                files.settle(history_of(connection), manifests_of(connection))
    return release, True


def foresee_release(folder: Path, datasets: Sequence[Dataset], edition: Edition) -> Foreseen | None:
    """What the edition would change; None where nothing is published. Raises StoreError."""
    pointer = Pointer.read(folder)
    if pointer is None:
        return None
    with _published(folder, pointer) as connection:
        return foresee(connection, datasets, edition)


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
            for step in [one for first, one in SINCE_LAYOUT if pointer.layout < first]:
                step(draft, datasets)
            _sweep(folder, _flip(folder, pointer, draft, pointer.release))
    return pointer.layout, LAYOUT


def _current(folder: Path, pointer: Pointer | None, digest: str) -> Release | None:
    """The published release, if it has the edition of that digest; nothing is written.

    Raises StoreError for a file that is not what was published: a copy of it with a new hash
    would hide the damage.
    """
    if pointer is None:
        return None
    with _published(folder, pointer) as connection:
        last = last_release(connection).release
    return last if last is not None and last.digest == digest else None


@contextmanager
def _published(folder: Path, pointer: Pointer) -> Iterator[sqlite3.Connection]:
    """The published file, checked, to be read."""
    check_file(folder, pointer)
    with _opened(folder, pointer) as connection:
        yield connection


@contextmanager
def _opened(folder: Path, pointer: Pointer) -> Iterator[sqlite3.Connection]:
    address = f"{(folder / pointer.file).absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        yield connection


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
    draft: Path,
    datasets: Sequence[Dataset],
    edition: Edition,
    mark: _Mark,
) -> Release:
    """Write the edition into the draft as its next release, of those contents and that time."""
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        connection.execute("pragma journal_mode = off")
        connection.execute("pragma synchronous = off")
        connection.execute("begin")
        last = last_release(connection)
        if last.release is not None and last.release.encoding != ENCODING:
            encode_again(connection, datasets)
        release = next_release(last.release, mark.digest, mark.at)
        told = {} if last.release is None else foresee(connection, datasets, edition).explained()
        log = Log(release.n, last.seq, told)
        numbers = count(last.n + 1)
        for dataset in datasets:
            apply_rows(connection, dataset, edition.rows[dataset.name], numbers, log)
        apply_labels(connection, edition.labels, log)
        apply_attachments(connection, attachments_of(edition), log)
        history_id = history_of(connection)
        files = _make_files(connection, datasets, edition, release, mark.files)
        manifest = Manifest(
            release=release,
            history_id=history_id,
            previous=last.manifest,
            contents=mark.contents,
            changes=log.content,
            files=files,
            notes=edition.notes,
        ).write()
        connection.execute(
            'insert into "release" ("n", "published_at", "digest", "encoding", "last_n", '
            '"last_seq", "changes", "manifest") values (?, ?, ?, ?, ?, ?, ?, ?)',
            (
                *(release.n, release.published_at, release.digest, ENCODING),
                *(next(numbers) - 1, log.seq, log.summary, manifest),
            ),
        )
        connection.execute("commit")
        connection.execute("analyze")
    return release


def _make_files(
    connection: sqlite3.Connection,
    datasets: Sequence[Dataset],
    edition: Edition,
    release: Release,
    files: ReleaseFiles | None,
) -> Sequence[File]:
    """The files of the release, made of the rows as they have just been written."""
    if files is None:
        return ()
    with files.making(release, history_of(connection)) as making:
        for dataset in datasets:
            with making.writing(dataset, len(edition.rows[dataset.name])) as add:
                for batch in drafted_batches(connection, dataset, release.n):
                    add(batch)
        return making.finish()


def _flip(folder: Path, pointer: Pointer | None, draft: Path, release: int) -> Pointer:
    sync_file(draft)
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

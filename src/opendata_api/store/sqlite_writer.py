"""Publishing into SQLite: every release is a new file, then the pointer moves."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path

import sqlalchemy as sa

from opendata_api.describe import Dataset
from opendata_api.formats import ENCODING
from opendata_api.store.changes import Foreseen, Log
from opendata_api.store.manifest import Contents, Manifest, digest_contents, fingerprint
from opendata_api.store.migrate import stamp, upgrade
from opendata_api.store.model import Edition, Release
from opendata_api.store.pointer import (
    Pointer,
    check_file,
    check_hash,
)
from opendata_api.store.reasons import attachments_of
from opendata_api.store.release_files import ROWS_ALONE, Beside
from opendata_api.store.schema import APPLICATION_ID, FIRST_TOLD, LAYOUT
from opendata_api.store.space import ROW_BYTES, SPARE_BYTES, Need, check_space
from opendata_api.store.sqlite_drafts import (
    drafting,
    flip,
    locked,
    open_pointed,
    open_published,
    sweep,
)
from opendata_api.store.sqlite_releases import (
    count_keys,
    count_rows,
    filling,
    history_of,
    last_release,
    make_files,
    note_release,
    settle,
)
from opendata_api.store.sqlite_rows import (
    apply_attachments,
    apply_labels,
    apply_rows,
    encode_again,
    foresee,
    tell_story,
)
from opendata_api.store.sqlite_search import FIRST_SEARCHED, index_all
from opendata_api.store.versions import next_release

SINCE_LAYOUT = ((FIRST_SEARCHED, index_all), (FIRST_TOLD, tell_story))
"""What is made of what was published before a layout, after the tables have been made."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """By what a new release is known."""

    contents: Contents
    digest: str
    at: datetime
    beside: Beside


def write_release(
    folder: Path,
    datasets: Sequence[Dataset],
    edition: Edition,
    at: datetime,
    beside: Beside = ROWS_ALONE,
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
    with locked(folder):
        pointer = Pointer.read(folder)
        if (current := _current(folder, pointer, digest)) is not None:
            return current, False
        sweep(folder, pointer)
        check_space(_needs(folder, pointer, edition, beside))
        with drafting(folder, pointer) as draft:
            if pointer is None:
                _upgrade(draft, None)
            release = _apply(draft, datasets, edition, _Mark(contents, digest, at, beside))
            moved = flip(folder, pointer, draft, release.n)
            sweep(folder, moved)
        with open_pointed(folder, moved) as connection:
            settle(connection, beside)
    return release, True


def foresee_release(folder: Path, datasets: Sequence[Dataset], edition: Edition) -> Foreseen | None:
    """What the edition would change; None where nothing is published. Raises StoreError."""
    pointer = Pointer.read(folder)
    if pointer is None:
        return None
    with open_published(folder, pointer) as connection:
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
    with locked(folder):
        check_hash(folder, pointer)
        sweep(folder, pointer)
        with drafting(folder, pointer) as draft:
            _upgrade(draft, pointer.layout)
            for step in [one for first, one in SINCE_LAYOUT if pointer.layout < first]:
                step(draft, datasets)
            count_keys(draft)
            sweep(folder, flip(folder, pointer, draft, pointer.release))
    return pointer.layout, LAYOUT


def _needs(
    folder: Path, pointer: Pointer | None, edition: Edition, beside: Beside
) -> Sequence[Need]:
    """The room for a copy of the file, for the records that it has not, and for files."""
    rows = sum(len(some) for some in edition.rows.values())
    copied, known = 0, 0
    if pointer is not None:
        copied = (folder / pointer.file).stat().st_size
        with open_pointed(folder, pointer) as connection:
            known = count_rows(connection, pointer.release)
    store = copied + max(rows - known, 0) * ROW_BYTES + SPARE_BYTES
    return (Need(folder, store), *beside.needs(rows))


def _current(folder: Path, pointer: Pointer | None, digest: str) -> Release | None:
    """The published release, if it has the edition of that digest; nothing is written.

    Raises StoreError for a file that is not what was published: a copy of it with a new hash
    would hide the damage.
    """
    if pointer is None:
        return None
    with open_published(folder, pointer) as connection:
        last = last_release(connection).release
    return last if last is not None and last.digest == digest else None


def _upgrade(draft: Path, layout: int | None) -> None:
    """Bring the tables of a draft to this program's layout; None: it has none."""
    engine = sa.create_engine("sqlite://", creator=lambda: _connect_unsynced(draft))
    with engine.connect() as connection:
        if layout is not None and not sa.inspect(connection).has_table("alembic_version"):
            stamp(connection, layout)
        upgrade(connection)
        connection.exec_driver_sql(f"pragma application_id = {APPLICATION_ID}")
        connection.exec_driver_sql(f"pragma user_version = {LAYOUT}")
        connection.commit()
    engine.dispose()


def _connect_unsynced(draft: Path) -> sqlite3.Connection:
    """A connection that waits for no disk: a draft counts only once its file is synced whole."""
    connection = sqlite3.connect(draft)
    connection.execute("pragma synchronous = off")
    connection.execute("pragma journal_mode = memory")
    return connection


def _apply(
    draft: Path,
    datasets: Sequence[Dataset],
    edition: Edition,
    mark: _Mark,
) -> Release:
    """Write the edition into the draft as its next release, of those contents and that time."""
    with filling(draft) as connection:
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
        manifest = Manifest(
            release=release,
            history_id=history_of(connection),
            previous=last.manifest,
            contents=mark.contents,
            changes=log.content,
            files=make_files(connection, datasets, release, mark.beside),
            address=mark.beside.address,
            notes=edition.notes,
        )
        note_release(connection, manifest, log, next(numbers) - 1, mark.beside)
    return release

"""Taking out of SQLite's file what must not stay public: a new file has none of it."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from opendata_api.describe import Dataset
from opendata_api.store.changes import Log
from opendata_api.store.clauses import Dialect
from opendata_api.store.erasing import Eraser, Erasure, erased_names
from opendata_api.store.errors import UnpublishedSeed
from opendata_api.store.manifest import Manifest, digest_contents, fingerprint
from opendata_api.store.model import Edition, Hole, Release
from opendata_api.store.pointer import Pointer, check_file
from opendata_api.store.release_files import Beside
from opendata_api.store.space import SPARE_BYTES, Need, check_space
from opendata_api.store.sqlite_drafts import drafting, flip, locked, open_pointed, sweep
from opendata_api.store.sqlite_files import take_steps
from opendata_api.store.sqlite_releases import (
    count_rows,
    filling,
    history_of,
    last_release,
    make_files,
    manifests_of,
    note_release,
    settle,
)
from opendata_api.store.versions import next_release
from opendata_api.store.withdrawing import withdraw_steps
from opendata_api.words import Text


def erase(
    folder: Path,
    datasets: Sequence[Dataset],
    edition: Edition,
    erasure: Erasure,
    beside: Beside,
) -> Release:
    """The release that tells of the erasure; it has the edition, which is published already.

    Raises FilesLeft after that; StoreError else, and leaves what is published as it was.
    """
    with locked(folder):
        pointer = _pointer(folder)
        check_space([_need(folder, pointer), *_needs_of_files(folder, pointer, beside)])
        with drafting(folder, pointer) as draft:
            release, holes = _apply(draft, datasets, edition, erasure, beside)
            moved = _replace(folder, draft, release.n)
        if beside.files is not None:
            with open_pointed(folder, moved) as connection:
                manifests = manifests_of(connection)
                beside.files.drop(history_of(connection), manifests, erased_names(holes))
                settle(connection, beside)
    return release


def withdraw_release(
    folder: Path, datasets: Sequence[Dataset], release: int, why: Text, beside: Beside
) -> None:
    """Let a release be read no more. Raises StoreError."""
    with locked(folder):
        pointer = _pointer(folder)
        check_space([_need(folder, pointer)])
        with drafting(folder, pointer) as draft:
            with filling(draft) as connection:
                take_steps(withdraw_steps(Dialect.SQLITE, datasets, release, why), connection)
            moved = _replace(folder, draft, pointer.release)
        with open_pointed(folder, moved) as connection:
            settle(connection, beside)


def _need(folder: Path, pointer: Pointer) -> Need:
    """The room for a copy of the file, and for the copy that has nothing deleted in it."""
    return Need(folder, 2 * (folder / pointer.file).stat().st_size + SPARE_BYTES)


def _needs_of_files(folder: Path, pointer: Pointer, beside: Beside) -> Sequence[Need]:
    with open_pointed(folder, pointer) as connection:
        return beside.needs(count_rows(connection, pointer.release))


def _pointer(folder: Path) -> Pointer:
    """The published file, checked. Raises UnpublishedSeed where nothing is published."""
    pointer = Pointer.read(folder)
    if pointer is None:
        raise UnpublishedSeed
    check_file(folder, pointer)
    sweep(folder, pointer)
    return pointer


def _apply(
    draft: Path,
    datasets: Sequence[Dataset],
    edition: Edition,
    erasure: Erasure,
    beside: Beside,
) -> tuple[Release, Sequence[Hole]]:
    contents = fingerprint(datasets, edition)
    with filling(draft) as connection:
        last = last_release(connection)
        digest = digest_contents(contents)
        if last.release is None or last.release.digest != digest:
            raise UnpublishedSeed
        release = next_release(last.release, digest, erasure.at)
        log = Log(release.n, last.seq, {})
        holes = take_steps(Eraser(Dialect.SQLITE, datasets, log).steps(erasure), connection)
        manifest = Manifest(
            release=release,
            history_id=history_of(connection),
            previous=last.manifest,
            contents=contents,
            changes=log.content,
            files=make_files(connection, datasets, release, beside),
            address=beside.address,
        )
        note_release(connection, manifest, log, last.n, beside)
    return release, holes


def _replace(folder: Path, draft: Path, release: int) -> Pointer:
    """Publish the draft; neither it nor any other file has what was taken out."""
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        connection.execute("vacuum")
    moved = flip(folder, None, draft, release)
    sweep(folder, moved)
    return moved

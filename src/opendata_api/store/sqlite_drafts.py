"""The folder of SQLite's files: the next one is a draft until the pointer names it."""

import fcntl
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from opendata_api.store.checks import note_check
from opendata_api.store.errors import PublishingElsewhere
from opendata_api.store.notes import CHECKED, PROVEN
from opendata_api.store.pointer import (
    POINTER,
    Pointer,
    check_file,
    hash_file,
    sync_file,
    sync_folder,
)
from opendata_api.store.schema import LAYOUT

LOCK = "publish.lock"
LOCK_WAIT_S = 10.0
LOCK_RETRY_S = 0.05
DRAFT = "draft.tmp"
JOURNAL = f"{DRAFT}-journal"
"""SQLite's, of a draft: left by who was killed, it would be played back into the next draft."""
OWN_FILES = (
    *("opendata-[0-9][0-9][0-9][0-9][0-9][0-9]-*.sqlite", DRAFT, JOURNAL),
    *(f"{name}.tmp" for name in (POINTER, CHECKED, PROVEN)),
)
"""What is ours in the folder; all else is left alone."""


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One publisher at a time. Raises PublishingElsewhere."""
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


@contextmanager
def open_published(folder: Path, pointer: Pointer) -> Iterator[sqlite3.Connection]:
    """The published file, checked, to be read."""
    check_file(folder, pointer)
    with open_pointed(folder, pointer) as connection:
        yield connection


@contextmanager
def open_pointed(folder: Path, pointer: Pointer) -> Iterator[sqlite3.Connection]:
    """The file that a pointer names, which has been checked, to be read."""
    address = f"{(folder / pointer.file).absolute().as_uri()}?mode=ro&immutable=1"
    with closing(sqlite3.connect(address, uri=True)) as connection:
        yield connection


@contextmanager
def drafting(folder: Path, pointer: Pointer | None) -> Iterator[Path]:
    """The next file, begun as a copy of the published one; gone if it was not moved away."""
    draft = folder / DRAFT
    try:
        if pointer is not None:
            shutil.copyfile(folder / pointer.file, draft)
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def sweep(folder: Path, pointer: Pointer | None) -> None:
    """Remove what no pointer names: half-built files and files before the previous one."""
    kept = {pointer.file, pointer.previous} if pointer else set()
    for path in (path for pattern in OWN_FILES for path in folder.glob(pattern)):
        if path.name not in kept:
            path.unlink(missing_ok=True)


def flip(folder: Path, pointer: Pointer | None, draft: Path, release: int) -> Pointer:
    """Move the pointer to the draft, which is complete; the pointer as it is then.

    `pointer` is the one before, whose file is kept for readers that have it open; None: it is not.
    """
    sync_file(draft)
    at, sha256 = time.time_ns(), hash_file(draft)
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
    note_check(folder, moved, at)
    return moved

"""When the published file was last held to its hash: a start soon after relies on it.

It then holds the file to its hash beside the first answers, see decision 24.
"""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from opendata_api.store import deadlines
from opendata_api.store.errors import StoreError
from opendata_api.store.notes import CHECKED, read_note, remove_note, write_note
from opendata_api.store.pointer import Pointer
from opendata_api.store.schema import LAYOUT

NANO = 10**9


def is_checked(folder: Path, pointer: Pointer) -> bool:
    """Whether the file that the pointer names was held to its hash lately, and is still the same.

    As lately as a running service holds it to its hash again. Whatever is not as it was noted, or
    was noted in the future, means no.
    """
    told = read_note(folder, CHECKED)
    at = told.pop("at", None)
    is_recent = type(at) is int and 0 <= time.time_ns() - at < deadlines.VERIFY_S * NANO
    return is_recent and pointer.layout == LAYOUT and told == _describe(folder, pointer)


@contextmanager
def noting_check(folder: Path, pointer: Pointer) -> Iterator[None]:
    """Note the check of the file that is made within; if it fails, no note remains."""
    at, found = time.time_ns(), _describe(folder, pointer)
    try:
        yield
    except (StoreError, OSError):
        remove_note(folder, CHECKED)
        raise
    write_note(folder, CHECKED, {**found, "at": at})


def note_check(folder: Path, pointer: Pointer, at: int) -> None:
    """Note that the pointer has the hash of the file, taken at so many nanoseconds since 1970.

    For who wrote the file, and alone could.
    """
    write_note(folder, CHECKED, {**_describe(folder, pointer), "at": at})


def _describe(folder: Path, pointer: Pointer) -> Mapping[str, object]:
    """What the file is known by: what writing into it changes, or putting another in its place.

    Nothing where it can't be found.
    """
    try:
        found = (folder / pointer.file).stat()
    except OSError:
        return {}
    return {
        "file": pointer.file,
        "sha256": pointer.sha256,
        "size": found.st_size,
        "mtime_ns": found.st_mtime_ns,
        "ctime_ns": found.st_ctime_ns,
        "inode": found.st_ino,
        "device": found.st_dev,
    }

"""The pointer: which file is the published one. Moving it is the publication."""

import os
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Self

import orjson

from opendata_api.store.errors import DamagedStore, OtherLayout
from opendata_api.store.schema import APPLICATION_ID, LAYOUT

POINTER = "current.json"
READ_BYTES = 1 << 20
MAGIC = b"SQLite format 3\0"
HEADER_BYTES = 100
USER_VERSION_AT, APPLICATION_ID_AT = 60, 68
"""Where SQLite's file format (1.3) keeps those numbers."""


@dataclass(frozen=True, slots=True)
class Pointer:
    """What `current.json` says."""

    file: str
    sha256: str
    release: int
    layout: int
    previous: str | None
    """The file before, kept for readers that still have it open."""

    @classmethod
    def read(cls, folder: Path) -> Self | None:
        """The pointer of a folder; None where nothing is published. Raises DamagedStore."""
        path = folder / POINTER
        try:
            told = orjson.loads(path.read_bytes())
            return cls(**{part.name: told[part.name] for part in fields(cls)})
        except FileNotFoundError:
            return None
        except (KeyError, TypeError, ValueError):
            raise DamagedStore(f"{path} is not readable as a pointer") from None

    def write(self, folder: Path) -> None:
        """Move the pointer, all or nothing, also when the power fails."""
        path = folder / f"{POINTER}.tmp"
        with path.open("wb") as file:
            file.write(orjson.dumps(asdict(self), option=orjson.OPT_INDENT_2) + b"\n")
            file.flush()
            os.fsync(file.fileno())
        path.replace(folder / POINTER)
        sync_folder(folder)


def sync_file(path: Path) -> None:
    """Make what was written into a file last."""
    with path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make renames in the folder last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def hash_file(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    digest = sha256()
    with path.open("rb") as file:
        while block := file.read(READ_BYTES):
            digest.update(block)
    return digest.hexdigest()


def check_header(path: Path) -> None:
    """Raise StoreError unless a file is one of SQLite that this program made, in its layout."""
    with path.open("rb") as file:
        header = file.read(HEADER_BYTES)
    numbers = [int.from_bytes(header[at : at + 4]) for at in (USER_VERSION_AT, APPLICATION_ID_AT)]
    if not header.startswith(MAGIC) or numbers[1] != APPLICATION_ID:
        raise DamagedStore(f"{path} is not a file of this program")
    if numbers[0] != LAYOUT:
        raise OtherLayout.of(str(path), numbers[0], LAYOUT)


def check_file(folder: Path, pointer: Pointer) -> None:
    """Raise StoreError unless the file is what was published, byte for byte."""
    path = folder / pointer.file
    if pointer.layout != LAYOUT:
        raise OtherLayout.of(str(path), pointer.layout, LAYOUT)
    check_hash(folder, pointer)


def check_hash(folder: Path, pointer: Pointer) -> None:
    """Raise DamagedStore unless the file is what was published, of whatever layout it is."""
    path = folder / pointer.file
    try:
        found = hash_file(path)
    except FileNotFoundError:
        raise DamagedStore(f"{path} is missing") from None
    if found != pointer.sha256:
        raise DamagedStore(f"{path} has SHA-256 {found}, published was {pointer.sha256}")

"""A ZIP archive of tables and what describes them; equal data give equal bytes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from opendata_api.values import Row

SUMS = "SHA256SUMS"
UNIX = 3
READABLE_FILE = 0o100644 << 16
BLOCK_BYTES = 256 * 1024
LARGE_ROWS = 500_000
"""More rows than this could be a file that only the newer form of ZIP (ZIP64) holds."""

Add = Callable[[Sequence[Row]], None]


@dataclass(frozen=True, slots=True)
class Written:
    """A table that lies in the archive."""

    name: str
    bytes: int
    sha256: str
    rows: int


@dataclass(frozen=True, slots=True)
class Table:
    """The table that an archive is made for."""

    name: str
    head: bytes
    encode: Callable[[Sequence[Row]], bytes]
    rows_most: int
    """It has no more rows than this."""


@contextmanager
def writing(
    file: IO[bytes],
    table: Table,
    moment: datetime,
    beside: Callable[[Written], Mapping[str, bytes]],
) -> Iterator[Add]:
    """What takes the rows; then come the files beside the table, last the checksums of all."""
    with packing(file, moment) as archive:
        with archive.grow(table) as growing:
            yield growing.add
        for name, content in beside(growing.written).items():
            archive.add(name, content)


@contextmanager
def packing(file: IO[bytes], moment: datetime) -> Iterator["Archive"]:
    """What takes files, one after the other; at the end come the checksums of all."""
    with ZipFile(file, "w") as entries:
        archive = Archive(entries, moment)
        yield archive
        archive.add(SUMS, archive.sums.encode())


class Archive:
    """The archive while it is written."""

    def __init__(self, entries: ZipFile, moment: datetime) -> None:
        self._entries, self._moment = entries, moment
        self._sums: dict[str, str] = {}

    @property
    def sums(self) -> str:
        """A line for each file, as `sha256sum` has it."""
        return "".join(f"{one}  {name}\n" for name, one in self._sums.items())

    def add(self, name: str, content: bytes) -> None:
        """Write a file that is held whole."""
        self._entries.writestr(_entry(name, self._moment), content)
        self._sums[name] = sha256(content).hexdigest()

    def copy(self, name: str, source: Path, rows: int) -> Written:
        """Write a table that lies in a file already, block by block."""
        entry = _entry(name, self._moment)
        entry.file_size = source.stat().st_size  # by which ZipFile chooses the form of ZIP
        digest = sha256()
        with source.open("rb") as blocks, self._entries.open(entry, "w") as file:
            while block := blocks.read(BLOCK_BYTES):
                digest.update(block)
                file.write(block)
        self._sums[name] = digest.hexdigest()
        return Written(name, entry.file_size, digest.hexdigest(), rows)

    @contextmanager
    def grow(self, table: Table) -> Iterator["Growing"]:
        """What takes the rows of a table."""
        entry = _entry(table.name, self._moment)
        is_large = table.rows_most > LARGE_ROWS
        with self._entries.open(entry, "w", force_zip64=is_large) as file:
            growing = Growing(table, file)
            yield growing
        self._sums[table.name] = growing.written.sha256


class Growing:
    """A table while it is written."""

    def __init__(self, table: Table, entry: IO[bytes]) -> None:
        self._table, self._entry = table, entry
        self._digest, self._bytes, self._rows = sha256(), 0, 0
        self._write(table.head)

    def add(self, rows: Sequence[Row]) -> None:
        """Write the rows."""
        self._rows += len(rows)
        self._write(self._table.encode(rows))

    @property
    def written(self) -> Written:
        """What was written."""
        return Written(self._table.name, self._bytes, self._digest.hexdigest(), self._rows)

    def _write(self, block: bytes) -> None:
        self._digest.update(block)
        self._bytes += len(block)
        self._entry.write(block)


def _entry(name: str, moment: datetime) -> ZipInfo:
    """An entry that says nothing of the machine that wrote it."""
    entry = ZipInfo(name, moment.timetuple()[:6])
    entry.compress_type = ZIP_DEFLATED
    entry.create_system = UNIX
    entry.external_attr = READABLE_FILE
    return entry

"""A ZIP archive of a table and what describes it; equal data give equal bytes."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from opendata_api.values import Row

SUMS = "SHA256SUMS"
UNIX = 3
READABLE_FILE = 0o100644 << 16
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
    with ZipFile(file, "w") as archive:
        is_large = table.rows_most > LARGE_ROWS
        with archive.open(_entry(table.name, moment), "w", force_zip64=is_large) as entry:
            growing = _Growing(table, entry)
            yield growing.add
        written = growing.written
        sums = {written.name: written.sha256}
        for name, content in beside(written).items():
            archive.writestr(_entry(name, moment), content)
            sums[name] = sha256(content).hexdigest()
        lines = "".join(f"{one}  {name}\n" for name, one in sums.items())
        archive.writestr(_entry(SUMS, moment), lines)


class _Growing:
    """The table while it is written."""

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

"""Rows in a file, read anew each time, so that nobody holds them all."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from opendata_api.values import Row, Stored

Draft = dict[str, Stored]
"""A record by field, its values as the store keeps them."""


class Lines(Sequence[Row]):
    """Rows that are written once, in their order, and read as often as is wanted."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("wb")
        self._count = 0

    def write(self, row: Row) -> None:
        """Add a row."""
        self._file.write(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE))
        self._count += 1

    def close(self) -> None:
        """There are no more rows."""
        self._file.close()

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Row]:
        with self.path.open("rb") as file:
            for line in file:
                yield tuple(orjson.loads(line))

    def __getitem__(self, place: Any) -> Any:
        """The row at a place, found from the first on."""
        return next(islice(self, place, None))

"""Files that are served: each is held to its hash before, and again from time to time."""

import asyncio
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from opendata_api.files.folder import FilesFolder, MissingFile
from opendata_api.store.model import File
from opendata_api.store.pointer import hash_file

Stamp = tuple[int, int, int]
"""By which a file is known to be the one that was checked."""

HASHED_AT_ONCE = 2
"""One that is asked for does not wait for those that are held to their hashes again."""


@dataclass(slots=True)
class CheckedFiles:
    """The files of the releases of one store, as far as they are as they were published."""

    folder: FilesFolder
    _checked: dict[Path, tuple[File, Stamp]] = field(default_factory=dict)
    _damaged: dict[Path, File] = field(default_factory=dict)
    _checking: dict[Path, asyncio.Task[str | None]] = field(default_factory=dict)
    _places: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(HASHED_AT_ONCE))

    @property
    def damaged(self) -> Sequence[str]:
        """The names of the files that are not what was published."""
        return sorted({file.name for file in self._damaged.values()})

    async def find(self, history_id: str, file: File) -> Path:
        """Where a file lies that is as it was published. Raises MissingFile."""
        path = self.folder.place_of(history_id, file)
        # A check that began before may have found what is not there, or is another, by now.
        while not self._is_known(path):
            await self._check(path, file)
        return path

    async def check(self, history_id: str, files: Iterable[File]) -> None:
        """Hold files to their hashes that were not yet; what is wrong with them is noted."""
        for file in files:
            with suppress(MissingFile):
                await self.find(history_id, file)

    async def check_again(self) -> None:
        """Hold all files that were served, or found damaged, to their hashes again.

        A file is served on until it is found to be another.
        """
        known = {path: file for path, (file, _) in self._checked.items()} | self._damaged
        for path, file in known.items():
            with suppress(MissingFile):
                await self._check(path, file)

    def _is_known(self, path: Path) -> bool:
        """Whether the file was found as it was published, and is still the same."""
        checked = self._checked.get(path)
        return checked is not None and checked[1] == _stamp(path)

    async def _check(self, path: Path, file: File) -> None:
        """Hold the file to its hash: once for all who ask, and to the end though they leave."""
        checking = self._checking.get(path)
        if checking is None:
            checking = self._checking[path] = asyncio.create_task(self._find_fault(path, file))
            checking.add_done_callback(lambda _: self._checking.pop(path))
        fault = await asyncio.shield(checking)
        if fault is not None:
            raise MissingFile(fault)

    async def _find_fault(self, path: Path, file: File) -> str | None:
        """What is wrong with the file, which is kept in mind; None: nothing."""
        async with self._places:
            stamp = _stamp(path)
            found = None if stamp is None else await asyncio.to_thread(_hash, path)
        if stamp is not None and found == file.sha256:
            self._checked[path] = (file, stamp)
            self._damaged.pop(path, None)
            return None
        self._checked.pop(path, None)
        if stamp is None:
            self._damaged.pop(path, None)
            return f"{file.name} is not there"
        self._damaged[path] = file
        return f"{file.name} is not what was published"


def _stamp(path: Path) -> Stamp | None:
    """None where there is no such file."""
    try:
        found = path.stat()
    except OSError:
        return None
    return (found.st_size, found.st_mtime_ns, found.st_ino)


def _hash(path: Path) -> str | None:
    """None for a file that can't be read."""
    try:
        return hash_file(path)
    except OSError:
        return None

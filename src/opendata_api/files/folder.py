"""The folder of the files of releases: each lies there by what it contains.

Under the id of the store's history, so that stores can share a folder.
"""

import logging
import re
import shutil
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from opendata_api.store.errors import FilesLeft
from opendata_api.store.manifest import read_files
from opendata_api.store.model import File
from opendata_api.store.pointer import hash_file, sync_file, sync_folder

LOG = logging.getLogger("opendata_api.files")

DRAFT = "draft"
WHOLE = "open-data"
"""The name of the files that have all datasets."""
OWN = re.compile(r"[0-9a-f]{64}(\.[a-z]+)+")
"""What is ours beside the draft; all else in the folder is left alone."""


class MissingFile(Exception):
    """A file is not there, or is not what was published; the message says which."""


@dataclass(frozen=True, slots=True)
class FilesFolder:
    """Where the files of one store's releases lie."""

    path: Path
    kept_max: int | None = None
    """So many of the newest releases keep their files; None: all."""

    def place_of(self, history_id: str, file: File) -> Path:
        """Where a file lies, if it is there."""
        return self.path / history_id / stored_name(file)

    def is_kept(self, release: int, newest: int) -> bool:
        """Whether a release keeps its files."""
        return self.kept_max is None or release > newest - self.kept_max

    @contextmanager
    def drafting(self, history_id: str) -> Iterator[Path]:
        """An empty folder for files that are being made; gone at the end."""
        draft = self.path / history_id / DRAFT
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        try:
            yield draft
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def keep(self, history_id: str, path: Path) -> File:
        """Move a file to where it stays, also when the power fails."""
        sync_file(path)
        file = File(path.name, path.stat().st_size, hash_file(path))
        path.replace(self.place_of(history_id, file))
        return file

    def sync(self, history_id: str) -> None:
        """Make the moves of files last."""
        sync_folder(self.path / history_id)

    def drop(
        self, history_id: str, manifests: Mapping[int, str], erased: Mapping[int, Collection[str]]
    ) -> None:
        """Remove the files that have what was erased: of each release the names of its datasets.

        Raises FilesLeft.
        """
        left: list[str] = []
        for n, names in erased.items():
            for file in read_files(manifests.get(n, "{}")):
                if lacks(file, names):
                    path = self.place_of(history_id, file)
                    try:
                        path.unlink(missing_ok=True)
                    except OSError:
                        left.append(str(path))
        if left:
            raise FilesLeft(left)

    def settle(
        self, history_id: str, manifests: Mapping[int, str], erased: Mapping[int, Collection[str]]
    ) -> None:
        """Keep the files that the manifests list, as far as they are to be kept, and no others.

        Nor those that have what was erased: of each release the names of its datasets. What can't
        be removed is told to the log alone: the release is published by now.
        """
        newest = max(manifests)
        kept = {
            stored_name(file)
            for n, manifest in manifests.items()
            if self.is_kept(n, newest)
            for file in read_files(manifest)
            if not lacks(file, erased.get(n, ()))
        }
        try:
            for path in (self.path / history_id).iterdir():
                if OWN.fullmatch(path.name) and path.name not in kept:
                    path.unlink()
        except OSError as error:
            LOG.warning("files of older releases can't be removed: %s", error)


def lacks(file: File, erased: Collection[str]) -> bool:
    """Whether a file had what was erased of those datasets; the whole has all."""
    name = file.name.partition(".")[0]
    return name in erased or (name == WHOLE and bool(erased))


def stored_name(file: File) -> str:
    """The name that a file lies under: its SHA-256, with the endings of its name."""
    return f"{file.sha256}.{file.name.partition('.')[2]}"

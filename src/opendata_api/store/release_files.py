"""What is published beside the rows of a release: its files and a signature."""

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from opendata_api.describe import Dataset
from opendata_api.store.model import File, Release
from opendata_api.store.space import Need
from opendata_api.values import Row


class Making(Protocol):
    """The files of a release while they are made."""

    def writing(
        self, dataset: Dataset, count: int
    ) -> AbstractContextManager[Callable[[Sequence[Row]], None]]:
        """What takes all rows of a dataset, so many, in the order of their ids.

        Each is its JSON and its CSV as it lies encoded, then the values of all fields.
        """

    def finish(self) -> Sequence[File]:
        """The files, which lie where they stay. After every dataset was written."""


class ReleaseFiles(Protocol):
    """Where the files of releases are made and kept."""

    @property
    def base(self) -> str:
        """The public address of the service, which the files name."""

    def need(self, rows: int) -> Need:
        """The room that the files of a release of so many rows may need."""

    def making(self, release: Release, history_id: str) -> AbstractContextManager[Making]:
        """The files of a release that is about to be published; nothing stays of a failure."""

    def settle(
        self, history_id: str, manifests: Mapping[int, str], erased: Mapping[int, Collection[str]]
    ) -> None:
        """Keep the files that the manifests list, as far as they are to be kept, and no others.

        Nor those that have what was erased: of each release the names of its datasets.
        """

    def drop(
        self, history_id: str, manifests: Mapping[int, str], erased: Mapping[int, Collection[str]]
    ) -> None:
        """Remove the files that have what was erased: of each release the names of its datasets.

        Raises FilesLeft for what can't be removed.
        """


@dataclass(frozen=True, slots=True)
class Beside:
    """What a release gets beside its rows."""

    files: ReleaseFiles | None = None
    """None: it has no files."""
    sign: Callable[[str], str] | None = None
    """Gives the signature of a manifest; None: it is not signed."""

    @property
    def address(self) -> str | None:
        """The public address of the service, which files name."""
        return None if self.files is None else self.files.base

    def needs(self, rows: int) -> Sequence[Need]:
        """The room that files may need, of a release of so many rows."""
        return () if self.files is None else (self.files.need(rows),)

    def signature(self, manifest: str) -> str | None:
        """Of that manifest, if it is to be signed."""
        return None if self.sign is None else self.sign(manifest)


ROWS_ALONE = Beside()
"""Nothing."""

"""What every handler needs: the store, the datasets and the public address."""

import asyncio
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2s
from importlib.metadata import version

import orjson

from opendata_api.catalog.overview import Operator, Overview
from opendata_api.describe import Dataset
from opendata_api.errors import Fault, GoneRelease, OutOfRange, Pairs
from opendata_api.files import CheckedFiles
from opendata_api.files.folder import lacks
from opendata_api.formats import FORMATS, Format
from opendata_api.formats.imprint import Labels, read_labels
from opendata_api.formats.rights import TITLE
from opendata_api.program import package_digest
from opendata_api.query import join_query
from opendata_api.store.known import Kept
from opendata_api.store.manifest import read_files
from opendata_api.store.model import File, Hole, Release, Store
from opendata_api.web.frames import FRAMES_MAX, Frame
from opendata_api.words import Text

ONLY_ONE = Text("目前只有第1版", "there is only release 1 so far")
NUMBERED = Text("版本须在1和{last}之间", "releases are numbered from 1 to {last}")

LISTED_MAX = 64
"""The files of so many releases are kept in mind."""

THREADS = 2
"""So many files are written at once; the libraries that write them leave no time to others."""


@dataclass(frozen=True, slots=True)
class Listed:
    """What a manifest says of files."""

    history_id: str
    """Of the store that they are of."""
    by_name: Mapping[str, File]
    address: str | None
    """The public address of the service that they name."""
    holes: Sequence[Hole]
    """What was erased of the release since."""

    @classmethod
    def of(cls, manifest: str, holes: Sequence[Hole]) -> "Listed":
        """What that manifest says, with what was erased since."""
        files = {file.name: file for file in read_files(manifest)}
        told = orjson.loads(manifest)
        return cls(told["history_id"], files, told.get("address"), holes)

    def is_erased(self, file: File) -> bool:
        """Whether the file had what was erased."""
        return lacks(file, {hole.dataset for hole in self.holes})


@dataclass(frozen=True)
class Site:
    """One published service."""

    base: str
    """The public address, without a slash at the end."""
    store: Store
    datasets: Sequence[Dataset]
    exports: asyncio.Semaphore
    """The places for exports; a full house is answered with 503."""
    release_files: CheckedFiles
    """The files of releases."""
    operator: Operator = field(default_factory=lambda: Operator(TITLE))
    """Who runs the service."""
    key: str | None = None
    """The public key by which releases are signed now."""
    threads: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(THREADS, "files")
    )
    """Where files are written that take time."""
    overviews: dict[int, Overview] = field(default_factory=dict)
    """By number of the release: what was read of the newest one."""
    frames: Kept[Frame] = field(default_factory=lambda: Kept(FRAMES_MAX))
    """Of the pages asked for last."""
    _labels: dict[int, Labels] = field(default_factory=dict)
    _listed: dict[tuple[int, int], "Listed"] = field(default_factory=dict)

    @cached_property
    def dataset(self) -> Mapping[str, Dataset]:
        """The datasets by name."""
        return {dataset.name: dataset for dataset in self.datasets}

    @cached_property
    def answer_version(self) -> str:
        """Changes when the same data could be answered with other bytes."""
        operator = orjson.dumps(self.operator).decode()
        parts = (
            package_digest(),
            self.base,
            operator,
            zlib.ZLIB_RUNTIME_VERSION,
            *self._libraries,
        )
        return blake2s(" ".join(parts).encode(), digest_size=8).hexdigest()

    @cached_property
    def formats(self) -> Sequence[Format]:
        """The formats that this installation can write."""
        return tuple(format_ for format_ in FORMATS if format_.is_installed)

    @cached_property
    def files(self) -> Sequence[Format]:
        """Those that are downloaded."""
        return tuple(format_ for format_ in self.formats if format_.is_file)

    @property
    def _libraries(self) -> Sequence[str]:
        """What the formats are written and compressed by, with versions."""
        needed = [one.needs for one in self.formats if one.needs is not None]
        return [f"{name}={version(name)}" for name in (*needed, "brotli")]

    def negotiated(self, offered: Sequence[Format]) -> Sequence[Format]:
        """Of the formats of an address those that an Accept header may ask for here."""
        if offered is FORMATS:
            return self._negotiated
        return tuple(one for one in offered if one in self._negotiated)

    @cached_property
    def _negotiated(self) -> Sequence[Format]:
        return tuple(one for one in self.formats if one.accepts)

    def address(self, path: str, pairs: Pairs = ()) -> str:
        """An absolute address of this service."""
        query = join_query(pairs)
        return f"{self.base}{path}?{query}" if query else f"{self.base}{path}"

    async def release(self, asked: int | None, pairs: Pairs) -> Release:
        """The release asked for, or the newest.

        Raises OutOfRange, GoneRelease and DatabaseUnavailable.
        """
        if asked is None:
            return self.store.published.newest
        found = await self.store.release(asked)
        kept = tuple(pair for pair in pairs if pair[0] not in ("release", "cursor"))
        if (gone := self.store.published.gone.get(asked)) is not None:
            raise GoneRelease(Fault(gone.why, parameter="release"), correction=kept)
        if found is None:
            last = self.store.published.newest.n
            message = ONLY_ONE if last == 1 else NUMBERED.format(last=last)
            fault = Fault(message, parameter="release")
            raise OutOfRange(fault, correction=kept)
        return found

    async def labels(self, release: int) -> Labels:
        """The labels of all codes as of a release; kept, since a release never changes."""
        if release not in self._labels:
            body = await self.store.attachment("labels", "all", release)
            self._labels.clear()
            self._labels[release] = read_labels(body)
        return self._labels[release]

    async def listed(self, release: int) -> "Listed":
        """The files of a release; kept, since only the next release can tell of erasures."""
        key = (release, self.store.published.newest.n)
        if key not in self._listed:
            manifest = await self.store.manifest(release)
            holes = await self.store.holes(release)
            if len(self._listed) >= LISTED_MAX:
                self._listed.clear()
            self._listed[key] = Listed.of(manifest, holes)
        return self._listed[key]

"""Verifying a store of our own: what the settings name, a folder, or a file by itself."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import orjson

from opendata_api.datasets import DOCUMENTS
from opendata_api.describe import Dataset
from opendata_api.files import CheckedFiles, FilesFolder, MissingFile
from opendata_api.formats import csv, json
from opendata_api.query import parse_query
from opendata_api.settings import Settings
from opendata_api.store.changes import LABELS
from opendata_api.store.manifest import Content, content_of, leaf_of, leaf_of_text
from opendata_api.store.model import ChangesAsked, File, Hole, Store
from opendata_api.store.place import alone, make_store
from opendata_api.store.reasons import REASONS
from opendata_api.values import Row, Stored
from opendata_api.verify.findings import CannotVerify, Told, difference

DOCUMENT_TEXTS = ("text", "coverage")
ALL = "all"
PAGE_ROWS = 1_000


@dataclass(frozen=True, slots=True)
class StorePlace:
    """A store of our own, whatever its database."""

    store: Store
    folder: FilesFolder | None = None
    """None: there are no files beside it."""

    async def manifests(self) -> Mapping[int, Told]:
        """The manifests by release, with the times, digests and signatures that the store has."""
        published = self.store.published
        told = {
            n: Told(
                await self.store.manifest(n),
                one.published_at,
                one.digest,
                await self.store.signature(n),
            )
            for n, one in published.releases.items()
        }
        gone = {
            n: Told(
                await self.store.manifest(n),
                one.published_at,
                signature=await self.store.signature(n),
                is_gone=True,
            )
            for n, one in published.gone.items()
        }
        return told | gone

    async def holes(self, release: int) -> Sequence[Hole]:
        """What was erased of a release."""
        return await self.store.holes(release)

    async def leaves(self, dataset: Dataset, release: int) -> AsyncIterator[bytes]:
        """The hashes of the records; one whose encoding says something else has another."""
        query = parse_query(dataset, ())
        is_encoded = self.store.published.is_encoded(release)
        shapes = ("json", "csv") if is_encoded else ()
        last: tuple[Stored, ...] | None = ()
        while last is not None:
            page = await self.store.page(query, release, PAGE_ROWS, None)
            encoded = [await self.store.page(query, release, PAGE_ROWS, one) for one in shapes]
            for place, row in enumerate(page.rows):
                lines = [one.rows[place][0] if place < len(one.rows) else "" for one in encoded]
                yield _leaf(dataset, row, lines)
            last = page.last if page.has_next else None
            if last is not None:
                query = query.beside(release, last, backwards=False)

    async def changes(self, release: int, since: int) -> AsyncIterator[Sequence[object]]:
        """What is told of each change of a release."""
        while True:
            asked = ChangesAsked(since=since, release=release, limit=PAGE_ROWS)
            page = await self.store.changes(asked, {}, self.store.published.newest.n)
            for one in page.changes:
                reason = (one.reason_zh, one.reason_en)
                told = (one.dataset, one.id, one.kind, one.cause, *reason, list(one.changed))
                yield (one.seq, *told)
                since = one.seq
            if not page.has_next:
                return

    async def fault_of_texts(
        self, release: int, published: Content | None, erased: Sequence[bytes]
    ) -> str | None:
        """What is wrong with the texts of the documents, the labels and the reasons."""
        query = parse_query(DOCUMENTS, (("fields", "id"),))
        names = [(LABELS, ALL), (REASONS, ALL)]
        async for batch in self.store.export(query, release, None):
            names += [(kind, str(one)) for (one,) in batch for kind in DOCUMENT_TEXTS]
        leaves = [*erased]
        for kind, name in names:
            body = await self.store.attachment(kind, name, release)
            if body is not None:
                leaves.append(leaf_of_text(kind, name, body))
        return difference(content_of(leaves), published)

    async def files(
        self, release: int, listed: Sequence[File]
    ) -> AsyncIterator[tuple[File, str | None]]:
        """The files in the folder; those of releases that keep none are not looked at."""
        newest = self.store.published.newest.n
        if self.folder is None or not self.folder.is_kept(release, newest):
            return
        history_id = orjson.loads(await self.store.manifest(release))["history_id"]
        checked = CheckedFiles(self.folder)
        for file in listed:
            try:
                await checked.find(history_id, file)
            except MissingFile as error:
                yield file, str(error)
            else:
                yield file, None


def _leaf(dataset: Dataset, row: Row, lines: Sequence[object]) -> bytes:
    fields = dataset.fields
    expected = [json.encode_row(fields, row), csv.encode_line(fields, row)]
    is_whole = all(line == wanted for line, wanted in zip(lines, expected, strict=False))
    return leaf_of(dataset, row[: len(dataset.stored)]) if is_whole else b""


@asynccontextmanager
async def open_store(place: str | None, settings: Settings) -> AsyncIterator[StorePlace]:
    """A folder or file of SQLite, or what the settings name. Raises CannotVerify and StoreError."""
    with _settings_of(place, settings) as (chosen, folder):
        store = make_store(chosen)
        await store.open()
        try:
            yield StorePlace(store, folder)
        finally:
            await store.close()


@contextmanager
def _settings_of(
    place: str | None, settings: Settings
) -> Iterator[tuple[Settings, FilesFolder | None]]:
    """With the folder of the files, unless it is a file or folder without any."""
    path = None if place is None else Path(place)
    if path is None:
        yield settings, _folder_of(settings)
    elif path.is_dir():
        chosen = Settings(
            data_dir=path, database_url=None, files=None, files_releases=settings.files_releases
        )
        files = _folder_of(chosen)
        yield chosen, files if files.path.is_dir() else None
    elif path.is_file():
        with TemporaryDirectory() as folder, alone(path, Path(folder)) as made:
            yield Settings(data_dir=made, database_url=None), None
    else:
        raise CannotVerify(f"{place}: no such file, folder or address")


def _folder_of(settings: Settings) -> FilesFolder:
    return FilesFolder(settings.files_folder, settings.files_releases)

"""Whether what is there is what was published: rows, texts and encodings against the manifests."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import httpx
import orjson

from opendata_api.datasets import DATASETS, DOCUMENTS
from opendata_api.describe import Dataset
from opendata_api.formats import csv, json
from opendata_api.query import parse_query
from opendata_api.settings import Settings
from opendata_api.store.changes import LABELS
from opendata_api.store.manifest import TEXTS, Content, content_of, hash_text, leaf_of, leaf_of_text
from opendata_api.store.model import Store
from opendata_api.store.place import alone, make_store
from opendata_api.store.reasons import REASONS
from opendata_api.values import Row, Stored, to_row

DOCUMENT_TEXTS = ("text", "coverage")
ALL = "all"
WAIT_S = 30.0
PAGE_ROWS = 1_000


class CannotVerify(Exception):
    """There is nothing to hold the content to; the message says why."""


class Place(Protocol):
    """Where releases lie that are to be verified."""

    async def manifests(self) -> Mapping[int, str | None]:
        """The manifests by release."""

    def leaves(self, dataset: Dataset, release: int) -> AsyncIterator[bytes]:
        """The hashes of a dataset's records."""

    async def texts(self, release: int) -> Content | None:
        """The texts beside the records as one hash; None where not all can be read."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of a part of a release."""

    release: int
    part: str
    fault: str | None
    """None: it is what was published."""


async def verify(place: Place) -> AsyncIterator[Finding]:
    """What is found of each part of each release, the oldest first."""
    before: str | None = None
    for n, manifest in sorted((await place.manifests()).items()):
        if manifest is None:
            yield Finding(n, "manifest", "there is none")
            continue
        told = orjson.loads(manifest)
        yield Finding(n, "manifest", _broken_chain(told, n, before))
        before = manifest
        contents = {name: Content(**one) for name, one in told["contents"].items()}
        for dataset in DATASETS:
            leaves = [leaf async for leaf in place.leaves(dataset, n)]
            found, published = content_of(leaves), contents.get(dataset.name)
            yield Finding(n, dataset.name, _difference(found, published))
        texts = await place.texts(n)
        if texts is not None:
            yield Finding(n, TEXTS, _difference(texts, contents.get(TEXTS)))


def _broken_chain(told: Mapping[str, Any], n: int, before: str | None) -> str | None:
    previous = None if before is None else hash_text(before)
    if told["release"] != n or told["previous"] != previous:
        return "it does not follow the one before"
    if before is not None and orjson.loads(before)["history_id"] != told["history_id"]:
        return "it is of another history"
    return None


def _difference(found: Content, published: Content | None) -> str | None:
    if found == published:
        return None
    counts = "none" if published is None else f"{published.count:,}"
    return f"{found.count:,} records were read, {counts} were published, or some are others"


@dataclass(frozen=True, slots=True)
class StorePlace:
    """A store of our own, whatever its database."""

    store: Store

    async def manifests(self) -> Mapping[int, str | None]:
        """The manifests by release."""
        return {n: one.manifest for n, one in self.store.published.releases.items()}

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
                yield _leaf(dataset, row, [one.rows[place][0] for one in encoded])
            last = page.last if page.has_next else None
            if last is not None:
                query = query.beside(release, last, backwards=False)

    async def texts(self, release: int) -> Content | None:
        """The texts of the documents, the labels and the reasons."""
        query = parse_query(DOCUMENTS, (("fields", "id"),))
        names = [(LABELS, ALL), (REASONS, ALL)]
        async for batch in self.store.export(query, release, None):
            names += [(kind, str(one)) for (one,) in batch for kind in DOCUMENT_TEXTS]
        leaves = []
        for kind, name in names:
            body = await self.store.attachment(kind, name, release)
            if body is not None:
                leaves.append(leaf_of_text(kind, name, body))
        return content_of(leaves)


def _leaf(dataset: Dataset, row: Row, lines: Sequence[object]) -> bytes:
    fields = dataset.fields
    expected = [json.encode_row(fields, row), csv.encode_line(fields, row)]
    is_whole = all(line == wanted for line, wanted in zip(lines, expected, strict=False))
    return leaf_of(dataset, row[: len(dataset.stored)]) if is_whole else b""


@dataclass(frozen=True, slots=True)
class ServicePlace:
    """A running service, read through its addresses."""

    client: httpx.AsyncClient

    async def manifests(self) -> Mapping[int, str | None]:
        """The manifests by release."""
        releases = (await self._get("/v1/releases")).json()["data"]
        numbers = [int(one["n"]) for one in releases]
        return {n: (await self._get(f"/v1/releases/{n}/manifest")).text for n in numbers}

    async def leaves(self, dataset: Dataset, release: int) -> AsyncIterator[bytes]:
        """The hashes of the records, computed of what the service answers."""
        address: str | None = f"/v1/{dataset.name}?limit=1000&release={release}"
        while address is not None:
            page = (await self._get(address)).json()
            for row in _rows(dataset, page["data"]):
                yield leaf_of(dataset, row)
            address = page["links"]["next"]

    async def texts(self, release: int) -> Content | None:
        """Not all of them are served; each document's hash stands in its record."""
        del release
        return None

    async def _get(self, address: str) -> httpx.Response:
        try:
            answer = await self.client.get(address)
        except httpx.HTTPError as error:
            raise CannotVerify(f"{address}: {type(error).__name__}") from error
        if answer.status_code != httpx.codes.OK:
            raise CannotVerify(f"{address}: {answer.status_code}")
        return answer


def _rows(dataset: Dataset, records: Sequence[Mapping[str, Any]]) -> Iterator[Row]:
    names = [field.name for field in dataset.stored]
    for record in records:
        own = {name: record[name] for name in names}
        yield to_row(dataset, dataset.model.model_validate(own))


@asynccontextmanager
async def open_place(place: str | None, settings: Settings) -> AsyncIterator[Place]:
    """A service's address, a folder or file of SQLite, or what the settings name.

    Raises CannotVerify and StoreError.
    """
    if place is not None and place.startswith(("http://", "https://")):
        async with httpx.AsyncClient(base_url=place, timeout=WAIT_S, trust_env=False) as client:
            yield ServicePlace(client)
        return
    with _settings_of(place, settings) as chosen:
        store = make_store(chosen)
        await store.open()
        try:
            yield StorePlace(store)
        finally:
            await store.close()


@contextmanager
def _settings_of(place: str | None, settings: Settings) -> Iterator[Settings]:
    path = None if place is None else Path(place)
    if path is None:
        yield settings
    elif path.is_dir():
        yield Settings(data_dir=path, database_url=None)
    elif path.is_file():
        with TemporaryDirectory() as folder, alone(path, Path(folder)) as made:
            yield Settings(data_dir=made, database_url=None)
    else:
        raise CannotVerify(f"{place}: no such file, folder or address")

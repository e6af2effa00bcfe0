"""Whether what is there is what was published: rows, texts and encodings against the manifests."""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from json import loads as json_of
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Protocol

import httpx
import orjson
from httpx import URL

from opendata_api.datasets import DATASETS, DOCUMENTS
from opendata_api.describe import Dataset
from opendata_api.formats import csv, json
from opendata_api.query import parse_query
from opendata_api.settings import Settings
from opendata_api.store.changes import LABELS
from opendata_api.store.manifest import (
    TEXTS,
    Content,
    Contents,
    chain_change,
    content_of,
    digest_contents,
    hash_text,
    leaf_of,
    leaf_of_text,
)
from opendata_api.store.model import ChangesAsked, Store
from opendata_api.store.place import alone, make_store
from opendata_api.store.reasons import REASONS
from opendata_api.values import Row, Stored, to_row

DOCUMENT_TEXTS = ("text", "coverage")
ALL = "all"
WAIT_S = 30.0
PAGE_ROWS = 1_000
CHANGES = "changes"
MEMBERS = {"history_id", "release", "published_at", "previous", "contents", "changes"}


class CannotVerify(Exception):
    """There is nothing to hold the content to; the message says why."""


@dataclass(frozen=True, slots=True)
class Told:
    """A manifest and what is told of its release beside it."""

    manifest: str | None
    published_at: str
    digest: str | None = None
    """None where it is not told."""


class Place(Protocol):
    """Where releases lie that are to be verified."""

    async def manifests(self) -> Mapping[int, Told]:
        """The manifests by release, with what is told of each release beside."""

    def leaves(self, dataset: Dataset, release: int) -> AsyncIterator[bytes]:
        """The hashes of a dataset's records."""

    def changes(self, release: int, since: int) -> AsyncIterator[Sequence[object]]:
        """What is told of each change of a release, those after a number in order."""

    async def fault_of_texts(self, release: int, published: Content | None) -> str | None:
        """What is wrong with the texts beside the records."""


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
    since = 0
    for n, beside in sorted((await place.manifests()).items()):
        if beside.manifest is None:
            yield Finding(n, "manifest", "there is none")
            continue
        told = _read_manifest(beside.manifest)
        if told is None:
            yield Finding(n, "manifest", "it can't be read")
            continue
        contents = {name: Content(**one) for name, one in told["contents"].items()}
        fault = _broken_chain(told, n, before) or _other_release(told, contents, beside)
        yield Finding(n, "manifest", fault)
        before = beside.manifest
        for dataset in DATASETS:
            leaves = [leaf async for leaf in place.leaves(dataset, n)]
            found, published = content_of(leaves), contents.get(dataset.name)
            yield Finding(n, dataset.name, _difference(found, published))
        yield Finding(n, TEXTS, await place.fault_of_texts(n, contents.get(TEXTS)))
        count, chain = 0, b""
        async for change in place.changes(n, since):
            count, since, chain = count + 1, int(str(change[0])), chain_change(chain, change)
        changes = Content(count, chain.hex())
        yield Finding(n, CHANGES, _difference(changes, Content(**told["changes"])))


def _read_manifest(text: str) -> Mapping[str, Any] | None:
    try:
        told = orjson.loads(text)
        is_whole = {*told} >= MEMBERS
    except (orjson.JSONDecodeError, TypeError):
        return None
    return told if is_whole else None


def _broken_chain(told: Mapping[str, Any], n: int, before: str | None) -> str | None:
    previous = None if before is None else hash_text(before)
    if told["release"] != n or told["previous"] != previous:
        return "it does not follow the one before"
    if before is not None and orjson.loads(before)["history_id"] != told["history_id"]:
        return "it is of another history"
    return None


def _other_release(told: Mapping[str, Any], contents: Contents, beside: Told) -> str | None:
    """A manifest that no other follows yet is held to what is told of its release."""
    is_same_time = told["published_at"] == beside.published_at
    digest = digest_contents(contents)
    if is_same_time and beside.digest in (None, digest):
        return None
    return "it is not that of the release"


def _difference(found: Content, published: Content | None) -> str | None:
    if found == published:
        return None
    counts = "none" if published is None else f"{published.count:,}"
    return f"{found.count:,} records were read, {counts} were published, or some are others"


@dataclass(frozen=True, slots=True)
class StorePlace:
    """A store of our own, whatever its database."""

    store: Store

    async def manifests(self) -> Mapping[int, Told]:
        """The manifests by release, with the times and digests that the store has."""
        return {
            n: Told(await self.store.manifest(n), one.published_at, one.digest)
            for n, one in self.store.published.releases.items()
        }

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
            page = await self.store.changes(asked, {}, release)
            for one in page.changes:
                reason = (one.reason_zh, one.reason_en)
                told = (one.dataset, one.id, one.kind, one.cause, *reason, list(one.changed))
                yield (one.seq, *told)
                since = one.seq
            if not page.has_next:
                return

    async def fault_of_texts(self, release: int, published: Content | None) -> str | None:
        """What is wrong with the texts of the documents, the labels and the reasons."""
        query = parse_query(DOCUMENTS, (("fields", "id"),))
        names = [(LABELS, ALL), (REASONS, ALL)]
        async for batch in self.store.export(query, release, None):
            names += [(kind, str(one)) for (one,) in batch for kind in DOCUMENT_TEXTS]
        leaves = []
        for kind, name in names:
            body = await self.store.attachment(kind, name, release)
            if body is not None:
                leaves.append(leaf_of_text(kind, name, body))
        return _difference(content_of(leaves), published)


def _leaf(dataset: Dataset, row: Row, lines: Sequence[object]) -> bytes:
    fields = dataset.fields
    expected = [json.encode_row(fields, row), csv.encode_line(fields, row)]
    is_whole = all(line == wanted for line, wanted in zip(lines, expected, strict=False))
    return leaf_of(dataset, row[: len(dataset.stored)]) if is_whole else b""


@dataclass(frozen=True, slots=True)
class ServicePlace:
    """A running service, read through its addresses."""

    client: httpx.AsyncClient

    async def manifests(self) -> Mapping[int, Told]:
        """The manifests by release, with the times that the service tells."""
        releases = _read_answer(await self._get("/v1/releases"))["data"]
        return {
            one["n"]: Told(
                (await self._get(f"/v1/releases/{one['n']}/manifest")).text, one["published_at"]
            )
            for one in releases
        }

    async def changes(self, release: int, since: int) -> AsyncIterator[Sequence[object]]:
        """What is told of each change of a release."""
        async for one in self._pages(f"/v1/changes?limit=1000&since={since}"):
            if one["release"] > release:
                return
            reason = one["reason"] or {"zh": None, "en": None}
            told = (one["dataset"], one["id"], one["kind"], one["cause"])
            yield (one["seq"], *told, reason["zh"], reason["en"], one["changed"])

    async def leaves(self, dataset: Dataset, release: int) -> AsyncIterator[bytes]:
        """The hashes of the records, computed of what the service answers."""
        async for record in self._records(dataset, release):
            yield leaf_of(dataset, _row(dataset, record))

    async def fault_of_texts(self, release: int, published: Content | None) -> str | None:
        """What is wrong with the documents; labels and reasons are not served as they lie."""
        del published
        async for record in self._records(DOCUMENTS, release):
            address = f"/v1/documents/{record['id']}/text?release={release}"
            text = await self._get(address)
            if sha256(text.content).hexdigest() != record["sha256"]:
                return f"the text of {record['id']} is another"
        return None

    def _records(self, dataset: Dataset, release: int) -> AsyncIterator[Mapping[str, Any]]:
        return self._pages(f"/v1/{dataset.name}?limit=1000&release={release}")

    async def _pages(self, address: str | None) -> AsyncIterator[Mapping[str, Any]]:
        """The items of all pages, each asked of the same service whatever its own address is."""
        while address is not None:
            page = _read_answer(await self._get(address))
            for item in page["data"]:
                yield item
            following = page["links"]["next"]
            address = None if following is None else URL(following).raw_path.decode()

    async def _get(self, address: str) -> httpx.Response:
        try:
            answer = await self.client.get(address)
        except httpx.HTTPError as error:
            raise CannotVerify(f"{address}: {type(error).__name__}") from error
        if answer.status_code != httpx.codes.OK:
            raise CannotVerify(f"{address}: {answer.status_code}")
        return answer


def _read_answer(answer: httpx.Response) -> Mapping[str, Any]:
    """An answer with rows; decimals are read exactly."""
    try:
        read = json_of(answer.text, parse_float=Decimal)
    except ValueError:
        read = None
    if not isinstance(read, dict) or not {"data", "links"} <= read.keys():
        raise CannotVerify(f"{answer.url}: no answer of this service")
    return read


def _row(dataset: Dataset, record: Mapping[str, Any]) -> Row:
    """The stored fields of a record as a row keeps them."""
    own = {field.name: record[field.name] for field in dataset.stored}
    return to_row(dataset, dataset.model.model_validate(own))


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

"""Whether what is there is what was published, part by part."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import orjson

from opendata_api.datasets import DATASETS
from opendata_api.describe import Dataset
from opendata_api.files.folder import lacks
from opendata_api.signing import check_signature
from opendata_api.store.changes import Kind
from opendata_api.store.manifest import (
    TEXTS,
    Content,
    Contents,
    chain_change,
    content_of,
    digest_contents,
    hash_text,
    read_files,
)
from opendata_api.store.model import File, Hole

CHANGES = "changes"
ERASED = "erased"
SIGNATURE = "signature"
MEMBERS = {"history_id", "release", "published_at", "previous", "contents", "changes"}


class CannotVerify(Exception):
    """There is nothing to hold the content to; the message says why."""


@dataclass(frozen=True, slots=True)
class Told:
    """A manifest and what is told of its release beside it."""

    manifest: str
    """As it lies there; empty where there is none."""
    published_at: str
    digest: str | None = None
    """None where it is not told."""
    signature: str | None = None
    """Of the manifest; None where it is not signed."""
    is_gone: bool = False
    """Whether the release was withdrawn by law, so that nothing else of it can be read."""


class Place(Protocol):
    """Where releases lie that are to be verified."""

    async def manifests(self) -> Mapping[int, Told]:
        """The manifests by release, with what is told of each release beside."""

    def leaves(self, dataset: Dataset, release: int) -> AsyncIterator[bytes]:
        """The hashes of a dataset's records."""

    def changes(self, release: int, since: int) -> AsyncIterator[Sequence[object]]:
        """What is told of each change of a release, those after a number in order."""

    async def fault_of_texts(
        self, release: int, published: Content | None, erased: Sequence[bytes]
    ) -> str | None:
        """What is wrong with the texts beside the records; of those erased there are hashes."""

    async def holes(self, release: int) -> Sequence[Hole]:
        """What was erased of a release."""

    def files(self, release: int, listed: Sequence[File]) -> AsyncIterator[tuple[File, str | None]]:
        """The files that are looked at, each with what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of a part of a release."""

    release: int
    part: str
    fault: str | None
    """None: it is what was published."""


async def verify(place: Place, trusted: Collection[str] | None = None) -> AsyncIterator[Finding]:
    """What is found of each part of each release, the oldest first.

    With trusted public keys given, each release must be signed by one of them, or stand in the
    chain of one that is. Raises NoCryptography where a release is signed.
    """
    before: str | None = None
    since = 0
    lacking: dict[str, int] = {}
    told_erased: set[str] = set()
    manifests = await place.manifests()
    vouched = _vouched(manifests, trusted)
    for n, beside in sorted(manifests.items()):
        told = _read_manifest(beside.manifest)
        if told is None:
            yield Finding(n, "manifest", "it can't be read")
            continue
        contents = {name: Content(**one) for name, one in told["contents"].items()}
        fault = _broken_chain(told, n, before) or _other_release(told, contents, beside)
        yield Finding(n, "manifest", fault)
        if beside.signature is not None or (trusted is not None and n > vouched):
            yield Finding(n, SIGNATURE, _wrong_signature(beside, trusted))
        before = beside.manifest
        changes = Changes(since)
        yield await changes.verify(place, n, Content(**told["changes"]))
        since, told_erased = changes.last, told_erased | changes.erased
        if beside.is_gone:
            continue
        holes = await place.holes(n)
        lacking |= {hole.id: n for hole in holes}
        async for finding in _verify_contents(place, n, contents, holes):
            yield finding
        erased = {hole.dataset for hole in holes}
        listed = [one for one in read_files(beside.manifest) if not lacks(one, erased)]
        async for file, wrong in place.files(n, listed):
            yield Finding(n, file.name, wrong)
    for record_id in sorted(lacking.keys() - told_erased):
        yield Finding(lacking[record_id], ERASED, f"no change tells that {record_id} was erased")


def _vouched(manifests: Mapping[int, Told], trusted: Collection[str] | None) -> int:
    """The newest release that a trusted key has signed, and with it all before; 0 for none."""
    if trusted is None:
        return 0
    signed = [n for n, one in manifests.items() if _wrong_signature(one, trusted) is None]
    return max(signed, default=0)


@dataclass(slots=True)
class Changes:
    """The changes of a release, as they are told."""

    last: int
    """The number of the last one that was read."""
    erased: set[str] = field(default_factory=set)
    """The ids that were erased."""

    async def verify(self, place: Place, n: int, published: Content) -> Finding:
        """What is found of those after the last."""
        count, chain = 0, b""
        async for change in place.changes(n, self.last):
            count, chain = count + 1, chain_change(chain, change)
            self.last = int(str(change[0]))
            if change[3] == Kind.ERASED:
                self.erased.add(str(change[2]))
        return Finding(n, CHANGES, difference(Content(count, chain.hex()), published))


async def _verify_contents(
    place: Place, n: int, contents: Contents, holes: Sequence[Hole]
) -> AsyncIterator[Finding]:
    """What is found of the records and texts, of those erased since by their hashes."""
    erased = _by_dataset(holes)
    for dataset in DATASETS:
        leaves = [leaf async for leaf in place.leaves(dataset, n)]
        leaves += erased.get(dataset.name, ())
        found, published = content_of(leaves), contents.get(dataset.name)
        yield Finding(n, dataset.name, difference(found, published))
    fault = await place.fault_of_texts(n, contents.get(TEXTS), erased.get(TEXTS, ()))
    yield Finding(n, TEXTS, fault)


def _by_dataset(holes: Sequence[Hole]) -> Mapping[str, Sequence[bytes]]:
    """The hashes of what was erased."""
    found: dict[str, list[bytes]] = {}
    for hole in holes:
        found.setdefault(hole.dataset, []).append(bytes.fromhex(hole.leaf))
    return found


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


def _wrong_signature(beside: Told, trusted: Collection[str] | None) -> str | None:
    if beside.signature is None:
        return "there is none"
    return check_signature(beside.manifest, beside.signature, trusted)


def difference(found: Content, published: Content | None) -> str | None:
    """What is wrong with what was found, if anything."""
    if found == published:
        return None
    counts = "none" if published is None else f"{published.count:,}"
    return f"{found.count:,} records were read, {counts} were published, or some are others"

"""What a release consists of, by hashes: its manifest, chained to the one before.

The records of a dataset are the leaves of a tree (RFC 9162, section 2.1, with the leaves in the
order of their hashes), so that one hash stands for all of them, and for those that were erased
since: of these the hash is kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import sha256

import orjson

from opendata_api.describe import Dataset
from opendata_api.store.model import Edition, File, Release
from opendata_api.store.reasons import attachments_of
from opendata_api.values import Row
from opendata_api.words import Text

VERSION = 1
TEXTS = "texts"
"""The name under which the texts beside the records stand in a manifest."""


@dataclass(frozen=True, slots=True)
class Content:
    """The records of a dataset, or the texts, as one hash."""

    count: int
    root: str


Contents = Mapping[str, Content]
"""By dataset, and the texts."""


def fingerprint(datasets: Sequence[Dataset], edition: Edition) -> Contents:
    """The contents of an edition."""
    contents = {
        one.name: content_of(leaf_of(one, row) for row in edition.rows[one.name])
        for one in datasets
    }
    texts = (leaf_of_text(one.kind, one.id, one.body) for one in attachments_of(edition))
    return contents | {TEXTS: content_of(texts)}


def digest_contents(contents: Contents) -> str:
    """By which an unchanged edition is known."""
    roots = sorted((name, one.count, one.root) for name, one in contents.items())
    return sha256(orjson.dumps(roots)).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a release consists of."""

    release: Release
    history_id: str
    previous: str | None
    """The manifest before, as it was written."""
    contents: Contents
    changes: Content
    files: Sequence[File] = ()
    address: str | None = None
    """Of the service, as the files name it; None without files."""
    notes: Text | None = None

    def write(self) -> str:
        """The manifest as JSON, the same to the byte whenever it is written."""
        return orjson.dumps(
            {
                "version": VERSION,
                "history_id": self.history_id,
                "release": self.release.n,
                "published_at": self.release.published_at,
                "previous": None if self.previous is None else hash_text(self.previous),
                "contents": {name: asdict(one) for name, one in self.contents.items()},
                "changes": asdict(self.changes),
                "files": {
                    one.name: {"bytes": one.bytes, "sha256": one.sha256} for one in self.files
                },
                "address": self.address,
                "notes": None if self.notes is None else asdict(self.notes),
            },
            option=orjson.OPT_SORT_KEYS,
        ).decode()


def read_files(manifest: str) -> Sequence[File]:
    """The files that a manifest lists, by name; an older one lists none."""
    listed = orjson.loads(manifest).get("files", {})
    return [File(name, one["bytes"], one["sha256"]) for name, one in sorted(listed.items())]


def read_notes(manifest: str) -> Text | None:
    """What the publisher says of the release, if anything."""
    notes = orjson.loads(manifest).get("notes")
    return None if notes is None else Text(**notes)


def content_of(leaves: Iterable[bytes]) -> Content:
    """The leaves as one hash."""
    ordered = sorted(leaves)
    return Content(len(ordered), _root(ordered).hex())


def leaf_of(dataset: Dataset, row: Row) -> bytes:
    """The hash of a record: its id and its stored fields, in their order."""
    return _leaf(f"{row[dataset.field_names.index('id')]}\0{digest_row(row)}")


def chain_change(chain: bytes, told: Sequence[object]) -> bytes:
    """The hash of the changes of a release up to one.

    What is told of it: number, dataset, id, kind, cause, the reason in Chinese and in English, and
    the names of the fields that changed.
    """
    return sha256(chain + sha256(orjson.dumps(told)).digest()).digest()


def leaf_of_text(kind: str, name: str, body: str) -> bytes:
    """The hash of a text beside the records."""
    return _leaf(f"{kind}\0{name}\0{hash_text(body)}")


def digest_row(row: Row) -> str:
    """By which a changed row is known."""
    return sha256(orjson.dumps(row)).hexdigest()


def hash_text(text: str) -> str:
    """The SHA-256 of a text in UTF-8, in hex."""
    return sha256(text.encode()).hexdigest()


def _leaf(text: str) -> bytes:
    return sha256(b"\0" + text.encode()).digest()


def _root(nodes: Sequence[bytes]) -> bytes:
    """The hash of the tree; that of nothing is the hash of the empty text."""
    if not nodes:
        return sha256(b"").digest()
    while len(nodes) > 1:
        pairs = zip(nodes[::2], nodes[1::2], strict=False)
        above = [sha256(b"\1" + left + right).digest() for left, right in pairs]
        # The last of an odd number goes up as it is, which is the tree of the standard.
        nodes = [*above, nodes[-1]] if len(nodes) % 2 else above
    return nodes[0]

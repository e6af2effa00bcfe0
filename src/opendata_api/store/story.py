"""The changes and manifests of releases that were published before such were kept.

They are told from the versions of the records, without the reasons that nobody wrote down.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby

from opendata_api.describe import Dataset
from opendata_api.store.changes import LABELS, Entry, Kind, Log, changed_fields, kind_of
from opendata_api.store.manifest import (
    TEXTS,
    Manifest,
    content_of,
    digest_contents,
    digest_row,
    leaf_of,
    leaf_of_text,
)
from opendata_api.store.model import Release
from opendata_api.values import Row


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """A version of a record, as it lies in its table."""

    n: int
    id: str
    since: int
    until: int
    row: Row
    """Its stored fields."""


@dataclass(frozen=True, slots=True)
class KeptText:
    """A version of a text beside the records."""

    kind: str
    id: str
    since: int
    until: int
    body: str


@dataclass(frozen=True, slots=True)
class Chapter:
    """What is written of a release."""

    release: Release
    digest: str
    manifest: str
    changes: str
    last_seq: int
    rows: Sequence[Row]
    """By CHANGE_COLUMNS."""


@dataclass(frozen=True, slots=True)
class Story:
    """All releases from the first on, as far as they have been read."""

    datasets: Sequence[Dataset]
    releases: Sequence[Release]
    entries: dict[int, list[Entry]] = field(default_factory=dict)
    leaves: dict[int, dict[str, list[bytes]]] = field(default_factory=dict)
    labels: dict[int, tuple[str | None, str | None]] = field(default_factory=dict)
    """By release: before and after."""

    def __post_init__(self) -> None:
        names = [*(dataset.name for dataset in self.datasets), TEXTS]
        self.leaves.update({one.n: {name: [] for name in names} for one in self.releases})

    def take(self, dataset: Dataset, versions: Iterable[KeptVersion]) -> Iterator[tuple[str, int]]:
        """Read the versions of a dataset, by id and release; give the digest of each number."""
        for _, group in groupby(versions, key=lambda one: one.id):
            before: KeptVersion | None = None
            for version in group:
                yield digest_row(version.row), version.n
                self._hash(dataset.name, version, leaf_of(dataset, version.row))
                if before is not None and before.until < version.since:
                    self._withdraw(dataset, before)
                    before = None
                self._begin(dataset, version, before)
                before = version
            self._withdraw(dataset, before)

    def take_texts(self, texts: Iterable[KeptText]) -> None:
        """Read the versions of the texts beside the records, those of the labels by release."""
        last: str | None = None
        for text in texts:
            self._hash(TEXTS, text, leaf_of_text(text.kind, text.id, text.body))
            if text.kind == LABELS:
                self.labels[text.since] = (last, text.body)
                last = text.body

    def chapters(self, history_id: str) -> Iterator[Chapter]:
        """What is written of each release, the oldest first."""
        seq, previous = 0, None
        for release in self.releases:
            log = Log(release.n, seq, {})
            rows = [log.number(entry) for entry in self.entries.get(release.n, ())]
            rows += log.of_labels(*self.labels.get(release.n, (None, None)))
            contents = {name: content_of(some) for name, some in self.leaves[release.n].items()}
            manifest = Manifest(
                release=release,
                history_id=history_id,
                previous=previous,
                contents=contents,
                changes=log.content,
            ).write()
            digest = digest_contents(contents)
            yield Chapter(release, digest, manifest, log.summary, log.seq, rows)
            seq, previous = log.seq, manifest

    def _hash(self, name: str, kept: KeptVersion | KeptText, leaf: bytes) -> None:
        for release in self.releases:
            if kept.since <= release.n < kept.until:
                self.leaves[release.n][name].append(leaf)

    def _begin(self, dataset: Dataset, version: KeptVersion, before: KeptVersion | None) -> None:
        if before is None:
            entry = Entry(dataset.name, version.id, Kind.ADDED, n=version.n)
        else:
            changed = changed_fields(dataset, before.row, version.row)
            kind = kind_of(dataset, changed)
            entry = Entry(
                dataset.name,
                version.id,
                kind,
                changed=changed,
                before_n=before.n,
                n=version.n,
            )
        self.entries.setdefault(version.since, []).append(entry)

    def _withdraw(self, dataset: Dataset, last: KeptVersion | None) -> None:
        if last is not None and last.until <= self.releases[-1].n:
            entry = Entry(dataset.name, last.id, Kind.WITHDRAWN, before_n=last.n)
            self.entries.setdefault(last.until, []).append(entry)

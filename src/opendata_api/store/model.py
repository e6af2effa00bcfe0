"""What a store takes and gives."""

from collections import Counter
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import orjson

from opendata_api.describe import Dataset
from opendata_api.formats import ENCODING, json
from opendata_api.query import GroupQuery, Query
from opendata_api.values import EncodedRows, Row
from opendata_api.words import Text


@dataclass(frozen=True, slots=True)
class Release:
    """An edition of the data."""

    n: int
    published_at: str
    """UTC to the second, with Z."""
    digest: str
    encoding: int = ENCODING
    """In which all rows of the release lie encoded."""
    changes: str = '{"first_seq":1,"counts":{}}'
    """The number of its first change and how many of each kind it made, as JSON."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text beside the rows: a document's words, the labels of the codes."""

    kind: str
    id: str
    body: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a record was changed or withdrawn."""

    id: str
    cause: str | None
    """`curation`: we had read it wrongly; `publisher`: the government changed it; None: neither,
    it must not stay public."""
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Edition:
    """What a release consists of."""

    rows: Mapping[str, Sequence[Row]]
    """By dataset: the values of its stored fields, in their order."""
    attachments: Sequence[Attachment]
    reasons: Sequence[Reason] = ()
    """Of every change that was ever published, and of those that this edition makes."""
    notes: Text | None = None
    """What the publisher says of the release."""

    @property
    def labels(self) -> str | None:
        """The labels of all codes, as JSON."""
        found = (one.body for one in self.attachments if (one.kind, one.id) == ("labels", "all"))
        return next(found, None)


@dataclass(frozen=True, slots=True)
class File:
    """A file of a release, as its manifest lists it."""

    name: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Hole:
    """What was erased of releases, of which the hash remains."""

    dataset: str
    """`texts` for a text beside the records."""
    kind: str
    """Of a text; empty for a record."""
    id: str
    since: int
    """The first release that had it."""
    until: int
    """The first that did not."""
    leaf: str
    """Its hash in the tree of the manifest, in hex."""


@dataclass(frozen=True, slots=True)
class GoneRelease:
    """A release that was withdrawn by law."""

    n: int
    published_at: str
    why: Text
    changes: str
    """As of a release that can be read."""


@dataclass(frozen=True)
class Published:
    """The releases that can be read, at least one, with the counts of their rows."""

    releases: Mapping[int, Release]
    counts: Mapping[tuple[str, int], int]
    """By name of the dataset and number of the release."""
    gone: Mapping[int, GoneRelease] = field(default_factory=dict)
    """Those that can't be read any more."""

    @cached_property
    def first(self) -> int:
        """The number of the first release, whether or not it can be read."""
        return min([*self.releases, *self.gone])

    def changes_of(self, release: int) -> str:
        """The number of a release's first change and how many it made, as JSON."""
        return (self.releases.get(release) or self.gone[release]).changes

    def time_of(self, release: int) -> str:
        """When a release was published, whether or not it can be read."""
        return (self.releases.get(release) or self.gone[release]).published_at

    @cached_property
    def newest(self) -> Release:
        """The release that is served unless another is asked for."""
        return self.releases[max(self.releases)]

    def count_of(self, dataset: Dataset, release: int) -> int:
        """How many rows a dataset has; one that is younger than the release has none."""
        return self.counts.get((dataset.name, release), 0)

    def count(self, query: Query, release: int) -> int:
        """How many rows the query's dataset has."""
        return self.count_of(query.dataset, release)

    def others(self, query: Query, release: int) -> int:
        """No more versions than this has the query's dataset that are not of the release."""
        return self._versions.get(query.dataset.name, 0) - self.count(query, release)

    def versions(self, query: Query, release: int) -> int:
        """No fewer than the versions of all releases that the query's dataset has."""
        return self.count(query, release) + max(self.others(query, release), 0)

    def found_most(self, query: Query, release: int) -> int:
        """No more rows than this are found: of words also those of other releases."""
        return (self.versions if query.is_searched else self.count)(query, release)

    @cached_property
    def _versions(self) -> Mapping[str, int]:
        """No fewer than the versions that each dataset has, by its name: all that was changed."""
        told = [one.changes for one in self.releases.values()]
        told += [one.changes for one in self.gone.values()]
        found: Counter[str] = Counter()
        for changes in told:
            for dataset, kinds in orjson.loads(changes).get("counts", {}).items():
                found[dataset] += sum(kinds.values())
        return found

    def most_rows(self, query: Query, release: int) -> int:
        """No more rows than this can be in the answer to a query for all rows."""
        count = self.count(query, release)
        return count if query.limit is None else min(query.limit, count)

    def is_encoded(self, release: int) -> bool:
        """Whether this program would encode the rows as they lie encoded."""
        return self.releases[release].encoding == ENCODING


@dataclass(frozen=True, slots=True)
class Total:
    """How many rows match."""

    count: int
    exact: bool = True
    """False: at least that many."""


@dataclass(frozen=True, slots=True)
class RowsPage:
    """A page of rows, either encoded or as values, in the order asked."""

    rows: Sequence[Row]
    ends: Sequence[Row]
    """The sort keys of its first row and of its last; empty ones where encoded rows say them."""
    has_previous: bool
    has_next: bool

    @property
    def first(self) -> Row | None:
        """The sort keys of its first row; None when it is empty."""
        return self._keys(0)

    @property
    def last(self) -> Row | None:
        """The sort keys of its last row; None when it is empty."""
        return self._keys(-1)

    def _keys(self, place: int) -> Row | None:
        if not self.rows:
            return None
        keys = self.ends[place]
        if not keys and isinstance(self.rows, EncodedRows):
            return (json.read_id(self.rows.texts[place]),)
        return keys


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups of rows, in the order asked, no more than asked."""

    rows: Sequence[Row]
    """Of facets: a value and its count. Of aggregates: the keys, the unit where something is
    computed, then the count or the value with its qualifier for each function."""
    total: int
    """How many groups there are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangesAsked:
    """Which changes are asked for."""

    since: int = 0
    """Those with a higher number."""
    limit: int
    release: int | None = None
    """Those of one release."""
    dataset: str | None = None
    id: str | None = None
    kinds: tuple[str, ...] = ()
    """Those of any of these kinds; empty for all."""
    newest_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRecord:
    """What happened to a record, or to the label of a code, in a release."""

    seq: int
    release: int
    dataset: str
    """`labels` for the label of a code, whose id is `list/code`."""
    id: str
    kind: str
    cause: str | None
    reason_zh: str | None
    reason_en: str | None
    changed: tuple[str, ...]
    """The names of the fields whose values are others now."""
    before: Row | None
    """All fields of the record as it was."""
    record: Row | None
    """All fields of the record as it became."""
    until: int | None
    """The first release that has that record no more as it became; None without such a record."""
    before_label: str | None
    """A label as it was, as JSON."""
    label: str | None


@dataclass(frozen=True, slots=True)
class ChangesPage:
    """Some changes, in the order asked."""

    changes: Sequence[ChangeRecord]
    has_next: bool


class Store(Protocol):
    """Reading what is published, the same from either database.

    Reads raise ExpensiveQuery for what no index serves, StatementTimeout past the deadline and
    DatabaseUnavailable where the database, or anything published, is away.
    """

    read_rows_max: int
    """A query that would read more rows than this is refused, unless an index serves it."""

    async def open(self) -> None:
        """Find what is published and follow it from now on. Raises StoreError."""

    async def close(self) -> None:
        """Stop following and let go of the database."""

    async def refresh(self) -> None:
        """Look for what is published now. Raises StoreError, or as every read."""

    async def check(self) -> None:
        """Read the newest release from the database now. Raises as every read."""

    @property
    def published(self) -> Published:
        """What is published, as last seen. Raises DatabaseUnavailable for nothing."""

    async def release(self, n: int) -> Release | None:
        """The release of that number, looked for again if it is newer than what is known."""

    async def page(self, query: Query, release: int, limit: int, shape: str | None) -> RowsPage:
        """One page. With shape `json` or `csv`, each row is its one encoded text."""

    async def total(self, query: Query, release: int) -> Total:
        """How many rows match: exact from the counts or up to 10,000."""

    async def facets(self, query: GroupQuery, release: int) -> Sequence[Groups]:
        """The rows counted by each key: the values by count, then by value; null comes last."""

    async def groups(self, query: GroupQuery, release: int) -> Groups:
        """The rows computed by all keys together, in the order of the keys; null comes last.

        Raises NotAdditive for what would mean nothing.
        """

    async def record(self, dataset: Dataset, record_id: str, release: int) -> Row | None:
        """One record as of a release, all its fields in order."""

    async def attachment(self, kind: str, name: str, release: int) -> str | None:
        """A text beside the rows, as of a release."""

    async def changes(
        self, asked: ChangesAsked, datasets: Mapping[str, Dataset], release: int
    ) -> ChangesPage:
        """What releases changed, up to a release."""

    async def manifest(self, release: int) -> str:
        """What a release consists of, by hashes, as JSON; of one that is gone too."""

    async def holes(self, release: int) -> Sequence[Hole]:
        """What was erased of a release."""

    async def signature(self, release: int) -> str | None:
        """The signature of a release's manifest, where it is signed; of one that is gone too."""

    def export(
        self, query: Query, release: int, shape: str | None
    ) -> AsyncGenerator[Sequence[Row], None]:
        """All rows in batches; the first is read before anything is given."""

"""What a release changes, as it is told: of which kind each change is, and why it was made."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

import orjson

from opendata_api.describe import Dataset, area_of
from opendata_api.store.errors import BadPublication, UnexplainedChanges
from opendata_api.store.manifest import Content, chain_change
from opendata_api.store.model import Reason
from opendata_api.store.versions import Change, Version
from opendata_api.values import Row

LABELS = "labels"
"""The attachment that holds the labels of every code, and what the changes of labels are of."""
CHANGE_COLUMNS = (
    *("seq", "release", "area_code", "dataset", "id", "kind", "cause", "reason_zh", "reason_en"),
    *("changed", "before_n", "n", "before", "record"),
)


class Kind(StrEnum):
    """What happened to a record."""

    ADDED = "added"
    CORRECTED = "corrected"
    RELABELLED = "relabelled"
    """Only what follows from other records changed: a label, a count."""
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Told:
    """A change of a record that was there before."""

    dataset: Dataset
    id: str
    kind: Kind
    changed: Sequence[str]
    """The fields whose values are others now."""
    rows: tuple[Row, Row | None] | None
    """Its stored fields before and after; not kept of what is only relabelled."""
    reason: Reason | None = None

    @property
    def needs_reason(self) -> bool:
        """Whether it says something else than before, or nothing any more."""
        return self.kind is not Kind.RELABELLED and not self.dataset.is_derived


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an edition would change."""

    told: Sequence[Told]
    added: Mapping[str, int]
    """How many records are new, by dataset."""
    reasons: Sequence[Reason]
    """Those that the edition gives."""
    published: Sequence[Reason]
    """Those that were given before."""
    texts: Sequence[tuple[str, str]]
    """The kinds and ids of the texts beside the records that would be others."""

    def explained(self) -> Mapping[tuple[str, str], Told]:
        """The changes with their reasons. Raises UnexplainedChanges."""
        return explain(self.told, self.reasons, self.published)


def changed_fields(dataset: Dataset, before: Row, row: Row) -> tuple[str, ...]:
    """The stored fields that differ, in their order."""
    pairs = zip(dataset.stored, before, row, strict=True)
    return tuple(field.name for field, old, new in pairs if old != new)


def kind_of(dataset: Dataset, changed: Sequence[str]) -> Kind:
    """What a change of those fields is."""
    follows = dataset.is_derived or dataset.following.issuperset(changed)
    return Kind.RELABELLED if follows else Kind.CORRECTED


def tell(dataset: Dataset, record_id: str, before: Row, row: Row | None) -> Told:
    """The change. Raises BadPublication where the id would stand for something else."""
    if row is None:
        return Told(dataset, record_id, Kind.WITHDRAWN, (), (before, None))
    changed = changed_fields(dataset, before, row)
    check_identity(dataset, record_id, changed)
    kind = kind_of(dataset, changed)
    return Told(
        dataset, record_id, kind, changed, None if kind is Kind.RELABELLED else (before, row)
    )


def check_return(
    dataset: Dataset, change: Change, gone: Mapping[str, Row], erased: Collection[str]
) -> None:
    """Raise BadPublication where an id that was withdrawn comes back for something else.

    What an erased one stood for is not known any more, so that it never comes back.
    """
    if change.id in erased:
        raise BadPublication(
            f"{change.id} ({dataset.name}) was erased: give it a new id / "
            f"{change.id} 已被清除：请另用新编号"
        )
    before = gone.get(change.id)
    if before is not None and change.row is not None:
        check_identity(dataset, change.id, changed_fields(dataset, before, change.row))


def check_identity(dataset: Dataset, record_id: str, changed: Sequence[str]) -> None:
    """Raise BadPublication where those fields are what the id stands for."""
    if broken := [name for name in changed if name in dataset.identity]:
        names = ", ".join(broken)
        raise BadPublication(
            f"{record_id} ({dataset.name}) has another {names} than what was published: "
            f"withdraw it and add it under a new id / {record_id} 的 {names} 与已发布的不同："
            "请撤回原编号，另用新编号补一行"
        )


def explain(
    told: Sequence[Told], reasons: Sequence[Reason], published: Sequence[Reason]
) -> Mapping[tuple[str, str], Told]:
    """The changes by dataset and id, each with its reason: the newest that no release has used.

    Raises UnexplainedChanges for those that lack one, and for reasons of nothing.
    """
    used = set(published)
    fresh: dict[str, list[Reason]] = {}
    for reason in reasons:
        if reason not in used:
            fresh.setdefault(reason.id, []).append(reason)
    needing = [one for one in told if one.needs_reason]
    needed = {one.id for one in needing}
    lacking = [one for one in needing if one.id not in fresh]
    idle = [reason for name, some in fresh.items() if name not in needed for reason in some]
    if lacking or idle:
        raise UnexplainedChanges(lacking, idle)
    return {
        (one.dataset.name, one.id): replace(one, reason=fresh[one.id][-1])
        if one.needs_reason
        else one
        for one in told
    }


@dataclass(frozen=True, slots=True)
class Entry:
    """A change as it is written."""

    dataset: str
    id: str
    kind: Kind
    reason: Reason | None = None
    changed: Sequence[str] = ()
    before_n: int | None = None
    n: int | None = None
    before: str | None = None
    record: str | None = None


@dataclass(slots=True)
class Log:
    """The changes of one release, numbered in the order in which they are told."""

    release: int
    seq: int
    """The last number given."""
    told: Mapping[tuple[str, str], Told]
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How many were told, by dataset and kind."""
    chain: bytes = b""

    def of_records(
        self, dataset: Dataset, changes: Sequence[Change], versions: Sequence[Version]
    ) -> Sequence[Row]:
        """By CHANGE_COLUMNS; the versions are those that begin, in the order of the changes."""
        begun = iter(versions)
        return [
            self._of_record(dataset, one, None if one.row is None else next(begun).n)
            for one in changes
        ]

    def _of_record(self, dataset: Dataset, change: Change, n: int | None) -> Row:
        name = dataset.name
        told = self.told.get((name, change.id))
        if told is None or change.before is None:
            return self.number(Entry(name, change.id, Kind.ADDED, n=n))
        entry = Entry(name, change.id, told.kind, told.reason, told.changed, change.before.n, n)
        return self.number(entry)

    def of_labels(self, before: str | None, after: str | None) -> Iterator[Row]:
        """The labels of codes that came, went or changed; each text holds all labels."""
        old, new = _flat(before), _flat(after)
        for key in sorted(old.keys() | new.keys()):
            if old.get(key) != new.get(key):
                kind = Kind.RELABELLED
                if key not in old:
                    kind = Kind.ADDED
                elif key not in new:
                    kind = Kind.WITHDRAWN
                entry = Entry(LABELS, key, kind, before=old.get(key), record=new.get(key))
                yield self.number(entry)

    def number(self, entry: Entry) -> Row:
        """The entry with the next number, by CHANGE_COLUMNS."""
        self.seq += 1
        self.counts[entry.dataset, entry.kind.value] += 1
        reason = entry.reason
        told = (None, None, None) if reason is None else (reason.cause, reason.zh, reason.en)
        what = (entry.dataset, entry.id, entry.kind.value, *told, list(entry.changed))
        self.chain = chain_change(self.chain, (self.seq, *what))
        changed = orjson.dumps(list(entry.changed)).decode()
        return (
            *(self.seq, self.release, area_of(entry.id), entry.dataset, entry.id, entry.kind.value),
            *(*told, changed, entry.before_n, entry.n, entry.before, entry.record),
        )

    @property
    def summary(self) -> str:
        """The first number and the counts, as JSON."""
        counts: dict[str, dict[str, int]] = {}
        for (dataset, kind), count in sorted(self.counts.items()):
            counts.setdefault(dataset, {})[kind] = count
        first = self.seq - self.counts.total() + 1
        return orjson.dumps({"first_seq": first, "counts": counts}).decode()

    @property
    def content(self) -> Content:
        """All of them as one hash."""
        return Content(self.counts.total(), self.chain.hex())


def _flat(body: str | None) -> Mapping[str, str]:
    """Each label by `list/code`, as a record."""
    return {
        f"{codes}/{code}": orjson.dumps(
            {"codes": codes, "code": code, "label_zh": words[0], "label_en": words[1]}
        ).decode()
        for codes, labels in orjson.loads(body or "{}").items()
        for code, words in labels.items()
    }

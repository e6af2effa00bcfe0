"""What a release changes, as it is told: of which kind each change is, and why it was made."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

import orjson

from opendata_api.describe import Dataset, area_of
from opendata_api.store.errors import BadPublication, UnexplainedChanges
from opendata_api.store.model import Reason
from opendata_api.store.versions import Change
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
    before: Row
    """The values of its stored fields."""
    row: Row | None
    """None: it is withdrawn."""
    reason: Reason | None = None

    @property
    def changed(self) -> Sequence[str]:
        """The fields whose values are others now."""
        return () if self.row is None else changed_fields(self.dataset, self.before, self.row)

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

    def explained(self) -> Mapping[tuple[str, str], Told]:
        """The changes with their reasons. Raises UnexplainedChanges."""
        return explain(self.told, self.reasons, self.published)


def changed_fields(dataset: Dataset, before: Row, row: Row) -> tuple[str, ...]:
    """The stored fields that differ, in their order."""
    pairs = zip(dataset.stored, before, row, strict=True)
    return tuple(field.name for field, old, new in pairs if old != new)


def tell(dataset: Dataset, record_id: str, before: Row, row: Row | None) -> Told:
    """The change. Raises BadPublication where the id would stand for something else."""
    if row is None:
        return Told(dataset, record_id, Kind.WITHDRAWN, before, None)
    changed = changed_fields(dataset, before, row)
    if broken := [name for name in changed if name in dataset.identity]:
        raise BadPublication(
            f"{record_id} ({dataset.name}) has another {', '.join(broken)} than what is published: "
            "withdraw it and add it under a new id"
        )
    follows = dataset.following.issuperset(changed)
    return Told(dataset, record_id, Kind.RELABELLED if follows else Kind.CORRECTED, before, row)


def explain(
    told: Sequence[Told], reasons: Sequence[Reason], published: Sequence[Reason]
) -> Mapping[tuple[str, str], Told]:
    """The changes by dataset and id, each with its reason: one that was not published yet.

    Raises UnexplainedChanges for those that lack one, and for reasons of nothing.
    """
    used = set(published)
    fresh: dict[str, list[Reason]] = {}
    for reason in reasons:
        if reason not in used:
            fresh.setdefault(reason.id, []).append(reason)
    needing = [one for one in told if one.needs_reason]
    needed = {one.id for one in needing}
    lacking = [one for one in needing if len(fresh.get(one.id, ())) != 1]
    idle = [reason for name, some in fresh.items() if name not in needed for reason in some]
    if lacking or idle:
        raise UnexplainedChanges(lacking, idle)
    return {
        (one.dataset.name, one.id): _with_reason(one, fresh) if one.needs_reason else one
        for one in told
    }


def _with_reason(one: Told, fresh: Mapping[str, Sequence[Reason]]) -> Told:
    return Told(one.dataset, one.id, one.kind, one.before, one.row, fresh[one.id][0])


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

    def of_record(self, dataset: Dataset, change: Change, n: int | None) -> Row:
        """By CHANGE_COLUMNS; `n` is the number of the version that begins."""
        name = dataset.name
        told = self.told.get((name, change.id))
        if told is None or change.before is None:
            return self._number(Entry(name, change.id, Kind.ADDED, n=n))
        entry = Entry(name, change.id, told.kind, told.reason, told.changed, change.before.n, n)
        return self._number(entry)

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
                yield self._number(entry)

    def _number(self, entry: Entry) -> Row:
        self.seq += 1
        reason = entry.reason
        told = (None, None, None) if reason is None else (reason.cause, reason.zh, reason.en)
        changed = orjson.dumps(list(entry.changed)).decode()
        return (
            *(self.seq, self.release, area_of(entry.id), entry.dataset, entry.id, entry.kind.value),
            *(*told, changed, entry.before_n, entry.n, entry.before, entry.record),
        )


def _flat(body: str | None) -> Mapping[str, str]:
    """Each label by `list/code`, as a record."""
    return {
        f"{codes}/{code}": orjson.dumps(
            {"codes": codes, "code": code, "label_zh": words[0], "label_en": words[1]}
        ).decode()
        for codes, labels in orjson.loads(body or "{}").items()
        for code, words in labels.items()
    }

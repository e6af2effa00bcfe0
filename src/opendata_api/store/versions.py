"""What a release changes: the versions of rows that it brings and those that it retires."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import orjson

from opendata_api.describe import Dataset, area_of
from opendata_api.formats import ENCODING, csv, json
from opendata_api.store.errors import BadPublication
from opendata_api.store.manifest import digest_row
from opendata_api.store.model import Attachment, Release
from opendata_api.store.schema import fact_columns
from opendata_api.store.tokens import check_length
from opendata_api.values import Row


@dataclass(frozen=True, slots=True)
class Last:
    """Where a store stands."""

    release: Release | None
    """The newest that is published."""
    n: int = 0
    """The highest number of a version."""
    seq: int = 0
    """The highest number of a change."""
    manifest: str | None = None
    """Of that release, as JSON."""


@dataclass(frozen=True, slots=True)
class Current:
    """The version of a record that is in force."""

    n: int
    digest: str
    release_added: int


@dataclass(frozen=True, slots=True)
class Change:
    """What a release does to a record."""

    id: str
    before: Current | None
    """The version that ends; None: it is added."""
    row: Row | None
    """What begins; None: it is withdrawn."""


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a record, as the tables take it."""

    fact: Row
    """By `fact_columns`."""
    fragment: Row
    """By `FRAGMENT_COLUMNS`."""
    dimensions: Sequence[Row]
    """By `DIMENSION_COLUMNS`."""
    row: Row
    """As it was handed over, for the search index."""
    n: int
    area: str


def rows_by_area(dataset: Dataset, rows: Sequence[Row]) -> Mapping[str, Mapping[str, Row]]:
    """The rows by area and id. Raises BadPublication for an id that stands twice or elsewhere."""
    id_place = dataset.field_names.index("id")
    area_place = dataset.field_names.index("area_code") if "area_code" in dataset.field else None
    areas: dict[str, dict[str, Row]] = {}
    for row in rows:
        record_id = str(row[id_place])
        area = area_of(record_id)
        if area_place is not None and row[area_place] != area:
            raise BadPublication(f"{record_id} does not lie in area {row[area_place]}")
        of_area = areas.setdefault(area, {})
        if record_id in of_area:
            raise BadPublication(f"{dataset.name}: an id stands twice: {record_id}")
        of_area[record_id] = row
    return areas


def compare(rows: Mapping[str, Row], current: Mapping[str, Current]) -> Sequence[Change]:
    """What turns the records in force into the rows, both of one area, in order of their ids."""
    return [
        Change(one, current.get(one), rows.get(one))
        for one in sorted(rows.keys() | current.keys())
        if one not in rows or one not in current or current[one].digest != digest_row(rows[one])
    ]


def make_versions(
    dataset: Dataset, changes: Sequence[Change], numbers: Iterator[int], release: int
) -> Sequence[Version]:
    """The versions that begin with a release, in the order of the changes."""
    return [
        make_version(
            dataset,
            change.row,
            next(numbers),
            (release if change.before is None else change.before.release_added, release),
        )
        for change in changes
        if change.row is not None
    ]


def make_version(dataset: Dataset, row: Row, n: int, releases: tuple[int, int]) -> Version:
    """The row as version `n`; `releases` are the one that added its id and the one it begins in."""
    check_length(dataset, row)
    by_name = dict(zip(dataset.field_names, row, strict=False))
    area = area_of(str(by_name["id"]))
    added, since = releases
    columns = by_name | {
        "n": n,
        "area_code": area,
        "release_added": added,
        "since": since,
        "digest": digest_row(row),
    }
    pairs: Mapping[str, str] = (
        orjson.loads(str(by_name[dataset.dimensions.name])) if dataset.dimensions else {}
    )
    return Version(
        fact=tuple(columns[name] for name in fact_columns(dataset)),
        fragment=encode_fragment(dataset, area, n, (*row, added, since)),
        dimensions=[(area, n, name, value) for name, value in pairs.items()],
        row=row,
        n=n,
        area=area,
    )


def encode_fragment(dataset: Dataset, area: str, n: int, whole: Row) -> Row:
    """A row with all fields, encoded, by `FRAGMENT_COLUMNS`."""
    fields = dataset.fields
    return (area, n, ENCODING, json.encode_row(fields, whole), csv.encode_line(fields, whole))


def next_release(last: Release | None, digest: str, at: datetime) -> Release:
    """The release after the last; its time is `at`, but at least a second later."""
    moment = at.astimezone(UTC).replace(microsecond=0)
    if last is not None:
        moment = max(moment, datetime.fromisoformat(last.published_at) + timedelta(seconds=1))
    number = 1 if last is None else last.n + 1
    return Release(number, moment.strftime("%Y-%m-%dT%H:%M:%SZ"), digest)


def changed_texts(
    fresh: Sequence[Attachment], current: Mapping[tuple[str, str], str]
) -> Sequence[tuple[str, str]]:
    """The kinds and ids of the texts that end or begin."""
    ended, begun = compare_attachments(fresh, current)
    return sorted({*ended, *((one.kind, one.id) for one in begun)})


def compare_attachments(
    fresh: Sequence[Attachment], current: Mapping[tuple[str, str], str]
) -> tuple[Sequence[tuple[str, str]], Sequence[Attachment]]:
    """The kinds and ids that end and the texts that begin; `current` has the bodies in force."""
    bodies = {(one.kind, one.id): one.body for one in fresh}
    ended = [key for key, body in current.items() if bodies.get(key) != body]
    begun = [one for one in fresh if current.get((one.kind, one.id)) != one.body]
    return sorted(ended), sorted(begun, key=lambda one: (one.kind, one.id))

"""The tables, made from the descriptions of the datasets.

Facts are narrow and encoded rows lie beside them; every key of a large table holds the
area; a row carries the release that brought it and the one that retired it.
"""

from collections.abc import Iterator, Sequence

from opendata_api.describe import Dataset, Field, Type

LAYOUT = 1
"""Of the tables; raised when a file of an older layout could not be read as it is."""

APPLICATION_ID = 0x6F646170
"""Marks a SQLite file as ours ("odap")."""

FOREVER = 2147483647
"""`until` of a row that no release has retired."""

INTEGERS = (Type.INTEGER, Type.DECIMAL, Type.BOOLEAN)

FIXED_TABLES = (
    """create table release (
        n integer primary key,
        published_at text not null,
        digest text not null
    )""",
    """create table count (
        dataset text not null,
        release integer not null,
        count integer not null,
        primary key (dataset, release)
    ) without rowid""",
    """create table attachment (
        kind text not null,
        id text not null,
        since integer not null,
        until integer not null default 2147483647,
        body text not null,
        primary key (kind, id, since)
    ) without rowid""",
    """create table meta (name text primary key, value text not null) without rowid""",
)


def create_statements(datasets: Sequence[Dataset]) -> Iterator[str]:
    """Every table and index of an empty store."""
    yield from FIXED_TABLES
    for dataset in datasets:
        yield _fact_table(dataset)
        yield _fragment_table(dataset)
        yield from _indexes(dataset)
        if dataset.dimensions:
            yield from _dimension_table(dataset)


def column_of(field: Field) -> str:
    """The column that holds a field; the release fields have names of their own."""
    return '"since"' if field.name == "release_changed" else f'"{field.name}"'


def has_own_area(dataset: Dataset) -> bool:
    """Whether the area code is a field of the dataset, or only a part of its keys."""
    return "area_code" in dataset.field


def _fact_table(dataset: Dataset) -> str:
    ordered = sorted(dataset.stored, key=lambda field: not field.is_queryable)
    columns = [
        "n integer primary key",
        *([] if has_own_area(dataset) else ['"area_code" text not null']),
        '"since" integer not null',
        f'"until" integer not null default {FOREVER}',
        *(_column(field) for field in ordered),
        '"release_added" integer not null',
        '"digest" text not null',
        'unique ("area_code", "id", "since")',
    ]
    return f'create table "{dataset.table}" ({", ".join(columns)})'


def _column(field: Field) -> str:
    kind = "integer" if field.type in INTEGERS else "text"
    return f"{column_of(field)} {kind}{'' if field.nullable else ' not null'}"


def _fragment_table(dataset: Dataset) -> str:
    return (
        f'create table "{dataset.table}_fragment" '
        '("area_code" text not null, "n" integer primary key, '
        '"json" text not null, "csv" text not null)'
    )


def _indexes(dataset: Dataset) -> Iterator[str]:
    for field in dataset.fields:
        if not field.is_queryable:
            continue
        keys = dict.fromkeys([column_of(field), '"id"', '"since"', '"until"'])
        yield (
            f'create index "{dataset.table}_by_{field.name}" '
            f'on "{dataset.table}" ({", ".join(keys)})'
        )


def _dimension_table(dataset: Dataset) -> Iterator[str]:
    table = f"{dataset.table}_dimension"
    yield (
        f'create table "{table}" ("area_code" text not null, "n" integer not null, '
        '"name" text not null, "value" text not null, primary key ("n", "name")) without rowid'
    )
    yield f'create index "{table}_by_value" on "{table}" ("name", "value", "n")'

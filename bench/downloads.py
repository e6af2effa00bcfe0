"""What is exported: all rows and some, in the formats that promise a first byte."""

import sqlite3
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bench.asking import Calls, Filter, ask_csv, ask_file, ask_page
from bench.fetching import Call
from bench.names import (
    PAGE_JSON,
    PART_CSV,
    PART_NDJSON,
    READY,
    SERVICE,
    STREAMED,
    WHOLE_CSV,
    WHOLE_NDJSON,
    WHOLE_PARQUET,
    WHOLE_ZIP,
)
from bench.questions import query_table

PART_ROWS = 50_000
PARTS = 3
PAGE_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Body:
    """What an answer must have for its rows to be there: so many ends of lines, else so many bytes.

    Without either it was looked at before it is measured.
    """

    newlines: int | None = None
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Download:
    """One export, with its rows and what its body must have."""

    calls: Calls
    rows: int
    body: Body


@dataclass(frozen=True, slots=True)
class Downloads:
    """An export in all its variants, one for each round."""

    name: str
    variants: Sequence[Download]


@dataclass(frozen=True, slots=True)
class ReadyFile:
    """A file of the release that the service has ready."""

    name: str
    suffix: str
    length: int


def make_downloads(
    connection: sqlite3.Connection, ready: Sequence[ReadyFile]
) -> Sequence[Downloads]:
    """Every export: all rows first, then some, then a page; the same each time."""
    parts = find_parts(connection)
    [(count,)] = query_table(connection, "select count(*) from {table}")
    whole = _streamed_too(ask_csv([]))
    of_lines = _streamed_too(ask_file("ndjson"))
    return [
        Downloads(WHOLE_CSV, [Download(whole, count, Body(newlines=count + 1))]),
        Downloads(WHOLE_NDJSON, [Download(of_lines, count, Body(newlines=count))]),
        *(_packed(one, count) for one in ready),
        Downloads(
            PART_CSV,
            [Download(_ready_too(ask_csv(one)), n, Body(newlines=n + 1)) for one, n in parts],
        ),
        Downloads(
            PART_NDJSON,
            [Download(ask_file("ndjson", one), n, Body(newlines=n)) for one, n in parts],
        ),
        Downloads(PAGE_JSON, [_page(one, n) for one, n in parts]),
    ]


def find_parts(connection: sqlite3.Connection) -> Sequence[tuple[Sequence[Filter], int]]:
    """The filters by topic and year with nearest to 50,000 rows, but never all rows."""
    [(count,)] = query_table(connection, "select count(*) from {table}")
    known = [(filters, n) for filters, n in _counted(connection) if n < count]
    return sorted(known, key=lambda one: abs(one[1] - PART_ROWS))[:PARTS]


def _counted(connection: sqlite3.Connection) -> Iterator[tuple[Sequence[Filter], int]]:
    counts = {
        (topic, year): int(n)
        for topic, year, n in query_table(
            connection, "select topic, year, count(*) from {table} group by topic, year"
        )
    }
    topics = sorted({topic for topic, _ in counts})
    for since in sorted({year for _, year in counts}):
        by_topic = {
            topic: sum(n for (of, year), n in counts.items() if of == topic and year >= since)
            for topic in topics
        }
        yield [Filter("year", since, "gte")], sum(by_topic.values())
        for topic, n in by_topic.items():
            yield [Filter("topic", topic), Filter("year", since, "gte")], n


def _packed(file: ReadyFile, count: int) -> Downloads:
    return Downloads(file.name, [Download(ask_file(file.suffix), count, Body(length=file.length))])


def _page(filters: Sequence[Filter], count: int) -> Download:
    calls = {SERVICE: ask_page(filters, PAGE_MAX)[SERVICE]}
    return Download(calls, min(PAGE_MAX, count), Body())


def _streamed_too(calls: Calls) -> dict[str, Call]:
    """Also asked of the service that has no files, so that it reads its tables."""
    return {**calls, STREAMED: calls[SERVICE]}


def _ready_too(calls: Calls) -> dict[str, Call]:
    return {**calls, READY: calls[SERVICE]}


PACKED = {WHOLE_PARQUET: "parquet", WHOLE_ZIP: "zip"}
"""The files whose rows are no lines, by the name of their export."""

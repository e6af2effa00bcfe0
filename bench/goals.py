"""The goals: what is asked for, and what is found for each."""

import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from bench.findings import (
    LARGE,
    SEARCHED_MAX,
    SMALL,
    Find,
    Found,
    Reports,
    cheaper_sums,
    cold_start,
    faster_than,
    growth_of_cpu,
    idle_memory,
    latest_first_byte,
    more_rows_than,
    most_growth,
    of_each,
    slowest_search,
)
from bench.names import (
    DATASETTE,
    DEEP,
    FILTERED,
    HOT_ROW,
    HOT_ROWS,
    ONE_ROW,
    PART_CSV,
    PSQL,
    READY,
    REPORT,
    ROAPI,
    SERVICE,
    SQLITE,
    STREAMED,
    WHOLE_CSV,
    WHOLE_POSTGRES,
)


@dataclass(frozen=True, slots=True)
class Goal:
    """A row of the goals."""

    key: str
    """By which the notes name it."""
    title: str
    must: float
    stretch: float
    unit: str
    meets: Callable[[float, float], bool]
    """Whether a figure meets what is asked for."""
    find: Callable[[Reports], Iterable[Found]]
    needs: Sequence[str] = ()
    """The systems without which nothing is found."""
    sizes: Sequence[int] = ()
    """The sizes without which it is told in part or not at all."""


def _times(key: str, title: str, must: float, stretch: float, find: Find, *needs: str) -> Goal:
    return Goal(key, title, must, stretch, " ×", operator.ge, of_each(find), needs)


def _flat(key: str, title: str, question: str) -> Goal:
    sizes = (SMALL, LARGE)
    return Goal(key, title, 1.3, 1.1, " ×", operator.le, growth_of_cpu(question), sizes=sizes)


HOT = "the same again and again, against raw uvicorn with the same bytes"
GOALS: Sequence[Goal] = (
    _times("hot-row", f"one row, {HOT}", 0.6, 0.85, faster_than(HOT_ROW, READY)),
    _times("hot-rows", f"100 rows, {HOT}", 0.6, 0.85, faster_than(HOT_ROWS, READY)),
    _times(
        "filter-datasette",
        "uncached filter of 100 rows, against Datasette",
        25,
        50,
        faster_than(FILTERED, DATASETTE),
        DATASETTE,
    ),
    _times(
        "filter-roapi",
        "uncached filter of 100 rows, against ROAPI",
        20,
        40,
        faster_than(FILTERED, ROAPI),
        ROAPI,
    ),
    _times(
        "report-datasette",
        "uncached report of 150 rows, against Datasette",
        40,
        100,
        faster_than(REPORT, DATASETTE),
        DATASETTE,
    ),
    _times(
        "report-roapi",
        "uncached report of 150 rows, against ROAPI",
        8,
        20,
        faster_than(REPORT, ROAPI),
        ROAPI,
    ),
    _times(
        "cursor",
        "deep page by cursor, against Datasette's next page",
        30,
        70,
        faster_than(DEEP, DATASETTE),
        DATASETTE,
    ),
    _times(
        "csv-sqlite",
        "whole CSV from SQLite, against the sqlite3 CLI",
        3,
        8,
        more_rows_than(WHOLE_CSV, SERVICE, SQLITE, STREAMED),
        SQLITE,
    ),
    _times(
        "csv-postgresql",
        "whole CSV from PostgreSQL, against `psql \\copy` in the same order",
        0.85,
        0.95,
        more_rows_than(WHOLE_POSTGRES, STREAMED, PSQL),
        PSQL,
    ),
    _times(
        "csv-filter",
        "filtered CSV of 50k rows, against ROAPI",
        1,
        1.5,
        more_rows_than(PART_CSV, SERVICE, ROAPI),
        ROAPI,
    ),
    Goal(
        "first-byte",
        "first byte of exports in indexed order (JSON, CSV, NDJSON) and of ready files",
        20,
        5,
        " ms",
        operator.le,
        of_each(latest_first_byte),
    ),
    Goal(
        "export-memory",
        "memory growth of an export, equal at 100k, 1M and 10M rows",
        48,
        16,
        " MB",
        operator.le,
        of_each(most_growth),
        sizes=(SMALL, 1_000_000, LARGE),
    ),
    _times(
        "sums", "aggregate by area, CPU of ROAPI against this service's", 3, 8, cheaper_sums, ROAPI
    ),
    Goal(
        "cold-start",
        "cold start of `serve` on published data to the first 200, against Datasette",
        1.3,
        1.0,
        " ×",
        operator.le,
        of_each(cold_start),
        (DATASETTE,),
    ),
    Goal(
        "idle-memory",
        "idle memory, the same at 10M rows",
        70,
        56,
        " MB",
        operator.le,
        of_each(idle_memory),
        sizes=(SMALL, LARGE),
    ),
    _flat("flat-row", "CPU for each request at 10M against 100k rows: one row", ONE_ROW),
    _flat("flat-report", "CPU for each request at 10M against 100k rows: report", REPORT),
    _flat("flat-cursor", "CPU for each request at 10M against 100k rows: cursor", DEEP),
    Goal(
        "search",
        "search for two characters over 1M passages, first 20 hits, none missed",
        5,
        1,
        " ms",
        operator.le,
        of_each(slowest_search, SEARCHED_MAX),
        sizes=(1_000_000,),
    ),
)
"""In the order in which they were set."""

"""The page of what was measured, written whole: docs/performance.md."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Generic

from bench.exporting import Export
from bench.judging import HEADER, judge_all, tell_missed
from bench.load import CONNECTIONS, Load
from bench.names import SERVICE, STREAMED, SYSTEMS
from bench.notes import Note
from bench.report import Measure, Report, Rounds, gather, print_number
from bench.starting import Start

NONE = "–"


@dataclass(frozen=True, slots=True)
class Kind(Generic[Measure]):
    """A table: what it shows of each measurement."""

    title: str
    of: Callable[[Measure], float | None]
    summarize: Callable[[Iterable[float]], float] = median
    """What stands for all rounds."""


LOADS: Sequence[Kind[Load]] = (
    Kind("Requests per second", lambda load: load.per_second),
    Kind("CPU for each request, µs", lambda load: load.cpu_us),
    Kind("Half of the answers came within, ms (p50)", lambda load: load.p50_ms),
    Kind("99 of 100 answers came within, ms (p99)", lambda load: load.p99_ms),
)
EXPORTS: Sequence[Kind[Export]] = (
    Kind("Exports: rows per second", lambda export: export.rows_per_second),
    Kind("Exports: first byte after, ms", lambda export: export.first_byte_ms),
    Kind("Exports: CPU for each row, µs", lambda export: export.cpu_us),
    Kind("Exports: growth of own memory, MB (RssAnon)", lambda export: export.growth_mb, max),
)
STARTS: Sequence[Kind[Start]] = (
    Kind("Cold start: first answer after, ms", lambda start: start.first_answer_ms),
    Kind("Own memory after the first answer, MB (RssAnon)", lambda start: start.idle_mb, max),
)


def write_page(reports: Sequence[Report], notes: Sequence[Note]) -> str:
    """The page as Markdown: the goals, what was missed, then each size."""
    first = reports[0]
    goals = _table(HEADER, judge_all(reports))
    missed = list(tell_missed(reports, notes))
    told = ["## What was missed or not measured", *missed] if missed else []
    how = ["## How it was measured", _how_measured(first)]
    parts = ["# Performance", _how(first), goals, *told, *how]
    for report in reports:
        parts += [f"## {report.observations:,} observations", *_of_size(report)]
    return "\n\n".join(parts) + "\n"


def _of_size(report: Report) -> Iterator[str]:
    yield _table(("", ""), [(name, fact) for name, fact in report.facts.items()])
    if report.missing:
        told = "; ".join(f"{name}: {why}" for name, why in report.missing.items())
        yield f"Not measured: {told}."
    for load in LOADS:
        yield from _compare(load, report.loads)
    for export in EXPORTS:
        yield from _compare(export, report.exports)
    for start in STARTS:
        yield from _compare(start, report.starts)
    if report.searches:
        yield "### First 20 passages that have a word of two characters, ms"
        yield _searches(report)


def _how(report: Report) -> str:
    return (
        "Written whole by `make bench`, which measures anew; `make bench-full` measures three "
        "sizes. This page is one run on one machine: compare only within it. First the goals, "
        f"by {report.rounds} rounds of {report.seconds} s; what was tried for those that were "
        "missed is taken from `bench/notes.md`."
    )


def _how_measured(report: Report) -> str:
    return (
        "Invented observations with all fields are published by the service's own code, with the "
        "files of the release. All systems are asked in turn, again and again; here stand the "
        "medians, of memory the most. In brackets: this service divided by the other.\n\n"
        f"- **Requests**: `wrk`, {CONNECTIONS} connections, {report.seconds} s each, "
        f"{report.rounds} rounds. This service is one worker that keeps no answers, so that each "
        "is made anew, and what is asked for changes from request to request; *hot* is one "
        "address asked again and again of a second one with its defaults. Raw uvicorn gives the "
        "very bytes of the service: the limit. The status and the number of rows of every answer "
        "were checked before.\n"
        "- **Datasette**: an immutable file, its rows counted before, the same rows and indexes in "
        "a plain table. Its full-text search finds no Chinese word of two characters, so it is "
        "asked by `like`. **ROAPI**: the same rows as Parquet, held in memory; rows by filters "
        "sorted by id, deep pages by the id before, sums by SQL.\n"
        "- **Exports** are read one at a time, before all else, each round with other filters. A "
        f"whole dataset is a file of the release; *{STREAMED}* reads the same rows from its "
        "tables. `sqlite3` and `psql` print a plain table in the same order into a pipe; their "
        "time has the start of the program, and psql's CPU is not the server's. The service over "
        "PostgreSQL has no files.\n"
        "- **Cold start**: from the start of the process to the first 200 of one row. "
        "`opendata-api serve` proves and publishes its seed, here as proven and published before, "
        "which it finds by digests; this service serves the observations. A file that was held to "
        "its hash within ten minutes, as here at the start before, is served at once and held to "
        "it again beside the first answers; else it is hashed first, about 1 GB each second "
        "(decision 24). The goal is judged by the slower.\n"
        "- **Search**: one connection, one answer after the other; the number of passages found "
        "was compared with a count over all."
    )


def _compare(kind: Kind[Measure], rounds: Rounds[Measure]) -> Iterator[str]:
    asked: set[str] = {name for systems in rounds.values() for name in systems}
    names: list[str] = [name for name in SYSTEMS if name in asked]
    if not names:
        return
    yield f"### {kind.title}"
    lines: list[tuple[str, ...]] = []
    for question in rounds:
        values: list[float | None] = [
            gather(rounds, question, name, kind.of, kind.summarize) for name in names
        ]
        lines.append((question, *_cells(values)))
    yield _table(("", *names), lines)


def _cells(values: Sequence[float | None]) -> Iterator[str]:
    """The figures; from the second on with the first of all, in brackets, divided by each."""
    own: float | None = None
    for value in values:
        if value is None:
            yield NONE
        elif own is None or not value:
            yield print_number(value)
        else:
            yield f"{print_number(value)} ({print_number(own / value)})"
        own = value if own is None else own


def _searches(report: Report) -> str:
    times = sorted((median(some), word) for word, some in report.searches.items())
    middle = times[len(times) // 2]
    told = {"the fastest": times[0], "the median": middle, "the slowest": times[-1]}
    lines = [(name, f"{print_number(ms)} ({word})") for name, (ms, word) in told.items()]
    return _table(("", SERVICE), lines)


def _table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    ruler = ("---", *("---:" for _ in header[1:]))
    return "\n".join(f"| {' | '.join(line)} |" for line in (header, ruler, *lines))

"""The page of what was measured, written whole: docs/performance.md."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Generic, TypeVar

from bench.exporting import Export
from bench.load import CONNECTIONS, Load

SERVICE, READY, DATASETTE = "this service", "raw uvicorn", "Datasette"
SYSTEMS = (SERVICE, READY, DATASETTE)
NONE = "–"

Measure = TypeVar("Measure", Load, Export)
Rounds = Mapping[str, Mapping[str, Sequence[Measure]]]
"""By question and system: what each round measured."""


@dataclass(frozen=True, slots=True)
class Report:
    """All that the page tells."""

    facts: Mapping[str, str]
    """Of the machine, the versions and the data."""
    seconds: int
    rounds: int
    loads: Rounds[Load]
    exports: Rounds[Export]


@dataclass(frozen=True, slots=True)
class Kind(Generic[Measure]):
    """A table: what it shows of each measurement."""

    title: str
    of: Callable[[Measure], float]
    gather: Callable[[Iterable[float]], float] = median
    """What stands for all rounds."""


LOADS: Sequence[Kind[Load]] = (
    Kind("Requests per second", lambda load: load.per_second),
    Kind("CPU for each request, µs", lambda load: load.cpu_us),
    Kind("Half of the answers came within, ms (p50)", lambda load: load.p50_ms),
    Kind("99 of 100 answers came within, ms (p99)", lambda load: load.p99_ms),
)
EXPORTS: Sequence[Kind[Export]] = (
    Kind("CSV: rows per second", lambda export: export.rows_per_second),
    Kind("CSV: first byte after, ms", lambda export: export.first_byte_ms),
    Kind("CSV: CPU for each row, µs", lambda export: export.cpu_us),
    Kind("CSV: growth of own memory, MB (RssAnon)", lambda export: export.growth_mb, max),
)


def write_page(report: Report) -> str:
    """The page as Markdown."""
    parts = [
        "# Performance",
        _how(report),
        _table(("", ""), [(name, fact) for name, fact in report.facts.items()]),
    ]
    for kind in LOADS:
        parts += [f"## {kind.title}", _compare(kind, report.loads)]
    for export in EXPORTS:
        parts += [f"## {export.title}", _compare(export, report.exports)]
    return "\n\n".join(parts) + "\n"


def _how(report: Report) -> str:
    return (
        "Written whole by `make bench`, which measures anew. Invented observations with all fields "
        "are published by the service's own code. This service (one worker), raw uvicorn with "
        "the very bytes that the service answers (the limit) and Datasette (immutable file, rows "
        "counted before, the same rows and indexes in a plain table) are asked in turn by "
        f"`wrk`: {CONNECTIONS} connections, {report.seconds} s each, {report.rounds} rounds; "
        "here stand the medians, of memory the most. What is asked for changes from request to "
        "request; the status and the number of rows of every answer were checked before. "
        "Exports are read one at a time, each round the rows of another year. Datasette's "
        "full-text search finds no Chinese word of two characters, so it is asked by `like`. "
        "Compare only within one run."
    )


def _compare(kind: Kind[Measure], rounds: Rounds[Measure]) -> str:
    header = ("", *SYSTEMS, *(f"{SYSTEMS[0]} ÷ {other}" for other in SYSTEMS[1:]))
    lines = []
    for question, systems in rounds.items():
        found: list[float] = [
            kind.gather([kind.of(one) for one in systems[name]]) for name in SYSTEMS
        ]
        ratios: list[str] = [_ratio(found[0], other) for other in found[1:]]
        lines.append((question, *map(print_number, found), *ratios))
    return _table(header, lines)


def _ratio(one: float, other: float) -> str:
    return print_number(one / other) if other else NONE


def print_number(value: float) -> str:
    """Three digits that count, or all before the point."""
    places = next((place for place, limit in enumerate((99.95, 9.995)) if value >= limit), 2)
    return f"{value:,.{places}f}"


def _table(header: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    ruler = ("---", *("---:" for _ in header[1:]))
    return "\n".join(f"| {' | '.join(line)} |" for line in (header, ruler, *lines))

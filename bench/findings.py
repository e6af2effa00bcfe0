"""What is found in a measurement that a goal is compared with."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from bench.exporting import Export
from bench.load import Load
from bench.names import (
    AGGREGATE,
    DATASETTE,
    EMPTY,
    PAGE_JSON,
    PART_CSV,
    PART_NDJSON,
    ROAPI,
    SEEDED,
    SERVICE,
    STREAMED,
    WHOLE_CSV,
    WHOLE_NDJSON,
    WHOLE_PARQUET,
    WHOLE_ZIP,
)
from bench.report import START, Report, gather, print_number
from bench.starting import Start

SMALL, LARGE = 100_000, 10_000_000
SEARCHED_MAX = 1_200_000
"""Observations; they have about a million passages."""
FIRST_BYTES = (WHOLE_CSV, WHOLE_NDJSON, WHOLE_PARQUET, WHOLE_ZIP, PART_CSV, PART_NDJSON, PAGE_JSON)


@dataclass(frozen=True, slots=True)
class Found:
    """A figure that is compared with a goal."""

    value: float
    size: int | None = None
    """The observations it was measured over; None where it compares sizes."""
    note: str = ""


Reports = Sequence[Report]
Find = Callable[[Report], Found | None]


def of_each(find: Find, most: int | None = None) -> Callable[[Reports], Iterator[Found]]:
    """What is found of each size, up to so many observations."""

    def find_all(reports: Reports) -> Iterator[Found]:
        for report in reports:
            if most is None or report.observations <= most:
                found = find(report)
                if found is not None:
                    yield Found(found.value, report.observations, found.note)

    return find_all


def _ratio(one: float | None, other: float | None) -> float | None:
    return None if one is None or not other else one / other


def _found(value: float | None, note: str = "") -> Found | None:
    return None if value is None else Found(value, note=note)


def _per_second(load: Load) -> float:
    return load.per_second


def _cpu(load: Load) -> float:
    return load.cpu_us


def _rows(export: Export) -> float:
    return export.rows_per_second


def _first(export: Export) -> float:
    return export.first_byte_ms


def _growth(export: Export) -> float | None:
    return export.growth_mb


def _first_answer(start: Start) -> float:
    return start.first_answer_ms


def faster_than(question: str, peer: str) -> Find:
    """How many times as many requests a second as a peer."""

    def find(report: Report) -> Found | None:
        own, other = (gather(report.loads, question, name, _per_second) for name in (SERVICE, peer))
        return _found(_ratio(own, other))

    return find


def more_rows_than(question: str, own: str, peer: str, also: str | None = None) -> Find:
    """How many times as many rows a second as a peer; beside it those of another way."""

    def find(report: Report) -> Found | None:
        other = gather(report.exports, question, peer, _rows)
        second = None if also is None else gather(report.exports, question, also, _rows)
        beside = _ratio(second, other)
        note = "" if beside is None else f"from the tables {print_number(beside)} ×"
        return _found(_ratio(gather(report.exports, question, own, _rows), other), note)

    return find


def cheaper_sums(report: Report) -> Found | None:
    """How many times the CPU of this service ROAPI takes for sums."""
    own, other = (gather(report.loads, AGGREGATE, name, _cpu) for name in (SERVICE, ROAPI))
    return _found(_ratio(other, own))


def latest_first_byte(report: Report) -> Found | None:
    """The latest of all, and whose it is."""
    known = [
        (value, f"{question}, {name}")
        for question in FIRST_BYTES
        for name in (SERVICE, STREAMED)
        if (value := gather(report.exports, question, name, _first)) is not None
    ]
    return Found(max(known)[0], note=f"the latest: {max(known)[1]}") if known else None


def most_growth(report: Report) -> Found | None:
    """The most that the service grew by in any export."""
    known = [
        value
        for question in FIRST_BYTES
        for name in (SERVICE, STREAMED)
        if (value := gather(report.exports, question, name, _growth, max)) is not None
    ]
    return _found(max(known, default=None))


def cold_start(report: Report) -> Found | None:
    """Of the slower of the command, which proves its seed, and of serving these observations.

    The latter was held to its hash at the start before, and is served at once; Datasette opens a
    file of the same rows. Both are told, and an empty application beside them.
    """
    peer = gather(report.starts, START, DATASETTE, _first_answer)
    ways = {f"{SEEDED} over its seed": SEEDED, "over these observations": SERVICE}
    known = {
        told: ratio
        for told, name in {**ways, "an empty application": EMPTY}.items()
        if (ratio := _ratio(gather(report.starts, START, name, _first_answer), peer)) is not None
    }
    note = ", ".join(f"{told} {print_number(ratio)} ×" for told, ratio in known.items())
    return _found(max((known[told] for told in ways if told in known), default=None), note)


def idle_memory(report: Report) -> Found | None:
    """What the service holds after its first answer."""
    return _found(gather(report.starts, START, SERVICE, lambda start: start.idle_mb, max))


def slowest_search(report: Report) -> Found | None:
    """Of the word that takes longest, and of the one in the middle."""
    times = [median(some) for some in report.searches.values()]
    if not times:
        return None
    middle = print_number(median(times))
    return Found(
        max(times), note=f"the slowest word; the median {middle} ms; {report.passages:,} passages"
    )


def growth_of_cpu(question: str) -> Callable[[Reports], Iterator[Found]]:
    """CPU for each request over the most rows that were measured against a hundred thousand."""

    def find_all(reports: Reports) -> Iterator[Found]:
        of_size = {
            report.observations: gather(report.loads, question, SERVICE, _cpu) for report in reports
        }
        most = max(of_size)
        ratio = _ratio(of_size[most], of_size.get(SMALL))
        if ratio is not None and most > SMALL:
            yield Found(ratio, note=f"{most:,} against {SMALL:,}")

    return find_all

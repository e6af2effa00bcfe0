"""What one measurement found."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

from bench.exporting import Export
from bench.load import Load
from bench.starting import Start

Measure = TypeVar("Measure", Load, Export, Start)
Rounds = Mapping[str, Mapping[str, Sequence[Measure]]]
"""By question and system: what each round measured."""
START = "start"
"""The one question of what starts."""


@dataclass(frozen=True, slots=True)
class Report:
    """All that is told of one size."""

    observations: int
    passages: int
    facts: Mapping[str, str]
    """Of the machine, the versions and the data."""
    seconds: int
    rounds: int
    missing: Mapping[str, str]
    """The systems that were not measured, each with the reason."""
    loads: Rounds[Load]
    exports: Rounds[Export]
    starts: Rounds[Start]
    searches: Mapping[str, Sequence[float]]
    """Of each word the milliseconds that its first passages took, in each round."""


def gather(
    rounds: Rounds[Measure],
    question: str,
    system: str,
    of: Callable[[Measure], float | None],
    summarize: Callable[[Iterable[float]], float] = median,
) -> float | None:
    """What stands for all rounds of a question asked of a system; None if nothing was measured."""
    measured = [of(one) for one in rounds.get(question, {}).get(system, ())]
    known = [one for one in measured if one is not None]
    return summarize(known) if known else None


def print_number(value: float) -> str:
    """Three digits that count, or all before the point."""
    places = next((place for place, limit in enumerate((99.95, 9.995)) if value >= limit), 2)
    return f"{value:,.{places}f}"

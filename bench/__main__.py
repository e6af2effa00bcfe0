"""`python -m bench`, as `make bench` runs it; `python -m bench full` is `make bench-full`."""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from bench.failures import CannotMeasure
from bench.machine import load_before
from bench.measure import Plan, measure
from bench.names import DATASETTE, PSQL, ROAPI, SQLITE
from bench.notes import read_notes
from bench.place import Place
from bench.report import Report
from bench.table import write_page

PLACE = Path("var/bench")
"""Of the environments, and of what a measurement makes."""

PAGE = Path("docs/performance.md")
"""What is measured stands there, of one run."""

NOTES = Path(__file__).with_name("notes.md")

IDLE_LOAD = 0.5
"""Of a machine that does nothing else."""

SIZES = (100_000, 1_000_000, 10_000_000)
PEERS_MAX = 1_000_000
"""Beyond so many observations the service is measured alone."""
LEFT_OUT = "left out by an option"
TOO_MANY: Mapping[str, str] = dict.fromkeys(
    (DATASETTE, ROAPI, SQLITE, PSQL), f"not beyond {PEERS_MAX:,} observations"
)

Published = Annotated[
    Path | None,
    typer.Option(
        help="A folder to publish in and keep; what lies there published already is measured."
    ),
]
Seconds = Annotated[int, typer.Option(min=1, help="Of load, each time.")]
NumberOfRounds = Annotated[int, typer.Option(min=1)]
Output = Annotated[Path, typer.Option(help="The page.")]
Sizes = Annotated[
    list[int] | None, typer.Option(min=2_000, help="A size; given again for each further one.")
]
PostgresMax = Annotated[
    int, typer.Option(help="Publish in PostgreSQL too, over so many observations at most.")
]

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command("one")
def measure_one(  # noqa: PLR0913 - each is an option
    observations: Annotated[int, typer.Option(min=2_000)] = SIZES[0],
    seconds: Seconds = 3,
    rounds: NumberOfRounds = 3,
    output: Output = PAGE,
    published: Published = None,
    *,
    postgres: Annotated[bool, typer.Option(help="Publish in PostgreSQL too.")] = True,
) -> None:
    """Measure this service beside its peers over one size, and write the page."""
    left_out = {} if postgres else {PSQL: LEFT_OUT}
    _write(output, [_measure(Plan(observations, seconds, rounds, left_out), published)])


@app.command("full")
def measure_full(  # noqa: PLR0913 - each is an option
    observations: Sizes = None,
    seconds: Seconds = 3,
    rounds: NumberOfRounds = 3,
    output: Output = PAGE,
    published: Published = None,
    *,
    postgres_max: PostgresMax = PEERS_MAX,
) -> None:
    """Measure over 100,000, 1,000,000 and 10,000,000 observations in turn, and write the page.

    It is written after each size, with those that were measured.
    """
    reports = []
    for size in observations or SIZES:
        left_out = _left_out(size, postgres_max)
        kept = None if published is None else published / str(size)
        reports.append(_measure(Plan(size, seconds, rounds, left_out), kept))
        _write(output, reports)


def _left_out(size: int, postgres_max: int) -> Mapping[str, str]:
    """What is not measured over so many observations, each with the reason."""
    if size > PEERS_MAX:
        return TOO_MANY
    return {PSQL: LEFT_OUT} if size > postgres_max else {}


def _measure(plan: Plan, published: Path | None) -> Report:
    """Measure in a folder that is gone afterwards, but for what is to be kept."""
    if load_before() > IDLE_LOAD:
        _say(f"The machine is busy (load {load_before():.2f}): measure again when it rests")
    PLACE.mkdir(parents=True, exist_ok=True)
    work = Path(tempfile.mkdtemp(prefix="work-", dir=PLACE)).absolute()
    made = work / "made" if published is None else published.absolute()
    try:
        return measure(Place(PLACE.absolute(), made, work), plan, _say)
    except CannotMeasure as error:
        _say(f"{plan.observations:,} observations were not measured: {error}")
        raise typer.Exit(1) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write(output: Path, reports: Sequence[Report]) -> None:
    page = write_page(reports, read_notes(NOTES.read_text(encoding="utf-8")))
    output.write_text(page, encoding="utf-8")
    typer.echo(page, nl=False)


def _say(words: str) -> None:
    typer.echo(words, err=True)


if __name__ == "__main__":
    app()

"""`python -m bench`, as `make bench` runs it."""

import shutil
from pathlib import Path
from typing import Annotated

import typer

from bench.failures import CannotMeasure
from bench.machine import load_before
from bench.measure import Plan, measure
from bench.systems import Place
from bench.table import write_page

PLACE = Path("var/bench")
"""Of the environments, and of what a measurement makes."""

IDLE_LOAD = 0.5
"""Of a machine that does nothing else."""


def main(
    observations: Annotated[int, typer.Option(min=2_000)] = 100_000,
    seconds: Annotated[int, typer.Option(min=1, help="Of load, each time.")] = 3,
    rounds: Annotated[int, typer.Option(min=1)] = 3,
    output: Annotated[Path, typer.Option(help="The page.")] = Path("docs/performance.md"),
) -> None:
    """Measure this service beside Datasette and raw uvicorn, and write the page."""
    if load_before() > IDLE_LOAD:
        _say(f"The machine is busy (load {load_before():.2f}): measure again when it rests")
    work = PLACE / "work"
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    place = Place(PLACE.absolute(), work.absolute())
    try:
        report = measure(place, Plan(observations, seconds, rounds), _say)
    except CannotMeasure as error:
        _say(f"Nothing was written: {error}")
        raise typer.Exit(1) from None
    finally:
        shutil.rmtree(work, ignore_errors=True)
    page = write_page(report)
    output.write_text(page, encoding="utf-8")
    typer.echo(page, nl=False)


def _say(words: str) -> None:
    typer.echo(words, err=True)


if __name__ == "__main__":
    typer.run(main)

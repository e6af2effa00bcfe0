"""One measurement, from the first row to the page."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from bench.checking import Asked, check
from bench.exporting import Export, run_export
from bench.load import Load, put_load
from bench.machine import describe_machine, read_versions
from bench.making import Say, make_files
from bench.processes import Server
from bench.questions import Question
from bench.systems import Place, running_datasette, running_ready, running_service
from bench.table import DATASETTE, READY, SERVICE, Report, Rounds

Servers = Mapping[str, Server]
Measure = TypeVar("Measure", Load, Export)
WARM_S = 1
"""So long each system is asked each question before it counts."""

MeasureOne = Callable[[str, Server, int], Measure]
"""Measures a system's server in a round, which is counted from 0."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    observations: int
    seconds: int
    rounds: int


def measure(place: Place, plan: Plan, say: Say) -> Report:
    """Make, check and measure everything, telling how far it is. Raises CannotMeasure."""
    machine = describe_machine()
    made = make_files(place, plan.observations, say)
    asked = check(place, plan.observations, say)
    with (
        running_service(place) as service,
        running_ready(place) as ready,
        running_datasette(place) as datasette,
    ):
        _compare_bytes(ready, asked)
        servers = {SERVICE: service, READY: ready, DATASETTE: datasette}
        exports = measure_exports(asked.exports, servers, plan, say)
        loads = measure_loads(asked.questions, servers, plan, place.work, say)
        versions = read_versions(place.python("service"), datasette.port)
    return Report({**machine, **versions, **made}, plan.seconds, plan.rounds, loads, exports)


def measure_exports(
    exports: Sequence[Question], servers: Servers, plan: Plan, say: Say
) -> Rounds[Export]:
    """Each export in each round, another variant each time; before anything else was asked."""
    measured = {}
    for export in exports:

        def run(name: str, server: Server, number: int, export: Question = export) -> Export:
            variant = export.variants[number % len(export.variants)]
            address = variant.datasette if name == DATASETTE else variant.service
            return run_export(server, address, variant.rows)

        measured[export.name] = _alternate(servers, plan.rounds, run)
        say(f"measured: {export.name}")
    return measured


def measure_loads(
    questions: Sequence[Question], servers: Servers, plan: Plan, folder: Path, say: Say
) -> Rounds[Load]:
    """Each question in each round, all its variants again and again; each system warm."""
    measured = {}
    for question in questions:
        files = _write_addresses(question, folder)

        def run(name: str, server: Server, _: int, files: Mapping[str, Path] = files) -> Load:
            return put_load(server, files[name], plan.seconds)

        for name, server in servers.items():
            put_load(server, files[name], WARM_S)
        measured[question.name] = _alternate(servers, plan.rounds, run)
        say(f"measured: {question.name}")
    return measured


def _alternate(
    servers: Servers, rounds: int, run: MeasureOne[Measure]
) -> Mapping[str, Sequence[Measure]]:
    """One system after the other, then the first again: A B C A B C A B C."""
    measured: dict[str, list[Measure]] = {name: [] for name in servers}
    for number in range(rounds):
        for name, server in servers.items():
            measured[name].append(run(name, server, number))
    return measured


def _write_addresses(question: Question, folder: Path) -> Mapping[str, Path]:
    """What each system is asked, in a file for wrk."""
    own = [variant.service for variant in question.variants]
    of_datasette = [variant.datasette for variant in question.variants]
    addresses = {SERVICE: own, READY: own, DATASETTE: of_datasette}
    files = {}
    for name, lines in addresses.items():
        files[name] = folder / f"{question.name} ({name}).txt"
        files[name].write_text("\n".join(lines) + "\n", encoding="utf-8")
    return files


def _compare_bytes(ready: Server, asked: Asked) -> None:
    """Raise CannotMeasure unless raw uvicorn answers the very bytes that the service does."""
    addresses = (
        variant.service
        for question in (*asked.questions, *asked.exports)
        for variant in question.variants
    )
    asked.recorder.compare(ready.port, addresses)

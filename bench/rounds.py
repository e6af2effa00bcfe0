"""Measuring in rounds: one system after the other, then the first again: A B C A B C A B C."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from bench.checking import Servers
from bench.downloads import Downloads
from bench.exporting import Export, Program, run_export, run_program
from bench.fetching import Call
from bench.load import Load, put_load, write_calls
from bench.making import Say
from bench.names import READY, SERVICE
from bench.processes import Command, Server
from bench.questions import Question
from bench.report import Measure
from bench.starting import Start, run_start

WARM_S = 1
"""So long each system is asked each question before it counts."""

Run = Callable[[int], Measure]
"""Measures one system in a round, which is counted from 0."""
Programs = Mapping[str, Mapping[str, Program]]
"""By export and system: what prints it, where no server is asked."""


def alternate(runs: Mapping[str, Run[Measure]], rounds: int) -> Mapping[str, Sequence[Measure]]:
    """What each system measured, by round."""
    measured: dict[str, list[Measure]] = {name: [] for name in runs}
    for number in range(rounds):
        for name, run in runs.items():
            measured[name].append(run(number))
    return measured


def measure_exports(
    exports: Sequence[Downloads], servers: Servers, programs: Programs, rounds: int, say: Say
) -> dict[str, Mapping[str, Sequence[Export]]]:
    """Each export in each round, another variant each time; before anything else was asked."""
    measured = {}
    for export in exports:
        runs: dict[str, Run[Export]] = {
            name: partial(_export, export, name, server)
            for name, server in servers.items()
            if name in export.variants[0].calls
        }
        for name, program in programs.get(export.name, {}).items():
            runs[name] = partial(_print, export, program)
        measured[export.name] = alternate(runs, rounds)
        say(f"measured: {export.name}")
    return measured


def measure_loads(
    questions: Sequence[Question], servers: Servers, times: tuple[int, int], folder: Path, say: Say
) -> dict[str, Mapping[str, Sequence[Load]]]:
    """Each question for so many seconds in so many rounds, all its variants; each system warm."""
    seconds, rounds = times
    measured = {}
    for question in questions:
        runs: dict[str, Run[Load]] = {}
        for name, server in servers.items():
            if (calls := _calls_of(question, name)) is not None:
                path = folder / f"{question.name} ({name}).txt"
                write_calls(path, calls)
                put_load(server, path, WARM_S)
                runs[name] = partial(_load, server, path, seconds)
        measured[question.name] = alternate(runs, rounds)
        say(f"measured: {question.name}")
    return measured


def measure_starts(
    starts: Mapping[str, tuple[Callable[[], Command], Call]], rounds: int, say: Say
) -> Mapping[str, Sequence[Start]]:
    """The start of each system in each round, until it answers a call."""
    runs: dict[str, Run[Start]] = {
        name: partial(_start, make_command, call) for name, (make_command, call) in starts.items()
    }
    measured = alternate(runs, rounds)
    say("measured: starts")
    return measured


def _calls_of(question: Question, name: str) -> Sequence[Call] | None:
    """What a system is asked; raw uvicorn the same as the service."""
    asked = SERVICE if name == READY else name
    if asked not in question.variants[0].calls:
        return None
    return [variant.calls[asked] for variant in question.variants]


def _export(export: Downloads, name: str, server: Server, number: int) -> Export:
    variant = export.variants[number % len(export.variants)]
    return run_export(server, variant.calls[name], variant.rows, variant.body)


def _print(export: Downloads, program: Program, number: int) -> Export:
    variant = export.variants[number % len(export.variants)]
    return run_program(program, variant.rows, variant.body)


def _load(server: Server, calls: Path, seconds: int, _: int) -> Load:
    return put_load(server, calls, seconds)


def _start(make_command: Callable[[], Command], call: Call, _: int) -> Start:
    return run_start(make_command(), call)

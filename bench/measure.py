"""One measurement, from the first row to what the page tells."""

import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial

from bench.asking import OF_SERVICE, ask_csv, ask_record
from bench.checking import Asked, Servers, check
from bench.downloads import Body, Download, Downloads
from bench.exporting import Export, Program
from bench.fetching import Call
from bench.load import Load
from bench.machine import describe_machine, read_datasette, read_version, read_versions
from bench.making import Made, Say, make_files
from bench.names import (
    DATASETTE,
    EMPTY,
    PART_CSV,
    PSQL,
    READY,
    ROAPI,
    SEEDED,
    SERVICE,
    SQLITE,
    STREAMED,
    WHOLE_CSV,
    WHOLE_POSTGRES,
)
from bench.peers import command_datasette, command_roapi, export_by_sqlite, find_missing
from bench.place import Place
from bench.plain import TABLE
from bench.postgres import (
    command_over_postgres,
    export_by_psql,
    find_psql_missing,
    serving_postgres,
)
from bench.processes import Command, Server
from bench.questions import make_hot
from bench.report import START, Report, Rounds
from bench.rounds import Programs, measure_exports, measure_loads, measure_starts
from bench.searching import time_searches
from bench.starting import Start
from bench.systems import (
    command_cached,
    command_empty,
    command_ready,
    command_seeded,
    command_service,
    command_streaming,
)

SEEDED_ROW = Call(f"{OF_SERVICE}/cn450203-2023-rol-o001")
Commands = Mapping[str, Callable[[], Command]]


@dataclass(frozen=True, slots=True)
class Plan:
    """How much is measured."""

    observations: int
    seconds: int = 3
    rounds: int = 3
    left_out: Mapping[str, str] = field(default_factory=dict)
    """The systems that are not measured, each with the reason."""


def measure(place: Place, plan: Plan, say: Say) -> Report:
    """Make, check and measure everything, telling how far it is. Raises CannotMeasure."""
    machine = describe_machine()
    made = make_files(place, plan.observations, say)
    for folder in (place.recorded, place.nothing):
        folder.mkdir(parents=True)
    missing = {**find_missing(place), **find_psql_missing(), **plan.left_out}
    commands = _commands(place, missing)
    with _running(commands) as servers:
        asked = check(place, made, servers, say)
    with _running({**commands, READY: partial(command_ready, place)}) as servers:
        _compare_bytes(servers, asked)
        programs = _programs(place, missing)
        exports = measure_exports(asked.downloads, servers, programs, plan.rounds, say)
        times = plan.seconds, plan.rounds
        loads = measure_loads(asked.questions, servers, times, place.work, say)
        loads |= _measure_hot(place, asked, servers[READY], plan, say)
        searches = time_searches(servers[SERVICE].port, list(made.found), plan.rounds)
        versions = _versions(place, servers, missing)
    if PSQL not in missing:
        exports |= measure_postgres(place, plan, say)
    first_row = asked.questions[0].variants[0].calls[SERVICE].address.rpartition("/")[2]
    return Report(
        observations=made.observations,
        passages=made.passages,
        facts={**machine, **versions, **_describe(made, asked), **made.facts},
        seconds=plan.seconds,
        rounds=plan.rounds,
        missing=missing,
        loads=loads,
        exports=exports,
        starts={START: _measure_starts(place, first_row, commands, plan.rounds, say)},
        searches=searches,
    )


def measure_postgres(place: Place, plan: Plan, say: Say) -> Rounds[Export]:
    """All rows from PostgreSQL, by the service and by psql."""
    rows = plan.observations
    with serving_postgres(place, rows) as addresses:
        say("published in PostgreSQL")
        calls = {STREAMED: ask_csv([])[SERVICE]}
        whole = Downloads(WHOLE_POSTGRES, [Download(calls, rows, Body(newlines=rows + 1))])
        program = Program(export_by_psql(addresses.plain), place.work / "psql.log")
        programs = {WHOLE_POSTGRES: {PSQL: program}}
        with command_over_postgres(place, addresses.published).running() as server:
            return measure_exports([whole], {STREAMED: server}, programs, plan.rounds, say)


def _measure_hot(place: Place, asked: Asked, ready: Server, plan: Plan, say: Say) -> Rounds[Load]:
    """What is asked again and again, of the service as its defaults are."""
    hot = make_hot(asked.questions)
    with command_cached(place).running() as cached:
        addresses = [question.variants[0].calls[SERVICE].address for question in hot]
        asked.recorder.compare(cached.port, addresses)
        servers = {SERVICE: cached, READY: ready}
        return measure_loads(hot, servers, (plan.seconds, plan.rounds), place.work, say)


def _commands(place: Place, missing: Mapping[str, str]) -> Commands:
    """What starts each system that can be run here."""
    known: Commands = {
        SERVICE: partial(command_service, place, "service"),
        STREAMED: partial(command_streaming, place),
        DATASETTE: partial(command_datasette, place),
        ROAPI: partial(command_roapi, place),
    }
    return {name: make for name, make in known.items() if name not in missing}


@contextmanager
def _running(commands: Commands) -> Iterator[Servers]:
    with ExitStack() as stack:
        yield {name: stack.enter_context(make().running()) for name, make in commands.items()}


def _programs(place: Place, missing: Mapping[str, str]) -> Programs:
    if SQLITE in missing:
        return {}
    program = Program(export_by_sqlite(place.table), place.work / "sqlite3.log")
    return {WHOLE_CSV: {SQLITE: program}}


def _measure_starts(
    place: Place, record_id: str, commands: Commands, rounds: int, say: Say
) -> Mapping[str, Sequence[Start]]:
    """Of all that answer for one row, each as its defaults are."""
    seeded = place.work / "seeded"
    _publish_seed(command_seeded(place, seeded))
    calls = ask_record(record_id)
    commands = {**commands, SERVICE: partial(command_cached, place)}
    of_all = {name: (make, calls[name]) for name, make in commands.items() if name in calls}
    of_all[SEEDED] = partial(command_seeded, place, seeded), SEEDED_ROW
    of_all[EMPTY] = partial(command_empty, place), Call(f"/{TABLE}/{record_id}")
    return measure_starts(of_all, rounds, say)


def _publish_seed(command: Command) -> None:
    """Let the service publish its seed where it will be served from."""
    arguments = [command.arguments[0], "publish"]
    subprocess.run(arguments, env=command.environment, check=True, capture_output=True)


def _versions(place: Place, servers: Servers, missing: Mapping[str, str]) -> Mapping[str, str]:
    """Of the service and of every peer that is measured."""
    found = dict(read_versions(place.program("service")))
    if DATASETTE in servers:
        found[DATASETTE] = read_datasette(servers[DATASETTE].port)
    programs = {
        ROAPI: place.program("roapi", "roapi"),
        SQLITE: "sqlite3",
        PSQL: export_by_psql("")[0] if PSQL not in missing else "",
    }
    for name, program in programs.items():
        if name not in missing:
            found[name] = read_version(program)
    return found


def _describe(made: Made, asked: Asked) -> Mapping[str, str]:
    by_name = {one.name: one for one in asked.downloads}
    parts = [f"{variant.rows:,}" for variant in by_name[PART_CSV].variants]
    return {"passages": f"{made.passages:,}", "rows by a filter": ", ".join(parts)}


def _compare_bytes(servers: Servers, asked: Asked) -> None:
    """Raise CannotMeasure unless raw uvicorn answers the very bytes that the service does."""
    addresses = [
        variant.calls[SERVICE].address
        for question in asked.questions
        for variant in question.variants
    ]
    addresses += [
        variant.calls[READY].address
        for downloads in asked.downloads
        for variant in downloads.variants
        if READY in variant.calls
    ]
    asked.recorder.compare(servers[READY].port, addresses)

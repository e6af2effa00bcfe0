"""A small measurement, from the first row to the page: it works; how fast is no test's concern."""

import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import orjson
import pytest
from postgres_server import PostgresServer

from bench import questions
from bench.asking import ask_record
from bench.checking import Asked, check
from bench.downloads import Body
from bench.exporting import Program, read_export, run_program
from bench.failures import CannotMeasure
from bench.fetching import Call, fetch
from bench.making import Made, count_found, make_files
from bench.names import (
    DATASETTE,
    DEEP,
    EMPTY,
    HOT_ROW,
    PSQL,
    READY,
    ROAPI,
    SERVICE,
    SQLITE,
    STREAMED,
    WHOLE_CSV,
    WHOLE_PARQUET,
)
from bench.peers import command_roapi, export_by_sqlite, find_missing
from bench.place import Place
from bench.plain import TABLE
from bench.postgres import copy_table, export_by_psql, find_psql_missing
from bench.processes import Server
from bench.questions import make_hot
from bench.rounds import measure_exports, measure_loads, measure_starts
from bench.searching import check_found, time_searches
from bench.systems import (
    command_cached,
    command_empty,
    command_ready,
    command_service,
    command_streaming,
)

ROWS = 1_000
VARIANTS = 2
ROUNDS = 1
Servers = Mapping[str, Server]

needs_sqlite = pytest.mark.skipif(not shutil.which("sqlite3"), reason="sqlite3 is not installed")
needs_wrk = pytest.mark.skipif(not shutil.which("wrk"), reason="wrk is not installed")


def hush(_: str) -> None:
    """Nobody waits."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Where a measurement takes place; the service runs in the environment of the tests."""
    folder = tmp_path_factory.mktemp("bench")
    (folder / "environments").mkdir()
    (folder / "environments" / "service").symlink_to(sys.prefix)
    place = Place(folder / "environments", folder / "made", folder / "work")
    for needed in (place.work, place.recorded, place.nothing):
        needed.mkdir()
    return place


@pytest.fixture(scope="module")
def made(place: Place) -> Made:
    return make_files(place, ROWS, hush)


@pytest.fixture(scope="module")
def reading(place: Place, made: Made) -> Iterator[Servers]:
    """The service with its files and without."""
    assert made.observations == ROWS
    with (
        command_service(place, "service").running() as service,
        command_streaming(place).running() as streaming,
    ):
        yield {SERVICE: service, STREAMED: streaming}


@pytest.fixture(scope="module")
def asked(place: Place, made: Made, reading: Servers) -> Asked:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(questions, "VARIANTS_MAX", VARIANTS)
        return check(place, made, reading, hush)


@pytest.fixture(scope="module")
def servers(place: Place, reading: Servers, asked: Asked) -> Iterator[Servers]:
    """Beside the service raw uvicorn, with what was recorded."""
    assert asked.recorder.digests
    with command_ready(place).running() as ready:
        yield {**reading, READY: ready}


def test_what_was_made_is_kept_for_the_next_measurement(place: Place, made: Made) -> None:
    told: list[str] = []

    assert make_files(place, ROWS, told.append) == made
    assert not told
    assert set(made.facts) == {
        "published tables",
        "files of the release",
        "Datasette's file",
        "ROAPI's file",
        "publishing took",
    }


def test_what_was_made_of_other_rows_is_not_measured(place: Place, made: Made) -> None:
    with pytest.raises(CannotMeasure, match=r"has 1,000 observations .* not 1,001 of"):
        make_files(place, made.observations + 1, hush)


def test_nothing_is_made_where_something_else_lies(place: Place) -> None:
    other = replace(place, made=place.environments)

    with pytest.raises(CannotMeasure, match="has files, but nothing that was made to its end"):
        make_files(other, ROWS, hush)


def test_nothing_is_made_where_there_is_no_room_for_it(place: Place, tmp_path: Path) -> None:
    many = 10**9

    with pytest.raises(CannotMeasure, match=r"^1,000,000,000 observations need 14,000 GB of disk"):
        make_files(replace(place, made=tmp_path / "made"), many, hush)


def test_raw_uvicorn_gives_the_bytes_that_were_checked(servers: Servers, asked: Asked) -> None:
    asked.recorder.compare(servers[READY].port, asked.recorder.digests)

    assert [question.name for question in asked.questions][-1] == DEEP
    assert len(asked.recorder.digests) > 7 * VARIANTS


def test_each_export_is_measured(servers: Servers, asked: Asked) -> None:
    measured = measure_exports(asked.downloads, servers, {}, ROUNDS, hush)

    assert set(measured[WHOLE_CSV]) == {SERVICE, STREAMED}
    assert set(measured[WHOLE_PARQUET]) == {SERVICE}
    for systems in measured.values():
        for [export] in systems.values():
            assert export.rows_per_second > 0
            assert export.first_byte_ms > 0


def test_a_service_without_files_gives_the_same_bytes(reading: Servers) -> None:
    whole = Call("/v1/observations.csv")
    bodies = [fetch(server.port, whole).body for server in reading.values()]

    assert bodies[0] == bodies[1]


def test_starts_are_measured_to_the_first_answer(place: Place, asked: Asked) -> None:
    record_id = asked.questions[0].variants[0].calls[SERVICE].address.rpartition("/")[2]
    starts = {
        SERVICE: (partial(command_cached, place), ask_record(record_id)[SERVICE]),
        EMPTY: (partial(command_empty, place), Call(f"/{TABLE}/{record_id}")),
    }
    measured = measure_starts(starts, ROUNDS, hush)

    for [start] in measured.values():
        assert start.first_answer_ms > 0
        assert start.idle_mb > 10


def test_no_hit_is_missed_and_each_is_timed(made: Made, reading: Servers) -> None:
    port = reading[SERVICE].port
    check_found(port, made.found)
    times = time_searches(port, list(made.found), ROUNDS)

    assert set(times) == set(questions.WORDS)
    assert all(len(some) == ROUNDS for some in times.values())
    with pytest.raises(CannotMeasure, match=r"^法律: "):
        check_found(port, {"法律": made.found["法律"] + 1})


def test_passages_that_have_a_word_are_counted() -> None:
    row = ["x"] * 20
    passages = [(*row[:5], text, *row[5:]) for text in ("法律援助", "法律", "援助")]

    assert count_found(passages, ["法律", "援助"]) == {"法律": 2, "援助": 2}


@needs_wrk
def test_questions_are_asked_again_and_again(place: Place, servers: Servers, asked: Asked) -> None:
    [hot, _] = make_hot(asked.questions)
    measured = measure_loads([hot], servers, (1, ROUNDS), place.work, hush)

    assert set(measured[HOT_ROW]) == {SERVICE, READY}
    assert all(load.per_second > 0 for [load] in measured[HOT_ROW].values())


@needs_sqlite
def test_sqlite_prints_the_plain_table_in_order(place: Place, made: Made) -> None:
    arguments = export_by_sqlite(place.table)
    run_program(Program(arguments, place.work / "log"), made.observations, Body(newlines=ROWS + 1))
    printed = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout
    ids = [line.partition(",")[0] for line in printed.splitlines()]

    assert ids[0] == "id"
    assert ids[1:] == sorted(ids[1:])


def test_psql_copies_the_same_rows_in_the_same_order(
    place: Place, made: Made, postgres: PostgresServer
) -> None:
    postgres.create_database("bench")
    address = postgres.address("bench")
    copy_table(address, place.table)
    program = Program(export_by_psql(address), place.work / "log")
    run_program(program, made.observations, Body(newlines=ROWS + 1))
    printed = subprocess.run(program.arguments, check=True, capture_output=True, text=True).stdout
    with closing(sqlite3.connect(place.table)) as connection:
        ids = connection.execute(f"select id from {TABLE} order by id").fetchall()
    postgres.drop_database("bench")

    assert find_psql_missing() == {}
    assert [line.partition(",")[0] for line in printed.splitlines()[1:]] == [one for [one] in ids]


def test_peers_that_are_not_here_are_told_with_the_reason(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setenv("TEST_POSTGRES_BINARIES", str(place.nothing))

    assert set(find_missing(place)) == {DATASETTE, ROAPI, SQLITE}
    assert set(find_psql_missing()) == {PSQL}


def test_roapi_holds_the_rows_in_memory(place: Place) -> None:
    command = command_roapi(place)
    config = orjson.loads(Path(command.arguments[-1]).read_bytes())

    assert command.arguments[1] == "--config"
    assert config["addr"]["http"] == f"127.0.0.1:{command.port}"
    assert config["tables"] == [
        {
            "name": TABLE,
            "uri": str(place.parquet),
            "option": {"format": "parquet", "use_memory_table": True},
        }
    ]


def test_an_export_of_a_service_that_refuses_is_told(reading: Servers) -> None:
    with pytest.raises(CannotMeasure, match=r"^/v1/nosuch\.csv: 404$"):
        read_export(reading[SERVICE].port, Call("/v1/nosuch.csv"), Body())

"""What will be asked, and that every answer to it is right."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

import orjson

from bench.asking import OF_SERVICE
from bench.downloads import PACKED, Downloads, ReadyFile, make_downloads
from bench.exporting import read_export
from bench.failures import CannotMeasure
from bench.fetching import Call, fetch
from bench.making import Made, Say
from bench.names import DATASETTE, READY, ROAPI, SERVICE
from bench.place import PUBLIC_URL, Place
from bench.processes import Server
from bench.questions import PAGE_ROWS, Question, make_questions
from bench.recording import (
    CountRows,
    Recorder,
    count_datasette,
    count_lines,
    count_list,
    count_members,
    look_at,
)
from bench.searching import check_found

STEPS = 400
"""Half as many pages deep in the data are begun by cursor."""
STEP_MAX = 1_000
FILES = "/v1/releases/1"
Servers = Mapping[str, Server]
"""By system."""
COUNTS: Mapping[str, CountRows] = {
    SERVICE: count_members,
    DATASETTE: count_datasette,
    ROAPI: count_list,
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What will be asked, and what the service answers."""

    questions: Sequence[Question]
    downloads: Sequence[Downloads]
    recorder: Recorder


def check(place: Place, made: Made, servers: Servers, say: Say) -> Asked:
    """Ask everything once. Raises CannotMeasure for the first answer that is wrong."""
    service = servers[SERVICE].port
    cursors = list(find_cursors(service, made.observations))
    with closing(sqlite3.connect(place.table)) as connection:
        asked = Asked(
            make_questions(connection, cursors),
            make_downloads(connection, find_ready(service)),
            Recorder(place.recorded),
        )
    for question in asked.questions:
        _check_question(question, servers, asked.recorder)
        say(f"checked in {len(question.variants)} variants: {question.name}")
    for downloads in asked.downloads:
        _check_downloads(downloads, servers, asked.recorder)
        say(f"checked in {len(downloads.variants)} variants: {downloads.name}")
    check_found(service, made.found)
    say(f"checked: no passage with one of {len(made.found)} words is missed")
    return asked


def find_cursors(port: int, observations: int) -> Iterator[tuple[str, str]]:
    """Cursors of the second half of the data, each with the id of the row before its page."""
    step = max(PAGE_ROWS, min(STEP_MAX, observations // STEPS))
    asked = urlencode({"fields": "id", "limit": step})
    address: str | None = f"{OF_SERVICE}?{asked}"
    passed = 0
    while address is not None:
        page = orjson.loads(fetch(port, Call(address)).body)
        passed += len(page["data"])
        address = page["links"]["next"]
        if address is None:
            return
        address = address.removeprefix(PUBLIC_URL)
        if observations / 2 <= passed <= observations - PAGE_ROWS:
            yield _cursor_of(address), page["data"][-1]["id"]


def find_ready(port: int) -> Sequence[ReadyFile]:
    """The files of the release whose rows are no lines, with their lengths as it lists them."""
    listed = orjson.loads(fetch(port, Call(FILES)).body)["data"]["files"]
    lengths = {one["name"]: int(one["bytes"]) for one in listed}
    return [
        ReadyFile(name, suffix, lengths[f"observations.{suffix}"])
        for name, suffix in PACKED.items()
    ]


def _cursor_of(address: str) -> str:
    found = parse_qs(urlsplit(address).query).get("cursor")
    if not found:
        raise CannotMeasure(f"{address}: no cursor")
    return found[0]


def _check_question(question: Question, servers: Servers, recorder: Recorder) -> None:
    for variant in question.variants:
        for name, call in variant.calls.items():
            if name in servers:
                answer = look_at(servers[name].port, call, variant.rows, COUNTS[name])
                if name == SERVICE:
                    recorder.keep(call.address, answer)


def _check_downloads(downloads: Downloads, servers: Servers, recorder: Recorder) -> None:
    """What raw uvicorn gives again is kept; the others may be longer than memory."""
    for variant in downloads.variants:
        if variant.body.newlines is None and variant.body.length is None:
            for name, call in variant.calls.items():
                look_at(servers[name].port, call, variant.rows, COUNTS[name])
            continue
        if READY in variant.calls:
            call = variant.calls[READY]
            answer = look_at(servers[SERVICE].port, call, variant.rows, count_lines)
            recorder.keep(call.address, answer)
        for name, call in variant.calls.items():
            if name in servers:
                read_export(servers[name].port, call, variant.body)

"""What will be asked, and that every answer to it is right."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode, urlsplit

import orjson

from bench.failures import CannotMeasure
from bench.fetching import fetch
from bench.making import Say
from bench.questions import PAGE_ROWS, SERVICE, Question, make_exports, make_questions
from bench.recording import (
    CountRows,
    Recorder,
    count_datasette,
    count_lines,
    count_members,
    look_at,
)
from bench.systems import PUBLIC_URL, Place, running_datasette, running_service

STEPS = 400
"""Half as many pages deep in the data are begun by cursor."""
STEP_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What will be asked, and what the service answers."""

    questions: Sequence[Question]
    exports: Sequence[Question]
    recorder: Recorder


def check(place: Place, observations: int, say: Say) -> Asked:
    """Ask everything once. Raises CannotMeasure for the first answer that is wrong."""
    with running_service(place) as service, running_datasette(place) as datasette:
        cursors = list(find_cursors(service.port, observations))
        with closing(sqlite3.connect(place.table)) as connection:
            asked = Asked(
                make_questions(connection, cursors),
                make_exports(connection),
                Recorder(place.recorded),
            )
        ports = service.port, datasette.port
        for question in asked.questions:
            _check(question, ports, (count_members, count_datasette), asked.recorder)
            say(f"checked in {len(question.variants)} variants: {question.name}")
        for export in asked.exports:
            _check(export, ports, (count_lines, count_lines), asked.recorder)
            say(f"checked in {len(export.variants)} variants: {export.name}")
    return asked


def find_cursors(port: int, observations: int) -> Iterator[tuple[str, str]]:
    """Cursors of the second half of the data, each with the id of the row before its page."""
    step = max(PAGE_ROWS, min(STEP_MAX, observations // STEPS))
    asked = urlencode({"fields": "id", "limit": step})
    address: str | None = f"{SERVICE}?{asked}"
    passed = 0
    while address is not None:
        page = orjson.loads(fetch(port, address).body)
        passed += len(page["data"])
        address = page["links"]["next"]
        if address is None:
            return
        address = address.removeprefix(PUBLIC_URL)
        if observations / 2 <= passed <= observations - PAGE_ROWS:
            yield _cursor_of(address), page["data"][-1]["id"]


def _cursor_of(address: str) -> str:
    found = parse_qs(urlsplit(address).query).get("cursor")
    if not found:
        raise CannotMeasure(f"{address}: no cursor")
    return found[0]


def _check(
    question: Question, ports: tuple[int, int], counts: tuple[CountRows, CountRows], keep: Recorder
) -> None:
    for variant in question.variants:
        answer = look_at(ports[0], variant.service, variant.rows, counts[0])
        keep.keep(variant.service, answer)
        look_at(ports[1], variant.datasette, variant.rows, counts[1])

"""How soon a server answers after it was started, and what it then holds in memory."""

import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus

from bench.failures import CannotMeasure
from bench.fetching import Call, fetch
from bench.processes import SOON_S, Command, launched, wait_until

MILLI, MEGA = 1e3, 1e6


@dataclass(frozen=True, slots=True)
class Start:
    """What a start took."""

    first_answer_ms: float
    """From the start of the process to the end of the first answer 200."""
    idle_mb: float
    """Own memory (RssAnon) after that answer."""


def run_start(command: Command, call: Call) -> Start:
    """Start a server, ask it until it answers, and stop it. Raises CannotMeasure."""
    started = time.perf_counter()
    with launched(command) as server:
        wait_until(server, command, partial(_answers, call=call), SOON_S)
        answered = time.perf_counter()
        server.settle()
        return Start((answered - started) * MILLI, server.own_bytes / MEGA)


def _answers(port: int, call: Call) -> bool:
    with suppress(CannotMeasure):
        return fetch(port, call).status == HTTPStatus.OK
    return False

"""Load from wrk: so many connections for so many seconds, over a list of calls."""

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import orjson

from bench.failures import CannotMeasure
from bench.fetching import HOST, Call
from bench.processes import Server

SCRIPT = Path(__file__).with_name("wrk.lua")
CONNECTIONS = 32
MICRO = 1e6
"""Microseconds of a second."""
LONGEST_S = 60
"""An answer that takes longer is counted by wrk as timed out, and here as not given."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What wrk counted."""

    sent: int
    answered: int
    duration_us: int
    p50_us: int
    p99_us: int
    refused: int
    """Answers with a status from 400 on."""
    broken: int
    """Connections that failed."""


@dataclass(frozen=True, slots=True)
class Load:
    """What a server did under load."""

    per_second: float
    """Requests answered."""
    cpu_us: float
    """For each request."""
    p50_ms: float
    p99_ms: float


def write_calls(path: Path, calls: Iterable[Call]) -> None:
    """Write what is asked as wrk.lua reads it."""
    lines = (one.address if one.posted is None else f"{one.address}\t{one.posted}" for one in calls)
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def put_load(server: Server, calls: Path, seconds: int) -> Load:
    """Ask the calls of a file for so many seconds. Raises CannotMeasure for any fault."""
    server.settle()
    before = server.cpu_s
    tally = read_tally(_run_wrk(server.port, calls, seconds))
    server.settle()
    if tally.refused or tally.broken:
        raise CannotMeasure(
            f"{calls.stem}: {tally.refused} requests refused, {tally.broken} broken"
        )
    return make_load(tally, server.cpu_s - before)


def make_load(tally: Tally, cpu_s: float) -> Load:
    """What was counted, for each second and request.

    When wrk stops, a request is under way on every connection. Its CPU is counted, for it is
    waited until the server rests, so it is divided by all requests that were sent.
    """
    return Load(
        per_second=tally.answered / tally.duration_us * MICRO,
        cpu_us=cpu_s * MICRO / tally.sent,
        p50_ms=tally.p50_us / 1000,
        p99_ms=tally.p99_us / 1000,
    )


def read_tally(printed: str) -> Tally:
    """What wrk.lua printed as the last line. Raises CannotMeasure for anything else."""
    lines = printed.strip().splitlines()
    try:
        return Tally(**orjson.loads(lines[-1]))
    except (IndexError, TypeError, ValueError):
        raise CannotMeasure(f"wrk printed:\n{printed}") from None


def _run_wrk(port: int, calls: Path, seconds: int) -> str:
    options = [f"-c{CONNECTIONS}", "-t1", f"-d{seconds}s", f"--timeout={LONGEST_S}s"]
    told = ["--", str(calls), str(CONNECTIONS)]
    command = ["wrk", *options, "-s", str(SCRIPT), f"http://{HOST}:{port}", *told]
    try:
        done = subprocess.run(command, check=True, capture_output=True, text=True)
    except FileNotFoundError:
        raise CannotMeasure("wrk is missing; it is in Debian's package wrk") from None
    except subprocess.CalledProcessError as error:
        raise CannotMeasure(f"wrk failed:\n{error.stdout}{error.stderr}") from error
    return done.stdout

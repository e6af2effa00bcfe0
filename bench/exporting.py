"""One export at a time: how fast its rows come, and what they cost whoever sends them."""

import os
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Protocol

from bench.downloads import Body
from bench.failures import CannotMeasure
from bench.fetching import Call, asking
from bench.processes import Server

READ_BYTES = 1 << 20
LOOK_S = 0.01
MICRO, MILLI, MEGA = 1e6, 1e3, 1e6
PRINTING = {"LANG": "C.UTF-8", "PGCLIENTENCODING": "UTF8"}
"""Whatever a program prints is UTF-8."""


@dataclass(frozen=True, slots=True)
class Export:
    """What an export took."""

    rows_per_second: float
    first_byte_ms: float
    cpu_us: float
    """For each row."""
    growth_mb: float | None
    """By so much a server's own memory was larger, at most, than before; None of a program."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A body that was read to its end."""

    first: float
    """When its first byte came."""
    newlines: int
    length: int


class Stream(Protocol):
    """What a body is read from."""

    def read(self, size: int, /) -> bytes:
        """So many bytes, fewer at the end."""


def run_export(server: Server, call: Call, rows: int, body: Body) -> Export:
    """Read an export to its end. Raises CannotMeasure unless its body is what it must be."""
    server.settle()
    cpu_before, own_before = server.cpu_s, server.own_bytes
    with _watching(server) as watch:
        started = time.perf_counter()
        reading = read_export(server.port, call, body)
        ended = time.perf_counter()
    server.settle()
    return Export(
        rows_per_second=rows / (ended - started),
        first_byte_ms=(reading.first - started) * MILLI,
        cpu_us=(server.cpu_s - cpu_before) * MICRO / rows,
        growth_mb=max(0, watch.most_bytes - own_before) / MEGA,
    )


def read_export(port: int, call: Call, body: Body) -> Reading:
    """The export, read. Raises CannotMeasure unless its body is what it must be."""
    with asking(port, call) as response:
        if response.status != HTTPStatus.OK:
            raise CannotMeasure(f"{call.address}: {response.status}")
        reading = _read(response)
    check_body(call.address, reading, body)
    return reading


@dataclass(frozen=True, slots=True)
class Program:
    """A program that prints an export, and where it says why it fails."""

    arguments: Sequence[str]
    log: Path


def run_program(program: Program, rows: int, body: Body) -> Export:
    """Read what a program prints. Raises CannotMeasure if it fails or prints something else."""
    with program.log.open("wb") as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            program.arguments,
            env={"PATH": os.environ["PATH"], **PRINTING},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        with process.stdout as printed:
            reading = _read(printed)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        ended = time.perf_counter()
    if process.returncode != 0:
        words = program.log.read_text(encoding="utf-8", errors="replace")
        raise CannotMeasure(f"{program.arguments[0]} ended with {process.returncode}:\n{words}")
    check_body(program.arguments[0], reading, body)
    return Export(
        rows_per_second=rows / (ended - started),
        first_byte_ms=(reading.first - started) * MILLI,
        cpu_us=(usage.ru_utime + usage.ru_stime) * MICRO / rows,
        growth_mb=None,
    )


def check_body(name: str, reading: Reading, body: Body) -> None:
    """Raise CannotMeasure unless a body is what it must be."""
    if body.newlines is not None and reading.newlines != body.newlines:
        raise CannotMeasure(f"{name}: {reading.newlines} lines instead of {body.newlines}")
    if body.length is not None and reading.length != body.length:
        raise CannotMeasure(f"{name}: {reading.length} bytes instead of {body.length}")


def _read(stream: Stream) -> Reading:
    block = stream.read(1)
    first = time.perf_counter()
    newlines = length = 0
    while block:
        newlines += block.count(b"\n")
        length += len(block)
        block = stream.read(READ_BYTES)
    return Reading(first, newlines, length)


@dataclass(slots=True)
class _Watch:
    """The most memory that a server was seen to have."""

    server: Server
    most_bytes: int = 0
    is_over: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        """Look again and again until it is over."""
        while not self.is_over.wait(LOOK_S):
            self.most_bytes = max(self.most_bytes, self.server.own_bytes)


@contextmanager
def _watching(server: Server) -> Iterator[_Watch]:
    watch = _Watch(server, server.own_bytes)
    thread = threading.Thread(target=watch.look)
    thread.start()
    try:
        yield watch
    finally:
        watch.is_over.set()
        thread.join()

"""One export at a time: how fast its rows come, and what they cost the server."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from bench.failures import CannotMeasure
from bench.fetching import asking
from bench.processes import Server

READ_BYTES = 1 << 20
LOOK_S = 0.01
MICRO, MILLI, MEGA = 1e6, 1e3, 1e6


@dataclass(frozen=True, slots=True)
class Export:
    """What an export took."""

    rows_per_second: float
    first_byte_ms: float
    cpu_us: float
    """For each row."""
    growth_mb: float
    """By so much the server's own memory was larger, at most, than before."""


def run_export(server: Server, address: str, rows: int) -> Export:
    """Read a CSV to its end. Raises CannotMeasure unless it has so many rows."""
    server.settle()
    cpu_before, own_before = server.cpu_s, server.own_bytes
    with _watching(server) as watch:
        started = time.perf_counter()
        first, found = _read(server.port, address)
        ended = time.perf_counter()
    server.settle()
    if found != rows:
        raise CannotMeasure(f"{address}: {found} rows instead of {rows}")
    return Export(
        rows_per_second=rows / (ended - started),
        first_byte_ms=(first - started) * MILLI,
        cpu_us=(server.cpu_s - cpu_before) * MICRO / rows,
        growth_mb=max(0, watch.most_bytes - own_before) / MEGA,
    )


def _read(port: int, address: str) -> tuple[float, int]:
    """When the first byte came, and how many lines there were after the header."""
    block = bytearray(READ_BYTES)
    with asking(port, address) as response:
        if response.status != HTTPStatus.OK:
            raise CannotMeasure(f"{address}: {response.status}")
        lines = response.read(1).count(b"\n")
        first = time.perf_counter()
        while size := response.readinto(block):
            lines += block.count(b"\n", 0, size)
    return first, lines - 1


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

"""Server processes of our own: started, watched through /proc, and stopped by their id."""

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.failures import CannotMeasure
from bench.fetching import HOST

START_S = 600.0
"""Some read all their rows before they listen."""
STOP_S = 15.0
WAIT_S = 0.05
SOON_S = 0.001
IDLE_S = 0.2
SETTLE_S = 60.0
TICKS = os.sysconf("SC_CLK_TCK")
KIB = 1024


@dataclass(frozen=True, slots=True)
class Command:
    """What starts a server on a port of this machine, and where it says what."""

    arguments: Sequence[str]
    environment: Mapping[str, str]
    port: int
    log: Path

    def running(self) -> AbstractContextManager["Server"]:
        """The server, stopped at the end. Raises CannotMeasure."""
        return running(self.arguments, self.environment, self.port, self.log)


@dataclass(frozen=True, slots=True)
class Server:
    """A server that answers on a port of this machine."""

    process: subprocess.Popen[bytes]
    port: int

    @property
    def cpu_s(self) -> float:
        """The CPU that all threads of the process have used."""
        stat = Path(f"/proc/{self.process.pid}/stat").read_text(encoding="utf-8")
        user, system = stat.rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / TICKS

    @property
    def own_bytes(self) -> int:
        """Its memory that is no page of a file (RssAnon)."""
        status = Path(f"/proc/{self.process.pid}/status").read_text(encoding="utf-8")
        line = next(line for line in status.splitlines() if line.startswith("RssAnon:"))
        return int(line.split()[1]) * KIB

    def settle(self) -> None:
        """Wait until it has done what it was asked, even by callers who left."""
        end = time.monotonic() + SETTLE_S
        before, now = -1.0, self.cpu_s
        while now - before > 1 / TICKS and time.monotonic() < end:
            time.sleep(IDLE_S)
            before, now = now, self.cpu_s


@contextmanager
def running(
    arguments: Sequence[str], environment: Mapping[str, str], port: int, log: Path
) -> Iterator[Server]:
    """The server that a command starts, stopped at the end. Raises CannotMeasure."""
    command = Command(arguments, environment, port, log)
    with launched(command) as server:
        wait_until(server, command, _is_listening, WAIT_S)
        yield server


@contextmanager
def launched(command: Command) -> Iterator[Server]:
    """The server that a command starts, which need not listen yet, stopped at the end."""
    with command.log.open("wb") as said:
        process = subprocess.Popen(
            command.arguments,
            env=command.environment,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
        )
        try:
            yield Server(process, command.port)
        finally:
            _stop(process)


def wait_until(
    server: Server, command: Command, is_ready: Callable[[int], bool], pause_s: float
) -> None:
    """Wait until the server at the port is ready. Raises CannotMeasure if it ends or never is."""
    end = time.monotonic() + START_S
    while time.monotonic() < end and server.process.poll() is None:
        if is_ready(server.port):
            return
        time.sleep(pause_s)
    said = command.log.read_text(encoding="utf-8", errors="replace")
    raise CannotMeasure(f"{command.arguments!r} does not listen:\n{said}")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        return int(listener.getsockname()[1])


def _is_listening(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), timeout=WAIT_S):
        return True
    return False


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

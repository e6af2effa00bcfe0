"""The database server and the proxy of the tests do to a connection what they say."""

import os
import shutil
import signal
import socket
import socketserver
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import asyncpg
import postgres_binaries
import psutil
import pytest
from fault_proxy import LOOPBACK, FaultProxy, Mode
from postgres_binaries import (
    BINARIES_VARIABLE,
    NEEDED,
    NoBinaries,
    find_binaries,
    packaged_binaries,
)
from postgres_server import CommandFailed, NotStarted, PostgresServer

SOON_S = 10.0
QUIET_S = 0.2
BINARIES = list(dict.fromkeys([find_binaries(), *packaged_binaries()]))

as_root = pytest.mark.skipif(os.getuid() != 0, reason="root alone runs it as another")

CHILD = """
import sys
from postgres_server import PostgresServer
server = PostgresServer()
server.start()
print(server.pid, server.folder, flush=True)
sys.stdin.read()
"""


@pytest.fixture(scope="module", params=BINARIES, ids=lambda folder: folder.parent.name)
def server(request: pytest.FixtureRequest) -> Iterator[PostgresServer]:
    server = PostgresServer(request.param)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def own_server() -> Iterator[PostgresServer]:
    server = PostgresServer()
    server.start()
    yield server
    server.stop()


@asynccontextmanager
async def connected(address: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(address, timeout=SOON_S)
    try:
        yield connection
    finally:
        connection.terminate()


async def ask(address: str, query: str = "SELECT 1") -> Any:
    async with connected(address) as connection:
        return await connection.fetchval(query, timeout=SOON_S)


def version(binaries: Path) -> str:
    return subprocess.check_output([binaries / "postgres", "--version"], text=True)


def shared_memory_segments() -> set[str]:
    _, *lines = Path("/proc/sysvipc/shm").read_text().splitlines()
    return {line.split()[1] for line in lines}


def is_running(process: psutil.Process) -> bool:
    try:
        # How soon a zombie goes is up to the system.
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def make_programs(folder: Path, **scripts: str) -> Path:
    """A folder of shell scripts for PostgreSQL's programs; those not given do nothing."""
    folder.mkdir(parents=True)
    for name, script in (dict.fromkeys(NEEDED, "") | scripts).items():
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)
    return folder


async def test_the_server_is_of_the_version_of_its_programs(server: PostgresServer) -> None:
    assert await ask(server.address(), "SHOW server_version") in version(server.binaries)


async def test_the_server_listens_on_loopback_alone_and_speaks_utf8(server: PostgresServer) -> None:
    async with connected(server.address()) as connection:
        names = ("listen_addresses", "unix_socket_directories", "server_encoding", "fsync")
        settings = [await connection.fetchval(f"SHOW {name}") for name in names]

    assert settings == [LOOPBACK, "", "UTF8", "off"]


async def test_a_database_made_from_a_template_has_its_tables(server: PostgresServer) -> None:
    server.create_database("first")
    await ask(server.address("first"), "CREATE TABLE kept (name text)")
    server.create_database("second", template="first")

    assert await ask(server.address("second"), "SELECT count(*) FROM kept") == 0
    server.drop_database("second")
    server.drop_database("first")


async def test_a_database_is_dropped_under_its_users(server: PostgresServer) -> None:
    server.create_database("used")

    async with connected(server.address("used")) as connection:
        server.drop_database("used")
        with pytest.raises((asyncpg.PostgresError, asyncpg.InterfaceError, OSError)):
            await connection.fetchval("SELECT 1")
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await ask(server.address("used"))


def test_what_a_program_refuses_is_told_in_its_words(server: PostgresServer) -> None:
    with pytest.raises(CommandFailed, match='database "postgres" already exists'):
        server.create_database("postgres")


async def test_a_frozen_server_answers_only_when_it_is_thawed(server: PostgresServer) -> None:
    async with connected(server.address()) as connection:
        server.freeze()
        with pytest.raises(TimeoutError):
            await asyncpg.connect(server.address(), timeout=QUIET_S)
        with pytest.raises(TimeoutError):
            await connection.fetchval("SELECT 1", timeout=QUIET_S)
        server.thaw()

    assert await ask(server.address()) == 1


async def test_a_query_under_way_survives_the_frost(server: PostgresServer) -> None:
    async with connected(server.address()) as connection:
        backend = psutil.Process(await connection.fetchval("SELECT pg_backend_pid()"))
        server.freeze()
        states = {process.status() for process in (psutil.Process(server.pid), backend)}
        server.thaw()
        answer = await connection.fetchval("SELECT 1")

    assert (states, answer) == ({psutil.STATUS_STOPPED}, 1)


async def test_a_killed_server_refuses_until_it_is_started_again(server: PostgresServer) -> None:
    await ask(server.address(), "CREATE TABLE survivors AS SELECT 7 AS number")
    address = server.address()

    async with connected(address) as connection:
        server.kill()
        with pytest.raises((asyncpg.ConnectionDoesNotExistError, OSError)):
            await connection.fetchval("SELECT 1")
    with pytest.raises(ConnectionRefusedError):
        await ask(address)
    server.restart()

    assert await ask(address, "SELECT number FROM survivors") == 7
    await ask(address, "DROP TABLE survivors")


def test_a_killed_server_leaves_no_shared_memory(own_server: PostgresServer) -> None:
    lines = (own_server.folder / "cluster" / "postmaster.pid").read_text().splitlines()
    segment = lines[6].split()[1]
    assert segment in shared_memory_segments()

    own_server.kill()

    assert segment not in shared_memory_segments()


@pytest.mark.parametrize("state", ["restart", "freeze", "kill"])
def test_a_stopped_server_is_gone_with_its_folder(own_server: PostgresServer, state: str) -> None:
    pid, folder = own_server.pid, own_server.folder
    processes = [psutil.Process(pid), *psutil.Process(pid).children()]
    getattr(own_server, state)()

    own_server.stop()
    own_server.stop()  # once more does nothing

    assert not any(map(is_running, processes))
    assert not folder.exists()


@pytest.mark.parametrize("end", [None, signal.SIGTERM, signal.SIGKILL])
def test_no_server_outlives_the_tests_however_they_end(end: signal.Signals | None) -> None:
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD],
        cwd=Path(__file__).parent,
        env={name: value for name, value in os.environ.items() if "COVERAGE" not in name},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout is not None
    pid, folder = child.stdout.readline().split()
    processes = [psutil.Process(int(pid)), *psutil.Process(int(pid)).children()]

    if end is not None:
        child.send_signal(end)
    child.communicate()

    deadline = time.monotonic() + SOON_S
    while Path(folder).exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path(folder).exists()
    assert not any(map(is_running, processes))


@as_root
async def test_programs_that_root_alone_reads_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    package = packaged_binaries()[0].parents[1]
    for tree in (package, package.with_suffix(".libs")):
        shutil.copytree(tree, home / tree.name)
    monkeypatch.setenv(BINARIES_VARIABLE, str(home / package.name / "pginstall" / "bin"))

    server = PostgresServer()
    server.start()

    assert server.binaries.is_relative_to(home)
    assert await ask(server.address()) == 1
    server.stop()


def test_a_named_folder_without_programs_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(BINARIES_VARIABLE, str(tmp_path))

    with pytest.raises(NoBinaries, match=f"^initdb, .* are not in {tmp_path}; TEST_POSTGRES_B"):
        find_binaries()


def test_the_newest_complete_installation_is_found_before_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(BINARIES_VARIABLE, raising=False)
    monkeypatch.setattr(postgres_binaries, "INSTALLED", tmp_path)
    found = [find_binaries()]
    for version in ("9", "17", "16"):
        make_programs(tmp_path / version / "bin")
    (make_programs(tmp_path / "18" / "bin") / "initdb").unlink()
    found.append(find_binaries())

    assert found == [packaged_binaries()[0], tmp_path / "17" / "bin"]


def test_a_server_that_dies_tells_the_end_of_its_log(tmp_path: Path) -> None:
    programs = make_programs(tmp_path / "bin", postgres="echo no room; exit 1", psql="exit 2")
    server = PostgresServer(programs)

    with pytest.raises(NotStarted, match=r"took no connection; its log ends:\nno room$"):
        server.start()


def test_a_cluster_that_cannot_be_made_tells_why(tmp_path: Path) -> None:
    programs = make_programs(tmp_path / "bin", initdb="echo no space; exit 3")
    server = PostgresServer(programs)

    with pytest.raises(CommandFailed, match=r"^initdb ended with 3:\nno space\n$"):
        server.start()


class Echo(socketserver.BaseRequestHandler):
    """Sends back what comes, and ends when the other side ends."""

    request: socket.socket

    def handle(self) -> None:
        with suppress(ConnectionResetError):
            while chunk := self.request.recv(65_536):
                self.request.sendall(chunk)


@pytest.fixture
def proxy() -> Iterator[FaultProxy]:
    """A proxy before a server that echoes."""
    with socketserver.ThreadingTCPServer((LOOPBACK, 0), Echo) as echo:
        thread = threading.Thread(target=echo.serve_forever, args=(0.01,))
        thread.start()
        with FaultProxy(LOOPBACK, echo.server_address[1]) as proxy:
            yield proxy
        echo.shutdown()
        thread.join()


def connect(proxy: FaultProxy) -> socket.socket:
    return socket.create_connection((LOOPBACK, proxy.port), timeout=SOON_S)


def send_all_and_end(client: socket.socket, content: bytes) -> None:
    client.sendall(content)
    client.shutdown(socket.SHUT_WR)


def assert_echoes(client: socket.socket) -> None:
    client.sendall(b"hello")
    assert client.recv(5) == b"hello"


def assert_quiet(client: socket.socket) -> None:
    client.settimeout(QUIET_S)
    with pytest.raises(TimeoutError):
        client.recv(1)
    client.settimeout(SOON_S)


def test_passing_carries_every_byte_and_the_end_of_each_side(proxy: FaultProxy) -> None:
    sent = os.urandom(3_000_000)
    received = []
    with connect(proxy) as client:
        sender = threading.Thread(target=send_all_and_end, args=(client, sent))
        sender.start()
        while chunk := client.recv(65_536):
            received.append(chunk)
        sender.join()

    assert b"".join(received) == sent


def test_a_delay_is_waited_for_in_each_direction(proxy: FaultProxy) -> None:
    with connect(proxy) as client:
        assert_echoes(client)
        proxy.set("delay", delay_s=0.1)
        started = time.monotonic()
        assert_echoes(client)

        assert time.monotonic() - started >= 0.2


@pytest.mark.parametrize("mode", ["delay", "hang"])
def test_what_is_held_goes_on_when_the_proxy_passes_again(proxy: FaultProxy, mode: Mode) -> None:
    with connect(proxy) as client:
        assert_echoes(client)
        proxy.set(mode, delay_s=3600)
        client.sendall(b"held")
        assert_quiet(client)
        proxy.set("pass")

        assert client.recv(4) == b"held"


def test_a_hanging_proxy_accepts_and_serves_later(proxy: FaultProxy) -> None:
    proxy.set("hang")
    with connect(proxy) as client:
        client.sendall(b"early")
        assert_quiet(client)
        proxy.set("pass")

        assert client.recv(5) == b"early"


def test_a_reset_takes_connections_old_and_new(proxy: FaultProxy) -> None:
    with connect(proxy) as old:
        assert_echoes(old)
        proxy.set("reset")
        with pytest.raises(ConnectionResetError):
            old.recv(1)
    with pytest.raises(ConnectionResetError), connect(proxy) as new:
        new.recv(1)
    proxy.set("pass")
    with connect(proxy) as later:
        assert_echoes(later)


def test_a_refusing_proxy_opens_again_on_the_same_port(proxy: FaultProxy) -> None:
    port = proxy.port
    with connect(proxy) as old:
        assert_echoes(old)
        proxy.set("refuse")
        with pytest.raises(ConnectionResetError):
            old.recv(1)
    with pytest.raises(ConnectionRefusedError):
        connect(proxy)
    proxy.set("pass")
    with connect(proxy) as later:
        assert_echoes(later)

    assert proxy.port == port


def test_a_hanging_connection_is_reset_too(proxy: FaultProxy) -> None:
    proxy.set("hang")
    with connect(proxy) as client:
        client.sendall(b"lost")
        proxy.set("reset")
        with pytest.raises(ConnectionResetError):
            client.recv(1)


def test_a_drop_takes_the_open_connections_once(proxy: FaultProxy) -> None:
    # Nothing is sent: the proxy may not have accepted them yet.
    with connect(proxy) as first, connect(proxy) as second:
        proxy.drop()
        for client in (first, second):
            with pytest.raises(ConnectionResetError):
                client.recv(1)
    with connect(proxy) as later:
        assert_echoes(later)


def test_a_target_that_is_away_resets_the_client(free_port: int) -> None:
    with (
        FaultProxy(LOOPBACK, free_port) as proxy,
        pytest.raises(ConnectionResetError),  # which may come before connecting is through
        connect(proxy) as client,
    ):
        client.recv(1)


def test_a_proxy_ends_with_connections_open_and_hanging(free_port: int) -> None:
    threads = threading.active_count()
    with FaultProxy(LOOPBACK, free_port) as proxy:
        proxy.set("hang")
        client = connect(proxy)
        port = proxy.port

    with client, pytest.raises(ConnectionResetError):
        client.recv(1)
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((LOOPBACK, port))
    assert threading.active_count() == threads


async def test_a_query_through_the_proxy_waits_out_a_hang(server: PostgresServer) -> None:
    with FaultProxy(LOOPBACK, server.port) as proxy:
        address = server.address(port=proxy.port)
        async with connected(address) as connection:
            proxy.set("hang")
            with pytest.raises(TimeoutError):
                await asyncpg.connect(address, timeout=QUIET_S)
            timer = threading.Timer(QUIET_S, proxy.set, ["pass"])
            timer.start()
            answer = await connection.fetchval("SELECT 1", timeout=SOON_S)
            timer.join()

        assert answer == 1


async def test_a_query_fails_when_its_connection_is_dropped(server: PostgresServer) -> None:
    with FaultProxy(LOOPBACK, server.port) as proxy:
        address = server.address(port=proxy.port)
        async with connected(address) as connection:
            proxy.drop()
            with pytest.raises((asyncpg.ConnectionDoesNotExistError, OSError)):
                await connection.fetchval("SELECT 1")

        assert await ask(address) == 1

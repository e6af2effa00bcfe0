"""A real PostgreSQL of the tests' own, which they may freeze, kill and start again."""

import atexit
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from fault_proxy import LOOPBACK, reserve_port
from postgres_binaries import PACKAGE, Account, find_account, find_binaries

USER = "opendata"
START_S = 30.0
STOP_S = 10.0
COMMAND_S = 60.0
POLL_S = 0.01
LOG_TAIL_LINES = 20
GONE = {psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD}
AT_REST = GONE | {psutil.STATUS_STOPPED}

SETTINGS = {
    "listen_addresses": LOOPBACK,
    "unix_socket_directories": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    # Only a crash of the machine would lose by these. Commits stay synchronous: without that a
    # killed server forgets the last of them.
    "fsync": "off",
    "full_page_writes": "off",
    # In the cluster's folder, so that a killed server leaves nothing in /dev/shm.
    "dynamic_shared_memory_type": "mmap",
}

# Its input ends when the tests' process does, however that was ended. After SIGQUIT the server
# ends even those of its processes that are frozen.
GUARD = """
read -r _
kill -QUIT "$1" && kill -CONT "$1"
while [ -e "$2/cluster/postmaster.pid" ] && kill -0 "$1"; do sleep 0.1; done
rm -rf "$2"
"""


class CommandFailed(RuntimeError):
    """One of PostgreSQL's programs failed; the message ends with its own words."""


class NotStarted(RuntimeError):
    """The server took no connection; the message ends with the tail of its log."""


@dataclass(slots=True)
class PostgresServer:
    """One server with a cluster of its own, on a port of loopback that is its own until `stop`."""

    binaries: Path = field(default_factory=find_binaries)
    port: int = field(default=0, init=False)
    _folder: Path | None = field(default=None, init=False, repr=False)
    _account: Account = field(default_factory=find_account, init=False, repr=False)
    _programs: Path = field(default=Path(), init=False, repr=False)
    _reserved: socket.socket | None = field(default=None, init=False, repr=False)
    _postmaster: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)
    _guard: subprocess.Popen[bytes] | None = field(default=None, init=False, repr=False)

    @property
    def folder(self) -> Path:
        """Where the cluster and the log are, from `start` to `stop`."""
        assert self._folder is not None, "the server isn't started"
        return self._folder

    @property
    def pid(self) -> int:
        """The process of which all the server's others are children."""
        assert self._postmaster is not None, "the server isn't running"
        return self._postmaster.pid

    def address(self, database: str = "postgres", port: int | None = None) -> str:
        """The URL of a database, by way of another port (a proxy's) if one is given."""
        return f"postgresql://{USER}@{LOOPBACK}:{port or self.port}/{database}"

    def start(self, folder: Path | None = None) -> None:
        """Make a cluster, in a new folder inside the one given, and serve it.

        Raises CommandFailed or NotStarted and then leaves nothing behind.
        """
        self._folder = Path(tempfile.mkdtemp(prefix="test-postgres-", dir=folder))
        atexit.register(self.stop)
        try:
            self._account.own([self.folder])
            self._make_runnable()
            self._make_cluster()
            self._reserved = reserve_port()
            self.port = self._reserved.getsockname()[1]
            self._launch()
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End the server, whatever state it is in, and remove its folder."""
        self._end()
        if self._reserved is not None:
            self._reserved.close()
            self._reserved = None
        if self._folder is not None:
            shutil.rmtree(self._folder)
            self._folder = None
        atexit.unregister(self.stop)

    def restart(self) -> None:
        """End the server, unless it is dead already, and serve its cluster on the same port."""
        self._end()
        self._launch()

    def freeze(self) -> None:
        """Stop every process where it stands: connections stay, nothing answers."""
        postmaster = psutil.Process(self.pid)
        _freeze([postmaster])  # first, or it would go on starting others
        _freeze(postmaster.children())

    def thaw(self) -> None:
        """Let a frozen server go on from where it stood."""
        _signal(self._processes(), signal.SIGCONT)

    def kill(self) -> None:
        """End every process at once, as a crash would; the cluster stays as it is then."""
        self.freeze()
        processes = self._processes()
        _signal(processes, signal.SIGKILL)
        _wait_until(processes, GONE)
        self._free_shared_memory()
        self._end()

    def create_database(self, name: str, template: str | None = None) -> None:
        """Make a database, empty or as a copy of one to which nobody is connected."""
        copied = [] if template is None else [f"--template={template}"]
        self._run("createdb", *self._whereabouts, *copied, name)

    def drop_database(self, name: str) -> None:
        """Remove a database, and end whoever is connected to it."""
        self._run("dropdb", *self._whereabouts, "--force", name)

    @property
    def _whereabouts(self) -> list[str]:
        return [f"--host={LOOPBACK}", f"--port={self.port}", f"--username={USER}"]

    @property
    def _cluster(self) -> Path:
        return self.folder / "cluster"

    @property
    def _log(self) -> Path:
        return self.folder / "log"

    def _processes(self) -> list[psutil.Process]:
        postmaster = psutil.Process(self.pid)
        return [postmaster, *postmaster.children()]

    def _make_runnable(self) -> None:
        """Copy the programs if the account can't reach them, as below a private home."""
        self._programs = self.binaries.resolve()
        try:
            self._run("initdb", "--version")
        except PermissionError:
            self._programs = _copy_programs(self._programs, self.folder / "programs")
            self._account.own(self.folder.rglob("*"))

    def _make_cluster(self) -> None:
        options = ["--encoding=UTF8", "--auth=trust", f"--username={USER}", "--no-sync"]
        try:
            self._run("initdb", *options, "--locale=C.UTF-8", str(self._cluster))
        except CommandFailed:  # not every system has that locale
            self._run("initdb", *options, "--locale=C", str(self._cluster))

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._programs / program, *arguments],
            user=self._account.user,
            group=self._account.group,
            extra_groups=self._account.extra_groups,
            cwd=self.folder,
            env=_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=COMMAND_S,
            check=False,
        )
        if done.returncode != 0:
            raise CommandFailed(f"{program} ended with {done.returncode}:\n{done.stdout}")

    def _launch(self) -> None:
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        with self._log.open("ab") as log:
            self._postmaster = subprocess.Popen(
                [self._programs / "postgres", "-D", self._cluster, f"-p{self.port}", *settings],
                user=self._account.user,
                group=self._account.group,
                extra_groups=self._account.extra_groups,
                cwd=self.folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is the tests' to answer
            )
        self._guard = subprocess.Popen(
            ["sh", "-c", GUARD, "guard", str(self.pid), self.folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait_until_ready(self._postmaster)

    def _wait_until_ready(self, postmaster: subprocess.Popen[bytes]) -> None:
        end = time.monotonic() + START_S
        while postmaster.poll() is None and time.monotonic() < end:
            with suppress(CommandFailed):
                self._run("psql", *self._whereabouts, "--command=SELECT 1", "postgres")
                return
            time.sleep(POLL_S)
        tail = self._log.read_text(errors="replace").splitlines()[-LOG_TAIL_LINES:]
        raise NotStarted("\n".join(["the server took no connection; its log ends:", *tail]))

    def _end(self) -> None:
        """End the processes; none may be left when this returns."""
        if self._postmaster is not None:
            if self._postmaster.poll() is None:
                self._shut_down(self._postmaster)
            self._postmaster = None
        if self._guard is not None:
            self._guard.kill()
            self._guard.communicate()
            self._guard = None

    def _shut_down(self, postmaster: subprocess.Popen[bytes]) -> None:
        self.thaw()
        postmaster.send_signal(signal.SIGINT)
        try:
            postmaster.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def _free_shared_memory(self) -> None:
        """Give back the segment that a killed server leaves to the system for good."""
        key_and_segment = (self._cluster / "postmaster.pid").read_text().splitlines()[6]
        subprocess.run(["ipcrm", "-m", key_and_segment.split()[1]], check=True)


def _environment() -> dict[str, str]:
    # Nothing of the caller's own PostgreSQL settings (PGHOST, PGSSLMODE, …) may reach the tests'.
    return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "PGCONNECT_TIMEOUT": "5"}


def _copy_programs(programs: Path, to: Path) -> Path:
    """Where the programs are in the copy, beside all that they look for relative to themselves."""
    tree = programs.parent
    copied = to / PACKAGE / tree.name
    shutil.copytree(tree, copied, symlinks=True, ignore=shutil.ignore_patterns("include"))
    libraries = tree.parent.parent / f"{PACKAGE}.libs"  # a wheel keeps them outside its package
    if libraries.is_dir():
        shutil.copytree(libraries, to / libraries.name, symlinks=True)
    return copied / programs.name


def _freeze(processes: list[psutil.Process]) -> None:
    _signal(processes, signal.SIGSTOP)
    _wait_until(processes, AT_REST)


def _signal(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.send_signal(number)


def _wait_until(processes: list[psutil.Process], states: set[str]) -> None:
    """A signal is sent at once and obeyed a moment later."""
    end = time.monotonic() + STOP_S
    while any(_state(process) not in states for process in processes):
        if time.monotonic() > end:
            raise TimeoutError(f"{processes} not {' or '.join(sorted(states))}")
        time.sleep(POLL_S)


def _state(process: psutil.Process) -> str:
    try:
        return str(process.status())
    except psutil.NoSuchProcess:
        return str(psutil.STATUS_DEAD)

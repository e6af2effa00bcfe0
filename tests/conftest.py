"""The real seed, published once in both databases; the service over each of them."""

import asyncio
import gc
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Generator, Iterator, Mapping
from contextlib import AsyncExitStack, contextmanager, suppress
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import asyncpg
import httpx
import hypothesis
import pytest
from postgres_server import PostgresServer

from opendata_api.datasets import DATASETS
from opendata_api.errors import DatabaseUnavailable
from opendata_api.formats import XLSX
from opendata_api.publish import make_edition, publish
from opendata_api.seed import Seed, read_seed
from opendata_api.settings import Settings
from opendata_api.store import deadlines, sqlite_files
from opendata_api.store.model import Edition
from opendata_api.store.place import migrate
from opendata_api.store.schema import LAYOUT
from opendata_api.web import deadline, rows
from opendata_api.web.app import Application, create_app

# Each application leaves many objects that refer to each other; collected as often as usual, the
# collector takes more and more of the time of a run of thousands of tests.
gc.set_threshold(50_000, 20, 50)

# The same cases on every run; `pytest --hypothesis-profile=default` looks for new ones.
hypothesis.settings.register_profile("repeatable", derandomize=True)
hypothesis.settings.load_profile("repeatable")

pytest_plugins = ["browser_fixtures"]

PROMISED = (deadlines.STATEMENT_S, deadline.REQUEST_S)
"""What callers are promised; tests run beside others, and wait longer where that is no subject."""
deadlines.STATEMENT_S, deadline.REQUEST_S = 4.0, 9.0

TRACED_PROCESSES = "COVERAGE_PROCESS_CONFIG"
"""By this variable coverage traces the processes that tests start."""

IS_WHOLE = os.environ.get("OPENDATA_WHOLE_TESTS") == "1"
"""Whether what takes longest is tried in full; else a few times, so that tests stay short."""

LONGEST = (
    *("test_schemathesis.py", "test_killed_publishers.py"),
    *("test_publishing_under_load.py", "test_changes.py"),
)
"""The files with the longest single tests, in the order in which they begin."""

REPOSITORY = Path(__file__).parents[1]
SEED = REPOSITORY / "seed"
BASE = "https://data.example.org"
PUBLISHED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
START_S = 20.0
DATABASES = ("sqlite", "postgres")
_NUMBERS = count(1)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no process is left alone with it at the end.

    What HTTP, pages and words are like is the same over either database: such files say
    `any_database`, and are run over one.
    """
    items[:] = [item for item in items if not _is_repeated(item)]
    items.sort(key=_place)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Tracing takes more time than most tests themselves; others have traced the same lines.

    Nor are processes traced that such a test starts.
    """
    tracer = sys.gettrace()
    if item.get_closest_marker("untraced") is None or not _is_of_coverage(tracer):
        return (yield)
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv(TRACED_PROCESSES, raising=False)
        sys.settrace(None)
        try:
            return (yield)
        finally:
            sys.settrace(tracer)


def _place(item: pytest.Item) -> int:
    name = item.path.name
    return LONGEST.index(name) if name in LONGEST else len(LONGEST)


def _is_of_coverage(tracer: object) -> bool:
    return type(tracer).__module__.partition(".")[0] == "coverage"


def _is_repeated(item: pytest.Item) -> bool:
    """Whether the test was run over the first database already, and says that one will do."""
    call = getattr(item, "callspec", None)
    database = None if call is None else call.params.get("database")
    is_other = database not in (None, DATABASES[0])
    return is_other and item.get_closest_marker("any_database") is not None


@pytest.fixture(scope="session")
def seed() -> Seed:
    return read_seed(SEED)


@pytest.fixture(scope="session")
def edition(seed: Seed) -> Edition:
    """What the seed publishes."""
    return make_edition(seed)


@pytest.fixture(scope="session")
def postgres(pristine_files: Path) -> Iterator[PostgresServer]:
    """A PostgreSQL of the tests' own; `migrated` has tables, `pristine` the seed as release 1."""
    server = PostgresServer()
    server.start()
    try:
        server.create_database("migrated")
        assert migrate(at_postgres(server, "migrated"), DATASETS) == (0, LAYOUT)
        server.create_database("pristine", template="migrated")
        publish(at_postgres(server, "pristine", pristine_files), PUBLISHED_AT)
        yield server
    finally:
        server.stop()


@pytest.fixture(scope="session")
def pristine_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the files of what PostgreSQL has as release 1; not to be changed."""
    return tmp_path_factory.mktemp("files")


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the real seed as release 1; not to be changed."""
    folder = tmp_path_factory.mktemp("pristine")
    publish(at_folder(folder), PUBLISHED_AT)
    return folder


def at_folder(folder: Path) -> Settings:
    """The settings of a service over a folder, which keeps no answers ready."""
    return Settings(data_dir=folder, seed_dir=SEED, public_url=BASE, answer_cache_mb=0)


def at_postgres(server: PostgresServer, database: str, files: Path | None = None) -> Settings:
    """The settings of a service over a database, with the folder of its files if it has any."""
    settings = Settings(
        database_url=server.address(database), seed_dir=SEED, public_url=BASE, answer_cache_mb=0
    )
    return settings if files is None else settings.model_copy(update={"files": files})


@pytest.fixture(params=DATABASES)
def database(request: pytest.FixtureRequest) -> str:
    """Every test that asks for it, or for what is made by it, runs on both databases."""
    return str(request.param)


@pytest.fixture(scope="session")
def places(
    pristine: Path, postgres: PostgresServer, pristine_files: Path
) -> Mapping[str, Settings]:
    """The published seed in each database; not to be changed."""
    postgres.create_database("served", template="pristine")
    return {
        "sqlite": at_folder(pristine),
        "postgres": at_postgres(postgres, "served", pristine_files),
    }


@pytest.fixture
def published(database: str, places: Mapping[str, Settings]) -> Settings:
    """Where the seed is published; not to be changed."""
    return places[database]


@pytest.fixture
def own(
    database: str, pristine: Path, pristine_files: Path, postgres: PostgresServer, tmp_path: Path
) -> Iterator[Settings]:
    """Where the seed is published and a test may publish more."""
    if database == "sqlite":
        yield at_folder(Path(shutil.copytree(pristine, tmp_path / "data")))
        return
    files = Path(shutil.copytree(pristine_files, tmp_path / "files"))
    with a_database(postgres, "pristine") as name:
        yield at_postgres(postgres, name, files)


@pytest.fixture
def empty(database: str, postgres: PostgresServer, tmp_path: Path) -> Iterator[Settings]:
    """Where nothing is published yet."""
    if database == "sqlite":
        yield at_folder(tmp_path / "empty")
        return
    with a_database(postgres, "migrated") as name:
        yield at_postgres(postgres, name, tmp_path / "files")


@contextmanager
def a_database(server: PostgresServer, template: str) -> Iterator[str]:
    """A database for one test, a copy of another."""
    name = f"test_{next(_NUMBERS)}"
    server.create_database(name, template=template)
    yield name
    server.drop_database(name)


@pytest.fixture
def seed_dir(tmp_path: Path) -> Path:
    """A copy of the seed that a test may change."""
    return Path(shutil.copytree(SEED, tmp_path / "seed"))


@pytest.fixture(scope="session")
async def services(places: Mapping[str, Settings]) -> AsyncIterator[Mapping[str, Application]]:
    """The application over the published seed in each database, its store open and ready."""
    apps = {name: create_app(settings, DATASETS) for name, settings in places.items()}
    for app in apps.values():
        await app.site.store.open()
        await until_ready(app)
    yield apps
    for app in apps.values():
        await app.site.store.close()


async def until_ready(app: Application) -> None:
    """A file that was opened by a note is held to its hash a little later."""
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        with suppress(DatabaseUnavailable):
            await app.site.store.check()
            return
        await asyncio.sleep(0.05)
    raise TimeoutError


@pytest.fixture(scope="session")
async def clients(
    services: Mapping[str, Application],
) -> AsyncIterator[Mapping[str, httpx.AsyncClient]]:
    """A client of each service, in memory; faults of ours are answered, not raised."""
    async with AsyncExitStack() as stack:
        yield {
            name: await stack.enter_async_context(
                httpx.AsyncClient(
                    transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url=BASE
                )
            )
            for name, app in services.items()
        }


@pytest.fixture
async def stuck(
    database: str, places: Mapping[str, Settings], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[None]:
    """No read of observations comes to its end within its deadline."""
    if database == "sqlite":
        monkeypatch.setattr(deadlines, "STATEMENT_S", -1.0)
        monkeypatch.setattr(deadlines, "EXPORT_S", -1.0)
        monkeypatch.setattr(sqlite_files, "STEPS", 1)
        yield
        return
    monkeypatch.setattr(deadlines, "STATEMENT_S", 1.0)
    monkeypatch.setattr(deadlines, "EXPORT_S", 0.2)
    connection = await asyncpg.connect(places[database].postgres_address)
    await connection.execute("set lock_timeout = '30s'")  # of an export that was left open
    async with connection.transaction():
        await connection.execute("lock table observation in access exclusive mode")
        yield
    await connection.close()


@pytest.fixture
def promised(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answers are given, or refused, as soon as callers are promised."""
    monkeypatch.setattr(deadlines, "STATEMENT_S", PROMISED[0])
    monkeypatch.setattr(deadline, "REQUEST_S", PROMISED[1])


@pytest.fixture
def without_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole datasets are made of their rows, as on a node that has no files of releases."""

    async def find_none(*_: object) -> None:
        return None

    monkeypatch.setattr(rows, "answer_published", find_none)


@pytest.fixture
def small_workbooks() -> Iterator[None]:
    """A workbook has no more than 20 rows."""
    most = XLSX.rows_max
    object.__setattr__(XLSX, "rows_max", 20)
    yield
    object.__setattr__(XLSX, "rows_max", most)


@pytest.fixture
def service(database: str, services: Mapping[str, Application]) -> Application:
    """The application over the published seed."""
    return services[database]


@pytest.fixture
def api(database: str, clients: Mapping[str, httpx.AsyncClient]) -> httpx.AsyncClient:
    """A client of the service."""
    return clients[database]


@pytest.fixture
async def fresh_app(published: Settings) -> AsyncIterator[Application]:
    """A service that knows nothing yet."""
    app = create_app(published, DATASETS)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture
async def fresh(fresh_app: Application) -> AsyncIterator[httpx.AsyncClient]:
    """A client of it."""
    transport = httpx.ASGITransport(app=fresh_app)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


@pytest.fixture
def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def server(empty: Settings, free_port: int) -> Iterator[str]:
    """The address of `opendata-api serve`, a process of its own on loopback."""
    environment = environment_of(empty) | {"OPENDATA_PORT": str(free_port)}
    del environment["OPENDATA_PUBLIC_URL"]
    command = [sys.executable, "-m", "opendata_api", "serve"]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    base = f"http://127.0.0.1:{free_port}"
    try:
        wait_until_ready(base)
        yield base
    finally:
        process.terminate()
        process.wait(START_S)


def environment_of(settings: Settings) -> dict[str, str]:
    """The environment of a process that is not measured, with the settings that are set.

    It keeps answers ready, as a service does unless it is told not to.
    """
    kept = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
    given = settings.model_dump(exclude_unset=True, exclude={"answer_cache_mb"})
    return kept | {f"OPENDATA_{name.upper()}": str(value) for name, value in given.items()}


def wait_until_ready(base: str, seconds: float = START_S) -> httpx.Response:
    """The first answer that says so."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        with suppress(httpx.TransportError):
            answer = httpx.get(f"{base}/-/ready", trust_env=False)
            if answer.is_success:
                return answer
        time.sleep(0.05)
    raise TimeoutError(base)

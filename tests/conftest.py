"""The real seed, published once; the service over it, in memory and on a real socket."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import httpx
import hypothesis
import pytest

from opendata_api.datasets import DATASETS
from opendata_api.publish import publish
from opendata_api.seed import Seed, read_seed
from opendata_api.settings import Settings
from opendata_api.web.app import Application, create_app

# The same cases on every run; `pytest --hypothesis-profile=default` looks for new ones.
hypothesis.settings.register_profile("repeatable", derandomize=True)
hypothesis.settings.load_profile("repeatable")

REPOSITORY = Path(__file__).parents[1]
SEED = REPOSITORY / "seed"
BASE = "https://data.example.org"
PUBLISHED_AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
START_S = 20.0


@pytest.fixture(scope="session")
def seed() -> Seed:
    return read_seed(SEED)


@pytest.fixture(scope="session")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the real seed as release 1; not to be changed."""
    folder = tmp_path_factory.mktemp("published")
    publish(Settings(data_dir=folder, seed_dir=SEED), PUBLISHED_AT)
    return folder


@pytest.fixture
def data_dir(published: Path, tmp_path: Path) -> Path:
    """A copy of the published folder that a test may change."""
    return Path(shutil.copytree(published, tmp_path / "data"))


@pytest.fixture
def seed_dir(tmp_path: Path) -> Path:
    """A copy of the seed that a test may change."""
    return Path(shutil.copytree(SEED, tmp_path / "seed"))


@pytest.fixture(scope="session")
async def service(published: Path) -> AsyncIterator[Application]:
    """The application over the published seed, its store open."""
    app = create_app(Settings(data_dir=published, public_url=BASE), DATASETS)
    await app.site.store.open()
    yield app
    await app.site.store.close()


@pytest.fixture(scope="session")
async def api(service: Application) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service, in memory; faults of ours are answered, not raised."""
    transport = httpx.ASGITransport(service, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


@pytest.fixture
def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path, free_port: int) -> Iterator[str]:
    """The address of `opendata-api serve`, a process of its own on loopback."""
    environment = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
    environment |= {
        "OPENDATA_PORT": str(free_port),
        "OPENDATA_DATA_DIR": str(tmp_path / "served"),
        "OPENDATA_SEED_DIR": str(SEED),
    }
    command = [sys.executable, "-m", "opendata_api.cli", "serve"]
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


def wait_until_ready(base: str) -> None:
    end = time.monotonic() + START_S
    while time.monotonic() < end:
        try:
            if httpx.get(f"{base}/-/ready", trust_env=False).is_success:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise TimeoutError(base)

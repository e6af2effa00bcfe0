"""The three servers that are measured, each started as its manual says it is fastest."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import orjson

from bench.fetching import HOST
from bench.plain import TABLE
from bench.processes import Server, free_port, running

HERE = Path(__file__).parent
PUBLIC_URL = "https://data.example.org"
"""Stands in the bodies of the service, so that they are the same each time."""
SETTINGS = {
    "suggest_facets": "off",
    "sql_time_limit_ms": "60000",
    "facet_time_limit_ms": "60000",
    "max_csv_mb": "0",
    "cache_size_kb": "64000",
}
"""Of Datasette: nothing is done unasked, nothing is cut off, and it has a cache."""
QUERY = (
    f"select area_code, area_zh, unit, sum(value) as sum_value from {TABLE} "
    "where metric = :metric and year >= :year group by area_code order by area_code"
)
METADATA = {"databases": {"bench": {"queries": {"by_area": {"sql": QUERY}}}}}


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything lies."""

    environments: Path
    """Of Python: `service` and `datasette`."""
    work: Path
    """What this measurement makes."""

    def python(self, environment: str) -> str:
        """The interpreter of an environment."""
        return str(self.environments / environment / "bin" / "python")

    @property
    def published(self) -> Path:
        """The folder of the published data."""
        return self.work / "published"

    @property
    def table(self) -> Path:
        """The file that Datasette serves."""
        return self.work / "bench.db"

    @property
    def recorded(self) -> Path:
        """The folder of the answers that raw uvicorn gives."""
        return self.work / "recorded"


@contextmanager
def running_service(place: Place) -> Iterator[Server]:
    """The service over the published data, one worker."""
    port = free_port()
    command = [place.python("service"), "-P", str(HERE / "serve_service.py")]
    environment = _service_environment(port, place)
    with running(command, environment, port, place.work / "service.log") as server:
        yield server


@contextmanager
def running_ready(place: Place) -> Iterator[Server]:
    """Raw uvicorn over the recorded answers."""
    port = free_port()
    command = [place.python("service"), "-P", str(HERE / "serve_ready.py"), str(place.recorded)]
    environment = _service_environment(port, place)
    with running(command, environment, port, place.work / "ready.log") as server:
        yield server


@contextmanager
def running_datasette(place: Place) -> Iterator[Server]:
    """Datasette over the plain table: immutable, its rows counted before it starts."""
    port = free_port()
    datasette = str(place.environments / "datasette" / "bin" / "datasette")
    counted, metadata = place.work / "inspect.json", place.work / "metadata.json"
    subprocess.run([datasette, "inspect", place.table, "--inspect-file", counted], check=True)
    metadata.write_bytes(orjson.dumps(METADATA))
    settings = [part for pair in SETTINGS.items() for part in ("--setting", *pair)]
    files = ["-i", str(place.table), "--inspect-file", str(counted), "--metadata", str(metadata)]
    command = [datasette, "serve", *files, "--host", HOST, "--port", str(port), *settings]
    with running(command, BARE, port, place.work / "datasette.log") as server:
        yield server


BARE: Mapping[str, str] = {"PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"}


def _service_environment(port: int, place: Place) -> Mapping[str, str]:
    return {
        **BARE,
        "OPENDATA_PORT": str(port),
        "OPENDATA_DATA_DIR": str(place.published),
        "OPENDATA_PUBLIC_URL": PUBLIC_URL,
    }

"""What it was measured on and with."""

import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import orjson

from bench.fetching import fetch

ASK_VERSIONS = (
    "import importlib.metadata, json, platform, sqlite3; print(json.dumps({"
    "'Python': platform.python_version(), 'SQLite': sqlite3.sqlite_version, "
    "'uvicorn': importlib.metadata.version('uvicorn'), "
    "'opendata-api': importlib.metadata.version('opendata-api')}))"
)


def describe_machine() -> Mapping[str, str]:
    """The machine, and how busy it was."""
    return {
        "CPU": _cpu_model(),
        "cores": str(len(os.sched_getaffinity(0))),
        "system": f"{platform.system()} {platform.release()}",
        "date": datetime.now(UTC).date().isoformat(),
        "load before, one minute": f"{load_before():.2f}",
    }


def load_before() -> float:
    """How many processes ran in the last minute, on the whole machine."""
    return os.getloadavg()[0]


def read_versions(service_python: str, datasette_port: int) -> Mapping[str, str]:
    """The versions of what is measured, as it says itself."""
    printed = subprocess.run([service_python, "-c", ASK_VERSIONS], check=True, capture_output=True)
    found: dict[str, str] = orjson.loads(printed.stdout)
    datasette = orjson.loads(fetch(datasette_port, "/-/versions.json").body)
    python, sqlite = datasette["python"]["version"], datasette["sqlite"]["version"]
    found["Datasette"] = (
        f"{datasette['datasette']['version']} (Python {python}, SQLite {sqlite}, "
        f"uvicorn {datasette['uvicorn']})"
    )
    return found


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.machine())

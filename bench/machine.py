"""What it was measured on and with."""

import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import orjson

from bench.fetching import Call, fetch

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


def read_versions(service_python: str) -> Mapping[str, str]:
    """The versions of the service and what it runs on, as they say themselves."""
    printed = subprocess.run([service_python, "-c", ASK_VERSIONS], check=True, capture_output=True)
    found: dict[str, str] = orjson.loads(printed.stdout)
    return found


def read_datasette(port: int) -> str:
    """The version of Datasette and what it runs on, as it says itself."""
    found = orjson.loads(fetch(port, Call("/-/versions.json")).body)
    python, sqlite = found["python"]["version"], found["sqlite"]["version"]
    own = found["datasette"]["version"]
    return f"{own} (Python {python}, SQLite {sqlite}, uvicorn {found['uvicorn']})"


def read_version(program: str) -> str:
    """The version that a program prints."""
    told = subprocess.run([program, "--version"], check=True, capture_output=True, text=True)
    words = told.stdout.split()
    return next(word for word in words if word[:1].isdigit())


def _cpu_model() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(models, platform.machine())

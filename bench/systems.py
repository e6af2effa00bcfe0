"""The service as it is measured, and what stands for the limits of a service in Python."""

from collections.abc import Mapping
from pathlib import Path

from bench.place import PUBLIC_URL, Place
from bench.processes import Command, free_port

HERE = Path(__file__).parent
UNCACHED = {"OPENDATA_ANSWER_CACHE_MB": "0"}
"""No answer is kept, so that each is made anew."""
BARE: Mapping[str, str] = {"PYTHONDONTWRITEBYTECODE": "1", "LANG": "C.UTF-8"}


def command_service(place: Place, name: str, more: Mapping[str, str] = UNCACHED) -> Command:
    """The service over the published data, one worker; `more` are further settings."""
    port = free_port()
    environment = {**_environment(port, place), **more}
    arguments = [place.program("service"), "-P", str(HERE / "serve_service.py")]
    return Command(arguments, environment, port, place.work / f"{name}.log")


def command_cached(place: Place) -> Command:
    """The service as its defaults are."""
    return command_service(place, "cached", {})


def command_streaming(place: Place) -> Command:
    """The service as a node that lacks the files of the release: it reads the tables for them."""
    return command_service(place, "streaming", {**UNCACHED, "OPENDATA_FILES": str(place.nothing)})


def command_seeded(place: Place, folder: Path) -> Command:
    """`opendata-api serve`, which proves its seed first, over the folder where it is published."""
    port = free_port()
    environment = {**_environment(port, place), "OPENDATA_DATA_DIR": str(folder)}
    arguments = [place.program("service", "opendata-api"), "serve"]
    return Command(arguments, environment, port, place.work / "seeded.log")


def command_ready(place: Place) -> Command:
    """Raw uvicorn over the recorded answers."""
    port = free_port()
    arguments = [place.program("service"), "-P", str(HERE / "serve_ready.py"), str(place.recorded)]
    return Command(arguments, _environment(port, place), port, place.work / "ready.log")


def command_empty(place: Place) -> Command:
    """An application of FastAPI and SQLModel with one route, over the plain table."""
    port = free_port()
    script = ["-P", str(HERE / "serve_empty.py"), str(place.table), str(port)]
    return Command([place.program("service"), *script], BARE, port, place.work / "empty.log")


def _environment(port: int, place: Place) -> Mapping[str, str]:
    return {
        **BARE,
        "OPENDATA_PORT": str(port),
        "OPENDATA_DATA_DIR": str(place.published),
        "OPENDATA_PUBLIC_URL": PUBLIC_URL,
    }

"""The peers, each started as its manual says it is fastest, and what keeps one from running."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from bench.fetching import HOST
from bench.names import DATASETTE, ROAPI, SQLITE
from bench.place import Place
from bench.plain import TABLE
from bench.processes import Command, free_port
from bench.systems import BARE

SETTINGS = {
    "suggest_facets": "off",
    "sql_time_limit_ms": "60000",
    "facet_time_limit_ms": "60000",
    "max_csv_mb": "0",
    "cache_size_kb": "64000",
}
"""Of Datasette: nothing is done unasked, nothing is cut off, and it has a cache."""
BY_AREA = (
    f"select area_code, area_zh, unit, sum(value) as sum_value from {TABLE} "
    "where metric = :metric and year >= :year group by area_code order by area_code"
)
METADATA = {"databases": {"bench": {"queries": {"by_area": {"sql": BY_AREA}}}}}


def find_missing(place: Place) -> Mapping[str, str]:
    """The peers that can't be run here, each with the reason."""
    programs = {
        DATASETTE: (place.program("datasette", "datasette"), "its environment can't be made"),
        ROAPI: (place.program("roapi", "roapi"), "there is no build of it for this machine"),
        SQLITE: ("sqlite3", "the package sqlite3 is not installed"),
    }
    return {name: why for name, (path, why) in programs.items() if shutil.which(path) is None}


def command_datasette(place: Place) -> Command:
    """Datasette over the plain table: immutable, its rows counted before it starts."""
    port = free_port()
    datasette = place.program("datasette", "datasette")
    counted, metadata = place.work / "inspect.json", place.work / "metadata.json"
    if not counted.exists():
        subprocess.run([datasette, "inspect", place.table, "--inspect-file", counted], check=True)
    metadata.write_bytes(orjson.dumps(METADATA))
    settings = [part for pair in SETTINGS.items() for part in ("--setting", *pair)]
    files = ["-i", str(place.table), "--inspect-file", str(counted), "--metadata", str(metadata)]
    arguments = [datasette, "serve", *files, "--host", HOST, "--port", str(port), *settings]
    return Command(arguments, BARE, port, place.work / "datasette.log")


def command_roapi(place: Place) -> Command:
    """ROAPI over the rows as Parquet, which it holds in memory, as its default is."""
    port = free_port()
    table = {
        "name": TABLE,
        "uri": str(place.parquet),
        "option": {"format": "parquet", "use_memory_table": True},
    }
    addresses = {name: f"{HOST}:{free_port()}" for name in ("postgres", "flight_sql")}
    config = place.work / "roapi.yaml"  # JSON is YAML
    config.write_bytes(
        orjson.dumps({"addr": {"http": f"{HOST}:{port}", **addresses}, "tables": [table]})
    )
    arguments = [place.program("roapi", "roapi"), "--config", str(config)]
    return Command(arguments, {**BARE, "RUST_LOG": "error"}, port, place.work / "roapi.log")


def export_by_sqlite(table: Path) -> Sequence[str]:
    """The program that writes the plain table as CSV, in the order of the ids."""
    return [
        "sqlite3",
        "-readonly",
        "-csv",
        "-header",
        str(table),
        f"select * from {TABLE} order by id",
    ]

"""This service over a PostgreSQL of its own, beside `psql` that copies the same rows."""

import asyncio
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from postgres_binaries import NoBinaries, find_binaries
from postgres_server import PostgresServer

from bench.invented.edition import PUBLISHED_AT, make_edition
from bench.names import PSQL
from bench.place import Place
from bench.plain import TABLE, kind_of
from bench.processes import Command
from bench.systems import UNCACHED, command_service
from opendata_api.datasets import DATASETS, OBSERVATIONS
from opendata_api.settings import Settings
from opendata_api.store.place import migrate, write_release

IN_ORDER = f"select * from {TABLE} order by id"
TYPES = {"integer": "bigint", "real": "double precision", "text": "text"}


@dataclass(frozen=True, slots=True)
class Addresses:
    """Of two databases of one server."""

    published: str
    plain: str
    """With the plain table alone."""


def find_psql_missing() -> Mapping[str, str]:
    """Why PostgreSQL can't be run here; nothing where it can."""
    try:
        find_binaries()
    except NoBinaries as error:
        return {PSQL: str(error)}
    return {}


@contextmanager
def serving_postgres(place: Place, observations: int) -> Iterator[Addresses]:
    """A server with the invented edition, published and as a plain table."""
    server = PostgresServer()
    server.start()
    try:
        for name in ("published", "plain"):
            server.create_database(name)
        addresses = Addresses(server.address("published"), server.address("plain"))
        publish_rows(addresses.published, place.work / "postgres-lists", observations)
        copy_table(addresses.plain, place.table)
        yield addresses
    finally:
        server.stop()


def publish_rows(address: str, folder: Path, observations: int) -> None:
    """Publish the invented edition in a database, without files."""
    folder.mkdir(parents=True)
    settings = Settings(database_url=address)
    migrate(settings, DATASETS)
    write_release(settings, DATASETS, make_edition(observations, folder), PUBLISHED_AT)


def copy_table(address: str, table: Path) -> None:
    """Make the plain table in a database, with the rows that the one of SQLite has."""
    with closing(sqlite3.connect(table)) as connection:
        asyncio.run(_copy(address, connection.execute(IN_ORDER)))


def command_over_postgres(place: Place, address: str) -> Command:
    """The service over a database, without files: all rows come from there."""
    settings = {"OPENDATA_DATABASE_URL": address, "OPENDATA_FILES": str(place.nothing)}
    return command_service(place, "postgres", {**UNCACHED, **settings})


def export_by_psql(address: str) -> Sequence[str]:
    """The program that copies the plain table as CSV, in the order of the ids."""
    psql = str(find_binaries() / "psql")
    copied = f"\\copy ({IN_ORDER}) to stdout with (format csv, header)"
    return [psql, "--no-psqlrc", "--set=ON_ERROR_STOP=1", f"--command={copied}", address]


async def _copy(address: str, rows: sqlite3.Cursor) -> None:
    columns = ", ".join(f'"{one.name}" {TYPES[kind_of(one.type)]}' for one in OBSERVATIONS.fields)
    connection = await asyncpg.connect(address)
    try:
        await connection.execute(f'create table {TABLE} ({columns}, primary key ("id"))')
        await connection.copy_records_to_table(TABLE, records=rows)
        await connection.execute(f"vacuum analyze {TABLE}")
    finally:
        await connection.close()

"""Where a store lies, by the settings: a folder of SQLite files or a PostgreSQL database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from opendata_api.describe import Dataset
from opendata_api.settings import Settings
from opendata_api.store import postgres_writer, sqlite_writer
from opendata_api.store.changes import Foreseen
from opendata_api.store.model import Edition, Release, ReleaseFiles, Store
from opendata_api.store.pointer import Pointer, check_header, hash_file
from opendata_api.store.postgres import PostgresStore
from opendata_api.store.schema import LAYOUT
from opendata_api.store.sqlite import SqliteStore


def make_store(settings: Settings) -> Store:
    """The store to read from, not open yet."""
    address = settings.postgres_address
    if address is None:
        return SqliteStore(settings.store_folder)
    return PostgresStore(address, settings.database_connections, settings.exports_max)


@contextmanager
def alone(path: Path, folder: Path) -> Iterator[Path]:
    """A folder in which a file of SQLite that lies by itself can be read."""
    check_header(path)
    (folder / path.name).symlink_to(path.absolute())
    Pointer(path.name, hash_file(path), 0, LAYOUT, None).write(folder)
    yield folder


def write_release(
    settings: Settings,
    datasets: Sequence[Dataset],
    edition: Edition,
    at: datetime,
    files: ReleaseFiles | None = None,
) -> tuple[Release, bool]:
    """The release that has the edition, and whether it had to be made. Raises StoreError.

    Without `files` it has none.
    """
    address = settings.postgres_address
    if address is None:
        return sqlite_writer.write_release(settings.store_folder, datasets, edition, at, files)
    return postgres_writer.write_release(address, datasets, edition, at, files)


def foresee_release(
    settings: Settings, datasets: Sequence[Dataset], edition: Edition
) -> Foreseen | None:
    """What the edition would change; None where nothing is published. Raises StoreError."""
    address = settings.postgres_address
    if address is None:
        return sqlite_writer.foresee_release(settings.store_folder, datasets, edition)
    return postgres_writer.foresee_release(address, datasets, edition)


def migrate(settings: Settings, datasets: Sequence[Dataset]) -> tuple[int, int]:
    """Bring the tables to this program's layout; the layouts before and after.

    Raises StoreError.
    """
    address = settings.postgres_address
    if address is None:
        return sqlite_writer.migrate(settings.store_folder, datasets)
    return postgres_writer.migrate(address, datasets)

"""Where a store lies, by the settings: a folder of SQLite files or a PostgreSQL database."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from opendata_api.describe import Dataset
from opendata_api.settings import Settings
from opendata_api.store.changes import Foreseen
from opendata_api.store.erasing import Erasure
from opendata_api.store.model import Edition, Release, Store
from opendata_api.store.pointer import Pointer, check_header, hash_file
from opendata_api.store.release_files import ROWS_ALONE, Beside
from opendata_api.store.schema import LAYOUT
from opendata_api.store.sqlite import SqliteStore
from opendata_api.words import Text


def make_store(settings: Settings, *, notes_checks: bool = False) -> Store:
    """The store to read from, not open yet; whether it notes and relies on checks of its file."""
    address = settings.postgres_address
    if address is None:
        return SqliteStore(settings.store_folder, notes_checks=notes_checks)
    from opendata_api.store import postgres  # noqa: PLC0415 - loaded with its driver where it is used

    return postgres.PostgresStore(address, settings.database_connections, settings.exports_max)


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
    beside: Beside = ROWS_ALONE,
) -> tuple[Release, bool]:
    """The release that has the edition, and whether it had to be made. Raises StoreError."""
    address = settings.postgres_address
    if address is None:
        from opendata_api.store import sqlite_writer  # noqa: PLC0415 - loaded by who writes

        return sqlite_writer.write_release(settings.store_folder, datasets, edition, at, beside)
    from opendata_api.store import postgres_writer  # noqa: PLC0415 - the same

    return postgres_writer.write_release(address, datasets, edition, at, beside)


def erase(
    settings: Settings,
    datasets: Sequence[Dataset],
    edition: Edition,
    erasure: Erasure,
    beside: Beside,
) -> Release:
    """Erase from every release what is not in force; the release that tells of it.

    The edition is published already. Raises StoreError, FilesLeft among them after the erasure.
    """
    address = settings.postgres_address
    if address is None:
        from opendata_api.store import sqlite_eraser  # noqa: PLC0415 - the same

        return sqlite_eraser.erase(settings.store_folder, datasets, edition, erasure, beside)
    from opendata_api.store import postgres_eraser  # noqa: PLC0415 - the same

    return postgres_eraser.erase(address, datasets, edition, erasure, beside)


def withdraw_release(
    settings: Settings, datasets: Sequence[Dataset], release: int, why: Text, beside: Beside
) -> None:
    """Let a release be read no more. Raises StoreError."""
    address = settings.postgres_address
    if address is None:
        from opendata_api.store import sqlite_eraser  # noqa: PLC0415 - the same

        sqlite_eraser.withdraw_release(settings.store_folder, datasets, release, why, beside)
    else:
        from opendata_api.store import postgres_eraser  # noqa: PLC0415 - the same

        postgres_eraser.withdraw_release(address, datasets, release, why, beside)


def foresee_release(
    settings: Settings, datasets: Sequence[Dataset], edition: Edition
) -> Foreseen | None:
    """What the edition would change; None where nothing is published. Raises StoreError."""
    address = settings.postgres_address
    if address is None:
        from opendata_api.store import sqlite_writer  # noqa: PLC0415 - the same

        return sqlite_writer.foresee_release(settings.store_folder, datasets, edition)
    from opendata_api.store import postgres_writer  # noqa: PLC0415 - the same

    return postgres_writer.foresee_release(address, datasets, edition)


def migrate(settings: Settings, datasets: Sequence[Dataset]) -> tuple[int, int]:
    """Bring the tables to this program's layout; the layouts before and after.

    Raises StoreError.
    """
    address = settings.postgres_address
    if address is None:
        from opendata_api.store import sqlite_writer  # noqa: PLC0415 - the same

        return sqlite_writer.migrate(settings.store_folder, datasets)
    from opendata_api.store import postgres_writer  # noqa: PLC0415 - the same

    return postgres_writer.migrate(address, datasets)

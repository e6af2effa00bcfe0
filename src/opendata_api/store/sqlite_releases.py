"""The releases in a file of SQLite: those that are there, and the next one."""

import sqlite3
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from uuid import uuid4

from opendata_api.describe import Dataset
from opendata_api.formats import ENCODING
from opendata_api.store.changes import Log
from opendata_api.store.erasing import erased_names
from opendata_api.store.manifest import Manifest
from opendata_api.store.model import File, Hole, Release
from opendata_api.store.release_files import Beside
from opendata_api.store.release_sql import HOLES
from opendata_api.store.sqlite_files import drafted_batches
from opendata_api.store.versions import Last


def last_release(connection: sqlite3.Connection) -> Last:
    """The newest release in a file."""
    found = connection.execute(
        "select n, published_at, digest, encoding, last_n, last_seq, manifest from release "
        "order by n desc limit 1"
    ).fetchone()
    return Last(Release(*found[:4]), *found[4:]) if found else Last(None)


def count_rows(connection: sqlite3.Connection, release: int) -> int:
    """How many records a release has."""
    counted = connection.execute("select sum(count) from count where release = ?", (release,))
    return int(counted.fetchone()[0] or 0)


def manifests_of(connection: sqlite3.Connection) -> Mapping[int, str]:
    """The manifests of the releases that can be read."""
    rows = connection.execute("select n, manifest from release where state = 'published'")
    return dict(rows.fetchall())


def erased_of(connection: sqlite3.Connection) -> Mapping[int, Collection[str]]:
    """The datasets that lack what was erased, by the number of each release that does."""
    rows = connection.execute(HOLES.sql)
    return erased_names([Hole(*row) for row in rows])


def settle(connection: sqlite3.Connection, beside: Beside) -> None:
    """Let go of the files of releases that keep none, and of those that had what was erased."""
    if beside.files is not None:
        manifests, erased = manifests_of(connection), erased_of(connection)
        beside.files.settle(history_of(connection), manifests, erased)


def history_of(connection: sqlite3.Connection) -> str:
    """The id of the store's history, made up where it has none."""
    found = connection.execute("select id from history").fetchone()
    if found is not None:
        return str(found[0])
    history_id = str(uuid4())
    connection.execute("insert into history (id) values (?)", (history_id,))
    return history_id


@contextmanager
def filling(draft: Path) -> Iterator[sqlite3.Connection]:
    """The draft, to be written as a whole; it lasts when its file is synced."""
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        connection.execute("pragma journal_mode = off")
        connection.execute("pragma synchronous = off")
        connection.execute("begin")
        yield connection
        connection.execute("commit")
        connection.execute("analyze")


def count_keys(draft: Path) -> None:
    """Count how many rows a key of each index has, by which SQLite chooses among them."""
    with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
        connection.execute("analyze")


def make_files(
    connection: sqlite3.Connection, datasets: Sequence[Dataset], release: Release, beside: Beside
) -> Sequence[File]:
    """The files of the release, made of the rows as they have just been written."""
    if beside.files is None:
        return ()
    counts = dict(
        connection.execute("select dataset, count from count where release = ?", (release.n,))
    )
    with beside.files.making(release, history_of(connection)) as making:
        for dataset in datasets:
            with making.writing(dataset, counts[dataset.name]) as add:
                for batch in drafted_batches(connection, dataset, release.n):
                    add(batch)
        return making.finish()


def note_release(
    connection: sqlite3.Connection, manifest: Manifest, log: Log, last_n: int, beside: Beside
) -> None:
    """Write down the release that a manifest is of, with the highest number of a version."""
    release, written = manifest.release, manifest.write()
    connection.execute(
        'insert into "release" ("n", "published_at", "digest", "encoding", "last_n", '
        '"last_seq", "changes", "manifest", "signature") values (?, ?, ?, ?, ?, ?, ?, ?, ?)',
        (
            *(release.n, release.published_at, release.digest, ENCODING),
            *(last_n, log.seq, log.summary, written, beside.signature(written)),
        ),
    )

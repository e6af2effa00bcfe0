"""Publishers in processes of their own that die at any moment, and what must hold after that.

Run as a program it forks a publisher for each order: what takes long, the imports, is done once.
"""

import asyncio
import faulthandler
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias

import asyncpg
import httpx
import orjson

from opendata_api.datasets import DATASETS, OBSERVATIONS
from opendata_api.files import CheckedFiles, FilesFolder, MissingFile
from opendata_api.files.folder import stored_name
from opendata_api.publish import beside, make_edition
from opendata_api.query import parse_query
from opendata_api.seed import read_seed
from opendata_api.settings import Settings
from opendata_api.store import (
    place,
    pointer,
    postgres_writer,
    sqlite_drafts,
    sqlite_rows,
    sqlite_writer,
)
from opendata_api.store.manifest import read_files
from opendata_api.store.model import Edition, Reason, Store
from opendata_api.store.notes import CHECKED, PROVEN
from opendata_api.store.postgres_publisher import Publisher
from opendata_api.store.schema import FOREVER
from opendata_api.web.app import create_app

SEED = Path(__file__).parents[1] / "seed"
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NOTE = OBSERVATIONS.field_names.index("note_en")
ROWS_MAX = 1_000
FIRST = 2
"""The first release with a mark; the one before is the edition itself."""
PAUSE_S = 0.01
SETTLED_S = 10.0
PUBLISHERS = (
    "select count(*) from pg_stat_activity where datname = current_database() "
    "and backend_type = 'client backend' and pid <> pg_backend_pid() "
    "and application_name <> 'opendata-api'"
)


def mark_of(release: int, attempt: int) -> str:
    """What stands in every row of a release that was published at that attempt."""
    return f"edition {release}, attempt {attempt}"


def marked(edition: Edition, release: int, attempt: int) -> Edition:
    """The edition with its mark in every observation and every document's coverage.

    None to two observations are left out, so that rows come and go. Attempt 0 is the edition
    itself.
    """
    if not attempt:
        return edition
    mark = mark_of(release, attempt)
    rows = edition.rows["observations"][release % 3 :]
    observations = [(*row[:NOTE], mark, *row[NOTE + 1 :]) for row in rows]
    body = orjson.dumps({"mark": mark}).decode()
    attachments = [
        replace(one, body=body) if one.kind == "coverage" else one for one in edition.attachments
    ]
    before = edition.rows["observations"][0 if release == FIRST else (release - 1) % 3 :]
    reasons = [Reason(str(row[0]), "curation", mark, mark) for row in before]
    return Edition({**edition.rows, "observations": observations}, attachments, reasons)


@dataclass(frozen=True, slots=True)
class Point:
    """Where a publisher kills itself: about to call a function with a text that has the words."""

    owner: Any
    name: str
    words: str = ""

    def arm(self) -> None:
        """From now on reaching the point kills this process."""
        called = getattr(self.owner, self.name)

        def call(*given: Any, **named: Any) -> Any:
            texts = [str(one) for one in given if isinstance(one, str | Path)]
            if not self.words or any(self.words in text for text in texts):
                os.kill(os.getpid(), signal.SIGKILL)
            return called(*given, **named)

        setattr(self.owner, self.name, call)


Postgres = asyncpg.Connection
WRITTEN = "all is written and nothing published"
SWEEPING = "what another left is to be swept"
LAST = "nobody is told"
TOLD = Point(sys.modules[__name__], "tell")

POINTS: Mapping[str, Mapping[str, Point]] = {
    "sqlite": {
        "the draft is a copy": Point(sqlite_writer, "_apply"),
        "rows are there without their texts": Point(sqlite_rows, "_insert", "observation_fragment"),
        "files are being made": Point(Path, "open", "passages.ndjson"),
        "files are made": Point(FilesFolder, "keep"),
        "files lie where they stay": Point(FilesFolder, "sync"),
        WRITTEN: Point(sqlite_writer, "flip"),
        "the draft is whole": Point(Path, "replace", "opendata-"),
        "the file has its name": Point(sqlite_drafts, "sync_folder"),
        "the pointer is written": Point(Path, "replace", "current.json"),
        "the pointer has moved": Point(pointer, "sync_folder"),
        "an old file is to be swept": Point(Path, "unlink", "opendata-"),
        LAST: TOLD,
        SWEEPING: Point(Path, "unlink", "draft.tmp"),
    },
    "postgres": {
        "the release is begun": Point(Publisher, "write"),
        "nothing is retired": Point(Postgres, "executemany", "observation"),
        "old rows are retired": Point(Postgres, "copy_records_to_table", "observation"),
        "rows are there without their texts": Point(
            Postgres, "copy_records_to_table", "observation_fragment"
        ),
        "rows are there without their dimensions": Point(
            Postgres, "copy_records_to_table", "observation_dimension"
        ),
        "old texts are retired": Point(Postgres, "copy_records_to_table", "attachment"),
        "files are being made": Point(Path, "open", "passages.ndjson"),
        "files are made": Point(FilesFolder, "keep"),
        "files lie where they stay": Point(FilesFolder, "sync"),
        WRITTEN: Point(postgres_writer, "finish"),
        "the release is published": Point(Postgres, "execute", "pg_advisory_unlock"),
        LAST: TOLD,
        SWEEPING: Point(Postgres, "execute", 'delete from "observation_fragment"'),
    },
}
"""By database and by what was done last."""


ENDED_S = 300
"""A publisher that takes longer tells where it stands, and ends."""

ALONE = {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
"""The library of Parquet starts no thread, which what is forked would lack."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a publisher is to do, and how it dies."""

    settings: dict[str, Any]
    first: int
    """The number of its first release."""
    attempt: int
    most: int = 1
    """So many releases, one after another."""
    killed_after_s: float | None = None
    point: str | None = None


def serve() -> None:
    """Carry out orders from standard input; a publisher's last line tells how it ended."""
    import_module("opendata_api.formats.parquet")  # once, not in each publisher
    edition = make_edition(read_seed(SEED))
    for line in sys.stdin.buffer:
        order = Order(**orjson.loads(line))
        publisher = os.fork()
        if publisher == 0:
            faulthandler.dump_traceback_later(ENDED_S, exit=True)
            publish(order, edition)
            return
        if order.killed_after_s is not None:
            time.sleep(order.killed_after_s)
            os.kill(publisher, signal.SIGKILL)
        _, status = os.waitpid(publisher, 0)
        tell("ended", os.waitstatus_to_exitcode(status))


def publish(order: Order, edition: Edition) -> None:
    """Publish the releases in order, telling of each that it is there."""
    settings = Settings(**order.settings)
    if order.point is not None:
        POINTS[database_of(settings)][order.point].arm()
    for n in range(order.first, order.first + order.most):
        marked_edition = marked(edition, n, order.attempt)
        made = beside(settings, marked_edition)
        release, _ = place.write_release(settings, DATASETS, marked_edition, AT, made)
        tell("published", release.n)


def tell(word: str, number: int) -> None:
    """One line on standard output, whole or not at all."""
    os.write(sys.stdout.fileno(), orjson.dumps([word, number]) + b"\n")


def database_of(settings: Settings) -> str:
    """The name of the kind of database."""
    return "sqlite" if settings.postgres_address is None else "postgres"


Publish: TypeAlias = Callable[[Order, list[int]], int]
"""Carries out an order; tells of each release as it is published, and how the publisher ended."""


@contextmanager
def publishers() -> Iterator[Publish]:
    """A server of publishers."""
    environment = {name: value for name, value in os.environ.items() if "COVERAGE" not in name}
    environment |= ALONE
    with subprocess.Popen(
        [sys.executable, __file__], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as server:
        yield partial(_carry_out, server)


def _carry_out(server: subprocess.Popen[bytes], order: Order, told: list[int]) -> int:
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(orjson.dumps(asdict(order), default=str) + b"\n")
    server.stdin.flush()
    for line in server.stdout:
        word, number = orjson.loads(line)
        if word == "ended":
            return int(number)
        told.append(number)
    raise ChildProcessError("the server of publishers is gone")


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Store]:
    """The store as a service finds it that starts now."""
    store = place.make_store(settings)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


async def is_whole(store: Store, release: int, edition: Edition) -> bool:
    """Whether the release holds the edition: each row, encoded too, each text, and the counts."""
    for dataset in DATASETS:
        query = parse_query(dataset, ())
        found = (await store.page(query, release, ROWS_MAX, None)).rows
        encoded = (await store.page(query, release, ROWS_MAX, "json")).rows
        versions = [(row[dataset.field_names.index("id")], row[-1]) for row in found]
        rows = edition.rows[dataset.name]
        if {row[: len(dataset.stored)] for row in found} != set(rows):
            return False
        if [_version_of(orjson.loads(str(text))) for (text,) in encoded] != versions:
            return False
        if not len(found) == len(rows) == store.published.count_of(dataset, release):
            return False
    texts = [await store.attachment(one.kind, one.id, release) for one in edition.attachments]
    return texts == [one.body for one in edition.attachments]


def _version_of(record: Mapping[str, Any]) -> tuple[str, int]:
    """By which an encoded row is known: a release changes a record once."""
    return record["id"], record["release_changed"]


async def lacking_files(settings: Settings, store: Store, release: int) -> list[str]:
    """The files of a release that are not there as they were made."""
    manifest = await store.manifest(release)
    listed = read_files(manifest)
    checked, lacking = CheckedFiles(FilesFolder(settings.files_folder)), []
    for file in listed:
        try:
            await checked.find(orjson.loads(manifest)["history_id"], file)
        except MissingFile as error:
            lacking.append(str(error))
    return lacking if listed else ["there are none"]


async def left_files(settings: Settings, store: Store) -> list[str]:
    """The files that no release lists."""
    listed = {
        stored_name(file)
        for n in store.published.releases
        for file in read_files(await store.manifest(n))
    }
    return sorted({path.name for path in settings.files_folder.glob("*/*")} - listed)


async def leftovers(settings: Settings) -> list[str]:
    """What killed publishers left behind that is of no release, once another has published."""
    if settings.postgres_address is not None:
        connection = await asyncpg.connect(settings.postgres_address)
        found = {text: await connection.fetchval(sql) for text, sql in LEFTOVERS.items()}
        await connection.close()
        return _told(found)
    folder = settings.store_folder
    now = pointer.Pointer.read(folder)
    assert now is not None
    own = {"current.json", CHECKED, "publish.lock", "files", now.file, now.previous or now.file}
    with closing(sqlite3.connect(folder / now.file)) as file:
        found = {text: file.execute(sql).fetchone()[0] for text, sql in LEFTOVERS.items()}
    return [*_told(found), *sorted({path.name for path in folder.iterdir()} - {PROVEN} ^ own)]


def _told(found: Mapping[str, int]) -> list[str]:
    return [f"{count} {text}" for text, count in found.items() if count]


def _leftovers() -> Iterator[tuple[str, str]]:
    newest = "(select max(n) from release where state = 'published')"
    last_n = "(select last_n from release where state = 'published' order by n desc limit 1)"
    yield "unpublished releases", "select count(*) from release where state <> 'published'"
    yield "counts to come", f'select count(*) from "count" where "release" > {newest}'
    for table in [*(dataset.table for dataset in DATASETS), "attachment"]:
        later = f'"since" > {newest} or ("until" > {newest} and "until" <> {FOREVER})'
        yield f"rows to come of {table}", f'select count(*) from "{table}" where {later}'
    for dataset in DATASETS:
        fact, fragment = dataset.table, f"{dataset.table}_fragment"
        same = "f.area_code = b.area_code and f.n = b.n"
        yield f"numbers to come of {fact}", f'select count(*) from "{fact}" where n > {last_n}'
        besides = [fragment] + [f"{fact}_dimension"] * (dataset.dimensions is not None)
        for table, other in [(fact, fragment), *((side, fact) for side in besides)]:
            lacking = f'not exists (select 1 from "{other}" f where {same})'
            yield (
                f"rows of {table} without {other}",
                f'select count(*) from "{table}" b where {lacking}',
            )


LEFTOVERS = dict(_leftovers())
"""What to count in either database, each of which must be none."""


async def settle(settings: Settings) -> None:
    """Wait until the database has done what a killed publisher had asked it to do."""
    if settings.postgres_address is None:
        return
    connection = await asyncpg.connect(settings.postgres_address)
    async with asyncio.timeout(SETTLED_S):
        while await connection.fetchval(PUBLISHERS):
            await asyncio.sleep(PAUSE_S)
    await connection.close()


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service, which is open and follows what is published."""
    app = create_app(settings, DATASETS)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url=settings.base) as client,
    ):
        yield client


if __name__ == "__main__":
    serve()

"""Releases as SQLite files: each publication a new one, checked before it is served."""

import asyncio
import fcntl
import shutil
import sqlite3
import time
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event, current_thread, main_thread

import httpx
import orjson
import pytest
from conftest import at_folder
from editions import O083, explained, serving, without

from opendata_api.datasets import DATASETS, OBSERVATIONS
from opendata_api.errors import DatabaseUnavailable, StatementTimeout
from opendata_api.query import parse_facets, parse_groups, parse_query
from opendata_api.store import (
    deadlines,
    sqlite,
    sqlite_drafts,
    sqlite_files,
    sqlite_writer,
    steps,
)
from opendata_api.store.clauses import Clause, Steps
from opendata_api.store.errors import (
    BadPublication,
    DamagedStore,
    OtherLayout,
    PublishingElsewhere,
)
from opendata_api.store.model import Edition, Release
from opendata_api.store.pointer import POINTER, Pointer, hash_file
from opendata_api.store.schema import LAYOUT
from opendata_api.store.sqlite import SqliteStore
from opendata_api.store.sqlite_writer import write_release

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
SETTLED_S = 10.0


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(pristine, tmp_path / "data"))


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(folder)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def test_an_unchanged_seed_writes_no_file(folder: Path, edition: Edition) -> None:
    before = sorted(path.name for path in folder.iterdir())

    write_release(folder, DATASETS, edition, AT)

    assert sorted(path.name for path in folder.iterdir()) == before


def test_the_file_before_is_kept_and_older_ones_are_not(folder: Path, edition: Edition) -> None:
    write_release(folder, DATASETS, without(edition, O083), AT)
    write_release(folder, DATASETS, edition, AT)

    names = sorted(path.name[:15] for path in folder.glob("opendata-*.sqlite"))
    assert names == ["opendata-000002", "opendata-000003"]


async def test_a_watching_reader_opens_the_new_file_by_itself(
    folder: Path, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "WATCH_S", 0.01)
    async with opened(folder) as store:
        (folder / POINTER).rename(folder / "away")
        await asyncio.sleep(0.05)
        (folder / "away").rename(folder / POINTER)
        write_release(folder, DATASETS, without(edition, O083), AT)
        async with asyncio.timeout(5):
            while store.published.newest.n < 2:
                await asyncio.sleep(0.01)


async def test_a_damaged_file_is_not_served_and_the_open_one_stays(
    folder: Path, edition: Edition
) -> None:
    async with opened(folder) as store:
        write_release(folder, DATASETS, without(edition, O083), AT)
        pointer = Pointer.read(folder)
        assert pointer is not None
        path = folder / pointer.file
        raw = bytearray(path.read_bytes())
        raw[len(raw) // 2] ^= 1
        path.write_bytes(raw)
        with pytest.raises(DamagedStore, match="SHA-256"):
            await store.refresh()

        assert store.published.newest.n == 1


async def test_a_missing_file_is_told(folder: Path) -> None:
    next(folder.glob("opendata-*.sqlite")).unlink()

    with pytest.raises(DamagedStore, match="missing"):
        async with opened(folder):
            pass


async def test_a_pointer_that_is_no_json_is_told(folder: Path) -> None:
    (folder / POINTER).write_text("{")

    with pytest.raises(DamagedStore, match="pointer"):
        async with opened(folder):
            pass


def repoint(folder: Path, **values: object) -> None:
    pointer = orjson.loads((folder / POINTER).read_bytes())
    (folder / POINTER).write_bytes(orjson.dumps(pointer | values))


async def test_a_file_of_another_program_is_not_served(folder: Path) -> None:
    path = folder / "opendata-other.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("create table t (a)")
    repoint(folder, file=path.name, sha256=hash_file(path))

    with pytest.raises(DamagedStore, match="not a file of this program"):
        async with opened(folder):
            pass


async def test_another_layout_is_refused_by_reader_and_publisher(
    folder: Path, edition: Edition
) -> None:
    repoint(folder, layout=99)

    with pytest.raises(
        OtherLayout, match=f"layout 99, this program needs {LAYOUT}; a newer program"
    ):
        async with opened(folder):
            pass
    with pytest.raises(
        OtherLayout, match=f"layout 99, this program needs {LAYOUT}; a newer program"
    ):
        write_release(folder, DATASETS, without(edition, O083), AT)


def test_a_damaged_file_is_not_carried_into_the_next_release(
    folder: Path, edition: Edition
) -> None:
    next(folder.glob("opendata-*.sqlite")).write_bytes(b"no database at all" * 100)

    with pytest.raises(DamagedStore, match="SHA-256"):
        write_release(folder, DATASETS, without(edition, O083), AT)


def test_a_second_publisher_is_refused(
    folder: Path, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_drafts, "LOCK_WAIT_S", 0.1)
    with (folder / sqlite_drafts.LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        with pytest.raises(PublishingElsewhere):
            write_release(folder, DATASETS, without(edition, O083), AT)


def test_a_publisher_that_waited_finds_its_edition_published(
    folder: Path, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = without(edition, O083)
    write_release(folder, DATASETS, new, AT)
    answers = iter([None, Release(2, "2026-01-02T03:04:06Z", "")])
    monkeypatch.setattr(sqlite_writer, "_current", lambda *_: next(answers))

    assert write_release(folder, DATASETS, new, AT) == (
        Release(2, "2026-01-02T03:04:06Z", ""),
        False,
    )


def test_a_failure_midway_leaves_what_is_published(folder: Path, edition: Edition) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()}
    twice = [*edition.rows["observations"], edition.rows["observations"][0]]
    bad = replace(edition, rows={**edition.rows, "observations": twice})

    with pytest.raises(BadPublication, match="an id stands twice"):
        write_release(folder, DATASETS, bad, AT)

    assert {path.name: path.read_bytes() for path in folder.iterdir() if path.is_file()} == before


def test_half_built_files_are_swept_by_the_next_publisher(folder: Path, edition: Edition) -> None:
    (folder / "draft.tmp").write_bytes(b"half")
    (folder / "draft.tmp-journal").write_bytes(b"half")
    (folder / "opendata-000099-lost.sqlite").write_bytes(b"lost")

    write_release(folder, DATASETS, without(edition, O083), AT)

    left = sorted(path.name.split("-")[0] for path in folder.iterdir())
    kept = ["opendata", "opendata", "proven.json", "publish.lock"]
    assert left == ["checked.json", "current.json", "files", *kept]


async def test_rows_of_an_older_encoding_are_read_and_encoded_again(
    folder: Path, edition: Edition
) -> None:
    with closing(sqlite3.connect(next(folder.glob("opendata-*.sqlite")))) as connection:
        connection.execute("update observation_fragment set json = 'old', csv = 'old'")
        connection.execute("update release set encoding = 0")
        connection.commit()
    pointer = Pointer.read(folder)
    assert pointer is not None
    repoint(folder, sha256=hash_file(folder / pointer.file))
    async with opened(folder) as store:
        assert not store.published.is_encoded(1)

    write_release(folder, DATASETS, without(edition, O083), AT)

    async with opened(folder) as store:
        assert store.published.is_encoded(1)
        page = await store.page(parse_query(OBSERVATIONS, ()), 2, 1, "json")
    assert str(page.rows[0][0]).startswith('{"id":"cn450203-2023-rol-o001",')


async def test_what_lies_beside_our_files_is_left_alone(folder: Path, edition: Edition) -> None:
    for name in ("mine.tmp", "opendata-mine.sqlite"):
        (folder / name).write_bytes(b"mine")

    write_release(folder, DATASETS, without(edition, O083), AT)

    assert {"mine.tmp", "opendata-mine.sqlite"} <= {path.name for path in folder.iterdir()}


async def test_a_lost_file_is_logged_once_and_the_open_one_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(deadlines, "WATCH_S", 0.01)
    async with opened(folder) as store:
        repoint(folder, file="opendata-000002-lost.sqlite")
        await asyncio.sleep(0.2)
        assert store.published.newest.n == 1

    [record] = caplog.records
    assert "opendata-000002-lost.sqlite is missing" in record.getMessage()


async def test_long_reads_run_apart_from_the_loop(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = parse_query(OBSERVATIONS, (("sort", "topic,-value"), ("year", "2023")))
    async with opened(folder) as store:
        here = await store.page(query, 1, 200, None)
        counted = await store.total(query, 1)
        monkeypatch.setattr(sqlite, "LOOP_ROWS", 10)

        assert await store.page(query, 1, 200, None) == here
        assert await store.total(query, 1) == counted


def note_threads(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Of each read from now on, whether it runs on the loop itself."""
    threads: list[bool] = []
    take_steps = sqlite_files.take_steps

    def noted(read: Steps[object], connection: sqlite3.Connection) -> object:
        threads.append(current_thread() is main_thread())
        return take_steps(read, connection)

    monkeypatch.setattr(sqlite_files, "take_steps", noted)
    return threads


async def test_a_small_release_is_read_apart_from_the_loop_where_others_have_many_rows(
    tmp_path: Path, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Indexes hold the rows of all releases: to find few of one may take reading all."""
    small = replace(
        edition, rows={**edition.rows, "observations": edition.rows["observations"][:5]}
    )
    for one in (small, edition):
        write_release(tmp_path, DATASETS, one, AT)
    year = (("year", "2023"),)
    async with opened(tmp_path) as store:
        threads = note_threads(monkeypatch)
        monkeypatch.setattr(sqlite, "LOOP_ROWS", 50)
        for release, is_here in ((1, [False] * 3), (2, [False, True, True])):
            await store.page(
                parse_query(OBSERVATIONS, (("sort", "topic,-value"),)), release, 3, None
            )
            await store.page(parse_query(OBSERVATIONS, ()), release, 3, None)
            await store.total(parse_query(OBSERVATIONS, year), release)
            assert threads == is_here
            threads.clear()


HERE, APART = True, False


async def test_groups_are_read_on_the_loop_as_long_as_that_is_brief(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_year = parse_facets(OBSERVATIONS, (("by", "year"),))
    tasks = (("group_by", "dim:task_origin"), ("metric", "inspection_tasks"))
    summed = parse_groups(OBSERVATIONS, (*tasks, ("agg", "sum:value")))
    searched = parse_facets(OBSERVATIONS, (("by", "year"), ("q", "法律")))
    async with opened(folder) as store:
        small = await store.facets(by_year, 1), await store.facets(searched, 1)
        threads = note_threads(monkeypatch)
        monkeypatch.setattr(sqlite, "LOOP_ROWS", 10)
        brief = await store.facets(by_year, 1), await store.facets(searched, 1)
        await store.groups(summed, 1)
        monkeypatch.setattr(sqlite_files, "STEPS", 1)
        monkeypatch.setattr(sqlite_files, "BRIEF_STEPS", 1)
        long = [await store.facets(by_year, 1) for _ in range(3)]

    assert brief == small
    assert long == [small[0]] * 3
    assert threads == [HERE, APART, HERE, *[HERE, APART] * 2, APART]


@pytest.mark.parametrize(
    ("words", "limit", "where"),
    [
        ("法律", 3, HERE),
        ("法", 3, HERE),
        ("法律援助", 3, APART),
        ("法律 援助", 3, APART),
        ("12", 3, APART),
        ("法律", 200, APART),
    ],
)
async def test_the_hits_of_one_token_are_read_on_the_loop(
    folder: Path, monkeypatch: pytest.MonkeyPatch, words: str, limit: int, *, where: bool
) -> None:
    query = parse_query(OBSERVATIONS, (("q", words),))
    async with opened(folder) as store:
        small = await store.page(query, 1, limit, None)
        threads = note_threads(monkeypatch)
        monkeypatch.setattr(sqlite, "LOOP_ROWS", 10)

        assert await store.page(query, 1, limit, None) == small
        assert threads == [where]


@pytest.mark.parametrize(("words", "where"), [("法律", HERE), ("法律援助", APART)])
async def test_hits_are_counted_where_they_are_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, words: str, *, where: bool
) -> None:
    query = parse_query(OBSERVATIONS, (("q", words),))
    async with opened(folder) as store:
        small = await store.total(query, 1)
    monkeypatch.setattr(sqlite, "LOOP_ROWS", 10)
    async with opened(folder) as store:
        threads = note_threads(monkeypatch)

        assert await store.total(query, 1) == small
        assert threads == [where]


async def test_a_newest_release_with_few_rows_is_read_apart_from_the_loop(
    tmp_path: Path, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = edition.rows["observations"]
    small = replace(edition, rows={**edition.rows, "observations": rows[:5]})
    for one in (edition, explained(small, *(str(row[0]) for row in rows[5:]))):
        write_release(tmp_path, DATASETS, one, AT)
    async with opened(tmp_path) as store:
        threads = note_threads(monkeypatch)
        monkeypatch.setattr(sqlite, "LOOP_ROWS", 50)
        await store.page(parse_query(OBSERVATIONS, ()), 2, 3, None)

    assert threads == [False]


async def test_a_statement_past_its_deadline_is_stopped(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = parse_query(OBSERVATIONS, (("sort", "topic,-value"),))

    async with opened(folder) as store:
        monkeypatch.setattr(deadlines, "STATEMENT_S", -1.0)
        monkeypatch.setattr(sqlite_files, "STEPS", 1)
        with pytest.raises(StatementTimeout):
            await store.page(query, 1, 200, None)


@pytest.mark.parametrize("left", [0.0, 0.5, 1.0], ids=["cut off", "cut short", "overwritten"])
async def test_a_file_lost_under_an_open_reader_is_an_unavailable_database(
    folder: Path, left: float
) -> None:
    """To read behind the end of a file that is mapped would end this process."""
    query = parse_query(OBSERVATIONS, (("sort", "topic,-value"),))
    async with opened(folder) as store:
        path = next(folder.glob("opendata-*.sqlite"))
        damage = bytes(int(path.stat().st_size * left))
        with path.open("r+b") as file:
            file.truncate(0)
            file.write(damage)

        for _ in range(2):
            with pytest.raises(DatabaseUnavailable):
                await store.page(query, 1, 200, None)
        with pytest.raises(DatabaseUnavailable):
            await anext(store.export(query, 1, None))


async def test_a_thread_reads_on_from_a_file_that_another_has_replaced(
    folder: Path, edition: Edition
) -> None:
    query = parse_query(OBSERVATIONS, ())
    async with opened(folder) as store:
        whole = [row async for batch in store.export(query, 1, None) for row in batch]
        export = store.export(query, 1, None)
        began = list(await anext(export))
        write_release(folder, DATASETS, without(edition, O083), AT)
        await store.refresh()
        rest = [row async for batch in export for row in batch]
        after = [row async for batch in store.export(query, 2, None) for row in batch]

    assert [*began, *rest] == whole
    assert len(after) == len(whole) - 1


async def test_a_reader_is_used_again_unless_its_read_failed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    readers: list[sqlite_files.Reader] = []
    open_reader = sqlite_files.open_reader

    def open_noted(path: Path, size: int) -> sqlite_files.Reader:
        readers.append(open_reader(path, size))
        return readers[-1]

    monkeypatch.setattr(sqlite_files, "open_reader", open_noted)
    monkeypatch.setattr(sqlite, "LOOP_ROWS", 10)
    query = parse_query(OBSERVATIONS, (("sort", "topic,-value"), ("year", "2023")))
    async with opened(folder) as store:
        for _ in range(3):
            await store.page(query, 1, 200, None)
            async for _ in store.export(query, 1, None):
                pass
        again = len(readers)
        with monkeypatch.context() as stuck:
            stuck.setattr(deadlines, "STATEMENT_S", -1.0)
            stuck.setattr(sqlite_files, "STEPS", 1)
            with pytest.raises(StatementTimeout):
                await store.page(query, 1, 200, None)
        await store.page(query, 1, 200, None)
        after_a_failure = len(readers)
        async with (
            aclosing(store.export(query, 1, None)) as left,
            aclosing(store.export(query, 1, None)) as other,
        ):
            await anext(left)
            await anext(other)
        await store.page(query, 1, 200, None)

    assert (again, after_a_failure, len(readers)) == (2, 3, 5)


async def test_a_reader_is_closed_when_the_thread_that_reads_has_ended(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, left = Event(), Event()
    connections: list[sqlite3.Connection] = []
    open_while_read: list[bool] = []
    open_reader = sqlite_files.open_reader

    def wait(cursor: sqlite3.Cursor, row: tuple[object, ...]) -> tuple[object, ...]:
        begun.set()
        left.wait(SETTLED_S)
        open_while_read.append(is_open(cursor.connection))
        return row

    def open_waiting(path: Path, size: int) -> sqlite_files.Reader:
        reader = open_reader(path, size)
        reader.connection.row_factory = wait
        connections.append(reader.connection)
        return reader

    async with opened(folder) as store:
        monkeypatch.setattr(sqlite_files, "open_reader", open_waiting)
        export = store.export(parse_query(OBSERVATIONS, ()), 1, None)
        reading = asyncio.create_task(anext(export))
        await asyncio.to_thread(begun.wait, SETTLED_S)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        left.set()
        end = time.monotonic() + SETTLED_S
        while is_open(connections[0]):
            assert time.monotonic() < end
            await asyncio.sleep(0.01)

    assert open_while_read == [True]


def is_open(connection: sqlite3.Connection) -> bool:
    try:
        return connection.total_changes == 0
    except sqlite3.ProgrammingError:
        return False


def test_what_the_driver_itself_refuses_is_an_unavailable_database(folder: Path) -> None:
    path = next(folder.glob("opendata-*.sqlite"))
    reader = sqlite_files.open_reader(path, path.stat().st_size)

    def read() -> Steps[None]:
        yield Clause("select 1")
        reader.connection.close()
        yield Clause("select 1")

    with pytest.raises(DatabaseUnavailable):
        reader.run(read())
    reader.close()


@pytest.mark.parametrize("limit", [None, 30, 1_000])
@pytest.mark.parametrize("sort", ["-id", "value"])
async def test_an_export_before_a_cursor_begins_with_its_first_batch_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch, limit: int | None, sort: str
) -> None:
    read: list[object] = []
    open_reader = sqlite_files.open_reader

    def note(_: sqlite3.Cursor, row: tuple[object, ...]) -> tuple[object, ...]:
        read.append(row)
        return row

    def open_noted(path: Path, size: int) -> sqlite_files.Reader:
        reader = open_reader(path, size)
        reader.connection.row_factory = note
        return reader

    query = parse_query(OBSERVATIONS, (("sort", sort),))
    async with opened(folder) as store:
        page = await store.page(query, 1, 1_000, None)
        before = replace(query, limit=limit).beside(1, page.last or (), backwards=True)
        monkeypatch.setattr(steps, "BATCH_ROWS", 5)
        monkeypatch.setattr(sqlite_files, "open_reader", open_noted)
        export = store.export(before, 1, None)
        first = await anext(export)
        begun = len(read)
        rest = [row async for batch in export for row in batch]

    assert [*first, *rest] == page.rows[:-1][-(limit or 1_000) :]
    assert begun < 10


async def test_few_readers_are_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_files, "IDLE_MAX", 1)
    query = parse_query(OBSERVATIONS, ())
    async with opened(folder) as store:
        exports = [store.export(query, 1, None) for _ in range(3)]
        batches = [[row async for batch in export for row in batch] for export in exports]
        begun = [store.export(query, 1, None) for _ in range(3)]
        first = [await anext(export) for export in begun]
        rest = [[row async for batch in export for row in batch] for export in begun]

    whole = [[*some, *others] for some, others in zip(first, rest, strict=True)]
    assert batches == whole


def test_the_folder_of_a_copy_is_read_as_well(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy of it"))

    assert Pointer.read(copy) == Pointer.read(folder)


async def test_a_file_without_a_release_is_not_served(folder: Path) -> None:
    path = next(folder.glob("opendata-*.sqlite"))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("delete from release")
        connection.commit()
    repoint(folder, sha256=hash_file(path))

    with pytest.raises(DamagedStore, match="holds no release"):
        async with opened(folder):
            pass


async def test_a_file_that_is_gone_without_another_is_an_unavailable_database(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "LOOP_ROWS", 10)
    query = parse_query(OBSERVATIONS, (("sort", "topic,-value"),))
    async with opened(folder) as store:
        next(folder.glob("opendata-*.sqlite")).unlink()

        with pytest.raises(DatabaseUnavailable):
            await store.page(query, 1, 200, None)
        with pytest.raises(DatabaseUnavailable):
            await anext(store.export(query, 1, None))


async def test_a_release_that_a_damaged_pointer_may_hide_is_unavailable(folder: Path) -> None:
    async with opened(folder) as store:
        (folder / POINTER).write_text("{")

        with pytest.raises(DatabaseUnavailable):
            await store.release(2)
        assert await store.release(1) is not None


async def test_what_is_damaged_while_it_is_served_is_served_no_more(
    pristine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = at_folder(Path(shutil.copytree(pristine, tmp_path / "damaged")))
    [path] = settings.store_folder.glob("*.sqlite")
    whole = path.read_bytes()
    monkeypatch.setattr(deadlines, "WATCH_S", 0.01)
    monkeypatch.setattr(deadlines, "VERIFY_S", 0.0)
    async with serving(settings) as api:
        before = await api.get("/-/ready")
        path.write_bytes(bytes([whole[0] ^ 1]) + whole[1:])
        during = await until(api, 503)
        refused = await api.get("/v1/areas")
        path.write_bytes(whole)
        after = await until(api, 200)

    assert (before.status_code, during.status_code, after.status_code) == (200, 503, 200)
    assert refused.json()["code"] == "database-unavailable"


def test_what_a_killed_publisher_left_to_be_played_back_is_not(
    folder: Path, edition: Edition
) -> None:
    """SQLite would write the pages of a journal into any file of its name."""
    pointer = Pointer.read(folder)
    assert pointer is not None
    draft = folder / "draft.tmp"
    shutil.copyfile(folder / pointer.file, draft)
    left = sqlite3.connect(draft, isolation_level=None)
    left.execute("pragma cache_spill = 1")
    left.execute("pragma cache_size = 1")
    left.execute("update observation set metric_zh = '前'")
    left.execute("begin")
    left.execute("update observation set metric_zh = '后'")
    journal = (folder / "draft.tmp-journal").read_bytes()
    left.close()
    draft.unlink()
    (folder / "draft.tmp-journal").write_bytes(journal)

    write_release(folder, DATASETS, without(edition, O083), AT)

    pointer = Pointer.read(folder)
    assert pointer is not None
    with closing(sqlite3.connect(folder / pointer.file)) as connection:
        metrics = {metric for (metric,) in connection.execute("select metric_zh from observation")}
    assert journal
    assert metrics.isdisjoint({"前", "后"})
    assert not (folder / "draft.tmp-journal").exists()


async def test_a_file_that_can_not_be_read_any_more_is_served_no_more(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteStore(folder)
    await store.open()

    def fail(*_: object) -> None:
        raise OSError("Input/output error")

    monkeypatch.setattr(sqlite, "check_file", fail)
    with pytest.raises(OSError, match="Input/output error"):
        await store.verify()
    with pytest.raises(DatabaseUnavailable):
        _ = store.published
    await store.close()


async def test_a_file_that_another_has_replaced_is_not_held_to_its_hash(
    folder: Path, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = SqliteStore(folder)
    await store.verify()
    await store.open()

    def replaced(*_: object) -> None:
        monkeypatch.undo()
        write_release(folder, DATASETS, without(edition, O083), AT)
        raise DamagedStore("swept")

    monkeypatch.setattr(sqlite, "check_file", replaced)
    await store.verify()
    served = store.published.newest.n
    await store.close()

    assert served == 2


async def until(api: httpx.AsyncClient, status: int, address: str = "/-/ready") -> httpx.Response:
    """The first answer with that status, about readiness unless another is asked for."""
    end = time.monotonic() + SETTLED_S
    while (answer := await api.get(address)).status_code != status:
        assert time.monotonic() < end
        await asyncio.sleep(0.01)
    return answer

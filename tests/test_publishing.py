"""Publishing: a changed seed makes the next release; whatever fails leaves what is there."""

import asyncio
import fcntl
import shutil
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from opendata_api.datasets import DATASETS, OBSERVATIONS
from opendata_api.errors import DatabaseUnavailable, ExpensiveQuery, StatementTimeout
from opendata_api.publish import make_edition
from opendata_api.query import Cursor, parse_query
from opendata_api.seed import Seed
from opendata_api.store import sqlite, writer
from opendata_api.store.errors import (
    BadPublication,
    DamagedStore,
    OtherLayout,
    PublishingElsewhere,
)
from opendata_api.store.model import Edition, Release
from opendata_api.store.pointer import POINTER, Pointer, hash_file
from opendata_api.store.reading import READ_ROWS_MAX
from opendata_api.store.sqlite import SqliteStore
from opendata_api.store.writer import write_release
from opendata_api.values import Row, Stored

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
O083 = "cn450203-2023-rol-o083"


@pytest.fixture(scope="module")
def edition(seed: Seed) -> Edition:
    return make_edition(seed)


@pytest.fixture
def folder(tmp_path: Path, edition: Edition) -> Path:
    write_release(tmp_path, DATASETS, edition, AT)
    return tmp_path


def changed(edition: Edition, record_id: str, **values: Stored) -> Edition:
    """The edition with other values in one observation."""
    names = OBSERVATIONS.field_names
    rows: list[Row] = []
    for row in edition.rows["observations"]:
        if row[0] == record_id:
            by_name = dict(zip(names, row, strict=False)) | values
            rows.append(tuple(by_name[name] for name in names[: len(row)]))
        else:
            rows.append(row)
    return replace(edition, rows={**edition.rows, "observations": rows})


def without(edition: Edition, record_id: str) -> Edition:
    rows = [row for row in edition.rows["observations"] if row[0] != record_id]
    return replace(edition, rows={**edition.rows, "observations": rows})


@asynccontextmanager
async def opened(folder: Path, read_rows_max: int = READ_ROWS_MAX) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(folder, DATASETS, read_rows_max)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


async def find(store: SqliteStore, record_id: str, release: int) -> dict[str, object] | None:
    row = await store.record(OBSERVATIONS, record_id, release)
    return None if row is None else dict(zip(OBSERVATIONS.field_names, row, strict=True))


async def test_an_unchanged_seed_publishes_nothing(folder: Path, edition: Edition) -> None:
    before = sorted(path.name for path in folder.iterdir())

    release, is_new = write_release(folder, DATASETS, edition, AT + timedelta(days=1))

    assert (release.n, release.published_at, is_new) == (1, "2026-01-02T03:04:05Z", False)
    assert sorted(path.name for path in folder.iterdir()) == before


async def test_a_change_makes_the_next_release_and_the_old_one_stays(
    folder: Path, edition: Edition
) -> None:
    release, is_new = write_release(
        folder, DATASETS, changed(edition, O083, value=207_000_000, value_text="207件"), AT
    )

    assert is_new
    assert (release.n, release.published_at) == (2, "2026-01-02T03:04:06Z")
    async with opened(folder) as store:
        first, second = await find(store, O083, 1), await find(store, O083, 2)
        other = await find(store, "cn450203-2023-rol-o001", 2)
        counts = [(await store.counts(n))["observations"] for n in (1, 2)]
        releases = [one.n for one in await store.releases()]
    assert first is not None
    assert second is not None
    assert other is not None
    assert [first["value_text"], second["value_text"]] == ["206件", "207件"]
    assert [first["release_added"], first["release_changed"]] == [1, 1]
    assert [second["release_added"], second["release_changed"]] == [1, 2]
    assert other["release_changed"] == 1
    assert counts == [108, 108]
    assert releases == [2, 1]


async def test_what_is_left_out_is_gone_from_the_next_release_only(
    folder: Path, edition: Edition
) -> None:
    write_release(folder, DATASETS, without(edition, O083), AT)

    async with opened(folder) as store:
        assert await find(store, O083, 1) is not None
        assert await find(store, O083, 2) is None
        assert (await store.counts(2))["observations"] == 107


async def test_texts_beside_the_rows_are_versioned_too(folder: Path, edition: Edition) -> None:
    attachments = [
        replace(one, body="{}") if one.kind == "labels" else one for one in edition.attachments
    ]
    write_release(folder, DATASETS, replace(edition, attachments=attachments), AT)

    async with opened(folder) as store:
        assert await store.attachment("labels", "all", 1) != "{}"
        assert await store.attachment("labels", "all", 2) == "{}"
        assert await store.attachment("text", "cn450203-2023-rol-d1", 2) is not None


async def test_rows_come_back_as_a_new_version_after_two_releases(
    folder: Path, edition: Edition
) -> None:
    write_release(folder, DATASETS, without(edition, O083), AT)
    write_release(folder, DATASETS, edition, AT)

    async with opened(folder) as store:
        found = [await find(store, O083, n) is not None for n in (1, 2, 3)]
    assert found == [True, False, True]
    assert len(list(folder.glob("opendata-*.sqlite"))) == 2


async def test_a_reader_follows_the_pointer(folder: Path, edition: Edition) -> None:
    async with opened(folder) as store:
        write_release(folder, DATASETS, without(edition, O083), AT)
        before = store.newest.n
        await store.refresh()
        after = store.newest.n

        assert (before, after) == (1, 2)


async def test_a_release_newer_than_what_is_open_is_looked_for(
    folder: Path, edition: Edition
) -> None:
    async with opened(folder) as store:
        write_release(folder, DATASETS, without(edition, O083), AT)

        found = await store.release(2)

    assert isinstance(found, Release)
    assert found.n == 2


async def test_a_watching_reader_opens_the_new_file_by_itself(
    folder: Path, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "WATCH_S", 0.01)
    async with opened(folder) as store:
        (folder / POINTER).rename(folder / "away")
        await asyncio.sleep(0.05)
        (folder / "away").rename(folder / POINTER)
        write_release(folder, DATASETS, without(edition, O083), AT)
        async with asyncio.timeout(5):
            while store.newest.n < 2:
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

        assert store.newest.n == 1


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

    with pytest.raises(OtherLayout, match="layout 99"):
        async with opened(folder):
            pass
    with pytest.raises(OtherLayout, match="layout 99"):
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
    monkeypatch.setattr(writer, "LOCK_WAIT_S", 0.1)
    with (folder / writer.LOCK).open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)

        with pytest.raises(PublishingElsewhere):
            write_release(folder, DATASETS, without(edition, O083), AT)


def test_a_publisher_that_waited_finds_its_edition_published(
    folder: Path, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    new = without(edition, O083)
    write_release(folder, DATASETS, new, AT)
    answers = iter([None, Release(2, "2026-01-02T03:04:06Z", "")])
    monkeypatch.setattr(writer, "_current", lambda *_: next(answers))

    assert write_release(folder, DATASETS, new, AT) == (
        Release(2, "2026-01-02T03:04:06Z", ""),
        False,
    )


def test_a_failure_midway_leaves_what_is_published(folder: Path, edition: Edition) -> None:
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    twice = [*edition.rows["observations"], edition.rows["observations"][0]]
    bad = replace(edition, rows={**edition.rows, "observations": twice})

    with pytest.raises(BadPublication, match="an id stands twice"):
        write_release(folder, DATASETS, bad, AT)

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_an_id_lies_in_the_area_of_its_row(folder: Path, edition: Edition) -> None:
    with pytest.raises(BadPublication, match="does not lie in area 990000"):
        write_release(folder, DATASETS, changed(edition, O083, area_code="990000"), AT)


def test_half_built_files_are_swept_by_the_next_publisher(folder: Path, edition: Edition) -> None:
    (folder / "draft.tmp").write_bytes(b"half")
    (folder / "opendata-000099-lost.sqlite").write_bytes(b"lost")

    write_release(folder, DATASETS, without(edition, O083), AT)

    left = sorted(path.name.split("-")[0] for path in folder.iterdir())
    assert left == ["current.json", "opendata", "opendata", "publish.lock"]


async def test_rows_of_an_older_encoding_are_read_and_encoded_again(
    folder: Path, edition: Edition
) -> None:
    with closing(sqlite3.connect(next(folder.glob("opendata-*.sqlite")))) as connection:
        connection.execute("update observation_fragment set json = 'old', csv = 'old'")
        connection.commit()
    pointer = Pointer.read(folder)
    assert pointer is not None
    repoint(folder, encoding=0, sha256=hash_file(folder / pointer.file))
    async with opened(folder) as store:
        assert not store.has_encoded_rows

    write_release(folder, DATASETS, without(edition, O083), AT)

    async with opened(folder) as store:
        assert store.has_encoded_rows
        page = await store.page(parse_query(OBSERVATIONS, ()), 2, 1, "json")
    assert str(page.rows[0][0]).startswith('{"id":"cn450203-2023-rol-o001",')


async def test_a_reader_that_was_never_opened_is_closed_like_any_other(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path, DATASETS)

    await store.close()

    with pytest.raises(DatabaseUnavailable):
        _ = store.newest


async def test_rows_without_the_first_two_keys_are_paged_by_the_id(folder: Path) -> None:
    query = parse_query(OBSERVATIONS, (("sort", "period_end,period_start"),))
    async with opened(folder) as store:
        whole = await store.page(query, 1, 200, None)
        start = next(row for row in whole.rows if row[_place("period_end")] is None)
        keys = tuple(start[_place(key.field.name)] for key in query.sort)
        for backwards in (False, True):
            cursor = Cursor(1, query.digest, backwards, keys)
            beside = await store.page(query.at(cursor), 1, 200, None)
            place = list(whole.rows).index(start)
            expected = whole.rows[:place] if backwards else whole.rows[place + 1 :]
            assert list(beside.rows) == list(expected)


def _place(name: str) -> int:
    return OBSERVATIONS.field_names.index(name)


async def test_what_lies_beside_our_files_is_left_alone(folder: Path, edition: Edition) -> None:
    for name in ("mine.tmp", "opendata-mine.sqlite"):
        (folder / name).write_bytes(b"mine")

    write_release(folder, DATASETS, without(edition, O083), AT)

    assert {"mine.tmp", "opendata-mine.sqlite"} <= {path.name for path in folder.iterdir()}


async def test_a_lost_file_is_logged_once_and_the_open_one_stays(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sqlite, "WATCH_S", 0.01)
    async with opened(folder) as store:
        repoint(folder, file="opendata-000002-lost.sqlite")
        await asyncio.sleep(0.2)
        assert store.newest.n == 1

    [record] = caplog.records
    assert "opendata-000002-lost.sqlite is missing" in record.getMessage()


async def test_nothing_published_is_told_as_unavailable(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        with pytest.raises(DatabaseUnavailable):
            _ = store.newest


async def test_a_costly_query_names_what_would_narrow_it(folder: Path) -> None:
    query = parse_query(OBSERVATIONS, (("sort", "topic,-value"), ("year", "2023")))

    async with opened(folder, read_rows_max=50) as store:
        with pytest.raises(ExpensiveQuery) as caught:
            await store.page(query, 1, 10, None)
        with pytest.raises(ExpensiveQuery):
            await anext(store.export(query, 1, None))

    fault = caught.value.faults[0]
    assert fault.message.en == "more than 50 rows match, too many to sort this way; add a filter"
    assert "metric" in fault.allowed
    assert "year" not in fault.allowed


@pytest.mark.parametrize(
    "pairs",
    [
        (("sort", "topic,-value"), ("metric", "safety_accidents")),
        (("year", "2023"),),
        (("sort", "-value"),),
        (("sort", "value"), ("value__gte", "100")),
    ],
    ids=["few rows match", "one value in order of the id", "one index", "a range of one index"],
)
async def test_a_query_that_an_index_bounds_is_answered(
    folder: Path, pairs: tuple[tuple[str, str], ...]
) -> None:
    async with opened(folder, read_rows_max=50) as store:
        page = await store.page(parse_query(OBSERVATIONS, pairs), 1, 3, None)

    assert len(page.rows) == 3


async def test_dimensions_and_several_values_need_a_count_first(folder: Path) -> None:
    async with opened(folder, read_rows_max=3) as store:
        for pairs in ((("dim", "regulated_field:food"),), (("topic__in", "legal_aid,mediation"),)):
            query = parse_query(OBSERVATIONS, pairs)
            total = await store.total(query, 1)
            if total.count > 3:
                with pytest.raises(ExpensiveQuery):
                    await store.page(query, 1, 3, None)
            else:
                assert len((await store.page(query, 1, 3, None)).rows) == total.count


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


async def test_a_statement_past_its_deadline_is_stopped(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "STATEMENT_S", -1.0)
    monkeypatch.setattr(sqlite, "STEPS", 1)
    query = parse_query(OBSERVATIONS, (("sort", "topic,-value"),))

    async with opened(folder) as store:
        with pytest.raises(StatementTimeout):
            await store.page(query, 1, 200, None)


@pytest.mark.parametrize("damage", [b"", b"\0" * 200_000], ids=["cut short", "overwritten"])
async def test_a_file_lost_under_an_open_reader_is_an_unavailable_database(
    folder: Path, damage: bytes
) -> None:
    query = parse_query(OBSERVATIONS, (("sort", "topic,-value"),))
    async with opened(folder) as store:
        path = next(folder.glob("opendata-*.sqlite"))
        with path.open("r+b") as file:
            file.truncate(0)
            file.write(damage)

        with pytest.raises(DatabaseUnavailable):
            await store.page(query, 1, 200, None)


def test_the_folder_of_a_copy_is_read_as_well(folder: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(folder, tmp_path / "copy of it"))

    assert Pointer.read(copy) == Pointer.read(folder)

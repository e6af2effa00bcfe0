"""A start soon after the published file was held to its hash relies on the note of it."""

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from threading import Event

import orjson
import pytest
from conftest import at_folder
from editions import O083, serving, without
from test_sqlite_files import repoint, until

from opendata_api.datasets import DATASETS
from opendata_api.errors import DatabaseUnavailable
from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.store import checks, deadlines, sqlite
from opendata_api.store.errors import DamagedStore, OtherLayout
from opendata_api.store.notes import CHECKED, PROVEN, read_note
from opendata_api.store.pointer import POINTER, Pointer, check_file
from opendata_api.store.sqlite import SqliteStore
from opendata_api.store.sqlite_writer import write_release

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
NANO = 10**9
SETTLED_S = 10.0


@pytest.fixture
def folder(pristine: Path, tmp_path: Path) -> Path:
    """A folder whose file was held to its hash just now."""
    made = Path(shutil.copytree(pristine, tmp_path / "data"))
    note(made)
    return made


@pytest.fixture
def checked(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The folders whose file is held to its hash from now on, one for each time."""
    told: list[Path] = []

    def check_told(folder: Path, pointer: Pointer) -> None:
        told.append(folder)
        check_file(folder, pointer)

    monkeypatch.setattr(sqlite, "check_file", check_told)
    monkeypatch.setattr(deadlines, "WATCH_S", SETTLED_S)
    return told


@asynccontextmanager
async def opened(folder: Path, *, notes_checks: bool = True) -> AsyncIterator[SqliteStore]:
    store = SqliteStore(folder, notes_checks=notes_checks)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


def pointer_of(folder: Path) -> Pointer:
    pointer = Pointer.read(folder)
    assert pointer is not None
    return pointer


def file_of(folder: Path) -> Path:
    return folder / pointer_of(folder).file


def note(folder: Path, **values: object) -> None:
    """Note that the file was held to its hash now, as it lies there, but for these values."""
    checks.note_check(folder, pointer_of(folder), time.time_ns())
    told = read_note(folder, CHECKED) | values
    (folder / CHECKED).write_bytes(orjson.dumps(told))


def damage(folder: Path) -> None:
    path = file_of(folder)
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


async def serve_on(store: SqliteStore) -> None:
    """Go on for a while, or until nothing is served any more."""
    end = time.monotonic() + SETTLED_S
    while time.monotonic() < end:
        _ = store.published
        await asyncio.sleep(0.01)


async def test_a_start_soon_after_a_check_serves_at_once_and_checks_next(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, may_end = Event(), Event()

    def check_late(folder: Path, pointer: Pointer) -> None:
        begun.set()
        may_end.wait(SETTLED_S)
        check_file(folder, pointer)

    monkeypatch.setattr(sqlite, "check_file", check_late)
    monkeypatch.setattr(deadlines, "WATCH_S", 0.01)
    before = read_note(folder, CHECKED)
    async with opened(folder) as store:
        served = store.published.newest.n
        await asyncio.to_thread(begun.wait, SETTLED_S)
        assert read_note(folder, CHECKED) == before
        with pytest.raises(DatabaseUnavailable):
            await store.check()
        may_end.set()
        end = time.monotonic() + SETTLED_S
        while read_note(folder, CHECKED) == before:
            assert time.monotonic() < end
            await asyncio.sleep(0.01)
        await store.verify()
        await store.check()

    after = read_note(folder, CHECKED)
    assert (served, after) == (1, before | {"at": after["at"]})
    assert after["at"] > before["at"]


async def test_what_was_just_published_is_served_at_once(
    tmp_path: Path, seed: Seed, checked: list[Path]
) -> None:
    write_release(tmp_path, DATASETS, without(make_edition(seed), O083), AT)

    async with opened(tmp_path) as store:
        assert (store.published.newest.n, checked) == (1, [])


@pytest.mark.parametrize(
    ("age_s", "is_relied_on"),
    [(0, True), (deadlines.VERIFY_S - 60, True), (deadlines.VERIFY_S, False), (-60, False)],
)
async def test_a_note_is_relied_on_as_long_as_a_running_service_waits(
    folder: Path, checked: list[Path], age_s: float, *, is_relied_on: bool
) -> None:
    note(folder, at=time.time_ns() - int(age_s * NANO))
    async with opened(folder):
        assert checked == ([] if is_relied_on else [folder])


@pytest.mark.parametrize(
    "values",
    [
        {"at": True},
        {"at": "now"},
        {"at": 1.5},
        {"at": None},
        {"file": "opendata-000009-0123456789ab.sqlite"},
        {"sha256": "0" * 64},
        {"size": 1},
        {"mtime_ns": 1},
        {"ctime_ns": 1},
        {"inode": 1},
        {"device": 1},
        {"more": 1},
    ],
    ids=str,
)
async def test_a_note_of_anything_else_is_not_relied_on(
    folder: Path, checked: list[Path], values: dict[str, object]
) -> None:
    note(folder, **values)
    async with opened(folder) as store:
        assert (store.published.newest.n, checked) == (1, [folder])
    async with opened(folder):
        assert checked == [folder]


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"at": 1}', "[" * 10_000, "\xff"])
async def test_a_note_that_is_none_is_not_relied_on(
    folder: Path, checked: list[Path], text: str
) -> None:
    (folder / CHECKED).write_bytes(text.encode("latin-1"))
    async with opened(folder) as store:
        assert (store.published.newest.n, checked) == (1, [folder])


def touch(path: Path) -> None:
    os.utime(path, ns=(1, 1))


def copy(path: Path) -> None:
    other = path.with_suffix(".copy")
    shutil.copy2(path, other)
    other.replace(path)


def grant(path: Path) -> None:
    path.chmod(0o640)


@pytest.mark.parametrize("change", [touch, copy, grant])
async def test_a_file_that_was_touched_since_is_held_to_its_hash_first(
    folder: Path, checked: list[Path], change: Callable[[Path], None]
) -> None:
    change(file_of(folder))
    async with opened(folder) as store:
        assert (store.published.newest.n, checked) == (1, [folder])


async def test_a_file_that_was_written_into_since_is_refused(folder: Path) -> None:
    damage(folder)

    with pytest.raises(DamagedStore, match="SHA-256"):
        async with opened(folder):
            pass
    assert read_note(folder, CHECKED) == {}


async def test_a_note_of_a_file_that_is_gone_is_no_file(folder: Path) -> None:
    file_of(folder).unlink()
    (folder / CHECKED).write_bytes(orjson.dumps({"at": time.time_ns()}))

    with pytest.raises(DamagedStore, match="missing"):
        async with opened(folder):
            pass


async def test_a_file_that_cannot_be_opened_is_refused_whatever_is_noted(folder: Path) -> None:
    file_of(folder).write_bytes(b"no database at all" * 100)
    note(folder)

    with pytest.raises(DamagedStore, match="SHA-256"):
        async with opened(folder):
            pass


async def test_another_layout_is_refused_whatever_is_noted(folder: Path) -> None:
    repoint(folder, layout=99)
    note(folder)

    with pytest.raises(OtherLayout):
        async with opened(folder):
            pass


async def test_damage_that_a_note_hides_is_found_next_and_served_no_more(
    pristine: Path, tmp_path: Path
) -> None:
    """As where a disk lost what was written: nothing of the file looks changed."""
    settings = at_folder(Path(shutil.copytree(pristine, tmp_path / "damaged")))
    folder = settings.store_folder
    whole = file_of(folder).read_bytes()
    file_of(folder).write_bytes(bytes([whole[0], *whole[1:-1], whole[-1] ^ 1]))
    note(folder)
    async with serving(settings) as api:
        rows = await until(api, 503, "/v1/areas")
        refused = await until(api, 503)
        left = read_note(folder, CHECKED)
        file_of(folder).write_bytes(whole)
        mended = await until(api, 200)

    assert (refused.status_code, mended.status_code) == (503, 200)
    assert rows.json()["code"] == "database-unavailable"
    assert left == {}
    assert read_note(folder, CHECKED)["sha256"] == pointer_of(folder).sha256


async def test_damage_that_a_note_hides_is_found_though_the_pointer_names_nothing_that_opens(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "WATCH_S", 0.01)
    path = file_of(folder)
    raw = path.read_bytes()
    path.write_bytes(bytes([*raw[:-1], raw[-1] ^ 1]))
    note(folder)
    async with opened(folder) as store:
        (folder / POINTER).write_text("half")
        with pytest.raises(DatabaseUnavailable):
            await serve_on(store)


async def test_a_store_that_notes_nothing_relies_on_nothing(
    folder: Path, checked: list[Path]
) -> None:
    """So is what is to be verified opened."""
    before = read_note(folder, CHECKED)
    async with opened(folder, notes_checks=False) as store:
        assert (store.published.newest.n, checked) == (1, [folder])

    assert read_note(folder, CHECKED) == before


async def test_a_folder_with_nothing_published_is_waited_for(tmp_path: Path) -> None:
    async with opened(tmp_path) as store:
        with pytest.raises(DatabaseUnavailable):
            _ = store.published


async def test_where_nothing_can_be_written_each_start_checks_first(
    folder: Path, checked: list[Path]
) -> None:
    """A folder stands in the way, since root may write into what is read-only."""
    (folder / CHECKED).unlink()
    (folder / f"{CHECKED}.tmp").mkdir()
    for times in (1, 2):
        async with opened(folder) as store:
            assert (store.published.newest.n, checked) == (1, [folder] * times)
    assert not (folder / CHECKED).exists()


async def test_a_note_that_cannot_be_removed_hides_no_damage(folder: Path) -> None:
    (folder / CHECKED).unlink()
    (folder / CHECKED).mkdir()
    damage(folder)

    with pytest.raises(DamagedStore, match="SHA-256"):
        async with opened(folder):
            pass


def test_half_written_notes_are_swept_by_the_next_publisher(folder: Path, seed: Seed) -> None:
    for name in (CHECKED, PROVEN):
        (folder / f"{name}.tmp").write_bytes(b"half")

    write_release(folder, DATASETS, without(make_edition(seed), O083), AT)

    assert not list(folder.glob("*.tmp"))
    assert read_note(folder, CHECKED)["file"] == pointer_of(folder).file

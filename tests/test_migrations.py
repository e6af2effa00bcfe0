"""Tables of an older layout: refused with the command to run, brought along with all they hold."""

import asyncio
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import asyncpg
import httpx
import orjson
import pytest
import sqlalchemy as sa
from alembic.config import Config
from alembic.script import ScriptDirectory
from conftest import BASE, a_database, at_folder, at_postgres
from editions import O083, changed, without
from postgres_server import PostgresServer
from sqlalchemy.ext.asyncio import create_async_engine
from typer.testing import CliRunner

from opendata_api import cli
from opendata_api.datasets import DATASETS
from opendata_api.describe import Dataset, Type
from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store import place
from opendata_api.store.errors import DatabaseAway, NoTables, OtherLayout
from opendata_api.store.migrate import MIGRATIONS, revision_of, upgrade
from opendata_api.store.model import ChangesAsked
from opendata_api.store.pointer import POINTER, Pointer, hash_file
from opendata_api.store.schema import FOREVER, LAYOUT
from opendata_api.store.sqlite_drafts import drafting
from opendata_api.store.sqlite_rows import tell_story
from opendata_api.store.sqlite_writer import migrate
from opendata_api.verify import Finding, StorePlace, verify
from opendata_api.web.app import create_app

Found = TypeVar("Found")
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
INTEGERS = (Type.INTEGER, Type.DECIMAL, Type.BOOLEAN)
WHAT_TO_DO = f"this program needs {LAYOUT}; bring them up to date with: opendata-api migrate"
ADDRESSES = (
    "/v1/passages?q=法律援助 206",
    "/v1/observations?sort=-value",
    "/v1/observations.csv",
    "/v1/service-counts.excel.csv",
    "/v1/observations?release=1&fields=id,value_text,release_changed",
    "/v1/documents/cn450203-2023-rol-d1/text",
    "/v1/releases",
    "/v1/observations?q=法律&limit=1",
)


@contextmanager
def engine_of(settings: Settings) -> Iterator[sa.Engine]:
    """A way to look at the tables of a store by SQLAlchemy, on SQLite only."""
    [path] = settings.store_folder.glob("opendata-*.sqlite")
    engine = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(path))
    try:
        yield engine
    finally:
        engine.dispose()


def inspected(settings: Settings, look: Callable[[sa.Inspector], Found]) -> Found:
    """What an inspector of the store's tables finds."""
    if settings.postgres_address is None:
        with engine_of(settings) as engine:
            return look(sa.inspect(engine))

    async def ask() -> Found:
        address = str(settings.postgres_address).replace("postgresql:", "postgresql+asyncpg:")
        engine = create_async_engine(address)
        async with engine.connect() as connection:
            found = await connection.run_sync(lambda sync: look(sa.inspect(sync)))
        await engine.dispose()
        return found

    return asyncio.run(ask())


def test_the_newest_migration_is_the_layout_of_this_program() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))

    assert ScriptDirectory.from_config(config).get_heads() == [revision_of(LAYOUT)]


def test_the_tables_hold_what_the_datasets_describe(own: Settings) -> None:
    columns = inspected(
        own, lambda look: {one.table: look.get_columns(one.table) for one in DATASETS}
    )

    for dataset in DATASETS:
        found = {one["name"]: one for one in columns[dataset.table]}
        own_columns = {"n", "area_code", "since", "until", "release_added", "digest"}
        assert found.keys() == {field.name for field in dataset.stored} | own_columns
        for field in dataset.stored:
            column = found[field.name]
            assert column["nullable"] == field.nullable, field.name
            is_integer = isinstance(column["type"], sa.Integer)
            assert is_integer == (field.type in INTEGERS), field.name


def test_what_is_queried_alone_or_together_has_an_index_that_ends_in_the_id(own: Settings) -> None:
    indexes = inspected(
        own, lambda look: {one.table: look.get_indexes(one.table) for one in DATASETS}
    )

    for dataset in DATASETS:
        found = {tuple(one["column_names"]) for one in indexes[dataset.table]}
        assert keys_of(dataset) <= found


def keys_of(dataset: Dataset) -> set[tuple[str, ...]]:
    alone = [(field.name,) for field in dataset.stored if field.is_queryable]
    return {
        tuple(dict.fromkeys([*names, "id", "since", "until"]))
        for names in (*alone, *dataset.combined)
    }


async def test_texts_of_postgresql_compare_by_code_point(
    places: dict[str, Settings],
) -> None:
    connection = await asyncpg.connect(places["postgres"].postgres_address)
    found = await connection.fetch(
        "select distinct collation_name from information_schema.columns "
        "where table_schema = 'public' and data_type = 'text'"
    )
    await connection.close()

    assert [row[0] for row in found] == ["C"]


@pytest.fixture
def old_folder(pristine: Path, tmp_path: Path, seed: Seed) -> Path:
    """A folder of layout 1 with two releases, as the program before wrote it."""
    folder = Path(shutil.copytree(pristine, tmp_path / "old"))
    edition = changed(make_edition(seed), O083, note_en="Read again.")
    place.write_release(at_folder(folder), DATASETS, edition, AT)
    shutil.copytree(folder, tmp_path / "new")
    pointer = orjson.loads((folder / POINTER).read_bytes())
    newest = folder / pointer["file"]
    for path in folder.glob("opendata-*.sqlite"):
        if path != newest:
            path.unlink()
    with as_layout_1(newest) as old:
        old.replace(newest)
    pointer |= {"layout": 1, "encoding": 1, "sha256": hash_file(newest), "previous": None}
    (folder / POINTER).write_bytes(orjson.dumps(pointer))
    return folder


@contextmanager
def as_layout_1(newest: Path) -> Iterator[Path]:
    """A file with the same releases in the tables of layout 1."""
    old = newest.with_suffix(".old")
    engine = sa.create_engine("sqlite://", creator=lambda: sqlite3.connect(old))
    with engine.connect() as connection:
        upgrade(connection, 1)
        connection.commit()
    engine.dispose()
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        connection.execute("attach ? as newer", (str(newest),))
        tables = "select name from main.sqlite_master where type = 'table'"
        for (table,) in connection.execute(tables).fetchall():
            if table != "alembic_version":
                columns = connection.execute(f'pragma main.table_info("{table}")').fetchall()
                names = ", ".join(f'"{column[1]}"' for column in columns)
                connection.execute(
                    f'insert into main."{table}" ({names}) select {names} from newer."{table}"'
                )
        connection.execute("delete from attachment where kind = 'reasons'")
        connection.execute("drop table alembic_version")
        connection.execute("pragma user_version = 1")
        [application] = connection.execute("pragma newer.application_id").fetchone()
        connection.execute(f"pragma application_id = {application}")
    yield old


async def answers(settings: Settings) -> list[bytes]:
    app = create_app(settings, DATASETS)
    await app.site.store.open()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
        got = [(await client.get(address)) for address in ADDRESSES]
    await app.site.store.close()
    assert {one.status_code for one in got} == {200}
    return [one.content for one in got]


def run(monkeypatch: pytest.MonkeyPatch, settings: Settings, command: str) -> tuple[int, str]:
    for name, value in settings.model_dump(exclude_unset=True).items():
        monkeypatch.setenv(f"OPENDATA_{name.upper()}", str(value))
    result = CliRunner().invoke(cli.app, [command])
    return result.exit_code, result.output


def test_a_folder_of_an_older_layout_is_refused_with_the_command_to_run(
    old_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path.name: path.read_bytes() for path in old_folder.iterdir() if path.is_file()}
    newest = next(old_folder.glob("opendata-*.sqlite"))

    for command in ("publish", "serve"):
        assert run(monkeypatch, at_folder(old_folder), command) == (
            1,
            f"没有发布 / nothing was published: {newest} has tables of layout 1, {WHAT_TO_DO}\n",
        )

    assert {
        path.name: path.read_bytes() for path in old_folder.iterdir() if path.is_file()
    } == before


def test_migrate_begins_without_what_a_killed_publisher_left(
    old_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite would play a journal back into the draft of its name."""
    left = old_folder / "draft.tmp-journal"
    left.write_bytes(b"left")
    there: list[bool] = []

    def noted(folder: Path, pointer: Pointer | None) -> AbstractContextManager[Path]:
        there.append(left.exists())
        return drafting(folder, pointer)

    monkeypatch.setattr("opendata_api.store.sqlite_writer.drafting", noted)
    migrate(old_folder, DATASETS)

    assert there == [False]


async def test_migrate_copies_all_releases_into_a_new_file(
    old_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = next(old_folder.glob("opendata-*.sqlite"))
    as_it_was = old.read_bytes()
    settings = at_folder(old_folder)

    first = await asyncio.to_thread(run, monkeypatch, settings, "migrate")
    again = await asyncio.to_thread(run, monkeypatch, settings, "migrate")

    assert first == (0, f"layout {LAYOUT}: was 1\n")
    assert await faults_of(settings) == []
    assert await told_of(settings) == await told_of(at_folder(tmp_path / "new"))
    assert again == (0, f"layout {LAYOUT}: nothing to do\n")
    assert old.read_bytes() == as_it_was
    assert await answers(settings) == await answers(at_folder(tmp_path / "new"))
    with engine_of_newest(old_folder) as connection:
        counted = dict(connection.execute("select idx, stat from sqlite_stat1").fetchall())
        assert all(f"{one.table}_by_id" in counted for one in DATASETS)


async def test_a_migrated_folder_is_published_into(old_folder: Path, seed: Seed) -> None:
    settings = at_folder(old_folder)
    await asyncio.to_thread(place.migrate, settings, DATASETS)
    edition = changed(make_edition(seed), O083, note_en="Read a third time.")

    release, is_new = await asyncio.to_thread(place.write_release, settings, DATASETS, edition, AT)

    assert (release.n, is_new) == (3, True)
    with engine_of_newest(old_folder) as connection:
        numbers = connection.execute("select n, count(*) from observation group by n").fetchall()
    assert all(count == 1 for _, count in numbers)


@contextmanager
def engine_of_newest(folder: Path) -> Iterator[sqlite3.Connection]:
    name = orjson.loads((folder / POINTER).read_bytes())["file"]
    with closing(sqlite3.connect(folder / name)) as connection:
        yield connection


def test_a_damaged_folder_of_an_older_layout_is_not_copied(
    old_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = next(old_folder.glob("opendata-*.sqlite"))
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)

    code, words = run(monkeypatch, at_folder(old_folder), "migrate")

    assert code == 1
    assert words.startswith(f"没有更改 / nothing was changed: {path} has SHA-256 ")
    assert not list(old_folder.glob("draft*"))


def test_a_newer_folder_is_left_as_it_is(old_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pointer = orjson.loads((old_folder / POINTER).read_bytes())
    (old_folder / POINTER).write_bytes(orjson.dumps(pointer | {"layout": 99}))

    code, words = run(monkeypatch, at_folder(old_folder), "migrate")

    assert code == 1
    assert "a newer program made them: use that one" in words


def test_an_empty_folder_needs_no_migration(tmp_path: Path) -> None:
    assert place.migrate(at_folder(tmp_path), DATASETS) == (0, LAYOUT)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def bare(postgres: PostgresServer, tmp_path: Path) -> Iterator[Settings]:
    """A database without tables."""
    with a_database(postgres, "template1") as name:
        yield at_postgres(postgres, name, tmp_path / "files")


async def to_layout(settings: Settings, layout: int) -> None:
    address = str(settings.postgres_address).replace("postgresql:", "postgresql+asyncpg:")
    engine = create_async_engine(address)
    async with engine.begin() as connection:
        await connection.run_sync(lambda sync: upgrade(sync, layout))
    await engine.dispose()


async def test_a_database_without_tables_is_refused_with_the_command_to_run(
    bare: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = "the database has no tables yet; make them with: opendata-api migrate"

    with pytest.raises(NoTables, match=words):
        await place.make_store(bare).open()
    for command in ("publish", "serve"):
        told = await asyncio.to_thread(run, monkeypatch, bare, command)
        assert told == (1, f"没有发布 / nothing was published: {words}\n")


async def test_a_database_that_is_behind_is_refused_and_migrated(
    bare: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    await to_layout(bare, 1)
    words = f"the database has tables of layout 1, {WHAT_TO_DO}"

    with pytest.raises(OtherLayout, match=words):
        await place.make_store(bare).open()
    refused = await asyncio.to_thread(run, monkeypatch, bare, "publish")
    first = await asyncio.to_thread(run, monkeypatch, bare, "migrate")
    again = await asyncio.to_thread(run, monkeypatch, bare, "migrate")
    published = await asyncio.to_thread(run, monkeypatch, bare, "publish")

    assert refused == (1, f"没有发布 / nothing was published: {words}\n")
    assert first == (0, f"layout {LAYOUT}: was 1\n")
    assert again == (0, f"layout {LAYOUT}: nothing to do\n")
    assert published[0] == 0


@pytest.fixture
def copied(postgres: PostgresServer) -> Iterator[Settings]:
    """A database with the seed as release 1."""
    with a_database(postgres, "pristine") as name:
        yield at_postgres(postgres, name)


async def test_what_was_published_before_is_found_after_a_migration(
    copied: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await answers(copied)
    connection = await asyncpg.connect(copied.postgres_address)
    for dataset in DATASETS:
        await connection.execute(f'drop table "{dataset.table}_search"')
        await connection.execute(f'drop index "{dataset.table}_by_place"')
    await forget_changes(connection, 2)
    await connection.close()

    migrated = await asyncio.to_thread(run, monkeypatch, copied, "migrate")

    assert migrated == (0, f"layout {LAYOUT}: was 2\n")
    assert await answers(copied) == before


async def forget_changes(connection: "asyncpg.Connection[asyncpg.Record]", layout: int) -> None:
    """Take away what came with layouts 5, 6 and 7."""
    for dataset in DATASETS:
        for names in dataset.combined:
            await connection.execute(f'drop index "{dataset.table}_by_{"_".join(names)}"')
    for table in ("observation", "service_count"):
        await connection.execute(f"drop index {table}_of_metric, {table}_of_topic")
    await connection.execute("drop table erased")
    await connection.execute("drop table change")
    await connection.execute("drop table history")
    await connection.execute(
        "alter table release drop column last_seq, drop column manifest, drop column changes, "
        "drop column signature, drop column gone_zh, drop column gone_en"
    )
    await connection.execute(f"update alembic_version set version_num = '{layout:04d}'")


async def told_of(settings: Settings) -> list[tuple[object, ...]]:
    """The changes without their reasons."""
    store = place.make_store(settings)
    await store.open()
    try:
        page = await store.changes(ChangesAsked(limit=5_000), {}, 2)
    finally:
        await store.close()
    return [
        (one.seq, one.release, one.dataset, one.id, one.kind, one.changed) for one in page.changes
    ]


async def faults_of(settings: Settings) -> list[Finding]:
    """What is not as it was published."""
    store = place.make_store(settings)
    await store.open()
    try:
        return [one async for one in verify(StorePlace(store)) if one.fault is not None]
    finally:
        await store.close()


async def test_what_was_published_before_is_told_as_added_and_found_in_its_block(
    copied: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = await asyncpg.connect(copied.postgres_address)
    for dataset in DATASETS:
        await connection.execute(
            f"update \"{dataset.table}_search\" set tokens = ts_delete(tokens, 'w0')"
        )
    told = "select dataset, id, kind, n from change where dataset <> 'labels' order by 1, 2"
    before = await connection.fetch(told)
    await forget_changes(connection, 3)
    assert await asyncio.to_thread(run, monkeypatch, copied, "migrate") == (
        0,
        f"layout {LAYOUT}: was 3\n",
    )
    after = await connection.fetch(told)
    last = await connection.fetchval("select last_seq from release")
    await connection.close()

    assert after == before
    assert last > len(before)
    assert await faults_of(copied) == []
    assert b'"total":19' in (await answers(copied))[-1]


async def test_a_database_that_is_ahead_is_refused_and_left_as_it_is(
    copied: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = await asyncpg.connect(copied.postgres_address)
    await connection.execute("update alembic_version set version_num = '0099'")
    words = (
        f"the database has tables of layout 99, this program needs {LAYOUT}; "
        "a newer program made them: use that one"
    )

    with pytest.raises(OtherLayout, match=words):
        await place.make_store(copied).open()
    published = await asyncio.to_thread(run, monkeypatch, copied, "publish")
    migrated = await asyncio.to_thread(run, monkeypatch, copied, "migrate")
    version = await connection.fetchval("select version_num from alembic_version")
    await connection.close()

    assert published == (1, f"没有发布 / nothing was published: {words}\n")
    assert migrated == (1, f"没有更改 / nothing was changed: {words}\n")
    assert version == "0099"


def test_a_database_that_is_away_is_told_without_its_password(
    free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"postgresql://user:secret@127.0.0.1:{free_port}/open"
    settings = Settings(database_url=address)

    told = run(monkeypatch, settings, "publish")

    words = "the database does not answer: ConnectionRefusedError"
    assert told == (1, f"没有发布 / nothing was published: {words}\n")


def test_a_database_that_is_not_there_is_told(
    postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = run(monkeypatch, at_postgres(postgres, "nosuch"), "migrate")

    words = 'the database refuses: database "nosuch" does not exist'
    assert told == (1, f"没有更改 / nothing was changed: {words}\n")
    with pytest.raises(DatabaseAway):
        place.migrate(at_postgres(postgres, "nosuch"), DATASETS)


def test_a_row_that_no_release_has_retired_lasts_for_ever(own: Settings) -> None:
    columns = inspected(own, lambda look: look.get_columns("observation"))

    [until] = [one for one in columns if one["name"] == "until"]
    assert str(until["default"]).strip("'\"") == str(FOREVER)


async def test_what_is_told_of_versions_is_what_was_told_when_they_were_published(
    pristine: Path, tmp_path: Path, seed: Seed
) -> None:
    settings = at_folder(Path(shutil.copytree(pristine, tmp_path / "told")))
    edition = make_edition(seed)
    labelled = [
        replace(one, body=one.body.replace("法律援助", "法援")) if one.kind == "labels" else one
        for one in edition.attachments
    ]
    for one in (
        changed(edition, O083, note_en="Read again."),
        without(edition, O083),
        without(edition, "cn450203-2023-rol-o001"),
        replace(edition, attachments=labelled),
    ):
        await asyncio.to_thread(place.write_release, settings, DATASETS, one, AT)
    path = (
        settings.store_folder / orjson.loads((settings.store_folder / POINTER).read_bytes())["file"]
    )
    told = (
        "select seq, release, dataset, id, kind, changed, before_n, n, before, record from change"
    )
    manifests = "select n, manifest, digest from release order by n"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        before = connection.execute(f"{told} order by seq").fetchall()
        published = connection.execute(manifests).fetchall()
        connection.execute("delete from change")
        tell_story(path, DATASETS)
        after = connection.execute(f"{told} order by seq").fetchall()
        again = connection.execute(manifests).fetchall()

    assert after == before
    assert {kind for _, _, _, _, kind, *_ in after} == {
        *("added", "corrected", "relabelled", "withdrawn")
    }
    assert [contents_of(one) for one in again] == [contents_of(one) for one in published]


def contents_of(row: tuple[int, str, str]) -> tuple[object, ...]:
    """What a release consists of; the chain of changes holds reasons, which are not told again."""
    n, manifest, digest = row
    return n, orjson.loads(manifest)["contents"], digest

"""What must not stay public is erased from every release, file and index; its hash remains."""

import asyncio
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import asyncpg
import pytest
from conftest import BASE, environment_of
from editions import O083, changed, serving, with_copy, without
from test_paging import correct_note
from test_verify import execute
from typer.testing import CliRunner

from opendata_api import cli, publish
from opendata_api.datasets import DATASETS, OBSERVATIONS
from opendata_api.files import FilesFolder
from opendata_api.publish import beside, make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store import place
from opendata_api.store.erasing import Erasure
from opendata_api.store.errors import (
    BadPublication,
    CannotWithdraw,
    FilesLeft,
    NothingToErase,
    UnpublishedSeed,
)
from opendata_api.store.manifest import leaf_of
from opendata_api.store.model import Edition, Release
from opendata_api.store.place import make_store, write_release
from opendata_api.store.pointer import Pointer
from opendata_api.store.tokens import pairs
from opendata_api.verify import Finding, ServicePlace, StorePlace, verify
from opendata_api.words import Text

LATER = datetime(2026, 1, 3, tzinfo=UTC)
WHY = Text("涉及个人信息", "It names a person.")
NAME = "张三丰"
D1 = "cn450203-2023-rol-d1"
P001 = "cn450203-2023-rol-p001"


async def publish_all(settings: Settings, *editions: Edition) -> None:
    for edition in editions:
        made = beside(settings, edition)
        await asyncio.to_thread(write_release, settings, DATASETS, edition, LATER, made)


async def publish_rows(settings: Settings, *editions: Edition) -> None:
    """Publish without files, where they are no subject: to make them takes most of the time."""
    for edition in editions:
        await asyncio.to_thread(write_release, settings, DATASETS, edition, LATER)


async def erase(settings: Settings, edition: Edition, *ids: str) -> Release:
    erasure = Erasure(ids, WHY, LATER)
    made = beside(settings, edition)
    return await asyncio.to_thread(place.erase, settings, DATASETS, edition, erasure, made)


async def withdraw(settings: Settings, release: int) -> None:
    made = beside(settings, Edition({}, ()))
    await asyncio.to_thread(place.withdraw_release, settings, DATASETS, release, WHY, made)


async def found_in(settings: Settings) -> list[Finding]:
    store = make_store(settings)
    await store.open()
    try:
        folder = FilesFolder(settings.files_folder)
        return [one async for one in verify(StorePlace(store, folder))]
    finally:
        await store.close()


def faults(findings: list[Finding]) -> set[str]:
    return {one.part for one in findings if one.fault is not None}


@pytest.fixture
def named(seed: Seed) -> Edition:
    """An edition that names a person in an observation."""
    words = {"note_en": f"Of {NAME}.", "quote": f"{NAME}的案件"}
    return changed(make_edition(seed), O083, **words)


@pytest.fixture
async def erased(own: Settings, seed: Seed, named: Edition) -> None:
    """Release 2 named a person, 3 has the record no more, 4 tells of the erasure."""
    after = without(make_edition(seed), O083)
    await publish_all(own, named, after)
    await erase(own, after, O083)


async def test_a_withdrawn_record_is_erased_from_every_release(
    own: Settings, seed: Seed, named: Edition
) -> None:
    after = without(make_edition(seed), O083)
    await publish_rows(own, named, after)
    release = await erase(own, after, O083)
    async with serving(own) as api:
        answers = [
            await api.get(f"/v1/observations/{O083}{pin}")
            for pin in ("?release=1", "?release=2", "?release=3", "")
        ]
        lists = [
            (await api.get(f"/v1/observations?release={n}&limit=1")).json() for n in (1, 2, 3, 4)
        ]
        views = await api.get(f"/v1/observations?q={NAME}&release=2")
        changes = (await api.get("/v1/changes?limit=1000")).json()["data"]

    assert release.n == 4
    assert [one.status_code for one in answers] == [410, 410, 410, 410]
    assert [one.json()["code"] for one in answers] == ["erased", "erased", "withdrawn", "erased"]
    assert "第4版时清除。缘由：涉及个人信息" in answers[0].json()["detail"]
    assert [one["meta"]["total"] for one in lists] == [107, 107, 107, 107]
    assert views.json()["data"] == []
    told = [one for one in changes if one["id"] == O083 and one["dataset"] == "observations"]
    assert [one["kind"] for one in told] == ["added", "corrected", "withdrawn", "erased"]
    assert [(one["before"], one["record"]) for one in told] == [(None, None)] * 4
    assert told[-1]["reason"] == {"zh": WHY.zh, "en": WHY.en}
    assert told[-1]["cause"] is None
    assert told[-1]["release"] == 4


@pytest.mark.untraced
async def test_of_a_corrected_record_the_older_versions_are_erased_alone(
    own: Settings, seed: Seed, named: Edition
) -> None:
    after = changed(make_edition(seed), O083)
    await publish_rows(own, named, after)
    await erase(own, after, O083)
    async with serving(own) as api:
        old = await api.get(f"/v1/observations/{O083}?release=2")
        new = await api.get(f"/v1/observations/{O083}")
        before = await api.get(f"/v1/observations/{O083}?release=3")
        last = (await api.get("/v1/changes?limit=1000")).json()["data"][-1]

    assert (old.status_code, old.json()["code"]) == (410, "erased")
    assert new.status_code == before.status_code == 200
    assert last["kind"] == "erased"
    assert last["record"] == new.json()["data"]


@pytest.mark.untraced
async def test_nothing_of_it_is_left_in_the_store(
    own: Settings, seed: Seed, named: Edition
) -> None:
    after = without(make_edition(seed), O083)
    await publish_rows(own, named, after)
    had, indexed = await everything(own), await tokens(own)
    await erase(own, after, O083)
    left, still = await everything(own), await tokens(own)

    assert NAME.encode() in had
    assert NAME.encode() not in left
    assert O083.encode() in left  # its hash and the reason
    own_words = set(pairs(NAME)[:-1])
    assert own_words <= indexed
    assert not own_words & still


async def tokens(settings: Settings) -> set[str]:
    """Every token in the index of observations, without the letter of its field."""
    if settings.postgres_address is not None:
        connection = await asyncpg.connect(settings.postgres_address)
        rows = await connection.fetch(
            "select distinct unnest(tsvector_to_array(tokens)) from observation_search"
        )
        await connection.close()
        return {word[1:] for (word,) in rows}
    pointer = Pointer.read(settings.data_dir)
    assert pointer is not None
    with closing(sqlite3.connect(settings.data_dir / pointer.file)) as file:
        file.execute(
            "create virtual table temp.words using fts5vocab(main, observation_search, row)"
        )
        return {word for (word,) in file.execute("select term from temp.words")}


async def everything(settings: Settings) -> bytes:
    """Every byte of the store: of SQLite the whole folder, of PostgreSQL the rows of all tables."""
    if settings.postgres_address is None:
        paths = sorted(settings.data_dir.glob("*"))
        return b"".join(path.read_bytes() for path in paths if path.is_file())
    connection = await asyncpg.connect(settings.postgres_address)
    tables = await connection.fetch(
        "select tablename from pg_tables where schemaname = 'public' order by 1"
    )
    found = [str(await connection.fetch(f'select t::text from "{name}" t')) for (name,) in tables]
    await connection.close()
    return "".join(found).encode()


@pytest.mark.untraced
@pytest.mark.usefixtures("erased")
async def test_the_files_that_had_it_are_gone_and_the_others_stay(own: Settings) -> None:
    async with serving(own) as api:
        states = {}
        for n in (1, 2, 3, 4):
            told = (await api.get(f"/v1/releases/{n}")).json()["data"]["files"]
            states[n] = {one["name"]: one["state"] for one in told}
        gone = await api.get("/v1/releases/2/files/observations.csv")
        whole = await api.get("/v1/releases/1/files/open-data.zip")
        kept = await api.get("/v1/releases/2/files/areas.csv")
        rows = await api.get("/v1/observations.csv?release=2")
        page = await api.get("/releases")

    had = {"observations", "open-data"}
    for n in (1, 2):
        erased = {name for name, state in states[n].items() if state == "erased"}
        assert {name.partition(".")[0] for name in erased} == had
        assert len(erased) == 7
    assert set(states[3].values()) == set(states[4].values()) == {"available"}
    assert (gone.status_code, gone.json()["code"]) == (410, "erased")
    assert (whole.status_code, kept.status_code) == (410, 200)
    assert f"\n{O083}," not in rows.text
    assert rows.status_code == 200
    assert "/v1/releases/2/files/observations.csv" not in page.text
    for path in own.files_folder.rglob("*.*"):
        assert NAME.encode() not in path.read_bytes()


@pytest.mark.untraced
@pytest.mark.usefixtures("erased")
async def test_manifests_hold_with_the_holes(own: Settings) -> None:
    async with serving(own) as api:
        served = [one async for one in verify(ServicePlace(api))]
        holes = (await api.get("/v1/releases/2")).json()["data"]["erased"]

    assert faults(await found_in(own)) == set()
    assert faults(served) == set()
    assert [(one["dataset"], one["kind"], one["id"]) for one in holes] == [
        ("observations", None, O083)
    ]
    assert len(bytes.fromhex(holes[0]["leaf"])) == 32


@pytest.mark.usefixtures("erased")
async def test_a_hole_for_what_was_never_there_is_found(own: Settings) -> None:
    async with serving(own) as api:
        store = ServicePlace(api)
        holes = await store.holes(1)

        class Lying(ServicePlace):
            async def holes(self, release: int) -> Any:
                return [replace(one, leaf="00" * 32) for one in holes] if release == 1 else holes

        found = [one async for one in verify(Lying(api))]

    assert faults(found) == {"observations"}


async def test_the_texts_of_a_document_are_erased_with_it(own: Settings, seed: Seed) -> None:
    edition = make_edition(seed)
    attachments = [
        replace(one, body=f"{one.body}{NAME}") if (one.kind, one.id) == ("coverage", D1) else one
        for one in edition.attachments
    ]
    await publish_all(own, replace(edition, attachments=attachments), edition)
    await erase(own, edition, D1)
    async with serving(own) as api:
        old = await api.get(f"/v1/documents/{D1}/coverage?release=2")
        new = await api.get(f"/v1/documents/{D1}/coverage")
        holes = (await api.get("/v1/releases/2")).json()["data"]["erased"]
        changes = (await api.get("/v1/changes?limit=1000")).json()["data"]

    assert (old.status_code, new.status_code) == (410, 200)
    assert {(one["dataset"], one["kind"]) for one in holes} == {("texts", "coverage")}
    assert [(one["dataset"], one["kind"]) for one in changes if one["id"] == D1][-1] == (
        "documents",
        "erased",
    )
    assert faults(await found_in(own)) == set()


async def test_an_erased_id_never_comes_back(own: Settings, seed: Seed) -> None:
    edition = make_edition(seed)
    after = without(edition, O083)
    await publish_rows(own, after)
    await erase(own, after, O083)

    with pytest.raises(BadPublication, match=f"{O083} .* was erased"):
        await publish_rows(own, edition)


async def test_what_is_in_force_or_unknown_is_not_erased(own: Settings, seed: Seed) -> None:
    edition = make_edition(seed)

    for name in (O083, "cn450203-2023-rol-o999"):
        with pytest.raises(NothingToErase, match="no older version"):
            await erase(own, edition, name)
    with pytest.raises(UnpublishedSeed, match="publish them first"):
        await erase(own, without(edition, O083), O083)


async def test_where_nothing_is_published_nothing_is_erased(empty: Settings, seed: Seed) -> None:
    if empty.postgres_address is None:
        empty.data_dir.mkdir()

    with pytest.raises(UnpublishedSeed):
        await erase(empty, make_edition(seed), O083)


@pytest.mark.untraced
async def test_several_are_erased_at_once_or_none(own: Settings, seed: Seed) -> None:
    edition = with_copy(make_edition(seed), O083, id=f"{O083[:-3]}902")
    after = without(without(edition, f"{O083[:-3]}902"), O083)
    await publish_rows(own, edition, after)
    with pytest.raises(NothingToErase):
        await erase(own, after, O083, "cn450203-2023-rol-o777")
    async with serving(own) as api:
        before = await api.get(f"/v1/observations/{O083}?release=1")
    release = await erase(own, after, O083, f"{O083[:-3]}902")

    assert before.status_code == 200
    assert release.n == 4


@pytest.mark.untraced
async def test_the_file_before_is_gone_at_once(own: Settings, seed: Seed) -> None:
    after = without(make_edition(seed), O083)
    await publish_rows(own, after)
    await erase(own, after, O083)

    if own.postgres_address is None:
        pointer = Pointer.read(own.data_dir)
        assert pointer is not None
        assert pointer.previous is None
        assert [path.name for path in own.data_dir.glob("*.sqlite")] == [pointer.file]
        with closing(sqlite3.connect(own.data_dir / pointer.file)) as file:
            assert file.execute("pragma integrity_check").fetchone() == ("ok",)
            assert file.execute("pragma freelist_count").fetchone() == (0,)


async def test_the_command_erases_and_tells(
    own: Settings, seed_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in (environment_of(own) | {"OPENDATA_SEED_DIR": str(seed_dir)}).items():
        monkeypatch.setenv(variable, value)
    reasons = ("--reason", WHY.zh, "--reason-en", WHY.en)
    refused = await run("erase", O083, *reasons)
    half = await run("erase", O083, "--reason", WHY.zh)
    correct_note(seed_dir, "Read again.", is_explained=True)
    published = await run("publish")
    done = await run("erase", f"{O083[:-3]}001", *reasons)

    assert refused.exit_code == 1
    assert "no older version" in refused.output
    assert half.exit_code == 2
    assert published.exit_code == 0, published.output
    assert done.output == "已清除，见第3版 / erased, as release 3 tells\n"


async def run(*arguments: str) -> Any:
    return await asyncio.to_thread(CliRunner().invoke, cli.app, list(arguments))


async def test_a_release_withdrawn_by_law_is_read_no_more(
    own: Settings, seed: Seed, named: Edition
) -> None:
    after = changed(make_edition(seed), O083)
    await publish_all(own, named, after)
    await withdraw(own, 2)
    async with serving(own) as api:
        addresses = (
            "/v1/observations?release=2",
            f"/v1/observations/{O083}?release=2",
            "/v1/observations.csv?release=2",
            "/v1/releases/2",
            "/v1/releases/2/files/observations.csv",
            "/v1/datasets?release=2",
        )
        gone = [await api.get(address) for address in addresses]
        rest = [await api.get(f"/v1/observations?release={n}&limit=1") for n in (1, 3)]
        manifest = await api.get("/v1/releases/2/manifest")
        listed = (await api.get("/v1/releases")).json()["data"]
        page = await api.get("/releases?lang=en")
        person = await api.get("/releases?release=2", headers={"accept": "text/html"})
        changes = (await api.get("/v1/changes?limit=1000")).json()["data"]
        served = [one async for one in verify(ServicePlace(api))]

    assert {(one.status_code, one.json()["code"]) for one in gone} == {(410, "gone-release")}
    assert "涉及个人信息" in gone[0].json()["detail"]
    assert gone[0].json()["errors"][0]["try"].endswith("/v1/observations")
    assert [one.status_code for one in rest] == [200, 200]
    assert manifest.status_code == 200
    assert [(one["n"], one["withdrawn"]) for one in listed] == [
        (3, None),
        (2, {"zh": WHY.zh, "en": WHY.en}),
        (1, None),
    ]
    assert "It names a person." in page.text
    assert person.status_code in (400, 410)
    assert {one["published_at"] for one in changes if one["release"] == 2} == {
        "2026-01-03T00:00:00Z"
    }
    assert faults(await found_in(own)) == faults(served) == set()
    assert NAME.encode() not in await everything(own)
    for path in own.files_folder.rglob("*.*"):
        assert NAME.encode() not in path.read_bytes()


async def test_the_newest_release_is_withdrawn_by_publishing_another_first(own: Settings) -> None:
    with pytest.raises(CannotWithdraw, match="publish the next one first"):
        await withdraw(own, 1)
    with pytest.raises(CannotWithdraw, match="there is no release 7"):
        await withdraw(own, 7)


@pytest.mark.untraced
async def test_after_a_withdrawal_releases_go_on(own: Settings, seed: Seed) -> None:
    second = without(make_edition(seed), O083)
    await publish_all(own, second)
    await withdraw(own, 1)
    await publish_all(own, changed(second, f"{O083[:-3]}001", note_en="x"))
    async with serving(own) as api:
        listed = (await api.get("/v1/releases")).json()["data"]
        absent = await api.get("/v1/releases/4")

    assert [one["n"] for one in listed] == [3, 2, 1]
    assert absent.status_code == 404
    assert faults(await found_in(own)) == set()


async def test_the_command_withdraws_and_tells(
    own: Settings, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in environment_of(own).items():
        monkeypatch.setenv(variable, value)
    await publish_rows(own, without(make_edition(seed), O083))
    done = await run("withdraw-release", "1", "--reason", WHY.zh, "--reason-en", WHY.en)
    again = await run("withdraw-release", "1", "--reason", WHY.zh, "--reason-en", WHY.en)

    assert done.exit_code == 0, done.output
    assert "第1版已撤下 / release 1 is withdrawn" in done.output
    assert again.exit_code == 1
    assert "there is no release 1" in again.output


async def test_fields_of_a_record_that_was_erased_are_not_on_its_page(
    own: Settings, seed: Seed, named: Edition
) -> None:
    after = changed(make_edition(seed), O083)
    await publish_rows(own, named, after)
    await erase(own, after, O083)
    async with serving(own) as api:
        page = await api.get(f"/observations/{O083}?lang=en")
        releases = await api.get("/releases?lang=en")

    assert NAME not in page.text
    assert NAME not in releases.text
    assert "It names a person." in releases.text


async def test_a_hole_that_no_change_tells_of_is_found(own: Settings) -> None:
    store = make_store(own)
    await store.open()
    leaf = leaf_of(OBSERVATIONS, (await store.record(OBSERVATIONS, O083, 1) or ())[:-2])
    await store.close()
    insert = (
        "insert into erased (area_code, dataset, kind, id, since, until, leaf) "
        "values ('450203', 'observations', '', ?, 1, 2, '{leaf}')"
    )
    await execute(own, insert.format(leaf=leaf.hex()), O083)
    await execute(own, "delete from observation where id = ?", O083)

    found = await found_in(own)

    assert faults(found) == {"erased"}
    assert found[-1].fault == f"no change tells that {O083} was erased"


async def test_files_that_a_broken_off_erasure_left_are_gone_with_the_next_release(
    own: Settings, seed: Seed, named: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    after = without(make_edition(seed), O083)
    await publish_all(own, named, after)

    def refuse(path: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    with monkeypatch.context() as broken:
        broken.setattr(Path, "unlink", refuse)
        with pytest.raises((FilesLeft, PermissionError)):
            await erase(own, after, O083)
    async with serving(own) as api:
        erased = await api.get("/v1/releases/2/files/observations.csv")
    left = [path for path in own.files_folder.rglob("*.csv") if NAME in path.read_text()]
    await publish_all(own, changed(after, f"{O083[:-3]}001", note_en="x"))

    if own.postgres_address is not None:
        assert erased.status_code == 410
        assert left != []
    assert [path for path in own.files_folder.rglob("*.csv") if NAME in path.read_text()] == []


@pytest.mark.untraced
async def test_no_address_is_offered_where_the_last_version_was_erased(
    own: Settings, seed: Seed, named: Edition
) -> None:
    after = without(make_edition(seed), O083)
    await publish_rows(own, named, after)
    async with serving(own) as api:
        before = (await api.get(f"/v1/observations/{O083}")).json()
    await erase(own, after, O083)
    async with serving(own) as api:
        between = (await api.get(f"/v1/observations/{O083}?release=3")).json()

    assert before["code"] == between["code"] == "withdrawn"
    assert before["errors"][0]["try"].endswith("?release=2")
    assert between["errors"][0]["try"] is None


async def test_the_files_of_a_service_that_has_another_address_now_are_made_anew(
    own: Settings,
) -> None:
    moved = own.model_copy(update={"public_url": "https://new.example.org"})
    async with serving(moved) as api:
        packed = await api.get("/v1/areas.zip")
        table = await api.get("/v1/areas.csv")
        file = await api.get("/v1/releases/1/files/areas.zip")
    async with serving(own) as api:
        kept = await api.get("/v1/areas.zip")

    with ZipFile(BytesIO(packed.content)) as archive:
        assert b"https://new.example.org/v1/" in archive.read("README.md")
        assert BASE.encode() not in archive.read("README.md")
    assert table.status_code == 200
    assert file.content == kept.content != packed.content


async def test_the_command_tells_of_files_that_it_could_not_remove(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise FilesLeft(["files/a.csv"])

    for variable, value in environment_of(own).items():
        monkeypatch.setenv(variable, value)
    monkeypatch.setattr(publish, "erase", refuse)
    result = await run("erase", O083, "--reason", WHY.zh, "--reason-en", WHY.en)

    assert result.exit_code == 1
    assert "files/a.csv; remove them by hand" in result.output
    assert "nothing was erased" not in result.output

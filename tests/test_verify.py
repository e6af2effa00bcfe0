"""`opendata-api verify`: whether what is there is what was published."""

import asyncio
import random
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import asyncpg
import httpx
import orjson
import pytest
from editions import O083, changed, published_with, serving, without
from typer.testing import CliRunner

from opendata_api import cli
from opendata_api.datasets import DATASETS
from opendata_api.publish import beside as make_beside
from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store.manifest import Content, content_of
from opendata_api.store.place import make_store, write_release
from opendata_api.store.pointer import Pointer
from opendata_api.store.schema import LAYOUT
from opendata_api.verify import (
    CannotVerify,
    Finding,
    ServicePlace,
    StorePlace,
    store_place,
    verify,
)

LATER = datetime(2026, 1, 3, tzinfo=UTC)
FLIPS = 100


async def found_in(settings: Settings) -> list[Finding]:
    store = make_store(settings)
    await store.open()
    try:
        return [one async for one in verify(StorePlace(store))]
    finally:
        await store.close()


def faults(findings: list[Finding]) -> list[Finding]:
    return [one for one in findings if one.fault is not None]


@pytest.mark.untraced
async def test_every_part_of_every_release_is_as_it_was_published(
    own: Settings, seed: Seed
) -> None:
    edition = make_edition(seed)
    for one in (changed(edition, O083, note_en="x"), without(edition, O083)):
        await asyncio.to_thread(write_release, own, DATASETS, one, LATER)

    found = await found_in(own)

    parts = ["manifest", "changes", *(dataset.name for dataset in DATASETS), "texts"]
    assert [(one.release, one.part) for one in found] == [
        (n, part) for n in (1, 2, 3) for part in parts
    ]
    assert faults(found) == []


async def test_a_manifest_says_what_a_release_consists_of_and_follows_the_one_before(
    own: Settings, seed: Seed
) -> None:
    edition = changed(make_edition(seed), O083, note_en="x")
    async with published_with(own, edition) as api:
        first, second = [await api.get(f"/v1/releases/{n}/manifest") for n in (1, 2)]
        told = (await api.get("/v1/releases/2")).json()["data"]["manifest"]
        absent = await api.get("/v1/releases/3/manifest")
        known = await api.get(
            "/v1/releases/1/manifest", headers={"if-none-match": first.headers["etag"]}
        )

    assert known.status_code == 304
    assert first.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert told["sha256"] == sha256(second.content).hexdigest()
    one, other = first.json(), second.json()
    assert one["previous"] is None
    assert other["previous"] == sha256(first.content).hexdigest()
    assert one["history_id"] == other["history_id"]
    assert one["contents"]["observations"]["count"] == 108
    same = [name for name, part in one["contents"].items() if other["contents"][name] == part]
    assert {"observations", "texts"} == one["contents"].keys() - set(same)
    assert absent.status_code == 404


async def test_a_running_service_is_verified_by_its_answers(own: Settings, seed: Seed) -> None:
    async with published_with(own, without(make_edition(seed), O083)) as api:
        found = [one async for one in verify(ServicePlace(api))]
        caught = [one async for one in verify(ServicePlace(lie(api)))]

    assert faults(found) == []
    files = [one for one in found if "." in one.part]
    assert {one.release for one in files} == {1}
    assert len(found) == 2 * (3 + len(DATASETS)) + len(files)
    assert [(one.release, one.part) for one in faults(caught)] == [
        (1, "observations"),
        (2, "texts"),
    ]
    assert faults(caught)[1].fault == "the text of cn450203-2023-rol-d1 is another"


def lie(api: httpx.AsyncClient) -> httpx.AsyncClient:
    """A client of a service that has another figure for one of them."""

    async def answer(request: httpx.Request) -> httpx.Response:
        given = await api.get(str(request.url))
        body = given.content
        if request.url.path == "/v1/observations" and b"release=1" in request.url.query:
            body = body.replace(b'"value":206,', b'"value":260,', 1)
        if request.url.path.endswith("/text") and b"release=2" in request.url.query:
            body += b" "
        return httpx.Response(given.status_code, content=body)

    return httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url=str(api.base_url))


CHANGED = {
    "a value": ("update observation set value = value + 1 where id = ?", "observations"),
    "a text": ("update passage set text = text || ' ' where id = ?", "passages"),
    "an encoding": (
        (
            "update observation_fragment set json = replace(json, '206', '260') where n = "
            "(select n from observation where id = ?)"
        ),
        "observations",
    ),
    "a document": (
        "update attachment set body = body || ' ' where kind = 'text' and id <> ?",
        "texts",
    ),
    "the date of the first release": (
        "update release set manifest = replace(manifest, '-02T', '-01T') where n = 1 and ? <> ''",
        "manifest",
    ),
    "the date of the newest release": (
        "update release set manifest = replace(manifest, '-03T', '-01T') where n = 2 and ? <> ''",
        "manifest",
    ),
    "the history of the newest release": (
        """update release set manifest = replace(manifest, '_id":"', '_id":"x')
        where n = 2 and ? <> ''""",
        "manifest",
    ),
    "the contents of the newest manifest": (
        """update release set manifest = replace(manifest, '"count":108', '"count":109')
        where n = 2 and ? <> ''""",
        "manifest",
    ),
    "a reason": ("update change set reason_zh = 'x' where release = 2 and ? <> ''", "changes"),
    "a row that is gone": ("delete from observation where id = ?", "observations"),
}


@pytest.mark.parametrize("name", CHANGED)
async def test_what_was_changed_behind_the_services_back_is_found(
    own: Settings, seed: Seed, name: str
) -> None:
    sql, part = CHANGED[name]
    target = "cn450203-2023-rol-p001" if part == "passages" else O083
    edition = changed(make_edition(seed), "cn450203-2023-rol-o001", note_en="x")
    await asyncio.to_thread(write_release, own, DATASETS, edition, LATER)
    await execute(own, sql, target)

    found = faults(await found_in(own))

    assert part in {one.part for one in found}
    assert {one.part for one in found} <= {part, *(["observations"] if part == "manifest" else [])}


async def execute(settings: Settings, sql: str, value: str) -> None:
    """Change what is published, and let the pointer say that it was so."""
    if settings.postgres_address is not None:
        connection = await asyncpg.connect(settings.postgres_address)
        await connection.execute(sql.replace("?", "$1"), value)
        await connection.close()
        return
    pointer = Pointer.read(settings.store_folder)
    assert pointer is not None
    path = settings.store_folder / pointer.file
    with closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute(sql, (value,))
    told = orjson.loads((settings.store_folder / "current.json").read_bytes())
    told["sha256"] = sha256(path.read_bytes()).hexdigest()
    (settings.store_folder / "current.json").write_bytes(orjson.dumps(told))


@pytest.mark.untraced
def test_one_flipped_byte_of_a_hundred_is_never_overlooked(pristine: Path, tmp_path: Path) -> None:
    folder = Path(shutil.copytree(pristine, tmp_path / "flipped"))
    [path] = folder.glob("*.sqlite")
    whole = path.read_bytes()
    chance = random.Random(6)
    for _ in range(FLIPS):
        place = chance.randrange(len(whole))
        flipped = bytearray(whole)
        flipped[place] ^= 1 << chance.randrange(8)
        path.write_bytes(flipped)
        result = CliRunner().invoke(cli.app, ["verify", str(folder)])

        assert result.exit_code == 1
        assert "has SHA-256" in result.output
    path.write_bytes(whole)
    assert CliRunner().invoke(cli.app, ["verify", str(folder)]).exit_code == 0


def test_a_file_by_itself_is_verified_against_the_manifests_in_it(
    pristine: Path, tmp_path: Path
) -> None:
    [path] = pristine.glob("*.sqlite")
    copy = shutil.copy(path, tmp_path / "copy.sqlite")
    whole = CliRunner().invoke(cli.app, ["verify", str(copy)])
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.execute("update metric set definition_en = 'Another.'")
    other = CliRunner().invoke(cli.app, ["verify", str(copy)])

    assert whole.exit_code == 0
    assert "第1版 / release 1 metrics: 一致 / as published\n" in whole.output
    assert other.exit_code == 1
    assert "release 1 metrics: 不符 / 88 records were read, 88 were published" in other.output
    assert "共1处与发布时不符 / 1 not as published" in other.output


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("update release set manifest = '{'", "manifest: 不符 / it can't be read"),
        ("update release set manifest = '{}'", "manifest: 不符 / it can't be read"),
        ("delete from metric_fragment where n % 9 = 0", "metrics: 不符 / 88 records were read"),
        ("update metric_fragment set json = ''", "metrics: 不符 / 88 records were read"),
        ('update metric_fragment set json = \'{"id":"\'', "metrics: 不符 / 88 records were read"),
        ("delete from change where seq = 5", "changes: 不符 / "),
    ],
)
def test_what_is_not_whole_is_told_and_not_stumbled_over(
    pristine: Path, tmp_path: Path, change: str, told: str
) -> None:
    [path] = pristine.glob("*.sqlite")
    copy = shutil.copy(path, tmp_path / "copy.sqlite")
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
        connection.execute(change)

    result = CliRunner().invoke(cli.app, ["verify", str(copy)])

    assert result.exit_code == 1
    assert told in result.output
    assert isinstance(result.exception, SystemExit)


def test_a_file_of_another_kind_can_not_be_verified(tmp_path: Path, pristine: Path) -> None:
    (tmp_path / "text.sqlite").write_text("no database")
    [path] = pristine.glob("*.sqlite")
    older = shutil.copy(path, tmp_path / "older.sqlite")
    with closing(sqlite3.connect(older, isolation_level=None)) as connection:
        connection.execute("pragma user_version = 3")

    other = CliRunner().invoke(cli.app, ["verify", str(tmp_path / "text.sqlite")])
    old = CliRunner().invoke(cli.app, ["verify", str(older)])

    assert "is not a file of this program" in other.output
    assert f"has tables of layout 3, this program needs {LAYOUT}" in old.output
    assert (other.exit_code, old.exit_code) == (1, 1)


async def test_a_service_that_refuses_can_not_be_verified() -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(503))
    async with httpx.AsyncClient(transport=transport, base_url="http://other") as client:
        with pytest.raises(CannotVerify, match="/v1/releases: 503"):
            [one async for one in verify(ServicePlace(client))]


async def test_however_few_rows_are_read_at_once_the_same_is_found(
    own: Settings, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_place, "PAGE_ROWS", 50)
    await asyncio.to_thread(write_release, own, DATASETS, without(make_edition(seed), O083), LATER)

    assert faults(await found_in(own)) == []


def test_without_a_place_that_of_the_settings_is_verified(
    pristine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENDATA_DATA_DIR", str(pristine))

    assert CliRunner().invoke(cli.app, ["verify"]).exit_code == 0


async def test_another_service_can_not_be_verified() -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text="<html>")

    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(transport=transport, base_url="http://other") as client:
        with pytest.raises(CannotVerify, match="no answer of this service"):
            [one async for one in verify(ServicePlace(client))]


@pytest.mark.parametrize("place", ["/nowhere/at/all", "http://127.0.0.1:1"])
def test_what_is_not_there_can_not_be_verified(place: str) -> None:
    result = CliRunner().invoke(cli.app, ["verify", place])

    assert result.exit_code == 1
    assert "不能核验 / can't be verified: " in result.output


def test_the_root_of_a_tree_is_that_of_the_standard() -> None:
    leaves = [bytes([n]) * 32 for n in range(7)]
    for count in range(8):
        assert content_of(leaves[:count]) == Content(count, tree(leaves[:count]).hex())


def tree(leaves: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\1" + tree(leaves[:k]) + tree(leaves[k:])).digest()


async def test_the_files_of_a_running_service_are_verified_as_far_as_it_keeps_them(
    own: Settings, seed: Seed
) -> None:
    edition = changed(make_edition(seed), O083, note_en="x")
    await asyncio.to_thread(write_release, own, DATASETS, edition, LATER, make_beside(own, edition))
    settings = own.model_copy(update={"files_releases": 1})
    async with serving(settings) as api:
        kept = [one async for one in verify(ServicePlace(api))]
        shutil.rmtree(settings.files_folder)
    async with serving(settings) as api:
        missing = [one async for one in verify(ServicePlace(api))]

    assert faults(kept) == []
    assert {one.release for one in kept if one.part == "areas.csv"} == {2}
    assert "it is not there: 503" in {one.fault for one in faults(missing)}


async def test_a_file_that_a_service_breaks_off_can_not_be_verified(
    api: httpx.AsyncClient,
) -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        if "/files/" in request.url.path:
            raise httpx.ReadError("broken off")
        given = await api.get(str(request.url))
        return httpx.Response(given.status_code, content=given.content)

    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(transport=transport, base_url=str(api.base_url)) as client:
        with pytest.raises(CannotVerify, match="ReadError"):
            [one async for one in verify(ServicePlace(client))]


async def test_another_file_than_was_published_is_found(api: httpx.AsyncClient) -> None:
    async def answer(request: httpx.Request) -> httpx.Response:
        given = await api.get(str(request.url))
        body = given.content + (b" " if request.url.path.endswith("/areas.csv") else b"")
        return httpx.Response(given.status_code, content=body)

    transport = httpx.MockTransport(answer)
    async with httpx.AsyncClient(transport=transport, base_url=str(api.base_url)) as client:
        found = [one async for one in verify(ServicePlace(client))]

    assert [(one.part, one.fault) for one in faults(found)] == [
        ("areas.csv", "it is not what was published")
    ]

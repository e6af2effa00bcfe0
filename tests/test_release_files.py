"""The files of a release: made with it, the same bytes for ever, refused when they are not."""

import asyncio
import random
import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from threading import Event
from typing import Any

import httpx
import orjson
import pytest
from conftest import BASE, environment_of
from editions import O083, changed, serving, without
from publishers import serving as running
from typer.testing import CliRunner

from opendata_api import cli
from opendata_api.datasets import DATASETS, REPORTS
from opendata_api.files import CheckedFiles, FilesFolder, MissingFile, checked
from opendata_api.files.imprints import Imprints
from opendata_api.files.sources import Sources
from opendata_api.formats import CSV
from opendata_api.formats.imprint import Publisher
from opendata_api.publish import beside, make_edition, publish
from opendata_api.query import parse_query
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store import deadlines
from opendata_api.store.errors import FilesNotWritten, NoSpace
from opendata_api.store.manifest import read_files
from opendata_api.store.model import Edition, File
from opendata_api.store.place import make_store, write_release
from opendata_api.store.pointer import hash_file
from opendata_api.store.space import Need, check_space
from opendata_api.web import deadline, release_files, site
from opendata_api.web.app import create_app
from opendata_api.web.release_files import read_ranges

LATER = datetime(2026, 1, 3, tzinfo=UTC)
FORMATS = ("csv", "ndjson", "parquet", "zip")
FLIPS = 100


async def publish_next(settings: Settings, edition: Edition) -> int:
    """The number of the release that has the edition, with its files."""
    made = beside(settings, edition)
    release, _ = await asyncio.to_thread(write_release, settings, DATASETS, edition, LATER, made)
    return release.n


async def manifest_of(settings: Settings, release: int) -> dict[str, Any]:
    store = make_store(settings)
    await store.open()
    try:
        return dict(orjson.loads(await store.manifest(release)))
    finally:
        await store.close()


def place_of(settings: Settings, manifest: dict[str, Any], name: str) -> Path:
    """Where a file of a release lies."""
    (file,) = [one for one in read_files(orjson.dumps(manifest).decode()) if one.name == name]
    return FilesFolder(settings.files_folder).place_of(manifest["history_id"], file)


async def test_a_release_has_every_dataset_in_every_format_and_the_whole(
    api: httpx.AsyncClient,
) -> None:
    told = (await api.get("/v1/releases/1")).json()["data"]["files"]
    names = {one["name"] for one in told}

    suffixes = (*FORMATS, "csv-metadata.json")
    expected = {f"{dataset.name}.{suffix}" for dataset in DATASETS for suffix in suffixes}
    assert names == expected | {"open-data.zip", "open-data.sqlite"}
    assert {one["state"] for one in told} == {"available"}
    for one in told:
        answer = await api.get(one["href"], headers={"accept-encoding": "identity"})
        assert sha256(answer.content).hexdigest() == one["sha256"]
        assert len(answer.content) == one["bytes"] == int(answer.headers["content-length"])
        assert answer.headers["content-type"].partition(";")[0] == one["media_type"]
        assert answer.headers["etag"] == f'"{one["sha256"]}"'
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"


@pytest.mark.untraced
@pytest.mark.parametrize("suffix", FORMATS)
async def test_the_address_of_a_whole_dataset_gives_the_file_of_the_release(
    own: Settings, seed: Seed, suffix: str
) -> None:
    await publish_next(own, changed(make_edition(seed), O083, note_en="x"))
    async with serving(own) as api:
        for n in (1, 2):
            for dataset in DATASETS:
                name = f"{dataset.name}.{suffix}"
                live = await api.get(f"/v1/{name}?release={n}")
                file = await api.get(f"/v1/releases/{n}/files/{name}")
                assert live.content == file.content
                assert live.headers["cache-control"].startswith("public, max-age=60,")
        newest = await api.get(f"/v1/observations.{suffix}")
        known = {"if-none-match": newest.headers["etag"]}
        again = await api.get(f"/v1/observations.{suffix}", headers=known)

    assert newest.headers["accept-ranges"] == "bytes"
    assert again.status_code == 304


@pytest.mark.untraced
@pytest.mark.parametrize("suffix", FORMATS)
async def test_a_node_without_the_file_makes_the_same_bytes_of_the_rows(
    own: Settings, suffix: str
) -> None:
    async with serving(own) as api:
        kept = [await api.get(f"/v1/{one.name}.{suffix}") for one in DATASETS]
    shutil.rmtree(own.files_folder)
    async with serving(own) as api:
        made = [await api.get(f"/v1/{one.name}.{suffix}") for one in DATASETS]

    assert [one.content for one in made] == [one.content for one in kept]
    assert {one.status_code for one in made} == {200}
    # The tags differ: another program may have made the file of other bytes.
    tags = {one.headers["etag"] for one in [*made, *kept]}
    assert len(tags) == 2 * len(DATASETS)


async def test_a_node_without_a_file_says_so(own: Settings) -> None:
    shutil.rmtree(own.files_folder)
    async with serving(own) as api:
        answer = await api.get("/v1/releases/1/files/observations.csv")
        ready = await api.get("/-/ready")

    assert answer.status_code == 503
    assert answer.json()["code"] == "file-unavailable"
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["cache-control"] == "no-store"
    assert ready.status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/v1/releases/2/files/observations.csv",
        "/v1/releases/01/files/observations.csv",
        "/v1/releases/1/files/observations",
        "/v1/releases/1/files/nothing.csv",
        "/v1/releases/1/files/",
    ],
)
async def test_there_are_no_other_files(api: httpx.AsyncClient, path: str) -> None:
    assert (await api.get(path)).status_code == 404


async def test_links_that_were_shared_lead_to_the_file(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/releases/1/files/areas.csv?utm_source=x")

    assert answer.status_code == 308
    assert answer.headers["location"].endswith("/v1/releases/1/files/areas.csv")


@pytest.mark.untraced
async def test_files_built_twice_from_the_same_store_are_the_same_to_the_byte(
    own: Settings, seed: Seed, tmp_path: Path
) -> None:
    edition = changed(make_edition(seed), O083, note_en="x")
    if own.postgres_address is None:
        other = own.model_copy(
            update={"data_dir": Path(shutil.copytree(own.data_dir, tmp_path / "copy"))}
        )
        await publish_next(other, edition)
    await publish_next(own, edition)
    first = await manifest_of(own, 2)
    made = await asyncio.to_thread(make_again, own, edition, first, tmp_path / "again")

    if own.postgres_address is None:
        assert (await manifest_of(other, 2))["files"] == first["files"]
    assert made == first["files"]


def make_again(
    settings: Settings, edition: Edition, manifest: dict[str, Any], folder: Path
) -> dict[str, Any]:
    """The files of a release made once more, of the rows that are published, in another order."""
    again = settings.model_copy(update={"files": folder})
    files = beside(again, edition).files
    assert files is not None
    store = make_store(settings)

    async def rows() -> list[Any]:
        await store.open()
        release = store.published.releases[2]
        found = []
        for dataset in DATASETS:
            query = parse_query(dataset, ())
            both = [
                [row async for batch in store.export(query, 2, shape) for row in batch]
                for shape in ("json", "csv", None)
            ]
            found.append((dataset, [(*a, *b, *c) for a, b, c in zip(*both, strict=True)]))
        await store.close()
        return [release, found]

    release, found = asyncio.run(rows())
    with files.making(release, manifest["history_id"]) as making:
        for dataset, some in found:
            with making.writing(dataset, len(some)) as add:
                for place in range(0, len(some), 7):
                    add(some[place : place + 7])
        return {one.name: {"bytes": one.bytes, "sha256": one.sha256} for one in making.finish()}


async def test_only_the_newest_releases_keep_their_files_where_it_is_so_set(
    own: Settings, seed: Seed
) -> None:
    settings = own.model_copy(update={"files_releases": 2})
    edition = make_edition(seed)
    for note in ("x", "y"):
        edition = changed(edition, O083, note_en=note)
        await publish_next(settings, edition)
    async with serving(settings) as api:
        answers = [await api.get(f"/v1/releases/{n}/files/observations.csv") for n in (1, 2, 3)]
        told = (await api.get("/v1/releases/1")).json()["data"]["files"]
        rows = await api.get("/v1/observations.csv?release=1")
        page = await api.get("/releases?lang=en")

    assert [one.status_code for one in answers] == [410, 200, 200]
    assert answers[0].json()["code"] == "file-not-kept"
    assert "the 2 newest releases" in answers[0].json()["detail"] or "最新2版" in answers[0].text
    assert {one["state"] for one in told} == {"not-kept"}
    assert sha256(rows.content).hexdigest() == next(
        one["sha256"] for one in told if one["name"] == "observations.csv"
    )
    assert "/v1/releases/3/files/" in page.text
    assert "/v1/releases/1/files/" not in page.text
    kept = {path.name for path in settings.files_folder.glob("*/*")}
    listed = [await manifest_of(own, n) for n in (2, 3)]
    assert kept == {place_of(own, one, name).name for one in listed for name in one["files"]}


async def test_files_that_are_not_ours_stay(own: Settings, seed: Seed) -> None:
    history_id = (await manifest_of(own, 1))["history_id"]
    folder = own.files_folder / history_id
    orphan = folder / f"{'0' * 64}.csv"
    for path in (orphan, folder / "notes.txt"):
        path.write_text("x")
    (folder / "draft").mkdir()
    (folder / "draft" / "half.csv").write_text("x")

    await publish_next(own, changed(make_edition(seed), O083, note_en="x"))

    assert (folder / "notes.txt").read_text() == "x"
    assert not orphan.exists()
    assert not (folder / "draft").exists()


async def test_a_publication_that_fails_leaves_no_file(
    own: Settings, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(own.files_folder.rglob("*"))

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(FilesFolder, "keep", fail)
        with pytest.raises(FilesNotWritten, match="No space left"):
            await publish_next(own, changed(make_edition(seed), O083, note_en="x"))

    assert sorted(own.files_folder.rglob("*")) == before
    async with serving(own) as api:
        assert (await api.get("/v1/observations?limit=1")).json()["meta"]["release"] == 1
    assert await publish_next(own, changed(make_edition(seed), O083, note_en="x")) == 2


async def test_on_a_disk_that_takes_no_files_nothing_is_published(
    own: Settings, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, *_: object, **__: object) -> None:
        raise OSError(30, "Read-only file system", str(path))

    async with serving(own) as api:
        with monkeypatch.context() as broken:
            broken.setattr(Path, "mkdir", refuse)
            with pytest.raises((FilesNotWritten, OSError), match="Read-only file system"):
                await publish_next(own, changed(make_edition(seed), O083, note_en="x"))
        answers = [await api.get(path) for path in ("/v1/observations", "/-/ready")]

    assert [one.status_code for one in answers] == [200, 200]
    assert answers[1].json() == {"status": "ready", "release": 1}


async def test_without_room_nothing_is_begun(
    own: Settings, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sorted(own.files_folder.parent.rglob("*"))
    free = shutil.disk_usage(own.files_folder)._replace(free=10_000_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)

    with pytest.raises(NoSpace, match="MB are needed, 10 MB are free"):
        await publish_next(own, without(make_edition(seed), O083))

    assert sorted(own.files_folder.parent.rglob("*")) == before


def test_what_lies_on_one_disk_needs_room_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = shutil.disk_usage(tmp_path)._replace(free=100)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: free)
    here, there = tmp_path / "not" / "there", tmp_path

    check_space([Need(here, 50), Need(there, 50)])
    with pytest.raises(NoSpace):
        check_space([Need(here, 50), Need(there, 51)])


async def test_what_can_not_be_removed_is_told_to_the_log_and_stays_published(
    own: Settings, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(_: Path, *, missing_ok: bool = False) -> None:
        raise PermissionError(13, f"Permission denied {missing_ok}")

    settings = own.model_copy(update={"files_releases": 1})
    history_id = (await manifest_of(own, 1))["history_id"]
    (own.files_folder / history_id / f"{'0' * 64}.csv").write_text("x")
    with monkeypatch.context() as broken:
        broken.setattr(Path, "unlink", refuse)
        folder = FilesFolder(settings.files_folder, 1)
        folder.settle(history_id, {1: orjson.dumps(await manifest_of(own, 1)).decode()}, {})

    assert "files of older releases can't be removed" in caplog.text


async def test_a_damaged_file_is_found_beside_the_first_answers_and_makes_the_service_unready(
    own: Settings,
) -> None:
    path = place_of(own, await manifest_of(own, 1), "observations.csv")
    path.write_bytes(path.read_bytes().replace(b"206", b"260", 1))
    async with running(own) as api:
        ready = await until_status(api, 503)
        file = await api.get("/v1/releases/1/files/observations.csv")
        other = await api.get("/v1/releases/1/files/areas.csv")
        rows = await api.get("/v1/observations.csv")

    assert (ready.status_code, file.status_code) == (503, 503)
    assert ready.json()["code"] == file.json()["code"] == "file-unavailable"
    assert "observations.csv" in ready.json()["detail"]
    assert (other.status_code, rows.status_code) == (200, 200)
    assert sha256(rows.content).hexdigest() == path.name.partition(".")[0]


async def test_a_file_damaged_while_the_service_runs_is_found_and_mended(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "VERIFY_S", 0.0)
    monkeypatch.setattr(deadlines, "WATCH_S", 0.02)
    path = place_of(own, await manifest_of(own, 1), "areas.zip")
    whole = path.read_bytes()
    async with running(own) as api:
        first = await api.get("/-/ready")
        path.write_bytes(whole[:-1] + b"x")
        second = await until_status(api, 503)
        path.write_bytes(whole)
        third = await until_status(api, 200)
        path.unlink()
        gone = await api.get("/v1/releases/1/files/areas.zip")

    assert (first.status_code, second.status_code, third.status_code) == (200, 503, 200)
    assert gone.status_code == 503


async def until_status(api: httpx.AsyncClient, status: int) -> httpx.Response:
    for _ in range(250):
        answer = await api.get("/-/ready")
        if answer.status_code == status:
            return answer
        await asyncio.sleep(0.02)
    raise TimeoutError(status)


async def test_a_hundred_flipped_bytes_in_files_are_found_and_none_is_served(
    own: Settings,
) -> None:
    manifest = await manifest_of(own, 1)
    chance = random.Random(8)
    names = sorted(manifest["files"])
    folder = FilesFolder(own.files_folder)
    for _ in range(FLIPS):
        name = chance.choice(names)
        path = place_of(own, manifest, name)
        whole = path.read_bytes()
        flipped = bytearray(whole)
        flipped[chance.randrange(len(whole))] ^= 1 << chance.randrange(8)
        path.write_bytes(flipped)
        file = File(name, len(whole), manifest["files"][name]["sha256"])
        with pytest.raises(MissingFile, match="not what was published"):
            await CheckedFiles(folder).find(manifest["history_id"], file)
        path.write_bytes(whole)


@pytest.mark.parametrize("name", ["observations.csv", "passages.parquet", "open-data.sqlite"])
async def test_verify_finds_a_flipped_byte_in_a_file(
    own: Settings, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    for variable, value in environment_of(own).items():
        monkeypatch.setenv(variable, value)
    path = place_of(own, await manifest_of(own, 1), name)
    flipped = bytearray(path.read_bytes())
    whole = await asyncio.to_thread(CliRunner().invoke, cli.app, ["verify"])
    flipped[len(flipped) // 2] ^= 1
    path.write_bytes(flipped)
    damaged = await asyncio.to_thread(CliRunner().invoke, cli.app, ["verify"])
    path.unlink()
    missing = await asyncio.to_thread(CliRunner().invoke, cli.app, ["verify"])

    assert whole.exit_code == 0
    assert f"release 1 {name}: 一致 / as published\n" in whole.output
    assert (damaged.exit_code, missing.exit_code) == (1, 1)
    assert f"release 1 {name}: 不符 / {name} is not what was published\n" in damaged.output
    assert f"release 1 {name}: 不符 / {name} is not there\n" in missing.output


def test_a_copied_folder_is_verified_with_the_files_in_it_or_without(
    pristine: Path, tmp_path: Path
) -> None:
    copy = Path(shutil.copytree(pristine, tmp_path / "copy"))
    whole = CliRunner().invoke(cli.app, ["verify", str(copy)])
    shutil.rmtree(copy / "files")
    rows = CliRunner().invoke(cli.app, ["verify", str(copy)])

    assert (whole.exit_code, rows.exit_code) == (0, 0)
    assert "open-data.zip: 一致" in whole.output
    assert "open-data.zip" not in rows.output


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("bytes=0-9", "bytes=0-9"),
        ("bytes=5-", "bytes=5-"),
        ("bytes=-3", "bytes=-3"),
        (" Bytes = 0-0 , 200-300, 99-", "bytes=0-0,99-"),
        ("bytes=0-999", "bytes=0-999"),
        ("bytes=9-5", None),
        ("bytes=", None),
        ("bytes=a-b", None),
        ("bytes=-", None),
        ("bytes=1-2-3", None),
        ("lines=1-2", None),
        (f"bytes={'9' * 40}-", None),
        ("bytes=" + ",".join(["0-1"] * 101), None),
    ],
)
def test_ranges_are_read_by_the_standard(asked: str, found: str | None) -> None:
    assert read_ranges(asked, 100) == found


async def test_a_file_is_given_in_ranges(api: httpx.AsyncClient) -> None:
    path = "/v1/releases/1/files/observations.csv"
    whole = await api.get(path, headers={"accept-encoding": "identity"})
    body, tag = whole.content, whole.headers["etag"]

    async def ask(**headers: str) -> httpx.Response:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return await api.get(path, headers=given)

    first = await ask(range="bytes=0-99")
    last = await ask(range="bytes=-50", if_range=tag)
    stale = await ask(range="bytes=0-9", if_range='"other"')
    several = await ask(range="bytes=0-1,10-11")
    beyond = await ask(range=f"bytes={len(body)}-")
    ignored = await ask(range="lines=1-2", accept_encoding="identity")
    head = await api.head(path, headers={"accept-encoding": "identity"})

    assert (first.status_code, first.content) == (206, body[:100])
    assert first.headers["content-range"] == f"bytes 0-99/{len(body)}"
    assert (last.status_code, last.content) == (206, body[-50:])
    assert (stale.status_code, stale.content) == (200, body)
    assert several.headers["content-type"].startswith("multipart/byteranges; boundary=")
    assert (beyond.status_code, beyond.json()["code"]) == (416, "range-not-satisfiable")
    assert beyond.headers["content-range"] == f"bytes */{len(body)}"
    assert (ignored.status_code, ignored.content) == (200, body)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == str(len(body))
    assert head.headers["accept-ranges"] == "bytes"


async def test_a_file_is_compressed_for_who_asks_and_known_by_its_tag(
    api: httpx.AsyncClient,
) -> None:
    path = "/v1/releases/1/files/observations.csv"
    packed = await api.get(path, headers={"accept-encoding": "br"})
    known = await api.get(
        path, headers={"accept-encoding": "br", "if-none-match": packed.headers["etag"]}
    )
    solid = await api.get(
        "/v1/releases/1/files/observations.zip", headers={"accept-encoding": "br"}
    )

    assert packed.headers["content-encoding"] == "br"
    assert packed.headers["etag"].endswith('-br"')
    assert known.status_code == 304
    assert "content-encoding" not in solid.headers


async def test_the_pages_offer_the_files(api: httpx.AsyncClient) -> None:
    home = (await api.get("/?lang=en")).text
    releases = (await api.get("/releases")).text

    for name in ("open-data.zip", "open-data.sqlite"):
        assert f"/v1/releases/1/files/{name}" in home
        assert f"/v1/releases/1/files/{name}" in releases
    for dataset in DATASETS:
        assert f"/v1/releases/1/files/{dataset.name}.parquet" in releases


async def test_the_publisher_says_what_is_to_be_said_of_a_release(
    own: Settings, seed_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable, value in (environment_of(own) | {"OPENDATA_SEED_DIR": str(seed_dir)}).items():
        monkeypatch.setenv(variable, value)
    path = seed_dir / "codebook" / "topics.csv"
    path.write_text(path.read_text().replace("legal_aid,法律援助", "legal_aid,法援", 1))
    notes = ["--notes", "改了一个名称", "--notes-en", "A name was changed."]
    half = await asyncio.to_thread(CliRunner().invoke, cli.app, ["publish", *notes[:2]])
    whole = await asyncio.to_thread(CliRunner().invoke, cli.app, ["publish", *notes])
    again = await asyncio.to_thread(CliRunner().invoke, cli.app, ["publish", *notes])
    async with serving(own) as api:
        told = (await api.get("/v1/releases/2")).json()["data"]["notes"]
        first = (await api.get("/v1/releases/1")).json()["data"]["notes"]
        page = await api.get("/releases?lang=en")

    assert half.exit_code == 1
    assert "come together" in half.output
    assert whole.exit_code == 0, whole.output
    assert again.exit_code == 1
    assert "the notes were not kept" in again.output
    assert told == {"zh": "改了一个名称", "en": "A name was changed."}
    assert first is None
    assert "A name was changed." in page.text


def test_publishing_what_is_published_makes_no_files(own: Settings) -> None:
    before = sorted(own.files_folder.rglob("*"))

    assert not publish(own).is_new
    assert sorted(own.files_folder.rglob("*")) == before


async def test_a_file_that_can_not_be_read_is_not_served(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> str:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(checked, "hash_file", refuse)
    async with serving(own) as api:
        answer = await api.get("/v1/releases/1/files/areas.csv")

    assert (answer.status_code, answer.json()["code"]) == (503, "file-unavailable")


def hash_waiting(hashed: list[str], go_on: Event) -> Callable[[Path], str]:
    """What hashes a file once it may, and notes it before."""

    def hash_noting(path: Path) -> str:
        hashed.append(path.name)
        assert go_on.wait(10)
        return hash_file(path)

    return hash_noting


async def test_files_are_served_while_they_are_held_to_their_hashes_again(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = await manifest_of(own, 1)
    listed = read_files(orjson.dumps(manifest).decode())
    files, go_on, hashed = CheckedFiles(FilesFolder(own.files_folder)), Event(), list[str]()
    await files.check(manifest["history_id"], listed)
    place_of(own, manifest, "areas.csv").write_bytes(b"damaged")
    monkeypatch.setattr(checked, "hash_file", hash_waiting(hashed, go_on))
    checking = asyncio.create_task(files.check_again())
    try:
        async with asyncio.timeout(5):
            while not hashed:
                await asyncio.sleep(0.01)
            for file in listed:
                if file.name != "areas.csv":
                    await files.find(manifest["history_id"], file)
    finally:
        go_on.set()
        await checking

    assert files.damaged == ["areas.csv"]
    assert len(hashed) == len(listed)


async def test_a_file_that_is_gone_is_not_given_by_a_check_that_began_before(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = await manifest_of(own, 1)
    [file] = [one for one in read_files(orjson.dumps(manifest).decode()) if one.name == "areas.csv"]
    files, go_on, hashed = CheckedFiles(FilesFolder(own.files_folder)), Event(), list[str]()

    def hash_and_wait(path: Path) -> str:
        found = hash_file(path)
        hashed.append(path.name)
        assert go_on.wait(10)
        return found

    monkeypatch.setattr(checked, "hash_file", hash_and_wait)
    first = asyncio.create_task(files.find(manifest["history_id"], file))
    try:
        async with asyncio.timeout(5):
            while not hashed:
                await asyncio.sleep(0.01)
        place_of(own, manifest, "areas.csv").unlink()
    finally:
        go_on.set()

    with pytest.raises(MissingFile, match="is not there"):
        await first


@pytest.mark.parametrize("is_whole", [True, False])
async def test_a_file_that_takes_long_to_hash_is_hashed_once_however_many_leave(
    own: Settings, monkeypatch: pytest.MonkeyPatch, *, is_whole: bool
) -> None:
    go_on, hashed, path = Event(), list[str](), "/v1/releases/1/files/areas.csv"
    place = place_of(own, await manifest_of(own, 1), "areas.csv")
    if not is_whole:
        place.write_bytes(b"damaged")
    monkeypatch.setattr(checked, "hash_file", hash_waiting(hashed, go_on))
    async with serving(own) as api:
        with monkeypatch.context() as impatient:
            impatient.setattr(deadline, "REQUEST_S", 0.1)
            early = [await api.get(path) for _ in range(3)]
        waiting = [asyncio.create_task(api.get(path)) for _ in range(3)]
        await asyncio.sleep(0.1)
        go_on.set()
        late = [await one for one in waiting]
        last = await api.get(path)

    assert {one.status_code for one in early} == {503}
    assert {one.status_code for one in [*late, last]} == {200 if is_whole else 503}
    assert len(hashed) == (1 if is_whole else 2)


async def test_a_long_file_is_compressed_on_its_way(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release_files, "BLOCK_BYTES", 1_000)
    path = "/v1/releases/1/files/open-data.sqlite"
    plain = await api.get(path, headers={"accept-encoding": "identity"})
    packed = await api.get(path, headers={"accept-encoding": "br"})
    head = await api.head(path, headers={"accept-encoding": "br"})
    solid = await api.head(path, headers={"accept-encoding": "identity"})

    assert packed.headers["content-encoding"] == "br"
    assert packed.content == plain.content
    assert (head.status_code, head.content) == (200, b"")
    assert "content-length" not in head.headers
    assert solid.headers["content-length"] == str(len(plain.content))
    assert head.headers["accept-ranges"] == packed.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize("coding", ["br", "gzip"])
@pytest.mark.parametrize("path", ["/v1/releases/1/files/observations.csv", "/v1/observations.csv"])
async def test_a_long_file_is_compressed_in_a_place_among_the_exports(
    published: Settings, monkeypatch: pytest.MonkeyPatch, path: str, coding: str
) -> None:
    monkeypatch.setattr(release_files, "BLOCK_BYTES", 1_000)
    app = create_app(published.model_copy(update={"exports_max": 1}), DATASETS)
    packed = {"accept-encoding": coding}
    await app.site.store.open()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as api:
        first = await api.get(path, headers=packed)
        await app.site.exports.acquire()
        refused = await api.get(path, headers=packed)
        head = await api.head(path, headers=packed)
        known = await api.get(path, headers=packed | {"if-none-match": first.headers["etag"]})
        plain = await api.get(path, headers={"accept-encoding": "identity"})
        part = await api.get(path, headers=packed | {"range": "bytes=0-9"})
        monkeypatch.setattr(release_files, "BLOCK_BYTES", 1_000_000)
        short = await api.get(path, headers=packed)
        app.site.exports.release()
    await app.site.store.close()

    assert (refused.status_code, refused.json()["code"]) == (503, "too-many-exports")
    assert refused.headers["retry-after"] == "10"
    assert (first.status_code, first.content) == (200, plain.content)
    assert (short.status_code, short.content) == (200, plain.content)
    assert (head.status_code, known.status_code, part.status_code) == (200, 304, 206)
    for name in ("content-encoding", "content-type", "etag", "link", "vary", "accept-ranges"):
        assert head.headers.get(name) == first.headers.get(name) == short.headers.get(name)
    assert not app.site.exports.locked()


async def test_only_so_many_lists_of_files_are_kept_in_mind(
    own: Settings, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(site, "LISTED_MAX", 1)
    await publish_next(own, changed(make_edition(seed), O083, note_en="x"))
    async with serving(own) as api:
        answers = [await api.get(f"/v1/releases/{n}/files/areas.csv") for n in (1, 2, 1)]

    assert {one.status_code for one in answers} == {200}


def test_rows_of_many_reports_are_cited_by_their_number(seed: Seed) -> None:
    edition = make_edition(seed)
    report, *_ = edition.rows["reports"]
    rows = {**edition.rows, "reports": [(f"r{n}", *report[1:]) for n in range(4)]}
    publisher = Publisher("https://data.example.org", 1, "2026-01-02T03:04:05Z", {})
    cited = Imprints(publisher, Sources(rows)).of(REPORTS, CSV).citation

    assert "资料来源: 4份政府报告." in cited.zh
    assert "Source: 4 government reports." in cited.en


async def test_at_start_each_file_is_read_once(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "WATCH_S", 0.02)
    read: list[str] = []

    def hash_noting(path: Path) -> str:
        read.append(path.name)
        return hash_file(path)

    monkeypatch.setattr(checked, "hash_file", hash_noting)
    async with running(own) as api:
        await asyncio.sleep(0.5)
        answer = await api.get("/v1/releases/1/files/areas.csv")

    assert answer.status_code == 200
    assert len(read) == len(set(read)) > len(DATASETS)

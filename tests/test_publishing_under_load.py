"""Fifty publications under many readers: every answer is good and of one release."""

import asyncio
import csv
import shutil
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import httpx
import pytest
from conftest import IS_WHOLE, PUBLISHED_AT, at_folder
from publishers import Order, Publish, mark_of, marked, opened, publishers, serving

from opendata_api.datasets import DATASETS
from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store import deadlines, place, postgres, postgres_reads, sqlite, steps
from opendata_api.store.model import Edition, Published
from opendata_api.store.pointer import Pointer, check_file
from opendata_api.web import files

PUBLICATIONS = 50 if IS_WHOLE else 15
RELEASES_SEEN = PUBLICATIONS // 5
ATTEMPT = 1
RECORD = "cn450203-2023-rol-o083"
DOCUMENT = "cn450203-2023-rol-d1"
PAGE_ROWS = 40
LATE_S = 3.0
SOON_S = 0.3
NEVER_S = 1_000.0
FEW_ROWS = 30

Record = Mapping[str, Any]


@dataclass(slots=True)
class Reader:
    """Someone who reads the same again and again and notes which releases answered."""

    client: httpx.AsyncClient
    edition: Edition
    told: Sequence[int]
    """The releases that were acknowledged, as the publisher goes on."""
    seen: list[int] = field(default_factory=list)

    async def get(self, address: str) -> httpx.Response:
        answer = await self.client.get(address)
        assert answer.status_code == 200, f"{address}: {answer.status_code} {answer.text}"
        return answer

    def check(self, rows: Sequence[Record], release: int) -> None:
        """These are all the rows of the release and no others."""
        expected = marked(self.edition, release, ATTEMPT).rows["observations"]
        assert sorted(row["id"] for row in rows) == sorted(str(row[0]) for row in expected)
        assert {row["note_en"] for row in rows} == {mark_of(release, ATTEMPT)}
        self.seen.append(release)

    async def list_rows(self) -> None:
        page = (await self.get("/v1/observations?limit=200")).json()
        self.check(page["data"], page["meta"]["release"])
        assert page["meta"]["total"] == len(page["data"])
        assert {row["release_changed"] for row in page["data"]} == {page["meta"]["release"]}

    async def select_fields(self) -> None:
        page = (await self.get("/v1/observations?limit=200&fields=id,note_en&sort=-value")).json()
        self.check(page["data"], page["meta"]["release"])

    async def read_a_record(self) -> None:
        one = (await self.get(f"/v1/observations/{RECORD}")).json()
        assert one["data"]["note_en"] == mark_of(one["meta"]["release"], ATTEMPT)
        self.seen.append(one["meta"]["release"])

    async def read_a_text(self) -> None:
        one = (await self.get(f"/v1/documents/{DOCUMENT}/coverage")).json()
        assert one["data"] == {"mark": mark_of(one["meta"]["release"], ATTEMPT)}
        self.seen.append(one["meta"]["release"])

    async def export(self) -> None:
        rows = list(csv.DictReader((await self.get("/v1/observations.csv")).text.splitlines()))
        [release] = {int(row["release_changed"]) for row in rows}
        self.check(rows, release)

    async def walk(self) -> None:
        pages = []
        following: str | None = f"/v1/observations?sort=-value&limit={PAGE_ROWS}"
        while following is not None:
            pages.append((await self.get(following)).json())
            following = pages[-1]["links"]["next"]
        [release] = {page["meta"]["release"] for page in pages}
        self.check([row for page in pages for row in page["data"]], release)

    async def ask_for_what_was_told(self) -> None:
        """A caller knows a release that another server has told of."""
        asked = self.told[-1]
        page = (await self.get(f"/v1/observations?limit=200&release={asked}")).json()
        assert page["meta"]["release"] == asked
        self.check(page["data"], asked)


Read: TypeAlias = Callable[[Reader], Awaitable[None]]
READS: Sequence[Read] = (
    Reader.list_rows,
    Reader.select_fields,
    Reader.read_a_record,
    Reader.read_a_text,
    Reader.export,
    Reader.walk,
    Reader.ask_for_what_was_told,
)


@pytest.fixture
def publish() -> Iterator[Publish]:
    with publishers() as publish:
        yield publish


@pytest.fixture
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few rows are streamed in batches, or read apart from the loop."""
    monkeypatch.setattr(files, "PAGE_LIMIT_MAX", FEW_ROWS)
    monkeypatch.setattr(steps, "BATCH_ROWS", FEW_ROWS)
    monkeypatch.setattr(sqlite, "LOOP_ROWS", FEW_ROWS)


@pytest.mark.untraced
@pytest.mark.usefixtures("few_are_many")
async def test_while_releases_are_published_every_answer_is_good_and_of_one_release(
    own: Settings, seed: Seed, publish: Publish
) -> None:
    given = own.model_dump(exclude_unset=True)
    told: list[int] = []
    assert await asyncio.to_thread(publish, Order(given, 2, ATTEMPT), told) == 0
    async with serving(own) as client, asyncio.TaskGroup() as group:
        order = Order(given, 3, ATTEMPT, most=PUBLICATIONS - 1)
        publishing = group.create_task(asyncio.to_thread(publish, order, told))
        readers = {read: Reader(client, make_edition(seed), told) for read in READS}
        for read, reader in readers.items():
            group.create_task(repeat(read, reader, publishing))

    assert publishing.result() == 0
    assert told == list(range(2, 2 + PUBLICATIONS))
    seen = {read.__name__: len(set(reader.seen)) for read, reader in readers.items()}
    assert {name for name, releases in seen.items() if releases < RELEASES_SEEN} == set()


async def repeat(read: Read, reader: Reader, publishing: "asyncio.Task[int]") -> None:
    while not publishing.done():
        await read(reader)
        await asyncio.sleep(0)  # what SQLite answers at once does not wait for anything


@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize("address", ["/v1/observations?limit=200", "/v1/observations.csv"])
async def test_a_reader_that_has_not_seen_the_last_two_releases_still_answers(
    own: Settings, seed: Seed, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deadlines, "WATCH_S", NEVER_S)
    async with serving(own) as client:
        for release in (2, 3):
            await write_release(own, marked(make_edition(seed), release, ATTEMPT))
        answer = await client.get(address)

    assert answer.status_code == 200


@pytest.fixture
def third_is_seen(database: str, monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Until then, whoever has looked for what is published and found release 2 does not go on."""
    monkeypatch.setattr(deadlines, "WATCH_S", NEVER_S)
    monkeypatch.setattr(deadlines, "STATEMENT_S", NEVER_S)
    seen, run = threading.Event(), postgres_reads.run_steps

    def check_late(folder: Path, pointer: Pointer) -> None:
        check_file(folder, pointer)
        if pointer.release == 2:
            seen.wait(LATE_S)

    async def run_late(make: Callable[[], Any], connection: Any) -> Any:
        result = await run(make, connection)
        if isinstance(result, Published) and result.newest.n == 2:
            await asyncio.to_thread(seen.wait, LATE_S)
        return result

    if database == "sqlite":
        monkeypatch.setattr(sqlite, "check_file", check_late)
    else:
        monkeypatch.setattr(postgres, "run_steps", run_late)
    return seen


async def test_who_is_late_to_see_a_release_does_not_take_a_newer_one_back(
    own: Settings, seed: Seed, third_is_seen: threading.Event
) -> None:
    async with opened(own) as store:
        await write_release(own, marked(make_edition(seed), 2, ATTEMPT))
        late = asyncio.create_task(store.refresh())
        await asyncio.sleep(SOON_S)
        await write_release(own, marked(make_edition(seed), 3, ATTEMPT))
        third = await store.release(3)
        third_is_seen.set()
        await late

        assert third is not None
        assert store.published.newest.n == 3


async def test_a_release_swept_while_it_is_looked_at_is_no_fault(
    pristine: Path, tmp_path: Path, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = at_folder(Path(shutil.copytree(pristine, tmp_path / "data")))
    monkeypatch.setattr(deadlines, "WATCH_S", NEVER_S)

    def check_late(folder: Path, pointer: Pointer) -> None:
        if pointer.release == 2:
            for release in (3, 4):
                edition = marked(make_edition(seed), release, ATTEMPT)
                place.write_release(own, DATASETS, edition, PUBLISHED_AT)
        check_file(folder, pointer)

    monkeypatch.setattr(sqlite, "check_file", check_late)
    async with serving(own) as client:
        await write_release(own, marked(make_edition(seed), 2, ATTEMPT))
        answer = await client.get("/v1/observations?release=2")

    assert (answer.status_code, answer.json()["meta"]["release"]) == (200, 2)


async def write_release(settings: Settings, edition: Edition) -> None:
    await asyncio.to_thread(place.write_release, settings, DATASETS, edition, PUBLISHED_AT)

"""Fifty publications under many readers: every answer is good and of one release."""

import asyncio
import csv
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import httpx
import pytest
from publishers import Order, Publish, mark_of, marked, publishers, serving

from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store import deadlines, sqlite, steps
from opendata_api.store.model import Edition
from opendata_api.web import files

PUBLICATIONS = 50
RELEASES_SEEN = 10
ATTEMPT = 1
RECORD = "cn450203-2023-rol-o083"
DOCUMENT = "cn450203-2023-rol-d1"
PAGE_ROWS = 40
WATCH_S = 0.05
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
    """So few rows are streamed in batches or read apart from the loop; releases are soon seen."""
    monkeypatch.setattr(files, "PAGE_LIMIT_MAX", FEW_ROWS)
    monkeypatch.setattr(steps, "BATCH_ROWS", FEW_ROWS)
    monkeypatch.setattr(sqlite, "LOOP_ROWS", FEW_ROWS)
    monkeypatch.setattr(deadlines, "WATCH_S", WATCH_S)


@pytest.mark.usefixtures("few_are_many")
async def test_while_fifty_releases_are_published_every_answer_is_good_and_of_one_release(
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

"""Fifty publications under load: no reader sees an error, none sees two releases mixed."""

import asyncio
from dataclasses import dataclass, field

import httpx
import pytest
from publishers import AT, marked, serving

from opendata_api.datasets import DATASETS
from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store import place
from opendata_api.store.model import Edition

PUBLICATIONS = 50
SEEN_MIN = 10
PAUSE_S = 0.002


@dataclass(slots=True)
class Seen:
    """What readers were answered."""

    answers: int = 0
    releases: set[int] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def note(self, answer: httpx.Response, release: int | None = None) -> None:
        """Note an answer; with a release, one that must be of it."""
        self.answers += 1
        if answer.status_code != httpx.codes.OK:
            self.faults.append(f"{answer.status_code} {answer.text}")
            return
        page = answer.json()
        told = page["meta"]["release"]
        self.releases.add(told)
        rows = page["data"] if isinstance(page["data"], list) else [page["data"]]
        marks = {row["note_en"] for row in rows}
        if release not in (None, told) or marks != {f"edition {told}, attempt 1"}:
            self.faults.append(f"release {told} of {release}: {sorted(map(str, marks))}")


async def read_lists(client: httpx.AsyncClient, seen: Seen) -> None:
    while True:
        seen.note(await client.get("/v1/observations?limit=200&sort=-value"))
        seen.note(await client.get("/v1/observations/cn450203-2023-rol-o083"))
        await asyncio.sleep(PAUSE_S)


async def read_tables(client: httpx.AsyncClient, seen: Seen) -> None:
    while True:
        answer = await client.get("/v1/observations.csv?fields=note_en")
        seen.answers += 1
        release = answer.headers.get("content-disposition", "").partition("release-")[2]
        rows = set(answer.text.splitlines()[1:])
        if answer.status_code != httpx.codes.OK:
            seen.faults.append(f"{answer.status_code} {answer.text}")
        elif rows != {f'"edition {release.partition(".")[0]}, attempt 1"'}:
            seen.faults.append(f"table of release {release}: {rows}")
        await asyncio.sleep(PAUSE_S)


async def walk(client: httpx.AsyncClient, seen: Seen) -> None:
    """From page to page: the release of the first is that of all, and each row comes once."""
    while True:
        ids: list[str] = []
        release: int | None = None
        address: str | None = "/v1/observations?limit=20&sort=topic"
        while address is not None:
            answer = await client.get(address)
            seen.note(answer, release)
            page = answer.json()
            release = page["meta"]["release"]
            ids += [row["id"] for row in page["data"]]
            address = page["links"]["next"]
            await asyncio.sleep(PAUSE_S)
        if len(set(ids)) != len(ids) or len(ids) != page["meta"]["total"]:
            seen.faults.append(f"a walk through release {release} has {len(ids)} rows")


@pytest.fixture
async def first(own: Settings, edition: Edition) -> Settings:
    """Release 2, the first that is marked."""
    await publish(own, edition, 2)
    return own


@pytest.fixture(scope="module")
def edition(seed: Seed) -> Edition:
    return make_edition(seed)


async def publish(settings: Settings, edition: Edition, n: int) -> None:
    release, is_new = await asyncio.to_thread(
        place.write_release, settings, DATASETS, marked(edition, n, 1), AT
    )
    assert (release.n, is_new) == (n, True)


async def test_readers_see_whole_releases_while_fifty_are_published(
    first: Settings, edition: Edition
) -> None:
    seen = Seen()
    async with serving(first) as client:
        readers = [
            asyncio.create_task(read(client, seen)) for read in (read_lists, read_tables, walk)
        ]
        for n in range(3, 3 + PUBLICATIONS):
            await publish(first, edition, n)
        for reader in readers:
            reader.cancel()
        ended = await asyncio.gather(*readers, return_exceptions=True)

    assert [one for one in ended if not isinstance(one, asyncio.CancelledError)] == []
    assert seen.faults == []
    assert len(seen.releases) >= SEEN_MIN
    assert seen.answers >= PUBLICATIONS

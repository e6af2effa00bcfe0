"""Publishers killed at any moment: nothing acknowledged is lost, nothing torn, nothing left."""

import asyncio
import random
import signal
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import httpx
import pytest
from publishers import (
    AT,
    POINTS,
    SWEEPING,
    WRITTEN,
    Order,
    Publish,
    is_whole,
    lacking_files,
    left_files,
    leftovers,
    marked,
    opened,
    publishers,
    serving,
    settle,
)

from opendata_api.datasets import DATASETS
from opendata_api.publish import beside, make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store import place
from opendata_api.store.model import Edition

KILLS = 16
CHANCE = 1
SPREAD = 1.5
"""The random kills fall into the time that so many publications take."""
MANY = 1_000
READ_EVERY_S = 0.05

Scenario: TypeAlias = Sequence[str | float]
"""The kills before the next publication: each a point, or a share of a publication's time."""


def plan(database: str, kills: int, seed: int) -> list[Scenario]:
    """Every point once, then moments spread over the time of publications, in a random order."""
    chance = random.Random(seed)
    points: list[Scenario] = [(name,) for name in POINTS[database] if name != SWEEPING]
    points.append((WRITTEN, SWEEPING))
    rest = kills - sum(map(len, points))
    moments = [((n + chance.random()) / rest * SPREAD,) for n in range(rest)]
    scenarios = [*points, *moments]
    chance.shuffle(scenarios)
    return scenarios


@dataclass(slots=True)
class Account:
    """What became of the publications in one database."""

    kills: int = 0
    acknowledged: int = 0
    answers: int = 0
    lost: list[str] = field(default_factory=list)
    torn: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Answers to a reader that were none, or mixed two releases."""

    @property
    def faults(self) -> list[str]:
        """All that must not be."""
        return [*self.lost, *self.torn, *self.left, *self.refused]


@dataclass(slots=True)
class Trial:
    """One kill after another in one place; after each, all is looked at."""

    settings: Settings
    edition: Edition
    publish: Publish
    account: Account
    attempts: dict[int, int] = field(default_factory=lambda: {1: 0})
    """The releases that must be there, each with the attempt that made it."""
    attempt: int = 0
    publication_s: float = 0.0

    async def run(self, scenarios: Sequence[Scenario]) -> None:
        """Kill, look, publish what comes next, look; in the end look back."""
        for _ in range(2):
            await self._publish()
        async with serving(self.settings) as client:
            reader = asyncio.create_task(read_on(client, self.account))
            for scenario in scenarios:
                for kill in scenario:
                    await self._kill(kill)
                await self._publish()
            reader.cancel()
            await asyncio.wait([reader])
            await self._ask_for_the_newest(client)
        await self._look_back()

    async def _kill(self, kill: str | float) -> None:
        if isinstance(kill, str):
            told = await self._carry_out(-signal.SIGKILL, point=kill)
        else:
            after_s = kill * self.publication_s
            told = await self._carry_out(-signal.SIGKILL, most=MANY, killed_after_s=after_s)
        self.account.kills += 1
        await settle(self.settings)
        await self._look(f"killed at {kill}", told)

    async def _publish(self) -> None:
        started = time.monotonic()
        told = await self._carry_out(0)
        self.publication_s = time.monotonic() - started
        await self._look("published", told)
        self.account.left += await leftovers(self.settings)
        async with opened(self.settings) as store:
            self.account.left += await left_files(self.settings, store)

    async def _carry_out(self, end: int, **how: Any) -> list[int]:
        self.attempt += 1
        given = self.settings.model_dump(exclude_unset=True)
        order = Order(given, max(self.attempts) + 1, self.attempt, **how)
        told: list[int] = []
        status = await asyncio.to_thread(self.publish, order, told)
        assert status == end, f"a publisher ended with {status}: {order}"
        self.account.acknowledged += len(told)
        return told

    async def _look(self, done: str, told: Sequence[int]) -> None:
        """What was told is there, and the newest release is whole, whether told or not."""
        last = max(self.attempts)
        acknowledged = max([last, *told])
        async with opened(self.settings) as store:
            newest = store.published.newest.n
            if newest < acknowledged:
                self.account.lost.append(f"{done}: {acknowledged} was told, {newest} is there")
            self.attempts |= dict.fromkeys(range(last + 1, newest + 1), self.attempt)
            if not await is_whole(store, newest, self._published_as(newest)):
                self.account.torn.append(f"{done}: release {newest} is torn")
            files = await lacking_files(self.settings, store, newest) if newest > 1 else []
            self.account.torn += [f"{done}: release {newest}: {fault}" for fault in files]

    async def _look_back(self) -> None:
        async with opened(self.settings) as store:
            for n in self.attempts:
                if not await is_whole(store, n, self._published_as(n)):
                    self.account.lost.append(f"release {n} is not any more what it was")

    async def _ask_for_the_newest(self, client: httpx.AsyncClient) -> None:
        answer = await client.get(f"/v1/observations?limit=200&release={max(self.attempts)}")
        check_answer(answer, self.account)

    def _published_as(self, release: int) -> Edition:
        return marked(self.edition, release, self.attempts[release])


async def read_on(client: httpx.AsyncClient, account: Account) -> None:
    """Read the newest observations again and again."""
    while True:
        check_answer(await client.get("/v1/observations?limit=200"), account)
        await asyncio.sleep(READ_EVERY_S)


def check_answer(answer: httpx.Response, account: Account) -> None:
    """Note an answer, and whether it is one and of one release."""
    account.answers += 1
    if answer.status_code != httpx.codes.OK:
        account.refused.append(f"{answer.status_code} {answer.text}")
        return
    page = answer.json()
    marks = {row["note_en"] for row in page["data"]}
    release = page["meta"]["release"]
    if len(marks) != 1 or not str(marks.pop()).startswith(f"edition {release}, "):
        account.refused.append(f"release {release} with rows of others")


@pytest.fixture
def publish() -> Iterator[Publish]:
    with publishers() as publish:
        yield publish


@pytest.mark.untraced
async def test_killed_publishers_lose_nothing_tear_nothing_and_leave_nothing(
    own: Settings, database: str, seed: Seed, publish: Publish
) -> None:
    account = Account()
    await Trial(own, make_edition(seed), publish, account).run(plan(database, KILLS, CHANCE))

    assert account.faults == []
    assert account.kills == KILLS
    assert account.answers >= KILLS


async def test_a_release_that_was_told_and_never_made_is_found(own: Settings, seed: Seed) -> None:
    def publish(order: Order, told: list[int]) -> int:
        told.append(order.first)
        return 0

    account = Account()
    await Trial(own, make_edition(seed), publish, account).run([])

    assert account.lost[0] == "published: 2 was told, 1 is there"


async def test_a_release_of_two_editions_is_found(own: Settings, seed: Seed) -> None:
    edition = make_edition(seed)

    def publish(order: Order, told: list[int]) -> int:
        n = order.first
        whole, other = (marked(edition, n, attempt) for attempt in (order.attempt, 99))
        rows, others = whole.rows["observations"], other.rows["observations"]
        torn = replace(whole, rows={**edition.rows, "observations": [*rows[:50], *others[50:]]})
        place.write_release(own, DATASETS, torn, AT, beside(own, torn))
        told.append(n)
        return 0

    account = Account()
    await Trial(own, edition, publish, account).run([])

    assert account.torn == ["published: release 2 is torn", "published: release 3 is torn"]
    assert "release 3 with rows of others" in account.refused


async def test_what_a_killed_publisher_leaves_is_found_until_the_next_has_published(
    own: Settings, publish: Publish
) -> None:
    given = own.model_dump(exclude_unset=True)
    before = await leftovers(own)
    await asyncio.to_thread(publish, Order(given, 2, 1, point=WRITTEN), [])
    await settle(own)
    killed = await leftovers(own)
    await asyncio.to_thread(publish, Order(given, 2, 2), [])

    assert before == []
    assert killed != []
    assert await leftovers(own) == []

"""Paging over the API: each row once, whatever happens between the pages."""

import asyncio
import csv
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import BASE, PUBLISHED_AT
from editions import give_reason

from opendata_api.datasets import DATASETS
from opendata_api.describe import Dataset
from opendata_api.publish import publish
from opendata_api.query import Cursor
from opendata_api.settings import Settings
from opendata_api.web.app import Application, create_app

Page = dict[str, Any]

CORRECTED = "cn450203-2023-rol-o001"

SORTS = [
    (dataset, sort) for dataset in DATASETS for name in dataset.sorts for sort in (name, f"-{name}")
]


PAGES_MAX = 2_000
"""No list here has more: cursors that lead round and round would fill the memory."""


async def walk(api: httpx.AsyncClient, address: str, step: str = "next") -> list[Page]:
    """The page at the address and all that follow it."""
    pages = []
    following: str | None = address
    while following is not None:
        page = (await api.get(following)).json()
        pages.append(page)
        assert len(pages) <= PAGES_MAX
        following = page["links"][step]
    return pages


def ids(pages: list[Page]) -> list[str]:
    return [row["id"] for page in pages for row in page["data"]]


def cursor_in(address: str | None) -> str:
    assert address is not None
    return str(httpx.URL(address).params["cursor"])


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("dataset", "sort"), SORTS, ids=[f"{dataset.name}-{sort}" for dataset, sort in SORTS]
)
async def test_walking_all_pages_gives_every_row_once_in_order_both_ways(
    api: httpx.AsyncClient, dataset: Dataset, sort: str
) -> None:
    whole = (await api.get(f"/v1/{dataset.name}?sort={sort}&limit=1000")).json()["data"]
    size = max(1, len(whole) // 4)

    forth = await walk(api, f"/v1/{dataset.name}?sort={sort}&limit={size}")
    back = await walk(api, forth[-1]["links"]["self"], "prev")

    assert [row for page in forth for row in page["data"]] == whole
    assert [page["data"] for page in reversed(back)] == [page["data"] for page in forth]
    assert {page["meta"]["total"] for page in forth} == {len(whole)}
    assert [page["meta"]["count"] for page in forth[:-1]] == [size] * (len(forth) - 1)


@pytest.mark.untraced
@pytest.mark.parametrize(
    "query",
    [
        "sort=-period_end,unit,-value",
        "sort=-value&topic=legal_aid&topic=administrative_litigation",
        "period_end__isnull=true&sort=metric",
        "sort=period_end,-id&fields=id,period_end",
    ],
)
async def test_walking_a_query_gives_its_rows_once(api: httpx.AsyncClient, query: str) -> None:
    whole = await walk(api, f"/v1/observations?{query}&limit=1000")
    forth = await walk(api, f"/v1/observations?{query}&limit=3")
    back = await walk(api, forth[-1]["links"]["self"], "prev")

    assert ids(forth) == ids(whole)
    assert ids(back[::-1]) == ids(whole)
    assert len(whole) == 1


async def test_nulls_come_last_in_both_directions(api: httpx.AsyncClient) -> None:
    for sort in ("period_end", "-period_end"):
        pages = await walk(api, f"/v1/observations?sort={sort}&limit=7")
        values = [row["period_end"] for page in pages for row in page["data"]]
        present = [value for value in values if value is not None]

        assert 0 < len(present) < len(values)
        assert values[len(present) :] == [None] * (len(values) - len(present))
        assert present == sorted(present, reverse=sort.startswith("-"))


async def test_the_first_page_has_no_previous_and_the_last_no_next(
    api: httpx.AsyncClient,
) -> None:
    pages = await walk(api, "/v1/areas?limit=2")

    cursor = cursor_in(pages[0]["links"]["next"])
    first = f"{BASE}/v1/areas?limit=2"
    assert [page["links"]["prev"] is None for page in pages] == [True, False]
    assert [page["links"]["next"] is None for page in pages] == [False, True]
    assert [page["links"]["first"] for page in pages] == [first, f"{first}&release=1"]
    assert pages[1]["links"]["self"] == f"{BASE}/v1/areas?cursor={cursor}&limit=2"


async def test_a_page_past_the_last_row_is_empty_and_leads_nowhere(
    api: httpx.AsyncClient,
) -> None:
    first = (await api.get("/v1/areas?limit=1")).json()
    last = (await api.get("/v1/areas?sort=-id&limit=1")).json()["data"][0]["id"]
    known = Cursor.decode(cursor_in(first["links"]["next"]))
    cursor = Cursor(known.release, known.digest, backwards=False, keys=(last,)).encode()

    page = (await api.get(f"/v1/areas?cursor={cursor}")).json()

    assert page["data"] == []
    assert page["links"]["next"] is page["links"]["prev"] is None
    assert page["meta"]["total"] == 3


async def test_limit_fields_format_and_language_may_change_between_pages(
    api: httpx.AsyncClient,
) -> None:
    whole = ids(await walk(api, "/v1/observations?limit=1000"))
    cursor = cursor_in((await api.get("/v1/observations?limit=10")).json()["links"]["next"])

    page = (await api.get(f"/v1/observations?cursor={cursor}&limit=5&fields=id&lang=en")).json()
    table = (await api.get(f"/v1/observations.csv?cursor={cursor}&fields=id")).text.splitlines()

    assert page["data"] == [{"id": name} for name in whole[10:15]]
    assert table == ["id", *whole[10:]]


async def test_a_cursor_works_in_another_process_over_the_same_data(
    api: httpx.AsyncClient, published: Settings
) -> None:
    following = (await api.get("/v1/passages?limit=10")).json()["links"]["next"]
    other = create_app(published, DATASETS)
    await other.site.store.open()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(other)) as client:
        there = await client.get(following)
    await other.site.store.close()

    assert there.content == (await api.get(following)).content


@pytest.mark.parametrize("place", range(0, 100, 9))
async def test_a_damaged_cursor_is_refused_with_an_address_that_works(
    api: httpx.AsyncClient, place: int
) -> None:
    cursor = cursor_in((await api.get("/v1/observations?limit=10")).json()["links"]["next"])
    at = place % len(cursor)
    damaged = cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :]

    answer = await api.get(f"/v1/observations?cursor={damaged}&limit=10")

    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid-cursor"
    assert answer.json()["errors"] == [
        {
            "parameter": "cursor",
            "message": "游标已损坏",
            "allowed": None,
            "did_you_mean": None,
            "try": f"{BASE}/v1/observations?limit=10",
        }
    ]


async def test_a_cursor_written_in_another_way_is_refused(api: httpx.AsyncClient) -> None:
    cursor = cursor_in((await api.get("/v1/observations?limit=10")).json()["links"]["next"])
    raw = urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    others = [
        f"{cursor}=",
        f"{cursor}A",
        cursor[:-1],
        f" {cursor}",
        "游标",
        "AAAA",
        urlsafe_b64encode(raw + b" ").rstrip(b"=").decode(),
        urlsafe_b64encode(raw[:4] + b"[1,2]").rstrip(b"=").decode(),
    ]

    codes = [
        (await api.get("/v1/observations", params={"cursor": other})).json()["code"]
        for other in others
    ]

    assert codes == ["invalid-cursor"] * len(others)


@pytest.mark.parametrize(
    "address",
    [
        "/v1/passages?",
        "/v1/service-counts?",
        "/v1/observations?year=2023&",
        "/v1/observations?dim=service_scope:citywide&",
        "/v1/observations?sort=-id&",
        "/v1/observations?sort=value&",
        "/v1/observations?release=2&",
    ],
)
async def test_a_cursor_of_another_query_is_refused(api: httpx.AsyncClient, address: str) -> None:
    cursor = cursor_in((await api.get("/v1/observations?limit=10")).json()["links"]["next"])

    answer = await api.get(f"{address}cursor={cursor}&lang=en")

    assert answer.status_code == 400
    assert answer.json()["code"] == "invalid-cursor"
    assert answer.json()["detail"] == "cursor: the cursor belongs to another query or release"


@pytest.mark.parametrize(
    "keys", [(), (1,), (None,), (True,), ("a", "b"), ("a\0",), (1.5,), (["a"],), ({"a": 1},)]
)
async def test_a_forged_cursor_with_other_keys_is_refused(
    api: httpx.AsyncClient, keys: tuple[Any, ...]
) -> None:
    known = Cursor.decode(
        cursor_in((await api.get("/v1/observations?limit=10")).json()["links"]["next"])
    )
    forged = Cursor(known.release, known.digest, known.backwards, keys).encode()

    answer = await api.get(f"/v1/observations?cursor={forged}")

    assert answer.json()["code"] == "invalid-cursor"


@pytest.mark.parametrize("release", [0, -1, 2**31, 2**63 - 1, "1", None, True])
async def test_a_forged_cursor_of_no_release_is_refused(
    api: httpx.AsyncClient, release: Any
) -> None:
    known = Cursor.decode(
        cursor_in((await api.get("/v1/observations?limit=10")).json()["links"]["next"])
    )
    forged = Cursor(release, known.digest, known.backwards, known.keys).encode()

    answer = await api.get(f"/v1/observations?cursor={forged}")

    assert answer.json()["code"] == "invalid-cursor"


async def test_a_cursor_of_a_release_to_come_is_out_of_range(api: httpx.AsyncClient) -> None:
    known = Cursor.decode(
        cursor_in((await api.get("/v1/observations?limit=10")).json()["links"]["next"])
    )
    forged = Cursor(2, known.digest, known.backwards, known.keys).encode()

    answer = await api.get(f"/v1/observations?cursor={forged}&limit=10")

    assert answer.status_code == 400
    assert answer.json()["code"] == "out-of-range"
    assert answer.json()["errors"][0]["try"] == f"{BASE}/v1/observations?limit=10"


@pytest.fixture
async def changing(own: Settings) -> AsyncIterator[Application]:
    """The application over a store into which the test publishes."""
    app = create_app(own, DATASETS)
    await app.site.store.open()
    yield app
    await app.site.store.close()


def correct_note(seed_dir: Path, words: str, *, is_explained: bool = True) -> None:
    """Change the note of one observation in a seed, with a reason unless none is wanted."""
    path = seed_dir / "reports" / "cn450203-2023-rol" / "observations.csv"
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        rows = list(reader)
        columns = list(reader.fieldnames or ())
    rows[0]["note_en"] = words
    if is_explained:
        give_reason(seed_dir, f"cn450203-2023-rol-{rows[0]['id']}")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


async def test_a_cursor_keeps_to_its_release_while_the_next_is_published(
    changing: Application, own: Settings, seed_dir: Path
) -> None:
    settings = own.model_copy(update={"seed_dir": seed_dir})
    async with httpx.AsyncClient(transport=httpx.ASGITransport(changing), base_url=BASE) as client:
        before = (await client.get("/v1/observations?limit=1000&release=1")).json()["data"]
        first = (await client.get("/v1/observations?limit=30")).json()

        correct_note(seed_dir, "Read again.")
        at = datetime.fromisoformat("2026-02-03T04:05:06Z")
        assert (await asyncio.to_thread(publish, settings, at)).is_new
        await changing.site.store.refresh()

        rest = await walk(client, first["links"]["next"])
        back = await walk(client, rest[-1]["links"]["self"], "prev")
        newest = (await client.get(f"/v1/observations/{CORRECTED}")).json()
        pinned = (await client.get(f"/v1/observations/{CORRECTED}?release=1")).json()
        releases = (await client.get("/v1/releases")).json()["data"]

    assert [row for page in [first, *rest] for row in page["data"]] == before
    assert [row for page in reversed(back) for row in page["data"]] == before
    assert {page["meta"]["release"] for page in [first, *rest, *back]} == {1}
    assert newest["data"] == before[0] | {"note_en": "Read again.", "release_changed": 2}
    assert newest["meta"]["release"] == 2
    assert pinned["data"] == before[0]
    assert [(one["n"], one["published_at"]) for one in releases] == [
        (2, "2026-02-03T04:05:06Z"),
        (1, "2026-01-02T03:04:05Z"),
    ]


async def test_a_release_that_this_process_has_not_seen_yet_is_looked_for(
    changing: Application, own: Settings, seed_dir: Path
) -> None:
    correct_note(seed_dir, "Read once more.")
    settings = own.model_copy(update={"seed_dir": seed_dir})
    await asyncio.to_thread(publish, settings, PUBLISHED_AT)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(changing), base_url=BASE) as client:
        answer = (await client.get(f"/v1/observations/{CORRECTED}?release=2")).json()
        beyond = (await client.get("/v1/observations?release=3&lang=en")).json()

    assert beyond["detail"] == "release: releases are numbered from 1 to 2"
    assert answer["data"]["note_en"] == "Read once more."
    assert changing.site.store.published.newest.n == 2

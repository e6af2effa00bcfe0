"""Search: just the records that hold the words, on both databases, whatever the words are."""

import asyncio
import random
import sqlite3
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from conftest import BASE, SEED, a_database, at_postgres
from editions import serving
from hypothesis import given
from hypothesis import strategies as st
from postgres_server import PostgresServer

from opendata_api import folding
from opendata_api.datasets import DATASETS, METRICS, OBSERVATIONS, PASSAGES
from opendata_api.describe import Dataset, Type
from opendata_api.folding import find_words, fold, split_words
from opendata_api.publish import make_edition
from opendata_api.query import Cursor, parse_query
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store import place, sqlite_search, tokens, windows
from opendata_api.store.errors import BadPublication, StoreError
from opendata_api.store.model import Edition, Store
from opendata_api.store.tokens import LENGTH_MAX, SAME_MAX, check_length
from opendata_api.web.app import Application

REPORT = SEED / "reports" / "cn450203-2023-rol" / "text.txt"
WORDS = [
    "援助",
    "法律援助",
    "法律",
    "行政复议",
    "复议",
    "跨省通办",
    "通办",
    "村",
    "法律顾问",
    "顾问",
    "矛盾纠纷",
    "2023年",
    "206",
    "人民调解",
    "免罚",
    "枫桥经验",
    "法治",
]
SEARCHED = [dataset for dataset in DATASETS if dataset.searched]
STRANGE = (
    *('"', "'", "*", "()", "a OR b", "a AND", "NOT", "NEAR(", "{text} : 法", "-法", "^法", "法*"),
    *("\\", "%", "_", "'; drop table passage --", "法:*", "!法", "&", "|", "<->", ":", "\u202e"),
    *("(a*)*b" * 8, "﹪", "\U0001f600", "＂", "1+3", "‘1+3’", "“", "，", "…"),
)


def substrings(count: int) -> list[str]:
    """Random runs of the report without white space."""
    text = REPORT.read_text(encoding="utf-8")
    chance = random.Random(206)
    found: list[str] = []
    while len(found) < count:
        start = chance.randrange(len(text))
        words = text[start : start + chance.randint(1, 9)].split()
        found += words[:1]
    return found


async def rows_of(api: httpx.AsyncClient, dataset: Dataset) -> list[dict[str, Any]]:
    return list((await api.get(f"/v1/{dataset.name}?limit=1000")).json()["data"])


def holds(row: Mapping[str, Any], dataset: Dataset, words: str) -> bool:
    """The same question in plain Python: each word stands in one of the texts."""
    texts = [fold(row[field.name] or "").text for field in dataset.searched]
    return all(any(word in text for text in texts) for word in fold(words).text.split())


async def found(api: httpx.AsyncClient, dataset: Dataset, words: str) -> list[str]:
    answer = await api.get(f"/v1/{dataset.name}?limit=1000&q={quote(words)}")
    assert answer.status_code == 200, answer.text
    page = answer.json()
    assert page["meta"]["total"] == len(page["data"])
    return [row["id"] for row in page["data"]]


@pytest.mark.untraced
async def test_passages_are_found_by_any_run_of_their_characters(api: httpx.AsyncClient) -> None:
    rows = await rows_of(api, PASSAGES)
    for words in [*WORDS, *substrings(200)]:
        expected = {row["id"] for row in rows if holds(row, PASSAGES, words)}

        assert set(await found(api, PASSAGES, words)) == expected, words


@pytest.mark.untraced
@pytest.mark.parametrize("dataset", SEARCHED, ids=lambda one: one.name)
async def test_every_dataset_with_texts_is_searched(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    rows = await rows_of(api, dataset)
    questions = [*WORDS, *substrings(20), "legal AID", "法律 援助", "ｌｅｇａｌ　aid", "of 2023"]
    for words in questions:
        expected = {row["id"] for row in rows if holds(row, dataset, words)}

        assert set(await found(api, dataset, words)) == expected, words


@pytest.mark.untraced
@pytest.mark.parametrize("words", STRANGE)
async def test_punctuation_and_the_syntax_of_engines_are_plain_text(
    api: httpx.AsyncClient, words: str
) -> None:
    rows = await rows_of(api, PASSAGES)

    expected = {row["id"] for row in rows if holds(row, PASSAGES, words)}
    assert set(await found(api, PASSAGES, words)) == expected


@given(
    text=st.text(max_size=60),
    words=st.lists(st.text(min_size=1, max_size=4), min_size=1, max_size=3),
)
def test_a_highlight_holds_the_word_and_nothing_is_missed(text: str, words: list[str]) -> None:
    folded = split_words(" ".join(words))
    runs = find_words(text, folded)

    assert bool(runs) == any(word in fold(text).text for word in folded)
    for run in runs:
        piece = fold(run.of(text)).text
        assert any(word in piece for word in folded)
    assert all(one.end < other.start for one, other in pairwise(runs))


@pytest.mark.untraced
def test_every_code_point_gives_at_least_one_that_is_found_again() -> None:
    """So a text that keeps its length when it is folded has each code point at its place."""
    assert all(fold(chr(code)).text for code in range(0x110000))


def test_no_more_code_points_are_kept_folded_than_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    kept = folding.Folding()
    monkeypatch.setattr(folding, "KEPT_MAX", 1)

    assert "ＡＢﬁ".translate(kept) == "abfi"
    assert kept == {ord("Ａ"): "a"}


def test_places_are_found_in_rows_as_they_are_encoded() -> None:
    """There a text is a text; a list would be one no more."""
    kinds = {field.type for dataset in DATASETS for field in dataset.searched}

    assert kinds == {Type.TEXT}


async def test_hits_say_where_the_words_stand(api: httpx.AsyncClient) -> None:
    page = (await api.get("/v1/passages?q=法律援助 ２０６&fields=id,text")).json()

    assert page["links"]["self"] == (
        f"{BASE}/v1/passages?fields=id,text&q=%E6%B3%95%E5%BE%8B%E6%8F%B4%E5%8A%A9%20206"
    )
    for row in page["data"]:
        assert list(row) == ["id", "text", "highlights"]
        pieces = "".join(row["text"][one["start"] : one["end"]] for one in row["highlights"])
        assert pieces.replace("法律援助", "") == "206" * row["text"].count("206")


async def test_what_is_masked_is_not_found_and_offsets_point_into_what_is_shown(
    api: httpx.AsyncClient,
) -> None:
    text = REPORT.read_text(encoding="utf-8")
    name = text[2519:2522]
    [row] = (await api.get("/v1/passages?q=等4人荣获")).json()["data"]
    [one] = row["highlights"]

    assert await found(api, PASSAGES, name) == []
    assert text[row["start"] + one["start"] : row["start"] + one["end"]] == "等4人荣获"
    assert row["text"][one["start"] : one["end"]] == "等4人荣获"


async def test_a_field_is_searched_by_itself(api: httpx.AsyncClient) -> None:
    by_quote = (await api.get("/v1/observations?quote__contains=法律援助&limit=1000")).json()
    rows = await rows_of(api, OBSERVATIONS)
    expected = {row["id"] for row in rows if "法律援助" in row["quote"]}

    assert {row["id"] for row in by_quote["data"]} == expected
    assert all(one["highlights"] for one in by_quote["data"])
    both = (
        await api.get("/v1/observations?quote__contains=援助 206&unit=case&sort=-value")
    ).json()["data"]
    assert [row["value"] for row in both] == [
        row["value"]
        for row in sorted(rows, key=lambda row: (-(row["value"] or 0), row["id"]), reverse=False)
        if row["unit"] == "case" and "援助" in row["quote"] and "206" in row["quote"]
    ]


async def test_numbers_that_stand_whole_come_first(
    search_place: Settings,
) -> None:
    app_store = place.make_store(search_place)
    await app_store.open()
    texts = await ranked(app_store, "206")
    phrase = await ranked(app_store, "法律 援助")
    english = await ranked(app_store, "Legal aid")
    both = await ranked(app_store, "aid 206")
    await app_store.close()

    assert texts == ["共206件", "有 206 件", "legal aid 206", "共1206件", "2065"]
    assert phrase == ["法律援助", "援助和法律"]
    assert english == ["of legal aid", "legal aid 206", "legalaid", "aid for legal", "aid, legal"]
    assert both == ["legal aid 206"]


async def ranked(store: Store, words: str) -> list[str]:
    """The texts found, the best first."""
    query = parse_query(PASSAGES, (("q", words),))
    place_of = PASSAGES.field_names.index("text")
    whole = await store.page(query, 1, 100, None)
    return [str(row[place_of]) for row in whole.rows]


@pytest.fixture
async def search_place(empty: Settings, seed: Seed) -> Settings:
    """A store with passages that hold words whole and in pieces."""
    edition = make_edition(seed)
    texts = ["共1206件", "共206件", "2065", "有 206 件", "援助和法律", "法律援助"]
    texts += ["aid for legal", "of legal aid", "aid, legal", "legal aid 206", "legalaid"]
    at = PASSAGES.field_names.index("text")
    rows = [
        (*row[:at], text, *row[at + 1 :])
        for row, text in zip(edition.rows["passages"], texts, strict=False)
    ]
    changed = Edition({**edition.rows, "passages": rows}, edition.attachments)
    await asyncio.to_thread(
        place.write_release, empty, DATASETS, changed, datetime(2026, 1, 1, tzinfo=UTC)
    )
    return empty


Pages = list[dict[str, Any]]


async def walk(api: httpx.AsyncClient, address: str) -> tuple[Pages, Pages]:
    """All pages from the first on, and all from the last back."""
    pages = [(await api.get(address)).json()]
    while (following := pages[-1]["links"]["next"]) is not None:
        pages.append((await api.get(following)).json())
    back = [pages[-1]]
    while (before := back[-1]["links"]["prev"]) is not None:
        back.append((await api.get(before)).json())
    return pages, back


@pytest.mark.parametrize("words", ["法律", "206", "法律 援助", "村", "legal aid", "1"])
async def test_pages_of_hits_give_each_once_forward_and_back(
    api: httpx.AsyncClient, words: str
) -> None:
    whole = (await api.get(f"/v1/observations?limit=1000&q={words}")).json()["data"]
    pages, back = await walk(api, f"/v1/observations?limit=7&q={words}")

    assert [row for page in pages for row in page["data"]] == whole
    assert [page["data"] for page in reversed(back)] == [page["data"] for page in pages]


@pytest.mark.untraced
@pytest.mark.parametrize("words", ["法律", "206", "法律 援助", "村", "legal aid", "1"])
@pytest.mark.parametrize("filters", ["", "&status=as_printed"])
async def test_hits_are_the_same_however_few_are_read_at_once(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, words: str, filters: str
) -> None:
    address = f"/v1/observations?q={words}{filters}"
    whole = (await api.get(f"{address}&limit=1000")).json()["data"]
    monkeypatch.setattr(windows, "HITS_MAX", 2)
    pages, back = await walk(api, f"{address}&limit=7")

    assert [row for page in pages for row in page["data"]] == whole
    assert [page["data"] for page in reversed(back)] == [page["data"] for page in pages]


@pytest.fixture
async def in_small_blocks(
    postgres: PostgresServer, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    """The seed on PostgreSQL, whose versions lie in many blocks of numbers."""
    monkeypatch.setattr(tokens, "BLOCK", 16)
    at = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    with a_database(postgres, "migrated") as name:
        settings = at_postgres(postgres, name)
        await asyncio.to_thread(place.write_release, settings, DATASETS, make_edition(seed), at)
        async with serving(settings) as client:
            yield client


async def test_hits_are_the_same_in_however_many_blocks_they_lie(
    in_small_blocks: httpx.AsyncClient,
    services: Mapping[str, Application],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    transport = httpx.ASGITransport(services["sqlite"])
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as plain:
        for words in ("法律", "206", "法律 援助", "条 件"):
            for most in (0, 3, 20_000):
                monkeypatch.setattr(windows, "HITS_MAX", most)
                whole = await plain.get(f"/v1/passages?q={words}&limit=1000&fields=id")
                pages = await pages_of(in_small_blocks, f"/v1/passages?q={words}&limit=9&fields=id")

                assert [row for page in pages for row in page] == whole.json()["data"]


async def pages_of(client: httpx.AsyncClient, address: str | None) -> list[list[Any]]:
    """The rows of each page; the page before each is asked again on the way."""
    pages: list[list[Any]] = []
    while address is not None:
        page = (await client.get(address)).json()
        if pages:
            back = (await client.get(page["links"]["prev"])).json()
            assert back["data"] == pages[-1]
        pages.append(page["data"])
        address = page["links"]["next"]
    return pages


async def test_words_that_are_common_and_never_whole_are_refused_in_time(
    in_small_blocks: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(windows, "HITS_MAX", 0)
    monkeypatch.setattr(windows, "LOOKED_MAX", 2)
    answer = await in_small_blocks.get("/v1/observations?q=件&limit=1000&lang=en")

    assert (answer.status_code, answer.json()["code"]) == (400, "expensive-query")
    assert answer.json()["detail"] == (
        "more than 0 rows have these words, and nothing else narrows them; add a filter"
    )


@pytest.mark.parametrize("number", [-(2**63), -1, 0, 10**9, 2**63 - 1])
@pytest.mark.parametrize("backwards", [False, True])
async def test_a_cursor_that_nobody_gave_is_answered_at_once(
    api: httpx.AsyncClient, number: int, *, backwards: bool
) -> None:
    query = parse_query(OBSERVATIONS, (("q", "法"),))
    cursor = Cursor(1, query.digest, backwards, (1, number))
    answer = await api.get(f"/v1/observations?q=法&cursor={cursor.encode()}")

    assert answer.status_code == 200
    past_all = number >= 10**9
    assert (answer.json()["data"] == []) == (past_all != backwards)


FEW = 20
"""More observations than this hold 法, fewer 法律援助; more are as printed, fewer on legal aid."""


async def _lists_and_groups(
    api: httpx.AsyncClient, asked: str
) -> tuple[list[httpx.Response], httpx.Response]:
    """The rows as a list and as a file, and their groups."""
    lists = [await api.get(f"/v1/observations{suffix}?{asked}") for suffix in ("", ".csv")]
    filters = asked.partition("&sort")[0]
    return lists, await api.get(f"/v1/observations/facets?by=unit&{filters}")


@pytest.mark.parametrize(
    "asked",
    [
        "q=法律援助&status=as_printed",
        "q=法&topic=legal_aid",
        "q=法&topic=legal_aid&sort=-value",
        "quote__contains=法&topic=legal_aid",
        "q=法&quote__contains=援助",
    ],
)
async def test_a_search_that_is_narrow_in_one_way_is_answered(
    api: httpx.AsyncClient, service: Application, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    lists, groups = await _lists_and_groups(api, asked)
    monkeypatch.setattr(service.site.store, "read_rows_max", FEW)
    narrow_lists, narrow_groups = await _lists_and_groups(api, asked)

    assert lists[0].json()["data"] != []
    assert [one.content for one in narrow_lists] == [one.content for one in lists]
    assert narrow_groups.content == groups.content


@pytest.mark.parametrize(
    "asked", ["q=法&status=as_printed", "q=法&sort=-value", "quote__contains=法"]
)
async def test_a_search_that_would_read_too_much_is_refused(
    api: httpx.AsyncClient, service: Application, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    monkeypatch.setattr(service.site.store, "read_rows_max", FEW)
    lists, groups = await _lists_and_groups(api, asked)

    assert [one.json()["code"] for one in (*lists, groups)] == ["expensive-query"] * 3


async def test_a_common_word_alone_is_found_however_many_rows_hold_it(
    api: httpx.AsyncClient, service: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    lists, _ = await _lists_and_groups(api, "q=法")
    monkeypatch.setattr(service.site.store, "read_rows_max", FEW)
    again, groups = await _lists_and_groups(api, "q=法")

    assert [one.content for one in again] == [one.content for one in lists]
    assert groups.json()["code"] == "expensive-query"


async def test_hits_are_filtered_sorted_and_downloaded_like_other_rows(
    api: httpx.AsyncClient,
) -> None:
    address = "q=法律援助&topic=legal_aid&sort=-value"
    page = (await api.get(f"/v1/observations?{address}")).json()
    table = await api.get(f"/v1/observations.csv?{address}&fields=id")

    assert table.text.split() == ["id", *(row["id"] for row in page["data"])]
    values = [row["value"] for row in page["data"]]
    assert values == sorted(values, reverse=True)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("", "invalid-value"),
        ("%20", "invalid-value"),
        ("%E3%80%80", "invalid-value"),
        ("%00", "invalid-value"),
        ("a%20" * 21 + "".join(f"b{n}%20" for n in range(21)), "too-many-values"),
        ("x" * 1000, "out-of-range"),
        ("x" * 201, "out-of-range"),
    ],
)
@pytest.mark.parametrize("name", ["q", "text__contains"])
async def test_what_is_no_search_is_refused(
    api: httpx.AsyncClient, name: str, words: str, code: str
) -> None:
    answer = await api.get(f"/v1/passages?{name}={words}")

    assert answer.status_code == 400
    assert answer.json()["code"] == code
    assert answer.json()["errors"][0]["parameter"] == name


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("x" * 201, "x" * 200),
        ("法" * 1000, "法" * 200),
        ("\U0002000b" * 1000, "\U0002000b" * 200),
        ("㎯" * 100, "㎯" * 33),
        (" ".join(f"a{n}" for n in range(40)), " ".join(f"a{n}" for n in range(20))),
        ("法律 " * 3000, ("法律 " * 66) + "法律"),
        ("法律援助 " * 41, ("法律援助 " * 39) + "法律援助"),
        ("援助 " + "法" * 200, "援助"),
    ],
)
@pytest.mark.parametrize(
    "address",
    ["passages?q", "passages?text__contains", "search?q", "passages/facets?by=section&q"],
)
async def test_of_a_search_that_is_too_long_the_head_is_offered(
    api: httpx.AsyncClient, address: str, words: str, offered: str
) -> None:
    answer = await api.get(f"/v1/{address}={quote(words)}")

    [fault] = answer.json()["errors"]
    assert answer.status_code in (400, 414)
    assert fault["parameter"] == address.rpartition("?")[2].rpartition("&")[2]
    assert dict(httpx.QueryParams(urlsplit(fault["try"]).query))[fault["parameter"]] == offered
    assert (await api.get(fault["try"])).status_code == 200


@pytest.mark.parametrize("query", ["法" * 1000, "x" * 201])
async def test_a_search_that_is_too_long_is_told_its_limit(
    api: httpx.AsyncClient, query: str
) -> None:
    in_english = await api.get(f"/v1/passages?q={quote(query)}&lang=en")
    in_chinese = await api.get(f"/v1/passages?q={quote(query)}")

    assert in_english.json()["detail"] == "q: all words together have at most 200 characters"
    assert in_chinese.json()["detail"] == "q: 检索词共不超过200个字"


@pytest.mark.parametrize(
    ("query", "parameter", "offered"),
    [
        ("metric=" + "a" * 9000, "metric", ""),
        ("nosuch=" + "a" * 9000, None, ""),
        ("q=%ff" + "a" * 9000, None, ""),
        ("q=" + "%00" * 3000, "q", ""),
        ("q=" + "+" * 9000, "q", ""),
    ],
)
async def test_what_else_is_too_long_is_named(
    api: httpx.AsyncClient, query: str, parameter: str | None, offered: str
) -> None:
    answer = await api.get(f"/v1/observations?{query}")

    [fault] = answer.json()["errors"]
    assert answer.status_code == 414
    assert (fault["parameter"], fault["try"]) == (parameter, f"{BASE}/v1/observations{offered}")


async def test_nothing_is_offered_at_an_address_that_may_not_be_there(
    api: httpx.AsyncClient,
) -> None:
    answer = await api.get(f"/v1/areas/nothing?fields={'a' * 9000}")

    assert answer.status_code == 414
    assert [fault["try"] for fault in answer.json()["errors"]] == [None]


async def test_the_longest_search_is_answered(api: httpx.AsyncClient) -> None:
    assert (await api.get(f"/v1/passages?q={'x' * 200}")).json()["data"] == []


async def test_one_search_asks_every_dataset(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/search?q=法律援助&limit=2&lang=en")
    groups = answer.json()["data"]

    assert [group["dataset"] for group in groups] == [dataset.name for dataset in SEARCHED]
    for group in groups:
        listed = (await api.get(group["href"])).json()
        assert group["total"] == listed["meta"]["total"]
        assert [hit["record"]["id"] for hit in group["hits"]] == [
            row["id"] for row in listed["data"][:2]
        ]
        for hit in group["hits"]:
            assert (await api.get(hit["href"])).status_code == 200
            assert hit["highlights"]
    known = await api.get(
        "/v1/search?q=法律援助&limit=2", headers={"if-none-match": answer.headers["etag"]}
    )
    assert known.status_code == 304


ONLY_JSON = ("/v1/search{suffix}?q=法律援助", "/v1/cite{suffix}?url=/v1/areas")


@pytest.mark.parametrize("address", ONLY_JSON)
async def test_what_is_json_alone_negotiates_like_other_addresses(
    api: httpx.AsyncClient, address: str
) -> None:
    plain, suffixed = address.format(suffix=""), address.format(suffix=".json")
    answer = await api.get(plain)
    by_suffix = await api.get(suffixed, headers={"accept": "text/csv"})
    browser = await api.get(plain, headers={"accept": "text/html,*/*;q=0.8"})

    assert (by_suffix.status_code, by_suffix.content) == (200, answer.content)
    assert browser.content == answer.content
    assert (answer.headers["vary"], by_suffix.headers.get("vary")) == (
        "Accept, Accept-Encoding",
        "Accept-Encoding",
    )


@pytest.mark.parametrize("address", ONLY_JSON)
@pytest.mark.parametrize("accept", ["text/csv", "text/*", "application/zip", "image/png"])
async def test_what_is_json_alone_is_refused_in_other_formats(
    api: httpx.AsyncClient, address: str, accept: str
) -> None:
    answer = await api.get(address.format(suffix=""), headers={"accept": accept})

    assert (answer.status_code, answer.json()["code"]) == (406, "not-acceptable")
    assert answer.json()["errors"][0]["allowed"] == ["application/json"]
    assert answer.headers["vary"] == "Accept, Accept-Language, Accept-Encoding"


async def test_one_search_is_pinned_to_a_release(api: httpx.AsyncClient) -> None:
    groups = (await api.get("/v1/search?q=法律援助&release=1")).json()["data"]

    assert all(group["href"].endswith("&release=1") for group in groups)
    assert all(hit["href"].endswith("?release=1") for group in groups for hit in group["hits"])


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "invalid-value"),
        ("?q=", "invalid-value"),
        ("?q=%00", "invalid-value"),
        ("?q=%20&limit=2", "invalid-value"),
        ("?limit=2", "invalid-value"),
        ("?limit=500", "out-of-range"),
        ("?q=a&limit=101", "out-of-range"),
        ("?q=a&sort=id", "unknown-parameter"),
        ("?keyword=法律", "unknown-parameter"),
    ],
)
async def test_a_search_without_words_is_refused_and_led_to_one_that_works(
    api: httpx.AsyncClient, query: str, code: str
) -> None:
    answer = await api.get(f"/v1/search{query}")

    assert (answer.status_code, answer.json()["code"]) == (400, code)
    for fault in answer.json()["errors"]:
        assert (await api.get(fault["try"])).status_code == 200


async def test_a_search_without_words_is_shown_an_example(api: httpx.AsyncClient) -> None:
    offered = {
        (await api.get(f"/v1/search{query}")).json()["errors"][0]["try"]
        for query in ("", "?q=", "?q=%00")
    }

    assert offered == {f"{BASE}/v1/search?q={quote('法律援助')}"}


def test_a_sqlite_that_cannot_search_is_refused() -> None:
    class Poor(sqlite3.Connection):
        def execute(self, sql: str, *given: Any) -> sqlite3.Cursor:
            options = "select 'THREADSAFE=1'" if "compile_options" in sql else sql
            return super().execute(options, *given)

    connection = sqlite3.connect(":memory:", factory=Poor)
    with pytest.raises(StoreError, match="without FTS5"):
        sqlite_search.check_engine(connection)
    connection.close()


@pytest.mark.parametrize("text", ["法律" * LENGTH_MAX, "法" * (SAME_MAX + 2)])
def test_a_text_of_which_an_index_would_lose_places_is_not_published(seed: Seed, text: str) -> None:
    row = make_edition(seed).rows["passages"][0]
    at = PASSAGES.field_names.index("text")

    with pytest.raises(BadPublication, match="cn450203-2023-rol-p001: text is too long"):
        check_length(PASSAGES, (*row[:at], text, *row[at + 1 :]))


def test_a_query_for_words_is_read_back_from_its_canonical_parameters() -> None:
    query = parse_query(METRICS, (("q", "Ｌｅｇａｌ　AID legal"),))

    assert query.canonical == (("q", "legal aid"),)
    assert parse_query(METRICS, query.canonical) == query
    assert replace(query, words=()).filters == ()


@pytest.mark.parametrize(
    "asked",
    [
        {"q": "法律援助"},
        {"q": "206 法律援助"},
        {"q": "年"},
        {"quote__contains": "法律 援助"},
        {"q": "件", "quote__contains": "援助", "dim": "recipient_group:special_difficulty"},
    ],
)
async def test_what_is_found_is_counted_by_value(
    api: httpx.AsyncClient, asked: dict[str, str]
) -> None:
    rows = (await api.get("/v1/observations", params=asked | {"limit": "1000"})).json()["data"]
    facets = await api.get("/v1/observations/facets", params=asked | {"by": "topic"})
    whole = await api.get("/v1/observations/aggregate", params=asked)

    counted = {one["value"]: one["count"] for one in facets.json()["data"]}
    assert counted == Counter(row["topic"] for row in rows)
    assert [one["count"] for one in whole.json()["data"]] == ([len(rows)] if rows else [])


@pytest.mark.parametrize("words", ["法律 援助", "法", "援助"])
async def test_an_export_of_hits_ends_before_a_cursor(service: Application, words: str) -> None:
    store = service.site.store
    query = parse_query(OBSERVATIONS, (("q", words),))
    rows = (await store.page(query, 1, 1_000, None)).rows
    assert len(rows) > 2
    for number in range(0, len(rows), 5):
        page = await store.page(query, 1, number + 1, None)
        before = query.beside(1, page.last or (), backwards=True)
        for limit in (None, 1, 3, max(1, number), number + 1):
            batches = store.export(replace(before, limit=limit), 1, None)
            found = [row async for batch in batches for row in batch]
            assert found == rows[:number][-(limit or 1_000) :], (number, limit)

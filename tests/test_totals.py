"""Totals stand beside every page; each is counted once, or not at all."""

from pathlib import Path

import pytest
from editions import changed, published_with

from opendata_api.datasets import METRICS, OBSERVATIONS
from opendata_api.publish import make_edition
from opendata_api.query import Query, parse_query
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store import sqlite_files, steps, totals
from opendata_api.store.model import GoneRelease, Published, Release, RowsPage, Total
from opendata_api.store.place import make_store
from opendata_api.store.sqlite import SqliteStore
from opendata_api.store.totals import TOTAL_MAX, Totals, total_of
from opendata_api.words import Text

TOPIC = parse_query(OBSERVATIONS, (("topic", "legal_aid"),))


def asking(*pairs: tuple[str, str]) -> Query:
    return parse_query(OBSERVATIONS, pairs)


def test_a_total_is_exact_up_to_ten_thousand() -> None:
    assert [total_of(count) for count in (0, TOTAL_MAX, TOTAL_MAX + 1)] == [
        Total(0),
        Total(10_000),
        Total(10_000, exact=False),
    ]


def test_a_total_is_of_its_dataset_release_and_filters_alone() -> None:
    known = Totals()
    known.keep(TOPIC, 1, Total(7))
    others = (
        (TOPIC, 2),
        (parse_query(METRICS, (("topic", "legal_aid"),)), 1),
        (asking(("topic", "mediation")), 1),
        (asking(("topic__ne", "legal_aid")), 1),
        (asking(("topic", "legal_aid"), ("year", "2023")), 1),
        (asking(("topic", "legal_aid"), ("q", "法律")), 1),
        (asking(("topic", "legal_aid"), ("dim", "service_scope:cross_province")), 1),
        (asking(), 1),
    )

    assert known.find(asking(("topic", "legal_aid"), ("sort", "-year"), ("limit", "3")), 1) == (
        Total(7)
    )
    assert [known.find(*other) for other in others] == [None] * len(others)


@pytest.mark.parametrize(
    ("is_first", "has_next", "learnt"),
    [(True, False, Total(2)), (True, True, None), (False, False, None)],
)
def test_a_first_page_that_is_the_last_tells_the_total(
    learnt: Total | None, *, is_first: bool, has_next: bool
) -> None:
    known = Totals()
    query = TOPIC if is_first else TOPIC.beside(1, ("cn450203",), backwards=False)
    page = RowsPage([("a",), ("b",)], [("a",), ("b",)], has_previous=False, has_next=has_next)

    assert known.learn(query, 1, page) is page
    assert known.find(TOPIC, 1) == learnt


async def test_totals_are_those_that_are_counted(published: Settings) -> None:
    store = make_store(published)
    await store.open()
    try:
        for pairs in ((("topic", "legal_aid"),), (("q", "法律"),), (("role", "target"),)):
            query = asking(*pairs)
            counted = await store.total(query, 1)
            again = await store.total(query, 1)
            pages = await store.page(query, 1, 1_000, None)
            assert counted == again == Total(len(pages.rows))
    finally:
        await store.close()


async def test_a_total_is_counted_once_and_where_a_page_has_all_rows_never(
    pristine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements: list[str] = []
    open_reader = sqlite_files.open_reader

    def open_traced(path: Path, size: int) -> sqlite_files.Reader:
        reader = open_reader(path, size)
        reader.connection.set_trace_callback(statements.append)
        return reader

    monkeypatch.setattr(sqlite_files, "open_reader", open_traced)
    store = SqliteStore(pristine)
    await store.open()
    try:
        year = asking(("year", "2023"))
        whole = await store.page(TOPIC, 1, 1_000, None)
        part = await store.page(year, 1, 10, None)
        told = await store.total(TOPIC, 1)
        counted = [await store.total(year, 1) for _ in range(2)]
    finally:
        await store.close()

    assert (whole.has_next, part.has_next) == (False, True)
    assert told == Total(len(whole.rows))
    assert counted[0] == counted[1]
    assert len([one for one in statements if one.startswith("select count(*)")]) == 1


@pytest.mark.parametrize("most", [TOTAL_MAX, 5, 1])
async def test_hits_of_other_releases_are_not_counted(
    own: Settings, seed: Seed, monkeypatch: pytest.MonkeyPatch, most: int
) -> None:
    """They stand in the index of words too, as often as a record was corrected."""
    for module in (steps, totals):
        monkeypatch.setattr(module, "TOTAL_MAX", most)
    edition = changed(make_edition(seed), "cn450203-2023-rol-o083", status="corrected")
    async with published_with(own, edition) as api:
        for asked in ("q=法律", "quote__contains=法律&q=援助", "q=x", "q=法律&topic=legal_aid"):
            for release in (1, 2):
                address = f"/v1/observations?{asked}&release={release}"
                meta = (await api.get(f"{address}&limit=1")).json()["meta"]
                everything = (await api.get(f"{address}&limit=1000")).json()["data"]
                told = (meta["total"], meta["total_relation"])
                expected = (most, "gte") if len(everything) > most else (len(everything), "eq")
                assert told == expected, (asked, release)


def test_versions_that_are_of_no_release_in_force_are_counted_at_most() -> None:
    told = '{"first_seq":1,"counts":{"observations":{"added":5,"withdrawn":1}}}'
    released = {n: Release(n, "2026-01-01T00:00:00Z", "", changes=told) for n in (2, 3)}
    gone = {1: GoneRelease(1, "2026-01-01T00:00:00Z", Text("", ""), told)}
    published = Published(released, {("observations", 2): 4}, gone)

    assert published.others(TOPIC, 2) == 14
    assert published.others(parse_query(METRICS, ()), 2) == 0
    assert [published.versions(TOPIC, n) for n in (1, 2, 3)] == [18, 18, 18]

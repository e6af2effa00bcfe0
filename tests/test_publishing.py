"""Publishing: a changed seed makes the next release; whatever fails leaves what is there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from editions import O083, changed, explained, find, without

from opendata_api.datasets import DATASETS, OBSERVATIONS
from opendata_api.errors import DatabaseUnavailable, ExpensiveQuery
from opendata_api.query import Cursor, parse_facets, parse_query
from opendata_api.settings import Settings
from opendata_api.store import place
from opendata_api.store.errors import BadPublication
from opendata_api.store.model import Edition, Release, Store
from opendata_api.store.steps import READ_ROWS_MAX

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


async def write_release(
    settings: Settings, edition: Edition, at: datetime = AT
) -> tuple[Release, bool]:
    return await asyncio.to_thread(place.write_release, settings, DATASETS, edition, at)


@asynccontextmanager
async def opened(settings: Settings, read_rows_max: int = READ_ROWS_MAX) -> AsyncIterator[Store]:
    store = place.make_store(settings)
    store.read_rows_max = read_rows_max
    await store.open()
    try:
        yield store
    finally:
        await store.close()


async def test_an_unchanged_seed_publishes_nothing(own: Settings, edition: Edition) -> None:
    release, is_new = await write_release(own, edition, AT + timedelta(days=1))

    assert (release.n, release.published_at, is_new) == (1, "2026-01-02T03:04:05Z", False)


async def test_a_change_makes_the_next_release_and_the_old_one_stays(
    own: Settings, edition: Edition
) -> None:
    release, is_new = await write_release(
        own, changed(edition, O083, value=207_000_000, value_text="207件")
    )

    assert is_new
    assert (release.n, release.published_at) == (2, "2026-01-02T03:04:06Z")
    async with opened(own) as store:
        first, second = await find(store, O083, 1), await find(store, O083, 2)
        other = await find(store, "cn450203-2023-rol-o001", 2)
        counts = [store.published.count_of(OBSERVATIONS, n) for n in (1, 2)]
        releases = sorted(store.published.releases, reverse=True)
    assert first is not None
    assert second is not None
    assert other is not None
    assert [first["value_text"], second["value_text"]] == ["206件", "207件"]
    assert [first["release_added"], first["release_changed"]] == [1, 1]
    assert [second["release_added"], second["release_changed"]] == [1, 2]
    assert other["release_changed"] == 1
    assert counts == [108, 108]
    assert releases == [2, 1]


async def test_what_is_left_out_is_gone_from_the_next_release_only(
    own: Settings, edition: Edition
) -> None:
    await write_release(own, without(edition, O083))

    async with opened(own) as store:
        assert await find(store, O083, 1) is not None
        assert await find(store, O083, 2) is None
        assert store.published.count_of(OBSERVATIONS, 2) == 107


async def test_texts_beside_the_rows_are_versioned_too(own: Settings, edition: Edition) -> None:
    attachments = [
        replace(one, body="{}") if one.kind == "labels" else one for one in edition.attachments
    ]
    await write_release(own, replace(edition, attachments=attachments))

    async with opened(own) as store:
        assert await store.attachment("labels", "all", 1) != "{}"
        assert await store.attachment("labels", "all", 2) == "{}"
        assert await store.attachment("text", "cn450203-2023-rol-d1", 2) is not None


async def test_rows_come_back_as_a_new_version_after_two_releases(
    own: Settings, edition: Edition
) -> None:
    await write_release(own, without(edition, O083))
    await write_release(own, edition)

    async with opened(own) as store:
        found = [await find(store, O083, n) is not None for n in (1, 2, 3)]
    assert found == [True, False, True]


async def test_a_reader_follows_the_pointer(own: Settings, edition: Edition) -> None:
    async with opened(own) as store:
        await write_release(own, without(edition, O083))
        before = store.published.newest.n
        await store.refresh()
        after = store.published.newest.n

        assert (before, after) == (1, 2)


async def test_a_release_newer_than_what_is_open_is_looked_for(
    own: Settings, edition: Edition
) -> None:
    async with opened(own) as store:
        await write_release(own, without(edition, O083))

        found = await store.release(2)

    assert isinstance(found, Release)
    assert found.n == 2


async def test_an_id_lies_in_the_area_of_its_row(own: Settings, edition: Edition) -> None:
    with pytest.raises(BadPublication, match="does not lie in area 990000"):
        await write_release(own, changed(edition, O083, area_code="990000"))


async def test_a_reader_that_was_never_opened_is_closed_like_any_other(empty: Settings) -> None:
    store = place.make_store(empty)

    await store.close()

    with pytest.raises(DatabaseUnavailable):
        _ = store.published.newest


async def test_rows_without_the_first_two_keys_are_paged_by_the_id(own: Settings) -> None:
    query = parse_query(OBSERVATIONS, (("sort", "period_end,period_start"),))
    async with opened(own) as store:
        whole = await store.page(query, 1, 200, None)
        start = next(row for row in whole.rows if row[_place("period_end")] is None)
        keys = tuple(start[_place(key.field.name)] for key in query.sort)
        for backwards in (False, True):
            cursor = Cursor(1, query.digest, backwards, keys)
            beside = await store.page(query.at(cursor), 1, 200, None)
            place = list(whole.rows).index(start)
            expected = whole.rows[:place] if backwards else whole.rows[place + 1 :]
            assert list(beside.rows) == list(expected)


def _place(name: str) -> int:
    return OBSERVATIONS.field_names.index(name)


async def test_nothing_published_is_told_as_unavailable(empty: Settings) -> None:
    async with opened(empty) as store:
        with pytest.raises(DatabaseUnavailable):
            _ = store.published.newest


async def test_a_costly_query_names_what_would_narrow_it(own: Settings) -> None:
    query = parse_query(OBSERVATIONS, (("sort", "topic,-value"), ("year", "2023")))

    async with opened(own, read_rows_max=50) as store:
        with pytest.raises(ExpensiveQuery) as caught:
            await store.page(query, 1, 10, None)
        with pytest.raises(ExpensiveQuery):
            await anext(store.export(query, 1, None))

    fault = caught.value.faults[0]
    assert fault.message.en == "more than 50 rows match, too many to sort this way; add a filter"
    assert "metric" in fault.allowed
    assert "year" not in fault.allowed


async def test_a_search_of_a_small_release_reads_no_more_hits_of_others_than_may_be(
    own: Settings, edition: Edition
) -> None:
    """The index of words has the rows of all releases."""
    rows = edition.rows["observations"]
    few = replace(edition, rows={**edition.rows, "observations": rows[:5]})
    await write_release(own, explained(few, *(str(row[0]) for row in rows[5:])))
    searched = parse_query(OBSERVATIONS, (("q", "法"), ("sort", "-value")))
    sorted_ = parse_query(OBSERVATIONS, (("sort", "topic,-value"),))
    grouped = parse_facets(OBSERVATIONS, (("q", "法"), ("by", "year")))

    async with opened(own, read_rows_max=20) as store:
        page = await store.page(sorted_, 2, 10, None)
        with pytest.raises(ExpensiveQuery):
            await store.page(searched, 2, 10, None)
        with pytest.raises(ExpensiveQuery):
            await store.facets(grouped, 2)

    assert len(page.rows) == 5


@pytest.mark.parametrize(
    "pairs",
    [
        (("sort", "topic,-value"), ("metric", "safety_accidents")),
        (("year", "2023"),),
        (("sort", "-value"),),
        (("sort", "value"), ("value__gte", "100")),
        (("q", "2"),),
        (("q", "法律援助"), ("sort", "-value")),
    ],
    ids=[
        "few rows match",
        "one value in order of the id",
        "one index",
        "a range of one index",
        "what is found",
        "what is found is little",
    ],
)
async def test_a_query_that_an_index_bounds_is_answered(
    own: Settings, pairs: tuple[tuple[str, str], ...]
) -> None:
    async with opened(own, read_rows_max=50) as store:
        page = await store.page(parse_query(OBSERVATIONS, pairs), 1, 3, None)

    assert len(page.rows) == 3


async def test_dimensions_and_several_values_need_a_count_first(own: Settings) -> None:
    async with opened(own, read_rows_max=3) as store:
        for pairs in ((("dim", "regulated_field:food"),), (("topic__in", "legal_aid,mediation"),)):
            query = parse_query(OBSERVATIONS, pairs)
            total = await store.total(query, 1)
            if total.count > 3:
                with pytest.raises(ExpensiveQuery):
                    await store.page(query, 1, 3, None)
            else:
                assert len((await store.page(query, 1, 3, None)).rows) == total.count


@pytest.mark.parametrize("start", ["一", "一\U0010ffff", "\U0010ffff", "\ud7ff", "二（", ""])
async def test_a_beginning_is_found_whatever_character_follows(
    empty: Settings, edition: Edition, start: str
) -> None:
    sections = [
        "一\U0010ffff末",
        "一",
        "二（一）",
        "\U0010ffff\U0010ffff",
        "\ud7ffa",
        "\ue000",
        "丁",
    ]
    rows = [
        changed(edition, str(row[0]), section=section).rows["observations"][number]
        for number, (row, section) in enumerate(
            zip(edition.rows["observations"], sections, strict=False)
        )
    ]
    await write_release(empty, replace(edition, rows={**edition.rows, "observations": rows}))
    asked = (("section__startswith", start),) if start else ()

    async with opened(empty) as store:
        page = await store.page(parse_query(OBSERVATIONS, asked), 1, 10, None)

    found = [row[_place("section")] for row in page.rows]
    assert found == [section for section in sections if section.startswith(start)]


async def test_an_export_that_has_its_rows_reads_no_further_part(own: Settings) -> None:
    query = parse_query(OBSERVATIONS, (("sort", "period_end"), ("limit", "3")))

    async with opened(own) as store:
        rows = [row async for batch in store.export(query, 1, None) for row in batch]
        page = await store.page(query, 1, 3, None)

    assert rows == list(page.rows)

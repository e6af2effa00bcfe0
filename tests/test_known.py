"""What is known of a release spares reading it again, and changes no answer."""

import httpx
import pytest

from opendata_api.datasets import DATASETS
from opendata_api.measure import Measure
from opendata_api.query import Query, parse_groups, parse_query
from opendata_api.store import group_bounds, steps
from opendata_api.store import groups as sql
from opendata_api.store.cells import columns_for
from opendata_api.store.clauses import Clause, Question
from opendata_api.store.known import KEY_BYTES, Kept, key_of
from opendata_api.store.searching import count_hits
from opendata_api.store.sql import count_rows
from opendata_api.web.app import Application

OBSERVATIONS = DATASETS[0]
ADDRESS = "/v1/observations"
FEW = 20
"""More observations than this hold 法, fewer 法律援助; more are of a year, fewer on legal aid."""
TASKS = "aggregate?group_by=dim:task_origin&metric=inspection_tasks"


def test_the_oldest_finding_is_forgotten_for_a_new_one() -> None:
    kept: Kept[int] = Kept(most=2)

    keys = [one.encode() for one in "abac"]
    assert [kept.keep(one, number) for number, one in enumerate(keys)] == [0, 1, 2, 3]
    assert [kept.find(one) for one in (b"a", b"b", b"c")] == [None, 1, 3]


def test_a_key_takes_the_same_room_whatever_was_asked() -> None:
    keys = {key_of(1, "observations", (("area_code", "x" * length),)) for length in (1, 8_000)}

    assert sorted(map(len, keys)) == [KEY_BYTES, KEY_BYTES]


def test_a_query_is_widened_to_fields_that_have_one_value() -> None:
    narrow = (
        ("q", "法"),
        ("dim", "a:b"),
        ("year__gte", "2020"),
        ("unit", "case"),
        ("unit", "yuan"),
    )
    query = parse_query(OBSERVATIONS, (("metric", "m"), ("topic", "t"), *narrow))

    assert query.widened.filters == (("metric", "m"), ("topic", "t"))


async def test_sums_of_fewer_figures_are_not_compared_again(
    fresh: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = f"{ADDRESS}/{TASKS}&agg=sum:value,avg:value,count"
    fewer = f"{asked}&year__gte=2023&unit__in=case,item"
    wide, narrow = await fresh.get(asked), await fresh.get(f"{fewer}&limit=9")

    def select_nothing(*_: object) -> Clause:
        raise AssertionError

    monkeypatch.setattr(sql, "select_cells", select_nothing)
    again, narrower = await fresh.get(asked), await fresh.get(fewer)

    assert again.content == wide.content
    assert narrower.json()["data"] == narrow.json()["data"]


@pytest.mark.parametrize(
    ("few", "also", "is_widened"),
    [
        (1, "value__gte=1000", False),
        (1, "year__gte=2000", True),
        (1_000, "value__gte=1000", True),
    ],
    ids=["of many", "of hardly more", "of few"],
)
async def test_sums_are_compared_of_more_figures_only_where_it_takes_hardly_longer(
    fresh: httpx.AsyncClient,
    monkeypatch: pytest.MonkeyPatch,
    few: int,
    also: str,
    *,
    is_widened: bool,
) -> None:
    compared: list[bool] = []
    select_cells = sql.select_cells

    def note(question: sql.GroupQuestion, measure: Measure) -> Clause:
        compared.append(question.query.filters == (("metric", "inspection_tasks"),))
        return select_cells(question, measure)

    monkeypatch.setattr(group_bounds, "FEW_ROWS", few)
    monkeypatch.setattr(sql, "select_cells", note)
    asked = f"{ADDRESS}/{TASKS}&agg=sum:value"
    narrow = await fresh.get(f"{asked}&{also}")
    before = list(compared)
    whole = await fresh.get(asked)
    again = await fresh.get(f"{asked}&{also}")

    assert before == [is_widened]
    assert [one.status_code for one in (narrow, whole, again)] == [200, 200, 200]
    assert again.content == narrow.content
    assert compared == [*before, *([] if is_widened else [True])]


async def test_what_is_refused_of_all_figures_may_be_computed_of_fewer(
    fresh: httpx.AsyncClient,
) -> None:
    asked = f"{ADDRESS}/aggregate?topic=legal_aid&agg=sum:value"

    for _ in range(2):
        wide, narrow = await fresh.get(asked), await fresh.get(f"{asked}&value__gte=1000")
        assert wide.json()["code"] == "not-additive"
        assert narrow.status_code == 200, narrow.text


async def test_counting_what_many_queries_share_refuses_none_that_is_narrow(
    fresh: httpx.AsyncClient, fresh_app: Application
) -> None:
    fresh_app.site.store.read_rows_max = 8
    asked = f"{ADDRESS}/{TASKS}"
    added = f"{asked}&agg=sum:value"

    for _ in range(2):
        facets = await fresh.get(f"{ADDRESS}/facets?by=year&metric=inspection_tasks")
        refused = await fresh.get(added)
        narrow = await fresh.get(f"{added}&value__gte=1000")
        least = await fresh.get(f"{asked}&agg=min:value")
        assert [one.status_code for one in (facets, refused, narrow, least)] == [200, 400, 200, 200]


def test_a_sum_reads_no_column_that_it_does_not_need() -> None:
    for functions, needed in (
        ("sum:value,count", 6),
        ("min:value", 6),
        ("avg:value,max:value", 10),
    ):
        query = parse_groups(OBSERVATIONS, (("agg", functions),))
        asked = frozenset(one.function for one in query.computed)
        assert len(columns_for(asked)) == needed


@pytest.mark.parametrize(
    ("asked", "refused", "counted"),
    [
        ("sort=topic,-value&metric=inspection_tasks", False, ["rows"]),
        ("sort=topic,-value&year=2023", True, ["rows"]),
        ("q=法&topic=legal_aid", False, ["hits", "rows"]),
        ("q=法律援助&status=as_printed", False, ["hits"]),
        ("q=法&sort=-value", True, ["hits"]),
    ],
)
async def test_what_a_query_would_read_is_counted_once(
    fresh: httpx.AsyncClient,
    fresh_app: Application,
    monkeypatch: pytest.MonkeyPatch,
    asked: str,
    counted: list[str],
    *,
    refused: bool,
) -> None:
    noted: list[str] = []

    def note_rows(question: Question[Query], most: int) -> Clause:
        noted.extend(["rows"] if most == FEW + 1 else [])
        return count_rows(question, most)

    def note_hits(question: Question[Query], most: int) -> Clause:
        noted.extend(["hits"] if most == FEW + 1 else [])
        return count_hits(question, most)

    monkeypatch.setattr(steps, "count_rows", note_rows)
    monkeypatch.setattr(steps, "count_hits", note_hits)
    fresh_app.site.store.read_rows_max = FEW
    address = f"{ADDRESS}?{asked}&limit=2"
    first = await fresh.get(address)
    again = await fresh.get(address)
    following = again if refused else await fresh.get(again.json()["links"]["next"])
    file = await fresh.get(f"{ADDRESS}.csv?{asked}")

    assert again.content == first.content
    assert {one.status_code for one in (again, following, file)} == {400 if refused else 200}
    assert noted == counted

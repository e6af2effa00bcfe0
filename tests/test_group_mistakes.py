"""Mistakes in questions to groups: what is told, and an address that works."""

import httpx
import pytest
from conftest import BASE
from editions import changed, published_with, with_copy

from opendata_api.publish import make_edition
from opendata_api.query import Function
from opendata_api.query.aliases import squash
from opendata_api.query.functions import ALIASES
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store import group_steps
from opendata_api.web.app import Application

REPORT = "cn450203-2023-rol"
OBSERVATION = "/v1/observations"


@pytest.mark.parametrize(
    ("address", "code", "meant", "correction"),
    [
        ("aggregate?group_by=topci", "unknown-field", "topic", "aggregate?group_by=topic"),
        (
            "aggregate?group_by=topci,quote&agg=sum:valeu&metric=inspection_tasks",
            "unknown-field",
            "topic",
            "aggregate?group_by=topic&agg=sum:value&metric=inspection_tasks",
        ),
        ("aggregate?group_by=quote", "invalid-value", None, "aggregate"),
        ("aggregate?group_by=id", "expensive-query", None, "aggregate"),
        ("facets?by=id", "expensive-query", None, "facets?by=metric"),
        ("facets", "invalid-value", None, "facets?by=metric"),
        ("facets?year=2023", "invalid-value", None, "facets?year=2023&by=metric"),
        ("facets?by=", "invalid-value", None, "facets?by=metric"),
        ("facets?by=topic,topic", "invalid-value", None, "facets?by=topic"),
        ("facets?by=topic,topic,topci", "invalid-value", None, "facets?by=topic"),
        ("aggregate?group_by=unit,unit", "invalid-value", None, "aggregate?group_by=unit"),
        ("facets?by=topic&by=unit", "duplicate-parameter", None, "facets?by=topic"),
        ("facets?by=topic&sort=id", "unknown-parameter", None, "facets?by=topic"),
        ("facets?by=topic&cursor=a", "unknown-parameter", None, "facets?by=topic"),
        ("facets?by=topic&agg=count", "unknown-parameter", None, "facets?by=topic"),
        ("facets?by=topic&yaer=2023", "unknown-parameter", "year", "facets?by=topic&year=2023"),
        ("facets?by=topic&year__like=2", "unknown-operator", None, "facets?by=topic"),
        ("facets?by=topic&limit=10001", "out-of-range", None, "facets?by=topic&limit=10000"),
        (
            "facets?by=dim:servic_scope",
            "unknown-field",
            "service_scope",
            "facets?by=dim:service_scope",
        ),
        ("facets?by=dim:nothing&lang=zh", "unknown-field", None, "facets?by=metric&lang=zh"),
        ("aggregate?group_by=dim:nothing", "unknown-field", None, "aggregate"),
        ("aggregate?group_by=dim:", "invalid-value", None, "aggregate"),
        (
            "aggregate?agg=max&unit=task",
            "invalid-value",
            "max:value",
            "aggregate?agg=max:value&unit=task",
        ),
        (
            "aggregate?agg=summ:value&unit=task",
            "invalid-value",
            "sum:value",
            "aggregate?agg=sum:value&unit=task",
        ),
        ("aggregate?agg=median:value", "invalid-value", None, "aggregate"),
        ("aggregate?agg=count,count", "invalid-value", None, "aggregate?agg=count"),
        (f"aggregate?group_by={','.join('abcdefghijk')}", "too-many-values", None, "aggregate"),
    ],
)
async def test_a_mistake_is_told_with_an_address_that_works(
    api: httpx.AsyncClient, address: str, code: str, meant: str | None, correction: str
) -> None:
    answer = await api.get(f"{OBSERVATION}/{address}")
    document = answer.json()

    assert (answer.status_code, document["code"]) == (400, code)
    assert document["errors"][0]["did_you_mean"] == meant
    assert document["errors"][0]["try"] == f"{BASE}{OBSERVATION}/{correction}"
    assert (await api.get(document["errors"][0]["try"])).status_code == 200


@pytest.mark.parametrize(
    ("function", "zh", "en", "meant"),
    [
        (
            "sum",
            "“sum”须写明字段，如 sum:value",
            "“sum” needs a field, such as sum:value",
            "sum:value",
        ),
        (
            "avg:",
            "“avg”须写明字段，如 avg:value",
            "“avg” needs a field, such as avg:value",
            "avg:value",
        ),
        (
            "sum:year",
            "字段“year”存在，但不用于计算；可计算的是“value”",
            "the field “year” is there, but is not computed with; “value” is",
            "sum:value",
        ),
        (
            "avg:printed_value",
            "字段“printed_value”存在，但不用于计算；可计算的是“value”",
            "the field “printed_value” is there, but is not computed with; “value” is",
            "avg:value",
        ),
        ("max:vlaue", "不存在字段“vlaue”", "there is no field “vlaue”", "max:value"),
        (
            "count:id",
            "“count”数的是记录，不带字段",
            "“count” counts records and takes no field",
            "count",
        ),
        ("SUM:value", "不认识“SUM:value”", "“SUM:value” is not known", "sum:value"),
        ("median:value", "不认识“median:value”", "“median:value” is not known", None),
        (":value", "不认识“:value”", "“:value” is not known", None),
    ],
)
async def test_a_function_that_is_refused_is_told_what_is_so(
    api: httpx.AsyncClient, function: str, zh: str, en: str, meant: str | None
) -> None:
    for lang, message in (("zh", zh), ("en", en)):
        answer = await api.get(f"{OBSERVATION}/aggregate?agg={function}&lang={lang}")
        [fault] = answer.json()["errors"]
        assert (fault["message"], fault["did_you_mean"]) == (message, meant)
        assert fault["allowed"] == ["count", "sum:value", "avg:value", "min:value", "max:value"]


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("name", "meant"),
    [
        *(("mean", "avg:value"), ("average:value", "avg:value"), ("平均值", "avg:value")),
        *(("total:value", "sum:value"), ("合计", "sum:value"), ("minimum:value", "min:value")),
        *(("maximum", "max:value"), ("最大值:数值", "max:value"), ("n", "count")),
        *(("记录数", "count"), ("Count", "count"), ("conut", "count")),
    ],
)
async def test_others_names_of_functions_lead_to_ours(
    api: httpx.AsyncClient, name: str, meant: str
) -> None:
    answer = await api.get(f"{OBSERVATION}/aggregate?agg={name}&unit=task")

    [fault] = answer.json()["errors"]
    assert fault["did_you_mean"] == meant
    assert fault["try"] == f"{BASE}{OBSERVATION}/aggregate?agg={meant}&unit=task"


def test_no_two_functions_have_a_name_in_common() -> None:
    names = [name for aliases in ALIASES.values() for name in aliases]

    assert set(ALIASES) == set(Function)
    assert len(set(names)) == len(names)
    assert [squash(name) for name in names] == names


@pytest.mark.untraced
@pytest.mark.parametrize("lang", ["", "&lang=en"])
@pytest.mark.parametrize(
    "wrong",
    [
        *("agg=sum", "agg=SUM:value", "agg=sum:year", "agg=sum:", "agg=avg:valu,count"),
        *("agg=sum:value&yaer=2023", "agg=sum:value&release=99", "agg=sum:value&limit=0"),
        *("agg=sum:value&dim=x:y", "agg=sum:value&group_by=dim:nosuch", "agg=sum:value&year__x=1"),
        *("agg=sum:value&group_by=topci", "agg=avg:value&group_by=quote", "agg=sum:value&x=y"),
        "agg=sum:value&dim=x:y&release=99&group_by=dim:nosuch&yaer=2023",
    ],
)
async def test_what_is_offered_in_place_of_a_mistake_can_be_computed(
    api: httpx.AsyncClient, wrong: str, lang: str
) -> None:
    answer = await api.get(f"{OBSERVATION}/aggregate?{wrong}{lang}")

    assert answer.status_code == 400
    assert answer.json()["code"] != "not-additive"
    [offered] = {fault["try"] for fault in answer.json()["errors"]}
    assert ("lang=en" in offered) == bool(lang)
    assert (await api.get(offered)).status_code == 200, offered


async def test_a_mistake_in_the_address_of_a_file_leads_to_the_file(
    api: httpx.AsyncClient,
) -> None:
    answer = await api.get(f"{OBSERVATION}/aggregate.csv?agg=sum:valeu&metric=duty_list_items")

    assert answer.json()["errors"][0]["try"] == (
        f"{BASE}{OBSERVATION}/aggregate.csv?metric=duty_list_items"
    )


async def test_nothing_is_offered_that_can_t_be_answered(
    api: httpx.AsyncClient, service: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.site.store, "read_rows_max", 50)

    for address in ("facets?by=topci", "aggregate?group_by=topci", "aggregate?agg=sum"):
        answer = await api.get(f"{OBSERVATION}/{address}")
        assert answer.status_code == 400
        assert answer.json()["errors"][0]["try"] is None


async def test_a_mean_is_offered_only_where_it_means_something(
    own: Settings, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_steps, "MENDED_ROWS_MAX", 0)
    period = {"period_start": "2022-01-01", "period_end": "2023-12-31"}
    edition = changed(make_edition(seed), f"{REPORT}-o075", **period)
    edition = with_copy(edition, f"{REPORT}-o075", id="cn450203-2022-rol-o075", year=2022)
    address = f"{OBSERVATION}/aggregate?agg=sum:value,avg:value,max:value"
    metric = "metric=villages_with_legal_advisers"

    async with published_with(own, edition) as api:
        refused = (await api.get(f"{address}&{metric}")).json()
        offered = await api.get(refused["errors"][0]["try"])

    assert refused["errors"][0]["try"] == (f"{BASE}{OBSERVATION}/aggregate?agg=max:value&{metric}")
    assert offered.status_code == 200

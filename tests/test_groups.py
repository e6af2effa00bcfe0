"""Facets and aggregates over the API: counts, sums, and what is refused with a reason."""

import csv
import io
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest
from conftest import BASE
from editions import changed, published_with, with_copy

from opendata_api.datasets import AREAS, DATASETS
from opendata_api.describe import Dataset
from opendata_api.formats import FORMATS
from opendata_api.publish import make_edition
from opendata_api.query import (
    Function,
    aggregate_parameters,
    facet_parameters,
    join_query,
    list_parameters,
    parse_groups,
)
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store import facet_steps, group_steps
from opendata_api.store.cells import FIGURE_COLUMNS, Figures, computer, divide_half_even
from opendata_api.store.rule import measure_of
from opendata_api.values import Stored
from opendata_api.web.app import Application
from opendata_api.web.openapi import make_document

LICENCE = {
    "license": "CC-BY-4.0",
    "attribution": "政府报告开放数据 (Open Data from Government Reports), CC BY 4.0",
}
REPORT = "cn450203-2023-rol"
OBSERVATION = "/v1/observations"
TASKS = "group_by=dim:task_origin&metric=inspection_tasks"

every_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)


async def get(api: httpx.AsyncClient, address: str) -> Any:
    return (await api.get(address)).json()


def read_csv(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


def links(path: str, query: str, rows: str) -> dict[str, str]:
    """The links of an answer; files are pinned to the release, `release` in its place."""
    pinned = "&".join(sorted([*query.split("&"), "release=1"]))
    return {
        "self": f"{BASE}{path}?{query}",
        **{one.key: f"{BASE}{path}.{one.suffix}?{pinned}" for one in FORMATS if one.is_file},
        "cite": f"{BASE}/v1/cite?{join_query((('url', f'{BASE}{path}?{pinned}'),))}",
        "rows": f"{BASE}{rows}",
        "describedby": f"{BASE}/v1/datasets/observations",
    }


async def test_facets_count_the_values_of_each_field_with_labels(api: httpx.AsyncClient) -> None:
    query = "by=dim:service_scope,role&topic=cross_area_handling"
    facets = [
        ("dim:service_scope", "citywide", "全市通办", "citywide", 2),
        (
            "dim:service_scope",
            "autonomous_region",
            "全区通办（自治区）",
            "autonomous region (Guangxi-wide)",
            1,
        ),
        ("dim:service_scope", "cross_province", "跨省通办", "cross-province", 1),
        ("role", "actual", "实际", "actual", 4),
    ]

    answer = await get(api, f"{OBSERVATION}/facets?{query}")

    names = ["field", "value", "label_zh", "label_en", "count"]
    counted = {"dataset": "observations", "release": 1, "count": 4, "total": 4}
    assert answer == {
        "data": [dict(zip(names, facet, strict=True)) for facet in facets],
        "meta": counted | {"total_relation": "eq"} | LICENCE,
        "links": links(f"{OBSERVATION}/facets", query, f"{OBSERVATION}?topic=cross_area_handling"),
    }


async def test_facets_are_the_same_read_at_once_and_one_after_the_other(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = f"{OBSERVATION}/facets?by=unit,dim:service_scope,role&year__gte=2023&qualifier__ne=x"
    at_once = await api.get(asked)
    monkeypatch.setattr(facet_steps, "MET_MAX", 1)

    assert (await api.get(f"{asked}&limit=100")).json()["data"] == at_once.json()["data"]


async def test_null_is_a_value_of_its_own_and_the_last(api: httpx.AsyncClient) -> None:
    answer = await get(api, f"{OBSERVATION}/facets?by=dim:service_scope")

    assert [(one["value"], one["label_zh"], one["count"]) for one in answer["data"][-2:]] == [
        ("cross_province", "跨省通办", 1),
        (None, None, 104),
    ]


async def test_the_limit_is_of_each_facet_and_the_total_of_all(api: httpx.AsyncClient) -> None:
    answer = await get(api, f"{OBSERVATION}/facets?by=unit,year&limit=2")

    assert [(one["value"], one["count"]) for one in answer["data"]] == [
        ("case", 18),
        ("percent", 15),
        (2023, 108),
    ]
    assert (answer["meta"]["count"], answer["meta"]["total"]) == (3, 32)


async def test_a_limit_of_200_is_not_the_default_of_groups(api: httpx.AsyncClient) -> None:
    answer = await get(api, f"{OBSERVATION}/facets?by=unit&limit=200")

    assert answer["links"]["self"] == f"{BASE}{OBSERVATION}/facets?by=unit&limit=200"


@pytest.mark.untraced
@every_dataset
async def test_the_facets_of_every_field_add_up_to_the_rows(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    total = (await get(api, f"/v1/{dataset.name}?limit=1"))["meta"]["total"]

    for name in dataset.groupable:
        facets = (await get(api, f"/v1/{dataset.name}/facets?by={name}"))["data"]
        groups = (await get(api, f"/v1/{dataset.name}/aggregate?group_by={name}"))["data"]
        assert sum(facet["count"] for facet in facets) == total
        assert {facet["value"]: facet["count"] for facet in facets} == {
            group[name]: group["count"] for group in groups
        }


async def test_facets_in_csv_and_in_a_sheet(api: httpx.AsyncClient) -> None:
    plain = await api.get("/v1/passages/facets.csv?by=masked")
    sheet = await api.get("/v1/passages/facets.excel.csv?by=masked,document_id")
    english = await api.get("/v1/observations/facets.excel.csv?by=role&lang=en")

    permalink = f"{BASE}/v1/passages/facets?by=masked,document_id&release=1"
    last = [permalink, "CC-BY-4.0", "1"]
    assert plain.content == (
        b"field,value,label_zh,label_en,count\r\nmasked,false,,,111\r\nmasked,true,,,1\r\n"
    )
    assert sheet.text.startswith("\ufeff字段,取值,代码,记录数,永久链接,许可,版本\r\n")
    title = "鱼峰区人民政府关于2023年法治政府建设工作情况的报告"
    assert read_csv(sheet.text)[1:] == [
        ["是否遮盖", "否", "", "111", *last],
        ["是否遮盖", "是", "", "1", *last],
        ["文件", title, f"{REPORT}-d1", "112", *last],
    ]
    assert [row[:4] for row in read_csv(english.text)] == [
        ["\ufeffField", "Value", "Code", "Records"],
        ["Role", "actual", "actual", "107"],
        ["Role", "target", "target", "1"],
    ]


async def test_a_null_is_an_empty_cell(api: httpx.AsyncClient) -> None:
    query = "by=dim:service_scope&metric=inspection_tasks"

    plain = await api.get(f"{OBSERVATION}/facets.csv?{query}")
    sheet = await api.get(f"{OBSERVATION}/facets.excel.csv?{query}")

    assert read_csv(plain.text)[1] == ["dim:service_scope", "", "", "", "3"]
    assert read_csv(sheet.text)[1][:4] == ["通办范围", "", "", "3"]


async def test_aggregates_are_exact_and_say_so(api: httpx.AsyncClient) -> None:
    query = f"agg=sum:value,avg:value,min:value,max:value,count&{TASKS}"

    answer = await get(api, f"{OBSERVATION}/aggregate?{query}")

    unit = {"unit": "task", "unit_zh": "个", "unit_en": "tasks"}

    def values(**of: float) -> dict[str, object]:
        pairs = [(f"{name}_value", value) for name, value in of.items()]
        return {
            key: what
            for name, value in pairs
            for key, what in ((name, value), (f"{name}_qualifier", "exact"))
        }

    assert answer["data"] == [
        {
            "dim_task_origin": "self_initiated",
            "dim_task_origin_zh": "自行发起",
            "dim_task_origin_en": "self-initiated",
            **unit,
            **values(sum=11, avg=11, min=11, max=11),
            "count": 1,
        },
        {
            "dim_task_origin": "superior",
            "dim_task_origin_zh": "上级下发",
            "dim_task_origin_en": "from above",
            **unit,
            **values(sum=19, avg=9.5, min=3, max=16),
            "count": 2,
        },
    ]
    assert answer["meta"]["count"] == answer["meta"]["total"] == 2
    assert answer["links"] == links(
        f"{OBSERVATION}/aggregate", query, f"{OBSERVATION}?metric=inspection_tasks"
    )


async def test_aggregates_in_csv_and_in_a_sheet(api: httpx.AsyncClient) -> None:
    plain = await api.get(f"{OBSERVATION}/aggregate.csv?agg=count,sum:value&{TASKS}")
    sheet = await api.get(f"{OBSERVATION}/aggregate.excel.csv?agg=count,sum:value&{TASKS}")

    query = f"agg=count,sum:value&{TASKS}&release=1"
    last = [f"{BASE}{OBSERVATION}/aggregate?{query}", "CC-BY-4.0", "1"]
    coded = ["\ufeff任务来源", "任务来源代码", "单位", "单位代码"]
    assert read_csv(plain.text)[0] == [
        *("dim_task_origin", "dim_task_origin_zh", "dim_task_origin_en"),
        *("unit", "unit_zh", "unit_en"),
        *("count", "sum_value", "sum_value_qualifier"),
    ]
    assert read_csv(sheet.text) == [
        [*coded, "记录数", "数值合计", "数值合计的限定", *LAST_ZH],
        ["自行发起", "self_initiated", "个", "task", "1", "11", "确数", *last],
        ["上级下发", "superior", "个", "task", "2", "19", "确数", *last],
    ]


LAST_ZH = ("永久链接", "许可", "版本")


async def test_a_unit_that_is_grouped_by_stands_once(api: httpx.AsyncClient) -> None:
    address = f"{OBSERVATION}/aggregate.csv?agg=sum:value&group_by=unit&metric=inspection_tasks"

    assert read_csv((await api.get(address)).text) == [
        ["unit", "unit_zh", "unit_en", "sum_value", "sum_value_qualifier"],
        ["task", "个", "tasks", "30", "exact"],
    ]


async def test_without_keys_all_rows_are_one_group_and_no_rows_are_none(
    api: httpx.AsyncClient,
) -> None:
    assert (await get(api, f"{OBSERVATION}/aggregate"))["data"] == [{"count": 108}]
    assert (await get(api, f"{OBSERVATION}/aggregate?year=1990"))["data"] == []
    assert (await get(api, f"{OBSERVATION}/aggregate?year=1990&agg=sum:value"))["data"] == []
    empty = await api.get(f"{OBSERVATION}/aggregate.csv?year=1990&agg=sum:value,count")
    assert empty.text == "unit,unit_zh,unit_en,sum_value,sum_value_qualifier,count\r\n"


async def test_a_sum_of_lower_bounds_says_that_it_is_one(api: httpx.AsyncClient) -> None:
    query = "metric=enforcement_training_attendances&agg=sum:value,max:value"

    [group] = (await get(api, f"{OBSERVATION}/aggregate?{query}"))["data"]

    assert (group["sum_value"], group["sum_value_qualifier"]) == (2400, "at_least")
    assert (group["max_value"], group["max_value_qualifier"]) == (2400, "at_least")


@pytest.mark.parametrize(
    ("query", "values"),
    [
        (f"id={REPORT}-o068&agg=sum:value,avg:value", {"sum": -4.8, "avg": -4.8}),
        ("metric=legal_aid_cases_assigned&agg=max:value,min:value", {"max": 206, "min": 206}),
    ],
)
async def test_what_is_ambiguous_in_the_source_is_not_said_to_be_exact(
    api: httpx.AsyncClient, query: str, values: dict[str, float]
) -> None:
    [group] = (await get(api, f"{OBSERVATION}/aggregate?{query}"))["data"]
    sheet = await api.get(f"{OBSERVATION}/aggregate.excel.csv?{query}")

    for name, value in values.items():
        assert group[f"{name}_value"] == value
        assert group[f"{name}_value_qualifier"] == "ambiguous"
    assert read_csv(sheet.text)[1].count("原文含义不明") == len(values)


NONSENSE: Mapping[str, tuple[str, str, str]] = {
    "other units": (
        "metric=disputes_resolved&metric=disputes_village_advisers_helped_resolve&agg=sum:value",
        f"{REPORT}-o066 与 {REPORT}-o079 单位不同，不能合在一起计算",
        f"{REPORT}-o066 and {REPORT}-o079 have different units",
    ),
    "other metrics": (
        f"id={REPORT}-o021&id={REPORT}-o022&agg=avg:value",
        f"{REPORT}-o021 与 {REPORT}-o022 是不同的指标，统计对象不同",
        f"{REPORT}-o021 and {REPORT}-o022 are of different metrics: they count different things",
    ),
    "a target and an actual figure": (
        "metric=fully_electronic_registration_rate&agg=max:value",
        f"{REPORT}-o038 与 {REPORT}-o039 一个是实际数，一个是目标数",
        f"of {REPORT}-o038 and {REPORT}-o039 one is a target, one an actual figure",
    ),
    "other bases": (
        "metric=power_and_responsibility_items&agg=min:value",
        f"{REPORT}-o005 与 {REPORT}-o008 计数口径不同（总数、每个机关的数等）",
        f"{REPORT}-o005 and {REPORT}-o008 have a different basis (a total, a figure for each body)",
    ),
    "rates": (
        f"id={REPORT}-o028&id={REPORT}-o029&agg=sum:value",
        f"{REPORT}-o028 是比率或增减幅度，没有给出分母，不能与 {REPORT}-o029 相加或平均",
        (
            f"{REPORT}-o028 is a rate or a change: without what it is a rate of, it can't be "
            f"added to {REPORT}-o029 or averaged with it"
        ),
    ),
    "a rate and a number": (
        f"id={REPORT}-o028&id={REPORT}-o099&agg=sum:value",
        f"{REPORT}-o028 是比率或增减幅度，没有给出分母，不能与 {REPORT}-o099 相加或平均",
        (
            f"{REPORT}-o028 is a rate or a change: without what it is a rate of, it can't be "
            f"added to {REPORT}-o099 or averaged with it"
        ),
    ),
    "figures of each body": (
        "metric=power_and_responsibility_items&basis=per_body&agg=sum:value",
        f"{REPORT}-o008 是每个机关、每户或一类机构的数，不是总数，不能与 {REPORT}-o010 相加或平均",
        (
            f"{REPORT}-o008 is a figure for each of several, not a total, and can't be added to "
            f"{REPORT}-o010"
        ),
    ),
    "a period and a moment": (
        f"id={REPORT}-o077&id={REPORT}-o076&agg=sum:value",
        f"{REPORT}-o076 与 {REPORT}-o077 一个是一段时期的数，一个是某一时点或累计的数",
        (
            f"{REPORT}-o076 and {REPORT}-o077 have different kinds of period "
            "(during a period, at a moment)"
        ),
    ),
    "periods that the text does not state": (
        f"id={REPORT}-o096&id={REPORT}-o097&agg=sum:value",
        f"{REPORT}-o096 的时期原文没有说明，不能与 {REPORT}-o097 相加或平均",
        (
            f"the text does not say of what period {REPORT}-o096 is: it can't be added to "
            f"{REPORT}-o097"
        ),
    ),
    "a figure that is ambiguous": (
        f"id={REPORT}-o068&id={REPORT}-o064&agg=avg:value",
        f"{REPORT}-o068 在原文中含义不明，不能与 {REPORT}-o064 相加或平均",
        f"{REPORT}-o068 is ambiguous in the source: it can't be added to {REPORT}-o064",
    ),
    "other dimensions": (
        "metric=administrative_litigation_cases_lost&agg=sum:value",
        f"{REPORT}-o027 与 {REPORT}-o108 按不同的维度分组，范围可能重叠",
        f"{REPORT}-o027 and {REPORT}-o108 are broken down by different dimensions and may overlap",
    ),
    "a dimension's total with its other values": (
        "dim=service_scope:citywide&agg=sum:value",
        f"{REPORT}-o094 是合计，已包含 {REPORT}-o095",
        f"{REPORT}-o094 is a total that contains {REPORT}-o095",
    ),
    "a total with its part": (
        "metric=cross_area_cases_handled&agg=sum:value",
        f"{REPORT}-o095 是 {REPORT}-o094 的一部分，总数不能与其中的部分相加",
        f"{REPORT}-o095 is a part of {REPORT}-o094: a total can't be added to its parts",
    ),
    "the same figure twice": (
        "value=206&agg=sum:value",
        f"{REPORT}-o081 与 {REPORT}-o083 印的是同一个数字，不能算两次",
        f"{REPORT}-o081 and {REPORT}-o083 print the same figure, which counts only once",
    ),
}


@pytest.mark.parametrize("kind", NONSENSE)
async def test_nonsense_is_refused_with_a_reason_and_a_way_out(
    api: httpx.AsyncClient, kind: str
) -> None:
    query, zh, en = NONSENSE[kind]

    for lang, reason in (("zh", zh), ("en", en)):
        answer = await api.get(f"{OBSERVATION}/aggregate?{query}&lang={lang}")
        document = answer.json()
        assert (answer.status_code, document["code"]) == (400, "not-additive")
        assert reason in [fault["message"] for fault in document["errors"]]
        assert {fault["parameter"] for fault in document["errors"]} == {"agg"}
        [way_out] = {fault["try"] for fault in document["errors"]}
        assert "lang=" in way_out
        assert (await api.get(way_out)).status_code == 200


@pytest.mark.parametrize("kind", NONSENSE)
async def test_what_can_t_be_computed_can_be_counted(api: httpx.AsyncClient, kind: str) -> None:
    query = NONSENSE[kind][0].rpartition("&agg=")[0]

    [group] = (await get(api, f"{OBSERVATION}/aggregate?{query}&agg=count"))["data"]

    assert group["count"] > 1


async def test_the_way_out_is_the_question_mended(api: httpx.AsyncClient) -> None:
    ways = {
        "metric=cross_area_cases_handled&agg=sum:value": "agg=sum:value"
        "&group_by=dim:handling_level,dim:service_scope"
        "&metric=cross_area_cases_handled&part_of__isnull=true",
        "metric=fully_electronic_registration_rate&agg=sum:value,count": "agg=sum:value,count"
        "&metric=fully_electronic_registration_rate&role=actual",
        "metric=power_and_responsibility_items&agg=sum:value": "agg=sum:value&basis=total"
        "&metric=power_and_responsibility_items",
        f"id={REPORT}-o077&id={REPORT}-o076&agg=sum:value": "agg=sum:value"
        f"&group_by=metric,period_kind&id={REPORT}-o076&id={REPORT}-o077",
        "metric=power_and_responsibility_items&basis=per_body&agg=sum:value,max:value&role=actual"
        "&year=2023": "agg=sum:value,max:value&basis=total&metric=power_and_responsibility_items"
        "&role=actual&year=2023",
        "metric=duty_list_items&agg=sum:value,max:value,count": "agg=max:value,count"
        "&metric=duty_list_items",
        "agg=sum:value": "agg=sum:value&basis=total&group_by=metric,period_kind,dim:instance,"
        "dim:regulated_field,dim:handling_level,dim:service_scope&part_of__isnull=true"
        "&role=actual",
    }

    for query, mended in ways.items():
        document = await get(api, f"{OBSERVATION}/aggregate?{query}")
        assert {fault["try"] for fault in document["errors"]} == {
            f"{BASE}{OBSERVATION}/aggregate?{mended}"
        }


@pytest.mark.parametrize(
    ("copied", "others", "reason"),
    [
        (
            "o075",
            {"id": "cn450203-2022-rol-o075", "year": 2022},
            (
                "cn450203-2022-rol-o075, cn450203-2023-rol-o075 and others stand at a moment or "
                "are cumulative: years can't be added"
            ),
        ),
        (
            "o066",
            {"id": "cn450203-sfj-2023-rol-o001", "body_id": "cn450203-sfj"},
            (
                "the body that reports cn450203-2023-rol-o066 may contain the one that reports "
                "cn450203-sfj-2023-rol-o001"
            ),
        ),
        (
            "o066",
            {"id": "cn450203-2023-rol-o900", "period_start": "2023-03-01"},
            (
                "cn450203-2023-rol-o900 and cn450203-2023-rol-o066 are of the same thing in "
                "periods that overlap"
            ),
        ),
    ],
)
async def test_nonsense_that_the_report_has_no_example_of_is_refused_too(
    own: Settings, seed: Seed, copied: str, others: dict[str, Stored], reason: str
) -> None:
    edition = with_copy(make_edition(seed), f"{REPORT}-{copied}", **others)
    metric = {"o075": "villages_with_legal_advisers", "o066": "disputes_resolved"}[copied]
    address = f"{OBSERVATION}/aggregate?metric={metric}&agg=sum:value&lang=en"

    async with published_with(own, edition) as api:
        refused = await get(api, address)
        before = await get(api, f"{address}&release=1")

    assert [fault["message"] for fault in refused["errors"]] == [reason]
    assert before["data"][0]["sum_value"] in (70, 2189)


async def test_a_total_of_a_total_contains_the_part_too(own: Settings, seed: Seed) -> None:
    edition = make_edition(seed)
    for part, total in (("o099", "o100"), ("o100", "o002"), ("o002", "o101")):
        edition = changed(edition, f"{REPORT}-{part}", part_of=f"{REPORT}-{total}")
    address = f"{OBSERVATION}/aggregate?metric=inspection_tasks&agg=sum:value&lang=en"

    async with published_with(own, edition) as api:
        ends = await get(api, f"{address}&id={REPORT}-o099&id={REPORT}-o101")
        alone = await get(api, f"{address}&id={REPORT}-o099")

    assert [fault["message"] for fault in ends["errors"]] == [
        f"{REPORT}-o099 is a part of {REPORT}-o101: a total can't be added to its parts"
    ]
    assert alone["data"][0]["sum_value"] == 16


async def test_a_value_that_is_not_given_makes_the_answer_partial(
    own: Settings, seed: Seed
) -> None:
    one = changed(make_edition(seed), f"{REPORT}-o099", value=None)
    address = f"{OBSERVATION}/aggregate?metric=inspection_tasks&agg=sum:value,min:value,count"

    async with published_with(own, one) as api:
        [some] = (await get(api, address))["data"]
        [none] = (await get(api, f"{address}&id={REPORT}-o099"))["data"]

    assert (some["sum_value"], some["sum_value_qualifier"], some["count"]) == (14, "partial", 3)
    assert (some["min_value"], some["min_value_qualifier"]) == (3, "partial")
    assert (none["sum_value"], none["sum_value_qualifier"], none["count"]) == (None, None, 1)


async def test_sums_overflow_in_no_database(own: Settings, seed: Seed) -> None:
    edition = make_edition(seed)
    for place in ("o099", "o100", "o101"):
        edition = changed(
            edition, f"{REPORT}-{place}", value=2**63 - 1, value_min=2**63 - 1, value_max=None
        )
    edition = changed(edition, f"{REPORT}-o100", value=-(2**63))

    async with published_with(own, edition) as api:
        answer = await api.get(
            f"{OBSERVATION}/aggregate.csv?metric=inspection_tasks&agg=sum:value,avg:value"
        )

    assert read_csv(answer.text)[1][3:] == [
        *("9223372036854.775806", "about"),
        *("3074457345618.258602", "about"),
    ]


@pytest.mark.parametrize(
    ("value", "by", "quotient"),
    [(5, 2, 2), (7, 2, 4), (-5, 2, -2), (-7, 2, -4), (2, 3, 1), (1, 3, 0), (-1, 3, 0), (6, 3, 2)],
)
def test_a_mean_is_rounded_to_the_nearest_and_of_two_to_the_even(
    value: int, by: int, quotient: int
) -> None:
    assert divide_half_even(value, by) == quotient


def test_the_least_is_exact_where_no_bound_reaches_it() -> None:
    exact = Figures.of([1, 1, 0, 5, 5, 5, 1, 1, 1, 1, 5, 5, 5, 5])
    more = Figures.of([1, 1, 0, 960, 960, 960, 1, 0, 1, 0, 960, 960, None, None])

    assert len(FIGURE_COLUMNS) == 14
    assert computer(Function.MIN)(exact.joined(more)) == (5, "exact")
    assert computer(Function.MAX)(exact.joined(more)) == (960, "at_least")
    assert computer(Function.SUM)(exact.joined(more)) == (965, "at_least")
    assert computer(Function.COUNT)(exact.joined(more)) == (2, None)


async def test_a_dataset_without_figures_or_dimensions_is_only_counted(
    api: httpx.AsyncClient,
) -> None:
    summed = await get(api, "/v1/areas/aggregate?agg=sum:value")
    dimension = await get(api, "/v1/areas/aggregate?group_by=dim:service_scope")

    assert (summed["code"], summed["errors"][0]["allowed"]) == ("invalid-value", ["count"])
    assert summed["errors"][0]["message"] == "“地区”没有可计算的数值，只能计数"
    assert dimension["code"] == "unknown-field"
    assert (await get(api, "/v1/areas/aggregate?group_by=level"))["data"] == [
        {"level": "county", "level_zh": "县级", "level_en": "county", "count": 1},
        {"level": "prefecture", "level_zh": "地级", "level_en": "prefecture", "count": 1},
        {"level": "province", "level_zh": "省级", "level_en": "province", "count": 1},
    ]


async def test_grouping_more_rows_than_are_read_for_a_request_is_refused(
    api: httpx.AsyncClient, service: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.site.store, "read_rows_max", 50)

    for address in ("facets?by=topic", "aggregate?group_by=topic", "aggregate?agg=max:value"):
        answer = await get(api, f"{OBSERVATION}/{address}&lang=en")
        assert answer["code"] == "expensive-query"
        assert "more than 50 rows match" in answer["errors"][0]["message"]
        assert "report_id" in answer["errors"][0]["allowed"]
        narrowed = await api.get(f"{OBSERVATION}/{address}&metric=inspection_tasks")
        assert narrowed.status_code == 200
        nothing = await api.get(f"{OBSERVATION}/{address}&metric=nothing")
        assert nothing.json()["data"] == []


async def test_more_groups_than_an_answer_has_are_refused_unless_limited(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group_steps, "GROUPS_MAX", 3)

    for address, parameter in (("facets?by=topic", "by"), ("aggregate?group_by=topic", "group_by")):
        answer = await get(api, f"{OBSERVATION}/{address}&topic__ne=legal_aid")
        limited = await get(api, f"{OBSERVATION}/{address}&limit=2")
        assert answer["code"] == "expensive-query"
        assert answer["errors"][0]["parameter"] == parameter
        assert "topic" not in answer["errors"][0]["allowed"]
        assert (limited["meta"]["count"], limited["meta"]["total"]) == (2, 20)
    mended = await get(api, f"{OBSERVATION}/aggregate?agg=sum:value")
    assert mended["errors"][0]["try"] == f"{BASE}{OBSERVATION}/aggregate"


@pytest.mark.usefixtures("stuck")
@pytest.mark.parametrize("path", ["facets?by=unit", "aggregate?agg=max:value"])
async def test_groups_that_take_too_long_are_answered_503(
    api: httpx.AsyncClient, path: str
) -> None:
    answer = await api.get(f"{OBSERVATION}/{path}")

    assert (answer.status_code, answer.json()["code"]) == (503, "statement-timeout")


@pytest.mark.parametrize("path", ["facets?by=unit", "aggregate?group_by=unit"])
async def test_the_accept_header_chooses_between_json_and_csv(
    api: httpx.AsyncClient, path: str
) -> None:
    table = await api.get(f"{OBSERVATION}/{path}", headers={"accept": "text/csv"})
    refused = await api.get(f"{OBSERVATION}/{path}", headers={"accept": "image/png"})
    head = await api.head(f"{OBSERVATION}/{path}")
    json = await api.get(f"{OBSERVATION}/{path.replace('?', '.json?')}")

    assert table.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert table.headers["vary"] == head.headers["vary"] == "Accept, Accept-Encoding"
    assert (refused.status_code, refused.headers["vary"]) == (
        406,
        "Accept, Accept-Language, Accept-Encoding",
    )
    assert (head.status_code, head.content) == (200, b"")
    assert json.headers["vary"] == "Accept-Encoding"
    assert f'<{json.json()["links"]["rows"]}>; rel="item"' in json.headers["link"]


async def test_files_have_readable_names_and_lead_to_the_clean_address(
    api: httpx.AsyncClient,
) -> None:
    named = await api.get(f"{OBSERVATION}/aggregate.excel.csv?lang=en")
    chinese = await api.get(f"{OBSERVATION}/facets.csv?by=unit")
    led = await api.get(f"{OBSERVATION}/facets.csv?by=unit&utm_source=x")

    assert named.headers["content-disposition"] == (
        'attachment; filename="observations-aggregate-release-1.excel.csv"; '
        "filename*=UTF-8''Observations-Aggregates-release-1.excel.csv"
    )
    assert "filename*=UTF-8''%E6%8A%A5%E5%91%8A" in chinese.headers["content-disposition"]
    assert led.status_code == 308
    assert led.headers["location"] == f"{BASE}{OBSERVATION}/facets.csv?by=unit"
    assert (
        f'<{BASE}{OBSERVATION}/facets.csv?by=unit&release=1>; rel="bookmark"'
        in (chinese.headers["link"])
    )


async def test_an_older_release_is_grouped_as_it_was(own: Settings, seed: Seed) -> None:
    # A topic follows from the metric and needs no reason.
    edition = replace(changed(make_edition(seed), f"{REPORT}-o099", topic="legal_aid"), reasons=[])
    address = f"{OBSERVATION}/facets?by=topic&topic=legal_aid"

    async with published_with(own, edition) as api:
        now, before = await get(api, address), await get(api, f"{address}&release=1")

    assert [one["data"][0]["count"] for one in (now, before)] == [7, 6]
    assert before["links"]["rows"] == f"{BASE}{OBSERVATION}?release=1&topic=legal_aid"
    assert before["links"]["describedby"] == f"{BASE}/v1/datasets/observations?release=1"


async def test_both_databases_answer_the_same_bytes(
    clients: Mapping[str, httpx.AsyncClient],
) -> None:
    addresses = [
        *(f"/v1/{one.name}/facets?by={','.join(one.groupable[:10])}" for one in DATASETS),
        *(f"/v1/{one.name}/aggregate.csv?group_by={one.groupable[-1]}" for one in DATASETS),
        *(f"{OBSERVATION}/aggregate?{query}" for query, _, _ in NONSENSE.values()),
        f"{OBSERVATION}/aggregate.excel.csv?agg=sum:value,avg:value,count&{TASKS}",
        f"{OBSERVATION}/aggregate?agg=sum:value",
    ]

    for address in addresses:
        one, other = [await client.get(address) for client in clients.values()]
        assert one.content == other.content
        assert one.headers["cache-control"] == other.headers["cache-control"]
        assert one.headers.get("etag") == other.headers.get("etag")


@every_dataset
def test_groups_take_the_filters_of_the_list(dataset: Dataset) -> None:
    of_pages = ("fields", "sort", "cursor")
    filters = {name for name in list_parameters(dataset) if name not in of_pages}

    assert set(facet_parameters(dataset)) == {"by", *filters}
    assert set(aggregate_parameters(dataset)) == {"group_by", "agg", *filters}


@every_dataset
def test_groups_are_documented(dataset: Dataset) -> None:
    paths: Any = make_document(DATASETS)["paths"]
    plural = dataset.name.replace("-", "_")

    assert paths[f"/v1/{dataset.name}/facets"]["get"]["operationId"] == f"facet_{plural}"
    assert paths[f"/v1/{dataset.name}/aggregate"]["get"]["operationId"] == f"aggregate_{plural}"


def test_figures_of_a_dataset_without_any_are_not_computed() -> None:
    with pytest.raises(TypeError, match="areas has no figures"):
        measure_of(parse_groups(AREAS, ()))

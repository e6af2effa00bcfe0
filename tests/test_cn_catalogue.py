"""The Chinese catalogue: 目录清单 and 信息项清单, as JSON, as CSV and as a workbook."""

import asyncio
import csv
import io
import sys
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from conftest import BASE
from editions import O083, changed, published_with, serving, without
from openpyxl import Workbook, load_workbook

from opendata_api.catalog.cn import list_resources
from opendata_api.catalog.cn_files import write_cn_csv, write_cn_json, write_cn_xlsx
from opendata_api.catalog.cn_items import list_items
from opendata_api.catalog.overview import Operator, Overview
from opendata_api.datasets import DATASETS
from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store.place import write_release
from opendata_api.web.app import Application, create_app
from opendata_api.web.overview import find_overview
from opendata_api.words import Text

RESOURCES = (
    *("类", "项", "目", "细目", "信息资源名称", "信息资源代码", "信息资源提供方", "提供方代码"),
    *("信息资源摘要", "信息资源格式", "共享类型", "共享条件", "共享方式", "是否向社会开放"),
    *("开放属性", "开放条件", "更新周期", "发布日期", "数据更新时间", "关联资源代码"),
    *("行政区划代码", "数据时间范围", "数据量", "标签", "联系方式", "在线资源链接地址"),
    *("数据来源文件", "许可"),
)
ITEMS = (
    *("信息资源代码", "英文名", "中文名", "数据类型", "长度", "精度", "值域", "主键", "可否为空"),
    *("描述", "计量单位", "信息资源名称"),
)
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV_TYPE = "text/csv; charset=utf-8; header=present"
OPERATOR = {
    "operator_zh": "某市大数据发展局",
    "operator_code": "114502007000000012",
    "resource_code": "2990001",
    "contact": "mailto:data@example.org",
}
REPORT = (
    "《鱼峰区人民政府关于2023年法治政府建设工作情况的报告》"
    "（http://www.yfq.gov.cn/zwgk/fdzdgknr/fzzfjs/fzzfjsqkbg/t19700101_3440437.shtml）"
)

FORMATS = "电子表格（csv、xlsx）；自描述格式（ndjson、parquet、json）；电子文件（zip）"
TOLD = ("数据类型", "长度", "精度", "值域", "主键", "可否为空", "计量单位")

Lines = list[dict[str, str]]


@pytest.fixture
async def overview(service: Application) -> Overview:
    return await find_overview(service.site)


@pytest.fixture
async def operated(published: Settings) -> AsyncGenerator[httpx.AsyncClient, None]:
    """A client of a service whose operator has set everything."""
    async with serving(published.model_copy(update=OPERATOR)) as client:
        yield client


def read_csv(text: str) -> Lines:
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


def opened(body: bytes) -> Workbook:
    return load_workbook(io.BytesIO(body))


def read_sheet(page: Any) -> Lines:
    head, *rows = page.iter_rows(values_only=True)
    return [dict(zip(head, (cell or "" for cell in row), strict=True)) for row in rows]


async def test_the_lists_have_the_columns_of_the_guideline_in_its_order(
    api: httpx.AsyncClient,
) -> None:
    lists = (await api.get("/catalog/cn.json")).json()

    assert list(lists) == ["目录清单", "信息项清单"]
    assert {tuple(line) for line in lists["目录清单"]} == {RESOURCES}
    assert {tuple(line) for line in lists["信息项清单"]} == {ITEMS}


async def test_each_dataset_is_a_resource_and_each_field_an_item(api: httpx.AsyncClient) -> None:
    lists = (await api.get("/catalog/cn.json")).json()

    assert [line["信息资源名称"] for line in lists["目录清单"]] == [
        one.title.zh for one in DATASETS
    ]
    assert [
        (line["信息资源名称"], line["英文名"], line["中文名"], line["描述"])
        for line in lists["信息项清单"]
    ] == [
        (one.title.zh, field.name, field.about.title.zh, field.about.description.zh)
        for one in DATASETS
        for field in one.fields
    ]


async def test_a_resource_is_told_in_words_and_what_is_not_known_is_empty(
    api: httpx.AsyncClient,
) -> None:
    line = (await api.get("/catalog/cn.json")).json()["目录清单"][0]

    assert line == {
        "类": "主题信息资源类",
        "项": "法治政府建设年度报告",
        "目": None,
        "细目": None,
        "信息资源名称": "报告数据",
        "信息资源代码": None,
        "信息资源提供方": "政府报告开放数据",
        "提供方代码": None,
        "信息资源摘要": "报告中的每一个数字，一数一行，附原文依据。所有数字均为政府自行报告。",
        "信息资源格式": FORMATS,
        "共享类型": "无条件共享",
        "共享条件": "无条件",
        "共享方式": "接口、文件",
        "是否向社会开放": "是",
        "开放属性": "无条件开放",
        "开放条件": "无需申请，使用时注明出处",
        "更新周期": "每年",
        "发布日期": "2026-01-02",
        "数据更新时间": "2026-01-02T11:04:05+08:00",
        "关联资源代码": None,
        "行政区划代码": "450203",
        "数据时间范围": "2023年度",
        "数据量": "108条",
        "标签": "报告数据；法治政府建设年度报告；鱼峰区",
        "联系方式": None,
        "在线资源链接地址": f"{BASE}/datasets/observations",
        "数据来源文件": REPORT,
        "许可": "CC-BY-4.0 https://creativecommons.org/licenses/by/4.0/",
    }


async def test_what_the_operator_has_set_stands_in_it(operated: httpx.AsyncClient) -> None:
    lists = (await operated.get("/catalog/cn.json")).json()

    first = lists["目录清单"][0]
    assert {
        name: first[name]
        for name in ("信息资源提供方", "提供方代码", "信息资源代码", "关联资源代码", "联系方式")
    } == {
        "信息资源提供方": "某市大数据发展局",
        "提供方代码": "114502007000000012",
        "信息资源代码": "2990001/0001",
        "关联资源代码": "2990001/0005；2990001/0006",
        "联系方式": "data@example.org",
    }
    assert {line["信息资源代码"]: line["信息资源名称"] for line in lists["信息项清单"]} == {
        line["信息资源代码"]: line["信息资源名称"] for line in lists["目录清单"]
    }


async def test_a_dataset_keeps_its_code_for_ever(operated: httpx.AsyncClient) -> None:
    lists = (await operated.get("/catalog/cn.json")).json()

    codes = {line["在线资源链接地址"]: line["信息资源代码"] for line in lists["目录清单"]}
    assert codes == {
        f"{BASE}/datasets/observations": "2990001/0001",
        f"{BASE}/datasets/metrics": "2990001/0002",
        f"{BASE}/datasets/service-counts": "2990001/0003",
        f"{BASE}/datasets/commitments": "2990001/0004",
        f"{BASE}/datasets/reports": "2990001/0005",
        f"{BASE}/datasets/documents": "2990001/0006",
        f"{BASE}/datasets/passages": "2990001/0007",
        f"{BASE}/datasets/areas": "2990001/0008",
        f"{BASE}/datasets/bodies": "2990001/0009",
    }


async def test_a_code_list_names_no_reports(api: httpx.AsyncClient) -> None:
    lines = (await api.get("/catalog/cn.json")).json()["目录清单"]

    told = {line["信息资源名称"]: (line["数据时间范围"], line["数据来源文件"]) for line in lines}
    nothing = {"指标", "地区", "机关"}
    assert told == {
        one.title.zh: ("2023年度", None if one.title.zh in nothing else REPORT) for one in DATASETS
    }


async def test_the_words_of_a_government_are_under_no_licence_of_ours(
    api: httpx.AsyncClient,
) -> None:
    lines = (await api.get("/catalog/cn.json")).json()["目录清单"]

    passages = next(line for line in lines if line["信息资源名称"] == "句段")
    assert passages["开放条件"] == "无需申请"
    assert passages["许可"] == "所载为政府报告原文，不在本项目许可之内"


async def test_an_item_has_type_length_values_and_where_its_unit_is(
    api: httpx.AsyncClient,
) -> None:
    lines = (await api.get("/catalog/cn.json")).json()["信息项清单"]

    told = {
        line["英文名"]: [line[name] for name in TOLD]
        for line in lines
        if line["信息资源名称"] == "报告数据"
    }
    assert told["id"] == ["字符型", None, None, None, "是", "否", None]
    assert told["value"] == ["数值型", "19", "6", None, "否", "是", "见“单位”"]
    assert told["printed_value"] == ["数值型", "19", "6", None, "否", "是", None]
    assert told["year"] == ["整型", "19", "0", None, "否", "否", None]
    assert told["period_end"] == ["日期型", "10", None, None, "否", "是", None]
    assert told["role"] == ["字符型", "6", None, "actual=实际；target=目标", "否", "否", None]
    assert told["area_code"] == ["字符型", "6", None, "见“地区”", "否", "否", None]
    assert told["same_as"] == ["字符型", None, None, None, "否", "是", None]
    assert told["dimensions"][3].startswith(
        "service_scope=通办范围（total=合计、citywide=全市通办、"
        "autonomous_region=全区通办（自治区）、cross_province=跨省通办）；handling_level=办理层级（"
    )


async def test_a_boolean_has_both_of_its_values(api: httpx.AsyncClient) -> None:
    lines = (await api.get("/catalog/cn.json")).json()["信息项清单"]

    told = [(line["数据类型"], line["值域"]) for line in lines if line["英文名"] == "masked"]
    assert told == [("逻辑型", "true=是；false=否")]


async def test_csv_and_workbook_have_what_the_json_has(operated: httpx.AsyncClient) -> None:
    lists = (await operated.get("/catalog/cn.json")).json()
    resources = await operated.get("/catalog/cn.csv")
    items = await operated.get("/catalog/cn-items.csv")
    book = opened((await operated.get("/catalog/cn.xlsx")).content)

    printed = {
        title: [{name: cell or "" for name, cell in line.items()} for line in lines]
        for title, lines in lists.items()
    }
    assert read_csv(resources.text) == printed["目录清单"]
    assert read_csv(items.text) == printed["信息项清单"]
    assert {page.title: read_sheet(page) for page in book.worksheets} == printed
    assert [page.freeze_panes for page in book.worksheets] == ["A2", "A2"]


async def test_the_csv_is_utf_8_without_a_byte_order_mark_in_lines_of_crlf(
    api: httpx.AsyncClient,
) -> None:
    body = (await api.get("/catalog/cn.csv")).content

    lines = body.split(b"\r\n")
    assert lines[0] == ",".join(RESOURCES).encode()
    assert (lines[-1], len(lines)) == (b"", len(DATASETS) + 2)


async def test_every_cell_of_the_workbook_is_a_text(operated: httpx.AsyncClient) -> None:
    book = opened((await operated.get("/catalog/cn.xlsx")).content)

    cells = [cell for page in book for row in page.iter_rows() for cell in row if cell.value]
    assert {cell.data_type for cell in cells} == {"s"}


def test_no_cell_of_the_workbook_is_run_as_a_formula(overview: Overview) -> None:
    operator = Operator(Text("=1+1", "=1+1"), code="007")
    book = opened(write_cn_xlsx(replace(overview, operator=operator)))

    place = RESOURCES.index("信息资源提供方") + 1
    name, code = (book.worksheets[0].cell(2, place + beside) for beside in (0, 1))
    assert (name.value, name.data_type, name.quotePrefix) == ("=1+1", "s", True)
    assert (code.value, code.data_type, code.quotePrefix) == ("007", "s", False)


def test_equal_data_are_equal_bytes(overview: Overview) -> None:
    assert write_cn_xlsx(overview) == write_cn_xlsx(overview)
    assert write_cn_json(overview) == write_cn_json(overview)


async def test_two_databases_have_one_catalogue(services: Mapping[str, Application]) -> None:
    overviews = [await find_overview(app.site) for app in services.values()]

    assert len({write_cn_json(one) for one in overviews}) == 1
    assert len({write_cn_xlsx(one) for one in overviews}) == 1


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("text/html", "application/json"),
        ("text/csv", CSV_TYPE),
        (XLSX_TYPE, XLSX_TYPE),
        ("application/x-ndjson, text/csv;q=0.1", CSV_TYPE),
    ],
)
async def test_the_format_is_chosen_by_accept(
    api: httpx.AsyncClient, accept: str | None, content_type: str
) -> None:
    headers = {} if accept is None else {"accept": accept}
    answer = await api.get("/catalog/cn", headers=headers)

    suffix = {"application/json": "json", CSV_TYPE: "csv", XLSX_TYPE: "xlsx"}[content_type]
    assert answer.headers["content-type"] == content_type
    assert "Accept" in answer.headers["vary"].split(", ")
    assert answer.content == (await api.get(f"/catalog/cn.{suffix}")).content


@pytest.mark.any_database
async def test_another_format_is_refused_and_those_there_are_named(api: httpx.AsyncClient) -> None:
    answer = await api.get("/catalog/cn", headers={"accept": "image/png"})

    assert (answer.status_code, answer.json()["code"]) == (406, "not-acceptable")
    assert answer.json()["errors"][0]["allowed"] == ["application/json", "text/csv", XLSX_TYPE]
    assert "Accept" in answer.headers["vary"].split(", ")


@pytest.mark.any_database
async def test_without_what_writes_workbooks_there_is_none(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "xlsxwriter", None)
    async with serving(published) as bare:
        refused = await bare.get("/catalog/cn.xlsx", headers={"accept-language": "en"})
        asked = await bare.get(
            "/catalog/cn", headers={"accept": XLSX_TYPE, "accept-language": "en"}
        )
        json = await bare.get("/catalog/cn.json")

    message = "this installation is without xlsxwriter, so that it has no .xlsx; it has .json, .csv"
    for answer in (refused, asked):
        assert (answer.status_code, answer.json()["code"]) == (406, "not-acceptable")
        assert answer.json()["errors"] == [
            {
                "parameter": None,
                "message": message,
                "allowed": ["application/json", "text/csv"],
                "did_you_mean": None,
                "try": None,
            }
        ]
    assert "xlsx" not in json.headers["link"]
    assert "xlsx" not in json.json()["目录清单"][0]["信息资源格式"]


LICENCE = '<https://creativecommons.org/licenses/by/4.0/>; rel="license"'


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("address", "links", "plain", "named"),
    [
        (
            "/catalog/cn.csv",
            [
                f'<{BASE}/catalog/cn.csv>; rel="self"; type="text/csv"',
                f'<{BASE}/catalog/cn.json>; rel="alternate"; type="application/json"',
                f'<{BASE}/catalog/cn.xlsx>; rel="alternate"; type="{XLSX_TYPE}"',
                f'<{BASE}/catalog/cn-items.csv>; rel="related"; type="text/csv"',
            ],
            "catalog-cn-release-1.csv",
            "%E7%9B%AE%E5%BD%95%E6%B8%85%E5%8D%95-%E7%AC%AC1%E7%89%88.csv",
        ),
        (
            "/catalog/cn-items.csv",
            [
                f'<{BASE}/catalog/cn-items.csv>; rel="self"; type="text/csv"',
                f'<{BASE}/catalog/cn.csv>; rel="related"; type="text/csv"',
            ],
            "catalog-cn-items-release-1.csv",
            "%E4%BF%A1%E6%81%AF%E9%A1%B9%E6%B8%85%E5%8D%95-%E7%AC%AC1%E7%89%88.csv",
        ),
        (
            "/catalog/cn.xlsx",
            [
                f'<{BASE}/catalog/cn.xlsx>; rel="self"; type="{XLSX_TYPE}"',
                f'<{BASE}/catalog/cn.json>; rel="alternate"; type="application/json"',
                f'<{BASE}/catalog/cn.csv>; rel="alternate"; type="text/csv"',
            ],
            "catalog-cn-release-1.xlsx",
            "%E4%BF%A1%E6%81%AF%E8%B5%84%E6%BA%90%E7%9B%AE%E5%BD%95-%E7%AC%AC1%E7%89%88.xlsx",
        ),
    ],
)
async def test_a_file_has_a_readable_name_and_leads_to_the_others(
    api: httpx.AsyncClient, address: str, links: list[str], plain: str, named: str
) -> None:
    answer = await api.get(address)

    assert answer.headers["link"] == ", ".join([*links, LICENCE])
    assert answer.headers["content-disposition"] == (
        f"attachment; filename=\"{plain}\"; filename*=UTF-8''{named}"
    )


@pytest.mark.any_database
async def test_the_json_is_shown_not_saved(api: httpx.AsyncClient) -> None:
    answer = await api.get("/catalog/cn.json")

    assert "content-disposition" not in answer.headers


@pytest.mark.any_database
async def test_a_good_copy_is_told_to_be_good(api: httpx.AsyncClient) -> None:
    answer = await api.get("/catalog/cn.csv")
    again = await api.get("/catalog/cn.csv", headers={"if-none-match": answer.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert "content-disposition" not in again.headers


@pytest.mark.any_database
async def test_a_shared_link_to_a_file_leads_to_the_clean_address(api: httpx.AsyncClient) -> None:
    shared = await api.get("/catalog/cn.csv?utm_source=x")
    json = await api.get("/catalog/cn.json?utm_source=x")

    assert (shared.status_code, shared.headers["location"]) == (308, f"{BASE}/catalog/cn.csv")
    assert (json.status_code, json.json()["code"]) == (400, "unknown-parameter")


@pytest.mark.any_database
async def test_other_settings_of_the_operator_are_another_version(
    api: httpx.AsyncClient, operated: httpx.AsyncClient
) -> None:
    tags = [(await one.get("/catalog/cn.csv")).headers["etag"] for one in (api, operated)]

    assert tags[0] != tags[1]


@pytest.mark.any_database
async def test_every_address_of_ours_in_it_leads_somewhere(api: httpx.AsyncClient) -> None:
    lines = (await api.get("/catalog/cn.json")).json()["目录清单"]

    statuses = {(await api.get(line["在线资源链接地址"])).status_code for line in lines}
    assert statuses == {200}


async def test_a_withdrawal_and_a_correction_show_in_count_and_time(
    own: Settings, seed: Seed
) -> None:
    edition = make_edition(seed)
    corrected = changed(edition, O083, note_zh="更正", note_en="Corrected.")
    fewer = without(corrected, "cn450203-2023-rol-o001")
    async with published_with(own, corrected) as api:
        second = (await api.get("/catalog/cn.json")).json()["目录清单"][0]
    at = datetime(2026, 1, 4, 20, tzinfo=UTC)
    await asyncio.to_thread(write_release, own, DATASETS, fewer, at)
    async with serving(own) as api:
        lines = (await api.get("/catalog/cn.json")).json()["目录清单"]

    told = ("数据量", "发布日期", "数据更新时间")
    areas = next(line for line in lines if line["信息资源名称"] == "地区")
    assert [second[name] for name in told] == ["108条", "2026-01-02", "2026-01-03T08:00:00+08:00"]
    assert [lines[0][name] for name in told] == [
        *("107条", "2026-01-02", "2026-01-05T04:00:00+08:00")
    ]
    assert [areas[name] for name in told] == ["3条", "2026-01-02", "2026-01-02T11:04:05+08:00"]


def cell(overview: Overview, name: str) -> str:
    """What a column says of the first dataset."""
    return list_resources(overview).rows[0][RESOURCES.index(name)]


def test_of_many_areas_the_provinces_are_named(overview: Overview) -> None:
    areas = [(f"45{n:04d}", Text("区", "a district")) for n in range(50)]

    listed = cell(replace(overview, areas=areas), "行政区划代码")
    parted = cell(
        replace(overview, areas=[*areas, ("440103", Text("区", "one more"))]), "行政区划代码"
    )
    assert listed.split("；") == [code for code, _ in areas]
    assert parted == "440000；450000"


def test_several_years_are_a_span_and_no_reports_have_none(overview: Overview) -> None:
    assert cell(replace(overview, years=(2021, 2023)), "数据时间范围") == "2021—2023年度"
    assert cell(replace(overview, years=None, reports=[]), "数据时间范围") == ""


def test_of_many_reports_the_newest_ten_are_named(overview: Overview) -> None:
    ten = [*overview.reports] * 10

    assert cell(replace(overview, reports=ten), "数据来源文件") == "；".join([REPORT] * 10)
    assert cell(replace(overview, reports=[*ten, *overview.reports]), "数据来源文件") == "；".join(
        [*[REPORT] * 10, f"其余见 {BASE}/datasets/reports"]
    )


def test_a_code_of_an_operator_may_end_in_its_slash(overview: Overview) -> None:
    operator = replace(overview.operator, resource_code="299/")

    assert cell(replace(overview, operator=operator), "信息资源代码") == "299/0001"


def test_of_many_values_it_says_where_they_are(overview: Overview) -> None:
    place = ITEMS.index("值域")

    def values(count: int) -> str:
        labels = {**overview.labels, "roles": {f"r{n}": Text(f"值{n}", "") for n in range(count)}}
        rows = list_items(replace(overview, labels=labels)).rows
        return next(row[place] for row in rows if row[1] == "role")

    assert values(100) == "；".join(f"r{n}=值{n}" for n in range(100))
    assert values(101) == f"共101个取值，见 {BASE}/v1/datasets/observations"


def test_a_list_without_rows_has_its_header(overview: Overview) -> None:
    bare = replace(overview, entries=[], reports=[])

    assert write_cn_csv(bare).decode() == ",".join(RESOURCES) + "\r\n"
    assert [page.max_row for page in opened(write_cn_xlsx(bare)).worksheets] == [1, 1]


def test_the_service_has_the_lists_under_their_own_names(service: Application) -> None:
    app = create_app(Settings(), DATASETS)

    assert [one for one in app.addresses if one.startswith("/catalog/cn")] == [
        *("/catalog/cn", "/catalog/cn.json", "/catalog/cn.csv"),
        *("/catalog/cn.xlsx", "/catalog/cn-items.csv"),
    ]
    assert app.addresses == service.addresses

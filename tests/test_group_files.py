"""Facets and aggregates in every format: the values of JSON, in its order."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from conftest import BASE
from editions import changed, published_with
from openpyxl import load_workbook
from pyarrow import BufferReader, parquet

from opendata_api.datasets import OBSERVATIONS
from opendata_api.formats import CSV, FORMATS
from opendata_api.publish import make_edition
from opendata_api.query import parse_facets
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store.model import Groups
from opendata_api.web.group_fields import GROUPED_VALUES
from opendata_api.web.group_tables import facets_table
from opendata_api.words import Text

ENGLISH_TITLE = (
    "Report of the People's Government of Yufeng District on building a law-based government "
    "in 2023"
)
FACETS = "by=topic,unit,year,dim:service_scope"
AGGREGATE = "group_by=metric,dim:service_scope&topic=legal_aid&agg=sum:value,avg:value,count"
QUESTIONS = [("facets", FACETS), ("aggregate", AGGREGATE), ("aggregate", "agg=count&year=1990")]

every_question = pytest.mark.parametrize(("kind", "query"), QUESTIONS)


async def rows_of(api: httpx.AsyncClient, kind: str, query: str) -> list[dict[str, Any]]:
    answer = await api.get(f"/v1/observations/{kind}?{query}")
    assert answer.status_code == 200, answer.text
    rows: list[dict[str, Any]] = json.loads(answer.text, parse_float=Decimal, parse_int=Decimal)[
        "data"
    ]
    return rows


def printed(rows: Sequence[dict[str, Any]]) -> list[list[str]]:
    """The values as CSV has them."""
    return [["" if one is None else str(one) for one in row.values()] for row in rows]


def table(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@every_question
async def test_lines_of_json_and_of_csv_hold_the_values(
    api: httpx.AsyncClient, kind: str, query: str
) -> None:
    rows = await rows_of(api, kind, query)
    lines = await api.get(f"/v1/observations/{kind}.ndjson?{query}")
    cells = await api.get(f"/v1/observations/{kind}.csv?{query}")

    assert [
        json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines.text.splitlines()
    ] == rows
    assert table(cells.text)[1:] == printed(rows)


@every_question
async def test_parquet_holds_the_values_in_their_types(
    api: httpx.AsyncClient, kind: str, query: str
) -> None:
    rows = await rows_of(api, kind, query)
    answer = await api.get(f"/v1/observations/{kind}.parquet?{query}")

    found = parquet.read_table(BufferReader(answer.content))
    assert printed_plain(found.to_pylist()) == printed(rows)
    assert found.schema.metadata[b"dataset"].decode() == f"observations-{kind}"
    if kind == "aggregate" and "sum:value" in query:
        assert str(found.schema.field("sum_value").type) == "decimal128(38, 6)"
        assert str(found.schema.field("count").type) == "int64"


GREATEST = 2**63 - 1
SUMMED = "metric=inspection_tasks&agg=sum:value,max:value"


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("one", "printed_sum", "printed_greatest"),
    [
        (GREATEST, "27670116110564.327421", "9223372036854.775807"),
        (-GREATEST, "-27670116110564.327421", "-9223372036854.775807"),
        (3_333_333_333_333_000_000, "9999999999999", "3333333333333"),
        (3_333_333_333_334_000_000, "10000000000002", "3333333333334"),
    ],
)
async def test_a_sum_of_the_largest_figures_is_whole_in_every_format(
    own: Settings, seed: Seed, one: int, printed_sum: str, printed_greatest: str
) -> None:
    edition = make_edition(seed)
    for place in ("o099", "o100", "o101"):
        edition = changed(edition, f"cn450203-2023-rol-{place}", value=one)
    found = {}

    async with published_with(own, edition) as api:
        for form in ("json", "csv", "excel.csv", "ndjson", "xlsx", "parquet", "zip"):
            answer = await api.get(f"/v1/observations/aggregate.{form}?{SUMMED}&lang=zh")
            assert answer.status_code == 200, answer.text
            found[form] = SUMS[form](answer.content)

    assert found == dict.fromkeys(found, (printed_sum, printed_greatest))


def sums_in_cells(content: bytes) -> tuple[str, str]:
    heads, cells = table(content.decode("utf-8-sig"))
    row = dict(zip(heads, cells, strict=True))
    is_plain = "sum_value" in row
    return row["sum_value" if is_plain else "数值合计"], row[
        "max_value" if is_plain else "数值最大"
    ]


def sums_in_json(content: bytes) -> tuple[str, str]:
    read = json.loads(content, parse_float=str, parse_int=str)
    [row] = read.get("data", [read])
    return row["sum_value"], row["max_value"]


def sums_in_parquet(content: bytes) -> tuple[str, str]:
    [row] = printed_plain(parquet.read_table(BufferReader(content)).to_pylist())
    heads = parquet.read_schema(BufferReader(content)).names
    return row[heads.index("sum_value")], row[heads.index("max_value")]


def sums_in_a_workbook(content: bytes) -> tuple[str, str]:
    heads, cells = load_workbook(io.BytesIO(content)).worksheets[0].values
    row = dict(zip(heads, cells, strict=True))
    return str(row["数值合计"]), str(row["数值最大"])


def sums_in_a_package(content: bytes) -> tuple[str, str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return sums_in_cells(archive.read("observations-aggregate.csv"))


SUMS: Mapping[str, Callable[[bytes], tuple[str, str]]] = {
    "json": sums_in_json,
    "csv": sums_in_cells,
    "excel.csv": sums_in_cells,
    "ndjson": sums_in_json,
    "xlsx": sums_in_a_workbook,
    "parquet": sums_in_parquet,
    "zip": sums_in_a_package,
}


def printed_plain(rows: Sequence[dict[str, Any]]) -> list[list[str]]:
    """Decimals of Arrow without the zeros that they end in."""
    return [
        [
            "" if one is None else f"{one.normalize():f}" if isinstance(one, Decimal) else str(one)
            for one in row.values()
        ]
        for row in rows
    ]


@every_question
async def test_a_package_holds_the_csv_with_its_descriptions(
    api: httpx.AsyncClient, kind: str, query: str
) -> None:
    cells = await api.get(f"/v1/observations/{kind}.csv?{query}")
    answer = await api.get(f"/v1/observations/{kind}.zip?{query}")

    name = f"observations-{kind}.csv"
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.read(name).decode() == cells.text
        package = json.loads(archive.read("datapackage.json"))
        metadata = json.loads(archive.read(f"{name}-metadata.json"))
    header = table(cells.text)[0]
    fields = package["resources"][0]["schema"]["fields"]
    assert [field["name"] for field in fields] == header
    assert [column["name"] for column in metadata["tableSchema"]["columns"]] == header
    assert "primaryKey" not in metadata["tableSchema"]


@pytest.mark.untraced
@every_question
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_workbook_holds_the_cells_of_the_csv_for_spreadsheets(
    api: httpx.AsyncClient, kind: str, query: str, lang: str
) -> None:
    cells = await api.get(f"/v1/observations/{kind}.excel.csv?{query}&lang={lang}")
    answer = await api.get(f"/v1/observations/{kind}.xlsx?{query}&lang={lang}")

    page = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    found = [["" if one is None else str(one) for one in row] for row in page.values]
    assert found == table(cells.text.removeprefix("\ufeff"))


async def test_a_sheet_of_facets_tells_each_value_in_words(api: httpx.AsyncClient) -> None:
    mixed = await api.get("/v1/passages/facets.excel.csv?by=masked,document_id&lang=en")
    numbers = await api.get("/v1/observations/facets.xlsx?by=year")

    assert [row[:4] for row in table(mixed.text.removeprefix("\ufeff"))] == [
        ["Field", "Value", "Code", "Records"],
        ["Masked", "no", "", "111"],
        ["Masked", "yes", "", "1"],
        ["Document", ENGLISH_TITLE, "cn450203-2023-rol-d1", "112"],
    ]
    page = load_workbook(io.BytesIO(numbers.content)).worksheets[0]
    assert [cell.value for cell in page[1]][:3] == ["字段", "取值", "记录数"]
    assert [cell.value for cell in page[2]][:3] == ["年份", "2023", 108]


async def test_units_of_one_name_are_told_apart_by_their_codes(api: httpx.AsyncClient) -> None:
    facets = await api.get("/v1/observations/facets.xlsx?by=unit")
    groups = await api.get("/v1/observations/aggregate.excel.csv?group_by=unit")

    rows = list(load_workbook(io.BytesIO(facets.content)).worksheets[0].values)
    assert len({row[1:3] for row in rows}) == len(rows) > len({row[1] for row in rows})
    assert rows[1][:4] == ("单位", "件", "case", 18)
    cells = table(groups.text.removeprefix("\ufeff"))
    assert cells[0][:3] == ["单位", "单位代码", "记录数"]
    assert len({(one, code) for one, code, *_ in cells}) == len(cells)


async def test_the_dictionary_of_a_sheet_names_its_columns(api: httpx.AsyncClient) -> None:
    async def columns(address: str) -> list[tuple[str, str]]:
        answer = await api.get(f"/v1/observations/{address}")
        page = load_workbook(io.BytesIO(answer.content)).worksheets[1]
        return list(dict.fromkeys((str(row[0]), str(row[1])) for row in page.values))[1:]

    assert await columns("facets.xlsx?by=year") == [
        ("字段", "field"),
        ("取值", "value"),
        ("记录数", "count"),
    ]
    assert await columns("facets.xlsx?by=year,unit&lang=en") == [
        ("Field", "field"),
        ("Value", "label_en"),
        ("Code", "value"),
        ("Records", "count"),
    ]
    assert await columns("aggregate.xlsx?group_by=year,unit") == [
        ("年份", "year"),
        ("单位", "unit_zh"),
        ("单位代码", "unit"),
        ("记录数", "count"),
    ]


async def test_the_codes_of_every_field_counted_by_are_in_the_dictionary(
    api: httpx.AsyncClient,
) -> None:
    answer = await api.get("/v1/observations/facets.xlsx?by=role,status,year")

    lines = list(load_workbook(io.BytesIO(answer.content)).worksheets[1].values)
    assert [line[5:7] for line in lines if line[0] == "代码" and line[5]] == [
        ("actual", "实际"),
        ("target", "目标"),
        ("as_printed", "照原文"),
        ("ambiguous", "原文含义不明"),
        ("corrected", "已更正"),
    ]


async def test_a_file_of_facets_has_the_same_fields_whatever_is_counted_by(
    api: httpx.AsyncClient,
) -> None:
    schemas = []
    for query in ("year", "role", "year,role"):
        answer = await api.get(f"/v1/observations/facets.parquet?by={query}")
        schema = parquet.read_schema(BufferReader(answer.content))
        assert json.loads(schema.metadata[b"fields"])["value"]["title_zh"] == "取值"
        schemas.append(schema.remove_metadata())

    assert schemas[0] == schemas[1] == schemas[2]
    assert str(schemas[0].field("value").type) == "string"


@pytest.mark.parametrize(
    ("address", "zh", "en"),
    [
        (
            "facets.zip?by=unit",
            "“报告数据”中各字段的取值及其记录数，从多到少，空值在最后。筛选条件见查询地址。",
            (
                "The values of fields of “Observations”, each with the number of records that have "
                "it, the most first and null last. The address of the query has the filters."
            ),
        ),
        (
            "aggregate.zip?group_by=unit",
            (
                "“报告数据”的记录分组计算的结果，每行一组。筛选条件和分组字段见查询地址。"
                "每个计算结果后有其限定：确数，或至少、至多、约、不完整等。"
            ),
            (
                "Computed of groups of records of “Observations”, one group a row. The address of "
                "the query has the filters and the fields grouped by. Each value is followed by "
                "how it stands to the true one: exact, at least, at most, about, incomplete and so "
                "on."
            ),
        ),
    ],
)
async def test_a_file_says_what_its_rows_are(
    api: httpx.AsyncClient, address: str, zh: str, en: str
) -> None:
    answer = await api.get(f"/v1/observations/{address}")
    book = await api.get(f"/v1/observations/{address.replace('.zip', '.xlsx')}")

    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        texts = [archive.read(name).decode() for name in ("README.zh-CN.md", "README.md")]
    assert [text.split("\n\n")[1] for text in texts] == [zh, en]
    told = {row[0]: row[1] for row in load_workbook(io.BytesIO(book.content)).worksheets[2].values}
    assert told["说明"] == zh


def test_a_code_of_two_fields_has_the_words_of_both() -> None:
    query = parse_facets(OBSERVATIONS, (("by", "role,status"),))
    labels = {
        "roles": {"a": Text("甲", "one"), "b": Text("乙", "two")},
        "statuses": {"a": Text("丙", "three"), "b": Text("乙", "two")},
    }

    made = facets_table(query, [Groups([("c", 1)], 1), Groups([(None, 1)], 1)], labels)

    assert made.labels[GROUPED_VALUES] == {
        "a": Text("甲／丙", "one / three"),
        "b": Text("乙", "two"),
    }
    assert made.told("en").rows == [("role", "c", "c", "c", 1), ("status", None, None, None, 1)]


def test_a_document_is_called_in_english_by_its_report_and_its_kind(seed: Seed) -> None:
    [report] = seed.reports
    notice = replace(report.document, id="d2", kind="correction_notice", title="更正公告")
    numerals = {**report.numerals, "d2": []}
    corrected = replace(report, documents=[*report.documents, notice], numerals=numerals)

    edition = make_edition(replace(seed, reports=[corrected]))

    [labels] = [one.body for one in edition.attachments if one.kind == "labels"]
    assert json.loads(labels)["documents"] == {
        f"{report.id}-d1": [report.title_zh, ENGLISH_TITLE],
        f"{report.id}-d2": ["更正公告", f"{ENGLISH_TITLE} (correction notice)"],
    }


@pytest.mark.parametrize("form", [one for one in FORMATS if one.is_file], ids=lambda one: one.key)
async def test_a_file_of_groups_has_its_type_its_name_and_its_links(
    api: httpx.AsyncClient, form: Any
) -> None:
    answer = await api.get(f"/v1/areas/facets.{form.suffix}?by=level")

    there = f"{BASE}/v1/areas/facets.{form.suffix}?by=level"
    assert answer.headers["content-type"] == form.content_type
    assert (
        f'filename="areas-facets-release-1.{form.suffix}"' in answer.headers["content-disposition"]
    )
    first, dictionary = "", "describedby"
    if form is CSV:
        metadata = f"{BASE}/v1/areas/facets.csv-metadata.json?by=level"
        first = f'<{metadata}>; rel="describedby"; type="application/csvm+json", '
        dictionary = "glossary"
    assert answer.headers["link"].startswith(
        f'{first}<{there}>; rel="self", <{there}&release=1>; rel="cite-as", '
        f'<{BASE}/v1/cite?url={quote(f"{there}&release=1", ":")}>; rel="related"; '
        f'type="application/json", <{BASE}/v1/datasets/areas>; rel="{dictionary}", '
        f'<{there}&release=1>; rel="bookmark"'
    )


@pytest.mark.parametrize(
    ("kind", "title"),
    [("facets?by=unit", "报告数据·分类计数"), ("aggregate?group_by=topic", "报告数据·分组计算")],
)
async def test_groups_are_cited(api: httpx.AsyncClient, kind: str, title: str) -> None:
    asked = await api.get(f"/v1/observations/{kind}")

    cited = await api.get(asked.json()["links"]["cite"])
    data = cited.json()["data"]
    assert data["url"] == f"{BASE}/v1/observations/{kind}&release=1"
    assert title in data["formats"]["gb_t_7714"]
    assert (await api.get(data["url"])).json()["data"] == asked.json()["data"]


async def test_groups_of_different_keys_have_different_citation_keys(
    api: httpx.AsyncClient,
) -> None:
    keys = set()
    for query in ("facets?by=unit", "facets?by=topic", "aggregate", "aggregate?group_by=unit", ""):
        link = (await api.get(f"/v1/observations{'/' if query else ''}{query}")).json()["links"]
        bibtex = (await api.get(link["cite"])).json()["data"]["formats"]["bibtex"]
        keys.add(bibtex.split(",")[0])

    assert len(keys) == 5


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("/v1/observations/aggregate?agg=sum:value", "in the cited address, agg: "),
        ("/v1/observations/facets?by=dim:mood", "in the cited address, by: "),
        ("/v1/observations/facets", "in the cited address, by: say which fields to count by"),
    ],
)
async def test_groups_that_are_refused_are_not_cited(
    api: httpx.AsyncClient, address: str, message: str
) -> None:
    refusal = await api.get("/v1/cite", params={"url": address, "lang": "en"})

    assert refusal.status_code == 400
    assert refusal.json()["errors"][0]["message"].startswith(message)
    assert (await api.get(refusal.json()["errors"][0]["try"])).status_code == 200


async def test_others_names_for_the_parameters_of_groups_lead_to_ours(
    api: httpx.AsyncClient,
) -> None:
    offered = [
        (await api.get(f"/v1/observations/{address}")).json()["errors"][0]["try"]
        for address in ("facets?facet=unit", "aggregate?分组=unit", "aggregate?groupby=unit")
    ]

    assert offered == [
        f"{BASE}/v1/observations/{address}"
        for address in ("facets?by=unit", "aggregate?group_by=unit", "aggregate?group_by=unit")
    ]

"""Facets and aggregates in every format: the values of JSON, in its order."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import httpx
import pytest
from conftest import BASE
from editions import changed, published_with
from openpyxl import load_workbook
from pyarrow import BufferReader, parquet

from opendata_api.formats import FORMATS
from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings

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

    assert [row[:3] for row in table(mixed.text.removeprefix("\ufeff"))] == [
        ["Field", "Value", "Records"],
        ["Masked", "no", "111"],
        ["Masked", "yes", "1"],
        ["Document", "鱼峰区人民政府关于2023年法治政府建设工作情况的报告", "112"],
    ]
    page = load_workbook(io.BytesIO(numbers.content)).worksheets[0]
    assert [cell.value for cell in page[2]][:2] == ["年份", 2023]


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
    assert answer.headers["link"].startswith(
        f'<{there}>; rel="self", <{there}&release=1>; rel="cite-as", '
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

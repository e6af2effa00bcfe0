"""The Excel workbook: what opens, what is typed, what is refused."""

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import httpx
import pytest
from all_types import SAMPLES, imprint, row
from conftest import BASE
from openpyxl import Workbook, load_workbook

from opendata_api.datasets import OBSERVATIONS
from opendata_api.formats import XLSX, xlsx
from opendata_api.formats.sheet import Sheet, TooLongForCell
from opendata_api.values import INT_MAX, SCALE, Row, Stored
from opendata_api.web import packing
from opendata_api.words import Lang


def write(rows: Sequence[Row], lang: Lang = "zh", *names: str) -> bytes:
    """A workbook of samples."""
    file = io.BytesIO()
    with xlsx.writing(file, Sheet(imprint(*names), lang)) as add:
        add(rows)
    return file.getvalue()


def opened(body: bytes) -> Workbook:
    return load_workbook(io.BytesIO(body))


def cell_of(field: str, value: Stored, lang: Lang = "zh") -> Any:
    """The cell of a field that has the value."""
    page = opened(write([row(**{field: value})], lang)).worksheets[0]
    return page.cell(2, 1 + SAMPLES.field_names.index(field))


def lines_of(page: Any) -> list[list[str | None]]:
    return [list(line) for line in page.iter_rows(values_only=True)]


@pytest.mark.parametrize(
    ("lang", "names"),
    [("zh", ["数据", "字段", "说明"]), ("en", ["Data", "Fields", "About"])],
)
async def test_a_workbook_has_data_dictionary_and_origin(
    api: httpx.AsyncClient, lang: str, names: list[str]
) -> None:
    book = opened((await api.get(f"/v1/observations.xlsx?lang={lang}")).content)

    data, fields, about = book.worksheets
    assert book.sheetnames == names
    assert data.freeze_panes == fields.freeze_panes == "A2"
    assert data.auto_filter.ref == f"A1:AB{data.max_row}"
    assert about.max_row == 12


async def test_the_origin_of_a_workbook_names_query_release_licence_and_citation(
    api: httpx.AsyncClient,
) -> None:
    body = (await api.get("/v1/observations.xlsx?topic=legal_aid&sort=-value&lang=en")).content
    query = f"{BASE}/v1/observations.xlsx?lang=en&release=1&sort=-value&topic=legal_aid"
    book = opened(body)
    cited = (await api.get("/v1/cite", params={"url": query})).json()["data"]["formats"]

    service = "Open Data from Government Reports"
    source = (
        f"The government reports listed at {BASE}/v1/reports?release=1, compiled by {service}, "
        "not by a government."
    )
    numbers = (
        "Numbers of more than 15 significant digits are texts, so that no program rounds them."
    )
    assert lines_of(book.worksheets[2]) == [
        ["Dataset", "Observations"],
        ["Description", OBSERVATIONS.description.en],
        ["Rows", str(book.worksheets[0].max_row - 1)],
        ["Source", source],
        ["Release", "1"],
        ["Published at", "2026-01-02T03:04:05Z"],
        ["Licence", "CC-BY-4.0 https://creativecommons.org/licenses/by/4.0/"],
        ["Attribution", "政府报告开放数据 (Open Data from Government Reports), CC BY 4.0"],
        ["Citation", cited["apa"]],
        ["Address of the query", query],
        ["Dictionary", f"{BASE}/v1/datasets/observations?release=1"],
        ["Numbers", numbers],
    ]
    assert (await api.get(query)).content == body


@pytest.mark.untraced
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize(
    "name",
    [
        *("observations", "observations/cn450203-2023-rol-o083", "passages", "areas"),
        *("observations/facets?by=topic", "observations/aggregate?group_by=year"),
    ],
)
async def test_a_workbook_is_cited_as_the_service_cites_it(
    api: httpx.AsyncClient, name: str, lang: str
) -> None:
    path, question, query = name.partition("?")
    address = f"/v1/{path}.xlsx?lang={lang}{question and '&'}{query}"
    about = opened((await api.get(address)).content).worksheets[2]
    cited = (await api.get("/v1/cite", params={"url": address})).json()["data"]["formats"]

    lines = {line[0]: line[1] for line in lines_of(about)}
    given = lines["引用格式" if lang == "zh" else "Citation"]
    assert given == cited["gb_t_7714" if lang == "zh" else "apa"]


def test_a_citation_of_several_lines_is_shown_in_lines() -> None:
    about = opened(write([row()])).worksheets[2]

    wrapped = {cell.value: cell.alignment.wrap_text for cell in about["B"]}
    assert wrapped["本服务. 样本.\n某报告."] is True
    assert not wrapped["样本"]


async def test_a_workbook_claims_no_licence_for_the_words_of_a_government(
    api: httpx.AsyncClient,
) -> None:
    book = opened((await api.get("/v1/passages.xlsx?lang=en")).content)
    data = lines_of(book.worksheets[0])
    about = {line[0]: line[1] for line in lines_of(book.worksheets[2])}

    words = "the words of the government's own reports, which no licence of ours covers"
    assert about["Licence"] == words
    assert {line[data[0].index("Licence")] for line in data[1:]} == {None}


async def test_the_dictionary_of_a_workbook_lists_its_columns_and_their_codes(
    api: httpx.AsyncClient,
) -> None:
    book = opened((await api.get("/v1/observations.xlsx")).content)
    data, fields = (lines_of(page) for page in book.worksheets[:2])

    columns = [line[0] for line in fields if line[2]]
    assert columns == ["列", *data[0][:-3]]
    assert ["限定", "qualifier", None, None, None, "more_than", "超过"] in fields
    assert ["维度", "dimensions", None, None, None, "service_scope", "通办范围"] in fields
    assert [
        *("维度", "dimensions", None, None, None),
        *("service_scope=cross_province", "跨省通办"),
    ] in fields


async def test_codes_are_texts_and_numbers_are_numbers(api: httpx.AsyncClient) -> None:
    areas = opened((await api.get("/v1/areas.xlsx")).content).worksheets[0]
    figures = opened((await api.get("/v1/observations.xlsx")).content).worksheets[0]

    assert [(cell.value, cell.data_type) for cell in areas["F"][1:]] == [
        ("450000", "s"),
        ("450200", "s"),
        ("450203", "s"),
    ]
    assert {cell.data_type for cell in figures["B"][1:]} == {"n"}
    assert {cell.data_type for cell in figures["E"][1:]} == {"n"}


@pytest.mark.parametrize(
    ("value", "cell", "data_type", "shown"),
    [
        (2307000000 * SCALE, 2307000000, "n", "0"),
        (-4_800_000, -4.8, "n", "0.0#####"),
        (-94_100_000, -94.1, "n", "0.0#####"),
        (0, 0, "n", "0"),
        (1, 0.000001, "n", "0.0#####"),
        (999_999_999_999_999, 999_999_999.999999, "n", "0.0#####"),
        (1_000_000_000_000_001, "1000000000.000001", "s", "General"),
        (9_000_000_000_000 * SCALE, 9_000_000_000_000, "n", "0"),
        (INT_MAX, "9223372036854.775807", "s", "General"),
    ],
)
def test_a_number_is_exact_or_a_text(value: int, cell: object, data_type: str, shown: str) -> None:
    found = cell_of("number", value)

    assert (found.value, found.data_type, found.number_format) == (cell, data_type, shown)


@pytest.mark.parametrize(
    ("value", "cell", "data_type"),
    [
        (123_456_789_012_345, 123_456_789_012_345, "n"),
        (1_234_567_890_123_456, "1234567890123456", "s"),
        (-INT_MAX, "-9223372036854775807", "s"),
        (10**18, 10**18, "n"),
    ],
)
def test_an_integer_is_exact_or_a_text(value: int, cell: object, data_type: str) -> None:
    found = cell_of("whole", value)

    assert (found.value, found.data_type) == (cell, data_type)


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@A1", "＝1", "\t=1", '=HYPERLINK("https://example.org")']
)
def test_a_text_is_never_a_formula_and_is_kept_as_it_is(text: str) -> None:
    found = cell_of("text", text)

    assert (found.value, found.data_type) == (text, "s")
    assert found.quotePrefix


@pytest.mark.parametrize(
    "text",
    ["450203", "0012", "https://example.org", " 前后 ", "a\nb", "<&>", "\U0001f600"],
)
def test_a_text_is_kept_as_it_is(text: str) -> None:
    found = cell_of("text", text)

    assert (found.value, found.data_type, found.hyperlink) == (text, "s", None)
    assert not found.quotePrefix


def test_a_date_is_a_date_where_excel_counts_right_else_a_text() -> None:
    first = cell_of("day", "1900-03-01")
    before = cell_of("day", "1900-02-28")
    usual = cell_of("day", "2024-03-01")

    assert usual.value == datetime(2024, 3, 1)  # noqa: DTZ001
    assert usual.number_format == "yyyy-mm-dd"
    assert first.value == datetime(1900, 3, 1)  # noqa: DTZ001
    assert (before.value, before.data_type) == ("1900-02-28", "s")


@pytest.mark.parametrize(
    ("field", "value", "zh", "en"),
    [
        ("kind", "2", "乙", "two"),
        ("kind", "3", "3", "3"),
        ("truth", 1, "是", "yes"),
        ("truth", 0, "否", "no"),
        ("moment", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
        ("names", '["a","b"]', "a;b", "a;b"),
        ("groups", '{"scope":"city"}', "范围=全市", "scope=citywide"),
        (
            "figures",
            '[{"year":2023,"area_code":"1","value_text":"2件","dimensions":{"scope":"city"}}]',
            "2023年 1 全市 2件",
            "2023 1 citywide 2件",
        ),
    ],
)
def test_people_read_labels(field: str, value: Stored, zh: str, en: str) -> None:
    assert cell_of(field, value).value == zh
    assert cell_of(field, value, "en").value == en


def test_a_value_that_is_not_there_leaves_its_cell_empty() -> None:
    page = opened(write([row()])).worksheets[0]

    filled = [cell.coordinate for cell in page[2] if cell.value is not None]
    assert filled == ["A2", "L2", "M2", "N2"]


def test_the_last_columns_say_where_a_row_comes_from() -> None:
    page = opened(write([row(id="s1")], "en", "id")).worksheets[0]

    assert lines_of(page) == [
        ["id", "Permanent link", "Licence", "Release"],
        ["s1", f"{BASE}/v1/samples/s1?release=7", "CC-BY-4.0", 7],
    ]


def test_columns_are_wide_enough_for_numbers_and_not_endless_for_texts() -> None:
    page = opened(write([row(text="字" * 100, number=1), row(text="a")], "zh")).worksheets[0]
    late = opened(write([row()] * 100 + [row(kind="字" * 20)])).worksheets[0]

    def width(page: Any, field: str) -> int:
        letter = "ABCDEFGHIJK"[SAMPLES.field_names.index(field)]
        return int(page.column_dimensions[letter].width)

    assert (width(page, "text"), width(page, "number"), width(page, "id")) == (60, 18, 8)
    assert width(late, "id") == 8


@pytest.mark.parametrize(
    ("text", "fits"),
    [("a" * 32_767, True), ("a" * 32_768, False), ("\U0001f600" * 16_384, False)],
)
def test_a_text_is_never_cut(text: str, fits: bool) -> None:  # noqa: FBT001
    if fits:
        assert cell_of("text", text).value == text
    else:
        with pytest.raises(TooLongForCell):
            write([row(text=text)])


def test_equal_rows_are_equal_bytes_with_the_time_of_the_release(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rows = [row(id="s1", number=1), row(id="s2", text="=1")]
    first = write(rows)
    monkeypatch.setenv("TMPDIR", "/")

    assert write(rows) == first
    assert opened(first).properties.created == datetime(2026, 1, 2, 3, 4, 5)  # noqa: DTZ001
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert {one.date_time[:3] for one in archive.infolist()} == {(1980, 1, 31)}


MANY = (
    f"a workbook has at most 20 rows; the CSV has all of them: {BASE}/v1/observations.csv?release=1"
)


def assert_too_large(
    answer: httpx.Response, message: str, repaired: str, parameter: str | None = "limit"
) -> None:
    assert (answer.status_code, answer.json()["code"]) == (400, "too-large-for-format")
    assert answer.json()["errors"] == [
        {
            "parameter": parameter,
            "message": message,
            "allowed": None,
            "did_you_mean": None,
            "try": repaired,
        }
    ]


@pytest.mark.usefixtures("small_workbooks")
@pytest.mark.parametrize("query", ["", "&year=2023", "&dim=service_scope:cross_province"])
@pytest.mark.parametrize("page_limit", [10, 1000])
async def test_more_rows_than_a_workbook_has_are_refused_with_the_address_of_the_csv(
    api: httpx.AsyncClient, query: str, page_limit: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packing, "PAGE_LIMIT_MAX", page_limit)
    answer = await api.get(f"/v1/observations.xlsx?lang=en{query}")
    head = await api.head(f"/v1/observations.xlsx?lang=en{query}")

    if "dim" in query:
        assert (answer.status_code, head.status_code) == (200, 200)
        return
    repaired = f"{BASE}/v1/observations.xlsx?limit=20{query}&lang=en"
    assert_too_large(answer, MANY + query, repaired)
    assert head.status_code == 400
    assert (await api.get(repaired)).status_code == 200


@pytest.mark.usefixtures("small_workbooks")
async def test_as_many_rows_as_a_workbook_has_are_given(api: httpx.AsyncClient) -> None:
    most = await api.get("/v1/observations.xlsx?limit=20")
    more = await api.get("/v1/observations.xlsx?limit=21")
    cursor = most.links["next"]["url"]

    assert opened(most.content).worksheets[0].max_row == 21
    assert more.status_code == 400
    assert (await api.get(cursor)).status_code == 200


async def test_a_text_that_no_cell_holds_is_refused_with_the_address_of_the_csv(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(xlsx, "TEXT_MAX", 40)
    answer = await api.get("/v1/observations.xlsx?lang=en")

    csv = f"{BASE}/v1/observations.csv?release=1"
    assert_too_large(
        answer,
        f"a text is too long for a cell; the CSV has it whole: {csv}",
        csv,
        parameter=None,
    )
    assert (await api.get(csv)).status_code == 200


def test_the_limit_is_documented() -> None:
    assert XLSX.note is not None
    assert f"{XLSX.rows_max:,}" in XLSX.note.en
    assert str(XLSX.rows_max) in XLSX.note.zh

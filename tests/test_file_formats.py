"""Every format: the same values in the same order, for every query."""

import asyncio
import csv
import io
import json
import sys
import threading
import zipfile
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from conftest import BASE
from openpyxl import load_workbook
from pyarrow import BufferReader, parquet
from test_csv_files import (
    EXPORTS_MAX,
    WAIT_S,
    failing_midway,  # noqa: F401 -- a fixture
    places,
    read_csv,
    served,
    take_all_places,
    until,
)

from opendata_api.datasets import DATASETS, OBSERVATIONS
from opendata_api.describe import Dataset, Field, Type
from opendata_api.settings import Settings
from opendata_api.store import model, steps
from opendata_api.web import files, packing
from opendata_api.web.app import Application, create_app

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Rows = list[dict[str, Any]]

every_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
every_format = pytest.mark.parametrize("form", ["xlsx", "ndjson", "parquet", "zip"])
packed_formats = pytest.mark.parametrize("form", ["xlsx", "parquet", "zip"])


def from_json(text: str) -> Rows:
    """Rows whose numbers are exact."""
    rows: Rows = json.loads(text, parse_float=Decimal, parse_int=Decimal)["data"]
    return rows


def from_ndjson(body: bytes, _: Dataset) -> Rows:
    assert body == b"" or body.endswith(b"\n")
    lines = body.decode().split("\n")[:-1]
    return [json.loads(line, parse_float=Decimal, parse_int=Decimal) for line in lines]


def from_parquet(body: bytes, dataset: Dataset) -> Rows:
    table = parquet.read_table(BufferReader(body))
    return [
        {name: typed(dataset.field[name], value) for name, value in row.items()}
        for row in table.to_pylist()
    ]


def typed(field: Field, value: Any) -> Any:
    """A value of Arrow as JSON has it."""
    if field.type is Type.DIMENSIONS:
        return dict(value)
    if field.type is Type.FIGURES:
        return json.loads(value, parse_float=Decimal, parse_int=Decimal)
    if isinstance(value, date):
        return value.isoformat()
    return Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value


def from_zip(body: bytes, dataset: Dataset) -> Rows:
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        text = archive.read(f"{dataset.name}.csv").decode()
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    return [
        {name: from_cell(dataset.field[name], cell) for name, cell in row.items()} for row in rows
    ]


def from_cell(field: Field, cell: str) -> Any:
    """A cell of CSV as JSON has its value."""
    match field.type:
        case Type.LIST:
            return cell.split(";") if cell else []
        case Type.FIGURES:
            return json.loads(cell, parse_float=Decimal, parse_int=Decimal)
        case Type.DIMENSIONS:
            return dict(_pair(pair) for pair in cell.split(";")) if cell else {}
        case Type.BOOLEAN:
            return cell == "true"
        case Type.INTEGER | Type.DECIMAL:
            return Decimal(cell) if cell else None
    return cell or None


def _pair(text: str) -> tuple[str, str]:
    name, _, value = text.partition("=")
    return name, value


READERS: dict[str, Callable[[bytes, Dataset], Rows]] = {
    "ndjson": from_ndjson,
    "parquet": from_parquet,
    "zip": from_zip,
}


def read_sheet(body: bytes) -> list[list[Any]]:
    """The cells of the data; numbers exact, dates as ISO text, nothing as empty text."""
    page = load_workbook(io.BytesIO(body)).worksheets[0]
    return [[plain(value) for value in row] for row in page.iter_rows(values_only=True)]


def plain(value: Any) -> Any:
    match value:
        case None:
            return ""
        case datetime():
            return value.date().isoformat()
        case int() | float():
            return Decimal(repr(value))
    return value


def as_sheet(text: str, numbers: Sequence[int]) -> list[list[Any]]:
    """The lines of a CSV for spreadsheets, with numbers in the columns that hold them."""
    head, *lines = read_csv(text)
    rows = [
        [Decimal(cell) if place in numbers and cell else cell for place, cell in enumerate(line)]
        for line in lines
    ]
    return [head, *rows]


def number_places(dataset: Dataset) -> list[int]:
    """The places of the columns of numbers, the release with them."""
    kinds = [dataset.field[column.source("zh")].type for column in dataset.columns]
    numbers = (Type.DECIMAL, Type.INTEGER)
    return [*(place for place, kind in enumerate(kinds) if kind in numbers), len(kinds) + 2]


@pytest.fixture
def long_answers(without_files: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """Files of more than 10 rows are exports, in batches of 7."""
    monkeypatch.setattr(files, "PAGE_LIMIT_MAX", 10)
    monkeypatch.setattr(packing, "PAGE_LIMIT_MAX", 10)
    monkeypatch.setattr(steps, "BATCH_ROWS", 7)


@pytest.fixture
def app(published: Settings) -> Application:
    return create_app(published.model_copy(update={"exports_max": EXPORTS_MAX}), DATASETS)


@pytest.mark.untraced
@every_dataset
@pytest.mark.parametrize("form", READERS)
async def test_every_format_of_every_dataset_holds_the_values_of_json_in_its_order(
    api: httpx.AsyncClient, dataset: Dataset, form: str
) -> None:
    rows = from_json((await api.get(f"/v1/{dataset.name}?limit=1000")).text)
    answer = await api.get(f"/v1/{dataset.name}.{form}")

    read = READERS[form](answer.content, dataset)
    assert read == rows
    assert [list(row) for row in read] == [list(row) for row in rows]


@pytest.mark.untraced
@every_dataset
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_workbook_holds_the_cells_of_the_csv_for_spreadsheets(
    api: httpx.AsyncClient, dataset: Dataset, lang: str
) -> None:
    sheet = (await api.get(f"/v1/{dataset.name}.excel.csv?lang={lang}")).content
    answer = await api.get(f"/v1/{dataset.name}.xlsx?lang={lang}")

    assert read_sheet(answer.content) == as_sheet(sheet.decode("utf-8-sig"), number_places(dataset))


@pytest.mark.parametrize("form", ["csv", "excel.csv", "xlsx", "ndjson", "parquet", "zip"])
async def test_printed_figures_survive_exactly_in_every_format(
    api: httpx.AsyncClient, form: str
) -> None:
    body = (await api.get(f"/v1/observations.{form}")).content
    match form:
        case "csv" | "excel.csv":
            head, *lines = read_csv(body.decode("utf-8-sig"))
            place = head.index("value" if form == "csv" else "数值")
            values = {Decimal(line[place]) for line in lines if line[place]}
        case "xlsx":
            head, *rows = read_sheet(body)
            values = {row[head.index("数值")] for row in rows}
        case _:
            values = {row["value"] for row in READERS[form](body, OBSERVATIONS)}

    expected = {Decimal(one) for one in ("2307000000", "318900", "-4.8", "-94.1")}
    assert expected <= values


@every_format
async def test_every_format_takes_the_same_query(api: httpx.AsyncClient, form: str) -> None:
    query = "topic=legal_aid&value__gte=17&sort=-value&fields=value,id,year&release=1"
    rows = from_json((await api.get(f"/v1/observations?{query}")).text)
    answer = await api.get(f"/v1/observations.{form}?{query}")

    assert len(rows) > 3
    if form == "xlsx":
        assert read_sheet(answer.content) == [
            ["数值", "编号", "年份", "永久链接", "许可", "版本"],
            *(
                [
                    row["value"],
                    row["id"],
                    row["year"],
                    f"{BASE}/v1/observations/{row['id']}?release=1",
                    "CC-BY-4.0",
                    Decimal(1),
                ]
                for row in rows
            ),
        ]
    else:
        assert READERS[form](answer.content, OBSERVATIONS) == rows


@every_format
async def test_every_format_pages_by_limit_and_cursor(api: httpx.AsyncClient, form: str) -> None:
    first = await api.get(f"/v1/areas.{form}?limit=2")
    rest = await api.get(first.links["next"]["url"])
    back = await api.get(rest.links["prev"]["url"])

    assert f"/v1/areas.{form}?" in first.links["next"]["url"]
    assert counted(form, first.content) == 2
    assert counted(form, rest.content) == 1
    assert counted(form, back.content) == 2
    assert "next" not in rest.links


def counted(form: str, body: bytes) -> int:
    areas = next(dataset for dataset in DATASETS if dataset.name == "areas")
    return len(read_sheet(body)) - 1 if form == "xlsx" else len(READERS[form](body, areas))


@every_format
async def test_an_empty_result_is_an_empty_table(api: httpx.AsyncClient, form: str) -> None:
    answer = await api.get(f"/v1/observations.{form}?year=1990")

    assert answer.status_code == 200
    if form == "xlsx":
        assert len(read_sheet(answer.content)) == 1
    else:
        assert READERS[form](answer.content, OBSERVATIONS) == []


@pytest.mark.untraced
@every_dataset
@every_format
async def test_one_record_as_a_file_is_the_row_of_the_list(
    api: httpx.AsyncClient, dataset: Dataset, form: str
) -> None:
    record_id = dataset.field["id"].about.example
    listed = await api.get(f"/v1/{dataset.name}.{form}?id={record_id}")
    alone = await api.get(f"/v1/{dataset.name}/{record_id}.{form}")

    assert alone.status_code == 200
    if form == "xlsx":
        assert read_sheet(alone.content) == read_sheet(listed.content)
    else:
        read = READERS[form]
        assert read(alone.content, dataset) == read(listed.content, dataset)


@every_format
async def test_one_record_shows_the_fields_asked(api: httpx.AsyncClient, form: str) -> None:
    answer = await api.get(f"/v1/areas/450203.{form}?fields=name_en,id")

    if form == "xlsx":
        assert read_sheet(answer.content)[1][:2] == ["Yufeng District", "450203"]
    else:
        areas = next(dataset for dataset in DATASETS if dataset.name == "areas")
        assert READERS[form](answer.content, areas) == [
            {"name_en": "Yufeng District", "id": "450203"}
        ]


@pytest.mark.untraced
@every_format
@pytest.mark.usefixtures("long_answers")
async def test_equal_data_are_equal_bytes_however_they_are_read(
    api: httpx.AsyncClient, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/v1/observations.{form}?sort=-id"
    long = await api.get(address)
    monkeypatch.setattr(files, "PAGE_LIMIT_MAX", 1000)
    monkeypatch.setattr(packing, "PAGE_LIMIT_MAX", 1000)
    short = await api.get(address)
    monkeypatch.setattr(model, "ENCODING", 0)
    encoded = await api.get(address)

    def kept(answer: httpx.Response) -> dict[str, str]:
        changing = ("content-length", "x-request-id")
        return {name: value for name, value in answer.headers.items() if name not in changing}

    assert long.content == short.content == encoded.content
    assert kept(long) == kept(short)


@pytest.mark.parametrize(
    ("form", "media_type", "named"),
    [
        ("xlsx", XLSX_TYPE, "地区-第1版.xlsx"),
        ("ndjson", "application/x-ndjson", "地区-第1版.ndjson"),
        ("parquet", "application/vnd.apache.parquet", "地区-第1版.parquet"),
        ("zip", "application/zip", "地区-第1版.zip"),
    ],
)
async def test_a_format_has_its_media_type_name_and_links_and_is_negotiated(
    api: httpx.AsyncClient, form: str, media_type: str, named: str
) -> None:
    suffixed = await api.get(f"/v1/areas.{form}", headers={"accept": "application/json"})
    accepted = await api.get("/v1/areas", headers={"accept": f"{media_type}, text/csv;q=0.5"})
    record = await api.get("/v1/areas/450203", headers={"accept": media_type})

    disposition, _, encoded = suffixed.headers["content-disposition"].partition("*=UTF-8''")
    assert suffixed.headers["content-type"] == accepted.headers["content-type"] == media_type
    assert accepted.content == suffixed.content
    assert accepted.headers["vary"].split(", ")[0] == "Accept"
    assert record.headers["content-type"] == media_type
    assert disposition == f'attachment; filename="areas-release-1.{form}"; filename'
    assert str(httpx.QueryParams(f"n={encoded}")["n"]) == named
    cited = f"{BASE}/v1/areas.{form}?release=1"
    assert suffixed.headers["link"] == (
        f'<{BASE}/v1/areas.{form}>; rel="self", '
        f'<{cited}>; rel="cite-as", '
        f'<{BASE}/v1/cite?url={quote(cited, ":")}>; rel="related"; type="application/json", '
        f'<{BASE}/v1/datasets/areas>; rel="describedby", '
        f'<{BASE}/v1/areas.{form}?release=1>; rel="bookmark", '
        '<https://creativecommons.org/licenses/by/4.0/>; rel="license"'
    )


async def test_a_record_is_saved_under_its_id(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/areas/450203.xlsx?lang=en")

    assert answer.headers["content-disposition"] == (
        'attachment; filename="areas-450203-release-1.xlsx"; '
        "filename*=UTF-8''Areas-450203-release-1.xlsx"
    )


@every_format
async def test_tracking_parameters_lead_to_the_clean_address(
    api: httpx.AsyncClient, form: str
) -> None:
    answer = await api.get(f"/v1/areas.{form}?utm_source=weibo")

    assert (answer.status_code, answer.headers["location"]) == (308, f"{BASE}/v1/areas.{form}")


@packed_formats
async def test_a_file_made_whole_says_how_long_it_is(api: httpx.AsyncClient, form: str) -> None:
    answer = await api.get(f"/v1/observations.{form}")

    assert answer.headers["content-length"] == str(len(answer.content))


@packed_formats
async def test_a_file_too_large_for_memory_has_the_same_bytes(
    api: httpx.AsyncClient, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_memory = await api.get(f"/v1/observations.{form}")
    monkeypatch.setattr(packing, "MEMORY_BYTES", 1)
    monkeypatch.setattr(packing, "BLOCK_BYTES", 1000)
    on_disk = await api.get(f"/v1/observations.{form}")

    assert on_disk.content == in_memory.content


@every_format
@pytest.mark.usefixtures("long_answers")
async def test_the_head_of_a_file_is_as_its_answer_and_keeps_no_place(
    app: Application, form: str
) -> None:
    async with served(app) as client:
        whole = await client.get(f"/v1/observations.{form}")
        heads = [await client.head(f"/v1/observations.{form}") for _ in range(EXPORTS_MAX + 1)]

    assert {head.status_code for head in heads} == {200}
    for name in ("etag", "link", "content-type", "content-disposition", "last-modified"):
        assert heads[-1].headers[name] == whole.headers[name]
    assert "content-length" not in heads[-1].headers
    assert places(app) == EXPORTS_MAX


@packed_formats
@pytest.mark.usefixtures("without_files")
async def test_a_file_made_whole_waits_for_a_place_however_short_it_is(
    app: Application, form: str
) -> None:
    async with served(app) as client:
        await take_all_places(app)
        refused = await client.get(f"/v1/areas.{form}")
        app.site.exports.release()
        granted = await client.get(f"/v1/areas.{form}")

    assert (refused.status_code, refused.json()["code"]) == (503, "too-many-exports")
    assert refused.headers["retry-after"] == "10"
    assert granted.status_code == 200


@packed_formats
@pytest.mark.usefixtures("long_answers", "failing_midway")
async def test_a_failure_midway_in_a_file_made_whole_is_a_problem_and_frees_the_place(
    app: Application, form: str
) -> None:
    async with served(app) as client:
        answers = [await client.get(f"/v1/observations.{form}") for _ in range(EXPORTS_MAX + 1)]

    assert [answer.status_code for answer in answers] == [503] * (EXPORTS_MAX + 1)
    assert {answer.json()["code"] for answer in answers} == {"database-unavailable"}
    assert places(app) == EXPORTS_MAX


@pytest.mark.usefixtures("long_answers", "failing_midway")
async def test_a_failure_midway_in_ndjson_breaks_the_connection(app: Application) -> None:
    async with served(app) as client:
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
            await client.get("/v1/observations.ndjson")

    assert places(app) == EXPORTS_MAX


@pytest.mark.usefixtures("long_answers", "stuck")
@every_format
async def test_a_failure_before_the_first_row_is_a_problem(app: Application, form: str) -> None:
    async with served(app) as client:
        answers = [await client.get(f"/v1/observations.{form}") for _ in range(EXPORTS_MAX + 1)]

    assert {answer.status_code for answer in answers} == {503}
    assert {answer.json()["code"] for answer in answers} == {"statement-timeout"}
    assert places(app) == EXPORTS_MAX


async def test_a_service_that_stops_waits_for_the_step_that_is_being_written() -> None:
    begun, go_on = threading.Event(), threading.Event()
    ended = []

    def step() -> None:
        begun.set()
        go_on.wait(WAIT_S)
        ended.append("step")

    with ThreadPoolExecutor(1) as threads:
        task = asyncio.create_task(packing.run_apart(threads, step))
        await until(begun.is_set)
        task.cancel()
        await asyncio.sleep(0)
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await task

    assert ended == ["step"]


@pytest.fixture
async def bare(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[httpx.AsyncClient, None]:
    """A client of an installation without the libraries of single formats."""
    for name in ("pyarrow", "xlsxwriter"):
        monkeypatch.setitem(sys.modules, name, None)
    app = create_app(published, DATASETS)
    await app.site.store.open()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
        yield client
    await app.site.store.close()


@pytest.mark.parametrize(
    ("form", "needs", "media_type"),
    [
        ("xlsx", "xlsxwriter", XLSX_TYPE),
        ("parquet", "pyarrow", "application/vnd.apache.parquet"),
    ],
)
async def test_without_its_library_a_format_is_refused_and_the_others_named(
    bare: httpx.AsyncClient, form: str, needs: str, media_type: str
) -> None:
    suffixed = await bare.get(f"/v1/areas.{form}?lang=en")
    record = await bare.get(f"/v1/areas/450203.{form}?lang=en")
    accepted = await bare.get("/v1/areas?lang=en", headers={"accept": media_type})

    expected = {
        "parameter": None,
        "message": f"this installation is without {needs}, so that it has no .{form}; "
        "it has .json, .csv, .excel.csv, .ndjson, .zip",
        "allowed": ["application/json", "text/csv", "application/x-ndjson", "application/zip"],
        "did_you_mean": None,
        "try": None,
    }
    for answer in (suffixed, record, accepted):
        assert (answer.status_code, answer.json()["code"]) == (406, "not-acceptable")
        assert answer.json()["errors"] == [expected]


async def test_without_a_library_the_next_best_format_is_given(bare: httpx.AsyncClient) -> None:
    accept = {"accept": "application/vnd.apache.parquet, text/csv;q=0.5"}
    answer = await bare.get("/v1/areas", headers=accept)
    refused = await bare.get("/v1/areas", headers={"accept": "image/png"})

    assert answer.headers["content-type"].startswith("text/csv")
    assert refused.json()["errors"][0]["message"] == "可用的格式见 allowed"
    assert XLSX_TYPE not in refused.json()["errors"][0]["allowed"]


async def test_without_a_library_its_format_is_not_linked(
    bare: httpx.AsyncClient, api: httpx.AsyncClient
) -> None:
    page = (await bare.get("/v1/areas")).json()["links"]
    record = (await bare.get("/v1/areas/450203")).json()["links"]
    downloads = (await bare.get("/v1/datasets/areas")).json()["data"]["downloads"]
    home = await bare.get("/")

    assert (page["xlsx"], page["parquet"]) == (record["xlsx"], record["parquet"]) == (None, None)
    assert page["zip"] == f"{BASE}/v1/areas.zip?release=1"
    assert [one["format"] for one in downloads] == ["json", "csv", "excel", "ndjson", "zip"]
    assert ".xlsx" not in home.text
    assert (await bare.get("/v1/areas")).headers["etag"] != (await api.get("/v1/areas")).headers[
        "etag"
    ]

"""Files: CSV for programs, CSV for spreadsheets, long ones as streams."""

import asyncio
import csv
import io
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from urllib.parse import quote

import httpx
import pytest
import uvicorn
from conftest import BASE
from test_formats import Printed, read_cell

from opendata_api.datasets import DATASETS, OBSERVATIONS, PASSAGES, REPORTS
from opendata_api.describe import Dataset
from opendata_api.errors import DatabaseUnavailable
from opendata_api.query import Query, parse_query
from opendata_api.settings import Settings
from opendata_api.store import model, steps
from opendata_api.store.model import Store
from opendata_api.values import Row
from opendata_api.web import files
from opendata_api.web.app import Application, create_app

LAST_COLUMNS = {"zh": ["永久链接", "许可", "版本"], "en": ["Permanent link", "Licence", "Release"]}
EXPORTS_MAX = 2
WAIT_S = 5.0

every_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
every_language = pytest.mark.parametrize("lang", ["zh", "en"])


def read_csv(text: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(text, newline=""), strict=True))


@pytest.fixture
def long_answers(without_files: None, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: ARG001
    """Files of more than 10 rows are streams, in batches of 7."""
    monkeypatch.setattr(files, "PAGE_LIMIT_MAX", 10)
    monkeypatch.setattr(steps, "BATCH_ROWS", 7)


@asynccontextmanager
async def served(app: Application) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application on a real socket."""
    config = uvicorn.Config(app, port=0, http="httptools", log_config=None, access_log=False)
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    port = server.servers[0].sockets[0].getsockname()[1]
    base = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(base_url=base, trust_env=False) as client:
            yield client
    finally:
        server.should_exit = True
        await task


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what no event tells."""
    async with asyncio.timeout(WAIT_S):
        while not holds():
            await asyncio.sleep(0.01)


def places(app: Application) -> int:
    """How many further exports the application would take."""
    return app.site.exports._value  # noqa: SLF001


async def take_all_places(app: Application) -> None:
    while not app.site.exports.locked():
        await app.site.exports.acquire()


async def collect(client: httpx.AsyncClient, address: str, received: bytearray) -> None:
    """Read an answer into the buffer, which keeps what came before a failure."""
    async with client.stream("GET", address) as answer:
        assert answer.status_code == 200
        async for block in answer.aiter_bytes():
            received += block


@pytest.fixture
def app(published: Settings) -> Application:
    return create_app(published.model_copy(update={"exports_max": EXPORTS_MAX}), DATASETS)


@every_dataset
async def test_csv_read_back_equals_json(api: httpx.AsyncClient, dataset: Dataset) -> None:
    as_json = await api.get(f"/v1/{dataset.name}?limit=1000")
    answer = await api.get(f"/v1/{dataset.name}.csv")

    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    head, *lines = read_csv(answer.text)
    rows = json.loads(as_json.text, parse_float=Printed, parse_int=Printed)["data"]
    assert head == list(dataset.field_names)
    assert [
        [read_cell(*pair) for pair in zip(dataset.fields, line, strict=True)] for line in lines
    ] == [list(row.values()) for row in rows]


@every_dataset
async def test_a_csv_has_no_byte_order_mark_and_ends_lines_with_cr_lf(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    answer = await api.get(f"/v1/{dataset.name}.csv")

    assert answer.content.startswith(",".join(dataset.field_names).encode() + b"\r\n")
    assert answer.content.endswith(b"\r\n")
    assert answer.content.count(b"\n") == answer.content.count(b"\r\n")


async def test_figures_are_exact_in_csv(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/observations.csv?fields=value,printed_value,printed_unit")
    lines = answer.text.splitlines()

    assert {"2307000000,23.07,亿元", "318900,31.89,万元"} <= set(lines)
    assert {"-4.8", "-94.1"} <= {line.partition(",")[0] for line in lines}


async def test_an_empty_result_still_has_a_csv_header(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/observations.csv?year=1990")

    assert answer.text.splitlines() == [",".join(OBSERVATIONS.field_names)]


async def test_an_accept_header_gives_the_csv_too(api: httpx.AsyncClient) -> None:
    accepted = await api.get("/v1/areas", headers={"accept": "text/csv"})
    suffixed = await api.get("/v1/areas.csv", headers={"accept": "application/json"})

    assert accepted.content == suffixed.content
    assert accepted.headers["vary"] == "Accept, Accept-Encoding"
    assert suffixed.headers["vary"] == "Accept-Encoding"
    assert f'<{BASE}/v1/areas.csv>; rel="self"' in accepted.headers["link"]


async def test_a_file_has_all_rows_unless_a_limit_is_given(api: httpx.AsyncClient) -> None:
    whole = await api.get("/v1/passages.csv")
    first = await api.get("/v1/passages.csv?limit=100")
    rest = await api.get(first.links["next"]["url"])
    back = await api.get(rest.links["prev"]["url"])

    head, *lines = whole.text.splitlines()
    assert first.text.splitlines() == [head, *lines[:100]]
    assert rest.text.splitlines() == [head, *lines[100:]]
    assert back.content == first.content
    assert "next" not in whole.links
    assert "next" not in rest.links


async def test_a_file_can_be_asked_for_more_rows_than_a_page(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/areas.csv?limit=2147483647")
    beyond = await api.get("/v1/areas.csv?limit=2147483648")

    assert len(answer.text.splitlines()) == 4
    assert beyond.json()["errors"][0]["try"] == f"{BASE}/v1/areas.csv?limit=2147483647"


async def test_a_file_links_to_itself_and_to_what_stays(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/observations.excel.csv?lang=en&year=2023&limit=200")

    cited = f"{BASE}/v1/observations.excel.csv?lang=en&release=1&year=2023"
    assert answer.headers["link"] == (
        f'<{BASE}/v1/observations.excel.csv?lang=en&limit=200&year=2023>; rel="self", '
        f'<{cited}>; rel="cite-as", '
        f'<{BASE}/v1/cite?url={quote(cited, ":")}>; rel="related"; type="application/json", '
        f'<{BASE}/v1/datasets/observations>; rel="describedby", '
        f"<{BASE}/v1/observations.excel.csv?lang=en&limit=200&release=1&year=2023>; "
        'rel="bookmark", <https://creativecommons.org/licenses/by/4.0/>; rel="license"'
    )


@pytest.mark.parametrize("form", ["csv", "excel.csv"])
@pytest.mark.parametrize("query", ["", "?limit=3", "?fields=id&sort=-id&limit=3"])
async def test_what_stays_of_a_file_has_its_very_bytes(
    api: httpx.AsyncClient, form: str, query: str
) -> None:
    answer = await api.get(f"/v1/observations.{form}{query}")
    stays = await api.get(answer.links["bookmark"]["url"])

    assert "release=1" in answer.links["bookmark"]["url"]
    assert stays.content == answer.content


@pytest.mark.parametrize("step", ["next", "prev"])
async def test_a_file_at_a_cursor_names_nothing_that_stays(
    api: httpx.AsyncClient, step: str
) -> None:
    second = await api.get((await api.get("/v1/observations.csv?limit=3")).links["next"]["url"])
    answer = await api.get(second.links[step]["url"])

    assert "bookmark" not in answer.links


@pytest.mark.parametrize(
    ("path", "plain", "named"),
    [
        ("/v1/areas.csv", "areas-release-1.csv", "地区-第1版.csv"),
        ("/v1/areas.csv?lang=en", "areas-release-1.csv", "地区-第1版.csv"),
        ("/v1/areas/450203.csv", "areas-450203-release-1.csv", "地区-450203-第1版.csv"),
        ("/v1/areas.excel.csv", "areas-release-1.excel.csv", "地区-第1版.excel.csv"),
        ("/v1/areas.excel.csv?lang=en", "areas-release-1.excel.csv", "Areas-release-1.excel.csv"),
    ],
)
async def test_a_file_is_saved_under_a_readable_name(
    api: httpx.AsyncClient, path: str, plain: str, named: str
) -> None:
    disposition = (await api.get(path)).headers["content-disposition"]

    start, _, encoded = disposition.partition("; filename*=UTF-8''")
    assert start == f'attachment; filename="{plain}"'
    assert encoded.isascii()
    assert str(httpx.QueryParams(f"n={encoded}")["n"]) == named


@every_dataset
@every_language
async def test_a_sheet_has_the_columns_of_its_dataset_and_where_each_row_comes_from(
    api: httpx.AsyncClient, dataset: Dataset, lang: str
) -> None:
    rows = (await api.get(f"/v1/{dataset.name}?limit=1000")).json()["data"]
    answer = await api.get(f"/v1/{dataset.name}.excel.csv?lang={lang}")

    titles = [column.title.zh if lang == "zh" else column.title.en for column in dataset.columns]
    head, *lines = read_csv(answer.content.decode("utf-8-sig"))
    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert head == [*titles, *LAST_COLUMNS[lang]]
    licence = "" if dataset is PASSAGES else "CC-BY-4.0"
    assert [line[-3:] for line in lines] == [
        [f"{BASE}/v1/{dataset.name}/{row['id']}?release=1", licence, "1"] for row in rows
    ]
    assert {len(line) for line in lines} == {len(head)}


async def test_a_sheet_of_figures_begins_with_what_people_look_for(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/observations.excel.csv")

    head, *lines = read_csv(answer.content.decode("utf-8-sig"))
    assert head[:7] == ["指标", "数值", "单位", "原文印数", "年份", "地区", "原文句子"]
    assert not [title for title in head if "起点" in title or "终点" in title]
    assert {line[5] for line in lines} == {"鱼峰区"}
    assert "超过" in {line[head.index("限定")] for line in lines}
    assert "通办范围=跨省通办" in "".join(line[head.index("维度")] for line in lines)
    assert {"2307000000", "-94.1"} <= {line[1] for line in lines}


async def test_a_sheet_of_metrics_tells_its_latest_figures_apart(api: httpx.AsyncClient) -> None:
    async def latest(lang: str) -> dict[str, list[str]]:
        answer = await api.get(f"/v1/metrics.excel.csv?fields=id,latest&lang={lang}")
        _, *lines = read_csv(answer.content.decode("utf-8-sig"))
        return {line[0]: line[1].split("; ") for line in lines}

    chinese, english = await latest("zh"), await latest("en")

    assert chinese["disputes_resolved"] == ["2023年 鱼峰区 2189件"]
    assert chinese["cross_area_cases_handled"] == [
        "2023年 鱼峰区 全市通办、合计 1458件",
        "2023年 鱼峰区 全市通办、本级 831件",
        "2023年 鱼峰区 全区通办（自治区） 45件",
        "2023年 鱼峰区 跨省通办 62件",
    ]
    assert english["cross_area_cases_handled"][0] == ("2023 Yufeng District citywide, total 1458件")
    for figures in (*chinese.values(), *english.values()):
        assert len(set(figures)) == len(figures)


@pytest.mark.parametrize(
    ("lang", "head", "title"),
    [
        ("zh", "报告", "鱼峰区人民政府关于2023年法治政府建设工作情况的报告"),
        (
            "en",
            "Report",
            REPORTS.field["title_en"].about.example,
        ),
    ],
)
async def test_a_sheet_names_a_report_by_its_title(
    api: httpx.AsyncClient, lang: str, head: str, title: str
) -> None:
    for dataset in ("commitments", "documents", "passages"):
        answer = await api.get(f"/v1/{dataset}.excel.csv?lang={lang}")
        header, *lines = read_csv(answer.content.decode("utf-8-sig"))
        assert {line[header.index(head)] for line in lines} == {title}


async def test_a_sheet_names_a_document_by_its_title(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/reports.excel.csv?fields=document_id")

    _, row = read_csv(answer.content.decode("utf-8-sig"))
    assert row[0] == "鱼峰区人民政府关于2023年法治政府建设工作情况的报告"


async def test_a_sheet_shows_one_record_whole(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/areas/450203.excel.csv?lang=en")

    assert answer.content.decode() == (
        "\ufeffArea,Level,Parent,Valid from,Valid to,ID,Permanent link,Licence,Release\r\n"
        "Yufeng District,county,Liuzhou City,,,450203,"
        f"{BASE}/v1/areas/450203?release=1,CC-BY-4.0,1\r\n"
    )


async def test_a_sheet_shows_the_columns_of_the_fields_asked(api: httpx.AsyncClient) -> None:
    listed = await api.get("/v1/areas.excel.csv?fields=id,name_zh&id=450203")
    alone = await api.get("/v1/areas/450203.excel.csv?fields=id,name_zh")

    link = f"{BASE}/v1/areas/450203?release=1"
    assert read_csv(listed.content.decode("utf-8-sig")) == [
        ["编号", "地区", "永久链接", "许可", "版本"],
        ["450203", "鱼峰区", link, "CC-BY-4.0", "1"],
    ]
    assert alone.content == listed.content


@pytest.mark.parametrize(
    ("lang", "titles", "names"),
    [
        ("zh", ["英文名称", "地区"], ["Yufeng District", "鱼峰区"]),
        ("en", ["Area", "Name in Chinese"], ["Yufeng District", "鱼峰区"]),
    ],
)
async def test_a_name_in_the_other_language_is_shown_where_it_is_asked_for(
    api: httpx.AsyncClient, lang: str, titles: list[str], names: list[str]
) -> None:
    address = f"/v1/areas/450203.excel.csv?fields=name_en,name_zh&lang={lang}"
    header, row = read_csv((await api.get(address)).content.decode("utf-8-sig"))

    assert (header[:2], row[:2]) == (titles, names)


async def test_a_sheet_shows_what_is_asked_though_it_has_no_column_for_it(
    api: httpx.AsyncClient,
) -> None:
    answer = await api.get(
        "/v1/observations.excel.csv?fields=quote_start,metric,metric_zh&id=cn450203-2023-rol-o083"
    )

    header, row = read_csv(answer.content.decode("utf-8-sig"))
    assert header[:2] == ["引文起点", "指标"]
    assert row[:2] == ["2835", "受理并指派法律援助件数"]


async def test_the_language_of_a_sheet_may_come_from_the_browser(api: httpx.AsyncClient) -> None:
    browser = await api.get("/v1/areas.excel.csv", headers={"accept-language": "en-GB,zh;q=0.5"})
    asked = await api.get("/v1/areas.excel.csv?lang=en", headers={"accept-language": "zh"})

    assert browser.content == asked.content
    assert browser.headers["vary"] == "Accept-Language, Accept-Encoding"
    assert asked.headers["vary"] == "Accept-Encoding"


async def test_a_record_as_csv_is_the_line_of_the_list(api: httpx.AsyncClient) -> None:
    listed = await api.get("/v1/observations.csv?id=cn450203-2023-rol-o083")
    alone = await api.get("/v1/observations/cn450203-2023-rol-o083.csv")
    some = await api.get("/v1/observations/cn450203-2023-rol-o083.csv?fields=value,id")
    accepted = await api.get(
        "/v1/observations/cn450203-2023-rol-o083", headers={"accept": "text/csv"}
    )

    assert alone.content == listed.content == accepted.content
    assert some.content == b"value,id\r\n206,cn450203-2023-rol-o083\r\n"


@pytest.mark.parametrize("form", ["csv", "excel.csv"])
@pytest.mark.parametrize(
    ("given", "clean"),
    [
        ("utm_source=weibo", ""),
        ("from=timeline&isappinstalled=0", ""),
        ("id=450203&utm_campaign=x&sort=-id&fbclid=y", "?id=450203&sort=-id"),
        ("nosuch=1&spm=a.b", "?nosuch=1"),
    ],
)
async def test_tracking_parameters_on_files_lead_to_the_clean_address(
    api: httpx.AsyncClient, form: str, given: str, clean: str
) -> None:
    answer = await api.get(f"/v1/areas.{form}?{given}")

    assert answer.status_code == 308
    assert answer.headers["location"] == f"{BASE}/v1/areas.{form}{clean}"
    assert answer.content == b""


async def test_tracking_parameters_elsewhere_are_unknown_parameters(
    api: httpx.AsyncClient,
) -> None:
    as_json = await api.get("/v1/areas?utm_source=weibo")
    as_csv = await api.get("/v1/areas?utm_source=weibo", headers={"accept": "text/csv"})

    assert as_json.json()["code"] == "unknown-parameter"
    assert as_csv.status_code == 308
    assert as_csv.headers["location"] == f"{BASE}/v1/areas"


@every_dataset
@pytest.mark.parametrize("form", ["csv", "excel.csv"])
async def test_a_stream_has_the_bytes_and_headers_of_a_short_answer(
    api: httpx.AsyncClient, dataset: Dataset, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"/v1/{dataset.name}.{form}?sort=-id"
    short = await api.get(address)
    monkeypatch.setattr(files, "PAGE_LIMIT_MAX", 0)
    monkeypatch.setattr(steps, "BATCH_ROWS", 7)
    stream = await api.get(address)

    def kept(answer: httpx.Response) -> dict[str, str]:
        changing = ("content-length", "x-request-id")
        return {name: value for name, value in answer.headers.items() if name not in changing}

    assert stream.content == short.content
    assert kept(stream) == kept(short)
    assert "content-length" not in stream.headers


async def test_an_export_begins_with_few_rows(
    app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(steps, "FIRST_ROWS", 10)
    monkeypatch.setattr(steps, "BATCH_ROWS", 35)
    store = app.site.store
    await store.open()
    count = store.published.count_of(OBSERVATIONS, 1)
    sizes = [len(batch) async for batch in store.export(parse_query(OBSERVATIONS, ()), 1, "csv")]
    await store.close()

    assert sizes[:-1] == [10, 20, *[35] * (len(sizes) - 3)]
    assert sum(sizes) == count


@pytest.mark.parametrize("query", ["", "?fields=id,value", "?sort=value"])
async def test_rows_of_another_encoding_are_encoded_again(
    api: httpx.AsyncClient, query: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    joined = [await api.get(f"/v1/observations{form}{query}") for form in ("", ".csv")]
    monkeypatch.setattr(model, "ENCODING", 0)
    encoded = [await api.get(f"/v1/observations{form}{query}") for form in ("", ".csv")]

    assert [one.content for one in encoded] == [one.content for one in joined]


@pytest.mark.usefixtures("long_answers")
async def test_a_stream_ends_at_its_limit(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/observations.csv?limit=50")
    short = await api.get("/v1/observations.csv?limit=5")

    assert len(answer.text.splitlines()) == 51
    assert len(short.text.splitlines()) == 6


@pytest.mark.usefixtures("long_answers")
async def test_a_stream_that_finds_nothing_has_its_header(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/observations.csv?year=1990")

    assert answer.text.splitlines() == [",".join(OBSERVATIONS.field_names)]


@pytest.mark.usefixtures("long_answers")
async def test_a_stream_begins_at_a_cursor_and_ends_before_one(api: httpx.AsyncClient) -> None:
    whole = (await api.get("/v1/observations.csv")).text.splitlines()
    pages = (await api.get("/v1/observations?limit=40")).json()["links"]
    second = (await api.get(pages["next"])).json()["links"]

    def cursor(address: str) -> str:
        return str(httpx.URL(address).params["cursor"])

    rest = await api.get(f"/v1/observations.csv?cursor={cursor(pages['next'])}")
    before = await api.get(f"/v1/observations.csv?cursor={cursor(second['prev'])}")

    assert rest.text.splitlines() == [whole[0], *whole[41:]]
    assert before.text.splitlines() == whole[:41]


@pytest.mark.usefixtures("long_answers")
async def test_the_head_of_a_stream_is_as_its_answer_and_keeps_no_place(
    app: Application,
) -> None:
    async with served(app) as client:
        whole = await client.get("/v1/observations.csv")
        heads = [await client.head("/v1/observations.csv") for _ in range(EXPORTS_MAX + 1)]
        await take_all_places(app)
        refused = await client.head("/v1/observations.csv")

    head = heads[-1]
    assert (head.status_code, refused.status_code) == (200, 503)
    assert head.content == b""
    for name in ("etag", "link", "content-type", "content-disposition", "last-modified"):
        assert head.headers[name] == whole.headers[name]


@pytest.mark.usefixtures("long_answers")
async def test_too_many_exports_at_once_are_refused_until_one_ends(app: Application) -> None:
    async with served(app) as client:
        await take_all_places(app)
        refused = await client.get("/v1/observations.csv")
        short = await client.get("/v1/areas.csv")
        app.site.exports.release()
        granted = await client.get("/v1/observations.csv")

    assert refused.status_code == 503
    assert refused.json()["code"] == "too-many-exports"
    assert refused.headers["retry-after"] == "10"
    assert refused.headers["cache-control"] == "no-store"
    assert short.status_code == granted.status_code == 200


@pytest.fixture
def failing_midway(app: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database goes away after the first batch of an export."""
    kind = type(app.site.store)
    whole = kind.export

    async def broken(
        store: Store, query: Query, release: int, shape: str | None
    ) -> AsyncGenerator[Sequence[Row], None]:
        async for batch in whole(store, query, release, shape):
            yield batch
            raise DatabaseUnavailable

    monkeypatch.setattr(kind, "export", broken)


@pytest.mark.usefixtures("long_answers", "failing_midway")
async def test_a_failure_midway_breaks_the_connection_and_frees_the_place(
    app: Application,
) -> None:
    received = bytearray()
    async with served(app) as client:
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete"):
            await collect(client, "/v1/observations.csv", received)

    assert received.count(b"\r\n") == 1 + 7
    assert places(app) == EXPORTS_MAX


@pytest.mark.usefixtures("long_answers", "stuck")
async def test_a_failure_before_the_first_row_is_a_problem_and_frees_the_place(
    app: Application,
) -> None:
    async with served(app) as client:
        answers = [await client.get("/v1/observations.csv") for _ in range(EXPORTS_MAX + 1)]

    assert [answer.status_code for answer in answers] == [503] * 3
    assert {answer.json()["code"] for answer in answers} == {"statement-timeout"}
    assert places(app) == EXPORTS_MAX


@pytest.mark.usefixtures("long_answers")
async def test_a_caller_who_hangs_up_frees_the_place(
    app: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    kind = type(app.site.store)
    whole = kind.export

    async def endless(
        store: Store, query: Query, release: int, shape: str | None
    ) -> AsyncGenerator[Sequence[Row], None]:
        while True:
            async for batch in whole(store, query, release, shape):
                yield batch

    monkeypatch.setattr(kind, "export", endless)
    async with served(app) as client:
        async with client.stream("GET", "/v1/observations.csv") as answer:
            await anext(answer.aiter_raw())
            left = places(app)
        await until(lambda: places(app) == EXPORTS_MAX)

    assert left == EXPORTS_MAX - 1

"""Citations: of any list, record or groups, by the styles' own forms; the address stays."""

import asyncio
import csv
import io
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from conftest import BASE, PUBLISHED_AT
from editions import O083, changed, explained

from opendata_api.catalog.citations import Source, Work, apa, bibtex, csl_json, gb_t_7714
from opendata_api.datasets import DATASETS, OBSERVATIONS, REPORTS
from opendata_api.describe import Dataset
from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store.model import Edition
from opendata_api.store.place import write_release
from opendata_api.web.app import create_app
from opendata_api.words import Text

every_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)

REPORT = "cn450203-2023-rol"
SOURCE_URL = "http://www.yfq.gov.cn/zwgk/fdzdgknr/fzzfjs/fzzfjsqkbg/t19700101_3440437.shtml"
TITLE_ZH = "鱼峰区人民政府关于2023年法治政府建设工作情况的报告"
TITLE_EN = (
    "Report of the People's Government of Yufeng District on building a law-based "
    "government in 2023"
)
NOTE_EN = (
    "The date of access is the date of the release, so that equal data has equal citations; "
    "what the permanent address answers does not change."
)
CSL_VARIABLES = {
    *("id", "type", "title", "author", "publisher", "version", "issued", "accessed", "URL"),
    *("language", "note", "original-author", "original-title", "original-date"),
    "original-publisher",
}
"""Those of csl-data.json 1.0.2 that are used; it takes no others."""

WORK = Work(
    key="areas-1",
    author=Text("某项目", "A Project"),
    title=Text("50%的{地区}_#1", "Areas & 50% of \\them~ in ${x}^2"),
    release=3,
    released_on=date(2026, 5, 9),
    url="https://data.example.org/v1/areas?release=3&level=a_b%25",
    licence="CC-BY-4.0",
)


async def cite(api: httpx.AsyncClient, address: str) -> dict[str, Any]:
    answer = await api.get("/v1/cite", params={"url": address})
    assert answer.status_code == 200, (address, answer.text)
    body: dict[str, Any] = answer.json()
    return body


async def refused(api: httpx.AsyncClient, address: str, lang: str = "en") -> dict[str, Any]:
    answer = await api.get("/v1/cite", params={"url": address, "lang": lang})
    document: dict[str, Any] = answer.json()
    assert (answer.status_code, document["code"]) == (400, "invalid-value"), address
    for fault in document["errors"]:
        assert fault["parameter"] == "url"
        assert (await api.get(fault["try"])).status_code == 200, fault["try"]
    return document


async def rows_of(api: httpx.AsyncClient, address: str) -> object:
    answer = await api.get(address)
    assert answer.status_code == 200, address
    if ".csv" not in address:
        return answer.json()["data"]
    return list(csv.reader(io.StringIO(answer.text)))


async def test_a_query_is_cited_as_a_dataset_of_this_project(api: httpx.AsyncClient) -> None:
    body = await cite(api, "/v1/areas?level=county")

    url = f"{BASE}/v1/areas?level=county&release=1"
    dates = "(2026-01-02)[2026-01-02]"
    key = body["data"]["formats"]["csl_json"]["id"]
    assert key.startswith("areas-")
    assert key.endswith("-release-1")
    assert body == {
        "data": {
            "url": url,
            "release": 1,
            "formats": {
                "gb_t_7714": f"政府报告开放数据. 地区: 第1版[DS/OL]. {dates}. {url}.",
                "apa": "Open Data from Government Reports. (2026). Areas (Release 1) "
                f"[Data set]. {url}",
                "bibtex": f"@misc{{{key},\n"
                "  author = {{政府报告开放数据 (Open Data from Government Reports)}},\n"
                "  title = {{地区 (Areas)}},\n"
                "  howpublished = {数据集 (Data set)},\n"
                "  version = {1},\n"
                "  note = {第1版 (Release 1), CC-BY-4.0},\n"
                "  year = {2026},\n"
                "  month = jan,\n"
                f"  url = {{{url}}},\n"
                "  urldate = {2026-01-02},\n"
                "}",
                "csl_json": {
                    "id": key,
                    "type": "dataset",
                    "title": "地区 (Areas)",
                    "author": [{"literal": "政府报告开放数据 (Open Data from Government Reports)"}],
                    "publisher": "政府报告开放数据 (Open Data from Government Reports)",
                    "version": "1",
                    "issued": {"date-parts": [[2026, 1, 2]]},
                    "accessed": {"date-parts": [[2026, 1, 2]]},
                    "URL": url,
                    "language": "zh-CN",
                    "note": "CC-BY-4.0",
                },
            },
            "note_zh": body["data"]["note_zh"],
            "note_en": NOTE_EN,
        },
        "meta": {
            "dataset": "areas",
            "release": 1,
            "license": "CC-BY-4.0",
            "attribution": "政府报告开放数据 (Open Data from Government Reports), CC BY 4.0",
        },
        "links": {
            "self": f"{BASE}/v1/cite?url={quote(f'{BASE}/v1/areas?level=county', ':,')}",
            "cited": url,
        },
    }


async def test_a_record_is_cited_with_the_report_that_it_quotes(api: httpx.AsyncClient) -> None:
    record = "cn450203-2023-rol-o083"
    named = (await api.get(f"/v1/observations/{record}")).json()["data"]
    formats = (await cite(api, f"/v1/observations/{record}"))["data"]["formats"]

    url = f"{BASE}/v1/observations/{record}?release=1"
    assert formats["gb_t_7714"] == (
        f"政府报告开放数据. {named['metric_zh']}: 报告数据 {record}, 第1版[DS/OL]. "
        f"(2026-01-02)[2026-01-02]. {url}.\n"
        f"鱼峰区人民政府. {TITLE_ZH}[EB/OL]. (2024-03-01)[2026-01-02]. {SOURCE_URL}."
    )
    metric = named["metric_en"]
    assert metric[0].islower()
    assert formats["apa"] == (
        f"Open Data from Government Reports. (2026). {metric[0].upper()}{metric[1:]}: Observations "
        f"{record} (Release 1) [Data set]. {url}\n"
        "People's Government of Yufeng District. (2024, March 1). "
        f"{TITLE_ZH} [{TITLE_EN}]. {SOURCE_URL}"
    )
    ours, theirs = formats["bibtex"].split("\n\n")
    assert ours.startswith(f"@misc{{{record}-release-1,\n")
    assert theirs == (
        f"@misc{{{REPORT},\n"
        "  author = {{鱼峰区人民政府 (People's Government of Yufeng District)}},\n"
        f"  title = {{{{{TITLE_ZH} ({TITLE_EN})}}}},\n"
        "  year = {2024},\n"
        "  month = mar,\n"
        f"  url = {{{SOURCE_URL}}},\n"
        "  urldate = {2026-01-02},\n"
        "}"
    )
    government = "鱼峰区人民政府 (People's Government of Yufeng District)"
    original = {key: formats["csl_json"][key] for key in formats["csl_json"] if "orig" in key}
    assert original == {
        "original-author": [{"literal": government}],
        "original-title": f"{TITLE_ZH} ({TITLE_EN})",
        "original-date": {"date-parts": [[2024, 3, 1]]},
        "original-publisher": government,
    }
    assert formats["csl_json"]["note"] == f"CC-BY-4.0; {SOURCE_URL}"
    assert formats["csl_json"]["publisher"].startswith("政府报告开放数据")


REFERENCE_ZH = f"鱼峰区人民政府. {TITLE_ZH}[EB/OL]. (2024-03-01)[2026-01-02]. {SOURCE_URL}."
REFERENCE_EN = (
    "People's Government of Yufeng District. (2024, March 1). "
    f"{TITLE_ZH} [{TITLE_EN}]. {SOURCE_URL}"
)


@pytest.mark.parametrize(
    "address",
    [
        "/v1/observations?topic=legal_aid",
        "/v1/observations?q=法律援助&limit=2",
        "/v1/observations?dim=service_scope:cross_province",
        "/v1/observations.csv?sort=-value",
        "/v1/service-counts",
        "/v1/commitments",
        "/v1/reports",
        "/v1/documents",
        "/v1/passages",
        "/v1/observations/facets?by=topic,unit",
        "/v1/observations/facets.xlsx?by=dim:service_scope&limit=1",
        "/v1/observations/aggregate?group_by=year&topic=legal_aid",
    ],
)
async def test_lists_and_groups_are_cited_with_the_report_that_their_rows_come_from(
    api: httpx.AsyncClient, address: str
) -> None:
    formats = (await cite(api, address))["data"]["formats"]

    assert formats["gb_t_7714"].split("\n")[1:] == [REFERENCE_ZH]
    assert formats["apa"].split("\n")[1:] == [REFERENCE_EN]
    assert formats["bibtex"].split("\n\n")[1].startswith(f"@misc{{{REPORT},\n")
    assert formats["csl_json"]["original-title"] == f"{TITLE_ZH} ({TITLE_EN})"
    assert formats["csl_json"]["note"].endswith(SOURCE_URL)


@pytest.mark.parametrize(
    "address",
    [
        *("/v1/areas", "/v1/bodies", "/v1/metrics", "/v1/metrics/disputes_resolved"),
        "/v1/observations?year=1990",
    ],
)
async def test_rows_that_come_from_no_report_name_none(
    api: httpx.AsyncClient, address: str
) -> None:
    formats = (await cite(api, address))["data"]["formats"]

    assert "\n" not in formats["gb_t_7714"]
    assert "\n" not in formats["apa"]
    assert formats["bibtex"].count("@misc") == 1
    assert not [name for name in formats["csl_json"] if name.startswith("original")]


@asynccontextmanager
async def serving_reports(
    own: Settings, seed: Seed, count: int
) -> AsyncIterator[httpx.AsyncClient]:
    """The service whose second release has observations from so many reports."""
    edition = with_reports(make_edition(seed), count)
    await asyncio.to_thread(write_release, own, DATASETS, edition, PUBLISHED_AT)
    app = create_app(own, DATASETS)
    await app.site.store.open()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as api:
        yield api
    await app.site.store.close()


@pytest.mark.parametrize("count", [2, 3])
async def test_few_reports_are_named(own: Settings, seed: Seed, count: int) -> None:
    async with serving_reports(own, seed, count) as api:
        formats = (await cite(api, "/v1/observations"))["data"]["formats"]
        grouped = (await cite(api, "/v1/observations/aggregate"))["data"]["formats"]
        one = (await cite(api, f"/v1/observations?report_id={REPORT}-2"))["data"]["formats"]

    numbers = range(1, count + 1)
    references = {
        "gb_t_7714": {REFERENCE_ZH.replace("报告[", f"报告{n}[") for n in numbers},
        "apa": {REFERENCE_EN.replace("报告 [", f"报告{n} [") for n in numbers},
    }
    for name, expected in references.items():
        assert set(formats[name].split("\n")[1:]) == expected
        assert set(grouped[name].split("\n")[1:]) == expected
    for n in numbers:
        assert f"@misc{{{REPORT}-{n},\n" in formats["bibtex"]
    government = "鱼峰区人民政府 (People's Government of Yufeng District)"
    licence, *notes = formats["csl_json"]["note"].split("; ")
    assert licence == "CC-BY-4.0"
    assert set(notes) == {
        f"{government}. {TITLE_ZH}{n} ({TITLE_EN}). 2024-03-01. {SOURCE_URL}" for n in numbers
    }
    assert "original-title" not in formats["csl_json"]
    assert one["csl_json"]["original-title"] == f"{TITLE_ZH}2 ({TITLE_EN})"


@pytest.mark.parametrize("count", [4, 12])
async def test_more_than_three_reports_are_counted(own: Settings, seed: Seed, count: int) -> None:
    async with serving_reports(own, seed, count) as api:
        formats = (await cite(api, "/v1/observations"))["data"]["formats"]
        grouped = (await cite(api, "/v1/observations/aggregate"))["data"]["formats"]

    told = f"{count}份政府报告 ({count} government reports)"
    for each in (formats, grouped):
        assert each["gb_t_7714"].split("\n")[1:] == [f"资料来源: {count}份政府报告."]
        assert each["apa"].split("\n")[1:] == [f"Source: {count} government reports."]
        assert f"  note = {{第2版 (Release 2), CC-BY-4.0, {told}}},\n" in each["bibtex"]
        assert each["bibtex"].count("@misc") == 1
        assert each["csl_json"]["note"] == f"CC-BY-4.0; {told}"
        assert "original-title" not in each["csl_json"]


def with_reports(edition: Edition, count: int) -> Edition:
    """The edition as if its observations came from so many reports."""
    (report,), names = edition.rows["reports"], OBSERVATIONS.field_names
    at, title = names.index("report_id"), REPORTS.field_names.index("title_zh")
    reports = [
        (f"{REPORT}-{n}", *report[1:title], f"{report[title]}{n}", *report[title + 1 :])
        for n in range(1, count + 1)
    ]
    observations = [
        (*row[:at], f"{REPORT}-{place % count + 1}", *row[at + 1 :])
        for place, row in enumerate(edition.rows["observations"])
    ]
    rows = {**edition.rows, "reports": reports, "observations": observations}
    ids = [str(row[0]) for row in edition.rows["observations"]]
    return explained(replace(edition, rows=rows), REPORT, *ids)


async def test_reports_are_not_counted_where_too_many_rows_would_be_read(
    published: Settings,
) -> None:
    app = create_app(published, DATASETS)
    await app.site.store.open()
    app.site.store.read_rows_max = 20
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as api:
        many = (await cite(api, "/v1/observations"))["data"]["formats"]
        few = (await cite(api, "/v1/observations?topic=law_study"))["data"]["formats"]
    await app.site.store.close()

    assert many["gb_t_7714"].split("\n")[1:] == ["资料来源: 多份政府报告."]
    assert many["apa"].split("\n")[1:] == ["Source: government reports."]
    assert many["csl_json"]["note"] == "CC-BY-4.0; 多份政府报告 (government reports)"
    assert few["gb_t_7714"].split("\n")[1:] == [REFERENCE_ZH]


@pytest.mark.parametrize("dataset", ["metrics", "observations", "service-counts"])
async def test_titles_of_apa_begin_with_a_large_letter_and_keep_all_others(
    api: httpx.AsyncClient, dataset: str
) -> None:
    rows = (await api.get(f"/v1/{dataset}?limit=1000")).json()["data"]
    first = {"metrics": "name_en", "observations": "metric_en", "service-counts": "metric_en"}

    for row in rows[::7]:
        name, body = row[first[dataset]], await cite(api, f"/v1/{dataset}/{row['id']}")
        reference = body["data"]["formats"]["apa"]
        assert f". (2026). {name[0].upper()}{name[1:]}: " in reference


@every_dataset
async def test_every_list_and_record_says_how_it_is_cited(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    page = await api.get(f"/v1/{dataset.name}?limit=1")
    record = await api.get(f"/v1/{dataset.name}/{page.json()['data'][0]['id']}")

    for answer in (page, record):
        links = answer.json()["links"]
        body = (await api.get(links["cite"])).json()
        assert f'<{body["data"]["url"]}>; rel="cite-as"' in answer.headers["link"]
        assert (
            f'<{links["cite"]}>; rel="related"; type="application/json"' in (answer.headers["link"])
        )
        assert body["links"]["cited"] == body["data"]["url"]
        assert (await api.get(body["links"]["self"])).json() == body
        assert set(body["data"]["formats"]["csl_json"]) <= CSL_VARIABLES
    whole = (await api.get(f"{links['permalink']}")).json()
    assert whole["data"] == record.json()["data"]


@every_dataset
@pytest.mark.parametrize("suffix", [".csv", ".excel.csv", ".zip"])
async def test_a_file_says_in_its_link_header_what_is_cited_and_what_describes_it(
    api: httpx.AsyncClient, dataset: Dataset, suffix: str
) -> None:
    example = dataset.field["id"].about.example

    answer = await api.get(f"/v1/{dataset.name}{suffix}?limit=1")
    record = await api.get(f"/v1/{dataset.name}/{example}{suffix}")

    cited = f"{BASE}/v1/{dataset.name}{suffix}?release=1"
    assert f'<{cited}>; rel="cite-as"' in answer.headers["link"]
    assert (
        f'<{BASE}/v1/{dataset.name}/{example}?release=1>; rel="cite-as"' in record.headers["link"]
    )
    assert (await cite(api, cited))["data"]["url"] == cited
    dictionary = f"{BASE}/v1/datasets/{dataset.name}"
    rel = "glossary" if suffix == ".csv" else "describedby"
    for file in (answer, record):
        assert file.links[rel]["url"] == dictionary
        citing = re.findall(r'<([^<>]*/v1/cite[^<>]*)>; rel="related"', file.headers["link"])
        body = (await api.get(citing[0])).json()
        assert f'<{body["data"]["url"]}>; rel="cite-as"' in file.headers["link"]
        assert len(citing) == 1
    assert (await api.get(dictionary)).json()["data"]["name"] == dataset.name


async def test_a_file_as_of_a_release_is_described_by_the_words_of_that_release(
    api: httpx.AsyncClient,
) -> None:
    for address in ("/v1/areas.csv", "/v1/areas/450203.csv", "/v1/areas/facets.csv?by=level"):
        answer = await api.get(f"{address}{'&' if '?' in address else '?'}release=1")
        assert answer.links["glossary"]["url"] == f"{BASE}/v1/datasets/areas?release=1"


async def test_a_file_whose_query_is_too_long_to_be_cited_has_no_link_for_it(
    api: httpx.AsyncClient,
) -> None:
    words = "&".join(f"section={'五' * 6}{n}" for n in range(90))

    link = (await api.get(f"/v1/observations.csv?{words}")).headers["link"]
    assert 'rel="cite-as"' in link
    assert 'rel="related"' not in link


@pytest.mark.untraced
@every_dataset
@pytest.mark.parametrize("prefix", ["", BASE])
async def test_the_cited_address_answers_the_same_rows(
    api: httpx.AsyncClient, dataset: Dataset, prefix: str
) -> None:
    path = f"/v1/{dataset.name}"
    example = dataset.field["id"].about.example
    second = (await api.get(f"{path}?limit=1")).json()["links"]["next"] or f"{BASE}{path}"
    addresses = [
        path,
        f"{path}?limit=2",
        f"{path}?limit=200&fields=id",
        f"{path}?sort=-id&limit=3",
        f"{path}?id={example}&lang=en",
        f"{path}?id__in={example},nothing&release=1",
        f"{path}.json?limit=2",
        f"{path}.csv?limit=2000",
        f"{path}.excel.csv?lang=en&limit=2",
        f"{path}/{example}",
        f"{path}/{example}?fields=id",
        f"{path}/{example}.json",
        f"{path}/{example}.csv?release=1",
        f"{path}/{example}.excel.csv?lang=en",
        second.removeprefix(BASE),
    ]

    for address in addresses:
        cited = (await cite(api, f"{prefix}{address}"))["data"]["url"]
        assert "release=1" in cited
        assert await rows_of(api, cited) == await rows_of(api, address)


async def test_text_of_a_query_is_cited_as_it_was_asked(api: httpx.AsyncClient) -> None:
    plain = await cite(api, "/v1/observations?section=五&unit=a b")
    escaped = await cite(api, "/v1/observations?section=%E4%BA%94&unit=a+b")

    assert plain == escaped
    assert plain["data"]["url"] == f"{BASE}/v1/observations?release=1&section=%E4%BA%94&unit=a%20b"


async def test_the_words_of_others_are_cited_without_our_licence(api: httpx.AsyncClient) -> None:
    formats = (await cite(api, "/v1/passages"))["data"]["formats"]

    assert formats["csl_json"]["note"] == SOURCE_URL
    assert "  note = {第1版 (Release 1)},\n" in formats["bibtex"]


@pytest.mark.parametrize(
    "address",
    [
        "https://data.example.org.evil.example/v1/areas",
        "https://evil.example/v1/areas",
        "http://169.254.169.254/latest/meta-data",
        "https://data.example.org@evil.example/v1/areas",
        "http://data.example.org/v1/areas",
        "//data.example.org/v1/areas",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "v1/areas",
        "/v2/areas",
        "/",
        "\thttps://data.example.org/v1/areas",
    ],
)
async def test_only_addresses_of_this_service_are_cited(
    api: httpx.AsyncClient, address: str
) -> None:
    document = await refused(api, address)

    assert document["errors"][0]["message"] == (
        f"only addresses of this service can be cited: those that begin with {BASE}/v1/ or /v1/"
    )
    assert document["errors"][0]["try"] == f"{BASE}/v1/cite?url=%2Fv1%2Fobservations&lang=en"


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("/v1/areas#top", "the address can't have a “#”; as a value it is %23"),
        ("/v1/nothing", "only lists, records, facets and aggregates can be cited"),
        ("/v1/datasets/areas", "only lists, records, facets and aggregates can be cited"),
        ("/v1/", "only lists, records, facets and aggregates can be cited"),
        ("/v1/../areas", "only lists, records, facets and aggregates can be cited"),
        ("/v1/areas.xml", "only lists, records, facets and aggregates can be cited"),
        ("/v1/areas.csv/450203", "only lists, records, facets and aggregates can be cited"),
        ("/v1/documents/cn450203-2023-rol-d1/text", "only lists, records, facets"),
        ("/v1/areas/999999", "nothing has this address"),
        ("/v1/areas/450203%2Fx", "nothing has this address"),
        ("/v1/areas/", "nothing has this address"),
        ("/v1/cite?url=/v1/areas", "only lists, records, facets and aggregates can be cited"),
        ("/v1/areas/%zz", "in the cited address, % must be followed by two hex digits"),
        ("/v1/areas?level=%ff", "in the cited address, this is not valid UTF-8"),
    ],
)
async def test_what_is_no_list_record_or_groups_is_not_cited(
    api: httpx.AsyncClient, address: str, message: str
) -> None:
    document = await refused(api, address)

    (fault,) = document["errors"]
    assert fault["message"].startswith(message)


@pytest.mark.parametrize(
    ("address", "messages", "mended"),
    [
        (
            "/v1/areas?levl=county&limit=0",
            ["levl: there is no parameter “levl”", "limit: must be between 1 and 1000"],
            "/v1/areas?level=county",
        ),
        (
            f"{BASE}/v1/areas.csv?page_size=3",
            ["page_size: there is no parameter “page_size”"],
            f"{BASE}/v1/areas.csv?limit=3",
        ),
        (
            "/v1/areas?release=9",
            ["release: there is only release 1 so far"],
            "/v1/areas",
        ),
        (
            "/v1/areas?levl=county&release=9",
            ["levl: there is no parameter “levl”"],
            "/v1/areas?level=county",
        ),
        (
            "/v1/observations?dim=service_scpoe:citywide",
            ["dim: there is no dimension “service_scpoe”"],
            "/v1/observations?dim=service_scope:citywide",
        ),
        (
            "/v1/areas/450203?level=county",
            ["level: there is no parameter “level”"],
            "/v1/areas/450203",
        ),
        (
            "/v1/areas/999999?level=county",
            ["level: there is no parameter “level”"],
            "/v1/observations",
        ),
    ],
)
async def test_a_bad_query_of_the_cited_address_is_told_and_mended(
    api: httpx.AsyncClient, address: str, messages: list[str], mended: str
) -> None:
    document = await refused(api, address)

    assert [fault["message"] for fault in document["errors"]] == [
        f"in the cited address, {message}" for message in messages
    ]
    offered = {fault["try"] for fault in document["errors"]}
    assert offered == {f"{BASE}/v1/cite?url={quote(mended, ':,')}&lang=en"}


async def test_a_bad_query_of_the_cited_address_is_told_in_chinese(api: httpx.AsyncClient) -> None:
    document = await refused(api, "/v1/areas?levl=county", lang="zh")

    assert document["errors"][0]["message"] == "所引地址中，levl: 不存在参数“levl”"
    assert document["errors"][0]["did_you_mean"] == "level"


async def test_an_address_must_be_given(api: httpx.AsyncClient) -> None:
    missing = (await api.get("/v1/cite?lang=en")).json()
    empty = (await api.get("/v1/cite?url=&lang=en")).json()

    example = f"{BASE}/v1/cite?url=%2Fv1%2Fobservations&lang=en"
    assert [missing["errors"][0][key] for key in ("parameter", "message", "try")] == [
        "url",
        "the address to cite must be given",
        example,
    ]
    assert [empty["errors"][0][key] for key in ("message", "try")] == [
        "the value is empty",
        example,
    ]


@pytest.mark.parametrize(
    ("query", "mended"),
    [
        ("nosuch=1", "url=%2Fv1%2Fobservations"),
        ("nosuch=1&url=/v1/areas", "url=%2Fv1%2Fareas"),
        ("link=/v1/areas", "url=%2Fv1%2Fareas"),
        ("url=/v1/areas?levl=county&limit=3", "url=%2Fv1%2Fareas%3Flevel%3Dcounty%26limit%3D3"),
        ("url=/v1/areas?limit=3&nosuch=1", "url=%2Fv1%2Fareas%3Flimit%3D3"),
        ("format=bibtex&url=/v1/areas", "url=%2Fv1%2Fareas"),
        ("url=/v1/areas&url=/v1/bodies", "url=%2Fv1%2Fareas"),
        ("url=/v1/areas&release=1", "url=%2Fv1%2Fareas"),
    ],
)
async def test_other_parameters_are_refused_with_an_address_that_works(
    api: httpx.AsyncClient, query: str, mended: str
) -> None:
    answer = await api.get(f"/v1/cite?{query}")

    assert answer.status_code == 400
    offered = {fault["try"] for fault in answer.json()["errors"]}
    assert offered == {f"{BASE}/v1/cite?{mended}"}
    assert (await api.get(offered.pop())).status_code == 200


async def test_a_citation_is_cached_by_what_it_cites(api: httpx.AsyncClient) -> None:
    first = await api.get("/v1/cite?url=/v1/areas?level=county")
    same = await api.get(f"/v1/cite?url={BASE}/v1/areas?lang=en%26level=county")
    other = await api.get("/v1/cite?url=/v1/areas")

    assert first.content == same.content
    assert first.headers["etag"] == same.headers["etag"] != other.headers["etag"]
    known = {"if-none-match": first.headers["etag"]}
    again = await api.get("/v1/cite?url=/v1/areas?level=county", headers=known)
    gone = await api.get("/v1/cite?url=/v1/areas/999999", headers={"if-none-match": "*"})
    assert (again.status_code, again.content, gone.status_code) == (304, b"", 400)


async def test_a_query_too_long_to_be_cited_has_no_link_for_it(api: httpx.AsyncClient) -> None:
    words = "&".join(f"section={'五' * 6}{n}" for n in range(90))

    answer = await api.get(f"/v1/observations?{words}")

    assert answer.status_code == 200
    assert answer.json()["links"]["cite"] is None
    assert 'rel="cite-as"' in answer.headers["link"]


async def test_what_was_cited_stays_when_a_release_follows(own: Settings, seed: Seed) -> None:
    address = "/v1/observations?id=cn450203-2023-rol-o083"
    edition = changed(make_edition(seed), O083, value=207_000_000, value_text="207件")
    later = PUBLISHED_AT + timedelta(days=400)
    await asyncio.to_thread(write_release, own, DATASETS, edition, later)
    app = create_app(own, DATASETS)
    await app.site.store.open()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as api:
        newest = (await cite(api, address))["data"]
        first = (await cite(api, f"{address}&release=1"))["data"]
        rows = [await rows_of(api, cited["url"]) for cited in (newest, first)]
        links = (await api.get(f"{address}&release=1")).json()["links"]
        pinned = (await api.get(links["cite"])).json()["data"]
    await app.site.store.close()

    assert [cited["url"] for cited in (newest, first, pinned)] == [
        f"{BASE}{address}&release={n}" for n in (2, 1, 1)
    ]
    assert "第2版[DS/OL]. (2027-02-06)[2027-02-06]" in newest["formats"]["gb_t_7714"]
    assert "第1版[DS/OL]. (2026-01-02)[2026-01-02]" in first["formats"]["gb_t_7714"]
    assert first == pinned
    assert rows[0] != rows[1]


def test_what_tex_reads_is_escaped_and_chinese_is_kept() -> None:
    entry = bibtex(WORK)

    assert (
        r"  title = {{50\%的\textbraceleft{}地区\textbraceright{}\_\#1 (Areas \& 50\% of "
        r"\textbackslash{}them\textasciitilde{} in \$\textbraceleft{}x\textbraceright{}"
        r"\textasciicircum{}2)}},"
    ) in entry
    assert f"  url = {{{WORK.url}}},\n" in entry
    assert entry.count("{") == entry.count("}")


def test_an_address_with_braces_leaves_the_entry_whole() -> None:
    source = Source("r", WORK.author, WORK.title, date(2024, 12, 31), "http://x/{a}\\b")
    work = Work(**{name: getattr(WORK, name) for name in WORK.__slots__} | {"sources": (source,)})

    assert "  url = {http://x/%7Ba%7D%5Cb},\n" in bibtex(work)
    assert bibtex(work).count("{") == bibtex(work).count("}")
    assert "(2024, December 31)" in apa(work)
    assert "(2024-12-31)[2026-05-09]" in gb_t_7714(work)
    assert csl_json(work)["note"] == "CC-BY-4.0; http://x/{a}\\b"

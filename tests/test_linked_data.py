"""What pages tell search engines of the data: JSON-LD in the words of schema.org."""

import json
import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest
from conftest import BASE
from editions import serving

from opendata_api.catalog.overview import Operator, Overview
from opendata_api.catalog.schema_org import describe_catalogue, describe_dataset
from opendata_api.datasets import DATASETS
from opendata_api.settings import Settings
from opendata_api.web.app import Application
from opendata_api.web.overview import find_overview
from opendata_api.web.pages.linked_data import print_block
from opendata_api.words import Text

BLOCK = re.compile(r'<script type="application/ld\+json">(.*?)</script>', re.DOTALL)
TITLE = {"zh": "政府报告开放数据", "en": "Open Data from Government Reports"}
SHORTEST, LONGEST = 50, 5000
"""Of a description, as Google's Dataset Search takes it."""

Node = dict[str, Any]

every_language = pytest.mark.parametrize("lang", ["zh", "en"])


@pytest.fixture
async def overview(service: Application) -> Overview:
    return await find_overview(service.site)


@pytest.fixture
async def operated(published: Settings) -> AsyncGenerator[httpx.AsyncClient, None]:
    """A client of a service whose operator has set everything."""
    operator = {
        "operator_zh": "某市大数据发展局",
        "operator_en": "Big Data Bureau",
        "operator_code": "114502007000000012",
        "contact": "mailto:data@example.org?subject=x",
    }
    async with serving(published.model_copy(update=operator)) as client:
        yield client


async def block_of(api: httpx.AsyncClient, address: str) -> Node:
    """The one block of a page."""
    (text,) = BLOCK.findall((await api.get(address)).text)
    node: Node = json.loads(text)
    return node


def every_node(node: object) -> list[Node]:
    """The node with all those within it."""
    if isinstance(node, list):
        return [inner for one in node for inner in every_node(one)]
    if not isinstance(node, dict):
        return []
    return [node, *(inner for one in node.values() for inner in every_node(one))]


@every_language
async def test_the_page_of_a_dataset_describes_it(api: httpx.AsyncClient, lang: str) -> None:
    node = await block_of(api, f"/datasets/observations?lang={lang}")

    page, home = f"{BASE}/datasets/observations", f"{BASE}/"
    operator = {"@type": "Organization", "name": TITLE[lang], "url": home}
    files = [one for one in node.pop("distribution") if one["name"] != "JSON"]
    measured = node.pop("variableMeasured")
    keywords = node.pop("keywords")
    description = node.pop("description")
    title = {"zh": "报告数据", "en": "Observations"}[lang]
    report = {
        "zh": "鱼峰区人民政府关于2023年法治政府建设工作情况的报告",
        "en": "Report of the People's Government of Yufeng District on building a law-based "
        "government in 2023",
    }[lang]
    source = "http://www.yfq.gov.cn/zwgk/fdzdgknr/fzzfjs/fzzfjsqkbg/t19700101_3440437.shtml"
    assert node == {
        "@context": "https://schema.org",
        "@type": "Dataset",
        "@id": page,
        "name": f"{title} · {TITLE[lang]}",
        "url": page,
        "identifier": page,
        "inLanguage": ["zh-CN", "en"],
        "datePublished": "2026-01-02T03:04:05Z",
        "dateModified": "2026-01-02T03:04:05Z",
        "version": "1",
        "isAccessibleForFree": True,
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "creditText": "政府报告开放数据 (Open Data from Government Reports), CC BY 4.0",
        "creator": operator,
        "publisher": operator,
        "includedInDataCatalog": {
            "@type": "DataCatalog",
            "@id": home,
            "name": TITLE[lang],
            "url": home,
        },
        "temporalCoverage": "2023",
        "spatialCoverage": [
            {
                "@type": "Place",
                "name": {"zh": "鱼峰区", "en": "Yufeng District"}[lang],
                "identifier": {
                    "@type": "PropertyValue",
                    "propertyID": "GB/T 2260",
                    "value": "450203",
                },
            }
        ],
        "isBasedOn": [{"@type": "Report", "name": report, "url": source}],
    }
    assert description.startswith(
        {"zh": "报告中的每一个数字，一数一行", "en": "Every figure of every report, one row each"}[
            lang
        ]
    )
    assert (
        keywords[:2]
        == {
            "zh": ["报告数据", "法治政府建设年度报告"],
            "en": ["Observations", "annual rule-of-law report"],
        }[lang]
    )
    assert measured[0] == {
        "@type": "PropertyValue",
        "name": {"zh": "指标", "en": "Metric"}[lang],
        "propertyID": f"metric_{lang}",
    }
    assert [one["contentUrl"] for one in files] == [
        f"{BASE}/v1/observations.{suffix}"
        for suffix in ("csv", "excel.csv", "xlsx", "ndjson", "parquet", "zip")
    ]


async def test_a_download_has_the_size_and_the_hash_of_its_file(api: httpx.AsyncClient) -> None:
    node = await block_of(api, "/datasets/areas")

    listed = (await api.get("/v1/releases/1")).json()["data"]["files"]
    by_name = {one["name"]: one for one in listed}
    downloads = {one["contentUrl"]: one for one in node["distribution"]}
    csv = by_name["areas.csv"]
    assert downloads[f"{BASE}/v1/areas"] == {
        "@type": "DataDownload",
        "name": "JSON",
        "contentUrl": f"{BASE}/v1/areas",
        "encodingFormat": "application/json",
    }
    assert downloads[f"{BASE}/v1/areas.csv"] == {
        "@type": "DataDownload",
        "name": "CSV（供程序）",
        "contentUrl": f"{BASE}/v1/areas.csv",
        "encodingFormat": "text/csv",
        "contentSize": f"{csv['bytes']} B",
        "sha256": csv["sha256"],
    }


def test_a_download_that_is_made_when_asked_for_has_no_size(overview: Overview) -> None:
    entry = overview.entry["areas"]
    made = [replace(one, bytes=None, sha256=None) for one in entry.downloads]
    node: Any = describe_dataset(overview, replace(entry, downloads=made), "en")

    assert {tuple(one) for one in node["distribution"]} == {
        ("@type", "name", "contentUrl", "encodingFormat")
    }


@every_language
async def test_the_home_page_describes_the_catalogue_with_every_dataset(
    api: httpx.AsyncClient, lang: str
) -> None:
    node = await block_of(api, f"/?lang={lang}")

    described = [await block_of(api, f"/datasets/{one.name}?lang={lang}") for one in DATASETS]
    kept = ("@type", "@id", "url", "name", "description")
    datasets = node.pop("dataset")
    description = node.pop("description")
    operator = {"@type": "Organization", "name": TITLE[lang], "url": f"{BASE}/"}
    assert node == {
        "@context": "https://schema.org",
        "@type": "DataCatalog",
        "@id": f"{BASE}/",
        "name": TITLE[lang],
        "url": f"{BASE}/",
        "inLanguage": ["zh-CN", "en"],
        "datePublished": "2026-01-02T03:04:05Z",
        "dateModified": "2026-01-02T03:04:05Z",
        "version": "1",
        "isAccessibleForFree": True,
        "keywords": [{"zh": "法治政府建设年度报告", "en": "annual rule-of-law report"}[lang]],
        "creator": operator,
        "publisher": operator,
    }
    assert datasets == [{name: one[name] for name in kept} for one in described]
    assert all(one["description"].endswith(description) for one in described)


@every_language
async def test_every_dataset_has_what_search_engines_ask_for(
    api: httpx.AsyncClient, lang: str
) -> None:
    for dataset in DATASETS:
        node = await block_of(api, f"/datasets/{dataset.name}?lang={lang}")

        assert SHORTEST <= len(node["description"]) <= LONGEST
        assert all(node[name] for name in ("name", "creator", "distribution", "keywords"))
        assert node["isAccessibleForFree"] is True


async def test_the_words_of_a_government_have_no_licence(api: httpx.AsyncClient) -> None:
    node = await block_of(api, "/datasets/passages")

    assert "license" not in node
    assert node["conditionsOfAccess"] == "所载为政府报告原文，不在本项目许可之内"


async def test_a_code_list_is_of_no_places_and_of_no_reports(api: httpx.AsyncClient) -> None:
    node = await block_of(api, "/datasets/areas")

    assert node["temporalCoverage"] == "2023"
    assert {"spatialCoverage", "isBasedOn"} & set(node) == set()


@pytest.mark.any_database
@pytest.mark.parametrize(
    "address",
    [
        *("/datasets/observations?topic=legal_aid", "/datasets/areas?sort=-id", "/?release=1"),
        *("/datasets/areas?release=1", "/datasets/areas/450203", "/docs", "/releases"),
    ],
)
async def test_a_page_of_a_part_or_of_a_release_describes_nothing(
    api: httpx.AsyncClient, address: str
) -> None:
    assert BLOCK.findall((await api.get(address)).text) == []


@pytest.mark.any_database
async def test_every_address_of_ours_in_it_leads_where_it_says(api: httpx.AsyncClient) -> None:
    for page in ("/", *(f"/datasets/{one.name}" for one in DATASETS)):
        for node in every_node(await block_of(api, page)):
            for name in ("@id", "url", "contentUrl", "identifier"):
                address = node.get(name)
                if isinstance(address, str) and address.startswith(BASE):
                    there = await api.head(address)
                    kind = there.headers["content-type"].partition(";")[0]
                    assert there.status_code == 200
                    assert kind == node.get("encodingFormat", "text/html")


@pytest.mark.any_database
async def test_the_operator_is_named_as_set(operated: httpx.AsyncClient) -> None:
    node = await block_of(operated, "/datasets/areas?lang=en")

    assert node["creator"] == node["publisher"]
    assert node["creator"] == {
        "@type": "Organization",
        "name": "Big Data Bureau",
        "url": f"{BASE}/",
        "identifier": "114502007000000012",
        "contactPoint": {
            "@type": "ContactPoint",
            "contactType": "data",
            "email": "data@example.org",
        },
    }


def test_a_contact_may_be_a_page(overview: Overview) -> None:
    operator = Operator(Text("某局", "A Bureau"), "https://example.org/contact")
    node: Any = describe_catalogue(replace(overview, operator=operator), "zh")

    assert node["creator"]["contactPoint"] == {
        "@type": "ContactPoint",
        "contactType": "data",
        "url": "https://example.org/contact",
    }


def test_several_years_are_an_interval_and_no_reports_none(overview: Overview) -> None:
    entry = overview.entry["reports"]
    several: Any = describe_dataset(replace(overview, years=(2021, 2023)), entry, "zh")
    none: Any = describe_dataset(replace(overview, years=None, reports=[]), entry, "zh")

    assert several["temporalCoverage"] == "2021/2023"
    assert {"temporalCoverage", "spatialCoverage", "isBasedOn"} & set(none) == set()


def test_no_text_ends_the_block() -> None:
    printed = print_block({"name": "</script><!-- <b>"})

    assert printed == '{"name":"\\u003c/script>\\u003c!-- \\u003cb>"}'
    assert json.loads(printed) == {"name": "</script><!-- <b>"}


async def test_two_databases_describe_alike(services: Mapping[str, Application]) -> None:
    overviews = [await find_overview(app.site) for app in services.values()]

    nodes = [[describe_dataset(one, entry, "zh") for entry in one.entries] for one in overviews]
    assert nodes[0] == nodes[1]

"""`data.json`: DCAT-US 1.1 by data.gov's own schemas."""

import json
from dataclasses import replace
from typing import Any

import httpx
import pytest
from conftest import BASE, REPOSITORY
from jsonschema import Draft202012Validator
from referencing import Registry, Resource

from opendata_api.catalog.dcat_us import NO_EMAIL, describe_catalog
from opendata_api.catalog.overview import Operator, Overview
from opendata_api.datasets import DATASETS, OBSERVATIONS, PASSAGES
from opendata_api.web.app import Application
from opendata_api.web.overview import find_overview
from opendata_api.words import Text

SCHEMAS = REPOSITORY / "conformance" / "schemas" / "dcat-us-1.1"


def complaints(catalogue: object) -> list[str]:
    """What is wrong with a catalogue by data.gov's schemas."""
    outer, inner = (
        json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
        for name in ("catalog", "non-federal_dataset")
    )
    dataset = Resource.from_contents(inner)
    names = ("dataset.json", "https://project-open-data.cio.gov/v1.1/schema/dataset.json")
    registry = Registry().with_resources((name, dataset) for name in names)
    checker = Draft202012Validator(outer, registry=registry)
    return [f"{list(one.path)}: {one.message}" for one in checker.iter_errors(catalogue)]


def first_of(overview: Overview) -> dict[str, Any]:
    """The first dataset of a catalogue, which is valid."""
    catalogue: Any = describe_catalog(overview)
    assert complaints(catalogue) == []
    return dict(catalogue["dataset"][0])


async def test_the_catalogue_has_every_dataset_by_data_gov_s_schemas(
    api: httpx.AsyncClient,
) -> None:
    answer = await api.get("/data.json")
    catalogue = answer.json()

    assert answer.headers["content-type"] == "application/json"
    assert complaints(catalogue) == []
    assert [one["identifier"] for one in catalogue["dataset"]] == [
        f"{BASE}/v1/datasets/{dataset.name}" for dataset in DATASETS
    ]


@pytest.mark.any_database
async def test_a_dataset_is_told_in_both_languages(api: httpx.AsyncClient) -> None:
    datasets = (await api.get("/data.json")).json()["dataset"]
    found = {one["identifier"].rpartition("/")[2]: one for one in datasets}
    areas = dict(found["areas"])
    distributions = areas.pop("distribution")

    assert areas == {
        "@type": "dcat:Dataset",
        "identifier": f"{BASE}/v1/datasets/areas",
        "title": "Areas / 地区",
        "description": areas["description"],
        "keyword": ["Areas", "地区"],
        "issued": "2026-01-02T03:04:05Z",
        "modified": "2026-01-02T03:04:05Z",
        "accrualPeriodicity": "R/P1Y",
        "publisher": {
            "@type": "org:Organization",
            "name": "Open Data from Government Reports / 政府报告开放数据",
        },
        "contactPoint": {
            "@type": "vcard:Contact",
            "fn": "Open Data from Government Reports / 政府报告开放数据",
            "hasEmail": "[[REDACTED: no e-mail address is published]]",
        },
        "accessLevel": "public",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "rights": "CC-BY-4.0 https://creativecommons.org/licenses/by/4.0/",
        "language": ["zh-CN", "en"],
        "landingPage": f"{BASE}/datasets/areas",
        "describedBy": f"{BASE}/v1/datasets/areas",
        "describedByType": "application/json",
        "temporal": "2023-01-01/2023-12-31",
    }
    assert distributions[1] == {
        "@type": "dcat:Distribution",
        "title": "CSV (for programs) / CSV（供程序）",
        "downloadURL": f"{BASE}/v1/areas.csv",
        "mediaType": "text/csv",
        "format": "csv",
        "describedBy": f"{BASE}/v1/areas.csv-metadata.json",
        "describedByType": "application/csvm+json",
    }
    told = found[OBSERVATIONS.name]
    assert (told["temporal"], told["spatial"]) == (
        "2023-01-01/2023-12-31",
        "Yufeng District / 鱼峰区",
    )
    assert told["keyword"] == [
        *("Observations", "报告数据"),
        *("annual rule-of-law report", "法治政府建设年度报告"),
        *("Yufeng District", "鱼峰区"),
    ]
    assert "license" not in found[PASSAGES.name]
    assert found[PASSAGES.name]["rights"].startswith("the words of the government's own reports")


@pytest.mark.any_database
async def test_every_address_of_the_catalogue_answers(api: httpx.AsyncClient) -> None:
    catalogue = (await api.get("/data.json")).text
    addresses = sorted({one for one in catalogue.split('"') if one.startswith(f"{BASE}/")})
    statuses = {one: (await api.head(one)).status_code for one in addresses}

    assert {one: status for one, status in statuses.items() if status != 200} == {}


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("contact", "email"),
    [
        ("mailto:data@example.gov.cn", "mailto:data@example.gov.cn"),
        ("mailto:data@example.gov.cn?subject=a", "mailto:data@example.gov.cn"),
        ("https://example.gov.cn/contact", NO_EMAIL),
        ("mailto:data@localhost", NO_EMAIL),
        (None, NO_EMAIL),
    ],
)
async def test_the_contact_is_the_operator_s_where_it_is_an_email(
    service: Application, contact: str | None, email: str
) -> None:
    overview = await find_overview(service.site)
    name = Text("某局", "A Bureau")

    told = first_of(replace(overview, operator=Operator(name, contact=contact)))

    assert told["contactPoint"] == {
        "@type": "vcard:Contact",
        "fn": "A Bureau / 某局",
        "hasEmail": email,
    }
    assert told["publisher"]["name"] == "A Bureau / 某局"


@pytest.mark.any_database
async def test_coverage_is_told_where_there_is_any(service: Application) -> None:
    overview = await find_overview(service.site)
    areas = [(f"45{n:04}", Text(f"地区{n}", f"Area {n}")) for n in range(11)]

    many = first_of(replace(overview, areas=areas, years=(2021, 2023)))
    few = first_of(replace(overview, areas=areas[:2]))
    none = first_of(replace(overview, areas=(), years=None))

    assert (many["temporal"], many["spatial"]) == ("2021-01-01/2023-12-31", "11 areas / 11个地区")
    assert few["spatial"] == "Area 0 / 地区0; Area 1 / 地区1"
    assert not {"temporal", "spatial"} & none.keys()

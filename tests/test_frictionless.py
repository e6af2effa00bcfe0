"""Data Packages: frictionless finds every row valid, and the files are the ones that are named."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import BASE
from editions import O083, changed, serving, without
from frictionless import Package, validate
from test_release_files import publish_next

from opendata_api.catalog.data_packages import package_one
from opendata_api.datasets import DATASETS, PASSAGES
from opendata_api.describe import Dataset
from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.web.app import Application
from opendata_api.web.overview import find_overview

every_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)

OURS = [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}]
THEIRS = [
    {
        "name": "notspecified",
        "title": "所载为政府报告原文，不在本项目许可之内 / the words of the government's own "
        "reports, which no licence of ours covers",
    }
]


async def taken(api: httpx.AsyncClient, address: str, folder: Path) -> Path:
    """A package with its tables beside it, as a client would keep them."""
    package: dict[str, Any] = (await api.get(address)).json()
    for resource in package["resources"]:
        table = await api.get(resource["path"])
        assert table.headers["content-type"].startswith("text/csv")
        assert resource["bytes"] == len(table.content)
        assert resource["hash"] == f"sha256:{hashlib.sha256(table.content).hexdigest()}"
        resource["path"] = f"{resource['name']}.csv"
        (folder / resource["path"]).write_bytes(table.content)
    place = folder / "datapackage.json"
    place.write_text(json.dumps(package), encoding="utf-8")
    return place


def rows_of(place: Path) -> dict[str, int]:
    """The rows of each table, all of them valid."""
    report = validate(place, type="package")
    assert report.valid, report.flatten(["type", "fieldName", "rowNumber", "note"])[:5]
    assert [task.warnings for task in report.tasks] == [[]] * len(report.tasks)
    return {task.name: int(task.stats["rows"]) for task in report.tasks}


async def test_frictionless_finds_every_row_of_every_dataset_valid(
    api: httpx.AsyncClient, tmp_path: Path
) -> None:
    counts = {one["name"]: one["count"] for one in (await api.get("/v1/datasets")).json()["data"]}

    assert rows_of(await taken(api, "/datapackage.json", tmp_path)) == counts


@every_dataset
@pytest.mark.any_database
async def test_each_dataset_is_a_package_of_its_own(
    api: httpx.AsyncClient, dataset: Dataset, tmp_path: Path
) -> None:
    address = f"/v1/datasets/{dataset.name}/datapackage.json"
    package = (await api.get(address)).json()
    listed = (await api.get(f"/v1/{dataset.name}?limit=1000")).json()["data"]

    place = await taken(api, address, tmp_path)
    assert rows_of(place) == {dataset.name: len(listed)}
    table = Package(place).get_table_resource(dataset.name)
    rows = [row.to_dict() for row in table.read_rows()]
    assert [row["id"] for row in rows] == [record["id"] for record in listed]
    assert package["id"] == f"{BASE}{address}"
    assert package["licenses"] == (THEIRS if dataset is PASSAGES else OURS)


@pytest.mark.any_database
async def test_the_package_says_what_it_is_and_where_its_tables_are(
    api: httpx.AsyncClient,
) -> None:
    package = (await api.get("/datapackage.json")).json()
    resources = package.pop("resources")

    assert package == {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "open-data",
        "id": f"{BASE}/datapackage.json",
        "title": "政府报告开放数据：全部数据集 / Open Data from Government Reports: all datasets",
        "description": "一个版本的全部数据集，每个数据集一张表；每个数字附有出处。 / Every dataset "
        "of a release, each as a table; every figure with the words that state it.",
        "homepage": f"{BASE}/",
        "version": "1",
        "created": "2026-01-02T03:04:05Z",
        "licenses": OURS,
        "contributors": [
            {
                "title": "政府报告开放数据 / Open Data from Government Reports",
                "roles": ["publisher"],
            }
        ],
        "sources": [
            {"title": "政府报告 / Government reports", "path": f"{BASE}/v1/reports?release=1"}
        ],
    }
    assert [one["path"] for one in resources] == [
        f"{BASE}/v1/releases/1/files/{dataset.name}.csv" for dataset in DATASETS
    ]
    assert {one["name"]: one["licenses"] for one in resources} == {
        dataset.name: THEIRS if dataset is PASSAGES else OURS for dataset in DATASETS
    }


@pytest.mark.untraced
async def test_the_package_is_that_of_the_newest_release(
    own: Settings, seed: Seed, tmp_path: Path
) -> None:
    edition = make_edition(seed)
    async with serving(own) as api:
        first = await api.get("/datapackage.json")
    await publish_next(own, changed(edition, O083, note_en="x"))
    await publish_next(own, without(edition, O083))
    async with serving(own) as api:
        last = await api.get("/datapackage.json")
        again = await api.get("/datapackage.json")
        known = {"if-none-match": last.headers["etag"]}
        same = await api.get("/datapackage.json", headers=known)
        rows = rows_of(await taken(api, "/datapackage.json", tmp_path))
        old = await api.get(first.json()["resources"][0]["path"])

    assert (first.json()["version"], last.json()["version"]) == ("1", "3")
    assert rows["observations"] == 107
    assert again.content == last.content
    assert same.status_code == 304
    assert len(old.content) == first.json()["resources"][0]["bytes"]


@pytest.mark.any_database
async def test_a_table_without_a_file_is_at_its_own_address(service: Application) -> None:
    overview = await find_overview(service.site)
    entries = [
        replace(one, downloads=[replace(file, bytes=None, sha256=None) for file in one.downloads])
        for one in overview.entries
    ]

    package: Any = package_one(replace(overview, entries=entries), "areas")
    nothing: Any = package_one(
        replace(overview, entries=[replace(entries[0], downloads=[])]), "observations"
    )

    (resource,) = package["resources"]
    assert resource["path"] == f"{BASE}/v1/areas.csv?release=1"
    assert not {"bytes", "hash"} & resource.keys()
    assert nothing["resources"][0]["path"] == f"{BASE}/v1/observations.csv?release=1"


@pytest.mark.any_database
async def test_there_is_no_package_of_what_is_no_dataset(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/datasets/nosuch/datapackage.json")

    assert answer.status_code == 404
    assert answer.json()["code"] == "not-found"

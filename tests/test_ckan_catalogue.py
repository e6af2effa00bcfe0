"""What is offered as CKAN tells it, over releases, addresses and operators."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, cast

import httpx
import pytest
from conftest import BASE
from editions import O083, changed, serving, without
from test_ckan import NAMES, call

from opendata_api.catalog.ckan import Node, make_catalogue
from opendata_api.catalog.ckan.parts import make_name, make_tag
from opendata_api.catalog.overview import Operator, Overview
from opendata_api.datasets import DATASETS
from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store.place import write_release
from opendata_api.web.app import Application, create_app
from opendata_api.web.overview import find_overview
from opendata_api.words import Text

MOVED = "http://203.0.113.7:8000"


@pytest.fixture
async def overview(service: Application) -> Overview:
    return await find_overview(service.site)


def packages_of(overview: Overview) -> Mapping[str, Any]:
    return {one.name: cast("Any", one.node) for one in make_catalogue(overview).packages}


def ids_of(package: Node) -> list[object]:
    resources = cast("list[Node]", package["resources"])
    return [package["id"], package["owner_org"], *(one["id"] for one in resources)]


async def publish_three(own: Settings, seed: Seed) -> None:
    """A correction as release 2, a withdrawal as release 3."""
    edition = make_edition(seed)
    corrected = changed(edition, O083, note_en="Corrected.")
    for day, release in ((3, corrected), (4, without(corrected, O083))):
        at = datetime(2026, 1, day, tzinfo=UTC)
        await asyncio.to_thread(write_release, own, DATASETS, release, at)


async def test_a_release_changes_packages_and_keeps_their_ids(own: Settings, seed: Seed) -> None:
    async with serving(own) as client:
        before = await call(client, "current_package_list_with_resources")
    await publish_three(own, seed)
    async with serving(own) as client:
        after = await call(client, "current_package_list_with_resources")
        found = await call(client, "datastore_search", resource_id="observations", limit=1000)
        since = await call(
            client, "package_search", fq="metadata_modified:[2026-01-03T12:00:00Z TO *]"
        )

    assert [ids_of(one) for one in after] == [ids_of(one) for one in before]
    assert {one["metadata_modified"] for one in after} == {"2026-01-04T00:00:00.000000"}
    assert {one["metadata_created"] for one in after} == {"2026-01-02T03:04:05.000000"}
    assert since["count"] == len(NAMES)
    assert O083 not in {one["id"] for one in found["records"]}
    assert found["total"] == len(found["records"])
    changed_names = [
        one["name"]
        for one in after
        if one["resources"][0]["last_modified"] == "2026-01-04T00:00:00.000000"
    ]
    assert changed_names == ["observations"]
    assert {one["resources"][5]["last_modified"] for one in after} == {"2026-01-04T00:00:00.000000"}


async def test_a_service_that_runs_meanwhile_tells_of_the_new_release(
    own: Settings, seed: Seed
) -> None:
    app = create_app(own, DATASETS)
    await app.site.store.open()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
        before = await call(client, "package_show", id="areas")
        await publish_three(own, seed)
        await app.site.store.refresh()
        after = await call(client, "package_show", id="areas")
    await app.site.store.close()

    assert (before["version"], after["version"]) == ("1", "3")


@pytest.mark.any_database
def test_ids_stay_from_http_to_https_and_differ_between_services(overview: Overview) -> None:
    own = packages_of(overview)
    plain = packages_of(replace(overview, base=BASE.replace("https:", "http:")))
    other = packages_of(replace(overview, base=MOVED))

    assert [ids_of(one) for one in plain.values()] == [ids_of(one) for one in own.values()]
    assert {own["areas"]["id"], own["areas"]["owner_org"]}.isdisjoint(ids_of(other["areas"]))
    assert own["areas"]["id"] == "4e8a5263-38b6-5617-a202-1e7be030bef8"


@pytest.mark.any_database
def test_the_operator_is_told_as_set(overview: Overview) -> None:
    operator = Operator(Text("柳州市司法局", "Liuzhou Justice Bureau"), "mailto:a@example.org")
    package = packages_of(replace(overview, operator=operator))["areas"]
    by_web = packages_of(
        replace(overview, operator=replace(operator, contact="https://example.org/contact"))
    )["areas"]

    assert (package["author"], package["maintainer_email"]) == ("柳州市司法局", "a@example.org")
    assert package["organization"]["name"] == "liuzhou-justice-bureau"
    assert package["owner_org"] == packages_of(overview)["areas"]["owner_org"]
    assert by_web["maintainer_email"] is None
    assert {"key": "contact", "value": "https://example.org/contact"} in by_web["extras"]


@pytest.mark.any_database
def test_what_is_not_known_is_left_out(overview: Overview) -> None:
    bare = replace(overview, years=None, areas=(), labels={}, reports=())
    package = packages_of(bare)["observations"]
    extras = {one["key"] for one in package["extras"]}

    assert extras.isdisjoint({"temporal_start", "temporal_end", "spatial-text", "area_codes"})
    assert [one["name"] for one in package["tags"]] == ["报告数据", "Observations"]
    assert package["groups"] == []


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("words", "name", "tag"),
    [
        ("Yufeng District", "yufeng-district", "Yufeng District"),
        ("Bureau (“Law”)", "bureau-law", "Bureau Law"),
        ("鱼峰区司法局", "operator", "鱼峰区司法局"),
        ("a", "operator", ""),
        ("，", "operator", ""),
        ("x" * 120, "x" * 100, "x" * 100),
    ],
)
def test_names_and_tags_are_of_the_characters_that_ckan_takes(
    words: str, name: str, tag: str
) -> None:
    assert (make_name(words, "operator"), make_tag(words)) == (name, tag)

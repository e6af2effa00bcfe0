"""What the catalogues of other portals say alike, each in its own words."""

from dataclasses import replace
from typing import Any

import pytest
from conftest import BASE

from opendata_api.catalog import dcat_us, oai_dc, schema_org
from opendata_api.catalog.atom import write_atom
from opendata_api.catalog.ckan import make_catalogue
from opendata_api.catalog.cn import list_resources
from opendata_api.catalog.dcat import Page, describe_page
from opendata_api.catalog.feed import Feed
from opendata_api.catalog.graph import iri
from opendata_api.catalog.keywords import keywords
from opendata_api.catalog.oai import email_of
from opendata_api.catalog.overview import Operator, Overview
from opendata_api.catalog.rdf import TURTLE
from opendata_api.datasets import DATASETS
from opendata_api.web.app import Application
from opendata_api.web.overview import find_overview
from opendata_api.words import Text

NAME = Text("某局", "A Bureau")
EMAIL = "data@example.org"
CONTACT = f"mailto:{EMAIL}?subject=Open%20data"

pytestmark = pytest.mark.any_database


@pytest.fixture
async def overview(service: Application) -> Overview:
    return await find_overview(service.site)


def told(overview: Overview, path: str) -> dict[str, list[str]]:
    """What the catalogue in RDF says of the thing at an address of ours, by property."""
    of = dict(describe_page(Page(overview, TURTLE, 1)))
    return {
        name: [one if isinstance(one, str) else one.text for one in values]
        for name, values in of[iri(f"{BASE}{path}")].properties.items()
    }


async def test_of_a_contact_with_a_subject_every_catalogue_tells_the_address_alone(
    overview: Overview,
) -> None:
    operated = replace(overview, operator=Operator(NAME, CONTACT))
    lists = list_resources(operated)
    package = make_catalogue(operated).packages[0].node
    dataset = dcat_us.describe_catalog(operated)["dataset"][0]  # type: ignore[index]
    home = schema_org.describe_catalogue(operated, "en")

    assert package["maintainer_email"] == EMAIL
    assert {row[lists.columns.index("联系方式")] for row in lists.rows} == {EMAIL}
    assert told(operated, "/catalog#publisher")["foaf:mbox"] == [f"mailto:{EMAIL}"]
    assert told(operated, "/catalog#contact")["vcard:hasEmail"] == [f"mailto:{EMAIL}"]
    assert dataset["contactPoint"]["hasEmail"] == f"mailto:{EMAIL}"
    assert home["publisher"]["contactPoint"]["email"] == EMAIL  # type: ignore[index]
    assert f"<email>{EMAIL}</email>".encode() in write_atom(Feed(operated, ()))
    assert email_of(operated) == EMAIL


async def test_every_catalogue_tells_years_and_none_that_a_code_list_is_of_a_place_or_a_report(
    overview: Overview,
) -> None:
    lists = list_resources(overview)
    us = {one["describedBy"]: one for one in dcat_us.describe_catalog(overview)["dataset"]}  # type: ignore[attr-defined]
    packages = {one.name: one.node for one in make_catalogue(overview).packages}
    found: dict[str, list[bool]] = {}
    dated: set[bool] = set()
    for entry, row in zip(overview.entries, lists.rows, strict=True):
        name = entry.dataset.name
        line = dict(zip(lists.columns, row, strict=True))
        rdf = told(overview, f"/v1/datasets/{name}")
        extras: Any = packages[name]["extras"]
        keys = {one["key"] for one in extras}
        page = schema_org.describe_dataset(overview, entry, "en")
        item = {one.element for one in oai_dc.describe_dataset(overview, entry)}
        dated |= {
            "dct:temporal" in rdf,
            "temporal" in us[f"{BASE}/v1/datasets/{name}"],
            *(one in keys for one in ("temporal_start", "temporal_end")),
            line["数据时间范围"] != "",
            "temporalCoverage" in page,
        }
        found[name] = [
            *(one in rdf for one in ("dct:spatial", "dct:provenance")),
            *(one in rdf for one in ("prov:wasDerivedFrom", "prov:hadPrimarySource")),
            "spatial" in us[f"{BASE}/v1/datasets/{name}"],
            *(one in keys for one in ("spatial-text", "area_codes")),
            *(line[one] != "" for one in ("行政区划代码", "数据来源文件")),
            *(one in page for one in ("spatialCoverage", "isBasedOn")),
            "coverage" in item,
            len(keywords(overview, entry)) > 1,
        ]

    assert dated == {True}
    assert {name: set(said) for name, said in found.items()} == {
        one.name: {not one.is_code_list} for one in DATASETS
    }

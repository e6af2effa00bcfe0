"""What the catalogues of other portals say alike, each in its own words."""

from dataclasses import replace

import pytest
from conftest import BASE

from opendata_api.catalog import dcat_us, schema_org
from opendata_api.catalog.atom import write_atom
from opendata_api.catalog.ckan import make_catalogue
from opendata_api.catalog.cn import list_resources
from opendata_api.catalog.dcat import Page, describe_page
from opendata_api.catalog.feed import Feed
from opendata_api.catalog.graph import iri
from opendata_api.catalog.oai import email_of
from opendata_api.catalog.overview import Operator, Overview
from opendata_api.catalog.rdf import TURTLE
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

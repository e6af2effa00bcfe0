"""Every page in a real Chromium: its own host alone, no error, nothing for axe, on any screen."""

from typing import get_args

import pytest
from browsing import Reader
from conftest import IS_WHOLE
from page_addresses import PAGES, PageAddress
from page_faults import Fault, find_faults

from opendata_api.words import LANGS, Lang

BAD = """<!doctype html><html><title>Bad</title><h1 style="width: 400px">Bad</h1>
<script src="http://elsewhere.example/a.js"></script><script>nothing()</script></html>"""

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
in_both = [(page, lang) for page in PAGES for lang in LANGS]
in_one = [(page, LANGS[number % 2]) for number, page in enumerate(PAGES)]


@pytest.mark.parametrize(
    ("page", "lang"),
    in_both if IS_WHOLE else in_one,
    ids=lambda one: one.name if isinstance(one, PageAddress) else one,
)
async def test_a_page_has_no_fault_but_those_that_are_not_mended_yet(
    reader: Reader, page: PageAddress, lang: Lang
) -> None:
    async with reader.visit(page, lang) as visit:
        await visit.page.mouse.wheel(0, 100_000)
        faults = await find_faults(visit)

    new = {fault: found for fault, found in faults.items() if fault not in page.unmended}
    mended = set(page.unmended) - faults.keys()
    assert (new, mended) == ({}, set())


@every_page
async def test_without_scripts_a_page_has_its_heading_and_its_links(
    reader: Reader, page: PageAddress
) -> None:
    told = []
    for runs_scripts in (True, False):
        async with reader.visit(page, "en", runs_scripts=runs_scripts) as visit:
            heading = await visit.page.locator("h1").first.inner_text()
            links = visit.page.locator("main a[href]:not(#reference a)")
            told.append((heading, await links.evaluate_all("all => all.map(one => one.href)")))

    assert told[0] == told[1]


async def test_every_kind_of_fault_is_found(reader: Reader) -> None:
    async with reader.visit(PAGES[0], "en") as visit:
        await visit.page.route(
            "**/bad",
            lambda route: route.fulfill(
                body=BAD, headers={"set-cookie": "seen=1", "content-type": "text/html"}
            ),
        )
        await visit.page.goto(f"{reader.base}/bad")
        faults = await find_faults(visit)

    assert set(faults) == set(get_args(Fault))
    assert faults["other hosts"] == ["http://elsewhere.example/a.js"]
    assert faults["cookies"][0]["name"] == "seen"
    assert sorted(faults["errors"]) == [
        "Failed to load resource: net::ERR_NAME_NOT_RESOLVED (http://elsewhere.example/a.js)",
        "nothing is not defined",
    ]
    assert faults["icon"] == ["none is named"]
    assert "html-has-lang" in faults["axe"]["light"]
    assert "html-has-lang" in faults["axe"]["dark"]
    assert faults["width"][0] == "408 px"
    assert '<h1 style="width: 400px">Bad</h1>' in faults["width"]

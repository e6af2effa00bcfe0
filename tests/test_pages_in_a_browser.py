"""Every page in a real Chromium: its own host alone, no error, nothing for axe, on any screen."""

import pytest
from browsing import Reader
from page_addresses import PAGES, PageAddress
from page_faults import find_faults

from opendata_api.words import Lang

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
every_language = pytest.mark.parametrize("lang", ["zh", "en"])


@every_page
@every_language
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

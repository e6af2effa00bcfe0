"""What is wrong with a page, seen in a browser: what reading its HTML can't tell."""

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from browsing import HEIGHT, SCHEMES, Scheme, Visit
from playwright.async_api import Page

Fault = Literal["other hosts", "cookies", "errors", "icon", "axe", "width"]

SMALLEST_WIDTH = 320
OK = 200
RUN_AXE = "axe.run({resultTypes: ['violations']}).then(({violations}) => ({violations}))"


async def find_faults(visit: Visit) -> Mapping[Fault, Any]:
    """Every fault of a page, by its kind, with what shows it."""
    looked_for: dict[Fault, Any] = {
        "other hosts": find_other_hosts(visit),
        "cookies": await visit.page.context.cookies(),
        "errors": visit.complaints,
        "icon": await find_icon_missing(visit.page),
        "axe": await find_violations(visit.page),
        "width": await find_wide(visit.page),
    }
    return {fault: found for fault, found in looked_for.items() if found}


def find_other_hosts(visit: Visit) -> list[str]:
    """What the page asked of another host than its own."""
    own = urlsplit(visit.base).netloc
    return [
        url
        for url in visit.requested
        if not url.startswith("data:") and urlsplit(url).netloc != own
    ]


async def find_icon_missing(page: Page) -> list[str]:
    """A page without an icon has the browser ask for one that is not there."""
    icons = page.locator("link[rel~=icon]")
    addresses = await icons.evaluate_all("all => all.map(one => one.href)")
    answers = {address: (await page.request.get(address)).status for address in addresses}
    missing = [f"{address}: {status}" for address, status in answers.items() if status != OK]
    return missing if answers else ["none is named"]


async def find_violations(page: Page) -> Mapping[Scheme, str]:
    """What axe finds in light and in dark, in its words; the policy of the page stays in force."""
    told = {}
    await page.evaluate(AXE_SCRIPT)
    for scheme in SCHEMES:
        await page.emulate_media(color_scheme=scheme)
        results = AxeResults(await page.evaluate(RUN_AXE))
        if results.violations_count:
            told[scheme] = results.generate_report()
    return told


async def find_wide(page: Page) -> list[str]:
    """How wide the page is, and its elements that reach beyond the smallest screen."""
    await page.set_viewport_size({"width": SMALLEST_WIDTH, "height": HEIGHT})
    width = await page.evaluate("document.scrollingElement.scrollWidth")
    if width <= SMALLEST_WIDTH:
        return []
    beyond = await page.locator("body *").evaluate_all(
        "(all, width) => all.filter(one => one.getBoundingClientRect().right > width)"
        ".map(one => one.outerHTML.slice(0, 120))",
        SMALLEST_WIDTH,
    )
    return [f"{width} px", *beyond]

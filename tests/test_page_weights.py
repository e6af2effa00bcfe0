"""How much a reader loads: the page with all its files, as Brotli sends them."""

from urllib.parse import urljoin

import httpx
import pytest
from conftest import BASE
from page_addresses import PAGES, PageAddress
from test_pages import Page

pytestmark = pytest.mark.any_database

FIRST_LOAD_MAX = 30_000
PAGE_MAX = 60_000
REFERENCE_MAX = 400_000
"""Swagger UI weighs nearly all of it."""

BROTLI = {"accept-encoding": "br"}


async def weigh(api: httpx.AsyncClient, address: str) -> int:
    """The bytes of one answer as they are sent."""
    async with api.stream("GET", address, headers=BROTLI) as answer:
        return sum([len(chunk) async for chunk in answer.aiter_raw()])


async def weigh_page(api: httpx.AsyncClient, page: PageAddress, lang: str) -> int:
    """The bytes of a page and of every file that it loads."""
    address = page.in_language("en" if lang == "en" else "zh")
    loaded = Page((await api.get(address)).text).loaded
    files = [urljoin(f"{BASE}{address}", one) for one in loaded]
    if page.path == "/docs/reference":
        files.append("/openapi.json")
    return sum([await weigh(api, one) for one in (address, *files)])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_a_page_with_its_files_is_light(
    api: httpx.AsyncClient, page: PageAddress, lang: str
) -> None:
    most = REFERENCE_MAX if page.path == "/docs/reference" else PAGE_MAX

    assert await weigh_page(api, page, lang) <= most


@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_the_first_page_with_its_files_is_lighter(api: httpx.AsyncClient, lang: str) -> None:
    assert await weigh_page(api, PAGES[0], lang) <= FIRST_LOAD_MAX

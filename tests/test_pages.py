"""The pages for people, in both languages, with nothing from another host."""

import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx
import pytest
from conftest import BASE

from opendata_api.datasets import DATASETS
from opendata_api.errors import ApiError, all_errors
from opendata_api.settings import Settings
from opendata_api.web.app import create_app
from opendata_api.web.pages.guide import CHAPTERS, Call
from opendata_api.web.pages.layout import day_in_china

pytestmark = pytest.mark.any_database

POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
REPORT = "cn450203-2023-rol"
PAGES = [
    *("/", "/docs", "/docs/reference", "/releases", "/search", "/search?q=%E6%B3%95%E5%BE%8B"),
    *(f"/datasets/{dataset.name}" for dataset in DATASETS),
    *(f"/datasets/{one.name}/{one.field['id'].about.example}" for one in DATASETS),
    *("/commitments", f"/reports/{REPORT}", "/metrics/inspection_tasks"),
    *("/metrics/cross_area_cases_handled", "/metrics/penalty_cases_yoy_change"),
    *("/datasets/observations?topic=legal_aid&sort=-value", "/datasets/observations?year=1990"),
    *(f"/problems/{error.code}" for error in all_errors()[:2]),
]
STATIC = {
    "site.css": "text/css; charset=utf-8",
    "site.js": "text/javascript; charset=utf-8",
    "icon.svg": "image/svg+xml",
    "docs.js": "text/javascript; charset=utf-8",
    "swagger-ui.css": "text/css; charset=utf-8",
    "swagger-ui-bundle.js": "text/javascript; charset=utf-8",
}
DATA_BLOCK = "application/ld+json"
"""Of a script element that no browser runs, so that no policy refuses it."""
LOADING = {"script": "src", "img": "src", "iframe": "src", "link": "href"}

FOREIGN = {
    "https://creativecommons.org/licenses/by/4.0/",
    "http://www.yfq.gov.cn/zwgk/fdzdgknr/fzzfjs/fzzfjsqkbg/t19700101_3440437.shtml",
}
"""All that a page leads to outside: the licence and the page of the report itself."""

TOLD_REFUSALS = {
    f"{BASE}{call.path}": call.status
    for chapter in CHAPTERS
    for call in chapter.examples
    if isinstance(call, Call) and call.status != 200
}
"""The guide shows what a mistake looks like."""

every_page = pytest.mark.parametrize("address", PAGES)
every_language = pytest.mark.parametrize("lang", ["zh", "en"])


class Page(HTMLParser):
    """What a page loads, what it links to and what a policy would refuse."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.links: list[str] = []
        self.inline: list[str] = []
        self.language = ""
        self.title = ""
        self.heading = ""
        self._tag = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self._tag = "" if given.get("type") == DATA_BLOCK else tag
        self.language = given["lang"] if tag == "html" else self.language
        is_loaded = given.get("rel") not in ("canonical", "alternate")
        if is_loaded and LOADING.get(tag) in given:
            self.loaded.append(given[LOADING[tag]])
        if tag == "a":
            self.links.append(given["href"])
        if tag == "form":
            self.links.append(given["action"])
        self.inline += [name for name in given if name == "style" or name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        del tag
        self._tag = ""

    def handle_data(self, data: str) -> None:
        if self._tag == "title" and not self.heading:
            self.title += data
        if self._tag == "h1":
            self.heading += data
        if self._tag in ("script", "style") and data.strip():
            self.inline.append(data)


def in_language(address: str, lang: str) -> str:
    """The address that names its language."""
    return f"{address}{'&' if '?' in address else '?'}lang={lang}"


@pytest.mark.untraced
@every_page
@every_language
async def test_a_page_is_in_the_language_asked(
    api: httpx.AsyncClient, address: str, lang: str
) -> None:
    asked = await api.get(in_language(address, lang))
    browser = await api.get(address, headers={"accept-language": lang})

    page = Page(asked.text)
    named = {"zh": "zh-CN", "en": "en"}[lang]
    assert asked.headers["content-type"] == "text/html; charset=utf-8"
    assert asked.headers["content-language"] == page.language == named
    site = {"zh": "政府报告开放数据", "en": "Open Data from Government Reports"}[lang]
    assert page.title.endswith(site)
    assert page.heading != ""
    assert (page.title, page.heading) == (Page(browser.text).title, Page(browser.text).heading)


@every_page
async def test_a_page_is_chinese_unless_asked_otherwise(
    api: httpx.AsyncClient, address: str
) -> None:
    plain = await api.get(address)
    chinese = await api.get(in_language(address, "zh"), headers={"accept-language": "en"})

    told = Page(chinese.text)
    assert (Page(plain.text).title, Page(plain.text).heading) == (told.title, told.heading)
    assert plain.headers["content-language"] == "zh-CN"


@pytest.mark.untraced
@every_page
@every_language
async def test_a_page_loads_nothing_from_another_host_and_runs_nothing_inline(
    api: httpx.AsyncClient, address: str, lang: str
) -> None:
    answer = await api.get(in_language(address, lang))
    page = Page(answer.text)

    there = [urljoin(f"{BASE}{address}", one) for one in page.loaded]
    assert there != []
    assert [one for one in there if not one.startswith(f"{BASE}/static/")] == []
    assert {(await api.get(one)).status_code for one in there} == {200}
    assert page.inline == []


OF_A_RELEASE = ("/datasets/", "/metrics/", "/reports/", "/commitments", "/search?")
LIKE_IT_MAX = 3
"""Of links that differ in digits alone, so many are followed from each page."""


async def links_of(api: httpx.AsyncClient, address: str, lang: str) -> list[str]:
    """The links of a page, absolute, not all of those that are alike."""
    page = Page((await api.get(in_language(address, lang))).text)
    alike = Counter[str]()
    kept = []
    for one in dict.fromkeys(urljoin(f"{BASE}{address}", link) for link in page.links):
        alike[re.sub(r"[0-9]+", "0", one)] += 1
        if alike[re.sub(r"[0-9]+", "0", one)] <= LIKE_IT_MAX:
            kept.append(one)
    return kept


@pytest.mark.untraced
@every_language
@pytest.mark.parametrize("release", ["", "&release=1"])
async def test_every_link_on_every_page_leads_somewhere(
    api: httpx.AsyncClient, lang: str, release: str
) -> None:
    pages = [one for one in PAGES if not release or one.startswith(OF_A_RELEASE)]
    there = {one for address in pages for one in await links_of(api, address, f"{lang}{release}")}
    ours = [one for one in there if one.startswith(f"{BASE}/")]
    refused = {one: (await api.get(one)).status_code for one in ours}

    told = {} if release else TOLD_REFUSALS
    assert there - set(ours) <= FOREIGN
    assert {one: status for one, status in refused.items() if status != 200} == told


@every_page
async def test_a_page_has_a_policy_that_lets_it_load_its_own_files_only(
    api: httpx.AsyncClient, address: str
) -> None:
    answer = await api.get(address)

    styles = (
        "style-src 'self' 'unsafe-inline'" if address == "/docs/reference" else "style-src 'self'"
    )
    policy = POLICY.replace("style-src 'self'", styles)
    assert answer.headers["content-security-policy"] == policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "set-cookie" not in answer.headers


@every_language
async def test_the_home_page_shows_every_dataset_with_its_count_and_files(
    api: httpx.AsyncClient, lang: str
) -> None:
    text = (await api.get(f"/?lang={lang}")).text
    counts = (await api.get("/v1/releases/1")).json()["data"]["counts"]
    page = Page(text)

    for dataset in DATASETS:
        title = dataset.title.zh if lang == "zh" else dataset.title.en
        assert f'<a href="/datasets/{dataset.name}?lang={lang}">{title}</a>' in text
        assert f'<td class="number">{counts[dataset.name]}</td>' in text
        assert f"/v1/{dataset.name}.excel.csv?lang={lang}" in page.links
        assert f"/v1/{dataset.name}.xlsx?lang={lang}" in page.links
        assert f"/v1/{dataset.name}.zip" in page.links


EN_DAY = "{}2 January 2026</time>, China time)"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (
            "zh",
            '当前数据版本：<a href="/releases?lang=zh">第1版</a>（{}2026年1月2日</time>发布）',
        ),
        (
            "en",
            'Current release: <a href="/releases?lang=en">1</a> (' + EN_DAY,
        ),
    ],
)
async def test_the_home_page_tells_the_release_and_its_day_in_china(
    api: httpx.AsyncClient, lang: str, words: str
) -> None:
    text = (await api.get(f"/?lang={lang}")).text

    moment = '<time datetime="2026-01-02T03:04:05Z">'
    assert f"<p>{words.format(moment)}</p>" in text


@pytest.mark.parametrize(
    ("moment", "zh", "en"),
    [
        ("2026-01-31T15:59:59Z", "2026年1月31日", "31 January 2026"),
        ("2026-01-31T16:00:00Z", "2026年2月1日", "1 February 2026"),
    ],
)
def test_a_day_is_that_of_the_readers(moment: str, zh: str, en: str) -> None:
    assert [day_in_china(moment, "zh"), day_in_china(moment, "en")] == [zh, en]


async def test_no_blank_follows_a_full_width_colon(api: httpx.AsyncClient) -> None:
    pages = [(await api.get(address)).text for address in PAGES]

    assert [page for page in pages if "： " in page] == []


@every_language
async def test_the_home_page_begins_with_three_addresses_to_try(
    api: httpx.AsyncClient, lang: str
) -> None:
    page = Page((await api.get(f"/?lang={lang}")).text)

    calls = [one for one in page.links if one.startswith(f"{BASE}/v1/")][:3]
    assert calls == [
        f"{BASE}/v1/service-counts.excel.csv?lang={lang}",
        f"{BASE}/v1/observations?topic=legal_aid",
        f"{BASE}/v1/commitments",
    ]
    assert (await api.get(calls[1])).json()["meta"]["total"] > 0


async def test_the_reference_reads_the_document_of_this_service(api: httpx.AsyncClient) -> None:
    text = (await api.get("/docs/reference")).text
    script = (await api.get("/static/docs.js")).text

    assert '<div id="reference" data-openapi="/openapi.json"></div>' in text
    assert "url: place.dataset.openapi" in script
    assert "validatorUrl: null" in script


@pytest.mark.parametrize("error", all_errors(), ids=lambda error: error.code)
@every_language
async def test_the_page_of_a_problem_explains_it(
    api: httpx.AsyncClient, error: type[ApiError], lang: str
) -> None:
    text = unescape((await api.get(f"/problems/{error.code}?lang={lang}")).text)

    title = error.title.zh if lang == "zh" else error.title.en
    explanation = error.explanation.zh if lang == "zh" else error.explanation.en
    assert f"<h1>{title}</h1>" in text
    assert f"<p><code>{error.code}</code> · HTTP {error.status}</p>" in text
    assert f'<p class="lead">{explanation}</p>' in text


@pytest.mark.parametrize(("name", "content_type"), STATIC.items())
async def test_the_files_of_the_pages_are_served_by_us(
    api: httpx.AsyncClient, name: str, content_type: str
) -> None:
    answer = await api.get(f"/static/{name}")

    assert answer.headers["content-type"] == content_type
    assert len(answer.content) > 100


@pytest.mark.parametrize("name", ["site.css", "site.js", "docs.js"])
async def test_our_own_files_name_no_other_host(api: httpx.AsyncClient, name: str) -> None:
    text = (await api.get(f"/static/{name}")).text

    assert "//" not in text
    assert "url(" not in text
    assert "@import" not in text


@pytest.mark.parametrize("address", ["/problems/nothing", "/static/nothing.css", "/static/app.py"])
async def test_a_page_that_is_not_there_is_a_problem(api: httpx.AsyncClient, address: str) -> None:
    answer = await api.get(address)

    assert answer.status_code == 404
    assert answer.json()["code"] == "not-found"


@pytest.mark.parametrize(
    "address", ["/", "/docs", "/problems/not-found", *PAGES[6:20], f"/reports/{REPORT}"]
)
async def test_behind_a_path_of_a_proxy_pages_lead_to_addresses_under_it(
    published: Settings, address: str
) -> None:
    base = "https://www.example.org/open/data"
    app = create_app(published.model_copy(update={"public_url": base}), DATASETS)
    await app.site.store.open()
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://127.0.0.1"
    ) as client:
        page = Page((await client.get(address)).text)
        listed = (await client.get("/v1/areas")).json()["links"]["self"]
    await app.site.store.close()

    there = [urljoin(f"{base}{address}", one) for one in [*page.loaded, *page.links]]
    outside = {one for one in there if not one.startswith(f"{base}/")}
    assert outside <= FOREIGN
    assert listed == f"{base}/v1/areas"


@pytest.mark.parametrize(
    ("shared", "clean"),
    [
        ("/?from=timeline&isappinstalled=0", "/"),
        ("/docs?lang=en&utm_source=x", "/docs?lang=en"),
        ("/v1/areas/450203.csv?utm_campaign=a", "/v1/areas/450203.csv"),
        ("/datasets/areas?from=singlemessage&level=county", "/datasets/areas?level=county"),
        ("/datasets/areas?q=&level=county&level=", "/datasets/areas?level=county"),
        ("/search?q=&utm_source=x", "/search"),
        ("/commitments?q=", "/commitments"),
        ("/metrics/inspection_tasks?spm=1", "/metrics/inspection_tasks"),
    ],
)
async def test_a_shared_link_leads_to_the_clean_address(
    api: httpx.AsyncClient, shared: str, clean: str
) -> None:
    answer = await api.get(shared)

    assert answer.status_code == 308
    assert answer.headers["location"] == f"{BASE}{clean}"


async def test_an_encoded_slash_is_no_part_of_an_address(api: httpx.AsyncClient) -> None:
    answer = await api.get(f"{BASE}/v1/areas%2f450203")

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")

"""How programs find the service: sitemap, robots.txt, llms.txt and /.well-known/."""

import re
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime
from urllib.robotparser import RobotFileParser
from xml.etree.ElementTree import Element, fromstring

import httpx
import pytest
from conftest import BASE
from editions import O083, changed, published_with, serving, with_copy

from opendata_api.catalog.sitemap import Place, print_pages
from opendata_api.catalog.well_known import print_security
from opendata_api.datasets import DATASETS, METRICS, REPORTS
from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.web import discovery, sitemap
from opendata_api.web.app import Application

REPORT = "cn450203-2023-rol"
METRIC = "legal_aid_cases_accepted_and_assigned"
FIXED = [
    *("/", "/commitments", "/releases", "/docs", "/docs/reference"),
    *(f"/datasets/{dataset.name}" for dataset in DATASETS),
]
NAMES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "x": "http://www.w3.org/1999/xhtml",
}
CONTACT = "mailto:data@example.org"
HTML_FIRST = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
DOCUMENTS = {
    "/sitemap.xml": "application/xml",
    "/sitemap-pages.xml": "application/xml",
    "/robots.txt": "text/plain; charset=utf-8",
    "/llms.txt": "text/plain; charset=utf-8",
    "/.well-known/api-catalog": "application/linkset+json; "
    'profile="https://www.rfc-editor.org/info/rfc9727"',
}

any_database = pytest.mark.any_database


@pytest.fixture
async def reachable(published: Settings) -> AsyncGenerator[httpx.AsyncClient, None]:
    """A client of a service whose operator can be reached."""
    async with serving(published.model_copy(update={"contact": CONTACT})) as client:
        yield client


def map_of(answer: httpx.Response) -> Element:
    assert answer.headers["content-type"] == "application/xml"
    return fromstring(answer.content)


def locations(root: Element) -> list[str]:
    return [str(one.text) for one in root.findall("*/s:loc", NAMES)]


@any_database
@pytest.mark.parametrize(("address", "content_type"), DOCUMENTS.items())
async def test_a_document_has_validators_and_answers_head(
    api: httpx.AsyncClient, address: str, content_type: str
) -> None:
    answer = await api.get(address)
    head = await api.head(address)
    again = await api.get(address, headers={"if-none-match": answer.headers["etag"]})

    assert (answer.status_code, answer.headers["content-type"]) == (200, content_type)
    assert answer.headers["last-modified"] == "Fri, 02 Jan 2026 03:04:05 GMT"
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == content_type
    assert (again.status_code, again.content) == (304, b"")
    assert answer.content == (await api.get(address)).content


@any_database
@pytest.mark.parametrize(
    "address", [*DOCUMENTS, "/.well-known/security.txt", "/catalog/cn", "/catalog/cn.csv"]
)
async def test_an_error_is_a_document_even_for_a_browser(
    api: httpx.AsyncClient, address: str
) -> None:
    answer = await api.get(f"{address}?nothing=1", headers=HTML_FIRST)

    assert (answer.status_code, answer.json()["code"]) == (400, "unknown-parameter")


@any_database
async def test_what_is_not_well_known_is_a_problem(api: httpx.AsyncClient) -> None:
    answer = await api.get("/.well-known/nothing", headers=HTML_FIRST)

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")
    assert answer.headers["content-type"] == "application/problem+json"


async def test_the_sitemap_has_every_page_for_people(api: httpx.AsyncClient) -> None:
    listed = locations(map_of(await api.get("/sitemap.xml")))
    metrics = (await api.get("/v1/metrics?fields=id&sort=id&limit=1000")).json()["data"]

    assert listed == [
        *(f"{BASE}{path}" for path in FIXED),
        *(f"{BASE}/metrics/{one['id']}" for one in metrics),
        f"{BASE}/reports/{REPORT}",
    ]
    assert {(await api.get(one)).status_code for one in listed} == {200}


async def test_a_page_of_the_sitemap_has_its_day_and_its_languages(
    api: httpx.AsyncClient,
) -> None:
    text = (await api.get("/sitemap.xml")).text

    address = f"{BASE}/reports/{REPORT}"
    assert (
        f"<url><loc>{address}</loc><lastmod>2026-01-02T03:04:05Z</lastmod>"
        f'<xhtml:link rel="alternate" hreflang="zh-CN" href="{address}?lang=zh"/>'
        f'<xhtml:link rel="alternate" hreflang="en" href="{address}?lang=en"/>'
        f'<xhtml:link rel="alternate" hreflang="x-default" href="{address}"/></url>\n'
    ) in text
    assert f"<url><loc>{BASE}/docs</loc><xhtml:link" in text


@any_database
async def test_the_languages_are_those_that_the_page_names(api: httpx.AsyncClient) -> None:
    root = map_of(await api.get("/sitemap.xml"))
    page = (await api.get("/commitments")).text

    links = root.findall("s:url[2]/x:link", NAMES)
    assert links != []
    for link in links:
        tongue, href = link.attrib["hreflang"], link.attrib["href"]
        assert f'<link rel="alternate" hreflang="{tongue}" href="{href}">' in page


@any_database
@pytest.mark.parametrize(
    ("asked", "canonical"),
    [
        ("", ""),
        ("?lang=en", "?lang=en"),
        ("?lang=zh", "?lang=zh"),
        ("?release=1&lang=en", "?lang=en&release=1"),
        ("?release=1", "?release=1"),
    ],
)
async def test_a_page_is_the_canonical_one_of_its_language(
    api: httpx.AsyncClient, asked: str, canonical: str
) -> None:
    page = (await api.get(f"/reports/{REPORT}{asked}")).text

    address = f"{BASE}/reports/{REPORT}"
    rest, alone = ("&amp;release=1", "?release=1") if "release" in asked else ("", "")
    assert f'<link rel="canonical" href="{address}{canonical.replace("&", "&amp;")}">' in page
    assert [line for line in page.splitlines() if "hreflang" in line and "<link" in line] == [
        f'<link rel="alternate" hreflang="zh-CN" href="{address}?lang=zh{rest}">',
        f'<link rel="alternate" hreflang="en" href="{address}?lang=en{rest}">',
        f'<link rel="alternate" hreflang="x-default" href="{address}{alone}">',
    ]


async def test_a_page_that_a_release_changed_has_its_day(own: Settings, seed: Seed) -> None:
    edition = changed(make_edition(seed), O083, note_zh="更正", note_en="Corrected.")
    copied = with_copy(edition, METRIC, METRICS, id="zz", name_zh="新指标", name_en="a new one")
    async with published_with(own, copied) as api:
        root = map_of(await api.get("/sitemap.xml"))

    days = {
        str(url.findtext("s:loc", namespaces=NAMES)).removeprefix(BASE): url.findtext(
            "s:lastmod", namespaces=NAMES
        )
        for url in root
    }
    first, second = "2026-01-02T03:04:05Z", "2026-01-03T00:00:00Z"
    told = ("/", "/datasets/observations", "/datasets/areas", "/commitments", "/docs")
    assert [days[path] for path in told] == [second, second, first, first, None]
    assert [days[f"/metrics/{one}"] for one in (METRIC, "zz")] == [first, second]


@any_database
async def test_behind_a_path_the_sitemap_lists_what_lies_under_it(published: Settings) -> None:
    base = "https://www.example.org/open/data"
    async with serving(published.model_copy(update={"public_url": base})) as api:
        listed = locations(map_of(await api.get("/sitemap.xml")))
        robots = (await api.get("/robots.txt")).text

    assert {one for one in listed if not one.startswith(f"{base}/")} == set()
    assert robots.endswith(f"Sitemap: {base}/sitemap.xml\n")


def test_what_would_end_an_attribute_is_escaped() -> None:
    text = print_pages([Place("https://example.org/a&b", None)]).decode()

    assert "<loc>https://example.org/a&amp;b</loc>" in text
    assert 'href="https://example.org/a&amp;b?lang=en"' in text


PARTS = ["pages", *(f"metrics-{n}" for n in range(1, 10)), "reports-1"]
"""Of 88 metrics and one report, ten to a part."""


async def test_a_large_sitemap_is_a_list_of_parts_with_every_page_once(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = locations(map_of(await api.get("/sitemap.xml")))
    monkeypatch.setattr(sitemap, "PART_MAX", 10)
    index = map_of(await api.get("/sitemap.xml"))

    parts = locations(index)
    assert index.tag == f"{{{NAMES['s']}}}sitemapindex"
    assert parts == [f"{BASE}/sitemap-{part}.xml" for part in PARTS]
    assert {one.text for one in index.findall("*/s:lastmod", NAMES)} == {"2026-01-02T03:04:05Z"}
    maps = [locations(map_of(await api.get(part))) for part in parts]
    assert [len(one) for one in maps] == [len(FIXED), *[10] * 8, 8, 1]
    assert [page for one in maps for page in one] == whole


async def test_a_part_is_the_same_whichever_was_asked_for_before(
    published: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap, "PART_MAX", 10)
    monkeypatch.setattr(sitemap, "PAGE_LIMIT_MAX", 4)
    async with serving(published) as api:
        backwards = [await api.get(f"/sitemap-{part}.xml") for part in reversed(PARTS)]
    async with serving(published) as api:
        forwards = [await api.get(f"/sitemap-{part}.xml") for part in PARTS]

    assert [one.content for one in reversed(backwards)] == [one.content for one in forwards]


@any_database
@pytest.mark.parametrize("part", ["metrics-0", "metrics-2", "metrics-01", "observations-1", "x"])
async def test_a_part_that_is_not_there_is_not_found(api: httpx.AsyncClient, part: str) -> None:
    answer = await api.get(f"/sitemap-{part}.xml")

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


async def test_the_parts_of_a_new_release_begin_anew(
    own: Settings, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sitemap, "PART_MAX", 10)
    edition = make_edition(seed)
    earlier = with_copy(edition, METRIC, METRICS, id="a", name_zh="新指标", name_en="a new one")
    async with serving(own) as api:
        first = locations(map_of(await api.get("/sitemap-metrics-2.xml")))
    async with published_with(own, earlier) as api:
        second = locations(map_of(await api.get("/sitemap-metrics-2.xml")))

    assert len(first) == len(second) == 10
    assert second[1:] == first[:-1]


async def test_a_part_follows_the_release_that_comes_while_the_service_runs(
    service: Application,
) -> None:
    walk = sitemap.Walk()
    starts = walk.of(1)
    starts["metrics", 2] = ("m",)

    assert walk.of(1) == {("metrics", 1): (), ("metrics", 2): ("m",), ("reports", 1): ()}
    assert walk.of(2) == {("metrics", 1): (), ("reports", 1): ()}
    assert [service.site.dataset[one.name] for one in sitemap.LISTED] == [METRICS, REPORTS]


@any_database
async def test_robots_may_read_everything_and_find_the_sitemap(api: httpx.AsyncClient) -> None:
    text = (await api.get("/robots.txt")).text

    robots = RobotFileParser()
    robots.parse(text.splitlines())
    assert text == f"User-agent: *\nAllow: /\n\nSitemap: {BASE}/sitemap.xml\n"
    assert robots.can_fetch("Baiduspider", f"{BASE}/datasets/observations?topic=legal_aid")
    assert robots.site_maps() == [f"{BASE}/sitemap.xml"]


@any_database
async def test_the_text_of_a_report_itself_is_not_to_be_found(api: httpx.AsyncClient) -> None:
    answer = await api.get(f"/v1/documents/{REPORT}-d1/text")

    assert answer.headers["x-robots-tag"] == "noindex"


@any_database
async def test_llms_txt_has_title_summary_and_lists_of_links_that_work(
    api: httpx.AsyncClient,
) -> None:
    text = (await api.get("/llms.txt")).text

    lines = text.splitlines()
    links = re.findall(r"^- \[[^\]]+\]\((\S+)\): \S", text, re.MULTILINE)
    assert lines[0] == "# 政府报告开放数据 / Open Data from Government Reports"
    assert lines[2].startswith("> 政府报告中的每个数字和承诺")
    assert [line for line in lines if line.startswith("## ")] == [
        *("## 接口 / API", "## 数据集 / Datasets", "## Optional")
    ]
    assert len(links) == 11 + len(DATASETS)
    assert {(await api.get(one)).status_code for one in links} == {200}
    for dataset in DATASETS:
        assert (
            f"- [{dataset.title.zh} / {dataset.title.en}]({BASE}/v1/{dataset.name}): "
            f"{dataset.description.zh} / {dataset.description.en}"
        ) in lines


@any_database
async def test_the_list_of_apis_leads_to_description_guide_and_state(
    api: httpx.AsyncClient,
) -> None:
    answer = await api.get("/.well-known/api-catalog")

    json = "application/json"
    assert answer.json() == {
        "linkset": [
            {
                "anchor": f"{BASE}/.well-known/api-catalog",
                "item": [
                    {"href": f"{BASE}/v1", "type": json},
                    {"href": f"{BASE}/api/3", "type": json},
                    {"href": f"{BASE}/oai?verb=Identify", "type": "text/xml"},
                ],
            },
            {
                "anchor": f"{BASE}/v1",
                "service-desc": [{"href": f"{BASE}/openapi.json", "type": json}],
                "service-doc": [
                    {"href": f"{BASE}/docs", "type": "text/html"},
                    {"href": f"{BASE}/docs/reference", "type": "text/html"},
                ],
                "service-meta": [{"href": f"{BASE}/v1/datasets", "type": json}],
                "status": [{"href": f"{BASE}/-/ready", "type": json}],
            },
        ]
    }
    for context in answer.json()["linkset"]:
        for targets in (one for name, one in context.items() if name != "anchor"):
            for target in targets:
                there = await api.get(target["href"])
                kind = there.headers["content-type"].partition(";")[0]
                assert (there.status_code, kind) == (200, target["type"])


@any_database
@pytest.mark.parametrize("address", ["/", "/v1", "/.well-known/api-catalog"])
async def test_the_list_of_apis_is_found_by_link_headers(
    api: httpx.AsyncClient, address: str
) -> None:
    answer = await api.head(address)

    link = f'<{BASE}/.well-known/api-catalog>; rel="api-catalog"'
    assert link in answer.headers["link"].split(", ")


@any_database
async def test_without_a_contact_there_is_no_security_txt(api: httpx.AsyncClient) -> None:
    answer = await api.get("/.well-known/security.txt", headers=HTML_FIRST)

    assert (answer.status_code, answer.json()["code"]) == (404, "not-found")


@any_database
async def test_security_txt_names_the_contact_and_is_not_out_of_date(
    reachable: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(discovery, "today", lambda: date(2026, 11, 29))
    answer = await reachable.get("/.well-known/security.txt")
    again = await reachable.get(
        "/.well-known/security.txt", headers={"if-none-match": answer.headers["etag"]}
    )

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.text == (
        f"Contact: {CONTACT}\n"
        "Expires: 2027-04-01T00:00:00Z\n"
        "Preferred-Languages: zh, en\n"
        f"Canonical: {BASE}/.well-known/security.txt\n"
    )
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize(
    ("today", "expires"),
    [
        (date(2026, 1, 1), "2026-07-01"),
        (date(2026, 3, 31), "2026-07-01"),
        (date(2026, 4, 1), "2026-10-01"),
        (date(2026, 7, 1), "2027-01-01"),
        (date(2026, 9, 30), "2027-01-01"),
        (date(2026, 10, 1), "2027-04-01"),
        (date(2026, 12, 31), "2027-04-01"),
    ],
)
def test_security_txt_is_good_for_three_to_six_months(today: date, expires: str) -> None:
    lines = print_security(BASE, CONTACT, today).decode().splitlines()

    assert lines[1] == f"Expires: {expires}T00:00:00Z"
    assert 90 <= (date.fromisoformat(expires) - today).days <= 184


def test_security_txt_names_no_address_that_is_not_https() -> None:
    text = print_security("http://127.0.0.1:8000", CONTACT, date(2026, 1, 1)).decode()

    assert "Canonical" not in text


def test_today_is_the_day_by_utc() -> None:
    before, told, after = datetime.now(UTC).date(), discovery.today(), datetime.now(UTC).date()

    assert before <= told <= after

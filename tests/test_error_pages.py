"""An error on the address of a page is a page to a reader and a document to a program."""

from html import unescape
from urllib.parse import urljoin

import httpx
import pytest
from conftest import BASE
from test_pages import POLICY, Page

from opendata_api.datasets import DATASETS
from opendata_api.settings import Settings
from opendata_api.web.app import create_app
from opendata_api.web.negotiation import prefers_html

pytestmark = pytest.mark.any_database

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"
PROBLEM = "application/problem+json"

# method, address, status, code
ERRORS = [
    ("GET", "/?lagn=en", 400, "unknown-parameter"),
    ("GET", "/?lang=fr", 400, "invalid-value"),
    ("GET", "/docs?x=1&y=2", 400, "unknown-parameter"),
    ("GET", "/docs?x=%ff", 400, "invalid-encoding"),
    ("GET", "/problems/not-found?x=1", 400, "unknown-parameter"),
    ("GET", "/problems/nothing", 404, "not-found"),
    ("GET", "/nothing", 404, "not-found"),
    ("GET", "/v1nothing", 404, "not-found"),
    ("GET", "/static/nothing.css", 404, "not-found"),
    ("POST", "/docs", 405, "method-not-allowed"),
    ("GET", f"/docs?{'a' * 8193}", 414, "uri-too-long"),
]
DOCUMENTS = [
    "/v1",
    "/v1/",
    "/v1/nothing",
    "/-/nothing",
    "/-/health",
    "/openapi.json",
    "/.well-known/nothing",
    "/feeds/nothing",
    "/oai/nothing",
    "/catalog",
    "/catalog/nothing",
    "/catalog.ttl",
]

every_error = pytest.mark.parametrize("error", ERRORS, ids=[one[1][:30] for one in ERRORS])
every_language = pytest.mark.parametrize("lang", ["zh", "en"])


@every_error
@every_language
async def test_a_reader_gets_the_error_as_a_page(
    api: httpx.AsyncClient, error: tuple[str, str, int, str], lang: str
) -> None:
    method, address, status, code = error
    headers = {"accept-language": lang}
    answer = await api.request(method, address, headers={**headers, "accept": BROWSER})
    document = await api.request(method, address, headers=headers)

    page, told = Page(answer.text), document.json()
    assert answer.status_code == document.status_code == status
    assert document.headers["content-type"] == PROBLEM
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["content-language"] == page.language == {"zh": "zh-CN"}.get(lang, lang)
    assert answer.headers["content-security-policy"] == POLICY
    for name in ("cache-control", "vary", "allow", "access-control-allow-origin"):
        assert answer.headers.get(name) == document.headers.get(name)
    assert answer.headers["vary"] == "Accept, Accept-Language, Accept-Encoding"
    assert int(answer.headers["content-length"]) == answer.num_bytes_downloaded
    text = unescape(answer.text)
    assert page.heading == told["title"]
    assert f'<a href="/problems/{code}"><code>{code}</code></a> · HTTP {status}' in text
    messages = [one["message"] for one in told["errors"]] or [told["detail"]]
    assert [message for message in messages if message not in text] == []
    offered = {one["try"] for one in told["errors"]} - {None}
    assert offered <= set(page.links)


@every_error
async def test_a_page_of_an_error_loads_its_own_files_only_and_links_to_what_is_there(
    api: httpx.AsyncClient, error: tuple[str, str, int, str]
) -> None:
    method, address, *_ = error
    page = Page((await api.request(method, address, headers={"accept": BROWSER})).text)

    loaded = [urljoin(f"{BASE}{address}", one) for one in page.loaded]
    links = [urljoin(f"{BASE}{address}", one) for one in page.links if not one.startswith("#")]
    assert loaded == [f"{BASE}/static/{one}" for one in ("icon.svg", "site.css", "site.js")]
    assert page.inline == []
    in_english = f"{BASE}{address.partition('?')[0]}?"
    others = [one for one in links if not (one.startswith(in_english) and "lang=en" in one)]
    assert len(others) >= len(links) - 2
    assert {(await api.get(one)).status_code for one in others} == {200}


@pytest.mark.parametrize("address", [f"{one}?lagn=en" for one in DOCUMENTS])
async def test_an_error_of_the_api_is_a_document_whoever_asks(
    api: httpx.AsyncClient, address: str
) -> None:
    answer = await api.get(address, headers={"accept": BROWSER})

    assert answer.status_code in (400, 404)
    assert answer.headers["content-type"] == PROBLEM


@pytest.mark.parametrize(
    ("accept", "is_page"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("TEXT/HTML;q=0.2", True),
        ("text/*", True),
        ("text/html, application/json;q=0.9", True),
        ("text/html;q=0.9, application/problem+json;q=0.8, */*;q=0.1", True),
        (None, False),
        ("", False),
        ("*/*", False),
        ("nonsense", False),
        ("text/html;q=0", False),
        ("application/json", False),
        ("application/problem+json", False),
        ("text/html, application/json", False),
        ("text/html;q=0.5, */*;q=0.6", False),
        ("text/html;q=0.8, application/*", False),
        ("text/html, application/problem+json", False),
    ],
)
def test_a_reader_is_who_rates_html_above_json(accept: str | None, is_page: bool) -> None:  # noqa: FBT001
    assert prefers_html(accept) is is_page


@pytest.mark.parametrize(
    ("address", "meant"),
    [
        ("/doc", "/docs"),
        ("/Docs", "/docs"),
        ("/openapi.jso", "/openapi.json"),
        ("/problems/unknown-paramter", "/problems/unknown-parameter"),
        ("/observations", "/v1/observations"),
        ("/V1/areas", "/v1/areas"),
        ("/comitments.csv", "/v1/commitments.csv"),
        ("/commitment", "/commitments"),
        ("/datasets", "/#datasets"),
        ("/datasets/nope", "/#datasets"),
        ("/metrics", "/datasets/metrics"),
        ("/reports/", "/datasets/reports"),
        ("/releases/1", "/releases"),
        ("/problems", "/docs#codes"),
        ("/commitments/", "/commitments"),
        ("/datasets/observation", "/datasets/observations"),
        ("/metrics/legal_aid_case_assigned", "/metrics/legal_aid_cases_assigned"),
        (
            "/metrics/legal_aid_case_assigned/embed",
            "/metrics/legal_aid_cases_assigned/embed",
        ),
        ("/metrics/nothing-like-it/embed", "/datasets/metrics"),
        ("/datasets/areas/450204", "/datasets/areas/450203"),
        ("/reports/cn450203-2024-rol", "/reports/cn450203-2023-rol"),
        ("/reports/nothing", "/datasets/reports"),
    ],
)
async def test_a_page_that_is_not_there_names_the_one_that_was_meant(
    api: httpx.AsyncClient, address: str, meant: str
) -> None:
    answer = await api.get(f"{address}?lang=en", headers={"accept": BROWSER})

    assert f'You may have meant: <a href="{BASE}{meant}">{BASE}{meant}</a>' in answer.text
    assert (await api.get(meant)).status_code == 200


async def test_what_is_like_nothing_is_only_not_found(api: httpx.AsyncClient) -> None:
    answer = await api.get("/xyzzy/plugh?lang=en", headers={"accept": BROWSER})

    assert answer.status_code == 404
    assert "You may have meant" not in answer.text
    assert f'"{BASE}' not in answer.text


async def test_the_page_of_an_error_shows_what_was_asked_as_text(api: httpx.AsyncClient) -> None:
    answer = await api.get("/?%3Cscript%3Ealert(1)%3C/script%3E=1", headers={"accept": BROWSER})

    assert answer.status_code == 400
    assert "<script>" not in answer.text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in answer.text


async def test_the_other_language_of_an_error_is_the_same_error(api: httpx.AsyncClient) -> None:
    headers = {"accept": BROWSER}
    answer = await api.get("/docs?x=1&lang=en", headers=headers)
    other = await api.get("/docs?x=1&lang=zh", headers=headers)

    assert "?x=1&lang=zh" in Page(answer.text).links
    assert "?x=1&lang=en" in Page(other.text).links
    assert answer.headers["vary"] == other.headers["vary"] == "Accept, Accept-Encoding"


async def test_the_head_of_an_error_page_is_that_of_the_page(api: httpx.AsyncClient) -> None:
    headers = {"accept": BROWSER, "x-request-id": "same"}
    get = await api.get("/nothing", headers=headers)
    head = await api.head("/nothing", headers=headers)

    assert (head.status_code, head.content) == (404, b"")
    assert dict(head.headers) == dict(get.headers)


async def test_a_home_page_without_a_release_is_a_page_too(empty: Settings) -> None:
    app = create_app(empty, DATASETS)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
        answer = await client.get("/", headers={"accept": BROWSER})

    assert answer.status_code == 503
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["cache-control"] == "no-store"


async def test_what_fails_on_our_side_is_a_page_that_tells_nothing_of_the_inside(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr("opendata_api.web.pages.plain.render", fail)
    answer = await api.get("/docs", headers={"accept": BROWSER})

    assert answer.status_code == 500
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "secret" not in answer.text

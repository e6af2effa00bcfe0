"""What HTTP asks of every answer: methods, headers, encodings, problem documents."""

import asyncio
import re
import shutil
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote_to_bytes

import httpx
import pytest
from conftest import BASE, PUBLISHED_AT
from editions import O083, published_with, serving, without
from starlette.types import Message, Receive, Scope, Send

from opendata_api.datasets import DATASETS
from opendata_api.errors import all_errors
from opendata_api.formats import FORMATS
from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store.erasing import Erasure
from opendata_api.store.model import Edition
from opendata_api.store.place import erase, withdraw_release
from opendata_api.store.release_files import ROWS_ALONE
from opendata_api.web import files
from opendata_api.web.app import Application, create_app
from opendata_api.web.edge import Edge
from opendata_api.words import Text

pytestmark = pytest.mark.any_database

METHODS = "GET, HEAD, OPTIONS"
EXPOSED = (
    "Link, ETag, Content-Disposition, Content-Range, Accept-Ranges, Retry-After, RateLimit, "
    "X-Request-Id"
)
DOCUMENT = "/v1/documents/cn450203-2023-rol-d1"

LISTS = [
    f"/v1/{dataset.name}{suffix}"
    for dataset in DATASETS
    for suffix in ("", *(f".{one.suffix}" for one in FORMATS))
]
RECORDS = [f"/v1/{dataset.name}/{dataset.field['id'].about.example}" for dataset in DATASETS]
SERVICE = [
    "/v1",
    "/v1/datasets",
    "/v1/datasets/observations",
    "/v1/releases",
    "/v1/releases/1",
    "/v1/observations/aggregate",
    f"{DOCUMENT}/text",
    f"{DOCUMENT}/coverage",
]
CATALOGUE = ["/catalog", "/catalog.ttl", "/catalog.jsonld", "/catalog.rdf"]
STATES = ["/-/health", "/-/ready"]
PAGES = [
    *("/datasets/observations", "/datasets/areas/450203", "/metrics/inspection_tasks"),
    *("/reports/cn450203-2023-rol", "/commitments", "/releases", "/search", "/docs/reference"),
    *("/", "/docs", "/problems/not-found", "/static/site.css", "/openapi.json"),
    "/.well-known/jwks.json",
]
FORGIVING = ["/datasets/observations", "/commitments", "/search"]
"""Forms send what was left empty too, and the pages that have one lead on without it."""
ADDRESSES = [*LISTS, *RECORDS, *SERVICE, *CATALOGUE, *STATES, *PAGES]

PROBLEM_MEMBERS = ["type", "code", "title", "status", "detail", "instance", "errors"]
FAULT_MEMBERS = ["parameter", "message", "allowed", "did_you_mean", "try"]

every_address = pytest.mark.parametrize("address", ADDRESSES)


def assert_headers_of_every_answer(answer: httpx.Response) -> None:
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["access-control-expose-headers"] == EXPOSED
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "strict-origin-when-cross-origin"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert re.fullmatch(r"[A-Za-z0-9._-]{1,64}", answer.headers["x-request-id"])
    for absent in ("set-cookie", "access-control-allow-credentials", "server", "x-powered-by"):
        assert absent not in answer.headers


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """The document, which has exactly the members of the contract."""
    document: dict[str, Any] = answer.json()
    assert (answer.status_code, document["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["content-length"]) == answer.num_bytes_downloaded
    assert list(document) == PROBLEM_MEMBERS
    assert document["status"] == status
    assert document["type"] == f"{BASE}/problems/{code}"
    assert document["instance"].isascii()
    assert all(list(fault) == FAULT_MEMBERS for fault in document["errors"])
    assert_headers_of_every_answer(answer)
    return document


@pytest.mark.untraced
@every_address
async def test_head_is_answered_as_get_without_a_body(api: httpx.AsyncClient, address: str) -> None:
    get = await api.get(address, headers={"x-request-id": "same"})
    head = await api.head(address, headers={"x-request-id": "same"})

    assert head.status_code == get.status_code == 200
    assert head.content == b""
    assert dict(head.headers) == dict(get.headers)
    assert_headers_of_every_answer(get)


async def test_the_head_of_an_error_is_that_of_the_error(api: httpx.AsyncClient) -> None:
    get = await api.get("/v1/areas?nosuch=1", headers={"x-request-id": "same"})
    head = await api.head("/v1/areas?nosuch=1", headers={"x-request-id": "same"})

    assert head.status_code == 400
    assert head.content == b""
    assert dict(head.headers) == dict(get.headers)


@every_address
async def test_options_tells_the_methods_for_a_preflight(
    api: httpx.AsyncClient, address: str
) -> None:
    answer = await api.options(
        address,
        headers={"origin": "https://a.example", "access-control-request-method": "GET"},
    )

    assert answer.status_code == 204
    assert answer.content == b""
    assert answer.headers["allow"] == METHODS
    assert answer.headers["access-control-allow-methods"] == METHODS
    assert answer.headers["access-control-allow-headers"] == "*"
    assert answer.headers["access-control-max-age"] == "86400"
    assert_headers_of_every_answer(answer)


@every_address
async def test_other_methods_are_refused_with_those_that_are_allowed(
    api: httpx.AsyncClient, address: str
) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO", "get"):
        request = api.build_request("GET", address)
        request.method = method
        answer = await api.send(request)
        assert_problem(answer, 405, "method-not-allowed")
        assert answer.headers["allow"] == METHODS


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS", "POST", "DELETE", "FOO"])
@pytest.mark.parametrize("address", ["/v1/nothing", "/nothing", "/v1/", "/-/nothing"])
async def test_no_method_finds_what_is_not_there(
    api: httpx.AsyncClient, address: str, method: str
) -> None:
    answer = await api.request(method, address)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"
    assert "allow" not in answer.headers


def requests_gone_wrong() -> list[tuple[str, str, dict[str, str], int, str]]:
    """Method, query, headers, status and code of errors that every address can answer."""
    return [
        ("GET", "?nosuch=1", {}, 400, "unknown-parameter"),
        ("GET", "?Lang=en", {}, 400, "unknown-parameter"),
        ("GET", "?lang=fr", {}, 400, "invalid-value"),
        ("GET", "?lang=", {}, 400, "invalid-value"),
        ("GET", "?lang=zh&lang=en", {}, 400, "duplicate-parameter"),
        ("GET", "?lang=%ff", {}, 400, "invalid-encoding"),
        ("GET", "?lang=%ZZ", {}, 400, "invalid-encoding"),
        ("GET", f"?{'a' * 8193}", {}, 414, "uri-too-long"),
        ("GET", "", {"content-encoding": "gzip"}, 415, "unsupported-content-encoding"),
        ("POST", "", {}, 405, "method-not-allowed"),
    ]


@every_address
async def test_every_error_of_every_address_is_a_problem_document(
    api: httpx.AsyncClient, address: str
) -> None:
    for method, query, headers, status, code in requests_gone_wrong():
        answer = await api.request(method, f"{address}{query}", headers=headers)
        if query == "?lang=" and address in FORGIVING:
            assert (answer.status_code, answer.headers["location"]) == (308, f"{BASE}{address}")
            continue
        assert_problem(answer, status, code)


@pytest.mark.parametrize("address", [*LISTS[:: 1 + len(FORMATS)], *RECORDS])
async def test_a_format_that_is_not_there_is_not_acceptable(
    api: httpx.AsyncClient, address: str
) -> None:
    formats = [one.accepts[0] for one in FORMATS if one.accepts]
    for accept in ("image/png", "text/csv;q=0, image/*", "application/json;q=0", "text/plain"):
        answer = await api.get(address, headers={"accept": accept})
        document = assert_problem(answer, 406, "not-acceptable")
        assert document["errors"] == [
            {
                "parameter": "Accept",
                "message": "可用的格式见 allowed",
                "allowed": formats,
                "did_you_mean": None,
                "try": None,
            }
        ]


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        (None, "application/json"),
        ("*/*", "application/json"),
        ("application/*", "application/json"),
        ("text/*", "text/csv; charset=utf-8; header=present"),
        ("text/*;q=0.5, */*;q=0.1", "text/csv; charset=utf-8; header=present"),
        ("text/html, text/*;q=0.5", "application/json"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "application/json"),
        ("TEXT/CSV", "text/csv; charset=utf-8; header=present"),
        ("text/csv, application/json;q=0.9", "text/csv; charset=utf-8; header=present"),
        ("application/json;q=0.1, text/csv;q=0.2", "text/csv; charset=utf-8; header=present"),
        ("text/csv;q=2, application/json", "application/json"),
        ("text/csv;q=0.5, application/json;q=0.5", "application/json"),
        ("nonsense", "application/json"),
        ("", "application/json"),
    ],
)
async def test_the_accept_header_chooses_the_format(
    api: httpx.AsyncClient, accept: str | None, content_type: str
) -> None:
    request = api.build_request("GET", "/v1/areas")
    del request.headers["accept"]
    if accept is not None:
        request.headers["accept"] = accept

    answer = await api.send(request)

    assert answer.headers["content-type"] == content_type


@pytest.mark.parametrize(
    ("header", "lang"),
    [
        (None, "zh"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("fr, en;q=0.4, zh;q=0.2", "en"),
        ("fr", "zh"),
        ("*", "zh"),
        ("en;q=0", "zh"),
        ("en;q=nonsense", "en"),
        ("!!", "zh"),
    ],
)
async def test_an_error_is_told_in_the_language_of_the_caller(
    api: httpx.AsyncClient, header: str | None, lang: str
) -> None:
    headers = {} if header is None else {"accept-language": header}

    answer = await api.get("/nothing", headers=headers)
    asked = await api.get("/nothing?lang=en", headers=headers)
    broken = await api.get("/v1/areas?x=%ZZ&lang=en", headers=headers)

    assert answer.json()["title"] == {"zh": "未找到", "en": "Not found"}[lang]
    assert asked.json()["title"] == "Not found"
    assert broken.json()["title"] == {"zh": "编码无效", "en": "Invalid encoding"}[lang]


async def test_the_query_may_have_8_kib_and_no_more(api: httpx.AsyncClient) -> None:
    longest = await api.get("/v1/observations?metric=" + "a" * (8192 - len("metric=")))
    beyond = await api.get("/v1/observations?metric=" + "a" * (8193 - len("metric=")))

    assert longest.status_code == 200
    assert longest.json()["data"] == []
    document = assert_problem(beyond, 414, "uri-too-long")
    assert document["instance"] == "/v1/observations"


@pytest.mark.parametrize("given", ["a", "A-1_b.c", "x" * 64])
async def test_a_request_id_of_the_caller_is_kept(api: httpx.AsyncClient, given: str) -> None:
    answer = await api.get("/v1", headers={"x-request-id": given})

    assert answer.headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "a b", "x" * 65, "a\tb", "<b>", "a,b"])
async def test_a_strange_request_id_is_replaced(api: httpx.AsyncClient, given: str) -> None:
    first, second = [await api.get("/v1", headers={"x-request-id": given}) for _ in range(2)]

    assert re.fullmatch("[0-9a-f]{16}", first.headers["x-request-id"])
    assert first.headers["x-request-id"] != second.headers["x-request-id"]


@pytest.mark.parametrize(
    "address", ["/v1/areas", "/v1/areas.csv", "/v1/areas/450203", "/v1", "/", "/nothing"]
)
async def test_forwarded_headers_change_nothing(api: httpx.AsyncClient, address: str) -> None:
    forged = {
        "host": "evil.example",
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "http",
        "x-forwarded-for": "203.0.113.9",
        "x-forwarded-prefix": "/x",
        "x-original-url": "/admin",
        "x-rewrite-url": "/admin",
        "forwarded": "host=evil.example;proto=http",
        "x-request-id": "same",
        "x-http-method-override": "DELETE",
    }

    plain = await api.get(address, headers={"x-request-id": "same"})
    dressed = await api.get(address, headers=forged)

    assert dressed.content == plain.content
    assert dict(dressed.headers) == dict(plain.headers)
    assert dressed.status_code == plain.status_code


@pytest.mark.parametrize(
    "path", ["/%", "/%zz", "/v1/%ff", "/v1/areas/%e9", "/v1/%c0%af", "/%ed%a0%80"]
)
async def test_a_path_that_is_not_percent_encoded_utf_8_is_refused(
    service: Application, path: str
) -> None:
    answer = await raw_get(service, path)

    assert_problem(answer, 400, "invalid-encoding")


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example",
        "//evil.example/%2e%2e",
        "//evil.example/v1/areas",
        "///",
        "/v1//areas",
        "/v1/areas/",
        "/v1/areas%2F..%2F..%2Fetc%2Fpasswd",
        "/static/..%2f..%2fsettings.py",
        "/static/%2e%2e/app.py",
        "/problems/..%2f..",
        "/v1/areas/450203%00",
        "/V1/areas",
        "/\\evil.example",
    ],
)
async def test_a_strange_path_is_not_found_and_leads_nowhere(
    service: Application, path: str
) -> None:
    answer = await raw_get(service, path)

    document = assert_problem(answer, 404, "not-found")
    assert "location" not in answer.headers
    assert document["instance"] == path


async def raw_get(app: Application, path: str) -> httpx.Response:
    """The answer to a path that a client would mend before it is sent."""
    raw = path.encode()
    scope = {
        "type": "http",
        "method": "GET",
        "path": unquote_to_bytes(raw).decode(errors="replace"),
        "raw_path": raw,
        "query_string": b"",
        "headers": [],
    }
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, send)
    start, body = messages
    sent = httpx.ByteStream(body["body"])
    answer = httpx.Response(start["status"], headers=start["headers"], stream=sent)
    answer.read()
    return answer


@pytest.mark.parametrize("query", ["metric=%C3%A9&unit=a+b", "metric=%c3%a9&unit=a%20b"])
async def test_a_query_may_be_encoded_in_either_way(api: httpx.AsyncClient, query: str) -> None:
    answer = await api.get(f"/v1/observations?{query}")

    assert answer.json()["links"]["self"] == (f"{BASE}/v1/observations?metric=%C3%A9&unit=a%20b")


CORRECTIONS = [
    ("/v1/observations?offset=100&year=2023", "?year=2023"),
    ("/v1/observations?yaer=2023", "?year=2023"),
    ("/v1/observations?yaer__gte=2023", "?year__gte=2023"),
    ("/v1/observations?limit=5000", "?limit=1000"),
    ("/v1/observations?limit=0", ""),
    ("/v1/observations?limit=-1", ""),
    ("/v1/observations?limit=99999999999", "?limit=1000"),
    ("/v1/observations?limit=10&limit=20", "?limit=10"),
    ("/v1/observations?sort=valu", "?sort=value"),
    ("/v1/observations?sort=-yera,unit", "?sort=-year,unit"),
    ("/v1/observations?sort=nothing", ""),
    ("/v1/observations?sort=quote", ""),
    ("/v1/observations?sort=year,year", ""),
    ("/v1/observations?fields=id,valeu", "?fields=id,value"),
    ("/v1/observations?fields=id,nothing", "?fields=id"),
    ("/v1/observations?fields=nothing", ""),
    ("/v1/observations?fields=id,id", "?fields=id"),
    ("/v1/observations?value__regex=1", ""),
    ("/v1/observations?quote=a", "?quote__contains=a"),
    ("/v1/observations?year=abc&unit=case", "?unit=case"),
    ("/v1/observations?lang=fr", ""),
    ("/v1/observations?dim=a", ""),
    ("/v1/observations?dim=:a&dim=service_scope:citywide", "?dim=service_scope:citywide"),
    ("/v1/observations?cursor=abc&limit=3", "?limit=3"),
    ("/v1/observations?release=9&limit=3", "?limit=3"),
    ("/v1/observations?release=0", ""),
    ("/v1/areas?parent_id__isnull=yes", ""),
    ("/v1/reports?published_on__gte=2023-13-01", ""),
    ("/v1/observations?a=1&b=2&year=2023&c=", "?year=2023"),
    ("/v1/observations?metric=%22%26%23%E4%B8%AD&x=1", "?metric=%22%26%23%E4%B8%AD"),
    ("/v1/areas/450203?limit=1&fields=id", "?fields=id"),
    ("/v1/datasets?relaese=1", "?release=1"),
    ("/v1?release=7", ""),
    ("/?lagn=en", "?lang=en"),
]


@pytest.mark.parametrize(("address", "query"), CORRECTIONS)
async def test_every_corrected_address_works(
    api: httpx.AsyncClient, address: str, query: str
) -> None:
    answer = await api.get(address)

    assert answer.status_code == 400
    path = address.partition("?")[0]
    offered = {fault["try"] for fault in answer.json()["errors"]}
    assert offered == {f"{BASE}{path}{query}"}
    assert (await api.get(offered.pop())).status_code == 200


async def test_all_faults_of_a_query_are_told_at_once(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/areas?levl=county&limit=0&sort=name_zh&lang=en")

    document = assert_problem(answer, 400, "unknown-parameter")
    offered = f"{BASE}/v1/areas?level=county&lang=en"
    assert document["title"] == "Unknown parameter"
    assert document["detail"] == (
        "levl: there is no parameter “levl”; limit: must be between 1 and 1000; "
        "sort: rows can't be sorted by “name_zh”"
    )
    assert document["instance"] == "/v1/areas?levl=county&limit=0&sort=name_zh&lang=en"
    assert [fault["parameter"] for fault in document["errors"]] == ["levl", "limit", "sort"]
    assert [fault["did_you_mean"] for fault in document["errors"]] == ["level", None, None]
    assert document["errors"][2]["allowed"] == ["id", "level"]
    assert {fault["try"] for fault in document["errors"]} == {offered}


async def test_what_failed_on_our_side_is_a_problem_that_tells_nothing_of_the_inside(
    api: httpx.AsyncClient, service: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr(type(service.site.store), "page", fail)
    answer = await api.get("/v1/areas", headers={"accept-language": "en"})

    assert assert_problem(answer, 500, "internal-error") == {
        "type": f"{BASE}/problems/internal-error",
        "code": "internal-error",
        "title": "Internal error",
        "status": 500,
        "detail": "Something failed on our side and was logged. Quote the X-Request-Id header "
        "when you report it.",
        "instance": "/v1/areas",
        "errors": [],
    }
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "address",
    [
        *LISTS,
        *RECORDS,
        *SERVICE,
        *CATALOGUE,
        "/-/ready",
        "/",
        "/openapi.json",
        "/.well-known/jwks.json",
    ],
)
async def test_without_a_release_every_address_of_data_is_unavailable(
    empty: Settings, address: str
) -> None:
    app = create_app(empty, DATASETS)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
        answer = await client.get(address)
        health = await client.get("/-/health")

    assert_problem(answer, 503, "database-unavailable")
    assert answer.headers["retry-after"] == "5"
    assert answer.headers["cache-control"] == "no-store"
    assert health.status_code == 200


async def problems(api: httpx.AsyncClient) -> Mapping[str, httpx.Response]:
    """An answer of each kind of error that a caller can meet here."""
    return {
        "unknown-parameter": await api.get("/v1/areas?nosuch=1"),
        "unknown-field": await api.get("/v1/areas?fields=nosuch"),
        "unknown-operator": await api.get("/v1/areas?level__gte=1"),
        "duplicate-parameter": await api.get("/v1/areas?limit=1&limit=1"),
        "invalid-value": await api.get("/v1/areas?limit=a"),
        "out-of-range": await api.get("/v1/areas?limit=0"),
        "invalid-encoding": await api.get("/v1/areas?level=%ff"),
        "too-many-values": await api.get(f"/v1/areas?level__in={'a,' * 100}a"),
        "invalid-sort": await api.get("/v1/areas?sort=id,id"),
        "invalid-cursor": await api.get("/v1/areas?cursor=a"),
        "expensive-query": await api.get(
            "/v1/areas?parent_id__isnull=false&level__in=county,prefecture"
        ),
        "too-large-for-format": await api.get("/v1/observations.xlsx"),
        "not-found": await api.get("/nothing"),
        "method-not-allowed": await api.post("/v1/areas"),
        "not-acceptable": await api.get("/v1/areas", headers={"accept": "image/png"}),
        "uri-too-long": await api.get(f"/v1/areas?{'a' * 8193}"),
        "unsupported-content-encoding": await api.get(
            "/v1/areas", headers={"content-encoding": "gzip"}
        ),
        "too-many-exports": await api.get("/v1/areas.csv"),
    }


async def problems_of_releases(own: Settings, after: Edition) -> dict[str, httpx.Response]:
    """One answer for each kind of problem that needs more releases or fewer files."""
    erasure = Erasure([O083], Text("清除", "Erased."), PUBLISHED_AT)
    await asyncio.to_thread(erase, own, DATASETS, after, erasure, ROWS_ALONE)
    file = "/v1/releases/1/files/areas.csv"
    async with serving(own.model_copy(update={"files_releases": 1})) as client:
        answers = {"file-not-kept": await client.get(file)}
    async with serving(own) as client:
        answers["erased"] = await client.get(f"/v1/observations/{O083}?release=1")
        answers["range-not-satisfiable"] = await client.get(file, headers={"range": "bytes=9999-"})
        shutil.rmtree(own.files_folder)
        answers["file-unavailable"] = await client.get(file)
    why = Text("依法撤下", "Withdrawn.")
    await asyncio.to_thread(withdraw_release, own, DATASETS, 1, why, ROWS_ALONE)
    async with serving(own) as client:
        answers["gone-release"] = await client.get(file)
    return answers


@pytest.mark.usefixtures("small_workbooks", "without_files")
async def test_every_kind_of_error_is_met_and_has_a_page(
    api: httpx.AsyncClient,
    published: Settings,
    own: Settings,
    seed: Seed,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    busy = create_app(published.model_copy(update={"exports_max": 1}), DATASETS)
    busy.site.store.read_rows_max = 1
    monkeypatch.setattr(files, "PAGE_LIMIT_MAX", 1)
    statuses = {error.code: error.status for error in all_errors()}

    await busy.site.store.open()
    await busy.site.exports.acquire()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(busy), base_url=BASE) as client:
        answers = dict(await problems(client))
    await busy.site.store.close()
    answers["not-additive"] = await api.get("/v1/observations/aggregate?agg=sum:value")
    after = without(make_edition(seed), O083)
    async with published_with(own, after) as client:
        answers["withdrawn"] = await client.get(f"/v1/observations/{O083}")
    answers |= await problems_of_releases(own, after)
    unmet = {"internal-error", "database-unavailable", "statement-timeout"}
    assert set(answers) | unmet == set(statuses)
    for code, answer in answers.items():
        document = assert_problem(answer, statuses[code], code)
        page = await api.get(document["type"])
        assert page.status_code == 200
        assert f"<code>{code}</code>" in page.text


async def test_a_request_with_a_body_is_answered_and_its_connection_closed(
    api: httpx.AsyncClient,
) -> None:
    plain = await api.get("/v1/areas")
    with_body = await api.request("GET", "/v1/areas", content=b"abc")
    empty = await api.request("GET", "/v1/areas", headers={"content-length": "0"})

    assert with_body.content == plain.content
    assert with_body.headers["connection"] == "close"
    assert "connection" not in plain.headers
    assert "connection" not in empty.headers


async def test_an_answer_made_in_pieces_has_none_of_them_for_head() -> None:
    async def in_pieces(scope: Scope, receive: Receive, send: Send) -> None:
        del scope, receive
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"one", "more_body": True})
        await send({"type": "http.response.body", "body": b"two"})

    edge = Edge(in_pieces, BASE, lambda _: ("GET",))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(edge), base_url=BASE) as client:
        get = await client.get("/")
        head = await client.head("/")

    assert (get.content, head.content) == (b"onetwo", b"")
    assert_headers_of_every_answer(head)


async def test_a_web_socket_is_closed_without_an_answer(service: Application) -> None:
    messages: list[Message] = []

    async def receive() -> Message:
        return {"type": "websocket.connect"}

    async def send(message: Message) -> None:
        messages.append(message)

    scope = {"type": "websocket", "path": "/v1/areas", "headers": [], "query_string": b""}
    await service(scope, receive, send)

    assert [message["type"] for message in messages] == ["websocket.close"]


async def test_a_query_full_of_mistakes_gets_a_short_answer(api: httpx.AsyncClient) -> None:
    names = "&".join(f"n{number}=1" for number in range(900))
    fields = ",".join(f"f{number}" for number in range(900))

    many = await api.get(f"/v1/observations?{names}")
    wide = await api.get(f"/v1/observations?lang=en&fields={fields}")
    sorts = await api.get(f"/v1/observations?lang=en&sort={fields}")

    assert [one.status_code for one in (many, wide, sorts)] == [400, 400, 400]
    assert max(len(one.content) for one in (many, wide, sorts)) < 40_000
    assert many.json()["errors"][-1]["message"] == "另有880处错误"


async def test_a_record_that_is_not_there_is_not_found_whatever_is_asked(
    api: httpx.AsyncClient,
) -> None:
    gone = await api.get("/v1/observations/nothing?by=topic")
    there = await api.get("/v1/areas/450203?by=topic")

    assert (gone.status_code, gone.json()["code"]) == (404, "not-found")
    assert (there.status_code, there.json()["code"]) == (400, "unknown-parameter")


ITEM = ("列表中有空项，或多了一个“,”", "there is an empty item in the list, or one comma too many")
NO_FIELD = ("“__”之前缺少字段名", "there is no field's name before the “__”")
NO_NAME = ("“=”之前缺少参数名", "there is no parameter's name before the “=”")
STRAY = ("多余的“&”", "there is one & too many")
AGAIN = ("只能出现一次", "may stand only once")

# the query, what is told of it, a query that works
EMPTIES = [
    ("fields=id,,level", [("fields", ITEM)], "fields=id,level"),
    ("fields=,", [("fields", ITEM)], ""),
    ("sort=level,", [("sort", ITEM)], "sort=level"),
    ("sort=-,level", [("sort", ITEM)], "sort=level"),
    ("level__in=county,,prefecture", [("level__in", ITEM)], "level__in=county,prefecture"),
    ("level__in=,", [("level__in", ITEM)], ""),
    ("__in=county", [("__in", NO_FIELD)], ""),
    ("=county", [("", NO_NAME)], ""),
    ("&", [("", STRAY)], ""),
    ("&&&level=county&", [("", STRAY)], "level=county"),
    ("&=1&", [("", STRAY), ("", NO_NAME)], ""),
    ("limit=1&limit=2&limit=3", [("limit", AGAIN)], "limit=1"),
]


@pytest.mark.parametrize(("query", "told", "works"), EMPTIES, ids=[one[0] for one in EMPTIES])
@pytest.mark.parametrize("lang", ["zh", "en"])
async def test_what_is_empty_is_told_once_and_by_what_it_is(
    api: httpx.AsyncClient,
    query: str,
    told: list[tuple[str, tuple[str, str]]],
    works: str,
    lang: str,
) -> None:
    answer = await api.get(f"/v1/areas?{query}", headers={"accept-language": lang})

    errors = answer.json()["errors"]
    assert [(one["parameter"], one["message"]) for one in errors] == [
        (parameter, words[lang == "en"]) for parameter, words in told
    ]
    address = f"{BASE}/v1/areas?{works}" if works else f"{BASE}/v1/areas"
    assert {one["try"] for one in errors} == {address}
    assert (await api.get(address)).status_code == 200


async def test_a_value_that_is_empty_is_no_empty_item(api: httpx.AsyncClient) -> None:
    answers = [await api.get(f"/v1/areas?{one}=&lang=en") for one in ("level__in", "level", "sort")]

    assert [one.json()["errors"][0]["message"] for one in answers] == ["the value is empty"] * 3

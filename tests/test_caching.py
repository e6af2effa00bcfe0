"""Validators and cache headers, as RFC 9110 and RFC 9111 have them."""

import asyncio
import csv
from pathlib import Path

import httpx
import pytest
from conftest import BASE, PUBLISHED_AT

from opendata_api.datasets import DATASETS
from opendata_api.errors import ExpensiveQuery
from opendata_api.publish import publish
from opendata_api.settings import Settings
from opendata_api.web.app import Application, create_app

LIVE = "public, max-age=60, s-maxage=60, stale-while-revalidate=60, stale-if-error=86400"
PUBLISHED = "Fri, 02 Jan 2026 03:04:05 GMT"
DOCUMENT = "/v1/documents/cn450203-2023-rol-d1"
RECORD = "/v1/observations/cn450203-2023-rol-o001"

DATED = [
    "/v1",
    "/v1/datasets",
    "/v1/datasets/observations",
    "/v1/releases",
    "/v1/releases/1",
    "/v1/observations",
    "/v1/observations.json?year=2023",
    "/v1/observations.csv",
    "/v1/observations.excel.csv",
    "/v1/observations.xlsx",
    "/v1/observations.ndjson",
    "/v1/observations.parquet",
    "/v1/observations.zip",
    "/v1/observations/facets?by=unit",
    "/v1/observations/facets.excel.csv?by=unit",
    "/v1/observations/aggregate?group_by=topic",
    "/v1/observations/aggregate.csv?metric=inspection_tasks&agg=sum:value",
    RECORD,
    f"{RECORD}.csv",
    f"{RECORD}.excel.csv",
    f"{RECORD}.xlsx",
    f"{RECORD}.parquet",
    DOCUMENT,
    f"{DOCUMENT}/text",
    f"{DOCUMENT}/coverage",
    "/openapi.json",
    "/catalog",
    "/catalog.ttl",
    "/catalog.jsonld",
    "/catalog.rdf",
    "/",
    "/search?q=%E6%B3%95",
    "/datasets/observations?topic=legal_aid",
    "/datasets/areas/450203",
    "/metrics/inspection_tasks",
    "/metrics/inspection_tasks/chart.svg",
    "/reports/cn450203-2023-rol",
    "/commitments",
    "/releases",
]
UNDATED = [
    "/.well-known/jwks.json",
    "/docs",
    "/docs/reference",
    "/problems/not-found",
    "/static/site.css",
    "/static/docs.js",
]

every_address = pytest.mark.parametrize("address", [*DATED, *UNDATED])
every_dated_address = pytest.mark.parametrize("address", DATED)


@pytest.mark.any_database
@every_address
async def test_an_answer_has_a_strong_tag_and_is_live(api: httpx.AsyncClient, address: str) -> None:
    answer = await api.get(address)

    assert answer.status_code == 200
    assert answer.headers["cache-control"] == LIVE
    assert answer.headers["etag"].startswith('"')
    assert answer.headers.get("last-modified") == (PUBLISHED if address in DATED else None)


@pytest.mark.any_database
@every_address
async def test_a_good_copy_is_answered_304_with_the_headers_of_200(
    api: httpx.AsyncClient, address: str
) -> None:
    whole = await api.get(address)
    tag = whole.headers["etag"]

    for given in (tag, f"W/{tag}", f'"other", {tag}', f'"a,b" , W/"c",{tag},"d"', "*", " * "):
        answer = await api.get(address, headers={"if-none-match": given})

        assert (given, answer.status_code, answer.content) == (given, 304, b"")
        for name in ("etag", "cache-control", "last-modified", "vary", "content-language"):
            assert answer.headers.get(name) == whole.headers.get(name)
        assert "content-type" not in answer.headers


@pytest.mark.untraced
@pytest.mark.any_database
@every_address
async def test_another_copy_is_answered_whole(api: httpx.AsyncClient, address: str) -> None:
    whole = await api.get(address)
    tag = whole.headers["etag"]

    for given in ('"other"', tag.strip('"'), f'{tag}x"', "", ",,,", 'W/"', '"\u00e9"'):
        answer = await api.get(address, headers={b"if-none-match": given.encode("latin-1")})

        assert (given, answer.status_code) == (given, 200)
        assert answer.content == whole.content


@pytest.mark.any_database
@every_dated_address
async def test_a_copy_as_new_as_the_release_is_good(api: httpx.AsyncClient, address: str) -> None:
    times = {
        PUBLISHED: 304,
        "Sat, 03 Jan 2026 00:00:00 GMT": 304,
        "Fri, 02 Jan 2026 11:04:05 +0800": 304,
        "Fri, 02 Jan 2026 03:04:04 GMT": 200,
        "yesterday": 200,
        "": 200,
        "Fri, 99 Jan 2026 03:04:05 GMT": 200,
    }

    statuses = {
        since: (await api.get(address, headers={"if-modified-since": since})).status_code
        for since in times
    }

    assert statuses == times


@pytest.mark.untraced
@pytest.mark.any_database
@every_dated_address
async def test_a_time_counts_only_without_a_tag(api: httpx.AsyncClient, address: str) -> None:
    answer = await api.get(
        address, headers={"if-none-match": '"other"', "if-modified-since": PUBLISHED}
    )

    assert answer.status_code == 200


@pytest.mark.parametrize("address", UNDATED)
async def test_a_page_without_a_time_is_compared_by_its_tag_alone(
    api: httpx.AsyncClient, address: str
) -> None:
    answer = await api.get(address, headers={"if-modified-since": PUBLISHED})

    assert answer.status_code == 200


@pytest.mark.parametrize("condition", [{"if-none-match": "*"}, {"if-modified-since": PUBLISHED}])
@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/v1/observations?nosuch=1", 400),
        ("/v1/observations.csv?limit=0", 400),
        ("/v1/observations?release=2", 400),
        ("/v1/observations/facets", 400),
        ("/v1/observations/aggregate?agg=sum:value", 400),
        ("/v1/observations/aggregate?group_by=dim:nothing", 400),
        (f"{RECORD}?limit=1", 400),
        ("/v1?limit=1", 400),
        ("/v1/releases?limit=1", 400),
        ("/?limit=1", 400),
        ("/docs?limit=1", 400),
        ("/problems/not-found?limit=1", 400),
        ("/static/site.css?limit=1", 400),
        ("/openapi.json?limit=1", 400),
        ("/v1/observations/nothing", 404),
        ("/v1/datasets/nothing", 404),
        ("/v1/releases/9", 404),
        ("/v1/documents/nothing/text", 404),
        ("/problems/nothing", 404),
        ("/static/nothing", 404),
        ("/nothing", 404),
    ],
)
async def test_a_bad_request_is_refused_before_its_copy_is_looked_at(
    api: httpx.AsyncClient, address: str, status: int, condition: dict[str, str]
) -> None:
    answer = await api.get(address, headers=condition)

    assert answer.status_code == status
    assert answer.headers["cache-control"] == "max-age=60"
    assert "etag" not in answer.headers


@pytest.mark.parametrize(
    "address",
    [
        "/v1/observations?sort=-value",
        "/v1/observations.csv?year=2023",
        "/v1/observations/facets?by=unit",
        "/v1/observations/aggregate",
        RECORD,
    ],
)
async def test_a_good_copy_is_found_without_asking_the_database(
    api: httpx.AsyncClient, service: Application, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    tag = (await api.get(address)).headers["etag"]

    async def asked(*_: object) -> None:
        raise ExpensiveQuery

    for method in ("page", "total", "record", "attachment", "export", "facets", "groups"):
        monkeypatch.setattr(type(service.site.store), method, asked)
    known = await api.get(address, headers={"if-none-match": tag})
    unknown = await api.get(address, headers={"if-none-match": '"other"'})

    assert known.status_code == 304
    assert unknown.status_code == 400


async def test_each_representation_has_a_tag_of_its_own(api: httpx.AsyncClient) -> None:
    addresses = [
        "/v1/areas",
        "/v1/areas?limit=1",
        "/v1/areas?sort=-id",
        "/v1/areas?fields=id",
        "/v1/areas?id=450203",
        "/v1/areas?release=1",
        "/v1/areas.csv",
        "/v1/areas.csv?limit=200",
        "/v1/areas.excel.csv",
        "/v1/areas.excel.csv?lang=en",
        "/v1/areas.xlsx",
        "/v1/areas.xlsx?lang=en",
        "/v1/areas.ndjson",
        "/v1/areas.parquet",
        "/v1/areas.zip",
        "/v1/areas/facets?by=level",
        "/v1/areas/facets?by=level&limit=200",
        "/v1/areas/facets?by=level,parent_id",
        "/v1/areas/aggregate",
        "/v1/areas/aggregate?group_by=level",
        "/v1/areas/450203",
        "/v1/areas/450203.csv",
        "/v1/bodies",
        "/",
        "/?lang=en",
        "/docs",
        "/feeds/changes.atom",
        "/feeds/changes.json",
        "/oai?verb=Identify",
        "/oai?verb=ListSets",
    ]

    answers = [await api.get(address) for address in addresses]

    assert len({answer.headers["etag"] for answer in answers}) == len(addresses)
    assert len({answer.content for answer in answers}) >= len(addresses) - 1


async def test_one_question_asked_in_other_words_has_one_tag(api: httpx.AsyncClient) -> None:
    addresses = [
        "/v1/observations?year=2023&unit=case",
        "/v1/observations?unit=case&year=2023&year=2023",
        "/v1/observations.json?unit=case&year=2023&limit=200&sort=id&lang=en",
        f"/v1/observations?unit=%63ase&year=2023&fields={await all_fields(api)}",
    ]

    answers = [await api.get(address) for address in addresses]

    assert len({answer.headers["etag"] for answer in answers}) == 1
    assert len({answer.content for answer in answers}) == 1


async def all_fields(api: httpx.AsyncClient) -> str:
    row = (await api.get("/v1/observations?limit=1")).json()["data"][0]
    return ",".join(row)


@pytest.mark.parametrize(
    ("address", "vary"),
    [
        ("/v1/areas", "Accept, Accept-Encoding"),
        ("/v1/areas.json", "Accept-Encoding"),
        ("/v1/areas.csv", "Accept-Encoding"),
        ("/v1/areas.excel.csv", "Accept-Language, Accept-Encoding"),
        ("/v1/areas.excel.csv?lang=en", "Accept-Encoding"),
        ("/v1/areas.xlsx", "Accept-Language"),
        ("/v1/areas.xlsx?lang=en", None),
        ("/v1/areas.ndjson", "Accept-Encoding"),
        ("/v1/areas.parquet", None),
        ("/v1/areas.zip?lang=en", None),
        ("/v1/areas/450203", "Accept, Accept-Encoding"),
        ("/v1/areas/450203.csv", "Accept-Encoding"),
        ("/v1/areas/450203.excel.csv", "Accept-Language, Accept-Encoding"),
        ("/v1", "Accept-Encoding"),
        ("/v1/datasets/areas", "Accept-Encoding"),
        ("/openapi.json", "Accept-Encoding"),
        ("/-/health", "Accept-Encoding"),
        ("/", "Accept-Language, Accept-Encoding"),
        ("/v1/areas?nosuch=1", "Accept, Accept-Language, Accept-Encoding"),
        ("/v1/areas?nosuch=1&lang=zh", "Accept, Accept-Encoding"),
        ("/v1/areas.csv?nosuch=1&lang=zh", "Accept-Encoding"),
        ("/nothing", "Accept, Accept-Language, Accept-Encoding"),
        ("/?nosuch=1&lang=zh", "Accept, Accept-Encoding"),
        ("/v1?nosuch=1", "Accept-Language, Accept-Encoding"),
    ],
)
async def test_an_answer_says_what_it_varies_by(
    api: httpx.AsyncClient, address: str, vary: str | None
) -> None:
    answer = await api.get(address)

    assert answer.headers.get("vary") == vary


@pytest.mark.parametrize(
    ("address", "headers"),
    [
        ("/v1/areas", {"accept": "text/csv"}),
        ("/v1/areas.excel.csv", {"accept-language": "en"}),
        ("/", {"accept-language": "en"}),
        ("/nothing", {"accept-language": "en"}),
        ("/nothing", {"accept": "text/html"}),
    ],
)
async def test_what_varies_by_a_header_says_so(
    api: httpx.AsyncClient, address: str, headers: dict[str, str]
) -> None:
    plain = await api.get(address)
    other = await api.get(address, headers=headers)

    assert other.content != plain.content
    assert other.headers.get("etag", "") != plain.headers.get("etag", "none")
    assert set(headers) <= set(plain.headers["vary"].lower().split(", "))


@pytest.mark.untraced
@every_dated_address
async def test_what_varies_by_no_header_has_the_same_bytes_for_all(
    api: httpx.AsyncClient, address: str
) -> None:
    vary = (await api.get(address)).headers.get("vary", "")
    headers = {"accept": "text/csv", "accept-language": "en", "user-agent": "x", "dnt": "1"}
    kept = {name: value for name, value in headers.items() if name not in vary.lower()}

    plain = await api.get(address)
    dressed = await api.get(address, headers=kept)

    assert dressed.content == plain.content
    assert dressed.headers["etag"] == plain.headers["etag"]


@pytest.mark.parametrize("address", ["/-/health", "/-/ready", "/-/nothing", "/-/health?a=1"])
async def test_what_operators_ask_is_never_stored(api: httpx.AsyncClient, address: str) -> None:
    answer = await api.get(address, headers={"if-none-match": "*"})

    assert answer.headers["cache-control"] == "no-store"
    assert answer.status_code in (200, 400, 404)


@pytest.mark.parametrize(
    ("method", "address", "headers", "status"),
    [
        ("POST", "/v1/areas", {}, 405),
        ("GET", "/v1/areas", {"accept": "image/png"}, 406),
        ("GET", f"/v1/areas?a={'a' * 8192}", {}, 414),
        ("GET", "/v1/areas", {"content-encoding": "gzip"}, 415),
    ],
)
async def test_other_refusals_are_not_stored(
    api: httpx.AsyncClient, method: str, address: str, headers: dict[str, str], status: int
) -> None:
    answer = await api.request(method, address, headers=headers)

    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.untraced
async def test_a_new_release_has_new_tags_and_a_new_time(own: Settings, seed_dir: Path) -> None:
    app = create_app(own, DATASETS)
    transport = httpx.ASGITransport(app)
    change_a_label(seed_dir)
    await app.site.store.open()
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        before = [(await client.get(address)).headers for address in DATED]
        changed = own.model_copy(update={"seed_dir": seed_dir})
        await asyncio.to_thread(publish, changed, PUBLISHED_AT)
        await app.site.store.refresh()
        after = [(await client.get(address)).headers for address in DATED]
        pinned = await client.get(
            "/v1/areas?release=1", headers={"if-none-match": await tag_of(client)}
        )
    await app.site.store.close()

    same = [one["etag"] == other["etag"] for one, other in zip(before, after, strict=True)]
    assert [address for address, kept in zip(DATED, same, strict=True) if kept] == ["/openapi.json"]
    assert {one["last-modified"] for one in after} == {"Fri, 02 Jan 2026 03:04:06 GMT"}
    assert pinned.status_code == 304
    assert pinned.headers["last-modified"] == PUBLISHED


async def tag_of(client: httpx.AsyncClient) -> str:
    return (await client.get("/v1/areas?release=1")).headers["etag"]


def change_a_label(seed_dir: Path) -> None:
    path = seed_dir / "codebook" / "areas.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    rows[-1] = [f"{cell}, changed" if cell == "Yufeng District" else cell for cell in rows[-1]]
    assert "changed" in str(rows[-1])
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(rows)


def test_the_answer_version_changes_with_the_public_address(
    service: Application, published: Settings
) -> None:
    same = create_app(published, DATASETS)
    other = create_app(published.model_copy(update={"public_url": f"{BASE}/x"}), DATASETS)

    assert same.site.answer_version == service.site.answer_version
    assert other.site.answer_version != service.site.answer_version

"""The same bytes and headers from either database, whatever is asked."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from conftest import BASE, PUBLISHED_AT, at_folder, at_postgres
from postgres_server import PostgresServer
from questions import Asker
from test_laws import OPERATIONS

from opendata_api.datasets import DATASETS, OBSERVATIONS
from opendata_api.describe import CONTAINS, ISNULL, Dataset, Field, Operator, Type, filter_name
from opendata_api.errors import Pairs
from opendata_api.folding import fold
from opendata_api.query import join_query, parse_query
from opendata_api.query.values import print_value
from opendata_api.settings import Settings
from opendata_api.store.model import Edition
from opendata_api.store.place import write_release
from opendata_api.values import INT_MAX, INT_MIN, SCALE, Row, Stored
from opendata_api.web.app import create_app

ASKED_MIN = 2_000
FOR_EACH = 200
"""Questions to each dataset; walks and other addresses come on top."""
WALK_PAGES = 4
FORMS = ("", ".json", ".csv", ".excel.csv")
ACCEPTED = ("application/json", "text/csv", "text/html", "image/png", "*/*;q=0.1")
MALFORMED = (
    *("?nosuch=1", "?limit=0", "?limit=a", "?sort=nosuch", "?fields=nosuch", "?cursor=a"),
    *("?release=2", "?release=0", "?lang=fr", "?id=%ff", "?%", "?limit=1&limit=1", "?id="),
    *(f"?id__in={'a,' * 100}a", "?dim=a", "?offset=1"),
)
# A release's own page names its manifest, which is of one store: of two the history_id differs.
PLACES = (
    *(
        "/v1",
        "/v1/datasets",
        "/catalog",
        "/catalog.ttl",
        "/catalog.jsonld",
        "/catalog.rdf?page=1",
        "/feeds/changes.atom",
        "/feeds/changes.json",
        "/oai?verb=Identify",
        "/oai?verb=ListRecords&metadataPrefix=oai_dc",
        "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc&set=passages",
        "/v1/releases",
        "/v1/releases/2",
        "/v1/changes?limit=1000",
        "/nosuch",
        "/",
    ),
    *("/v1/documents/cn450203-2023-rol-d1/text", "/v1/documents/cn450203-2023-rol-d1/coverage"),
    *("/v1/documents/nosuch/text", "/v1/documents/nosuch/coverage", "/-/ready", "/-/health"),
    "/.well-known/jwks.json",
    "/api/3/action/package_search?rows=100&facet.field=groups",
    *(f"/api/3/action/datastore_search?resource_id={one.name}&limit=500" for one in DATASETS),
    *("/openapi.json", "/docs", *(f"/v1/datasets/{one.name}" for one in DATASETS)),
)

Clients = Mapping[str, httpx.AsyncClient]


class Comparison:
    """Asks both services and compares; counts what was asked."""

    def __init__(self, clients: Clients) -> None:
        self.clients = clients
        self.statuses: Counter[int] = Counter()
        self.parameters: Counter[str] = Counter()
        self.forms: Counter[str] = Counter()

    async def ask(
        self, address: str, headers: Mapping[str, str] | None = None, method: str = "GET"
    ) -> httpx.Response:
        """The answer, which is the same from both."""
        given = {**(headers or {}), "x-request-id": "same"}
        one, other = [
            await client.request(method, address, headers=given) for client in self.clients.values()
        ]
        assert one.status_code == other.status_code, address
        assert one.headers.multi_items() == other.headers.multi_items(), address
        assert one.content == other.content, address
        self.statuses[one.status_code] += 1
        self.parameters.update(dict(httpx.URL(one.request.url).params.multi_items()).keys())
        return one

    async def walk(self, address: str) -> None:
        """Follow the pages on and back again."""
        for direction in ("next", "prev"):
            for _ in range(WALK_PAGES):
                following = (await self.ask(address)).json()["links"][direction]
                if following is None:
                    break
                address = following


def queries(asker: Asker) -> Iterator[Pairs]:
    """Questions with paging, columns, a language or a release as well."""
    for _ in range(FOR_EACH):
        pairs = [*asker.pairs()]
        if asker.is_likely(0.3):
            pairs.append(("fields", asker.fields()))
        if asker.is_likely(0.5):
            pairs.append(("limit", str(asker.chance.choice([1, 2, 7, 200, 1000]))))
        if asker.is_likely(0.2):
            pairs.append(("release", "1"))
        if asker.is_likely(0.2):
            pairs.append(("lang", asker.chance.choice(["zh", "en"])))
        yield tuple(pairs)


async def ask_rows(comparison: Comparison, asker: Asker) -> None:
    """Rows in every form; some with a copy in hand, some by HEAD."""
    name = asker.dataset.name
    for pairs in queries(asker):
        form = asker.chance.choice(FORMS)
        comparison.forms[form] += 1
        address = f"/v1/{name}{form}?{join_query(pairs)}"
        headers = {} if form else {"accept": asker.chance.choice(ACCEPTED)}
        answer = await comparison.ask(address, headers)
        if "etag" in answer.headers and asker.is_likely(0.2):
            known = headers | {"if-none-match": answer.headers["etag"]}
            assert (await comparison.ask(address, known)).status_code == 304
        if asker.is_likely(0.1):
            await comparison.ask(address, headers, "HEAD")


async def ask_others(comparison: Comparison, asker: Asker) -> None:
    """Walks, records and what is malformed."""
    name = asker.dataset.name
    for _ in range(5):
        pairs = [pair for pair in asker.pairs() if pair[0] == "sort"]
        await comparison.walk(f"/v1/{name}?{join_query((*pairs, ('limit', '3')))}")
        for form in FORMS:
            await comparison.ask(f"/v1/{name}/{asker.some_id()}{form}")
    for wrong in (f"/v1/{name}/nosuch", *(f"/v1/{name}{tail}" for tail in MALFORMED)):
        await comparison.ask(wrong)


@pytest.mark.untraced
async def test_two_thousand_questions_have_one_answer(clients: Clients, edition: Edition) -> None:
    comparison = Comparison(clients)
    for dataset in DATASETS:
        rows = edition.rows[dataset.name]
        asker = Asker(dataset, rows, random.Random(dataset.name))
        await ask_rows(comparison, asker)
        await ask_others(comparison, asker)
    for place in PLACES:
        for tail in ("", "lang=en", "nosuch=1"):
            await comparison.ask(f"{place}{'&' if '?' in place else '?'}{tail}".rstrip("?&"))

    assert comparison.statuses.total() >= ASKED_MIN
    assert {200, 304, 400, 404, 406} <= comparison.statuses.keys()
    assert comparison.statuses.keys() <= {200, 304, 400, 404, 406, 409}
    assert all(comparison.forms[form] > FOR_EACH for form in FORMS)
    assert names_of(DATASETS) <= comparison.parameters.keys()


def names_of(datasets: tuple[Dataset, ...]) -> set[str]:
    """Every filter of every dataset."""
    return {filter_name(*pair) for dataset in datasets for pair in dataset.filters}


async def test_a_difference_would_be_seen(clients: Clients, published: Settings) -> None:
    """The comparison compares: another public address gives other bytes."""
    other = create_app(published.model_copy(update={"public_url": f"{BASE}/x"}), DATASETS)
    await other.site.store.open()
    transport = httpx.ASGITransport(other)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        with pytest.raises(AssertionError, match="/v1/areas"):
            await Comparison({"one": clients["sqlite"], "other": client}).ask("/v1/areas")
    await other.site.store.close()


# Values at the ends of what can be kept, more rows than an answer has that isn't streamed

EDGE_ROWS = 1_100
EDGE_PAGE = 400
AREAS = ("450203", "110000", "990000")
WORDS = (
    *("A", "a", "B", " ", "%", "\\", "'", "\u00e9", "e\u0301", "Ａ", "一", "丁", "一二", "二"),
    *("\ue000", "\ufffd", "\U00010000", "\U00020000", "\U00020000二", "二\U00020000", "\U0001f600"),
)
"""UTF-16 sorts some of them otherwise, a locale and a search without case many."""
NUMBERS = (INT_MIN, INT_MIN + 1, -SCALE, -1, 0, 1, SCALE, INT_MAX - 1, INT_MAX)
EDGES: Mapping[Type, tuple[Stored, ...]] = {
    Type.CODE: WORDS,
    Type.TEXT: WORDS,
    Type.INTEGER: NUMBERS,
    Type.DECIMAL: NUMBERS,
    Type.DATE: ("0001-01-01", "2023-02-28", "2024-02-29", "9999-12-31"),
    Type.LIST: ("[]", '["\U00020000"]'),
    Type.DIMENSIONS: ("{}", '{"scope":"\U00020000"}'),
}


def edge_rows() -> list[Row]:
    chance = random.Random(11)
    return [
        tuple(edge_value(field, number, chance) for field in OBSERVATIONS.stored)
        for number in range(EDGE_ROWS)
    ]


def edge_value(field: Field, number: int, chance: random.Random) -> Stored:
    area = AREAS[number % len(AREAS)]
    if field.name in ("id", "area_code"):
        return area if field.name == "area_code" else f"cn{area}-2023-rol-o{number:04d}"
    if field.nullable and chance.random() < 0.3:
        return None
    return chance.choice(EDGES[field.type])


ROWS = edge_rows()


@pytest.fixture(scope="session")
async def edges(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> AsyncIterator[Clients]:
    """Clients of both services over the rows at the ends."""
    postgres.create_database("edges", template="migrated")
    places = [at_folder(tmp_path_factory.mktemp("edges")), at_postgres(postgres, "edges")]
    rows: dict[str, list[Row]] = {dataset.name: [] for dataset in DATASETS}
    edition = Edition({**rows, "observations": ROWS}, [])
    async with AsyncExitStack() as stack:
        clients = {}
        for settings in places:
            await asyncio.to_thread(write_release, settings, DATASETS, edition, PUBLISHED_AT)
            app = create_app(settings, DATASETS)
            await app.site.store.open()
            stack.push_async_callback(app.site.store.close)
            client = httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE)
            clients[str(settings.data_dir)] = await stack.enter_async_context(client)
        yield clients


def value_of(row: Row, name: str) -> Any:
    return row[OBSERVATIONS.field_names.index(name)]


def in_order(name: str, *, descending: bool) -> list[str]:
    """The ids of the rows sorted in plain Python: by code point, nulls last, ties by the id."""
    by_id = sorted(ROWS, key=lambda row: str(value_of(row, "id")), reverse=descending)
    present = [row for row in by_id if value_of(row, name) is not None]
    present.sort(key=lambda row: value_of(row, name), reverse=descending)
    absent = [row for row in by_id if value_of(row, name) is None]
    return [str(value_of(row, "id")) for row in (*present, *absent)]


@pytest.mark.untraced
@pytest.mark.parametrize("sign", ["", "-"])
@pytest.mark.parametrize("name", OBSERVATIONS.sorts)
async def test_values_at_the_ends_are_sorted_alike_and_as_in_python(
    edges: Clients, name: str, sign: str
) -> None:
    comparison = Comparison(edges)
    address = f"/v1/observations?sort={sign}{name}&fields=id&limit={EDGE_PAGE}"
    table = await comparison.ask(f"/v1/observations.csv?sort={sign}{name}&fields=id")
    forth = await pages(comparison, address, "next")
    back = await pages(comparison, forth[-1]["links"]["self"], "prev")

    whole = in_order(name, descending=sign == "-")
    places = range(0, EDGE_ROWS, EDGE_PAGE)
    assert table.text.splitlines() == ["id", *whole]
    assert [page["data"] for page in forth] == [
        [{"id": one} for one in whole[place : place + EDGE_PAGE]] for place in places
    ]
    assert [page["data"] for page in back[::-1]] == [page["data"] for page in forth]


async def pages(
    comparison: Comparison, address: str | None, direction: str
) -> list[dict[str, Any]]:
    """The page at the address and all that follow it."""
    found = []
    while address is not None:
        page = (await comparison.ask(address)).json()
        found.append(page)
        address = page["links"][direction]
    return found


@pytest.mark.untraced
async def test_rows_at_the_ends_are_streamed_alike_in_every_file(edges: Clients) -> None:
    comparison = Comparison(edges)
    for tail in (".csv", ".excel.csv", ".csv?sort=-value&release=1", ".csv?value__gte=0"):
        answer = await comparison.ask(f"/v1/observations{tail}")

        assert len(answer.content) > 100_000


@pytest.mark.untraced
@pytest.mark.parametrize(
    ("field", "operator"), OBSERVATIONS.filters, ids=[filter_name(*f) for f in OBSERVATIONS.filters]
)
async def test_values_at_the_ends_are_filtered_alike_and_as_in_python(
    edges: Clients, field: Field, operator: Operator
) -> None:
    comparison = Comparison(edges)
    for value in asked_of(field, operator):
        pair = (filter_name(field, operator), value)
        answer = await comparison.ask(f"/v1/observations?{join_query((pair,))}&limit=1")

        (condition,) = parse_query(OBSERVATIONS, (pair,)).conditions
        wanted = condition.values[0]
        matches = [row for row in ROWS if holds(operator, value_of(row, field.name), wanted)]
        assert answer.json()["meta"]["total"] == len(matches), pair


def asked_of(field: Field, operator: Operator) -> list[str]:
    if operator is ISNULL:
        return ["true", "false"]
    if field.name in ("id", "area_code"):
        return [str(value_of(row, field.name)) for row in ROWS[:3]]
    asked = [print_value(field.type, value) for value in EDGES[field.type]]
    return [one for one in asked if one.strip()] if operator is CONTAINS else asked


def holds(operator: Operator, value: Any, wanted: Any) -> bool:
    if operator is ISNULL:
        return (value is None) == bool(wanted)
    if operator is CONTAINS:
        return value is not None and all(word in fold(value).text for word in wanted.split(" "))
    if operator.key == "ne":
        return bool(value != wanted)
    return value is not None and OPERATIONS[operator.key](value, wanted)

"""The same bytes and headers from either database, whatever is asked."""

import random
from collections import Counter
from collections.abc import Iterator, Mapping

import httpx
import pytest
from conftest import BASE
from questions import Asker

from opendata_api.datasets import DATASETS
from opendata_api.describe import Dataset, filter_name
from opendata_api.errors import Pairs
from opendata_api.publish import make_edition
from opendata_api.query import join_query
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store.model import Edition
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
PLACES = (
    *("/v1", "/v1/datasets", "/v1/releases", "/v1/releases/1", "/v1/releases/2", "/nosuch", "/"),
    *("/v1/documents/cn450203-2023-rol-d1/text", "/v1/documents/cn450203-2023-rol-d1/coverage"),
    *("/v1/documents/nosuch/text", "/v1/documents/nosuch/coverage", "/-/ready", "/-/health"),
    *("/openapi.json", "/docs", *(f"/v1/datasets/{one.name}" for one in DATASETS)),
)

Clients = Mapping[str, httpx.AsyncClient]


@pytest.fixture(scope="module")
def edition(seed: Seed) -> Edition:
    return make_edition(seed)


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


async def test_two_thousand_questions_have_one_answer(clients: Clients, edition: Edition) -> None:
    comparison = Comparison(clients)
    for dataset in DATASETS:
        rows = edition.rows[dataset.name]
        asker = Asker(dataset, rows, random.Random(dataset.name))
        await ask_rows(comparison, asker)
        await ask_others(comparison, asker)
    for place in PLACES:
        for tail in ("", "?lang=en", "?nosuch=1"):
            await comparison.ask(f"{place}{tail}")

    assert comparison.statuses.total() >= ASKED_MIN
    assert {200, 304, 400, 404, 406} <= comparison.statuses.keys()
    assert comparison.statuses.keys() <= {200, 304, 400, 404, 406}
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

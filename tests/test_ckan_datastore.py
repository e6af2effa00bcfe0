"""`datastore_search` and `datastore_info` of CKAN's Action API: the records, as CKAN gives them."""

import json
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from dataclasses import replace
from typing import Any

import httpx
import pytest
from conftest import BASE
from editions import O083, published_with, with_copy
from test_ckan import ACTION, call, refused

from opendata_api.datasets import DATASETS, OBSERVATIONS
from opendata_api.describe import Dataset
from opendata_api.errors import DatabaseUnavailable, ExpensiveQuery
from opendata_api.publish import make_edition
from opendata_api.query import Query
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store.model import Edition
from opendata_api.store.totals import TOTAL_MAX
from opendata_api.values import Row
from opendata_api.web.app import Application, create_app
from opendata_api.web.ckan import datastore

SEARCH = f"{ACTION}/datastore_search"
NO_TYPE = "Validation Error"
FILTERED = ", ".join(dict.fromkeys(field.name for field, _ in OBSERVATIONS.filters))


async def search(api: httpx.AsyncClient, **given: object) -> Any:
    return await call(api, "datastore_search", **{"resource_id": "observations", **given})


async def ids(api: httpx.AsyncClient, **given: object) -> list[str]:
    """The ids of the records found."""
    found = await search(api, limit=1000, **given)
    assert found["total"] == len(found["records"])
    return [one["id"] for one in found["records"]]


async def listed(api: httpx.AsyncClient, query: str = "") -> list[str]:
    """The ids that our own list gives."""
    rows = (await api.get(f"/v1/observations?limit=1000{query}")).json()["data"]
    return [one["id"] for one in rows]


async def faults(api: httpx.AsyncClient, **given: object) -> Any:
    """What is told of parameters, each in English."""
    status, error = await refused(
        api, "datastore_search", **{"resource_id": "observations", **given}
    )
    assert status == 409
    assert error.pop("__type") == NO_TYPE
    return {name: [one.partition(" / ")[2] for one in told] for name, told in error.items()}


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda one: one.name)
async def test_the_records_of_every_dataset_are_those_of_its_list_with_numbers(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    package = await call(api, "package_show", id=dataset.name)
    [table] = [one for one in package["resources"] if one["datastore_active"]]
    rows = (await api.get(f"/v1/{dataset.name}?limit=1000")).json()["data"]

    result = await search(api, resource_id=table["id"], limit=1000)

    assert result["records"] == [{"_id": n, **row} for n, row in enumerate(rows, 1)]
    assert (result["total"], result["total_was_estimated"]) == (len(rows), False)
    assert [one["id"] for one in result["fields"]] == ["_id", *dataset.field_names]


async def test_a_search_tells_what_was_asked_and_where_to_go_on(api: httpx.AsyncClient) -> None:
    package = await call(api, "package_show", id="areas")
    given = {"resource_id": "areas", "fields": "id, name_zh", "sort": "id desc", "limit": 1}

    result = await search(api, offset=1, q="", **given)

    fields, sort = "%5B%22id%22,%22name_zh%22%5D", "%5B%22id%20desc%22%5D"
    own = f"fields={fields}&limit=1&q=&resource_id=areas&sort={sort}"
    assert result == {
        "include_total": True,
        "limit": 1,
        "offset": 1,
        "records_format": "objects",
        "resource_id": package["resources"][0]["id"],
        "total_estimation_threshold": None,
        "q": "",
        "sort": ["id desc"],
        "fields": [
            {
                "id": "id",
                "type": "text",
                "info": {
                    "label": "编号",
                    "label_en": "ID",
                    "notes": "六位行政区划代码。",
                    "notes_en": "Six-digit area code (GB/T 2260).",
                },
            },
            {
                "id": "name_zh",
                "type": "text",
                "info": {
                    "label": "中文名称",
                    "label_en": "Name in Chinese",
                    "notes": "中文名称。",
                    "notes_en": "The Chinese name.",
                },
            },
        ],
        "_links": {
            "start": f"{SEARCH}?{own}",
            "next": f"{SEARCH}?{own}&offset=2",
            "prev": f"{SEARCH}?{own}",
        },
        "total": 3,
        "total_was_estimated": False,
        "records": [{"id": "450200", "name_zh": "柳州市"}],
    }


async def test_the_links_lead_through_all_records(api: httpx.AsyncClient) -> None:
    address = f"{SEARCH}?resource_id=observations&limit=40&sort=value%20desc"
    records: list[Any] = []
    while True:
        result = (await api.get(address)).json()["result"]
        if not result["records"]:
            break
        records += result["records"]
        address = result["_links"]["next"]

    assert [one["id"] for one in records] == await listed(api, "&sort=-value")
    assert [one["_id"] for one in records] == list(range(1, len(records) + 1))


async def test_the_links_keep_the_path_of_the_public_address(
    places: dict[str, Settings], database: str
) -> None:
    settings = places[database].model_copy(update={"public_url": f"{BASE}/open"})
    app = create_app(settings, DATASETS)
    await app.site.store.open()
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
        answer = await client.get(f"{SEARCH}?resource_id=areas")
    await app.site.store.close()

    assert answer.json()["result"]["_links"]["start"] == f"/open{SEARCH}?resource_id=areas"


async def test_numbers_are_exact_and_lists_and_objects_are_what_they_are(
    api: httpx.AsyncClient,
) -> None:
    answer = await api.post(SEARCH, json={"resource_id": "observations", "filters": {"id": O083}})
    [record] = answer.json()["result"]["records"]
    types = {one["id"]: one["type"] for one in answer.json()["result"]["fields"]}

    assert '"value":206,' in answer.text
    assert (record["same_as"], record["dimensions"]) == (["cn450203-2023-rol-o081"], {})
    assert {types[name] for name in types} == {
        "int",
        "text",
        "int8",
        "numeric",
        "date",
        "_text",
    } | {"json"}
    assert (types["value"], types["year"], types["same_as"], types["dimensions"]) == (
        *("numeric", "int8", "_text", "json"),
    )


@pytest.mark.parametrize(
    ("given", "query"),
    [
        ({"filters": {}}, ""),
        ({"filters": {"topic": "legal_aid"}}, "&topic=legal_aid"),
        ({"filters": {"year": 2023, "role": "actual"}}, "&year=2023&role=actual"),
        ({"filters": {"year": 2023.0}}, "&year=2023"),
        ({"filters": {"year": "2023"}}, "&year=2023"),
        ({"filters": {"value": [206, 1.5]}}, "&value=206&value=1.5"),
        ({"filters": {"topic": ["legal_aid", "无"]}}, "&topic=legal_aid&topic=无"),
        ({"filters": {"part_of": None}}, "&part_of__isnull=true"),
        ({"filters": {"value": {"gt": 5, "lte": 206}}}, "&value__gt=5&value__lte=206"),
        ({"filters": {"value": {"eq": 206}}}, "&value=206"),
        ({"filters": {"value": {"in": [206, 5]}}}, "&value=206&value=5"),
        (
            {"filters": {"dimensions": {"service_scope": "cross_province"}}},
            "&dim=service_scope:cross_province",
        ),
        (
            {"filters": {"dimensions": {"service_scope": ["cross_province", "a"]}}},
            "&dim=service_scope:cross_province&dim=service_scope:a",
        ),
        ({"q": "法律援助"}, "&q=法律援助"),
        ({"full_text": "法律", "q": "援助"}, "&q=法律 援助"),
        ({"q": {"quote": "法律援助"}}, "&quote__contains=法律援助"),
        ({"q": '{"quote": "法律援助"}'}, "&quote__contains=法律援助"),
        ({"sort": "value desc"}, "&sort=-value"),
        ({"sort": "year, value DESC nulls last"}, "&sort=year,-value"),
        ({"sort": ['"value" asc', ""]}, "&sort=value"),
        ({"sort": "_id"}, ""),
        ({"sort": "_id asc", "plain": True, "distinct": "false"}, ""),
        ({"records_format": "objects", "include_next_page": 0}, ""),
        ({"language": "simple"}, ""),
    ],
)
async def test_the_same_is_found_as_by_our_own_list(
    api: httpx.AsyncClient, given: dict[str, Any], query: str
) -> None:
    found = await ids(api, **given)
    texts = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in given.items()
    }
    answer = await api.get(SEARCH, params={"resource_id": "observations", "limit": "1000", **texts})

    assert found == await listed(api, query)
    assert [one["id"] for one in answer.json()["result"]["records"]] == found


async def test_fields_are_chosen_with_or_without_the_number(api: httpx.AsyncClient) -> None:
    for fields in ("value,_id,id", ["value", "_id", "id"], '["value", "_id", "id"]'):
        result = await search(api, fields=fields, filters={"id": O083})
        assert result["records"] == [{"_id": 1, "value": 206, "id": O083}]
        assert [one["id"] for one in result["fields"]] == ["_id", "value", "id"]
    assert (await search(api, fields="id", filters={"id": O083}))["records"] == [{"id": O083}]
    assert len((await search(api, fields="", limit=1))["records"][0]) == (
        len(OBSERVATIONS.fields) + 1
    )


async def test_a_hundred_records_are_given_unless_more_or_fewer_are_asked_for(
    api: httpx.AsyncClient,
) -> None:
    result = await search(api)
    none = await search(api, limit=0, include_total=False)
    every = await search(api, limit=10**12)

    assert (result["limit"], len(result["records"])) == (100, 100)
    assert (none["records"], "total" in none) == ([], False)
    assert (every["limit"], len(every["records"])) == (32_000, every["total"])


@pytest.mark.parametrize("step", [1, 7, 10_000])
async def test_an_offset_skips_as_many_records(
    api: httpx.AsyncClient, step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datastore, "WALK_ROWS", step)
    for sort in ("id", "value desc"):
        records = (await search(api, limit=1000, sort=sort))["records"]
        for offset in (0, 1, 13, len(records) - 1, len(records), len(records) + 1, 100_000):
            page = await search(api, offset=offset, limit=2, sort=sort)
            assert page["records"] == records[offset : offset + 2]
    hits = (await search(api, q="法律"))["records"]
    assert (await search(api, q="法律", offset=3))["records"] == hits[3:]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (
            {"offset": 100_001},
            {
                "offset": "at most 100000 rows are skipped; add a filter or follow the pages of "
                f"{BASE}/v1/observations"
            },
        ),
        (
            {"filters": {"topc": "a"}},
            {"filters": "there is no field “topc”; did you mean topic?"},
        ),
        ({"filters": {"limit": 1}}, {"filters": "there is no field “limit”"}),
        ({"filters": {"_id": 1}}, {"filters": "there is no field “_id”; did you mean id?"}),
        ({"filters": {"year": []}}, {"filters": "“year” has no value"}),
        ({"filters": {"year": {"in": []}}}, {"filters": "“year” has no value"}),
        (
            {"filters": {"note_zh": "a"}},
            {"filters": f"“note_zh” is not filtered so, but {FILTERED}"},
        ),
        ({"filters": {"year": None}}, {"filters": f"“year” is not filtered so, but {FILTERED}"}),
        (
            {"filters": {"year": {"like": 1}}},
            {"filters": f"“year” is not filtered so, but {FILTERED}"},
        ),
        (
            {"filters": {"topic": {"gt": "a"}}},
            {"filters": f"“topic” is not filtered so, but {FILTERED}"},
        ),
        (
            {"filters": {"year": "twenty"}},
            {"filters": "year: must be an integer in ASCII digits"},
        ),
        ({"filters": {"year": True}}, {"filters": "year: must be an integer in ASCII digits"}),
        (
            {"filters": {"dimensions": {"scope": "a"}}},
            {"filters": "dim: there is no dimension “scope”"},
        ),
        (
            {"filters": {"dimensions": {"service_scop": "a"}}},
            {"filters": "dim: there is no dimension “service_scop”; did you mean service_scope?"},
        ),
        ({"filters": {"topic": ""}}, {"filters": "topic: the value is empty"}),
        ({"filters": {"topic": "\0"}}, {"filters": "topic: the value holds a control character"}),
        ({"filters": {"topic": ["a"] * 101}}, {"filters": "topic: at most 100 values are taken"}),
        ({"q": "a" * 201}, {"q": "all words together have at most 200 characters"}),
        ({"q": {"topic": "a"}}, {"q": "there is no search in “topic”, but in quote"}),
        ({"q": {"quote": ""}}, {"filters": "quote__contains: the value is empty"}),
        ({"sort": "quote"}, {"sort": "there is no sort by “quote”, but by"}),
        (
            {"sort": "value nulls first"},
            {"sort": "there is no sort by “value nulls first”, but by"},
        ),
        ({"sort": "year,year desc"}, {"sort": "a field stands twice in the sort"}),
        (
            {"sort": "_id desc"},
            {"sort": "_id numbers the rows of the result: alone and ascending"},
        ),
        (
            {"sort": "_id,year"},
            {"sort": "_id numbers the rows of the result: alone and ascending"},
        ),
        ({"fields": "id,valu"}, {"fields": "there is no field “valu”; did you mean value?"}),
        ({"fields": "id,id"}, {"fields": "a name stands twice"}),
        ({"fields": "_id"}, {"fields": "name a field beside _id"}),
        (
            {"distinct": True, "plain": False, "records_format": "csv", "include_next_page": True},
            {
                "distinct": "is not supported and must be false",
                "plain": "words have no operators, so it must be true",
                "include_next_page": "is not supported and must be false",
                "records_format": "must be objects",
            },
        ),
    ],
)
async def test_what_can_not_be_searched_is_refused(
    api: httpx.AsyncClient, given: dict[str, Any], told: dict[str, str]
) -> None:
    found = await faults(api, **given)

    assert {name: len(one) for name, one in found.items()} == dict.fromkeys(told, 1)
    assert {name: one[0].startswith(told[name]) for name, one in found.items()} == (
        dict.fromkeys(told, True)
    )


async def test_passages_have_no_field_to_search_alone_unless_they_say_so(
    api: httpx.AsyncClient,
) -> None:
    found = await faults(api, resource_id="areas", q={"id": "a"})

    assert found == {"q": ["there is no search in “id”, but in -"]}


async def test_a_resource_tells_its_fields(api: httpx.AsyncClient) -> None:
    package = await call(api, "package_show", id="reports")
    table = package["resources"][0]
    info = await call(api, "datastore_info", resource_id=table["id"])

    assert info == await call(api, "datastore_info", id="reports", include_meta=True)
    assert info["meta"] == {
        "id": table["id"],
        "aliases": ["reports"],
        "count": 1,
        "table_type": "BASE TABLE",
        "size": table["size"],
        "db_size": None,
        "idx_size": None,
    }
    fields = (await search(api, resource_id="reports", limit=0))["fields"]
    assert [{**one, "schema": None} for one in info["fields"]] == [
        {**one, "schema": None} for one in fields[1:]
    ]
    assert [one["schema"] for one in info["fields"]][:2] == [
        {
            "native_type": "text",
            "notnull": True,
            "is_index": True,
            "index_name": None,
            "uniquekey": name == "id",
        }
        for name in ("id", "body_id")
    ]


async def test_a_search_that_is_known_is_not_read_again(
    api: httpx.AsyncClient, service: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = f"{SEARCH}?resource_id=areas"
    tag = (await api.get(address)).headers["etag"]

    async def asked(*_: object) -> None:
        raise ExpensiveQuery

    monkeypatch.setattr(type(service.site.store), "page", asked)

    assert (await api.get(address, headers={"if-none-match": tag})).status_code == 304
    assert (
        await api.get(f"{address}&offset=-1", headers={"if-none-match": "*"})
    ).status_code == 409


async def test_what_would_read_too_much_is_a_validation_error(
    api: httpx.AsyncClient, service: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service.site.store, "read_rows_max", 1)

    status, error = await refused(
        api, "datastore_search", resource_id="observations", q="法律", sort="value"
    )

    assert (status, list(error)) == (409, ["filters", "__type"])
    assert error["filters"][0].endswith(
        "more than 1 rows have these words, and nothing else narrows them; add a filter"
    )


async def test_a_database_that_is_away_is_a_search_error(
    api: httpx.AsyncClient, service: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> None:
        raise DatabaseUnavailable(retry_after_s=5)

    monkeypatch.setattr(type(service.site.store), "page", away)
    answer = await api.get(f"{SEARCH}?resource_id=areas")

    assert (answer.status_code, answer.headers["retry-after"]) == (503, "5")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["error"]["__type"] == "Search Error"


async def test_a_total_that_is_not_counted_is_no_less_than_there_are(
    api: httpx.AsyncClient, service: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    total = service.site.store.total
    everything = await search(api, limit=0)

    async def estimated(query: Query, release: int) -> object:
        return replace(await total(query, release), count=1, exact=False)

    monkeypatch.setattr(type(service.site.store), "total", lambda _, *given: estimated(*given))
    found = await search(api, q="法律", limit=0)

    assert everything["total"] < TOTAL_MAX
    assert (found["total"], found["total_was_estimated"]) == (everything["total"], True)


MANY = 2_300


@pytest.fixture
async def many(own: Settings, seed: Seed) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a service that has more records than one page."""
    edition = _with_many(make_edition(seed))
    async with published_with(own, edition) as client:
        yield client


def _with_many(edition: Edition) -> Edition:
    [row] = [row for row in edition.rows["observations"] if row[0] == O083]
    rows = [(f"{O083[:-3]}{n:05}", *row[1:]) for n in range(10_000, 10_000 + MANY)]
    kept = [*edition.rows["observations"], *rows]
    return replace(with_copy(edition, O083), rows={**edition.rows, "observations": kept})


async def test_many_records_are_sent_as_they_are_read(many: httpx.AsyncClient) -> None:
    given = {"resource_id": "observations", "limit": 32_000}
    address = f"{SEARCH}?resource_id=observations&limit=32000"
    answer = await many.post(SEARCH, json=given)
    result = answer.json()["result"]
    total = result["total"]

    assert total > MANY
    assert list(result)[-1] == "records"
    assert [one["_id"] for one in result["records"]] == list(range(1, total + 1))
    assert len({one["id"] for one in result["records"]}) == total
    assert answer.headers["cache-control"] == "no-store"
    assert (await many.get(address)).json() == answer.json()
    assert (await many.get(f"{address}&fields=id&offset=1")).json()["result"]["records"] == [
        {"id": one["id"]} for one in result["records"][1:]
    ]
    assert (await many.get(f"{address}&q=nosuch")).json()["result"]["records"] == []
    few = (await many.get(f"{SEARCH}?resource_id=observations&limit=1500&offset=9")).json()
    assert few["result"]["records"] == result["records"][9:1509]
    head = await many.head(address)
    assert (head.status_code, head.content) == (200, b"")


async def test_a_full_house_is_told_and_places_are_given_back(
    own: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datastore, "PAGE_LIMIT_MAX", 1)
    app = create_app(own.model_copy(update={"exports_max": 1}), DATASETS)
    await app.site.store.open()
    address = f"{SEARCH}?resource_id=observations"
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url=BASE) as client:
        first = [(await client.request(method, address)).status_code for method in ("GET", "HEAD")]
        await app.site.exports.acquire()
        full = await client.get(address)
        app.site.exports.release()

        async def away(*_: object) -> AsyncGenerator[Sequence[Row], None]:
            for refusal in (DatabaseUnavailable(retry_after_s=5),):
                raise refusal
            yield ()

        monkeypatch.setattr(type(app.site.store), "export", away)
        broken = await client.get(address)
    await app.site.store.close()

    assert (first, full.status_code, broken.status_code) == ([200, 200], 503, 503)
    assert full.headers["retry-after"] == "10"
    assert not app.site.exports.locked()

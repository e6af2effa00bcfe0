"""`package_search` of CKAN's Action API: the part of Solr's syntax that is answered."""

from typing import Any

import httpx
import pytest
from test_ckan import NAMES, OF_REPORTS, ORGANIZATION, call, names, refused

pytestmark = pytest.mark.any_database

WITH_TOPICS = ["commitments", "metrics", "observations", "service-counts"]
NO_FIELD = (
    "there is no field “{name}” to search by, but id, name, organization, owner_org, groups, tags, "
    "res_format, license_id, state, private, capacity, type, dataset_type, text, title, notes, "
    "metadata_created, metadata_modified"
)


async def search(api: httpx.AsyncClient, **given: object) -> Any:
    return await call(api, "package_search", **{"rows": 100, "sort": "name asc", **given})


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", NAMES),
        ("*:*", NAMES),
        ("*", NAMES),
        ("+*:*", NAMES),
        ("-*:*", []),
        ("地区", ["areas"]),
        ("ＡＲＥＡＳ", ["areas"]),
        ("nosuchword", []),
        ("法律援助", WITH_TOPICS),
        ('"code list"', []),
        ("name:areas", ["areas"]),
        ("name:Areas", ["areas"]),
        ("name:area", []),
        ("name:area*", ["areas"]),
        ("name:?reas", ["areas"]),
        ('name:"area*"', []),
        (r"name:service\-counts", ["service-counts"]),
        (r"name:\[are\]as", []),
        ("title:报告", ["observations", "reports"]),
        ("notes:句", ["passages"]),
        ("text:句段", ["passages"]),
        ("name:(areas OR bodies)", ["areas", "bodies"]),
        ("name:areas OR name:bodies", ["areas", "bodies"]),
        ("name:areas || name:bodies", ["areas", "bodies"]),
        ("name:areas OR name:bodies AND title:无", ["areas"]),
        ("name:areas && title:地区", ["areas"]),
        ("(name:areas OR name:bodies) AND title:机关", ["bodies"]),
        ("name:areas OR name:bodies title:机关", ["bodies"]),
        ("NOT name:areas", NAMES[1:]),
        ("-name:areas !name:bodies", NAMES[2:]),
        ("--name:areas", ["areas"]),
        ("groups:legal_aid", WITH_TOPICS),
        ("-groups:*", [one for one in NAMES if one not in WITH_TOPICS]),
        (f"organization:{ORGANIZATION}", NAMES),
        (f"organization:a OR organization:{ORGANIZATION}", NAMES),
        (f"-organization:{ORGANIZATION}", []),
        ('tags:"Yufeng District" res_format:csv', OF_REPORTS),
        ("license_id:notspecified", ["passages"]),
        ("state:active private:false capacity:public dataset_type:dataset type:dataset", NAMES),
        ("metadata_modified:[2026-01-02T03:04:05Z TO *]", NAMES),
        ("metadata_modified:[2026-01-02T02:04:05.123456Z TO *]", NAMES),
        ("metadata_modified:{2026-01-02T03:04:05Z TO *}", []),
        ("metadata_modified:[2999-01-01T00:00:00Z TO *]", []),
        ("metadata_created:[* TO 2026-01-02T03:04:05Z]", NAMES),
        ("metadata_created:[* TO 2026-01-02T03:04:05Z}", []),
        ("metadata_created:[2025-12-31 TO 2026-01-03]", NAMES),
        ('metadata_modified:"2026-01-02T03:04:05Z"', NAMES),
        ('metadata_modified:"2026-01-02T11:04:05+08:00"', NAMES),
        ("metadata_modified:*", NAMES),
        ("ANDROID ORACLE NOTHING", []),
    ],
)
async def test_a_query_finds_the_same_as_q_and_as_fq(
    api: httpx.AsyncClient, query: str, found: list[str]
) -> None:
    for given in ({"q": query}, {"fq": query}, {"fq_list": [query]}):
        result = await search(api, **given)
        assert (names(result["results"]), result["count"]) == (found, len(found))


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("nosuch:1", NO_FIELD.format(name="nosuch")),
        ("*:areas", NO_FIELD.format(name="*")),
        ("extras_level:county", NO_FIELD.format(name="extras_level")),
        ("name:[a TO b]", "the field “name” is not searched by a range"),
        ("metadata_modified:[NOW-1DAY TO *]", "“NOW-1DAY” is no time as 2026-01-02T03:04:05Z"),
        ("metadata_modified:yesterday", "“yesterday” is no time as 2026-01-02T03:04:05Z"),
        ("name:areas^2", "it can't be read at “^2”"),
        ("name:areas~", "it can't be read at “~”"),
        ("{!join from=a to=b}c", "it can't be read at “{!join from=a to=b}c”"),
        ('name:"areas', "it can't be read at “\"areas”"),
        ("name:-areas", "it can't be read at “-”"),
        ("name::", "it can't be read at “:”"),
        ("areas)", "it can't be read at “)”"),
        ("(areas", "the query ends too early"),
        ("name:", "the query ends too early"),
        ("areas OR", "the query ends too early"),
        ("NOT", "the query ends too early"),
        ("(" * 21 + ")" * 21, "the brackets are nested too deeply"),
        ("a" * 4001, "a query has at most 4000 characters"),
    ],
)
async def test_what_is_not_answered_is_refused(
    api: httpx.AsyncClient, query: str, message: str
) -> None:
    for name in ("q", "fq"):
        status, error = await refused(api, "package_search", **{name: query})
        assert (status, error["__type"]) == (400, "Search Query Error")
        assert error["message"].startswith("Search Query is invalid: ")
        assert error["message"].endswith(f" / {message}")


async def test_queries_made_to_take_long_are_answered(api: httpx.AsyncClient) -> None:
    for query in (
        "-" * 4000,
        "name:" + "a*" * 1990,
        "+" * 3990 + "areas",
        '"' + "\\a" * 1998 + '"',
    ):
        answer = await api.post("/api/3/action/package_search", json={"q": query})
        assert answer.status_code in (200, 400)


async def test_all_queries_hold_together(api: httpx.AsyncClient) -> None:
    found = await search(
        api, q="报告", fq="groups:legal_aid", fq_list='["-name:metrics", "name:*s"]'
    )

    assert names(found["results"]) == ["commitments", "observations", "service-counts"]


async def test_packages_are_sorted_and_paged(api: httpx.AsyncClient) -> None:
    by_id = (await search(api, sort="id asc"))["results"]
    ids = [one["id"] for one in by_id]

    assert ids == sorted(ids)
    for start in range(len(NAMES) + 1):
        page = await search(api, sort="id asc", start=start, rows=1)
        assert page["results"] == by_id[start : start + 1]
        assert page["count"] == len(NAMES)
    for sort, found in (
        ("name desc", NAMES[::-1]),
        ("score desc, metadata_modified desc", NAMES),
        ("metadata_created asc, name DESC", NAMES[::-1]),
        ("views_recent desc,title_string desc", None),
    ):
        result = await search(api, sort=sort)
        assert result["sort"] == sort
        titles = [one["title"] for one in result["results"]]
        assert names(result["results"]) == found or titles == sorted(titles, reverse=True)


@pytest.mark.parametrize("sort", ["nosuch asc", "name up", "name,", "-name", "name asc desc"])
async def test_a_sort_that_is_not_there_is_refused(api: httpx.AsyncClient, sort: str) -> None:
    status, error = await refused(api, "package_search", sort=sort)

    assert (status, error["__type"]) == (400, "Search Query Error")
    known = "id, name, title, title_string, metadata_created, metadata_modified"
    assert error["message"].endswith(f"but by {known}, each with asc or desc behind it")


async def test_ten_packages_are_given_unless_more_are_asked_for(api: httpx.AsyncClient) -> None:
    result = await call(api, "package_search")

    assert names(result["results"]) == NAMES[:10]
    assert result["sort"] == "score desc, metadata_modified desc"
    assert await call(api, "package_search", rows=10**12) == result
    assert (await call(api, "package_search", rows=0))["results"] == []


async def test_packages_are_counted_by_what_they_have(api: httpx.AsyncClient) -> None:
    by = {"facet.field": ["organization", "license_id", "groups"], "facet.limit": 2}
    counted = await search(api, rows=0, **by)

    assert counted["facets"] == {
        "organization": {ORGANIZATION: len(NAMES)},
        "license_id": {"CC-BY-4.0": len(NAMES) - 1, "notspecified": 1},
        "groups": {"administrative_litigation": 4, "administrative_reconsideration": 4},
    }
    assert counted["search_facets"]["organization"] == {
        "title": "organization",
        "items": [{"name": ORGANIZATION, "display_name": "政府报告开放数据", "count": len(NAMES)}],
    }
    assert counted["search_facets"]["license_id"]["items"][1] == {
        "name": "notspecified",
        "display_name": "notspecified",
        "count": 1,
    }
    often = await search(api, **{"facet.field": '["license_id"]', "facet.mincount": 2})
    assert often["facets"] == {"license_id": {"CC-BY-4.0": len(NAMES) - 1}}
    everything = await search(api, **{"facet.field": "groups", "facet.limit": -1})
    assert sorted(everything["facets"]["groups"]) == sorted(await call(api, "group_list"))
    assert (await search(api, facet=False, **by))["facets"] == {}
    assert (await refused(api, "package_search", **{"facet.field": "title"}))[1][
        "message"
    ].endswith(
        "there are no counts by “title”, but by organization, groups, tags, res_format, license_id"
    )

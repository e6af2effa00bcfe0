"""CKAN's Action API: what its clients ask for, in its own words and by its own errors."""

import json
import random
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import httpx
import pytest
from conftest import BASE

from opendata_api.datasets import DATASETS
from opendata_api.web.ckan.actions import ACTIONS
from opendata_api.web.ckan.reading import as_texts

ACTION = "/api/3/action"
NAMES = sorted(one.name for one in DATASETS)
OF_REPORTS = sorted(one.name for one in DATASETS if not one.is_code_list)
PUBLISHED = "2026-01-02T03:04:05.000000"
ORGANIZATION = "open-data-from-government-reports"
PROBLEM = "application/problem+json"
NO_PARAMETER = "没有这个参数；可用 limit, offset / there is no such parameter, but limit, offset"
ORDERS = "name, title, packages, package_count"
NO_ORDER = f"只能为 {ORDERS} / must be one of {ORDERS}"

CALLS = 400
ODD_VALUES: tuple[object, ...] = (
    *(
        "",
        "observations",
        "legal_aid",
        "id asc",
        "鱼",
        "\0",
        "9" * 40,
        "{",
        "[]",
        "*:*",
        "_id",
        "-0",
    ),
    *(-1, 0, 3, 10**15, 1.5, True, False, None, [], ["id", 1], {}, {"year": {"gt": []}}),
    *(
        {"value": [None]},
        {"dimensions": {"a": {}}},
        {"quote": [[1]]},
        [["id"]],
        [{}],
        ["value desc"],
    ),
)

Given = dict[str, object]


async def call(api: httpx.AsyncClient, action: str, **given: object) -> Any:
    """The result of an action, called by POST."""
    answer = await api.post(f"{ACTION}/{action}", json=given)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


async def refused(api: httpx.AsyncClient, action: str, **given: object) -> tuple[int, Any]:
    """The status and the error of an action that is refused."""
    answer = await api.post(f"{ACTION}/{action}", json=given)
    body = answer.json()
    assert body["help"] == f"{BASE}{ACTION}/help_show?name={action}"
    assert body["success"] is False
    return answer.status_code, body["error"]


def names(packages: Sequence[Any]) -> list[str]:
    return [one["name"] for one in packages]


async def test_every_action_is_answered_in_the_envelope_of_ckan(api: httpx.AsyncClient) -> None:
    answer = await api.get(f"{ACTION}/package_list")

    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "help": f"{BASE}{ACTION}/help_show?name=package_list",
        "success": True,
        "result": NAMES,
    }


@pytest.mark.parametrize(
    ("query", "body", "content_type"),
    [
        ("?limit=2&offset=1", None, None),
        ("", b'{"limit": 2, "offset": "1"}', "application/json"),
        ("", b'{"limit": 2, "offset": 1}', "application/x-www-form-urlencoded"),
        ("", b"limit=2&offset=1", "application/x-www-form-urlencoded"),
        ("?limit=2", b' {"offset": 1} ', None),
        ("?limit=5&offset=1", b"limit=2&", "application/x-www-form-urlencoded"),
        ("?limit=2&offset=1&", b"", "application/json"),
        ("?limit=2&offset=1", b'{"limit": null}', "application/json"),
    ],
)
@pytest.mark.parametrize("path", [ACTION, "/api/action"])
async def test_parameters_are_read_from_the_query_from_a_form_and_from_json(
    api: httpx.AsyncClient, path: str, query: str, body: bytes | None, content_type: str | None
) -> None:
    method = "GET" if body is None else "POST"
    headers = {} if content_type is None else {"content-type": content_type}

    answer = await api.request(method, f"{path}/package_list{query}", content=body, headers=headers)

    assert (answer.status_code, answer.json()["result"]) == (200, NAMES[1:3])


async def test_a_package_has_what_harvesters_read(api: httpx.AsyncClient) -> None:
    package = await call(api, "package_show", id="bodies")
    organization = await call(api, "organization_show", id=ORGANIZATION)
    shown = ("display_name", "extras", "groups", "tags", "users", "num_followers", "package_count")

    assert package == await call(api, "package_show", name_or_id=package["id"])
    assert package["organization"] == {
        name: value for name, value in organization.items() if name not in shown
    }
    extras = {one["key"]: one["value"] for one in package["extras"]}
    assert extras == {
        "title_en": "Bodies",
        "notes_en": "Who reports, and who is responsible where a report says so.",
        "identifier": f"{BASE}/v1/datasets/bodies",
        "release": "1",
        "issued": "2026-01-02T03:04:05Z",
        "modified": "2026-01-02T03:04:05Z",
        "frequency": "http://publications.europa.eu/resource/authority/frequency/ANNUAL",
        "temporal_start": "2023-01-01",
        "temporal_end": "2023-12-31",
        "publisher_name": "政府报告开放数据",
        "publisher_name_en": "Open Data from Government Reports",
        "record_count": "3",
        "attribution": "政府报告开放数据 (Open Data from Government Reports), CC BY 4.0",
        "changes": f"{BASE}/v1/changes",
    }
    kept = ("organization", "extras", "resources", "tags", "notes", "notes_translated")
    assert {name: value for name, value in package.items() if name not in kept} == {
        "author": "政府报告开放数据",
        "author_email": None,
        "creator_user_id": None,
        "groups": [],
        "id": package["id"],
        "isopen": True,
        "license_id": "CC-BY-4.0",
        "license_title": "Creative Commons Attribution 4.0",
        "license_url": "https://creativecommons.org/licenses/by/4.0/",
        "maintainer": "政府报告开放数据",
        "maintainer_email": None,
        "metadata_created": PUBLISHED,
        "metadata_modified": PUBLISHED,
        "name": "bodies",
        "num_resources": len(package["resources"]),
        "num_tags": len(package["tags"]),
        "owner_org": organization["id"],
        "private": False,
        "relationships_as_object": [],
        "relationships_as_subject": [],
        "state": "active",
        "title": "机关",
        "title_translated": {"zh": "机关", "en": "Bodies"},
        "type": "dataset",
        "url": f"{BASE}/datasets/bodies",
        "version": "1",
    }


async def test_a_package_of_reports_says_of_which_years_and_areas(api: httpx.AsyncClient) -> None:
    package = await call(api, "package_show", id="reports")

    extras = {one["key"]: one["value"] for one in package["extras"]}
    of = ("temporal_start", "temporal_end", "spatial-text", "area_codes")
    assert [extras[name] for name in of] == ["2023-01-01", "2023-12-31", "鱼峰区", "450203"]


async def test_a_resource_is_a_file_with_its_hash_or_the_address_that_is_queried(
    api: httpx.AsyncClient,
) -> None:
    package = await call(api, "package_show", id="bodies")
    table, *_, records = package["resources"]
    listed = (await api.get("/v1/releases/1")).json()["data"]["files"]
    file = next(one for one in listed if one["name"] == "bodies.csv")

    common = {
        "cache_last_updated": None,
        "cache_url": None,
        "created": PUBLISHED,
        "last_modified": PUBLISHED,
        "metadata_modified": PUBLISHED,
        "mimetype_inner": None,
        "package_id": package["id"],
        "state": "active",
        "url_type": None,
    }
    assert table == common | {
        "datastore_active": True,
        "description": "机关：CSV（供程序） / Bodies: CSV (for programs)",
        "format": "CSV",
        "hash": file["sha256"],
        "id": table["id"],
        "mimetype": "text/csv",
        "name": "CSV（供程序） / CSV (for programs)",
        "position": 0,
        "resource_type": "file",
        "size": file["bytes"],
        "url": f"{BASE}/v1/bodies.csv",
    }
    assert records == common | {
        "datastore_active": False,
        "description": "按条件查询的地址 / address to query records at",
        "format": "JSON",
        "hash": "",
        "id": records["id"],
        "mimetype": "application/json",
        "name": "按条件查询的地址 / address to query records at",
        "position": len(package["resources"]) - 1,
        "resource_type": "api",
        "size": None,
        "url": f"{BASE}/v1/bodies",
    }
    formats = [one["format"] for one in package["resources"]]
    assert formats == ["CSV", "CSV", "XLSX", "NDJSON", "PARQUET", "ZIP", "JSON"]
    assert await call(api, "resource_show", id=table["id"]) == table


async def test_ids_are_uuids_and_no_two_are_alike(api: httpx.AsyncClient) -> None:
    packages = await call(api, "current_package_list_with_resources")
    groups = await call(api, "group_list", all_fields=True)
    tags = await call(api, "tag_list", all_fields=True)
    organizations = await call(api, "organization_list", all_fields=True)
    listed = [*packages, *groups, *tags, *organizations]
    ids = [one["id"] for one in listed]
    ids += [resource["id"] for package in packages for resource in package["resources"]]

    assert len(set(ids)) == len(ids)
    assert all(str(UUID(one)) == one for one in ids)


async def test_what_a_licence_does_not_cover_has_none(api: httpx.AsyncClient) -> None:
    package = await call(api, "package_show", id="passages")

    assert {name: package.get(name) for name in ("license_id", "isopen", "license_url")} == {
        "license_id": "notspecified",
        "isopen": False,
        "license_url": None,
    }
    licences = await call(api, "license_list")
    assert [(one["id"], one["od_conformance"]) for one in licences] == [
        ("CC-BY-4.0", "approved"),
        ("notspecified", "not reviewed"),
    ]


async def test_every_address_that_a_package_names_is_answered(api: httpx.AsyncClient) -> None:
    package = await call(api, "package_show", id="areas")
    extras = {one["key"]: one["value"] for one in package["extras"]}
    named = [package["url"], extras["identifier"], extras["changes"]]
    named += [one["url"] for one in package["resources"]]

    answers = [await api.get(one) for one in named]

    assert [one.status_code for one in answers] == [200] * len(named)


async def test_packages_are_paged(api: httpx.AsyncClient) -> None:
    everything = await call(api, "current_package_list_with_resources")

    assert names(everything) == NAMES == await call(api, "package_list", limit=0)
    for given in ({"limit": 2, "offset": 2}, {"limit": 2, "page": 2}):
        page = await call(api, "current_package_list_with_resources", **given)
        assert page == everything[2:4]
    assert await call(api, "package_list", offset=len(NAMES)) == []
    assert (
        names(await call(api, "current_package_list_with_resources", page=0, limit=1))
        == (NAMES[:1])
    )


async def test_packages_are_in_the_groups_of_their_topics(api: httpx.AsyncClient) -> None:
    listed = await call(api, "group_list", all_fields=True, sort="name asc")
    aid = await call(api, "group_show", id="legal_aid", include_datasets=True)
    within = ["commitments", "metrics", "observations", "service-counts"]

    assert {one["package_count"] for one in listed} == {len(within)}
    assert names(aid["packages"]) == within
    assert (aid["title"], aid["extras"]) == (
        "法律援助",
        [{"key": "title_en", "value": "legal aid"}],
    )
    assert {name: value for name, value in aid.items() if name != "packages"} in listed
    assert names(await call(api, "group_package_show", id=aid["id"], limit=2)) == within[:2]
    package = await call(api, "package_show", id="metrics")
    assert sorted(names(package["groups"])) == names(listed)


async def test_groups_are_sorted_paged_and_chosen(api: httpx.AsyncClient) -> None:
    by_name = await call(api, "group_list", order_by="name")
    by_title = await call(api, "group_list")
    titles = [one["title"] for one in await call(api, "group_list", all_fields=True)]

    assert by_name == sorted(by_title)
    assert titles == sorted(titles)
    assert await call(api, "group_list", sort="name desc") == by_name[::-1]
    assert await call(api, "group_list", sort="package_count") == by_name
    assert await call(api, "group_list", sort="packages asc") == by_name
    assert await call(api, "group_list", sort="name", limit=2, offset=1) == by_name[1:3]
    assert await call(api, "group_list", groups=["legal_aid", "nosuch"]) == ["legal_aid"]
    assert await call(api, "organization_list", organizations="nosuch") == []


async def test_the_operator_is_the_one_organization(api: httpx.AsyncClient) -> None:
    organization = await call(api, "organization_show", id=ORGANIZATION, include_datasets="true")

    assert await call(api, "organization_list") == [ORGANIZATION]
    assert names(organization.pop("packages")) == NAMES
    assert organization["package_count"] == len(NAMES)
    assert [organization] == await call(api, "organization_list", all_fields=True)
    assert organization["title"] == "政府报告开放数据"


async def test_tags_are_told_with_their_packages(api: httpx.AsyncClient) -> None:
    tags = await call(api, "tag_list")
    tag = await call(api, "tag_show", id="鱼峰区", include_datasets=True)

    assert sorted(tags) == tags
    assert set(tags) >= {
        "法治政府建设年度报告",
        "annual rule-of-law report",
        "鱼峰区",
        "Yufeng District",
    }
    assert names((await call(api, "tag_show", id="地区", include_datasets=True))["packages"]) == (
        ["areas"]
    )
    assert await call(api, "tag_list", query="ＹＵＦＥＮＧ") == ["Yufeng District"]
    assert names(tag["packages"]) == OF_REPORTS
    assert {name: value for name, value in tag.items() if name != "packages"} in await call(
        api, "tag_list", all_fields=True
    )


async def test_the_service_tells_what_it_is(api: httpx.AsyncClient) -> None:
    for path in ("/api", "/api/3"):
        answer = await api.get(path)
        again = await api.get(path, headers={"if-none-match": answer.headers["etag"]})
        assert (answer.json(), again.status_code) == ({"version": 3}, 304)
    assert await call(api, "site_read") is True
    assert await call(api, "status_show") == {
        "ckan_version": "2.11.0",
        "site_url": BASE,
        "site_title": "政府报告开放数据",
        "site_description": "政府报告开放数据 / Open Data from Government Reports",
        "error_emails_to": None,
        "locale_default": "zh_Hans_CN",
        "extensions": ["datastore"],
    }


@pytest.mark.parametrize("action", ACTIONS)
async def test_the_help_of_every_action_is_where_its_answer_says(
    api: httpx.AsyncClient, action: str
) -> None:
    answer = await api.get(f"{ACTION}/{action}")
    told = await api.get(answer.json()["help"])

    assert told.json()["result"] == ACTIONS[action].help
    assert all(f":param {name}:" in ACTIONS[action].help for name in ACTIONS[action].readers)


@pytest.mark.parametrize(
    ("action", "given", "message"),
    [
        ("package_show", {"id": "nosuch"}, "没有这个数据集 / there is no such dataset"),
        ("resource_show", {"id": "nosuch"}, "没有这个资源 / there is no such resource"),
        ("organization_show", {"id": "nosuch"}, "没有这个机构 / there is no such organization"),
        ("group_show", {"id": "无"}, "没有这个分组 / there is no such group"),
        ("group_package_show", {"id": "nosuch"}, "没有这个分组 / there is no such group"),
        ("tag_show", {"id": "nosuch"}, "没有这个标签 / there is no such tag"),
        ("help_show", {"name": "nosuch"}, "没有这个操作 / there is no such action"),
        (
            "tag_list",
            {"vocabulary_id": "nosuch"},
            "没有标签词表 / there are no vocabularies",
        ),
        (
            "tag_show",
            {"id": "鱼峰区", "vocabulary_id": "nosuch"},
            "没有标签词表 / there are no vocabularies",
        ),
        (
            "datastore_search",
            {"resource_id": "nosuch"},
            "没有这个可查询的资源 / there is no such resource that can be searched",
        ),
    ],
)
async def test_what_is_not_there_is_not_found(
    api: httpx.AsyncClient, action: str, given: Given, message: str
) -> None:
    assert await refused(api, action, **given) == (
        404,
        {"message": f"Not found: {message}", "__type": "Not Found Error"},
    )


@pytest.mark.parametrize(
    ("action", "given", "faults"),
    [
        ("package_show", {}, {"id": ["缺少该参数 / Missing value"]}),
        ("package_show", {"id": ""}, {"id": ["缺少该参数 / Missing value"]}),
        ("package_show", {"id": ["a"]}, {"id": ["须为文本 / must be a text"]}),
        ("package_list", {"limit": -1}, {"limit": ["须为自然数 / must be a natural number"]}),
        ("package_list", {"limit": True}, {"limit": ["须为自然数 / must be a natural number"]}),
        ("package_list", {"limit": 1.5}, {"limit": ["须为自然数 / must be a natural number"]}),
        ("package_list", {"limit": "１"}, {"limit": ["须为自然数 / must be a natural number"]}),
        (
            "package_list",
            {"limit": "9" * 5000, "offset": {}},
            {
                "limit": ["须为自然数 / must be a natural number"],
                "offset": ["须为自然数 / must be a natural number"],
            },
        ),
        (
            "package_list",
            {"nosuch": 1},
            {
                "nosuch": [NO_PARAMETER],
            },
        ),
        (
            "group_list",
            {"all_fields": "perhaps"},
            {"all_fields": ["须为 true 或 false / must be true or false"]},
        ),
        (
            "group_list",
            {"all_fields": [True]},
            {"all_fields": ["须为 true 或 false / must be true or false"]},
        ),
        (
            "group_list",
            {"groups": [1]},
            {"groups": ["须为文本的列表 / must be a list of texts"]},
        ),
        (
            "group_list",
            {"sort": "size"},
            {
                "sort": [NO_ORDER],
            },
        ),
        (
            "package_search",
            {"facet.limit": "-x"},
            {"facet.limit": ["须为自然数 / must be a natural number"]},
        ),
        (
            "datastore_search",
            {"resource_id": "areas", "filters": "{"},
            {"filters": ["不是有效的 JSON / is not valid JSON"]},
        ),
        (
            "datastore_search",
            {"resource_id": "areas", "filters": "450203"},
            {"filters": ["须为 JSON 对象 / must be a JSON object"]},
        ),
    ],
)
async def test_parameters_of_another_form_are_told_one_by_one(
    api: httpx.AsyncClient, action: str, given: Given, faults: Given
) -> None:
    assert await refused(api, action, **given) == (409, {**faults, "__type": "Validation Error"})


LISTS = (
    ("package_search", "fq_list"),
    ("package_search", "facet.field"),
    ("organization_list", "organizations"),
    ("group_list", "groups"),
    ("datastore_search", "fields"),
    ("datastore_search", "sort"),
)


def test_these_are_all_the_lists_of_texts() -> None:
    assert set(LISTS) == {
        (action.name, name)
        for action in ACTIONS.values()
        for name, reader in action.readers.items()
        if reader is as_texts
    }


@pytest.mark.parametrize(("action", "name"), LISTS)
async def test_a_list_without_texts_is_the_same_by_get_and_by_post(
    api: httpx.AsyncClient, action: str, name: str
) -> None:
    given = {"resource_id": "areas"} if action == "datastore_search" else {}
    posted = await call(api, action, **given, **{name: []})

    for written in ("[]", " [ ] ", ""):
        answer = await api.get(f"{ACTION}/{action}", params={**given, name: written})
        assert (answer.status_code, written, answer.json()["result"]) == (200, written, posted)


@pytest.mark.parametrize(("action", "name"), LISTS)
@pytest.mark.parametrize(
    ("written", "message"),
    [
        ('["a",', "不是有效的 JSON / is not valid JSON"),
        ("[a]", "不是有效的 JSON / is not valid JSON"),
        ("[1]", "须为文本的列表 / must be a list of texts"),
    ],
)
async def test_a_list_that_is_broken_is_refused(
    api: httpx.AsyncClient, action: str, name: str, written: str, message: str
) -> None:
    answer = await api.get(f"{ACTION}/{action}", params={name: written})

    assert (answer.status_code, answer.json()["error"]) == (
        409,
        {name: [message], "__type": "Validation Error"},
    )


@pytest.mark.parametrize("action", ACTIONS)
async def test_the_time_that_jquery_adds_changes_nothing(
    api: httpx.AsyncClient, action: str
) -> None:
    needed = [one for one in ("id", "resource_id", "name") if one in ACTIONS[action].readers]
    query = "?" + "&".join(f"{one}=areas" for one in needed)

    plain = await api.get(f"{ACTION}/{action}{query}")
    fresh = await api.get(f"{ACTION}/{action}{query}&_=1767323045000")

    assert (fresh.status_code, fresh.content) == (plain.status_code, plain.content)
    assert fresh.headers.get("etag") == plain.headers.get("etag")


async def test_actions_that_leave_nothing_out_take_whatever_clients_send(
    api: httpx.AsyncClient,
) -> None:
    plain = await call(api, "package_show", id="areas")

    assert await call(api, "package_show", id="areas", include_users=False, for_view=1) == plain
    assert await call(api, "package_list", include_private=False) == NAMES


@pytest.mark.parametrize(
    ("action", "body", "status", "message"),
    [
        ("nosuch", b"{}", 400, "Action name not known: nosuch"),
        ("package_list", b"{", 400, "JSON Error: Error decoding JSON data."),
        ("package_list", b"\xff\xfe", 400, "JSON Error: Error decoding JSON data."),
        ("package_list", b"[" * 60_000, 400, "JSON Error: Error decoding JSON data."),
        ("package_list", b'{"a": NaN}', 400, "JSON Error: Error decoding JSON data."),
        ("package_list", b"[]", 400, "JSON Error: Request data needs to be a dictionary."),
        ("package_list", b"1", 400, "JSON Error: Request data needs to be a dictionary."),
        ("package_list", b"limit=%ff", 400, "this is not valid UTF-8"),
        ("package_list", b"limit=%", 400, "% must be followed by two hex digits"),
        ("package_list", b" " * 65_537, 413, "the body has more than 65536 bytes"),
    ],
)
async def test_what_can_not_be_read_is_a_bad_request(
    api: httpx.AsyncClient, action: str, body: bytes, status: int, message: str
) -> None:
    answer = await api.post(f"{ACTION}/{action}", content=body)

    assert (answer.status_code, answer.json()) == (status, f"Bad request - {message}")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "no-store"


async def test_a_form_in_parts_is_not_read(api: httpx.AsyncClient) -> None:
    answer = await api.post(f"{ACTION}/package_show", files={"id": ("name", b"areas")})

    assert (answer.status_code, answer.json()) == (
        400,
        "Bad request - multipart data is not read: send JSON or a plain form",
    )


async def test_no_call_is_answered_as_a_fault_of_ours(api: httpx.AsyncClient) -> None:
    chance = random.Random(1)
    statuses = set()
    for _ in range(CALLS):
        action = chance.choice(list(ACTIONS.values()))
        taken = chance.sample(sorted(action.readers), min(2, len(action.readers)))
        given = {name: chance.choice(ODD_VALUES) for name in taken}
        answer = await api.post(f"{ACTION}/{action.name}", json=given)
        statuses.add(answer.status_code)

    assert statuses == {200, 404, 409}


async def test_a_body_of_64_kib_is_read(api: httpx.AsyncClient) -> None:
    answer = await api.post(f"{ACTION}/package_list", content=b"{}".ljust(65_536))

    assert answer.json()["result"] == NAMES


async def test_a_parameter_that_stands_twice_is_a_list(api: httpx.AsyncClient) -> None:
    twice = await api.get(f"{ACTION}/group_list?groups=legal_aid&groups=mediation&groups=nosuch")
    nameless = await api.get(f"{ACTION}/group_list?=1&=2")

    assert sorted(twice.json()["result"]) == ["legal_aid", "mediation"]
    assert list(nameless.json()["error"]) == ["", "__type"]


async def test_only_these_addresses_are_posted_to(api: httpx.AsyncClient) -> None:
    methods = {}
    for path in (f"{ACTION}/package_list", "/api/action/package_list", "/api/3", "/v1/areas"):
        preflight = await api.options(path)
        refusal = await api.delete(path)
        assert preflight.status_code == 204
        assert refusal.status_code == 405
        assert refusal.headers["allow"] == preflight.headers["allow"]
        assert preflight.headers["access-control-allow-methods"] == preflight.headers["allow"]
        methods[path] = preflight.headers["allow"]

    assert methods == {
        f"{ACTION}/package_list": "GET, HEAD, POST, OPTIONS",
        "/api/action/package_list": "GET, HEAD, POST, OPTIONS",
        "/api/3": "GET, HEAD, OPTIONS",
        "/v1/areas": "GET, HEAD, OPTIONS",
    }
    assert (await api.post("/api/3")).status_code == 405
    assert (await api.post("/api/4/action/package_list")).status_code == 404


async def test_what_http_refuses_is_a_problem_document(api: httpx.AsyncClient) -> None:
    path = f"{ACTION}/package_list"
    answers = [
        await api.get(f"{path}?{'a' * 8193}"),
        await api.post(path, content=b"{}", headers={"content-encoding": "gzip"}),
        await api.delete(path, headers={"accept": "text/html"}),
    ]

    assert [(one.status_code, one.headers["content-type"]) for one in answers] == [
        (414, PROBLEM),
        (415, PROBLEM),
        (405, PROBLEM),
    ]


async def test_what_is_asked_by_get_is_kept_as_long_as_the_release(api: httpx.AsyncClient) -> None:
    address = f"{ACTION}/package_show?id=areas"
    answer = await api.get(address)
    again = await api.get(address, headers={"if-none-match": answer.headers["etag"]})
    other = await api.get("/api/action/package_show?id=areas&include_users=true")
    posted = await api.post(f"{ACTION}/package_show", json={"id": "areas"})
    missing = await api.get(f"{ACTION}/package_show?id=nosuch", headers={"if-none-match": "*"})

    assert (again.status_code, again.content) == (304, b"")
    assert other.headers["etag"] == answer.headers["etag"]
    assert other.content == answer.content == posted.content
    assert answer.headers["last-modified"] == "Fri, 02 Jan 2026 03:04:05 GMT"
    assert f'<{BASE}{address}>; rel="self"' in answer.headers["link"]
    assert posted.headers["cache-control"] == "no-store"
    assert "etag" not in posted.headers
    assert (missing.status_code, missing.headers["cache-control"]) == (404, "max-age=60")


async def test_the_same_is_answered_as_json_to_whoever_would_rather_have_html(
    api: httpx.AsyncClient,
) -> None:
    answer = await api.get(f"{ACTION}/site_read", headers={"accept": "text/html"})
    head = await api.head(f"{ACTION}/site_read")

    assert json.loads(answer.content)["result"] is True
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == answer.headers["content-length"]

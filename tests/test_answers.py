"""What the API says: lists, records, the dictionary, releases and the texts."""

import json
from decimal import Decimal
from hashlib import sha256
from typing import Any
from urllib.parse import quote, unquote

import httpx
import pytest
from conftest import BASE

from opendata_api.datasets import DATASETS, OBSERVATIONS, SERVICE_COUNTS
from opendata_api.describe import Dataset
from opendata_api.formats import FORMATS
from opendata_api.seed import Seed
from opendata_api.web.app import Application

Rows = list[dict[str, Any]]

LICENCE = {
    "license": "CC-BY-4.0",
    "attribution": "政府报告开放数据 (Open Data from Government Reports), CC BY 4.0",
}
DOCUMENT = "cn450203-2023-rol-d1"
YUFENG = {
    "id": "450203",
    "name_zh": "鱼峰区",
    "name_en": "Yufeng District",
    "level": "county",
    "parent_id": "450200",
    "valid_from": None,
    "valid_to": None,
    "release_added": 1,
    "release_changed": 1,
}
COUNTS = {
    "observations": 108,
    "metrics": 88,
    "service-counts": 18,
    "commitments": 19,
    "reports": 1,
    "documents": 1,
    "passages": 112,
    "areas": 3,
    "bodies": 3,
}
RELEASE: dict[str, Any] = {
    "n": 1,
    "published_at": "2026-01-02T03:04:05Z",
    "counts": COUNTS,
    "href": f"{BASE}/v1/releases/1",
    "withdrawn": None,
}

every_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)


async def rows_of(api: httpx.AsyncClient, address: str) -> Rows:
    rows: Rows = (await api.get(address)).json()["data"]
    return rows


FILES = ("csv", "excel", "xlsx", "ndjson", "parquet", "zip")
RECORD_LINKS = len(("self", "permalink", *FILES, "html", "cite", "collection", "describedby"))
"""Every record has so many links before its own."""


def links_in(header: str) -> list[tuple[str, str]]:
    """The links of a Link header, each as its relation and its address."""
    links = []
    for value in header.split(", <"):
        address, _, parameters = value.lstrip("<").partition(">; ")
        links.append((parameters.split('"')[1], address))
    return links


async def test_a_list_has_its_rows_then_what_is_known_of_them_then_its_links(
    api: httpx.AsyncClient,
) -> None:
    answer = await api.get("/v1/areas?id=450203")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {
        "data": [YUFENG],
        "meta": {
            "dataset": "areas",
            "release": 1,
            "count": 1,
            "total": 1,
            "total_relation": "eq",
            **LICENCE,
        },
        "links": {
            "self": f"{BASE}/v1/areas?id=450203",
            "first": f"{BASE}/v1/areas?id=450203",
            "prev": None,
            "next": None,
            "csv": f"{BASE}/v1/areas.csv?id=450203&release=1",
            "excel": f"{BASE}/v1/areas.excel.csv?id=450203&release=1",
            "xlsx": f"{BASE}/v1/areas.xlsx?id=450203&release=1",
            "ndjson": f"{BASE}/v1/areas.ndjson?id=450203&release=1",
            "parquet": f"{BASE}/v1/areas.parquet?id=450203&release=1",
            "zip": f"{BASE}/v1/areas.zip?id=450203&release=1",
            "html": f"{BASE}/datasets/areas?id=450203&release=1",
            "cite": f"{BASE}/v1/cite?url={quote(f'{BASE}/v1/areas?id=450203&release=1', ':,')}",
            "describedby": f"{BASE}/v1/datasets/areas",
        },
    }
    assert list(answer.json()) == ["data", "meta", "links"]


async def test_the_links_of_a_list_are_also_in_the_link_header(api: httpx.AsyncClient) -> None:
    cursor = (await api.get("/v1/areas?limit=1")).json()["links"]["next"]
    answer = await api.get(cursor)
    links = answer.json()["links"]

    assert links_in(answer.headers["link"]) == [
        ("self", links["self"]),
        ("first", links["first"]),
        ("prev", links["prev"]),
        ("next", links["next"]),
        *(("alternate", links[key]) for key in (*FILES, "html")),
        ("cite-as", f"{BASE}/v1/areas?release=1"),
        ("related", links["cite"]),
        ("describedby", links["describedby"]),
        ("license", "https://creativecommons.org/licenses/by/4.0/"),
    ]
    assert '.csv?release=1>; rel="alternate"; type="text/csv"' in answer.headers["link"]


async def test_one_record_is_answered_with_its_permanent_address(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/areas/450203")
    links = answer.json()["links"]

    assert answer.json() == {
        "data": YUFENG,
        "meta": {"dataset": "areas", "release": 1, **LICENCE},
        "links": {
            "self": f"{BASE}/v1/areas/450203",
            "permalink": f"{BASE}/v1/areas/450203?release=1",
            "csv": f"{BASE}/v1/areas/450203.csv?release=1",
            "excel": f"{BASE}/v1/areas/450203.excel.csv?release=1",
            "xlsx": f"{BASE}/v1/areas/450203.xlsx?release=1",
            "ndjson": f"{BASE}/v1/areas/450203.ndjson?release=1",
            "parquet": f"{BASE}/v1/areas/450203.parquet?release=1",
            "zip": f"{BASE}/v1/areas/450203.zip?release=1",
            "html": f"{BASE}/datasets/areas/450203?release=1",
            "cite": f"{BASE}/v1/cite?url={quote(f'{BASE}/v1/areas/450203?release=1', ':,')}",
            "collection": f"{BASE}/v1/areas",
            "describedby": f"{BASE}/v1/datasets/areas",
        },
    }
    assert links_in(answer.headers["link"]) == [
        ("self", links["self"]),
        ("bookmark", links["permalink"]),
        *(("alternate", links[key]) for key in (*FILES, "html")),
        ("cite-as", links["permalink"]),
        ("related", links["cite"]),
        ("collection", links["collection"]),
        ("describedby", links["describedby"]),
        ("license", "https://creativecommons.org/licenses/by/4.0/"),
    ]


REPORT = "cn450203-2023-rol"
RELATED = {
    f"/v1/documents/{DOCUMENT}": {
        "report": f"/v1/reports/{REPORT}",
        "text": f"/v1/documents/{DOCUMENT}/text",
        "coverage": f"/v1/documents/{DOCUMENT}/coverage",
    },
    f"/v1/reports/{REPORT}": {"document": f"/v1/documents/{DOCUMENT}"},
    **{
        f"/v1/{row}": {
            "report": f"/v1/reports/{REPORT}",
            "document": f"/v1/documents/{DOCUMENT}",
        }
        for row in (
            f"observations/{REPORT}-o083",
            f"service-counts/{REPORT}-o083",
            f"commitments/{REPORT}-c08",
            f"passages/{REPORT}-p072",
        )
    },
    "/v1/metrics/village_legal_advisers": {},
}


@pytest.mark.parametrize("release", ["", "?release=1"])
@pytest.mark.parametrize("path", RELATED)
async def test_a_record_links_to_what_it_refers_to_and_to_what_lies_beside_it(
    api: httpx.AsyncClient, path: str, release: str
) -> None:
    answer = await api.get(f"{path}{release}")
    as_csv = await api.get(f"{path}.csv{release}")
    chosen = await api.get(f"{path}{release}{'&' if release else '?'}fields=id")

    links = list(answer.json()["links"].items())
    related = [(key, f"{BASE}{there}{release}") for key, there in RELATED[path].items()]
    assert sorted(links[RECORD_LINKS:]) == sorted(related)
    assert chosen.json()["links"].items() >= dict(related).items()
    for one in (answer, as_csv):
        header = links_in(one.headers["link"])
        assert [there for rel, there in header if rel == "related"] == [
            answer.json()["links"]["cite"],
            *(there for _, there in links[RECORD_LINKS:]),
        ]
    assert {(await api.get(there)).status_code for _, there in related} <= {200}


async def test_a_document_without_an_audit_links_to_none(
    api: httpx.AsyncClient, service: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = service.site.store.attachment

    async def attachment(kind: str, name: str, release: int) -> str | None:
        return None if kind == "coverage" else await whole(kind, name, release)

    monkeypatch.setattr(
        type(service.site.store), "attachment", lambda _, *given: attachment(*given)
    )
    links = (await api.get(f"/v1/documents/{DOCUMENT}")).json()["links"]

    assert list(links)[RECORD_LINKS:] == ["report", "text"]


@pytest.mark.untraced
@every_dataset
async def test_every_row_is_answered_alone_as_in_the_list(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    rows = await rows_of(api, f"/v1/{dataset.name}?limit=1000")

    alone = [(await api.get(f"/v1/{dataset.name}/{row['id']}.json")).json()["data"] for row in rows]

    assert alone == rows
    assert len(rows) == COUNTS[dataset.name]


@every_dataset
async def test_every_record_has_every_field_in_the_order_of_the_dataset(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    rows = await rows_of(api, f"/v1/{dataset.name}?limit=1000")

    assert {tuple(row) for row in rows} == {dataset.field_names}
    assert dataset.field_names[-2:] == ("release_added", "release_changed")


@every_dataset
async def test_the_suffix_json_gives_the_same_bytes_as_no_suffix(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    plain = await api.get(f"/v1/{dataset.name}?limit=2")
    suffixed = await api.get(f"/v1/{dataset.name}.json?limit=2")

    assert suffixed.content == plain.content
    assert suffixed.headers["vary"] == "Accept-Encoding"
    assert plain.headers["vary"] == "Accept, Accept-Encoding"


async def test_self_is_the_canonical_address_sorted_and_without_defaults(
    api: httpx.AsyncClient,
) -> None:
    given = "unit__in=person,case&sort=id&year=2023&limit=200&lang=en&metric__ne=a&year=2022"

    answer = await api.get(f"/v1/observations?{given}")

    canonical = "metric__ne=a&unit__in=case,person&year=2022&year=2023"
    links = answer.json()["links"]
    assert links["self"] == f"{BASE}/v1/observations?{canonical}"
    assert links["csv"] == f"{BASE}/v1/observations.csv?metric__ne=a&release=1&" + (
        canonical.removeprefix("metric__ne=a&")
    )
    assert (await api.get(links["self"])).content == answer.content


async def test_a_list_has_200_rows_unless_asked_and_1000_at_most(api: httpx.AsyncClient) -> None:
    most = await api.get("/v1/passages?limit=1000")
    beyond = await api.get("/v1/passages?limit=1001")

    assert most.json()["meta"]["count"] == 112
    assert beyond.status_code == 400
    assert beyond.json()["errors"][0]["try"] == f"{BASE}/v1/passages?limit=1000"


async def test_an_empty_result_is_a_page_without_rows(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/areas?level=planet")

    assert answer.json()["data"] == []
    assert answer.json()["meta"] | LICENCE == {
        "dataset": "areas",
        "release": 1,
        "count": 0,
        "total": 0,
        "total_relation": "eq",
        **LICENCE,
    }
    assert answer.json()["links"]["next"] is None


async def test_fields_are_given_in_the_order_asked(api: httpx.AsyncClient) -> None:
    rows = await rows_of(api, "/v1/areas?fields=level,id,parent_id&sort=-id&limit=1")
    alone = (await api.get("/v1/areas/450203?fields=level,id")).json()

    assert json.dumps(rows) == '[{"level": "county", "id": "450203", "parent_id": "450200"}]'
    assert json.dumps(alone["data"]) == '{"level": "county", "id": "450203"}'
    assert alone["links"]["self"] == f"{BASE}/v1/areas/450203?fields=level,id"


async def test_dimensions_filter_any_of_one_name_and_all_across_names(
    api: httpx.AsyncClient,
) -> None:
    rows = await rows_of(api, "/v1/observations?limit=1000")

    async def chosen(query: str) -> list[str]:
        found = await rows_of(api, f"/v1/observations?limit=1000&{query}")
        return [row["id"] for row in found]

    def expected(*wanted: tuple[str, str]) -> list[str]:
        return [
            row["id"]
            for row in rows
            if all(
                row["dimensions"].get(name) in {v for n, v in wanted if n == name}
                for name in {n for n, _ in wanted}
            )
        ]

    one = ("service_scope", "cross_province")
    other = ("service_scope", "citywide")
    third = ("handling_level", "district_own")
    as_query = [f"dim={name}:{value}" for name, value in (one, other, third)]
    assert await chosen(as_query[0]) == expected(one) != []
    assert await chosen("&".join(as_query[:2])) == expected(one, other)
    assert await chosen("&".join(as_query)) == expected(one, other, third) != []


async def test_an_unknown_dimension_is_refused_and_the_right_one_is_told(
    api: httpx.AsyncClient,
) -> None:
    address = "/v1/observations?dim=service_scpoe:citywide&dim=mood:good&lang=en"

    answer = await api.get(address)

    error = answer.json()
    assert (answer.status_code, error["code"]) == (400, "invalid-value")
    assert [fault["did_you_mean"] for fault in error["errors"]] == ["service_scope", None]
    assert "service_scope" in error["errors"][0]["allowed"]
    assert error["errors"][0]["try"] == f"{BASE}/v1/observations?dim=service_scope:citywide&lang=en"
    assert (await api.get(error["errors"][0]["try"])).status_code == 200


async def test_data_do_not_vary_with_the_language(api: httpx.AsyncClient) -> None:
    chinese = await api.get("/v1/observations?lang=zh&limit=3")
    english = await api.get("/v1/observations?lang=en&limit=3", headers={"accept-language": "en"})

    assert english.content == chinese.content
    assert english.headers["etag"] == chinese.headers["etag"]


async def test_equal_questions_have_equal_bytes(api: httpx.AsyncClient) -> None:
    first, second = [await api.get("/v1/observations?sort=-value,id") for _ in range(2)]

    assert first.content == second.content


async def test_figures_are_exact_in_json(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/observations?limit=1000")
    rows = json.loads(answer.text, parse_float=Decimal)["data"]
    values = {row["value"] for row in rows}

    wanted = {2307000000, 318900, Decimal("-4.8"), Decimal("-94.1")}
    assert wanted <= values
    for printed in ("2307000000", "318900", "-4.8", "-94.1"):
        assert f'"value":{printed},' in answer.text
    assert '"printed_value":23.07,"printed_unit":"亿元"' in answer.text
    assert '"printed_value":31.89,"printed_unit":"万元"' in answer.text


async def test_every_figure_and_quote_stands_in_the_text_where_it_says(
    api: httpx.AsyncClient,
) -> None:
    text = (await api.get(f"/v1/documents/{DOCUMENT}/text")).text
    observations = await rows_of(api, "/v1/observations?limit=1000")
    commitments = await rows_of(api, "/v1/commitments?limit=1000")
    passages = await rows_of(api, "/v1/passages?limit=1000")

    quotes = [(row["quote_start"], row["quote_end"], row["quote"]) for row in observations]
    quotes += [(row["quote_start"], row["quote_end"], row["quote"]) for row in commitments]
    quotes += [(row["value_start"], row["value_end"], row["value_text"]) for row in observations]
    quotes += [(row["start"], row["end"], row["text"]) for row in passages if not row["masked"]]
    assert [wrong for wrong in quotes if text[wrong[0] : wrong[1]] != wrong[2]] == []
    assert len(quotes) > 108 + 19 + 108 + 100
    assert {row["document_id"] for row in [*observations, *commitments, *passages]} == {DOCUMENT}


async def test_service_counts_have_the_ids_and_values_of_observations(
    api: httpx.AsyncClient,
) -> None:
    counts = await rows_of(api, "/v1/service-counts")
    observations = {row["id"]: row for row in await rows_of(api, "/v1/observations?limit=1000")}

    same = [{name: row[name] for name in OBSERVATIONS.field_names} for row in counts]

    assert same == [observations[row["id"]] for row in counts]
    assert SERVICE_COUNTS.field_names[8:] == OBSERVATIONS.field_names


async def test_the_service_document_names_datasets_release_licence_and_links(
    api: httpx.AsyncClient,
) -> None:
    answer = (await api.get("/v1")).json()

    datasets = answer["data"].pop("datasets")
    assert answer == {
        "data": {
            "title_zh": "政府报告开放数据",
            "title_en": "Open Data from Government Reports",
            "version": "v1",
            "release": 1,
            "published_at": "2026-01-02T03:04:05Z",
            "license": "CC-BY-4.0",
            "license_url": "https://creativecommons.org/licenses/by/4.0/",
            "attribution": LICENCE["attribution"],
        },
        "meta": {"release": 1, **LICENCE},
        "links": {
            "self": f"{BASE}/v1",
            "docs": f"{BASE}/docs",
            "openapi": f"{BASE}/openapi.json",
            "datasets": f"{BASE}/v1/datasets",
            "search": f"{BASE}/v1/search?q=%E6%B3%95%E5%BE%8B%E6%8F%B4%E5%8A%A9",
            "releases": f"{BASE}/v1/releases",
        },
    }
    assert {one["name"]: one["count"] for one in datasets} == COUNTS


async def test_every_address_in_the_service_document_answers(api: httpx.AsyncClient) -> None:
    answer = (await api.get("/v1")).json()
    addresses = list(answer["links"].values())
    for one in answer["data"]["datasets"]:
        addresses += [one["href"], one["dictionary"], *(file["href"] for file in one["downloads"])]

    statuses = {address: (await api.get(address)).status_code for address in addresses}

    assert set(statuses.values()) == {200}
    cubes = sum(dataset.measure is not None for dataset in DATASETS)
    assert len(statuses) == 6 + len(DATASETS) * (2 + len(FORMATS)) + cubes


async def test_the_list_of_datasets_is_that_of_the_service_document(
    api: httpx.AsyncClient,
) -> None:
    service = (await api.get("/v1")).json()
    listed = (await api.get("/v1/datasets?release=1")).json()

    assert listed["data"] == service["data"]["datasets"]
    assert listed["links"] == {"self": f"{BASE}/v1/datasets?release=1"}
    assert [one["name"] for one in listed["data"]] == [dataset.name for dataset in DATASETS]


@every_dataset
async def test_the_dictionary_says_what_can_be_asked_of_each_field(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    answer = (await api.get(f"/v1/datasets/{dataset.name}")).json()

    fields = answer["data"]["fields"]
    assert [field["name"] for field in fields] == list(dataset.field_names)
    assert answer["meta"] == {"dataset": dataset.name, "release": 1, **LICENCE}
    assert answer["links"] == {
        "self": f"{BASE}/v1/datasets/{dataset.name}",
        "data": f"{BASE}/v1/{dataset.name}",
        "collection": f"{BASE}/v1/datasets",
        "facets": f"{BASE}/v1/{dataset.name}/facets?by={dataset.groupable[0]}",
        "aggregate": f"{BASE}/v1/{dataset.name}/aggregate?group_by={dataset.groupable[0]}",
    }
    assert {tuple(field) for field in fields} == {
        (
            *("name", "type", "nullable", "title_zh", "title_en"),
            *(
                "description_zh",
                "description_en",
                "example",
                "operators",
                "sortable",
                "groupable",
                "searched",
                "codes",
            ),
        )
    }
    for field in fields:
        for operator in field["operators"]:
            key = operator["operator"]
            name = field["name"] if key == "eq" else f"{field['name']}__{key}"
            assert name in {f"{f.name}__{op.key}".rstrip("_") for f, op in dataset.filters}


async def test_the_dictionary_lists_codes_with_labels_in_both_languages(
    api: httpx.AsyncClient,
) -> None:
    answer = (await api.get("/v1/datasets/areas")).json()
    fields = {field["name"]: field for field in answer["data"]["fields"]}

    assert fields["level"] == {
        "name": "level",
        "type": "code",
        "nullable": False,
        "title_zh": "级别",
        "title_en": "Level",
        "description_zh": "省级、地级或县级。",
        "description_en": "Province, prefecture or county.",
        "example": "county",
        "operators": [
            {"operator": "eq", "meaning_zh": "等于", "meaning_en": "is"},
            {"operator": "in", "meaning_zh": "是其中之一", "meaning_en": "is one of"},
        ],
        "sortable": True,
        "groupable": True,
        "searched": False,
        "codes": [
            {"value": "province", "label_zh": "省级", "label_en": "province"},
            {"value": "prefecture", "label_zh": "地级", "label_en": "prefecture"},
            {"value": "county", "label_zh": "县级", "label_en": "county"},
        ],
    }


@every_dataset
async def test_the_dictionary_lists_the_functions_and_leads_to_groups(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    answer = (await api.get(f"/v1/datasets/{dataset.name}?release=1")).json()

    count = ("count", "记录数", "Records")
    figures = [
        ("sum:value", "数值合计", "Sum of value"),
        ("avg:value", "数值平均", "Mean of value"),
        ("min:value", "数值最小", "Least of value"),
        ("max:value", "数值最大", "Greatest of value"),
    ]
    assert [tuple(one.values()) for one in answer["data"]["functions"]] == [
        count,
        *(figures if dataset.measure else []),
    ]
    for name in ("facets", "aggregate"):
        groups = await api.get(answer["links"][name])
        assert groups.status_code == 200
        assert groups.json()["links"]["self"] == answer["links"][name]


async def test_the_dictionary_lists_the_values_of_each_dimension(api: httpx.AsyncClient) -> None:
    answer = (await api.get("/v1/datasets/observations")).json()
    field = next(one for one in answer["data"]["fields"] if one["name"] == "dimensions")
    known = {one["value"]: {value["value"] for value in one["values"]} for one in field["codes"]}
    rows = await rows_of(api, "/v1/observations?limit=1000")

    used = [pair for row in rows for pair in row["dimensions"].items()]

    assert [(name, value) for name, value in used if value not in known[name]] == []


@every_dataset
async def test_every_code_in_the_data_is_in_the_dictionary(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    answer = (await api.get(f"/v1/datasets/{dataset.name}")).json()
    rows = await rows_of(api, f"/v1/{dataset.name}?limit=1000")

    for field in answer["data"]["fields"]:
        if field["codes"] is None or field["type"] == "dimensions":
            continue
        known = {entry["value"] for entry in field["codes"]}
        used: set[str] = set()
        for row in rows:
            value = row[field["name"]]
            used |= set(value) if isinstance(value, list) else {value} - {None}
        assert (field["name"], used - known) == (field["name"], set())


async def test_the_releases_are_listed_and_each_has_its_address(api: httpx.AsyncClient) -> None:
    listed = (await api.get("/v1/releases")).json()
    alone = (await api.get("/v1/releases/1")).json()

    meta = {"release": 1, **LICENCE}
    links = {"self": f"{BASE}/v1/releases"}
    assert listed == {"data": [RELEASE], "meta": meta, "links": links}
    count = sum(RELEASE["counts"].values())
    assert alone["data"].pop("manifest").keys() == {"href", "sha256"}
    assert alone["data"].pop("notes") is None
    assert alone["data"].pop("erased") == []
    assert {tuple(file) for file in alone["data"].pop("files")} == {
        ("name", "state", "href", "media_type", "bytes", "sha256")
    }
    changes = alone["data"].pop("changes")
    assert changes["href"] == f"{BASE}/v1/changes"
    assert changes["count"] == sum(sum(some.values()) for some in changes["by_dataset"].values())
    labels = changes["by_dataset"].pop("labels")
    assert changes["count"] - labels["added"] == count
    assert {name: some["added"] for name, some in changes["by_dataset"].items()} == RELEASE[
        "counts"
    ]
    assert alone == {
        "data": RELEASE,
        "meta": meta,
        "links": {"self": f"{BASE}/v1/releases/1", "collection": f"{BASE}/v1/releases"},
    }


@pytest.mark.parametrize("n", ["0", "2", "01", "-1", "1.0", "abc", "９", "9" * 30])
async def test_a_release_that_is_not_there_is_not_found(api: httpx.AsyncClient, n: str) -> None:
    answer = await api.get(f"/v1/releases/{n}")

    assert answer.status_code == 404
    assert answer.json()["code"] == "not-found"


@pytest.mark.parametrize(
    "path", ["/v1", "/v1/datasets", "/v1/datasets/areas", "/v1/areas", "/v1/areas/450203"]
)
async def test_an_answer_can_be_asked_as_of_a_release(api: httpx.AsyncClient, path: str) -> None:
    newest = (await api.get(path)).json()
    pinned = (await api.get(f"{path}?release=1")).json()
    absent = await api.get(f"{path}?release=2")

    assert pinned["data"] == newest["data"]
    assert pinned["links"]["self"] == f"{BASE}{path}?release=1"
    assert absent.status_code == 400
    assert absent.json()["errors"] == [
        {
            "parameter": "release",
            "message": "目前只有第1版",
            "allowed": None,
            "did_you_mean": None,
            "try": f"{BASE}{path}",
        }
    ]


PINNED = {
    "/v1/areas": ["describedby"],
    "/v1/areas/450203": ["collection", "describedby"],
    "/v1/datasets/areas": ["data", "collection"],
    f"/v1/documents/{DOCUMENT}/coverage": ["document"],
}


@pytest.mark.parametrize("path", PINNED)
async def test_an_answer_as_of_a_release_leads_to_the_words_of_that_release(
    api: httpx.AsyncClient, path: str
) -> None:
    newest = (await api.get(path)).json()["links"]
    pinned = await api.get(f"{path}?release=1")

    links = pinned.json()["links"]
    assert {key: links[key] for key in PINNED[path]} == {
        key: f"{newest[key]}?release=1" for key in PINNED[path]
    }
    assert {there for _, there in links_in(pinned.headers["link"])} >= {
        links[key] for key in PINNED[path]
    }
    pins = [unquote(address).count("release=1") for address in links.values() if address]
    assert set(pins) == {1}


async def test_a_page_at_a_cursor_leads_to_the_words_of_its_release(
    api: httpx.AsyncClient,
) -> None:
    first = (await api.get("/v1/areas?limit=1")).json()["links"]
    links = (await api.get(first["next"])).json()["links"]

    assert first["describedby"] == f"{BASE}/v1/datasets/areas"
    assert links["describedby"] == f"{BASE}/v1/datasets/areas?release=1"
    assert links["first"] == f"{BASE}/v1/areas?limit=1&release=1"


async def test_the_text_is_the_document_that_its_record_describes(api: httpx.AsyncClient) -> None:
    record = (await api.get(f"/v1/documents/{DOCUMENT}")).json()["data"]
    answer = await api.get(f"/v1/documents/{DOCUMENT}/text")

    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert len(answer.text) == record["length"]
    assert sha256(answer.content).hexdigest() == record["sha256"]
    assert links_in(answer.headers["link"]) == [
        ("self", f"{BASE}/v1/documents/{DOCUMENT}/text"),
        ("describes", f"{BASE}/v1/documents/{DOCUMENT}"),
    ]


async def test_the_coverage_accounts_for_every_numeral(api: httpx.AsyncClient, seed: Seed) -> None:
    answer = (await api.get(f"/v1/documents/{DOCUMENT}/coverage")).json()
    text = (await api.get(f"/v1/documents/{DOCUMENT}/text")).text
    observations = {row["id"] for row in await rows_of(api, "/v1/observations?limit=1000")}

    items = answer["data"]["items"]
    digits = [one for one in items if one["kind"] == "digits"]
    published = [one for one in digits if one["state"] == "published"]
    assert answer["data"]["document_id"] == DOCUMENT
    assert len(digits) == answer["data"]["numerals"] == seed.tally.numerals
    assert len(published) == answer["data"]["numerals_published"]
    assert len(digits) - len(published) == answer["data"]["numerals_excluded"]
    assert len(items) - len(digits) == answer["data"]["words"]
    assert [one for one in items if text[one["start"] : one["end"]] != one["text"]] == []
    assert {name for one in items for name in one["observations"]} == observations
    assert all(bool(one["observations"]) == (one["state"] == "published") for one in items)
    assert all(bool(one["reason_zh"]) == (one["state"] == "excluded") for one in items)
    assert answer["links"] == {
        "self": f"{BASE}/v1/documents/{DOCUMENT}/coverage",
        "document": f"{BASE}/v1/documents/{DOCUMENT}",
    }


@pytest.mark.parametrize(
    "path",
    [
        "/v1/nothing",
        "/v1/observations/nothing",
        "/v1/observations/cn450203-2023-rol-o999",
        "/v1/observations/cn450203-2023-rol-o001.xml",
        "/v1/observations/.csv",
        "/v1/observations/",
        "/v1/datasets/nothing",
        "/v1/documents/nothing/text",
        f"/v1/documents/{DOCUMENT}/nothing",
        "/v1/documents/nothing/coverage",
        "/v1/documents/all/labels",
        "/v2",
    ],
)
async def test_what_is_not_there_is_not_found(api: httpx.AsyncClient, path: str) -> None:
    answer = await api.get(path)

    assert answer.status_code == 404
    assert answer.json() == {
        "type": f"{BASE}/problems/not-found",
        "code": "not-found",
        "title": "未找到",
        "status": 404,
        "detail": "该地址没有内容。服务目录见 /v1。",
        "instance": path,
        "errors": [],
    }


async def test_liveness_and_readiness_are_told_and_never_cached(api: httpx.AsyncClient) -> None:
    health = await api.get("/-/health")
    ready = await api.get("/-/ready")

    assert health.json() == {"status": "ok"}
    assert ready.json() == {"status": "ready", "release": 1}
    assert health.headers["cache-control"] == ready.headers["cache-control"] == "no-store"
    assert "etag" not in health.headers

"""Names of other services and titles in two languages lead to ours, by addresses that work."""

from collections.abc import Iterator, Mapping

import httpx
import pytest
from conftest import BASE

from opendata_api.datasets import DATASETS, OBSERVATIONS
from opendata_api.describe import Dataset
from opendata_api.errors import DatabaseUnavailable, Pairs, QueryError
from opendata_api.query import list_parameters, parse_query
from opendata_api.query.aliases import ALIASES, NOTES, OPERATORS, meant_by, squash, titles_of
from opendata_api.query.names import refuse_name
from opendata_api.web.app import Application

every_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)

VALUES = {"limit": "5", "sort": "id", "cursor": "2", "fields": "id", "lang": "en", "release": "1"}
OWN_WORDS = {squash(name) for dataset in DATASETS for name in list_parameters(dataset)}


def value_for(dataset: Dataset, meant: str) -> str:
    """A value that the parameter which is meant would take."""
    field = dataset.field.get(meant.partition("__")[0])
    return VALUES.get(meant) or str(field.about.example if field else "法律")


def wrong_names(dataset: Dataset) -> Iterator[tuple[str, str]]:
    """Every alias and title that is no parameter of the dataset, each with a value."""
    for alias in ALIASES:
        for name in alias.names:
            yield name, value_for(dataset, alias.meant[0])
    for note in NOTES:
        for name in note.names:
            yield name, "csv"
    for field in dataset.fields:
        for title in (field.about.title.zh, field.about.title.en):
            yield title, value_for(dataset, field.name)
    for alias in OPERATORS:
        for name in alias.names:
            for field in {field.name: field for field, _ in dataset.filters}.values():
                yield f"{field.name}__{name}", value_for(dataset, field.name)


def refused(dataset: Dataset, *pairs: tuple[str, str]) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse_query(dataset, pairs)
    return caught.value


def led_to(dataset: Dataset, *pairs: tuple[str, str]) -> tuple[str | None, Pairs | None]:
    error = refused(dataset, *pairs)
    return error.faults[0].did_you_mean, error.correction


@pytest.mark.untraced
@pytest.mark.any_database
@every_dataset
async def test_every_correction_of_every_alias_works(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    offered: dict[str, list[str]] = {}
    for name, value in wrong_names(dataset):
        if name in list_parameters(dataset):
            continue
        answer = await api.get(f"/v1/{dataset.name}", params={name: value})
        assert answer.status_code == 400, name
        for fault in answer.json()["errors"]:
            offered.setdefault(fault["try"], []).append(name)

    statuses = {address: (await api.get(address)).status_code for address in offered}
    assert {offered[one][0]: status for one, status in statuses.items() if status != 200} == {}
    assert all(address.startswith(f"{BASE}/v1/{dataset.name}") for address in offered)


@pytest.mark.parametrize(
    ("pair", "did_you_mean", "correction"),
    [
        (("page_size", "20"), "limit", (("limit", "20"),)),
        (("pageSize", "20"), "limit", (("limit", "20"),)),
        (("Per-Page", "5000"), "limit", (("limit", "1000"),)),
        (("order_by", "-value"), "sort", (("sort", "-value"),)),
        (("ordering", "数值,-年份"), "sort", (("sort", "value,-year"),)),
        (("sort", "-年份"), "year", (("sort", "-year"),)),
        (("sort", "value desc"), "-value", (("sort", "-value"),)),
        (("sort", "-value desc"), "-value", (("sort", "-value"),)),
        (("sort", "value:DESC,year"), "-value", (("sort", "-value,year"),)),
        (("sort", "数值 降序"), "-value", (("sort", "-value"),)),
        (("sort", "value asc"), "value", (("sort", "value"),)),
        (("sort", "value_asc"), "value", (("sort", "value"),)),
        (("sort", "+value"), "value", (("sort", "value"),)),
        (("sort", " value"), "value", (("sort", "value"),)),
        (("sort", "nothing desc"), None, ()),
        (("fields", "value desc"), None, ()),
        (("order_by", "value desc"), "sort", (("sort", "-value"),)),
        (("sort", "-nothing,value"), None, (("sort", "value"),)),
        (("sort", "-nothing"), None, ()),
        (("offset", "20"), "cursor", ()),
        (("page", "2"), "cursor", ()),
        (("region", "450203"), "area_code", (("area_code", "450203"),)),
        (("areaCode", "450203"), "area_code", (("area_code", "450203"),)),
        (("地区", "450203"), "area_code", (("area_code", "450203"),)),
        (("年份", "2023"), "year", (("year", "2023"),)),
        (("年份__gte", "2023"), "year", (("year__gte", "2023"),)),
        (("指标", "village_advisers"), "metric", (("metric", "village_advisers"),)),
        (("Figure", "206"), "value", (("value", "206"),)),
        (("select", "指标,Value"), "fields", (("fields", "metric,value"),)),
        (("language", "en"), "lang", (("lang", "en"),)),
        (("版本", "1"), "release", (("release", "1"),)),
        (("from", "2023"), "year__gte", (("year__gte", "2023"),)),
        (("date_to", "2023-12-31"), "year__lte", ()),
        (("year__ge", "2023"), "year__gte", (("year__gte", "2023"),)),
        (("year__GTE", "2023"), "year__gte", (("year__gte", "2023"),)),
        (("year__eq", "2023"), "year", (("year", "2023"),)),
        (("year[gte]", "2023"), "year__gte", (("year__gte", "2023"),)),
        (("year[]", "2023"), "year", (("year", "2023"),)),
        (("年份[max]", "2023"), "year__lte", (("year__lte", "2023"),)),
        (("nothing[max]", "2023"), None, ()),
        (("year>", "2023"), "year__gte", (("year__gte", "2023"),)),
        (("metric!", "x"), "metric__ne", (("metric__ne", "x"),)),
        (("region__in", "450203"), "area_code", (("area_code__in", "450203"),)),
        (("nothing__in", "450203"), None, ()),
        (("year__in_any", "2023"), None, ()),
        (("format", "csv"), None, ()),
        (("descending", "true"), None, ()),
        (("__", "x"), None, ()),
        (("()", "x"), None, ()),
    ],
)
def test_another_name_is_led_to_ours(
    pair: tuple[str, str], did_you_mean: str | None, correction: Pairs
) -> None:
    assert led_to(OBSERVATIONS, pair) == (did_you_mean, correction)


def test_a_name_is_only_led_to_what_the_address_has() -> None:
    names = [one for one in DATASETS if "area_code" not in list_parameters(one)]

    assert {led_to(one, ("region", "450203")) for one in names} == {(None, ())}
    assert "q" in list_parameters(OBSERVATIONS) or meant_by("keyword", ("year",)) is None


@pytest.mark.parametrize(
    ("name", "zh", "en"),
    [
        (
            "format",
            "没有参数“format”；格式写作地址的后缀，如 .json、.csv",
            (
                "there is no parameter “format”; "
                "the format is a suffix of the address such as .json or .csv"
            ),
        ),
        (
            "升序",
            "没有参数“升序”；降序写作 sort=-字段",
            "there is no parameter “升序”; descending order is written sort=-field",
        ),
    ],
)
def test_what_is_said_in_another_way_here_is_told(name: str, zh: str, en: str) -> None:
    (fault,) = refused(OBSERVATIONS, (name, "x")).faults

    assert (fault.message.zh, fault.message.en, fault.did_you_mean) == (zh, en, None)
    assert fault.parameter == name


async def test_it_is_told_only_where_there_is_something_of_the_kind(
    api: httpx.AsyncClient,
) -> None:
    told = {
        path: (await api.get(f"{path}?format=csv&asc=1&lang=en")).json()["errors"]
        for path in ("/v1/areas", "/v1/areas/450203", "/v1/releases")
    }

    notes = {path: ["; " in fault["message"] for fault in told[path]] for path in told}
    assert notes == {
        "/v1/areas": [True, True],
        "/v1/areas/450203": [True, False],
        "/v1/releases": [False, False],
    }


@every_dataset
def test_the_title_of_a_filter_leads_to_the_filter(dataset: Dataset) -> None:
    for title, fields in titles_of(dataset).items():
        filters = [name for name in fields if name in list_parameters(dataset)]
        if filters and title not in OWN_WORDS:
            assert led_to(dataset, (title, "x"))[0] == filters[0]


def test_a_title_that_only_the_text_search_of_its_field_can_mean_leads_there() -> None:
    parameters: Mapping[str, object] = {
        **list_parameters(OBSERVATIONS),
        "quote__contains": list_parameters(OBSERVATIONS)["section__startswith"],
    }

    led = refuse_name("原文句子", parameters, OBSERVATIONS)  # type: ignore[arg-type]

    assert (led.fault.did_you_mean, led.instead) == ("quote__contains", "quote__contains")


def test_no_alias_has_two_meanings_or_is_a_name_of_ours() -> None:
    names = [squash(name) for one in (*ALIASES, *NOTES) for name in one.names]

    assert len(set(names)) == len(names)
    assert {name for name in names if name in ("q", "dim", "agg", "url")} == set()


@pytest.mark.parametrize(
    ("query", "did_you_mean", "offered"),
    [
        (
            "?service_scope=cross_province&year=2023",
            "dim=service_scope:cross_province",
            "?dim=service_scope:cross_province&year=2023",
        ),
        ("?dim=service_scope=cross_province", "service_scope:cross_province", None),
        ("?dim=service_scope：cross_province", "service_scope:cross_province", None),
        ("/facets?by=service_scope", "dim:service_scope", "/facets?by=dim:service_scope"),
        (
            "/facets?by=topic,service_scope",
            "dim:service_scope",
            "/facets?by=topic,dim:service_scope",
        ),
        (
            "/aggregate?group_by=service_scope",
            "dim:service_scope",
            "/aggregate?group_by=dim:service_scope",
        ),
        ("?mood=good", None, ""),
        ("?dim=mood=good", None, ""),
        ("?dim=mood", None, ""),
        ("?service_scope=" + "x" * 61, None, ""),
        ("?service_scope=", None, ""),
        ("/facets?by=mood", None, "/facets?by=metric"),
        ("/facets?by=心情", None, "/facets?by=metric"),
        ("/aggregate?group_by=mood", None, "/aggregate"),
        ("/aggregate?group_by=mood,topic", None, "/aggregate?group_by=topic"),
    ],
)
async def test_a_dimension_named_like_a_field_is_led_to(
    api: httpx.AsyncClient, query: str, did_you_mean: str | None, offered: str | None
) -> None:
    answer = await api.get(f"/v1/observations{query}")

    [fault] = answer.json()["errors"]
    address = "?dim=service_scope:cross_province" if offered is None else offered
    assert (fault["did_you_mean"], fault["try"]) == (
        did_you_mean,
        f"{BASE}/v1/observations{address}",
    )
    assert (await api.get(fault["try"])).status_code == 200


@pytest.mark.parametrize(
    "query", ["facets", "facets?by=id", "facets?by=quote", "aggregate?group_by=nothing"]
)
async def test_the_dimensions_are_among_what_rows_are_grouped_by(
    api: httpx.AsyncClient, query: str
) -> None:
    allowed = (await api.get(f"/v1/observations/{query}")).json()["errors"][0]["allowed"]
    others = (await api.get("/v1/areas/facets?by=nothing")).json()["errors"][0]["allowed"]

    assert {"topic", "dim:service_scope"} <= set(allowed)
    assert "dim:…" not in allowed
    assert not any(name.startswith("dim:") for name in others)


async def test_a_dimension_is_led_to_in_a_cited_address_too(api: httpx.AsyncClient) -> None:
    answers = [
        await api.get("/v1/cite", params={"url": f"/v1/observations?{name}=citywide"})
        for name in ("service_scope", "mood")
    ]

    meant = [answer.json()["errors"][0]["did_you_mean"] for answer in answers]
    assert meant == ["dim=service_scope:citywide", None]


async def test_no_dimension_is_led_to_while_the_database_is_away(
    api: httpx.AsyncClient, service: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise DatabaseUnavailable

    monkeypatch.setattr(type(service.site), "labels", fail)
    plain = (await api.get("/v1/observations?service_scope=citywide")).json()["errors"]
    grouped = (await api.get("/v1/observations/facets?by=service_scope")).json()["errors"]

    assert [fault["did_you_mean"] for fault in (*plain, *grouped)] == [None, None]
    assert [fault["try"] for fault in grouped] == [f"{BASE}/v1/observations/facets?by=metric"]
    assert "dim:…" in grouped[0]["allowed"]


@pytest.mark.parametrize(
    ("query", "offered"),
    [
        ("edition=99&year=2023", "year=2023"),
        ("yaer=2023&release=99", "year=2023"),
        ("yaer=2023&release=1", "year=2023&release=1"),
        ("yaer=2023&dim=nothing:x", "year=2023"),
        ("yaer=2023&dim=service_scope:citywide", "year=2023&dim=service_scope:citywide"),
        (
            "yaer=2023&release=1&dim=service_scope:citywide&dim=mood:good",
            "year=2023&release=1&dim=service_scope:citywide",
        ),
    ],
)
async def test_what_is_offered_is_published(
    api: httpx.AsyncClient, query: str, offered: str
) -> None:
    answer = await api.get(f"/v1/observations?{query}")

    (address,) = {fault["try"] for fault in answer.json()["errors"]}
    assert address == f"{BASE}/v1/observations?{offered}"
    assert (await api.get(address)).status_code == 200


async def test_a_cursor_is_offered_with_its_release_only(api: httpx.AsyncClient) -> None:
    following = (await api.get("/v1/areas?limit=1")).json()["links"]["next"]

    answer = await api.get(f"{following}&nosuch=1")

    (fault,) = answer.json()["errors"]
    assert fault["try"].startswith(f"{BASE}/v1/areas?cursor=")
    assert (await api.get(fault["try"])).status_code == 200


async def test_a_cursor_is_not_offered_with_another_order(api: httpx.AsyncClient) -> None:
    following = (await api.get("/v1/observations?limit=1")).json()["links"]["next"]

    answer = await api.get(f"{following}&order_by=年份")

    (fault,) = answer.json()["errors"]
    assert fault["try"] == f"{BASE}/v1/observations?limit=1&sort=year"
    assert (await api.get(fault["try"])).status_code == 200


async def test_a_bad_query_is_told_also_while_the_database_is_away(
    api: httpx.AsyncClient, service: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise DatabaseUnavailable

    monkeypatch.setattr(type(service.site.store), "release", fail)
    answer = await api.get("/v1/observations?yaer=2023&release=1&dim=service_scope:citywide")

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["try"] == f"{BASE}/v1/observations?year=2023"

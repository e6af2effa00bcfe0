"""JSON-stat: figures as a cube in which none is lost, whatever they share."""

import math
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from all_types import SAMPLES, imprint
from conftest import BASE
from editions import O083, published_with, with_copy

from opendata_api.datasets import DATASETS, OBSERVATIONS
from opendata_api.formats import JSONSTAT
from opendata_api.formats.jsonstat import Cube
from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.web import packing, too_large

ALWAYS = ["metric", "area_code", "year", "role", "basis", "dimensions"]
OTHER = "cn450203-2023-rol-o999"
TWO_METRICS = "metric=legal_aid_cases_accepted_and_assigned&metric=cross_area_cases_handled"


def figures_of(cube: dict[str, Any]) -> dict[str, tuple[dict[str, str], object, str | None]]:
    """By id: the categories of each figure, its value and its status, as a reader finds them."""
    indexes = [cube["dimension"][name]["category"]["index"] for name in cube["id"]]
    assert [len(index) for index in indexes] == cube["size"]
    found = {}
    for cell, value in cube["value"].items():
        rest, places = int(cell), []
        for size in reversed(cube["size"]):
            rest, place = divmod(rest, size)
            places.append(place)
        assert rest == 0
        codes = [index[place] for index, place in zip(indexes, reversed(places), strict=True)]
        record_id = cube["extension"]["ids"][cell]
        found[record_id] = (
            dict(zip(cube["id"], codes, strict=True)),
            value,
            cube["status"].get(cell),
        )
    assert set(cube["status"]) <= set(cube["value"])
    return found


@pytest.fixture
def small_cubes() -> Iterator[None]:
    """A cube has no more than 20 rows."""
    most = JSONSTAT.rows_max
    object.__setattr__(JSONSTAT, "rows_max", 20)
    yield
    object.__setattr__(JSONSTAT, "rows_max", most)


@pytest.mark.parametrize(
    "query", ["", "topic=legal_aid", "year__gte=2023&dim=service_scope:citywide"]
)
@pytest.mark.parametrize(
    "name", [dataset.name for dataset in DATASETS if dataset.measure is not None]
)
async def test_every_figure_of_the_list_is_in_the_cube(
    api: httpx.AsyncClient, name: str, query: str
) -> None:
    cube = (await api.get(f"/v1/{name}.jsonstat?{query}".rstrip("?"))).json()
    listed = (await api.get(f"/v1/{name}?{query}&limit=1000".replace("?&", "?"))).json()["data"]

    assert cube["id"] == ALWAYS
    figures = figures_of(cube)
    assert {one: value for one, (_, value, _) in figures.items()} == {
        record["id"]: record["value"] for record in listed
    }
    for record in listed:
        codes, _, status = figures[record["id"]]
        dimensions = ";".join(f"{name}={code}" for name, code in record["dimensions"].items())
        assert codes == {name: str(record[name]) for name in ALWAYS[:5]} | {
            "dimensions": dimensions or "not_stated"
        }
        told = [record["qualifier"]] if record["qualifier"] != "unqualified" else []
        told += [record["status"]] if record["status"] == "ambiguous" else []
        assert status == (";".join(told) or None)


async def test_a_cube_says_what_it_holds_in_the_language_that_is_asked_for(
    api: httpx.AsyncClient,
) -> None:
    answer = await api.get(
        f"/v1/observations.jsonstat?{TWO_METRICS}&dim=service_scope:citywide&lang=en"
    )
    address = str(answer.json()["href"])
    cube = answer.json()
    extension = cube.pop("extension")

    assert answer.headers["content-type"] == "application/json"
    assert address.startswith(
        f"{BASE}/v1/observations.jsonstat?dim=service_scope:citywide&lang=en&"
    )
    assert address.endswith("&release=1")
    assert (await api.get(address)).content == answer.content
    assert cube == {
        "version": "2.0",
        "class": "dataset",
        "label": "Observations",
        "note": [OBSERVATIONS.description.en],
        "source": "Open Data from Government Reports",
        "updated": "2026-01-02T03:04:05Z",
        "href": address,
        "link": {
            "describedby": [
                {
                    "type": "application/json",
                    "href": f"{BASE}/v1/datasets/observations?release=1",
                }
            ],
            "license": [{"href": "https://creativecommons.org/licenses/by/4.0/"}],
        },
        "id": ALWAYS,
        "size": [1, 1, 1, 1, 1, 2],
        "role": {"time": ["year"], "geo": ["area_code"], "metric": ["metric"]},
        "dimension": {
            "metric": {
                "label": "Metric",
                "category": {
                    "index": ["cross_area_cases_handled"],
                    "label": {"cross_area_cases_handled": "cases handled across areas"},
                    "unit": {
                        "cross_area_cases_handled": {
                            "label": "cases",
                            "base": "case",
                            "decimals": 0,
                        }
                    },
                },
            },
            "area_code": {
                "label": "Area",
                "category": {"index": ["450203"], "label": {"450203": "Yufeng District"}},
            },
            "year": {"label": "Year", "category": {"index": ["2023"], "label": {"2023": "2023"}}},
            "role": {
                "label": "Role",
                "category": {"index": ["actual"], "label": {"actual": "actual"}},
            },
            "basis": {
                "label": "Basis",
                "category": {
                    "index": ["total"],
                    "label": {"total": "the whole: a total, or a rate or change of the whole"},
                },
            },
            "dimensions": cube["dimension"]["dimensions"],
        },
        "value": {"0": 1458, "1": 831},
        "status": {"0": "ambiguous", "1": "ambiguous"},
    }
    assert list(cube["dimension"]["dimensions"]["category"]["label"].items()) == [
        (
            "service_scope=citywide;handling_level=total",
            "scope of handling=citywide;level of handling=total",
        ),
        (
            "service_scope=citywide;handling_level=district_own",
            "scope of handling=citywide;level of handling=the district's own",
        ),
    ]
    cited = (await api.get("/v1/cite", params={"url": address})).json()["data"]["formats"]["apa"]
    assert extension == {
        "release": 1,
        "license": "CC-BY-4.0",
        "attribution": "政府报告开放数据 (Open Data from Government Reports), CC BY 4.0",
        "citation": cited,
        "record": f"{BASE}/v1/observations/{{id}}?release=1",
        "ids": extension["ids"],
        "status": {"label": {"ambiguous": "ambiguous in the source"}},
    }


async def test_a_unit_has_as_many_decimals_as_its_values(api: httpx.AsyncClient) -> None:
    cube = (await api.get("/v1/observations.jsonstat")).json()
    units = cube["dimension"]["metric"]["category"]["unit"]

    assert list(units) == cube["dimension"]["metric"]["category"]["index"]
    assert units["disputes_yoy_change"] == {"label": "%", "base": "percent", "decimals": 1}
    assert {one["decimals"] for one in units.values()} == {0, 1}


async def test_the_categories_stand_in_the_order_of_the_rows(api: httpx.AsyncClient) -> None:
    cube = (await api.get("/v1/observations.jsonstat?topic=legal_aid&sort=-value&limit=3")).json()
    listed = (await api.get("/v1/observations?topic=legal_aid&sort=-value&limit=3")).json()["data"]

    metrics = list(dict.fromkeys(record["metric"] for record in listed))
    assert cube["dimension"]["metric"]["category"]["index"] == metrics
    assert list(figures_of(cube)) == [record["id"] for record in listed]


async def test_figures_that_would_share_a_cell_are_parted_by_further_fields(
    own: Settings, seed: Seed
) -> None:
    edition = with_copy(make_edition(seed), O083, id=OTHER, period_kind="stock")
    third = f"{OTHER}9"
    edition = with_copy(
        edition, O083, id=third, year=2021, value=None, value_min=None, value_max=None
    )
    metric = "metric=legal_aid_cases_accepted_and_assigned"
    async with published_with(own, edition) as api:
        apart = (await api.get(f"/v1/observations.jsonstat?{metric}&lang=en")).json()
        listed = (await api.get(f"/v1/observations?{metric}")).json()["data"]

    assert apart["id"] == [*ALWAYS, "period_kind"]
    assert apart["dimension"]["year"]["category"]["index"] == ["2021", "2023"]
    assert {one: value for one, (_, value, _) in figures_of(apart).items()} == {
        record["id"]: record["value"] for record in listed
    }
    assert sorted(apart["extension"]["ids"].values()) == sorted([O083, OTHER, third])


async def test_figures_that_are_alike_in_all_are_parted_by_their_ids(
    own: Settings, seed: Seed
) -> None:
    edition = with_copy(make_edition(seed), O083, id=OTHER, period_end=None)
    edition = with_copy(edition, O083, id=f"{OTHER}9", period_end=None)
    metric = "metric=legal_aid_cases_accepted_and_assigned"
    async with published_with(own, edition) as api:
        cube = (await api.get(f"/v1/observations.jsonstat?{metric}&lang=en")).json()

    assert cube["id"] == [*ALWAYS, "period_end", "id"]
    assert cube["dimension"]["period_end"]["category"]["label"]["not_stated"] == "not stated"
    assert sorted(figures_of(cube)) == [O083, OTHER, f"{OTHER}9"]


async def test_without_figures_there_is_one_empty_cell(api: httpx.AsyncClient) -> None:
    cube = (await api.get("/v1/observations.jsonstat?year=1990")).json()

    assert (cube["id"], cube["size"]) == (ALWAYS, [1] * 6)
    assert (cube["value"], cube["status"], cube["extension"]["ids"]) == ({"0": None}, {}, {})
    assert cube["dimension"]["year"]["category"] == {
        "index": ["not_stated"],
        "label": {"not_stated": "未写明"},
    }


@pytest.mark.usefixtures("small_cubes")
async def test_more_rows_than_a_cube_has_are_refused(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/observations.jsonstat?lang=en")
    (fault,) = answer.json()["errors"]

    assert (answer.status_code, answer.json()["code"]) == (400, "too-large-for-format")
    assert fault["message"] == (
        "a JSON-stat cube has at most 20 rows; the CSV has all of them: "
        f"{BASE}/v1/observations.csv?release=1"
    )
    assert (await api.get(fault["try"])).json()["size"] != []


async def test_more_cells_than_a_reader_has_room_for_are_refused(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("opendata_api.formats.jsonstat.CELLS_MAX", 100)
    monkeypatch.setattr(packing, "CELLS_MAX", 100)
    answer = await api.get("/v1/observations.jsonstat?lang=en")
    narrow = await api.get("/v1/observations.jsonstat?topic=legal_aid")
    (fault,) = answer.json()["errors"]

    assert answer.json()["code"] == "too-large-for-format"
    csv = f"{BASE}/v1/observations.csv?release=1"
    assert fault["message"] == too_large.MANY_CELLS.format(most=100).en + csv
    assert fault["try"] == csv
    assert math.prod(narrow.json()["size"]) <= 100


@pytest.mark.parametrize("rows", [1, 1000])
async def test_head_says_of_a_long_cube_what_get_says(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(packing, "PAGE_LIMIT_MAX", rows)
    plain = {"accept-encoding": "identity"}
    whole = await api.get("/v1/observations.jsonstat", headers=plain)
    head = await api.head("/v1/observations.jsonstat", headers=plain)

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == whole.headers["content-length"]
    assert head.headers["etag"] == whole.headers["etag"]
    assert whole.headers["vary"] == "Accept-Language, Accept-Encoding"


@pytest.mark.any_database
async def test_the_fields_of_a_cube_are_given(api: httpx.AsyncClient) -> None:
    answer = await api.get("/v1/observations.jsonstat?fields=id&year=2023")

    assert answer.json()["code"] == "unknown-parameter"
    assert answer.json()["errors"][0]["try"] == f"{BASE}/v1/observations.jsonstat?year=2023"


@pytest.mark.any_database
async def test_only_figures_make_a_cube(api: httpx.AsyncClient) -> None:
    listed = (await api.get("/v1/datasets")).json()["data"]
    with_cubes = [
        one["name"] for one in listed for file in one["downloads"] if file["format"] == "jsonstat"
    ]

    assert with_cubes == ["observations", "service-counts"]
    assert (await api.get("/v1/areas.jsonstat")).status_code == 404
    cited = await api.get("/v1/cite", params={"url": "/v1/areas.jsonstat"})
    assert (cited.status_code, cited.json()["code"]) == (400, "invalid-value")
    with pytest.raises(TypeError, match="a cube is of figures"):
        _ = Cube(imprint(), SAMPLES, "zh").dimensions

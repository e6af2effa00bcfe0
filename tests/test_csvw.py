"""CSV on the Web: each CSV leads to its metadata, and csvw reads it by them."""

import csv
import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from conftest import BASE
from csvw import CSVW
from editions import O083, changed, serving, without
from rdflib import DCAT, Graph
from test_release_files import publish_next

from opendata_api.datasets import DATASETS
from opendata_api.describe import Dataset, Type
from opendata_api.files import making
from opendata_api.formats import CSVM
from opendata_api.publish import make_edition
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.web.app import Application

every_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)

CSVM_TYPE = "application/csvm+json"
QUERIES = (
    "year=2023&topic=legal_aid&fields=id,value,dimensions",
    "topic=legal_aid&year=2023",
    "q=%E6%B3%95%e5%be%8b+%E6%8F%B4%E5%8A%A9",
    "dim=service_scope:cross_province&dim=service_scope%3Acitywide",
    "sort=-value&limit=3&fields=metric,value",
    "release=1",
    "year=1990",
)
OTHERS = (
    f"observations/{O083}.csv",
    f"observations/{O083}.csv?fields=id,value",
    "observations/facets.csv?by=topic,year",
    "observations/aggregate.csv?agg=count,sum:value&group_by=metric&metric=inspection_tasks",
    "metrics/aggregate.csv?agg=count",
)


def metadata_of(table: httpx.Response) -> str:
    """Where a CSV says that its metadata are; nothing stands before them."""
    first = table.headers["link"].partition(", <")[0]
    assert first == f'<{table.links["describedby"]["url"]}>; rel="describedby"; type="{CSVM_TYPE}"'
    return str(table.links["describedby"]["url"])


def read(folder: Path, table: bytes, metadata: bytes) -> CSVW:
    """What csvw reads of a CSV with its metadata beside it."""
    name = str(json.loads(metadata)["url"]).partition("?")[0]
    described = json.loads(metadata) | {"url": name}
    (folder / name).write_bytes(table)
    (folder / f"{name}-metadata.json").write_text(json.dumps(described), encoding="utf-8")
    return CSVW(str(folder / name), validate=True)


def columns_of(metadata: httpx.Response) -> list[str]:
    return [column["name"] for column in metadata.json()["tableSchema"]["columns"]]


def header_of(table: httpx.Response) -> list[str]:
    return next(csv.reader(io.StringIO(table.text)))


@every_dataset
@pytest.mark.any_database
async def test_csvw_takes_every_cell_of_every_dataset(
    api: httpx.AsyncClient, dataset: Dataset, tmp_path: Path
) -> None:
    table = await api.get(f"/v1/{dataset.name}.csv")
    metadata = await api.get(metadata_of(table))
    listed = (await api.get(f"/v1/{dataset.name}?limit=1000")).json()["data"]

    found = read(tmp_path, table.content, metadata.content)
    assert found.is_valid, [str(one.message) for one in found.warnings]
    rows: list[Mapping[str, Any]] = found.to_json(minimal=True)
    assert [row["id"] for row in rows] == [row["id"] for row in listed]
    numbers = [one.name for one in dataset.fields if one.type in (Type.INTEGER, Type.DECIMAL)]
    lists = [one.name for one in dataset.fields if one.type is Type.LIST]
    for row, record in zip(rows, listed, strict=True):
        assert {name: row.get(name) for name in numbers} == {name: record[name] for name in numbers}
        assert [_as_list(row.get(name)) for name in lists] == [record[name] for name in lists]


def _as_list(value: object) -> list[object]:
    """A list as csv2json has it: none is left out, one stands alone."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


@pytest.mark.any_database
def test_csvw_finds_the_metadata_by_the_link_of_the_csv(server: str) -> None:
    addresses = [
        *(f"/v1/observations.csv?{query}" for query in QUERIES),
        *(f"/v1/{other}" for other in OTHERS),
        *(f"/v1/releases/1/files/{name}.csv" for name in ("observations", "metrics")),
    ]

    for address in addresses:
        found = CSVW(f"{server}{address}", validate=True)
        assert found.is_valid, (address, [str(one.message) for one in found.warnings])
        assert not found.no_metadata, address
        described = httpx.get(f"{server}{address}", trust_env=False).text
        assert len(found.to_json(minimal=True)) == described.count("\r\n") - 1, address


@pytest.mark.parametrize("query", QUERIES)
@pytest.mark.any_database
async def test_the_metadata_of_a_query_name_the_csv_to_the_letter(
    api: httpx.AsyncClient, query: str
) -> None:
    table = await api.get(f"/v1/observations.csv?{query}")
    address = metadata_of(table)
    metadata = await api.get(address)

    assert address == f"{BASE}/v1/observations.csv-metadata.json?{query}"
    assert metadata.json()["url"] == f"observations.csv?{query}"
    assert columns_of(metadata) == header_of(table)
    assert metadata.headers["content-type"] == CSVM_TYPE
    assert metadata.links["describes"]["url"] == table.links["self"]["url"]
    identifier = metadata.json()["dc:identifier"]["@id"]
    assert (await api.get(identifier)).content == table.content


@pytest.mark.parametrize("address", OTHERS)
@pytest.mark.any_database
async def test_a_record_and_groups_have_metadata_too(api: httpx.AsyncClient, address: str) -> None:
    table = await api.get(f"/v1/{address}")
    metadata = await api.get(metadata_of(table))

    assert metadata.json()["url"] == address.partition("/")[2]
    assert columns_of(metadata) == header_of(table)
    glossary = f"{BASE}/v1/datasets/{address.partition('/')[0]}"
    assert table.links["glossary"]["url"] == glossary


async def test_the_metadata_cite_as_the_csv_is_cited(api: httpx.AsyncClient) -> None:
    metadata = (await api.get("/v1/areas.csv-metadata.json")).json()
    address = f"{BASE}/v1/areas.csv?release=1"
    cited = (await api.get("/v1/cite", params={"url": address})).json()["data"]["formats"]

    assert metadata["dc:identifier"] == {"@id": address}
    assert metadata["dc:bibliographicCitation"] == [
        {"@value": cited["gb_t_7714"], "@language": "zh"},
        {"@value": cited["apa"], "@language": "en"},
    ]


@pytest.mark.any_database
async def test_the_metadata_are_revalidated_and_have_no_body_for_head(
    api: httpx.AsyncClient,
) -> None:
    address = "/v1/areas.csv-metadata.json?level=county"
    whole = await api.get(address)
    same = await api.get(address, headers={"if-none-match": whole.headers["etag"]})
    head = await api.head(address)

    assert (same.status_code, same.content) == (304, b"")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["etag"] == whole.headers["etag"]
    assert "content-disposition" not in whole.headers


@pytest.mark.any_database
async def test_what_the_csv_refuses_its_metadata_refuse(api: httpx.AsyncClient) -> None:
    table = await api.get("/v1/areas.csv?levle=county")
    metadata = await api.get("/v1/areas.csv-metadata.json?levle=county")
    tracked = await api.get("/v1/areas.csv-metadata.json?level=county&utm_source=a")

    assert metadata.status_code == table.status_code == 400
    assert metadata.json()["errors"][0]["try"] == (
        f"{BASE}/v1/areas.csv-metadata.json?level=county"
    )
    assert tracked.status_code == 308
    assert tracked.headers["location"] == f"{BASE}/v1/areas.csv-metadata.json?level=county"


@pytest.mark.any_database
async def test_a_csv_by_accept_has_the_same_metadata(api: httpx.AsyncClient) -> None:
    by_accept = await api.get("/v1/areas", headers={"accept": "text/csv"})

    assert metadata_of(by_accept) == f"{BASE}/v1/areas.csv-metadata.json"


@pytest.mark.any_database
async def test_every_csv_that_catalogues_harvest_leads_to_its_metadata(
    api: httpx.AsyncClient,
) -> None:
    catalogue = Graph().parse(data=(await api.get("/catalog.ttl")).content, format="turtle")
    harvested = {
        str(address)
        for part, kind in catalogue.subject_objects(DCAT.mediaType)
        for address in catalogue.objects(part, DCAT.downloadURL)
        if str(kind).endswith("text/csv")
    }

    assert harvested == {f"{BASE}/v1/{dataset.name}.csv" for dataset in DATASETS}
    for address in harvested:
        assert metadata_of(await api.get(address)) == f"{address}-metadata.json"


@pytest.mark.any_database
async def test_a_csv_for_people_is_described_by_the_dictionary(api: httpx.AsyncClient) -> None:
    sheet = await api.get("/v1/areas.excel.csv")

    assert sheet.links["describedby"]["url"] == f"{BASE}/v1/datasets/areas"


@pytest.mark.any_database
async def test_metadata_that_no_address_could_ask_for_are_not_led_to(
    service: Application,
) -> None:
    """A query that is sent as it is typed grows when it stands in an address."""
    long = b"&".join(f"metric={'指' * 60}{n}".encode() for n in range(40))

    headers = await _answered(service, "/v1/observations.csv", long)

    assert len(long) < 8192
    assert headers["link"].startswith(f"<{BASE}/v1/observations.csv?")
    assert f'<{BASE}/v1/datasets/observations>; rel="describedby"' in headers["link"]


async def _answered(service: Application, path: str, query: bytes) -> dict[str, str]:
    """The headers of the answer to a query that is sent byte for byte."""
    told: dict[str, str] = {}

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            assert message["status"] == 200
            told.update({name.decode(): value.decode() for name, value in message["headers"]})

    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "https",
        "path": path,
        "raw_path": path.encode(),
        "query_string": query,
        "root_path": "",
        "headers": [],
        "server": ("127.0.0.1", 80),
        "client": ("127.0.0.1", 1),
    }
    await service(scope, receive, send)
    return told


async def test_the_metadata_lie_beside_each_csv_of_a_release(
    own: Settings, seed: Seed, tmp_path: Path
) -> None:
    edition = make_edition(seed)
    await publish_next(own, changed(edition, O083, note_en="x"))
    await publish_next(own, without(edition, O083))
    async with serving(own) as api:
        for n in (1, 3):
            table = await api.get(f"/v1/releases/{n}/files/observations.csv")
            metadata = await api.get(metadata_of(table))
            assert metadata.headers["cache-control"] == "public, max-age=31536000, immutable"
            assert metadata.headers["content-type"] == CSVM_TYPE
            assert read(tmp_path, table.content, metadata.content).is_valid
            live = await api.get(f"/v1/observations.csv-metadata.json?release={n}")
            assert live.json() == metadata.json() | {"url": f"observations.csv?release={n}"}
        other = await api.get("/v1/releases/3/files/observations.ndjson")
        newest = await api.get("/v1/observations.csv-metadata.json")

    assert str(metadata.url) == f"{BASE}/v1/releases/3/files/observations.csv-metadata.json"
    assert newest.content == metadata.content
    assert "describedby" not in other.links


@pytest.mark.any_database
async def test_a_release_that_was_made_without_metadata_leads_to_none(
    own: Settings, seed: Seed, monkeypatch: pytest.MonkeyPatch
) -> None:
    formats = {one: write for one, write in making.FORMATS.items() if one is not CSVM}
    monkeypatch.setattr(making, "FORMATS", formats)
    await publish_next(own, changed(make_edition(seed), O083, note_en="x"))
    async with serving(own) as api:
        table = await api.get("/v1/releases/2/files/observations.csv")

    assert "describedby" not in table.links

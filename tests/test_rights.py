"""Under which licence rows are given: the same in the body, the headers and every file."""

import io
import json
import zipfile
from typing import Any

import httpx
import pytest
from conftest import BASE
from openpyxl import load_workbook
from pyarrow import BufferReader, parquet
from test_csv_files import read_csv

from opendata_api.datasets import DATASETS
from opendata_api.describe import Dataset

LICENCE = "CC-BY-4.0"
LICENCE_URL = "https://creativecommons.org/licenses/by/4.0/"
LINK = f'<{LICENCE_URL}>; rel="license"'
NAMED = "政府报告开放数据 (Open Data from Government Reports), CC BY 4.0"
NOBODYS_ZH = "所载为政府报告原文，不在本项目许可之内"
NOBODYS_EN = "the words of the government's own reports, which no licence of ours covers"
NOBODYS = f"政府报告开放数据 (Open Data from Government Reports): {NOBODYS_ZH} ({NOBODYS_EN})"

every_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
each_kind = pytest.mark.parametrize(
    ("name", "licence", "attribution", "told"),
    [
        ("observations", LICENCE, NAMED, f"{LICENCE} {LICENCE_URL}"),
        ("documents", LICENCE, NAMED, f"{LICENCE} {LICENCE_URL}"),
        ("passages", None, NOBODYS, NOBODYS_EN),
        ("passages/facets?by=section", LICENCE, NAMED, f"{LICENCE} {LICENCE_URL}"),
    ],
)


def with_suffix(name: str, suffix: str) -> str:
    """The address of what has that name, in a format."""
    path, question, query = name.partition("?")
    return f"/v1/{path}.{suffix}{question}{query}"


async def meta_of(api: httpx.AsyncClient, address: str) -> dict[str, Any]:
    meta: dict[str, Any] = (await api.get(address)).json()["meta"]
    return {name: meta[name] for name in ("license", "attribution")}


@pytest.mark.untraced
@every_dataset
async def test_the_words_of_a_government_alone_have_no_licence_of_ours(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    record = f"/v1/{dataset.name}/{dataset.field['id'].about.example}"
    is_words = dataset.name == "passages"

    expected = {
        "license": None if is_words else LICENCE,
        "attribution": NOBODYS if is_words else NAMED,
    }
    assert await meta_of(api, f"/v1/{dataset.name}") == expected
    assert await meta_of(api, record) == expected
    assert await meta_of(api, f"/v1/cite?url={record}") == expected
    for suffix in ("json", "csv", "excel.csv", "xlsx", "ndjson", "parquet", "zip"):
        for address in (f"/v1/{dataset.name}", record):
            link = (await api.get(f"{address}.{suffix}")).headers["link"]
            assert (LINK in link) is not is_words


async def test_the_verbatim_text_of_a_document_has_no_licence_of_ours(
    api: httpx.AsyncClient,
) -> None:
    text = await api.get("/v1/documents/cn450203-2023-rol-d1/text")

    assert 'rel="license"' not in text.headers["link"]


@each_kind
async def test_body_and_headers_name_the_same_licence(
    api: httpx.AsyncClient, name: str, licence: str | None, attribution: str, told: str
) -> None:
    answer = await api.get(f"/v1/{name}")
    cited = (await api.get("/v1/cite", params={"url": f"/v1/{name}"})).json()

    meta = answer.json()["meta"]
    assert (meta["license"], meta["attribution"]) == (licence, attribution)
    assert (LINK in answer.headers["link"]) is (licence is not None)
    assert (cited["meta"]["license"], cited["meta"]["attribution"]) == (licence, attribution)
    assert (LICENCE in cited["data"]["formats"]["bibtex"]) is (licence is not None)
    assert (LICENCE in told) is (licence is not None)


@each_kind
async def test_every_file_names_the_licence_of_the_body(
    api: httpx.AsyncClient, name: str, licence: str | None, attribution: str, told: str
) -> None:
    bodies = {
        suffix: (await api.get(with_suffix(name, suffix))).content
        for suffix in ("excel.csv", "xlsx", "parquet", "zip")
    }

    head, *lines = read_csv(bodies["excel.csv"].decode("utf-8-sig"))
    assert {line[head.index("许可")] for line in lines} == {licence or ""}
    about = load_workbook(io.BytesIO(bodies["xlsx"])).worksheets[2]
    lines_about = {line[0]: line[1] for line in about.iter_rows(values_only=True)}
    assert lines_about["署名"] == attribution
    assert lines_about["许可"] == (told if licence else NOBODYS_ZH)
    metadata = parquet.read_schema(BufferReader(bodies["parquet"])).metadata
    assert metadata[b"license"].decode() == (licence or "")
    assert metadata[b"attribution"].decode() == attribution
    assert metadata[b"rights_en"].decode() == told
    with zipfile.ZipFile(io.BytesIO(bodies["zip"])) as archive:
        package = json.loads(archive.read("datapackage.json"))
        readme = archive.read("README.md").decode()
    assert [one["name"] for one in package["licenses"]] == [licence or "notspecified"]
    assert f"| licence | {told};" in readme
    assert f"| attribution | {attribution} |" in readme


async def test_the_dictionary_names_the_licence_of_each_dataset(api: httpx.AsyncClient) -> None:
    datasets = (await api.get("/v1/datasets")).json()["data"]

    for one in datasets:
        assert await meta_of(api, one["href"].removeprefix(BASE)) == {
            name: one[name] for name in ("license", "attribution")
        }


async def test_the_contract_says_that_the_licence_can_be_null(api: httpx.AsyncClient) -> None:
    schemas = (await api.get("/openapi.json")).json()["components"]["schemas"]

    for name in ("Meta", "PageMeta"):
        licence = schemas[name]["properties"]["license"]
        assert licence["type"] == ["string", "null"]
        assert "null where every row is the words of a government" in licence["description"]

"""The ZIP package: a table with all that is needed to read, check and cite it."""

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from typing import Any

import httpx
import pytest
from all_types import SAMPLES, imprint, row
from conftest import BASE, REPOSITORY

from opendata_api.catalog.csvw import describe_csv
from opendata_api.catalog.frictionless import describe_package
from opendata_api.catalog.package import files_beside, read_licence, readme
from opendata_api.datasets import DATASETS
from opendata_api.describe import Dataset
from opendata_api.formats import archive, csv
from opendata_api.formats.archive import Table, Written
from opendata_api.values import Row

every_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)

WRITTEN = Written("samples.csv", 10, "0" * 64, 2)


def write(rows: Sequence[Row], rows_most: int = 10) -> bytes:
    """A package of samples."""
    fields = SAMPLES.fields
    table = Table(
        "samples.csv",
        csv.header_line(fields).encode(),
        lambda rows: "".join(csv.encode_line(fields, one) for one in rows).encode(),
        rows_most,
    )
    file = io.BytesIO()
    beside = {"README.md": b"text"}
    with archive.writing(file, table, imprint().moment, lambda _: beside) as add:
        add(rows)
    return file.getvalue()


def unpacked(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def sums_of(text: str) -> dict[str, str]:
    return {name: one for one, name in (line.split("  ") for line in text.splitlines())}


@every_dataset
async def test_a_package_has_the_csv_and_what_describes_it(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    table = (await api.get(f"/v1/{dataset.name}.csv")).content
    files = unpacked((await api.get(f"/v1/{dataset.name}.zip")).content)

    assert list(files) == [
        f"{dataset.name}.csv",
        f"{dataset.name}.csv-metadata.json",
        "datapackage.json",
        "README.zh-CN.md",
        "README.md",
        "LICENSE-DATA",
        "SHA256SUMS",
    ]
    assert files[f"{dataset.name}.csv"] == table
    assert files["LICENSE-DATA"] == (REPOSITORY / "LICENSE-DATA").read_bytes()


@every_dataset
async def test_the_checksums_are_those_of_all_other_files(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    files = unpacked((await api.get(f"/v1/{dataset.name}.zip")).content)
    sums = sums_of(files.pop("SHA256SUMS").decode())

    assert sums == {name: hashlib.sha256(body).hexdigest() for name, body in files.items()}


@every_dataset
async def test_both_descriptions_list_the_fields_of_the_csv_in_its_order(
    api: httpx.AsyncClient, dataset: Dataset
) -> None:
    files = unpacked((await api.get(f"/v1/{dataset.name}.zip")).content)
    table = files[f"{dataset.name}.csv"]
    on_the_web = json.loads(files[f"{dataset.name}.csv-metadata.json"])
    package = json.loads(files["datapackage.json"])
    resource = package["resources"][0]

    names = table.splitlines()[0].decode().split(",")
    assert [one["name"] for one in on_the_web["tableSchema"]["columns"]] == names
    assert [one["titles"] for one in on_the_web["tableSchema"]["columns"]] == names
    assert [one["name"] for one in resource["schema"]["fields"]] == names
    assert resource["bytes"] == len(table)
    assert resource["hash"] == f"sha256:{hashlib.sha256(table).hexdigest()}"


async def test_a_package_holds_what_was_asked(api: httpx.AsyncClient) -> None:
    query = "topic=legal_aid&sort=-value&fields=metric,value"
    table = (await api.get(f"/v1/observations.csv?{query}")).content
    files = unpacked((await api.get(f"/v1/observations.zip?{query}")).content)
    schema = json.loads(files["observations.csv-metadata.json"])["tableSchema"]
    resource = json.loads(files["datapackage.json"])["resources"][0]

    address = (
        f"{BASE}/v1/observations.zip?fields=metric,value&release=1&sort=-value&topic=legal_aid"
    )
    assert files["observations.csv"] == table
    assert [one["name"] for one in schema["columns"]] == ["metric", "value"]
    assert "primaryKey" not in schema
    assert "primaryKey" not in resource["schema"]
    cited = (await api.get("/v1/cite", params={"url": address})).json()["data"]["formats"]
    chinese, english = (files[f"README{lang}.md"].decode() for lang in (".zh-CN", ""))
    assert f"| 查询地址 | {address} |" in chinese
    assert f"| address of the query | {address} |" in english
    assert f"| 引用格式 | {cited['gb_t_7714'].replace(chr(10), '<br>')} |" in chinese
    assert f"| citation | {cited['apa'].replace(chr(10), '<br>')} |" in english
    assert unpacked((await api.get(address)).content) == files


async def test_the_words_of_a_government_are_under_no_licence_of_ours(
    api: httpx.AsyncClient,
) -> None:
    files = unpacked((await api.get("/v1/passages.zip")).content)
    on_the_web = json.loads(files["passages.csv-metadata.json"])

    words = "the words of the government's own reports, which no licence of ours covers"
    assert "dc:license" not in on_the_web
    assert on_the_web["dc:rights"][1]["@value"] == words
    zh = "所载为政府报告原文，不在本项目许可之内"
    assert json.loads(files["datapackage.json"])["licenses"] == [
        {"name": "notspecified", "title": f"{zh} / {words}"}
    ]
    assert (
        f"| licence | {words}; `LICENSE-DATA` says what it covers |" in files["README.md"].decode()
    )


def described(name: str, datatype: str, **more: object) -> dict[str, object]:
    """A column of the samples in CSVW."""
    return {
        "name": name,
        "titles": name,
        "datatype": datatype,
        "dc:title": in_both(f"列{name}", name),
        "dc:description": in_both(f"释义{name}", f"On {name}."),
        **more,
    }


def in_both(zh: str, en: str) -> list[dict[str, str]]:
    return [{"@value": zh, "@language": "zh"}, {"@value": en, "@language": "en"}]


def test_csv_on_the_web_describes_every_type() -> None:
    description = describe_csv(imprint(), "samples.csv")
    schema: Any = description.pop("tableSchema")

    assert description == {
        "@context": ["http://www.w3.org/ns/csvw", {"@language": "en"}],
        "url": "samples.csv",
        "dialect": {"encoding": "utf-8", "header": True, "lineTerminators": ["\r\n"]},
        "dc:title": in_both("样本", "Samples"),
        "dc:description": in_both("各种类型。", "Every type."),
        "dc:publisher": in_both("本服务", "Our service"),
        "dc:identifier": {"@id": f"{BASE}/v1/samples.zip?release=7"},
        "dc:source": {"@id": f"{BASE}/v1/reports?release=7"},
        "dc:license": {"@id": "https://licence.example.org/"},
        "dc:rights": in_both(*["CC-BY-4.0 https://licence.example.org/"] * 2),
        "dc:issued": {"@value": "2026-01-02T03:04:05Z", "@type": "xsd:dateTime"},
        "dc:bibliographicCitation": in_both(
            "本服务. 样本.\n某报告.", "Our service. Samples.\nA report."
        ),
        "rdfs:seeAlso": {"@id": f"{BASE}/v1/datasets/samples?release=7"},
    }
    assert schema["primaryKey"] == "id"
    assert schema["aboutUrl"] == f"{BASE}/v1/samples/{{id}}?release=7"
    assert schema["columns"][:-2] == [
        described("id", "string", required=True),
        described("kind", "string", required=False),
        described("text", "string", required=False),
        described("whole", "integer", required=False),
        described("number", "decimal", required=False),
        described("day", "date", required=False),
        described("moment", "dateTime", required=False),
        described("truth", "boolean", required=False),
        described("names", "string", separator=";"),
        described("groups", "string", separator=";"),
        described("figures", "json", required=True),
    ]


def test_a_data_package_describes_every_type() -> None:
    package = describe_package(imprint(), WRITTEN)
    resource: Any = package["resources"]
    schema = resource[0].pop("schema")
    a_list = {"type": "list", "delimiter": ";", "itemType": "string"}

    assert package == {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "samples",
        "id": f"{BASE}/v1/samples.zip?release=7",
        "title": "样本 / Samples",
        "description": "各种类型。 / Every type.",
        "homepage": f"{BASE}/",
        "version": "7",
        "created": "2026-01-02T03:04:05Z",
        "licenses": [{"name": "CC-BY-4.0", "path": "https://licence.example.org/"}],
        "contributors": [{"title": "本服务 / Our service", "roles": ["publisher"]}],
        "sources": [
            {"title": "政府报告 / Government reports", "path": f"{BASE}/v1/reports?release=7"}
        ],
        "resources": [
            {
                "$schema": "https://datapackage.org/profiles/2.0/dataresource.json",
                "name": "samples",
                "path": "samples.csv",
                "format": "csv",
                "mediatype": "text/csv",
                "encoding": "utf-8",
                "bytes": 10,
                "hash": f"sha256:{'0' * 64}",
                "dialect": {"delimiter": ",", "lineTerminator": "\r\n", "doubleQuote": True},
            }
        ],
    }
    assert (schema["missingValues"], schema["primaryKey"]) == ([""], ["id"])
    assert schema["fields"][0] == {
        "name": "id",
        "type": "string",
        "title": "列id / id",
        "description": "释义id / On id.",
        "constraints": {"required": True},
    }
    assert {
        one["name"]: {key: one[key] for key in a_list if key in one}
        for one in schema["fields"][1:-2]
    } == {
        "kind": {"type": "string"},
        "text": {"type": "string"},
        "whole": {"type": "integer"},
        "number": {"type": "number"},
        "day": {"type": "date"},
        "moment": {"type": "datetime"},
        "truth": {"type": "boolean"},
        "names": a_list,
        "groups": a_list,
        "figures": {"type": "array"},
    }
    assert [one["name"] for one in schema["fields"] if "constraints" in one] == [
        *("id", "figures", "release_added", "release_changed")
    ]


def test_the_readme_is_in_both_languages_and_explains_every_code() -> None:
    files = files_beside(imprint("id", "kind", "groups"), WRITTEN)
    zh, en = files["README.zh-CN.md"].decode(), files["README.md"].decode()

    assert zh.startswith("# 样本\n\n各种类型。\n")
    assert en.startswith("# Samples\n\nEvery type.\n")
    assert "`samples.csv`，2 行" in zh
    assert "`samples.csv`, 2 rows" in en
    assert zh.endswith(
        "| 字段 | 代码 | 含义 |\n|---|---|---|\n| `kind` | `1` | 甲 |\n| `kind` | `2` | 乙 |\n"
        "| `groups` | `scope` | 范围 |\n| `groups` | `scope=city` | 全市 |\n"
    )
    assert "| `kind` | kind | code | On kind. |\n| `groups` | groups | dimensions |" in en


def test_a_cell_of_the_readme_never_breaks_its_table() -> None:
    lines = readme(imprint(), WRITTEN, "en").splitlines()
    tables = [line for line in lines if line.startswith("| `")]

    assert len(tables) == len(SAMPLES.fields) + 4
    assert {line.count("|") for line in tables} == {4, 5}


def test_the_licence_in_the_package_is_that_of_the_repository() -> None:
    assert read_licence() == (REPOSITORY / "LICENSE-DATA").read_bytes()


def test_equal_rows_are_equal_bytes_with_the_time_of_the_release() -> None:
    body = write([row(id="s1"), row(id="s2")])

    assert write([row(id="s1"), row(id="s2")]) == body
    assert write([row(id="s1")]) != body
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        entries = package.infolist()
    assert {entry.date_time for entry in entries} == {(2026, 1, 2, 3, 4, 4)}
    assert {(entry.create_system, entry.external_attr >> 16) for entry in entries} == {
        (3, 0o100644)
    }


@pytest.mark.parametrize(("rows_most", "version"), [(500_000, 20), (500_001, 45)])
def test_only_a_table_that_may_be_huge_needs_the_newer_form_of_zip(
    rows_most: int, version: int
) -> None:
    with zipfile.ZipFile(io.BytesIO(write([row()], rows_most))) as package:
        assert package.infolist()[0].extract_version == version
        assert {entry.extract_version for entry in package.infolist()[1:]} == {20}


def test_a_package_that_fails_midway_leaves_nothing_open() -> None:
    table = Table("samples.csv", b"", encode_nothing, 1)

    with (
        pytest.raises(ZeroDivisionError),
        archive.writing(io.BytesIO(), table, imprint().moment, lambda _: {}) as add,
    ):
        add([row()])


def encode_nothing(_: Sequence[Row]) -> bytes:
    raise ZeroDivisionError

"""The package of a whole release: every table as a CSV, with what joins and describes them."""

import hashlib
import io
import json
import zipfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from conftest import BASE, REPOSITORY
from test_csv_files import read_csv
from test_packages import sums_of, unpacked
from whole_release import OURS, make_whole, rows_of

from opendata_api.catalog.csvw import describe_csv
from opendata_api.catalog.frictionless import describe_package, describe_whole
from opendata_api.catalog.whole import files_beside_whole, readme_whole
from opendata_api.datasets import DATASETS, DOCUMENTS, OBSERVATIONS, PASSAGES, REPORTS
from opendata_api.describe import Dataset, Field, Type
from opendata_api.formats import archive, csv
from opendata_api.formats.archive import Written
from opendata_api.formats.imprint import Whole
from opendata_api.store.model import Edition

every_dataset = pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)

MOMENT = (2026, 1, 2, 3, 4, 4)
"""To the even second, as ZIP has it."""
WORDS = "the words of the government's own reports, which no licence of ours covers"


@pytest.fixture(scope="module")
def tables(edition: Edition, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with every table as a CSV."""
    folder = tmp_path_factory.mktemp("tables")
    for dataset in DATASETS:
        lines = [csv.encode_line(dataset.fields, row) for row in rows_of(edition, dataset)]
        text = "".join([csv.header_line(dataset.fields), *lines])
        (folder / f"{dataset.name}.csv").write_bytes(text.encode())
    return folder


@pytest.fixture(scope="module")
def files(edition: Edition, tables: Path) -> dict[str, bytes]:
    """What lies in the package, by name."""
    return unpacked(pack(edition, tables))


def pack(edition: Edition, tables: Path) -> bytes:
    """The package of the release."""
    file, whole = io.BytesIO(), make_whole(edition)
    with archive.packing(file, whole.moment) as package:
        written = [
            package.copy(f"{name}.csv", tables / f"{name}.csv", len(edition.rows[name]))
            for name in (part.subject.name for part in whole.parts)
        ]
        for name, content in files_beside_whole(whole, written).items():
            package.add(name, content)
    return file.getvalue()


def written_of(whole: Whole) -> Sequence[Written]:
    """Tables as if they had been written."""
    return [Written(f"{part.subject.name}.csv", 10, "0" * 64, 2) for part in whole.parts]


def resource_of(files: dict[str, bytes], dataset: Dataset) -> Any:
    resources = json.loads(files["datapackage.json"])["resources"]
    return next(one for one in resources if one["name"] == dataset.name)


def ids_in(files: dict[str, bytes], name: str, field: str) -> set[str]:
    """The values of a field that are not empty."""
    head, *rows = read_csv(files[f"{name}.csv"].decode())
    place = head.index(field)
    return {row[place] for row in rows if row[place]}


def test_a_package_has_every_table_and_what_describes_it(
    files: dict[str, bytes], tables: Path
) -> None:
    names = [f"{dataset.name}.csv" for dataset in DATASETS]

    assert list(files) == [
        *names,
        *(f"{name}-metadata.json" for name in names),
        "datapackage.json",
        "README.zh-CN.md",
        "README.md",
        "LICENSE-DATA",
        "SHA256SUMS",
    ]
    assert {name: files[name] for name in names} == {
        name: (tables / name).read_bytes() for name in names
    }
    assert files["LICENSE-DATA"] == (REPOSITORY / "LICENSE-DATA").read_bytes()


def test_the_checksums_are_those_of_all_other_files(files: dict[str, bytes]) -> None:
    others = {name: body for name, body in files.items() if name != "SHA256SUMS"}

    assert sums_of(files["SHA256SUMS"].decode()) == {
        name: hashlib.sha256(body).hexdigest() for name, body in others.items()
    }


def test_the_package_says_of_which_release_it_is(files: dict[str, bytes]) -> None:
    package = json.loads(files["datapackage.json"])
    resources = package.pop("resources")

    assert package == {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "all-tables",
        "id": f"{BASE}/releases/1/all.zip",
        "title": "全部数据 / All data",
        "description": "各表合为一个文件。 / Every table in one file.",
        "homepage": f"{BASE}/",
        "version": "1",
        "created": "2026-01-02T03:04:05Z",
        "licenses": [{"name": "CC-BY-4.0", "path": "https://licence.example.org/"}],
        "contributors": [{"title": "本服务 / Our service", "roles": ["publisher"]}],
        "sources": [
            {"title": "政府报告 / Government reports", "path": f"{BASE}/v1/reports?release=1"}
        ],
    }
    assert [one["name"] for one in resources] == [dataset.name for dataset in DATASETS]


@every_dataset
def test_each_table_is_described_as_in_a_package_of_its_own(
    files: dict[str, bytes], edition: Edition, dataset: Dataset
) -> None:
    name = f"{dataset.name}.csv"
    body = files[name]
    resource = resource_of(files, dataset)
    (part,) = make_whole(edition, [dataset]).parts
    table = Written(name, len(body), hashlib.sha256(body).hexdigest(), 0)
    alone: Any = describe_package(part, table)

    for member in ("title", "description", "sources", "licenses"):
        assert resource.pop(member, None) == alone.get(member)
    assert resource["schema"].pop("foreignKeys", []) == keys_of(dataset)
    assert resource == alone["resources"][0]
    names = body.decode().splitlines()[0].split(",")
    assert [one["name"] for one in resource["schema"]["fields"]] == names
    assert json.loads(files[f"{name}-metadata.json"]) == describe_csv(part, name)


def keys_of(dataset: Dataset) -> list[dict[str, object]]:
    """The foreign keys of a dataset, where every table is in the package."""
    return [
        {"fields": [field.name], "reference": {"resource": name, "fields": ["id"]}}
        for field, name in dataset.references
    ]


def test_tables_refer_to_reports_and_documents(files: dict[str, bytes]) -> None:
    keys = {
        dataset.name: [
            (key["fields"], key["reference"]["resource"])
            for key in resource_of(files, dataset)["schema"].get("foreignKeys", [])
        ]
        for dataset in DATASETS
    }

    both = [(["document_id"], "documents"), (["report_id"], "reports")]
    assert {name: sorted(found) for name, found in keys.items()} == {
        "observations": both,
        "metrics": [],
        "service-counts": both,
        "commitments": both,
        "reports": both[:1],
        "documents": both[1:],
        "passages": both,
        "areas": [],
        "bodies": [],
    }


@every_dataset
def test_what_a_table_refers_to_is_in_the_package(
    files: dict[str, bytes], dataset: Dataset
) -> None:
    for key in resource_of(files, dataset)["schema"].get("foreignKeys", []):
        (field,), reference = key["fields"], key["reference"]
        (referred,) = reference["fields"]
        found = ids_in(files, dataset.name, field)

        assert found
        assert found <= ids_in(files, reference["resource"], referred)


def test_only_a_table_in_the_package_is_referred_to(edition: Edition) -> None:
    whole = make_whole(edition, [OBSERVATIONS, REPORTS])
    package: Any = describe_whole(whole, written_of(whole))
    observations, reports = (one["schema"] for one in package["resources"])

    assert observations["foreignKeys"] == [
        {"fields": ["report_id"], "reference": {"resource": "reports", "fields": ["id"]}}
    ]
    assert "foreignKeys" not in reports


def test_a_list_of_ids_is_no_foreign_key(edition: Edition) -> None:
    (reports,) = make_whole(edition, [REPORTS]).parts
    about = replace(OBSERVATIONS.field["report_id"].about, type=Type.LIST)
    fields = [Field("report_ids", about, nullable=False)]
    part = replace(reports, subject=DOCUMENTS, fields=fields)
    whole = replace(make_whole(edition), parts=[part, reports])

    assert whole.references(part) == []


def test_a_table_has_a_licence_where_it_is_ours_to_give(files: dict[str, bytes]) -> None:
    licences = {dataset.name: resource_of(files, dataset).get("licenses") for dataset in DATASETS}

    ours = [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}]
    zh = "所载为政府报告原文，不在本项目许可之内"
    theirs = [{"name": "notspecified", "title": f"{zh} / {WORDS}"}]
    assert licences == {
        dataset.name: theirs if dataset is PASSAGES else ours for dataset in DATASETS
    }


def test_the_readme_tells_an_official_what_the_package_is(
    files: dict[str, bytes], edition: Edition
) -> None:
    lines = files["README.zh-CN.md"].decode().splitlines()
    count = len(edition.rows["passages"])

    assert lines[:6] == ["# 全部数据", "", "各表合为一个文件。", "", "| | |", "|---|---|"]
    assert dict(line.strip("| ").split(" | ") for line in lines[6:15]) == {
        "内容": "数据表 9 张，每张一个 CSV 文件，UTF-8，首行为字段名；空单元格表示没有值，不等于零",
        "版本": "第1版，2026-01-02T03:04:05Z",
        "下载地址": f"{BASE}/releases/1/all.zip",
        "数据字典": f"{BASE}/v1/datasets?release=1",
        "来源": f"所引政府报告见 {BASE}/v1/reports?release=1；由“本服务”整理，并非政府发布",
        "许可": f"{OURS.told('zh')}；下表另有说明的除外；范围见 `LICENSE-DATA`",
        "署名": "by us",
        "引用格式": "本服务. 全部数据.",
        "校验": "解压后运行 `sha256sum -c SHA256SUMS`，各文件均应通过",
    }
    assert lines[-len(DATASETS) - 2 : -len(DATASETS)] == [
        "| 文件 | 名称 | 行数 | 内容 | 许可 |",
        "|---|---|---|---|---|",
    ]
    assert (
        f"| `passages.csv` | {PASSAGES.title.zh} | {count} | {PASSAGES.description.zh} "
        "| 所载为政府报告原文，不在本项目许可之内 |"
    ) in lines


def test_the_readme_lists_every_table_in_english_too(
    files: dict[str, bytes], edition: Edition
) -> None:
    lines = files["README.md"].decode().splitlines()

    assert lines[0] == "# All data"
    assert "| address | " + f"{BASE}/releases/1/all.zip |" in lines
    assert "| citation | Our service. All data. |" in lines
    assert lines[-len(DATASETS) :] == [
        f"| `{dataset.name}.csv` | {dataset.title.en} | {len(edition.rows[dataset.name])} "
        f"| {dataset.description.en} | {WORDS if dataset is PASSAGES else 'CC-BY-4.0'} |"
        for dataset in DATASETS
    ]


def test_a_citation_of_several_lines_stays_in_its_cell(edition: Edition) -> None:
    whole = make_whole(edition)
    whole = replace(whole, citation=replace(whole.citation, en="Our service.\nA report."))

    readme = readme_whole(whole, written_of(whole), "en")
    assert "| citation | Our service.<br>A report. |" in readme.splitlines()


def test_equal_tables_are_equal_bytes_with_the_time_of_the_release(
    edition: Edition, tables: Path
) -> None:
    body = pack(edition, tables)

    assert pack(edition, tables) == body
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        entries = package.infolist()
    assert {entry.date_time for entry in entries} == {MOMENT}
    assert {(entry.create_system, entry.external_attr >> 16) for entry in entries} == {
        (3, 0o100644)
    }
    assert {entry.extract_version for entry in entries} == {20}


def copied(source: Path, edition: Edition) -> tuple[bytes, Written]:
    """An archive of that one file."""
    file = io.BytesIO()
    with archive.packing(file, make_whole(edition).moment) as package:
        written = package.copy("table.csv", source, 3)
    return file.getvalue(), written


@pytest.mark.parametrize("size", [0, 1, archive.BLOCK_BYTES, archive.BLOCK_BYTES * 2 + 1])
def test_a_file_of_any_size_is_copied_whole(edition: Edition, tmp_path: Path, size: int) -> None:
    content = bytes(n % 251 for n in range(size))
    source = tmp_path / "source"
    source.write_bytes(content)
    body, written = copied(source, edition)

    digest = hashlib.sha256(content).hexdigest()
    assert written == Written("table.csv", size, digest, 3)
    assert unpacked(body) == {
        "table.csv": content,
        "SHA256SUMS": f"{digest}  table.csv\n".encode(),
    }


@pytest.mark.parametrize(("limit", "version"), [(105, 20), (104, 45)])
def test_a_file_that_the_older_form_of_zip_may_not_hold_has_the_newer(
    edition: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int, version: int
) -> None:
    source = tmp_path / "source"
    source.write_bytes(bytes(100))
    monkeypatch.setattr(zipfile, "ZIP64_LIMIT", limit)
    body, _ = copied(source, edition)

    with zipfile.ZipFile(io.BytesIO(body)) as package:
        assert package.infolist()[0].extract_version == version
        assert package.read("table.csv") == bytes(100)

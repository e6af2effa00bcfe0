"""A further report is a further folder and no code."""

import csv
from pathlib import Path

import pytest

from opendata_api.seed import Seed, SeedFaults, read_seed
from opendata_api.seed.new_report import CannotCreate, create_report
from opendata_api.seed.records import LATEST_MAX, make_records

TEXT = """\
一、工作成效
全年共受理并指派法律援助【8件】，接待群众【20余人次】。
三、2024年工作计划
（一）普法
办好法律援助，让群众满意。
"""
NEXT = "cn450203-2024-rol"


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "report.txt"
    path.write_text(TEXT.replace("【", "").replace("】", ""), encoding="utf-8")
    return path


def test_an_empty_report_says_what_to_fill_in(seed_dir: Path, text: Path) -> None:
    folder = create_report(seed_dir, NEXT, text)

    with pytest.raises(SeedFaults) as caught:
        read_seed(seed_dir)

    assert sorted(path.name for path in folder.iterdir()) == [
        "checks.csv",
        "commitments.csv",
        "exclusions.csv",
        "observations.csv",
        "report.toml",
        "text.txt",
    ]
    found = [(fault.file.rsplit("/", 1)[1], fault.expected.en) for fault in caught.value.faults]
    assert found == [
        ("commitments.csv", "'办好法律援助' published or excluded"),
        ("commitments.csv", "'让群众满意' published or excluded"),
        ("exclusions.csv", "'8' published or excluded"),
        ("exclusions.csv", "'20' published or excluded"),
        ("exclusions.csv", "'2024' published or excluded"),
        *[("report.toml", "filled in")] * 8,
    ]


def fill(folder: Path) -> None:
    """What a curator would write into the empty tables."""
    _append(
        folder / "observations.csv",
        id="o001",
        quote="全年共受理并指派法律援助【8件】",
        metric="legal_aid_cases_accepted_and_assigned",
        value="8",
        qualifier="unqualified",
        role="actual",
        period_start="2024-01-01",
        period_end="2024-12-31",
        period_kind="flow",
        period_source="stated",
        basis="total",
        status="as_printed",
    )
    _append(
        folder / "observations.csv",
        id="o002",
        quote="接待群众【20余人次】",
        metric="legal_aid_calls_and_visits",
        value="20",
        qualifier="more_than",
        role="actual",
        period_start="2024-01-01",
        period_end="2024-12-31",
        period_kind="flow",
        period_source="inherited",
        basis="total",
        status="as_printed",
    )
    _append(
        folder / "commitments.csv",
        id="c01",
        quote="办好法律援助",
        topic="legal_aid",
        aim="让群众满意",
        text_en="Do legal aid well.",
        measurable="false",
        evidence_kind="none",
    )
    _append(folder / "exclusions.csv", quote="【2024年】工作", reason="year_or_date")


def _append(path: Path, **cells: str) -> None:
    header = path.read_text(encoding="utf-8").splitlines()[0].split(",")
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, header, lineterminator="\n").writerow(cells)


def fill_settings(folder: Path) -> None:
    path = folder / "report.toml"
    settings = path.read_text(encoding="utf-8")
    settings = settings.replace("9999-12-31", "2025-03-01").replace("FIXME", "示例")
    path.write_text(settings, encoding="utf-8")


def test_a_filled_report_is_published_beside_the_first(seed_dir: Path, text: Path) -> None:
    folder = create_report(seed_dir, NEXT, text)
    fill(folder)
    fill_settings(folder)

    seed: Seed = read_seed(seed_dir)
    records = make_records(seed)

    assert (seed.tally.reports, seed.tally.observations, seed.tally.commitments) == (2, 110, 20)
    metrics = {record.model_dump()["id"]: record.model_dump() for record in records["metrics"]}
    legal_aid = metrics["legal_aid_cases_accepted_and_assigned"]
    assert legal_aid["observation_count"] == 2
    assert [(one["id"], one["year"]) for one in legal_aid["latest"]] == [(f"{NEXT}-o001", 2024)]
    older = metrics["legal_aid_cases_assigned"]["latest"]
    assert [one["year"] for one in older] == [2023]
    assert max(len(metric["latest"]) for metric in metrics.values()) <= LATEST_MAX


@pytest.mark.parametrize(
    ("report_id", "message"),
    [("yufeng-2024", "must look like"), ("cn450203-2023-rol", "exists already")],
)
def test_a_folder_that_can_t_be_is_refused(
    seed_dir: Path, text: Path, report_id: str, message: str
) -> None:
    with pytest.raises(CannotCreate, match=message):
        create_report(seed_dir, report_id, text)


def test_a_text_that_is_not_there_or_not_utf_8_is_refused(seed_dir: Path, text: Path) -> None:
    text.write_bytes("报告".encode("gbk"))

    with pytest.raises(CannotCreate, match="must be UTF-8"):
        create_report(seed_dir, NEXT, text)
    lost = text.with_name("nix")
    with pytest.raises(CannotCreate) as caught:
        create_report(seed_dir, NEXT, lost)
    assert str(caught.value) == f"{lost}: 没有这个文件，或不能读取 / no such file, or not readable"
    assert not (seed_dir / "reports" / NEXT).exists()


def test_a_folder_that_can_t_be_written_is_told(tmp_path: Path, text: Path) -> None:
    (tmp_path / "reports").touch()

    with pytest.raises(CannotCreate) as caught:
        create_report(tmp_path, NEXT, text)

    assert str(caught.value) == f"{tmp_path / 'reports' / NEXT}: 不能写入 / can't be written"

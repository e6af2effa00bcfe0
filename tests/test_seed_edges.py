"""What comes near to a right seed and is not: each is told, with its line, and nothing leaks."""

import csv
import shutil
from hashlib import sha256
from pathlib import Path

import pytest
from test_damaged_seeds import (
    CHECKS,
    COMMITMENTS,
    EXCLUSIONS,
    METRICS,
    OBSERVATIONS,
    REPORT,
    SETTINGS,
    TEXT,
    Damage,
    drop,
    repeat,
    replace,
    set_cell,
    together,
    write,
)

from opendata_api.seed import SeedFaults, read_seed

AREAS = "codebook/areas.csv"
SERVICES = "codebook/services.csv"
DIMENSIONS = "codebook/dimensions.csv"


def edit_text(before: str, after: str) -> Damage:
    """Change the text as a new text would be taken in: with its sum."""

    def damage(seed: Path) -> None:
        text = (seed / TEXT).read_text(encoding="utf-8")
        assert before in text
        changed = text.replace(before, after, 1)
        (seed / TEXT).write_text(changed, encoding="utf-8")
        sums = [sha256(words.encode()).hexdigest() for words in (text, changed)]
        replace(SETTINGS, *sums)(seed)

    return damage


def name_again(seed: Path) -> None:
    """Let the text say the masked name a second time."""
    edit_text("白沙镇荣获", f"{_name(seed)}和白沙镇荣获")(seed)


def name_in_title(seed: Path) -> None:
    replace(SETTINGS, 'title_zh = "', f'title_zh = "{_name(seed)}')(seed)


def _name(seed: Path) -> str:
    text = (seed / TEXT).read_text(encoding="utf-8")
    place = text.index("等4人荣获得")
    return text[text.rindex("、", 0, place) + 1 : place]


def documents(written: str) -> Damage:
    """Write something else than the [[documents]] tables."""

    def damage(seed: Path) -> None:
        settings = (seed / SETTINGS).read_text(encoding="utf-8").partition("[[documents]]")[0]
        (seed / SETTINGS).write_text(f"{settings}documents = {written}\n", encoding="utf-8")

    return damage


def repeat_document(seed: Path) -> None:
    settings = (seed / SETTINGS).read_text(encoding="utf-8")
    table = settings.partition("[[documents]]")[2]
    (seed / SETTINGS).write_text(f"{settings}\n[[documents]]{table}", encoding="utf-8")


def text_elsewhere(seed: Path) -> None:
    shutil.copy(seed / TEXT, seed / "reports" / "text.txt")
    replace(SETTINGS, 'file = "text.txt"', 'file = "../text.txt"')(seed)


def share_a_metric(seed: Path) -> None:
    with (seed / SERVICES).open(encoding="utf-8-sig", newline="") as file:
        metrics = {line["id"]: line["metrics"] for line in csv.DictReader(file)}
    listed = f"{metrics['law_savvy_people']};village_legal_advisers"
    set_cell(SERVICES, "law_savvy_people", metrics=listed)(seed)


def swap_ids(seed: Path) -> None:
    """Exchange the places of two figures, so that their ids no longer follow the text."""
    with (seed / OBSERVATIONS).open(encoding="utf-8-sig", newline="") as file:
        rows = {row["id"]: row for row in csv.DictReader(file)}
    for one, other in (("o070", "o071"), ("o071", "o070")):
        cells = {
            key: value for key, value in rows[other].items() if not key.startswith(("id", "note"))
        }
        set_cell(OBSERVATIONS, one, **cells)(seed)


# name: the damage, the file, the line, the field, what was found
EDGES: dict[str, tuple[Damage, str, int | None, str | None, str]] = {
    "a number cut by the mark, of a span that another row covers": (
        set_cell(
            OBSERVATIONS,
            "o035",
            quote="高质量办理人大代表建议79件、政协委员提案21件，办复率和满意率均为1【00%】",
            value="0",
            same_as="",
        ),
        *(OBSERVATIONS, 36, "quote", "00%"),
    ),
    "余 and its counter left out of the mark": (
        set_cell(
            OBSERVATIONS,
            "o014",
            quote="举办15期干部教育培训班，覆盖干部【960】余人次",
            qualifier="unqualified",
        ),
        *(OBSERVATIONS, 15, "metric", "空 / empty"),
    ),
    "a counter cut by the mark": (
        set_cell(OBSERVATIONS, "o014", quote="举办15期干部教育培训班，覆盖干部【960余人】次"),
        *(OBSERVATIONS, 15, "quote", "960余人"),
    ),
    "a bound left out of the mark": (
        together(
            edit_text("鱼峰区本级为831件", "鱼峰区本级为近831件"),
            set_cell(
                OBSERVATIONS,
                "o095",
                quote="全市通办”收办件总共为1458件，其中鱼峰区本级为近【831件】",
            ),
        ),
        *(OBSERVATIONS, 96, "quote", "831件"),
    ),
    "digits of full width": (
        edit_text("《行政执法督察通知书》5份", "《行政执法督察通知书》5份、函７８份"),
        *(EXCLUSIONS, None, "@1051", "…书》5份、函７８份，督促相关…"),
    ),
    "a masked name that stands once more": (name_again, SETTINGS, None, "masks", "@ 3149"),
    "a masked name in a title": (name_in_title, SETTINGS, None, "title_zh", "…"),
    "a mask that is no text": (
        replace(SETTINGS, "masks = [", "masks = [1, "),
        *(SETTINGS, None, "masks", "1"),
    ),
    "a report without a document": (documents("[]"), SETTINGS, None, "documents", "[]"),
    "a document that is no table": (documents('["d1"]'), SETTINGS, None, "documents", "d1"),
    "two documents of one id": (repeat_document, SETTINGS, None, "id", "d1"),
    "a text outside the folder": (text_elsewhere, SETTINGS, None, "file", "../text.txt"),
    "a second table of observations": (
        write(f"{REPORT}/observations (1).csv", b""),
        *(f"{REPORT}/observations (1).csv", None, None, "observations (1).csv"),
    ),
    "a codebook as a workbook": (
        write("codebook/metrics.xlsx", b""),
        *("codebook/metrics.xlsx", None, None, "metrics.xlsx"),
    ),
    "a plan that the text has not": (
        together(
            replace(SETTINGS, 'plan_section = "三"', 'plan_section = "四"'),
            drop(COMMITMENTS, "c18"),
        ),
        *(SETTINGS, None, "plan_section", "四"),
    ),
    "a promise outside the plan": (
        repeat(COMMITMENTS, "c19", id="c20", quote="推动法治政府建设向纵深发展", aim=""),
        *(COMMITMENTS, 21, "quote", "推动法治政府建设向纵深发展"),
    ),
    "a day without hyphens": (
        set_cell(OBSERVATIONS, "o083", period_end="20231231"),
        *(OBSERVATIONS, 84, "period_end", "20231231"),
    ),
    "an area valid from no day": (
        set_cell(AREAS, "450203", valid_from="soon"),
        *(AREAS, 4, "valid_from", "soon"),
    ),
    "an area above itself": (
        set_cell(AREAS, "450000", parent_id="450203"),
        *(AREAS, 2, "parent_id", "450000"),
    ),
    "an area code of five digits": (
        repeat(AREAS, "450203", id="45020"),
        *(AREAS, 5, "id", "45020"),
    ),
    "a metric of a reserved name": (
        repeat(METRICS, "village_legal_advisers", id="facets", not_comparable_with=""),
        *(METRICS, 90, "id", "facets"),
    ),
    "a metric in two services": (
        share_a_metric,
        *(SERVICES, 5, "metrics", "village_legal_advisers: village_legal_advisers"),
    ),
    "a note on an exclusion in one language": (
        set_cell(EXCLUSIONS, "党的【二十大】", note_zh="党的代表大会", note_en=""),
        *(EXCLUSIONS, 4, "note_zh", "党的代表大会"),
    ),
    "a target finer than can be kept": (
        set_cell(COMMITMENTS, "c18", target_value="0.1234567"),
        *(COMMITMENTS, 19, "target_value", "0.1234567"),
    ),
    "a dimension that has no values": (
        together(
            repeat(DIMENSIONS, "instance", dimension="mood"),
            set_cell(OBSERVATIONS, "o083", dimensions="mood=good"),
        ),
        *(OBSERVATIONS, 84, "dimensions", "good"),
    ),
    "dimensions in another order": (
        set_cell(
            OBSERVATIONS, "o095", dimensions="handling_level=district_own;service_scope=citywide"
        ),
        *(OBSERVATIONS, 96, "dimensions", "handling_level=district_own;service_scope=citywide"),
    ),
    "ids against the order of the text": (swap_ids, OBSERVATIONS, 72, "id", "o071"),
    "a part of another unit": (
        set_cell(OBSERVATIONS, "o083", part_of="o001"),
        *(OBSERVATIONS, 84, "part_of", "o001: times_leaders_heard_rule_of_law_reports"),
    ),
    "a part greater than its total": (
        together(
            set_cell(OBSERVATIONS, "o094", part_of="o095"),
            set_cell(OBSERVATIONS, "o095", part_of=""),
        ),
        *(OBSERVATIONS, 95, "part_of", "o095 = 831"),
    ),
    "a part of no number": (
        set_cell(OBSERVATIONS, "o095", value="many"),
        *(OBSERVATIONS, 96, "value", "many"),
    ),
    "a check beyond all numbers": (
        set_cell(CHECKS, "litigation_loss_rate", left="1e400"),
        *(CHECKS, 2, "left", "= Infinity"),
    ),
}


@pytest.mark.parametrize("name", EDGES)
def test_what_is_nearly_right_is_told_with_its_line(name: str, seed_dir: Path) -> None:
    damage, *expected = EDGES[name]
    damage(seed_dir)

    with pytest.raises(SeedFaults) as caught:
        read_seed(seed_dir)

    found = [[one.file, one.line, one.field, one.found] for one in caught.value.faults]
    assert expected in found, found


@pytest.mark.parametrize("damage", [name_again, name_in_title], ids=["text", "title"])
def test_a_fault_does_not_tell_the_name_it_is_about(damage: Damage, seed_dir: Path) -> None:
    name = _name(seed_dir)
    damage(seed_dir)

    with pytest.raises(SeedFaults) as caught:
        read_seed(seed_dir)

    assert name not in str(caught.value)


def test_settings_that_cannot_be_read_are_one_fault(seed_dir: Path) -> None:
    replace(SETTINGS, "year = 2023", "year = ")(seed_dir)

    with pytest.raises(SeedFaults) as caught:
        read_seed(seed_dir)

    assert [(one.file, one.expected.en) for one in caught.value.faults] == [
        (SETTINGS, "valid TOML")
    ]


def test_a_seed_without_a_codebook_names_each_table(seed_dir: Path) -> None:
    shutil.rmtree(seed_dir / "codebook")

    with pytest.raises(SeedFaults) as caught:
        read_seed(seed_dir)

    lost = {one.file for one in caught.value.faults if one.found == "没有 / none"}
    assert len(lost) == 11


def test_files_that_programs_leave_behind_are_passed_over(seed_dir: Path) -> None:
    for name in (".DS_Store", ".~lock.observations.csv#", "~$observations.csv"):
        (seed_dir / REPORT / name).touch()

    assert read_seed(seed_dir).tally.reports == 1


def test_a_figure_added_later_stands_last_and_says_why(seed_dir: Path) -> None:
    later = {"basis": "per_body", "note_zh": "后来补录。", "note_en": "Added later."}
    repeat(OBSERVATIONS, "o020", id="o109", **later)(seed_dir)

    assert read_seed(seed_dir).tally.observations == 109

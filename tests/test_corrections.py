"""The two cases of a correction, gone through as docs/更正与新增.md tells it."""

import asyncio
import csv
import io
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest
from editions import give_reason, serving, without

from opendata_api.datasets import DATASETS
from opendata_api.foresight import tell_foreseen
from opendata_api.publish import foresee, make_edition, publish
from opendata_api.seed import Seed, SeedFaults, read_seed
from opendata_api.settings import Settings
from opendata_api.store.errors import UnexplainedChanges
from opendata_api.store.place import write_release

REPORT = "cn450203-2023-rol"
O085 = f"{REPORT}-o085"
LATER = datetime(2026, 1, 3, tzinfo=UTC)
NOTICE = (
    "更正公告\n报告中“提供认罪认罚法律帮助1300件”应为提供认罪认罚法律帮助1030件。\n2024年5月6日\n"
)
QUOTE = "法律援助中心全年共受理并指派法律援助206件，接待来电、来访群众600余人次，"


@pytest.fixture
def settings(own: Settings, seed_dir: Path) -> Settings:
    """The real seed, to be changed, with release 1 published of it."""
    return own.model_copy(update={"seed_dir": seed_dir})


def rewrite(path: Path, *new: dict[str, str], **changed: dict[str, str]) -> None:
    """Change cells of the rows with an id, and add rows."""
    text = path.read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    columns = text.splitlines()[0].split(",")
    for row in rows:
        row.update(changed.get(row.get("id", ""), {}))
    printed = io.StringIO()
    writer = csv.DictWriter(printed, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows([*rows, *new])
    path.write_bytes(printed.getvalue().encode())


async def preview(settings: Settings) -> list[str]:
    return list(tell_foreseen(await asyncio.to_thread(foresee, settings)))


@pytest.mark.untraced
async def test_what_we_had_compiled_wrongly(settings: Settings, seed_dir: Path) -> None:
    table = seed_dir / "reports" / REPORT / "observations.csv"
    rewrite(table, o085={"status": "ambiguous", "note_zh": "未说明范围。", "note_en": "Unclear."})

    told = await preview(settings)
    with pytest.raises(UnexplainedChanges):
        await asyncio.to_thread(publish, settings)
    give_reason(seed_dir, O085, "curation")
    explained = await preview(settings)
    published = await asyncio.to_thread(publish, settings)

    assert f"{O085} (observations) 更正 / corrected" in told
    assert "  status: as_printed → ambiguous" in told
    assert told[-1] == f"  {O085},curation,FIXME,FIXME"
    assert explained == told[:-3]
    assert (published.is_new, published.release.n) == (True, 2)
    assert await preview(settings) == ["没有变化 / nothing would change"]
    async with serving(settings) as api:
        row = (await api.get(f"/v1/observations/{O085}")).json()["data"]
        before = (await api.get(f"/v1/observations/{O085}?release=1")).json()["data"]
    assert (row["status"], before["status"]) == ("ambiguous", "as_printed")


def add_notice(folder: Path) -> None:
    (folder / "notice.txt").write_text(NOTICE, encoding="utf-8")
    with (folder / "report.toml").open("a", encoding="utf-8") as file:
        file.write(
            '\n[[documents]]\nid = "d2"\nkind = "correction_notice"\nfile = "notice.txt"\n'
            'title = "更正公告"\npublished_on = 2024-05-06\nsource_url = "https://example.org/2"\n'
            f'sha256 = "{sha256(NOTICE.encode()).hexdigest()}"\nmasks = []\n'
        )


def correct(folder: Path) -> None:
    """What the page tells to write."""
    quoted = {"quote": "应为提供认罪认罚法律帮助【1030件】", "occurrence": "", "document": "d2"}
    rewrite(folder / "observations.csv", o085=quoted | {"value": "1030", "status": "corrected"})
    rewrite(
        folder / "exclusions.csv",
        {"quote": f"{QUOTE}提供认罪认罚法律帮助【1300件】", "reason": "corrected_by_notice"},
        {
            "quote": "“提供认罪认罚法律帮助【1300件】”",
            "document": "d2",
            "reason": "corrected_by_notice",
        },
        {"quote": "【2024年5月6日】", "document": "d2", "reason": "year_or_date"},
    )


async def test_what_the_government_corrects(settings: Settings, seed_dir: Path) -> None:
    folder = seed_dir / "reports" / REPORT
    add_notice(folder)
    correct(folder)
    give_reason(seed_dir, O085, "publisher")
    published = await asyncio.to_thread(publish, settings)

    assert published.release.n == 2
    async with serving(settings) as api:
        row = (await api.get(f"/v1/observations/{O085}")).json()["data"]
        before = (await api.get(f"/v1/observations/{O085}?release=1")).json()["data"]
        text = (await api.get(f"/v1/documents/{REPORT}-d2/text")).text
        coverage = (await api.get(f"/v1/documents/{REPORT}-d1/coverage")).json()["data"]
        reader = (await api.get(f"/reports/{REPORT}")).text
        passages = (await api.get(f"/v1/passages?document_id={REPORT}-d2")).json()["data"]
        first = (await api.get("/v1/releases/1")).json()["data"]["changes"]["count"]
        told = (await api.get(f"/v1/changes?since={first}")).json()["data"]
    assert (row["value"], row["status"], row["document_id"]) == (1030, "corrected", f"{REPORT}-d2")
    assert text[row["value_start"] : row["value_end"]] == row["value_text"] == "1030件"
    assert (before["value"], before["document_id"]) == (1300, f"{REPORT}-d1")
    assert [one["reason"] for one in coverage["items"] if one["text"] == "1300"] == [
        "corrected_by_notice"
    ]
    assert '<h2 id="cn450203-2023-rol-d2">更正公告' in reader
    assert f'<a id="o085" class="f" href="/datasets/observations/{O085}"' in reader
    assert [one["observations"] for one in passages if one["observations"]] == [[O085]]
    corrected = [(one["dataset"], one["id"]) for one in told if one["cause"] == "publisher"]
    assert corrected == [("observations", O085), ("service-counts", O085)]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"status": "corrected"}, "corrected: quoted from a notice"),
        ({"document": "d3"}, "one of: d1"),
    ],
)
def test_only_a_notice_corrects(seed_dir: Path, cells: dict[str, str], told: str) -> None:
    rewrite(seed_dir / "reports" / REPORT / "observations.csv", o085=cells)

    with pytest.raises(SeedFaults, match=told):
        read_seed(seed_dir)


def test_what_a_notice_states_is_corrected(seed_dir: Path) -> None:
    folder = seed_dir / "reports" / REPORT
    add_notice(folder)
    correct(folder)
    rewrite(folder / "observations.csv", o085={"status": "as_printed"})

    with pytest.raises(SeedFaults, match="corrected: quoted from a notice"):
        read_seed(seed_dir)


def test_nothing_is_corrected_by_a_notice_that_is_not_there(seed_dir: Path) -> None:
    folder = seed_dir / "reports" / REPORT
    line = {"quote": f"{QUOTE}提供认罪认罚法律帮助【1300件】", "reason": "corrected_by_notice"}
    rewrite(folder / "exclusions.csv", line)

    with pytest.raises(SeedFaults, match="a notice of correction"):
        read_seed(seed_dir)


async def test_what_changes_beside_the_rows_is_told_before_it_is_published(
    settings: Settings, seed_dir: Path
) -> None:
    path = seed_dir / "reports" / REPORT / "exclusions.csv"
    path.write_bytes(path.read_bytes().replace(b"the report's year", b"the year of it", 1))

    assert await preview(settings) == [
        f"数字的收录与排除有变 / what is published and excluded changes: {REPORT}-d1"
    ]


def test_every_numeral_of_a_notice_is_accounted_for(seed_dir: Path) -> None:
    folder = seed_dir / "reports" / REPORT
    add_notice(folder)

    with pytest.raises(SeedFaults) as caught:
        read_seed(seed_dir)

    assert [fault.expected.en for fault in caught.value.faults] == [
        f"'{words}' published or excluded" for words in ("1300", "1030", "2024", "5", "6")
    ]


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ({"cause": "error"}, "one of: curation publisher"),
        ({"reason_en": ""}, "something"),
        ({"id": ""}, "something"),
        ({"reason_zh": "FIXME"}, "filled in"),
    ],
)
def test_a_reason_is_whole(seed_dir: Path, cells: dict[str, str], told: str) -> None:
    line = {"id": O085, "cause": "curation", "reason_zh": "抄错", "reason_en": "Miscopied"}
    rewrite(seed_dir / "changes.csv", line | cells)

    with pytest.raises(SeedFaults, match=told):
        read_seed(seed_dir)


def test_a_reason_stands_once(seed_dir: Path) -> None:
    line = {"id": O085, "cause": "curation", "reason_zh": "抄错", "reason_en": "Miscopied"}
    rewrite(seed_dir / "changes.csv", line, line)

    with pytest.raises(SeedFaults, match="does not stand here yet"):
        read_seed(seed_dir)


async def test_what_is_withdrawn_and_a_reason_of_nothing_are_told_before(
    settings: Settings, seed_dir: Path
) -> None:
    folder = seed_dir / "reports" / REPORT
    table = folder / "observations.csv"
    lines = table.read_text(encoding="utf-8").splitlines(keepends=True)
    table.write_text("".join(one for one in lines if not one.startswith("o088,")), encoding="utf-8")
    excluded = {"quote": "全年开展“法律明白人”培训会【6场】", "reason": "ordinary_word"}
    rewrite(folder / "exclusions.csv", excluded)
    give_reason(seed_dir, O085)
    told = await preview(settings)

    assert f"{REPORT}-o088 (observations) 撤回 / withdrawn" in told
    assert told[-2] == f"  {REPORT}-o088,curation,FIXME,FIXME"
    assert told[-1].startswith(f"changes.csv：{O085} 没有需要说明的变更 / nothing changed")


async def test_a_reason_of_nothing_is_told_by_itself(settings: Settings, seed_dir: Path) -> None:
    give_reason(seed_dir, O085)
    *_, last = await preview(settings)

    assert last.startswith(f"changes.csv：{O085} 没有需要说明的变更 / nothing changed")


async def test_new_rows_are_counted_before_they_are_published(
    settings: Settings, seed: Seed
) -> None:
    edition = without(make_edition(seed), O085)
    await asyncio.to_thread(write_release, settings, DATASETS, edition, LATER)

    assert "observations: 1 新增 / added" in await preview(settings)


async def test_where_nothing_is_published_the_first_release_is_told(
    empty: Settings, seed_dir: Path
) -> None:
    told = await preview(empty.model_copy(update={"seed_dir": seed_dir}))

    assert told == ["尚未发布过：将发布第1版 / nothing is published yet: this would be release 1"]

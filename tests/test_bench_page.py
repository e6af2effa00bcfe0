"""The page that `make bench` writes: the goals beside what was measured, then all of it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pytest

from bench.__main__ import NOTES
from bench.exporting import Export
from bench.goals import GOALS
from bench.judging import HEADER, NO_NOTE, judge_all
from bench.load import Load
from bench.names import (
    AGGREGATE,
    DATASETTE,
    DEEP,
    EMPTY,
    FILTERED,
    HOT_ROW,
    HOT_ROWS,
    ONE_ROW,
    PAGE_JSON,
    PART_CSV,
    PSQL,
    READY,
    REPORT,
    ROAPI,
    SEEDED,
    SERVICE,
    SQLITE,
    STREAMED,
    WHOLE_CSV,
    WHOLE_POSTGRES,
)
from bench.notes import Note, read_notes
from bench.report import START, Report, print_number
from bench.starting import Start
from bench.table import write_page

SMALL, MILLION, LARGE = 100_000, 1_000_000, 10_000_000
STARTS = (
    "{} × (`opendata-api serve` over its seed 1.20 ×, over these observations {} ×, "
    "an empty application 1.10 ×)"
)
"""What is told of a cold start."""


def load(per_second: float, cpu_us: float = 100.0) -> Load:
    return Load(per_second, cpu_us, 1.0, 2.0)


def export(rows: float, first_ms: float = 5.0, growth_mb: float | None = 7.0) -> Export:
    return Export(rows, first_ms, 0.0, growth_mb)


def make_report(observations: int = SMALL, missing: Mapping[str, str] | None = None) -> Report:
    """A measurement in which each goal has its figure, all of one round."""
    fast = {SERVICE: [load(100)], DATASETTE: [load(1)], ROAPI: [load(2)], READY: [load(125)]}
    dear = {SERVICE: [load(9, 10.0)], ROAPI: [load(9, 50.0)]}
    exports = {
        WHOLE_CSV: {SERVICE: [export(900)], STREAMED: [export(50)], SQLITE: [export(100)]},
        WHOLE_POSTGRES: {STREAMED: [export(90)], PSQL: [export(100, growth_mb=None)]},
        PART_CSV: {SERVICE: [export(70, 21.0, 17.0)], ROAPI: [export(100)]},
        PAGE_JSON: {SERVICE: [export(70)]},
    }
    starts = {
        SERVICE: [Start(600.0, 56.0)],
        SEEDED: [Start(1200.0, 60.0)],
        EMPTY: [Start(1100.0, 50.0)],
        DATASETTE: [Start(1000.0, 40.0)],
    }
    hot = {SERVICE: [load(100)], READY: [load(125)]}
    loads = dict.fromkeys((ONE_ROW, FILTERED, REPORT, DEEP), fast)
    return Report(
        observations=observations,
        passages=observations * 9 // 10,
        facts={"cores": "2"},
        seconds=3,
        rounds=1,
        missing=missing or {},
        loads={**loads, AGGREGATE: dear, HOT_ROW: hot, HOT_ROWS: hot},
        exports=exports,
        starts={START: starts},
        searches={"法律": [0.5, 0.7, 0.6], "援助": [1.5, 9.0, 1.4], "调解": [0.8]},
    )


def measured_and_held(*reports: Report) -> list[tuple[str, str]]:
    return [(row[3], row[4]) for row in judge_all(reports)]


def test_every_goal_has_a_row_with_what_was_measured() -> None:
    both = "yes, and the stretch"
    full = "(`make bench-full`)"
    left = f"not measured: at 10,000,000 observations {full}"

    assert HEADER == ("goal", "must", "stretch", "measured", "holds")
    assert measured_and_held(make_report()) == [
        ("0.80 ×", "yes"),
        ("0.80 ×", "yes"),
        ("100 ×", both),
        ("50.0 ×", both),
        ("100 ×", both),
        ("50.0 ×", both),
        ("100 ×", both),
        ("9.00 × (from the tables 0.50 ×)", both),
        ("0.90 ×", "yes"),
        ("0.70 ×", "**no**"),
        ("21.0 ms (the latest: about 50,000 rows by a filter, CSV, this service)", "**no**"),
        ("17.0 MB", f"yes; not measured: at 1,000,000 / 10,000,000 observations {full}"),
        ("5.00 ×", "yes"),
        (STARTS.format("1.20", "0.60"), "yes"),
        ("56.0 MB", f"{both}; {left}"),
        *[("–", left)] * 3,
        (
            "1.50 ms (the slowest word; the median 0.80 ms; 90,000 passages)",
            f"yes; not measured: at 1,000,000 observations {full}",
        ),
    ]


def test_the_goals_say_what_must_be_and_what_is_wished_for() -> None:
    rows = judge_all([make_report()])

    assert rows[0][:3] == (
        "one row, the same again and again, against raw uvicorn with the same bytes",
        "≥ 0.6 ×",
        "≥ 0.85 ×",
    )
    assert rows[-1][:3] == (
        "search for two characters over 1M passages, first 20 hits, none missed",
        "≤ 5 ms",
        "≤ 1 ms",
    )


def test_sizes_are_told_apart_and_must_all_hold() -> None:
    small, million, large = (make_report(size) for size in (SMALL, MILLION, LARGE))
    large = replace(
        large,
        loads={ONE_ROW: {SERVICE: [load(9, 120.0)]}, REPORT: {SERVICE: [load(9, 140.0)]}},
        starts={START: {SERVICE: [Start(1.0, 71.0)]}},
    )
    rows = measured_and_held(small, million, large)

    assert rows[2] == ("100,000: 100 ×; 1,000,000: 100 ×", "yes, and the stretch")
    assert rows[14] == (
        "100,000: 56.0 MB; 1,000,000: 56.0 MB; 10,000,000: 71.0 MB",
        "**no**",
    )
    assert rows[15:18] == [
        ("1.20 × (10,000,000 against 100,000)", "yes"),
        ("1.40 × (10,000,000 against 100,000)", "**no**"),
        ("–", "not measured: it was left out"),
    ]
    assert measured_and_held(small, million)[15] == (
        "1.00 × (1,000,000 against 100,000)",
        "yes, and the stretch; not measured: at 10,000,000 observations (`make bench-full`)",
    )
    assert rows[18][0].count("passages") == 2  # beyond a million, none is promised


def test_a_cold_start_is_judged_by_the_slower_of_both() -> None:
    report = make_report()
    starts = {**report.starts[START], SERVICE: [Start(1500.0, 56.0)]}
    both = replace(report, starts={START: starts})
    one = replace(report, starts={START: {n: starts[n] for n in (SERVICE, DATASETTE)}})

    assert measured_and_held(both)[13] == (STARTS.format("1.50", "1.50"), "**no**")
    assert measured_and_held(one)[13] == ("1.50 × (over these observations 1.50 ×)", "**no**")


def test_a_goal_whose_peer_cannot_be_run_says_so() -> None:
    report = make_report(missing={ROAPI: "there is no build of it for this machine"})
    loads = {
        question: {name: some for name, some in systems.items() if name != ROAPI}
        for question, systems in report.loads.items()
    }
    report = replace(report, loads=loads)

    assert measured_and_held(report)[3] == (
        "–",
        "not measured: ROAPI: there is no build of it for this machine",
    )
    assert "\n\nNot measured: ROAPI: there is no build of it for this machine.\n\n" in write_page(
        [report], []
    )


def test_nothing_measured_is_no_goal_held() -> None:
    empty = replace(make_report(), loads={}, exports={}, starts={}, searches={})

    assert {measured for measured, _ in measured_and_held(empty)} == {"–"}


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (0, "0.00"),
        (9.994, "9.99"),
        (9.996, "10.0"),
        (10, "10.0"),
        (99.96, "100"),
        (100, "100"),
        (1234567.8, "1,234,568"),
    ],
)
def test_numbers_have_three_digits_that_count(value: float, printed: str) -> None:
    assert print_number(value) == printed


def test_the_page_begins_with_the_goals() -> None:
    page = write_page([make_report()], [])
    head = "| goal | must | stretch | measured | holds |\n| --- | ---: | ---: | ---: | ---: |\n"

    assert page.startswith("# Performance\n\nWritten whole by `make bench`")
    assert page.split("\n\n")[2].startswith(head)
    assert page.split("\n\n")[2].count("\n") == 1 + len(judge_all([make_report()]))


MISSED_CSV = "filtered CSV of 50k rows, against ROAPI"
MISSED_BYTE = "first byte of exports in indexed order (JSON, CSV, NDJSON) and of ready files"


def told_missed(report: Report, notes: Sequence[Note]) -> str:
    """What the page says between the goals and how they were measured."""
    before, _, after = write_page([report], notes).partition("\n\n## How it was measured\n\n")
    assert "## What was missed" not in after
    return before.partition("\n\n## What was missed or not measured\n\n")[2]


def test_the_page_says_of_what_was_missed_what_was_tried() -> None:
    note = Note(["csv-filter", "cold-start", "first-byte"], "It was tried.\n\nIn vain.")
    of_what_was_met = Note(["hot-row"], "Never printed.")

    assert told_missed(make_report(), [of_what_was_met, note]) == (
        f"**{MISSED_CSV}; {MISSED_BYTE}**\n\nIt was tried.\n\nIn vain."
    )


def test_the_page_says_that_nothing_is_noted_of_what_was_missed() -> None:
    note = Note(["first-byte"], "It was tried.")

    assert told_missed(make_report(), [note]) == (
        f"**{MISSED_BYTE}**\n\nIt was tried.\n\n**{MISSED_CSV}**\n\n{NO_NOTE}"
    )


def test_the_page_says_why_a_size_was_not_measured_where_that_is_noted() -> None:
    report = replace(make_report(), exports={})
    of_what_was_met = Note(["search", "flat-report"], "Never printed.")

    assert told_missed(report, [of_what_was_met, Note(["at-10m"], "There is no room.")]) == (
        "**at 10,000,000 observations**\n\nThere is no room."
    )


def test_where_no_goal_was_missed_the_page_has_no_place_for_it() -> None:
    report = replace(make_report(), exports={})

    assert told_missed(report, [Note(["first-byte"], "It was tried.")]) == ""


def test_notes_stand_under_the_keys_of_their_goals() -> None:
    text = "# Notes\n\nOf what.\n\n## one, other\n\nA.\n\n### B\n\nC.\n\n## third\n\nD.\n"

    assert read_notes(text) == [
        Note(["one", "other"], "A.\n\n### B\n\nC."),
        Note(["third"], "D."),
    ]


def test_each_note_is_of_goals_that_have_no_other() -> None:
    notes = read_notes(NOTES.read_text(encoding="utf-8"))
    named, keys = [key for note in notes for key in note.keys], [goal.key for goal in GOALS]

    assert len(set(keys)) == len(keys)
    assert len(set(named)) == len(named) > 0
    assert set(named) <= {*keys, "at-10m"}
    assert all(note.text for note in notes)


def test_the_page_shows_medians_side_by_side_with_their_ratio() -> None:
    loads = {
        SERVICE: [load(90), load(100), load(300)],
        READY: [load(200)] * 3,
        DATASETTE: [load(20), load(20), load(0)],
        ROAPI: [load(0)],
    }
    exports = {SERVICE: [export(300), export(100)], SQLITE: [export(400, growth_mb=None)]}
    report = replace(
        make_report(), loads={ONE_ROW: loads}, exports={"all rows": exports}, starts={}, searches={}
    )
    page = write_page([report], [])

    assert "\n\n## 100,000 observations\n\n|  |  |\n| --- | ---: |\n| cores | 2 |\n\n" in page
    assert (
        "### Requests per second\n\n|  | this service | raw uvicorn | Datasette | ROAPI |\n"
        "| --- | ---: | ---: | ---: | ---: |\n"
        "| one row | 100 | 200 (0.50) | 20.0 (5.00) | 0.00 |\n"
    ) in page
    assert (
        "### Exports: rows per second\n\n|  | this service | sqlite3 |\n| --- | ---: | ---: |\n"
        "| all rows | 200 | 400 (0.50) |\n"
    ) in page
    assert page.endswith(
        "(RssAnon)\n\n|  | this service | sqlite3 |\n| --- | ---: | ---: |\n"
        "| all rows | 7.00 | – |\n"
    )


def test_the_page_tells_which_words_take_longest() -> None:
    assert write_page([make_report()], []).endswith(
        "|  | this service |\n| --- | ---: |\n| the fastest | 0.60 (法律) |\n"
        "| the median | 0.80 (调解) |\n| the slowest | 1.50 (援助) |\n"
    )

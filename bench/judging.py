"""The table of the goals: what is asked for, what was measured, and whether it holds."""

import operator
from collections.abc import Iterator, Sequence

from bench.findings import LARGE, Found, Reports
from bench.goals import GOALS, Goal
from bench.notes import Note
from bench.report import print_number

SIZES_NOTED = {LARGE: ("at-10m", f"at {LARGE:,} observations")}
"""The sizes of which a note may say why they were not measured: its key, and what is told."""
NO_NOTE = "No note says what was tried."
HEADER = ("goal", "must", "stretch", "measured", "holds")


def judge_all(reports: Reports) -> Sequence[Sequence[str]]:
    """The rows of the table, one for each goal."""
    return [_judge(goal, reports) for goal in GOALS]


def tell_missed(reports: Reports, notes: Sequence[Note]) -> Iterator[str]:
    """What is to be said of the goals that were missed, and of a size that was not measured."""
    missed = {goal.key: goal.title for goal in GOALS if _is_missed(goal, reports)}
    known = {report.observations for report in reports}
    left = {key: title for size, (key, title) in SIZES_NOTED.items() if size not in known}
    told = {**missed, **left}
    for note in notes:
        titles = [told.pop(key) for key in note.keys if key in told]
        if titles:
            yield f"**{'; '.join(titles)}**"
            yield note.text
    for title in (title for key, title in told.items() if key in missed):
        yield f"**{title}**"
        yield NO_NOTE


def _is_missed(goal: Goal, reports: Reports) -> bool:
    return not all(goal.meets(one.value, goal.must) for one in goal.find(reports))


def _judge(goal: Goal, reports: Reports) -> Sequence[str]:
    found = list(goal.find(reports))
    sign = "≥" if goal.meets is operator.ge else "≤"
    asked = [f"{sign} {limit:g}{goal.unit}" for limit in (goal.must, goal.stretch)]
    if not found:
        return goal.title, *asked, "–", f"not measured: {_explain(goal, reports)}"
    measured = "; ".join(_print_found(one, goal, many=len(reports) > 1) for one in found)
    return goal.title, *asked, measured, _hold(goal, found, reports)


def _hold(goal: Goal, found: Sequence[Found], reports: Reports) -> str:
    def hold_all(limit: float) -> bool:
        return all(goal.meets(one.value, limit) for one in found)

    kept = "yes, and the stretch" if hold_all(goal.stretch) else "yes"
    answer = kept if hold_all(goal.must) else "**no**"
    left = _sizes_left(goal, reports)
    return f"{answer}; not measured: {left}" if left else answer


def _explain(goal: Goal, reports: Reports) -> str:
    for name in goal.needs:
        for report in reports:
            if name in report.missing:
                return f"{name}: {report.missing[name]}"
    return _sizes_left(goal, reports) or "it was left out"


def _sizes_left(goal: Goal, reports: Reports) -> str:
    known = {report.observations for report in reports}
    left = [f"{size:,}" for size in goal.sizes if size not in known]
    return f"at {' / '.join(left)} observations (`make bench-full`)" if left else ""


def _print_found(found: Found, goal: Goal, *, many: bool) -> str:
    size = f"{found.size:,}: " if many and found.size is not None else ""
    note = f" ({found.note})" if found.note else ""
    return f"{size}{print_number(found.value)}{goal.unit}{note}"

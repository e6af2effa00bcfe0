"""The proof of what rows say of each other: ids, order, totals, twins, repeats."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from opendata_api.seed.cells import NUMBER
from opendata_api.seed.codebook import Codebook
from opendata_api.seed.faults import Line
from opendata_api.seed.model import ProvenFigure
from opendata_api.words import Text

OBSERVATION_ID = re.compile(r"o[0-9]{3}")


def read_dimensions(line: Line) -> dict[str, str]:
    """The dimensions of a row: `name=value;name=value`."""
    pairs = (entry.partition("=") for entry in line.many("dimensions"))
    return {name: value for name, _, value in pairs}


def check_order(lines: Sequence[Line], figures: Sequence[ProvenFigure]) -> None:
    """Note ids that repeat, or that do not follow the text.

    A row added later takes the next free id, stands last and says so in its note.
    """
    last = ""
    for line in lines:
        if not OBSERVATION_ID.fullmatch(line["id"]) or line["id"] <= last:
            expected = Text("不重复的编号，如 o042，依次递增", "an id such as o042, once, rising")
            line.fault("id", expected, line["id"])
        last = max(last, line["id"])
    furthest = 0
    for one in figures:
        if one.value.start < furthest and one.line.optional("note_zh") is None:
            expected = Text("编号依原文次序；后来补的行要有说明", "ids in the order of the text")
            one.line.fault("id", expected, one.line["id"])
        furthest = max(furthest, one.value.start)


def check_links(lines: Sequence[Line], book: Codebook) -> None:
    """Note totals and twins that are not there, or can't be what the row says."""
    by_id = {line["id"]: line for line in lines}
    for line in lines:
        _check_total(line, by_id, book)
        for other in line.many("same_as"):
            twin = by_id.get(other)
            if twin is None or other == line["id"]:
                line.fault("same_as", Text("另一行的编号", "the id of another row"), other)
            elif line["id"] not in twin.many("same_as"):
                line.fault("same_as", Text(f"{other} 也指回本行", f"{other} to point back"), other)
            elif twin["value"] != line["value"]:
                line.fault("same_as", Text("数值相同的行", "a row of the same value"), other)


def check_repeats(lines: Sequence[Line]) -> None:
    """Note a row that says what another says already."""
    columns = ("metric", "basis", "role", "period_start", "period_end")
    seen: dict[tuple[object, ...], Line] = {}
    for line in lines:
        dimensions = frozenset(read_dimensions(line).items())
        key = (*(line[column] for column in columns), dimensions)
        if key in seen:
            expected = Text(
                "不与另一行说同一件事（指标、维度、口径、性质、时期都相同）",
                "another metric, dimension, basis, role or period than another row",
            )
            line.fault("metric", expected, f"= {seen[key]['id']}")
        seen.setdefault(key, line)


def _check_total(line: Line, by_id: Mapping[str, Line], book: Codebook) -> None:
    name = line.optional("part_of")
    if name is None:
        return
    total = by_id.get(name)
    if total is None or name == line["id"]:
        line.fault("part_of", Text("另一行的编号", "the id of another row"), name)
    elif book.unit_id(total["metric"]) != book.unit_id(line["metric"]):
        expected = Text("同一单位的行", "a row of the same unit")
        line.fault("part_of", expected, f"{name}: {total['metric']}")
    elif _is_less(total, line) or total["part_of"] == line["id"]:
        expected = Text("不小于本行的总数", "a total that is not less than this row")
        line.fault("part_of", expected, f"{name} = {total['value']}")


def _is_less(one: Line, other: Line) -> bool:
    values = one["value"], other["value"]
    if not all(NUMBER.fullmatch(value) for value in values):
        return False
    return Decimal(values[0]) < Decimal(values[1])

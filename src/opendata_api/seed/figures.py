"""The proof of the observations: each figure stands where it says and says what it says."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from opendata_api.datasets import FIXED_CODES
from opendata_api.seed.codebook import Codebook
from opendata_api.seed.faults import Line, codes_text, read_date
from opendata_api.seed.model import DocumentText, ProvenFigure
from opendata_api.seed.quotes import locate_marked
from opendata_api.text import Figure, Span, read_figure
from opendata_api.words import Text

CODE_COLUMNS = {
    "qualifier": "qualifiers",
    "role": "roles",
    "period_kind": "period_kinds",
    "status": "statuses",
}
TARGET = re.compile(r"[^，。；]{0,3}目标")
"""What follows a target's figure."""

OBSERVATION_ID = re.compile(r"o[0-9]{3}")
NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def prove_figures(
    lines: Sequence[Line], document: DocumentText, book: Codebook
) -> list[ProvenFigure]:
    """The observations that could be proved; what is wrong with others is noted."""
    figures = []
    for line in lines:
        _check_codes(line, book)
        _check_period(line)
        _check_dimensions(line, book)
        proven = _prove(line, document, book)
        if proven is not None:
            figures.append(proven)
    by_id = {line["id"]: line for line in lines}
    _check_ids(lines)
    _check_links(lines, by_id)
    _check_repeats(lines)
    return figures


def _prove(line: Line, document: DocumentText, book: Codebook) -> ProvenFigure | None:
    located = locate_marked(line, document.text)
    if located is None:
        return None
    quote, value = located
    if "\n" in quote.of(document.text):
        line.fault("quote", Text("不跨段", "a quote within one paragraph"), "换行 / newline")
    if any(mask.overlaps(quote) for mask in document.masks):
        line.fault("quote", Text("不含遮盖的姓名", "no masked name"), f"@ {quote.start}")
    words = value.of(document.text)
    figure = read_figure(words)
    if figure is None:
        line.fault("quote", Text("【】内为数字", "a figure in 【】"), words)
        return None
    _check_value(line, figure, words)
    _check_role(line, document.text, value)
    if line["metric"] in book.metrics:
        _check_unit(line, figure, book)
    return ProvenFigure(line, quote, value, figure)


def _check_value(line: Line, figure: Figure, words: str) -> None:
    given = Decimal(line["value"]) if NUMBER.fullmatch(line["value"]) else None
    if given != figure.value:
        expected = Text(f"{figure.value:f}（据“{words}”）", f"{figure.value:f}, from {words}")
        line.fault("value", expected, line["value"] or "空 / empty")
    if line["qualifier"] != figure.qualifier:
        expected = Text(f"{figure.qualifier}（据“{words}”）", f"{figure.qualifier}, from {words}")
        line.fault("qualifier", expected, line["qualifier"])


def _check_role(line: Line, text: str, value: Span) -> None:
    is_target = TARGET.match(text, value.end) is not None
    if (line["role"] == "target") != is_target:
        role = "target" if is_target else "actual"
        line.fault("role", Text(f"{role}（据原文）", f"{role}, from the text"), line["role"])


def _check_unit(line: Line, figure: Figure, book: Codebook) -> None:
    metric = book.metrics[line["metric"]]
    unit = book.units.get(metric["unit"])
    if unit is None:
        return
    counters = unit.many("counters")
    if figure.counter is not None and figure.counter not in counters:
        expected = Text(
            f"指标 {metric['id']} 的单位 {unit['id']} 的量词 {' '.join(counters)}",
            f"a counter of {unit['id']}, the unit of {metric['id']}: {' '.join(counters)}",
        )
        line.fault("metric", expected, figure.counter)
    is_change = metric["kind"] == "change"
    if is_change != figure.is_change and figure.value != 0:
        expected = Text("增减幅度的指标须有下降、增长等字", "a change metric for words of change")
        line.fault("metric", expected, metric["id"])


def _check_codes(line: Line, book: Codebook) -> None:
    line.one_of("metric", list(book.metrics))
    line.one_of("basis", list(book.bases))
    for column, codes in CODE_COLUMNS.items():
        line.one_of(column, [code.value for code in FIXED_CODES[codes]])
    for one, other in (("note_zh", "note_en"), ("caution_zh", "caution_en")):
        if (line.optional(one) is None) != (line.optional(other) is None):
            line.fault(one, Text("中英文都有或都没有", "both languages or neither"), line[one])
    if line.optional("caution_zh") and book.service_of(line["metric"]) is None:
        expected = Text("只有公共服务的行有提示", "a caution only on a service's row")
        line.fault("caution_zh", expected, line["metric"])
    if line["status"] == "ambiguous":
        line.need("note_zh")


def _check_period(line: Line) -> None:
    sources = [code.value for code in FIXED_CODES["period_sources"]]
    is_unknown = line["period_kind"] == "unknown"
    if is_unknown:
        for column in ("period_start", "period_end", "period_source"):
            if line.optional(column):
                line.fault(column, Text("空（时期未说明）", "empty: no period"), line[column])
        return
    line.one_of("period_source", sources)
    start, end = read_date(line, "period_start"), read_date(line, "period_end")
    if line["period_kind"] == "flow":
        line.need("period_start", "period_end")
    if start and end and start > end:
        line.fault("period_end", Text("不早于起日", "not before its start"), line["period_end"])


def read_dimensions(line: Line) -> dict[str, str]:
    """The dimensions of a row: `name=value;name=value`."""
    pairs = (entry.partition("=") for entry in line.many("dimensions"))
    return {name: value for name, _, value in pairs}


def _check_dimensions(line: Line, book: Codebook) -> None:
    dimensions = read_dimensions(line)
    if len(dimensions) < len(line.many("dimensions")):
        expected = Text("一个维度一个取值", "each dimension once")
        line.fault("dimensions", expected, line["dimensions"])
    for name, value in dimensions.items():
        if name not in book.dimensions:
            line.fault("dimensions", codes_text(list(book.dimensions)), name)
        elif value not in book.dimension_values.get(name, {}):
            line.fault("dimensions", codes_text(list(book.dimension_values[name])), value)


def _check_ids(lines: Sequence[Line]) -> None:
    seen: set[str] = set()
    for line in lines:
        if not OBSERVATION_ID.fullmatch(line["id"]) or line["id"] in seen:
            line.fault("id", Text("不重复的编号，如 o042", "an id such as o042, once"), line["id"])
        seen.add(line["id"])


def _check_links(lines: Sequence[Line], by_id: Mapping[str, Line]) -> None:
    for line in lines:
        total = line.optional("part_of")
        if total is not None and (total not in by_id or total == line["id"]):
            line.fault("part_of", Text("另一行的编号", "the id of another row"), total)
        for other in line.many("same_as"):
            twin = by_id.get(other)
            if twin is None or other == line["id"]:
                line.fault("same_as", Text("另一行的编号", "the id of another row"), other)
            elif line["id"] not in twin.many("same_as"):
                line.fault("same_as", Text(f"{other} 也指回本行", f"{other} to point back"), other)
            elif twin["value"] != line["value"]:
                line.fault("same_as", Text("数值相同的行", "a row of the same value"), other)


def _check_repeats(lines: Sequence[Line]) -> None:
    columns = ("metric", "dimensions", "basis", "role", "period_start", "period_end")
    seen: dict[tuple[str, ...], Line] = {}
    for line in lines:
        key = tuple(line[column] for column in columns)
        if key in seen:
            expected = Text(
                "不与另一行说同一件事（指标、维度、口径、性质、时期都相同）",
                "another metric, dimension, basis, role or period than another row",
            )
            line.fault("metric", expected, f"= {seen[key]['id']}")
        seen.setdefault(key, line)

"""The proof of the observations: each figure stands where it says and says what it says."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal

from opendata_api.datasets import FIXED_CODES
from opendata_api.seed.cells import NUMBER, check_decimal, read_date
from opendata_api.seed.codebook import Codebook
from opendata_api.seed.edges import check_counter, check_edges
from opendata_api.seed.faults import Line, codes_text
from opendata_api.seed.links import check_links, check_order, check_repeats, read_dimensions
from opendata_api.seed.model import DocumentText, ProvenFigure
from opendata_api.seed.quotes import find_document, locate_marked
from opendata_api.text import Figure, Span, read_figure
from opendata_api.words import Text

NOTICE = "correction_notice"
CORRECTED = "corrected"
CODE_COLUMNS = {
    "qualifier": "qualifiers",
    "role": "roles",
    "period_kind": "period_kinds",
    "status": "statuses",
}
TARGET = re.compile(r"[^，。；]{0,3}目标")
"""What follows a target's figure."""


def prove_figures(
    lines: Sequence[Line], documents: Mapping[str, DocumentText], book: Codebook
) -> list[ProvenFigure]:
    """The observations that could be proved; what is wrong with others is noted."""
    figures = []
    for line in lines:
        _check_codes(line, book)
        _check_period(line)
        _check_dimensions(line, book)
        document = find_document(line, documents)
        proven = None if document is None else _prove(line, document, book)
        if proven is not None:
            figures.append(proven)
            _check_corrected(line, proven.document)
    report = next(iter(documents.values()))
    check_order(lines, [one for one in figures if one.document is report])
    check_links(lines, book)
    check_repeats(lines)
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
    check_edges(line, document.text, quote, value)
    _check_value(line, figure, words)
    _check_role(line, document.text, value)
    if line["metric"] in book.metrics:
        _check_unit(line, figure, book)
        check_counter(line, document.text, value, book)
    return ProvenFigure(line, document, quote, value, figure)


def _check_corrected(line: Line, document: DocumentText) -> None:
    """A figure is corrected if and only if a notice of correction states it."""
    is_notice = document.kind == NOTICE
    if is_notice != (line["status"] == CORRECTED):
        expected = Text("引自更正公告的为 corrected，其余不是", "corrected: quoted from a notice")
        line.fault("status", expected, line["status"])


def _check_value(line: Line, figure: Figure, words: str) -> None:
    given = Decimal(line["value"]) if NUMBER.fullmatch(line["value"]) else None
    if given != figure.value:
        expected = Text(f"{figure.value:f}（据“{words}”）", f"{figure.value:f}, from {words}")
        line.fault("value", expected, line["value"] or "空 / empty")
    else:
        check_decimal(line, "value")
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
    is_bare = figure.counter is None and figure.qualifier == "zero_by_negation"
    if counters and figure.counter not in counters and not is_bare:
        expected = Text(
            f"指标 {metric['id']} 的单位 {unit['id']} 的量词 {' '.join(counters)}",
            f"a counter of {unit['id']}, the unit of {metric['id']}: {' '.join(counters)}",
        )
        line.fault("metric", expected, figure.counter or "空 / empty")
    is_change = metric["kind"] == "change"
    if is_change != figure.is_change and figure.value != 0:
        expected = Text("增减幅度的指标须有下降、增长等字", "a change metric for words of change")
        line.fault("metric", expected, metric["id"])


def _check_codes(line: Line, book: Codebook) -> None:
    line.one_of("metric", list(book.metrics))
    line.one_of("basis", list(book.bases))
    for column, codes in CODE_COLUMNS.items():
        line.one_of(column, [code.value for code in FIXED_CODES[codes]])
    line.both_languages("note", "caution")
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


def _check_dimensions(line: Line, book: Codebook) -> None:
    dimensions = read_dimensions(line)
    order = [name for name in book.dimensions if name in dimensions]
    if order != [name for name in dimensions if name in book.dimensions]:
        expected = Text(f"次序：{' '.join(order)}", f"the order {' '.join(order)}")
        line.fault("dimensions", expected, line["dimensions"])
    if len(dimensions) < len(line.many("dimensions")):
        expected = Text("一个维度一个取值", "each dimension once")
        line.fault("dimensions", expected, line["dimensions"])
    for name, value in dimensions.items():
        if name not in book.dimensions:
            line.fault("dimensions", codes_text(list(book.dimensions)), name)
        elif value not in book.dimension_values.get(name, {}):
            known = list(book.dimension_values.get(name, {}))
            line.fault("dimensions", codes_text(known), value or "空 / empty")

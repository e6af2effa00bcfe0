"""What is more than a format can hold: refused, with the address of the CSV, which holds all."""

from collections.abc import Mapping
from dataclasses import replace

from opendata_api.errors import Fault, TooLargeForFormat
from opendata_api.formats import CSV, JSONSTAT, XLSX
from opendata_api.web.asked import Asked
from opendata_api.words import Text


def check_rows(asked: Asked, count: int) -> None:
    """Raise TooLargeForFormat for more rows than the format takes."""
    format_ = asked.form.format
    most = format_.rows_max
    if most is not None and count > most:
        message = _MANY_ROWS.format(file=_FILES[format_.key], most=most)
        query = replace(asked.query, limit=most)
        lang = () if query.lang is None else (("lang", query.lang),)
        correction = (*query.canonical, *lang)
        raise TooLargeForFormat(_fault(asked, message, "limit"), correction=correction)


def does_not_fit(asked: Asked, message: Text) -> TooLargeForFormat:
    """The refusal of what fewer rows need not make right."""
    refusal = TooLargeForFormat(_fault(asked, message))
    refusal.elsewhere = asked.file(CSV).href
    return refusal


def _fault(asked: Asked, message: Text, parameter: str | None = None) -> Fault:
    csv = asked.file(CSV).href
    return Fault(Text(f"{message.zh}{csv}", f"{message.en}{csv}"), parameter)


LONG_TEXT = Text(
    "有的文字超出单元格的容量；全文见 CSV：",
    "a text is too long for a cell; the CSV has it whole: ",
)
MANY_CELLS = Text(
    "JSON-stat 数据立方体最多 {most} 格（各维度类目数之积）；"
    "请按指标（metric）、地区（area_code）或年份（year）筛选，全部数据见 CSV：",
    "a JSON-stat cube has at most {most} cells, the product of its dimensions: filter by metric, "
    "area_code or year; the CSV has all rows: ",
)
_MANY_ROWS = Text(
    "{file.zh}最多 {most} 行；全部数据见 CSV：",
    "{file.en} has at most {most} rows; the CSV has all of them: ",
)
_FILES: Mapping[str, Text] = {
    XLSX.key: Text("Excel 工作簿", "a workbook"),
    JSONSTAT.key: Text("JSON-stat 数据立方体", "a JSON-stat cube"),
}
"""The formats that have a limit."""

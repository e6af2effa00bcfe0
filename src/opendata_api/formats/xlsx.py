"""Rows as an Excel workbook: the data as typed cells, their dictionary, where they come from.

Rows go to a temporary file as they come, so that memory does not grow with them.
"""

import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from tempfile import TemporaryDirectory
from typing import IO, Any

from xlsxwriter import Workbook

from opendata_api.describe import Field, Type
from opendata_api.formats.cells import print_cell
from opendata_api.formats.imprint import Imprint
from opendata_api.formats.sheet import (
    FORMULA_STARTS,
    LAST_COLUMNS,
    NUMBERS,
    YES_NO,
    Sheet,
    TooLongForCell,
)
from opendata_api.values import Row, Stored
from opendata_api.words import Lang, Text

DIGITS_MAX = 15
"""Excel keeps no more significant digits of a number."""
TEXT_MAX = 32_767
"""A cell has no room for more UTF-16 units."""
FIRST_DATE = "1900-03-01"
"""Excel believes that there was a 29 February in 1900."""

SHEET_NAMES = (Text("数据", "Data"), Text("字段", "Fields"), Text("说明", "About"))
FIELD_TITLES = (
    Text("列", "Column"),
    Text("字段", "Field"),
    Text("类型", "Type"),
    Text("可为空", "May be empty"),
    Text("释义", "Description"),
    Text("代码", "Code"),
    Text("代码含义", "Meaning of the code"),
)
MEASURED_ROWS = 100
"""So many rows decide how wide the columns are."""
NARROWEST, WIDEST, NUMBER_WIDTH = 8, 60, 18

Add = Callable[[Sequence[Row]], None]
Formats = Mapping[str, Any]


@contextmanager
def writing(file: IO[bytes], sheet: Sheet) -> Iterator[Add]:
    """What takes the rows, with all their fields; at the end the workbook is in the file.

    Raises TooLongForCell.
    """
    with TemporaryDirectory() as folder:
        book = Workbook(file, {"constant_memory": True, "tmpdir": folder})
        try:
            table = _Table(book, sheet)
            yield table.add
            table.finish()
            _write_fields(book, sheet)
            _write_about(book, sheet, table.count)
            _set_properties(book, sheet)
            book.close()
        finally:
            for one in book.worksheets():
                one.row_data_fh.close()


class _Table:
    """The sheet of the data."""

    def __init__(self, book: Workbook, sheet: Sheet) -> None:
        self.sheet = sheet
        self.count = 0
        self._styles = _styles(book)
        self._page = book.add_worksheet(SHEET_NAMES[0].in_language(sheet.lang))
        self._widths = [_width(title) for title in sheet.titles]
        for column, title in enumerate(sheet.titles):
            self._page.write_string(0, column, title, self._styles["head"])

    def add(self, rows: Sequence[Row]) -> None:
        """Write the rows."""
        for row in rows:
            self.count += 1
            values = self.sheet.values(row)
            for column, (field, value) in enumerate(zip(self.sheet.fields, values, strict=True)):
                if value is not None:
                    self._write(column, field, value)
            permalink, licence, release = self.sheet.origin(row)
            self._write_text(len(values), permalink)
            self._write_text(len(values) + 1, licence)
            self._write_number(len(values) + 2, str(release))

    def finish(self) -> None:
        """Freeze the header, add the filter, set the widths."""
        last = len(self._widths) - 1
        self._page.freeze_panes(1, 0)
        self._page.autofilter(0, 0, self.count, last)
        self._page.ignore_errors({"number_stored_as_text": f"A1:XFD{self.count + 1}"})
        for column, width in enumerate(self._widths):
            self._page.set_column(column, column, min(width, WIDEST))

    def _write(self, column: int, field: Field, value: Stored) -> None:
        if field.type in NUMBERS:
            self._write_number(column, print_cell(field, value))
        elif field.type is Type.DATE and str(value) >= FIRST_DATE:
            day = date.fromisoformat(str(value))
            self._page.write_datetime(self.count, column, day, self._styles["date"])
            self._measure(column, str(value))
        else:
            self._write_text(column, self.sheet.text(field, value))

    def _write_number(self, column: int, printed: str) -> None:
        """The number itself where a cell holds it exactly, else its digits as text."""
        self._widths[column] = max(self._widths[column], NUMBER_WIDTH)
        number = float(printed)
        if not _is_exact(printed, number):
            self._write_text(column, printed)
            return
        style = self._styles["whole" if number.is_integer() else "fraction"]
        self._page.write_number(self.count, column, number, style)

    def _write_text(self, column: int, text: str) -> None:
        """The text, never a formula, also when somebody edits the cell."""
        if len(text) > TEXT_MAX // 2 and len(text.encode("utf-16-le")) // 2 > TEXT_MAX:
            raise TooLongForCell
        if not text:
            return
        style = self._styles["guarded"] if text.startswith(FORMULA_STARTS) else None
        self._page.write_string(self.count, column, text, style)
        self._measure(column, text)

    def _measure(self, column: int, text: str) -> None:
        if self.count <= MEASURED_ROWS:
            self._widths[column] = max(self._widths[column], _width(text))


def _styles(book: Workbook) -> Formats:
    return {
        "head": book.add_format({"bold": True, "bottom": 1}),
        "whole": book.add_format({"num_format": "0"}),
        "fraction": book.add_format({"num_format": "0.0#####"}),
        "date": book.add_format({"num_format": "yyyy-mm-dd"}),
        "guarded": book.add_format({"quote_prefix": True}),
    }


def _is_exact(printed: str, number: float) -> bool:
    """Whether what reads the cell gets the number back that was printed.

    The workbook has 16 digits of it (-94.1 is -94.09999999999999 there), which must lead to the
    same binary number; that one shows 15 digits truly.
    """
    digits = len(printed.lstrip("-").replace(".", "").strip("0"))
    return digits <= DIGITS_MAX and float(f"{number:.16G}") == number


def _width(text: str) -> int:
    """How many digits wide a text is; Chinese characters are twice as wide."""
    wide = sum(unicodedata.east_asian_width(one) in "WF" for one in text)
    return max(len(text) + wide + 2, NARROWEST)


def _write_fields(book: Workbook, sheet: Sheet) -> None:
    """The dictionary: each column of the data, each code below its field."""
    lang = sheet.lang
    lines = [[title.in_language(lang) for title in FIELD_TITLES]]
    for title, field in zip(sheet.titles, sheet.fields, strict=False):
        about = field.about
        lines.append(
            [
                title,
                field.name,
                field.type.value,
                YES_NO[field.nullable].in_language(lang),
                about.description.in_language(lang),
                "",
                "",
            ]
        )
        lines.extend(
            [title, field.name, "", "", "", code.value, code.label.in_language(lang)]
            for code in sheet.imprint.codes(sheet.imprint.subject.field[field.name])
        )
    _write_lines(book, SHEET_NAMES[1].in_language(lang), lines, (20, 20, 12, 12, 60, 30, 40))


def _write_about(book: Workbook, sheet: Sheet, count: int) -> None:
    lines = [[label.in_language(sheet.lang), text] for label, text in _about(sheet, count)]
    _write_lines(book, SHEET_NAMES[2].in_language(sheet.lang), lines, (20, 100))


def _write_lines(
    book: Workbook, name: str, lines: Sequence[Sequence[str]], widths: Sequence[int]
) -> None:
    page = book.add_worksheet(name)
    page.freeze_panes(1, 0)
    page.ignore_errors({"number_stored_as_text": f"A1:XFD{len(lines)}"})
    for column, width in enumerate(widths):
        page.set_column(column, column, width)
    in_lines = book.add_format({"text_wrap": True})
    for place, line in enumerate(lines):
        for column, text in enumerate(line):
            if text:
                page.write_string(place, column, text, in_lines if "\n" in text else None)


def _about(sheet: Sheet, count: int) -> Sequence[tuple[Text, str]]:
    imprint, lang = sheet.imprint, sheet.lang
    return [
        (Text("数据集", "Dataset"), imprint.subject.title.in_language(lang)),
        (Text("说明", "Description"), imprint.subject.description.in_language(lang)),
        (Text("行数", "Rows"), str(count)),
        (Text("来源", "Source"), _source(imprint, lang)),
        (LAST_COLUMNS[2], str(imprint.release)),
        (Text("发布时间", "Published at"), imprint.published_at),
        (LAST_COLUMNS[1], imprint.rights.told(lang)),
        (Text("署名", "Attribution"), imprint.rights.attribution),
        (Text("引用格式", "Citation"), imprint.citation.in_language(lang)),
        (Text("查询地址", "Address of the query"), imprint.address),
        (Text("数据字典", "Dictionary"), imprint.dictionary),
        (Text("数字", "Numbers"), _ON_NUMBERS.in_language(lang)),
    ]


def _source(imprint: Imprint, lang: Lang) -> str:
    return _ON_SOURCES.format(
        sources=imprint.sources, service=imprint.service.in_language(lang)
    ).in_language(lang)


def _set_properties(book: Workbook, sheet: Sheet) -> None:
    """The time of the release, so that equal data are equal bytes."""
    imprint = sheet.imprint
    book.set_properties(
        {
            "title": imprint.subject.title.in_language(sheet.lang),
            "author": imprint.service.in_language(sheet.lang),
            "comments": imprint.address,
            "created": imprint.moment.replace(tzinfo=None),
        }
    )


_ON_SOURCES = Text(
    "所引政府报告见 {sources}；由“{service}”整理，并非政府发布。",
    "The government reports listed at {sources}, compiled by {service}, not by a government.",
)
_ON_NUMBERS = Text(
    "超过15位有效数字的数值以文本保存，以免被表格软件四舍五入。",
    "Numbers of more than 15 significant digits are texts, so that no program rounds them.",
)

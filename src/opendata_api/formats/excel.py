"""CSV for spreadsheets: labels instead of codes, headers people read, formulas guarded."""

from opendata_api.describe import Field
from opendata_api.formats.cells import print_cell, write_line
from opendata_api.formats.sheet import FORMULA_STARTS, NUMBERS, Sheet
from opendata_api.values import Row, Stored

BOM = "\ufeff"


def header_line(sheet: Sheet) -> str:
    """The byte order mark, by which Excel knows UTF-8, and the titles."""
    return BOM + write_line(sheet.titles)


def encode_line(sheet: Sheet, row: Row) -> str:
    """One record as a line; `row` has all fields of the dataset in order."""
    values = zip(sheet.fields, sheet.values(row), strict=True)
    cells = [_cell(sheet, field, value) for field, value in values]
    permalink, licence, release = sheet.origin(row)
    return write_line([*cells, permalink, licence, str(release)])


def guard(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _cell(sheet: Sheet, field: Field, value: Stored) -> str:
    if value is None:
        return ""
    if field.type in NUMBERS:
        return print_cell(field, value)
    return guard(sheet.text(field, value))

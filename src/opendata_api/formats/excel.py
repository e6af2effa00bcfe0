"""CSV for spreadsheets: labels instead of codes, headers people read, formulas guarded."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from opendata_api.describe import Column, Dataset, Field, Type
from opendata_api.formats.cells import LIST_SEPARATOR, PAIR_SEPARATOR, print_cell, write_line
from opendata_api.values import Row, Stored
from opendata_api.words import Lang, Text

BOM = "\ufeff"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A text that begins so would be run by a spreadsheet; the full-width forms too."""

Labels = Mapping[str, Mapping[str, Text]]
"""Code list → code → label. The list of a dimension's values is `dimensions.{name}`."""

LAST_COLUMNS = (
    Text("永久链接", "Permanent link"),
    Text("许可", "Licence"),
    Text("版本", "Release"),
)
YES_NO = (Text("否", "no"), Text("是", "yes"))
YEAR = Text("{year}年", "{year}")
AND = Text("、", ", ")
FIGURES_SEPARATOR = "; "
NUMBERS = (Type.DECIMAL, Type.INTEGER)


@dataclass(frozen=True, slots=True)
class Sheet:
    """What a sheet is made of beside its rows."""

    dataset: Dataset
    fields: Sequence[Field]
    """The fields asked for; a column is shown when its field was."""
    lang: Lang
    labels: Labels
    release: int
    licence: str
    """Of the rows; empty where it is not ours to give."""
    permalink: Callable[[str], str]
    """The permanent address of the record with that id."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns shown: the dataset's sheet, or the fields asked for, in their order."""
        if tuple(self.fields) == self.dataset.fields:
            return self.dataset.columns
        return tuple(dict.fromkeys(self._column(field) for field in self.fields))

    def _column(self, field: Field) -> Column:
        """The column that shows a field; one of its own where the sheet has none."""
        for column in self.dataset.columns:
            if field.name in (column.field, column.source("zh"), column.source("en")):
                return column
        return Column(field.name, field.about.title)


def header_line(sheet: Sheet) -> str:
    """The byte order mark, by which Excel knows UTF-8, and the titles."""
    titles = [*(column.title for column in sheet.columns), *LAST_COLUMNS]
    return BOM + write_line([title.in_language(sheet.lang) for title in titles])


def encode_line(sheet: Sheet, row: Row) -> str:
    """One record as a line; `row` has all fields of the dataset in order."""
    values = dict(zip(sheet.dataset.field_names, row, strict=True))
    cells = [_cell(sheet, column, values) for column in sheet.columns]
    permalink = sheet.permalink(str(values["id"]))
    return write_line([*cells, permalink, sheet.licence, str(sheet.release)])


def guard(text: str) -> str:
    """The text with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def _cell(sheet: Sheet, column: Column, values: Mapping[str, Stored]) -> str:
    field = sheet.dataset.field[column.source(sheet.lang)]
    value = values[field.name]
    if value is None:
        return ""
    if field.type in NUMBERS:
        return print_cell(field, value)
    return guard(_text(sheet, field, value))


def _text(sheet: Sheet, field: Field, value: Stored) -> str:
    if field.type is Type.BOOLEAN:
        return YES_NO[value == 1].in_language(sheet.lang)
    if field.type is Type.DIMENSIONS:
        return _dimensions_text(sheet, str(value))
    if field.type is Type.FIGURES:
        figures = orjson.loads(str(value))
        return FIGURES_SEPARATOR.join(_figure_text(sheet, figure) for figure in figures)
    if field.about.codes is None:
        return print_cell(field, value)
    codes = orjson.loads(str(value)) if field.type is Type.LIST else [str(value)]
    return LIST_SEPARATOR.join(_label(sheet, field.about.codes, code) for code in codes)


def _dimensions_text(sheet: Sheet, value: str) -> str:
    return LIST_SEPARATOR.join(
        _label(sheet, "dimensions", name)
        + PAIR_SEPARATOR
        + _label(sheet, f"dimensions.{name}", code)
        for name, code in orjson.loads(value).items()
    )


def _figure_text(sheet: Sheet, figure: Mapping[str, Any]) -> str:
    """The figure as printed, after as many words as tell it from its neighbours."""
    dimensions = figure.get("dimensions", {})  # the first releases had none
    groups = [_label(sheet, f"dimensions.{name}", code) for name, code in dimensions.items()]
    words = [
        YEAR.format(year=figure["year"]).in_language(sheet.lang),
        _label(sheet, "areas", figure["area_code"]),
        AND.in_language(sheet.lang).join(groups),
        figure["value_text"],
    ]
    return " ".join(filter(None, words))


def _label(sheet: Sheet, codes: str, code: str) -> str:
    label = sheet.labels.get(codes, {}).get(code)
    return code if label is None else label.in_language(sheet.lang)

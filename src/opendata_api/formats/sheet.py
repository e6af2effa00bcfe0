"""What a sheet for people shows of a row; shared by the formats that are such sheets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import orjson

from opendata_api.describe import Column, Field, Type
from opendata_api.formats.cells import LIST_SEPARATOR, PAIR_SEPARATOR, print_cell
from opendata_api.formats.imprint import Imprint
from opendata_api.values import Row, Stored
from opendata_api.words import Lang, Text

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A text that begins so would be run by a spreadsheet; the full-width forms too."""

LAST_COLUMNS = (
    Text("永久链接", "Permanent link"),
    Text("许可", "Licence"),
    Text("版本", "Release"),
)
YEAR = Text("{year}年", "{year}")
AND = Text("、", ", ")
FIGURES_SEPARATOR = "; "
YES_NO = (Text("否", "no"), Text("是", "yes"))
NUMBERS = (Type.DECIMAL, Type.INTEGER)


class TooLongForCell(Exception):
    """A text is longer than a cell can hold; it is never cut."""


@dataclass(frozen=True)
class Sheet:
    """What a sheet is made of beside its rows."""

    imprint: Imprint
    lang: Lang

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """The columns shown: the dataset's sheet, or the fields asked for, in their order."""
        if tuple(self.imprint.fields) == self.imprint.subject.fields:
            return self.imprint.subject.columns
        return tuple(dict.fromkeys(self._column(field) for field in self.imprint.fields))

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """The field that each column shows."""
        by_name = self.imprint.subject.field
        shown = [(by_name[one.source(self.lang)], one.is_code) for one in self.columns]
        return tuple(_unlabelled(field) if is_code else field for field, is_code in shown)

    @cached_property
    def titles(self) -> Sequence[str]:
        """The titles of the columns, then those that say where a row comes from."""
        titles = [*(column.title for column in self.columns), *LAST_COLUMNS]
        return [title.in_language(self.lang) for title in titles]

    def values(self, row: Row) -> Sequence[Stored]:
        """The value of each column; `row` has all fields of the dataset in order."""
        return [row[place] for place in self._places]

    def origin(self, row: Row) -> tuple[str, str, int]:
        """The permanent address of the row, its licence and its release."""
        record_id = "" if self._id_place is None else str(row[self._id_place])
        return self.imprint.permalink(record_id), self.imprint.rights.licence, self.imprint.release

    def text(self, field: Field, value: Stored) -> str:
        """A value as people read it: labels instead of codes."""
        if field.type is Type.BOOLEAN:
            return YES_NO[value == 1].in_language(self.lang)
        if field.type is Type.DIMENSIONS:
            return self._dimensions(str(value))
        if field.type is Type.FIGURES:
            figures = orjson.loads(str(value))
            return FIGURES_SEPARATOR.join(self._figure(figure) for figure in figures)
        if field.about.codes is None:
            return print_cell(field, value)
        codes = orjson.loads(str(value)) if field.type is Type.LIST else [str(value)]
        return LIST_SEPARATOR.join(self._label(field.about.codes, code) for code in codes)

    def _dimensions(self, value: str) -> str:
        return LIST_SEPARATOR.join(
            self._label("dimensions", name)
            + PAIR_SEPARATOR
            + self._label(f"dimensions.{name}", code)
            for name, code in orjson.loads(value).items()
        )

    def _figure(self, figure: Mapping[str, Any]) -> str:
        """The figure as printed, after as many words as tell it from its neighbours."""
        dimensions = figure.get("dimensions", {})  # the first releases had none
        groups = [self._label(f"dimensions.{name}", code) for name, code in dimensions.items()]
        words = [
            YEAR.format(year=figure["year"]).in_language(self.lang),
            self._label("areas", figure["area_code"]),
            AND.in_language(self.lang).join(groups),
            figure["value_text"],
        ]
        return " ".join(filter(None, words))

    def _label(self, codes: str, code: str) -> str:
        label = self.imprint.labels.get(codes, {}).get(code)
        return code if label is None else label.in_language(self.lang)

    def _column(self, field: Field) -> Column:
        """The column that shows a field; one of its own where the sheet has none.

        The other language's name of a code has none in a sheet of this language.
        """
        for column in self.imprint.subject.columns:
            if field.name in (column.field, column.source(self.lang)):
                return column
        return Column(field.name, field.about.title)

    @cached_property
    def _places(self) -> Sequence[int]:
        return [self._place[field.name] for field in self.fields]

    @cached_property
    def _id_place(self) -> int | None:
        return self._place.get("id")

    @cached_property
    def _place(self) -> Mapping[str, int]:
        return {name: place for place, name in enumerate(self.imprint.subject.field)}


def _unlabelled(field: Field) -> Field:
    return replace(field, about=replace(field.about, codes=None))

"""How a value is shown on a page: labels instead of codes, figures grouped, words marked."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from opendata_api.describe import Column, Dataset, Field, Type
from opendata_api.folding import find_words
from opendata_api.formats.sheet import YES_NO
from opendata_api.query import Query
from opendata_api.values import print_decimal
from opendata_api.web.highlights import words_in
from opendata_api.web.pages.visit import Visit
from opendata_api.words import Text

NONE = "—"
LONG = 24
"""A longer text gets a wide column."""
LIST_SEPARATOR = Text("、", ", ")
COLON = Text("：", ": ")
PAGES_OF = {"metrics": "/metrics/{id}", "reports": "/reports/{id}"}
"""The datasets whose records have a page of their own."""
DATASET_OF_LETTER = {"o": "observations", "c": "commitments", "p": "passages", "d": "documents"}
_ROW_ID = re.compile(r"(cn[0-9]{6}(?:-[a-z0-9]+)?-[0-9]{4}-[a-z]+)-([ocpd])[0-9]+")


_CHINESE = re.compile("[㐀-鿿]")


@dataclass(frozen=True, slots=True)
class Run:
    """A run of text, marked or not, that may lead somewhere."""

    text: str
    marked: bool = False
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """What stands in a cell."""

    runs: Sequence[Run]
    is_number: bool = False
    is_long: bool = False
    is_chinese: bool = False
    """Whether it has words of Chinese, which a page in English says of them."""


def page_of(dataset: str, record_id: str) -> str:
    """The path of the page of a record."""
    return PAGES_OF.get(dataset, f"/datasets/{dataset}/{{id}}").format(id=record_id)


def page_of_id(record_id: str) -> str | None:
    """The path of the page of a row, told by its id; None for ids of another kind."""
    found = _ROW_ID.fullmatch(record_id)
    return None if found is None else page_of(DATASET_OF_LETTER[found[2]], record_id)


def anchor_of(record_id: str) -> str:
    """The anchor of a row in the text of its report: `o042`."""
    return record_id.rpartition("-")[2]


def sentence_of(record: Mapping[str, Any]) -> str | None:
    """The path to the words of a report that state a row; None where it quotes none."""
    if record.get("report_id") is None or page_of_id(str(record["id"])) is None:
        return None
    return f"/reports/{record['report_id']}#{anchor_of(str(record['id']))}"


def record_title(visit: Visit, record: Mapping[str, Any]) -> str:
    """What a record is called on its page: its name, its metric, its words, else its id."""
    names = (f"metric_{visit.lang}", f"name_{visit.lang}", "name", f"title_{visit.lang}", "title")
    return str(next((record[name] for name in names if record.get(name)), record["id"]))


def group_digits(printed: str) -> str:
    """A printed decimal with its thousands apart: 2307000000 gives 2,307,000,000."""
    sign = "−" if printed.startswith("-") else ""
    whole, point, rest = printed.removeprefix("-").partition(".")
    return f"{sign}{int(whole):,}{point}{rest}"


def show_number(scaled: int) -> str:
    """A kept decimal as people read it."""
    return group_digits(print_decimal(scaled))


def make_cell(visit: Visit, field: Field, record: Mapping[str, Any], query: Query | None) -> Cell:
    """What stands in the cell of a field."""
    value = record[field.name]
    if value is None:
        return Cell([Run(NONE)])
    if field.type in (Type.INTEGER, Type.DECIMAL):
        # A year and a place in a text are copied as they are.
        shown = show_number(value) if field.type is Type.DECIMAL else str(value)
        return Cell([Run(shown)], is_number=True)
    if field.type is Type.BOOLEAN:
        return Cell([Run(visit.words(YES_NO[value == 1]))])
    if field.type in _NESTED:
        return Cell(_join(visit, _NESTED[field.type](visit, field, orjson.loads(str(value)))))
    text = str(value)
    if field.about.codes is not None or field.about.refers_to is not None:
        return Cell([_code(visit, field, text)])
    return Cell(
        mark(text, _spans(field, record, query)),
        is_long=len(text) > LONG,
        is_chinese=_CHINESE.search(text) is not None,
    )


def mark(text: str, spans: Iterable[tuple[int, int]]) -> list[Run]:
    """The text with the spans marked, which are in order and apart."""
    runs: list[Run] = []
    at = 0
    for start, end in spans:
        if start > at:
            runs.append(Run(text[at:start]))
        runs.append(Run(text[start:end], marked=True))
        at = end
    if at < len(text):
        runs.append(Run(text[at:]))
    return runs


def source_field(dataset: Dataset, column: Column, visit: Visit) -> Field:
    """The field that a column shows in the language of the page."""
    return dataset.field[column.source(visit.lang)]


def linked_to(visit: Visit, dataset: Dataset, column: Column, record: Mapping[str, Any]) -> str:
    """Where a column's label leads, if the code that it stands for has a page; else empty."""
    field = dataset.field.get(column.field)
    if column.translated and field is not None and field.about.codes in PAGES_OF:
        return visit.link(page_of(str(field.about.codes), str(record[field.name])))
    return ""


def _spans(
    field: Field, record: Mapping[str, Any], query: Query | None
) -> Sequence[tuple[int, int]]:
    """Where the words stand that were searched for; in a quote without any, the figure."""
    words = [] if query is None else words_in(query, field)
    found = [(span.start, span.end) for span in find_words(str(record[field.name]), words)]
    if not found and field.name == "quote" and record.get("value_start") is not None:
        start = record["quote_start"]
        return [(record["value_start"] - start, record["value_end"] - start)]
    return found


def _code(visit: Visit, field: Field, code: str) -> Run:
    to = field.about.refers_to or field.about.codes
    is_page = to in PAGES_OF or field.about.refers_to is not None
    href = visit.link(page_of(str(to), code)) if is_page else None
    label = visit.label(field.about.codes, code) if field.about.codes is not None else code
    return Run(label, href=href)


def _join(visit: Visit, runs: Sequence[Run]) -> list[Run]:
    joined: list[Run] = []
    for run in runs:
        if joined:
            joined.append(Run(visit.words(LIST_SEPARATOR)))
        joined.append(run)
    return joined or [Run(NONE)]


def _list(visit: Visit, field: Field, values: Sequence[str]) -> list[Run]:
    runs: list[Run] = []
    for value in values:
        path = page_of_id(value)
        runs.append(
            _code(visit, field, value)
            if path is None
            else Run(anchor_of(value), href=visit.link(path))
        )
    return runs


def _dimensions(visit: Visit, _: Field, pairs: Mapping[str, str]) -> list[Run]:
    colon = visit.words(COLON)
    return [
        Run(f"{visit.label('dimensions', name)}{colon}{visit.label(f'dimensions.{name}', code)}")
        for name, code in pairs.items()
    ]


def _figures(visit: Visit, _: Field, figures: Sequence[Mapping[str, Any]]) -> list[Run]:
    return [
        Run(
            f"{figure['year']} {figure['value_text']}",
            href=visit.link(page_of("observations", figure["id"])),
        )
        for figure in figures
    ]


_NESTED: Mapping[Type, Callable[[Visit, Field, Any], list[Run]]] = {
    Type.LIST: _list,
    Type.DIMENSIONS: _dimensions,
    Type.FIGURES: _figures,
}

"""The lists of the Chinese catalogue as a workbook; loads the package that writes workbooks."""

from collections.abc import Sequence
from datetime import datetime
from typing import IO

from xlsxwriter import Workbook

from opendata_api.catalog.cn import Listing
from opendata_api.catalog.overview import Overview
from opendata_api.formats.sheet import FORMULA_STARTS

WIDTHS = (12, 24, 48)
"""Of a column of short, longer and long texts, in digits."""
SHORT, LONG = 8, 20
"""So many characters are a short text, and a long one has more."""


def write_listings(file: IO[bytes], listings: Sequence[Listing], overview: Overview) -> None:
    """A sheet for each list. All cells are texts, so that no code loses a zero or a digit."""
    book = Workbook(file, {"in_memory": True})
    for listing in listings:
        _write_sheet(book, listing)
    book.set_properties(
        {
            "title": "、".join(listing.title for listing in listings),
            "author": overview.operator.name.zh,
            "comments": overview.address("/catalog/cn.xlsx"),
            "created": datetime.fromisoformat(overview.modified).replace(tzinfo=None),
        }
    )
    book.close()


def _write_sheet(book: Workbook, listing: Listing) -> None:
    page = book.add_worksheet(listing.title)
    page.freeze_panes(1, 0)
    page.autofilter(0, 0, len(listing.rows), len(listing.columns) - 1)
    page.ignore_errors({"number_stored_as_text": f"A1:XFD{len(listing.rows) + 1}"})
    head = book.add_format({"bold": True, "bottom": 1})
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    guarded = book.add_format({"text_wrap": True, "valign": "top", "quote_prefix": True})
    for place, line in enumerate((listing.columns, *listing.rows)):
        for column, text in enumerate(line):
            style = guarded if text.startswith(FORMULA_STARTS) else plain
            if text:
                page.write_string(place, column, text, head if place == 0 else style)
    for column in range(len(listing.columns)):
        page.set_column(column, column, _width([row[column] for row in listing.rows]))


def _width(cells: Sequence[str]) -> int:
    longest = max(map(len, cells), default=0)
    return WIDTHS[(longest > SHORT) + (longest > LONG)]

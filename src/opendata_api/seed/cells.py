"""Cells that hold a date, a number or a truth, in the one form that every reader takes alike."""

import re
from datetime import date
from decimal import Decimal

from opendata_api.seed.faults import Line
from opendata_api.values import NotStorable, scale_decimal
from opendata_api.words import Text

DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
BOOLEANS = {"true": True, "false": False}
NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def read_date(line: Line, column: str) -> date | None:
    """The date in a cell; None where it is empty or, with a fault, no date."""
    text = line.optional(column)
    if text is None:
        return None
    try:
        if DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    line.fault(column, Text("日期，如 2023-12-31", "a date such as 2023-12-31"), text)
    return None


def read_boolean(line: Line, column: str) -> bool | None:
    """Whether a cell says true; None where it says, with a fault, neither true nor false.

    Spreadsheets write TRUE and FALSE.
    """
    value = BOOLEANS.get(line[column].lower())
    if value is None:
        line.one_of(column, list(BOOLEANS))
    return value


def check_decimal(line: Line, column: str) -> None:
    """Note a cell that is neither empty nor a number that can be kept exactly."""
    text = line.optional(column)
    if text is None:
        return
    try:
        if NUMBER.fullmatch(text):
            scale_decimal(Decimal(text))
            return
    except NotStorable:
        pass
    expected = Text("数，小数最多六位", "a number of at most six decimal places")
    line.fault(column, expected, text)

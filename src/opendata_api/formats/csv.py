"""Rows as CSV by RFC 4180: UTF-8 without BOM, CRLF, a header of field names, cells verbatim."""

from collections.abc import Sequence

from opendata_api.describe import Field
from opendata_api.formats.cells import print_cell, write_line
from opendata_api.values import Row


def header_line(fields: Sequence[Field]) -> str:
    """The first line: the names of the fields."""
    return write_line([field.name for field in fields])


def encode_line(fields: Sequence[Field], row: Row) -> str:
    """One record as a line; null is an empty cell, lists are joined by `;`."""
    return write_line([print_cell(field, value) for field, value in zip(fields, row, strict=True)])

"""How a kept value is printed in a cell; shared by the formats that have cells."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence

import orjson

from opendata_api.describe import Field, Type
from opendata_api.values import Stored, print_decimal

LIST_SEPARATOR = ";"
PAIR_SEPARATOR = "="


def print_cell(field: Field, value: Stored) -> str:
    """The text of a cell; null is empty, figures are the text of their JSON."""
    if value is None:
        return ""
    printer = _PRINTERS.get(field.type)
    return str(value) if printer is None else printer(value)


def write_line(cells: Sequence[str]) -> str:
    """A line of cells, quoted where RFC 4180 needs it."""
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow(cells)
    return line.getvalue()


def _print_scaled(value: Stored) -> str:
    return print_decimal(int(str(value)))


def _print_boolean(value: Stored) -> str:
    return "true" if value else "false"


def _print_list(value: Stored) -> str:
    return LIST_SEPARATOR.join(orjson.loads(str(value)))


def _print_dimensions(value: Stored) -> str:
    pairs = orjson.loads(str(value)).items()
    return LIST_SEPARATOR.join(f"{name}{PAIR_SEPARATOR}{code}" for name, code in pairs)


_PRINTERS: Mapping[Type, Callable[[Stored], str]] = {
    Type.DECIMAL: _print_scaled,
    Type.BOOLEAN: _print_boolean,
    Type.LIST: _print_list,
    Type.DIMENSIONS: _print_dimensions,
}

"""Figures as a cube: JSON-stat 2.0 (https://json-stat.org/full/), a dataset of sparse values.

The dimensions are the metric, the area, the year, the role, the basis and the breakdown that the
text states. Where figures would share a cell, further fields become dimensions, in the end the id:
no figure is lost. Without any figure it is one empty cell, since readers fail at none.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field as part
from functools import cached_property
from math import prod
from typing import IO

import orjson

from opendata_api.describe import Dataset, Field
from opendata_api.formats.cells import print_cell
from opendata_api.formats.imprint import Imprint
from opendata_api.formats.json import encode_decimal
from opendata_api.formats.sheet import Sheet
from opendata_api.measure import Measure
from opendata_api.values import Row, Stored
from opendata_api.words import Lang, Text

CELLS_MAX = 1_000_000
"""Readers make room for every cell, empty or not."""
NOT_STATED = "not_stated"
STATED_NOT = Text("未写明", "not stated")
STATUS_SEPARATOR = ";"

Add = Callable[[Sequence[Row]], None]
Node = dict[str, object]


class TooManyCells(Exception):
    """The cube would have more cells than a reader should make room for."""


@dataclass(frozen=True)
class Cube:
    """What a cube is made of beside its rows."""

    imprint: Imprint
    dataset: Dataset
    lang: Lang

    @cached_property
    def measure(self) -> Measure:
        """What is known of the figures."""
        if self.dataset.measure is None:
            raise TypeError("a cube is of figures")
        return self.dataset.measure

    @cached_property
    def dimensions(self) -> Sequence[Field]:
        """The fields that every cube has as dimensions."""
        traits, links = self.measure.traits, self.measure.links
        names = (traits.metric, self.measure.area, links.year)
        return self._fields(*names, traits.role, traits.basis, traits.dimensions)

    @cached_property
    def further(self) -> Sequence[Field]:
        """Those that are dimensions where figures would share a cell, the first ones first."""
        traits, links = self.measure.traits, self.measure.links
        return self._fields(
            links.body, traits.period_kind, links.period_start, links.period_end, "id"
        )

    @cached_property
    def sheet(self) -> Sheet:
        """What has the words for values."""
        return Sheet(self.imprint, self.lang)

    def label(self, own: Field, value: Stored) -> str:
        """What a category is called."""
        if value is None or print_cell(own, value) == "":
            return STATED_NOT.in_language(self.lang)
        return self.sheet.text(own, value)

    def _fields(self, *names: str) -> Sequence[Field]:
        return [self.dataset.field[name] for name in names]


@contextmanager
def writing(file: IO[bytes], cube: Cube) -> Iterator[Add]:
    """What takes the rows, with all their fields; at the end the cube is in the file.

    Raises TooManyCells.
    """
    table = _Table(cube)
    yield table.add
    file.write(orjson.dumps(table.written()))


@dataclass(frozen=True, slots=True)
class _Axis:
    """A dimension with its categories, in the order in which rows name them."""

    field: Field
    place: int
    categories: dict[str, str] = part(default_factory=dict)
    """Codes with their labels."""

    def code(self, cube: Cube, row: Row) -> str:
        """The category of a row, which it may be the first to name."""
        value = row[self.place]
        code = NOT_STATED if value is None else print_cell(self.field, value) or NOT_STATED
        if code not in self.categories:
            self.categories[code] = cube.label(self.field, value)
        return code


@dataclass(frozen=True, slots=True)
class _Figure:
    """What is kept of a row."""

    codes: tuple[str, ...]
    """On each axis."""
    value: str
    """As JSON."""
    unit: Stored
    status: str
    id: str


class _Table:
    """The figures while they are taken."""

    def __init__(self, cube: Cube) -> None:
        self.cube = cube
        self._place = {name: at for at, name in enumerate(cube.dataset.field_names)}
        self._axes = [
            _Axis(one, self._place[one.name]) for one in (*cube.dimensions, *cube.further)
        ]
        self._figures: list[_Figure] = []
        self._statuses: dict[str, str] = {}

    def add(self, rows: Sequence[Row]) -> None:
        """Keep what the cube needs of the rows."""
        value, unit = self.cube.measure.value, self.cube.measure.traits.unit
        for row in rows:
            figure = _Figure(
                codes=tuple(axis.code(self.cube, row) for axis in self._axes),
                value=encode_decimal(row[self._place[value]]),
                unit=row[self._place[unit]],
                status=self._status(row),
                id=str(row[self._place["id"]]),
            )
            self._figures.append(figure)

    def written(self) -> Node:
        """The cube. Raises TooManyCells."""
        chosen = self._choose()
        axes = [self._sorted(self._axes[at]) for at in chosen]
        sizes = [len(axis.categories) for axis in axes]
        if prod(sizes) > CELLS_MAX:
            raise TooManyCells
        places = [{code: at for at, code in enumerate(axis.categories)} for axis in axes]
        cells = [
            (_number(sizes, [places[n][one.codes[at]] for n, at in enumerate(chosen)]), one)
            for one in self._figures
        ]
        cells.sort(key=lambda cell: cell[0])
        values: Node = {str(n): orjson.Fragment(one.value) for n, one in cells}
        return self._head() | {
            "id": [axis.field.name for axis in axes],
            "size": sizes,
            "role": self._roles(),
            "dimension": {axis.field.name: self._describe(axis) for axis in axes},
            "value": values or {"0": None},
            "status": {str(n): one.status for n, one in cells if one.status},
            "extension": self._extension({str(n): one.id for n, one in cells}),
        }

    def _choose(self) -> Sequence[int]:
        """The places of the axes: as many as give each figure a cell of its own."""
        always = len(self.cube.dimensions)
        chosen = list(range(always))
        for at in range(always, len(self._axes)):
            cells = {tuple(one.codes[n] for n in chosen) for one in self._figures}
            if len(cells) == len(self._figures):
                break
            if len(self._axes[at].categories) > 1:
                chosen.append(at)
        return chosen

    def _sorted(self, axis: _Axis) -> _Axis:
        """The axis; years stand in their order."""
        if not axis.categories:
            nothing = {NOT_STATED: STATED_NOT.in_language(self.cube.lang)}
            return _Axis(axis.field, axis.place, nothing)
        if axis.field.name != self.cube.measure.links.year:
            return axis
        return _Axis(axis.field, axis.place, dict(sorted(axis.categories.items())))

    def _head(self) -> Node:
        imprint, lang = self.cube.imprint, self.cube.lang
        return {
            "version": "2.0",
            "class": "dataset",
            "label": imprint.subject.title.in_language(lang),
            "note": [imprint.subject.description.in_language(lang)],
            "source": imprint.service.in_language(lang),
            "updated": imprint.published_at,
            "href": imprint.address,
            "link": {
                "describedby": [{"type": "application/json", "href": imprint.dictionary}],
                "license": [{"href": imprint.rights.url}],
            },
        }

    def _roles(self) -> Node:
        links = self.cube.measure.links
        return {
            "time": [links.year],
            "geo": [self.cube.measure.area],
            "metric": [self.cube.measure.traits.metric],
        }

    def _describe(self, axis: _Axis) -> Node:
        category: Node = {"index": list(axis.categories), "label": axis.categories}
        if axis.field.name == self.cube.measure.traits.metric:
            category["unit"] = self._units()
        return {
            "label": axis.field.about.title.in_language(self.cube.lang),
            "category": category,
        }

    def _units(self) -> Node:
        """The unit of each metric, with as many decimals as its values have."""
        unit = self._field(self.cube.measure.traits.unit)
        units: dict[str, Node] = {}
        for one in self._figures:
            known = units.setdefault(
                one.codes[0],
                {"label": self.cube.label(unit, one.unit), "base": one.unit, "decimals": 0},
            )
            known["decimals"] = max(int(str(known["decimals"])), _decimals(one.value))
        return dict(units)

    def _status(self, row: Row) -> str:
        """How the value stands to the true figure, and whether the text leaves open what it is."""
        measure = self.cube.measure
        qualifier = row[self._place[measure.qualifier]]
        status = row[self._place[measure.traits.status]]
        codes: list[str] = []
        if qualifier != measure.meanings.exact:
            codes.append(self._tell(measure.qualifier, qualifier))
        if status == measure.meanings.ambiguous:
            codes.append(self._tell(measure.traits.status, status))
        return STATUS_SEPARATOR.join(codes)

    def _tell(self, name: str, code: Stored) -> str:
        """The code, which the cube will explain."""
        self._statuses[str(code)] = self.cube.label(self._field(name), code)
        return str(code)

    def _extension(self, ids: Mapping[str, str]) -> Node:
        """What JSON-stat has no place for: the records of the cells, and what may be done."""
        imprint = self.cube.imprint
        return {
            "release": imprint.release,
            "license": imprint.rights.licence,
            "attribution": imprint.rights.attribution,
            "citation": imprint.citation.in_language(self.cube.lang),
            "record": imprint.record,
            "ids": ids,
            "status": {"label": dict(sorted(self._statuses.items()))},
        }

    def _field(self, name: str) -> Field:
        return self.cube.dataset.field[name]


def _number(sizes: Sequence[int], places: Sequence[int]) -> int:
    """The number of a cell, in row-major order."""
    number = 0
    for size, place in zip(sizes, places, strict=True):
        number = number * size + place
    return number


def _decimals(value: str) -> int:
    return len(value.partition(".")[2])

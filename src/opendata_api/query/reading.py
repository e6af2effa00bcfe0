"""What has been read of a query string: its filters and the parameters that are none."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from opendata_api.describe import Dataset, Field, Type
from opendata_api.errors import (
    Fault,
    InvalidCursor,
    InvalidSort,
    InvalidValue,
    TooManyValues,
    UnknownField,
)
from opendata_api.query.cursor import BadCursor, Cursor
from opendata_api.query.faults import (
    DAMAGED_CURSOR,
    FOREIGN_CURSOR,
    TOLD_MAX,
)
from opendata_api.query.model import (
    RELEASE_MAX,
    DimensionCondition,
    Query,
    SortKey,
    ranked_order,
    total_order,
)
from opendata_api.query.names import unknown_field
from opendata_api.query.pairs import TOO_MANY, PairReading
from opendata_api.query.parameters import (
    DIM,
    PAGE_LIMIT_MAX,
    SORT,
    VALUES_MAX,
)
from opendata_api.query.values import BadValue, parse_integer, parse_value, parse_words
from opendata_api.values import INT_MAX
from opendata_api.words import LANGS, Lang, Text


@dataclass(slots=True)
class Reading(PairReading):
    """What has been read so far."""

    limit_max: int = PAGE_LIMIT_MAX
    words: tuple[str, ...] = ()
    dimensions: dict[str, list[str]] = field(default_factory=dict)
    sort: tuple[SortKey, ...] = ()
    fields: tuple[Field, ...] = ()
    limit: int | None = None
    release: int | None = None
    lang: Lang | None = None
    url: str | None = None
    since: int | None = None
    page: int | None = None
    cursor: tuple[int, Cursor] | None = None

    def query(self, dataset: Dataset) -> Query:
        """The query read; the cursor is checked last, against all the rest."""
        query = Query(
            dataset=dataset,
            conditions=tuple(self.conditions),
            dimensions=tuple(
                DimensionCondition(name, tuple(sorted(set(values))))
                for name, values in self.dimensions.items()
            ),
            words=self.words,
            sort=ranked_order()
            if self.words and not self.sort
            else total_order(dataset, self.sort),
            fields=self.fields or dataset.fields,
            limit=self.limit,
            release=self.release,
            lang=self.lang,
        )
        if self.cursor is None:
            return query
        place, cursor = self.cursor
        if not query.takes(cursor):
            self.mistakes.add(InvalidCursor, FOREIGN_CURSOR, place)
        return query.at(cursor)

    def take_control(self, name: str, place: int, value: str) -> None:
        """Read a parameter that is no filter. Raises BadValue."""
        _CONTROLS[name](self, place, value)


def _take_words(reading: Reading, _place: int, value: str) -> None:
    reading.words = parse_words(value)


def _take_fields(reading: Reading, place: int, value: str) -> None:
    names = reading.without_empty("fields", place, value.split(","))
    known = _dataset(reading).field
    _refuse_fields(reading, place, "fields", [("", name) for name in names])
    names = reading.without_repeats("fields", place, names)
    reading.fields = tuple(known[name] for name in names if name in known)


def _take_sort(reading: Reading, place: int, value: str) -> None:
    dataset = _dataset(reading)
    parts = ["" if part == "-" else part for part in value.split(",")]
    parts = reading.without_empty("sort", place, parts)
    keys = [("-" if part.startswith("-") else "", part.removeprefix("-")) for part in parts]
    names = [name for _, name in keys]
    _refuse_fields(reading, place, "sort", keys)
    for name in names:
        if name in dataset.field and name not in dataset.sorts and not reading.mistakes.are_many:
            message = Text("不能按“{name}”排序", "rows can't be sorted by “{name}”")
            fault = Fault(message.format(name=name), parameter="sort", allowed=dataset.sorts)
            reading.mistakes.add(InvalidSort, fault, place)
    if len(set(names)) < len(names):
        raise BadValue(InvalidSort, Text("排序字段重复", "a field stands twice in the sort"))
    reading.sort = tuple(
        SortKey(dataset.field[name], bool(sign)) for sign, name in keys if name in dataset.field
    )


def _refuse_fields(
    reading: Reading, place: int, parameter: str, names: Sequence[tuple[str, str]]
) -> None:
    """Note the names of a list that are no fields; the list is mended as a whole."""
    dataset = _dataset(reading)
    allowed = dataset.sorts if parameter == SORT.name else dataset.field_names
    meant: dict[str, str | None] = {name: name for name in dataset.field}
    faults: list[Fault] = []
    for _, name in names:
        if name not in meant and len(faults) < TOLD_MAX and not reading.mistakes.are_many:
            faults.append(unknown_field(name, parameter, dataset, allowed))
            meant[name] = faults[-1].did_you_mean
    mended = dict.fromkeys(_signed(sign, meant[name]) for sign, name in names if meant.get(name))
    for fault in faults:
        instead = (parameter, ",".join(mended)) if mended else None
        reading.mistakes.add(UnknownField, fault, place, instead)


def _signed(sign: str, meant: str | None) -> str:
    """A key of a sort: what is meant may have a sign of its own, as in `-value desc`."""
    return f"{sign}{(meant or '').removeprefix(sign)}"


def _take_limit(reading: Reading, place: int, value: str) -> None:
    try:
        reading.limit = parse_integer(value, 1, reading.limit_max)
    except BadValue as bad:
        too_many = bad.error is not InvalidValue and not value.startswith("-") and value != "0"
        meant = str(reading.limit_max) if too_many else bad.instead
        instead = None if meant is None else ("limit", meant)
        reading.mistakes.add(bad.error, Fault(bad.message, parameter="limit"), place, instead)


def _take_release(reading: Reading, _place: int, value: str) -> None:
    reading.release = parse_integer(value, 1, RELEASE_MAX)


def _take_lang(reading: Reading, place: int, value: str) -> None:
    known: Mapping[str, Lang] = {lang: lang for lang in LANGS}
    reading.lang = known.get(value)
    if reading.lang is None:
        message = Text("只能为 zh 或 en", "must be zh or en")
        fault = Fault(message, parameter="lang", allowed=LANGS)
        reading.mistakes.add(InvalidValue, fault, place)


def _take_url(reading: Reading, _place: int, value: str) -> None:
    reading.url = str(parse_value(Type.TEXT, value))


def _take_since(reading: Reading, _place: int, value: str) -> None:
    reading.since = parse_integer(value, 0, INT_MAX)


def _take_page(reading: Reading, _place: int, value: str) -> None:
    reading.page = parse_integer(value, 1, INT_MAX)


def _take_cursor(reading: Reading, place: int, value: str) -> None:
    try:
        reading.cursor = (place, Cursor.decode(value))
    except BadCursor:
        reading.mistakes.add(InvalidCursor, DAMAGED_CURSOR, place)


def _take_dimension(reading: Reading, place: int, value: str) -> None:
    name, colon, wanted = value.partition(":")
    if not (name and colon and wanted):
        message = Text("须写作“名称:值”", "must be written name:value")
        found = _OTHERS_DIMENSION.fullmatch(value)
        if found is None:
            raise BadValue(InvalidValue, message)
        meant = f"{found[1]}:{found[2]}"
        fault = Fault(message, DIM.name, did_you_mean=meant, dimension=found[1])
        reading.mistakes.add(InvalidValue, fault, place, (DIM.name, meant))
        return
    parse_value(Type.CODE, value)
    values = reading.dimensions.setdefault(name, [])
    values.append(wanted)
    if sum(map(len, reading.dimensions.values())) > VALUES_MAX:
        raise BadValue(TooManyValues, TOO_MANY)


_OTHERS_DIMENSION = re.compile(r"([^=：:]+)[=：]([^=：:]+)")
"""How others write a dimension: `service_scope=cross_province`."""

_CONTROLS: Mapping[str, Callable[[Reading, int, str], None]] = {
    "q": _take_words,
    "fields": _take_fields,
    "sort": _take_sort,
    "limit": _take_limit,
    "cursor": _take_cursor,
    "release": _take_release,
    "lang": _take_lang,
    "dim": _take_dimension,
    "url": _take_url,
    "since": _take_since,
    "page": _take_page,
}


def _dataset(reading: Reading) -> Dataset:
    if reading.dataset is None:
        raise TypeError("fields and sort are parameters of addresses that have a dataset")
    return reading.dataset

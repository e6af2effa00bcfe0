"""One reading of a query string: each pair is taken in or noted as a mistake."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from opendata_api.describe import CONTAINS, ISNULL, Dataset, Field, Type
from opendata_api.errors import (
    DuplicateParameter,
    Fault,
    InvalidCursor,
    InvalidSort,
    InvalidValue,
    Pairs,
    TooManyValues,
    UnknownField,
    UnknownParameter,
)
from opendata_api.query.aliases import titles_of
from opendata_api.query.cursor import BadCursor, Cursor
from opendata_api.query.faults import (
    DAMAGED_CURSOR,
    EMPTY_ITEM,
    FOREIGN_CURSOR,
    NOT_TOLD,
    ONLY_ONCE,
    TOLD_MAX,
    Mistakes,
    nameless,
    unknown,
)
from opendata_api.query.model import (
    RELEASE_MAX,
    Condition,
    DimensionCondition,
    Query,
    SortKey,
    ranked_order,
    total_order,
)
from opendata_api.query.names import A_FIELD, refuse_name
from opendata_api.query.parameters import (
    PAGE_LIMIT_MAX,
    SORT,
    VALUES_MAX,
    Filter,
    Parameters,
)
from opendata_api.query.values import BadValue, parse_integer, parse_value, parse_words
from opendata_api.values import Stored
from opendata_api.words import LANGS, Lang, Text

Group = list[tuple[int, str]]
"""The places and values of one name."""


@dataclass(slots=True)
class Reading:
    """What has been read so far."""

    parameters: Parameters
    dataset: Dataset | None = None
    limit_max: int = PAGE_LIMIT_MAX
    mistakes: Mistakes = field(default_factory=Mistakes)
    conditions: list[Condition] = field(default_factory=list)
    words: tuple[str, ...] = ()
    dimensions: dict[str, list[str]] = field(default_factory=dict)
    sort: tuple[SortKey, ...] = ()
    fields: tuple[Field, ...] = ()
    limit: int | None = None
    release: int | None = None
    lang: Lang | None = None
    url: str | None = None
    cursor: tuple[int, Cursor] | None = None

    def take(self, pairs: Pairs) -> None:
        """Read all pairs, name by name."""
        groups: dict[str, Group] = {}
        for place, (name, value) in enumerate(pairs):
            groups.setdefault(name, []).append((place, value))
        for name, group in groups.items():
            self._take_name(name, group)

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

    def _take_name(self, name: str, group: Group) -> None:
        parameter = self.parameters.get(name)
        if parameter is None:
            self._refuse_name(name, group)
            return
        if not parameter.repeatable:
            for place, _ in group[1:]:
                self.mistakes.add(DuplicateParameter, Fault(ONLY_ONCE, parameter=name), place)
            group = group[:1]
        if isinstance(parameter, Filter):
            self._take_filter(parameter, group)
            return
        for place, value in group:
            try:
                self.take_control(name, place, _not_empty(value))
            except BadValue as bad:
                self._refuse_value(name, place, bad)

    def _refuse_value(self, name: str, place: int, bad: BadValue) -> None:
        instead = None if bad.instead is None else (name, bad.instead)
        self.mistakes.add(bad.error, Fault(bad.message, parameter=name), place, instead)

    def take_control(self, name: str, place: int, value: str) -> None:
        """Read a parameter that is no filter. Raises BadValue."""
        _CONTROLS[name](self, place, value)

    def _refuse_name(self, name: str, group: Group) -> None:
        if not name:
            for place, value in group:
                fault = nameless(value, tuple(self.parameters))
                self.mistakes.add(UnknownParameter, fault, place)
            return
        if self.mistakes.are_many:
            for place, _ in group:
                self.mistakes.add(UnknownParameter, NOT_TOLD, place)
            return
        refusal = refuse_name(name, self.parameters, self.dataset)
        for place, value in group:
            instead = (refusal.instead, value) if refusal.instead else None
            self.mistakes.add(refusal.error, refusal.fault, place, instead)

    def _take_filter(self, parameter: Filter, group: Group) -> None:
        if parameter.operator is CONTAINS:
            self._take_contained(parameter, group)
            return
        kind = Type.BOOLEAN if parameter.operator is ISNULL else parameter.field.type
        values: set[Stored] = set()
        given = 0
        for place, text in group:
            parts = text.split(",") if parameter.operator.many else [text]
            given += len(parts)
            if given > VALUES_MAX:
                fault = Fault(_TOO_MANY, parameter=parameter.name)
                self.mistakes.add(TooManyValues, fault, place)
                return
            try:
                kept = self.without_empty(parameter.name, place, parts) if parts[1:] else parts
                values.update(parse_value(kind, part) for part in kept)
            except BadValue as bad:
                self._refuse_value(parameter.name, place, bad)
        ordered = tuple(sorted(values, key=lambda value: (str(type(value)), value)))
        self.conditions.append(Condition(parameter.field, parameter.operator, ordered))

    def without_empty(self, name: str, place: int, parts: list[str]) -> list[str]:
        """The parts of a list that say something; that one does not is noted."""
        kept = [part for part in parts if part]
        if len(kept) < len(parts):
            instead = (name, ",".join(kept)) if kept else None
            self.mistakes.add(InvalidValue, Fault(EMPTY_ITEM, parameter=name), place, instead)
        return kept

    def _take_contained(self, parameter: Filter, group: Group) -> None:
        [(place, text)] = group
        try:
            words = " ".join(parse_words(_not_empty(text)))
        except BadValue as bad:
            self._refuse_value(parameter.name, place, bad)
            return
        self.conditions.append(Condition(parameter.field, parameter.operator, (words,)))


def _take_words(reading: Reading, _place: int, value: str) -> None:
    reading.words = parse_words(value)


def _take_fields(reading: Reading, place: int, value: str) -> None:
    names = reading.without_empty("fields", place, value.split(","))
    known = _dataset(reading).field
    _refuse_fields(reading, place, "fields", [("", name) for name in names])
    if len(set(names)) < len(names):
        raise BadValue(InvalidValue, Text("字段重复", "a field is named twice"))
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
            message = Text("不能按“{name}”排序", "rows can't be sorted by {name!r}")
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
            faults.append(unknown(A_FIELD, name, parameter, allowed, titles_of(dataset)))
            meant[name] = faults[-1].did_you_mean
    mended = dict.fromkeys(f"{sign}{meant[name]}" for sign, name in names if meant.get(name))
    for fault in faults:
        instead = (parameter, ",".join(mended)) if mended else None
        reading.mistakes.add(UnknownField, fault, place, instead)


def _take_limit(reading: Reading, place: int, value: str) -> None:
    try:
        reading.limit = parse_integer(value, 1, reading.limit_max)
    except BadValue as bad:
        too_many = bad.error is not InvalidValue and not value.startswith("-") and value != "0"
        instead = ("limit", str(reading.limit_max)) if too_many else None
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


def _take_cursor(reading: Reading, place: int, value: str) -> None:
    try:
        reading.cursor = (place, Cursor.decode(value))
    except BadCursor:
        reading.mistakes.add(InvalidCursor, DAMAGED_CURSOR, place)


def _take_dimension(reading: Reading, _place: int, value: str) -> None:
    name, colon, wanted = value.partition(":")
    if not (name and colon and wanted):
        raise BadValue(
            InvalidValue,
            Text("须写作“名称:值”", "must be written name:value"),
        )
    parse_value(Type.CODE, value)
    values = reading.dimensions.setdefault(name, [])
    values.append(wanted)
    if sum(map(len, reading.dimensions.values())) > VALUES_MAX:
        raise BadValue(TooManyValues, _TOO_MANY)


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
}


def _dataset(reading: Reading) -> Dataset:
    if reading.dataset is None:
        raise TypeError("fields and sort are parameters of addresses that have a dataset")
    return reading.dataset


def _not_empty(value: str) -> str:
    if not value:
        raise BadValue(InvalidValue, Text("值为空", "the value is empty"))
    return value


_TOO_MANY = Text("最多{most}个值", "at most {most} values are taken").format(most=VALUES_MAX)

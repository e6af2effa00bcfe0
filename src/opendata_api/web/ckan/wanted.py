"""What `datastore_search` is asked, in the words of our own query."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from opendata_api.describe import CONTAINS, GT, GTE, ISNULL, LT, LTE, Dataset, Type, filter_name
from opendata_api.errors import Pairs
from opendata_api.query import list_parameters
from opendata_api.query.faults import unknown
from opendata_api.web.ckan.errors import InvalidParameters, invalid
from opendata_api.words import Text

ROW_NUMBER = "_id"

COMPARED = {"gt": GT, "gte": GTE, "lt": LT, "lte": LTE}

A_FIELD = Text("字段", "field")
NO_VALUE = Text("“{name}”没有取值", "“{name}” has no value")
NOT_FILTERED = Text(
    "不能这样按“{name}”筛选；可用 {known}", "“{name}” is not filtered so, but {known}"
)
NOT_SEARCHED = Text(
    "不能在“{name}”中检索；可用 {known}", "there is no search in “{name}”, but in {known}"
)
NOT_SORTED = Text("不能按“{key}”排序；可用 {known}", "there is no sort by “{key}”, but by {known}")
ONLY_ALONE = Text(
    "_id 为结果中的行号：只能单独升序", "_id numbers the rows of the result: alone and ascending"
)
ONLY_OBJECTS = Text("只能为 objects", "must be objects")
NOT_OFFERED = Text("不支持，只能为 false", "is not supported and must be false")
ONLY_PLAIN = Text("检索词不含运算符，只能为 true", "words have no operators, so it must be true")
NO_NAMES = Text("_id 之外还须有字段", "name a field beside _id")

_KEY = re.compile(
    r"\"?(?P<name>\w+)\"?(?:\s+(?P<way>asc|desc))?(?P<last>\s+nulls\s+last)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for."""

    pairs: Pairs
    """By the parameters of our own lists."""
    has_number: bool
    """Whether each record begins with its number."""


def read_wanted(dataset: Dataset, values: Mapping[str, object]) -> Wanted:
    """What the parameters ask of a dataset. Raises InvalidParameters."""
    _refuse_others(values)
    names = values.get("fields")
    fields = [str(one) for one in names] if isinstance(names, list) else []
    pairs = [
        *_filters(dataset, values.get("filters")),
        *_words(dataset, values.get("q"), values.get("full_text")),
        *_sort(dataset, values.get("sort")),
        *_fields(dataset, fields),
    ]
    return Wanted(tuple(pairs), has_number=not fields or ROW_NUMBER in fields)


def _refuse_others(values: Mapping[str, object]) -> None:
    """Raise for what CKAN offers and would be answered otherwise here."""
    faults: dict[str, Sequence[Text]] = {}
    if values.get("distinct", False):
        faults["distinct"] = [NOT_OFFERED]
    if not values.get("plain", True):
        faults["plain"] = [ONLY_PLAIN]
    if values.get("include_next_page", False):
        faults["include_next_page"] = [NOT_OFFERED]
    if values.get("records_format", "objects") != "objects":
        faults["records_format"] = [ONLY_OBJECTS]
    if faults:
        raise InvalidParameters(faults)


def _filters(dataset: Dataset, filters: object) -> Iterator[tuple[str, str]]:
    if not isinstance(filters, dict):
        return
    for name, value in filters.items():
        if name not in dataset.field:
            fault = unknown(A_FIELD, name, "filters", _filtered(dataset))
            raise invalid("filters", _meant(fault.message, fault.did_you_mean))
        yield from _filter(dataset, name, value)


def _meant(message: Text, meant: str | None) -> Text:
    if meant is None:
        return message
    return Text(f"{message.zh}；是否指 {meant}", f"{message.en}; did you mean {meant}?")


def _filter(dataset: Dataset, name: str, value: object) -> Iterator[tuple[str, str]]:
    """A value, any of several, or an object of comparisons or dimensions."""
    field = dataset.field[name]
    if value is None:
        yield _known(dataset, name, filter_name(field, ISNULL)), "true"
    elif isinstance(value, dict) and field.type is Type.DIMENSIONS:
        yield from (("dim", f"{key}:{one}") for key, some in value.items() for one in _each(some))
    elif isinstance(value, dict):
        yield from _compared(dataset, name, value)
    else:
        if value == []:
            raise invalid("filters", NO_VALUE.format(name=name))
        yield from ((_known(dataset, name, name), one) for one in _each(value))


def _compared(
    dataset: Dataset, name: str, value: Mapping[str, object]
) -> Iterator[tuple[str, str]]:
    for key, one in value.items():
        if key in ("eq", "in"):
            yield from _filter(dataset, name, one)
        else:
            operator = COMPARED.get(key)
            parameter = "" if operator is None else filter_name(dataset.field[name], operator)
            yield _known(dataset, name, parameter), _printed(one)


def _known(dataset: Dataset, name: str, parameter: str) -> str:
    """The parameter, if the dataset has it. Raises InvalidParameters."""
    if parameter in list_parameters(dataset):
        return parameter
    known = ", ".join(_filtered(dataset))
    raise invalid("filters", NOT_FILTERED.format(name=name, known=known))


def _filtered(dataset: Dataset) -> tuple[str, ...]:
    return tuple(dict.fromkeys(field.name for field, _ in dataset.filters))


def _words(dataset: Dataset, q: object, full_text: object) -> Iterator[tuple[str, str]]:
    """Words to look for in all texts, or in the fields named."""
    texts = [one for one in (q, full_text) if isinstance(one, str) and one.strip()]
    if texts:
        yield "q", " ".join(texts)
    if isinstance(q, dict):
        parameters = list_parameters(dataset)
        for name, words in q.items():
            parameter = f"{name}__{CONTAINS.key}"
            if parameter not in parameters:
                known = [one.removesuffix(f"__{CONTAINS.key}") for one in parameters]
                found = ", ".join(one for one in known if one not in parameters)
                raise invalid("q", NOT_SEARCHED.format(name=name, known=found or "-"))
            yield parameter, _printed(words)


def _sort(dataset: Dataset, sort: object) -> Iterator[tuple[str, str]]:
    keys = [str(one) for one in sort if one] if isinstance(sort, list) else []
    found = [_sort_key(dataset, key) for key in keys]
    if ROW_NUMBER in found and len(found) == 1:
        return
    if any(one.removeprefix("-") == ROW_NUMBER for one in found):
        raise invalid("sort", ONLY_ALONE)
    if found:
        yield "sort", ",".join(found)


def _sort_key(dataset: Dataset, key: str) -> str:
    found = _KEY.fullmatch(key.strip())
    if found is None or found["name"] not in (*dataset.sorts, ROW_NUMBER):
        known = ", ".join(dataset.sorts)
        raise invalid("sort", NOT_SORTED.format(key=key[:60], known=known))
    sign = "-" if (found["way"] or "").lower() == "desc" else ""
    return f"{sign}{found['name']}"


def _fields(dataset: Dataset, fields: Sequence[str]) -> Iterator[tuple[str, str]]:
    named = [one for one in fields if one != ROW_NUMBER]
    if fields and not named:
        raise invalid("fields", NO_NAMES)
    for name in named:
        if name not in dataset.field:
            fault = unknown(A_FIELD, name, "fields", dataset.field_names)
            raise invalid("fields", _meant(fault.message, fault.did_you_mean))
    if named:
        yield "fields", ",".join(named)


def _each(value: object) -> list[str]:
    return [_printed(one) for one in (value if isinstance(value, list) else [value])]


def _printed(value: object) -> str:
    """A value of JSON as the parameters of our lists write it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)

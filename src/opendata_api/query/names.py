"""Names that an address does not have: which error it is, and what was probably meant."""

import re
from dataclasses import dataclass, replace

from opendata_api.describe import Dataset, Field
from opendata_api.errors import (
    Fault,
    QueryError,
    UnknownField,
    UnknownOperator,
    UnknownParameter,
)
from opendata_api.query.aliases import (
    NO_TITLES,
    Titles,
    note_on,
    operators_meant,
    squash,
    titles_of,
)
from opendata_api.query.faults import NAME_SHOWN, NO_FIELD, nearest, unknown, unknown_operator
from opendata_api.query.parameters import DIM, LIMIT, SORT, Parameters
from opendata_api.words import Text

A_PARAMETER = Text("参数", "parameter")
A_FIELD = Text("字段", "field")

_OTHERS_WAY = re.compile(r"([^\[\]<>!]+)(?:\[([^\[\]]*)\]|([<>!]))")
"""How others write operators: `year[gte]`, `year[]`, and `year>` of `year>=2023`."""
_DIMENSION = re.compile(r"[a-z][a-z0-9_]{0,59}")
_OTHERS_ORDER = re.compile(
    r"(.+?)[\s:._-]+(?:(asc|ascending|升序)|(desc|descending|降序))", re.IGNORECASE
)
"""How others write an order: `value desc`, `value:asc`."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a name is refused, and the name that would stand there instead."""

    error: type[QueryError]
    fault: Fault
    instead: str | None
    may_be_dimension: bool = False
    """Whether a dimension may have the name, which only what is published tells."""


def refuse_name(name: str, parameters: Parameters, dataset: Dataset | None) -> Refusal:
    """What is wrong with a name that is not among the parameters of an address."""
    if dataset is None or LIMIT.name not in parameters:
        return _unknown_parameter(name, parameters, NO_TITLES)
    titles = titles_of(dataset)
    others = _OTHERS_WAY.fullmatch(name)
    if others is not None:
        meant = _filter(others[1], others[2] or others[3] or "", parameters, titles)
        fault = replace(unknown(A_PARAMETER, name, name, tuple(parameters)), did_you_mean=meant)
        return Refusal(UnknownParameter, fault, meant)
    stem, joined, key = name.rpartition("__")
    known = dataset.field.get(stem if joined else name)
    if known is not None:
        return _unknown_way(known, key if joined else "", name, parameters)
    if joined:
        fields = tuple(dict.fromkeys(field.name for field, _ in dataset.filters))
        if not stem:
            return Refusal(UnknownField, Fault(NO_FIELD, name, fields), None)
        fault = unknown(A_FIELD, stem, name, fields, titles)
        return Refusal(UnknownField, fault, _filter(stem, key, parameters, titles))
    return _unknown_parameter(name, parameters, titles)


def unknown_field(name: str, parameter: str, dataset: Dataset, allowed: tuple[str, ...]) -> Fault:
    """The fault of a name in a list of fields, or of an order that is written in another way."""
    titles = titles_of(dataset)
    fault = unknown(A_FIELD, name, parameter, allowed, titles)
    others = _OTHERS_ORDER.fullmatch(name.strip())
    if others is None or parameter != SORT.name:
        return fault
    meant = nearest(others[1], allowed, titles)
    sign = "-" if others[3] else ""
    return fault if meant is None else replace(fault, did_you_mean=f"{sign}{meant}")


def _unknown_parameter(name: str, parameters: Parameters, titles: Titles) -> Refusal:
    note = note_on(name[:NAME_SHOWN], parameters)
    if note is not None:
        return Refusal(UnknownParameter, Fault(note, name, tuple(parameters)), None)
    fault = unknown(A_PARAMETER, name, name, tuple(parameters), titles)
    if fault.did_you_mean is None:
        ways = (_way(field, "", parameters) for field in titles.get(squash(name), ()))
        fault = replace(fault, did_you_mean=next(filter(None, ways), None))
    is_open = fault.did_you_mean is None and DIM.name in parameters
    return Refusal(UnknownParameter, fault, fault.did_you_mean, is_open and may_be_dimension(name))


def may_be_dimension(name: str) -> bool:
    """Whether the name has the form of a dimension's."""
    return _DIMENSION.fullmatch(name) is not None


def _unknown_way(known: Field, key: str, name: str, parameters: Parameters) -> Refusal:
    meant = _way(known.name, key, parameters)
    fault = replace(unknown_operator(known, key or "=", name), did_you_mean=meant)
    return Refusal(UnknownOperator, fault, meant)


def _filter(stem: str, key: str, parameters: Parameters, titles: Titles) -> str | None:
    """The filter that is meant by a field's name, or what stands for it, and an operator."""
    field = nearest(stem, tuple(name.partition("__")[0] for name in parameters), titles)
    return None if field is None else _way(field, key, parameters)


def _way(field: str, key: str, parameters: Parameters) -> str | None:
    """The parameter that compares the field in the way that is meant."""
    ways = (f"{field}__{ours}" if ours else field for ours in operators_meant(key))
    return next((way for way in ways if way in parameters), None)

"""Functions that can't be asked for: what is wrong with each, and which was probably meant."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from opendata_api.describe import Dataset
from opendata_api.errors import Fault, InvalidValue, QueryError, UnknownField
from opendata_api.query.aliases import squash, titles_of
from opendata_api.query.faults import NAME_SHOWN, nearest, unknown
from opendata_api.query.groups import AGG, Function, aggregates_of
from opendata_api.query.names import A_FIELD
from opendata_api.words import Text

ALIASES: Mapping[Function, Sequence[str]] = {
    Function.COUNT: ("number", "n", "rows", "records", "counts", "计数", "记录数", "条数", "个数"),
    Function.SUM: ("total", "sums", "add", "合计", "求和", "总和", "总计", "和"),
    Function.AVG: ("mean", "average", "means", "平均", "平均数", "平均值", "均值"),
    Function.MIN: ("minimum", "least", "lowest", "smallest", "最小", "最小值", "最低"),
    Function.MAX: ("maximum", "greatest", "highest", "largest", "最大", "最大值", "最高"),
}
"""What other services, and people, call our functions."""


def refuse_function(dataset: Dataset, name: str) -> tuple[type[QueryError], Fault]:
    """What is wrong with a function that the dataset's groups do not have."""
    known = aggregates_of(dataset)
    asked, _, of = name.partition(":")
    function = _meant(asked)
    meant = next((one for one in known.values() if one.function is function), None)
    did_you_mean = None if meant is None else meant.name
    if meant is not None and meant.field is not None and asked == meant.function.value:
        if of and of not in dataset.field:
            fault = unknown(A_FIELD, of, AGG.name, tuple(known), titles_of(dataset))
            return UnknownField, replace(fault, did_you_mean=did_you_mean)
        words = _NOT_COMPUTED if of else _FIELD_NEEDED
        message = words.format(function=asked, name=of, field=meant.field.name)
    elif meant is not None and asked == meant.function.value:
        message = _NO_FIELD_TAKEN.format(function=asked)
    elif function is not None and meant is None:
        message = _NO_FIGURES.format(title=dataset.title)
    else:
        message = _UNKNOWN.format(name=name[:NAME_SHOWN])
    return InvalidValue, Fault(message, AGG.name, tuple(known), did_you_mean)


def _meant(name: str) -> Function | None:
    """The function of that name, or of another name for it, or of one misspelt."""
    squashed = squash(name)
    for function, aliases in ALIASES.items():
        if squashed == function.value or squashed in aliases:
            return function
    near = nearest(name, tuple(one.value for one in Function))
    return None if near is None else Function(near)


_UNKNOWN = Text("不认识“{name}”", "“{name}” is not known")
_NO_FIGURES = Text(
    "“{title.zh}”没有可计算的数值，只能计数", "{title.en}: no figures to compute, only to count"
)
_NO_FIELD_TAKEN = Text(
    "“{function}”数的是记录，不带字段", "“{function}” counts records and takes no field"
)
_FIELD_NEEDED = Text(
    "“{function}”须写明字段，如 {function}:{field}",
    "“{function}” needs a field, such as {function}:{field}",
)
_NOT_COMPUTED = Text(
    "字段“{name}”存在，但不用于计算；可计算的是“{field}”",
    "the field “{name}” is there, but is not computed with; “{field}” is",
)

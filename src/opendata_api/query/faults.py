"""Faults of a query, gathered so that one answer tells all of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from opendata_api.describe import Field, filter_name
from opendata_api.errors import Fault, Pairs, QueryError
from opendata_api.query.aliases import NO_TITLES, Titles, meant_by
from opendata_api.words import Text

LIKENESS = 0.75
NAME_SHOWN = 60

TOLD_MAX = 20
"""An answer tells no more faults than this one by one."""


EMPTY_ITEM = Text(
    "列表中有空项，或多了一个“,”", "there is an empty item in the list, or one comma too many"
)
NAMED_TWICE = Text("有名称重复", "a name stands twice")
NO_FIELD = Text("“__”之前缺少字段名", "there is no field's name before the “__”")
NO_NAME = Text("“=”之前缺少参数名", "there is no parameter's name before the “=”")
STRAY = Text("多余的“&”", "there is one & too many")
ONLY_ONCE = Text("只能出现一次", "may stand only once")
NOT_TOLD = Fault(Text("未知参数", "unknown parameter"))
FOREIGN_CURSOR = Fault(
    Text("游标属于另一个查询或版本", "the cursor belongs to another query or release"),
    parameter="cursor",
)
DAMAGED_CURSOR = Fault(Text("游标已损坏", "the cursor is damaged"), parameter="cursor")


@dataclass(frozen=True, slots=True)
class Mistake:
    """One fault, the pair that it stands in, and what would stand there instead."""

    error: type[QueryError]
    fault: Fault
    at: int
    instead: tuple[str, str] | None = None
    """None: the pair is best left out."""


@dataclass(slots=True)
class Mistakes:
    """The faults found so far."""

    found: list[Mistake] = field(default_factory=list)

    def add(
        self,
        error: type[QueryError],
        fault: Fault,
        at: int,
        instead: tuple[str, str] | None = None,
    ) -> None:
        """Note a fault in the pair at that place."""
        self.found.append(Mistake(error, fault, at, instead))

    @property
    def are_many(self) -> bool:
        """Whether more were found than are worth telling one by one."""
        return len(self.found) >= TOLD_MAX

    def repaired(self, pairs: Pairs) -> Pairs:
        """The pairs with each faulty one replaced or left out."""
        instead = {mistake.at: mistake.instead for mistake in reversed(self.found)}
        kept = [instead.get(place, pair) for place, pair in enumerate(pairs)]
        return tuple(pair for pair in kept if pair is not None)

    def dropped(self, pairs: Pairs) -> Pairs:
        """The pairs without the faulty ones."""
        faulty = {mistake.at for mistake in self.found}
        return tuple(pair for place, pair in enumerate(pairs) if place not in faulty)

    def error(self, correction: Pairs) -> QueryError:
        """The error to answer: of the kind of the first fault, with all of them, each once."""
        faults = list(dict.fromkeys(mistake.fault for mistake in self.found))[:TOLD_MAX]
        if (left := sum(mistake.fault not in faults for mistake in self.found)) > 0:
            faults.append(Fault(Text("另有{left}处错误", "{left} more faults").format(left=left)))
        return self.found[0].error(*faults, correction=correction)


def nearest(name: str, allowed: Sequence[str], titles: Titles = NO_TITLES) -> str | None:
    """The name that was probably meant: by a title, an alias or a slip of the pen."""
    meant = meant_by(name, allowed, titles)
    if meant is not None:
        return meant
    close = get_close_matches(name.lower(), allowed, n=1, cutoff=LIKENESS)
    return close[0] if close else None


def unknown(
    kind: Text, name: str, parameter: str, allowed: Sequence[str], titles: Titles = NO_TITLES
) -> Fault:
    """The fault of a name that is not there."""
    name = name[:NAME_SHOWN]
    return Fault(
        Text("不存在{kind.zh}“{name}”", "there is no {kind.en} “{name}”").format(
            kind=kind, name=name
        ),
        parameter=parameter,
        allowed=tuple(allowed),
        did_you_mean=nearest(name, allowed, titles),
    )


def nameless(value: str, allowed: Sequence[str]) -> Fault:
    """The fault of a pair without a name: `=2023`, or what stands between two `&`."""
    return Fault(NO_NAME, "", tuple(allowed)) if value else Fault(STRAY, "")


def unknown_operator(field: Field, key: str, parameter: str) -> Fault:
    """The fault of a field that is not compared in that way."""
    return Fault(
        Text(
            "字段“{field}”没有运算符“{key}”", "the field “{field}” has no operator “{key}”"
        ).format(field=field.name, key=key),
        parameter=parameter,
        allowed=tuple(filter_name(field, op) for op in field.about.operators),
    )

"""What can't be computed of figures, why, and what can be instead: one rule each."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from opendata_api.measure import Measure
from opendata_api.query import COUNT, KEYS_MAX, Function, GroupQuery
from opendata_api.store.cells import Group
from opendata_api.store.rule import (
    ADDED,
    COMPUTED,
    Breach,
    Overlap,
    Overlaps,
    Rule,
    by,
    by_dimensions,
    differ,
    dimensions_of,
    having,
    levels_of_years,
    measure_of,
    no_parts,
    totals,
    where,
)
from opendata_api.words import Text

RULES = (
    Rule(
        COMPUTED,
        Text(
            "{one} 与 {other} 单位不同，不能合在一起计算",
            "{one} and {other} have different units",
        ),
        differ(lambda cell: cell.alike.unit),
    ),
    Rule(
        COMPUTED,
        Text(
            "{one} 与 {other} 是不同的指标，统计对象不同",
            "{one} and {other} are of different metrics: they count different things",
        ),
        differ(lambda cell: cell.alike.metric),
        by(lambda measure: measure.traits.metric),
    ),
    Rule(
        COMPUTED,
        Text(
            "{one} 与 {other} 一个是实际数，一个是目标数",
            "of {one} and {other} one is a target, one an actual figure",
        ),
        differ(lambda cell: cell.alike.role),
        where(lambda measure: measure.traits.role, lambda measure: measure.meanings.actual),
    ),
    Rule(
        COMPUTED,
        Text(
            "{one} 与 {other} 计数口径不同（总数、每个机关的数等）",
            "{one} and {other} have a different basis (a total, a figure for each body)",
        ),
        differ(lambda cell: cell.alike.basis),
        where(lambda measure: measure.traits.basis, lambda measure: measure.meanings.whole),
    ),
    Rule(
        ADDED,
        Text(
            "{one} 是比率或增减幅度，没有给出分母，不能与 {other} 相加或平均",
            "{one} is a rate or a change: without what it is a rate of, it can't be added to "
            "{other} or averaged with it",
        ),
        having(lambda measure, cell: cell.alike.unit in measure.meanings.ratio_units),
    ),
    Rule(
        ADDED,
        Text(
            "{one} 是每个机关、每户或一类机构的数，不是总数，不能与 {other} 相加或平均",
            "{one} is a figure for each of several, not a total, and can't be added to {other}",
        ),
        having(lambda measure, cell: cell.alike.basis != measure.meanings.whole),
        where(lambda measure: measure.traits.basis, lambda measure: measure.meanings.whole),
    ),
    Rule(
        ADDED,
        Text(
            "{one} 与 {other} 一个是一段时期的数，一个是某一时点或累计的数",
            "{one} and {other} have different kinds of period (during a period, at a moment)",
        ),
        differ(lambda cell: cell.alike.period_kind),
        by(lambda measure: measure.traits.period_kind),
    ),
    Rule(
        ADDED,
        Text(
            "{one} 的时期原文没有说明，不能与 {other} 相加或平均",
            "the text does not say of what period {one} is: it can't be added to {other}",
        ),
        having(lambda measure, cell: cell.alike.period_kind == measure.meanings.unknown_period),
    ),
    Rule(
        frozenset({Function.SUM}),
        Text(
            "{one}、{other} 等是时点数或累计数，不同年份的不能相加",
            "{one}, {other} and others stand at a moment or are cumulative: years can't be added",
        ),
        levels_of_years,
        by(lambda measure: measure.links.year),
    ),
    Rule(
        ADDED,
        Text(
            "{one} 在原文中含义不明，不能与 {other} 相加或平均",
            "{one} is ambiguous in the source: it can't be added to {other}",
        ),
        having(lambda measure, cell: cell.alike.status == measure.meanings.ambiguous),
    ),
    Rule(
        ADDED,
        Text(
            "{one} 与 {other} 按不同的维度分组，范围可能重叠",
            "{one} and {other} are broken down by different dimensions and may overlap",
        ),
        differ(lambda cell: frozenset(dimensions_of(cell))),
        by_dimensions,
    ),
    Rule(
        ADDED,
        Text(
            "{one} 是合计，已包含 {other}",
            "{one} is a total that contains {other}",
        ),
        totals,
        by_dimensions,
    ),
    Rule(
        ADDED,
        Text(
            "{one} 是 {other} 的一部分，总数不能与其中的部分相加",
            "{one} is a part of {other}: a total can't be added to its parts",
        ),
        Overlap.PART,
        no_parts,
    ),
    Rule(
        ADDED,
        Text(
            "{one} 与 {other} 印的是同一个数字，不能算两次",
            "{one} and {other} print the same figure, which counts only once",
        ),
        Overlap.REPEAT,
    ),
    Rule(
        ADDED,
        Text(
            "{one} 的报告机关可能已包含 {other} 的报告机关",
            "the body that reports {one} may contain the one that reports {other}",
        ),
        Overlap.BODY,
        by(lambda measure: measure.links.body),
    ),
    Rule(
        ADDED,
        Text(
            "{one} 与 {other} 说的是同一件事，时期重叠",
            "{one} and {other} are of the same thing in periods that overlap",
        ),
        Overlap.PERIOD,
    ),
)


def find_breaches(
    query: GroupQuery, groups: Sequence[Group], overlaps: Overlaps
) -> Sequence[Breach]:
    """Each rule that what the query asks for breaks, in the order of the rules."""
    measure = measure_of(query)
    asked = {one.function for one in query.computed}
    return [
        breach
        for rule in RULES
        if rule.functions & asked
        for breach in _first(rule, measure, groups, overlaps)
    ]


def mend(query: GroupQuery, breaches: Sequence[Breach]) -> GroupQuery:
    """The query mended as far as ways are known and the keys don't become too many."""
    for breach in breaches:
        mended = breach.rule.mend(query, measure_of(query), breach.group)
        if len(mended.keys) <= KEYS_MAX:
            query = mended
    return query


def without(query: GroupQuery, breaches: Sequence[Breach]) -> GroupQuery:
    """The query without the functions that break a rule; counting breaks none."""
    refused = frozenset().union(*(breach.rule.functions for breach in breaches))
    kept = tuple(one for one in query.aggregates if one.function not in refused)
    return replace(query, aggregates=kept or (COUNT,))


def _first(
    rule: Rule, measure: Measure, groups: Sequence[Group], overlaps: Overlaps
) -> Iterator[Breach]:
    for group in groups:
        ids = rule.broken(measure, group, overlaps)
        if ids is not None:
            yield Breach(rule, group, ids)
            return

"""The invented codebook: metrics, dimensions, services, and the labels of every code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bench.invented.words import PERCENT, TOPICS, UNITS, Act, Thing, Topic, Unit
from opendata_api.datasets import FIXED_CODES
from opendata_api.words import Text

TOTAL = "total"
"""The value of a dimension that contains the others."""

Labels = Mapping[str, Text]


@dataclass(frozen=True, slots=True)
class Dimension:
    """How figures are broken down."""

    words: Text
    values: Labels


DIMENSIONS: Mapping[str, Dimension] = {
    "service_scope": Dimension(
        Text("通办范围", "scope of handling"),
        {
            TOTAL: Text("合计", "total"),
            "citywide": Text("全市通办", "citywide"),
            "province_wide": Text("全省通办", "province-wide"),
            "cross_province": Text("跨省通办", "cross-province"),
        },
    ),
    "regulated_field": Dimension(
        Text("执法领域", "regulated field"),
        {
            "food": Text("食品安全", "food"),
            "drugs": Text("药品监管", "drugs"),
            "labour": Text("劳动保障", "labour"),
            "transport": Text("交通运输", "transport"),
            "construction": Text("住房建设", "construction"),
        },
    ),
    "dispute_kind": Dimension(
        Text("纠纷类型", "kind of dispute"),
        {
            "neighbours": Text("邻里纠纷", "between neighbours"),
            "marriage": Text("婚姻家庭", "marriage and family"),
            "land": Text("土地山林", "land and woods"),
            "wages": Text("劳动报酬", "wages"),
            "traffic": Text("交通事故", "traffic accidents"),
        },
    ),
    "outcome": Dimension(
        Text("复议结果", "outcome"),
        {
            "upheld": Text("决定维持", "upheld"),
            "revoked": Text("决定撤销", "revoked"),
            "settled": Text("调解结案", "settled"),
            "withdrawn": Text("撤回终止", "withdrawn"),
        },
    ),
    "instance": Dimension(
        Text("审级", "instance"),
        {"first": Text("一审阶段", "first"), "second": Text("二审阶段", "second")},
    ),
    "audience": Dimension(
        Text("宣传对象", "audience"),
        {
            "students": Text("青少年学生", "students"),
            "villagers": Text("村民群众", "villagers"),
            "companies": Text("企业职工", "companies"),
            "migrants": Text("外来务工人员", "migrants"),
        },
    ),
}

SERVICES: Labels = {
    "government_services": Text("跨区域通办", "cross-area handling"),
    "legal_aid": Text("法律援助", "legal aid"),
    "village_legal_advisers": Text("村（社区）法律顾问", "village legal advisers"),
    "law_savvy_people": Text("法律明白人", "law-savvy people"),
}
"""Each by its topic, whose metrics it shows."""

BASES: Labels = {
    TOTAL: Text("全部（合计或总体）", "the whole"),
    "per_body": Text("每个机关", "for each body"),
    "list_for_type": Text("该类机构的清单", "the list for the type of body"),
    "per_enterprise": Text("每户企业", "for each enterprise"),
}

FRAMEWORK = "rule_of_law_government_2021"
FRAMEWORKS: Labels = {
    FRAMEWORK: Text("法治政府建设实施纲要", "Outline for Building a Law-based Government")
}


@dataclass(frozen=True, slots=True)
class Traits:
    """What all figures of a metric have in common, beside their unit."""

    role: str = "actual"
    basis: str = TOTAL
    period_kind: str = "flow"


PLAIN = Traits()
SPECIAL = (
    Traits(period_kind="stock"),
    Traits(period_kind="cumulative"),
    Traits(period_kind="unknown"),
    Traits(basis="per_body"),
    Traits(role="target"),
    Traits(basis="list_for_type"),
    Traits(basis="per_enterprise"),
)
"""Of the last act of each thing, in turn: these figures can't be added."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One entry of the codebook."""

    id: str
    names: Text
    topic: Topic
    unit: Unit
    kind: str
    phrase: str
    """What a sentence says before the figure."""
    traits: Traits = PLAIN
    change_of: str | None = None
    dimension: str | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """What a report may state once: a metric, or one value of its dimension."""

    metric: Metric
    value: str | None = None


def _metrics() -> Iterator[Metric]:
    for topic in TOPICS:
        for thing in topic.things:
            yield from _levels(topic, thing)
            yield _change(topic, thing)
        yield _rate(topic, topic.things[0])


def _levels(topic: Topic, thing: Thing) -> Iterator[Metric]:
    kind = "amount" if thing.unit.id == "yuan" else "count"
    special = SPECIAL[TOPICS.index(topic) % len(SPECIAL)]
    for place, act in enumerate(thing.unit.acts):
        yield Metric(
            id=f"{thing.id}_{act.id}",
            names=_names(thing, act, "金额" if kind == "amount" else "数"),
            topic=topic,
            unit=thing.unit,
            kind=kind,
            phrase=f"{act.words.zh}{thing.words.zh}",
            traits=special if place == len(thing.unit.acts) - 1 else PLAIN,
            dimension=thing.dimension if place == 1 else None,
        )


def _change(topic: Topic, thing: Thing) -> Metric:
    act = thing.unit.acts[0]
    level = f"{thing.id}_{act.id}"
    return Metric(
        id=f"{level}_yoy_change",
        names=_names(thing, act, "同比增减"),
        topic=topic,
        unit=PERCENT,
        kind="change",
        phrase=f"{act.words.zh}{thing.words.zh}同比",
        change_of=level,
    )


def _rate(topic: Topic, thing: Thing) -> Metric:
    act = thing.unit.acts[1]
    return Metric(
        id=f"{thing.id}_{act.id}_rate",
        names=_names(thing, act, "率"),
        topic=topic,
        unit=PERCENT,
        kind="rate",
        phrase=f"{thing.words.zh}{act.words.zh}率达",
    )


def _names(thing: Thing, act: Act, ending: str) -> Text:
    english = {"数": "", "金额": "", "同比增减": ", change on a year", "率": ", rate"}[ending]
    return Text(
        f"{act.words.zh}{thing.words.zh}{ending}", f"{thing.words.en} {act.words.en}{english}"
    )


METRICS = tuple(_metrics())
SLOTS = tuple(
    Slot(metric, value)
    for metric in METRICS
    for value in (DIMENSIONS[metric.dimension].values if metric.dimension else [None])
)
"""In the order of a report's chapters."""


def labels() -> dict[str, dict[str, tuple[str, str]]]:
    """The labels of the codes that no report adds to, by list."""
    fixed: dict[str, Labels] = {
        name: {code.value: code.label for code in codes} for name, codes in FIXED_CODES.items()
    }
    values = {f"dimensions.{name}": one.values for name, one in DIMENSIONS.items()}
    lists: dict[str, Labels] = {
        **fixed,
        "topics": {topic.id: topic.words for topic in TOPICS},
        "units": {unit.id: unit.words for unit in UNITS},
        "metrics": {metric.id: metric.names for metric in METRICS},
        "bases": BASES,
        "services": SERVICES,
        "frameworks": FRAMEWORKS,
        "dimensions": {name: one.words for name, one in DIMENSIONS.items()},
        **values,
    }
    return {
        name: {code: (text.zh, text.en) for code, text in one.items()}
        for name, one in lists.items()
    }

"""The codebook: what each metric counts, with its latest figures."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated

from opendata_api.datasets.fields import (
    NameEn,
    NameZh,
    Topic,
    TopicEn,
    TopicZh,
    UnitCode,
    UnitEn,
    UnitZh,
)
from opendata_api.describe import (
    EQ,
    ISNULL,
    ONE_OF,
    STARTSWITH,
    About,
    Column,
    Dataset,
    Record,
    Type,
)
from opendata_api.words import Text


@dataclass(frozen=True, slots=True)
class LatestFigure:
    """One figure of the newest year that has the metric."""

    id: str
    year: int
    area_code: str
    value: Decimal | None
    value_text: str
    dimensions: dict[str, str]


class Metric(Record):
    """One entry of the codebook."""

    id: Annotated[
        str,
        About(
            Text("编号", "ID"),
            Text("指标代码，即其编号。", "The metric's code is its id."),
            Type.CODE,
            "legal_aid_cases_accepted_and_assigned",
            operators=(*ONE_OF, STARTSWITH),
            sortable=True,
        ),
    ]
    name_zh: NameZh
    name_en: NameEn
    definition_zh: Annotated[
        str,
        About(
            Text("中文释义", "Definition in Chinese"),
            Text("数什么、哪个总体、不可与什么混同。", "What is counted and what it is not."),
            Type.TEXT,
            "法律援助中心受理并指派的法律援助件数；不含认罪认罚法律帮助。",
            searched=True,
        ),
    ]
    definition_en: Annotated[
        str,
        About(
            Text("英文释义", "Definition in English"),
            Text("同上，英文，由本项目撰写。", "The same in English; ours."),
            Type.TEXT,
            "Legal aid cases that the legal aid centre accepted and assigned; legal assistance in "
            "cases of admitting guilt is not among them.",
            searched=True,
        ),
    ]
    unit: UnitCode
    unit_zh: UnitZh
    unit_en: UnitEn
    kind: Annotated[
        str,
        About(
            Text("类型", "Kind"),
            Text("数量、金额、比率或增减幅度。", "Count, amount, rate or change."),
            Type.CODE,
            "count",
            operators=ONE_OF,
            sortable=True,
            codes="metric_kinds",
            groupable=True,
        ),
    ]
    topic: Topic
    topic_zh: TopicZh
    topic_en: TopicEn
    change_of: Annotated[
        str | None,
        About(
            Text("所变动的指标", "Change of"),
            Text(
                "增减幅度所指的指标；原文没有给出水平数时为空。",
                "The metric whose change it is; null where the report gives no level.",
            ),
            Type.CODE,
            None,
            operators=(EQ, ISNULL),
            codes="metrics",
            groupable=True,
        ),
    ]
    not_comparable_with: Annotated[
        list[str],
        About(
            Text("不可比的指标", "Not comparable with"),
            Text("名称相近而总体不同的指标。", "Metrics alike in words, of other populations."),
            Type.LIST,
            ["legal_assistance_in_cases_of_admitting_guilt"],
            codes="metrics",
        ),
    ]
    frameworks: Annotated[
        list[str],
        About(
            Text("所属纲要部分", "Frameworks"),
            Text("国家纲要的相应部分（带版本）。", "Its part of the national outlines, versioned."),
            Type.LIST,
            ["rule_of_law_society_2020.4"],
            codes="frameworks",
        ),
    ]
    alternative_names: Annotated[
        list[str],
        About(
            Text("别名", "Alternative names"),
            Text("同一指标的其他叫法。", "Other names of the same metric."),
            Type.LIST,
            ["法律援助案件数"],
        ),
    ]
    observation_count: Annotated[
        int,
        About(
            Text("数据条数", "Observations"),
            Text("该指标的记录数。", "How many observations have this metric."),
            Type.INTEGER,
            1,
        ),
    ]
    latest: Annotated[
        list[LatestFigure],
        About(
            Text("最新数字", "Latest figures"),
            Text("最新年度的数字及其记录编号。", "Figures of the newest year, with their ids."),
            Type.FIGURES,
            [
                {
                    "id": "cn450203-2023-rol-o083",
                    "year": 2023,
                    "area_code": "450203",
                    "value": 206,
                    "value_text": "206件",
                    "dimensions": {},
                }
            ],
        ),
    ]


METRICS = Dataset(
    name="metrics",
    singular="metric",
    title=Text("指标", "Metrics"),
    description=Text(
        "指标目录：每个指标的名称、释义、单位，及最新数字。",
        "The codebook: name, definition and unit of each metric, with its latest figures.",
    ),
    model=Metric,
    identity=("unit",),
    derived=("observation_count", "latest"),
    examples={
        "name_zh": "受理并指派法律援助件数",
        "name_en": "legal aid cases accepted and assigned",
    },
    is_code_list=True,
    columns=(
        Column("name", Text("指标", "Metric"), translated=True),
        Column("definition", Text("释义", "Definition"), translated=True),
        Column("unit", Text("单位", "Unit"), translated=True),
        Column("kind", Text("类型", "Kind")),
        Column("topic", Text("主题", "Topic"), translated=True),
        Column("change_of", Text("所变动的指标", "Change of")),
        Column("not_comparable_with", Text("不可比的指标", "Not comparable with")),
        Column("frameworks", Text("所属纲要部分", "Frameworks")),
        Column("alternative_names", Text("别名", "Alternative names")),
        Column("observation_count", Text("数据条数", "Observations")),
        Column("latest", Text("最新数字", "Latest figures")),
        Column("id", Text("编号", "ID")),
    ),
)

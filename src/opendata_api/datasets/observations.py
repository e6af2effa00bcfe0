"""Every figure of every report, one row each, with the characters that state it."""

from datetime import date
from typing import Annotated

from opendata_api.datasets.codes import RATIO_UNITS
from opendata_api.datasets.evidence import FigureEvidence
from opendata_api.datasets.fields import AreaCode, AreaZh, BodyId, BodyZh, ReportId, Topic, Year
from opendata_api.datasets.figure import Figure
from opendata_api.describe import (
    EQ,
    ISNULL,
    PERIOD,
    About,
    Column,
    Dataset,
    Record,
    Type,
)
from opendata_api.measure import Links, Meanings, Measure, Traits
from opendata_api.words import Text


class Circumstances(Record):
    """Of what time, place and group a figure speaks, and how far it can be trusted."""

    role: Annotated[
        str,
        About(
            Text("性质", "Role"),
            Text("实际数还是目标数。", "An actual figure or a target."),
            Type.CODE,
            "actual",
            operators=(EQ,),
            codes="roles",
            groupable=True,
        ),
    ]
    year: Year
    period_start: Annotated[
        date | None,
        About(
            Text("时期起", "Period start"),
            Text("时期的第一天；空值表示没有写明。", "Its first day; null: not stated."),
            Type.DATE,
            "2023-01-01",
            operators=PERIOD,
            sortable=True,
        ),
    ]
    period_end: Annotated[
        date | None,
        About(
            Text("时期止", "Period end"),
            Text("时期的最后一天（含）；空值表示没有写明。", "Its last day; null: not stated."),
            Type.DATE,
            "2023-12-31",
            operators=(*PERIOD, ISNULL),
            sortable=True,
        ),
    ]
    period_kind: Annotated[
        str,
        About(
            Text("时期类型", "Kind of period"),
            Text("时期数、时点数、累计数或未说明。", "Flow, stock, cumulative or unknown."),
            Type.CODE,
            "flow",
            operators=(EQ,),
            codes="period_kinds",
            groupable=True,
        ),
    ]
    period_source: Annotated[
        str | None,
        About(
            Text("时期依据", "Source of the period"),
            Text(
                "时期是原文写明、承前句，还是推定。",
                "Whether the period is stated, inherited from the sentence before, or assumed.",
            ),
            Type.CODE,
            "stated",
            codes="period_sources",
            groupable=True,
        ),
    ]
    area_code: AreaCode
    area_zh: AreaZh
    body_id: BodyId
    body_zh: BodyZh
    report_id: ReportId
    topic: Topic
    dimensions: Annotated[
        dict[str, str],
        About(
            Text("维度", "Dimensions"),
            Text(
                "原文写明的分组；没有写明的维度不出现。用 dim=名称:值 筛选。",
                "The breakdown that the text states; nothing is assumed. Filter: dim=name:value.",
            ),
            Type.DIMENSIONS,
            {"service_scope": "cross_province"},
            codes="dimensions",
        ),
    ]
    dimensions_zh: Annotated[
        str | None,
        About(
            Text("维度（中文）", "Dimensions in Chinese"),
            Text("维度的中文标签。", "The labels of the dimensions in Chinese."),
            Type.TEXT,
            "通办范围=跨省通办",
        ),
    ]
    basis: Annotated[
        str,
        About(
            Text("计数口径", "Basis"),
            Text("总数、每个机关的数、每户的数等。", "A total, a figure for each body, and so on."),
            Type.CODE,
            "total",
            operators=(EQ,),
            codes="bases",
            groupable=True,
        ),
    ]
    part_of: Annotated[
        str | None,
        About(
            Text("所属总数", "Part of"),
            Text("原文写明包含本数的总数。", "The total that contains it, where the text says so."),
            Type.CODE,
            None,
            operators=(EQ, ISNULL),
        ),
    ]
    same_as: Annotated[
        list[str],
        About(
            Text("相同数字", "Same figure"),
            Text("印出同一数字的其他记录。", "Observations that print the same figure."),
            Type.LIST,
            ["cn450203-2023-rol-o081"],
        ),
    ]
    status: Annotated[
        str,
        About(
            Text("状态", "Status"),
            Text("照原文、原文含义不明或已更正。", "As printed, ambiguous or corrected."),
            Type.CODE,
            "as_printed",
            operators=(EQ,),
            codes="statuses",
            groupable=True,
        ),
    ]
    note_zh: Annotated[
        str | None,
        About(
            Text("说明（中文）", "Note in Chinese"),
            Text("读者须知，如判断的理由。", "What a reader should know, such as why; Chinese."),
            Type.TEXT,
            None,
        ),
    ]
    note_en: Annotated[
        str | None,
        About(
            Text("说明（英文）", "Note in English"),
            Text("同上，英文。", "The same in English."),
            Type.TEXT,
            None,
        ),
    ]


class Observation(FigureEvidence, Circumstances, Figure):
    """One figure of one report."""


FIGURE_COLUMNS = (
    Column("metric", Text("指标", "Metric"), translated=True),
    Column("value", Text("数值", "Value")),
    Column("unit", Text("单位", "Unit"), translated=True),
    Column("value_text", Text("原文印数", "As printed")),
    Column("year", Text("年份", "Year")),
    Column("area_code", Text("地区", "Area")),
    Column("quote", Text("原文句子", "Sentence in the report")),
)
DETAIL_COLUMNS = (
    Column("qualifier", Text("限定", "Qualifier")),
    Column("value_min", Text("下限", "Lower bound")),
    Column("value_max", Text("上限", "Upper bound")),
    Column("role", Text("性质", "Role")),
    Column("period_start", Text("时期起", "Period start")),
    Column("period_end", Text("时期止", "Period end")),
    Column("period_kind", Text("时期类型", "Kind of period")),
    Column("period_source", Text("时期依据", "Source of the period")),
    Column("body_id", Text("报告机关", "Reporting body")),
    Column("topic", Text("主题", "Topic")),
    Column("dimensions", Text("维度", "Dimensions")),
    Column("basis", Text("计数口径", "Basis")),
    Column("part_of", Text("所属总数", "Part of")),
    Column("same_as", Text("相同数字", "Same figure")),
    Column("status", Text("状态", "Status")),
    Column("note", Text("说明", "Note"), translated=True),
    Column("section", Text("章节", "Section")),
    Column("id", Text("编号", "ID")),
)

FIGURES = Measure(
    value="value",
    low="value_min",
    high="value_max",
    qualifier="qualifier",
    area="area_code",
    traits=Traits(
        unit="unit",
        metric="metric",
        role="role",
        basis="basis",
        period_kind="period_kind",
        status="status",
        dimensions="dimensions",
    ),
    links=Links(
        body="body_id",
        year="year",
        period_start="period_start",
        period_end="period_end",
        part_of="part_of",
        same_as="same_as",
    ),
    meanings=Meanings(
        ratio_units=RATIO_UNITS,
        actual="actual",
        whole="total",
        levels=frozenset({"stock", "cumulative"}),
        unknown_period="unknown",
        exact="unqualified",
        ambiguous="ambiguous",
        total="total",
    ),
)

OBSERVATIONS = Dataset(
    name="observations",
    singular="observation",
    title=Text("报告数据", "Observations"),
    description=Text(
        "报告中的每一个数字，一数一行，附原文依据。所有数字均为政府自行报告。",
        "Every figure of every report, one row each, with its evidence. "
        "All figures are the government's own report of itself.",
    ),
    model=Observation,
    identity=("metric", "area_code", "year"),
    derived=("topic",),
    combined=(
        ("topic", "year"),
        ("metric", "year"),
        ("area_code", "topic"),
        ("area_code", "metric"),
    ),
    measure=FIGURES,
    columns=(*FIGURE_COLUMNS, *DETAIL_COLUMNS),
)

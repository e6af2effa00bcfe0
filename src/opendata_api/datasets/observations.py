"""Every figure of every report, one row each, with the characters that state it."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from pydantic import ConfigDict
from sqlmodel import SQLModel

from opendata_api.describe import (
    CODES,
    EQ,
    GT,
    GTE,
    ISNULL,
    LT,
    LTE,
    NE,
    NUMBER,
    ONE_OF,
    PERIOD,
    STARTSWITH,
    About,
    Column,
    Dataset,
    Type,
)
from opendata_api.words import Text


class Observation(SQLModel):
    """One figure of one report."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[
        str,
        About(
            Text("编号", "ID"),
            Text("全国唯一，永不改变，也不重用。", "Unique in the country, never reused."),
            Type.CODE,
            "cn450203-2023-rol-o042",
            operators=ONE_OF,
            sortable=True,
        ),
    ]
    metric: Annotated[
        str,
        About(
            Text("指标", "Metric"),
            Text("指标代码，释义见 /v1/metrics/{id}。", "Its definition: /v1/metrics/{id}."),
            Type.CODE,
            "legal_aid_cases_accepted_and_assigned",
            operators=CODES,
            sortable=True,
            codes="metrics",
        ),
    ]
    metric_zh: Annotated[
        str,
        About(
            Text("指标中文名", "Metric in Chinese"),
            Text("指标的中文名称。", "The metric's Chinese name."),
            Type.TEXT,
            "受理并指派法律援助案件",
        ),
    ]
    metric_en: Annotated[
        str,
        About(
            Text("指标英文名", "Metric in English"),
            Text("指标的英文名称，由本项目翻译。", "The metric's English name; ours."),
            Type.TEXT,
            "legal aid cases accepted and assigned",
        ),
    ]
    value: Annotated[
        Decimal | None,
        About(
            Text("数值", "Value"),
            Text(
                "按基本单位计的精确数值（23.07亿元记为2307000000）；空值表示原文没有给出，不等于零。",
                "Exact, in the base unit (23.07亿元 is 2307000000); null: not given, never zero.",
            ),
            Type.DECIMAL,
            206,
            operators=(EQ, GT, GTE, LT, LTE),
            sortable=True,
        ),
    ]
    unit: Annotated[
        str,
        About(
            Text("单位", "Unit"),
            Text("单位代码；一个指标只有一个单位。", "Code of the unit; one metric has one unit."),
            Type.CODE,
            "case",
            operators=CODES,
            sortable=True,
            codes="units",
        ),
    ]
    unit_zh: Annotated[
        str,
        About(
            Text("单位（中文）", "Unit in Chinese"),
            Text(
                "原文所用量词；件、起、宗不是同一单位。",
                "The counter as printed; 件, 起 and 宗 are different units.",
            ),
            Type.TEXT,
            "件",
        ),
    ]
    unit_en: Annotated[
        str,
        About(
            Text("单位（英文）", "Unit in English"),
            Text("单位的英文名称。", "The unit's English name."),
            Type.TEXT,
            "cases",
        ),
    ]
    value_text: Annotated[
        str,
        About(
            Text("原文印数", "As printed"),
            Text(
                "原文中证明数值及其正负的文字。",
                "The printed words that prove the value and its sign.",
            ),
            Type.TEXT,
            "206件",
        ),
    ]
    printed_value: Annotated[
        Decimal | None,
        About(
            Text("印出的数", "Printed number"),
            Text("原文印出的数，未换算（23.07）。", "As printed, not converted (23.07)."),
            Type.DECIMAL,
            206,
        ),
    ]
    printed_unit: Annotated[
        str | None,
        About(
            Text("印出的单位", "Printed unit"),
            Text("原文印出的单位（亿元）。", "The unit as printed (亿元)."),
            Type.TEXT,
            "件",
        ),
    ]
    qualifier: Annotated[
        str,
        About(
            Text("限定", "Qualifier"),
            Text("原文对数字的限定，如“余”为超过。", "How the text qualifies it; 余 is more than."),
            Type.CODE,
            "unqualified",
            operators=(EQ, NE),
            codes="qualifiers",
        ),
    ]
    value_min: Annotated[
        Decimal | None,
        About(
            Text("下限", "Lower bound"),
            Text("数值的下限；空值表示没有。", "The value is not below this; null: no bound."),
            Type.DECIMAL,
            206,
        ),
    ]
    value_max: Annotated[
        Decimal | None,
        About(
            Text("上限", "Upper bound"),
            Text("数值的上限；空值表示没有。", "The value is not above this; null: no bound."),
            Type.DECIMAL,
            206,
        ),
    ]
    role: Annotated[
        str,
        About(
            Text("性质", "Role"),
            Text("实际数还是目标数。", "An actual figure or a target."),
            Type.CODE,
            "actual",
            operators=(EQ,),
            codes="roles",
        ),
    ]
    year: Annotated[
        int,
        About(
            Text("年份", "Year"),
            Text("报告所属年度。", "The year that the report is about."),
            Type.INTEGER,
            2023,
            operators=NUMBER,
            sortable=True,
        ),
    ]
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
            operators=(EQ, NE),
            codes="period_kinds",
        ),
    ]
    period_source: Annotated[
        str | None,
        About(
            Text("时期依据", "Source of the period"),
            Text(
                "时期是本句写明、承前句，还是按报告年度推定。",
                "Whether the period is stated, inherited from the sentence before, or assumed.",
            ),
            Type.CODE,
            "stated",
            codes="period_sources",
        ),
    ]
    area_code: Annotated[
        str,
        About(
            Text("地区", "Area"),
            Text("六位行政区划代码。", "Six-digit area code (GB/T 2260)."),
            Type.CODE,
            "450203",
            operators=CODES,
            sortable=True,
            codes="areas",
        ),
    ]
    area_zh: Annotated[
        str,
        About(
            Text("地区名称", "Area in Chinese"),
            Text("地区的中文名称。", "The area's Chinese name."),
            Type.TEXT,
            "鱼峰区",
        ),
    ]
    body_id: Annotated[
        str,
        About(
            Text("报告机关", "Reporting body"),
            Text("作出报告的机关；机关不等于地区。", "Who reports; a body is not an area."),
            Type.CODE,
            "cn450203",
            operators=ONE_OF,
            sortable=True,
            codes="bodies",
        ),
    ]
    body_zh: Annotated[
        str,
        About(
            Text("报告机关名称", "Reporting body in Chinese"),
            Text("报告机关的中文名称。", "The body's Chinese name."),
            Type.TEXT,
            "鱼峰区人民政府",
        ),
    ]
    report_id: Annotated[
        str,
        About(
            Text("报告", "Report"),
            Text("所属报告，见 /v1/reports/{id}。", "The report: /v1/reports/{id}."),
            Type.CODE,
            "cn450203-2023-rol",
            operators=ONE_OF,
            sortable=True,
        ),
    ]
    topic: Annotated[
        str,
        About(
            Text("主题", "Topic"),
            Text("指标所属主题。", "The topic of the metric."),
            Type.CODE,
            "legal_aid",
            operators=CODES,
            sortable=True,
            codes="topics",
        ),
    ]
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
            Text("同一印数", "Same figure"),
            Text("印出同一数字的其他记录。", "Observations that print the same figure."),
            Type.LIST,
            ["cn450203-2023-rol-o085"],
        ),
    ]
    status: Annotated[
        str,
        About(
            Text("状态", "Status"),
            Text("照原文、原文含义不明或已更正。", "As printed, ambiguous or corrected."),
            Type.CODE,
            "as_printed",
            operators=(EQ, NE),
            codes="statuses",
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
    document_id: Annotated[
        str,
        About(
            Text("文件", "Document"),
            Text(
                "证据所在的文件，原文见 /v1/documents/{id}/text。",
                "Where the evidence stands: /v1/documents/{id}/text.",
            ),
            Type.CODE,
            "cn450203-2023-rol-d1",
            operators=(EQ,),
        ),
    ]
    section: Annotated[
        str | None,
        About(
            Text("章节", "Section"),
            Text("所在章节，如“一（八）二是”。", "Where it stands, such as 一（八）二是."),
            Type.TEXT,
            "一（八）二是",
            operators=(EQ, STARTSWITH),
        ),
    ]
    quote: Annotated[
        str,
        About(
            Text("原文句子", "Quote"),
            Text("写有该数的最短原文，一字不改。", "The shortest run of the text that states it."),
            Type.TEXT,
            "法律援助中心全年共受理并指派法律援助206件",
        ),
    ]
    quote_start: Annotated[
        int,
        About(
            Text("引文起点", "Quote start"),
            Text(
                "从0起，以 Unicode 码点计。",
                "From 0, in Unicode code points: text[quote_start:quote_end] == quote.",
            ),
            Type.INTEGER,
            2861,
        ),
    ]
    quote_end: Annotated[
        int,
        About(
            Text("引文终点", "Quote end"),
            Text("不含该位置。", "End of the quote, exclusive."),
            Type.INTEGER,
            2882,
        ),
    ]
    value_start: Annotated[
        int,
        About(
            Text("印数起点", "Figure start"),
            Text(
                "从0起，以 Unicode 码点计。",
                "From 0, in Unicode code points: text[value_start:value_end] == value_text.",
            ),
            Type.INTEGER,
            2878,
        ),
    ]
    value_end: Annotated[
        int,
        About(
            Text("印数终点", "Figure end"),
            Text("不含该位置。", "End of the printed figure, exclusive."),
            Type.INTEGER,
            2882,
        ),
    ]


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
    Column("same_as", Text("同一印数", "Same figure")),
    Column("status", Text("状态", "Status")),
    Column("note", Text("说明", "Note"), translated=True),
    Column("section", Text("章节", "Section")),
    Column("id", Text("编号", "ID")),
)

OBSERVATIONS = Dataset(
    name="observations",
    singular="observation",
    title=Text("数据", "Observations"),
    description=Text(
        "报告中的每一个数字，一数一行，附原文依据。所有数字均为政府自行报告。",
        "Every figure of every report, one row each, with its evidence. "
        "All figures are the government's own report of itself.",
    ),
    model=Observation,
    columns=(*FIGURE_COLUMNS, *DETAIL_COLUMNS),
)

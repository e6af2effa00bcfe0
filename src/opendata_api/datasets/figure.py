"""The part of an observation that says how much of what."""

from decimal import Decimal
from typing import Annotated

from opendata_api.datasets.fields import RecordId, UnitCode, UnitEn
from opendata_api.describe import (
    CODES,
    EQ,
    GT,
    GTE,
    LT,
    LTE,
    NE,
    About,
    Record,
    Type,
)
from opendata_api.words import Text


class Figure(Record):
    """A figure: which metric, how much, and how it is printed."""

    id: RecordId
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
            groupable=True,
        ),
    ]
    metric_zh: Annotated[
        str,
        About(
            Text("指标中文名", "Metric in Chinese"),
            Text("指标的中文名称。", "The metric's Chinese name."),
            Type.TEXT,
            "受理并指派法律援助件数",
            searched=True,
        ),
    ]
    metric_en: Annotated[
        str,
        About(
            Text("指标英文名", "Metric in English"),
            Text("指标的英文名称，由本项目翻译。", "The metric's English name; ours."),
            Type.TEXT,
            "legal aid cases accepted and assigned",
            searched=True,
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
    unit: UnitCode
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
    unit_en: UnitEn
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
            Text("原文数字", "Printed number"),
            Text("原文所印的数字，未换算（如23.07）。", "As printed, not converted (23.07)."),
            Type.DECIMAL,
            206,
        ),
    ]
    printed_unit: Annotated[
        str | None,
        About(
            Text("原文单位", "Printed unit"),
            Text("原文所印的单位（如亿元）。", "The unit as printed (亿元)."),
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
            groupable=True,
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

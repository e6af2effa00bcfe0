"""A view of observations: what public services handled, one row for each level stated."""

from typing import Annotated

from opendata_api.datasets.observations import (
    DETAIL_COLUMNS,
    FIGURE_COLUMNS,
    FIGURES,
    Observation,
)
from opendata_api.describe import ISNULL, ONE_OF, About, Column, Dataset, Record, Type
from opendata_api.words import Text


class ServiceSelection(Record):
    """Which service the figure belongs to, and how it can be misread."""

    service: Annotated[
        str,
        About(
            Text("服务", "Service"),
            Text(
                "跨区域通办、法律援助、村（社区）法律顾问或法律明白人。",
                "Cross-area handling, legal aid, village legal advisers or law-savvy people.",
            ),
            Type.CODE,
            "cross_area_handling",
            operators=ONE_OF,
            sortable=True,
            codes="services",
            groupable=True,
        ),
    ]
    service_zh: Annotated[
        str,
        About(
            Text("服务中文名", "Service in Chinese"),
            Text("服务的中文名称。", "The service's Chinese name."),
            Type.TEXT,
            "跨区域通办",
            searched=True,
        ),
    ]
    service_en: Annotated[
        str,
        About(
            Text("服务英文名", "Service in English"),
            Text("服务的英文名称。", "The service's English name."),
            Type.TEXT,
            "cross-area handling",
            searched=True,
        ),
    ]
    scope: Annotated[
        str | None,
        About(
            Text("通办范围", "Scope"),
            Text(
                "全市、全区（自治区）或跨省；不适用则为空。",
                "Citywide, autonomous region or cross-province; null where it does not apply.",
            ),
            Type.CODE,
            "cross_province",
            operators=(*ONE_OF, ISNULL),
            sortable=True,
            codes="dimensions.service_scope",
            groupable=True,
        ),
    ]
    scope_zh: Annotated[
        str | None,
        About(
            Text("通办范围（中文）", "Scope in Chinese"),
            Text("范围的中文名称。", "The scope's Chinese name."),
            Type.TEXT,
            "跨省通办",
        ),
    ]
    scope_en: Annotated[
        str | None,
        About(
            Text("通办范围（英文）", "Scope in English"),
            Text("范围的英文名称。", "The scope's English name."),
            Type.TEXT,
            "cross-province",
        ),
    ]
    caution_zh: Annotated[
        str | None,
        About(
            Text("使用提示（中文）", "Caution in Chinese"),
            Text("读者容易误用之处。", "Where a reader could go wrong; in Chinese."),
            Type.TEXT,
            None,
        ),
    ]
    caution_en: Annotated[
        str | None,
        About(
            Text("使用提示（英文）", "Caution in English"),
            Text("同上，英文。", "The same in English."),
            Type.TEXT,
            None,
        ),
    ]


class ServiceCount(Observation, ServiceSelection):
    """An observation of a service: same id, same values."""


SERVICE_COUNTS = Dataset(
    name="service-counts",
    singular="service_count",
    title=Text("公共服务数量", "Service counts"),
    description=Text(
        "公共服务的办理数量：跨区域通办、法律援助、村（社区）法律顾问、法律明白人。"
        "任意两行都不能相加。",
        "What public services handled: cross-area handling, legal aid, village (community) legal "
        "advisers, law-savvy people. No two rows may be added.",
    ),
    model=ServiceCount,
    identity=("metric", "area_code", "year"),
    derived=("topic",),
    measure=FIGURES,
    columns=(
        *FIGURE_COLUMNS,
        Column("service", Text("服务", "Service"), translated=True),
        Column("scope", Text("通办范围", "Scope"), translated=True),
        Column("caution", Text("使用提示", "Caution"), translated=True),
        *DETAIL_COLUMNS,
    ),
)

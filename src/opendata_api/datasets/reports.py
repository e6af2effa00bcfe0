"""The reports: what a body owes for a year."""

from datetime import date
from typing import Annotated

from opendata_api.datasets.fields import (
    AreaCode,
    AreaZh,
    BodyId,
    BodyZh,
    InDocument,
    RecordId,
    SourceUrl,
    Year,
)
from opendata_api.describe import NUMBER, ONE_OF, About, Column, Dataset, Record, Type
from opendata_api.words import Text

PublishedOn = Annotated[
    date,
    About(
        Text("公布日期", "Published on"),
        Text("政府公布的日期（当地时间）。", "When the government published it; local date."),
        Type.DATE,
        "2024-03-01",
        operators=NUMBER,
        sortable=True,
    ),
]


class Report(Record):
    """One report of one body for one year."""

    id: RecordId
    body_id: BodyId
    body_zh: BodyZh
    area_code: AreaCode
    area_zh: AreaZh
    year: Year
    kind: Annotated[
        str,
        About(
            Text("种类", "Kind"),
            Text("报告种类。", "Kind of report."),
            Type.CODE,
            "rule_of_law_annual",
            operators=ONE_OF,
            codes="report_kinds",
            groupable=True,
        ),
    ]
    title_zh: Annotated[
        str,
        About(
            Text("标题", "Title in Chinese"),
            Text("报告的标题。", "The report's title, in Chinese."),
            Type.TEXT,
            "鱼峰区人民政府关于2023年法治政府建设工作情况的报告",
            searched=True,
        ),
    ]
    title_en: Annotated[
        str,
        About(
            Text("英文标题", "Title in English"),
            Text("标题的英文，由本项目翻译。", "The title in English; ours."),
            Type.TEXT,
            "Report of the People's Government of Yufeng District on building a law-based "
            "government in 2023",
            searched=True,
        ),
    ]
    published_on: PublishedOn
    addressee: Annotated[
        str | None,
        About(
            Text("主送机关", "Addressee"),
            Text("报告送给谁。", "Whom the report is addressed to."),
            Type.TEXT,
            "柳州市人民政府",
        ),
    ]
    source_url: SourceUrl
    source_rights: Annotated[
        str,
        About(
            Text("原文权利说明", "Rights in the source"),
            Text("原文的权利状况。", "What is known of the rights in the source."),
            Type.TEXT,
            "政府公开文件，未附许可文本。 / A public official document, without a licence text.",
        ),
    ]
    data_licence: Annotated[
        str,
        About(
            Text("数据许可", "Licence of the data"),
            Text("本项目所编数据的许可，不及于原文。", "Of our compilation, not of the source."),
            Type.CODE,
            "CC-BY-4.0",
        ),
    ]
    document_id: InDocument
    observation_count: Annotated[
        int,
        About(
            Text("数据条数", "Observations"),
            Text("该报告的记录数。", "How many observations it has."),
            Type.INTEGER,
            108,
        ),
    ]
    commitment_count: Annotated[
        int,
        About(
            Text("承诺条数", "Commitments"),
            Text("该报告的承诺数。", "How many commitments it has."),
            Type.INTEGER,
            19,
        ),
    ]


REPORTS = Dataset(
    name="reports",
    singular="report",
    title=Text("报告", "Reports"),
    description=Text("已收录的报告。", "The reports that figures are taken from."),
    model=Report,
    identity=("body_id", "year", "kind"),
    derived=("observation_count", "commitment_count"),
    examples={"id": "cn450203-2023-rol"},
    columns=(
        Column("title", Text("标题", "Title"), translated=True),
        Column("year", Text("年份", "Year")),
        Column("area_code", Text("地区", "Area")),
        Column("body_id", Text("报告机关", "Reporting body")),
        Column("kind", Text("种类", "Kind")),
        Column("published_on", Text("公布日期", "Published on")),
        Column("addressee", Text("主送机关", "Addressee")),
        Column("observation_count", Text("数据条数", "Observations")),
        Column("commitment_count", Text("承诺条数", "Commitments")),
        Column("source_url", Text("来源网址", "Source address")),
        Column("source_rights", Text("原文权利说明", "Rights in the source")),
        Column("data_licence", Text("数据许可", "Licence of the data")),
        Column("id", Text("编号", "ID")),
    ),
)

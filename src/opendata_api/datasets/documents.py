"""The immutable texts that evidence points into."""

from typing import Annotated

from opendata_api.datasets.fields import RecordId, ReportId, SourceUrl
from opendata_api.datasets.reports import PublishedOn
from opendata_api.describe import EQ, ONE_OF, About, Attached, Column, Dataset, Record, Type
from opendata_api.words import Text


class Document(Record):
    """One text: a report, later a correction notice."""

    id: RecordId
    report_id: ReportId
    kind: Annotated[
        str,
        About(
            Text("种类", "Kind"),
            Text("报告或更正公告。", "A report or a correction notice."),
            Type.CODE,
            "report",
            operators=ONE_OF,
            codes="document_kinds",
            groupable=True,
        ),
    ]
    title: Annotated[
        str,
        About(
            Text("标题", "Title"),
            Text("文件的标题。", "The document's title, in its language."),
            Type.TEXT,
            "鱼峰区人民政府关于2023年法治政府建设工作情况的报告",
            searched=True,
        ),
    ]
    published_on: PublishedOn
    source_url: SourceUrl
    sha256: Annotated[
        str,
        About(
            Text("SHA-256", "SHA-256"),
            Text("原文文件（UTF-8）的 SHA-256。", "Of the verbatim text in UTF-8."),
            Type.TEXT,
            "4bc87a206d1792d098d54ef76c243c6eda79352429ae5e031e50f0b66b3acefb",
            operators=(EQ,),
        ),
    ]
    length: Annotated[
        int,
        About(
            Text("长度", "Length"),
            Text("以 Unicode 码点计。", "In Unicode code points."),
            Type.INTEGER,
            4741,
        ),
    ]


DOCUMENTS = Dataset(
    name="documents",
    singular="document",
    title=Text("文件", "Documents"),
    description=Text(
        "数据所依据的原文，一经收录不再改动。",
        "The texts that evidence points into; never changed.",
    ),
    model=Document,
    identity=("report_id", "sha256"),
    examples={"id": "cn450203-2023-rol-d1"},
    attached=(Attached("text", "text/plain"), Attached("coverage", "application/json")),
    columns=(
        Column("title", Text("标题", "Title")),
        Column("kind", Text("种类", "Kind")),
        Column("published_on", Text("公布日期", "Published on")),
        Column("source_url", Text("来源网址", "Source address")),
        Column("sha256", Text("SHA-256", "SHA-256")),
        Column("length", Text("长度（码点）", "Length (code points)")),
        Column("report_id", Text("报告", "Report")),
        Column("id", Text("编号", "ID")),
    ),
)

"""The sentences of each document, in order, with what was taken from them."""

from typing import Annotated

from opendata_api.datasets.evidence import Section
from opendata_api.datasets.fields import InDocument, RecordId, ReportId
from opendata_api.describe import CONTAINS, EQ, About, Column, Dataset, Record, Type
from opendata_api.words import Text


class Passage(Record):
    """One sentence or heading."""

    id: RecordId
    document_id: InDocument
    report_id: ReportId
    section: Section
    position: Annotated[
        int,
        About(
            Text("序号", "Position"),
            Text("在文件中的次序，从1起。", "Its place in the document, from 1."),
            Type.INTEGER,
            72,
            sortable=True,
        ),
    ]
    text: Annotated[
        str,
        About(
            Text("文字", "Text"),
            Text(
                "原文；私人姓名以等长的＊代替。",
                "Verbatim, but a private person's name is masked by as many ＊.",
            ),
            Type.TEXT,
            "法律援助中心全年共受理并指派法律援助206件，接待来电、来访群众600余人次，"
            "提供认罪认罚法律帮助1300件。",
            operators=(CONTAINS,),
            searched=True,
        ),
    ]
    start: Annotated[
        int,
        About(
            Text("起点", "Start"),
            Text("从0起，以 Unicode 码点计。", "From 0, in Unicode code points."),
            Type.INTEGER,
            2835,
        ),
    ]
    end: Annotated[
        int,
        About(
            Text("终点", "End"),
            Text("不含该位置。", "Exclusive."),
            Type.INTEGER,
            2890,
        ),
    ]
    masked: Annotated[
        bool,
        About(
            Text("是否遮盖", "Masked"),
            Text("文字中有无遮盖的姓名。", "Whether a name in it is masked."),
            Type.BOOLEAN,
            example=False,
            operators=(EQ,),
            groupable=True,
        ),
    ]
    observations: Annotated[
        list[str],
        About(
            Text("所含数据", "Observations"),
            Text("数字出自本句的记录。", "Whose figure stands in it."),
            Type.LIST,
            ["cn450203-2023-rol-o083", "cn450203-2023-rol-o084", "cn450203-2023-rol-o085"],
        ),
    ]
    commitments: Annotated[
        list[str],
        About(
            Text("所含承诺", "Commitments"),
            Text("出自本句的承诺。", "What it promises."),
            Type.LIST,
            [],
        ),
    ]


PASSAGES = Dataset(
    name="passages",
    singular="passage",
    title=Text("句段", "Passages"),
    description=Text(
        "文件逐句拆分，附章节和位置。", "The sentences of each document, with section and offsets."
    ),
    model=Passage,
    is_derived=True,
    is_verbatim=True,
    examples={"id": "cn450203-2023-rol-p072"},
    columns=(
        Column("text", Text("文字", "Text")),
        Column("section", Text("章节", "Section")),
        Column("position", Text("序号", "Position")),
        Column("masked", Text("是否遮盖", "Masked")),
        Column("observations", Text("所含数据", "Observations")),
        Column("commitments", Text("所含承诺", "Commitments")),
        Column("report_id", Text("报告", "Report")),
        Column("id", Text("编号", "ID")),
    ),
)

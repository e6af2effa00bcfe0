"""The bodies: who reports and who is responsible; a body is not an area."""

from typing import Annotated

from opendata_api.datasets.fields import AreaCode, NameEn, NameZh, RecordId
from opendata_api.describe import ISNULL, ONE_OF, About, Column, Dataset, Record, Type
from opendata_api.words import Text


class Body(Record):
    """One government body."""

    id: RecordId
    name_zh: NameZh
    name_en: NameEn
    area_code: AreaCode
    kind: Annotated[
        str,
        About(
            Text("类别", "Kind"),
            Text("机关类别。", "Kind of body."),
            Type.CODE,
            "people_government",
            operators=ONE_OF,
            sortable=True,
            codes="body_kinds",
            groupable=True,
        ),
    ]
    parent_id: Annotated[
        str | None,
        About(
            Text("上级机关", "Parent"),
            Text("所属机关。", "The body that it belongs to."),
            Type.CODE,
            None,
            operators=(*ONE_OF, ISNULL),
            codes="bodies",
            groupable=True,
        ),
    ]
    credit_code: Annotated[
        str | None,
        About(
            Text("统一社会信用代码", "Credit code"),
            Text("不确知则为空。", "Unified social credit code; null: not known."),
            Type.TEXT,
            None,
        ),
    ]


BODIES = Dataset(
    name="bodies",
    singular="body",
    title=Text("机关", "Bodies"),
    description=Text(
        "作出报告或承担责任的机关。", "Who reports, and who is responsible where a report says so."
    ),
    model=Body,
    names=("name_zh", "name_en"),
    examples={
        "id": "cn450203",
        "name_zh": "鱼峰区人民政府",
        "name_en": "People's Government of Yufeng District",
    },
    is_code_list=True,
    columns=(
        Column("name", Text("机关", "Body"), translated=True),
        Column("area_code", Text("地区", "Area")),
        Column("kind", Text("类别", "Kind")),
        Column("parent_id", Text("上级机关", "Parent")),
        Column("credit_code", Text("统一社会信用代码", "Credit code")),
        Column("id", Text("编号", "ID")),
    ),
)

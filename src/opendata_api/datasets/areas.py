"""The areas: statistical territories, by GB/T 2260 code."""

from datetime import date
from typing import Annotated

from opendata_api.datasets.fields import NameEn, NameZh
from opendata_api.describe import ISNULL, ONE_OF, STARTSWITH, About, Column, Dataset, Record, Type
from opendata_api.words import Text


class Area(Record):
    """One area code."""

    id: Annotated[
        str,
        About(
            Text("编号", "ID"),
            Text("六位行政区划代码。", "Six-digit area code (GB/T 2260)."),
            Type.CODE,
            "450203",
            operators=(*ONE_OF, STARTSWITH),
            sortable=True,
        ),
    ]
    name_zh: NameZh
    name_en: NameEn
    level: Annotated[
        str,
        About(
            Text("级别", "Level"),
            Text("省级、地级或县级。", "Province, prefecture or county."),
            Type.CODE,
            "county",
            operators=ONE_OF,
            sortable=True,
            codes="area_levels",
            groupable=True,
        ),
    ]
    parent_id: Annotated[
        str | None,
        About(
            Text("上级地区", "Parent"),
            Text("上一级地区的代码。", "The area that contains it."),
            Type.CODE,
            "450200",
            operators=(*ONE_OF, ISNULL),
            codes="areas",
            groupable=True,
        ),
    ]
    valid_from: Annotated[
        date | None,
        About(
            Text("启用日期", "Valid from"),
            Text("代码启用的日期；不确知则为空。", "Since when the code holds; null: not known."),
            Type.DATE,
            None,
        ),
    ]
    valid_to: Annotated[
        date | None,
        About(
            Text("停用日期", "Valid to"),
            Text("代码停用的日期；仍在用则为空。", "Until when; null: in use or not known."),
            Type.DATE,
            None,
        ),
    ]


AREAS = Dataset(
    name="areas",
    singular="area",
    title=Text("地区", "Areas"),
    description=Text("行政区划代码表。", "Area codes with names in both languages."),
    model=Area,
    names=("name_zh", "name_en"),
    is_code_list=True,
    columns=(
        Column("name", Text("地区", "Area"), translated=True),
        Column("level", Text("级别", "Level")),
        Column("parent_id", Text("上级地区", "Parent")),
        Column("valid_from", Text("启用日期", "Valid from")),
        Column("valid_to", Text("停用日期", "Valid to")),
        Column("id", Text("编号", "ID")),
    ),
)

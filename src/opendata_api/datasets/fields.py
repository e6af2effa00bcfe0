"""Fields that several datasets share, word for word."""

from typing import Annotated

from opendata_api.describe import CODES, EQ, NUMBER, ONE_OF, About, Type
from opendata_api.words import Text

Year = Annotated[
    int,
    About(
        Text("年份", "Year"),
        Text("报告所属年度。", "The year that the report is about."),
        Type.INTEGER,
        2023,
        operators=NUMBER,
        sortable=True,
        groupable=True,
    ),
]
ReportId = Annotated[
    str,
    About(
        Text("报告", "Report"),
        Text("所属报告，见 /v1/reports/{id}。", "The report: /v1/reports/{id}."),
        Type.CODE,
        "cn450203-2023-rol",
        operators=ONE_OF,
        sortable=True,
        groupable=True,
        codes="reports",
        refers_to="reports",
    ),
]
AreaCode = Annotated[
    str,
    About(
        Text("地区", "Area"),
        Text("六位行政区划代码。", "Six-digit area code (GB/T 2260)."),
        Type.CODE,
        "450203",
        operators=CODES,
        sortable=True,
        codes="areas",
        groupable=True,
    ),
]
AreaZh = Annotated[
    str,
    About(
        Text("地区名称", "Area in Chinese"),
        Text("地区的中文名称。", "The area's Chinese name."),
        Type.TEXT,
        "鱼峰区",
    ),
]
BodyId = Annotated[
    str,
    About(
        Text("报告机关", "Reporting body"),
        Text("作出报告的机关；机关不等于地区。", "Who reports; a body is not an area."),
        Type.CODE,
        "cn450203",
        operators=ONE_OF,
        sortable=True,
        codes="bodies",
        groupable=True,
    ),
]
BodyZh = Annotated[
    str,
    About(
        Text("报告机关名称", "Reporting body in Chinese"),
        Text("报告机关的中文名称。", "The body's Chinese name."),
        Type.TEXT,
        "鱼峰区人民政府",
    ),
]
Topic = Annotated[
    str,
    About(
        Text("主题", "Topic"),
        Text("所属主题。", "The topic it belongs to."),
        Type.CODE,
        "legal_aid",
        operators=CODES,
        sortable=True,
        codes="topics",
        groupable=True,
    ),
]
TopicZh = Annotated[
    str,
    About(
        Text("主题中文名", "Topic in Chinese"),
        Text("主题的中文名称。", "The topic's Chinese name."),
        Type.TEXT,
        "法律援助",
    ),
]
TopicEn = Annotated[
    str,
    About(
        Text("主题英文名", "Topic in English"),
        Text("主题的英文名称。", "The topic's English name."),
        Type.TEXT,
        "legal aid",
    ),
]
NameZh = Annotated[
    str,
    About(
        Text("中文名称", "Name in Chinese"),
        Text("中文名称。", "The Chinese name."),
        Type.TEXT,
        "鱼峰区",
        searched=True,
    ),
]
NameEn = Annotated[
    str,
    About(
        Text("英文名称", "Name in English"),
        Text("英文名称，由本项目翻译。", "The English name; ours."),
        Type.TEXT,
        "Yufeng District",
        searched=True,
    ),
]
SourceUrl = Annotated[
    str,
    About(
        Text("来源网址", "Source address"),
        Text("政府网站上的原文地址。", "Where the government published it."),
        Type.TEXT,
        "http://www.yfq.gov.cn/zwgk/fdzdgknr/fzzfjs/fzzfjsqkbg/t19700101_3440437.shtml",
    ),
]
UnitCode = Annotated[
    str,
    About(
        Text("单位", "Unit"),
        Text("单位代码；一个指标只有一个单位。", "Code of the unit; one metric has one unit."),
        Type.CODE,
        "case",
        operators=ONE_OF,
        sortable=True,
        codes="units",
        groupable=True,
    ),
]
InDocument = Annotated[
    str,
    About(
        Text("文件", "Document"),
        Text("所在文件，见 /v1/documents/{id}。", "The document: /v1/documents/{id}."),
        Type.CODE,
        "cn450203-2023-rol-d1",
        operators=(EQ,),
        groupable=True,
        codes="documents",
        refers_to="documents",
    ),
]
UnitZh = Annotated[
    str,
    About(
        Text("单位（中文）", "Unit in Chinese"),
        Text("单位的中文名称。", "The unit's Chinese name."),
        Type.TEXT,
        "件",
    ),
]
UnitEn = Annotated[
    str,
    About(
        Text("单位（英文）", "Unit in English"),
        Text("单位的英文名称。", "The unit's English name."),
        Type.TEXT,
        "cases",
    ),
]
RecordId = Annotated[
    str,
    About(
        Text("编号", "ID"),
        Text("全国唯一，永不改变，也不重用。", "Unique in the country, never reused."),
        Type.CODE,
        "cn450203-2023-rol-o083",
        operators=ONE_OF,
        sortable=True,
    ),
]

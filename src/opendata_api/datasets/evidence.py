"""The part of a record that proves it: the document and the characters."""

from typing import Annotated

from opendata_api.datasets.fields import InDocument
from opendata_api.describe import (
    CONTAINS,
    EQ,
    STARTSWITH,
    About,
    Record,
    Type,
)
from opendata_api.words import Text

Section = Annotated[
    str | None,
    About(
        Text("章节", "Section"),
        Text("所在章节，如“一（八）二是”。", "Where it stands, such as 一（八）二是."),
        Type.TEXT,
        "一（八）二是",
        operators=(EQ, STARTSWITH),
        groupable=True,
    ),
]

Quote = Annotated[
    str,
    About(
        Text("原文句子", "Quote"),
        Text("写明此事的最短原文，一字不改。", "The shortest run of the text that states it."),
        Type.TEXT,
        "法律援助中心全年共受理并指派法律援助206件",
        operators=(CONTAINS,),
        searched=True,
    ),
]

QuoteStart = Annotated[
    int,
    About(
        Text("引文起点", "Quote start"),
        Text(
            "从0起，以 Unicode 码点计。",
            "From 0, in Unicode code points: text[quote_start:quote_end] == quote.",
        ),
        Type.INTEGER,
        2835,
    ),
]

QuoteEnd = Annotated[
    int,
    About(
        Text("引文终点", "Quote end"),
        Text("不含该位置。", "End of the quote, exclusive."),
        Type.INTEGER,
        2857,
    ),
]


class Evidence(Record):
    """Where the text says it; offsets count Unicode code points of the verbatim text."""

    document_id: InDocument
    section: Section
    quote: Quote
    quote_start: QuoteStart
    quote_end: QuoteEnd


class FigureEvidence(Evidence):
    """Where the figure stands inside the quote."""

    value_start: Annotated[
        int,
        About(
            Text("数字起点", "Figure start"),
            Text(
                "从0起，以 Unicode 码点计。",
                "From 0, in Unicode code points: text[value_start:value_end] == value_text.",
            ),
            Type.INTEGER,
            2853,
        ),
    ]
    value_end: Annotated[
        int,
        About(
            Text("数字终点", "Figure end"),
            Text("不含该位置。", "End of the printed figure, exclusive."),
            Type.INTEGER,
            2857,
        ),
    ]

"""What a report promises for the next year, with the characters that promise it."""

from datetime import date
from decimal import Decimal
from typing import Annotated

from opendata_api.datasets.evidence import Quote, QuoteEnd, QuoteStart, Section
from opendata_api.datasets.fields import InDocument, RecordId, ReportId, Topic, TopicEn, TopicZh
from opendata_api.describe import EQ, ISNULL, NUMBER, About, Column, Dataset, Record, Type
from opendata_api.words import Text


class Commitment(Record):
    """One act that can be done or left undone alone."""

    id: RecordId
    report_id: ReportId
    for_year: Annotated[
        int,
        About(
            Text("计划年度", "For year"),
            Text("承诺所指的年度。", "The year that it is promised for."),
            Type.INTEGER,
            2024,
            operators=NUMBER,
            sortable=True,
            groupable=True,
        ),
    ]
    topic: Topic
    topic_zh: TopicZh
    topic_en: TopicEn
    quote: Quote
    aim: Annotated[
        str | None,
        About(
            Text("目的", "Aim"),
            Text("原文写明的目的。", "What it is for, in the words of the text."),
            Type.TEXT,
            "提高行政决策质量",
            searched=True,
        ),
    ]
    text_en: Annotated[
        str,
        About(
            Text("英文", "In English"),
            Text("承诺的英文，由本项目翻译。", "The act in English; ours."),
            Type.TEXT,
            "Advance the pilot of credit-classified supervision of individually-owned businesses.",
            searched=True,
        ),
    ]
    measurable: Annotated[
        bool,
        About(
            Text("可否检验", "Measurable"),
            Text(
                "能否以数量或文件检验是否做到。",
                "Whether a count or a document could show it done.",
            ),
            Type.BOOLEAN,
            example=True,
            operators=(EQ,),
            groupable=True,
        ),
    ]
    evidence_kind: Annotated[
        str,
        About(
            Text("佐证类型", "Kind of evidence"),
            Text("可作佐证的是数量、文件，还是无从佐证。", "A count, a document, or nothing."),
            Type.CODE,
            "count",
            operators=(EQ,),
            codes="evidence_kinds",
            groupable=True,
        ),
    ]
    metrics: Annotated[
        list[str],
        About(
            Text("可佐证的指标", "Metrics"),
            Text("确能说明其兑现情况的指标。", "Metrics that would truly show it kept."),
            Type.LIST,
            ["individual_businesses_inspected"],
            codes="metrics",
        ),
    ]
    responsible_body_id: Annotated[
        str | None,
        About(
            Text("责任单位", "Responsible body"),
            Text("原文写明的责任单位；没有写明则为空。", "As the text names it; null: not named."),
            Type.CODE,
            "cn450203-sfs",
            operators=(EQ, ISNULL),
            codes="bodies",
            groupable=True,
        ),
    ]
    deadline: Annotated[
        date | None,
        About(
            Text("期限", "Deadline"),
            Text("原文写明的期限；没有写明则为空。", "As the text states it; null: not stated."),
            Type.DATE,
            None,
            operators=(ISNULL,),
        ),
    ]
    target_value: Annotated[
        Decimal | None,
        About(
            Text("目标值", "Target value"),
            Text("原文写明的目标值；没有写明则为空。", "As the text states it; null: not stated."),
            Type.DECIMAL,
            None,
            operators=(ISNULL,),
        ),
    ]
    progress: Annotated[
        str,
        About(
            Text("进展", "Progress"),
            Text(
                "后续报告有无佐证；不作评级。", "Whether a later report gives evidence; no grade."
            ),
            Type.CODE,
            "stated",
            operators=(EQ,),
            codes="progress",
            groupable=True,
        ),
    ]
    progress_evidence: Annotated[
        str | None,
        About(
            Text("进展佐证", "Evidence of progress"),
            Text("后续报告中的佐证。", "What a later report says of it."),
            Type.TEXT,
            None,
        ),
    ]
    document_id: InDocument
    section: Section
    quote_start: QuoteStart
    quote_end: QuoteEnd


COMMITMENTS = Dataset(
    name="commitments",
    singular="commitment",
    title=Text("下一年度工作承诺", "Commitments"),
    description=Text(
        "报告对下一年度工作的承诺，一事一行，附原文依据。",
        "What the report promises for the next year, one act each, with its evidence.",
    ),
    model=Commitment,
    identity=("report_id", "for_year"),
    examples={
        "id": "cn450203-2023-rol-c08",
        "topic": "supervision_and_guidance",
        "topic_zh": "监督指导与依法行政",
        "topic_en": "supervision and guidance",
        "section": "三（二）",
        "quote": "推进个体户信用分类监管试点工作",
        "quote_start": 4421,
        "quote_end": 4436,
    },
    columns=(
        Column("quote", Text("承诺原文", "Sentence in the report")),
        Column("text_en", Text("英文", "In English")),
        Column("for_year", Text("计划年度", "For year")),
        Column("topic", Text("主题", "Topic"), translated=True),
        Column("aim", Text("目的", "Aim")),
        Column("measurable", Text("可否检验", "Measurable")),
        Column("evidence_kind", Text("佐证类型", "Kind of evidence")),
        Column("metrics", Text("可佐证的指标", "Metrics")),
        Column("responsible_body_id", Text("责任单位", "Responsible body")),
        Column("deadline", Text("期限", "Deadline")),
        Column("target_value", Text("目标值", "Target value")),
        Column("progress", Text("进展", "Progress")),
        Column("progress_evidence", Text("进展佐证", "Evidence of progress")),
        Column("section", Text("章节", "Section")),
        Column("report_id", Text("报告", "Report")),
        Column("id", Text("编号", "ID")),
    ),
)

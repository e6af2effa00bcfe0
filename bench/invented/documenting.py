"""What an invented report is beside its figures: report, document, passages, commitments."""

from collections.abc import Iterator
from hashlib import sha256

import orjson

from bench.invented.lines import Draft
from bench.invented.phrases import AIMS
from bench.invented.places import BUREAU
from bench.invented.telling import Telling
from opendata_api.text import MASK
from opendata_api.words import Text

NONE = "[]"
SOURCE = "http://www.example.org/reports"
"""No government published them."""


def title_of(telling: Telling) -> Text:
    """The title of a report in both languages."""
    county, year = telling.report.county, telling.report.year
    return Text(
        f"{county.body.zh}关于{year}年法治政府建设工作情况的报告",
        f"Report of the {county.body.en} on building a law-based government in {year}",
    )


def report_draft(telling: Telling) -> Draft:
    """The report, by field."""
    report, county, title = telling.report, telling.report.county, title_of(telling)
    return {
        "id": report.id,
        "body_id": county.body_id,
        "body_zh": county.body.zh,
        "area_code": county.code,
        "area_zh": county.names.zh,
        "year": report.year,
        "kind": "rule_of_law_annual",
        "title_zh": title.zh,
        "title_en": title.en,
        **_publication(telling),
        "addressee": None,
        "source_rights": "虚构的报告，仅供测量。 / Invented, to be measured with.",
        "data_licence": "CC-BY-4.0",
        "document_id": report.document_id,
        "observation_count": len(telling.figures),
        "commitment_count": len(telling.promises),
    }


def document_draft(telling: Telling) -> Draft:
    """Its document."""
    return {
        "id": telling.report.document_id,
        "report_id": telling.report.id,
        "kind": "report",
        "title": title_of(telling).zh,
        **_publication(telling),
        "sha256": sha256(telling.text.encode()).hexdigest(),
        "length": len(telling.text),
    }


def passage_drafts(telling: Telling) -> Iterator[Draft]:
    """Its sentences and headings."""
    values = [stated.value for stated in telling.figures]
    figures = telling.ids_by_sentence(telling.figure_ids, values)
    promises = telling.ids_by_sentence(telling.promise_ids, telling.promises)
    for place, sentence in enumerate(telling.sentences):
        text = sentence.span.of(telling.text)
        yield {
            "id": f"{telling.report.id}-p{place + 1:03}",
            "document_id": telling.report.document_id,
            "report_id": telling.report.id,
            "section": sentence.section,
            "position": place + 1,
            "text": text,
            "start": sentence.span.start,
            "end": sentence.span.end,
            "masked": int(MASK in text),
            "observations": orjson.dumps(figures.get(place, [])).decode(),
            "commitments": orjson.dumps(promises.get(place, [])).decode(),
        }


def commitment_drafts(telling: Telling) -> Iterator[Draft]:
    """What it promises."""
    topics = [stated.slot.metric for stated in telling.figures]
    for place, span in enumerate(telling.promises):
        metric = topics[place % len(topics)]
        is_named = place % 2 == 0
        yield {
            "id": telling.promise_ids[place],
            "report_id": telling.report.id,
            "for_year": telling.report.year + 1,
            "topic": metric.topic.id,
            "topic_zh": metric.topic.words.zh,
            "topic_en": metric.topic.words.en,
            "quote": span.of(telling.text),
            "aim": AIMS[place % len(AIMS)],
            "text_en": f"Further the work on {metric.names.en}.",
            "measurable": int(is_named),
            "evidence_kind": "count" if is_named else "none",
            "metrics": orjson.dumps([metric.id] if is_named else []).decode(),
            "responsible_body_id": f"{telling.report.county.body_id}-{BUREAU}"
            if is_named
            else None,
            "deadline": None,
            "target_value": None,
            "progress": "stated",
            "progress_evidence": None,
            "document_id": telling.report.document_id,
            "section": telling.section_of(span),
            "quote_start": span.start,
            "quote_end": span.end,
        }


def coverage(telling: Telling) -> str:
    """The audit of its figures, as the service shows it."""
    items = [
        {
            "start": stated.value.start,
            "end": stated.value.end,
            "text": stated.words,
            "kind": "digits",
            "state": "published",
            "observations": [figure_id],
            **dict.fromkeys(("reason", "reason_zh", "reason_en", "note_zh", "note_en")),
        }
        for figure_id, stated in zip(telling.figure_ids, telling.figures, strict=True)
    ]
    audit = {
        "document_id": telling.report.document_id,
        "numerals": len(items),
        "numerals_published": len(items),
        "numerals_excluded": 0,
        "words": 0,
        "items": items,
    }
    return orjson.dumps(audit).decode()


def _publication(telling: Telling) -> Draft:
    report = telling.report
    return {
        "published_on": f"{report.year + 1}-03-{report.county.code[-2:]}",
        "source_url": f"{SOURCE}/{report.id}",
    }

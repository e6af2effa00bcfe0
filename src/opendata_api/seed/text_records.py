"""The records of texts: documents, passages, commitments, and the audit of coverage."""

from typing import Any

from opendata_api.seed.cells import read_boolean
from opendata_api.seed.codebook import name_of
from opendata_api.seed.model import DocumentText, Numeral, Report, Seed
from opendata_api.text import Span, mask

Draft = dict[str, Any]


def documents(report: Report) -> list[Draft]:
    """The documents of a report."""
    return [
        {
            "id": report.full_id(document.id),
            "report_id": report.id,
            "kind": document.kind,
            "title": document.title,
            "published_on": document.published_on,
            "source_url": document.source_url,
            "sha256": document.sha256,
            "length": len(document.text),
        }
        for document in report.documents
    ]


def passages(report: Report) -> list[Draft]:
    """The sentences of a report's documents, with private names masked."""
    records: list[Draft] = []
    for document in report.documents:
        masked = mask(document.text, document.masks)
        for position, sentence in enumerate(document.sentences, 1):
            span = sentence.span
            records.append(
                {
                    "id": report.full_id(f"p{len(records) + 1:03d}"),
                    "document_id": report.full_id(document.id),
                    "report_id": report.id,
                    "section": sentence.section,
                    "position": position,
                    "text": span.of(masked),
                    "start": span.start,
                    "end": span.end,
                    "masked": any(span.overlaps(one) for one in document.masks),
                    "observations": _figures_in(report, document, span),
                    "commitments": _commitments_in(report, document, span),
                }
            )
    return records


def commitments(report: Report, seed: Seed) -> list[Draft]:
    """The commitments of a report."""
    return [
        {
            "id": report.full_id(one.line["id"]),
            "report_id": report.id,
            "for_year": report.plan_year,
            "topic": one.line["topic"],
            "topic_zh": name_of(seed.codebook.topics[one.line["topic"]]).zh,
            "topic_en": name_of(seed.codebook.topics[one.line["topic"]]).en,
            "quote": one.quote.of(report.document.text),
            "aim": one.line.optional("aim"),
            "text_en": one.line["text_en"],
            "measurable": read_boolean(one.line, "measurable"),
            "evidence_kind": one.line["evidence_kind"],
            "metrics": one.line.many("metrics"),
            "responsible_body_id": one.line.optional("responsible_body_id"),
            "deadline": one.line.optional("deadline"),
            "target_value": one.line.optional("target_value"),
            "progress": "stated",
            "progress_evidence": None,
            "document_id": report.full_id(report.document.id),
            "section": report.document.section_at(one.quote.start),
            "quote_start": one.quote.start,
            "quote_end": one.quote.end,
        }
        for one in report.commitments
    ]


def coverage(report: Report, document: DocumentText, seed: Seed) -> Draft:
    """The audit: every numeral and claim, published or excluded with the reason."""
    numerals = report.numerals[document.id]
    digits = [one for one in numerals if one.is_digits]
    published = sum(bool(one.observations) for one in digits)
    return {
        "document_id": report.full_id(document.id),
        "numerals": len(digits),
        "numerals_published": published,
        "numerals_excluded": len(digits) - published,
        "words": len(numerals) - len(digits),
        "items": [_numeral(report, document, one, seed) for one in numerals],
    }


def _numeral(report: Report, document: DocumentText, one: Numeral, seed: Seed) -> Draft:
    reason = name_of(seed.codebook.reasons[one.reason]) if one.reason else None
    return {
        "start": one.span.start,
        "end": one.span.end,
        "text": one.span.of(document.text),
        "kind": "digits" if one.is_digits else "words",
        "state": "published" if one.observations else "excluded",
        "observations": [report.full_id(short) for short in one.observations],
        "reason": one.reason,
        "reason_zh": reason.zh if reason else None,
        "reason_en": reason.en if reason else None,
        "note_zh": one.note_zh,
        "note_en": one.note_en,
    }


def _figures_in(report: Report, document: DocumentText, span: Span) -> list[str]:
    found = (one for one in report.figures if one.document is document)
    return [report.full_id(one.line["id"]) for one in found if span.contains(one.value)]


def _commitments_in(report: Report, document: DocumentText, span: Span) -> list[str]:
    own = report.commitments if document is report.document else ()
    found = (one for one in own if span.overlaps(one.quote))
    return [report.full_id(one.line["id"]) for one in found]

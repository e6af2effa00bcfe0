"""One report folder: its settings, its texts, its tables, all proved."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from opendata_api.datasets import FIXED_CODES
from opendata_api.seed.checks import Held, check_arithmetic
from opendata_api.seed.codebook import Codebook
from opendata_api.seed.coverage import account_for
from opendata_api.seed.faults import UNFILLED, Faults, Line, Place, SeedFault, codes_text
from opendata_api.seed.figures import NOTICE, prove_figures
from opendata_api.seed.folders import note_unknown_files
from opendata_api.seed.masks import check_names, check_public_words, find_masks
from opendata_api.seed.model import DocumentText, Exclusion, Report
from opendata_api.seed.plan import check_plan, find_gaps, prove_commitments
from opendata_api.seed.quotes import find_document, locate_marked
from opendata_api.seed.tables import read_settings, read_table, read_text
from opendata_api.text import Span, split_sentences
from opendata_api.words import Text

REPORT_ID = re.compile(r"cn[0-9]{6}(?:-[a-z]+)?-[0-9]{4}-[a-z]+")
DOCUMENT_ID = re.compile(r"d[1-9][0-9]*")
FILE_NAME = re.compile(r"[^/\\.][^/\\]*\.txt")

CONTEXT = 6
"""Characters of the text shown on each side of what is not accounted for."""

BY_NOTICE = "corrected_by_notice"
"""Why a figure that a notice states anew is no data where it stood."""

NOTES = ("note_zh", "note_en")
TABLES: Mapping[str, Sequence[str]] = {
    "observations": (
        *("id", "quote", "occurrence", "document", "metric", "value", "qualifier", "role"),
        *("period_start", "period_end", "period_kind", "period_source", "dimensions", "basis"),
        *("part_of", "same_as", "status", *NOTES, "caution_zh", "caution_en"),
    ),
    "commitments": (
        *("id", "quote", "occurrence", "topic", "aim", "text_en", "measurable"),
        *("evidence_kind", "metrics", "responsible_body_id", "deadline", "target_value", *NOTES),
    ),
    "exclusions": ("quote", "occurrence", "document", "reason", *NOTES),
    "checks": ("id", "left", "relation", "right", "decimals", "holds", *NOTES),
}
SETTINGS: Mapping[str, type] = {
    "id": str,
    "body_id": str,
    "area_code": str,
    "year": int,
    "kind": str,
    "title_zh": str,
    "title_en": str,
    "published_on": date,
    "addressee": str,
    "source_url": str,
    "source_rights": str,
    "data_licence": str,
    "plan_section": str,
    "plan_year": int,
    "documents": list,
}
DOCUMENT_SETTINGS: Mapping[str, type] = {
    "id": str,
    "kind": str,
    "file": str,
    "title": str,
    "published_on": date,
    "source_url": str,
    "sha256": str,
    "masks": list,
}


@dataclass(frozen=True, slots=True)
class ProvenReport:
    """A report with the checks that were computed on it."""

    report: Report
    held: Held


def read_report(folder: Path, name: str, book: Codebook, faults: Faults) -> ProvenReport | None:
    """The report in `reports/{name}`; None where it has faults that hide it."""
    path = f"reports/{name}"
    settings = read_settings(folder, f"{path}/report.toml", faults)
    tables = {
        table: read_table(folder, f"{path}/{table}.csv", columns, faults)
        for table, columns in TABLES.items()
    }
    place = Place(f"{path}/report.toml", faults)
    if settings is None:
        return None
    if not place.has(settings, SETTINGS) or not _check_settings(place, settings, name, book):
        return None
    if not _check_documents(place, settings["documents"]):
        return None
    files = ["report.toml", *(f"{table}.csv" for table in TABLES)]
    files += [given["file"] for given in settings["documents"]]
    note_unknown_files(folder, path, files, faults)
    for given in (settings, *settings["documents"]):
        _note_unfilled(place, given)
    documents = [
        document
        for given in settings["documents"]
        if (document := _read_document(folder, path, given, place)) is not None
    ]
    if len(documents) < len(settings["documents"]):
        return None
    return _prove(settings, documents, tables, book, place)


def _note_unfilled(place: Place, settings: Mapping[str, Any]) -> None:
    """Note what a new report's settings still leave to be filled in."""
    for key, value in settings.items():
        is_text = isinstance(value, str) and UNFILLED in value
        if is_text or (isinstance(value, date) and value == date.max):
            place.fault(key, Text("已填写", "filled in"), value)


def _check_settings(place: Place, settings: Mapping[str, Any], name: str, book: Codebook) -> bool:
    before = len(place.faults.found)
    report_id = settings["id"]
    if report_id != name or not REPORT_ID.fullmatch(report_id):
        expected = Text("与文件夹同名，如 cn450203-2023-rol", "the folder's name, well formed")
        place.fault("id", expected, report_id)
    body = book.bodies.get(settings["body_id"])
    if body is None:
        place.fault(
            "body_id", codes_text(list(book.bodies), settings["body_id"]), settings["body_id"]
        )
    elif body["area_code"] != settings["area_code"]:
        place.fault("area_code", Text(body["area_code"], body["area_code"]), settings["area_code"])
    if not report_id.startswith(f"{settings['body_id']}-{settings['year']}-"):
        expected = Text("编号含机关和年份", "an id of body and year")
        place.fault("id", expected, report_id)
    if settings["plan_year"] <= settings["year"]:
        expected = Text("晚于报告年度", "a year after the report's")
        place.fault("plan_year", expected, settings["plan_year"])
    kinds = [code.value for code in FIXED_CODES["report_kinds"]]
    if settings["kind"] not in kinds:
        place.fault("kind", codes_text(kinds), settings["kind"])
    return len(place.faults.found) == before


def _check_documents(place: Place, documents: Sequence[Any]) -> bool:
    """Whether there is a document, and each is a table of its own with all that it needs."""
    before = len(place.faults.found)
    if not documents:
        place.fault("documents", Text("至少一个文件", "at least one document"), documents)
    ids: set[str] = set()
    for given in documents:
        if not isinstance(given, dict):
            place.fault("documents", Text("[[documents]] 表", "tables [[documents]]"), given)
        elif place.has(given, DOCUMENT_SETTINGS):
            if not DOCUMENT_ID.fullmatch(given["id"]) or given["id"] in ids:
                expected = Text("不重复的编号，如 d1", "an id such as d1, once")
                place.fault("id", expected, given["id"])
            ids.add(given["id"])
            if not FILE_NAME.fullmatch(given["file"]):
                expected = Text("本文件夹中的文件名", "the name of a file in this folder")
                place.fault("file", expected, given["file"])
    return len(place.faults.found) == before


def _read_document(
    folder: Path, path: str, given: Mapping[str, Any], place: Place
) -> DocumentText | None:
    text = read_text(folder, f"{path}/{given['file']}", place.faults)
    if text is None:
        return None
    digest = sha256(text.encode()).hexdigest()
    if digest != given["sha256"]:
        place.fault(
            "sha256",
            Text(f"{given['file']} 的 {digest}", f"{digest} of {given['file']}"),
            given["sha256"],
        )
    kinds = [code.value for code in FIXED_CODES["document_kinds"]]
    if given["kind"] not in kinds:
        place.fault("kind", codes_text(kinds), given["kind"])
    masks = find_masks(text, given["masks"], place)
    check_names(text, masks, place)
    return DocumentText(
        id=given["id"],
        kind=given["kind"],
        title=given["title"],
        published_on=given["published_on"],
        source_url=given["source_url"],
        sha256=digest,
        text=text,
        masks=masks,
        sentences=tuple(split_sentences(text)),
    )


def _prove(
    settings: Mapping[str, Any],
    documents: Sequence[DocumentText],
    tables: Mapping[str, Sequence[Line]],
    book: Codebook,
    place: Place,
) -> ProvenReport:
    document = documents[0]
    by_id = {one.id: one for one in documents}
    check_public_words(documents, tables, settings, place)
    figures = prove_figures(tables["observations"], by_id, book)
    commitments = prove_commitments(tables["commitments"], document, book)
    exclusions = _find_exclusions(tables["exclusions"], by_id, book)
    numerals = {}
    for one in documents:
        numerals[one.id], gaps = account_for(one, figures, exclusions, book)
        _note_gaps(place, "exclusions", one.text, gaps)
    check_plan(place, document, settings["plan_section"], commitments)
    own = [one for one in exclusions if one.document == document.id]
    gaps = find_gaps(document, settings["plan_section"], commitments, own)
    _note_gaps(place, "commitments", document.text, gaps)
    held = check_arithmetic(tables["checks"], {one.line["id"]: one for one in figures})
    known = {key: settings[key] for key in SETTINGS if key not in ("documents", "plan_section")}
    report = Report(
        **known,
        documents=documents,
        figures=figures,
        commitments=commitments,
        numerals=numerals,
    )
    return ProvenReport(report, held)


def _note_gaps(place: Place, table: str, text: str, gaps: Sequence[Span]) -> None:
    file = place.file.replace("report.toml", f"{table}.csv")
    for span in gaps:
        around = text[max(0, span.start - CONTEXT) : span.end + CONTEXT].replace("\n", "¶")
        words = span.of(text)
        expected = Text(f"“{words}”已发布或列为排除", f"{words!r} published or excluded")
        fault = SeedFault(file, None, f"@{span.start}", expected, f"…{around}…")
        place.faults.found.append(fault)


def _find_exclusions(
    lines: Sequence[Line], documents: Mapping[str, DocumentText], book: Codebook
) -> list[Exclusion]:
    exclusions: list[Exclusion] = []
    has_notice = any(one.kind == NOTICE for one in documents.values())
    for line in lines:
        line.one_of("reason", list(book.reasons))
        line.both_languages("note")
        if line["reason"] == BY_NOTICE and not has_notice:
            line.fault("reason", Text("先收录更正公告", "a notice of correction"), BY_NOTICE)
        document = find_document(line, documents)
        found = None if document is None else locate_marked(line, document.text)
        if document is None or found is None:
            continue
        span = found[1]
        beside = (other for other in exclusions if other.document == document.id)
        if any(other.span.overlaps(span) for other in beside):
            expected = Text("没有排除过的文字", "words that are not excluded yet")
            line.fault("quote", expected, span.of(document.text))
        exclusions.append(Exclusion(line, span, document.id))
    return exclusions

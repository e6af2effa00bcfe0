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
from opendata_api.seed.faults import Faults, Line, SeedFault, codes_text
from opendata_api.seed.figures import prove_figures
from opendata_api.seed.model import DocumentText, Exclusion, Report
from opendata_api.seed.plan import find_gaps, prove_commitments
from opendata_api.seed.quotes import find_mask, locate_marked
from opendata_api.seed.tables import read_settings, read_table, read_text
from opendata_api.text import Span, split_sentences
from opendata_api.words import Text

DOCUMENT_ID = re.compile(r"d[1-9][0-9]*")
REPORT_ID = re.compile(r"cn[0-9]{6}(?:-[a-z]+)?-[0-9]{4}-[a-z]+")
UNMASKED = re.compile(r"[、，。；]([一-龥]{2,4})等(?:[0-9]+|[一二两三四五六七八九十]+)[人名位]")
"""A short run before 等N人 looks like a private person's name."""

UNFILLED = "FIXME"
"""What a new report's settings say where something is to be written."""

CONTEXT = 6
"""Characters of the text shown on each side of what is not accounted for."""

NOTES = ("note_zh", "note_en")
TABLES: Mapping[str, Sequence[str]] = {
    "observations": (
        *("id", "quote", "occurrence", "metric", "value", "qualifier", "role"),
        *("period_start", "period_end", "period_kind", "period_source", "dimensions", "basis"),
        *("part_of", "same_as", "status", *NOTES, "caution_zh", "caution_en"),
    ),
    "commitments": (
        *("id", "quote", "occurrence", "topic", "aim", "text_en", "measurable"),
        *("evidence_kind", "metrics", "responsible_body_id", "deadline", "target_value", *NOTES),
    ),
    "exclusions": ("quote", "occurrence", "reason", *NOTES),
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
    place = _Place(f"{path}/report.toml", faults)
    if not place.has(settings, SETTINGS) or not _check_settings(place, settings, name, book):
        return None
    for given in (settings, *settings["documents"]):
        place.note_unfilled(given)
    documents = [
        document
        for given in settings["documents"]
        if (document := _read_document(folder, path, given, place)) is not None
    ]
    if len(documents) < len(settings["documents"]) or not documents:
        return None
    return _prove(settings, documents, tables, book, place)


@dataclass(frozen=True, slots=True)
class _Place:
    """The file of settings that faults are noted in."""

    file: str
    faults: Faults

    def fault(self, key: str, expected: Text, found: object) -> None:
        self.faults.found.append(SeedFault(self.file, None, key, expected, str(found)))

    def has(self, settings: Mapping[str, Any], wanted: Mapping[str, type]) -> bool:
        """Whether each setting is there, of its type and not empty; unknown ones are faults."""
        before = len(self.faults.found)
        for key, kind in wanted.items():
            value = settings.get(key)
            if type(value) is not kind or value == "":
                self.fault(key, Text(f"{kind.__name__}，不为空", f"a {kind.__name__}"), value)
        for key in settings.keys() - wanted.keys():
            self.fault(key, codes_text(list(wanted)), key)
        return len(self.faults.found) == before

    def note_unfilled(self, settings: Mapping[str, Any]) -> None:
        """Note what a new report's settings still leave to be filled in."""
        for key, value in settings.items():
            is_text = isinstance(value, str) and UNFILLED in value
            if is_text or (isinstance(value, date) and value == date.max):
                self.fault(key, Text("已填写", "filled in"), value)


def _check_settings(place: _Place, settings: Mapping[str, Any], name: str, book: Codebook) -> bool:
    before = len(place.faults.found)
    report_id = settings["id"]
    if report_id != name or not REPORT_ID.fullmatch(report_id):
        expected = Text("与文件夹同名，如 cn450203-2023-rol", "the folder's name, well formed")
        place.fault("id", expected, report_id)
    body = book.bodies.get(settings["body_id"])
    if body is None:
        place.fault("body_id", codes_text(list(book.bodies)), settings["body_id"])
    elif body["area_code"] != settings["area_code"]:
        place.fault("area_code", Text(body["area_code"], body["area_code"]), settings["area_code"])
    if not report_id.startswith(f"{settings['body_id']}-{settings['year']}-"):
        expected = Text("编号含机关和年份", "an id of body and year")
        place.fault("id", expected, report_id)
    if settings["plan_year"] <= settings["year"]:
        expected = Text("晚于报告年度", "a year after the report's")
        place.fault("plan_year", expected, settings["plan_year"])
    for given in settings["documents"]:
        if not isinstance(given, dict):
            place.fault("documents", Text("[[documents]] 各节", "tables [[documents]]"), given)
    kinds = [code.value for code in FIXED_CODES["report_kinds"]]
    if settings["kind"] not in kinds:
        place.fault("kind", codes_text(kinds), settings["kind"])
    return len(place.faults.found) == before


def _read_document(
    folder: Path, path: str, given: Mapping[str, Any], place: _Place
) -> DocumentText | None:
    if not place.has(given, DOCUMENT_SETTINGS):
        return None
    if not DOCUMENT_ID.fullmatch(given["id"]):
        place.fault("id", Text("d1、d2……", "d1, d2 …"), given["id"])
    if not all(isinstance(words, str) for words in given["masks"]):
        place.fault("masks", Text("文字的列表", "a list of texts"), given["masks"])
        return None
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
    masks = _find_masks(text, given["masks"], place)
    _check_names(text, masks, place)
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


def _find_masks(text: str, marked: Sequence[str], place: _Place) -> list[Span]:
    masks = []
    for words in marked:
        found = find_mask(words, text)
        if found is None:
            expected = Text("原文中唯一的“前文【…】后文”", "before【…】after, once in the text")
            place.fault("masks", expected, words)
        else:
            masks.append(found)
    return masks


def _check_names(text: str, masks: Sequence[Span], place: _Place) -> None:
    for found in UNMASKED.finditer(text):
        name = Span(*found.span(1))
        if not any(mask.contains(name) for mask in masks):
            expected = Text("私人姓名列入 masks", "a private person's name masked")
            place.fault("masks", expected, f"等…人 @ {name.start}")


def _prove(
    settings: Mapping[str, Any],
    documents: Sequence[DocumentText],
    tables: Mapping[str, Sequence[Line]],
    book: Codebook,
    place: _Place,
) -> ProvenReport:
    document = documents[0]
    for lines in tables.values():
        _check_masked(lines, document)
    figures = prove_figures(tables["observations"], document, book)
    commitments = prove_commitments(tables["commitments"], document, book)
    exclusions = _find_exclusions(tables["exclusions"], document, book)
    numerals, gaps = account_for(document, figures, exclusions, book)
    _note_gaps(place, "exclusions", document.text, gaps)
    gaps = find_gaps(document, settings["plan_section"], commitments, exclusions)
    _note_gaps(place, "commitments", document.text, gaps)
    for one in commitments:
        section = document.section_at(one.quote.start) or ""
        if not section.startswith(settings["plan_section"]):
            expected = Text("计划部分的文字", "words of the plan")
            one.line.fault("quote", expected, section or "空 / empty")
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


def _check_masked(lines: Sequence[Line], document: DocumentText) -> None:
    """Note every cell that says what the document's public forms mask."""
    names = [mask.of(document.text) for mask in document.masks]
    for line in lines:
        for column, cell in line.cells.items():
            if any(name in (cell or "") for name in names):
                expected = Text("不含遮盖的姓名", "no masked name")
                line.fault(column, expected, "…")


def _note_gaps(place: _Place, table: str, text: str, gaps: Sequence[Span]) -> None:
    file = place.file.replace("report.toml", f"{table}.csv")
    for span in gaps:
        around = text[max(0, span.start - CONTEXT) : span.end + CONTEXT].replace("\n", "¶")
        words = span.of(text)
        expected = Text(f"“{words}”已发布或列为排除", f"{words!r} published or excluded")
        fault = SeedFault(file, None, f"@{span.start}", expected, f"…{around}…")
        place.faults.found.append(fault)


def _find_exclusions(
    lines: Sequence[Line], document: DocumentText, book: Codebook
) -> list[Exclusion]:
    exclusions: list[Exclusion] = []
    for line in lines:
        line.one_of("reason", list(book.reasons))
        found = locate_marked(line, document.text)
        if found is None:
            continue
        span = found[1]
        if any(other.span.overlaps(span) for other in exclusions):
            expected = Text("没有排除过的文字", "words that are not excluded yet")
            line.fault("quote", expected, span.of(document.text))
        exclusions.append(Exclusion(line, span))
    return exclusions

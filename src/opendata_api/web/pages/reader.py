"""`/reports/{id}`: the whole text, in which every published figure leads to its row."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import orjson

from opendata_api.datasets import COMMITMENTS, DOCUMENTS, OBSERVATIONS, PASSAGES, REPORTS
from opendata_api.describe import Dataset
from opendata_api.errors import Pairs
from opendata_api.query import parse_query
from opendata_api.values import Row
from opendata_api.web.pages.cells import anchor_of, page_of
from opendata_api.web.pages.citing import cite
from opendata_api.web.pages.metric import with_unit
from opendata_api.web.pages.visit import Page, Visit
from opendata_api.words import Text

FIGURE_FIELDS = (
    *("id", "metric_zh", "metric_en", "value", "value_text", "unit_zh", "unit_en", "qualifier"),
    *("document_id", "value_start", "value_end"),
)
COMMITMENT_FIELDS = ("id", "document_id", "quote_start", "quote_end")
MASK_FIELDS = ("id", "document_id", "text", "start", "end")

DOCUMENT_FIELDS = ("id", "kind", "title", "published_on", "source_url")

HEADINGS = (
    (re.compile(r"[一二三四五六七八九十]+、[^。]{1,40}"), "h2"),
    (re.compile(r"（[一二三四五六七八九十]+）[^。]{1,40}"), "h3"),
)
"""A line that is numbered so and ends without a full stop is a heading."""

EXCLUDED = Text("未列为数据：{reason}", "not data: {reason}")
NOTED = Text("未列为数据：{reason}（{note}）", "not data: {reason} ({note})")


@dataclass(frozen=True, slots=True)
class Mark:
    """A run of the text that something is said of."""

    start: int
    end: int
    kind: str
    """`figure`, `commitment` or `excluded`."""
    id: str
    words: str
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of the text with all that is said of it."""

    text: str
    figures: Sequence[Mark] = ()
    commitments: Sequence[Mark] = ()
    excluded: Mark | None = None
    anchors: Sequence[str] = ()
    """The ids that begin here."""

    @property
    def spare(self) -> Sequence[str]:
        """Those that no link of the piece carries itself."""
        links = self.figures or self.commitments[:1]
        carried = {mark.id for mark in links}
        return [anchor for anchor in self.anchors if anchor not in carried]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A line of the text."""

    tag: str
    pieces: Sequence[Piece]


@dataclass(frozen=True, slots=True)
class Stated:
    """What the documents of a report state, and what of them is masked."""

    figures: Sequence[Mapping[str, Any]]
    promises: Sequence[Mapping[str, Any]]
    masks: Sequence[Mapping[str, Any]]


async def make_reader(visit: Visit) -> Page:
    """The page of a report. Raises NotFound."""
    report = await visit.find(REPORTS)
    report_id = str(report["id"])
    asked = (("report_id", report_id),)
    stated = Stated(
        figures=await _read(visit, OBSERVATIONS, FIGURE_FIELDS, asked),
        promises=await _read(visit, COMMITMENTS, COMMITMENT_FIELDS, asked),
        masks=await _read(visit, PASSAGES, MASK_FIELDS, (("masked", "true"), *asked)),
    )
    documents = await _read(visit, DOCUMENTS, DOCUMENT_FIELDS, asked)
    texts = [await _show(visit, document, stated) for document in documents]
    parts = {
        "report": report,
        "title": report["title_zh"],
        "title_en": report["title_en"],
        "area": visit.label("areas", str(report["area_code"])),
        "body": visit.label("bodies", str(report["body_id"])),
        "text": next(one for one in texts if one["id"] == report["document_id"]),
        "notices": [one for one in texts if one["id"] != report["document_id"]],
        "is_masked": bool(stated.masks),
        "rows_href": visit.link("/datasets/observations", *asked),
        "promises_href": visit.link("/commitments", *asked),
        "permalink": visit.site.address(visit.path, visit.pinned),
        "citations": await cite(
            visit.site, visit.site.address(f"/v1/reports/{report_id}", visit.pinned)
        ),
    }
    return Page("reader.html", parts)


async def _show(visit: Visit, document: Mapping[str, Any], stated: Stated) -> Mapping[str, Any]:
    """A document with what is said of its words."""
    store, n, document_id = visit.site.store, visit.release.n, str(document["id"])
    text = await store.attachment("text", document_id, n) or ""
    counted = orjson.loads(await store.attachment("coverage", document_id, n) or "{}")
    figures, promises, masks = (
        [one for one in read if one["document_id"] == document_id]
        for read in (stated.figures, stated.promises, stated.masks)
    )
    marks = [
        *(_of_figure(visit, one) for one in figures),
        *(_of_commitment(visit, one) for one in promises),
        *_of_excluded(visit, counted.get("items", ())),
    ]
    return {
        **document,
        "kind": visit.label("document_kinds", str(document["kind"])),
        "paragraphs": list(paragraphs(masked(text, masks), marks)),
        "counted": counted,
        "coverage_href": visit.link(f"/v1/documents/{document_id}/coverage"),
    }


def masked(text: str, passages: Sequence[Mapping[str, Any]]) -> str:
    """The text with the sentences that hide a private name in place of the verbatim ones."""
    for passage in passages:
        text = text[: passage["start"]] + passage["text"] + text[passage["end"] :]
    return text


def paragraphs(text: str, marks: Sequence[Mark]) -> Iterator[Paragraph]:
    """The lines of the text, each cut where a mark begins or ends."""
    waiting = sorted(marks, key=lambda mark: (mark.start, mark.end))
    at, first = 0, 0
    for line in text.split("\n"):
        end = at + len(line)
        while first < len(waiting) and waiting[first].end <= at:
            first += 1
        within = []
        for mark in waiting[first:]:
            if mark.start >= end:
                break
            if mark.end > at:
                within.append(mark)
        if line.strip():
            yield Paragraph(_tag(line.strip()), list(_pieces(text, at, end, within)))
        at = end + 1


def _tag(line: str) -> str:
    return next((tag for shape, tag in HEADINGS if shape.fullmatch(line)), "p")


def _pieces(text: str, start: int, end: int, marks: Sequence[Mark]) -> Iterator[Piece]:
    """The line cut at every edge; a sweep, so that a long line with many marks takes no longer."""
    edges = {start, end}
    for mark in marks:
        edges |= {max(mark.start, start), min(mark.end, end)}
    ordered = sorted(edges)
    here: list[Mark] = []
    following = 0
    for left, right in pairwise(ordered):
        here = [mark for mark in here if mark.end > left]
        while following < len(marks) and marks[following].start <= left:
            here.append(marks[following])
            following += 1
        yield _piece(text[left:right], left, here)


def _piece(text: str, start: int, here: Sequence[Mark]) -> Piece:
    figures = [mark for mark in here if mark.kind == "figure"]
    excluded = [mark for mark in here if mark.kind == "excluded"]
    return Piece(
        text=text,
        figures=figures,
        commitments=[mark for mark in here if mark.kind == "commitment"],
        excluded=excluded[0] if excluded and not figures else None,
        anchors=[mark.id for mark in here if mark.start == start and mark.kind != "excluded"],
    )


async def _read(
    visit: Visit, dataset: Dataset, fields: Sequence[str], asked: Pairs
) -> list[Mapping[str, Any]]:
    """All rows of a report, the fields given."""
    query = parse_query(dataset, asked)
    query = replace(query, fields=tuple(dataset.field[name] for name in fields))
    rows: list[Row] = []
    async for batch in visit.site.store.export(query, visit.release.n, None):
        rows += batch
    return [dict(zip(fields, row, strict=True)) for row in rows]


def _of_figure(visit: Visit, figure: Mapping[str, Any]) -> Mark:
    name = figure[f"metric_{visit.lang}"]
    return Mark(
        start=figure["value_start"],
        end=figure["value_end"],
        kind="figure",
        id=anchor_of(figure["id"]),
        words=f"{name}: {with_unit(visit, figure)}",
        href=visit.link(page_of("observations", figure["id"])),
    )


def _of_commitment(visit: Visit, commitment: Mapping[str, Any]) -> Mark:
    anchor = anchor_of(commitment["id"])
    return Mark(
        start=commitment["quote_start"],
        end=commitment["quote_end"],
        kind="commitment",
        id=anchor,
        words=anchor,
        href=visit.link(f"/commitments#{anchor}"),
    )


def _of_excluded(visit: Visit, counted: Sequence[Mapping[str, Any]]) -> Iterator[Mark]:
    for one in counted:
        if one["state"] == "excluded":
            reason, note = one[f"reason_{visit.lang}"], one[f"note_{visit.lang}"]
            words = (
                EXCLUDED.format(reason=reason)
                if note is None
                else NOTED.format(reason=reason, note=note)
            )
            yield Mark(one["start"], one["end"], "excluded", "", visit.words(words))

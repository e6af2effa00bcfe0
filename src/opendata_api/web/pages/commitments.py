"""`/commitments`: what was promised, by theme, with the words of the report."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

import orjson

from opendata_api.datasets import COMMITMENTS, REPORTS
from opendata_api.describe import EQ
from opendata_api.query import PAGE_LIMIT, Condition, Query
from opendata_api.web.pages.cells import anchor_of, page_of, sentence_of, show_number
from opendata_api.web.pages.table import carried, page_links
from opendata_api.web.pages.visit import Page, Visit


async def make_commitments(visit: Visit, query: Query) -> Page:
    """The page of the commitments, in the order asked, under the headings of their themes."""
    n = visit.release.n
    whole = replace(query, fields=COMMITMENTS.fields)
    page = await visit.site.store.page(whole, n, query.limit or PAGE_LIMIT, None)
    total = await visit.site.store.total(query, n)
    records = [visit.record(COMMITMENTS, row) for row in page.rows]
    years = sorted({int(record["for_year"]) for record in records})
    reports = {str(record["report_id"]): None for record in records}
    parts = {
        "themes": [
            {"title": title, "commitments": [_shown(visit, one) for one in group]}
            for title, group in groupby(records, key=lambda one: str(one[f"topic_{visit.lang}"]))
        ],
        "total": total,
        "unmeasurable": await visit.site.store.total(_unmeasurable(query), n),
        "years": years,
        "reports": [await _report(visit, report_id) for report_id in reports],
        "words": " ".join(query.words),
        "is_filtered": query.is_filtered,
        "own": visit.link("/commitments"),
        "carried": carried(visit, query),
        "table": visit.link("/datasets/commitments", *query.filters),
        "call": visit.site.address("/v1/commitments", query.canonical),
        "permalink": visit.site.address("/commitments", query.whole(n).canonical),
        **page_links(visit, query, page),
    }
    return Page("commitments.html", parts)


def _unmeasurable(query: Query) -> Query:
    field = COMMITMENTS.field["measurable"]
    others = tuple(one for one in query.conditions if one.field is not field)
    return replace(query, conditions=(*others, Condition(field, EQ, (0,))), cursor=None)


def _shown(visit: Visit, record: Mapping[str, Any]) -> Mapping[str, Any]:
    metrics: Sequence[str] = orjson.loads(record["metrics"])
    sentence = sentence_of(record)
    return {
        "anchor": anchor_of(str(record["id"])),
        "quote": record["quote"],
        "text_en": record["text_en"],
        "aim": record["aim"],
        "is_measurable": bool(record["measurable"]),
        "evidence": visit.label("evidence_kinds", str(record["evidence_kind"])),
        "metrics": [
            (visit.label("metrics", metric), visit.link(page_of("metrics", metric)))
            for metric in metrics
        ],
        "deadline": record["deadline"],
        "target": None if record["target_value"] is None else show_number(record["target_value"]),
        "responsible": None
        if record["responsible_body_id"] is None
        else visit.label("bodies", str(record["responsible_body_id"])),
        "progress": visit.label("progress", str(record["progress"])),
        "section": record["section"],
        "sentence": None if sentence is None else visit.link(sentence),
        "href": visit.link(page_of("commitments", str(record["id"])), *visit.pinned),
    }


async def _report(visit: Visit, report_id: str) -> tuple[str, str]:
    row = await visit.site.store.record(REPORTS, report_id, visit.release.n)
    title = report_id if row is None else str(visit.record(REPORTS, row)[f"title_{visit.lang}"])
    return title, visit.link(page_of("reports", report_id))

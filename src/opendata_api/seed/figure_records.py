"""The records of figures: observations, and the view of them that services are."""

from collections.abc import Mapping, Sequence
from typing import Any

from opendata_api.seed.codebook import Codebook, name_of
from opendata_api.seed.faults import Line
from opendata_api.seed.links import read_dimensions
from opendata_api.seed.model import ProvenFigure, Report, Seed
from opendata_api.text import bounds_of

Draft = dict[str, Any]

SCOPE = "service_scope"
"""The dimension that is shown as the scope of a service."""


def observations(report: Report, seed: Seed) -> list[Draft]:
    """The observations of a report."""
    return [
        _metric(seed.codebook, figure)
        | _value(figure)
        | _circumstances(seed.codebook, report, figure)
        | _evidence(report, figure)
        | {"id": report.full_id(figure.line["id"])}
        for figure in report.figures
    ]


def service_counts(seed: Seed, records: Sequence[Draft]) -> list[Draft]:
    """The actual levels of the services' metrics, each with its caution."""
    book = seed.codebook
    by_id = {record["id"]: record for record in records}
    rows = []
    for report in seed.reports:
        for figure in report.figures:
            service = book.service_of(figure.line["metric"])
            if service is not None and figure.line["role"] == "actual":
                selection = _selection(book, service, figure.line)
                rows.append(by_id[report.full_id(figure.line["id"])] | selection)
    return rows


def _selection(book: Codebook, service: str, line: Line) -> Draft:
    names = name_of(book.services[service])
    scope = read_dimensions(line).get(SCOPE)
    label = book.dimension_values[SCOPE][scope] if scope else None
    return {
        "service": service,
        "service_zh": names.zh,
        "service_en": names.en,
        "scope": scope,
        "scope_zh": label.zh if label else None,
        "scope_en": label.en if label else None,
        "caution_zh": line.optional("caution_zh"),
        "caution_en": line.optional("caution_en"),
    }


def _metric(book: Codebook, figure: ProvenFigure) -> Draft:
    metric = book.metrics[figure.line["metric"]]
    unit = book.unit_of(metric["id"])
    names = name_of(metric)
    return {
        "metric": metric["id"],
        "metric_zh": names.zh,
        "metric_en": names.en,
        "unit": unit["id"],
        "unit_zh": figure.figure.counter or unit["name_zh"],
        "unit_en": unit["name_en"],
        "topic": metric["topic"],
    }


def _value(figure: ProvenFigure) -> Draft:
    found = figure.figure
    low, high = bounds_of(found.value, found.qualifier)
    return {
        "value": found.value,
        "printed_value": found.printed_value,
        "printed_unit": found.printed_unit,
        "qualifier": found.qualifier,
        "value_min": low,
        "value_max": high,
    }


def _circumstances(book: Codebook, report: Report, figure: ProvenFigure) -> Draft:
    line = figure.line
    dimensions = read_dimensions(line)
    part_of = line.optional("part_of")
    return {
        "role": line["role"],
        "year": report.year,
        "period_start": line.optional("period_start"),
        "period_end": line.optional("period_end"),
        "period_kind": line["period_kind"],
        "period_source": line.optional("period_source"),
        "area_code": report.area_code,
        "area_zh": book.areas[report.area_code]["name_zh"],
        "body_id": report.body_id,
        "body_zh": book.bodies[report.body_id]["name_zh"],
        "report_id": report.id,
        "dimensions": dimensions,
        "dimensions_zh": _dimensions_zh(book, dimensions),
        "basis": line["basis"],
        "part_of": report.full_id(part_of) if part_of else None,
        "same_as": [report.full_id(other) for other in line.many("same_as")],
        "status": line["status"],
        "note_zh": line.optional("note_zh"),
        "note_en": line.optional("note_en"),
    }


def _dimensions_zh(book: Codebook, dimensions: Mapping[str, str]) -> str | None:
    pairs = (
        f"{book.dimensions[name].zh}={book.dimension_values[name][value].zh}"
        for name, value in dimensions.items()
    )
    return ";".join(pairs) or None


def _evidence(report: Report, figure: ProvenFigure) -> Draft:
    document = figure.document
    return {
        "value_text": figure.value.of(document.text),
        "document_id": report.full_id(document.id),
        "section": document.section_at(figure.value.start),
        "quote": figure.quote.of(document.text),
        "quote_start": figure.quote.start,
        "quote_end": figure.quote.end,
        "value_start": figure.value.start,
        "value_end": figure.value.end,
    }

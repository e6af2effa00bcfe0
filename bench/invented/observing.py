"""The observations of an invented report, and the view of them that services are."""

from collections.abc import Iterator

import orjson

from bench.invented.codebook import DIMENSIONS, SERVICES, Slot
from bench.invented.lines import Draft
from bench.invented.phrases import NOTES
from bench.invented.telling import Telling
from bench.invented.writing import Stated
from opendata_api.text import bounds_of, read_figure
from opendata_api.values import scale_decimal

SCOPE = "service_scope"
AMBIGUOUS = 97
"""Of so many figures, one whose metric can't be added is ambiguous."""


def observe(telling: Telling) -> Iterator[tuple[Slot, Draft]]:
    """Each observation, by field, with what it is of."""
    shared = _shared(telling)
    for place, stated in enumerate(telling.figures):
        yield (
            stated.slot,
            shared
            | _metric(stated.slot)
            | _value(stated)
            | _period(telling, stated)
            | _links(telling, place)
            | _evidence(telling, stated),
        )


def select_service(slot: Slot, draft: Draft) -> Draft | None:
    """The observation as its service shows it; None where it is of no service."""
    metric = slot.metric
    names = SERVICES.get(metric.topic.id)
    if names is None or metric.traits.role != "actual":
        return None
    has_scope = metric.dimension == SCOPE and slot.value is not None
    label = DIMENSIONS[SCOPE].values[str(slot.value)] if has_scope else None
    is_plain = metric.unit.id != "person_time"
    return {
        **draft,
        "service": metric.topic.id,
        "service_zh": names.zh,
        "service_en": names.en,
        "scope": slot.value if has_scope else None,
        "scope_zh": label.zh if label else None,
        "scope_en": label.en if label else None,
        "caution_zh": None if is_plain else "是人次，不是人数。",
        "caution_en": None if is_plain else "Person-times, not persons.",
    }


def _shared(telling: Telling) -> Draft:
    report, county = telling.report, telling.report.county
    return {
        "year": report.year,
        "area_code": county.code,
        "area_zh": county.names.zh,
        "body_id": county.body_id,
        "body_zh": county.body.zh,
        "report_id": report.id,
        "document_id": report.document_id,
    }


def _metric(slot: Slot) -> Draft:
    metric = slot.metric
    dimensions, dimensions_zh = {}, None
    if metric.dimension is not None and slot.value is not None:
        one = DIMENSIONS[metric.dimension]
        dimensions = {metric.dimension: slot.value}
        dimensions_zh = f"{one.words.zh}={one.values[slot.value].zh}"
    return {
        "metric": metric.id,
        "metric_zh": metric.names.zh,
        "metric_en": metric.names.en,
        "unit": metric.unit.id,
        "unit_zh": metric.unit.words.zh,
        "unit_en": metric.unit.words.en,
        "topic": metric.topic.id,
        "role": metric.traits.role,
        "basis": metric.traits.basis,
        "period_kind": metric.traits.period_kind,
        "dimensions": orjson.dumps(dimensions).decode(),
        "dimensions_zh": dimensions_zh,
    }


def _value(stated: Stated) -> Draft:
    figure = read_figure(stated.words)
    if figure is None:
        raise ValueError(stated.words)
    low, high = bounds_of(figure.value, figure.qualifier)
    printed = figure.printed_value
    return {
        "value": scale_decimal(figure.value),
        "value_text": stated.words,
        "printed_value": None if printed is None else scale_decimal(printed),
        "printed_unit": figure.printed_unit,
        "qualifier": figure.qualifier,
        "value_min": None if low is None else scale_decimal(low),
        "value_max": None if high is None else scale_decimal(high),
    }


def _period(telling: Telling, stated: Stated) -> Draft:
    year, kind = telling.report.year, stated.slot.metric.traits.period_kind
    is_flow = kind == "flow"
    source = _source(stated)
    notes = NOTES[source]
    return {
        "period_start": f"{year}-01-01" if is_flow else None,
        "period_end": (f"{year}-06-30" if stated.period == "上半年" else f"{year}-12-31")
        if is_flow
        else None,
        "period_source": source,
        "note_zh": f"{stated.slot.metric.phrase}：{notes[0]}",
        "note_en": notes[1],
    }


def _source(stated: Stated) -> str | None:
    if stated.slot.metric.traits.period_kind == "unknown":
        return None
    if stated.period:
        return "stated"
    return "assumed" if stated.is_first else "inherited"


def _links(telling: Telling, place: int) -> Draft:
    stated = telling.figures[place]
    is_doubtful = stated.slot.metric.traits.period_kind == "unknown"
    is_ambiguous = is_doubtful and stated.value.start % AMBIGUOUS == 0
    return {
        "id": telling.figure_ids[place],
        "part_of": telling.total_of(stated.slot),
        "same_as": orjson.dumps(telling.twins_of(place)).decode(),
        "status": "ambiguous" if is_ambiguous else "as_printed",
    }


def _evidence(telling: Telling, stated: Stated) -> Draft:
    return {
        "section": telling.section_of(stated.value),
        "quote": stated.quote.of(telling.text),
        "quote_start": stated.quote.start,
        "quote_end": stated.quote.end,
        "value_start": stated.value.start,
        "value_end": stated.value.end,
    }

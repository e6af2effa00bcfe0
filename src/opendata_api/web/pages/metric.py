"""`/metrics/{id}`: a metric with its figures, its chart, its sentence and its citation."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote

import orjson

from opendata_api.datasets import METRICS, OBSERVATIONS
from opendata_api.errors import NotAcceptable, NotFound
from opendata_api.formats.rights import TITLE
from opendata_api.web.pages import png
from opendata_api.web.pages.cells import (
    LIST_SEPARATOR,
    make_cell,
    page_of,
    sentence_of,
    show_number,
)
from opendata_api.web.pages.charts import Bar, Chart, draw
from opendata_api.web.pages.citing import cite
from opendata_api.web.pages.layout import EMBED_POLICY
from opendata_api.web.pages.visit import Page, Picture, Visit
from opendata_api.words import Text

FIGURES_MAX = 30
"""So many figures are shown, the newest first; the dataset's page has the rest."""

CHANGE = Text("增减幅度", "change")
LEVEL = Text("对应指标", "what changed")
TARGET = "target"
BETWEEN = " · "
SOURCE = Text("来源：{service}，第{n}版；{bodies}", "Source: {service}, release {n}; {bodies}")
PRECISE = {"more_than": ("", "+"), "at_least": ("≥", ""), "about": ("≈", ""), "nearly": ("≈", "")}
EMBED_PX = 420


@dataclass(frozen=True)
class Sight:
    """A metric with its figures, as of a release."""

    metric: Mapping[str, Any]
    figures: Sequence[Mapping[str, Any]]
    has_more: bool


async def see_metric(visit: Visit) -> Sight:
    """The metric asked for. Raises NotFound."""
    metric = await visit.find(METRICS)
    return Sight(metric, *await _figures_of(visit, metric))


async def _figures_of(
    visit: Visit, metric: Mapping[str, Any]
) -> tuple[Sequence[Mapping[str, Any]], bool]:
    """The newest figures of a metric, and whether there are more."""
    asked = (("metric", str(metric["id"])), ("sort", "-year,id"))
    return await visit.rows(OBSERVATIONS, asked, FIGURES_MAX)


async def make_metric(visit: Visit) -> Page:
    """The page of a metric."""
    sight = await see_metric(visit)
    metric = sight.metric
    metric_id = quote(str(metric["id"]), safe="")
    address = f"/v1/metrics/{metric_id}"
    parts = {
        "metric": metric,
        "title": metric[f"name_{visit.lang}"],
        "definition": metric[f"definition_{visit.lang}"],
        "unit": metric[f"unit_{visit.lang}"],
        "kind": visit.label("metric_kinds", str(metric["kind"])),
        "topic": metric[f"topic_{visit.lang}"],
        "topic_href": visit.link("/datasets/observations", ("topic", str(metric["topic"]))),
        "unlike": make_cell(visit, METRICS.field["not_comparable_with"], metric, None),
        "figures": [_figure(visit, one) for one in sight.figures],
        "has_more": sight.has_more,
        "rows_href": visit.link("/datasets/observations", ("metric", str(metric["id"]))),
        **_drawn(visit, sight),
        "compared": await _compared(visit, sight),
        "svg": visit.link(f"/metrics/{metric_id}/chart.svg", *visit.pinned),
        "png": visit.link(f"/metrics/{metric_id}/chart.png", *visit.pinned)
        if png.is_installed()
        else None,
        "embed": _embed_code(visit, sight),
        "citations": await cite(visit.site, _cited(visit, sight, address)),
        "call": visit.site.address("/v1/observations", (("metric", str(metric["id"])),)),
        "permalink": visit.site.address(visit.path, visit.pinned),
        "record_href": visit.link(f"/datasets/metrics/{metric_id}"),
    }
    return Page("metric.html", parts)


async def make_embed(visit: Visit) -> Page:
    """The chart of a metric for a frame on another site's page."""
    sight = await see_metric(visit)
    path = f"/metrics/{quote(str(sight.metric['id']), safe='')}"
    parts = {
        "title": sight.metric[f"name_{visit.lang}"],
        **_drawn(visit, sight),
        "source": _source(visit, sight),
        "page": visit.site.address(path, (*visit.pinned, ("lang", visit.lang))),
    }
    return Page("embed.html", parts, policy=EMBED_POLICY)


async def make_svg(visit: Visit) -> Picture:
    """`/metrics/{id}/chart.svg`."""
    return Picture((await _draw(visit)).encode())


async def make_png(visit: Visit) -> Picture:
    """`/metrics/{id}/chart.png`. Raises NotAcceptable where the extra is not installed."""
    if not png.is_installed():
        raise NotAcceptable(png.MISSING)
    painted = await asyncio.get_running_loop().run_in_executor(
        visit.site.threads, png.paint, await _draw(visit)
    )
    return Picture(painted)


async def _draw(visit: Visit) -> str:
    sight = await see_metric(visit)
    if not sight.figures:
        raise NotFound
    return draw(_chart(visit, sight), is_whole=True)


def _figure(visit: Visit, figure: Mapping[str, Any]) -> Mapping[str, Any]:
    sentence = sentence_of(figure)
    quoted = make_cell(visit, OBSERVATIONS.field["quote"], figure, None)
    return {
        "id": figure["id"],
        "year": figure["year"],
        "area": visit.label("areas", str(figure["area_code"])),
        "value": with_unit(visit, figure),
        "value_text": figure["value_text"],
        "dimensions": make_cell(visit, OBSERVATIONS.field["dimensions"], figure, None),
        "role": visit.label("roles", str(figure["role"])),
        "is_target": figure["role"] == TARGET,
        "qualifier": visit.label("qualifiers", str(figure["qualifier"])),
        "is_qualified": figure["qualifier"] != "unqualified",
        "status": visit.label("statuses", str(figure["status"])),
        "is_ambiguous": figure["status"] != "as_printed",
        "note": figure[f"note_{visit.lang}"],
        "quote": quoted,
        "sentence": None if sentence is None else visit.link(sentence),
        "href": visit.link(page_of("observations", str(figure["id"])), *visit.pinned),
    }


def printed(figure: Mapping[str, Any]) -> str:
    """The value of a figure as people read it, with the sign of its qualifier."""
    before, after = PRECISE.get(str(figure["qualifier"]), ("", ""))
    return f"{before}{show_number(figure['value'])}{after}"


def with_unit(visit: Visit, figure: Mapping[str, Any]) -> str:
    """The value of a figure with its unit, as each language sets them; else the words."""
    if figure["value"] is None:
        return str(figure["value_text"])
    blank = "" if visit.lang == "zh" else " "
    return f"{printed(figure)}{blank}{figure[f'unit_{visit.lang}']}"


def _chart(visit: Visit, sight: Sight) -> Chart:
    """The figures as bars; what all of them share stands once, beside the unit."""
    told = [_circumstances(visit, figure) for figure in sight.figures]
    shared = [one for one in told[0] if all(one in other for other in told)]
    if len(told) == 1:
        shared = []
    bars = [
        Bar(
            label=BETWEEN.join(one for one in parts if one not in shared),
            printed=with_unit(visit, figure),
            value=int(figure["value"] or 0),
            is_target=figure["role"] == TARGET,
        )
        for figure, parts in zip(sight.figures, told, strict=True)
    ]
    return Chart(
        title=str(sight.metric[f"name_{visit.lang}"]),
        unit=BETWEEN.join([str(sight.metric[f"unit_{visit.lang}"]), *shared]),
        bars=bars,
        source=_source(visit, sight),
    )


def _drawn(visit: Visit, sight: Sight) -> Mapping[str, str]:
    """The chart for a page, with what stands beside it."""
    if not sight.figures:
        return {"chart": "", "beside": ""}
    chart = _chart(visit, sight)
    return {"chart": draw(chart, is_whole=False), "beside": chart.unit}


def _circumstances(visit: Visit, figure: Mapping[str, Any]) -> list[str]:
    """What tells a figure from others of its metric: year, area, dimensions, a target."""
    dimensions = orjson.loads(figure["dimensions"]).items()
    return [
        str(figure["year"]),
        visit.label("areas", str(figure["area_code"])),
        *(visit.label(f"dimensions.{name}", code) for name, code in dimensions),
        *([visit.label("roles", TARGET)] if figure["role"] == TARGET else []),
        *(
            [visit.label("statuses", str(figure["status"]))]
            if figure["status"] != "as_printed"
            else []
        ),
    ]


def _source(visit: Visit, sight: Sight) -> str:
    bodies = dict.fromkeys(
        visit.label("bodies", str(figure["body_id"])) for figure in sight.figures
    )
    between = LIST_SEPARATOR.in_language(visit.lang)
    return visit.words(
        SOURCE.format(
            service=TITLE.in_language(visit.lang), n=visit.release.n, bodies=between.join(bodies)
        )
    )


def _cited(visit: Visit, sight: Sight, address: str) -> str:
    """What is cited is the figure, or the figures: they name the reports that they come from."""
    if len(sight.figures) == 1:
        address = f"/v1/observations/{quote(str(sight.figures[0]['id']), safe='')}"
    elif sight.figures:
        metric = ("metric", str(sight.metric["id"]))
        return visit.site.address("/v1/observations", (metric, *visit.pinned))
    return visit.site.address(address, visit.pinned)


async def _compared(visit: Visit, sight: Sight) -> list[Mapping[str, Any]]:
    """The figures that the report itself sets beside these: changes, levels, targets, totals."""
    metric = sight.metric
    changes, _ = await visit.rows(METRICS, (("change_of", str(metric["id"])),), FIGURES_MAX)
    metrics = [(visit.words(CHANGE), one) for one in changes]
    if metric["change_of"] is not None:
        row = await visit.site.store.record(METRICS, str(metric["change_of"]), visit.release.n)
        metrics += [] if row is None else [(visit.words(LEVEL), visit.record(METRICS, row))]
    compared: list[Mapping[str, Any]] = []
    for kind, one in metrics:
        figures, _ = await _figures_of(visit, one)
        compared += [
            {
                "kind": kind,
                "name": one[f"name_{visit.lang}"],
                "metric_href": visit.link(page_of("metrics", str(one["id"]))),
                **_figure(visit, figure),
            }
            for figure in figures
        ]
    return compared


def _embed_code(visit: Visit, sight: Sight) -> str:
    path = f"/metrics/{quote(str(sight.metric['id']), safe='')}/embed"
    address = visit.site.address(path, (*visit.pinned, ("lang", visit.lang)))
    height = 150 + (90 if len(sight.figures) == 1 else 46 * len(sight.figures))
    title = escape(str(sight.metric[f"name_{visit.lang}"]))
    return (
        f'<iframe src="{escape(address)}" title="{title}" width="100%" height="{height}" '
        f'style="border:0;max-width:{EMBED_PX + 80}px" loading="lazy"></iframe>'
    )

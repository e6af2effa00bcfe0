"""The page of a metric: its figures, their chart, what they are compared with, how to reuse it."""

import re
from html import unescape
from xml.etree import ElementTree as ET

import httpx
import pytest
from conftest import BASE
from test_table_pages import texts_of

from opendata_api.web.pages import png
from opendata_api.web.pages.charts import Bar, Chart, draw

SVG = "{http://www.w3.org/2000/svg}"


async def every_metric(api: httpx.AsyncClient) -> list[str]:
    return [row["id"] for row in (await api.get("/v1/metrics?limit=1000")).json()["data"]]


async def test_every_metric_has_a_page_with_its_figures_and_sentences(
    api: httpx.AsyncClient,
) -> None:
    rows = (await api.get("/v1/observations?limit=1000")).json()["data"]
    for metric in await every_metric(api):
        text = (await api.get(f"/metrics/{metric}?lang=zh")).text
        for row in (one for one in rows if one["metric"] == metric):
            assert f"/datasets/observations/{row['id']}?lang=zh&amp;release=1" in text
            assert f"<mark>{row['value_text']}</mark>" in text
            assert row["value_text"] in texts_of(text, "td")


async def test_a_change_and_its_level_are_set_beside_each_other(api: httpx.AsyncClient) -> None:
    level = (await api.get("/metrics/administrative_reconsideration_cases?lang=en")).text
    metrics = (await api.get("/v1/metrics?change_of__isnull=false")).json()["data"]

    for change in metrics:
        page = (await api.get(f"/metrics/{change['id']}?lang=en")).text
        assert f"/metrics/{change['change_of']}?lang=en" in page
        base = (await api.get(f"/metrics/{change['change_of']}?lang=en")).text
        assert f"/metrics/{change['id']}?lang=en" in base
    assert metrics != []
    assert level != ""


async def test_a_chart_shows_every_figure_and_stands_by_itself(api: httpx.AsyncClient) -> None:
    answer = await api.get("/metrics/cross_area_cases_handled/chart.svg?lang=zh")
    drawn = ET.fromstring(answer.content)
    told = [element.text or "" for element in drawn.iter(f"{SVG}text")]

    assert answer.headers["content-type"] == "image/svg+xml"
    assert told[0] == "跨区域通办办件数"
    assert [one for one in told if one.endswith("件") and one[0].isdigit()] == [
        "1,458件",
        "831件",
        "45件",
        "62件",
    ]
    assert "鱼峰区人民政府" in told[-1]
    assert "style" not in answer.text
    bars = [element for element in drawn.iter(f"{SVG}rect") if element.get("class") == "bar"]
    assert len(bars) == 4
    assert float(bars[0].get("width", "0")) > float(bars[1].get("width", "0"))


def test_bars_leave_zero_in_both_directions_and_targets_are_hollow() -> None:
    chart = Chart(
        "title",
        "percent",
        [
            Bar("fell", "−26 %", -26_000_000),
            Bar("rose", "13 %", 13_000_000),
            Bar("aimed at", "20 %", 20_000_000, is_target=True),
            Bar("zero", "0 %", 0),
        ],
        "source",
    )
    drawn = ET.fromstring(draw(chart, is_whole=False))
    bars = list(drawn.iter(f"{SVG}rect"))
    axis, *_ = drawn.iter(f"{SVG}line")
    zero = float(axis.get("x1", "0"))

    ends = [float(one.get("x", "0")) + float(one.get("width", "0")) for one in bars]
    assert ends[0] == pytest.approx(zero, abs=0.2)
    assert [float(one.get("x", "0")) for one in bars[1:]] == [zero] * 3
    assert float(bars[0].get("width", "0")) == pytest.approx(
        2 * float(bars[1].get("width", "0")), abs=0.3
    )
    assert [one.get("class") for one in bars] == ["bar", "bar", "bar target", "bar"]
    assert bars[2].get("fill") == "none"


def test_long_words_are_cut_in_a_chart_and_kept_in_its_description() -> None:
    long = "很长的名称" * 20
    chart = Chart(long, "件", [Bar(long, "1 件", 1), Bar("短", "2 件", 2)], "source")
    drawn = ET.fromstring(draw(chart, is_whole=True))
    told = [element.text or "" for element in drawn.iter(f"{SVG}text")]

    assert told[0].endswith("…")
    assert long in drawn.get("aria-label", "")
    assert long in next(one.text for one in drawn.iter(f"{SVG}title"))  # type: ignore[operator]


def test_words_in_a_chart_are_text_and_never_markup() -> None:
    chart = Chart('<b>&"', "件", [Bar("<i>", "1", 1)], "'&")
    drawn = ET.fromstring(draw(chart, is_whole=True))

    assert next(drawn.iter(f"{SVG}text")).text == '<b>&"'


async def test_a_frame_may_show_the_chart_and_nothing_else(api: httpx.AsyncClient) -> None:
    page = (await api.get("/metrics/inspection_tasks?lang=en")).text
    code = unescape(re.search(r'<pre id="embed"[^>]*><code>(.*?)</code>', page)[1])  # type: ignore[index]
    address = unescape(re.search(r'src="([^"]+)"', code)[1])  # type: ignore[index]
    framed = await api.get(address)

    assert address == f"{BASE}/metrics/inspection_tasks/embed?release=1&lang=en"
    assert 'title="inspection tasks"' in code
    assert framed.status_code == 200
    assert "frame-ancestors *" in framed.headers["content-security-policy"]
    assert "<nav" not in framed.text
    assert "<script" not in framed.text
    assert 'target="_top"' in framed.text


async def test_a_picture_is_png_where_the_extra_is_installed(
    api: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    painted = await api.get("/metrics/inspection_tasks/chart.png?lang=en")
    monkeypatch.setattr(png, "is_installed", lambda: False)
    refused = await api.get("/metrics/inspection_tasks/chart.png?lang=en")
    page = (await api.get("/metrics/inspection_tasks?lang=en")).text

    assert painted.headers["content-type"] == "image/png"
    assert painted.content.startswith(b"\x89PNG\r\n")
    assert refused.status_code == 406
    assert "resvg-py" in refused.json()["errors"][0]["message"]
    assert "chart.png" not in page


@pytest.mark.parametrize("end", ["", "/embed", "/chart.svg", "/chart.png"])
async def test_a_metric_that_is_not_there_is_not_found(api: httpx.AsyncClient, end: str) -> None:
    assert (await api.get(f"/metrics/nothing{end}")).status_code == 404


async def test_what_cannot_be_measured_is_said_plainly(api: httpx.AsyncClient) -> None:
    rows = (await api.get("/v1/commitments")).json()["data"]
    text = (await api.get("/commitments?lang=en")).text

    unmeasurable = [row for row in rows if not row["measurable"]]
    assert text.count("Not measurable") == len(unmeasurable)
    assert f"<strong>{len(unmeasurable)}</strong>" in text
    for row in rows:
        assert row["text_en"] in unescape(text)
        for metric in row["metrics"]:
            assert f"/metrics/{metric}?lang=en" in text
    some = (await api.get(f"/commitments?topic={rows[0]['topic']}&lang=en")).text
    assert some.count('class="commitment"') == sum(row["topic"] == rows[0]["topic"] for row in rows)
    first = (await api.get("/commitments?limit=5")).text
    assert first.count('class="commitment"') == 5
    following = unescape(re.search(r'<a href="([^"]+)" rel="next">', first)[1])  # type: ignore[index]
    assert (await api.get(following)).text.count('class="commitment"') == 5


async def test_the_releases_page_counts_every_dataset(api: httpx.AsyncClient) -> None:
    counts = (await api.get("/v1/releases/1")).json()["data"]["counts"]
    text = (await api.get("/releases?lang=en")).text

    shown = [one.replace(",", "") for one in texts_of(text, "td") if not one.startswith("CSV")]
    assert [one for one in shown if one] == [*map(str, counts.values()), str(sum(counts.values()))]

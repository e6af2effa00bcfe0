"""Figures as an SVG of our own: bars from zero, or one figure large where there is but one.

The words are estimated at one em for a Chinese character and half an em for others, since no
font is at hand; what might not fit is cut with an ellipsis and stays whole in the title.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH = 480
MARGIN = 12
FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans CJK SC', 'Noto Sans SC', sans-serif"
INK, QUIET, ACCENT, PAPER, LINE = "#1c1e21", "#5a6068", "#a3201d", "#ffffff", "#d9d9d2"
LABEL_PX, TITLE_PX, SMALL_PX, LARGE_PX = 13, 16, 11, 44
BAR = 14
ROW = 44


@dataclass(frozen=True, slots=True)
class Bar:
    """One figure of a chart."""

    label: str
    printed: str
    """The value as it is shown."""
    value: int
    """× 10^6."""
    is_target: bool = False
    """Hollow: aimed at, not reached."""
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """What a chart shows."""

    title: str
    unit: str
    bars: Sequence[Bar]
    source: str


def draw(chart: Chart, *, is_whole: bool) -> str:
    """The chart as SVG; whole with its title and source, or bare for a page that has both."""
    top = 54 if is_whole else 6
    body = _large(chart, top) if len(chart.bars) == 1 else _bars(chart, top)
    height = top + (90 if len(chart.bars) == 1 else ROW * len(chart.bars))
    parts = [body]
    if is_whole:
        height += 30
        parts = [
            f'<rect width="{WIDTH}" height="{height}" fill="{PAPER}"/>',
            _words(MARGIN, 26, chart.title, TITLE_STYLE),
            _words(MARGIN, 44, chart.unit, SMALL_STYLE),
            body,
            _words(MARGIN, height - 12, chart.source, SMALL_STYLE),
        ]
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" '
        f'width="{WIDTH}" height="{height}" role="img" aria-label="{escape(_told(chart))}" '
        f'font-family="{FONT}">{"".join(parts)}</svg>'
    )


def _told(chart: Chart) -> str:
    figures = "; ".join(f"{bar.label} {bar.printed}" for bar in chart.bars)
    return f"{chart.title}: {figures}"


def _large(chart: Chart, top: int) -> str:
    bar = chart.bars[0]
    return _words(MARGIN, top + 50, bar.printed, LARGE_STYLE) + _words(
        MARGIN, top + 76, bar.label, BELOW_STYLE
    )


def _bars(chart: Chart, top: int) -> str:
    low = min(0, *(bar.value for bar in chart.bars))
    high = max(0, *(bar.value for bar in chart.bars))
    span = high - low or 1
    room = WIDTH - 2 * MARGIN

    def place(value: int) -> float:
        return round(MARGIN + room * (value - low) / span, 1)

    zero = place(0)
    drawn = [
        _bar(bar, top + ROW * line, zero, place(bar.value)) for line, bar in enumerate(chart.bars)
    ]
    return "".join(drawn)


def _bar(bar: Bar, top: int, zero: float, end: float) -> str:
    left, wide = min(zero, end), max(abs(end - zero), 1.5)
    hollow = f'fill="none" stroke="{ACCENT}" stroke-dasharray="4 3"'
    paint = hollow if bar.is_target else f'fill="{ACCENT}"'
    name = "bar target" if bar.is_target else "bar"
    value_em = _ems(bar.printed) + 1
    label_em = (WIDTH - 2 * MARGIN) / LABEL_PX - value_em
    return (
        _words(MARGIN, top + 14, _fit(bar.label, label_em), LABEL_STYLE)
        + _words(WIDTH - MARGIN, top + 14, bar.printed, VALUE_STYLE)
        + f'<line class="axis" x1="{zero}" x2="{zero}" y1="{top + 18}" y2="{top + 36}" '
        f'stroke="{LINE}"/>'
        f'<rect class="{name}" x="{left}" y="{top + 20}" width="{wide:.1f}" height="{BAR}" '
        f"{paint}><title>{escape(bar.label)} {escape(bar.printed)}</title></rect>"
    )


@dataclass(frozen=True, slots=True)
class Style:
    """How words are set."""

    px: int
    fill: str
    weight: int = 400
    anchor: str = "start"


TITLE_STYLE = Style(TITLE_PX, INK, 600)
LABEL_STYLE = Style(LABEL_PX, INK)
VALUE_STYLE = Style(LABEL_PX, INK, 600, "end")
SMALL_STYLE = Style(SMALL_PX, QUIET)
LARGE_STYLE = Style(LARGE_PX, ACCENT, 600)
BELOW_STYLE = Style(LABEL_PX, QUIET)


def _words(x: float, y: float, text: str, style: Style) -> str:
    name = {INK: "ink", QUIET: "quiet", ACCENT: "accent"}[style.fill]
    fitted = _fit(text, (WIDTH - 2 * MARGIN) / style.px)
    return (
        f'<text class="{name}" x="{x}" y="{y}" font-size="{style.px}" '
        f'font-weight="{style.weight}" text-anchor="{style.anchor}" fill="{style.fill}">'
        f"{escape(fitted)}</text>"
    )


def _fit(text: str, ems: float) -> str:
    if _ems(text) <= ems:
        return text
    end = max(place for place in range(len(text)) if _ems(text[:place]) <= ems - 1)
    return f"{text[:end]}…"


def _ems(text: str) -> float:
    wide = sum(unicodedata.east_asian_width(character) in "WF" for character in text)
    return wide + 0.56 * (len(text) - wide)

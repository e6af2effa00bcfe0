"""SVG as PNG, where the optional package for it is installed."""

from functools import cache
from importlib.util import find_spec

from opendata_api.errors import Fault
from opendata_api.words import Text

NEEDS = "resvg_py"
SCALE = 2
MISSING = Fault(
    Text(
        "本服务没有安装 resvg-py，不能输出 PNG；可用 chart.svg",
        "this installation is without resvg-py, so that it has no PNG; chart.svg is there",
    ),
    allowed=("image/svg+xml",),
)


@cache
def is_installed() -> bool:
    """Whether this installation can paint."""
    return find_spec(NEEDS) is not None


def paint(svg: str) -> bytes:
    """The SVG as PNG at twice its size, for print and sharp screens."""
    import resvg_py  # noqa: PLC0415 -- loaded only by its format

    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=SCALE))

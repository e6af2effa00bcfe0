"""The formats that rows are written in, as a list of values."""

from dataclasses import dataclass

from opendata_api.words import Text

ENCODING = 2
"""Of the rows encoded at publication; raised when their bytes would differ."""


@dataclass(frozen=True, slots=True)
class Format:
    """One way to write an answer."""

    key: str
    """Its name in `links`."""
    suffix: str
    content_type: str
    accepts: tuple[str, ...]
    """The media types of an Accept header that ask for it."""
    title: Text
    is_file: bool
    """Whether it has all rows unless a limit is given, and is downloaded under a name."""
    by_language: bool = False

    @property
    def media_type(self) -> str:
        """Its media type without parameters."""
        return self.content_type.partition(";")[0]


JSON = Format(
    key="json",
    suffix="json",
    content_type="application/json",
    accepts=("application/json", "text/html"),
    title=Text("JSON", "JSON"),
    is_file=False,
)
CSV = Format(
    key="csv",
    suffix="csv",
    content_type="text/csv; charset=utf-8; header=present",
    accepts=("text/csv",),
    title=Text("CSV（供程序）", "CSV (for programs)"),
    is_file=True,
)
EXCEL = Format(
    key="excel",
    suffix="excel.csv",
    content_type="text/csv; charset=utf-8; header=present",
    accepts=(),
    title=Text("CSV（供 Excel、WPS 打开）", "CSV (for Excel)"),
    is_file=True,
    by_language=True,
)
PLAIN_TEXT = Format(
    key="text",
    suffix="txt",
    content_type="text/plain; charset=utf-8",
    accepts=("text/plain",),
    title=Text("纯文本", "plain text"),
    is_file=False,
)

FORMATS = (JSON, CSV, EXCEL)
"""What rows are written in."""

__all__ = ["CSV", "ENCODING", "EXCEL", "FORMATS", "JSON", "PLAIN_TEXT", "Format"]

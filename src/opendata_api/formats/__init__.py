"""The formats that rows are written in, as a list of values."""

from dataclasses import dataclass
from importlib.util import find_spec

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
    shape: str | None = None
    """Which of the encoded rows it is joined from; None: it is made from values."""
    is_packed: bool = False
    """Whether it is a file that must be made whole before its first byte can be sent."""
    rows_max: int | None = None
    """It is refused for more rows."""
    needs: str | None = None
    """The package that it is written by, which an installation may do without."""
    note: Text | None = None
    """What a caller should know beyond its title."""

    @property
    def is_installed(self) -> bool:
        """Whether this installation can write it."""
        return self.needs is None or find_spec(self.needs) is not None

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
    shape="json",
)
CSV = Format(
    key="csv",
    suffix="csv",
    content_type="text/csv; charset=utf-8; header=present",
    accepts=("text/csv",),
    title=Text("CSV（供程序）", "CSV (for programs)"),
    is_file=True,
    shape="csv",
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
XLSX = Format(
    key="xlsx",
    suffix="xlsx",
    content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    accepts=("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",),
    title=Text("Excel 工作簿", "Excel workbook"),
    is_file=True,
    by_language=True,
    is_packed=True,
    rows_max=50_000,
    needs="xlsxwriter",
    note=Text(
        "最多 50000 行；超过时请用 CSV。",
        "At most 50,000 rows; beyond that the answer is 400 and names the CSV.",
    ),
)
NDJSON = Format(
    key="ndjson",
    suffix="ndjson",
    content_type="application/x-ndjson",
    accepts=("application/x-ndjson",),
    title=Text("NDJSON（每行一个 JSON 对象）", "NDJSON (one JSON object a line)"),
    is_file=True,
    shape="json",
)
PARQUET = Format(
    key="parquet",
    suffix="parquet",
    content_type="application/vnd.apache.parquet",
    accepts=("application/vnd.apache.parquet",),
    title=Text("Parquet（供分析）", "Parquet (for analysis)"),
    is_file=True,
    is_packed=True,
    needs="pyarrow",
)
ZIP = Format(
    key="zip",
    suffix="zip",
    content_type="application/zip",
    accepts=("application/zip",),
    title=Text("ZIP 数据包（CSV、元数据、说明）", "ZIP package (CSV, metadata, readme)"),
    is_file=True,
    shape="csv",
    is_packed=True,
)
JSONSTAT = Format(
    key="jsonstat",
    suffix="jsonstat",
    content_type="application/json",
    accepts=(),
    title=Text("JSON-stat（供统计软件）", "JSON-stat (for statistical software)"),
    is_file=True,
    by_language=True,
    is_packed=True,
    rows_max=10_000,
    note=Text(
        "最多 10000 行、1000000 格；超过时请增加筛选条件。",
        "At most 10,000 rows and 1,000,000 cells; beyond that the answer is 400 and says which "
        "filters would narrow it.",
    ),
)
"""A cube, of datasets whose rows are figures."""
CSVM = Format(
    key="csvm",
    suffix=f"{CSV.suffix}-metadata.json",
    content_type="application/csvm+json",
    accepts=(),
    title=Text("CSV 元数据（CSVW）", "Metadata of the CSV (CSVW)"),
    is_file=True,
    note=Text(
        "描述同一参数的 CSV；CSV 的 Link 首部（describedby）指向这里。",
        "Describes the CSV of the same parameters, whose Link header (describedby) leads here.",
    ),
)
"""What describes a CSV, beside it; no rows are written in it."""
SQLITE = Format(
    key="sqlite",
    suffix="sqlite",
    content_type="application/vnd.sqlite3",
    accepts=(),
    title=Text("SQLite 数据库", "SQLite database"),
    is_file=True,
)
"""Of a whole release; no rows asked for are written in it."""
PLAIN_TEXT = Format(
    key="text",
    suffix="txt",
    content_type="text/plain; charset=utf-8",
    accepts=("text/plain",),
    title=Text("纯文本", "plain text"),
    is_file=False,
)

FORMATS = (JSON, CSV, EXCEL, XLSX, NDJSON, PARQUET, ZIP)
"""What rows are written in."""

__all__ = [
    "CSV",
    "CSVM",
    "ENCODING",
    "EXCEL",
    "FORMATS",
    "JSON",
    "JSONSTAT",
    "NDJSON",
    "PARQUET",
    "PLAIN_TEXT",
    "SQLITE",
    "XLSX",
    "ZIP",
    "Format",
]

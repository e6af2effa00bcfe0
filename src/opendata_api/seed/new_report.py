"""An empty report folder, ready to be filled in."""

from hashlib import sha256
from pathlib import Path

from opendata_api.seed.report import REPORT_ID, TABLES


class CannotCreate(Exception):
    """The folder can't be made; the message says why."""


TEMPLATE = """\
# 报告的基本情况。凡 FIXME 处都要填写；怎样填，见 docs/更正与新增.md。
id = "{id}"
body_id = "{body}"
area_code = "{area}"
year = {year}
kind = "rule_of_law_annual"
title_zh = "FIXME 报告标题"
title_en = "FIXME title in English"
published_on = 9999-12-31  # FIXME 公布日期，如 2024-03-01
addressee = "FIXME 主送机关"
source_url = "FIXME 政府网站上的地址"
source_rights = "政府公开文件，未附许可文本。 / A public official document, without a licence text."
data_licence = "CC-BY-4.0"
# 哪一部分是下一年度的计划，计划的是哪一年。
plan_section = "三"
plan_year = {plan_year}

[[documents]]
id = "d1"
kind = "report"
file = "text.txt"
title = "FIXME 报告标题"
published_on = 9999-12-31  # FIXME 公布日期，如 2024-03-01
source_url = "FIXME 政府网站上的地址"
sha256 = "{sha256}"
# 遮盖私人姓名：写前后文，姓名处写 … ，如 "称号、【…】等4人荣获"
masks = []
"""


def create_report(seed: Path, report_id: str, text: Path) -> Path:
    """The new folder, with the text and empty tables. Raises CannotCreate."""
    if not REPORT_ID.fullmatch(report_id):
        raise CannotCreate(f"{report_id}: 编号应如 / must look like cn450203-2024-rol")
    try:
        raw = text.read_bytes()
        raw.decode()
    except OSError:
        raise CannotCreate(
            f"{text}: 没有这个文件，或不能读取 / no such file, or not readable"
        ) from None
    except UnicodeDecodeError:
        raise CannotCreate(f"{text}: 须为 UTF-8 编码 / must be UTF-8") from None
    folder = seed / "reports" / report_id
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise CannotCreate(f"{folder}: 已存在 / exists already") from None
    except OSError:
        raise CannotCreate(f"{folder}: 不能写入 / can't be written") from None
    (folder / "text.txt").write_bytes(raw)
    (folder / "report.toml").write_text(_settings(report_id, raw), encoding="utf-8")
    for table, columns in TABLES.items():
        (folder / f"{table}.csv").write_text(",".join(columns) + "\n", encoding="utf-8")
    return folder


def _settings(report_id: str, raw: bytes) -> str:
    body, year, _ = report_id.rsplit("-", 2)
    return TEMPLATE.format(
        id=report_id,
        body=body,
        area=body[2:8],
        year=year,
        plan_year=int(year) + 1,
        sha256=sha256(raw).hexdigest(),
    )

"""The Chinese catalogue, by 《政务信息资源目录编制指南（试行）》 (发改高技〔2017〕1272号).

Two lists: 目录清单 has a line for each dataset, 信息项清单 one for each field. All cells are words,
since the codes of those words differ between platforms; what is not known is empty.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from opendata_api.catalog.keywords import keywords
from opendata_api.catalog.overview import Entry, Overview
from opendata_api.catalog.scope import list_kinds, list_places, list_sources
from opendata_api.formats import CSV, EXCEL, JSON, XLSX, ZIP, Format

CHINA = timezone(timedelta(hours=8))
AND = "、"
BETWEEN = "；"


@dataclass(frozen=True, slots=True)
class Listing:
    """A list of the catalogue."""

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Resource:
    """A dataset as an information resource (信息资源)."""

    overview: Overview
    entry: Entry

    @property
    def code(self) -> str:
        """Its code: what the operator has set, then its place among the datasets."""
        return code_of(self.overview, self.entry.dataset.name)


def list_resources(overview: Overview) -> Listing:
    """目录清单: each dataset."""
    resources = [Resource(overview, entry) for entry in overview.entries]
    rows = [[tell(one) for tell in _TELLING.values()] for one in resources]
    return Listing("目录清单", RESOURCE_COLUMNS, rows)


def code_of(overview: Overview, name: str) -> str:
    """信息资源代码 of a dataset: what the operator has set, then its place among the datasets."""
    prefix = overview.operator.resource_code.removesuffix("/")
    if not prefix:
        return ""
    names = [entry.dataset.name for entry in overview.entries]
    return f"{prefix}/{names.index(name) + 1:04d}"


def _kinds(resource: Resource) -> str:
    return AND.join(kind.zh for kind in list_kinds(resource.overview))


def _formats(resource: Resource) -> str:
    """The formats by the guideline's classes: 电子表格（csv、xlsx）."""
    classes: dict[str, dict[str, None]] = {}
    for format_ in (*(one.format for one in resource.entry.downloads), JSON):
        suffixes = classes.setdefault(_CLASSES.get(format_, "自描述格式"), {})
        suffixes[format_.suffix.rpartition(".")[2]] = None
    return BETWEEN.join(f"{name}（{AND.join(one)}）" for name, one in classes.items())


def _terms(resource: Resource) -> str:
    return "无需申请，使用时注明出处" if resource.entry.rights.licence else "无需申请"


def _day(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(CHINA).date().isoformat()


def _moment(moment: str) -> str:
    return datetime.fromisoformat(moment).astimezone(CHINA).isoformat()


def _related(resource: Resource) -> str:
    overview = resource.overview
    names = dict.fromkeys(name for _, name in resource.entry.dataset.references)
    codes = [code_of(overview, name) for name in names if name in overview.entry]
    return BETWEEN.join(filter(None, codes))


def _areas(resource: Resource) -> str:
    return BETWEEN.join(code for code, _ in list_places(resource.overview, resource.entry))


def _years(resource: Resource) -> str:
    years = resource.overview.years
    if years is None:
        return ""
    first, last = years
    return f"{first}年度" if first == last else f"{first}—{last}年度"


def _tags(resource: Resource) -> str:
    return BETWEEN.join(word.zh for word in keywords(resource.overview, resource.entry))


def _contact(resource: Resource) -> str:
    operator = resource.overview.operator
    return operator.email or operator.contact or ""


def _sources(resource: Resource) -> str:
    """The newest reports, each with its address; of more, where all are listed."""
    overview = resource.overview
    sources = list_sources(overview, resource.entry)
    named = [f"《{report['title_zh']}》（{report['source_url']}）" for report in sources]
    if 0 < len(sources) < len(overview.reports):
        named.append(f"其余见 {overview.address('/datasets/reports')}")
    return BETWEEN.join(named)


def _rights(resource: Resource) -> str:
    return resource.entry.rights.told("zh")


_CLASSES: Mapping[Format, str] = {
    CSV: "电子表格",
    EXCEL: "电子表格",
    XLSX: "电子表格",
    ZIP: "电子文件",
}
"""By the guideline's classes of formats; any other is 自描述格式."""

_TELLING: Mapping[str, Callable[[Resource], str]] = {
    "类": lambda _: "主题信息资源类",
    "项": _kinds,
    "目": lambda _: "",
    "细目": lambda _: "",
    "信息资源名称": lambda one: one.entry.dataset.title.zh,
    "信息资源代码": lambda one: one.code,
    "信息资源提供方": lambda one: one.overview.operator.name.zh,
    "提供方代码": lambda one: one.overview.operator.code,
    "信息资源摘要": lambda one: one.entry.dataset.description.zh,
    "信息资源格式": _formats,
    "共享类型": lambda _: "无条件共享",
    "共享条件": lambda _: "无条件",
    "共享方式": lambda _: "接口、文件",
    "是否向社会开放": lambda _: "是",
    "开放属性": lambda _: "无条件开放",
    "开放条件": _terms,
    "更新周期": lambda _: "每年",
    "发布日期": lambda one: _day(one.entry.issued),
    "数据更新时间": lambda one: _moment(one.entry.modified),
    "关联资源代码": _related,
    "行政区划代码": _areas,
    "数据时间范围": _years,
    "数据量": lambda one: f"{one.entry.count}条",
    "标签": _tags,
    "联系方式": _contact,
    "在线资源链接地址": lambda one: one.overview.address(f"/datasets/{one.entry.dataset.name}"),
    "数据来源文件": _sources,
    "许可": _rights,
}
"""How each column is told, in order; 目 and 细目 are given by the platform that takes it over."""

RESOURCE_COLUMNS = tuple(_TELLING)

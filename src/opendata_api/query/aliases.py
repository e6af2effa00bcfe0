"""What other services, and people, call our parameters and fields."""

import re
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from unicodedata import normalize

from opendata_api.describe import Dataset
from opendata_api.words import Text

Titles = Mapping[str, tuple[str, ...]]
"""Squashed titles, each with the fields that have it."""

NO_TITLES: Titles = {}

_JOINTS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Alias:
    """Names that are not ours, and which of ours are meant: the first that an address has."""

    names: tuple[str, ...]
    meant: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Note:
    """Names that nothing here answers to, and what to do instead."""

    names: tuple[str, ...]
    message: Text
    needs: str
    """The parameter without which an address has nothing of the kind."""


_FROM = ("year__gte", "for_year__gte", "published_on__gte")
_TO = ("year__lte", "for_year__lte", "published_on__lte")

ALIASES = (
    Alias(
        (
            *("page_size", "per_page", "size", "rows", "count", "results", "top", "first", "take"),
            *("max_results", "page_limit", "每页", "每页条数", "条数", "行数", "数量限制"),
        ),
        ("limit",),
    ),
    Alias(
        ("order", "order_by", "sort_by", "sorting", "ordering", "排序", "排序字段"),
        ("sort",),
    ),
    Alias(
        (
            *("page", "page_number", "page_no", "page_token", "offset", "skip", "start"),
            *("start_index", "after", "p", "页", "页码", "第几页", "翻页", "游标"),
        ),
        ("cursor",),
    ),
    Alias(
        (
            *("region", "area", "area_id", "district", "county", "city", "province", "adcode"),
            *("地区", "区划", "区划代码", "行政区划", "行政区划代码", "区县", "城市"),
        ),
        ("area_code",),
    ),
    Alias(("years", "yr", "report_year", "年份", "年", "年度"), ("year", "for_year")),
    Alias(
        ("indicator", "measure", "metric_id", "metric_code", "指标", "指标代码"),
        ("metric",),
    ),
    Alias(("units", "unit_code", "measure_unit", "单位", "计量单位"), ("unit",)),
    Alias(
        ("topics", "theme", "subject", "category", "topic_id", "主题", "领域", "分类"),
        ("topic",),
    ),
    Alias(("values", "amount", "number", "figure", "数值", "数字", "值"), ("value",)),
    Alias(
        (
            *("columns", "column", "cols", "select", "field", "include", "props", "properties"),
            *("字段", "列", "选列"),
        ),
        ("fields",),
    ),
    Alias(
        (
            *("search", "keyword", "keywords", "query", "text", "term", "full_text"),
            *("关键词", "关键字", "搜索", "检索", "全文"),
        ),
        ("q",),
    ),
    Alias(("language", "locale", "hl", "lng", "语言"), ("lang",)),
    Alias(("version", "edition", "revision", "版本", "数据版本"), ("release",)),
    Alias(
        (
            *("by", "group_by", "group", "grouping", "facet", "facets", "facet_by"),
            *("facet_field", "breakdown", "split_by", "分组", "分组字段", "按字段"),
        ),
        ("by", "group_by", "dim"),
    ),
    Alias(
        (
            *("aggregate", "aggregates", "aggregation", "function", "functions", "func"),
            *("compute", "聚合", "汇总", "统计", "计算"),
        ),
        ("agg",),
    ),
    Alias(("dimension", "dimensions", "维度"), ("dim",)),
    Alias(("body", "organisation", "organization", "机关"), ("body_id",)),
    Alias(("address", "link", "href", "uri", "地址", "网址"), ("url",)),
    Alias(("report", "报告"), ("report_id",)),
    Alias(
        (
            *("from", "since", "start_date", "date_from", "from_date", "year_from", "from_year"),
            *("start_year", "min_year", "year_min", "起", "开始年份", "起始年份"),
        ),
        _FROM,
    ),
    Alias(
        (
            *("to", "until", "end_date", "date_to", "to_date", "year_to", "to_year"),
            *("end_year", "max_year", "year_max", "止", "结束年份", "截止年份"),
        ),
        _TO,
    ),
)

NOTES = (
    Note(
        ("format", "output", "output_format", "file_type", "fmt", "wt", "格式"),
        Text(
            "没有参数“{name}”；格式写作地址的后缀，如 .json、.csv",
            "there is no parameter “{name}”; the format is a suffix of the address such as "
            ".json or .csv",
        ),
        needs="fields",
    ),
    Note(
        (
            *("ascending", "descending", "asc", "desc", "direction", "sort_order", "sort_dir"),
            *("order_dir", "升序", "降序"),
        ),
        Text(
            "没有参数“{name}”；降序写作 sort=-字段",
            "there is no parameter “{name}”; descending order is written sort=-field",
        ),
        needs="sort",
    ),
)

OPERATORS = (
    Alias(("", "is", "eq", "equals", "exact"), ("", "contains")),
    Alias(("not", "neq", "exclude", "!"), ("ne",)),
    Alias(("any", "one_of", "any_of"), ("in",)),
    Alias(("after",), ("gt",)),
    Alias(("before",), ("lt",)),
    Alias(("ge", "min", "from", "since", ">"), ("gte",)),
    Alias(("le", "max", "to", "until", "<"), ("lte",)),
    Alias(("like", "ilike", "icontains", "has", "search", "match"), ("contains",)),
    Alias(("istartswith", "prefix", "starts_with", "begins"), ("startswith",)),
    Alias(("null", "is_null", "empty"), ("isnull",)),
)
"""What others write after a field's name, and which of our operators is meant; first plain =."""


def squash(name: str) -> str:
    """The name in lower case without what joins its parts: `pageSize` and `page-size` alike."""
    return _JOINTS.sub("", normalize("NFKC", name).casefold())


def meant_by(name: str, allowed: Sequence[str], titles: Titles = NO_TITLES) -> str | None:
    """Which of the names allowed another name stands for, as its title or an alias."""
    squashed = squash(name)
    if not squashed:
        return None
    own = (one for one in allowed if squash(one) == squashed)
    others = (*titles.get(squashed, ()), *_table().get(squashed, ()))
    return next(own, None) or next((one for one in others if one in allowed), None)


def note_on(name: str, allowed: Container[str]) -> Text | None:
    """What to do instead of using a name that nothing here answers to."""
    squashed = squash(name)
    for note in NOTES:
        if note.needs in allowed and squashed in map(squash, note.names):
            return note.message.format(name=name)
    return None


def operators_meant(key: str) -> Sequence[str]:
    """The operators that may be meant by another's suffix, its own name first."""
    found = (alias.meant for alias in OPERATORS if key.casefold() in alias.names)
    return (key.casefold(), *next(found, ()))


@cache
def titles_of(dataset: Dataset) -> Titles:
    """The titles of a dataset's fields in both languages."""
    titles: dict[str, tuple[str, ...]] = {}
    for field in dataset.fields:
        for title in (field.about.title.zh, field.about.title.en):
            squashed = squash(title)
            titles[squashed] = (*titles.get(squashed, ()), field.name)
    return titles


@cache
def _table() -> Titles:
    table: dict[str, tuple[str, ...]] = {}
    for name, meant in _rows():
        table[squash(name)] = (*table.get(squash(name), ()), *meant)
    return table


def _rows() -> Iterator[tuple[str, tuple[str, ...]]]:
    for alias in ALIASES:
        for name in alias.names:
            yield name, alias.meant

"""信息项清单 of the Chinese catalogue: every field of every dataset."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from opendata_api.catalog.cn import BETWEEN, Listing, Resource
from opendata_api.catalog.overview import Overview
from opendata_api.describe import Field, Type
from opendata_api.formats.cells import PAIR_SEPARATOR
from opendata_api.formats.sheet import YES_NO
from opendata_api.values import PLACES
from opendata_api.words import Text

VALUES_MAX = 100
"""So many values of a code are listed; of more, it says where they are."""
INTEGER_DIGITS = 19
"""Of the largest that is kept, of 64 bits."""
LENGTHS = {Type.DATE: len("2023-12-31"), Type.TIMESTAMP: len("2023-12-31T00:00:00Z")}
LISTS = (Type.LIST, Type.DIMENSIONS)
"""An empty one is an empty cell."""
PRIMARY_KEY = "id"

BOOLEANS = f"true={YES_NO[True].zh}{BETWEEN}false={YES_NO[False].zh}"

TYPES: Mapping[Type, str] = {
    Type.CODE: "字符型",
    Type.TEXT: "字符型",
    Type.INTEGER: "整型",
    Type.DECIMAL: "数值型",
    Type.DATE: "日期型",
    Type.TIMESTAMP: "日期时间型",
    Type.BOOLEAN: "逻辑型",
    Type.LIST: "字符型",
    Type.DIMENSIONS: "字符型",
    Type.FIGURES: "字符型",
}
"""In the guideline's words; lists and pairs are one text in a file."""


@dataclass(frozen=True, slots=True)
class Item:
    """A field as an item of information (信息项)."""

    resource: Resource
    field: Field

    @property
    def labels(self) -> Mapping[str, Text]:
        """The values of a code with their labels; none of another field."""
        return self.resource.overview.labels.get(self.field.about.codes or "", {})


def list_items(overview: Overview) -> Listing:
    """信息项清单: the fields, dataset after dataset."""
    resources = [Resource(overview, entry) for entry in overview.entries]
    items = [Item(one, field) for one in resources for field in one.entry.dataset.fields]
    rows = [[tell(item) for tell in _TELLING.values()] for item in items]
    return Listing("信息项清单", ITEM_COLUMNS, rows)


def _length(item: Item) -> str:
    """The digits of a number, else the characters of a date or of the longest code there is."""
    kind = item.field.type
    if kind is Type.DECIMAL:
        return str(item.field.about.digits)
    if kind is Type.INTEGER:
        return str(INTEGER_DIGITS)
    if kind in LENGTHS:
        return str(LENGTHS[kind])
    return str(max(map(len, item.labels))) if kind is Type.CODE and item.labels else ""


def _places(item: Item) -> str:
    return {Type.DECIMAL: str(PLACES), Type.INTEGER: "0"}.get(item.field.type, "")


def _values(item: Item) -> str:
    """What a code stands for; of many values, where they are listed."""
    overview, codes = item.resource.overview, item.field.about.codes or ""
    if item.field.type is Type.BOOLEAN:
        return BOOLEANS
    if codes in overview.entry:
        return f"见“{overview.entry[codes].dataset.title.zh}”"
    if len(item.labels) > VALUES_MAX:
        dictionary = overview.address(f"/v1/datasets/{item.resource.entry.dataset.name}")
        return f"共{len(item.labels)}个取值，见 {dictionary}"
    return BETWEEN.join(_value(item, value, label) for value, label in item.labels.items())


def _value(item: Item, value: str, label: Text) -> str:
    """One value with its label; of a dimension, with the values that it has itself."""
    inner = item.resource.overview.labels.get(f"{item.field.about.codes}.{value}", {})
    listed = "、".join(f"{one}{PAIR_SEPARATOR}{words.zh}" for one, words in inner.items())
    return f"{value}{PAIR_SEPARATOR}{label.zh}{f'（{listed}）' if listed else ''}"


def _unit(item: Item) -> str:
    """Where the unit of a figure stands, which differs from row to row."""
    dataset = item.resource.entry.dataset
    measure = dataset.measure
    if measure is None or item.field.name not in (measure.value, measure.low, measure.high):
        return ""
    return f"见“{dataset.field[measure.traits.unit].about.title.zh}”"


_TELLING: Mapping[str, Callable[[Item], str]] = {
    "信息资源代码": lambda item: item.resource.code,
    "英文名": lambda item: item.field.name,
    "中文名": lambda item: item.field.about.title.zh,
    "数据类型": lambda item: TYPES[item.field.type],
    "长度": _length,
    "精度": _places,
    "值域": _values,
    "主键": lambda item: YES_NO[item.field.name == PRIMARY_KEY].zh,
    "可否为空": lambda item: YES_NO[item.field.nullable or item.field.type in LISTS].zh,
    "描述": lambda item: item.field.about.description.zh,
    "计量单位": _unit,
    "信息资源名称": lambda item: item.resource.entry.dataset.title.zh,
}
"""How each column is told, in order; the last tells the items apart where no codes are set."""

ITEM_COLUMNS = tuple(_TELLING)

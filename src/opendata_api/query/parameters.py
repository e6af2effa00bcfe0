"""The parameters that an address has: for the parser, for the errors, for OpenAPI."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache

from opendata_api.describe import EQ, Dataset, Field, Operator, filter_name
from opendata_api.errors import Pairs
from opendata_api.words import Text

PAGE_LIMIT = 200
PAGE_LIMIT_MAX = 1000
FILE_LIMIT_MAX = 2**31 - 1
VALUES_MAX = 100


@dataclass(frozen=True, slots=True)
class Control:
    """A parameter that is no filter."""

    name: str
    description: Text
    example: object
    repeatable: bool = False
    schema: str | None = None
    """The name of its schema, where another parameter has its name."""
    required: bool = False


FIELDS = Control(
    "fields",
    Text("只要这些字段，逗号分隔，按所给次序。", "Only these fields, by commas, in that order."),
    None,
)
SORT = Control(
    "sort",
    Text(
        "排序字段，逗号分隔，前加“-”为降序；空值总在最后。",
        "Fields to sort by, with commas; a minus means descending. Nulls come last.",
    ),
    None,
)
LIMIT = Control(
    "limit",
    Text(
        "每页行数，默认200，最多1000；文件格式默认全部。",
        "Rows a page: 200 unless given, at most 1000. Files have all rows unless given.",
    ),
    100,
)
CURSOR = Control(
    "cursor",
    Text("翻页位置，取自 links.next 或 links.prev。", "A place, from links.next or links.prev."),
    None,
)
RELEASE = Control(
    "release",
    Text("按某一数据版本回答；默认最新。", "Answer as of that release; the newest unless given."),
    1,
)
LANG = Control(
    "lang",
    Text(
        "错误说明和电子表格表头的语言；数据本身不变。",
        "Language of errors and of spreadsheet headers; the data do not change.",
    ),
    "en",
)
DIM = Control(
    "dim",
    Text(
        "维度=名称:值；可重复，同名任一，异名同时。",
        "A dimension as name:value; repeated: any of one name, all across names.",
    ),
    "service_scope:cross_province",
    repeatable=True,
)

EXAMPLE_WORD = "法律援助"
SEARCH = Control(
    "q",
    Text(
        "全文检索：以空格分开的每个词都要出现，一个字也可以。",
        "Text search: every word, parted by blanks, must occur; one character will do.",
    ),
    None,
)

URL = Control(
    "url",
    Text(
        "要引用的地址：本服务数据集的列表、记录、分类计数或分组计算，可带查询参数；须整体作百分号编码。",
        "The address to cite, percent-encoded: a list, a record, facets or an aggregate of this "
        "service with its query.",
    ),
    "/v1/observations?topic=legal_aid&year=2023",
    required=True,
)

SINCE = Control(
    "since",
    Text(
        "上次见到的最后一个变更序号（seq），不是版本号；0 为全部。",
        "The number (seq) of the last change seen, which is not a release; 0 for all.",
    ),
    0,
)

PAGE = Control(
    "page",
    Text("第几页，从1起；每页100个数据集。", "Which page, from 1; each has 100 datasets."),
    1,
)

LIST_CONTROLS = (FIELDS, SORT, LIMIT, CURSOR, RELEASE, LANG)
RECORD_CONTROLS = (FIELDS, RELEASE, LANG)


HITS = 5
HITS_MAX = 100
HITS_LIMIT = Control(
    "limit",
    Text(
        "每个数据集给出几条，默认5，最多100。",
        "Hits of each dataset: 5 unless given, at most 100.",
    ),
    HITS,
    schema="hits",
)


@dataclass(frozen=True, slots=True)
class Filter:
    """A field with one of its operators, as a parameter."""

    field: Field
    operator: Operator

    @property
    def name(self) -> str:
        """The parameter's name: `year__gte`."""
        return filter_name(self.field, self.operator)

    @property
    def repeatable(self) -> bool:
        """Whether it may stand more than once: any of the values."""
        return self.operator is EQ


Parameters = Mapping[str, Filter | Control]
"""The parameters of an address by name, in the order that people are shown."""


@cache
def list_parameters(dataset: Dataset) -> Parameters:
    """What a dataset's list takes."""
    filters = [Filter(field, operator) for field, operator in dataset.filters]
    own = [SEARCH, *((DIM,) if dataset.dimensions else ())]
    return _by_name(*filters, *own, *LIST_CONTROLS)


@cache
def cube_parameters(dataset: Dataset) -> Parameters:
    """What a dataset's cube takes: all that its list does, but that its fields are given."""
    listed = list_parameters(dataset)
    return {name: one for name, one in listed.items() if name != FIELDS.name}


def _by_name(*parameters: Filter | Control) -> Parameters:
    return {parameter.name: parameter for parameter in parameters}


def with_needed(pairs: Pairs, parameters: Parameters) -> Pairs:
    """The pairs with an example of each parameter without which nothing is answered."""
    given = {name for name, _ in pairs}
    needed = [
        (one.name, str(one.example))
        for one in parameters.values()
        if isinstance(one, Control) and one.required and one.name not in given
    ]
    return (*pairs, *needed)


OAI_PARAMETERS = _by_name(
    Control(
        "verb",
        Text("请求类型。", "What is asked for."),
        "Identify",
        required=True,
    ),
    Control(
        "metadataPrefix",
        Text("元数据格式：oai_dc。", "The format of metadata: oai_dc."),
        "oai_dc",
    ),
    Control("identifier", Text("条目标识符。", "The identifier of an item."), None),
    Control(
        "set",
        Text("数据集名称，或 datasets。", "The name of a dataset, or datasets."),
        "observations",
    ),
    Control("from", Text("此时起变更的（含）。", "Changed then or later."), "2026-01-02"),
    Control("until", Text("此时止变更的（含）。", "Changed then or earlier."), "2026-12-31"),
    Control(
        "resumptionToken",
        Text("翻页标记，取自上一次应答，单独使用。", "From the answer before; it stands alone."),
        None,
    ),
)
RECORD_PARAMETERS = _by_name(*RECORD_CONTROLS)
PLAIN_PARAMETERS = _by_name(LANG)
SEARCH_PARAMETERS = _by_name(
    replace(SEARCH, example=EXAMPLE_WORD, required=True), HITS_LIMIT, RELEASE, LANG
)
CHANGES_PARAMETERS = _by_name(SINCE, LIMIT, LANG)
CITE_PARAMETERS = _by_name(URL, LANG)
CATALOGUE_PARAMETERS = _by_name(PAGE, LANG)
RELEASE_PARAMETERS = _by_name(RELEASE, LANG)

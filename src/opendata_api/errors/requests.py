"""What can be wrong with the query of a request."""

from opendata_api.errors.base import ApiError
from opendata_api.words import Text


class QueryError(ApiError):
    """The query string is at fault; every subclass is answered with 400."""

    status = 400


class UnknownParameter(QueryError):
    """The query names a parameter that this address does not have."""

    code = "unknown-parameter"
    title = Text("未知参数", "Unknown parameter")
    explanation = Text(
        "请求中有本地址不认识的参数。参数名区分大小写；没有 offset，翻页请用 cursor。",
        "The query has a parameter that this address does not know. Names are case-sensitive; "
        "there is no offset, pages are followed by cursor.",
    )


class UnknownField(QueryError):
    """The query names a field that this dataset does not have."""

    code = "unknown-field"
    title = Text("未知字段", "Unknown field")
    explanation = Text(
        "筛选、排序或选列所用的字段不在该数据集中。字段清单见 /v1/datasets/{name}。",
        "A field used to filter, sort or select is not in the dataset. "
        "/v1/datasets/{name} lists the fields.",
    )


class UnknownOperator(QueryError):
    """The field exists, but not with this operator."""

    code = "unknown-operator"
    title = Text("不支持的运算符", "Unknown operator")
    explanation = Text(
        "字段存在，但不支持该运算符。每个字段可用的运算符见 /v1/datasets/{name}。",
        "The field exists, but does not have this operator. "
        "/v1/datasets/{name} lists the operators of each field.",
    )


class DuplicateParameter(QueryError):
    """A parameter that may stand once stands twice."""

    code = "duplicate-parameter"
    title = Text("参数重复", "Parameter repeated")
    explanation = Text(
        "只能出现一次的参数出现了多次。只有“字段=值”和 dim 可以重复，表示“任一”。",
        "A parameter that may stand only once is repeated. Only field=value and dim may be "
        "repeated: any of the values.",
    )


class InvalidValue(QueryError):
    """A value has not the form that its parameter needs."""

    code = "invalid-value"
    title = Text("参数值无效", "Invalid value")
    explanation = Text(
        "参数值为空或格式不对。整数、小数、日期（YYYY-MM-DD）均用半角字符，前后不留空格。",
        "A value is empty or not of the form needed. Integers, decimals and dates (YYYY-MM-DD) "
        "are written in ASCII, without blanks.",
    )


class OutOfRange(QueryError):
    """A value has the right form and lies outside its bounds."""

    code = "out-of-range"
    title = Text("参数值超出范围", "Value out of range")
    explanation = Text(
        "参数值格式正确，但超出允许的范围。",
        "The value has the right form, but lies outside the range allowed.",
    )


class InvalidEncoding(QueryError):
    """The address is not percent-encoded UTF-8."""

    code = "invalid-encoding"
    title = Text("编码无效", "Invalid encoding")
    explanation = Text(
        "地址须为百分号编码的 UTF-8 文本。",
        "Addresses are percent-encoded UTF-8.",
    )


class TooManyValues(QueryError):
    """A list of values is longer than 100."""

    code = "too-many-values"
    title = Text("取值过多", "Too many values")
    explanation = Text(
        "一个列表最多 100 个值；请分多次请求。",
        "A list has at most 100 values; ask in several requests.",
    )


class InvalidSort(QueryError):
    """The sort names a field twice."""

    code = "invalid-sort"
    title = Text("排序无效", "Invalid sort")
    explanation = Text(
        "排序字段不能重复；字段前加“-”表示降序。",
        "A field may stand only once in sort; a minus before it means descending.",
    )


class InvalidCursor(QueryError):
    """The cursor is damaged, or belongs to another query."""

    code = "invalid-cursor"
    title = Text("游标无效", "Invalid cursor")
    explanation = Text(
        "游标已损坏，或属于另一个查询。请沿 links.next 翻页；改了筛选或排序后从头开始。",
        "The cursor is damaged or belongs to another query. Follow links.next; after a change "
        "of filters or sort, start again without a cursor.",
    )


class ExpensiveQuery(QueryError):
    """Answering would read more rows than the service reads for one request."""

    code = "expensive-query"
    title = Text("查询代价过高", "Query too expensive")
    explanation = Text(
        "该查询需要读取过多的行。请再加筛选条件以缩小范围。",
        "This query would read too many rows. Add a filter that narrows it.",
    )


class TooLargeForFormat(QueryError):
    """The answer does not fit into the format asked for."""

    code = "too-large-for-format"
    title = Text("超出该格式的容量", "Too large for this format")
    explanation = Text(
        "结果放不进该格式（如 Excel 工作簿的行数有限）。请用 CSV，或再加条件。",
        "The answer does not fit into this format, such as a workbook with its limit of rows. "
        "Ask for CSV or add a filter.",
    )


class NotAdditive(QueryError):
    """What is to be computed of the figures would mean nothing."""

    code = "not-additive"
    title = Text("不能这样计算", "Not to be computed")
    explanation = Text(
        "所选数字合在一起计算没有意义，理由和例子见 errors。计数（agg=count）总是可以的。",
        "The figures chosen mean nothing together: `errors` gives the reasons with examples. "
        "Counting (agg=count) is always possible.",
    )

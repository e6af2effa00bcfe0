"""What a caller can do wrong and what can fail under an answer: one class each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from opendata_api.words import Text

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a request, told so that the caller can mend it."""

    message: Text
    parameter: str | None = None
    allowed: tuple[str, ...] = ()
    did_you_mean: str | None = None
    dimension: str | None = None
    """The dimension that did_you_mean takes to be there; what is published tells whether it is."""


class ApiError(Exception):
    """A request that is answered with a problem document (RFC 9457)."""

    status: ClassVar[int]
    code: ClassVar[str]
    title: ClassVar[Text]
    explanation: ClassVar[Text]

    def __init__(
        self, *faults: Fault, correction: Pairs | None = None, retry_after_s: int | None = None
    ) -> None:
        super().__init__(self.code, *(fault.message.en for fault in faults))
        self.faults = faults
        self.correction = correction
        """The name/value pairs of a query that works, where one can be made."""
        self.elsewhere: str | None = None
        """The address that works, where no query of the same path does."""
        self.retry_after_s = retry_after_s
        self.headers: dict[str, str] = {}


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


class NotFound(ApiError):
    """Nothing has this address."""

    status = 404
    code = "not-found"
    title = Text("未找到", "Not found")
    explanation = Text(
        "该地址没有内容。服务目录见 /v1。",
        "Nothing has this address. /v1 lists what there is.",
    )

    def __init__(self, meant: str | None = None) -> None:
        super().__init__()
        self.meant = meant
        """The path that may have been meant, where one is like the one asked for."""


class Withdrawn(ApiError):
    """The record was published and is withdrawn; older releases have it."""

    status = 410
    code = "withdrawn"
    title = Text("已撤回", "Withdrawn")
    explanation = Text(
        "该记录已撤回，缘由见 detail；撤回前的数据版本仍可查阅。",
        "The record was withdrawn: `detail` says why. The releases before still have it.",
    )


class Erased(ApiError):
    """The record, or what a file had of it, must not stay public; its hash remains."""

    status = 410
    code = "erased"
    title = Text("已清除", "Erased")
    explanation = Text(
        "内容因不宜公开而从所有版本中清除，缘由见 detail；版本清单仍留有其哈希。",
        "What must not stay public was erased from every release: `detail` says why. Its hash "
        "remains in the manifests.",
    )


class GoneRelease(ApiError):
    """The release was withdrawn by law."""

    status = 410
    code = "gone-release"
    title = Text("版本已依法撤下", "Release withdrawn by law")
    explanation = Text(
        "该数据版本已依法撤下，缘由见 detail；其他版本不受影响，版本清单仍可查阅。",
        "The release was withdrawn by law: `detail` says why. Other releases are as they were, and "
        "its manifest can still be read.",
    )


class FileNotKept(ApiError):
    """The files of that release are kept no more; its records are."""

    status = 410
    code = "file-not-kept"
    title = Text("文件不再保留", "File not kept")
    explanation = Text(
        "只保留较新版本的文件。旧版本的记录仍可加 release 参数查询，文件的哈希见版本清单。",
        "Only newer releases keep their files. The records of older ones can still be asked for "
        "with `release`, and the manifest has the hashes of the files.",
    )


class RangeNotSatisfiable(ApiError):
    """The file has none of the bytes asked for."""

    status = 416
    code = "range-not-satisfiable"
    title = Text("范围无法满足", "Range not satisfiable")
    explanation = Text(
        "文件没有所请求的字节；文件长度见 Content-Range 响应头。",
        "The file has none of the bytes asked for: Content-Range gives its length.",
    )

    def __init__(self, length: int) -> None:
        super().__init__()
        self.headers["content-range"] = f"bytes */{length}"


class MethodNotAllowed(ApiError):
    """The address exists, but is only read."""

    status = 405
    code = "method-not-allowed"
    title = Text("方法不允许", "Method not allowed")
    explanation = Text(
        "本服务只读：允许的方法见 Allow 响应头。",
        "This service is read-only: the Allow header lists the methods.",
    )


class NotAcceptable(ApiError):
    """No format of this address suits the Accept header."""

    status = 406
    code = "not-acceptable"
    title = Text("没有可接受的格式", "Not acceptable")
    explanation = Text(
        "Accept 请求头不接受本地址的任何格式。也可用后缀指定格式，如 .json、.csv。",
        "The Accept header takes none of the formats of this address. A suffix such as .json "
        "or .csv names a format too.",
    )


class UriTooLong(ApiError):
    """The query is longer than 8 KiB."""

    status = 414
    code = "uri-too-long"
    title = Text("地址过长", "Address too long")
    explanation = Text(
        "查询串最长 8 KiB；请拆成多次请求。",
        "A query is at most 8 KiB long; ask in several requests.",
    )


class UnsupportedContentEncoding(ApiError):
    """The request carries a compressed body, which nothing here reads."""

    status = 415
    code = "unsupported-content-encoding"
    title = Text("不接受压缩的请求体", "Content-Encoding not accepted")
    explanation = Text(
        "本服务只读，不接受带 Content-Encoding 的请求。",
        "This service is read-only and takes no request with a Content-Encoding.",
    )


class InternalError(ApiError):
    """A fault of ours; the log has the trace."""

    status = 500
    code = "internal-error"
    title = Text("服务内部错误", "Internal error")
    explanation = Text(
        "服务出错，已记录。可凭 X-Request-Id 响应头向我们反映。",
        "Something failed on our side and was logged. Quote the X-Request-Id header when you "
        "report it.",
    )


class DatabaseUnavailable(ApiError):
    """There is no published release to read, or it can't be reached."""

    status = 503
    code = "database-unavailable"
    title = Text("数据库暂不可用", "Database unavailable")
    explanation = Text(
        "数据库暂时无法访问，请按 Retry-After 稍后再试。",
        "The database can't be reached now. Try again after Retry-After.",
    )


class FileUnavailable(ApiError):
    """A file of a release is not on this node, or is not what was published."""

    status = 503
    code = "file-unavailable"
    title = Text("文件暂不可用", "File unavailable")
    explanation = Text(
        "本节点没有该文件，或文件已损坏而停止提供。请按 Retry-After 稍后再试。",
        "This node has no such file, or it is damaged and not served. Try again after Retry-After.",
    )


class StatementTimeout(ApiError):
    """A statement ran past its deadline and was stopped."""

    status = 503
    code = "statement-timeout"
    title = Text("查询超时", "Query timed out")
    explanation = Text(
        "查询超过时限，已停止。请缩小范围，或稍后再试。",
        "The query ran past its deadline and was stopped. Narrow it or try again later.",
    )


class TooManyExports(ApiError):
    """All places for exports are taken."""

    status = 503
    code = "too-many-exports"
    title = Text("导出任务过多", "Too many exports")
    explanation = Text(
        "同时进行的导出已达上限，请按 Retry-After 稍后再试。",
        "As many exports as the service allows are under way. Try again after Retry-After.",
    )


def all_errors() -> Sequence[type[ApiError]]:
    """Every error class with a code, in the order of this file."""
    return tuple(_leaves(ApiError))


def _leaves(cls: type[ApiError]) -> list[type[ApiError]]:
    below = [leaf for sub in cls.__subclasses__() for leaf in _leaves(sub)]
    return below or [cls]

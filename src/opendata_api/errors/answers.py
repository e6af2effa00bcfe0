"""What is not there, not allowed or not possible now."""

from opendata_api.errors.base import ApiError
from opendata_api.words import Text


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

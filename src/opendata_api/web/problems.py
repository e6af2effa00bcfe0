"""Errors as problem documents (RFC 9457)."""

import orjson

from opendata_api.errors import ApiError, Fault, InternalError
from opendata_api.query import join_query
from opendata_api.web import caching
from opendata_api.words import Lang, Text

CONTENT_TYPE = "application/problem+json"
SEMICOLON = Text("；", "; ")


def problem_document(error: ApiError, lang: Lang, base: str, path: str, query: str) -> bytes:
    """The body: what went wrong, in the caller's language, and what would work."""
    repaired = corrected_address(error, base, path)
    document: dict[str, object] = {
        "type": f"{base}/problems/{error.code}",
        "code": error.code,
        "title": error.title.in_language(lang),
        "status": error.status,
        "detail": SEMICOLON.in_language(lang).join(sentences(error, lang)),
        "instance": f"{path}?{query}" if query else path,
        "errors": [_fault(fault, lang, repaired) for fault in error.faults],
    }
    return orjson.dumps(document)


def sentences(error: ApiError, lang: Lang) -> list[str]:
    """What went wrong, each fault in a sentence; what the error means where it has none."""
    told = [_sentence(fault, lang) for fault in error.faults]
    return told or [error.explanation.in_language(lang)]


def corrected_address(error: ApiError, base: str, path: str) -> str | None:
    """An address that works in place of the one asked for, where one can be made."""
    if error.correction is None:
        return error.elsewhere
    pairs = join_query(error.correction)
    return f"{base}{path}?{pairs}" if pairs else f"{base}{path}"


def problem_headers(error: ApiError, *, lang_is_given: bool) -> dict[str, str]:
    """The headers: caching as the status needs, and when to try again."""
    headers = {
        "content-type": CONTENT_TYPE,
        "cache-control": caching.REFUSED if error.status in (400, 404, 410) else caching.NEVER,
        **error.headers,
    }
    if not lang_is_given:
        headers["vary"] = ", ".join(filter(None, [headers.get("vary"), "Accept-Language"]))
    if error.retry_after_s is not None:
        headers["retry-after"] = str(error.retry_after_s)
    return headers


def as_api_error(error: Exception) -> ApiError:
    """The error to answer: ours as it is, any other as 500."""
    return error if isinstance(error, ApiError) else InternalError()


def _sentence(fault: Fault, lang: Lang) -> str:
    message = fault.message.in_language(lang)
    return f"{fault.parameter}: {message}" if fault.parameter else message


def _fault(fault: Fault, lang: Lang, repaired: str | None) -> dict[str, object]:
    return {
        "parameter": fault.parameter,
        "message": fault.message.in_language(lang),
        "allowed": fault.allowed or None,
        "did_you_mean": fault.did_you_mean,
        "try": repaired,
    }

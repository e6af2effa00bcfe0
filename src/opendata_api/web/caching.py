"""Validators: an answer's tag and time are known without touching the database."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache
from hashlib import blake2s

import orjson
from starlette.requests import Request
from starlette.responses import Response

from opendata_api.errors import Pairs
from opendata_api.web.compression import coded_tag, is_compressible, tell_coding, wanted_coding

LIVE = "public, max-age=60, s-maxage=60, stale-while-revalidate=60, stale-if-error=86400"
FOR_EVER = "public, max-age=31536000, immutable"
"""What never changes at its address."""
REFUSED = "max-age=60"
NEVER = "no-store"
TAG_BYTES = 12
TIMES_KEPT = 256
"""Of releases, as HTTP writes them."""

_CONDITIONS = (b"if-none-match", b"if-modified-since")
_TAG = re.compile(r'"[\x21\x23-\x7e\x80-\xff]*"(?=\s*(?:,|$))')


def make_tag(answer_version: str, release: int, path: str, canonical: Pairs, form: str) -> str:
    """The strong ETag of a representation; `form` is its format and language."""
    parts = orjson.dumps([answer_version, release, path, canonical, form])
    return f'"{blake2s(parts, digest_size=TAG_BYTES).hexdigest()}"'


def hash_tag(body: bytes) -> str:
    """The strong ETag of a body that is made before it is compared."""
    return f'"{blake2s(body, digest_size=TAG_BYTES).hexdigest()}"'


@lru_cache(TIMES_KEPT)
def http_date(moment: str) -> str:
    """A time of ours (UTC, Z) as HTTP writes it."""
    return format_datetime(_parse(moment), usegmt=True)


def is_conditional(request: Request) -> bool:
    """Whether the caller has a copy: few do, and for them alone a tag is made beforehand."""
    return any(name in _CONDITIONS for name, _ in request.scope["headers"])


def is_unchanged(
    request: Request, tag: str, content_type: str, modified: str | None = None
) -> bool:
    """Whether the caller's copy is still good (RFC 9110, section 13.2.2).

    `tag` is of the representation as it is; compared is the one in the coding that is asked for.

    `*` means any representation: the caller of this function knows that there is one.
    Without a time of its own, a representation is compared by its tag alone.
    """
    lines = request.headers.getlist("if-none-match")
    if lines:
        given = ",".join(lines)
        coding = wanted_coding(request.headers) if is_compressible(content_type) else None
        return given.strip() == "*" or has_tag(given, coded_tag(tag, coding))
    since = request.headers.get("if-modified-since")
    if since is None or modified is None:
        return False
    try:
        return _parse(modified) <= parsedate_to_datetime(since).astimezone(UTC)
    except (ValueError, OverflowError):
        return False


def has_tag(given: str, tag: str) -> bool:
    """Whether If-None-Match names the tag; weak tags name what the strong ones do."""
    return tag in _TAG.findall(given)


def not_modified(request: Request, headers: Mapping[str, str]) -> Response:
    """304 in the place of an answer with those headers, with the tag that it would have."""
    response = Response(status_code=304, headers=headers)
    told = tell_coding(response.raw_headers, wanted_coding(request.headers))
    response.raw_headers = [pair for pair in told if pair[0] != b"content-type"]
    return response


def answer_tagged(request: Request, body: bytes, headers: Mapping[str, str]) -> Response:
    """The body under a tag made of itself, which alone tells whether the caller's copy is good."""
    told = {**headers, "etag": hash_tag(body), "cache-control": LIVE}
    if is_unchanged(request, told["etag"], told["content-type"]):
        return not_modified(request, told)
    return Response(body, headers=told)


def _parse(moment: str) -> datetime:
    return datetime.fromisoformat(moment)

"""Validators: an answer's tag and time are known without touching the database."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import blake2s

import orjson

from opendata_api.errors import Pairs

LIVE = "public, max-age=60, s-maxage=60, stale-while-revalidate=60, stale-if-error=86400"
REFUSED = "max-age=60"
NEVER = "no-store"
TAG_BYTES = 12

_TAG = re.compile(r'\s*(?:W/)?("[\x21\x23-\x7e\x80-\xff]*")\s*(?:,|$)')


def make_tag(answer_version: str, release: int, path: str, canonical: Pairs, form: str) -> str:
    """The strong ETag of a representation; `form` is its format and language."""
    parts = orjson.dumps([answer_version, release, path, canonical, form])
    return f'"{blake2s(parts, digest_size=TAG_BYTES).hexdigest()}"'


def hash_tag(body: bytes) -> str:
    """The strong ETag of a body that is made before it is compared."""
    return f'"{blake2s(body, digest_size=TAG_BYTES).hexdigest()}"'


def http_date(moment: str) -> str:
    """A time of ours (UTC, Z) as HTTP writes it."""
    return format_datetime(_parse(moment), usegmt=True)


def is_unchanged(headers: Mapping[str, str], tag: str, modified: str | None = None) -> bool:
    """Whether the caller's copy is still good (RFC 9110, section 13.2.2).

    `*` means any representation: the caller of this function knows that there is one.
    Without a time of its own, a representation is compared by its tag alone.
    """
    if_none_match = headers.get("if-none-match")
    if if_none_match is not None:
        return if_none_match.strip() == "*" or tag in _TAG.findall(if_none_match)
    since = headers.get("if-modified-since")
    if since is None or modified is None:
        return False
    try:
        return _parse(modified) <= parsedate_to_datetime(since).astimezone(UTC)
    except (ValueError, OverflowError):
        return False


def _parse(moment: str) -> datetime:
    return datetime.fromisoformat(moment)

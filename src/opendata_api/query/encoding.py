"""Percent-encoded query strings, strictly: what is malformed is refused, not repaired."""

import re
from functools import lru_cache
from urllib.parse import quote

from opendata_api.errors import Fault, InvalidEncoding, Pairs
from opendata_api.words import Text

QUERY_BYTES_MAX = 8 * 1024
"""A longer query string is not read."""
SPLIT_KEPT = 32
"""An answer asks for its pairs more than once."""

_PLAIN = re.compile(r"[A-Za-z0-9:,._~-]*")
"""What an escape leaves as it is."""
_SAFE = ":,-._~"
_ESCAPED = {code: quote(chr(code), safe=_SAFE) for code in range(128)}
"""By code point: addresses in addresses are long, and made for every answer."""
_BROKEN = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_ESCAPE = re.compile(rb"%([0-9A-Fa-f]{2})")


@lru_cache(SPLIT_KEPT)
def split_query(raw: bytes) -> Pairs:
    """The name/value pairs of a query string, in order; `+` is a blank.

    Raises InvalidEncoding for a broken escape and for what is not UTF-8.
    """
    if not raw:
        return ()
    return tuple(_pair(segment) for segment in raw.split(b"&"))


def decode(raw: bytes) -> str:
    """One percent-encoded piece as text. Raises InvalidEncoding."""
    if raw.isascii() and b"%" not in raw:
        return raw.decode()
    if _BROKEN.search(raw):
        raise InvalidEncoding(
            Fault(Text("“%”后须有两位十六进制数", "% must be followed by two hex digits"))
        )
    try:
        return _ESCAPE.sub(lambda found: bytes([int(found[1], 16)]), raw).decode()
    except UnicodeDecodeError:
        raise InvalidEncoding(
            Fault(Text("不是有效的 UTF-8 文本", "this is not valid UTF-8"))
        ) from None


def join_query(pairs: Pairs) -> str:
    """Pairs as a query string that split_query reads back; readable where it may be."""
    return "&".join(f"{_escape(name)}={_escape(value)}" for name, value in pairs)


def is_plain(text: str) -> bool:
    """Whether it stands in addresses as it is."""
    return _PLAIN.fullmatch(text) is not None


def _pair(segment: bytes) -> tuple[str, str]:
    name, _, value = segment.replace(b"+", b" ").partition(b"=")
    return decode(name), decode(value)


def _escape(text: str) -> str:
    if is_plain(text):
        return text
    return text.translate(_ESCAPED) if text.isascii() else quote(text, safe=_SAFE)

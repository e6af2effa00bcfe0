"""Cursors: where a page begins, bound to the query and the release.

Nothing in a cursor is secret, so it is not signed: a digest of the query and a checksum
refuse what is damaged or foreign, and a text that does not re-encode to itself is refused.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from hashlib import blake2s
from typing import Self

import orjson

from opendata_api.errors import Pairs
from opendata_api.values import Stored

CHECKSUM_BYTES = 4
DIGEST_BYTES = 8


class BadCursor(Exception):
    """A text that is no cursor, or a damaged one."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The place after (or before) the row with these keys."""

    release: int
    digest: str
    """Of the dataset, conditions and order that it belongs to."""
    backwards: bool
    keys: tuple[Stored, ...]
    """The row's values of the sort keys, the id last."""

    def encode(self) -> str:
        """The opaque text that stands in addresses."""
        body = orjson.dumps([self.release, self.digest, self.backwards, self.keys])
        return urlsafe_b64encode(_checksum(body) + body).rstrip(b"=").decode()

    @classmethod
    def decode(cls, text: str) -> Self:
        """The cursor of that text. Raises BadCursor for any other text."""
        try:
            raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
            release, query, backwards, keys = orjson.loads(raw[CHECKSUM_BYTES:])
            cursor = cls(release, query, backwards, tuple(keys))
            if cursor.encode() != text:
                raise BadCursor
        except (ValueError, TypeError, binascii.Error):
            raise BadCursor from None
        return cursor


def digest(pairs: Pairs) -> str:
    """A short digest of canonical parameters."""
    return blake2s(orjson.dumps(pairs), digest_size=DIGEST_BYTES).hexdigest()


def _checksum(body: bytes) -> bytes:
    return blake2s(body, digest_size=CHECKSUM_BYTES).digest()

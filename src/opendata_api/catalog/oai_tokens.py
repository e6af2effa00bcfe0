"""Resumption tokens: where the next part of a list begins, with all that the list was asked by.

Nothing in a token is secret, so it is not signed: a checksum refuses what is damaged, and a text
that does not re-encode to itself is refused. No server keeps anything of a list.
"""

import binascii
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import astuple, dataclass, fields
from hashlib import blake2s
from typing import Self

import orjson

CHECKSUM_BYTES = 4
NUMBER_MAX = 2**63 - 1


class BadToken(Exception):
    """A text that is no token of ours, or a damaged one."""


@dataclass(frozen=True, slots=True)
class Token:
    """The rest of a list, as of a release."""

    verb: str
    prefix: str
    set: str
    """Empty for all sets."""
    release: int
    """The newest when the list was begun: the list is as of it."""
    first: int
    """The first release that the list tells of."""
    last: int
    """The last one."""
    seq: int = 0
    """The number of the last change that was looked at."""
    given: int = 0
    """How many items were given before."""

    def encode(self) -> str:
        """The opaque text."""
        body = orjson.dumps(list(astuple(self)))
        return urlsafe_b64encode(_checksum(body) + body).rstrip(b"=").decode()

    @classmethod
    def decode(cls, text: str) -> Self:
        """The token of that text. Raises BadToken for any other text."""
        try:
            raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
            token = cls(*orjson.loads(raw[CHECKSUM_BYTES:]))
            if token.encode() != text or not token.is_sound:
                raise BadToken
        except (ValueError, TypeError, binascii.Error):
            raise BadToken from None
        return token

    @property
    def is_sound(self) -> bool:
        """Whether its parts are of their types and go together."""
        values = zip(fields(self), astuple(self), strict=True)
        if not all(type(value) is field.type for field, value in values):
            return False
        return (
            1 <= self.first <= self.last <= self.release
            and max(self.release, self.seq, self.given) <= NUMBER_MAX
            and min(self.seq, self.given) >= 0
        )


def _checksum(body: bytes) -> bytes:
    return blake2s(body, digest_size=CHECKSUM_BYTES).digest()

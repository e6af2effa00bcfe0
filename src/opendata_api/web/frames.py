"""What stands around the rows of an answer, made once for answers that differ in a few texts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex

from starlette.responses import Response

from opendata_api.formats import json
from opendata_api.web.compression import Header

Texts = Mapping[bytes, bytes]
"""What an answer has in the slots, by their names."""

FRAMES_MAX = 200
FRAME_BYTES_MAX = 16 * 1024
"""So many frames are kept, each of at most so many bytes: most have 2,500 to 5,000."""

_SECRET = token_hex()
"""Made of chance, so that nobody can ask for what would be taken for a slot."""


def slot(name: str) -> str:
    """What stands in the place of a text until an answer is made; no address escapes it."""
    return f"~{_SECRET}.{name}~"


class Framed(Response):
    """An answer whose headers are ready: Starlette would make them once more."""

    def __init__(self, body: bytes, headers: Sequence[Header]) -> None:
        self.status_code = 200
        self.background = None
        self.body = body
        self.raw_headers = [*headers, (b"content-length", b"%d" % len(body))]


@dataclass(frozen=True, slots=True)
class Frame:
    """The members beside the rows and the headers, with slots."""

    members: bytes
    headers: Sequence[Header]

    @classmethod
    def of(cls, members: bytes, headers: Mapping[str, str], slots: Sequence[str]) -> "Frame":
        """The frame in which those slots are to be filled."""
        raw = {name.encode(): value.encode("latin-1") for name, value in headers.items()}
        told = {name: _open(value, slots) for name, value in raw.items()}
        return cls(_open(members, slots), tuple(told.items()))

    @property
    def size(self) -> int:
        """The bytes that are written in it."""
        return len(self.members) + sum(len(value) for _, value in self.headers)

    def fill(self, rows: Sequence[bytes], texts: Texts) -> Response:
        """The answer with those rows and texts."""
        body = json.join_members(rows, self.members % texts)
        return Framed(body, [(name, value % texts) for name, value in self.headers])


def _open(template: bytes, slots: Sequence[str]) -> bytes:
    opened = template.replace(b"%", b"%%")
    for name in slots:
        opened = opened.replace(slot(name).encode(), b"%%(%b)b" % name.encode())
    return opened

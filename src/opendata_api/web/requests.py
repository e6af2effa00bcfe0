"""What the log says of a request: its id, its path and query."""

import re
import time
from random import getrandbits

from starlette.types import Scope

from opendata_api.observe import Answered
from opendata_api.query import QUERY_BYTES_MAX

LEAVE_SCOPE = "opendata_api.leave"
"""Holds what lets those who wait for the same answer go on, where it will take long."""

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
_PRINTED = re.compile(rb"[\x21-\x7e]*")


def read_request_id(given: str) -> str:
    """The id that a caller gave, if it is one, or a new one."""
    return given if REQUEST_ID.fullmatch(given) else f"{getrandbits(64):016x}"


def tell_answer(
    scope: Scope, status: int | None, body_bytes: int, started: float, request_id: str
) -> Answered:
    """What the log says of a request that began at that reading of `time.perf_counter`."""
    path, query = shown(scope)
    return Answered(
        method=scope["method"],
        path=path,
        query=query,
        status=status,
        body_bytes=body_bytes,
        seconds=time.perf_counter() - started,
        request_id=request_id,
    )


def shown(scope: Scope) -> tuple[str, str]:
    """The path and query as ASCII, for problem documents and the log."""
    query = scope["query_string"] if len(scope["query_string"]) <= QUERY_BYTES_MAX else b""
    return _ascii(scope.get("raw_path", b"")), _ascii(query)


def _ascii(raw: bytes) -> str:
    if not raw:
        return ""
    if _PRINTED.fullmatch(raw):
        return raw.decode()
    return "".join(chr(byte) if 0x20 < byte < 0x7F else f"%{byte:02X}" for byte in raw)  # noqa: PLR2004

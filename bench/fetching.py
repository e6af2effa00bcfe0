"""Asking a server on this machine one thing at a time."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse

from bench.failures import CannotMeasure

HOST = "127.0.0.1"
TIMEOUT_S = 600.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


def fetch(port: int, address: str) -> Answer:
    """The answer to a path with its query, of whatever status."""
    with asking(port, address) as response:
        return Answer(response.status, response.getheaders(), response.read())


@contextmanager
def asking(port: int, address: str) -> Iterator[HTTPResponse]:
    """The answer, its body not read yet. Raises CannotMeasure where there is none."""
    with closing(HTTPConnection(HOST, port, timeout=TIMEOUT_S)) as connection:
        try:
            connection.request("GET", address)
            with closing(connection.getresponse()) as response:
                yield response
        except (OSError, HTTPException) as error:
            raise CannotMeasure(f"{address}: no whole answer: {error!r}") from error

"""Asking a server on this machine one thing at a time."""

from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse

from bench.failures import CannotMeasure

HOST = "127.0.0.1"
TIMEOUT_S = 600.0


@dataclass(frozen=True, slots=True)
class Call:
    """What a server is asked: a path with its query, or something posted to it."""

    address: str
    posted: str | None = None
    accept: str | None = None
    """The media type that is asked for by a header."""

    def send(self, connection: HTTPConnection) -> HTTPResponse:
        """The answer, its body not read yet."""
        headers = {} if self.accept is None else {"Accept": self.accept}
        if self.posted is None:
            connection.request("GET", self.address, headers=headers)
        else:
            connection.request("POST", self.address, self.posted.encode(), headers)
        return connection.getresponse()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server answered."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


def fetch(port: int, call: Call) -> Answer:
    """The answer, of whatever status. Raises CannotMeasure where there is none."""
    with asking(port, call) as response:
        return Answer(response.status, response.getheaders(), response.read())


@contextmanager
def asking(port: int, call: Call) -> Iterator[HTTPResponse]:
    """The answer, its body not read yet. Raises CannotMeasure where there is none."""
    with connected(port) as connection:
        try:
            with closing(call.send(connection)) as response:
                yield response
        except (OSError, HTTPException) as error:
            raise CannotMeasure(f"{call.address}: no whole answer: {error!r}") from error


@contextmanager
def connected(port: int) -> Iterator[HTTPConnection]:
    """A connection to a server, which connects when it is first used."""
    with closing(HTTPConnection(HOST, port, timeout=TIMEOUT_S)) as connection:
        yield connection

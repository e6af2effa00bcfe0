"""One log line for each request."""

import asyncio
import logging
from contextlib import suppress
from typing import NamedTuple, TextIO

import orjson

from opendata_api.errors import ApiError

REFUSALS = range(400, 500)
"""Statuses that say what the caller did; the others are faults of ours."""

LOG = logging.getLogger("opendata_api.request")


class Answered(NamedTuple):
    """A request and its answer, in figures."""

    method: str
    path: str
    query: str
    status: int | None
    """None: the connection broke before an answer began."""
    body_bytes: int
    seconds: float
    request_id: str


def log_request(answered: Answered, error: Exception | None) -> None:
    """Write the line; a fault of ours brings its trace, which no caller sees."""
    is_answer = isinstance(error, ApiError) and answered.status == error.status
    is_refusal = is_answer and answered.status in REFUSALS
    is_ours = error is not None and not is_refusal
    has_trace = error is not None and not (is_answer and error.__cause__ is None)
    line = {
        "method": answered.method,
        "path": answered.path,
        "query": answered.query,
        "status": answered.status,
        "body_bytes": answered.body_bytes,
        "seconds": round(answered.seconds, 6),
        "request_id": answered.request_id,
    }
    level = logging.ERROR if is_ours else logging.INFO
    if not LOG.isEnabledFor(level):
        return
    told = orjson.dumps(line).decode()
    gathering = None if is_ours else find_gathering()
    if gathering is not None:
        gathering.tell(told)
        return
    trace = (type(error), error, error.__traceback__) if error and has_trace else None
    # Made by hand: to find which line of the program logs takes longer than all the rest.
    LOG.handle(logging.LogRecord(LOG.name, level, "", 0, told, None, trace))


class GatheringHandler(logging.StreamHandler[TextIO]):
    """Writes to stderr the lines of the requests of one turn of the event loop at once.

    To write each takes a good part of the time of an answer that is ready. Any other line is
    written when it is told, after those of the requests before it.
    """

    def __init__(self) -> None:
        super().__init__()
        self._told: list[str] = []
        self._loop: asyncio.AbstractEventLoop | None = None
        """Which will write what was told."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line, whatever it is of."""
        try:
            self._told.append(self.format(record))
        except Exception:  # noqa: BLE001 - as all handlers of the library: whoever logs goes on
            self.handleError(record)
        self.flush()

    def tell(self, line: str) -> None:
        """Take the line of a request; see the class for when it is written."""
        self._told.append(line)
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:  # none runs here
            self.flush()
            return
        if loop is not self._loop:
            self._loop = loop
            loop.call_soon(self.flush)

    def flush(self) -> None:
        """Write what was told; where that fails there is nowhere to tell it."""
        self.acquire()
        try:
            told, self._told, self._loop = self._told, [], None
            with suppress(OSError, ValueError):
                self.stream.write("".join(f"{line}{self.terminator}" for line in told))
                super().flush()
        finally:
            self.release()


def find_gathering() -> GatheringHandler | None:
    """What takes the line of a request as it is, where nothing else listens.

    To make a record of the line and hand it on takes three times as long as all else.
    """
    handlers: list[logging.Handler] = []
    logger: logging.Logger | None = LOG
    while logger is not None:
        handlers += logger.handlers
        logger = logger.parent
    only = handlers[0] if len(handlers) == 1 else None
    return only if isinstance(only, GatheringHandler) else None


def configure_logging() -> None:
    """Log to stderr, requests as lines of JSON."""
    # No line names them, and to find them takes a third of the time of a record.
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False
    handlers = [GatheringHandler()]
    logging.basicConfig(level=logging.INFO, format="%(message)s", handlers=handlers, force=True)

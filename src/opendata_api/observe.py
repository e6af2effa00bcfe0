"""One log line for each request."""

import logging
from dataclasses import asdict, dataclass

import orjson

LOG = logging.getLogger("opendata_api.request")


@dataclass(frozen=True, slots=True)
class Answered:
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
    is_ours = error is not None and (answered.status is None or answered.status >= 500)  # noqa: PLR2004
    line = asdict(answered) | {"seconds": round(answered.seconds, 6)}
    LOG.log(
        logging.ERROR if is_ours else logging.INFO,
        "%s",
        orjson.dumps(line).decode(),
        exc_info=error if is_ours else None,
    )


def configure_logging() -> None:
    """Log to stderr, requests as lines of JSON."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", force=True)

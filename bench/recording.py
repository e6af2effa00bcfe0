"""Each answer is looked at before it is measured; the service's are kept for raw uvicorn."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from http import HTTPStatus
from pathlib import Path

import orjson

from bench.failures import CannotMeasure
from bench.fetching import Answer, Call, fetch

OWN_HEADERS = ("date", "transfer-encoding")
"""What each server says for itself."""

CountRows = Callable[[bytes], int]


def count_members(body: bytes) -> int:
    """The rows of an answer of the service: a list, or one record."""
    rows = orjson.loads(body)["data"]
    return len(rows) if isinstance(rows, list) else 1


def count_datasette(body: bytes) -> int:
    """The rows of an answer of Datasette, or the values of its facets."""
    answer = orjson.loads(body)
    facets = answer.get("facet_results") or {}
    return sum(len(one["results"]) for one in facets.values()) or len(answer["rows"])


def count_list(body: bytes) -> int:
    """The rows of an answer of ROAPI."""
    return len(orjson.loads(body))


def count_lines(body: bytes) -> int:
    """The rows of a CSV."""
    return body.count(b"\n") - 1


def look_at(port: int, call: Call, rows: int, count: CountRows) -> Answer:
    """The answer. Raises CannotMeasure unless it is 200 and has so many rows."""
    address, answer = call.address, fetch(port, call)
    if answer.status != HTTPStatus.OK:
        start = answer.body[:500].decode(errors="replace")
        raise CannotMeasure(f"{address}: {answer.status} instead of 200: {start}")
    try:
        found = count(answer.body)
    except (ValueError, KeyError, TypeError):
        raise CannotMeasure(f"{address}: an answer of another form") from None
    if found != rows:
        raise CannotMeasure(f"{address}: {found} rows instead of {rows}")
    return answer


@dataclass(slots=True)
class Recorder:
    """Keeps answers in a folder, from which raw uvicorn gives them again."""

    folder: Path
    digests: dict[str, str] = field(default_factory=dict)
    """Of the bodies, by address."""

    def keep(self, address: str, answer: Answer) -> None:
        """Keep an answer."""
        digest = sha256(answer.body).hexdigest()
        (self.folder / digest).write_bytes(answer.body)
        kept = [pair for pair in answer.headers if pair[0].lower() not in OWN_HEADERS]
        line = {"address": address, "headers": kept, "file": digest}
        with (self.folder / "answers.jsonl").open("ab") as file:
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))
        self.digests[address] = digest

    def compare(self, port: int, addresses: Iterable[str]) -> None:
        """Raise CannotMeasure unless a server gives the very bytes that were kept."""
        for address in addresses:
            if sha256(fetch(port, Call(address)).body).hexdigest() != self.digests[address]:
                raise CannotMeasure(f"{address}: other bytes than those that were checked")

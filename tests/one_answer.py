"""What `serve` does up to the first answer, in a process of its own.

one_answer.py PATH MODULE... prints the status and those of the modules that were loaded for it;
with `later` before them, those that are loaded a little later.
"""

import asyncio
import sys
import time
from collections.abc import MutableMapping
from typing import Any

import opendata_api.cli  # noqa: F401 - what the command loads
from opendata_api.proven import find_proven
from opendata_api.settings import Settings
from opendata_api.store import deadlines
from opendata_api.web.app import create_from_environment

LATER_S = 10


async def ask(path: str) -> int:
    """The status of the answer."""
    app = create_from_environment()
    told: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        told.append(message)

    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "query_string": b"",
        "headers": [(b"host", b"data.example.org")],
    }
    async with app.router.lifespan_context(app):
        await app(scope, receive, send)
        end = time.monotonic() + LATER_S
        while "later" in sys.argv and sys.argv[-1] not in sys.modules and time.monotonic() < end:
            await asyncio.sleep(0.05)
    return int(told[0]["status"])


if __name__ == "__main__":
    if find_proven(Settings()) is None:
        from opendata_api.publish import publish

        publish(Settings())
    if "later" not in sys.argv:
        deadlines.WATCH_S = 60.0  # a busy machine may take longer to answer than the watch to begin
    status = asyncio.run(ask(sys.argv[1]))
    print(status, *(name for name in sys.argv[2:] if name in sys.modules))  # noqa: T201

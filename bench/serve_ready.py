"""Raw uvicorn, with the options of the service, that answers ready bytes: the limit."""

import sys
from collections.abc import Mapping
from pathlib import Path

import orjson
from starlette.types import Receive, Scope, Send

from opendata_api.serving import bind, configure, run
from opendata_api.settings import Settings

CHUNK_BYTES = 1 << 19
Headers = list[tuple[bytes, bytes]]


class ReadyAnswers:
    """Answers that were recorded in a folder, by path and query."""

    def __init__(self, folder: Path) -> None:
        self.answers: Mapping[bytes, tuple[Headers, bytes]] = {
            one["address"].encode(): (
                [(name.encode(), value.encode()) for name, value in one["headers"]],
                (folder / one["file"]).read_bytes(),
            )
            for one in map(orjson.loads, (folder / "answers.jsonl").read_bytes().splitlines())
        }

    async def __call__(self, scope: Scope, _receive: Receive, send: Send) -> None:
        """Answer a request."""
        address = scope["raw_path"]
        if scope["query_string"]:
            address += b"?" + scope["query_string"]
        headers, body = self.answers[address]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        last = max(0, len(body) - 1) // CHUNK_BYTES * CHUNK_BYTES
        for start in range(0, last, CHUNK_BYTES):
            chunk = body[start : start + CHUNK_BYTES]
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        await send({"type": "http.response.body", "body": body[last:], "more_body": False})


if __name__ == "__main__":
    settings = Settings()
    config = configure(settings.workers)
    config.app = ReadyAnswers(Path(sys.argv[1]))
    config.factory = False
    config.lifespan = "off"
    with bind(settings) as listener:
        run(config, listener)

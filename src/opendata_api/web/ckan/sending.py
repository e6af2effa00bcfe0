"""Answers in CKAN's envelope: whole, or with records that are sent as they are read."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass

import orjson
from starlette.requests import Request
from starlette.responses import Response

from opendata_api.web.ckan.action import Rows
from opendata_api.web.ckan.errors import CkanError
from opendata_api.web.downloads import HEAD_SCOPE, Export, headers_of_stream, take_place
from opendata_api.web.site import Site

RECORDS = "records"
END = b"]}}"
"""Of the records, of the result, of the envelope."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What stands around every answer of an action."""

    help: str
    """The address of what tells of the action."""

    def wrap(self, result: object) -> bytes:
        """The answer with that result."""
        return orjson.dumps({"help": self.help, "success": True, "result": result})

    def refuse(self, error: CkanError) -> bytes:
        """The answer with that error."""
        told = {**error.members, "__type": error.type}
        return orjson.dumps({"help": self.help, "success": False, "error": told})


async def stream_rows(
    site: Site, envelope: Envelope, rows: Rows, request: Request, headers: Mapping[str, str]
) -> Response:
    """The records in batches. A failure after the first batch breaks the connection."""
    await take_place(site, request)
    try:
        first = await anext(rows.batches, None)
    except BaseException:
        site.exports.release()
        raise

    async def lines() -> AsyncIterator[bytes]:
        yield envelope.wrap(rows.result | {RECORDS: []}).removesuffix(END) + _join(first or ())
        async for batch in rows.batches:
            yield b"," + _join(batch)
        yield END

    async def end() -> None:
        site.exports.release()
        await rows.batches.aclose()

    if request.scope.get(HEAD_SCOPE):
        await end()
        return headers_of_stream(headers)
    return Export(lines(), headers, end)


def _join(batch: Sequence[str]) -> bytes:
    return ",".join(batch).encode()

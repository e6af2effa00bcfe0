"""How long a request may take, whatever it waits for."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from opendata_api.errors import DatabaseUnavailable
from opendata_api.web.downloads import LIMIT_SCOPE
from opendata_api.web.rows import Handler

REQUEST_S = 2.3
"""2.5 s are promised to the caller; the rest is for the way."""
RETRY_AFTER_S = 5


def limited(handler: Handler) -> Handler:
    """The handler, refusing what it could not answer in time; what it waits for is the database.

    It ends with the handler: a body that is streamed afterwards has limits of its own.
    """

    async def answer_limited(request: Request) -> Response:
        try:
            async with asyncio.timeout(REQUEST_S) as limit:
                request.scope[LIMIT_SCOPE] = limit
                return await handler(request)
        except TimeoutError as error:
            raise DatabaseUnavailable(retry_after_s=RETRY_AFTER_S) from error

    return answer_limited

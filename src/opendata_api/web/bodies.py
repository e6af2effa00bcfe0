"""Bodies of requests: they are small and come at once, or they are not read."""

import asyncio
from typing import ClassVar

from starlette.requests import ClientDisconnect, Request

BODY_S = 1.5
"""So long a body may take to arrive: less than any request may take, whatever it waits for."""


class UnreadBody(Exception):
    """A body that did not come as it must; the message tells the caller."""

    status: ClassVar[int]


class TooLong(UnreadBody):
    """It is longer than is read."""

    status = 413


class TooSlow(UnreadBody):
    """It did not arrive in time."""

    status = 408


class BrokenOff(UnreadBody):
    """The caller went before its end."""

    status = 400


async def receive(request: Request, bytes_max: int) -> bytes:
    """The body. Raises UnreadBody."""
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_S):
            async for chunk in request.stream():
                body += chunk
                if len(body) > bytes_max:
                    raise TooLong(f"the body has more than {bytes_max} bytes")
    except TimeoutError:
        raise TooSlow("the body did not arrive in time") from None
    except ClientDisconnect:
        raise BrokenOff("the body broke off") from None
    return bytes(body)

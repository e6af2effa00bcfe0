"""Bodies that come slowly, break off or never end, sent to CKAN's Action API."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message

from opendata_api.web.ckan import reading
from opendata_api.web.ckan.errors import BadRequest


def posted(*messages: Message) -> Request:
    """A request whose body comes in these messages, and then no more."""
    waiting = list(messages)

    async def receive() -> Message:
        if waiting:
            return waiting.pop(0)
        await asyncio.sleep(60)
        raise AssertionError

    scope = {"type": "http", "method": "POST", "query_string": b"", "headers": []}
    return Request(scope, receive)


def part(body: bytes, *, more: bool) -> Message:
    return {"type": "http.request", "body": body, "more_body": more}


async def test_a_body_in_parts_is_one() -> None:
    request = posted(part(b'{"a": ', more=True), part(b"1}", more=False))

    assert await reading.read_given(request) == {"a": 1}


@pytest.mark.parametrize(
    ("messages", "status", "message"),
    [
        ([part(b"a" * 40_000, more=True)] * 2, 413, "the body has more than 65536 bytes"),
        ([part(b"{", more=True)], 408, "the body did not arrive in time"),
        (
            [part(b"{", more=True), {"type": "http.disconnect"}],
            400,
            "the body broke off",
        ),
    ],
)
async def test_a_body_that_does_not_come_whole_is_refused(
    messages: list[Message], status: int, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "BODY_S", 0.05)

    with pytest.raises(BadRequest) as refusal:
        await reading.read_given(posted(*messages))

    assert (refusal.value.status, refusal.value.message) == (status, f"Bad request: {message}")

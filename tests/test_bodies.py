"""Bodies that come slowly, break off or never end, sent to CKAN's Action API and to OAI-PMH."""

import asyncio

import pytest
from starlette.requests import Request
from starlette.types import Message, Receive

from opendata_api.web import bodies
from opendata_api.web.app import Application
from opendata_api.web.ckan import reading
from opendata_api.web.ckan.errors import BadRequest


def posted(*messages: Message) -> Request:
    """A request whose body comes in these messages, and then no more."""
    scope = {"type": "http", "method": "POST", "query_string": b"", "headers": []}
    return Request(scope, sending(*messages))


def sending(*messages: Message) -> Receive:
    """What gives these messages, and then no more."""
    waiting = list(messages)

    async def receive() -> Message:
        if waiting:
            return waiting.pop(0)
        await asyncio.sleep(60)
        raise AssertionError

    return receive


async def post_to_oai(app: Application, *messages: Message) -> tuple[int, bytes]:
    """What the whole service answers a form that comes in these messages."""
    sent: list[Message] = []

    async def send(message: Message) -> None:
        sent.append(message)

    scope = {
        "type": "http",
        "method": "POST",
        "path": "/oai",
        "raw_path": b"/oai",
        "query_string": b"",
        "headers": [(b"content-type", b"application/x-www-form-urlencoded")],
    }
    await app(scope, sending(*messages), send)
    return sent[0]["status"], b"".join(one.get("body", b"") for one in sent)


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
    monkeypatch.setattr(bodies, "BODY_S", 0.05)

    with pytest.raises(BadRequest) as refusal:
        await reading.read_given(posted(*messages))

    assert (refusal.value.status, refusal.value.message) == (status, f"Bad request - {message}")


@pytest.mark.any_database
@pytest.mark.parametrize(
    ("messages", "message"),
    [
        ([part(b"verb=" + b"a" * 5_000, more=True)] * 2, "the body has more than 8192 bytes"),
        ([part(b"verb=", more=True)], "the body did not arrive in time"),
        ([part(b"verb=", more=True), {"type": "http.disconnect"}], "the body broke off"),
    ],
)
async def test_oai_pmh_tells_of_a_form_that_does_not_come_whole_as_a_bad_argument(
    service: Application,
    messages: list[Message],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(bodies, "BODY_S", 0.05)

    status, body = await post_to_oai(service, *messages)

    assert status == 200
    assert f'<error code="badArgument">{message}</error>'.encode() in body
    assert [record for record in caplog.records if record.exc_info] == []


@pytest.mark.any_database
async def test_oai_pmh_reads_a_form_in_parts(service: Application) -> None:
    status, body = await post_to_oai(
        service, part(b"verb=Iden", more=True), part(b"tify", more=False)
    )

    assert status == 200
    assert b"<repositoryName>" in body

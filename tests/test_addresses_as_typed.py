"""Addresses as people type them, sent byte for byte: those of the READMEs, and raw Chinese."""

import asyncio
import json
import re
import shlex
import socket
from collections.abc import Iterator, Sequence
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from opendata_api.web.protocol import Protocol

READMES = ("README.md", "README.zh-CN.md")
DEFAULT = "http://127.0.0.1:8000"
WAIT_S = 10.0
MISTAKES = ("yaer=2023", "metric=cross_area_cases_handled&agg=sum:value")
"""What the READMEs show as refused."""


def curl_lines() -> Iterator[str]:
    for name in READMES:
        text = (Path(__file__).parents[1] / name).read_text(encoding="utf-8")
        yield from re.findall(r"^curl .*$", text, flags=re.MULTILINE)


def target_of(line: str) -> str:
    """The target that curl asks for: the address as it is, with what -G adds to it."""
    words = shlex.split(line, comments=True)
    address = next(word for word in words if word.startswith(DEFAULT))
    encoded = [words[at + 1] for at, word in enumerate(words) if word == "--data-urlencode"]
    known = {"curl", "-OJ", "-G", "--data-urlencode", address, *encoded}
    assert set(words) <= known, line
    assert bool(encoded) == ("-G" in words), line
    pairs = [pair.partition("=") for pair in encoded]
    query = "&".join(f"{name}={quote(value, safe='')}" for name, _, value in pairs)
    return address.removeprefix(DEFAULT) + (f"?{query}" if query else "")


def ask(server: str, sent: bytes) -> tuple[int, bytes]:
    """The status and the body that the server answers to those bytes."""
    place = urlsplit(server)
    address = (place.hostname or "", place.port or 0)
    with socket.create_connection(address, timeout=WAIT_S) as connection:
        connection.sendall(sent)
        received = b""
        while block := connection.recv(1 << 16):
            received += block
    head, _, body = received.partition(b"\r\n\r\n")
    return int(head.split(b" ", 2)[1]), body


def request(target: bytes) -> bytes:
    return b"GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % target


def totals(bodies: Sequence[bytes]) -> set[int]:
    return {json.loads(body)["meta"]["total"] for body in bodies}


def test_every_curl_line_of_the_readmes_is_answered(server: str) -> None:
    lines = dict.fromkeys(curl_lines())

    statuses = {line: ask(server, request(target_of(line).encode()))[0] for line in lines}

    refused = {line for line in lines if any(mistake in line for mistake in MISTAKES)}
    assert len(lines) > 10
    assert statuses == {line: 400 if line in refused else 200 for line in lines}


def test_what_is_typed_in_chinese_is_read_as_if_it_were_encoded(server: str) -> None:
    typed, encoded = "q=法律援助 206".replace(" ", "+"), f"q={quote('法律援助')}+206"

    answers = [ask(server, request(f"/v1/passages?{query}".encode())) for query in (typed, encoded)]

    assert [status for status, _ in answers] == [200, 200]
    assert answers[0][1] == answers[1][1]
    assert totals([body for _, body in answers]) != {0}


class Wire(asyncio.Transport):
    """A connection without a network, on which every piece arrives as it was sent."""

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """What is answered is not looked at."""

    def close(self) -> None:
        """Nothing is held."""

    def is_closing(self) -> bool:
        return False


async def targets_read(*pieces: bytes) -> list[str]:
    """The targets that reach the application, each request answered before the next piece."""
    targets: list[str] = []

    async def app(scope: Scope, _: Receive, send: Send) -> None:
        targets.append(f"{scope['path']}?{scope['query_string'].decode()}")
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    protocol = Protocol(uvicorn.Config(app, log_config=None), ServerState(), {})
    protocol.connection_made(Wire())
    for piece in pieces:
        protocol.data_received(piece)
        await asyncio.gather(*protocol.tasks)
    protocol.connection_lost(None)
    return targets


def head(target: str, *headers: str) -> bytes:
    return "\r\n".join([f"GET {target} HTTP/1.1", "Host: localhost", *headers, "", ""]).encode()


async def test_it_may_come_in_pieces_wherever_they_are_cut() -> None:
    whole = head("/v1/文?q=法律", "X-Name: 法律")

    for at in range(1, len(whole)):
        read = await targets_read(whole[:at], whole[at:])
        assert read == [f"/v1/文?q={quote('法律')}"], at


async def test_one_may_come_after_the_other() -> None:
    first, second = head("/v1?q=法", "X-Name: 法律"), head("/v1?q=律")

    assert await targets_read(first, second) == [f"/v1?q={quote(one)}" for one in "法律"]


def test_what_is_not_utf_8_is_refused_with_a_problem_document(server: str) -> None:
    status, body = ask(server, request("/v1/passages?q=法律".encode("gbk")))

    assert status == 400
    assert json.loads(body)["code"] == "invalid-encoding"


@pytest.mark.parametrize("path", ["/v1/文章", "/法律"])
def test_a_path_may_be_typed_too(server: str, path: str) -> None:
    status, body = ask(server, request(path.encode()))

    assert status == 404
    assert json.loads(body)["instance"] == quote(path)

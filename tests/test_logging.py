"""One line of JSON for each request; the trace of a fault stays in the log."""

import asyncio
import io
import json
import logging
import threading
from typing import Any

import httpx
import pytest

from opendata_api import observe
from opendata_api.errors import DatabaseUnavailable, NotFound, StatementTimeout
from opendata_api.observe import (
    Answered,
    GatheringHandler,
    configure_logging,
    find_gathering,
    log_request,
)
from opendata_api.web.app import Application

LOGGER = "opendata_api.request"


def lines(caplog: pytest.LogCaptureFixture) -> list[dict[str, Any]]:
    return [json.loads(record.getMessage()) for record in caplog.records if record.name == LOGGER]


@pytest.fixture(autouse=True)
def _listening(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, LOGGER)


async def test_each_request_is_one_line_of_json(
    api: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await api.get("/v1/areas?lang=en&level=county", headers={"x-request-id": "r1"})

    [line] = lines(caplog)
    assert line.pop("seconds") > 0
    assert line == {
        "method": "GET",
        "path": "/v1/areas",
        "query": "lang=en&level=county",
        "status": 200,
        "body_bytes": answer.num_bytes_downloaded,
        "request_id": "r1",
    }
    assert caplog.records[-1].levelno == logging.INFO
    assert caplog.records[-1].exc_info is None


@pytest.mark.parametrize(
    ("method", "address", "status"),
    [
        ("HEAD", "/v1/areas", 200),
        ("OPTIONS", "/v1/areas", 204),
        ("POST", "/v1/areas", 405),
        ("GET", "/v1/areas?nosuch=1", 400),
        ("GET", "/nothing", 404),
        ("GET", "/-/health", 200),
        ("GET", "/static/site.css", 200),
    ],
)
async def test_every_answer_is_logged_with_its_method_and_status(
    api: httpx.AsyncClient,
    caplog: pytest.LogCaptureFixture,
    method: str,
    address: str,
    status: int,
) -> None:
    answer = await api.request(method, address)

    [line] = lines(caplog)
    assert (line["method"], line["status"]) == (method, status)
    assert line["body_bytes"] == answer.num_bytes_downloaded
    assert line["request_id"] == answer.headers["x-request-id"]
    assert caplog.records[-1].levelno == logging.INFO
    assert caplog.records[-1].exc_info is None


async def test_a_line_holds_only_ascii_however_strange_the_request(
    api: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    await api.get("/v1/区%0d%0aX?a=%0a\u2028")
    await api.get(f"/v1/areas?{'a' * 9000}")

    first, second = lines(caplog)
    assert first["path"] == "/v1/%E5%8C%BA%0d%0aX"
    assert first["query"] == "a=%0a%E2%80%A8"
    assert second["query"] == ""
    assert "\n" not in caplog.records[0].getMessage()


async def test_the_trace_of_a_fault_of_ours_is_logged_and_told_to_no_caller(
    api: httpx.AsyncClient,
    service: Application,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(*_: object) -> None:
        raise RuntimeError("secret of the inside")

    monkeypatch.setattr(type(service.site.store), "page", fail)
    answer = await api.get("/v1/areas")

    [line] = lines(caplog)
    assert answer.status_code == line["status"] == 500
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text
    assert "secret" not in str(answer.headers)
    assert line["request_id"] == answer.headers["x-request-id"]
    assert caplog.records[-1].levelno == logging.ERROR
    assert "RuntimeError: secret of the inside" in caplog.text


async def test_an_unreachable_database_is_logged_as_a_fault_of_ours(
    api: httpx.AsyncClient,
    service: Application,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def fail(*_: object) -> None:
        raise DatabaseUnavailable

    monkeypatch.setattr(type(service.site.store), "page", fail)
    answer = await api.get("/v1/areas")

    assert answer.status_code == 503
    assert [record.levelno for record in caplog.records] == [logging.ERROR]


def caused(error: Exception) -> Exception:
    error.__cause__ = RuntimeError("the driver's words")
    return error


@pytest.mark.parametrize(
    ("status", "error", "level", "has_trace"),
    [
        (None, RuntimeError("broken"), logging.ERROR, True),
        (500, RuntimeError("broken"), logging.ERROR, True),
        (200, RuntimeError("broken midway"), logging.ERROR, True),
        (200, StatementTimeout(), logging.ERROR, True),
        (503, DatabaseUnavailable(), logging.ERROR, False),
        (503, caused(DatabaseUnavailable()), logging.ERROR, True),
        (404, NotFound(), logging.INFO, False),
        (200, None, logging.INFO, False),
        (None, None, logging.INFO, False),
    ],
)
def test_only_a_fault_of_ours_brings_its_trace(
    caplog: pytest.LogCaptureFixture,
    status: int | None,
    error: Exception | None,
    level: int,
    has_trace: bool,  # noqa: FBT001
) -> None:
    log_request(Answered("GET", "/", "", status, 0, 0.0000014, "r"), error)

    [record] = caplog.records
    assert record.levelno == level
    assert bool(record.exc_info) == has_trace
    assert json.loads(record.getMessage())["seconds"] == 0.000001


def test_the_log_goes_to_stderr_as_bare_lines(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    level = root.level
    configure_logging()
    observe.LOG.info("%s", "{}")
    root.setLevel(level)

    printed = capsys.readouterr()
    assert printed.err == "{}\n"
    assert printed.out == ""


def told(message: str, *values: object) -> logging.LogRecord:
    return logging.LogRecord("uvicorn.error", logging.INFO, "", 0, message, values, None)


async def test_what_is_told_in_one_turn_of_the_loop_is_written_at_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    handler = GatheringHandler()
    for line in ("one", "two"):
        handler.tell(line)
    assert capsys.readouterr().err == ""
    await asyncio.sleep(0)
    assert capsys.readouterr().err == "one\ntwo\n"

    handler.tell("three")
    handler.handle(told("four"))
    assert capsys.readouterr().err == "three\nfour\n"


async def test_what_is_told_in_a_thread_is_written_after_what_was_told_before(
    capsys: pytest.CaptureFixture[str],
) -> None:
    handler = GatheringHandler()
    handler.tell("one")
    thread = threading.Thread(target=handler.tell, args=["two"])
    thread.start()
    thread.join()
    await asyncio.sleep(0)

    assert capsys.readouterr().err == "one\ntwo\n"


def test_what_is_told_without_a_loop_or_of_anything_else_is_written_at_once(
    capsys: pytest.CaptureFixture[str],
) -> None:
    handler = GatheringHandler()
    handler.tell("one")
    assert capsys.readouterr().err == "one\n"

    async def end_with_a_line() -> None:
        handler.tell("two")
        handler.handle(told("end"))
        handler.tell("three")

    loop = asyncio.new_event_loop()
    loop.run_until_complete(end_with_a_line())
    loop.close()
    assert capsys.readouterr().err.startswith("two\nend\n")


@pytest.mark.parametrize("others", [[], [logging.NullHandler()]])
def test_a_request_is_told_to_whoever_listens(
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    others: list[logging.Handler],
) -> None:
    monkeypatch.setattr(logging.root, "handlers", [GatheringHandler(), *others])
    monkeypatch.setattr(observe.LOG, "level", logging.INFO)
    monkeypatch.setattr(observe.LOG, "_cache", {})
    for error in (None, NotFound(), RuntimeError("broken")):
        log_request(Answered("GET", "/", "", 404, 0, 0.0, "r"), error)

    told = capsys.readouterr().err.splitlines()
    assert [json.loads(line)["request_id"] for line in told[:3]] == ["r", "r", "r"]
    assert told[-1] == "RuntimeError: broken"
    assert (find_gathering() is None) == bool(others)
    monkeypatch.setattr(logging.getLogger("opendata_api"), "handlers", [logging.NullHandler()])
    assert find_gathering() is None


def test_a_log_that_can_not_be_written_ends_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    handler = GatheringHandler()
    handler.handle(told("%d", "no number"))
    assert "no number" in capsys.readouterr().err

    handler.stream = io.StringIO()
    handler.stream.close()
    handler.tell("lost")

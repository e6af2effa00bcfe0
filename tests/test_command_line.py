"""The commands, each as an operator types it."""

import asyncio
import gc
import logging
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points
from pathlib import Path

import httpx
import pytest
import uvicorn
from conftest import SEED, wait_until_ready
from test_paging import correct_note
from typer.testing import CliRunner, Result

from opendata_api import cli, publish
from opendata_api.datasets import DATASETS
from opendata_api.settings import Settings, settings_table
from opendata_api.web.app import create_app, create_from_environment
from opendata_api.web.openapi import print_document

START_S = 30.0
STOP_S = 10.0

TALLY = """\
报告 reports: 1
数据 observations: 108
指标 metrics: 88
承诺 commitments: 19
数字 numerals: 113
  已发布 published: 95
  已排除 excluded: 18
汉字数字与概括性表述 numeral words and claims: 62
"""


@pytest.fixture(autouse=True)
def _environment(tmp_path: Path, free_port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OPENDATA_{name.upper()}", raising=False)
    monkeypatch.setenv("OPENDATA_DATA_DIR", str(tmp_path / "var"))
    monkeypatch.setenv("OPENDATA_SEED_DIR", str(SEED))
    monkeypatch.setenv("OPENDATA_PORT", str(free_port))


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.app, arguments)


@contextmanager
def process(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    """A command as a process of its own, stopped at the end."""
    command = [sys.executable, "-m", "opendata_api", *arguments]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
    ) as running:
        try:
            yield running
        finally:
            running.terminate()


def until_ready(port: int) -> httpx.Response:
    return wait_until_ready(f"http://127.0.0.1:{port}", START_S)


def contents_of(folder: Path) -> dict[Path, bytes]:
    """Every file by its path."""
    return {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def break_seed(seed_dir: Path) -> None:
    """Let a figure be proved by words that its report does not have."""
    path = seed_dir / "reports" / "cn450203-2023-rol" / "observations.csv"
    whole = path.read_text(encoding="utf-8")
    path.write_text(whole.replace("【五次】", "【六次】", 1), encoding="utf-8")


def test_without_a_command_every_command_is_listed() -> None:
    result = run("--help")

    names = [
        *("serve", "publish", "migrate", "check", "verify", "openapi", "settings"),
        *("new-report", "health", "erase", "withdraw-release"),
    ]
    assert result.exit_code == 0
    assert [name for name in names if name not in result.output] == []
    assert len(cli.app.registered_commands) == len(names)
    assert run().exit_code == 2


def test_the_console_script_is_the_module_too() -> None:
    with process("settings") as running:
        printed, complaints = running.communicate(timeout=START_S)

    assert (running.returncode, printed, complaints) == (0, settings_table(), "")


def test_check_prints_what_was_proved() -> None:
    result = run("check")

    assert result.exit_code == 0
    assert result.output.startswith(TALLY)
    assert [line.partition(":")[0] for line in result.output.splitlines()[8:]] == [
        "  发布 published",
        "  排除 excluded",
        "核对成立 checks held",
        "核对不成立而有说明 checks not held, with a note",
    ]


def test_publish_makes_a_release_once(tmp_path: Path) -> None:
    first = run("publish", "--at", "2026-05-06T07:08:09")
    again = run("publish", "--at", "2026-05-07T07:08:09")

    assert first.output == "第1版 / release 1 (2026-05-06T07:08:09Z): 已发布 / published\n"
    assert again.output == "第1版 / release 1 (2026-05-06T07:08:09Z): 没有变化 / unchanged\n"
    assert len(list((tmp_path / "var").glob("*.sqlite"))) == 1


@pytest.mark.untraced
@pytest.mark.parametrize(
    "given", ["2026-05-06T07:08:09", "2026-05-06T07:08:09Z", "2026-05-06T15:08:09+08:00"]
)
def test_the_time_of_a_release_is_utc_wherever_it_is_published(
    given: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "CST-8")
        time.tzset()
        result = run("publish", "--at", given)
    time.tzset()

    assert result.output == "第1版 / release 1 (2026-05-06T07:08:09Z): 已发布 / published\n"


def test_publish_takes_no_time_that_it_cannot_read() -> None:
    result = run("publish", "--at", "yesterday")

    assert result.exit_code == 2
    assert "--at" in result.output


@pytest.mark.untraced
@pytest.mark.parametrize("command", ["publish", "serve"])
def test_a_seed_with_a_fault_publishes_nothing(
    command: str, tmp_path: Path, seed_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    break_seed(seed_dir)
    monkeypatch.setenv("OPENDATA_SEED_DIR", str(seed_dir))

    with process(command) as running:
        printed, complaints = running.communicate(timeout=START_S)

    assert (running.returncode, printed) == (1, "")
    lines = complaints.splitlines()
    place = "reports/cn450203-2023-rol/observations.csv:2 [quote] "
    told = [line.removeprefix(place) for line in lines if line.startswith(place)]
    found = "区委区政府领导先后六次听取法治建设工作情况汇报"
    assert told == [
        f"应为：原文中有这几个字；实为：{found}",
        f"expected: words that stand in the text; found: {found}",
    ]
    assert lines[-1].endswith(" faults, nothing can be published")
    assert not (tmp_path / "var").exists()


def test_a_seed_with_a_fault_leaves_what_is_published(
    tmp_path: Path, seed_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("publish")
    before = contents_of(tmp_path / "var")
    break_seed(seed_dir)
    monkeypatch.setenv("OPENDATA_SEED_DIR", str(seed_dir))

    results = [run("publish"), run("check")]

    after = contents_of(tmp_path / "var")
    assert [result.exit_code for result in results] == [1, 1]
    assert results[0].stderr == results[1].stderr
    assert after == before


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("no folder", encoding="utf-8")

    result = run("publish")

    assert result.exit_code == 1
    assert result.stderr.startswith(f"没有发布 / nothing was published: {tmp_path / 'var'}")
    assert result.stderr.endswith(": 无法读写 / can't be read or written\n")


def test_a_damaged_folder_is_named(tmp_path: Path) -> None:
    run("publish")
    (tmp_path / "var" / "current.json").write_text("{", encoding="utf-8")

    result = run("publish")

    assert result.exit_code == 1
    assert result.stderr == (
        "没有发布 / nothing was published: "
        f"{tmp_path / 'var' / 'current.json'} is not readable as a pointer\n"
    )


@pytest.mark.parametrize("command", ["serve", "publish", "check", "health"])
def test_bad_settings_are_named(command: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENDATA_PORT", "99999")
    monkeypatch.setenv("OPENDATA_PUBLIC_URL", "data.example.org")

    result = run(command)

    assert result.exit_code == 1
    assert result.stderr == (
        "OPENDATA_PORT: 取值无效 / bad value: Input should be less than or equal to 65535\n"
        "OPENDATA_PUBLIC_URL: 取值无效 / bad value: "
        "must begin with http:// or https:// and name a host\n"
        "各项设置见 / the settings are listed by: opendata-api settings\n"
    )


def test_a_taken_port_is_told_with_the_setting_to_change_and_nothing_is_published(
    tmp_path: Path, free_port: int
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", free_port))
        other.listen()
        result = run("serve")

    assert result.exit_code == 1
    assert result.stderr == (
        f"127.0.0.1:{free_port}: 端口已被占用，请改设 OPENDATA_PORT / "
        "the port is taken; set OPENDATA_PORT to another\n"
    )
    assert not (tmp_path / "var").exists()


def test_a_host_that_is_not_here_is_told_with_the_setting_to_change(
    free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENDATA_HOST", "192.0.2.1")

    result = run("serve")

    assert result.exit_code == 1
    assert result.stderr == (
        f"192.0.2.1:{free_port}: 不能在此监听，请改设 OPENDATA_HOST 或 OPENDATA_PORT / "
        "can't listen here; set OPENDATA_HOST or OPENDATA_PORT to another\n"
    )


def test_serve_publishes_says_where_to_look_answers_and_stops(
    tmp_path: Path, free_port: int
) -> None:
    base = f"http://127.0.0.1:{free_port}"
    with process("serve") as running:
        ready = until_ready(free_port)
        listed = httpx.get(f"{base}/v1/areas", trust_env=False)
        running.send_signal(signal.SIGINT)
        printed, log = running.communicate(timeout=STOP_S)

    assert ready.json() == {"status": "ready", "release": 1}
    assert "server" not in listed.headers
    assert listed.json()["links"]["self"] == f"{base}/v1/areas"
    assert printed == (
        "Release 1: 108 observations, 19 commitments, every figure proved in its source.\n"
        f"  {base}/  the home page\n"
        f"  {base}/docs  the API reference\n"
        f"  {base}/v1/service-counts.excel.csv  for Excel\n"
        f"  {base}/v1/observations  every figure, as JSON\n"
        f"  {base}/v1/commitments  what was promised for the next year\n"
    )
    assert '"path":"/v1/areas","query":"","status":200' in log
    assert "Traceback" not in log
    assert (tmp_path / "var" / "current.json").is_file()


def test_serve_says_the_same_of_a_seed_that_was_proven_before(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(cli, "run", lambda *_: None)
    first = run("serve")
    monkeypatch.delattr(publish, "prove")
    second = run("serve")

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.output == second.output


def test_serve_goes_on_with_what_is_published_where_a_reason_is_missing(
    seed_dir: Path, free_port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENDATA_SEED_DIR", str(seed_dir))
    run("publish")
    correct_note(seed_dir, "Read again.", is_explained=False)
    refused = run("publish")
    with process("serve") as running:
        ready = until_ready(free_port)
        running.send_signal(signal.SIGINT)
        _, log = running.communicate(timeout=STOP_S)

    assert ready.json() == {"status": "ready", "release": 1}
    assert "  cn450203-2023-rol-o001,curation,FIXME,FIXME\n" in refused.output
    assert "照旧提供已发布的版本 / serving what is published\n" in log


def test_what_serve_tells_where_a_reason_is_missing(
    seed_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENDATA_SEED_DIR", str(seed_dir))
    monkeypatch.setattr(cli, "run", lambda *_: None)
    run("publish")
    correct_note(seed_dir, "Read again.", is_explained=False)

    result = run("serve")

    assert result.exit_code == 0
    assert result.output.splitlines()[-2:] == [
        "  cn450203-2023-rol-o001,curation,FIXME,FIXME",
        "照旧提供已发布的版本 / serving what is published",
    ]


def test_a_dry_run_ends_with_an_error_where_a_reason_is_missing(
    seed_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENDATA_SEED_DIR", str(seed_dir))
    first = run("publish", "--dry-run")
    run("publish")
    unchanged = run("publish", "--dry-run")
    correct_note(seed_dir, "Read again.", is_explained=False)
    lacking = run("publish", "--dry-run")

    assert (first.exit_code, unchanged.exit_code, lacking.exit_code) == (0, 0, 1)
    assert first.output == (
        "尚未发布过：将发布第1版 / nothing is published yet: this would be release 1\n"
    )
    assert "  note_en: " in lacking.output


def test_serve_runs_several_processes_on_one_port(free_port: int) -> None:
    with process("serve", "--workers", "2") as running:
        until_ready(free_port)
        answers = [
            httpx.get(f"http://127.0.0.1:{free_port}/v1/areas", trust_env=False) for _ in range(8)
        ]
        running.send_signal(signal.SIGTERM)
        _, log = running.communicate(timeout=STOP_S)

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert "Traceback" not in log


@pytest.mark.any_database
def test_health_tells_a_service_that_is_ready(server: str, free_port: int) -> None:
    assert server.endswith(str(free_port))
    result = run("health")

    assert (result.exit_code, result.output) == (0, "ready\n")


@pytest.mark.parametrize("host", ["127.0.0.1", "0.0.0.0", "::1"])
def test_health_tells_that_nothing_answers(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENDATA_HOST", host)

    result = run("health")

    assert (result.exit_code, result.stderr) == (1, "没有应答 / no answer\n")


def test_the_installed_command_is_what_the_package_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    [command] = entry_points(group="console_scripts", name="opendata-api")
    monkeypatch.setattr(sys, "argv", ["opendata-api", "settings"])

    with pytest.raises(SystemExit) as ended:
        command.load()()

    assert (ended.value.code, capsys.readouterr().out) == (0, settings_table())
    assert gc.isenabled()


@pytest.mark.any_database
@pytest.mark.usefixtures("server")
def test_a_container_asks_for_health_without_loading_the_service() -> None:
    program = (
        "import sys; from opendata_api.health import main; main(); "
        "print([name for name in ('fastapi', 'httpx', 'sqlmodel', 'typer') if name in sys.modules])"
    )
    found = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert found.stdout == "[]\n"


def test_a_container_is_told_that_nothing_answers() -> None:
    found = subprocess.run(
        [sys.executable, "-m", "opendata_api.health"], capture_output=True, text=True, check=False
    )

    assert (found.returncode, found.stderr) == (1, "没有应答 / no answer\n")


async def test_health_tells_a_service_that_has_nothing_to_serve(
    tmp_path: Path, free_port: int
) -> None:
    app = create_app(Settings(data_dir=tmp_path / "empty"), DATASETS)
    service = uvicorn.Server(uvicorn.Config(app, port=free_port, log_config=None))
    task = asyncio.create_task(service.serve())
    while not service.started:
        await asyncio.sleep(0.01)
    result = await asyncio.to_thread(run, "health")
    service.should_exit = True
    await task

    assert (result.exit_code, result.stderr) == (1, "尚未就绪 / not ready: 503\n")


def test_new_report_makes_a_folder_to_fill_in(
    seed_dir: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENDATA_SEED_DIR", str(seed_dir))
    text = tmp_path / "报告.txt"
    text.write_text("一、全年办理3件。", encoding="utf-8")

    made = run("new-report", "cn450203-2024-rol", str(text))
    again = run("new-report", "cn450203-2024-rol", str(text))

    folder = seed_dir / "reports" / "cn450203-2024-rol"
    assert (made.exit_code, made.output) == (0, f"{folder}\n")
    assert (folder / "text.txt").read_text(encoding="utf-8") == "一、全年办理3件。"
    assert again.exit_code == 1
    assert again.stderr == f"{folder}: 已存在 / exists already\n"
    assert run("check").exit_code == 1


def test_openapi_prints_the_document() -> None:
    assert run("openapi").output == print_document(DATASETS)


def test_settings_prints_the_table() -> None:
    assert run("settings").output == settings_table()


async def test_a_worker_makes_the_service_from_the_environment(
    pristine: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENDATA_DATA_DIR", str(pristine))
    monkeypatch.setenv("OPENDATA_PUBLIC_URL", "https://data.example.org/")
    root = logging.getLogger()
    monkeypatch.setattr(root, "handlers", [])
    level = root.level
    app = create_from_environment()
    root.setLevel(level)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://any") as client,
    ):
        answer = await client.get("/v1/areas?limit=1")

    assert answer.json()["links"]["self"] == "https://data.example.org/v1/areas?limit=1"
    assert "OPENDATA_DATA_DIR" in os.environ


@pytest.mark.parametrize("command", ["publish", "serve"])
def test_a_damaged_file_is_told_and_not_served(tmp_path: Path, command: str) -> None:
    run("publish")
    path = next((tmp_path / "var").glob("*.sqlite"))
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)

    result = run(command)

    assert result.exit_code == 1
    told = f"没有发布 / nothing was published: {path} has SHA-256 "
    assert result.stderr.startswith(told)
    assert "Traceback" not in result.output

"""What the documents say is what the commands print."""

import re
from pathlib import Path

import httpx
import pytest
from conftest import REPOSITORY
from typer.testing import CliRunner

from opendata_api.cli import app
from opendata_api.datasets import FIXED_CODES
from opendata_api.seed.report import TABLES
from opendata_api.settings import settings_table

DOCUMENTS = [*sorted(REPOSITORY.glob("*.md")), *sorted(REPOSITORY.glob("docs/**/*.md"))]
GUIDE = REPOSITORY / "docs" / "更正与新增.md"
MADE = re.compile(r"^(?:\$ )?make ([a-z-]+)|`make ([a-z-]+)", re.MULTILINE)
LISTS_OF_THE_TABLES = (
    *("qualifiers", "roles", "period_kinds", "period_sources", "statuses"),
    *("evidence_kinds", "metric_kinds"),
)

every_document = pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)


def test_the_readme_shows_what_check_prints() -> None:
    printed = CliRunner().invoke(app, ["check"]).stdout
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")

    assert f"$ make check-seed\n{printed}" in readme


@every_document
def test_every_make_command_of_a_document_can_be_made(path: Path) -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    named = {one or other for one, other in MADE.findall(path.read_text(encoding="utf-8"))}

    assert [name for name in named if f"\n{name}: " not in makefile] == []


@pytest.mark.parametrize("command", ["check-seed", "publish", "new-report"])
def test_a_curator_s_commands_need_no_test_tools(command: str) -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")

    assert f"\n{command}: $(STAMP) ## " in makefile


def test_the_guide_names_every_column_and_every_code() -> None:
    guide = GUIDE.read_text(encoding="utf-8")
    columns = {column for table in TABLES.values() for column in table}
    codes = {code.value for name in LISTS_OF_THE_TABLES for code in FIXED_CODES[name]}

    shown = set(re.findall(r"[a-z_]+", guide))
    assert (columns | codes) - shown == set()


def test_the_guide_shows_what_a_wrong_digit_prints(
    seed_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = seed_dir / "reports" / "cn450203-2023-rol" / "observations.csv"
    text = table.read_text(encoding="utf-8")
    table.write_text(text.replace(",1300,", ",1030,", 1), encoding="utf-8")
    monkeypatch.setenv("OPENDATA_SEED_DIR", str(seed_dir))

    printed = CliRunner().invoke(app, ["check"]).stderr.splitlines()

    guide = [line.strip() for line in GUIDE.read_text(encoding="utf-8").splitlines()]
    assert "1300" in text
    assert len(printed) == 3
    begin = guide.index(printed[0])
    assert guide[begin : begin + 3] == printed


def test_the_settings_are_documented_as_they_are() -> None:
    documented = (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8")

    assert documented.endswith(settings_table())


def test_the_script_of_the_readme_reads_every_passage(
    server: str, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    script = readme.split("```python\n")[1].split("```")[0].replace("http://127.0.0.1:8000", server)

    exec(compile(script, "README.md", "exec"), {})

    assert capsys.readouterr().out == "112 112\n"
    assert "prints `112 112`" in readme


@every_document
def test_every_link_of_a_document_leads_to_a_file(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    targets = [part.split(")")[0] for part in text.split("](")[1:]]

    lost = [
        target
        for target in targets
        if not target.startswith("http") and not (path.parent / target).exists()
    ]
    assert lost == []


async def test_a_compressed_body_is_refused_unread(api: httpx.AsyncClient) -> None:
    headers = {"content-encoding": "gzip"}

    posted = await api.post("/v1/admin/ingest", headers=headers, content=b"\x1f\x8b")
    got = await api.get("/v1/areas", headers=headers)

    assert (posted.status_code, posted.json()["code"]) == (404, "not-found")
    assert (got.status_code, got.json()["code"]) == (415, "unsupported-content-encoding")

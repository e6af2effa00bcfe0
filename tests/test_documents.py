"""What the documents say is what the commands print."""

from pathlib import Path

import httpx
import pytest
from conftest import REPOSITORY
from typer.testing import CliRunner

from opendata_api.cli import app
from opendata_api.settings import settings_table


@pytest.mark.parametrize("name", ["README.md"])
def test_the_readme_shows_what_check_prints(name: str) -> None:
    printed = CliRunner().invoke(app, ["check"]).stdout

    assert f"$ opendata-api check\n{printed}" in (REPOSITORY / name).read_text(encoding="utf-8")


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


@pytest.mark.parametrize(
    "path", sorted(REPOSITORY.glob("*.md")) + sorted(REPOSITORY.glob("docs/**/*.md"))
)
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

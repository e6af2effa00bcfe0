"""What `serve` loads before its first answer: nothing that only other answers need."""

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import environment_of

from opendata_api.settings import Settings

PROGRAM = Path(__file__).with_name("one_answer.py")
RECORD = "/v1/observations/cn450203-2023-rol-o083"
NEVER = (
    *("alembic", "mako", "sqlalchemy.ext.asyncio"),  # by what changes tables
    *("cryptography", "pyarrow", "resvg_py", "xlsxwriter"),  # by one format, or by signatures
    *("httpx", "pygments", "rich"),  # by what asks other services
    *("jinja2", "markupsafe"),  # by pages
)
PROVING = ("opendata_api.seed", "sqlalchemy", "sqlmodel")
"""What is loaded where the seed is proven, as it is over PostgreSQL at each start."""
DRIVERS = ("asyncpg", "opendata_api.store.postgres")


def answer(settings: Settings, path: str, *modules: str) -> str:
    found = subprocess.run(
        [sys.executable, str(PROGRAM), path, *modules],
        env=environment_of(settings),
        capture_output=True,
        text=True,
        check=True,
    )
    return found.stdout


def test_the_first_record_is_answered_without_what_others_need(
    database: str, published: Settings
) -> None:
    loaded = {"sqlite": (), "postgres": (*PROVING, *DRIVERS)}[database]
    found = answer(published, RECORD, *NEVER, *PROVING, *DRIVERS)

    assert found == " ".join(["200", *loaded]) + "\n"


@pytest.mark.any_database
def test_what_streams_are_sent_by_is_loaded_after_the_first_answer(published: Settings) -> None:
    backend = "anyio._backends._asyncio"

    assert answer(published, RECORD, backend) == "200\n"
    assert answer(published, RECORD, "later", backend) == f"200 {backend}\n"


@pytest.mark.any_database
def test_a_page_is_answered_by_the_library_of_pages(published: Settings) -> None:
    assert answer(published, "/", "alembic", "jinja2") == "200 jinja2\n"

"""The settings: read when asked, each refused by its name."""

from pathlib import Path

import pytest
from conftest import REPOSITORY, SEED
from pydantic import ValidationError

from opendata_api import settings as module
from opendata_api.formats.rights import TITLE
from opendata_api.settings import Settings, settings_table
from opendata_api.web.app import operator_of
from opendata_api.words import Text


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(f"OPENDATA_{name.upper()}", raising=False)


def test_every_setting_has_a_default_that_works() -> None:
    settings = Settings()

    assert settings.model_dump() == {
        "host": "127.0.0.1",
        "port": 8000,
        "public_url": None,
        "data_dir": Path("var"),
        "database_url": None,
        "database_connections": 10,
        "files": None,
        "files_releases": None,
        "contact": None,
        "operator_zh": "",
        "operator_en": "",
        "operator_code": "",
        "resource_code": "",
        "websub_hub": None,
        "seed_dir": None,
        "workers": 1,
        "exports_max": 16,
        "answer_cache_mb": 64,
        "signing_key": None,
    }
    assert settings.base == "http://127.0.0.1:8000"
    assert settings.store_folder == Path("var")


def test_settings_are_read_from_the_environment_when_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENDATA_PORT", "9000")
    monkeypatch.setenv("opendata_workers", "3")
    monkeypatch.setenv("OPENDATA_SOMETHING_ELSE", "1")

    settings = Settings()

    assert (settings.port, settings.workers) == (9000, 3)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("port", 1, 65535),
        ("workers", 1, 64),
        ("exports_max", 1, 1000),
        ("answer_cache_mb", 0, 65_536),
    ],
)
def test_numbers_are_held_within_their_bounds(name: str, low: int, high: int) -> None:
    for value in (low, high):
        assert getattr(Settings.model_validate({name: value}), name) == value
    for refused in (str(low - 1), str(high + 1), "many", ""):
        with pytest.raises(ValidationError) as raised:
            Settings.model_validate({name: refused})
        assert [fault["loc"] for fault in raised.value.errors()] == [(name,)]


def test_an_empty_host_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least 1 character"):
        Settings(host="")


@pytest.mark.parametrize(
    ("given", "base"),
    [
        ("https://data.example.org", "https://data.example.org"),
        ("https://data.example.org/", "https://data.example.org"),
        ("http://data.example.org:8080/open/", "http://data.example.org:8080/open"),
    ],
)
def test_the_public_address_is_the_base_of_every_link(given: str, base: str) -> None:
    assert Settings(public_url=given).base == base


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("data.example.org", "must begin with http:// or https:// and name a host"),
        ("ftp://data.example.org", "must begin with http:// or https:// and name a host"),
        ("https://", "must begin with http:// or https:// and name a host"),
        ("", "must begin with http:// or https:// and name a host"),
        ("https://a.example/?x=1", "must be ASCII, without user, query and fragment"),
        ("https://a.example/#x", "must be ASCII, without user, query and fragment"),
        ("https://user@a.example", "must be ASCII, without user, query and fragment"),
        ("https://数据.example", "must be ASCII, without user, query and fragment"),
    ],
)
def test_a_public_address_that_links_cannot_be_made_from_is_refused(
    given: str, message: str
) -> None:
    with pytest.raises(ValidationError, match=message.replace("?", r"\?")) as raised:
        Settings(public_url=given)

    assert [fault["loc"] for fault in raised.value.errors()] == [("public_url",)]


def test_without_a_public_address_links_lead_to_where_the_service_listens() -> None:
    assert Settings(host="::1", port=80).base == "http://[::1]:80"
    assert Settings(host="0.0.0.0", port=80).base == "http://0.0.0.0:80"


def test_a_database_address_may_name_the_folder() -> None:
    assert Settings(database_url="sqlite:///data").store_folder == Path("data")
    assert Settings(database_url="sqlite:////srv/data").store_folder == Path("/srv/data")


@pytest.mark.parametrize("scheme", ["postgresql", "postgres"])
def test_a_database_address_may_be_that_of_postgresql(scheme: str) -> None:
    address = f"{scheme}://user:secret@db.example.org:5432/open"

    assert Settings(database_url=address).postgres_address == address
    assert Settings(database_url="sqlite:///data").postgres_address is None
    assert Settings().postgres_address is None


@pytest.mark.parametrize("given", ["mysql://db/x", "sqlite://x", "", "data"])
def test_a_database_that_is_not_supported_is_refused(given: str) -> None:
    with pytest.raises(ValidationError, match="must begin with postgresql:// or sqlite:///"):
        Settings(database_url=given)


def test_the_seed_is_the_one_set_or_installed_or_of_the_checkout(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert Settings(seed_dir=tmp_path).seed_folder == tmp_path
    assert Settings().seed_folder == SEED

    (tmp_path / "seed_files").mkdir()
    monkeypatch.setattr(module, "PACKAGE", tmp_path)
    assert Settings().seed_folder == tmp_path / "seed_files"


def test_settings_do_not_change() -> None:
    settings = Settings()

    with pytest.raises(ValidationError, match="frozen"):
        settings.port = 1  # type: ignore[misc]


def test_the_table_of_settings_in_the_docs_is_that_of_the_code() -> None:
    lines = settings_table().splitlines()

    assert lines[0] == "| variable | default | bounds | |"
    assert lines[3].startswith("| `OPENDATA_PORT` | `8000` | ≥ 1 ≤ 65535 | ")
    assert len(lines) == 2 + len(Settings.model_fields)
    page = (REPOSITORY / "docs" / "settings.md").read_text(encoding="utf-8")
    assert settings_table().strip() in page


def test_a_database_without_a_folder_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENDATA_DATABASE_URL", "sqlite:///")

    with pytest.raises(ValidationError, match="names no folder"):
        Settings()


def test_files_of_releases_lie_beside_the_store_unless_set() -> None:
    postgres = "postgresql://user@host/data"

    assert Settings(data_dir=Path("d")).files_folder == Path("d/files")
    assert Settings(database_url="sqlite:///s", data_dir=Path("d")).files_folder == Path("s/files")
    assert Settings(database_url=postgres, data_dir=Path("d")).files_folder == Path("d/files")
    assert Settings(files=Path("f")).files_folder == Path("f")


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("contact", "data@example.org"),
        ("contact", "https://a.example/<b>"),
        ("contact", "mailto:数据@example.org"),
        ("websub_hub", "hub.example.org"),
        ("websub_hub", 'https://hub.example.org/"'),
    ],
)
def test_an_address_that_documents_cannot_hold_is_refused(name: str, given: str) -> None:
    with pytest.raises(ValidationError, match="must begin with"):
        Settings(**{name: given})  # type: ignore[arg-type]


def test_who_runs_the_service_is_told_as_set() -> None:
    unset = operator_of(Settings())
    given = operator_of(
        Settings(
            operator_zh="某区大数据局",
            operator_en="Data Bureau",
            operator_code="11450203000000000X",
            contact="mailto:data@example.org",
            resource_code="450203",
            websub_hub="https://hub.example.org/",
        )
    )

    assert unset.name == TITLE
    assert (unset.contact, unset.code, unset.resource_code, unset.hub) == (None, "", "", None)
    assert given.name == Text("某区大数据局", "Data Bureau")
    assert given.contact == "mailto:data@example.org"
    assert (given.code, given.resource_code) == ("11450203000000000X", "450203")
    assert given.hub == "https://hub.example.org/"

"""`serve` proves its seed once: what was proven and published before is served without it."""

import shutil
from pathlib import Path

import orjson
import pytest
from conftest import at_folder
from test_noted_checks import damage, file_of, note

from opendata_api import proven
from opendata_api.proven import Proven, digest_origin, find_proven, note_proven
from opendata_api.publish import publish
from opendata_api.settings import Settings
from opendata_api.signing_keys import UnusableKey
from opendata_api.store.errors import DamagedStore
from opendata_api.store.notes import CHECKED, PROVEN, read_note

PROVED = Proven(release=1, observations=108, commitments=19)


@pytest.fixture
def own(pristine: Path, seed_dir: Path, tmp_path: Path) -> Settings:
    """Settings of a folder where the seed, a copy, was proven and published."""
    folder = Path(shutil.copytree(pristine, tmp_path / "own"))
    settings = at_folder(folder).model_copy(update={"seed_dir": seed_dir})
    publish(settings)
    return settings


def test_a_seed_that_was_proven_and_published_is_found(own: Settings) -> None:
    assert find_proven(own) == PROVED


def test_nothing_is_found_where_nothing_is_published(seed_dir: Path, tmp_path: Path) -> None:
    assert find_proven(Settings(data_dir=tmp_path / "empty", seed_dir=seed_dir)) is None


def test_whatever_differs_in_the_seed_is_proven(own: Settings) -> None:
    folder = own.seed_folder
    path = next(folder.rglob("*.csv"))
    whole = path.read_bytes()
    found = []
    path.write_bytes(whole + b"\n")
    found.append(find_proven(own))
    path.write_bytes(whole)
    path.rename(path.with_suffix(".txt"))
    found.append(find_proven(own))
    path.with_suffix(".txt").rename(path)
    (folder / "reports" / "empty").mkdir()
    found.append(find_proven(own))
    (folder / "reports" / "empty").rmdir()
    (folder / "reports" / "lost").symlink_to(folder / "nowhere")
    found.append(find_proven(own))
    (folder / "reports" / "lost").unlink()

    assert found == [None] * 4
    assert find_proven(own) == PROVED


def test_another_program_proves_anew(own: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proven, "package_digest", lambda: "another")

    assert find_proven(own) is None


def test_another_published_file_is_proven_anew(own: Settings) -> None:
    pointer = own.store_folder / "current.json"
    told = orjson.loads(pointer.read_bytes())
    pointer.write_bytes(orjson.dumps(told | {"sha256": "0" * 64}))

    assert find_proven(own) is None


@pytest.mark.parametrize(
    "told", [b"", b"{}", b"[]", b'{"of":null,"release":1,"observations":108,"commitments":19}']
)
def test_a_note_that_is_none_is_not_relied_on(own: Settings, told: bytes) -> None:
    (own.store_folder / PROVEN).write_bytes(told)

    assert find_proven(own) is None


def test_a_note_with_other_figures_is_not_relied_on(own: Settings) -> None:
    told = read_note(own.store_folder, PROVEN)
    for other in (told | {"observations": 109}, told | {"more": 1}, {"of": told["of"]}):
        (own.store_folder / PROVEN).write_bytes(orjson.dumps(other))

        assert find_proven(own) is None


def test_a_seed_that_cannot_be_read_is_none_that_was_proven(own: Settings) -> None:
    before = read_note(own.store_folder, PROVEN)
    (own.seed_folder / "lost").symlink_to("nowhere")
    note_proven(own, digest_origin(own), PROVED)

    assert find_proven(own) is None
    assert read_note(own.store_folder, PROVEN) == before


def test_a_seed_that_is_gone_is_not_an_empty_one(own: Settings) -> None:
    shutil.rmtree(own.seed_folder)

    assert digest_origin(own) is None
    assert find_proven(own) is None


def test_a_seed_that_changes_while_it_is_proven_is_not_noted(own: Settings) -> None:
    before = digest_origin(own)
    (own.seed_folder / "note.txt").write_text("new")
    (own.store_folder / PROVEN).unlink()
    note_proven(own, before, PROVED)

    assert not (own.store_folder / PROVEN).exists()


def test_a_name_that_is_no_text_is_taken_into_the_digest(own: Settings) -> None:
    before = digest_origin(own)
    (own.seed_folder / b"\xb7\xa8.txt".decode(errors="surrogateescape")).write_text("法")

    assert digest_origin(own) not in (None, before)


def test_a_seed_is_not_noted_of_a_release_that_another_took_the_place_of(own: Settings) -> None:
    before = read_note(own.store_folder, PROVEN)
    note_proven(own, digest_origin(own), Proven(2, 1, 1))
    (own.store_folder / "current.json").unlink()
    note_proven(own, digest_origin(own), PROVED)

    assert read_note(own.store_folder, PROVEN) == before


def test_the_published_file_is_held_to_its_hash_unless_it_was_lately(own: Settings) -> None:
    (own.store_folder / CHECKED).unlink(missing_ok=True)
    find_proven(own)
    noted = read_note(own.store_folder, CHECKED)
    find_proven(own)

    assert noted["file"] == file_of(own.store_folder).name
    assert read_note(own.store_folder, CHECKED) == noted


def test_a_damaged_file_is_told(own: Settings) -> None:
    note(own.store_folder)
    damage(own.store_folder)

    with pytest.raises(DamagedStore, match="SHA-256"):
        find_proven(own)


def test_a_key_that_cannot_be_used_is_told(own: Settings, tmp_path: Path) -> None:
    with pytest.raises(UnusableKey):
        find_proven(own.model_copy(update={"signing_key": tmp_path / "none.pem"}))


def test_a_database_has_no_folder_for_notes(own: Settings, tmp_path: Path) -> None:
    update = {
        "database_url": "postgresql://nobody@127.0.0.1:9/none",
        "data_dir": tmp_path / "other",
    }
    settings = own.model_copy(update=update)
    note_proven(settings, "seed", PROVED)

    assert find_proven(settings) is None
    assert not (tmp_path / "other").exists()

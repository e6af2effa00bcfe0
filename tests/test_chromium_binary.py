"""Where the browser of the tests comes from, and what is said where there is none."""

import os
import sys
from pathlib import Path

import chromium_binary
import pytest
from chromium_binary import CHROMIUM_VARIABLE, NoChromium, find_chromium

ADVICE = (
    "Please install first:  sudo apt-get install {}\n"
    "(elsewhere: Chromium and a font with Chinese; TEST_CHROMIUM names the program)"
)
APT_GET = """#!{python}
import pathlib, sys
with open("{folder}/asked", "a") as asked:
    print(*sys.argv[1:], file=asked)
if sys.argv[1] == "install":
    for name, script in [("chromium", ""), ("fc-list", "echo Noto")]:
        program = pathlib.Path("{folder}", name)
        program.write_text(f"#!/bin/sh\\n{{script}}\\n")
        program.chmod(0o755)
"""


@pytest.fixture(autouse=True)
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of all programs there are; who asks is root."""
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv(CHROMIUM_VARIABLE, raising=False)
    monkeypatch.setattr(chromium_binary, "LOCK", tmp_path / "lock")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    return tmp_path


def make_program(path: Path, script: str) -> Path:
    path.write_text(script if script.startswith("#!") else f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_the_program_that_is_named_is_taken(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = make_program(programs / "my-browser", "")
    monkeypatch.setenv(CHROMIUM_VARIABLE, str(named))

    assert find_chromium() == named


def test_a_named_program_that_is_not_there_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(CHROMIUM_VARIABLE, "/nothing")

    with pytest.raises(NoChromium, match=r"^TEST_CHROMIUM names /nothing, which is no file$"):
        find_chromium()


def test_what_is_installed_is_taken_as_it_is(programs: Path) -> None:
    installed = make_program(programs / "chromium", "")
    make_program(programs / "fc-list", "echo Noto")

    assert find_chromium() == installed
    assert not (programs / "lock").exists()


@pytest.mark.parametrize("there", ["", "chromium", "fc-list"])
def test_root_on_debian_gets_what_is_missing(programs: Path, there: str) -> None:
    if there:
        make_program(programs / there, "echo Noto")
    make_program(programs / "apt-get", APT_GET.format(python=sys.executable, folder=programs))

    found = find_chromium()

    missing = ["chromium"] if there != "chromium" else []
    missing += ["fontconfig", "fonts-noto-cjk"] if there != "fc-list" else []
    assert found == programs / "chromium"
    assert (programs / "asked").read_text().splitlines() == [
        "update -qq",
        f"install -y -qq --no-install-recommends {' '.join(missing)}",
    ]


def test_who_may_not_install_is_told_what_to_install(
    programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_program(programs / "apt-get", "exit 1")
    make_program(programs / "fc-list", "")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    with pytest.raises(NoChromium) as told:
        find_chromium()

    assert str(told.value) == ADVICE.format("chromium fontconfig fonts-noto-cjk")


def test_where_there_is_no_apt_get_it_is_told_too(programs: Path) -> None:
    make_program(programs / "fc-list", "echo Noto")

    with pytest.raises(NoChromium) as told:
        find_chromium()

    assert str(told.value) == ADVICE.format("chromium")


def test_a_failure_to_install_is_told_in_its_words(programs: Path) -> None:
    make_program(programs / "apt-get", "echo no network; exit 100")
    make_program(programs / "fc-list", "echo Noto")

    with pytest.raises(NoChromium) as told:
        find_chromium()

    failed = "apt-get update ended with 100:\nno network\n\n"
    assert str(told.value) == failed + ADVICE.format("chromium")

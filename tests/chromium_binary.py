"""Chromium's program and a font with Chinese, installed where that may be done."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

CHROMIUM_VARIABLE = "TEST_CHROMIUM"
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
FONT = "fonts-noto-cjk"
LOCK = Path(tempfile.gettempdir(), "opendata-api-installs-chromium")


class NoChromium(RuntimeError):
    """There is no browser to look at the pages with, or no font; says what to install."""


def find_chromium() -> Path:
    """The browser's program: the one named, else the system's.

    TEST_CHROMIUM names one. Root on Debian gets what is missing by apt-get. Raises NoChromium.
    """
    named = os.environ.get(CHROMIUM_VARIABLE)
    if named:
        if not Path(named).is_file():
            raise NoChromium(f"{CHROMIUM_VARIABLE} names {named}, which is no file")
        return Path(named)
    if find_missing():
        _install_missing()
    return _find_program() or _none()


def find_missing() -> list[str]:
    """The Debian packages of what is not there."""
    missing = [] if _find_program() else ["chromium"]
    return missing if _has_chinese() else [*missing, "fontconfig", FONT]


def _find_program() -> Path | None:
    found = next(filter(None, map(shutil.which, PROGRAMS)), None)
    return Path(found) if found else None


def _has_chinese() -> bool:
    """Whether Chinese is drawn as more than boxes."""
    if not shutil.which("fc-list"):
        return False
    listed = subprocess.run(["fc-list", ":lang=zh-cn", "family"], capture_output=True, check=False)
    return bool(listed.stdout.strip())


def _install_missing() -> None:
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise NoChromium(_advice(find_missing()))
    with LOCK.open("w") as lock:  # several processes of tests come here at once
        fcntl.flock(lock, fcntl.LOCK_EX)
        if missing := find_missing():
            _apt_get("update", "-qq")
            _apt_get("install", "-y", "-qq", "--no-install-recommends", *missing)


def _apt_get(*arguments: str) -> None:
    done = subprocess.run(
        ["apt-get", *arguments],
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        told = f"apt-get {arguments[0]} ended with {done.returncode}:\n{done.stdout}"
        raise NoChromium(f"{told}\n{_advice(find_missing())}")


def _none() -> Path:
    raise NoChromium(_advice(["chromium"]))


def _advice(packages: list[str]) -> str:
    return (
        f"Please install first:  sudo apt-get install {' '.join(packages)}\n"
        f"(elsewhere: Chromium and a font with Chinese; {CHROMIUM_VARIABLE} names the program)"
    )

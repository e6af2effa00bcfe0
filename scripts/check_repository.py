"""The repository's own rules: locks without addresses, no machine's paths, no blobs."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
SIZE_MAX = 1_000_000
FORBIDDEN_NAMES = re.compile(r"(^|/)(uv\.lock|node_modules/|\.venv/)|\.sqlite$|\.whl$")
ADDRESS = re.compile(r"https?://|--(extra-)?index-url|--find-links")
LOCAL_PATH = re.compile(r"/(work|root|home/[a-z]+|tmp/bash_jobs)/")


def main() -> int:
    """Print every breach; the exit code says whether there is one."""
    breaches = [breach for name in tracked_files() for breach in check_file(name)]
    for breach in breaches:
        print(breach)
    return bool(breaches)


def tracked_files() -> list[str]:
    """The files that the repository keeps or would keep."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    )
    return [name for name in listed.stdout.split("\0") if name]


def check_file(name: str) -> Iterator[str]:
    """The breaches in one file."""
    path = REPOSITORY / name
    if not path.is_file() or path == Path(__file__):
        return
    if FORBIDDEN_NAMES.search(name):
        yield f"{name}: not to be kept in the repository"
    if path.stat().st_size > SIZE_MAX:
        yield f"{name}: {path.stat().st_size} bytes, more than {SIZE_MAX}"
    text = path.read_text(encoding="utf-8", errors="replace")
    if name.startswith("requirements/") and name.endswith(".txt") and ADDRESS.search(text):
        yield f"{name}: a lock names no address"
    if name.endswith("package-lock.json") and '"resolved"' in text:
        yield f"{name}: a lock names no address"
    if found := LOCAL_PATH.search(text):
        yield f"{name}: holds a machine's path, {found[0]}"


if __name__ == "__main__":
    sys.exit(main())

"""Has the HTML of every page checked and some pages marked by Lighthouse: docs/pages.md.

Run by `make pages-test`, which brings what it needs.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

import httpx
from browsing import FLAGS, serving
from chromium_binary import find_chromium
from conftest import PUBLISHED_AT, REPOSITORY, at_folder
from page_addresses import PAGES, PageAddress

from opendata_api.publish import publish
from opendata_api.words import LANGS

NPM = REPOSITORY / "tests" / "pages" / "node_modules"
CHECKER = ["java", "-jar", str(NPM / "vnu-jar" / "build" / "dist" / "vnu.jar")]
LIGHTHOUSE = ["node", str(NPM / "lighthouse" / "cli" / "index.js")]
REPORT = REPOSITORY / "docs" / "pages.md"
OUR_STYLES = ("site.css",)
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")
SCREENS: Mapping[str, Sequence[str]] = {"mobile": (), "desktop": ("--preset=desktop",)}
GUESS = "This document appears to be written in"
"""A guess at a page's language, which Chinese among many names in code leads astray."""
FULL = 100
LIGHTHOUSE_S = 180


@dataclass(frozen=True, slots=True)
class Marks:
    """What Lighthouse gives a page, of 100, and why it's no more."""

    page: PageAddress
    screen: str
    of: Mapping[str, int]
    losses: Sequence[str]

    @property
    def is_full(self) -> bool:
        """Whether there is nothing better."""
        return set(self.of.values()) == {FULL}


def main() -> int:
    """Look at the pages of a service started for it; the exit code says whether all is well."""
    with tempfile.TemporaryDirectory() as folder:
        published = at_folder(Path(folder, "data"))
        publish(published, PUBLISHED_AT)
        with serving(published, Path(folder, "log")) as base:
            files = save_pages(base, Path(folder, "pages"))
            complaints = check_files(files)
            marks = list(mark_pages(base))
    REPORT.write_text(make_report(len(files), complaints, marks), encoding="utf-8")
    print(f"Written: {REPORT.relative_to(REPOSITORY)}")
    return int(bool(complaints) or not all(one.is_full for one in marks))


def save_pages(base: str, folder: Path) -> Sequence[Path]:
    """Every page in every language and our style sheets, as files with names that tell."""
    folder.mkdir()
    addresses = {
        f"{page.name}.{lang}.html": page.in_language(lang) for page in PAGES for lang in LANGS
    } | {name: f"/static/{name}" for name in OUR_STYLES}
    with httpx.Client(base_url=base, headers={"accept": "text/html,*/*;q=0.1"}) as client:
        for name, address in addresses.items():
            (folder / name).write_bytes(client.get(address).content)
    return [folder / name for name in addresses]


def check_files(files: Sequence[Path]) -> Sequence[str]:
    """All that the checker says of the files: errors, warnings and remarks; they are printed."""
    command = [*CHECKER, "--also-check-css", "--stdout", "--format", "json", *map(str, files)]
    checked = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    messages = json.loads(checked.stdout)["messages"]
    complaints = [
        f"{Path(one.get('url', '')).name}: {one['type']}: {one['message']} "
        f"{' '.join(one.get('extract', '').split())}"  # its number of the line is off by one
        for one in messages
        if not one["message"].startswith(GUESS)
    ]
    print(*complaints, f"HTML checker: {len(files)} files, {len(complaints)} complaints", sep="\n")
    return complaints


def mark_pages(base: str) -> Iterator[Marks]:
    """The marks of every page that gets some, on each screen; they are printed."""
    for page in PAGES:
        for screen in SCREENS if page.is_scored else ():
            marks = mark_page(base, page, screen)
            print(f"{page.path} ({screen}): {dict(marks.of)}", *marks.losses, sep="\n  ")
            yield marks


def mark_page(base: str, page: PageAddress, screen: str) -> Marks:
    """The marks of a page; where it was slow, its speed is the median of three times."""
    runs = [ask_lighthouse(f"{base}{page.in_language('zh')}", screen)]
    if read_mark(runs[0], "performance") < FULL:
        runs += [ask_lighthouse(f"{base}{page.in_language('zh')}", screen) for _ in range(2)]
    marks = {category: read_mark(runs[0], category) for category in CATEGORIES}
    marks["performance"] = int(median(read_mark(run, "performance") for run in runs))
    return Marks(page, screen, marks, list(find_losses(runs[0])))


def ask_lighthouse(address: str, screen: str) -> Mapping[str, Any]:
    """What Lighthouse found at an address."""
    flags = ["--headless", "--no-sandbox", *FLAGS]
    command = [
        *LIGHTHOUSE,
        address,
        "--quiet",
        "--output=json",
        "--no-enable-error-reporting",
        f"--only-categories={','.join(CATEGORIES)}",
        f"--chrome-flags={' '.join(map(quote, flags))}",
        *SCREENS[screen],
    ]
    environment = os.environ | {"CHROME_PATH": str(find_chromium())}
    done = subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, timeout=LIGHTHOUSE_S, check=True
    )
    found: Mapping[str, Any] = json.loads(done.stdout)
    return found


def quote(flag: str) -> str:
    """A flag of the browser as Lighthouse reads it."""
    name, _, value = flag.partition("=")
    return f'{name}="{value}"' if value else flag


def read_mark(found: Mapping[str, Any], category: str) -> int:
    """The mark of a category; none is 0."""
    return round((found["categories"][category]["score"] or 0) * FULL)


def find_losses(found: Mapping[str, Any]) -> Iterator[str]:
    """What cost marks, with the first thing that shows it."""
    for category in CATEGORIES:
        for counted in found["categories"][category]["auditRefs"]:
            audit = found["audits"][counted["id"]]
            if counted["weight"] and audit["score"] is not None and audit["score"] < 1:
                shown = audit.get("details", {}).get("items", [])[:1]
                yield f"{category}: {audit['title']}: {audit.get('displayValue') or shown}"


def make_report(file_count: int, complaints: Sequence[str], marks: Sequence[Marks]) -> str:
    """The page that tells it, as Markdown."""
    rows = [
        f"| `{one.page.path}` | {one.screen} | " + " | ".join(map(str, one.of.values())) + " |"
        for one in marks
    ]
    versions = "\n".join(f"| {name} | {version} |" for name, version in read_versions().items())
    found = "".join(f"\n- `{complaint}`" for complaint in complaints)
    return f"""# Pages

Written whole by `make pages-test`, which looks anew. A service over the seed is started for it.
Every page in both languages and our style sheet are read by the Nu Html Checker; the pages to which
most readers come first are marked by Lighthouse in Chromium, in Chinese, on the mobile and the
desktop screen it simulates. Where a page was slow, its speed is the median of three times. What a
browser shows beside (axe, other hosts, the console, small screens) is tested by `make test`.

| | |
|---|---|
{versions}

## HTML and CSS

{file_count} files, {len(complaints)} complaints.
{found}
## Lighthouse

| page | screen | performance | accessibility | best practices | SEO |
|---|---|---:|---:|---:|---:|
{chr(10).join(rows)}
"""


def read_versions() -> Mapping[str, str]:
    """What looked at the pages, and when."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "Chromium": _ask(str(find_chromium()), "--version").removeprefix("Chromium ").split()[0],
        "Lighthouse": _ask(*LIGHTHOUSE, "--version"),
        "Nu Html Checker": _ask(*CHECKER, "--version").split()[0],
    }


def _ask(*command: str) -> str:
    asked = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True)
    return asked.stdout.decode().strip()


if __name__ == "__main__":
    sys.exit(main())

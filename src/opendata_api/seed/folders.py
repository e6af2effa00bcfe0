"""The files of a seed's folders: one that is not read is told, never passed over."""

from collections.abc import Collection
from pathlib import Path

from opendata_api.seed.faults import Faults, SeedFault
from opendata_api.words import Text

LEFT_BY_PROGRAMS = (".", "~$")
"""What operating systems and open spreadsheets leave beside a file begins so."""


def note_unknown_files(folder: Path, name: str, known: Collection[str], faults: Faults) -> None:
    """Note every entry of a folder of the seed that nothing reads."""
    expected = Text(f"只有 {' '.join(known)}", f"only {' '.join(known)}")
    if not (folder / name).is_dir():
        return
    for path in sorted((folder / name).iterdir()):
        if path.name not in known and not path.name.startswith(LEFT_BY_PROGRAMS):
            place = f"{name}/{path.name}"
            faults.found.append(SeedFault(place, None, None, expected, path.name))

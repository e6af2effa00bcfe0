"""What is noted in the folder of the published files, to spare the next start work.

A note promises nothing: one that is missing, damaged or of something else is as none.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

CHECKED = "checked.json"
"""When the published file was last held to its hash."""
PROVEN = "proven.json"
"""Of which seed the published file is."""


def read_note(folder: Path, name: str) -> dict[str, Any]:
    """What a note says; nothing where there is none that can be read."""
    with suppress(OSError, ValueError):
        told = orjson.loads((folder / name).read_bytes())
        if isinstance(told, dict):
            return told
    return {}


def write_note(folder: Path, name: str, told: Mapping[str, object]) -> None:
    """Write a note, all or nothing; none where nothing can be written.

    Nothing is synced: a note that is lost costs one check.
    """
    draft = folder / f"{name}.tmp"
    with suppress(OSError):
        draft.write_bytes(orjson.dumps(told, option=orjson.OPT_INDENT_2) + b"\n")
        draft.replace(folder / name)


def remove_note(folder: Path, name: str) -> None:
    """Let nobody rely on a note any more."""
    with suppress(OSError):
        (folder / name).unlink(missing_ok=True)

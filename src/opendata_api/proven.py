"""What was proven and published before is served without being proven again, see decision 24.

Whenever anything differs, of the seed, of the program or of the published file, it is proven whole.
"""

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version

import orjson

from opendata_api.program import digest_folder, package_digest
from opendata_api.settings import Settings
from opendata_api.signing import load_signer
from opendata_api.store.checks import is_checked, noting_check
from opendata_api.store.notes import PROVEN, read_note, write_note
from opendata_api.store.pointer import Pointer, check_file

VALIDATORS = ("pydantic", "pydantic-core", "sqlmodel")
"""What records are held to their fields by."""


@dataclass(frozen=True, slots=True)
class Proven:
    """A seed that was proven and is published."""

    release: int
    observations: int
    commitments: int


def find_proven(settings: Settings) -> Proven | None:
    """What the published file has of the seed as it is, if it was proven by this program before.

    The file is held to its hash unless it was lately. None where the seed is to be proven. Raises
    StoreError and UnusableKey, as to publish it would.
    """
    if settings.postgres_address is not None:
        return None
    folder = settings.store_folder
    pointer, origin = Pointer.read(folder), digest_origin(settings)
    told = read_note(folder, PROVEN)
    of = told.pop("of", None)
    if pointer is None or origin is None or of != _mark(origin, pointer, told):
        return None
    if settings.signing_key is not None:
        load_signer(settings.signing_key)
    if not is_checked(folder, pointer):
        with noting_check(folder, pointer):
            check_file(folder, pointer)
    return Proven(**told)


def digest_origin(settings: Settings) -> str | None:
    """The digest of what a published file is made of and by: the seed, the program, its validators.

    None where the seed can't be read. Of the program it is what lay there when it was first asked.
    """
    try:
        seed = digest_folder(settings.seed_folder)
    except OSError:
        return None
    libraries = (version(name) for name in VALIDATORS)
    return _digest(seed, package_digest(), sys.version, *libraries)


def note_proven(settings: Settings, origin: str | None, proven: Proven) -> None:
    """Note that a seed was proven and is published.

    `origin` is that of before the seed was read. Nothing is noted of a seed that changed meanwhile.
    """
    if settings.postgres_address is not None or origin is None:
        return
    if origin != digest_origin(settings):
        return
    folder = settings.store_folder
    pointer = Pointer.read(folder)
    if pointer is not None and pointer.release == proven.release:
        told = asdict(proven)
        write_note(folder, PROVEN, {"of": _mark(origin, pointer, told), **told})


def _mark(origin: str, pointer: Pointer, told: Mapping[str, object]) -> str:
    """The digest of what was published of what, and of what is noted of it."""
    return _digest(origin, pointer.sha256, orjson.dumps(told).decode())


def _digest(*parts: str) -> str:
    return sha256("\0".join(parts).encode()).hexdigest()

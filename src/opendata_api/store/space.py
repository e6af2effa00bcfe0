"""Whether there is room for what is to be published, looked at before anything is written."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from opendata_api.store.errors import NoSpace

SPARE_BYTES = 16 * 1024 * 1024
ROW_BYTES = 8_000
"""Of the store, for a record with its encoded forms and its place in every index; measured were
4,000 of 1,900,000 records and 6,400 of few."""
MEGA = 1_000_000


@dataclass(frozen=True, slots=True)
class Need:
    """So much room is needed in a folder, which may not be there yet."""

    folder: Path
    bytes: int


def check_space(needs: Sequence[Need]) -> None:
    """Raise NoSpace unless all of them find room, also where several lie on one disk."""
    disks: dict[int, list[Need]] = {}
    for need in needs:
        disks.setdefault(_existing(need.folder).stat().st_dev, []).append(need)
    for some in disks.values():
        needed = sum(need.bytes for need in some)
        place = _existing(some[0].folder)
        free = shutil.disk_usage(place).free
        if needed > free:
            raise NoSpace(
                f"{place}: {needed / MEGA:,.0f} MB are needed, {free / MEGA:,.0f} MB are free / "
                f"磁盘空间不足：需要 {needed / MEGA:,.0f} MB，剩余 {free / MEGA:,.0f} MB"
            )


def _existing(folder: Path) -> Path:
    """The folder, or the nearest above it that is there."""
    path = folder.absolute()
    while not path.exists():
        path = path.parent
    return path

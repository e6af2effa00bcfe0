"""The files of a release, as pages offer them."""

from collections.abc import Mapping, Sequence
from typing import Any

from opendata_api.files import WHOLE
from opendata_api.files.making import FORMATS
from opendata_api.formats import SQLITE, ZIP
from opendata_api.store.model import File, Release
from opendata_api.web.pages.visit import Visit
from opendata_api.words import Lang, Text

LABELS: Mapping[str, Text] = {one.suffix: Text(one.key.upper(), one.key.upper()) for one in FORMATS}
"""By the ending of a file's name."""
WHOLE_LABELS: Mapping[str, Text] = {
    ZIP.suffix: Text(
        "整版数据包（ZIP：全部数据集的 CSV 与说明）", "The whole as a ZIP package of CSV"
    ),
    SQLITE.suffix: Text("整版 SQLite 数据库", "The whole as a SQLite database"),
}
KILO = 1000
UNITS = ("B", "KB", "MB", "GB", "TB")

Shown = Sequence[Mapping[str, Any]]


async def files_by_dataset(visit: Visit, release: Release) -> Mapping[str, Shown]:
    """The files by the name of their dataset, those of all together by WHOLE.

    None for a release whose files are kept no more, or that has none.
    """
    folder = visit.site.release_files.folder
    if not folder.is_kept(release.n, visit.site.store.published.newest.n):
        return {}
    found: dict[str, list[Mapping[str, Any]]] = {}
    listed = await visit.site.listed(release.n)
    for file in listed.by_name.values():
        if listed.is_erased(file):
            continue
        name, _, suffix = file.name.partition(".")
        labels = WHOLE_LABELS if name == WHOLE else LABELS
        found.setdefault(name, []).append(_show(visit, release, file, labels[suffix]))
    return found


def _show(visit: Visit, release: Release, file: File, label: Text) -> Mapping[str, Any]:
    return {
        "label": visit.words(label),
        "href": f"{visit.root}/v1/releases/{release.n}/files/{file.name}",
        "size": tell_size(file.bytes, visit.lang),
        "sha256": file.sha256,
    }


def tell_size(count: int, lang: Lang) -> str:
    """A number of bytes in the largest unit of which there is one: 12345 is 12 KB."""
    value, place = float(count), 0
    while value >= KILO and place < len(UNITS) - 1:
        value, place = value / KILO, place + 1
    number = f"{value:.0f}" if value >= 10 or not place else f"{value:.1f}"  # noqa: PLR2004
    space = "" if lang == "zh" else " "
    return f"{number}{space}{UNITS[place]}"

"""The proof of the mask: a private person's name stands in nothing that is made public."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from opendata_api.seed.faults import Line, Place
from opendata_api.seed.model import DocumentText
from opendata_api.seed.quotes import find_mask
from opendata_api.text import Span, find_all
from opendata_api.words import Text

UNMASKED = re.compile(r"[、，。；]([一-龥]{2,4})等(?:\d+|[一二两三四五六七八九十]+)[人名位]")
"""A short run before 等N人 looks like a private person's name."""

NO_NAME = Text("不含遮盖的姓名", "no masked name")


def find_masks(text: str, marked: Sequence[object], place: Place) -> list[Span]:
    """The runs that the settings mask; what can't be found is noted."""
    masks = []
    for words in marked:
        found = find_mask(words, text) if isinstance(words, str) else None
        if found is None:
            expected = Text("原文中唯一的“前文【…】后文”", "before【…】after, once in the text")
            place.fault("masks", expected, words)
        else:
            masks.append(found)
    return masks


def check_names(text: str, masks: Sequence[Span], place: Place) -> None:
    """Note what looks like a private person's name and is not masked."""
    for found in UNMASKED.finditer(text):
        name = Span(*found.span(1))
        if not any(mask.contains(name) for mask in masks):
            expected = Text("私人姓名列入 masks", "a private person's name masked")
            place.fault("masks", expected, f"等…人 @ {name.start}")


def check_public_words(
    documents: Sequence[DocumentText],
    tables: Mapping[str, Sequence[Line]],
    settings: Mapping[str, Any],
    place: Place,
) -> None:
    """Note every cell, setting and further place in the texts that says a masked name.

    The name itself is not told: a fault may be printed in public.
    """
    names = {mask.of(document.text) for document in documents for mask in document.masks}
    for document in documents:
        for start in _left_open(document, names):
            expected = Text("此处的姓名也列入 masks", "the name masked here too")
            place.fault("masks", expected, f"@ {start}")
    for line in (line for lines in tables.values() for line in lines):
        for column, cell in line.cells.items():
            if _says(cell, names):
                line.fault(column, NO_NAME, "…")
    for given in (settings, *settings["documents"]):
        for key, value in given.items():
            if isinstance(value, str) and _says(value, names):
                place.fault(key, NO_NAME, "…")


def _left_open(document: DocumentText, names: set[str]) -> Iterator[int]:
    for name in names:
        for start in find_all(document.text, name):
            span = Span(start, start + len(name))
            if not any(mask.contains(span) for mask in document.masks):
                yield start


def _says(cell: str | None, names: set[str]) -> bool:
    words = (cell or "").replace("【", "").replace("】", "")
    return any(name in words for name in names)

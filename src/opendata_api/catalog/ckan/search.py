"""Packages searched, sorted, counted and paged, as `package_search` does it."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opendata_api.catalog.ckan.catalogue import Catalogue, Package
from opendata_api.catalog.ckan.parts import Node
from opendata_api.catalog.ckan.queries import SHOWN, BadSearch, parse_filter
from opendata_api.words import Text

SORT = "score desc, metadata_modified desc"
RANKED = ("score", "views_recent", "views_total")
"""By these all packages are equal."""
SORTED = {
    "id": "id",
    "name": "name",
    "title": "title",
    "title_string": "title",
    "metadata_created": "metadata_created",
    "metadata_modified": "metadata_modified",
}
FACETS = ("organization", "groups", "tags", "res_format", "license_id")

NO_SORT = Text(
    "不能按“{key}”排序；可用 {known}，其后可写 asc 或 desc",
    "rows can't be sorted by “{key}”, but by {known}, each with asc or desc behind it",
)
NO_FACET = Text(
    "不能按“{name}”计数；可用 {known}", "there are no counts by “{name}”, but by {known}"
)

_KEY = re.compile(r"(\w+)(?:\s+(asc|desc))?", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Search:
    """What is searched for."""

    queries: Sequence[str] = ()
    """All of them hold."""
    sort: str = SORT
    start: int = 0
    rows: int | None = None
    """None: all."""
    facets: Sequence[str] = ()
    facet_least: int = 1
    facet_most: int | None = None


def find_packages(catalogue: Catalogue, search: Search) -> Node:
    """The packages with their number, as `package_search` gives them. Raises BadSearch."""
    filters = [parse_filter(query) for query in search.queries]
    found = [one for one in catalogue.packages if all(holds(one) for holds in filters)]
    for name, reverse in reversed(_keys(search.sort)):
        found.sort(key=lambda package: package.values[name], reverse=reverse)
    end = None if search.rows is None else search.start + search.rows
    counted = {name: _count(found, name, search) for name in search.facets}
    return {
        "count": len(found),
        "sort": search.sort,
        "facets": counted,
        "search_facets": {
            name: {"title": name, "items": _items(catalogue, name, counts)}
            for name, counts in counted.items()
        },
        "results": [one.node for one in found[search.start : end]],
    }


def _keys(sort: str) -> list[tuple[str, bool]]:
    """The fields to sort by, each with whether the order is turned round."""
    keys = []
    for part in sort.split(","):
        found = _KEY.fullmatch(part.strip())
        name = found[1] if found else ""
        if found is None or name not in (*SORTED, *RANKED):
            raise BadSearch(NO_SORT.format(key=part.strip()[:SHOWN], known=", ".join(SORTED)))
        if name in SORTED:
            keys.append((SORTED[name], (found[2] or "").lower() == "desc"))
    return keys


def _count(packages: Sequence[Package], name: str, search: Search) -> dict[str, int]:
    """How many packages have each value, the most first."""
    if name not in FACETS:
        raise BadSearch(NO_FACET.format(name=name[:SHOWN], known=", ".join(FACETS)))
    counts = Counter(value for package in packages for value in package.values[name])
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return {
        value: count for value, count in ordered[: search.facet_most] if count >= search.facet_least
    }


def _items(catalogue: Catalogue, name: str, counts: Mapping[str, int]) -> list[Node]:
    listed = {"organization": catalogue.organizations, "groups": catalogue.groups}.get(name, ())
    titles = {one.name: one.node["title"] for one in listed}
    return [
        {"name": value, "display_name": titles.get(value, value), "count": count}
        for value, count in counts.items()
    ]

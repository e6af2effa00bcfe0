"""What the tables are called and hold; `migrations` makes them.

Facts are narrow and encoded rows lie beside them; every key of a large table holds the
area; a row carries the release that brought it and the one that retired it.
"""

from opendata_api.describe import Dataset, Field

LAYOUT = 7
"""Of the tables: the number of the newest migration."""

FIRST_TOLD = 5
"""The first layout in which changes are told and releases have manifests."""

APPLICATION_ID = 0x6F646170
"""Marks a SQLite file as ours ("odap")."""

FOREVER = 2147483647
"""`until` of a row that no release has retired."""

FRAGMENT_COLUMNS = ("area_code", "n", "encoding", "json", "csv")
DIMENSION_COLUMNS = ("area_code", "n", "name", "value")
HOLE_COLUMNS = ("area_code", "dataset", "kind", "id", "since", "until", "leaf")
ATTACHMENT_COLUMNS = ("area_code", "kind", "id", "since", "body")


def search_table(dataset: Dataset) -> str:
    """The table of its search index."""
    return f"{dataset.table}_search"


def column_of(field: Field) -> str:
    """The column that holds a field, quoted; the release fields have names of their own."""
    return '"since"' if field.name == "release_changed" else f'"{field.name}"'


def fact_columns(dataset: Dataset) -> tuple[str, ...]:
    """The columns of a version of a record, in the order in which it is written."""
    stored = (field.name for field in dataset.stored if field.name != "area_code")
    return ("n", "area_code", *stored, "release_added", "since", "digest")

"""Editions of the real seed with something changed."""

from dataclasses import replace

from opendata_api.datasets import OBSERVATIONS
from opendata_api.store.model import Edition, Store
from opendata_api.values import Row, Stored

O083 = "cn450203-2023-rol-o083"


def changed(edition: Edition, record_id: str, **values: Stored) -> Edition:
    """The edition with other values in one observation."""
    names = OBSERVATIONS.field_names
    rows: list[Row] = []
    for row in edition.rows["observations"]:
        if row[0] == record_id:
            by_name = dict(zip(names, row, strict=False)) | values
            rows.append(tuple(by_name[name] for name in names[: len(row)]))
        else:
            rows.append(row)
    return replace(edition, rows={**edition.rows, "observations": rows})


def without(edition: Edition, record_id: str) -> Edition:
    """The edition without one observation."""
    rows = [row for row in edition.rows["observations"] if row[0] != record_id]
    return replace(edition, rows={**edition.rows, "observations": rows})


async def find(store: Store, record_id: str, release: int) -> dict[str, object] | None:
    """An observation by field."""
    row = await store.record(OBSERVATIONS, record_id, release)
    return None if row is None else dict(zip(OBSERVATIONS.field_names, row, strict=True))

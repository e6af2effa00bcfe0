"""Editions of the real seed with something changed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import httpx
from conftest import BASE

from opendata_api.datasets import DATASETS, OBSERVATIONS
from opendata_api.describe import Dataset
from opendata_api.settings import Settings
from opendata_api.store.model import Edition, Reason, Store
from opendata_api.store.place import write_release
from opendata_api.values import Row, Stored
from opendata_api.web.app import create_app

O083 = "cn450203-2023-rol-o083"
_COUNTED = count(1)


def explained(edition: Edition, *record_ids: str) -> Edition:
    """The edition with a reason, never given before, of a change of each record."""
    reasons = [
        Reason(one, "curation", f"整理有误（{n}）", f"Read wrongly ({n}).")
        for one, n in zip(record_ids, _COUNTED, strict=False)
    ]
    others = (one for one in edition.reasons if one.id not in record_ids)
    return replace(edition, reasons=[*others, *reasons])


def give_reason(seed_dir: Path, record_id: str, cause: str = "curation") -> None:
    """A line in the seed that says why a record is changed."""
    n = next(_COUNTED)
    with (seed_dir / "changes.csv").open("a", encoding="utf-8") as file:
        file.write(f"{record_id},{cause},整理有误（{n}）,Read wrongly ({n}).\n")


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
    return explained(replace(edition, rows={**edition.rows, "observations": rows}), record_id)


def with_copy(
    edition: Edition, record_id: str, dataset: Dataset = OBSERVATIONS, /, **others: Stored
) -> Edition:
    """The edition with one record more: like another, but for some fields."""
    names = dataset.field_names
    rows: list[Row] = list(edition.rows[dataset.name])
    row = next(row for row in rows if row[0] == record_id)
    by_name = dict(zip(names, row, strict=False)) | others
    rows.append(tuple(by_name[name] for name in names[: len(row)]))
    return replace(edition, rows={**edition.rows, dataset.name: rows})


def without(edition: Edition, record_id: str) -> Edition:
    """The edition without one observation."""
    rows = [row for row in edition.rows["observations"] if row[0] != record_id]
    return explained(replace(edition, rows={**edition.rows, "observations": rows}), record_id)


@asynccontextmanager
async def published_with(own: Settings, edition: Edition) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service over the edition as release 2."""
    at = datetime(2026, 1, 3, tzinfo=UTC)
    await asyncio.to_thread(write_release, own, DATASETS, edition, at)
    async with serving(own) as client:
        yield client


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the service over what is published."""
    app = create_app(settings, DATASETS)
    await app.site.store.open()
    try:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(app, raise_app_exceptions=False), base_url=BASE
        ) as client:
            yield client
    finally:
        await app.site.store.close()


async def find(store: Store, record_id: str, release: int) -> dict[str, object] | None:
    """An observation by field."""
    row = await store.record(OBSERVATIONS, record_id, release)
    return None if row is None else dict(zip(OBSERVATIONS.field_names, row, strict=True))

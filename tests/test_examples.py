"""The examples of the reference are from the real data."""

from typing import Any

import httpx
import pytest

from opendata_api.datasets import DATASETS
from opendata_api.describe import Dataset


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
async def test_every_example_stands_in_the_data(api: httpx.AsyncClient, dataset: Dataset) -> None:
    rows: list[dict[str, Any]] = (await api.get(f"/v1/{dataset.name}?limit=1000")).json()["data"]

    strange = [
        field.name
        for field in dataset.fields
        if field.about.example is not None
        and all(row[field.name] != field.about.example for row in rows)
    ]

    assert strange == []

"""The real seed as a whole release: what each of its tables says of itself, with its rows."""

from collections.abc import Sequence
from typing import Any

import orjson
from conftest import BASE

from opendata_api.datasets import DATASETS
from opendata_api.describe import Dataset
from opendata_api.formats.imprint import Imprint, Labels, Whole
from opendata_api.formats.rights import Rights, rights_in
from opendata_api.store.model import Edition
from opendata_api.values import Row
from opendata_api.words import Text

SERVICE = Text("本服务", "Our service")
OURS = Rights("CC-BY-4.0", "https://licence.example.org/", "by us")


def make_whole(edition: Edition, datasets: Sequence[Dataset] = DATASETS) -> Whole:
    """Release 1 with these tables."""
    labels = labels_of(edition)
    return Whole(
        name="all-tables",
        title=Text("全部数据", "All data"),
        description=Text("各表合为一个文件。", "Every table in one file."),
        parts=[make_part(dataset, labels) for dataset in datasets],
        rights=OURS,
        address=f"{BASE}/releases/1/all.zip",
        dictionary=f"{BASE}/v1/datasets?release=1",
        citation=Text("本服务. 全部数据.", "Our service. All data."),
        **ORIGIN,
    )


def make_part(dataset: Dataset, labels: Labels) -> Imprint:
    name = dataset.name
    return Imprint(
        subject=dataset,
        fields=dataset.fields,
        labels=labels,
        rights=rights_in(dataset),
        address=f"{BASE}/v1/{name}.csv?release=1",
        record=f"{BASE}/v1/{name}/{{id}}?release=1",
        dictionary=f"{BASE}/v1/datasets/{name}?release=1",
        citation=Text(f"本服务. {dataset.title.zh}.", f"Our service. {dataset.title.en}."),
        **ORIGIN,
    )


def labels_of(edition: Edition) -> Labels:
    """The labels of every code."""
    kept = orjson.loads(edition.labels or "{}")
    return {
        name: {code: Text(*both) for code, both in codes.items()} for name, codes in kept.items()
    }


def rows_of(edition: Edition, dataset: Dataset) -> list[Row]:
    """The rows of a dataset, all of them of release 1."""
    return [(*row, 1, 1) for row in edition.rows[dataset.name]]


ORIGIN: dict[str, Any] = {
    "release": 1,
    "published_at": "2026-01-02T03:04:05Z",
    "service": SERVICE,
    "home": f"{BASE}/",
    "sources": f"{BASE}/v1/reports?release=1",
}

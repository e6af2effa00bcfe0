"""`/datasets/{name}/{id}`: one record with every field, its evidence and its citation."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from opendata_api.describe import Dataset
from opendata_api.web.pages.cells import make_cell, page_of, sentence_of
from opendata_api.web.pages.citing import cite
from opendata_api.web.pages.layout import local_link
from opendata_api.web.pages.visit import Make, Page, Visit


def make_record(dataset: Dataset) -> Make:
    """The page of a record of the dataset."""

    async def make(visit: Visit) -> Page:
        record_id = str(visit.request.path_params["id"])
        row = await visit.site.store.record(dataset, record_id, visit.release.n)
        if row is None:
            raise visit.not_found(dataset, record_id)
        record = visit.record(dataset, row)
        address = f"/v1/{dataset.name}/{quote(record_id, safe='')}"
        sentence = sentence_of(record)
        own_page = page_of(dataset.name, quote(record_id, safe=""))
        parts = {
            "dataset": dataset,
            "title": record_title(visit, record),
            "record_id": record_id,
            "quote": make_cell(visit, dataset.field["quote"], record, None)
            if "quote" in dataset.field
            else None,
            "rows": [
                {
                    "name": field.name,
                    "title": visit.words(field.about.title),
                    "about": visit.words(field.about.description),
                    "cell": make_cell(visit, field, record, None),
                }
                for field in dataset.fields
            ],
            "sentence": None if sentence is None else visit.link(sentence),
            "own_page": visit.link(own_page) if not own_page.startswith("/datasets/") else None,
            "permalink": visit.site.address(visit.path, visit.pinned),
            "call": visit.site.address(address),
            "files": [
                {
                    "title": visit.words(format_.title),
                    "href": local_link(
                        visit.root,
                        f"{address}.{format_.suffix}",
                        (*visit.pinned, *((("lang", visit.lang),) if format_.by_language else ())),
                    ),
                }
                for format_ in visit.site.formats
            ],
            "citations": await cite(visit.site, visit.site.address(address, visit.pinned)),
        }
        return Page("record.html", parts)

    return make


def record_title(visit: Visit, record: Mapping[str, Any]) -> str:
    """What a record is called on its page: its name, its metric, its words, else its id."""
    for name in ("metric", "name", "title"):
        found = record.get(f"{name}_{visit.lang}") or record.get(name)
        if found and name != "metric":
            return str(found)
        if found:
            return str(record[f"metric_{visit.lang}"])
    return str(record["id"])

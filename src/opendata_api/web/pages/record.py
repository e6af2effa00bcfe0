"""`/datasets/{name}/{id}`: one record with every field, its evidence and its citation."""

from urllib.parse import quote

from opendata_api.describe import Dataset
from opendata_api.web.pages.cells import make_cell, page_of, record_title, sentence_of
from opendata_api.web.pages.citing import cite
from opendata_api.web.pages.history import changes_of_record
from opendata_api.web.pages.visit import Make, Page, Visit


def make_record(dataset: Dataset) -> Make:
    """The page of a record of the dataset."""

    async def make(visit: Visit) -> Page:
        record = await visit.find(dataset)
        record_id = str(record["id"])
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
                    "href": visit.file(address, format_, visit.pinned),
                }
                for format_ in visit.site.formats
            ],
            "history": await changes_of_record(visit, dataset, record_id),
            "citations": await cite(visit.site, visit.site.address(address, visit.pinned)),
        }
        return Page("record.html", parts)

    return make

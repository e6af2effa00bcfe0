"""What a page says of its data to search engines: JSON-LD, in a block that no browser runs.

A page of a part of the data, or as of a release that was asked for, has none.
"""

import orjson

from opendata_api.catalog.schema_org import Node, describe_catalogue, describe_dataset
from opendata_api.describe import Dataset
from opendata_api.web.overview import find_overview
from opendata_api.web.pages.visit import Visit


async def find_catalogue_data(visit: Visit) -> str | None:
    """The text of the block that describes the service."""
    if visit.canonical:
        return None
    return print_block(describe_catalogue(await find_overview(visit.site), visit.lang))


async def find_dataset_data(visit: Visit, dataset: Dataset) -> str | None:
    """The text of the block that describes a dataset."""
    if visit.canonical:
        return None
    overview = await find_overview(visit.site)
    return print_block(describe_dataset(overview, overview.entry[dataset.name], visit.lang))


def print_block(node: Node) -> str:
    """JSON in which no text can end the block, whatever the data say."""
    return orjson.dumps(node).decode().replace("<", "\\u003c")

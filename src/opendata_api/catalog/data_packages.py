"""The newest release as Data Packages: of all datasets, and of each; the CSVs lie where they lie.

The paths are those of the files of the release, which never change, so that sizes and hashes hold
for as long as the description is kept.
"""

from opendata_api.catalog.frictionless import Node, Place, describe_table, describe_tables
from opendata_api.catalog.overview import Entry, Overview
from opendata_api.catalog.whole import WHOLE, WHOLE_DESCRIPTION, WHOLE_TITLE
from opendata_api.formats import CSV
from opendata_api.formats.imprint import Imprint, Named, Publisher
from opendata_api.formats.rights import OURS

PATH = "/datapackage.json"


def path_of(name: str) -> str:
    """The path of the package of the dataset of that name."""
    return f"/v1/datasets/{name}{PATH}"


def package_all(overview: Overview) -> Node:
    """All datasets as one package."""
    named = Named(WHOLE, WHOLE_TITLE, WHOLE_DESCRIPTION, overview.address(PATH))
    parts = [_imprint(overview, entry) for entry in overview.entries]
    whole = _publisher(overview).whole(named, parts, OURS)
    return describe_tables(whole, [_place(overview, entry) for entry in overview.entries])


def package_one(overview: Overview, name: str) -> Node:
    """The dataset of that name as a package."""
    entry = overview.entry[name]
    return describe_table(_imprint(overview, entry), _place(overview, entry))


def _publisher(overview: Overview) -> Publisher:
    return Publisher(overview.base, overview.release, overview.modified, overview.labels)


def _imprint(overview: Overview, entry: Entry) -> Imprint:
    dataset = entry.dataset
    address = overview.address(path_of(dataset.name))
    return _publisher(overview).imprint(dataset, dataset.fields, entry.rights, address)


def _place(overview: Overview, entry: Entry) -> Place:
    """The file of the release; without one the address that gives the same rows for ever."""
    name = f"{entry.dataset.name}.{CSV.suffix}"
    table = entry.download(CSV)
    if table is None or table.sha256 is None:
        return Place(overview.address(f"/v1/{name}?release={overview.release}"), None, None)
    files = f"/v1/releases/{overview.release}/files"
    return Place(overview.address(f"{files}/{name}"), table.bytes, table.sha256)

"""The words that a dataset is found by in other catalogues."""

from collections.abc import Iterator, Sequence

from opendata_api.catalog.overview import Entry, Overview
from opendata_api.catalog.scope import is_of_reports
from opendata_api.words import Text

AREAS_MAX = 20
"""More areas than these are no words to find a dataset by."""


def keywords(overview: Overview, entry: Entry) -> Sequence[Text]:
    """What the dataset holds, from which kinds of reports, of which areas; each once."""
    return list(dict.fromkeys(_keywords(overview, entry)))


def _keywords(overview: Overview, entry: Entry) -> Iterator[Text]:
    yield entry.dataset.title
    if not is_of_reports(entry):
        return
    labels = overview.labels.get("report_kinds", {})
    for report in overview.reports:
        kind = str(report["kind"])
        if kind in labels:
            yield labels[kind]
    if len(overview.areas) <= AREAS_MAX:
        for _, name in overview.areas:
            yield name

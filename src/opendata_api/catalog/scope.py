"""What a dataset of a release is about: of which kinds of reports, places and years.

A code list is of no place and made from no report: it holds what all reports are told by. It covers
the years of those reports, for which harvesters ask of every dataset.
"""

from collections.abc import Mapping, Sequence

from opendata_api.catalog.overview import Entry, Overview
from opendata_api.values import Stored
from opendata_api.words import Text

PLACES_MAX = 50
SOURCES_MAX = 10
"""So many reports are named as sources where each is told at length."""


def list_kinds(overview: Overview) -> Sequence[Text]:
    """The kinds of the newest reports."""
    known = overview.labels.get("report_kinds", {})
    codes = dict.fromkeys(str(report["kind"]) for report in overview.reports)
    return [known.get(code, Text(code, code)) for code in sorted(codes)]


def list_places(overview: Overview, entry: Entry) -> Sequence[tuple[str, Text]]:
    """The areas that its reports are of; of more than fifty, the provinces that they lie in."""
    if not is_of_reports(entry):
        return ()
    if len(overview.areas) <= PLACES_MAX:
        return overview.areas
    names = overview.labels.get("areas", {})
    codes = sorted({f"{code[:2]}0000" for code, _ in overview.areas})
    return [(code, names.get(code, Text(code, code))) for code in codes]


def list_sources(overview: Overview, entry: Entry) -> Sequence[Mapping[str, Stored]]:
    """The newest reports that it is made from, a few."""
    return overview.reports[:SOURCES_MAX] if is_of_reports(entry) else ()


def is_of_reports(entry: Entry) -> bool:
    """Whether a dataset is made from reports, and of their places, as a code list is not."""
    return not entry.dataset.is_code_list

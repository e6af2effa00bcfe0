"""What the reports of a release are about: of which kinds, of which places, of which years."""

from collections.abc import Sequence

from opendata_api.catalog.overview import Entry, Overview
from opendata_api.words import Text

PLACES_MAX = 50


def list_kinds(overview: Overview) -> Sequence[Text]:
    """The kinds of the newest reports."""
    known = overview.labels.get("report_kinds", {})
    codes = dict.fromkeys(str(report["kind"]) for report in overview.reports)
    return [known.get(code, Text(code, code)) for code in sorted(codes)]


def list_places(overview: Overview) -> Sequence[tuple[str, Text]]:
    """The areas that reports are of; of more than fifty, the provinces that they lie in."""
    if len(overview.areas) <= PLACES_MAX:
        return overview.areas
    names = overview.labels.get("areas", {})
    codes = sorted({f"{code[:2]}0000" for code, _ in overview.areas})
    return [(code, names.get(code, Text(code, code))) for code in codes]


def tells_of_years(entry: Entry) -> bool:
    """Whether a dataset is of the years of the reports, as a code list is not."""
    return not entry.dataset.is_code_list

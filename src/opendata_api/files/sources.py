"""The reports that rows are taken from, as a work names its sources."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from opendata_api.catalog.citations import Source, Work, apa, gb_t_7714
from opendata_api.datasets import BODIES, REPORTS
from opendata_api.describe import Dataset, Field
from opendata_api.formats.imprint import Origin
from opendata_api.formats.rights import TITLE
from opendata_api.values import Row, Stored
from opendata_api.words import Text

NAMED_MAX = 3
"""Rows that come from more reports name how many there are."""

COUNTED = Text("{n}份政府报告", "{n} government reports")

Values = Mapping[str, Stored]


def report_field(dataset: Dataset) -> Field | None:
    """The field that holds the id of the report that a row is taken from, or is."""
    if dataset is REPORTS:
        return dataset.field["id"]
    return next((field for field, name in dataset.references if name == REPORTS.name), None)


def make_source(report: Values, body: Values) -> Source:
    """A report as a source; `body` is who gave it."""
    return Source(
        key=str(report["id"]),
        author=Text(str(body["name_zh"]), str(body["name_en"])),
        title=Text(str(report["title_zh"]), str(report["title_en"])),
        published_on=date.fromisoformat(str(report["published_on"])),
        url=str(report["source_url"]),
    )


def cite(work: Work) -> Text:
    """How a file cites itself: in each language by its style, as `/v1/cite` has it."""
    return Text(gb_t_7714(work), apa(work))


class Sources:
    """The reports of an edition."""

    def __init__(self, rows: Mapping[str, Sequence[Row]]) -> None:
        """Of the rows of every dataset, by its name; each row has the stored fields."""
        self._rows = rows
        self._reports = {str(row["id"]): row for row in self._values(REPORTS)}
        self._bodies = {str(row["id"]): row for row in self._values(BODIES)}
        self._counted: dict[str, Counter[str]] = {}

    def cite(self, dataset: Dataset, title: Text, origin: Origin) -> Text:
        """How the file of a whole dataset is cited."""
        return cite(self._with_reports(_work(title, origin), dataset))

    def cite_whole(self, title: Text, origin: Origin) -> Text:
        """How the file of all datasets is cited."""
        return self.cite(REPORTS, title, origin)

    def _with_reports(self, work: Work, dataset: Dataset) -> Work:
        field = report_field(dataset)
        if field is None:
            return work
        counts = self._count(dataset, field)
        if len(counts) > NAMED_MAX:
            return replace(work, reports=COUNTED.format(n=len(counts)))
        ordered = sorted(counts, key=lambda one: (-counts[one], one))
        return replace(work, sources=tuple(self._source(one) for one in ordered))

    def _count(self, dataset: Dataset, field: Field) -> Counter[str]:
        """How many rows are taken from each report, counted once."""
        if dataset.name not in self._counted:
            place = dataset.field_names.index(field.name)
            rows = self._rows[dataset.name]
            self._counted[dataset.name] = Counter(str(row[place]) for row in rows)
        return self._counted[dataset.name]

    def _source(self, report_id: str) -> Source:
        report = self._reports[report_id]
        return make_source(report, self._bodies[str(report["body_id"])])

    def _values(self, dataset: Dataset) -> Sequence[Values]:
        names = dataset.field_names
        return [dict(zip(names, row, strict=False)) for row in self._rows[dataset.name]]


def _work(title: Text, origin: Origin) -> Work:
    return Work(
        key=f"release-{origin.release}",
        author=TITLE,
        title=title,
        release=origin.release,
        released_on=date.fromisoformat(origin.published_at[:10]),
        url=origin.address,
        licence=origin.rights.licence,
    )

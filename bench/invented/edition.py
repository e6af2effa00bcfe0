"""An edition of invented reports, with so many observations as are asked for."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path

import orjson

from bench.invented.codebook import labels
from bench.invented.documenting import (
    commitment_drafts,
    coverage,
    document_draft,
    passage_drafts,
    report_draft,
    title_of,
)
from bench.invented.lines import Draft, Lines
from bench.invented.metrics import Tally
from bench.invented.observing import observe, select_service
from bench.invented.places import area_drafts, body_drafts, make_counties
from bench.invented.telling import Telling
from bench.invented.writing import Report
from opendata_api.datasets import DATASETS
from opendata_api.store.changes import LABELS
from opendata_api.store.model import Attachment, Edition

YEARS = range(2014, 2024)
SIZE = 150
"""So many observations each report has; the last has what is left."""
PUBLISHED_AT = datetime(2026, 1, 1, tzinfo=UTC)

Add = Callable[[str, Draft], None]
"""Adds a record, by field, to the dataset of that name."""


def make_edition(observations: int, folder: Path) -> Edition:
    """The edition with so many observations, the same each time; its rows lie in the folder."""
    with ExitStack() as stack:
        lists = {
            dataset.name: stack.enter_context(closing(Lines(folder / f"{dataset.name}.jsonl")))
            for dataset in DATASETS
        }
        values = {
            dataset.name: itemgetter(*(field.name for field in dataset.stored))
            for dataset in DATASETS
        }
        maker = Maker(lambda name, draft: lists[name].write(values[name](draft)))
        maker.make(plan_reports(observations))
    return Edition(rows=lists, attachments=maker.attachments)


def plan_reports(observations: int) -> Sequence[Report]:
    """The reports that have so many observations, in the order of their ids."""
    number = -(-observations // SIZE)
    counties = make_counties(-(-number // len(YEARS)))
    pairs = ((county, year) for county in counties for year in YEARS)
    return [
        Report(county, year, min(SIZE, observations - place * SIZE))
        for place, (county, year) in zip(range(number), pairs, strict=False)
    ]


@dataclass(slots=True)
class Maker:
    """Makes the records of every dataset, each dataset's in the order of their ids."""

    add: Add
    attachments: list[Attachment] = field(default_factory=list)
    _tally: Tally = field(default_factory=Tally)
    _titles: dict[str, tuple[str, str]] = field(default_factory=dict)
    _documents: dict[str, tuple[str, str]] = field(default_factory=dict)

    def make(self, reports: Sequence[Report]) -> None:
        """Make the records of the reports and of all that they refer to."""
        for report in reports:
            self._make_report(Telling.of(report))
        counties = tuple(dict.fromkeys(report.county for report in reports))
        areas, bodies = area_drafts(counties), body_drafts(counties)
        self._add_all("areas", areas)
        self._add_all("bodies", bodies)
        self._add_all("metrics", self._tally.metric_drafts())
        lists = {
            **labels(),
            "areas": _names(areas),
            "bodies": _names(bodies),
            "reports": self._titles,
            "documents": self._documents,
        }
        self.attachments.append(Attachment(LABELS, "all", orjson.dumps(lists).decode()))

    def _make_report(self, telling: Telling) -> None:
        for slot, draft in observe(telling):
            self.add("observations", draft)
            self._tally.count(draft)
            if (service := select_service(slot, draft)) is not None:
                self.add("service-counts", service)
        self._add_all("passages", passage_drafts(telling))
        self._add_all("commitments", commitment_drafts(telling))
        self.add("reports", report_draft(telling))
        self.add("documents", document_draft(telling))
        self._attach(telling)

    def _attach(self, telling: Telling) -> None:
        title, document = title_of(telling), telling.report.document_id
        self._titles[telling.report.id] = (title.zh, title.en)
        self._documents[document] = (title.zh, title.zh)
        self.attachments.append(Attachment("text", document, telling.text))
        self.attachments.append(Attachment("coverage", document, coverage(telling)))

    def _add_all(self, name: str, drafts: Iterable[Draft]) -> None:
        for draft in drafts:
            self.add(name, draft)


def _names(drafts: Sequence[Draft]) -> Mapping[str, tuple[str, str]]:
    return {str(draft["id"]): (str(draft["name_zh"]), str(draft["name_en"])) for draft in drafts}

"""From the seed to a release: prove, encode, write, flip."""

from dataclasses import dataclass
from datetime import UTC, datetime

import orjson
from pydantic import ValidationError

from opendata_api.datasets import DATASETS, FIXED_CODES
from opendata_api.files import FileMaker, FilesFolder
from opendata_api.seed import Seed, SeedFault, SeedFaults, read_seed
from opendata_api.seed.model import DocumentText, Report
from opendata_api.seed.records import make_attachments, make_records
from opendata_api.settings import Settings
from opendata_api.store.changes import LABELS, Foreseen
from opendata_api.store.model import Attachment, Edition, Reason, Release
from opendata_api.store.place import foresee_release, write_release
from opendata_api.values import NotStorable, to_row
from opendata_api.words import Text


@dataclass(frozen=True, slots=True)
class Publication:
    """What publishing did."""

    seed: Seed
    release: Release
    is_new: bool
    """False: the seed says what is published already."""


def publish(settings: Settings, at: datetime | None = None) -> Publication:
    """Publish the seed as the next release, unless it says what is published already.

    The release's time is `at`, else now, and at least a second after the release before.
    Raises SeedFaults and StoreError; then what is published stays as it was.
    """
    seed, edition = prove(settings)
    folder = FilesFolder(settings.files_folder, settings.files_releases)
    files = FileMaker(folder, settings.base, edition)
    release, is_new = write_release(settings, DATASETS, edition, at or datetime.now(UTC), files)
    return Publication(seed, release, is_new)


def foresee(settings: Settings) -> Foreseen | None:
    """What publishing would change; None for the first release. Raises as publish."""
    _, edition = prove(settings)
    return foresee_release(settings, DATASETS, edition)


def prove(settings: Settings) -> tuple[Seed, Edition]:
    """The seed with the edition it makes. Raises SeedFaults for all that can't be published."""
    seed = read_seed(settings.seed_folder)
    try:
        return seed, make_edition(seed)
    except (ValidationError, NotStorable) as error:
        expected = Text("可以发布的记录", "a record that can be published")
        raise SeedFaults([SeedFault("seed", None, None, expected, str(error))]) from None


def make_edition(seed: Seed) -> Edition:
    """The rows of every dataset and what lies beside them."""
    records = make_records(seed)
    attachments = [
        Attachment(kind, name, body) for (kind, name), body in make_attachments(seed).items()
    ]
    reasons = [Reason(one.id, one.cause, one.reason_zh, one.reason_en) for one in seed.explanations]
    return Edition(
        rows={
            dataset.name: [to_row(dataset, record) for record in records[dataset.name]]
            for dataset in DATASETS
        },
        attachments=[
            *attachments,
            Attachment(LABELS, "all", _labels(seed)),
        ],
        reasons=reasons,
    )


def _labels(seed: Seed) -> str:
    """The names of every code, the program's and the curators', and of what ids refer to."""
    fixed = {
        name: {code.value: (code.label.zh, code.label.en) for code in codes}
        for name, codes in FIXED_CODES.items()
    }
    titles = {
        "reports": {report.id: (report.title_zh, report.title_en) for report in seed.reports},
        "documents": {
            report.full_id(document.id): (document.title, _in_english(report, document))
            for report in seed.reports
            for document in report.documents
        },
    }
    return orjson.dumps({**fixed, **seed.labels, **titles}).decode()


def _in_english(report: Report, document: DocumentText) -> str:
    """What we call a document whose own title is Chinese: by its report, and by its kind."""
    if document.title == report.title_zh:
        return report.title_en
    kinds = {code.value: code.label.en for code in FIXED_CODES["document_kinds"]}
    return f"{report.title_en} ({kinds[document.kind]})"

"""From the seed to a release: prove, encode, write, flip."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import orjson
from pydantic import ValidationError

from opendata_api.datasets import DATASETS, FIXED_CODES
from opendata_api.describe import Type
from opendata_api.files import FileMaker, FilesFolder
from opendata_api.formats.sqlite import NotExact, read_decimal
from opendata_api.proven import Proven, digest_origin, note_proven
from opendata_api.seed import Seed, SeedFault, SeedFaults, read_seed
from opendata_api.seed.model import DocumentText, Report
from opendata_api.seed.records import make_attachments, make_records
from opendata_api.settings import Settings
from opendata_api.signing import load_signer
from opendata_api.store.changes import LABELS, Foreseen
from opendata_api.store.erasing import Erasure
from opendata_api.store.model import Attachment, Edition, Reason, Release
from opendata_api.store.place import erase as erase_from
from opendata_api.store.place import foresee_release, write_release
from opendata_api.store.place import withdraw_release as withdraw_from
from opendata_api.store.release_files import Beside
from opendata_api.values import NotStorable, to_row
from opendata_api.words import Text


@dataclass(frozen=True, slots=True)
class Publication:
    """What publishing did."""

    seed: Seed
    release: Release
    is_new: bool
    """False: the seed says what is published already."""

    @property
    def proven(self) -> Proven:
        """What was proven and is published."""
        tally = self.seed.tally
        return Proven(self.release.n, tally.observations, tally.commitments)


def publish(
    settings: Settings, at: datetime | None = None, notes: Text | None = None
) -> Publication:
    """Publish the seed as the next release, unless it says what is published already.

    The release's time is `at`, else now, and at least a second after the release before; `notes`
    is what the publisher says of it. Raises SeedFaults, StoreError and UnusableKey; then what is
    published stays as it was.
    """
    origin = digest_origin(settings)
    seed, edition = prove(settings)
    moment = at or datetime.now(UTC)
    edition = replace(edition, notes=notes)
    release, is_new = write_release(settings, DATASETS, edition, moment, beside(settings, edition))
    publication = Publication(seed, release, is_new)
    note_proven(settings, origin, publication.proven)
    return publication


def erase(settings: Settings, ids: Sequence[str], why: Text) -> Release:
    """Erase from every release what those ids had and have no more; the release that tells of it.

    Raises SeedFaults, StoreError and UnusableKey.
    """
    _, edition = prove(settings)
    erasure = Erasure(ids, why, datetime.now(UTC))
    return erase_from(settings, DATASETS, edition, erasure, beside(settings, edition))


def withdraw_release(settings: Settings, release: int, why: Text) -> None:
    """Let a release be read no more, nor what no other release has.

    Raises StoreError and UnusableKey.
    """
    withdraw_from(settings, DATASETS, release, why, beside(settings, Edition({}, ())))


def beside(settings: Settings, edition: Edition) -> Beside:
    """What a release of the edition gets beside its rows. Raises UnusableKey."""
    folder = FilesFolder(settings.files_folder, settings.files_releases)
    key = settings.signing_key
    sign = None if key is None else load_signer(key).sign
    return Beside(FileMaker(folder, settings.base, edition), sign)


def foresee(settings: Settings) -> Foreseen | None:
    """What publishing would change; None for the first release. Raises as publish."""
    _, edition = prove(settings)
    return foresee_release(settings, DATASETS, edition)


def prove(settings: Settings) -> tuple[Seed, Edition]:
    """The seed with the edition it makes. Raises SeedFaults for all that can't be published."""
    seed = read_seed(settings.seed_folder)
    try:
        edition = make_edition(seed)
        _check_exact(edition)
    except (ValidationError, NotStorable, NotExact) as error:
        expected = Text("可以发布的记录", "a record that can be published")
        raise SeedFaults([SeedFault("seed", None, None, expected, str(error))]) from None
    return seed, edition


def _check_exact(edition: Edition) -> None:
    """Raise NotExact for a figure that no file of SQLite could give back."""
    for dataset in DATASETS:
        places = [n for n, one in enumerate(dataset.stored) if one.type is Type.DECIMAL]
        for row in edition.rows[dataset.name]:
            for place in places:
                read_decimal(row[place])


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

"""From the seed to a release: prove, encode, write, flip."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson

from opendata_api.datasets import DATASETS, FIXED_CODES
from opendata_api.describe import CodeLists
from opendata_api.seed import Seed, read_seed
from opendata_api.seed.records import curated_codes, make_attachments, make_records
from opendata_api.settings import Settings
from opendata_api.store.model import Attachment, Edition, Release
from opendata_api.store.pointer import Pointer
from opendata_api.store.writer import newest_release, write_release
from opendata_api.values import to_row


@dataclass(frozen=True, slots=True)
class Publication:
    """What publishing did."""

    seed: Seed
    release: Release
    is_new: bool


def publish(settings: Settings, at: datetime | None = None) -> Publication:
    """Publish the seed as the next release, unless it says what is published already.

    The time is `at`, else now, and at least a second after the release before. Raises
    SeedFaults and StoreError; then what is published stays as it was.
    """
    seed = read_seed(settings.seed_folder)
    edition = make_edition(seed)
    folder = settings.store_folder
    moment = _moment(at or datetime.now(UTC), newest_release(folder))
    release = write_release(folder, DATASETS, edition, moment)
    if release is not None:
        return Publication(seed, release, is_new=True)
    return Publication(seed, newest_release(folder), is_new=False)

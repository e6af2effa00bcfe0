"""The reasons of changes, kept with each release so that each is used once."""

from collections.abc import Sequence

import orjson

from opendata_api.store.model import Attachment, Edition, Reason

REASONS = "reasons"
"""The attachment that holds every reason that was published."""


def attachments_of(edition: Edition) -> Sequence[Attachment]:
    """The texts of an edition with its reasons as one more."""
    listed = [[one.id, one.cause, one.zh, one.en] for one in edition.reasons]
    return [*edition.attachments, Attachment(REASONS, "all", orjson.dumps(listed).decode())]


def read_reasons(body: str | None) -> Sequence[Reason]:
    """The reasons that an attachment holds."""
    return [Reason(*one) for one in orjson.loads(body or "[]")]

"""What a store takes and gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from opendata_api.values import Row, Stored


@dataclass(frozen=True, slots=True)
class Release:
    """An edition of the data."""

    n: int
    published_at: str
    """UTC to the second, with Z."""
    digest: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A text beside the rows: a document's words, the labels of the codes."""

    kind: str
    id: str
    body: str


@dataclass(frozen=True, slots=True)
class Edition:
    """What a release consists of."""

    rows: Mapping[str, Sequence[Row]]
    """By dataset: the values of its stored fields, in their order."""
    attachments: Sequence[Attachment]


@dataclass(frozen=True, slots=True)
class Total:
    """How many rows match."""

    count: int
    exact: bool = True
    """False: at least that many."""


@dataclass(frozen=True, slots=True)
class RowsPage:
    """A page of rows, either encoded or as values, in the order asked."""

    rows: Sequence[Row]
    first: tuple[Stored, ...] | None
    """The sort keys of its first row; None when it is empty."""
    last: tuple[Stored, ...] | None
    has_previous: bool
    has_next: bool

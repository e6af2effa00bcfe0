"""What a file says of itself beside its rows: where they come from and how to cite them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import orjson

from opendata_api.describe import Code, Column, Field
from opendata_api.formats.rights import TITLE, Rights
from opendata_api.words import Text

Labels = Mapping[str, Mapping[str, Text]]
"""Code list → code → label. The list of a dimension's values is `dimensions.{name}`."""


def read_labels(body: str | None) -> Labels:
    """The labels as an edition holds them."""
    return {
        name: {code: Text(*words) for code, words in codes.items()}
        for name, codes in orjson.loads(body or "{}").items()
    }


UNCITED = Text("", "")


class Described(Protocol):
    """What the rows of a file are: those of a dataset, or what is computed of them."""

    @property
    def name(self) -> str:
        """Its name in addresses and file names."""

    @property
    def title(self) -> Text:
        """Its title."""

    @property
    def description(self) -> Text:
        """What it is."""

    @property
    def fields(self) -> tuple[Field, ...]:
        """All its fields, in order."""

    @property
    def field(self) -> Mapping[str, Field]:
        """Its fields by name."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """What sheets for people show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imprint:
    """The query that a file answers, and its edition."""

    subject: Described
    fields: Sequence[Field]
    """The fields asked for."""
    labels: Labels
    release: int
    published_at: str
    """UTC to the second, with Z."""
    rights: Rights
    """Of the rows."""
    service: Text
    home: str
    """The address of the service."""
    address: str
    """The address that gives these rows for ever."""
    record: str
    """The permanent address of a record, with `{id}` for its id; rows without ids share one."""
    dictionary: str
    sources: str
    """Where the reports are listed."""
    citation: Text = UNCITED
    """How to cite the rows, in lines; empty for a format that has no place for it."""

    @property
    def has_ids(self) -> bool:
        """Whether each row is a record, with its id."""
        return any(field.name == "id" for field in self.fields)

    @property
    def moment(self) -> datetime:
        """When the release was published."""
        return datetime.fromisoformat(self.published_at)

    def permalink(self, record_id: str) -> str:
        """The permanent address of the record with that id."""
        return self.record.replace("{id}", record_id)

    def codes(self, field: Field) -> Sequence[Code]:
        """The values of a code field with their labels, in order; none for other fields.

        Those of dimensions are `name=value`, each after its name.
        """
        if field.about.codes is None:
            return ()
        codes: list[Code] = []
        for value, label in self.labels.get(field.about.codes, {}).items():
            codes.append(Code(value, label))
            for inner, words in self.labels.get(f"{field.about.codes}.{value}", {}).items():
                codes.append(Code(f"{value}={inner}", words))
        return codes


@dataclass(frozen=True, slots=True)
class Publisher:
    """The edition of a service, which its files are of."""

    base: str
    """The public address of the service, without a slash at the end."""
    release: int
    published_at: str
    """UTC to the second, with Z."""
    labels: Labels

    def imprint(
        self, subject: Described, fields: Sequence[Field], rights: Rights, address: str
    ) -> Imprint:
        """What a file of those fields, which has that address, says of itself."""
        return Imprint(
            subject=subject,
            fields=fields,
            labels=self.labels,
            release=self.release,
            published_at=self.published_at,
            rights=rights,
            service=TITLE,
            home=f"{self.base}/",
            address=address,
            record=self.pinned(f"/v1/{subject.name}/{{id}}"),
            dictionary=self.pinned(f"/v1/datasets/{subject.name}"),
            sources=self.pinned("/v1/reports"),
        )

    def pinned(self, path: str) -> str:
        """An address of the service as of the release."""
        return f"{self.base}{path}?release={self.release}"

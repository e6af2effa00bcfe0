"""What a file says of itself beside its rows: where they come from and how to cite them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import orjson

from opendata_api.describe import Code, Column, Field, Type
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


class Titled(Protocol):
    """What a file holds."""

    @property
    def name(self) -> str:
        """Its name in addresses and file names."""

    @property
    def title(self) -> Text:
        """Its title."""

    @property
    def description(self) -> Text:
        """What it is."""


class Described(Titled, Protocol):
    """What the rows of a file are: those of a dataset, or what is computed of them."""

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
class Origin:
    """The release that a file is of, where it comes from and how to cite it."""

    release: int
    published_at: str
    """UTC to the second, with Z."""
    rights: Rights
    """Of the rows."""
    service: Text
    home: str
    """The address of the service."""
    address: str
    """The address that gives the same for ever."""
    dictionary: str
    sources: str
    """Where the reports are listed."""
    citation: Text = UNCITED
    """How to cite it, in lines; empty for a format that has no place for it."""

    @property
    def moment(self) -> datetime:
        """When the release was published."""
        return datetime.fromisoformat(self.published_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Imprint(Origin):
    """The query that a file answers, and its edition."""

    subject: Described
    fields: Sequence[Field]
    """The fields asked for."""
    labels: Labels
    record: str
    """The permanent address of a record, with `{id}` for its id; rows without ids share one."""

    @property
    def has_ids(self) -> bool:
        """Whether each row is a record, with its id."""
        return any(field.name == "id" for field in self.fields)

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole(Origin):
    """All tables of a release, in one file; each has rights of its own."""

    name: str
    title: Text
    description: Text
    parts: Sequence[Imprint]

    def references(self, part: Imprint) -> Sequence[tuple[Field, str]]:
        """The fields of a part that hold an id of a part, each with that part's name."""
        names = {one.subject.name for one in self.parts}
        return [
            (field, field.about.refers_to)
            for field in part.fields
            if field.about.refers_to in names and field.type is not Type.LIST
        ]


def tell_origin(origin: Origin, titled: Titled) -> Mapping[str, str]:
    """What a file holds and where it comes from, for formats that keep it by name."""
    return {
        "title_zh": titled.title.zh,
        "title_en": titled.title.en,
        "description_zh": titled.description.zh,
        "description_en": titled.description.en,
        "release": str(origin.release),
        "published_at": origin.published_at,
        "license": origin.rights.licence,
        "license_url": origin.rights.url,
        "rights_zh": origin.rights.told("zh"),
        "rights_en": origin.rights.told("en"),
        "attribution": origin.rights.attribution,
        "citation_zh": origin.citation.zh,
        "citation_en": origin.citation.en,
        "address": origin.address,
        "dictionary": origin.dictionary,
        "sources": origin.sources,
    }


def tell_field(field: Field) -> Mapping[str, str]:
    """What a field means, for formats that keep it by name."""
    about = field.about
    return {
        "title_zh": about.title.zh,
        "title_en": about.title.en,
        "description_zh": about.description.zh,
        "description_en": about.description.en,
    }


@dataclass(frozen=True, slots=True)
class Named:
    """What a file of several tables is called, and its address."""

    name: str
    title: Text
    description: Text
    address: str


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

    def whole(self, named: Named, parts: Sequence[Imprint], rights: Rights) -> Whole:
        """What a file of several tables says of itself."""
        return Whole(
            name=named.name,
            title=named.title,
            description=named.description,
            parts=parts,
            release=self.release,
            published_at=self.published_at,
            rights=rights,
            service=TITLE,
            home=f"{self.base}/",
            address=named.address,
            dictionary=self.pinned("/v1/datasets"),
            sources=self.pinned("/v1/reports"),
        )

    def pinned(self, path: str) -> str:
        """An address of the service as of the release."""
        return f"{self.base}{path}?release={self.release}"

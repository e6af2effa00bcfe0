"""A dataset: a list of records of one kind, with what may be asked of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as part
from functools import cached_property
from typing import TYPE_CHECKING

from opendata_api.describe.fields import (
    RELEASE_FIELDS,
    BadDescription,
    Column,
    Field,
    Record,
    Type,
    fields_of,
)
from opendata_api.describe.operators import CONTAINS, Operator
from opendata_api.measure import Measure
from opendata_api.words import Text

if TYPE_CHECKING:  # loaded where records are made
    from opendata_api.describe.validating import ValidRecord

RESERVED_PARAMETERS = (
    *("q", "fields", "sort", "limit", "cursor", "release", "lang"),
    *("dim", "by", "group_by", "agg", "url", "since"),
)


@dataclass(frozen=True, slots=True)
class Attached:
    """A text that may lie beside a record, at `/v1/{dataset}/{id}/{name}`."""

    name: str
    media_type: str


@dataclass(frozen=True, eq=False)
class Dataset:
    """A list of records of one kind, published at `/v1/{name}`."""

    name: str
    singular: str
    title: Text
    description: Text
    model: type[Record]
    columns: tuple[Column, ...]
    """What the files for people show, in their order."""
    is_verbatim: bool = False
    """Whether its rows are the words of others, which our licence does not cover."""
    attached: tuple[Attached, ...] = ()
    """The texts that may lie beside each record."""
    examples: Mapping[str, object] = part(default_factory=dict)
    """Examples of fields that it shares with other datasets and that differ here."""
    measure: Measure | None = None
    """The figures that can be computed with, if it has any."""
    identity: tuple[str, ...] = ()
    """The fields that an id stands for: where one is another, it is another record."""
    names: tuple[str, ...] = ()
    """Fields by which other records call it: another name makes it no other record."""
    derived: tuple[str, ...] = ()
    """Fields that follow from other records; names of codes do so anyway."""
    is_derived: bool = False
    """Whether all of a record follows from others or from a text, so that no change of it needs a
    reason of its own."""
    combined: tuple[tuple[str, ...], ...] = ()
    """Fields that are often asked for together, a value of each: an index gives such rows by id."""
    is_code_list: bool = False
    """Whether it is short and the same everywhere, so that each node of a database has it all."""

    def __post_init__(self) -> None:
        for field in self.fields:
            if "__" in field.name or field.name in RESERVED_PARAMETERS:
                raise BadDescription(f"{self.name}: a field can't be named {field.name!r}")
            if CONTAINS in field.about.operators and not field.about.searched:
                raise BadDescription(f"{self.name}: {field.name} is not in the search index")
        if not self.searched:
            raise BadDescription(f"{self.name}: no field is searched")
        for column in self.columns:
            for lang in ("zh", "en"):
                if column.source(lang) not in self.field:
                    raise BadDescription(f"{self.name}: no field for the column {column.field!r}")
        measured = () if self.measure is None else self.measure.names
        combined = (name for names in self.combined for name in names)
        for name in (*self.identity, *self.names, *self.derived, *measured, *combined):
            if name not in self.field:
                raise BadDescription(f"{self.name}: no field is named {name!r}")

    @cached_property
    def validator(self) -> type["ValidRecord"]:
        """The SQLModel class that its records are held to."""
        from opendata_api.describe.validating import (  # noqa: PLC0415 - loaded where records are made
            validator_of,
        )

        return validator_of(self.model)

    @cached_property
    def table(self) -> str:
        """The name of its table."""
        return self.singular

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Every field of a record, in the order of JSON and CSV."""
        own = (self._with_example(field) for field in fields_of(self.model))
        return (*own, *RELEASE_FIELDS)

    def _with_example(self, field: Field) -> Field:
        example = self.examples.get(field.name, field.about.example)
        return replace(field, about=replace(field.about, example=example))

    @cached_property
    def field(self) -> Mapping[str, Field]:
        """Its fields by name."""
        return {field.name: field for field in self.fields}

    @cached_property
    def field_names(self) -> tuple[str, ...]:
        """The names of its fields, in order."""
        return tuple(field.name for field in self.fields)

    @cached_property
    def stored(self) -> tuple[Field, ...]:
        """The fields that a curated record carries: all but those of the release."""
        return self.fields[: -len(RELEASE_FIELDS)]

    @cached_property
    def filters(self) -> tuple[tuple[Field, Operator], ...]:
        """Every filter: a field with one of its operators."""
        return tuple((field, op) for field in self.fields for op in field.about.operators)

    @cached_property
    def sorts(self) -> tuple[str, ...]:
        """The fields that rows can be sorted by."""
        return tuple(field.name for field in self.fields if field.about.sortable)

    @cached_property
    def references(self) -> tuple[tuple[Field, str], ...]:
        """The fields that hold ids of another dataset, each with the dataset's name."""
        return tuple(
            (field, field.about.refers_to)
            for field in self.fields
            if field.about.refers_to is not None
        )

    @cached_property
    def searched(self) -> tuple[Field, ...]:
        """The fields that `q` looks in."""
        return tuple(field for field in self.fields if field.about.searched)

    @cached_property
    def following(self) -> frozenset[str]:
        """The fields that say nothing more of it: names, of codes too, and what is derived."""
        codes = {name for field in self.fields for name in _named_by(field.name)}
        return frozenset({*self.names, *self.derived, *(codes & self.field.keys())})

    @cached_property
    def groupable(self) -> tuple[str, ...]:
        """The fields that rows can be grouped by."""
        return tuple(field.name for field in self.fields if field.about.groupable)

    @cached_property
    def dimensions(self) -> Field | None:
        """The field that `dim` filters, if there is one."""
        return next((field for field in self.fields if field.type is Type.DIMENSIONS), None)


def _named_by(field: str) -> tuple[str, str]:
    """The fields that name its values, if there are such: `area_code` → `area_zh`."""
    stem = field.removesuffix("_code").removesuffix("_id")
    return f"{stem}_zh", f"{stem}_en"


AREA_OF_ID = re.compile(r"cn([0-9]{6})(?![0-9])")


def area_of(record_id: str) -> str:
    """The area code that an id carries; empty for codebook rows, which have none."""
    found = AREA_OF_ID.match(record_id)
    return found[1] if found else ""

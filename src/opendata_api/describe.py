"""The words that a dataset is described in; every surface is made from them."""

import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, replace
from dataclasses import field as part
from enum import Enum
from functools import cached_property
from types import NoneType
from typing import get_args

from sqlmodel import SQLModel
from sqlmodel._compat import SQLModelConfig

from opendata_api.measure import Measure
from opendata_api.words import Lang, Text


class Type(Enum):
    """What a field holds, with the name that the dictionary shows."""

    CODE = "code"
    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    TIMESTAMP = "timestamp"
    BOOLEAN = "boolean"
    LIST = "list"
    """Codes or ids, in an order that means nothing unless the field says so."""
    DIMENSIONS = "dimensions"
    """Names and values: {"service_scope": "cross_province"}."""
    FIGURES = "figures"
    """Short objects of one figure each, as `metrics.latest` has them."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One way to compare a field: its suffix, its words, its SQL."""

    key: str
    """What follows `field__`; empty for plain equality."""
    words: Text
    sql: str
    many: bool = False
    """The value is a list with commas."""


EQ = Operator("", Text("等于", "is"), "{column} = {value}")
NE = Operator("ne", Text("不等于", "is not"), "({column} <> {value} or {column} is null)")
IN = Operator("in", Text("是其中之一", "is one of"), "{column} in ({value})", many=True)
GT = Operator("gt", Text("大于", "is more than"), "{column} > {value}")
GTE = Operator("gte", Text("不小于", "is at least"), "{column} >= {value}")
LT = Operator("lt", Text("小于", "is less than"), "{column} < {value}")
LTE = Operator("lte", Text("不大于", "is at most"), "{column} <= {value}")
STARTSWITH = Operator("startswith", Text("开头为", "begins with"), "{column} begins with {value}")
CONTAINS = Operator("contains", Text("包含", "contains"), "")
"""Answered by the search index; its SQL differs between databases and is made by the store."""
ISNULL = Operator("isnull", Text("为空", "is null"), "({column} is null) = {value}")

NUMBER = (EQ, GT, GTE, LT, LTE, IN)
PERIOD = (EQ, GTE, LTE)
CODES = (EQ, NE, IN)
ONE_OF = (EQ, IN)

RESERVED_PARAMETERS = (
    *("q", "fields", "sort", "limit", "cursor", "release", "lang"),
    *("dim", "by", "group_by", "agg", "url", "since"),
)


@dataclass(frozen=True, slots=True)
class About:
    """What a field means and what may be asked of it."""

    title: Text
    description: Text
    type: Type
    example: object
    _: KW_ONLY
    operators: tuple[Operator, ...] = ()
    sortable: bool = False
    searched: bool = False
    """Whether `q` looks in it."""
    groupable: bool = False
    """Whether rows are counted by its values, which are few."""
    codes: str | None = None
    """The list of codes whose values the field takes."""
    digits: int = 19
    """How many a decimal may have, with its places: those of a 64-bit integer."""
    refers_to: str | None = None
    """The dataset whose ids the field holds; a record links to what it refers to."""


class Record(SQLModel):
    """What every record shares: no unknown fields, no change once validated."""

    model_config = SQLModelConfig(extra="forbid", frozen=True)


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a dataset."""

    name: str
    about: About
    nullable: bool

    @property
    def type(self) -> Type:
        """What the field holds."""
        return self.about.type

    @property
    def is_queryable(self) -> bool:
        """Whether rows are filtered or sorted by it, so that it needs an index."""
        return any(one is not CONTAINS for one in self.about.operators) or self.about.sortable


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the files for people (Excel)."""

    field: str
    title: Text
    translated: bool = False
    """The column shows `{field}_zh` or `{field}_en`, by the language of the file."""
    is_code: bool = False
    """The column shows the codes themselves, beside one that shows their labels."""

    def source(self, lang: Lang) -> str:
        """The field that the column shows."""
        return f"{self.field}_{lang}" if self.translated else self.field


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
        for name in () if self.measure is None else self.measure.names:
            if name not in self.field:
                raise BadDescription(f"{self.name}: no field for the measure: {name!r}")

    @cached_property
    def table(self) -> str:
        """The name of its table."""
        return self.singular

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """Every field of a record, in the order of JSON and CSV."""
        own = (self._with_example(field) for field in _fields_of(self.model))
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
    def groupable(self) -> tuple[str, ...]:
        """The fields that rows can be grouped by."""
        return tuple(field.name for field in self.fields if field.about.groupable)

    @cached_property
    def dimensions(self) -> Field | None:
        """The field that `dim` filters, if there is one."""
        return next((field for field in self.fields if field.type is Type.DIMENSIONS), None)


class BadDescription(Exception):
    """A dataset is described in a way that can't be served; found at start-up."""


AREA_OF_ID = re.compile(r"cn([0-9]{6})(?![0-9])")


def area_of(record_id: str) -> str:
    """The area code that an id carries; empty for codebook rows, which have none."""
    found = AREA_OF_ID.match(record_id)
    return found[1] if found else ""


def filter_name(field: Field, operator: Operator) -> str:
    """The name of the parameter: `year__gte`."""
    return f"{field.name}__{operator.key}" if operator.key else field.name


def _fields_of(model: type[Record]) -> tuple[Field, ...]:
    return tuple(_field(model, name) for name in model.model_fields)


def _field(model: type[Record], name: str) -> Field:
    declared = model.model_fields[name]
    about = next((part for part in declared.metadata if isinstance(part, About)), None)
    if about is None:
        raise BadDescription(f"{model.__name__}.{name} is not described")
    nullable = NoneType in get_args(declared.annotation)
    if (ISNULL in about.operators) and not nullable:
        raise BadDescription(f"{model.__name__}.{name} is never null")
    return Field(name, about, nullable)


RELEASE_FIELDS = (
    Field(
        "release_added",
        About(
            title=Text("首次发布版本", "Added in release"),
            description=Text(
                "该记录首次出现的数据版本号。", "The release in which the record first appeared."
            ),
            type=Type.INTEGER,
            example=1,
        ),
        nullable=False,
    ),
    Field(
        "release_changed",
        About(
            title=Text("最近变更版本", "Changed in release"),
            description=Text(
                "该记录最近一次变更的数据版本号；未变更过则与首次发布版本相同。",
                "The release that last changed the record; the one that added it if none did.",
            ),
            type=Type.INTEGER,
            example=1,
        ),
        nullable=False,
    ),
)


@dataclass(frozen=True, slots=True)
class Code:
    """A value of a code field, with its label."""

    value: str
    label: Text


CodeLists = Mapping[str, tuple[Code, ...]]
"""Code lists by name: those of the program and those that the curators keep."""

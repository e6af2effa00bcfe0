"""What a field means and what may be asked of it."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from enum import Enum
from types import NoneType
from typing import get_args, get_type_hints

from opendata_api.describe.operators import CONTAINS, ISNULL, Operator
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


class Record:
    """A record: a class of it declares the fields of a dataset, each with what it is about."""


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


def filter_name(field: Field, operator: Operator) -> str:
    """The name of the parameter: `year__gte`."""
    return f"{field.name}__{operator.key}" if operator.key else field.name


class BadDescription(Exception):
    """A dataset is described in a way that can't be served; found at start-up."""


@dataclass(frozen=True, slots=True)
class Code:
    """A value of a code field, with its label."""

    value: str
    label: Text


CodeLists = Mapping[str, tuple[Code, ...]]
"""Code lists by name: those of the program and those that the curators keep."""


def fields_of(model: type[Record]) -> tuple[Field, ...]:
    """The fields that a model declares, in order. Raises BadDescription."""
    declared = get_type_hints(model, include_extras=True)
    return tuple(_field(model, name, annotation) for name, annotation in declared.items())


def _field(model: type[Record], name: str, annotation: object) -> Field:
    kind, *told = get_args(annotation) or (annotation,)
    about = next((part for part in told if isinstance(part, About)), None)
    if about is None:
        raise BadDescription(f"{model.__name__}.{name} is not described")
    nullable = NoneType in get_args(kind)
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

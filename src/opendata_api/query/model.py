"""A query as values: what was asked, free of the words it was asked in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

from propcache.api import cached_property

from opendata_api.describe import (
    CONTAINS,
    EQ,
    ISNULL,
    About,
    Dataset,
    Field,
    Operator,
    Type,
    filter_name,
)
from opendata_api.errors import Pairs
from opendata_api.query.cursor import Cursor, digest
from opendata_api.query.parameters import PAGE_LIMIT
from opendata_api.query.values import print_value
from opendata_api.values import INT_MAX, INT_MIN, Stored
from opendata_api.words import Lang, Text

RELEASE_MAX = 2**31 - 1
OF_THE_ORDER = ("filters", "selects_all", "_sort_text")
"""What follows from a query's conditions, fields and order, whichever of its rows are asked."""


def _hidden(name: str) -> Field:
    """What rows are sorted by and don't show."""
    title = Text(name, name)
    return Field(name, About(title, title, Type.INTEGER, None), nullable=False)


RANK = _hidden("rank")
"""1 for a row that has the words whole, else 0: it depends on the row and the words alone."""
PLACE = _hidden("n")
"""The number of the row's version: the order in which rows were published."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A field compared with values, any of which may hold."""

    field: Field
    operator: Operator
    values: tuple[Stored, ...]

    @property
    def name(self) -> str:
        """The parameter that asks for it."""
        return filter_name(self.field, self.operator)

    def pairs(self) -> Pairs:
        """The canonical parameters that ask for it."""
        kind = Type.BOOLEAN if self.operator is ISNULL else self.field.type
        printed = [print_value(kind, value) for value in self.values]
        if self.operator.many:
            return ((self.name, ",".join(printed)),)
        return tuple((self.name, value) for value in printed)


@dataclass(frozen=True, slots=True)
class DimensionCondition:
    """A dimension with values, any of which may hold."""

    name: str
    values: tuple[str, ...]

    def pairs(self) -> Pairs:
        """The canonical parameters that ask for it."""
        return tuple(("dim", f"{self.name}:{value}") for value in self.values)


@dataclass(frozen=True, slots=True)
class SortKey:
    """A field to sort by; nulls come last in both directions."""

    field: Field
    descending: bool

    def __str__(self) -> str:
        return f"-{self.field.name}" if self.descending else self.field.name


@dataclass(frozen=True, kw_only=True)
class Query:
    """A question to one dataset; what follows from it is worked out once."""

    dataset: Dataset
    words: tuple[str, ...] = ()
    """What `q` looks for, folded: all of them must stand in the searched fields."""
    conditions: tuple[Condition, ...] = ()
    dimensions: tuple[DimensionCondition, ...] = ()
    sort: tuple[SortKey, ...]
    """Ends with the id, so that the order is total."""
    fields: tuple[Field, ...]
    limit: int | None = None
    cursor: Cursor | None = None
    release: int | None = None
    lang: Lang | None = None

    @cached_property
    def filters(self) -> Pairs:
        """The canonical parameters of its conditions, sorted."""
        plain = [pair for condition in self.conditions for pair in condition.pairs()]
        grouped = [pair for condition in self.dimensions for pair in condition.pairs()]
        searched = [("q", " ".join(self.words))] if self.words else []
        return tuple(sorted([*plain, *grouped, *searched]))

    @property
    def is_ranked(self) -> bool:
        """Whether rows that have the words whole come first, since nothing else was asked."""
        return self.sort[0].field is RANK

    @cached_property
    def is_searched(self) -> bool:
        """Whether texts are searched for words, by `q` or in one field."""
        return bool(self.words) or any(one.operator is CONTAINS for one in self.conditions)

    @property
    def without_words(self) -> Self:
        """The same query without what texts are searched for."""
        others = tuple(one for one in self.conditions if one.operator is not CONTAINS)
        return replace(self, words=(), conditions=others)

    @cached_property
    def widened(self) -> Self:
        """The query with its plain conditions alone, a field and one value, which many share.

        All rows of the query are among its rows.
        """
        plain = tuple(one for one in self.conditions if one.operator is EQ and len(one.values) == 1)
        return replace(self, words=(), dimensions=(), conditions=plain)

    @property
    def is_filtered(self) -> bool:
        """Whether any row is left out."""
        return bool(self.words or self.conditions or self.dimensions)

    @cached_property
    def digest(self) -> str:
        """What a cursor is bound to: dataset, conditions and order."""
        return digest((("", self.dataset.name), ("sort", self._sort_text), *self.filters))

    @cached_property
    def canonical(self) -> Pairs:
        """Its parameters sorted, without defaults and without the language."""
        extra = {
            "fields": None if self.selects_all else ",".join(f.name for f in self.fields),
            "sort": None if self.is_ranked or self._sort_text == "id" else self._sort_text,
            "limit": None if self.limit is None else str(self.limit),
            "release": None if self.release is None else str(self.release),
            "cursor": None if self.cursor is None else self.cursor.encode(),
        }
        given = [(name, value) for name, value in extra.items() if value is not None]
        return tuple(sorted([*self.filters, *given]))

    @property
    def limit_default(self) -> int | None:
        """The limit of a page that names none."""
        return PAGE_LIMIT

    @cached_property
    def selects_all(self) -> bool:
        """Whether it asks for every field, in order."""
        return self.fields == self.dataset.fields

    def at(self, cursor: Cursor | None) -> Self:
        """The same query at another page."""
        return self._in_order(replace(self, cursor=cursor))

    def beside(self, release: int, keys: tuple[Stored, ...], *, backwards: bool) -> Self:
        """The same query at the page after the row with those keys, or before it."""
        return self.at(self.cursor_at(release, keys, backwards=backwards))

    def cursor_at(self, release: int, keys: tuple[Stored, ...], *, backwards: bool) -> Cursor:
        """The cursor of the page after the row with those keys, or before it."""
        return Cursor(release, self.digest, backwards, keys)

    def worded(self, filters: Pairs, canonical: Pairs) -> Self:
        """The same query with other texts in its addresses: what frames are made of."""
        other = replace(self)
        vars(other).update(filters=filters, canonical=canonical)
        return other

    def whole(self, release: int) -> Self:
        """The same query without paging, as of one release."""
        return self._in_order(replace(self, cursor=None, limit=None, release=release))

    def pinned(self, release: int) -> Self:
        """The same query as of one release."""
        return self._in_order(replace(self, release=release))

    def takes(self, cursor: Cursor) -> bool:
        """Whether the cursor was made by a page of this query, in its order and release."""
        return (
            cursor.digest == self.digest
            and self.release in (None, cursor.release)
            and type(cursor.release) is int
            and 1 <= cursor.release <= RELEASE_MAX
            and type(cursor.backwards) is bool
            and len(cursor.keys) == len(self.sort)
            and all(_fits(*pair) for pair in zip(self.sort, cursor.keys, strict=True))
        )

    def _in_order(self, other: Self) -> Self:
        """A query of other rows in the same order: what follows from that is known already."""
        known = vars(self)
        vars(other).update((name, known[name]) for name in OF_THE_ORDER if name in known)
        return other

    @cached_property
    def _sort_text(self) -> str:
        """The sort without the implied id, which takes the last key's direction."""
        keys = self.sort
        if len(keys) > 1 and keys[-1].descending == keys[-2].descending:
            keys = keys[:-1]
        return ",".join(str(key) for key in keys)


def ranked_order() -> tuple[SortKey, ...]:
    """The order of what `q` finds, unless another is asked for."""
    return (SortKey(RANK, descending=True), SortKey(PLACE, descending=False))


def total_order(dataset: Dataset, keys: Sequence[SortKey]) -> tuple[SortKey, ...]:
    """The keys up to the id, which is added in the last key's direction if it is missing."""
    total: list[SortKey] = []
    for key in keys:
        total.append(key)
        if key.field.name == "id":
            return tuple(total)
    descending = keys[-1].descending if keys else False
    return (*total, SortKey(dataset.field["id"], descending))


def _fits(key: SortKey, value: Stored) -> bool:
    if value is None:
        return key.field.nullable
    if key.field.type in (Type.INTEGER, Type.DECIMAL, Type.BOOLEAN):
        return type(value) is int and INT_MIN <= value <= INT_MAX
    return isinstance(value, str) and "\0" not in value

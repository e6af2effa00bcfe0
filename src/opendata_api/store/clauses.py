"""Pieces of SQL, and how the two databases differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from opendata_api.query import Query
from opendata_api.values import Stored


@dataclass(frozen=True, slots=True)
class Clause:
    """A piece of SQL with the values of its placeholders, in order."""

    sql: str
    values: tuple[Stored, ...] = ()

    @property
    def numbered(self) -> str:
        """The SQL with its placeholders as PostgreSQL writes them: $1, $2, $3."""
        first, *others = self.sql.split("?")
        return first + "".join(f"${place}{part}" for place, part in enumerate(others, 1))


class Dialect(Enum):
    """Of the two databases; they differ in how they search."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"


Asked_co = TypeVar("Asked_co", bound=Query, covariant=True)
AnyQuery = TypeVar("AnyQuery", bound=Query)


@dataclass(frozen=True, slots=True)
class Question(Generic[Asked_co]):
    """A query as of a release, to one of the databases."""

    dialect: Dialect
    query: Asked_co
    release: int

    def asking(self, query: AnyQuery) -> "Question[AnyQuery]":
        """Another query to the same database, as of the same release."""
        return Question(self.dialect, query, self.release)


def join(clauses: Sequence[Clause]) -> Clause:
    """All of them hold."""
    return Clause(
        " and ".join(clause.sql for clause in clauses),
        tuple(value for clause in clauses for value in clause.values),
    )


def beside(alias: str) -> str:
    """A row of a side table belongs to a fact; the area keeps both on one shard."""
    return f'{alias}."area_code" = t."area_code" and {alias}."n" = t."n"'

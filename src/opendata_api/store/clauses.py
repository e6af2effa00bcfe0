"""Pieces of SQL, and how the two databases differ."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

from opendata_api.query import Query
from opendata_api.values import Row, Stored


class Clause(NamedTuple):
    """A piece of SQL with the values of its placeholders, in order."""

    sql: str
    values: tuple[Stored, ...] = ()

    @property
    def numbered(self) -> str:
        """The SQL with its placeholders as PostgreSQL writes them: $1, $2, $3."""
        first, *others = self.sql.split("?")
        return first + "".join(f"${place}{part}" for place, part in enumerate(others, 1))


Result = TypeVar("Result")
Steps = Generator[Clause, Sequence[Row], Result]
"""A read: it gives statements, is sent their rows and comes to a result."""

RELEASES_KEPT = 64
"""Of so many releases the clauses that all their questions share are made but once."""

Window = tuple[int, int]
"""The first and the last block of numbers of versions that are looked at."""


class Dialect(Enum):
    """Of the two databases; they differ in how they search."""

    SQLITE = "sqlite"
    POSTGRES = "postgres"


Asked_co = TypeVar("Asked_co", bound=Query, covariant=True)
AnyQuery = TypeVar("AnyQuery", bound=Query)


class Lead(Enum):
    """What is read first of a search: there are the fewer rows."""

    WORDS = "words"
    """The rows that have the words, by the index of words."""
    CONDITIONS = "conditions"
    """The rows that meet the other conditions."""


@dataclass(frozen=True, slots=True)
class Question(Generic[Asked_co]):
    """A query as of a release, to one of the databases."""

    dialect: Dialect
    query: Asked_co
    release: int
    lead: Lead = Lead.WORDS
    is_drafted: bool = False
    """Asked by the publisher of the release, whose rows nobody else sees yet."""

    def asking(self, query: AnyQuery) -> "Question[AnyQuery]":
        """Another query to the same database, as of the same release."""
        return Question(self.dialect, query, self.release, self.lead)


def join(clauses: Sequence[Clause]) -> Clause:
    """All of them hold."""
    return Clause(
        " and ".join(clause.sql for clause in clauses),
        tuple(value for clause in clauses for value in clause.values),
    )


@lru_cache(RELEASES_KEPT)
def is_published(release: int) -> Clause:
    """That the release is published, on the snapshot of the statement."""
    published = select_published(release)
    return Clause(f"exists ({published.sql})", published.values)


def select_published(release: int) -> Clause:
    """One row if the release is published."""
    return Clause('select 1 from "release" where "n" = ? and "state" = \'published\'', (release,))


def beside(dialect: Dialect, alias: str) -> str:
    """A row of a side table belongs to a fact, by its number.

    On PostgreSQL the area keeps both on one shard; SQLite would read the fact to compare it.
    """
    number = f'{alias}."n" = t."n"'
    is_sqlite = dialect is Dialect.SQLITE
    return number if is_sqlite else f'{alias}."area_code" = t."area_code" and {number}'

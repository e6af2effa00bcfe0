"""Pieces of SQL, and how the two databases differ."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

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


@dataclass(frozen=True, slots=True)
class Question:
    """A query as of a release, to one of the databases."""

    dialect: Dialect
    query: Query
    release: int


def join(clauses: Sequence[Clause]) -> Clause:
    """All of them hold."""
    return Clause(
        " and ".join(clause.sql for clause in clauses),
        tuple(value for clause in clauses for value in clause.values),
    )


def beside(alias: str) -> str:
    """A row of a side table belongs to a fact; the area keeps both on one shard."""
    return f'{alias}."area_code" = t."area_code" and {alias}."n" = t."n"'

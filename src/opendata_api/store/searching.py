"""Searching as SQL: the same words, through the index of either database."""

from collections.abc import Iterator, Sequence

from opendata_api.describe import Dataset, Field
from opendata_api.query import Query
from opendata_api.store.clauses import Clause, Dialect, Question, beside
from opendata_api.store.tokens import Match, Wanted, fts5_query, ts_query


def source(question: Question[Query]) -> str:
    """The rows; on SQLite what was found leads, so that a page reads no more than it shows."""
    query = question.query
    table = f'"{query.dataset.table}" t'
    if question.dialect is Dialect.SQLITE and query.is_ranked:
        return f'"{query.dataset.table}_search" s cross join {table} on t."n" = s.rowid'
    return table


def found(question: Question[Query], match: Match = Match.ANY) -> Iterator[Clause]:
    """That a row has the words of `q`, if there are any."""
    query = question.query
    if not query.words:
        return
    wanted = wanted_of(query, match)
    if question.dialect is Dialect.SQLITE and query.is_ranked:
        yield Clause(f's."{query.dataset.table}_search" match ?', (fts5_query(wanted),))
    else:
        yield _found(question.dialect, wanted)


def contains(dialect: Dialect, dataset: Dataset, field: Field, words: Sequence[str]) -> Clause:
    """That a field of a row has words."""
    return _found(dialect, Wanted(dataset, [field], words))


def wanted_of(query: Query, match: Match = Match.ANY) -> Wanted:
    """What `q` looks for."""
    return Wanted(query.dataset, query.dataset.searched, query.words, match)


def _found(dialect: Dialect, wanted: Wanted) -> Clause:
    table = f"{wanted.dataset.table}_search"
    if dialect is Dialect.SQLITE:
        return Clause(
            f't."n" in (select rowid from "{table}" where "{table}" match ?)',
            (fts5_query(wanted),),
        )
    return Clause(
        f'exists (select 1 from "{table}" s where {beside("s")} '
        'and s."tokens" @@ ?::text::tsquery)',
        (ts_query(wanted),),
    )

"""Searching as SQL: the same words, through the index of either database."""

from collections.abc import Iterator

from opendata_api.describe import CONTAINS, Dataset
from opendata_api.query import Condition, Query
from opendata_api.store.clauses import (
    Clause,
    Dialect,
    Lead,
    Question,
    Window,
    beside,
    is_published,
    join,
)
from opendata_api.store.schema import search_table
from opendata_api.store.tokens import Match, Wanted, fts5_query, ts_query


def source(question: Question[Query]) -> str:
    """The rows; on SQLite what was found leads, so that a page reads no more than it shows."""
    query = question.query
    table = f'"{query.dataset.table}" t'
    if _hits_lead(question):
        return f'"{search_table(query.dataset)}" s cross join {table} on t."n" = s.rowid'
    return table


def place_of(question: Question[Query]) -> str:
    """The column by which hits are ordered: SQLite's index gives them in that of its own alone."""
    return "s.rowid" if _hits_lead(question) else 't."n"'


def found(
    question: Question[Query], match: Match = Match.ANY, window: Window | None = None
) -> Iterator[Clause]:
    """That a row has the words of `q`, if there are any, and lies in the window."""
    query = question.query
    if not query.words:
        return
    wanted = wanted_of(query, match)
    if _hits_lead(question):
        yield Clause(f's."{search_table(query.dataset)}" match ?', (fts5_query(wanted),))
    else:
        yield _found(question, wanted, window)


def contains(question: Question[Query], condition: Condition) -> Clause:
    """That a field of a row has words."""
    return _found(question, _contained(question.query.dataset, condition))


def last_number(question: Question[Query]) -> Clause:
    """The highest number that a version of the release has."""
    return Clause(
        'select "last_n" from "release" where "n" = ? and "state" = \'published\'',
        (question.release,),
    )


def count_hits(
    question: Question[Query],
    most: int,
    match: Match = Match.ANY,
    window: Window | None = None,
) -> Clause:
    """How many versions have all words that are searched for, counted no further than `most`.

    The index of words alone is read, which has those of earlier releases too. No row for none.
    """
    query = question.query
    contained = (one for one in query.conditions if one.operator is CONTAINS)
    wanted = [_contained(query.dataset, one) for one in contained]
    if query.words:
        wanted.append(wanted_of(query, match))
    table = search_table(query.dataset)
    if question.dialect is Dialect.SQLITE:
        words = " AND ".join(f"({fts5_query(one)})" for one in wanted)
        has = Clause(f'"{table}" match ?', (words,))
    else:
        matched = [
            Clause('"tokens" @@ ?::text::tsquery', (ts_query(one, window),)) for one in wanted
        ]
        has = join([*matched, _is_numbered(question.release), is_published(question.release)])
    return Clause(
        f'select count(*) from (select 1 from "{table}" where {has.sql} limit ?) hits '
        "having count(*) > 0",
        (*has.values, most),
    )


def _is_numbered(release: int) -> Clause:
    """That a version is not of a later release, which may be in the writing."""
    return Clause('"n" <= (select "last_n" from "release" where "n" = ?)', (release,))


def _contained(dataset: Dataset, condition: Condition) -> Wanted:
    return Wanted(dataset, [condition.field], str(condition.values[0]).split(" "))


def _hits_lead(question: Question[Query]) -> bool:
    """Whether rows are read in the order in which SQLite's index gives them."""
    query = question.query
    is_searched = bool(query.words) and query.is_ranked
    return is_searched and question.dialect is Dialect.SQLITE and question.lead is Lead.WORDS


def wanted_of(query: Query, match: Match = Match.ANY) -> Wanted:
    """What `q` looks for."""
    return Wanted(query.dataset, query.dataset.searched, query.words, match)


def _found(question: Question[Query], wanted: Wanted, window: Window | None = None) -> Clause:
    table = search_table(wanted.dataset)
    if question.dialect is Dialect.SQLITE:
        # With a sign SQLite does not look rows up by it.
        sign = "+" if question.lead is Lead.CONDITIONS else ""
        return Clause(
            f'{sign}t."n" in (select rowid from "{table}" where "{table}" match ?)',
            (fts5_query(wanted),),
        )
    has = Clause('s."tokens" @@ ?::text::tsquery', (ts_query(wanted, window),))
    return Clause(
        f'exists (select 1 from "{table}" s where {beside(question.dialect, "s")} and {has.sql})',
        has.values,
    )

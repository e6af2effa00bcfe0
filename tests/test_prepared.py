"""A statement that was written once is the one that would be written for each question."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import pytest
from questions import Asker

from opendata_api.datasets import DATASETS, OBSERVATIONS
from opendata_api.describe import Dataset
from opendata_api.query import Condition, Query, parse_query, split_query
from opendata_api.store import prepared
from opendata_api.store.clauses import Clause, Dialect, Lead, Question
from opendata_api.store.known import Kept
from opendata_api.store.model import Edition
from opendata_api.store.prepared import select_rows
from opendata_api.store.sql import Page, Start, page_segments, select_page

QUESTIONS = 250
COLUMNS = ('f."json"', 't."id"')
LIMITS = (1, 101, 1_001, None)


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[Page]:
    """The pages whose statements are written anew; none is known yet."""
    pages: list[Page] = []

    def select(question: Question[Query], columns: Sequence[str], page: Page) -> Clause:
        pages.append(page)
        return select_page(question, columns, page)

    monkeypatch.setattr(prepared, "_KEPT", Kept(prepared.PREPARED_MAX))
    monkeypatch.setattr(prepared, "select_page", select)
    return pages


def pages(asker: Asker, query: Query) -> Iterator[Page]:
    """Pages of a query: its first, and those beside one of the rows."""
    chance = asker.chance
    starts = [some_start(asker, query, backwards=backwards) for backwards in (False, True)]
    for start in (None, *starts):
        for segment, begins_here in page_segments(query, start):
            yield Page(
                segment,
                chance.choice(LIMITS),
                start,
                begins_here,
                fragments=asker.is_likely(0.5),
                keys=asker.is_likely(0.5),
                forwards=asker.is_likely(0.1),
                skipped=chance.choice([0, 0, 0, 7]),
            )


def some_start(asker: Asker, query: Query, *, backwards: bool) -> Start:
    names = [key.field.name for key in query.sort]
    return Start(asker.keys(asker.chance.choice(asker.rows), names), backwards)


def other_question(asker: Asker, question: Question[Query]) -> Question[Query]:
    """A question of the same form whose conditions have values of another row, nulls left out."""

    def other(condition: Condition) -> Condition:
        [value] = asker.keys(asker.chance.choice(asker.rows), [condition.field.name])
        return condition if value is None else replace(condition, values=(value,))

    query = question.query
    conditions = tuple(
        other(one) if len(one.values) == 1 and one.operator.sql.count("{value}") == 1 else one
        for one in query.conditions
        if one.field in query.dataset.stored
    )
    return replace(question, query=replace(query, conditions=conditions))


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
def test_it_is_the_one_that_is_written_anew(
    dataset: Dataset, edition: Edition, written: list[Page]
) -> None:
    asker = Asker(dataset, edition.rows[dataset.name], random.Random(dataset.name))
    chance = asker.chance
    known = 0
    for _ in range(QUESTIONS):
        query = parse_query(dataset, asker.pairs())
        if query.is_ranked:
            continue
        for page in pages(asker, query):
            question = Question(
                chance.choice(list(Dialect)),
                query,
                chance.choice([1, 2]),
                chance.choice(list(Lead)),
                is_drafted=asker.is_likely(0.1),
            )
            columns = COLUMNS[: chance.choice([1, 2])]
            start = page.start and some_start(asker, query, backwards=page.start.backwards)
            other_page = page._replace(limit=page.limit and 7, start=start)
            other = other_question(asker, question)
            assert select_rows(question, columns, page) == select_page(question, columns, page)
            before = len(written)
            again = select_rows(other, columns, other_page)
            assert again == select_page(other, columns, other_page)
            known += len(written) == before

    assert known > QUESTIONS / 4


def ask(pairs: bytes, release: int = 1) -> Question[Query]:
    return Question(Dialect.SQLITE, parse_query(OBSERVATIONS, split_query(pairs)), release)


def first_page(question: Question[Query], limit: int = 3) -> Clause:
    [(segment, begins_here)] = page_segments(question.query, None)
    return select_rows(question, COLUMNS, Page(segment, limit, None, begins_here))


def test_it_is_written_once_for_questions_that_differ_in_values(written: list[Page]) -> None:
    first_page(ask(b"topic=legal_aid&year=2023"))
    other = first_page(ask(b"topic=enforcement&year=2022"), 9)

    assert other.values == ("enforcement", 2022, 1, 1, 1, 9)
    assert len(written) == 1
    first_page(ask(b"topic=legal_aid"))
    first_page(ask(b"topic=legal_aid&year=2023", release=2))
    first_page(replace(ask(b"topic=legal_aid&year=2023"), is_drafted=True))
    assert len(written) == 4


def test_long_statements_and_windows_are_written_each_time(written: list[Page]) -> None:
    sort = ["metric", "year", "topic", "unit", "-body_id", "report_id"]
    assert len(COLUMNS) + len(sort) == prepared.PARTS_MAX
    long, short = (ask(b"sort=" + ",".join(names).encode()) for names in (sort, sort[:-1]))
    question = ask(b"topic=legal_aid")
    [(segment, begins_here)] = page_segments(question.query, None)
    window = Page(segment, 3, None, begins_here, window=(0, 1))

    for _ in range(2):
        first_page(long)
        select_rows(question, COLUMNS, window)
        first_page(short)
    assert len(written) == 2 + 2 + 1

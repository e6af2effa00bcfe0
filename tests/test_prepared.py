"""A statement that was written once is the one that would be written for each question."""

import random
from collections.abc import Iterator

import pytest
from questions import Asker

from opendata_api.datasets import DATASETS, OBSERVATIONS
from opendata_api.describe import Dataset
from opendata_api.query import Query, parse_query
from opendata_api.store import prepared
from opendata_api.store.clauses import Clause, Dialect, Question
from opendata_api.store.known import Kept
from opendata_api.store.model import Edition
from opendata_api.store.prepared import select_rows
from opendata_api.store.sql import Page, Start, page_segments, select_page

QUESTIONS = 250
COLUMNS = ('f."json"', 't."id"')


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """No statement is known yet."""
    monkeypatch.setattr(prepared, "_KEPT", Kept(prepared.PREPARED_MAX))


def pages(asker: Asker, query: Query) -> Iterator[Page]:
    """Pages of a query: its first, and those beside one of the rows."""
    chance = asker.chance
    keys = asker.keys(chance.choice(asker.rows), [key.field.name for key in query.sort])
    for start in (None, Start(keys, backwards=False), Start(keys, backwards=True)):
        for segment, begins_here in page_segments(query, start):
            yield Page(
                segment,
                chance.choice([1, 101, 1_001, None]),
                start,
                begins_here,
                fragments=asker.is_likely(0.5),
                keys=asker.is_likely(0.5),
                forwards=asker.is_likely(0.1),
                skipped=chance.choice([0, 0, 0, 7]),
            )


@pytest.mark.parametrize("dataset", DATASETS, ids=lambda dataset: dataset.name)
@pytest.mark.usefixtures("kept")
def test_it_is_the_one_that_is_written_anew(dataset: Dataset, edition: Edition) -> None:
    asker = Asker(dataset, edition.rows[dataset.name], random.Random(dataset.name))
    asked = 0
    for _ in range(QUESTIONS):
        query = parse_query(dataset, asker.pairs())
        if query.is_ranked:
            continue
        for page in pages(asker, query):
            for dialect in Dialect:
                question = Question(dialect, query, asker.chance.choice([1, 2, 2**31 - 1]))
                columns = COLUMNS[: asker.chance.choice([1, 2])]
                once, again = (select_rows(question, columns, page) for _ in range(2))
                assert once == again == select_page(question, columns, page)
                asked += 1

    assert asked > 2 * QUESTIONS


def ask(pairs: str, release: int = 1) -> Question[Query]:
    told = tuple(tuple(pair.split("=")) for pair in pairs.split("&"))
    return Question(Dialect.SQLITE, parse_query(OBSERVATIONS, told), release)  # type: ignore[arg-type]


def first_page(question: Question[Query], limit: int = 3) -> Clause:
    [(segment, begins_here)] = page_segments(question.query, None)
    return select_rows(question, COLUMNS, Page(segment, limit, None, begins_here))


@pytest.mark.usefixtures("kept")
def test_it_is_written_once_for_questions_that_differ_in_values(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first_page(ask("topic=legal_aid&year=2023"))

    def write_nothing(*_: object) -> Clause:
        raise AssertionError

    monkeypatch.setattr(prepared, "select_page", write_nothing)
    other = first_page(ask("topic=enforcement&year=2022"), 9)
    assert other.values == ("enforcement", 2022, 1, 1, 1, 9)
    for different in (ask("topic=legal_aid"), ask("topic=legal_aid&year=2023", release=2)):
        with pytest.raises(AssertionError):
            first_page(different)

"""Name/value pairs → Query. Pure, driven by the dataset's description."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from opendata_api.describe import Dataset, Field
from opendata_api.errors import Fault, InvalidValue, Pairs, QueryError
from opendata_api.query.faults import Mistakes
from opendata_api.query.group_reading import GroupReading
from opendata_api.query.groups import (
    BY,
    GROUPS_MAX,
    GroupQuery,
    aggregate_parameters,
    facet_parameters,
    key_names,
)
from opendata_api.query.model import Query
from opendata_api.query.parameters import (
    HITS_MAX,
    PAGE_LIMIT,
    PAGE_LIMIT_MAX,
    RECORD_PARAMETERS,
    SEARCH,
    SEARCH_PARAMETERS,
    Parameters,
    list_parameters,
    with_needed,
)
from opendata_api.query.reading import Reading
from opendata_api.words import Lang, Text

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Choice:
    """What an address without rows lets a caller choose."""

    release: int | None = None
    lang: Lang | None = None
    url: str | None = None
    since: int | None = None
    limit: int | None = None
    page: int | None = None

    @property
    def canonical(self) -> Pairs:
        """Its parameters sorted, without defaults and without the language."""
        given = {
            "limit": None if self.limit == PAGE_LIMIT else self.limit,
            "page": None if self.page == 1 else self.page,
            "release": self.release,
            "since": self.since or None,
        }
        return tuple((name, str(value)) for name, value in given.items() if value is not None)


def parse_query(dataset: Dataset, pairs: Pairs, limit_max: int = PAGE_LIMIT_MAX) -> Query:
    """The query that the pairs ask of a list, every pair accounted for.

    Raises a QueryError that names all faults and carries the pairs of a query that works.
    """

    def read(pairs: Pairs) -> tuple[Query, Mistakes]:
        reading = Reading(list_parameters(dataset), dataset, limit_max=limit_max)
        reading.take(pairs)
        return reading.query(dataset), reading.mistakes

    return _parse(read, pairs)


def parse_record_query(dataset: Dataset, pairs: Pairs) -> Query:
    """The query that the pairs ask of one record. Raises as parse_query."""

    def read(pairs: Pairs) -> tuple[Query, Mistakes]:
        reading = Reading(RECORD_PARAMETERS, dataset)
        reading.take(pairs)
        return reading.query(dataset), reading.mistakes

    return _parse(read, pairs)


def parse_search(datasets: Sequence[Dataset], pairs: Pairs) -> Sequence[Query]:
    """The query that the pairs ask of each dataset. Raises as parse_query, and without `q`."""

    def read(pairs: Pairs) -> tuple[Sequence[Query], Mistakes]:
        readings = [Reading(SEARCH_PARAMETERS, dataset, limit_max=HITS_MAX) for dataset in datasets]
        for reading in readings:
            reading.take(pairs)
        queries = [reading.query(one) for reading, one in zip(readings, datasets, strict=True)]
        return queries, readings[0].mistakes

    queries = _parse_needing(SEARCH_PARAMETERS, read, pairs)
    if not queries[0].words:
        fault = Fault(Text("请给出要检索的词", "say what to search for"), parameter=SEARCH.name)
        raise InvalidValue(fault, correction=with_needed(pairs, SEARCH_PARAMETERS))
    return [replace(query, fields=_texts(query.dataset)) for query in queries]


def _texts(dataset: Dataset) -> tuple[Field, ...]:
    """What a hit shows: the id and the texts that are searched."""
    return (dataset.field["id"], *dataset.searched)


def parse_groups(dataset: Dataset, pairs: Pairs) -> GroupQuery:
    """The aggregates that the pairs ask for. Raises as parse_query."""

    def read(pairs: Pairs) -> tuple[GroupQuery, Mistakes]:
        reading = GroupReading(aggregate_parameters(dataset), dataset, limit_max=GROUPS_MAX)
        reading.take(pairs)
        return reading.groups(dataset), reading.mistakes

    return _parse(read, pairs)


def parse_facets(dataset: Dataset, pairs: Pairs) -> GroupQuery:
    """The facets that the pairs ask for. Raises as parse_query, and where `by` is missing."""
    parameters = facet_parameters(dataset)

    def read(pairs: Pairs) -> tuple[GroupQuery, Mistakes]:
        reading = GroupReading(parameters, dataset, limit_max=GROUPS_MAX)
        reading.take(pairs)
        return reading.facets(dataset), reading.mistakes

    query = _parse_needing(parameters, read, pairs)
    if not query.keys:
        message = Text("须写明按哪些字段计数", "say which fields to count by")
        fault = Fault(message, parameter=BY.name, allowed=key_names(dataset))
        raise InvalidValue(fault, correction=with_needed(pairs, parameters))
    return query


def parse_choice(parameters: Parameters, pairs: Pairs) -> Choice:
    """What the pairs choose at an address without rows. Raises as parse_query."""

    def read(pairs: Pairs) -> tuple[Choice, Mistakes]:
        reading = Reading(parameters)
        reading.take(pairs)
        choice = Choice(
            reading.release,
            reading.lang,
            reading.url,
            reading.since,
            reading.limit,
            reading.page,
        )
        return choice, reading.mistakes

    return _parse(read, pairs)


def _parse(read: Callable[[Pairs], tuple[Result, Mistakes]], pairs: Pairs) -> Result:
    result, mistakes = read(pairs)
    if mistakes.found:
        raise mistakes.error(_corrected(read, pairs, mistakes))
    return result


def _parse_needing(
    parameters: Parameters, read: Callable[[Pairs], tuple[Result, Mistakes]], pairs: Pairs
) -> Result:
    """As _parse; what it offers has the parameters that the address needs."""
    try:
        return _parse(read, pairs)
    except QueryError as error:
        error.correction = with_needed(error.correction or (), parameters)
        raise


def _corrected(
    read: Callable[[Pairs], tuple[Result, Mistakes]], pairs: Pairs, mistakes: Mistakes
) -> Pairs:
    """Pairs that work: mended where the meaning is plain, else without the faulty ones."""
    mended = mistakes.repaired(pairs)
    mended = read(mended)[1].repaired(mended)  # what the first fault of a pair had hidden
    while (left := read(mended)[1]).found:
        mended = left.dropped(mended)
    return mended

"""Laws of facets and aggregates: whatever is asked, the answer is what plain Python gives."""

import json
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import combinations
from typing import Any

import pytest
from conftest import IS_WHOLE, at_folder, at_postgres
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from plain_groups import Figure, as_figures, plain_facets, plain_groups, reasons
from postgres_server import PostgresServer
from test_laws import make_rows

from opendata_api.datasets import DATASETS, OBSERVATIONS, SERVICE_COUNTS
from opendata_api.describe import EQ, ISNULL, Dataset, Type
from opendata_api.errors import NotAdditive
from opendata_api.publish import make_edition
from opendata_api.query import (
    Condition,
    DimensionCondition,
    GroupQuery,
    Key,
    aggregates_of,
    parse_facets,
    parse_groups,
)
from opendata_api.query.groups import group_keys
from opendata_api.seed import Seed
from opendata_api.settings import Settings
from opendata_api.store.model import Edition, Store
from opendata_api.store.place import make_store, write_release
from opendata_api.values import Row, to_stored
from opendata_api.web.app import Application

SETTINGS = settings(
    max_examples=200 if IS_WHOLE else 80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors],
)
ROWS = 120
ODD = 0.05
"""So often something is other than it mostly is."""
BODIES = ("cn450203", "cn450204", "cn450203-sfj", "cn450203-gaj", "cn450200", "cn450000")
BIG = Decimal("9223372036854.775807")
VALUES = (Decimal(0), Decimal("0.000001"), Decimal("-4.8"), Decimal(206), Decimal(13), BIG, -BIG)
PERIODS: tuple[Any, ...] = (
    (date(2023, 1, 1), date(2023, 12, 31)),
    (date(2023, 1, 1), date(2023, 6, 30)),
    (date(2023, 7, 1), date(2023, 12, 31)),
    (date(2023, 3, 1), None),
    (None, date(2023, 3, 31)),
    (None, None),
)
WEIGHED: Mapping[str, tuple[str, ...]] = {
    "role": ("actual", "target"),
    "basis": ("total", "per_body"),
    "period_kind": ("flow", "stock", "cumulative", "unknown"),
    "status": ("as_printed", "corrected", "ambiguous"),
}


def make_figures() -> list[Row]:
    """Rows in which every rule is broken by some and kept by many."""
    chance = random.Random(11)
    figures = [
        _figure(number, row, chance)
        for number, row in enumerate(as_figures(OBSERVATIONS, make_rows(OBSERVATIONS) * 2), 1)
    ][:ROWS]
    ids = [figure["id"] for figure in figures]
    for figure in chance.sample(figures, 10):
        figure["part_of"] = chance.choice(ids)
    for one, other in zip(*[iter(chance.sample(figures, 8))] * 2, strict=True):
        one["same_as"], other["same_as"] = f'["{other["id"]}"]', f'["{one["id"]}"]'
    return [tuple(figure[field.name] for field in OBSERVATIONS.stored) for figure in figures]


def _figure(number: int, row: Figure, chance: random.Random) -> dict[str, Any]:
    """Most figures could be added to others of their metric; each may break a rule or more."""
    value = to_stored(Type.DECIMAL, chance.choice(VALUES))
    low, high = chance.choice([(value, value)] * 3 + [(value, None), (None, value), (None, None)])
    year = 2023 - number % 2
    start, end = date(year, 1, 1), date(year, 12, 31)
    if chance.random() < ODD:
        start, end = chance.choice(PERIODS)
    body = chance.choice(BODIES if chance.random() < ODD else BODIES[:2])
    metric = chance.choice(["m1", "m1", "m3", "m2"])
    plain = {name: codes[0] for name, codes in WEIGHED.items()}
    odd = {name: chance.choice(codes) for name, codes in WEIGHED.items() if chance.random() < ODD}
    return {
        **row,
        **plain,
        **odd,
        "id": f"{body}-{year}-rol-o{number:03d}",
        "metric": metric,
        "unit": {"m1": "case", "m2": "percent", "m3": "case"}[metric],
        "body_id": body,
        "area_code": body[2:8],
        "year": year,
        "period_start": to_stored(Type.DATE, start),
        "period_end": to_stored(Type.DATE, end),
        "value": None if chance.random() < ODD else value,
        "value_min": low,
        "value_max": high,
        "dimensions": f'{{"scope":"s{number % 110}"}}'
        if chance.random() > ODD
        else chance.choice(["{}", '{"scope":"total"}', '{"level":"own"}']),
        "part_of": None,
        "same_as": "[]",
    }


MADE_UP = make_figures()


@pytest.fixture(scope="session")
def made_up_places(
    tmp_path_factory: pytest.TempPathFactory, postgres: PostgresServer
) -> Mapping[str, Settings]:
    """The same made-up figures as release 1 in each database."""
    rows: dict[str, list[Row]] = {dataset.name: [] for dataset in DATASETS}
    rows["observations"] = MADE_UP
    postgres.create_database("group_laws", template="migrated")
    places = {
        "sqlite": at_folder(tmp_path_factory.mktemp("group_laws")),
        "postgres": at_postgres(postgres, "group_laws"),
    }
    for settings_ in places.values():
        write_release(settings_, DATASETS, Edition(rows, []), datetime(2026, 1, 1, tzinfo=UTC))
    return places


@pytest.fixture
async def store(database: str, made_up_places: Mapping[str, Settings]) -> AsyncIterator[Store]:
    opened = make_store(made_up_places[database])
    await opened.open()
    yield opened
    await opened.close()


@pytest.fixture(scope="session")
def real(seed: Seed) -> Mapping[str, Sequence[Figure]]:
    edition = make_edition(seed)
    return {one.name: as_figures(one, edition.rows[one.name]) for one in DATASETS}


CHOSEN = ("metric", "role", "basis", "period_kind", "status")


@st.composite
def questions(
    draw: st.DrawFn, dataset: Dataset, figures: Sequence[Figure], *, is_of_facets: bool = False
) -> GroupQuery:
    """A question whose filters some figure meets; often enough one that makes sense."""
    like = draw(st.sampled_from(figures))
    names = st.one_of(
        st.just(CHOSEN),
        st.lists(st.sampled_from(CHOSEN), max_size=5, unique=True),
    )
    conditions = [
        Condition(dataset.field[name], EQ, (like[name],))
        for name in draw(names)
        if name in dataset.field and EQ in dataset.field[name].about.operators
    ]
    if "part_of" in dataset.field and draw(st.booleans()):
        conditions.append(Condition(dataset.field["part_of"], ISNULL, (1,)))
    if draw(st.booleans()):
        conditions = draw(some_ids(dataset, figures, like))
    asked = parse_facets if is_of_facets else parse_groups
    plain = asked(dataset, (("by", dataset.groupable[0]),) if is_of_facets else ())
    count, *others = aggregates_of(dataset).values()
    functions = st.lists(st.sampled_from(others or [count]), min_size=1, max_size=4, unique=True)
    is_counted = draw(st.booleans())
    also = [count] if others and is_counted else []
    keys = st.sampled_from(key_names(dataset, figures))
    grouping = draw(st.lists(keys, max_size=draw(st.sampled_from([0, 1, 2, 6])), unique=True))
    return GroupQuery(
        dataset=dataset,
        conditions=tuple(conditions),
        dimensions=draw(dimension_conditions(dataset, like)),
        sort=plain.sort,
        fields=plain.fields,
        limit=draw(st.one_of(st.none(), st.integers(1, 5))),
        keys=tuple(key(dataset, name) for name in grouping) or (plain.keys if is_of_facets else ()),
        aggregates=() if is_of_facets else (*draw(functions), *also),
    )


def some_ids(
    dataset: Dataset, figures: Sequence[Figure], like: Figure
) -> st.SearchStrategy[list[Condition]]:
    """Up to six ids, of any figures or of some that are alike."""
    alike = [one for one in figures if all(one.get(name) == like.get(name) for name in CHOSEN)]
    known = st.sampled_from([figures, alike, alike]).flatmap(st.sampled_from)
    ids = st.lists(known.map(lambda one: one["id"]), min_size=1, max_size=6, unique=True)
    return ids.map(lambda given: [Condition(dataset.field["id"], EQ, tuple(sorted(given)))])


def dimension_conditions(
    dataset: Dataset, like: Figure
) -> st.SearchStrategy[tuple[DimensionCondition, ...]]:
    stated = as_dimensions(dataset, like)
    some = [DimensionCondition(name, (value,)) for name, value in stated.items()]
    return st.sampled_from([(), (), (), *((one,) for one in some)])


def as_dimensions(dataset: Dataset, figure: Figure) -> dict[str, str]:
    return dict(json.loads(figure["dimensions"])) if dataset.dimensions else {}


def key_names(dataset: Dataset, figures: Sequence[Figure]) -> list[str]:
    names = {name for figure in figures for name in as_dimensions(dataset, figure)}
    return [*dataset.groupable, *(f"dim:{name}" for name in sorted(names))]


def key(dataset: Dataset, name: str) -> Key:
    known = group_keys(dataset)
    return known[name] if name in known else Key.of_dimension(name.removeprefix("dim:"))


async def check_groups(store: Store, query: GroupQuery, figures: Sequence[Figure]) -> None:
    """The groups are those of plain Python, or refused for as many reasons, with a way out."""
    why = reasons(query, figures)
    if not why:
        assert await store.groups(query, 1) == plain_groups(query, figures)
        return
    with pytest.raises(NotAdditive) as caught:
        await store.groups(query, 1)
    assert len(caught.value.faults) == len(why), (why, caught.value)
    mended = parse_groups(query.dataset, caught.value.correction or ())
    assert not reasons(mended, figures)
    assert await store.groups(mended, 1) == plain_groups(mended, figures)


@SETTINGS
@given(query=questions(OBSERVATIONS, as_figures(OBSERVATIONS, MADE_UP)))
async def test_made_up_figures_are_computed_as_in_plain_python(
    store: Store, query: GroupQuery
) -> None:
    await check_groups(store, query, as_figures(OBSERVATIONS, MADE_UP))


@pytest.mark.untraced
@SETTINGS
@given(query=questions(OBSERVATIONS, as_figures(OBSERVATIONS, MADE_UP), is_of_facets=True))
async def test_made_up_figures_are_counted_as_in_plain_python(
    store: Store, query: GroupQuery
) -> None:
    assert await store.facets(query, 1) == plain_facets(query, as_figures(OBSERVATIONS, MADE_UP))


@pytest.mark.untraced
@SETTINGS
@given(data=st.data(), dataset=st.sampled_from([OBSERVATIONS, OBSERVATIONS, SERVICE_COUNTS]))
async def test_real_figures_are_computed_as_in_plain_python(
    service: Application,
    real: Mapping[str, Sequence[Figure]],
    data: st.DataObject,
    dataset: Dataset,
) -> None:
    query = data.draw(questions(dataset, real[dataset.name]))

    await check_groups(service.site.store, query, real[dataset.name])


async def test_the_figures_of_each_metric_are_computed_as_in_plain_python(
    service: Application, real: Mapping[str, Sequence[Figure]]
) -> None:
    figures = real["observations"]
    asked = ",".join(aggregates_of(OBSERVATIONS))
    seen = set()
    for metric in sorted({figure["metric"] for figure in figures}):
        own = [figure for figure in figures if figure["metric"] == metric]
        names = {name for figure in own for name in as_dimensions(OBSERVATIONS, figure)}
        for grouping in ("", *(f"dim:{name}" for name in sorted(names))):
            pairs = (("metric", metric), ("agg", asked), ("group_by", grouping))
            query = parse_groups(OBSERVATIONS, pairs if grouping else pairs[:2])
            await check_groups(service.site.store, query, figures)
            seen.add((len(own) > 1, bool(reasons(query, figures))))

    assert seen == {(False, False), (True, False), (True, True)}


async def test_no_two_service_counts_are_added(
    service: Application, real: Mapping[str, Sequence[Figure]]
) -> None:
    ids = [figure["id"] for figure in real["service-counts"]]

    for pair in combinations(ids, 2):
        query = parse_groups(
            SERVICE_COUNTS, (*(("id", one) for one in pair), ("agg", "sum:value,avg:value"))
        )
        with pytest.raises(NotAdditive):
            await service.site.store.groups(query, 1)


@pytest.mark.untraced
@SETTINGS
@given(data=st.data(), dataset=st.sampled_from(DATASETS))
async def test_real_records_of_every_dataset_are_counted_as_in_plain_python(
    service: Application,
    real: Mapping[str, Sequence[Figure]],
    data: st.DataObject,
    dataset: Dataset,
) -> None:
    query = data.draw(questions(dataset, real[dataset.name], is_of_facets=True))

    assert await service.site.store.facets(query, 1) == plain_facets(query, real[dataset.name])


@SETTINGS
@given(query=questions(OBSERVATIONS, as_figures(OBSERVATIONS, MADE_UP)))
def test_a_question_is_read_back_from_its_canonical_parameters(query: GroupQuery) -> None:
    again = parse_groups(OBSERVATIONS, query.canonical)

    assert (again.canonical, again.keys) == (query.canonical, query.keys)
    assert again.aggregates == query.aggregates

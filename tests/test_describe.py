"""A dataset that can't be served is refused when the program starts."""

from dataclasses import replace
from typing import Annotated

import pytest

from opendata_api.datasets import AREAS, DATASETS, OBSERVATIONS
from opendata_api.describe import (
    CONTAINS,
    ISNULL,
    About,
    BadDescription,
    Column,
    Record,
    Type,
    area_of,
)
from opendata_api.measure import holders
from opendata_api.query import list_parameters
from opendata_api.words import Text

TITLE = Text("题", "Title")
ABOUT = About(TITLE, TITLE, Type.TEXT, None)


class Dunder(Record):
    a__b: Annotated[str, ABOUT]


class Reserved(Record):
    sort: Annotated[str, ABOUT]


class Bare(Record):
    name: str


class NeverNull(Record):
    name: Annotated[str, About(TITLE, TITLE, Type.TEXT, None, operators=(ISNULL,))]


class Unindexed(Record):
    id: Annotated[str, About(TITLE, TITLE, Type.TEXT, None, operators=(CONTAINS,))]


class Silent(Record):
    id: Annotated[str, ABOUT]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        (Dunder, "a field can't be named 'a__b'"),
        (Reserved, "a field can't be named 'sort'"),
        (Bare, "Bare.name is not described"),
        (NeverNull, "NeverNull.name is never null"),
    ],
)
def test_a_field_that_no_query_could_name_is_refused(model: type[Record], message: str) -> None:
    with pytest.raises(BadDescription, match=message):
        replace(AREAS, model=model, columns=())


def test_a_column_of_no_field_is_refused() -> None:
    with pytest.raises(BadDescription, match="no field for the column 'nix'"):
        replace(AREAS, columns=(Column("nix", TITLE),))


def test_what_is_looked_for_in_a_field_must_be_indexed() -> None:
    with pytest.raises(BadDescription, match="areas: id is not in the search index"):
        replace(AREAS, model=Unindexed)
    with pytest.raises(BadDescription, match="areas: no field is searched"):
        replace(AREAS, model=Silent)


@pytest.mark.parametrize("part", ["identity", "names", "derived"])
def test_parts_of_no_field_are_refused(part: str) -> None:
    with pytest.raises(BadDescription, match="areas: no field is named 'value'"):
        replace(AREAS, **{part: ("value",)})  # type: ignore[arg-type]


def test_a_measure_of_no_field_is_refused() -> None:
    with pytest.raises(BadDescription, match="no field is named 'value'"):
        replace(AREAS, measure=OBSERVATIONS.measure)


@pytest.mark.parametrize(
    ("body", "above"),
    [
        ("cn450203-sfj", ["cn450203", "cn450000", "cn450200"]),
        ("cn450203", ["cn450000", "cn450200"]),
        ("cn450200", ["cn450000"]),
        ("cn450000-sft", ["cn450000"]),
        ("cn450000", []),
        ("450203", []),
    ],
)
def test_an_id_of_a_body_says_whose_figures_may_contain_its_own(
    body: str, above: list[str]
) -> None:
    assert list(holders(body)) == above


@pytest.mark.parametrize(
    ("record_id", "area"),
    [
        ("cn450203-2023-rol-o042", "450203"),
        ("cn450203-sfj", "450203"),
        ("legal_aid_cases_assigned", ""),
        ("450203", ""),
    ],
)
def test_an_id_says_its_area(record_id: str, area: str) -> None:
    assert area_of(record_id) == area


def test_every_operator_has_a_suffix_and_words_of_its_own() -> None:
    operators = {one for dataset in DATASETS for _, one in dataset.filters}

    assert len({one.key for one in operators}) == len(operators) == 10
    assert all(one.words.zh and one.words.en for one in operators)


def test_no_list_takes_more_than_sixty_parameters() -> None:
    assert max(len(list_parameters(dataset)) for dataset in DATASETS) <= 60

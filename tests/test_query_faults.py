"""What is wrong with a query is told, all of it, with a query that works."""

import pytest

from opendata_api.datasets import METRICS, OBSERVATIONS
from opendata_api.errors import Pairs, QueryError
from opendata_api.query import RELEASE_PARAMETERS, Cursor, parse_choice, parse_query
from opendata_api.query.reading import Reading


def refused(pairs: Pairs) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse_query(OBSERVATIONS, pairs)
    return caught.value


@pytest.mark.parametrize(
    ("pairs", "codes", "correction"),
    [
        ((("yaer", "2023"),), ["unknown-parameter"], (("year", "2023"),)),
        ((("offset", "5"),), ["unknown-parameter"], ()),
        ((("limit", "5000"),), ["out-of-range"], (("limit", "1000"),)),
        ((("limit", "0"),), ["out-of-range"], ()),
        ((("sort", "-yaer,metric"),), ["unknown-field"], (("sort", "-year,metric"),)),
        ((("sort", "quote"),), ["invalid-sort"], ()),
        ((("fields", "id,valeu"),), ["unknown-field"], (("fields", "id,value"),)),
        ((("fields", "id,id"),), ["invalid-value"], (("fields", "id"),)),
        ((("year__lt", "1"), ("year__lt", "2")), ["duplicate-parameter"], (("year__lt", "1"),)),
        ((("metric", "a\x01b"),), ["invalid-value"], ()),
        ((("value", "1e101"),), ["out-of-range"], ()),
        ((("value__gte", "2,307,000,000"),), ["invalid-value"], (("value__gte", "2307000000"),)),
        ((("value__gte", "２３.０７"),), ["invalid-value"], (("value__gte", "23.07"),)),
        ((("value", " −4.8"),), ["invalid-value"], (("value", "-4.8"),)),
        ((("year__gte", "２０２３"),), ["invalid-value"], (("year__gte", "2023"),)),
        ((("year__in", "２０２３,2024"),), ["invalid-value"], (("year__in", "2023,2024"),)),
        ((("year__in", "２０２３,x"),), ["invalid-value"], ()),
        ((("value", "2,30"),), ["invalid-value"], ()),
        ((("limit", "１０"),), ["invalid-value"], (("limit", "10"),)),
        ((("value", "0.0000001"),), ["out-of-range"], ()),
        ((("value", "1" * 41),), ["out-of-range"], ()),
        ((("dim", "scope"),), ["invalid-value"], ()),
        (tuple(("dim", f"scope:{n}") for n in range(101)), ["too-many-values"], None),
        ((("note_zh", "x"),), ["unknown-operator"], ()),
        ((("year__like", "x"),), ["unknown-operator"], ()),
        ((("lang", "fr"),), ["invalid-value"], ()),
    ],
)
def test_a_mistake_has_its_code_and_its_correction(
    pairs: Pairs, codes: list[str], correction: Pairs | None
) -> None:
    error = refused(pairs)

    assert [error.code] == codes
    if correction is not None:
        assert error.correction == correction
    assert parse_query(OBSERVATIONS, error.correction or ()) is not None


def test_all_mistakes_are_told_at_once() -> None:
    error = refused((("yaer", "2023"), ("limit", "x"), ("sort", "nix")))

    assert [fault.parameter for fault in error.faults] == ["yaer", "limit", "sort"]
    assert error.faults[0].message.zh == "不存在参数“yaer”"
    assert error.faults[0].did_you_mean == "year"
    assert error.correction == (("year", "2023"),)


def test_a_cursor_fits_its_query_only() -> None:
    query = parse_query(OBSERVATIONS, (("sort", "period_end"),))
    good = Cursor(1, query.digest, backwards=False, keys=(None, "cn450203-2023-rol-o001"))
    bad = [
        Cursor(0, query.digest, backwards=False, keys=good.keys),
        Cursor(1, query.digest, backwards=1, keys=good.keys),  # type: ignore[arg-type]
        Cursor(1, query.digest, backwards=False, keys=("2023-01-01",)),
        Cursor(1, query.digest, backwards=False, keys=(7, "x")),
        Cursor(1, query.digest, backwards=False, keys=("2023-01-01", "a\0b")),
        Cursor(1, query.digest, backwards=False, keys=("2023-01-01", None)),
        Cursor(1, "0" * 16, backwards=False, keys=good.keys),
    ]

    assert (
        parse_query(OBSERVATIONS, (("sort", "period_end"), ("cursor", good.encode()))).cursor
        == good
    )
    for cursor in bad:
        error = refused((("sort", "period_end"), ("cursor", cursor.encode())))
        assert error.code == "invalid-cursor"
        assert error.correction == (("sort", "period_end"),)


@pytest.mark.parametrize("keys", [(True, "x"), (2**63, "x"), ("206", "x")])
def test_a_cursor_s_numbers_are_numbers_of_64_bits(keys: tuple[int, str]) -> None:
    query = parse_query(OBSERVATIONS, (("sort", "value"),))
    cursor = Cursor(1, query.digest, backwards=False, keys=keys)

    assert refused((("sort", "value"), ("cursor", cursor.encode()))).code == "invalid-cursor"


def test_an_address_without_rows_takes_few_parameters() -> None:
    assert parse_choice(RELEASE_PARAMETERS, (("release", "2"), ("lang", "en"))).release == 2
    with pytest.raises(QueryError) as caught:
        parse_choice(RELEASE_PARAMETERS, (("year", "2023"), ("release", "1")))
    assert caught.value.correction == (("release", "1"),)


def test_fields_and_sort_need_a_dataset() -> None:
    reading = Reading({"fields": RELEASE_PARAMETERS["lang"]})

    with pytest.raises(TypeError):
        reading.take((("fields", "id"),))


def test_a_sort_by_id_ends_the_order() -> None:
    query = parse_query(METRICS, (("sort", "-id,topic"),))

    assert query.canonical == (("sort", "-id"),)


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        (("yaer", "2023"), "there is no parameter “yaer”"),
        (("year__like", "x"), "the field “year” has no operator “like”"),
        (("sort", "quote"), "rows can't be sorted by “quote”"),
        (("sort", "nothing"), "there is no field “nothing”"),
    ],
)
def test_names_are_quoted_in_one_way(pair: tuple[str, str], told: str) -> None:
    assert [fault.message.en for fault in refused((pair,)).faults] == [told]

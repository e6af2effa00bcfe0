"""Values as rows keep them: exact, 64 bits, or refused."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendata_api.describe import Type
from opendata_api.values import (
    INT_MAX,
    INT_MIN,
    EncodedRows,
    NotStorable,
    print_decimal,
    scale_decimal,
    to_stored,
)


@given(st.integers(INT_MIN, INT_MAX))
def test_a_decimal_is_printed_so_that_it_reads_back(scaled: int) -> None:
    assert scale_decimal(Decimal(print_decimal(scaled))) == scaled


@pytest.mark.parametrize(
    ("value", "printed"),
    [("2307000000", "2307000000"), ("-4.80", "-4.8"), ("-0", "0"), ("0.000001", "0.000001")],
)
def test_decimals_have_no_exponent_and_no_idle_zeros(value: str, printed: str) -> None:
    assert print_decimal(scale_decimal(Decimal(value))) == printed


@pytest.mark.parametrize(
    "value",
    ["0.0000001", "9223372036854.775808", "-9223372036854.775809", "1." + "0" * 39 + "1"],
)
def test_a_decimal_that_does_not_fit_is_refused(value: str) -> None:
    with pytest.raises(NotStorable):
        scale_decimal(Decimal(value))


@pytest.mark.parametrize("value", [INT_MAX + 1, INT_MIN - 1])
def test_an_integer_beyond_64_bits_is_refused(value: int) -> None:
    with pytest.raises(NotStorable):
        to_stored(Type.INTEGER, value)


def test_figures_keep_their_decimals_exact() -> None:
    assert to_stored(Type.FIGURES, [{"value": Decimal("4.80")}]) == '[{"value":4.8}]'


def test_encoded_rows_are_rows_of_one_text() -> None:
    rows = EncodedRows([b"a", "汉".encode(), b"c"])

    assert list(rows) == [("a",), ("汉",), ("c",)]
    assert (len(rows), rows[-1], rows[::-1]) == (
        3,
        ("c",),
        EncodedRows([b"c", "汉".encode(), b"a"]),
    )
    assert not EncodedRows([])

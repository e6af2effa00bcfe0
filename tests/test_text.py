"""Figures, sentences and sections of Chinese reports."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from opendata_api.text import Span, bounds_of, mask, read_figure, read_number, split_sentences


@pytest.mark.parametrize(
    ("words", "value", "qualifier", "unit"),
    [
        ("206件", "206", "unqualified", "件"),
        ("960余人次", "960", "more_than", "人次"),
        ("23.07亿元", "2307000000", "unqualified", "亿元"),
        ("31.89万元", "318900", "unqualified", "万元"),
        ("3万余人", "30000", "more_than", "万人"),
        ("超过93%", "93", "more_than", "%"),
        ("不少于3次", "3", "at_least", "次"),
        ("近百户", "100", "nearly", "户"),
        ("约50人", "50", "about", "人"),
        ("下降94.1%", "-94.1", "unqualified", "%"),
        ("增长5%", "5", "unqualified", "%"),
        ("五次", "5", "unqualified", "次"),
        ("两镇", "2", "unqualified", "镇"),
        ("十二个", "12", "unqualified", "个"),
        ("一千二百零三件", "1203", "unqualified", "件"),
        ("11条均对标核查整改", "11", "all_stated", "条"),
        ("5件，均按时备案", "5", "all_stated", "件"),
        ("１２．５万元", "125000", "unqualified", "万元"),
        ("下降近5%", "-5", "nearly", "%"),
    ],
)
def test_a_printed_figure_gives_value_and_sign(
    words: str, value: str, qualifier: str, unit: str
) -> None:
    figure = read_figure(words)

    assert figure is not None
    assert (figure.value, figure.qualifier) == (Decimal(value), qualifier)
    assert figure.printed_unit == unit


@pytest.mark.parametrize(("words", "counter"), [("无一件", "件"), ("未发生", None)])
def test_a_negation_is_zero_and_prints_no_number(words: str, counter: str | None) -> None:
    figure = read_figure(words)

    assert figure is not None
    assert (figure.value, figure.qualifier) == (Decimal(0), "zero_by_negation")
    assert (figure.printed_value, figure.counter) == (None, counter)


@pytest.mark.parametrize("words", ["", "全年", "206件和17件", "件206", "均为100%"])
def test_other_words_state_no_figure(words: str) -> None:
    assert read_figure(words) is None


@pytest.mark.parametrize("words", ["两三次", "一百五件", "二〇二三件", "十百件", "五十百件"])
def test_characters_that_can_be_read_in_two_ways_state_no_figure(words: str) -> None:
    assert read_figure(words) is None


@pytest.mark.parametrize(
    ("characters", "number"),
    [
        *[("零", 0), ("十", 10), ("二十", 20), ("百", 100), ("一百零五", 105), ("一百一十", 110)],
        *[("两千", 2000), ("三千零六", 3006), ("三千零一十", 3010), ("九千九百九十九", 9999)],
    ],
)
def test_characters_are_read_as_numbers(characters: str, number: int) -> None:
    assert read_number(characters) == number


def test_digits_are_read_exactly() -> None:
    assert read_number("0.10") == Decimal("0.10")


@pytest.mark.parametrize(
    ("qualifier", "low", "high"),
    [
        ("unqualified", 7, 7),
        ("all_stated", 7, 7),
        ("zero_by_negation", 7, 7),
        ("more_than", 7, None),
        ("at_least", 7, None),
        ("nearly", None, 7),
        ("about", None, None),
    ],
)
def test_bounds_say_no_more_than_the_words(
    qualifier: str, low: int | None, high: int | None
) -> None:
    assert bounds_of(Decimal(7), qualifier) == (low, high)


@pytest.mark.parametrize(
    ("qualifier", "low", "high"),
    [("unqualified", -7, -7), ("more_than", None, -7), ("nearly", -7, None), ("about", None, None)],
)
def test_a_fall_of_more_than_7_is_at_most_minus_7(
    qualifier: str, low: int | None, high: int | None
) -> None:
    assert bounds_of(Decimal(-7), qualifier) == (low, high)


def test_sections_are_named_by_their_markers() -> None:
    text = " 开头。\n一、成效\n（二）能力\n一是甲。乙；丙。二是丁。\n自己。\n二、问题\n戊\n"

    found = [(one.section, one.span.of(text), one.is_heading) for one in split_sentences(text)]

    assert found == [
        (None, "开头。", False),
        ("一", "一、成效", True),
        ("一（二）", "（二）能力", True),
        ("一（二）一是", "一是甲。", False),
        ("一（二）一是", "乙；", False),
        ("一（二）一是", "丙。", False),
        ("一（二）二是", "二是丁。", False),
        ("一（二）", "自己。", False),
        ("二", "二、问题", True),
        ("二", "戊", False),
    ]


@given(st.text(alphabet=st.sampled_from("甲乙 。；！？\n\t　一、（二）是\U00020000"), max_size=60))
def test_every_character_but_blanks_is_in_one_sentence(text: str) -> None:
    places = [
        place for one in split_sentences(text) for place in range(one.span.start, one.span.end)
    ]

    assert len(places) == len(set(places))
    assert {place for place, one in enumerate(text) if not one.isspace()} <= set(places)


def test_blanks_around_a_sentence_are_not_part_of_it() -> None:
    text = "  一 。 二\u3000\n"

    assert [one.span.of(text) for one in split_sentences(text)] == ["一 。", "二"]


def test_a_mask_is_as_long_as_what_it_hides() -> None:
    assert mask("甲乙丙丁", [Span(1, 3)]) == "甲＊＊丁"

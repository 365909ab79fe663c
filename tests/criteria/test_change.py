"""Targets set on the change against the year before: a rise, a fall, a range of either."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from criteria.rules import (
    BETWEEN,
    EQ,
    GE,
    GT,
    LE,
    LT,
    Measured,
    Rule,
    Verdict,
    bound_of,
    change_words,
    is_weaker,
    judge,
    mark_of,
    shortfall,
    shown_digits,
    target_text,
)

OPERATORS = [GE, GT, LE, LT, EQ, BETWEEN]
BASES = ["rise", "fall", "rise_percent", "fall_percent"]
amounts = st.integers(0, 20000).map(lambda n: Decimal(n) / 100)
shares = st.tuples(st.integers(0, 1000), st.integers(1, 1000))


def pair(numerator: int, denominator: int) -> Measured:
    return Measured(Decimal(numerator), Decimal(denominator))


def number(value: str) -> Measured:
    return Measured(value=Decimal(value))


def rule(basis: str, operator: str, value: str, to: str | None = None) -> Rule:
    return Rule(operator, Decimal(value), Decimal(to) if to else None, basis=basis)


# --- by example -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("before", "now", "target", "verdict"),
    [
        (pair(60, 100), pair(65, 100), rule("rise", GE, "5"), Verdict.MET),
        (pair(60, 100), pair(6499, 10000), rule("rise", GE, "5"), Verdict.NOT_MET),
        (pair(60, 100), pair(65, 100), rule("rise", GT, "5"), Verdict.NOT_MET),
        (pair(60, 100), pair(65, 100), rule("rise", BETWEEN, "5", "10"), Verdict.MET),
        (pair(60, 100), pair(70, 100), rule("rise", BETWEEN, "5", "10"), Verdict.MET),
        (pair(60, 100), pair(71, 100), rule("rise", BETWEEN, "5", "10"), Verdict.NOT_MET),
        (pair(10, 100), pair(5, 100), rule("fall", GE, "5"), Verdict.MET),
        (pair(10, 100), pair(6, 100), rule("fall", GE, "5"), Verdict.NOT_MET),
        (pair(20, 100), pair(12, 100), rule("fall", BETWEEN, "5", "10"), Verdict.MET),
        (pair(20, 100), pair(9, 100), rule("fall", BETWEEN, "5", "10"), Verdict.NOT_MET),
        (pair(20, 100), pair(20, 100), rule("fall", GE, "0"), Verdict.MET),
        (pair(20, 100), pair(21, 100), rule("fall", GE, "0"), Verdict.NOT_MET),
        (number("200"), number("220"), rule("rise_percent", GE, "10"), Verdict.MET),
        (number("200"), number("219.9"), rule("rise_percent", GE, "10"), Verdict.NOT_MET),
        (number("200"), number("180"), rule("fall_percent", EQ, "10"), Verdict.MET),
        (number("3"), number("4"), rule("rise", EQ, "1"), Verdict.MET),
        (pair(60, 100), pair(66, 100), rule("rise_percent", GE, "10"), Verdict.MET),
        (pair(1, 3), pair(2, 3), rule("rise_percent", EQ, "100"), Verdict.MET),
    ],
)
def test_the_change_is_judged_exactly(
    before: Measured, now: Measured, target: Rule, verdict: Verdict
) -> None:
    assert judge(now, target, before) == verdict


@pytest.mark.parametrize("before", [None, Measured()])
def test_without_a_figure_before_nothing_is_judged(before: Measured | None) -> None:
    target = rule("rise", GE, "5")
    assert judge(pair(60, 100), target, before) == Verdict.NOT_JUDGED
    assert shortfall(pair(60, 100), target, before) is None
    assert mark_of(target, before) is None
    assert shown_digits(pair(60, 100), target, before) == 1


def test_where_no_number_of_digits_tells_there_are_as_few_as_ever() -> None:
    """A third is what was asked for, and is never written out."""
    assert shown_digits(pair(1, 3), rule("rise", EQ, "0"), pair(1, 3)) == 1


def test_there_is_no_per_cent_of_nought_but_there_are_points() -> None:
    assert judge(number("4"), rule("rise_percent", GE, "10"), number("0")) == Verdict.NOT_JUDGED
    assert judge(number("4"), rule("rise", GE, "4"), number("0")) == Verdict.MET


def test_the_shortfall_counts_up_to_the_level_that_the_change_amounts_to() -> None:
    missing = shortfall(pair(62, 100), rule("rise", GE, "5"), pair(60, 100))
    assert missing is not None
    assert missing.sentence("hồ sơ") == "thiếu 3 hồ sơ"
    over = shortfall(pair(9, 100), rule("fall", GE, "5"), pair(10, 100))
    assert over is not None
    assert over.sentence("vụ") == "vượt 4 vụ"


def test_a_chart_draws_the_level_that_the_change_amounts_to() -> None:
    assert mark_of(rule("rise", GE, "5"), pair(60, 100)) == 65
    assert mark_of(rule("rise_percent", GE, "10"), pair(1, 3)) == Decimal("36.6667")
    assert mark_of(rule("level", GE, "80"), None) == 80
    assert mark_of(None) is None


# --- against a slow, obvious reference ------------------------------------------------------------
def slow(
    before: Fraction, now: Fraction, basis: str, operator: str, low: Decimal, high: Decimal
) -> bool:
    change = now - before if basis.startswith("rise") else before - now
    if basis.endswith("percent"):
        change = change * 100 / before
    if operator == BETWEEN:
        return Fraction(low) <= change <= Fraction(high)
    if operator == EQ:
        return change == low
    if operator in (GE, GT):
        return change > low or (operator == GE and change == low)
    return change < low or (operator == LE and change == low)


@given(
    shares, shares, st.sampled_from(BASES), st.sampled_from(OPERATORS), st.tuples(amounts, amounts)
)
def test_judging_agrees_with_the_reference(
    before: tuple[int, int],
    now: tuple[int, int],
    basis: str,
    operator: str,
    bounds: tuple[Decimal, Decimal],
) -> None:
    low, high = sorted(bounds)
    target = Rule(operator, low, high if operator == BETWEEN else None, basis=basis)
    old, new = pair(*before), pair(*now)
    if basis.endswith("percent") and not before[0]:
        assert judge(new, target, old) == Verdict.NOT_JUDGED
        return
    assert old.exact is not None
    assert new.exact is not None
    hit = slow(old.exact, new.exact, basis, operator, low, high)
    assert judge(new, target, old) == (Verdict.MET if hit else Verdict.NOT_MET)


@given(shares, shares, st.sampled_from(BASES), st.sampled_from([GE, GT, LE, LT]), amounts)
def test_the_shortfall_is_exactly_enough(
    before: tuple[int, int], now: tuple[int, int], basis: str, operator: str, value: Decimal
) -> None:
    old, target = pair(*before), Rule(operator, value, basis=basis)
    missing = shortfall(pair(*now), target, old)
    if missing is None:
        assert judge(pair(*now), target, old) != Verdict.NOT_MET
        return
    step = int(missing.amount) * (-1 if missing.over else 1)
    assert judge(pair(now[0] + step, now[1]), target, old) == Verdict.MET
    almost = now[0] + step - (1 if step > 0 else -1)
    assert judge(pair(almost, now[1]), target, old) == Verdict.NOT_MET


@given(st.sampled_from(BASES), amounts, amounts, shares, shares)
def test_a_rise_not_weaker_holds_at_least_what_the_other_holds(
    basis: str, mine: Decimal, theirs: Decimal, before: tuple[int, int], now: tuple[int, int]
) -> None:
    below, above = Rule(GE, mine, basis=basis), Rule(GE, theirs, basis=basis)
    if is_weaker(below, above) is False and judge(pair(*now), below, pair(*before)) == Verdict.MET:
        assert judge(pair(*now), above, pair(*before)) == Verdict.MET


def test_a_rise_is_not_held_against_a_level() -> None:
    assert is_weaker(rule("rise", GE, "5"), rule("level", GE, "80")) is None


def test_a_level_needs_no_figure_before() -> None:
    bound = bound_of(rule("level", BETWEEN, "65", "70"))
    assert bound is not None
    assert (bound.value, bound.value_to) == (65, 70)
    assert bound_of(Rule("none")) is None


# --- words ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("target", "more", "words"),
    [
        (
            rule("rise", BETWEEN, "5", "10"),
            {},
            "tăng từ 5 đến 10 điểm phần trăm so với năm trước",
        ),
        (rule("rise", GE, "2.5"), {}, "tăng ít nhất 2,5 điểm phần trăm so với năm trước"),
        (rule("fall", GT, "3"), {}, "giảm trên 3 điểm phần trăm so với năm trước"),
        (rule("fall", LE, "3"), {}, "giảm không quá 3 điểm phần trăm so với năm trước"),
        (
            rule("rise", LT, "3"),
            {"kind": "quantity", "measure_unit": "ha"},
            "tăng dưới 3 ha so với năm trước",
        ),
        (
            rule("rise", EQ, "2"),
            {"kind": "count", "measure_unit": "mô hình"},
            "tăng đúng 2 mô hình so với năm trước",
        ),
        (
            rule("rise_percent", GE, "10"),
            {"kind": "quantity", "measure_unit": "ha"},
            "tăng ít nhất 10% so với năm trước",
        ),
        (rule("fall_percent", BETWEEN, "5", "10"), {}, "giảm từ 5 đến 10% so với năm trước"),
        (rule("rise", GE, "0"), {}, "không thấp hơn năm trước"),
        (rule("fall", GE, "0"), {}, "không cao hơn năm trước"),
        (rule("fall", GT, "0"), {}, "thấp hơn năm trước"),
        (rule("rise", EQ, "0"), {}, "bằng năm trước"),
    ],
)
def test_a_change_in_words(target: Rule, more: dict[str, str], words: str) -> None:
    said = target_text(target.operator, target.value, target.value_to, basis=target.basis, **more)
    assert said == words


@pytest.mark.parametrize(
    ("before", "now", "target", "after", "words"),
    [
        (pair(60, 100), pair(649, 1000), rule("rise", GE, "5"), "%", "tăng 4,9 điểm phần trăm"),
        (
            pair(60, 100),
            pair(6499, 10000),
            rule("rise", GE, "5"),
            "%",
            "tăng 4,99 điểm phần trăm",
        ),
        (pair(60, 100), pair(58, 100), rule("rise", GE, "5"), "%", "giảm 2 điểm phần trăm"),
        (number("200"), number("230"), rule("rise", GE, "10"), " ha", "tăng 30 ha"),
        (number("200"), number("230"), rule("rise_percent", GE, "10"), " ha", "tăng 15%"),
        (number("200"), number("150"), rule("fall_percent", GE, "10"), " ha", "giảm 25%"),
        (number("200"), number("200"), rule("fall", BETWEEN, "1", "2"), " ha", "bằng năm trước"),
    ],
)
def test_how_far_a_figure_moved(
    before: Measured, now: Measured, target: Rule, after: str, words: str
) -> None:
    assert now.exact is not None
    assert change_words(now.exact, target, before, after) == words


def test_why_a_change_cannot_be_told() -> None:
    unknown = change_words(Fraction(5), rule("rise", GE, "1"), None, "")
    assert unknown == "chưa có số năm trước để so"
    of_nought = change_words(Fraction(5), rule("rise_percent", GE, "1"), number("0"), "")
    assert of_nought == "số năm trước không lớn hơn 0 nên không tính được phần trăm tăng, giảm"

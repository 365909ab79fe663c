"""A target below may ask more than the one above, never less."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from criteria.rules import BETWEEN, EQ, GE, GT, LE, LT, NONE, Rule, asks_more, is_weaker, meets


def rule(operator: str, value: str | None = None, to: str | None = None) -> Rule:
    return Rule(operator, Decimal(value) if value else None, Decimal(to) if to else None)


@pytest.mark.parametrize(
    ("below", "above", "weaker"),
    [
        (rule(GE, "90"), rule(GT, "90"), True),  # “từ 90” lets 90 pass, “trên 90” does not
        (rule(GT, "90"), rule(GE, "90"), False),
        (rule(EQ, "90"), rule(GT, "90"), True),
        (rule(EQ, "100"), rule(GE, "90"), False),
        (rule(GE, "80"), rule(GE, "90"), True),
        (rule(BETWEEN, "65", "70"), rule(GE, "65"), False),
        (rule(BETWEEN, "60", "70"), rule(BETWEEN, "65", "70"), True),
        (rule(GE, "70"), rule(BETWEEN, "65", "70"), False),  # better than the range is no fault
        (rule(GE, "100"), rule(EQ, "100"), False),
        (rule(GE, "99"), rule(EQ, "100"), True),
        (rule(LE, "5"), rule(LE, "3"), True),
        (rule(LT, "3"), rule(LE, "3"), False),
        (rule(LE, "3"), rule(LT, "3"), True),
        (rule(LE, "5"), rule(EQ, "0"), True),
        (rule(LT, "70"), rule(BETWEEN, "65", "70"), True),  # lets all below 65 pass
        (rule(LE, "80"), rule(EQ, "100"), True),
        (rule(LE, "0"), rule(EQ, "0"), False),  # nothing lies below nought
        (rule(EQ, "5"), rule(EQ, "0"), True),
        (rule(GE, "0"), rule(EQ, "0"), True),
        (rule(BETWEEN, "0", "9"), rule(EQ, "0"), True),
        (rule(BETWEEN, "0", "0"), rule(EQ, "0"), False),
        (Rule(GE, Decimal(5), basis="rise"), Rule(EQ, Decimal(0), basis="rise"), False),
        (rule(LE, "5"), rule(BETWEEN, "0", "5"), False),
        (rule(LE, "6"), rule(BETWEEN, "0", "5"), True),
        (Rule(LE, Decimal(0), basis="rise"), Rule(EQ, Decimal(0), basis="rise"), True),
        (rule(LE, "5"), rule(GE, "90"), None),
        (rule(GE, "90"), rule(LE, "5"), None),
        (rule(NONE), rule(GE, "90"), None),
        (rule(GE, "90"), rule(NONE), None),
    ],
)
def test_strength(below: Rule, above: Rule, weaker: bool | None) -> None:
    assert is_weaker(below, above) is weaker


numbers = st.decimals(min_value=0, max_value=100, places=1)
one_sided = st.builds(Rule, st.sampled_from([GE, GT, LE, LT]), numbers)


@given(one_sided, one_sided, numbers)
def test_what_meets_a_target_not_weaker_meets_the_one_above(
    below: Rule, above: Rule, actual: Decimal
) -> None:
    if is_weaker(below, above) is False and meets(actual, below.operator, below.value, None):
        assert meets(actual, above.operator, above.value, None)


@given(one_sided)
def test_no_target_is_weaker_than_itself(target: Rule) -> None:
    assert is_weaker(target, target) is False


@pytest.mark.parametrize(
    ("pledged", "target", "more"),
    [
        (rule(GE, "85"), rule(GE, "80"), True),
        (rule(GE, "80"), rule(GE, "80"), False),
        (rule(GE, "75"), rule(GE, "80"), False),
        (rule(GT, "80"), rule(GE, "80"), True),
        (rule(GE, "65"), rule(BETWEEN, "65", "70"), False),
        (rule(GE, "66"), rule(BETWEEN, "65", "70"), True),
        (rule(LE, "3"), rule(LE, "5"), True),
        (rule(EQ, "1"), rule(EQ, "1"), False),
        (rule(NONE), rule(GE, "80"), True),  # words beside a level
        (rule(GE, "80"), rule(NONE), True),
        (rule(GE, "80"), None, True),
        (Rule(GE, Decimal(5), basis="rise"), rule(GE, "5"), True),
    ],
)
def test_what_a_pledge_adds_to_a_target(pledged: Rule, target: Rule | None, more: bool) -> None:
    assert asks_more(pledged, target) is more


@given(one_sided, one_sided, numbers)
def test_a_pledge_that_adds_nothing_is_kept_by_whoever_meets_the_target(
    pledged: Rule, target: Rule, actual: Decimal
) -> None:
    if not asks_more(pledged, target) and meets(actual, target.operator, target.value, None):
        assert meets(actual, pledged.operator, pledged.value, None)

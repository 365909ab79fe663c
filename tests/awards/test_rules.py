"""Arithmetic without a database; the figures are those of the plans and of the law."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from awards.rules import (
    VotingRule,
    composition,
    outside_period,
    overlap,
    percent_text,
    places_left,
    share_of,
    tally_outcome,
)

SEVENTY = Decimal(70)


def vote(rule: VotingRule, **counts: int | bool) -> object:
    return tally_outcome(rule, **({"no": 0, "abstained": 0, "absent": 0, "recused": 0} | counts))


# --- places --------------------------------------------------------------------------------------
def test_places_left_is_the_number_and_the_ledger() -> None:
    assert places_left(20, []) == 20
    assert places_left(20, [-1, -1, 1]) == 19
    assert places_left(None, [5, -1]) == 4


# --- words ---------------------------------------------------------------------------------------
def test_shares_are_written_with_a_comma_and_rounded_half_up() -> None:
    assert percent_text(Fraction(1300, 15)) == "86,67%"
    assert percent_text(Decimal("12.345")) == "12,35%"
    assert percent_text(70) == "70%"
    assert percent_text(Fraction(1300, 15), 1) == "86,7%"


# --- composition: plan 004, 70 % direct implementers ---------------------------------------------
@pytest.mark.parametrize(
    ("counted", "base", "rounding", "required", "gap"),
    [
        (7, 10, "up", 7, 0),
        (6, 10, "up", 7, 1),
        (2, 3, "up", 3, 1),  # domain 11.1, test 3: with three people the rounding decides
        (2, 3, "down", 2, 0),
        (2, 3, "half_up", 2, 0),
        (11, 17, "up", 12, 1),
        (1, 5, "half_up", 4, 3),  # 3,5 is rounded up
        (0, 0, "up", 0, 0),
    ],
)
def test_seventy_per_cent_direct(
    counted: int, base: int, rounding: str, required: int, gap: int
) -> None:
    found = composition(SEVENTY, ">=", counted, base, rounding)
    assert (found.required, found.gap, found.ok) == (required, gap, gap == 0)


def test_a_floor_says_how_many_are_missing_and_two_ways_to_mend() -> None:
    found = composition(SEVENTY, ">=", 11, 17, "up")
    assert found.sentence == (
        "Thiếu 1 người trực tiếp thực hiện: cần ít nhất 12 trên 17 "
        "(70% của 17 là 11,9, làm tròn lên), nay có 11."
    )
    assert found.ways == ("Thêm 3 người trực tiếp thực hiện", "Bớt 2 lãnh đạo")


def test_a_ceiling_says_how_many_are_too_many_and_two_ways_to_mend() -> None:
    found = composition(
        Decimal(30), "<=", 4, 10, "down", counted_name="lãnh đạo", other_name="người trực tiếp"
    )
    assert (found.required, found.gap, found.ok) == (3, 1, False)
    assert found.sentence == "Thừa 1 lãnh đạo: không quá 3 trên 10, nay có 4."
    assert found.ways == ("Bớt 2 lãnh đạo", "Thêm 4 người trực tiếp")


def test_a_rule_that_is_kept_says_so_and_offers_nothing() -> None:
    found = composition(SEVENTY, ">=", 8, 10, "up")
    assert found.sentence == "Đạt: cần ít nhất 7 trên 10, nay có 8."
    assert found.ways == ()
    assert composition(Decimal(30), "<=", 3, 10, "down").ok


def test_an_empty_list_breaks_no_rule() -> None:
    assert composition(SEVENTY, ">=", 0, 0, "up").sentence == "Chưa có ai trong danh sách để tính."


def test_what_cannot_be_mended_one_way_is_not_offered() -> None:
    everybody = composition(Decimal(100), ">=", 2, 3, "up")
    assert everybody.ways == ("Bớt 1 lãnh đạo",)
    nobody = composition(Decimal(0), "<=", 1, 3, "down")
    assert nobody.ways == ("Bớt 1 người trực tiếp thực hiện",)


@given(
    percent=st.integers(0, 100),
    counted=st.integers(0, 60),
    others=st.integers(0, 60),
    rounding=st.sampled_from(["up", "down", "half_up"]),
    operator=st.sampled_from([">=", "<="]),
)
def test_each_way_mends_and_one_fewer_does_not(
    percent: int, counted: int, others: int, rounding: str, operator: str
) -> None:
    def stands(more: int, fewer_others: int) -> bool:
        now, base = counted + more, counted + more + others + fewer_others
        return composition(Decimal(percent), operator, now, base, rounding).ok

    found = composition(Decimal(percent), operator, counted, counted + others, rounding)
    for way in found.ways:
        verb, number, *_ = way.split()
        step = int(number) * (1 if verb == "Thêm" else -1)
        own = "trực tiếp" in way
        less = step - (1 if step > 0 else -1)
        assert stands(step if own else 0, 0 if own else step)
        assert not stands(less if own else 0, 0 if own else less)


# --- the vote ------------------------------------------------------------------------------------
@pytest.mark.parametrize(("threshold", "passes"), [(90, False), (80, True)])
def test_thirteen_of_fifteen_is_measured_on_the_whole_membership(
    threshold: int, passes: bool
) -> None:
    """Domain 11.1, test 4: two absent, nobody else against."""
    found = vote(VotingRule(Decimal(threshold)), members=15, yes=13, absent=2)
    assert found.rate == Fraction(1300, 15)
    assert found.rate_kept == Decimal("86.6667")
    assert found.passed is passes
    word = "đạt, cần ít nhất 12" if passes else "chưa đạt, cần ít nhất 14"
    assert found.reasons == (
        f"Đồng ý 13 trên 15, bằng 86,67% tổng số thành viên hội đồng: {word}.",
    )


def test_nothing_is_rounded_before_it_is_compared() -> None:
    rule = VotingRule(Decimal("66.67"))
    assert not vote(rule, members=3, yes=2, no=1).passed  # 66,666… is less than 66,67
    assert vote(VotingRule(Decimal("66.66")), members=3, yes=2, no=1).passed


def test_more_than_is_not_at_least() -> None:
    assert vote(VotingRule(Decimal(80), ">="), members=10, yes=8, no=2).passed
    strict = vote(VotingRule(Decimal(80), ">"), members=10, yes=8, no=2)
    assert not strict.passed
    assert strict.needed == 9
    assert vote(VotingRule(Decimal(80), ">"), members=10, yes=9, no=1).passed


@pytest.mark.parametrize(("base", "denominator"), [("members", 10), ("present", 8), ("cast", 6)])
def test_recused_abstained_and_absent_count_each_in_its_own_way(
    base: str, denominator: int
) -> None:
    rule = VotingRule(Decimal(50), base=base)
    found = vote(rule, members=10, yes=5, no=1, abstained=1, absent=2, recused=1)
    assert found.base == denominator
    assert found.rate == share_of(5, denominator)


def test_a_vote_without_quorum_does_not_pass() -> None:
    rule = VotingRule(Decimal(50), quorum=Decimal("66.67"))
    few = vote(rule, members=9, yes=6, absent=3)  # 6 of 9 is 66,66…, less than 66,67
    assert not few.passed
    assert few.reasons[-1] == "Dự họp 6 trên 9 thành viên, chưa đủ 66,67%."
    assert vote(rule, members=9, yes=7, absent=2).passed


def test_the_chair_may_have_to_agree() -> None:
    rule = VotingRule(Decimal(50), chair_must_agree=True)
    against = vote(rule, members=5, yes=4, no=1, chair_agreed=False)
    assert not against.passed
    assert against.reasons[-1] == "Chủ tịch hội đồng không đồng ý."
    assert vote(rule, members=5, yes=4, no=1, chair_agreed=True).passed


def test_a_vote_nobody_cast_passes_nothing() -> None:
    found = vote(VotingRule(Decimal(0), base="cast"), members=3, yes=0, abstained=3)
    assert not found.passed
    assert found.rate == 0
    assert found.reasons == ("Không có phiếu nào để tính tỷ lệ.",)


def test_counts_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="add up"):
        vote(VotingRule(Decimal(50)), members=5, yes=4)


def test_a_rule_is_read_out_in_words() -> None:
    plain = VotingRule(Decimal(80))
    assert plain.sentence() == (
        "Thông qua khi số đồng ý từ 80% tổng số thành viên hội đồng trở lên. "
        "Người không tham gia do liên quan vẫn tính trong mẫu số."
    )
    full = VotingRule(Decimal(50), ">", "cast", Decimal("66.67"), chair_must_agree=True)
    assert full.sentence() == (
        "Thông qua khi số đồng ý trên 50% số phiếu đồng ý và không đồng ý; phiên họp có ít nhất "
        "66,67% thành viên dự; chủ tịch hội đồng đồng ý. "
        "Người không tham gia do liên quan không tính trong mẫu số."
    )


# --- days ----------------------------------------------------------------------------------------
D = date


@pytest.mark.parametrize(
    ("own", "phase", "warned"),
    [
        ((D(2022, 1, 1), D(2023, 12, 31)), (D(2022, 1, 1), D(2023, 12, 31)), False),
        ((D(2021, 12, 31), D(2023, 12, 31)), (D(2022, 1, 1), D(2023, 12, 31)), True),
        ((D(2022, 1, 1), D(2024, 1, 1)), (D(2022, 1, 1), D(2023, 12, 31)), True),
        ((None, None), (D(2022, 1, 1), D(2023, 12, 31)), False),
        ((D(2022, 1, 1), None), (None, None), False),
    ],
)
def test_an_achievement_outside_the_phase_is_warned_of(
    own: tuple[date, date], phase: tuple[date, date], warned: bool
) -> None:
    assert bool(outside_period(*own, *phase)) is warned


@pytest.mark.parametrize(
    ("a", "b", "shared"),
    [
        ((D(2022, 1, 1), D(2023, 12, 31)), (D(2024, 1, 1), None), False),
        ((D(2022, 1, 1), D(2024, 1, 1)), (D(2024, 1, 1), None), True),
        ((None, None), (D(2024, 1, 1), D(2024, 2, 1)), True),
        ((D(2025, 1, 1), None), (None, D(2024, 12, 31)), False),
    ],
)
def test_periods_overlap_when_they_share_a_day(
    a: tuple[date, date], b: tuple[date, date], shared: bool
) -> None:
    assert overlap(*a, *b) is shared
    assert overlap(*b, *a) is shared

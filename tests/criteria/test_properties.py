"""The ruler's arithmetic against a slow and obvious reference: whole numbers, loops, no fractions.

Stored numbers have four decimals, so ten thousand times each is a whole number.
"""

from datetime import date, timedelta
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
    MAX_DIGITS,
    Measured,
    Rule,
    UnitFacts,
    Verdict,
    count_of_units,
    judge,
    meets,
    parse_number,
    resolve_target,
    roll_up,
    rounded,
    share_of_units,
    shown_digits,
)
from units.rules import DomainError

OPERATORS = [GE, GT, LE, LT, EQ, BETWEEN]
SCALE = 10_000
large = st.integers(0, 10**18 - 1).map(lambda n: Decimal(n) / SCALE)
small = st.integers(0, 40).map(lambda n: Decimal(n) / 4)  # so few that some equal their target
parts = st.one_of(small, large)
wholes = parts.filter(bool)
bounds = st.integers(0, 800).map(lambda n: Decimal(n) / 4)
Share = tuple[Decimal, Decimal, Decimal]


def hair(bound: Decimal, power: int, step: int) -> Share:
    """A share of 10^power that equals `bound` per cent, or misses it by the least step."""
    whole = Decimal(10**power)
    return max(bound * whole / 100 + Decimal(step) / SCALE, Decimal(0)), whole, bound


hairs = st.builds(hair, bounds, st.integers(0, 12), st.integers(-1, 1))
shares = st.one_of(hairs, st.tuples(parts, wholes, bounds))


def scaled(number: Decimal) -> int:
    """Ten thousand times the number."""
    whole = int(number * SCALE)
    assert Decimal(whole) / SCALE == number
    return whole


# --- operators ------------------------------------------------------------------------------------
def stands(left: int, operator: str, low: int, high: int) -> bool:
    """The comparison of whole numbers, spelt out."""
    if operator == GE:
        return left > low or left == low
    if operator == GT:
        return left > low
    if operator == LE:
        return left < low or left == low
    if operator == LT:
        return left < low
    if operator == EQ:
        return left == low
    return not left < low and not left > high


def share_stands(n: Decimal, d: Decimal, operator: str, low: Decimal, high: Decimal) -> bool:
    """100 × n ÷ d against the bound, both multiplied by d and made whole."""
    of = scaled(d)
    return stands(100 * SCALE * scaled(n), operator, scaled(low) * of, scaled(high) * of)


@given(parts, st.sampled_from(OPERATORS), bounds, bounds)
def test_a_number_against_its_target(
    actual: Decimal, operator: str, one: Decimal, other: Decimal
) -> None:
    low, high = sorted([one, other])
    expected = stands(scaled(actual), operator, scaled(low), scaled(high))
    assert meets(actual, operator, low, high) is expected
    verdict = judge(Measured(value=actual), Rule(operator, low, high))
    assert verdict == (Verdict.MET if expected else Verdict.NOT_MET)


@given(shares, st.sampled_from(OPERATORS), bounds)
def test_a_share_against_its_target(share: Share, operator: str, other: Decimal) -> None:
    n, d, one = share
    low, high = sorted([one, other])
    expected = share_stands(n, d, operator, low, high)
    verdict = judge(Measured(n, d), Rule(operator, low, high))
    assert verdict == (Verdict.MET if expected else Verdict.NOT_MET)


# --- rounding -------------------------------------------------------------------------------------
def half_up(n: Decimal, d: Decimal, digits: int) -> int:
    """100 × n ÷ d in steps of so many decimals, one more from half a step on."""
    steps, rest = divmod(100 * scaled(n) * 10**digits, scaled(d))
    return steps + 1 if rest + rest >= scaled(d) else steps


@given(parts, wholes, st.integers(0, MAX_DIGITS))
def test_shares_are_rounded_half_up(n: Decimal, d: Decimal, digits: int) -> None:
    exact = Measured(n, d).exact
    assert exact is not None
    shown = rounded(exact, digits)
    expected = Decimal(f"{half_up(n, d, digits)}e-{digits}")
    assert f"{shown:f}" == f"{expected:f}"  # with as many decimals as asked for
    assert rounded(-exact, digits) == shown.copy_negate()


@given(st.integers(0, 10**20), st.integers(0, MAX_DIGITS))
def test_half_a_step_goes_up(steps: int, digits: int) -> None:
    half = Fraction(steps + steps + 1, 2 * 10**digits)
    assert rounded(half, digits) == Decimal(f"{steps + 1}e-{digits}")


@given(shares, st.sampled_from(OPERATORS), bounds)
def test_so_many_digits_that_the_verdict_can_be_read(
    share: Share, operator: str, other: Decimal
) -> None:
    n, d, one = share
    low, high = sorted([one, other])
    honest = share_stands(n, d, operator, low, high)
    expected = 1
    while expected < MAX_DIGITS:
        one_step = 10**expected
        shown = SCALE * half_up(n, d, expected)
        if stands(shown, operator, scaled(low) * one_step, scaled(high) * one_step) == honest:
            break
        expected += 1
    assert shown_digits(Measured(n, d), Rule(operator, low, high)) == expected


# --- which target ---------------------------------------------------------------------------------
KINDS, LEVELS, REGIONS = ["so", "xa"], ["tinh", "xa"], ["bien-gioi", "hai-dao"]
YEAR = 2024
rules = st.builds(
    Rule,
    value=st.integers(0, 100).map(Decimal),
    unit=st.sampled_from([None, None, 7, 8]),
    kind=st.sampled_from([None, None, *KINDS]),
    level=st.sampled_from([None, None, *LEVELS]),
    region=st.sampled_from(["", "", *REGIONS]),
    year=st.sampled_from([None, None, YEAR, YEAR + 1]),
    in_force_from=st.none()
    | st.integers(-2, 6).map(lambda days: date(YEAR, 1, 1) + timedelta(days)),
)
facts = st.builds(
    UnitFacts,
    pk=st.sampled_from([7, 9]),
    kind=st.sampled_from(KINDS),
    level=st.sampled_from([None, *LEVELS]),
    tags=st.frozensets(st.sampled_from(REGIONS)),
)


def candidates(known: list[Rule], unit: UnitFacts | None, day: date) -> list[Rule]:
    """Those that speak of the unit that day; of them, condition by condition, those that name it;
    of the rest those in force latest.
    """
    left = []
    for rule in known:
        if unit is None:
            others = rule.unit or rule.kind or rule.level or rule.region
        else:
            others = (
                (rule.unit and rule.unit != unit.pk)
                or (rule.kind and rule.kind != unit.kind)
                or (rule.level and rule.level != unit.level)
                or (rule.region and rule.region not in unit.tags)
            )
        another_year = rule.year and rule.year != YEAR
        not_yet = rule.in_force_from and rule.in_force_from > day
        if not others and not another_year and not not_yet:
            left.append(rule)
    for condition in ("unit", "kind", "level", "region", "year"):
        naming = [rule for rule in left if getattr(rule, condition)]
        left = naming or left
    dated = [rule.in_force_from for rule in left if rule.in_force_from]
    return [rule for rule in left if not dated or rule.in_force_from == max(dated)]


@given(st.lists(rules, max_size=8), st.none() | facts, st.integers(0, 5))
def test_the_target_that_applies(known: list[Rule], unit: UnitFacts | None, days: int) -> None:
    day = date(YEAR, 1, 1) + timedelta(days)
    expected = candidates(known, unit, day)
    found, why = resolve_target(known, unit, YEAR, day)
    assert why
    assert found == (expected[0] if expected else None)
    other_way_round, _ = resolve_target(known[::-1], unit, YEAR, day)
    assert other_way_round == (expected[-1] if expected else None)


@given(st.lists(rules, max_size=8), facts)
def test_without_a_day_the_last_of_the_year_counts(known: list[Rule], unit: UnitFacts) -> None:
    assert resolve_target(known, unit, YEAR) == resolve_target(
        known, unit, YEAR, date(YEAR, 12, 31)
    )


# --- sums -----------------------------------------------------------------------------------------
measured = st.one_of(
    st.builds(Measured, parts, wholes),
    st.builds(lambda value: Measured(value=value), parts),
    st.just(Measured()),
)


def added(numbers: list[Decimal | None]) -> Decimal | None:
    total, known = 0, False
    for number in numbers:
        if number is not None:
            total, known = total + scaled(number), True
    return Decimal(total) / SCALE if known else None


@given(st.lists(measured, max_size=12))
def test_a_roll_up_adds_what_was_entered(rows: list[Measured]) -> None:
    found = roll_up(rows)
    assert found.numerator == added([row.numerator for row in rows])
    assert found.denominator == added([row.denominator for row in rows])
    assert found.value == added([row.value for row in rows])


@given(st.lists(st.lists(measured, max_size=5), max_size=5))
def test_a_roll_up_of_roll_ups_is_that_of_all(branches: list[list[Measured]]) -> None:
    whole = roll_up([row for branch in branches for row in branch])
    assert roll_up([roll_up(branch) for branch in branches]) == whole


@given(st.lists(st.tuples(small, small.filter(bool)), min_size=1, max_size=12), bounds, bounds)
def test_the_share_of_units_that_meet_their_target(
    units: list[tuple[Decimal, Decimal]], each: Decimal, asked: Decimal
) -> None:
    hits = 0
    for n, d in units:
        if 100 * scaled(n) * SCALE >= scaled(each) * scaled(d):
            hits += 1
    met = [judge(Measured(n, d), Rule(GE, each)) == Verdict.MET for n, d in units]
    found = share_of_units(sum(met), len(units))
    assert (found.numerator, found.denominator) == (hits, len(units))
    expected = 100 * hits * SCALE >= scaled(asked) * len(units)
    assert judge(found, Rule(GE, asked)) == (Verdict.MET if expected else Verdict.NOT_MET)
    assert judge(count_of_units(sum(met)), Rule(GE, Decimal(hits))) == Verdict.MET
    assert judge(count_of_units(sum(met)), Rule(GT, Decimal(hits))) == Verdict.NOT_MET


# --- numbers as typed -----------------------------------------------------------------------------
PIECES = ["0", "1", "7", "12", "123", "000", "050", "1234", ".", ",", " ", "\u00a0", "-", "\t", "x"]
near_numbers = st.lists(st.sampled_from(PIECES), max_size=9).map("".join)
grouped = st.from_regex(r"-?[0-9]{1,4}([. ][0-9]{3}){0,5}(,[0-9]{1,5})?", fullmatch=True)
plain = st.from_regex(r"-?0{0,2}[0-9]{1,16}([.,][0-9]{1,4}0{0,3})?", fullmatch=True)


def digits_only(text: str) -> bool:
    return bool(text) and all(char in "0123456789" for char in text)


def read(text: str) -> Decimal | None:
    """Read by hand, left to right; None for what is no number or has no room."""
    bare = " ".join(text.split())
    minus = bare.startswith("-")
    body = bare[1:].strip() if minus else bare
    before, comma, after = body.partition(",")
    if comma and not digits_only(after):
        return None
    whole = before if digits_only(before) else ""
    for mark in ".", " ":
        first, *thousands = before.split(mark)
        grouped = thousands and all(len(three) == 3 and digits_only(three) for three in thousands)
        if grouped and digits_only(first) and len(first) <= 3 and first[0] != "0":
            whole = "".join([first, *thousands])
    if not whole and not comma and before.count(".") == 1:
        whole, _, after = before.partition(".")
        if not digits_only(whole) or not digits_only(after):
            return None
    while after.endswith("0"):
        after = after[:-1]
    while whole.startswith("0") and len(whole) > 1:
        whole = whole[1:]
    if not whole or len(after) > 4 or len(whole) > 14:
        return None
    number = Decimal(int(whole + after)) / 10 ** len(after)
    return -number if minus else number


@given(near_numbers | grouped | plain)
def test_a_typed_number_is_what_a_reader_takes_it_for(text: str) -> None:
    expected = read(text)
    if expected is None:
        with pytest.raises(DomainError):
            parse_number(text)
    else:
        assert parse_number(text) == expected

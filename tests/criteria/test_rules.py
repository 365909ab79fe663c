"""The arithmetic of targets, by example and by property."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from criteria.rules import (
    BETWEEN,
    EQ,
    GE,
    GT,
    LE,
    LT,
    NONE,
    Measured,
    Rule,
    UnitFacts,
    Verdict,
    count_of_units,
    in_words,
    judge,
    meets,
    parse_number,
    parse_whole,
    plain_readings,
    ratio,
    resolve_target,
    roll_up,
    rounded,
    share,
    share_of_units,
    shortfall,
    shown_digits,
    suffix,
    takes_whole,
    target_takes_whole,
    target_text,
)
from units.rules import DomainError, decimal_text

COMMUNE = UnitFacts(7, "xa", "xa", frozenset({"bien-gioi"}))
counts = st.integers(0, 10**6)
wholes = st.integers(1, 10**6)
bounds = st.decimals("0.0001", "200", places=4)


def pair(numerator: int | str, denominator: int | str) -> Measured:
    return Measured(Decimal(numerator), Decimal(denominator))


def rule(operator: str, value: str, value_to: str | None = None, **more: object) -> Rule:
    upper = Decimal(value_to) if value_to else None
    return Rule(operator, Decimal(value), upper, **more)  # type: ignore[arg-type]


# --- which target ---------------------------------------------------------------------------------
ALL = rule(GE, "80", pk=1)
YEAR = rule(GE, "81", year=2024, pk=2)
REGION = rule(GE, "82", region="bien-gioi", pk=3)
LEVEL = rule(GE, "83", level="xa", level_name="Cấp xã", pk=4)
KIND = rule(GE, "84", kind="xa", kind_name="Xã, phường", pk=5)
UNIT = rule(GE, "85", unit=7, unit_name="Xã Tháp Mười", pk=6)


@pytest.mark.parametrize(
    ("rules", "winner", "why"),
    [
        ([ALL], ALL, "Áp dụng cho mọi đơn vị"),
        ([ALL, YEAR], YEAR, "Áp dụng cho mọi đơn vị, năm 2024"),
        ([YEAR, REGION], REGION, "Mức của vùng bien-gioi"),
        ([REGION, LEVEL, YEAR], LEVEL, "Mức của đơn vị cấp xã"),
        ([LEVEL, KIND], KIND, "Mức của xã, phường"),
        ([KIND, UNIT, LEVEL, REGION], UNIT, "Giao riêng Xã Tháp Mười"),
    ],
)
def test_the_most_specific_rule_wins_and_says_why(
    rules: list[Rule], winner: Rule, why: str
) -> None:
    for order in (rules, rules[::-1]):
        assert resolve_target(order, COMMUNE, 2024) == (winner, why)


def test_a_unit_of_two_regions_is_held_to_the_first_by_label_and_told_of_the_other() -> None:
    border = rule(GE, "60", region="bien-gioi")
    islands = rule(GE, "50", region="hai-dao")
    revised = rule(GE, "55", region="hai-dao", in_force_from=date(2024, 1, 1), decision="1/QĐ")
    unit = UnitFacts(7, "xa", "xa", frozenset({"bien-gioi", "hai-dao"}))
    for order in ([border, islands, revised], [revised, islands, border]):
        assert resolve_target(order, unit, 2024) == (
            border,
            "Mức của vùng bien-gioi, đứng trước mức của vùng hai-dao",
        )


UNITS = st.builds(
    UnitFacts,
    st.integers(1, 2),
    st.sampled_from(["xa", "so"]),
    st.sampled_from([None, "xa", "tinh"]),
    st.frozensets(st.sampled_from(["bien-gioi", "hai-dao"])),
)
RULES = st.lists(
    st.builds(
        Rule,
        st.sampled_from([GE, GT]),
        st.decimals(0, 100, places=1),
        unit=st.sampled_from([None, None, None, 1]),
        kind=st.sampled_from([None, None, None, "xa"]),
        level=st.sampled_from([None, None, None, "xa"]),
        region=st.sampled_from(["", "", "bien-gioi", "hai-dao"]),
        year=st.sampled_from([None, None, 2024]),
        in_force_from=st.sampled_from([None, date(2022, 1, 1), date(2023, 7, 1)]),
    ),
    max_size=8,
    unique_by=lambda r: (r.unit, r.kind, r.level, r.region, r.year, r.in_force_from),
)


def slow_target(rules: list[Rule], unit: UnitFacts | None, year: int, on: date) -> Rule | None:
    """Strike out, condition by condition, as one would with a pencil."""
    left = []
    for one in rules:
        ours = unit is not None
        if one.unit is not None and not (ours and one.unit == unit.pk):  # type: ignore[union-attr]
            continue
        if one.kind is not None and not (ours and one.kind == unit.kind):  # type: ignore[union-attr]
            continue
        if one.level is not None and not (ours and one.level == unit.level):  # type: ignore[union-attr]
            continue
        if one.region and not (ours and one.region in unit.tags):  # type: ignore[union-attr]
            continue
        if one.year is not None and one.year != year:
            continue
        if one.in_force_from is not None and one.in_force_from > on:
            continue
        left.append(one)
    for narrows in ("unit", "kind", "level", "region", "year"):
        if any(getattr(one, narrows) for one in left):
            left = [one for one in left if getattr(one, narrows)]
    regions = sorted({one.region for one in left})
    left = [one for one in left if one.region == regions[0]]
    newest = None
    for one in left:
        if newest is None or (one.in_force_from or date.min) > (newest.in_force_from or date.min):
            newest = one
    return newest


@given(RULES, st.none() | UNITS, st.sampled_from([2022, 2023, 2024]), st.sampled_from([6, 12]))
def test_the_target_is_the_one_that_striking_out_leaves(
    rules: list[Rule], unit: UnitFacts | None, year: int, month: int
) -> None:
    on = date(year, month, 30)
    assert resolve_target(rules, unit, year, on)[0] == slow_target(rules, unit, year, on)
    assert resolve_target(rules[::-1], unit, year, on) == resolve_target(rules, unit, year, on)


def test_a_rule_of_others_does_not_apply() -> None:
    others = [
        rule(GE, "1", unit=8),
        rule(GE, "2", kind="so"),
        rule(GE, "3", level="tinh"),
        rule(GE, "4", region="hai-dao"),
    ]
    assert resolve_target(others, COMMUNE, 2024) == (None, "Kế hoạch không ghi mức")


def test_a_year_without_a_rule_says_which_years_have_one() -> None:
    rules = [rule(GE, "60", year=2025), rule(GE, "50", year=2023)]
    assert resolve_target(rules, COMMUNE, 2024) == (
        None,
        "Kế hoạch chỉ ghi mức cho năm 2023, 2025",
    )


def test_a_revised_target_counts_from_its_day_on() -> None:
    old = rule(GE, "90")
    new = rule(GE, "80", in_force_from=date(2024, 7, 1), decision="12/QĐ-UBND")
    assert resolve_target([new, old], COMMUNE, 2023)[0] == old
    assert resolve_target([old, new], COMMUNE, 2024) == (
        new,
        "Áp dụng cho mọi đơn vị, điều chỉnh từ 01/07/2024 theo 12/QĐ-UBND",
    )
    assert resolve_target([old, new], COMMUNE, 2024, date(2024, 6, 30))[0] == old


def test_the_plan_as_a_whole_has_only_general_rules() -> None:
    assert resolve_target([LEVEL, KIND, UNIT, REGION, ALL], None, 2024)[0] == ALL
    assert resolve_target([LEVEL], None, 2024)[0] is None


# --- met or not -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("actual", "operator", "value", "upper", "hit"),
    [
        ("79.3", GE, "80", None, False),
        ("80.0", GE, "80", None, True),
        ("80.0", GT, "80", None, False),
        ("80.0001", GT, "80", None, True),
        ("5", LE, "5", None, True),
        ("5", LT, "5", None, False),
        ("3", EQ, "3", None, True),
        ("3.1", EQ, "3", None, False),
        ("65", BETWEEN, "65", "70", True),
        ("70", BETWEEN, "65", "70", True),
        ("70.01", BETWEEN, "65", "70", False),
        ("64.99", BETWEEN, "65", "70", False),
    ],
)
def test_meets(actual: str, operator: str, value: str, upper: str | None, hit: bool) -> None:
    bound = Decimal(upper) if upper else None
    assert meets(Decimal(actual), operator, Decimal(value), bound) is hit


def test_a_target_without_a_value_cannot_be_met() -> None:
    with pytest.raises(ValueError, match="without a value"):
        meets(Decimal(1), NONE, None, None)
    with pytest.raises(ValueError, match="both ends"):
        meets(Decimal(1), BETWEEN, Decimal(1), None)


@given(counts, wholes, bounds)
def test_a_share_is_compared_by_cross_multiplication(n: int, d: int, bound: Decimal) -> None:
    scaled = (bound * 10000).to_integral_value()
    expected = n * 100 * 10000 >= int(scaled) * d
    verdict = judge(pair(n, d), Rule(GE, bound))
    assert verdict == (Verdict.MET if expected else Verdict.NOT_MET)


@given(wholes, wholes)
def test_ratio_is_the_share_to_28_digits(n: int, d: int) -> None:
    exact = share(Decimal(n), Decimal(d))
    assert abs(Fraction(ratio(Decimal(n), Decimal(d))) - exact) <= exact / 10**27


def test_no_share_of_nothing() -> None:
    with pytest.raises(DomainError, match="Mẫu số bằng 0"):
        ratio(Decimal(1), Decimal(0))


def test_without_a_number_or_a_target_nothing_is_judged() -> None:
    assert judge(Measured(), ALL) == Verdict.NOT_JUDGED
    assert judge(pair(1, 2), None) == Verdict.NOT_JUDGED
    assert judge(pair(1, 2), Rule(NONE)) == Verdict.NOT_JUDGED
    assert Verdict.NOT_MET.label == "Chưa đạt"


# --- how much is missing --------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("measured", "target", "sentence"),
    [
        (pair(298, 312), rule(GE, "100"), "thiếu 14 sản phẩm"),
        (pair(42, 53), rule(GE, "80"), "thiếu 1 sản phẩm"),
        (pair(9, 10), rule(GT, "90"), "thiếu 1 sản phẩm"),
        (pair(40, 50), rule(GT, "80.5"), "thiếu 1 sản phẩm"),
        (pair(10, 100), rule(LE, "5"), "vượt 5 sản phẩm"),
        (pair(5, 100), rule(LT, "5"), "vượt 1 sản phẩm"),
        (pair(60, 100), rule(BETWEEN, "65", "70"), "thiếu 5 sản phẩm"),
        (pair(75, 100), rule(BETWEEN, "65", "70"), "vượt 5 sản phẩm"),
        (pair("1.5", 2), rule(GE, "80"), "thiếu 0,1 sản phẩm"),
        (pair("1.5", 2), rule(GT, "80"), "thiếu hơn 0,1 sản phẩm"),
        (pair("1.6", 2), rule(GT, "80"), "phải trên mức này"),
        (pair("0.1", 2), rule(LT, "5"), "phải dưới mức này"),
        (Measured(value=Decimal("12.5")), rule(GE, "15"), "thiếu 2,5 sản phẩm"),
    ],
)
def test_shortfall_in_words(measured: Measured, target: Rule, sentence: str) -> None:
    missing = shortfall(measured, target)
    assert missing is not None
    assert missing.sentence("sản phẩm") == sentence


def test_a_count_falls_short_in_whole_steps() -> None:
    missing = shortfall(Measured(value=Decimal(38)), rule(GT, "40"), whole=True)
    assert missing is not None
    assert missing.sentence() == "thiếu 3"


@pytest.mark.parametrize(
    ("measured", "target"),
    [
        (pair(1, 1), rule(GE, "100")),  # met
        (Measured(), rule(GE, "100")),  # unknown
        (pair(1, 3), rule(EQ, "50")),  # half of three is reached by no whole number
        (pair("0.5", 3), rule(GE, "33.3333333")),  # no finite decimal of eight places
        (pair(1, 3), Rule(NONE)),
    ],
)
def test_no_shortfall_is_claimed(measured: Measured, target: Rule) -> None:
    assert shortfall(measured, target) is None


@given(counts, wholes, st.decimals("0.01", "100", places=2), st.sampled_from([GE, GT]))
def test_the_shortfall_is_exactly_enough(n: int, d: int, bound: Decimal, operator: str) -> None:
    target = Rule(operator, bound)
    missing = shortfall(pair(n, d), target)
    if missing is None:
        assert judge(pair(n, d), target) == Verdict.MET
    else:
        more = int(missing.amount)
        assert judge(pair(n + more, d), target) == Verdict.MET
        assert judge(pair(n + more - 1, d), target) == Verdict.NOT_MET


@given(wholes, wholes, st.decimals("0.01", "100", places=2), st.sampled_from([LE, LT]))
def test_the_excess_is_exactly_too_much(n: int, d: int, bound: Decimal, operator: str) -> None:
    target = Rule(operator, bound)
    missing = shortfall(pair(n, d), target)
    if missing is None:
        assert judge(pair(n, d), target) == Verdict.MET
    else:
        less = int(missing.amount)
        assert judge(pair(n - less, d), target) == Verdict.MET
        assert judge(pair(n - less + 1, d), target) == Verdict.NOT_MET


def test_digits_show_a_near_miss() -> None:
    near = pair(8999, 10000)
    assert shown_digits(near, rule(GE, "90")) == 2
    assert shown_digits(pair(9, 10), rule(GE, "90")) == 1
    assert shown_digits(pair(9000001, 10000000), rule(GT, "90")) == 5
    assert shown_digits(pair(949_999_999_999, 10**12), rule(GE, "95")) == 10  # đồng
    assert shown_digits(near, None) == 1
    assert shown_digits(Measured(), rule(GE, "90")) == 1


@given(counts, wholes, st.sampled_from([GE, GT, LE, LT]), st.integers(1, 100))
def test_what_is_shown_never_contradicts_the_verdict(
    n: int, d: int, operator: str, bound: int
) -> None:
    target, measured = Rule(operator, Decimal(bound)), pair(n, d)
    digits = shown_digits(measured, target)
    assert measured.exact is not None
    shown = rounded(measured.exact, digits)
    assert judge(Measured(value=shown), target) == judge(measured, target)


# --- sums -----------------------------------------------------------------------------------------
def test_shares_are_rolled_up_from_their_numbers() -> None:
    assert roll_up([pair(1, 1), pair(1, 99)]) == Measured(Decimal(2), Decimal(100))
    assert roll_up([Measured(value=Decimal(3)), Measured()]) == Measured(value=Decimal(3))
    assert roll_up([]) == Measured()


numbers = st.none() | st.decimals(0, 10**6, places=4)
REPORTED = st.builds(Measured, numbers, numbers, numbers)


@given(st.lists(REPORTED, max_size=6))
def test_a_sum_is_what_adding_one_after_the_other_gives(rows: list[Measured]) -> None:
    total = roll_up(rows)
    for name in ("numerator", "denominator", "value"):
        added: Fraction | None = None
        for row in rows:
            number = getattr(row, name)
            if number is not None:
                added = (added or Fraction(0)) + Fraction(number)
        assert (None if added is None else added) == getattr(total, name)


@given(st.lists(st.tuples(counts, wholes), min_size=1, max_size=6))
def test_the_share_of_a_sum_lies_between_the_shares(rows: list[tuple[int, int]]) -> None:
    shares = [share(Decimal(n), Decimal(d)) for n, d in rows]
    total = roll_up(pair(n, d) for n, d in rows).exact
    assert total is not None
    assert min(shares) <= total <= max(shares)
    assert total == Fraction(100 * sum(n for n, _ in rows), sum(d for _, d in rows))


def slow_meets(actual: Decimal, operator: str, low: Decimal, high: Decimal) -> bool:
    """By counting in ten-thousandths."""
    n, a, b = (int(one * 10000) for one in (actual, low, high))
    if operator == BETWEEN:
        return n in range(a, b + 1)
    if operator == EQ:
        return n - a == 0
    above, below = n > a, n < a
    return {GE: not below, GT: above, LE: not above, LT: below}[operator]


@given(
    st.decimals(0, 200, places=4),
    st.sampled_from([GE, GT, LE, LT, EQ, BETWEEN]),
    st.decimals(0, 200, places=4),
    st.decimals(0, 200, places=4),
)
def test_every_operator_agrees_with_counting(
    actual: Decimal, operator: str, one: Decimal, other: Decimal
) -> None:
    low, high = sorted((one, other))
    upper = high if operator == BETWEEN else None
    for number in (actual, low, high):
        assert meets(number, operator, low, upper) == slow_meets(number, operator, low, high)


@example(5, 2, 0)
@example(-5, 2, 0)
@given(st.integers(-(10**9), 10**9), st.integers(1, 10**4), st.integers(0, 6))
def test_rounding_is_half_up_and_never_off_by_more_than_half(n: int, d: int, digits: int) -> None:
    exact = Fraction(n, d)
    shown, step = Fraction(rounded(exact, digits)), Fraction(1, 10**digits)
    assert shown % step == 0
    assert abs(shown - exact) <= step / 2
    if abs(shown - exact) == step / 2:
        assert abs(shown) > abs(exact)


def test_derived_share_and_count() -> None:
    assert share_of_units(3, 4).exact == 75
    assert share_of_units(0, 0) == Measured()
    assert count_of_units(2).value == 2


# --- words ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("operator", "value", "upper", "more", "text"),
    [
        (GE, "100", None, {}, "100%"),
        (EQ, "100", None, {}, "100%"),
        (GT, "90", None, {}, "trên 90%"),
        (GE, "80", None, {}, "từ 80% trở lên"),
        (EQ, "80", None, {}, "80%"),
        (BETWEEN, "65", "70", {}, "từ 65 đến 70%"),
        (LE, "5", None, {}, "không quá 5%"),
        (LT, "2.5", None, {}, "dưới 2,5%"),
        (GE, "1", None, {"kind": "count", "measure_unit": "mô hình"}, "ít nhất 1 mô hình"),
        (EQ, "3", None, {"kind": "count", "measure_unit": "xã"}, "đúng 3 xã"),
        (GE, "1000", None, {"kind": "quantity", "measure_unit": "ha"}, "từ 1.000 ha trở lên"),
        (GE, "5", None, {"kind": "count"}, "ít nhất 5"),
        (EQ, "1", None, {"kind": "yes_no"}, "có"),
        (EQ, "0", None, {"kind": "yes_no"}, "không"),
        (GE, "70", None, {"kind": "derived", "derivation": "share"}, "từ 70% trở lên"),
        (
            GE,
            "70",
            None,
            {"kind": "derived", "derivation": "sum", "source": "ratio"},
            "từ 70% trở lên",
        ),
        (
            GE,
            "7",
            None,
            {"kind": "derived", "derivation": "count", "measure_unit": "xã"},
            "ít nhất 7 xã",
        ),
    ],
)
def test_target_text(
    operator: str, value: str, upper: str | None, more: dict[str, str], text: str
) -> None:
    bound = Decimal(upper) if upper else None
    assert target_text(operator, Decimal(value), bound, **more) == text


def test_no_value_no_target() -> None:
    assert target_text(NONE, None) == "không ghi mức"
    assert suffix("quantity", "%") == "%"


# --- numbers as typed -----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("0", "0"),
        ("42", "42"),
        ("1.234", "1234"),
        ("1.234.567", "1234567"),
        ("1.234,5", "1234.5"),
        ("1 234,5", "1234.5"),
        ("1\u00a0234", "1234"),
        ("1234,5", "1234.5"),
        ("1234.5", "1234.5"),
        ("0.125", "0.125"),
        ("1,2340000", "1.234"),
        ("-3,5", "-3.5"),
        (" 007 ", "7"),
    ],
)
def test_parse_number(typed: str, value: str) -> None:
    assert parse_number(typed) == Decimal(value)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("1,234.5", "1.234,5"),
        ("1.23.4", "không đọc được"),
        ("mười", "không đọc được"),
        ("", "không đọc được"),
        ("-", "không đọc được"),
        ("١٢", "không đọc được"),
        ("1e3", "không đọc được"),
        ("NaN", "không đọc được"),
        ("1,23456", "4 chữ số thập phân"),
        ("123456789012345", "14 chữ số"),
    ],
)
def test_what_is_no_number_says_what_is_allowed(typed: str, sentence: str) -> None:
    with pytest.raises(DomainError, match=sentence):
        parse_number(typed)


@given(st.decimals(-(10**13), 10**13, places=4))
def test_what_the_portal_writes_it_reads_again(value: Decimal) -> None:
    assert parse_number(decimal_text(value)) == value


# --- whole numbers --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        (
            "1,250",
            "“1,250” là 1,25 theo cách viết Việt Nam, mà ô này chỉ nhận số nguyên. Nếu là một "
            "nghìn hai trăm năm mươi, gõ 1.250 hoặc 1250.",
        ),
        ("1,000", "“1,000” là 1 theo cách viết Việt Nam, mà ô này chỉ nhận số nguyên. Nếu là một "),
        ("21,004,015", "không đọc được theo cách viết Việt Nam, mà ô này chỉ nhận số nguyên. Nếu là"
         " hai mươi mốt triệu không trăm linh bốn nghìn không trăm mười lăm, gõ 21.004.015"),
        ("405,311", "Nếu là bốn trăm linh năm nghìn ba trăm mười một, gõ 405.311 hoặc 405311."),
        ("12,5", "“12,5” có phần lẻ. Ô này đếm từng đơn vị trọn vẹn nên chỉ nhận số nguyên"),
        ("1.234,5", "“1.234,5” có phần lẻ"),
        ("0,250", "“0,250” có phần lẻ"),
        ("1.25", "“1.25” có phần lẻ"),
        ("nhiều", "“nhiều” không đọc được là một số. Ô này chỉ nhận số nguyên viết bằng chữ số"),
    ],
)  # fmt: skip
def test_a_fraction_of_a_person_is_asked_about(typed: str, sentence: str) -> None:
    with pytest.raises(DomainError) as refused:
        parse_whole(typed)
    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("typed", "value"), [("1.250", 1250), ("1250", 1250), ("1 250", 1250), ("12,0", 12), ("-3", -3)]
)
def test_a_whole_number_however_it_is_written(typed: str, value: int) -> None:
    assert parse_whole(typed) == value


@pytest.mark.parametrize(
    ("kind", "more", "whole"),
    [
        ("count", {"said": "decimal"}, True),
        ("quantity", {}, False),
        ("quantity", {"said": "whole"}, True),
        ("quantity", {"measure_unit": "người"}, True),
        ("quantity", {"measure_unit": "Lượt người"}, True),
        ("quantity", {"measure_unit": "hộ gia đình"}, True),
        ("quantity", {"measure_unit": "lớp tập huấn"}, True),
        ("quantity", {"measure_unit": "người", "said": "decimal"}, False),
        ("quantity", {"measure_unit": "nghìn người"}, False),
        ("quantity", {"measure_unit": "người/lớp"}, False),
        ("quantity", {"measure_unit": "triệu đồng/người"}, False),
        ("quantity", {"measure_unit": "hội đồng thời gian"}, False),
        ("yes_no", {}, False),
        ("ratio", {"names": ("Người đã tập huấn", "Tổng số cán bộ")}, True),
        ("ratio", {"measure_unit": "cuộc họp"}, True),
        ("ratio", {"measure_unit": "ha"}, False),
        ("ratio", {"measure_unit": "hộ"}, True),
        ("ratio", {"measure_unit": "Triệu đồng"}, False),
        ("ratio", {"measure_unit": "m2"}, False),
        ("ratio", {"measure_unit": "nghìn lượt người"}, False),
        ("ratio", {"measure_unit": "nghìn tỷ đồng"}, False),
        ("ratio", {"measure_unit": "hội đồng"}, True),
        ("ratio", {"names": ("Diện tích có nước sạch", "Tổng diện tích")}, False),
        ("ratio", {"names": ("Hồ sơ vay vốn", "Tổng số hồ sơ")}, True),
        ("ratio", {"said": "decimal"}, False),
    ],
)
def test_what_is_counted_whole(kind: str, more: dict[str, object], whole: bool) -> None:
    assert takes_whole(kind, **more) is whole  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("kind", "more", "whole"),
    [
        ("count", {}, True),
        ("count", {"basis": "fall"}, True),
        ("count", {"basis": "rise_percent"}, False),
        ("quantity", {"measure_unit": "hộ"}, True),
        ("quantity", {"measure_unit": "ha"}, False),
        ("quantity", {"measure_unit": "hộ", "said": "decimal"}, False),
        ("ratio", {"measure_unit": "hộ"}, False),
        ("ratio", {"said": "whole"}, False),
        ("derived", {"derivation": "count"}, True),
        ("derived", {"derivation": "share", "of_wholes": True}, False),
        ("derived", {"derivation": "sum", "of_wholes": True}, True),
        ("derived", {"derivation": "sum"}, False),
        ("yes_no", {}, False),
    ],
)
def test_what_a_target_counts_whole(kind: str, more: dict[str, object], whole: bool) -> None:
    assert target_takes_whole(kind, **more) is whole  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "readings"),
    [
        ("1,250", [("1250", "một nghìn hai trăm năm mươi"), ("1.25", "1,25")]),
        ("1.250", [("1250", "1.250")]),
        ("1.234,5", [("1234.5", "1.234,5")]),
        ("1,234,567", [("1234567", in_words(1_234_567))]),
        (" 12,5 ", [("12.5", "12,5")]),
        ("chín mươi", []),
    ],
)
def test_what_a_number_on_paper_may_mean(text: str, readings: list[tuple[str, str]]) -> None:
    assert plain_readings(text) == readings

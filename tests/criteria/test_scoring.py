"""Points, sums, bands and ranks: by example, and by property against a slow, obvious reference."""

from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from criteria.rules import (
    BETWEEN,
    BY_LEVEL,
    EQ,
    GE,
    GT,
    LE,
    LT,
    NONE,
    Band,
    Computed,
    Contender,
    Gate,
    Item,
    LevelPoints,
    Measured,
    Rounding,
    Rule,
    Scored,
    Step,
    Table,
    Tie,
    Verdict,
    average,
    band_for,
    by_count,
    by_level,
    circle,
    compute,
    disqualified_by,
    judge,
    ranked,
    reached,
    telling_digits,
    total_of,
)

TWO = Rounding()


def d(text: str | int) -> Decimal:
    return Decimal(text)


def value(number: str | int) -> Measured:
    return Measured(value=d(number))


def goal(operator: str, low: str | int | None, high: str | int | None = None) -> Rule:
    return Rule(
        operator=operator,
        value=None if low is None else d(low),
        value_to=None if high is None else d(high),
    )


def item(method: str, **more: object) -> Item:
    fields = {"ref": "m", "code": "1", "max_points": d(20), "indicator": "ct", **more}
    return Item(method=method, **fields)  # type: ignore[arg-type]


# --- rounding -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("how", "exact", "shown"),
    [
        ("half_up", Fraction(1, 3), "0.33"),
        ("half_up", Fraction(5, 1000), "0.01"),
        ("half_up", Fraction(-5, 1000), "0.00"),
        ("up", Fraction(1, 3), "0.34"),
        ("down", Fraction(2, 3), "0.66"),
    ],
)
def test_points_are_rounded_as_the_table_states(how: str, exact: Fraction, shown: str) -> None:
    assert Rounding(2, how).of(exact) == d(shown)


def test_a_peer_average_is_rounded_once() -> None:
    given_points = [d("18.5"), d(19), d(19)]
    assert average(given_points, TWO) == d("18.83")
    assert average(given_points, Rounding(1, "down")) == d("18.8")
    assert average([], TWO) is None


# --- the share of the target that is reached ------------------------------------------------------
@pytest.mark.parametrize(
    ("measured", "rule", "share"),
    [
        (Measured(d(76), d(100)), goal(GE, 80), 95),
        (value(120), goal(GE, 80), 150),
        (value(8), goal(LE, 10), 125),
        (value(20), goal(LE, 10), 50),
        (value(0), goal(LE, 10), 100),
        (value(0), goal(LE, 0), 100),
        (value(3), goal(LE, 0), 0),
        (value(50), goal(BETWEEN, 65, 70), Fraction(5000, 65)),
        (value(66), goal(BETWEEN, 65, 70), 100),
        (value(140), goal(BETWEEN, 65, 70), 50),
        (value(90), goal(EQ, 100), 90),
        (value(200), goal(EQ, 100), 50),
        (value(-1), goal(GE, 0), 0),
    ],
)
def test_how_much_of_the_target_is_reached(measured: Measured, rule: Rule, share: object) -> None:
    assert reached(measured, rule) == share


def test_nothing_is_reached_without_a_figure_or_a_target() -> None:
    assert reached(Measured(), goal(GE, 80)) is None
    assert reached(value(1), None) is None
    assert reached(value(1), goal(NONE, None)) is None


# --- the methods ----------------------------------------------------------------------------------
def test_proportional_stops_at_the_maximum_and_at_the_floor() -> None:
    line = item("proportional")
    assert compute(line, Measured(d(76), d(100)), goal(GE, 80), TWO).points == 19  # type: ignore[union-attr]
    assert compute(line, value(500), goal(GE, 80), TWO).points == 20  # type: ignore[union-attr]
    low = compute(item("proportional", floor=d(5)), value(1), goal(GE, 80), TWO)
    assert (low.points, low.how) == (5, "Đạt 1,25% chỉ tiêu × 20, không dưới 5 = 5 điểm")  # type: ignore[union-attr]
    full = compute(line, value(81), goal(GE, 80), TWO)
    assert full.how == "Đạt 101,25% chỉ tiêu: đủ 20 điểm"  # type: ignore[union-attr]
    told = compute(line, value(76), goal(GE, 80), TWO)
    assert told.how == "Đạt 95% chỉ tiêu × 20 = 19 điểm"  # type: ignore[union-attr]


STEPS = (Step(d(100), None, d(20)), Step(d(80), d(100), d(12)), Step(None, d(80), d(-5)))


@pytest.mark.parametrize(
    ("result", "points"), [("80", 20), ("79.999", 12), ("64", 12), ("63.9999", -5)]
)
def test_steps_take_the_share_unrounded(result: str, points: int) -> None:
    line = item("steps", steps=STEPS, floor=d(-5))
    assert compute(line, value(result), goal(GE, 80), TWO).points == points  # type: ignore[union-attr]


def test_steps_on_the_result_need_no_target() -> None:
    line = item("steps", steps=STEPS, basis="result")
    got = compute(line, value("99.9"), None, TWO)
    assert (got.points, got.how) == (12, "99,9, bậc từ 80 đến dưới 100: 12 điểm")  # type: ignore[union-attr]
    assert compute(item("steps", steps=STEPS), value(90), None, TWO) is None
    hole = item("steps", steps=STEPS[:1], basis="result")
    assert compute(hole, value(90), None, TWO) is None
    assert [s.words for s in (*STEPS, Step())] == [
        "từ 100 trở lên",
        "từ 80 đến dưới 100",
        "dưới 80",
        "mọi mức",
    ]


def test_yes_or_no_goes_by_the_verdict_or_by_yes() -> None:
    line = item("yes_no", floor=d(2))
    assert compute(line, value("79.99"), goal(GE, 80), TWO).points == 2  # type: ignore[union-attr]
    assert compute(line, value(80), goal(GE, 80), TWO).points == 20  # type: ignore[union-attr]
    assert compute(line, value(1), None, TWO).how == "Đạt: 20 điểm"  # type: ignore[union-attr]
    assert compute(line, value(0), goal(NONE, None), TWO).how == "Không đạt: 2 điểm"  # type: ignore[union-attr]


def test_times_are_capped() -> None:
    line = item("count", max_points=d(3), each=d("0.5"))
    assert by_count(line, 4, TWO).how == "4 lần × 0,5 = 2 điểm"
    assert by_count(line, 9, TWO).how == "9 lần × 0,5, tối đa 3 = 3 điểm"
    assert compute(line, value(5), None, TWO).points == d("2.5")  # type: ignore[union-attr]
    assert by_count(item("count"), 9, TWO).points == 0


def test_what_is_scored_by_hand_is_not_computed() -> None:
    assert compute(item("manual"), value(80), goal(GE, 80), TWO) is None
    assert compute(item("proportional", indicator=""), value(80), goal(GE, 80), TWO) is None
    assert compute(item("proportional"), Measured(), goal(GE, 80), TWO) is None


figures = st.decimals(min_value=0, max_value=10_000, places=4)


@given(figures, st.decimals(min_value="0.0001", max_value=10_000, places=4), st.integers(1, 300))
def test_proportional_against_the_definition(got: Decimal, target: Decimal, most: int) -> None:
    """Written out: the share, no more than one, times the maximum, to the nearest hundredth."""
    line = item("proportional", max_points=d(most))
    points = compute(line, value(got), goal(GE, target), TWO).points  # type: ignore[union-attr]
    exact = min(Fraction(1), Fraction(got) / Fraction(target)) * most
    # half a hundredth, or a whole one where the target is missed by less than that
    assert abs(Fraction(points) - exact) <= Fraction(1, 200 if points < most - d("0.01") else 100)
    assert 0 <= points <= most
    assert (points * 100) == (points * 100).to_integral_value()


@given(figures, st.lists(st.integers(1, 500), min_size=1, max_size=6, unique=True))
def test_steps_without_holes_take_exactly_one(got: Decimal, cuts: list[int]) -> None:
    ends = [None, *map(Decimal, sorted(cuts)), None]
    steps = tuple(Step(low, high, d(n)) for n, (low, high) in enumerate(pairwise(ends)))
    line = item("steps", steps=steps, basis="result", max_points=d(len(cuts)))
    points = compute(line, value(got), None, TWO).points  # type: ignore[union-attr]
    assert points == sum(cut <= got for cut in cuts)  # how many bars were cleared


BOUNDS = st.sampled_from([GE, GT, LE, LT, EQ])


@given(figures, figures, BOUNDS, st.sampled_from([0, 2]), st.sampled_from([None, d(5), d(20)]))
def test_full_points_are_earned_by_a_met_target_and_by_no_other(
    got: Decimal, target: Decimal, operator: str, digits: int, floor: Decimal | None
) -> None:
    """Held against the verdict itself, figures close to the target among them."""
    line = item("proportional", floor=floor)
    for figure in (got, target, target + d("0.0001"), target - d("0.0001")):
        points = compute(line, value(figure), goal(operator, target), Rounding(digits)).points  # type: ignore[union-attr]
        met = judge(value(figure), goal(operator, target)) == Verdict.MET
        assert (points == 20) == (met or floor == 20)
        assert (floor or 0) <= points <= 20


def test_exactly_the_bound_that_must_be_passed_says_why_it_is_not_full() -> None:
    got = compute(item("proportional"), value(80), goal(GT, 80), TWO)
    assert got == Computed(
        d("19.99"),
        "Đạt 100% chỉ tiêu × 20, chưa đạt chỉ tiêu nên không tính đủ điểm = 19,99 điểm",
    )
    line = item("steps", steps=STEPS, floor=d(-5))
    assert compute(line, value(80), goal(GT, 80), TWO).points == 12  # type: ignore[union-attr]
    assert compute(line, value("80.0001"), goal(GT, 80), TWO).points == 20  # type: ignore[union-attr]


# --- the sum --------------------------------------------------------------------------------------
def table(**more: object) -> Table:
    """Two headings of 60 and 40, a bonus and a penalty."""
    items = (
        Item("a", "I", method="sum", max_points=d(60)),
        Item("a1", "1", parent="a", max_points=d(40), floor=d(-5)),
        Item("a2", "2", parent="a", max_points=d(20)),
        Item("b", "II", max_points=d(40)),
        Item("t1", "T1", kind="bonus", max_points=d(3)),
        Item("t2", "T2", kind="bonus", max_points=d(4)),
        Item("p", "TR", kind="penalty", method="sum", max_points=d(6)),
        Item("p1", "TR1", kind="penalty", parent="p", max_points=d(5)),
        Item("p2", "TR2", kind="penalty", parent="p", max_points=d(5)),
    )
    return Table(**{"max_points": d(100), "items": items, **more})  # type: ignore[arg-type]


def scores(**given_points: int | None) -> dict[str, Scored]:
    """None: does not apply."""
    return {
        ref: Scored(applies=False) if points is None else Scored(d(points))
        for ref, points in given_points.items()
    }


def test_items_plus_bonus_less_penalty() -> None:
    got = total_of(table(), scores(a1=30, a2=20, b=30, t1=2, p1=1))
    assert (got.items, got.bonus, got.penalty, got.total) == (80, 2, 1, 81)
    assert got.parts["a"] == 50


def test_ceilings_of_items_of_headings_and_of_sums() -> None:
    given_points = scores(a1=30, t1=3, t2=4, p1=5, p2=5)
    got = total_of(table(bonus_ceiling=d(5), penalty_ceiling=d(4)), given_points)
    assert (got.bonus, got.penalty) == (5, 4)
    assert total_of(table(), given_points).penalty == 6  # the heading's own


def test_the_grand_total_passes_the_maximum_only_where_the_table_lets_it() -> None:
    full = scores(a1=40, a2=20, b=40, t1=3)
    assert total_of(table(), full).total == 100
    assert total_of(table(may_exceed=True), full).total == 103


def test_a_heading_keeps_its_floor() -> None:
    items = (
        Item("a", method="sum", max_points=d(60), floor=d(0)),
        Item("a1", parent="a", max_points=d(60), floor=d(-5)),
        Item("b", max_points=d(40)),
    )
    assert total_of(Table(d(100), items), scores(a1=-5, b=10)).total == 10
    assert total_of(table(), scores(a1=-5, b=10)).total == 5


def test_a_heading_without_a_part_that_applies_is_taken_out_with_its_floor() -> None:
    items = (
        Item("a", method="sum", max_points=d(40), floor=d(10)),
        Item("a1", parent="a", max_points=d(20)),
        Item("a2", parent="a", max_points=d(20)),
        Item("b", max_points=d(60)),
    )
    asked = Table(d(100), items, not_applicable="rescale")
    got = total_of(asked, scores(a1=None, a2=None, b=30))
    assert (got.total, got.removed, set(got.parts)) == (50, 40, {"b"})
    assert total_of(asked, scores(a1=None, a2=5, b=30)).parts["a"] == 10


@pytest.mark.parametrize(("policy", "total"), [("full", 70), ("zero", 30), ("rescale", 50)])
def test_an_item_that_does_not_apply(policy: str, total: int) -> None:
    got = total_of(table(not_applicable=policy), scores(a1=None, a2=10, b=20, t1=None))
    assert got.total == total
    assert got.removed == (40 if policy == "rescale" else 0)


def test_a_scaled_total_stays_exact() -> None:
    got = total_of(table(), scores(a1=None, a2=0, b=1))
    assert got.total == Fraction(100, 60)
    everything = total_of(table(), scores(a1=None, a2=None, b=None))
    assert everything.total == 0


@given(
    st.integers(-5, 40),
    st.integers(0, 20),
    st.one_of(st.none(), st.integers(0, 40)),
    st.integers(0, 3),
    st.integers(0, 4),
    st.integers(0, 5),
    st.integers(0, 5),
    st.sampled_from(["full", "rescale", "zero"]),
    st.booleans(),
    st.one_of(st.none(), st.integers(0, 8)),
)
def test_the_sum_against_the_sum_written_out(a1, a2, b, t1, t2, p1, p2, policy, over, ceiling):
    made = table(
        not_applicable=policy,
        may_exceed=over,
        bonus_ceiling=None if ceiling is None else d(ceiling),
    )
    got = total_of(made, scores(a1=a1, a2=a2, b=b, t1=t1, t2=t2, p1=p1, p2=p2)).total
    if b is None:
        items = {
            "full": Fraction(a1 + a2 + 40),
            "zero": Fraction(a1 + a2),
            "rescale": Fraction((a1 + a2) * 100, 60),
        }[policy]
    else:
        items = Fraction(a1 + a2 + b)
    bonus = t1 + t2 if ceiling is None or t1 + t2 < ceiling else ceiling
    slow = items + bonus - (p1 + p2 if p1 + p2 < 6 else 6)
    assert got == (slow if over or slow < 100 else 100)


# --- bands and gates ------------------------------------------------------------------------------
BANDS = (
    Band(d(90), None, ref="xs", name="Xuất sắc", admits=True),
    Band(d(80), d(90), ref="tot", name="Tốt"),
    Band(None, d(80), ref="ht", name="Hoàn thành"),
)
GATES = (
    Gate("ky-luat", "Có kỷ luật", effect="bar", band="xs"),
    Gate("tham-nhung", "Có tham nhũng"),
    Gate("moi-muc", "Không xét", effect="bar", band="ht"),
)


@pytest.mark.parametrize(
    ("total", "hit", "band"),
    [
        (Fraction(90), (), "xs"),
        (Fraction(8999, 100), (), "tot"),
        (Fraction(95), ("ky-luat",), "tot"),
        (Fraction(70), ("ky-luat",), "ht"),
        (Fraction(95), ("moi-muc",), None),
        (Fraction(95), ("tham-nhung",), "xs"),
    ],
)
def test_a_band_and_what_bars_from_it(total: Fraction, hit: tuple, band: str | None) -> None:
    found = band_for(total, table(bands=BANDS, gates=GATES), hit)
    assert (found.ref if found else None) == band


def test_no_bands_no_band() -> None:
    assert band_for(Fraction(5), table()) is None
    assert disqualified_by(table(gates=GATES), ["ky-luat", "tham-nhung"]) == [GATES[1]]


# --- the rank -------------------------------------------------------------------------------------
def unit(key: int, total: int, **more: object) -> Contender:
    return Contender(key, f"Đơn vị {key}", Fraction(total), **more)  # type: ignore[arg-type]


TIES = (
    Tie("item", "kt", "điểm kinh tế"),
    Tie("indicator", "hs", "hồ sơ trễ", lower_wins=True),
    Tie("penalty"),
)


def test_ties_are_decided_in_the_order_of_the_table_and_said() -> None:
    first = unit(1, 90, items={"kt": Fraction(30)})
    second = unit(2, 90, items={"kt": Fraction(28)}, figures={"hs": Fraction(1)})
    third = unit(3, 90, items={"kt": Fraction(28)}, figures={"hs": Fraction(2)})
    fourth = unit(4, 90, items={"kt": Fraction(28)}, figures={"hs": None}, penalty=Fraction(1))
    fifth = unit(5, 90, items={"kt": Fraction(28)}, penalty=Fraction(2))
    best = unit(6, 91)
    order = ranked([fifth, third, first, best, fourth, second], TIES)
    assert [place.key for place in order] == [6, 1, 2, 3, 4, 5]
    assert [place.place for place in order] == [1, 2, 3, 4, 5, 6]
    assert [place.why for place in order] == [
        "",
        "hơn Đơn vị 2 về điểm kinh tế: 30 so với 28",
        "hơn Đơn vị 3 về hồ sơ trễ: 1 so với 2",
        "hơn Đơn vị 4 về hồ sơ trễ: 2 so với không có số liệu",
        "hơn Đơn vị 5 về ít điểm trừ hơn: 1 so với 2",
        "",
    ]


def test_equals_share_the_rank_and_the_next_is_skipped() -> None:
    order = ranked([unit(1, 90), unit(2, 90), unit(3, 80)], ())
    assert [(p.place, p.shared, p.waits) for p in order] == [
        (1, True, False),
        (1, True, False),
        (3, False, False),
    ]
    assert order[0].why == "bằng Đơn vị 2"


def test_where_no_rank_is_shared_equals_wait_for_the_meeting() -> None:
    pair = [unit(1, 90), unit(2, 90)]
    waiting = ranked(pair, (), tie_end="decided")
    assert [p.waits for p in waiting] == [True, True]
    assert waiting[0].why == "bằng Đơn vị 2, chờ hội nghị quyết định"
    settled = [unit(1, 90, settled=2), unit(2, 90, settled=1)]
    order = ranked(settled, (), tie_end="decided")
    assert [(p.key, p.place, p.waits) for p in order] == [(2, 1, False), (1, 2, False)]
    assert order[0].why == "thứ tự do hội nghị quyết định"
    half = ranked([unit(1, 90, settled=1), unit(2, 90)], (), tie_end="decided")
    assert [p.waits for p in half] == [True, True]


def test_only_the_first_places_may_be_bound() -> None:
    rows = [unit(1, 90), unit(2, 80), unit(3, 80), unit(4, 70), unit(5, 70)]
    order = ranked(rows, (), tie_end="decided", decided_places=2)
    assert [(p.place, p.waits) for p in order] == [
        (1, False),
        (2, True),
        (2, True),
        (4, False),
        (4, False),
    ]


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(0, 2)), max_size=8))
def test_the_rank_against_counting_who_is_better(rows: list[tuple[int, int, int]]) -> None:
    """Slow and obvious: one more than how many beat the unit."""
    contenders = [
        Contender(n, f"{n}", Fraction(t), Fraction(p), {"kt": Fraction(k)})
        for n, (t, k, p) in enumerate(rows)
    ]
    ties = (Tie("item", "kt"), Tie("penalty"))

    def beats(one: tuple[int, int, int], other: tuple[int, int, int]) -> bool:
        (t, k, p), (t2, k2, p2) = one, other
        return t > t2 or (t == t2 and (k > k2 or (k == k2 and p < p2)))

    places = {p.key: p.place for p in ranked(contenders, ties)}
    assert places == {n: 1 + sum(beats(other, row) for other in rows) for n, row in enumerate(rows)}
    shuffled = ranked(reversed(contenders), ties)
    assert {p.key: p.place for p in shuffled} == places


def test_two_totals_never_read_alike() -> None:
    close = [Fraction(9000001, 100000), Fraction(9000002, 100000)]
    assert telling_digits(close, 2) == 5
    assert telling_digits([Fraction(1), Fraction(1)], 2) == 2
    assert telling_digits([Fraction(1, 3), Fraction(1, 3) + Fraction(1, 10**9)], 2) == 6


def test_everybody_scores_as_many_as_he_is_scored_by_and_never_himself() -> None:
    pairs = circle([1, 2, 3, 4], 2)
    assert pairs[:2] == [(1, 2), (1, 3)]
    assert all(scorer != scored for scorer, scored in pairs)
    assert sorted(scored for _, scored in pairs) == [1, 1, 2, 2, 3, 3, 4, 4]
    assert circle([1, 2], 5) == [(1, 2), (2, 1)]
    assert circle([1], 2) == []
    assert len(list(permutations([1, 2, 3], 2))) == len(circle([1, 2, 3], 2))


def test_a_target_on_the_change_gives_no_points_by_itself() -> None:
    rising = Rule(GE, d(5), basis="rise")
    assert compute(item("proportional"), value(76), rising, TWO) is None


# --- by level -------------------------------------------------------------------------------------
LEVEL_REFS = ["tot", "kha", "dat", "kem"]
some_points = st.integers(-40_000, 400_000).map(lambda n: Decimal(n) / 10_000)


@given(
    st.dictionaries(st.sampled_from(LEVEL_REFS), some_points),
    st.sampled_from([*LEVEL_REFS, "la", ""]),
    st.integers(0, 4),
)
def test_points_by_level_against_looking_them_up(
    given_by: dict[str, Decimal], found: str, digits: int
) -> None:
    lines = tuple(LevelPoints(ref, points, ref.upper()) for ref, points in given_by.items())
    item = Item("a", method=BY_LEVEL, indicator="muc", levels=lines)
    got = by_level(item, found, Rounding(digits))
    if found not in given_by:
        assert got is None
        return
    exact = given_by[found]
    up = exact.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_FLOOR)
    step = Decimal(1).scaleb(-digits)
    wanted = up + step if (exact - up) * 2 >= step else up  # a half goes upward
    assert got is not None
    assert got.points == wanted
    assert got.how.startswith(f"Mức “{found.upper()}”: ")


def test_no_number_gives_points_by_level() -> None:
    item = Item("a", method=BY_LEVEL, indicator="muc", levels=(LevelPoints("tot", d(5)),))
    assert compute(item, Measured(value=d(1)), goal(GE, 1), Rounding()) is None
    told = by_level(item, "tot", Rounding())
    assert told is not None
    assert told.how == "Mức “tot”: 5 điểm"  # what has no name is called by its ref


@given(st.lists(st.sampled_from([None, True, False]), min_size=1, max_size=7))
def test_who_was_found_to_meet_it_stands_before_who_was_not(found: list[bool | None]) -> None:
    units = [
        Contender(
            n, f"Đơn vị {n}", Fraction(80), figures={"muc": None if m is None else Fraction(m)}
        )
        for n, m in enumerate(found)
    ]
    places = {p.key: p.place for p in ranked(units, [Tie("indicator", "muc", "CT", in_words=True)])}
    worth = {True: 0, False: 1, None: 2}
    for n, mine in enumerate(found):
        assert places[n] == 1 + sum(worth[other] < worth[mine] for other in found)


def test_the_reason_of_a_rank_says_met_or_not() -> None:
    units = [
        Contender(1, "A", Fraction(80), figures={"muc": Fraction(1)}),
        Contender(2, "B", Fraction(80), figures={"muc": Fraction(0)}),
    ]
    first, _ = ranked(units, [Tie("indicator", "muc", "Sáng kiến (CT5)", in_words=True)])
    assert first.why == "hơn B về Sáng kiến (CT5): đạt so với chưa đạt"

"""Where bars and lines stand: whole numbers on one scale, nothing drawn that is not known."""

from datetime import date
from decimal import Decimal
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from campaigns.queries.charts import FULL, PAINTS, Point, Slice, climb, columns, reaches, slices
from criteria.rules import Verdict

MET, NO_DATA = Verdict.MET, Verdict.NO_DATA
shares = st.fractions(min_value=0, max_value=100, max_denominator=10_000)


def test_bars_share_a_scale_that_begins_at_nought() -> None:
    bars = reaches([Fraction(50), Fraction(25)], [Decimal(80), None], percent=True)
    assert [(bar.width, bar.target) for bar in bars] == [(500, 800), (250, None)]
    counted = reaches([Fraction(2), Fraction(4)], [Decimal(8), Decimal(8)], percent=False)
    assert [(bar.width, bar.target) for bar in counted] == [(250, 1000), (500, 1000)]
    assert reaches([Fraction(0)], [None], percent=False)[0].width == 0


@given(st.lists(shares, min_size=1, max_size=8))
def test_bars_stay_in_their_frame_and_in_order(values: list[Fraction]) -> None:
    high_first = sorted(values, reverse=True)
    widths = [bar.width for bar in reaches(high_first, [None] * len(values), percent=True)]
    assert all(0 <= width <= FULL for width in widths)
    assert widths == sorted(widths, reverse=True)


def test_parts_of_a_whole() -> None:
    assert slices([("met", "Đạt", 3), ("none", "Không", 0), ("not_met", "Chưa đạt", 1)]) == [
        Slice("met", "Đạt", 3, 0, 748),
        Slice("not_met", "Chưa đạt", 1, 750, 248),
    ]
    assert slices([("met", "Đạt", 0)]) == []
    assert slices([("met", "Đạt", 1)])[0].paint == PAINTS["met"]


def test_a_count_climbs_day_by_day() -> None:
    days = [date(2024, 11, 11), date(2024, 11, 1), date(2024, 11, 11)]
    line = climb(
        days,
        4,
        first=date(2024, 11, 1),
        last=date(2024, 11, 21),
        marks=[(date(2024, 11, 1), "mở"), (date(2024, 11, 21), "khóa"), (date(2025, 1, 1), "xa")],
    )
    assert line.path == "M0 162H0V129H320V96H320V63"
    assert line.marks == [(0, "mở", False), (640, "khóa", True), (640, "xa", True)]


def test_a_climb_within_one_day() -> None:
    day = date(2024, 11, 1)
    assert climb([day], 1, first=day, last=day, marks=[]).path == "M0 162H0V30"


def point(label: str, value: int | None, target: int | None = None) -> Point:
    exact = None if value is None else Fraction(value)
    aim = None if target is None else Decimal(target)
    return Point(label, f"{value}%", exact, aim, NO_DATA if value is None else MET)


def test_columns_over_the_periods() -> None:
    chart = columns([point("2023", 50, 80), point("2024", 100, 80)], percent=True)
    assert chart
    first, second = chart.columns
    assert (first.height, second.height) == (66, 132)
    assert first.y + first.height == second.y + second.height == chart.base
    assert first.line == second.line == chart.base - 105
    assert first.left < first.x < first.middle < first.right
    assert chart.words == "2023: 50%; 2024: 100%"


def test_a_figure_is_written_above_a_target_close_to_it() -> None:
    chart = columns([point("2023", 99, 100), point("2024", 50, 100)], percent=True)
    assert chart
    assert [one.above for one in chart.columns] == [chart.columns[0].line - 6, 96 - 6]


def test_a_period_without_a_figure_has_no_column() -> None:
    chart = columns([point("2022", None), point("2023", 1), point("2024", 2)], percent=False)
    assert chart
    assert (chart.columns[0].shown, chart.columns[0].height) == ("chưa có", 0)
    assert columns([point("2022", None), point("2023", 1)], percent=False) is None

"""Which day of a plan a period falls due on, and for whom."""

from datetime import date
from typing import Any

import pytest

from campaigns import queries
from campaigns.models import Period, ReportingDuty
from campaigns.queries.deadline import deadline
from campaigns.rules import DutyDay, Span, day_for, duty_day
from tests.campaigns.world import World
from tests.factories import NOW, GroupFactory, KindFactory, PeriodFactory

Day = tuple[int, int]


def due_on(kind: str, first: str, last: str, *days: Day, **fields: Any) -> date | None:
    """When duties on these days of the year fall due for a period, None where none of them does."""

    def of(day: Day) -> Any:
        return lambda year: duty_day("before", month=day[1], day=day[0], on=None, year=year)

    span = Span(kind, date.fromisoformat(first), date.fromisoformat(last))
    found = day_for(span, [of(day) for day in days])
    return found.due_on if found else None


YEAR = ("year", "2025-01-01", "2025-12-31")
H1, H2 = ("half", "2025-01-01", "2025-06-30"), ("half", "2025-07-01", "2025-12-31")


@pytest.mark.parametrize(
    ("period", "days", "expected"),
    [
        (YEAR, [(30, 11)], date(2025, 11, 29)),
        (YEAR, [(15, 1)], date(2026, 1, 14)),  # of the year that is over
        (YEAR, [(1, 1)], date(2025, 12, 31)),
        (YEAR, [(15, 6), (30, 11)], date(2025, 11, 29)),
        (YEAR, [(2, 7)], date(2026, 7, 1)),  # from the middle to the next
        (YEAR, [(5, 7)], date(2025, 7, 4)),
        (H1, [(10, 6), (10, 12)], date(2025, 6, 9)),
        (H2, [(10, 6), (10, 12)], date(2025, 12, 9)),
        (H2, [(15, 7), (15, 1)], date(2026, 1, 14)),
        (H2, [(10, 6)], None),  # the plan asks for the first half alone
        (H2, [], None),
        # years that the plan's own days cut off
        (("year", "2025-11-01", "2025-12-31"), [(15, 11)], date(2025, 11, 14)),
        (("year", "2025-12-10", "2025-12-31"), [(30, 11)], None),
        (("year", "2025-01-01", "2025-06-30"), [(30, 11)], date(2025, 11, 29)),
        (("year", "2025-01-01", "2025-06-30"), [(15, 1)], date(2026, 1, 14)),
        (("year", "2024-09-01", "2025-05-31"), [(15, 6)], date(2025, 6, 14)),  # of schools
        (("half", "2025-05-10", "2025-06-30"), [(10, 6)], date(2025, 6, 9)),
        (("interim", "2021-01-01", "2023-06-30"), [(30, 6)], date(2023, 6, 29)),
        (("interim", "2025-01-01", "2025-03-31"), [(15, 4)], date(2025, 4, 14)),
    ],
)
def test_the_first_day_after_the_middle_of_the_period(
    period: tuple[str, str, str], days: list[Day], expected: date | None
) -> None:
    assert due_on(*period, *days) == expected


def test_a_day_named_once_holds_wherever_it_lies() -> None:
    def of(on: date) -> Any:
        return lambda year: duty_day("on", month=None, day=None, on=on, year=year)

    final = Span("final", date(2021, 1, 1), date(2025, 12, 31))
    early, late = of(date(2022, 5, 1)), of(date(2025, 9, 30))
    held = [day_for(final, duties) for duties in ([early, late], [early])]
    assert [day.due_on for day in held if day] == [date(2025, 9, 30), date(2022, 5, 1)]


def test_words_hold_where_no_day_is_named() -> None:
    def words(year: int) -> DutyDay:
        return duty_day("before", month=None, day=None, on=None, year=year, text="sẽ hướng dẫn")

    year = Span("year", date(2025, 1, 1), date(2025, 12, 31))
    assert day_for(year, [words]) == DutyDay(None, "sẽ hướng dẫn")


# --- of whom --------------------------------------------------------------------------------------
@pytest.fixture
def others(world: World) -> ReportingDuty:
    """A duty that stands before the one of all, of another group only."""
    group = GroupFactory(criteria_set=world.campaign.criteria_set, name="Cá nhân")
    group.unit_kinds.add(KindFactory(code="ca-nhan"))
    duty: ReportingDuty = ReportingDuty.objects.create(
        campaign=world.campaign,
        ref="ca-nhan",
        order=0,
        what="report",
        name="Báo cáo của cá nhân",
        rhythm="yearly",
        month=10,
        day=15,
    )
    duty.groups.add(group)
    world.campaign.duties.filter(ref="nam").update(order=1)
    return duty


def told(world: World) -> tuple[date | None, ...]:
    """On the first page of the clerk, on the sheet, to the office that waits, on the board."""
    (line,) = queries.sheets_to_fill(world.clerk, NOW.date())
    sheet = queries.unit_due(world.part, world.period)
    (owing,) = queries.who_owes(world.verifier, NOW.date())
    board = deadline(world.campaign, world.period, world.verifier, NOW.date()).due
    return (
        line.due.due_on,
        sheet.due_on,
        owing.due.due_on,
        board.due_on if board else None,
    )


def test_a_duty_of_another_group_is_nobody_elses(world: World, others: ReportingDuty) -> None:
    assert told(world) == (date(2024, 11, 29),) * 4
    others.groups.set([world.group])
    mine, early = date(2024, 10, 14), date(2024, 11, 29)
    assert told(world) == (mine, mine, early, early)  # what all owe is told of all
    world.campaign.duties.filter(ref="nam").delete()
    assert told(world) == (mine,) * 4


def test_a_duty_of_a_named_unit_or_of_a_group_of_all(world: World, others: ReportingDuty) -> None:
    mine = date(2024, 10, 14)
    (group,) = others.groups.all()
    group.units.add(world.branch)
    assert told(world)[:2] == (mine, mine)
    group.units.clear()
    group.unit_kinds.clear()  # then it measures every unit taking part
    assert told(world) == (mine,) * 4


def test_both_halves_fall_due_on_their_own_day(world: World) -> None:
    for day, ref in ((10, "h1"), (12, "h2")):
        ReportingDuty.objects.create(
            campaign=world.campaign,
            ref=ref,
            what="report",
            name="Báo cáo 6 tháng",
            rhythm="half_yearly",
            relation="on",
            month=6 if ref == "h1" else 12,
            day=day,
        )
    Period.objects.all().delete()
    second = PeriodFactory(
        campaign=world.campaign,
        ref="h2",
        kind="half",
        name="6 tháng cuối năm",
        period_from=date(2024, 7, 1),
        period_to=date(2024, 12, 31),
    )
    world.period = second
    assert told(world) == (date(2024, 12, 12),) * 4

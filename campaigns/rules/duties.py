"""When a duty is due."""

import calendar
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from campaigns.rules.periods import Span


@dataclass(frozen=True)
class DutyDay:
    """`due_on` is the last day that is in time; `words` say the day as the plan does."""

    due_on: date | None
    words: str


def duty_day(
    relation: str, *, month: int | None, day: int | None, on: date | None, year: int, text: str = ""
) -> DutyDay:
    """When a duty falls due in `year`. “Trước ngày 30/11” is kept on 29/11 and late on the day.

    A day that the month does not have (31/11) is its last day; a plan that names no day gives its
    own words, or says that it names none.
    """
    named = on
    if named is None and month and day:
        named = date(year, month, min(day, calendar.monthrange(year, month)[1]))
    if named is None:
        return DutyDay(None, text or "Kế hoạch không ghi ngày")
    if relation == "before":
        last = named - timedelta(days=1)
        return DutyDay(last, f"trước ngày {named:%d/%m/%Y}, tức chậm nhất {last:%d/%m/%Y}")
    if relation == "within":
        return DutyDay(named, text or f"chậm nhất ngày {named:%d/%m/%Y}")
    return DutyDay(named, f"ngày {named:%d/%m/%Y}")


def day_for(period: Span, duties: Iterable[Callable[[int], DutyDay]]) -> DutyDay | None:
    """When the duties of a rhythm fall due for a period, each told by the year: on the first day
    between the middle of this period and that of the next. So of two days a year each half has its
    own, and one in January is of the year that is over.

    A day that is named once and for all holds wherever it lies, words where no day is named. None
    where the plan names none for this period.
    """
    first, last = period.window
    held = [[due(year) for year in range(first.year, last.year + 2)] for due in duties]
    days = [(day.due_on, day) for every in held for day in every if day.due_on]
    fitting = [(on, day) for on, day in days if first <= on < last]
    if fitting:
        return min(fitting, key=lambda one: one[0])[1]
    return next((every[0] for every in held if every[0] == every[-1]), None)


def by_closing(due: DutyDay | None, closes_on: date) -> DutyDay:
    """What is owed by when: where the plan names no day, before the period closes."""
    if due and due.due_on:
        return due
    said = due.words if due else "Kế hoạch không ghi ngày"
    return DutyDay(closes_on, f"{said}; kỳ khóa sau ngày {closes_on:%d/%m/%Y}")


def extended(due: DutyDay | None, until: date | None) -> DutyDay | None:
    """What a unit owes by when, once its time was extended to `until`."""
    if until is None:
        return due
    return DutyDay(until, f"được gia hạn đến hết ngày {until:%d/%m/%Y}")

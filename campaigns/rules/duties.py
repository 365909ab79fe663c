"""When a duty is due."""

import calendar
from dataclasses import dataclass
from datetime import date, timedelta


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


def extended(due: DutyDay | None, until: date | None) -> DutyDay | None:
    """What a unit owes by when, once its time was extended to `until`."""
    if until is None:
        return due
    return DutyDay(until, f"được gia hạn đến hết ngày {until:%d/%m/%Y}")

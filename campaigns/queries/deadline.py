"""Who has sent and who has not, against the day of the plan and that on which the period closes."""

import math
from collections import Counter
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from campaigns.models import Campaign, Period, ResultSheet
from campaigns.queries.charts import Climb, Slice, climb, slices
from campaigns.queries.due import owed_by_members, period_due
from campaigns.queries.members import NO_SHEET, Standing, Standings, standings
from campaigns.rules import DutyDay
from units.models import User

WEEK = 7
GROUPS = {
    NO_SHEET: "Chưa bắt đầu",
    "draft": "Đang nhập",
    "returned": "Trả lại để sửa",
    "submitted": "Đã gửi, chờ thẩm định",
    "verified": "Đã thẩm định",
}


@dataclass(frozen=True)
class Group:
    key: str
    name: str
    rows: list[Standing]


@dataclass(frozen=True)
class Week:
    """A week, Monday first, in which sheets were sent; `sum` counts from the beginning."""

    begins: date
    sent: int
    sum: int


@dataclass(frozen=True)
class Time:
    """How many days are left until `end`, below nought once the period is closed, and by how many
    the plan's own day is over."""

    days: int
    late: int = 0
    end: str = "ngày khóa"

    @property
    def words(self) -> str:
        if self.late:
            closes = f"khóa sau {self.days} ngày" if self.days else "khóa hết hôm nay"
            return f"quá hạn {self.late} ngày, {closes}"
        return f"còn {self.days} ngày" if self.days else "hôm nay là ngày cuối"


@dataclass(frozen=True)
class Deadline:
    total: int
    groups: list[Group]
    slices: list[Slice]
    due: DutyDay | None
    forecast: str
    pace: str
    chart: Climb | None
    weeks: list[Week]


def deadline(campaign: Campaign, period: Period, user: User, today: date) -> Deadline:
    """Members that `user` may see, by where their sheets stand; three SQL queries."""
    found = standings(campaign, period, user, year=period.period_to.year)
    groups = _groups(found)
    count = {group.key: len(group.rows) for group in groups}
    due = period_due(owed_by_members().filter(campaign=campaign), period)
    sent = [
        timezone.localdate(row.sheet.submitted_at)
        for row in found.rows
        if row.sheet and row.sheet.submitted_at and row.state not in ResultSheet.EDITABLE
    ]
    time = time_left(period, due, today)
    unsent = [row for row in found.rows if row.state in ("", *ResultSheet.EDITABLE)]
    given = sum(row.until is not None and today <= row.until for row in unsent)
    return Deadline(
        total=found.total,
        groups=groups,
        slices=slices([(group.key, group.name, len(group.rows)) for group in groups]),
        due=due,
        forecast=forecast(found.total, count[NO_SHEET], len(sent), time, given),
        pace=pace(found.total - len(sent), sent, today, time),
        chart=_chart(period, due, sent, found.total, today),
        weeks=_weeks(sent),
    )


def _groups(found: Standings) -> list[Group]:
    """Locked sheets are verified ones whose period has closed."""
    held: dict[str, list[Standing]] = {key: [] for key in GROUPS}
    for row in found.rows:
        key = "verified" if row.state in ResultSheet.ACCEPTED else row.state or NO_SHEET
        held[key].append(row)
    return [Group(key, GROUPS[key], rows) for key, rows in held.items()]


def time_left(period: Period, due: DutyDay | None, today: date) -> Time:
    """Until the plan's day; past it, or where it names none, until the period closes."""
    if not period.is_open(today):
        return Time(-1)
    closes = (period.closes_on - today).days
    if due is None or due.due_on is None or due.due_on >= period.closes_on:
        return Time(closes)
    left = (due.due_on - today).days
    return Time(closes, late=-left) if left < 0 else Time(left, end="hạn gửi")


def forecast(total: int, not_begun: int, sent: int, time: Time, given: int = 0) -> str:
    """The state of things in a sentence. `given` are those of the unsent whose time was extended
    and is not over."""
    left = total - sent
    if not left:
        return f"Cả {total} đơn vị đã gửi phiếu."
    if time.days < 0:
        more = f"{given} trên {total} đơn vị còn thời gian gia hạn"
        if left == given:
            return f"Kỳ đã khóa; {more}."
        told = f"Kỳ đã khóa: {left - given} trên {total} đơn vị không gửi phiếu"
        return f"{told}; {more}." if given else f"{told}."
    if not_begun:
        return f"{not_begun} trên {total} đơn vị chưa bắt đầu, {time.words}."
    return f"Mọi đơn vị đã mở phiếu; {left} trên {total} đơn vị chưa gửi, {time.words}."


def pace(left: int, sent: list[date], today: date, time: Time) -> str:
    """What the last week's pace comes to by the end of that time, and what would be needed."""
    if not left or time.days < 0:
        return ""
    lately = sum(today - timedelta(days=WEEK) < day <= today for day in sent)
    needed = f"Để kịp, mỗi ngày cần {math.ceil(left / (time.days + 1))} phiếu."
    if not lately:
        return f"{WEEK} ngày qua không có phiếu nào được gửi. {needed}"
    late = max(0, left - lately * time.days // WEEK)
    end = f"còn khoảng {late} đơn vị chưa gửi" if late else "mọi đơn vị sẽ gửi đủ"
    told = f"{WEEK} ngày qua có {lately} phiếu được gửi; giữ nhịp này thì đến {time.end} {end}."
    return f"{told} {needed}" if late else told


def _chart(
    period: Period, due: DutyDay | None, sent: list[date], total: int, today: date
) -> Climb | None:
    """None while nobody has sent: an empty chart says less than the sentence."""
    if not sent:
        return None
    marks = [(period.closes_on, f"khóa {period.closes_on:%d/%m}")]
    if due and due.due_on:
        marks.insert(0, (due.due_on, f"hạn {due.due_on:%d/%m}"))
    days = [day for day, _name in marks]
    if period.is_open(today):
        marks.append((today, "hôm nay"))
    return climb(sent, total, first=min([*sent, *days]), last=max([*sent, *days]), marks=marks)


def _weeks(sent: list[date]) -> list[Week]:
    counts = Counter(day - timedelta(days=day.weekday()) for day in sent)
    found, total = [], 0
    for begins, count in sorted(counts.items()):
        total += count
        found.append(Week(begins, count, total))
    return found

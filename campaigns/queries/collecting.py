"""How the collecting of sheets stands, told to who stands over a plan."""

from dataclasses import dataclass
from datetime import date

from campaigns.models import Participation, ResultSheet
from campaigns.queries.deadline import Time, forecast
from campaigns.queries.due import sheet_due
from campaigns.queries.extensions import extended_days
from campaigns.queries.presence import takes_part
from campaigns.queries.work import Owing, who_owes
from units.models import User


@dataclass(frozen=True)
class Collecting:
    """One open period in which somebody has not sent: who has not begun, who is late; by name."""

    owing: Owing
    idle: list[str]
    late: list[str]

    @property
    def unsent(self) -> int:
        return self.owing.members - self.owing.sent

    def sentence(self, today: date) -> str:
        """The same forecast as on the page of the deadline, against the day of the plan."""
        one = self.owing
        days = ((one.due.due_on or one.period.closes_on) - today).days
        if days < 0:
            return f"{self.unsent} trên {one.members} đơn vị chưa gửi, quá hạn {-days} ngày."
        return forecast(one.members, len(self.idle), one.sent, Time(days))


def collecting(user: User, today: date) -> list[Collecting]:
    """The open periods of the plans that `user`'s office stands over; six SQL queries.

    A unit whose time was extended is late after its own day.
    """
    waiting = [one for one in who_owes(user, today) if one.sent < one.members]
    keys = [one.period.pk for one in waiting]
    parts = Participation.objects.filter(campaign__in=[one.period.campaign_id for one in waiting])
    members = list(parts.select_related("unit").order_by("unit__name", "pk"))
    sheets = ResultSheet.objects.filter(period__in=keys)
    states = {
        (part, period): state
        for part, period, state in sheets.values_list("participation", "period", "state")
    }
    until = extended_days(periods=keys)
    found = []
    for one in waiting:
        idle, late = [], []
        for part in members:
            key = part.pk, one.period.pk
            state = states.get(key, ResultSheet.State.DRAFT)
            here = part.campaign_id == one.period.campaign_id and takes_part(part, one.period)
            here = here and one.period.is_open(today, until.get(key))
            if not here or state not in ResultSheet.EDITABLE:
                continue
            if key not in states:
                idle.append(part.unit.name)
            owed = one.period.campaign.owed  # type: ignore[attr-defined]
            day = sheet_due(owed, one.period, part.unit, until.get(key)).due_on
            if day and day < today:
                late.append(part.unit.name)
        found.append(Collecting(one, idle, late))
    return found

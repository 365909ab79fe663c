"""Which members were in during a period. A unit that has ended is gone as one that left."""

from datetime import date, timedelta

from django.db.models import DateField, Expression, F, Func, IntegerField, Q, Value
from django.db.models.functions import Cast, Greatest
from django.db.models.lookups import Exact

from campaigns.models import Participation, Period
from campaigns.rules import is_away


def last_day(period: Period) -> date:
    """The last day on which a member may join to be counted."""
    return max(period.period_to, period.closes_on)


def was_there(period: Period) -> Q:
    """The members that were not gone before the period, or came back before it closed; in SQL what
    `campaigns.rules.is_away` says of those that came back."""
    eve, last = period.period_from - timedelta(days=1), last_day(period)
    return _there("", period.period_from, Value(eve), Value(last))


def in_period(period: Period) -> Q:
    """The members that were in during the period: not gone before it, not come after it closed."""
    return was_there(period) & Q(registered_on__lte=last_day(period))


def in_own_period(sheet: str = "") -> Q:
    """Result sheets whose member was in during their period; of rows that lead to one, by
    `sheet`."""
    path = f"{sheet}__" if sheet else ""
    return _in_any(f"{path}period__", f"{path}participation__")


def in_this_period() -> Q:
    """Of each period the members of its plan that were in during it."""
    return _in_any("", "campaign__participations__")


def _in_any(period: str, part: str) -> Q:
    """The members, by the path `part`, that were in during a period that differs by row."""
    first = F(f"{period}period_from")
    last = Greatest(f"{period}period_to", f"{period}closes_on")
    there = _there(part, first, Cast(first - timedelta(days=1), DateField()), last)
    return there & Q(**{f"{part}registered_on__lte": last})


def _there(part: str, first: date | F, eve: Expression, last: Expression) -> Q:
    """Members, by the path `part`, that were in between `first` and `last`; `eve` is the day before
    the first."""

    def days_until(day: Expression) -> Func:
        """How many of the days on which it left and came back were over, `day` among them."""
        return Func(day, F(f"{part}away"), function="width_bucket", output_field=IntegerField())

    before = days_until(eve)
    away = Q(Exact(before.bitand(1), 1)) & Q(Exact(before, days_until(last)))
    stayed = Q(**{f"{part}away": []}) | ~away  # nearly all: the days are not looked for
    left = Q(**{f"{part}left_on__isnull": True}) | Q(**{f"{part}left_on__gte": first})
    lived = Q(**{f"{part}unit__valid_to__isnull": True}) | Q(
        **{f"{part}unit__valid_to__gte": first}
    )
    return left & stayed & lived


def takes_part(part: Participation, period: Period) -> bool:
    """The same of one member. Needs `unit` selected."""
    gone = part.left_on is not None and part.left_on < period.period_from
    gone = (
        gone or has_ended(part, period) or is_away(part.away, period.period_from, last_day(period))
    )
    return not gone and part.registered_on <= last_day(period)


def has_ended(part: Participation, period: Period) -> bool:
    """Whether the unit itself ended before the period began."""
    last = part.unit.valid_to
    return last is not None and last < period.period_from


def stays_to_the_end(part: Participation, period: Period) -> bool:
    """Whether a member was still in when the period ended, as scores ask it."""
    last, ended = period.period_to, part.unit.valid_to
    left = part.left_on is not None and part.left_on <= last
    left = left or (ended is not None and ended < last)
    return not left and not is_away(part.away, last, last)

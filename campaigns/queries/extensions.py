"""Who was given more time, until when and why."""

from collections.abc import Collection
from datetime import date

from django.db.models import Exists, Max, OuterRef, Q

from campaigns.models import Extension, Period

Extended = dict[tuple[int, int], date]  # (participation, period) → its last day


def extended_days(
    *, periods: Collection[int], participations: Collection[int] | None = None
) -> Extended:
    """The last day of every unit whose time was extended in these periods; one SQL query."""
    rows = Extension.objects.filter(period__in=periods)
    if participations is not None:
        rows = rows.filter(participation__in=participations)
    found = rows.values_list("participation", "period").annotate(last=Max("until")).order_by()
    return {(part, period): last for part, period, last in found}


def extended_units(period: Period) -> dict[int, date]:
    """The same of one period, by the key of the unit."""
    rows = Extension.objects.filter(period=period).values_list("participation__unit")
    return dict(rows.annotate(last=Max("until")).order_by())


def longest_time(period: Period) -> date | None:
    """The last day of whoever was given most time."""
    return Extension.objects.filter(period=period).aggregate(last=Max("until"))["last"]


def extended_day(unit: int, period: Period) -> date | None:
    rows = Extension.objects.filter(participation__unit=unit, period=period)
    return rows.aggregate(last=Max("until"))["last"]


def extensions_of(participation: int, period: int) -> list[Extension]:
    """What one unit was given in one period, the latest day first."""
    rows = Extension.objects.filter(participation=participation, period=period)
    return list(rows.select_related("granted_by").order_by("-until"))


def still_extended(today: date, *, participation: str = "", period: str = "pk") -> Q:
    """The condition that somebody's extended time is not over: of a period, or of one unit in it.

    `period` and `participation` are the lookup paths to them.
    """
    rows = Extension.objects.filter(until__gte=today, period=OuterRef(period))
    if participation:
        rows = rows.filter(participation=OuterRef(participation))
    return Q(Exists(rows))

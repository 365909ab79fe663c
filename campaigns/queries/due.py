"""When a unit owes its sheet: the plan's day, with the time that the unit was given."""

from collections.abc import Iterable
from datetime import date
from functools import partial
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Count, Q, QuerySet

from campaigns.models import Participation, Period, ReportingDuty
from campaigns.queries.extensions import extended_day
from campaigns.rules import DutyDay, Span, by_closing, day_for, duty_day, extended
from units.models import Prepared, Unit

RHYTHMS = {
    Period.Kind.YEAR: ReportingDuty.Rhythm.YEARLY,
    Period.Kind.HALF: ReportingDuty.Rhythm.HALF_YEARLY,
    Period.Kind.INTERIM: ReportingDuty.Rhythm.INTERIM,
    Period.Kind.FINAL: ReportingDuty.Rhythm.FINAL,
}


def duty_due(duty: ReportingDuty, year: int) -> DutyDay:
    return duty_day(
        duty.relation,
        month=duty.month,
        day=duty.day,
        on=duty.on,
        year=year,
        text=duty.due_text,
    )


def duties(what: str) -> QuerySet[ReportingDuty]:
    """Duties with whom they speak of: `open` to every unit, or to the `kinds` and the units that
    are `named`; see `speaks_of`."""
    kinds, units = Q(groups__unit_kinds__isnull=True), Q(groups__units__isnull=True)
    return ReportingDuty.objects.filter(what=what).annotate(
        kinds=ArrayAgg("groups__unit_kinds", filter=~kinds),
        named=ArrayAgg("groups__units", filter=~units),
        open=Count("pk", filter=kinds & units),
    )


def owed_by_members() -> QuerySet[ReportingDuty]:
    """The reports that the units themselves owe."""
    report = duties(ReportingDuty.What.REPORT)
    return report.filter(owed_by=ReportingDuty.Owner.MEMBERS).order_by("order", "pk")


def speaks_of(duty: Any, unit: Unit) -> bool:
    """Whether `unit` owes it; one without groups, or with a group of all, every unit owes."""
    return bool(duty.open or unit.kind_id in (duty.kinds or ()) or unit.pk in (duty.named or ()))


def period_due(
    known: Iterable[ReportingDuty], period: Period, unit: Unit | None = None
) -> DutyDay | None:
    """When what some of the `duties` ask is owed for a period: by `unit`, or else by all, where
    there are any. None where the plan names nothing for it."""
    rhythm = RHYTHMS[Period.Kind(period.kind)]
    mine: list[Any] = [duty for duty in known if duty.rhythm == rhythm]
    if unit is not None:
        mine = [duty for duty in mine if speaks_of(duty, unit)]
    else:
        mine = [duty for duty in mine if duty.open] or mine
    return day_for(span_of(period), [partial(duty_due, duty) for duty in mine])


def span_of(period: Period) -> Span:
    return Span(period.kind, period.period_from, period.period_to)


REPORTS = Prepared(lambda campaign: owed_by_members().filter(campaign=campaign))


def sheet_due(
    known: Iterable[ReportingDuty],
    period: Period,
    unit: Unit | None = None,
    until: date | None = None,
) -> DutyDay:
    """When a sheet is owed, by some of the duties of units: by `unit`, or else by all. `until` is
    the last day of a unit that was given time; where the plan names no day, it is owed before the
    period closes."""
    due = extended(period_due(known, period, unit), until)
    return by_closing(due, period.closes_on)


def plan_due(unit: Unit, period: Period, until: date | None) -> DutyDay:
    """When a unit owes its sheet, with the time that it was given."""
    return sheet_due(REPORTS(period.campaign_id), period, unit, until)


def unit_due(participation: Participation, period: Period) -> DutyDay:
    """The same, for a unit of which that time is not known yet."""
    until = extended_day(participation.unit_id, period)
    return plan_due(participation.unit, period, until)


def owed_on(participation: Participation, period: Period) -> date:
    """The last day a unit has."""
    return unit_due(participation, period).due_on or period.closes_on

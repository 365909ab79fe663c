"""When a unit owes its sheet: the plan's day, with the time that the unit was given."""

from datetime import date

from django.db.models import Q, QuerySet

from campaigns.models import Participation, Period, ReportingDuty
from campaigns.queries.extensions import extended_day
from campaigns.rules import DutyDay, Span, duty_day, extended
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


def _report(campaign: int, rhythm: str, kind: str, unit: int) -> QuerySet[ReportingDuty]:
    mine = Q(groups__isnull=True) | Q(groups__unit_kinds=kind) | Q(groups__units=unit)
    return ReportingDuty.objects.filter(
        mine,
        campaign=campaign,
        what=ReportingDuty.What.REPORT,
        owed_by=ReportingDuty.Owner.MEMBERS,
        rhythm=rhythm,
    ).order_by("order", "pk")[:1]


REPORT = Prepared(_report)


def plan_due(unit: Unit, period: Period) -> DutyDay | None:
    """When a unit owes its sheet, by the plan's duty of that rhythm; None where the plan has
    none."""
    rhythm = RHYTHMS[Period.Kind(period.kind)]
    duty = REPORT.first(period.campaign_id, rhythm, unit.kind_id, unit.pk)
    return duty_due(duty, period.period_to.year) if duty else None


def span_of(period: Period) -> Span:
    return Span(period.kind, period.period_from, period.period_to)


def unit_due(participation: Participation, period: Period) -> DutyDay | None:
    """The same, with the time that this unit was given."""
    until = extended_day(participation.unit_id, period)
    return extended(plan_due(participation.unit, period), until)


def owed_on(participation: Participation, period: Period) -> date:
    """The last day a unit has: where the plan names none, the day after which the period closes."""
    due = unit_due(participation, period)
    return due.due_on if due and due.due_on else period.closes_on

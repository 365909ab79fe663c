"""Who may ask for a report, and who may read one. A permission is a queryset."""

from django.db.models import CharField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.functions import ExtractYear

from campaigns.models import Campaign, Participation, Period
from campaigns.policies import run_by
from reports.models import Report
from units.models import Unit, User
from units.policies import granted_units
from units.rules import CONSOLIDATE


def consolidatable_campaigns(user: User, year: int) -> QuerySet[Campaign]:
    """Issued plans of which `user` may compile the whole: for the issuer, the standing agency, or
    the leader of the bloc in `year`.
    """
    units = granted_units(user, CONSOLIDATE)
    return Campaign.objects.filter(
        Q(issuer__in=units) | run_by(units, year=year),
    ).exclude(state=Campaign.State.DRAFT)


def consolidatable_periods(user: User) -> QuerySet[Period]:
    """Periods of issued plans of which `user` may compile the whole."""
    units = granted_units(user, CONSOLIDATE)
    return (
        Period.objects.annotate(report_year=ExtractYear(F("period_from")))
        .filter(
            Q(campaign__issuer__in=units) | run_by(units, campaign="campaign", year="report_year")
        )
        .exclude(campaign__state=Campaign.State.DRAFT)
    )


def consolidatable_scopes(user: User, campaign: Campaign, year: int) -> QuerySet[Unit]:
    """The units from which `user` may see the plan whole or in part: the issuer for the whole, and
    any unit he consolidates for that has participants below it.
    """
    path = ExpressionWrapper(OuterRef("path"), output_field=CharField())
    below = (
        Participation.objects.filter(campaign=campaign)
        .annotate(scope_path=path)
        .filter(unit__path__startswith=F("scope_path"))
    )
    part = Q(Exists(below), pk__in=granted_units(user, CONSOLIDATE).values("pk"))
    whole = Q(
        pk=campaign.issuer_id,
        pk__in=consolidatable_campaigns(user, year).filter(pk=campaign.pk).values("issuer"),
    )
    return Unit.objects.filter(part | whole).order_by("path")


def viewable_reports(user: User) -> QuerySet[Report]:
    """Reports seen from a unit that `user` consolidates for, and those of campaigns he runs."""
    units = granted_units(user, CONSOLIDATE)
    return Report.objects.annotate(report_year=ExtractYear(F("period__period_from"))).filter(
        Q(scope__in=units) | run_by(units, campaign="campaign", year="report_year")
    )

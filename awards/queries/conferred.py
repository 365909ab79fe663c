"""What was conferred: lines of the register for reports and pages."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, QuerySet

from awards.models import Award, Nomination
from awards.queries.places import places
from campaigns.models import Campaign, Phase
from units.models import Unit


@dataclass(frozen=True)
class AwardRow:
    pk: int
    name: str
    post: str
    unit: str
    unit_pk: int
    kind: str
    form: str
    form_short: str
    category: str
    campaign: str
    phase: str
    decision: str
    decision_pk: int
    decided_on: date
    decider: str
    achievement: str
    is_sample: bool


def awards_of(
    *campaigns: Campaign,
    date_from: date | None = None,
    date_to: date | None = None,
    phase: Phase | None = None,
    units: QuerySet[Unit] | None = None,
) -> list[AwardRow]:
    """Awards of some plans decided between two days, of units in `units`; one SQL query."""
    rows = awards_between(campaigns, date_from, date_to)
    if phase:
        rows = rows.filter(phase=phase)
    if units is not None:
        rows = rows.filter(unit__in=units)
    rows = rows.select_related("decision__unit", "award_form", "campaign", "phase", "unit")
    return [
        award_row(award)
        for award in rows.order_by(
            "award_form__rank", "award_form", "recipient_kind", "recipient_name", "pk"
        )
    ]


def awards_between(
    campaigns: Collection[Campaign], date_from: date | None, date_to: date | None
) -> QuerySet[Award]:
    rows = Award.objects.filter(campaign__in=campaigns)
    if date_from:
        rows = rows.filter(decision__issued_on__gte=date_from)
    if date_to:
        rows = rows.filter(decision__issued_on__lte=date_to)
    return rows


def award_row(award: Award) -> AwardRow:
    """Needs decision with unit, form, campaign, phase and unit selected."""
    return AwardRow(
        pk=award.pk,
        name=award.recipient_name,
        post=award.recipient_post,
        unit=award.unit.name,
        unit_pk=award.unit_id,
        kind=award.get_recipient_kind_display(),
        form=award.award_form.name,
        form_short=award.award_form.short_name,
        category=award.award_form.get_category_display(),
        campaign=award.campaign.short_title if award.campaign else "",
        phase=award.phase.name if award.phase else "",
        decision=str(award.decision),
        decision_pk=award.decision_id,
        decided_on=award.decision.issued_on,
        decider=award.decision.unit.name,
        achievement=award.achievement,
        is_sample=award.is_sample,
    )


@dataclass(frozen=True)
class CountRow:
    """One line of "Khen thưởng" in a report: nominations that are in the list, awards conferred."""

    form: str
    recipient: str
    phase: str
    quota_text: str
    nominated: int
    granted: int


def award_counts(
    campaign: Campaign,
    *,
    date_from: date | None = None,
    date_to: date | None = None,
    units: QuerySet[Unit] | None = None,
) -> list[CountRow]:
    """Per quota of a plan; awards count by the day of their decision.

    `units` narrows what was nominated and granted to proposals of these units.
    """
    nominations = Nomination.objects.filter(
        quota__campaign=campaign, state__in=Nomination.HOLDS_PLACE
    )
    if units is not None:
        nominations = nominations.filter(proposing_unit__in=units)
    nominated = {
        row["quota"]: row["count"]
        for row in nominations.values("quota").order_by("quota").annotate(count=Count("pk"))
    }
    conferred = awards_between([campaign], date_from, date_to)
    if units is not None:
        conferred = conferred.filter(nomination__proposing_unit__in=units)
    granted = {
        row["nomination__quota"]: row["count"]
        for row in conferred.filter(nomination__isnull=False)
        .values("nomination__quota")
        .order_by("nomination__quota")
        .annotate(count=Count("pk"))
    }
    return [
        CountRow(
            form=row.form,
            recipient=row.recipient,
            phase=row.phase,
            quota_text=row.limit_text,
            nominated=nominated.get(row.quota.pk, 0),
            granted=granted.get(row.quota.pk, 0),
        )
        for row in places(campaign)
    ]

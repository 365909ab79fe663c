"""What a report reads: the plans below its own, the periods, the sheets that may be counted, and
until when its awards are decided."""

from datetime import date

from django.db.models import QuerySet

from campaigns.models import Campaign, Period, ResultSheet
from campaigns.queries import in_own_period
from units.models import Unit


def awarded_until(period: Period) -> date:
    """Awards for a period are decided until its sheets close."""
    return max(period.period_to, period.closes_on)


def below(campaign: Campaign, period: Period) -> list[tuple[Campaign, Period | None]]:
    """The issued plans that carry this one out, on every level below, each with its period of the
    same time. A draft is nobody else's business yet.
    """
    found: list[tuple[Campaign, Period | None]] = []
    parents = [campaign.pk]
    while parents:
        children = list(
            Campaign.objects.filter(parent__in=parents)
            .exclude(state=Campaign.State.DRAFT)
            .select_related("issuer", "bloc")
            .order_by("pk")
        )
        parents = [child.pk for child in children]
        same = {
            row.campaign_id: row
            for row in Period.objects.filter(
                campaign__in=parents,
                kind=period.kind,
                period_from=period.period_from,
                period_to=period.period_to,
            ).select_related("campaign")
        }
        found += [(child, same.get(child.pk)) for child in children]
    return found


def yearly_within(campaign: Campaign, period: Period) -> list[Period]:
    """The years that an interim or a final review looks back on; none for other periods."""
    if period.kind not in (Period.Kind.INTERIM, Period.Kind.FINAL):
        return []
    return list(
        campaign.periods.filter(
            kind=Period.Kind.YEAR,
            period_from__gte=period.period_from,
            period_to__lte=period.period_to,
        ).order_by("period_from")
    )


def periods_read(campaign: Campaign, period: Period) -> list[Period]:
    """Its own, those of the plans below and the years that a review looks back on."""
    same = [same for _child, same in below(campaign, period) if same]
    return [period, *same, *yearly_within(campaign, period)]


def accepted_sheets(campaign: Campaign, period: Period, scope: Unit) -> QuerySet[ResultSheet]:
    """The sheets a report may count: verified or locked, of this plan and those below it, of
    participants within the scope, and the years that a review looks back on.
    """
    periods = periods_read(campaign, period)
    sheets = ResultSheet.objects.filter(
        in_own_period(), period__in=periods, state__in=ResultSheet.ACCEPTED
    )
    if scope.pk == campaign.issuer_id:
        return sheets
    return sheets.filter(participation__unit__path__startswith=scope.path)

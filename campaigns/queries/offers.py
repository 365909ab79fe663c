"""Figures that another plan of the same authority has verified for the very code that a sheet asks.

They are offered beside the cell and never taken silently.
"""

from dataclasses import dataclass

from django.utils import timezone

from campaigns.models import Result, ResultSheet
from campaigns.queries.cells import as_typed, judgement_of
from campaigns.queries.facts import applicable_indicators
from campaigns.rules import REPORTED
from criteria.models import Indicator
from units.rules import day_text

KINDS = (
    Indicator.Kind.RATIO,
    Indicator.Kind.QUANTITY,
    Indicator.Kind.COUNT,
    Indicator.Kind.YES_NO,
)


@dataclass(frozen=True)
class Offer:
    """One figure of one other plan; `version` is that of the cell which it would fill."""

    indicator: Indicator
    source: Result
    version: int
    fills: bool  # whether the cell holds nothing yet

    @property
    def key(self) -> str:
        return f"r{self.indicator.pk}"

    @property
    def shown(self) -> str:
        return judgement_of(self.source.indicator, None, self.source).shown

    @property
    def plan(self) -> str:
        campaign = self.source.result_sheet.participation.campaign
        return f"{campaign.document_type} {campaign.number_text or campaign.short_title}"

    @property
    def verified(self) -> str:
        at = self.source.result_sheet.verified_at
        return f"đã thẩm định {day_text(timezone.localdate(at))}" if at else "đã thẩm định"

    @property
    def origin(self) -> str:
        """What the history of the cell keeps: plan, indicator, version of the sheet."""
        sheet = self.source.result_sheet
        words = f"{self.plan}, {self.source.indicator.code}, {str(sheet).lower()}"
        return f"{words} ({self.verified}, lần sửa {sheet.revision})"

    @property
    def typed(self) -> dict[str, str]:
        return as_typed(self.source.indicator, self.source)


def offers_of(sheet: ResultSheet) -> list[Offer]:
    """What may be taken over, in the order of the sheet; three SQL queries, one where the plan
    quotes no code. Needs SHEET_RELATED selected.

    The same unit, the same time, a plan of the same authority, an accepted sheet. A figure that the
    cell holds already is no offer.
    """
    rows = applicable_indicators(sheet).filter(quotes__isnull=False, kind__in=KINDS)
    asked = {one.quotes_id: one for one in rows}
    if not asked:
        return []
    campaign, period = sheet.participation.campaign, sheet.period
    sources = Result.objects.filter(
        indicator__quotes__in=asked,
        state=REPORTED,
        result_sheet__state__in=ResultSheet.ACCEPTED,
        result_sheet__participation__unit=sheet.participation.unit_id,
        result_sheet__participation__campaign__issuer=campaign.issuer_id,
        result_sheet__period__period_from=period.period_from,
        result_sheet__period__period_to=period.period_to,
    ).exclude(result_sheet__participation__campaign=campaign)
    related = ("indicator__group", "result_sheet__participation__campaign", "result_sheet__period")
    held = {
        one.indicator_id: one
        for one in Result.objects.filter(result_sheet=sheet, indicator__in=asked.values())
    }
    found = []
    for source in sources.select_related(*related).order_by("-result_sheet__verified_at", "pk"):
        mine = asked[source.indicator.quotes_id]
        own = held.get(mine.pk)
        if mine.kind == source.indicator.kind and not (own and _alike(own, source)):
            empty = own is None or own.state != REPORTED
            found.append(Offer(mine, source, own.version if own else 0, empty))
    place = {one.pk: at for at, one in enumerate(asked.values())}
    return sorted(found, key=lambda one: place[one.indicator.pk])


def _alike(own: Result, source: Result) -> bool:
    names = ("state", "numerator", "denominator", "value", "yes")
    return all(getattr(own, name) == getattr(source, name) for name in names)

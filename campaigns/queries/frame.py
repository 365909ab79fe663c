"""What figures are read by: the indicators of a plan with their targets, the periods, the ruler.

Everything that does not depend on a result, read once for however many results.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet

from campaigns.models import Campaign, Participation, Period
from campaigns.queries.due import span_of
from campaigns.queries.members import Ruler, rulers
from campaigns.queries.presence import in_period
from campaigns.rules import is_a_year_before
from criteria.models import Group, Indicator
from criteria.queries import rules_of
from criteria.rules import LEVEL, Rule
from units.models import Unit


@dataclass(frozen=True)
class Frame:
    """`periods` are those asked for. `earlier` is the same period of the year before, by the key of
    each, where a target on the change asks for it; `every` holds both, the oldest first."""

    campaign: Campaign
    periods: Sequence[Period]
    indicators: list[Indicator]
    rules: dict[int, list[Rule]]
    earlier: dict[int, Period]
    every: dict[int, Period]
    whom: dict[int, Ruler]

    @property
    def by_change(self) -> bool:
        """Whether a target is set on the change."""
        return any(rule.basis != LEVEL for held in self.rules.values() for rule in held)

    def before(self, period: Period) -> int | None:
        """The key of the same period of the year before, None where it is not asked for."""
        return self.earlier[period.pk].pk if period.pk in self.earlier else None

    def ruler(self, period: Period) -> Ruler:
        return self.whom[period.period_to.year]

    def only(self, periods: Sequence[Period]) -> "Frame":
        """The same for some of its periods, with what these are held against."""
        kept = {period.pk for period in periods}
        for period in reversed(self.every.values()):
            if period.pk in kept and period.pk in self.earlier:
                kept.add(self.earlier[period.pk].pk)
        every = {pk: period for pk, period in self.every.items() if pk in kept}
        return replace(self, periods=periods, every=every)


def frame_of(
    campaign: Campaign,
    periods: Sequence[Period],
    only: Indicator | None = None,
    *,
    by_change: bool = False,
) -> Frame:
    """Five SQL queries, one more for a plan with a target on the change; of a bloc one more a year.

    `only` narrows it to one indicator, and to what that is computed from; `by_change` asks for the
    periods of the year before whatever the targets are set on.
    """
    asked = _asked(campaign, only)
    rules = rules_of(asked)
    by_change |= any(rule.basis != LEVEL for held in rules.values() for rule in held)
    earlier = _years_before(campaign, periods) if by_change else {}
    every = sorted((*periods, *earlier.values()), key=lambda one: one.period_from)
    return Frame(
        campaign=campaign,
        periods=periods,
        indicators=asked,
        rules=rules,
        earlier=earlier,
        every={period.pk: period for period in every},
        whom=rulers(campaign, [period.period_to.year for period in every]),
    )


def _asked(campaign: Campaign, only: Indicator | None) -> list[Indicator]:
    rows = (
        Indicator.objects.filter(criteria_set=campaign.criteria_set_id)
        .exclude(group__measured=Group.Measured.NOMINEE)
        .select_related("group", "lead_unit", "of_which", "derived_from")
    )
    if only:
        source = only.derived_from_id or 0
        rows = rows.filter(Q(pk__in=[only.pk, source]) | Q(quotes=source))
    return _with_own_sources(list(rows))


def _with_own_sources(rows: list[Indicator]) -> list[Indicator]:
    """What is computed from an indicator of another set is computed from the question of this plan
    that asks it. Set on the objects alone; nothing here is ever saved."""
    asks = {row.quotes_id: row for row in rows if row.quotes_id}
    for row in rows:
        source = row.derived_from
        if source is not None and source.criteria_set_id != row.criteria_set_id:
            row.derived_from = asks.get(source.pk)
    return rows


def _years_before(campaign: Campaign, periods: Sequence[Period]) -> dict[int, Period]:
    """The same period of the year before by the key of each, two years back: the share of units
    that meet a target on the change may have one itself. One SQL query."""
    known = [(period, span_of(period)) for period in Period.objects.filter(campaign=campaign)]
    found: dict[int, Period] = {}
    for step in periods:
        for _year in range(2):
            this = span_of(step)
            before = next((one for one, span in known if is_a_year_before(span, this)), None)
            if before is None:
                break
            found[step.pk] = before
            step = before
    return found


def measured_members(
    frame: Frame, period: Period, group: Group, units: QuerySet[Unit] | None
) -> QuerySet[Participation]:
    """Those of a period that a group measures, in the same order."""
    rows = members_of(frame.campaign, units).filter(in_period(period))
    return rows.filter(frame.ruler(period).condition(group))


def members_of(campaign: Campaign, units: QuerySet[Unit] | None) -> QuerySet[Participation]:
    """Members in the order of a page: by the name of their kind, then their own."""
    rows = Participation.objects.filter(campaign=campaign)
    if units is not None:
        rows = rows.filter(unit__in=units.values("pk"))
    return rows.select_related("unit__kind").order_by("unit__kind__name", "unit__name", "pk")

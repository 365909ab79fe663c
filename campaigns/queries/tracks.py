"""One unit over the years of a plan: the same indicator, period by period."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from campaigns import policies
from campaigns.models import Campaign, Participation, Period
from campaigns.queries.board import comparable, comparable_periods
from campaigns.queries.charts import Columns
from campaigns.queries.comparison import years_chart
from campaigns.queries.figured import Cell, IndicatorFacts, UnitRow
from campaigns.queries.figures import figures_over
from campaigns.queries.promises import Promise, promises
from units.models import Unit, User


@dataclass(frozen=True)
class Track:
    """One indicator of the unit. A period in which it was not asked is left out; `pledged` are the
    promises of those that are there."""

    indicator: IndicatorFacts
    years: list[tuple[Period, Cell]]
    chart: Columns | None
    pledged: list[Promise | None]

    @property
    def lines(self) -> list[tuple[Period, Cell, Promise | None]]:
        return [(*year, held) for year, held in zip(self.years, self.pledged, strict=True)]


@dataclass(frozen=True)
class UnitTracks:
    """`sheets` are the unit's rows of every period, `others` the unit's other plans."""

    unit: Unit
    tracks: list[Track]
    sheets: list[tuple[Period, UnitRow]]
    others: list[Campaign]


def unit_tracks(
    campaign: Campaign,
    periods: Sequence[Period],
    unit_ref: str,
    user: User,
    *,
    today: date,
    counted: Collection[str],
) -> UnitTracks | None:
    """None for a unit that takes no part, or whose figures `user` may not read in any period."""
    unit = Unit.objects.filter(ref=unit_ref).select_related("kind").first()
    if unit is None:
        return None
    mine = [
        period
        for period in comparable_periods(campaign, periods, user, Unit.objects.filter(pk=unit.pk))
        if campaign.bloc_id or comparable(campaign, period, user).filter(unit=unit).exists()
    ]
    signed = promises(campaign, mine, user)
    found = figures_over(
        campaign,
        mine,
        Unit.objects.filter(pk=unit.pk),
        counted=counted,
        by_change=signed.by_change,
    )
    sheets = [(one.period, row) for one in found for row in one.units]
    if not sheets:
        return None
    cells: dict[int, list[tuple[Period, Cell]]] = {}
    facts: dict[int, IndicatorFacts] = {}
    for one in found:
        for figure in one.indicators:
            if unit.pk in figure.cells:
                facts[figure.indicator.pk] = figure.indicator
                cells.setdefault(figure.indicator.pk, []).append(
                    (one.period, figure.cells[unit.pk])
                )
    return UnitTracks(
        unit=unit,
        tracks=[
            Track(
                facts[pk],
                years,
                _chart(facts[pk], years),
                [signed.of(period, pk, cell) for period, cell in years],
            )
            for pk, years in cells.items()
        ],
        sheets=sheets,
        others=_other_plans(campaign, unit, user, today),
    )


def _chart(facts: IndicatorFacts, years: list[tuple[Period, Cell]]) -> Columns | None:
    return None if facts.kind == "yes_no" else years_chart(years)


def _other_plans(campaign: Campaign, unit: Unit, user: User, today: date) -> list[Campaign]:
    parts = Participation.objects.filter(
        pk__in=policies.comparable_participations(user, today.year).values("pk"),
        unit=unit,
        campaign__in=policies.viewable_campaigns(user).values("pk"),
    ).exclude(campaign=campaign)
    rows = parts.select_related("campaign").order_by("-campaign__period_from", "campaign__pk")
    return [part.campaign for part in rows]

"""One indicator over all units of a plan: what the rolled-up figure is made of, cell by cell."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from campaigns.models import Campaign, Period
from campaigns.queries.board import Scope, Wanted, comparable_periods, scope_of
from campaigns.queries.charts import Columns, Point, Slice, columns, slices
from campaigns.queries.figured import Cell, Figure
from campaigns.queries.frame import frame_of, measured_members
from campaigns.queries.lines import Lines, Silent
from campaigns.queries.promises import Kept, kept, promises
from campaigns.queries.rollup import rollup
from campaigns.queries.sums import Drawn
from campaigns.rules import Found
from criteria.models import Group, Indicator
from criteria.rules import Verdict
from units.models import User

WORDS = (Indicator.Kind.QUALITATIVE, Indicator.Kind.NARRATIVE)


@dataclass(frozen=True)
class Year:
    period: Period
    figure: Figure


@dataclass(frozen=True)
class Comparison:
    """`figure` is the roll-up; `source` is the indicator whose cells it is made of: itself, or what
    a derived one is computed from. `drawn` and `pledged` are of all its `lines`, `silent` are those
    without a figure, the first of each kind.
    """

    scope: Scope
    figure: Figure
    source: Figure
    lines: Lines
    drawn: Drawn
    pledged: Kept
    silent: dict[Verdict, list[Silent]]
    years: list[Year]
    chart: Columns | None

    @property
    def derived(self) -> bool:
        return self.figure is not self.source

    @property
    def by_condition(self) -> bool:
        """Whether each unit counts as one that meets the condition or as one that does not."""
        derivation = self.figure.indicator.derivation
        return self.derived and derivation != Indicator.Derivation.SUM

    @property
    def asked(self) -> int:
        """Of how many units a share of those that meet the condition is."""
        return self.source.units - self.source.not_applicable

    @property
    def in_words(self) -> bool:
        """Whether units answer in words, so that nothing is summed."""
        return self.source.indicator.kind in WORDS

    @property
    def silence(self) -> dict[Verdict, int]:
        """How many units have no figure, by why."""
        one = self.source
        return {
            Verdict.NOTHING: one.nothing,
            Verdict.NOT_APPLICABLE: one.not_applicable,
            Verdict.NO_DATA: one.missing,
        }

    @property
    def silences(self) -> list[tuple[Verdict, list[Silent], int]]:
        """Each reason with the first of its units, and how many they are."""
        return [(verdict, units, self.silence[verdict]) for verdict, units in self.silent.items()]

    @property
    def slices(self) -> list[Slice]:
        """How the units divide where there is no number to draw: answered how, or not."""
        one = self.source
        parts: list[tuple[Found | Verdict, int]] = []
        if one.told:
            told = one.told.met, one.told.not_met, one.told.waiting
            parts = [*zip(Found, told, strict=True), *self.silence.items()]
        elif not self.drawn.bars and not self.in_words:
            silent = {Verdict.NOT_JUDGED: one.reported - one.met - one.not_met, **self.silence}
            held = {Verdict.MET: one.met, Verdict.NOT_MET: one.not_met, **silent}
            parts = [(verdict, held[verdict]) for verdict in Verdict]
        return slices([(key, key.label, count) for key, count in parts])

    @property
    def one_target(self) -> str:
        """The target of every unit drawn, "" where they differ or none is held to one."""
        return next(iter(self.drawn.targets)) if len(self.drawn.targets) == 1 else ""

    @property
    def finding(self) -> str:
        """The heading of the chart: what it shows, in a sentence."""
        figure = self.source
        if figure.told:
            return f"{figure.told.words} trên {figure.units} đơn vị"
        judged = figure.met + figure.not_met
        if judged:
            return f"{figure.met} trên {judged} đơn vị có số liệu đạt mục tiêu"
        return f"{figure.reported} trên {figure.units} đơn vị có số liệu"


def comparable_indicators(campaign: Campaign) -> QuerySet[Indicator]:
    """What units are compared by; nominees are measured elsewhere."""
    return Indicator.objects.filter(criteria_set=campaign.criteria_set_id).exclude(
        group__measured=Group.Measured.NOMINEE
    )


def comparison(
    campaign: Campaign,
    periods: Sequence[Period],
    period: Period,
    indicator: Indicator,
    user: User,
    wanted: Wanted,
) -> Comparison:
    """Twelve SQL queries, however many units and periods, one more where some have no figure; a
    bloc's plan two a period more, one for its pledges and two where there are any. Everything is
    counted and summed in SQL; rows are read by the page."""
    scope = scope_of(campaign, period, user, wanted)
    mine = comparable_periods(campaign, periods, user, scope.chosen)
    signed = promises(campaign, [period], user)
    frame = frame_of(campaign, mine, indicator, by_change=signed.by_change)
    summed = rollup(frame, scope.units, scope.counted, charts=True)
    found = {one.pk: {f.indicator.pk: f for f in summed.figures(one)} for one in mine}
    figure, here = found[period.pk][indicator.pk], found[period.pk].values()
    ref = figure.indicator.source_ref
    source = next((one for one in here if one.indicator.ref == ref), figure)
    of = next(one for one in frame.indicators if one.pk == source.indicator.pk)
    drawn = summed.drawn(period, of)
    years = [Year(one, found[one.pk][indicator.pk]) for one in mine]
    members = measured_members(frame, period, of.group, scope.units)
    lines = Lines(
        frame=frame.only([period]),
        period=period,
        indicator=source.indicator,
        members=members,
        counted=scope.counted,
        promises=signed,
        measured=0 if of.kind == Indicator.Kind.DERIVED else source.units,
        mark=drawn.mark,
        percent=source.percent is not None,
    )
    return Comparison(
        scope=scope,
        figure=figure,
        source=source,
        lines=lines,
        drawn=drawn,
        pledged=kept(frame, period, of, members, signed, scope.counted),
        silent=lines.silent() if len(lines) > source.reported else {},
        years=years,
        chart=years_chart([(one.period, one.figure) for one in years]),
    )


def years_chart(held: Sequence[tuple[Period, Figure | Cell]]) -> Columns | None:
    """The same figure over the periods."""
    points = [
        Point(
            label=period_label(period),
            shown=one.shown,
            value=None if one.verdict == Verdict.NO_DATA else one.measured.exact,
            target=one.mark,
            verdict=one.verdict,
        )
        for period, one in held
    ]
    return columns(points, percent=any(one.percent is not None for _period, one in held))


def period_label(period: Period) -> str:
    """Short enough to stand under a column."""
    if period.kind == Period.Kind.YEAR:
        return str(period.period_from.year)
    return f"{period.get_kind_display()} {period.period_to.year}"

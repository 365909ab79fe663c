"""One indicator over all units of a plan: what the rolled-up figure is made of, cell by cell."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from django.db.models import QuerySet

from campaigns.models import Campaign, Period
from campaigns.queries.board import Scope, Wanted, comparable_periods, scope_of
from campaigns.queries.charts import Columns, Point, Reach, Slice, columns, reaches, slices
from campaigns.queries.figured import Cell, Figure, UnitRow
from campaigns.queries.figures import read
from campaigns.queries.frame import frame_of, members_of
from campaigns.queries.promises import Promise, promises
from campaigns.queries.rollup import rollup
from campaigns.rules import REPORTED, Found
from criteria.models import Group, Indicator
from criteria.rules import Verdict
from units.models import User

WORDS = (Indicator.Kind.QUALITATIVE, Indicator.Kind.NARRATIVE)
SILENT = (Verdict.NOTHING, Verdict.NOT_APPLICABLE, Verdict.NO_DATA)


@dataclass(frozen=True)
class Line:
    """One unit, its cell and what it pledged; `reach` is its bar, None where no number is drawn."""

    unit: UnitRow
    cell: Cell
    promise: Promise | None = None
    reach: Reach | None = None

    @property
    def counted(self) -> bool:
        return self.cell.state == REPORTED


@dataclass(frozen=True)
class Year:
    period: Period
    figure: Figure


@dataclass(frozen=True)
class Comparison:
    """`figure` is the roll-up; `source` is the indicator whose cells it is made of: itself, or what
    a derived one is computed from.
    """

    scope: Scope
    figure: Figure
    source: Figure
    lines: list[Line]
    silent: list[tuple[Verdict, list[Line]]]
    years: list[Year]
    chart: Columns | None

    @property
    def pledged(self) -> list[Promise]:
        return [line.promise for line in self.lines if line.promise]

    @property
    def kept(self) -> int:
        return sum(promise.kept for promise in self.pledged)

    @property
    def told(self) -> int:
        """Pledges of which it is known whether they were kept."""
        return sum(promise.kept or promise.broken for promise in self.pledged)

    @property
    def stricter(self) -> int:
        """Pledges of more than the target."""
        return sum(promise.stricter for promise in self.pledged)

    @property
    def bars(self) -> list[Line]:
        return [line for line in self.lines if line.reach]

    @property
    def derived(self) -> bool:
        return self.figure is not self.source

    @property
    def by_condition(self) -> bool:
        """Whether each unit counts as one that meets the condition or as one that does not."""
        derivation = self.figure.indicator.derivation
        return self.derived and derivation != Indicator.Derivation.SUM

    @property
    def in_words(self) -> bool:
        """Whether units answer in words, so that nothing is summed."""
        return self.source.indicator.kind in WORDS

    @property
    def slices(self) -> list[Slice]:
        """How the units divide where there is no number to draw: answered how, or not."""
        if self.source.told:
            words = [line.cell.told.found for line in self.lines if line.cell.told]
            silent = [line.cell.verdict for line in self.lines if not line.cell.told]
            return slices(
                [(one, one.label, words.count(one)) for one in Found]
                + [(one, one.label, silent.count(one)) for one in SILENT]
            )
        if self.bars or self.in_words:
            return []
        held = Counter(line.cell.verdict for line in self.lines)
        return slices([(verdict, verdict.label, held[verdict]) for verdict in Verdict])

    @property
    def targets_drawn(self) -> set[str]:
        """The targets that stand over the bars, in words."""
        return {line.cell.target for line in self.bars if line.cell.mark is not None}

    @property
    def one_target(self) -> str:
        """The target of every unit drawn, "" where they differ or none is held to one."""
        return next(iter(self.targets_drawn)) if len(self.targets_drawn) == 1 else ""

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
    """Fourteen SQL queries, however many units and periods; a bloc's plan two a period more, and
    one for its pledges. Cells are read of the one period, the others are summed in SQL."""
    scope = scope_of(campaign, period, user, wanted)
    mine = comparable_periods(campaign, periods, user, scope.chosen)
    signed = promises(campaign, [period], user)
    frame = frame_of(campaign, mine, indicator, by_change=signed.by_change)
    summed = rollup(frame, scope.units, scope.counted)
    years = [
        Year(one, next(f for f in summed.figures(one) if f.indicator.pk == indicator.pk))
        for one in mine
    ]
    (here,) = read(frame.only([period]), list(members_of(campaign, scope.units)), scope.counted)
    figure = next(one for one in here.indicators if one.indicator.pk == indicator.pk)
    ref = figure.indicator.source_ref
    source = next((one for one in here.indicators if one.indicator.ref == ref), figure)
    own = source.indicator.pk
    lines = [
        Line(unit, cell, signed.of(period, own, cell))
        for unit in here.units
        if (cell := source.cells.get(unit.pk))
    ]
    return Comparison(
        scope=scope,
        figure=figure,
        source=source,
        lines=_with_bars(lines, source),
        silent=[
            (verdict, held)
            for verdict in SILENT
            if (held := [line for line in lines if line.cell.verdict == verdict])
        ],
        years=years,
        chart=years_chart([(one.period, one.figure) for one in years]),
    )


def _with_bars(lines: list[Line], source: Figure) -> list[Line]:
    """The highest first, those that have a number with a bar; the others as they stood."""
    drawn = [
        (value, line)
        for line in lines
        if line.counted
        and source.indicator.kind != Indicator.Kind.YES_NO
        and (value := line.cell.measured.exact) is not None
    ]
    drawn.sort(key=lambda pair: -pair[0])
    bars = reaches(
        [value for value, _line in drawn],
        [line.cell.mark for _value, line in drawn],
        percent=source.percent is not None,
    )
    high = [replace(line, reach=bar) for (_v, line), bar in zip(drawn, bars, strict=True)]
    shown = {line.unit.pk for line in high}
    rest = [line for line in lines if line.unit.pk not in shown]
    return high + sorted(rest, key=lambda line: not line.counted)


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

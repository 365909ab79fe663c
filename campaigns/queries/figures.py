"""The figures of one plan in one period, rolled up from accepted sheets only.

The number of SQL queries is fixed whatever the number of units and indicators.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import QuerySet

from campaigns.models import Campaign, Participation, Period, Result, ResultSheet
from campaigns.queries.cells import names_of
from campaigns.queries.facts import target_for
from campaigns.queries.figured import Cell, Figures, Told, Total, UnitRow, told_of
from campaigns.queries.frame import Frame, frame_of, members_of
from campaigns.queries.judged import JUDGED, figure_of
from campaigns.queries.marks import assessments_of
from campaigns.queries.members import Ruler
from campaigns.queries.presence import takes_part
from campaigns.rules import REPORTED, Compared, judgement, measured_of, tally
from criteria.models import Group, Indicator
from criteria.queries import facts_of, text_of
from criteria.rules import Rule, Verdict, roll_up
from units.models import Unit

BLANK = Result()  # what a unit that has not answered is judged by


def figures(
    campaign: Campaign,
    period: Period,
    units: QuerySet[Unit] | None = None,
    *,
    counted: Collection[str] = ResultSheet.ACCEPTED,
) -> Figures:
    """Everything one report prints of one plan and period; `units` narrows it to some of them.

    Members that had left before the period began are not counted. Groups of nominees are measured
    elsewhere and left out. `counted` are the states of the sheets whose figures count.
    """
    return figures_over(campaign, [period], units, counted=counted)[0]


def figures_over(
    campaign: Campaign,
    periods: Sequence[Period],
    units: QuerySet[Unit] | None = None,
    *,
    counted: Collection[str] = ResultSheet.ACCEPTED,
    by_change: bool = False,
) -> list[Figures]:
    """The same for several periods of one plan in as many SQL queries. A plan with a target on the
    change costs one more, for the years before; `by_change` reads them in any case."""
    frame = frame_of(campaign, periods, by_change=by_change)
    return read(frame, list(members_of(campaign, units)), counted)


def read(frame: Frame, parts: Sequence[Participation], counted: Collection[str]) -> list[Figures]:
    """The figures of some members with every cell; two SQL queries. Needs `unit__kind` selected."""
    sheets: dict[int, dict[int, ResultSheet]] = {pk: {} for pk in frame.every}
    known = ResultSheet.objects.filter(period__in=sheets, participation__in=parts)
    for sheet in known.order_by():  # neither order is read, and each would cost a dozen joins
        sheets[sheet.period_id][sheet.participation_id] = sheet
    accepted = [s.pk for held in sheets.values() for s in held.values() if s.state in counted]
    results = {
        (result.result_sheet_id, result.indicator_id): result
        for result in Result.objects.filter(
            result_sheet__in=accepted, indicator__in=frame.indicators
        )
        .defer("typed", "problem")
        .order_by()
    }
    told = _told(frame, results)
    found: dict[int, _Read] = {}
    for pk, period in frame.every.items():
        members = [part for part in parts if takes_part(part, period)]
        before = found.get(frame.before(period) or 0)
        mine = {p: s for p, s in sheets[pk].items() if s.state in counted}
        found[pk] = _read(frame, period, members, mine, results, told, before)
    return [
        Figures(
            campaign=frame.campaign,
            period=period,
            units=[
                _unit_row(part, sheets[period.pk].get(part.pk), part.pk in one.accepted)
                for part in one.members
            ],
            indicators=[
                figure_of(frame, period, indicator, one.totals, one.old, one.cells[indicator.pk])
                for indicator in frame.indicators
            ],
            revisions={sheet.pk: sheet.revision for sheet in one.all_accepted},
        )
        for period in frame.periods
        for one in [found[period.pk]]
    ]


@dataclass(frozen=True)
class _Read:
    """What was read of one period, and of the same period a year before where targets ask it."""

    members: list[Participation]
    accepted: dict[int, ResultSheet]
    cells: dict[int, dict[int, Cell]]
    totals: dict[int, Total]
    before: "_Read | None"

    @property
    def old(self) -> dict[int, Total] | None:
        return self.before.totals if self.before else None

    @property
    def all_accepted(self) -> list[ResultSheet]:
        """The sheets that figures were made of, those of the year before too."""
        return [*self.accepted.values(), *(self.before.accepted.values() if self.before else ())]


def _read(
    frame: Frame,
    period: Period,
    members: list[Participation],
    sheets: dict[int, ResultSheet],
    results: dict[tuple[int, int], Result],
    told: Mapping[int, Told],
    before: _Read | None,
) -> _Read:
    accepted = {part.pk: sheets[part.pk] for part in members if part.pk in sheets}
    cells = {
        one.pk: _cells(
            one,
            frame.rules[one.pk],
            members,
            accepted,
            results,
            told,
            frame.ruler(period),
            period,
            before.cells[one.pk] if before else {},
        )
        for one in frame.indicators
    }
    old = before.cells if before else {}
    totals = {pk: _total(held, old.get(pk, {})) for pk, held in cells.items()}
    return _Read(members, accepted, cells, totals, before)


def _unit_row(part: Participation, sheet: ResultSheet | None, accepted: bool) -> UnitRow:
    return UnitRow(
        pk=part.unit_id,
        ref=part.unit.ref,
        name=part.unit.name,
        kind=part.unit.kind_id,
        kind_name=part.unit.kind.name,
        level=part.unit.kind.level_id,
        sheet_pk=sheet.pk if sheet else None,
        state=sheet.state if sheet else "",
        state_label=sheet.get_state_display() if sheet else "chưa bắt đầu",
        accepted=accepted,
        sent_at=sheet.submitted_at if sheet else None,
        left_on=part.left_on,
    )


def _cells(
    indicator: Indicator,
    rules: list[Rule],
    members: Iterable[Participation],
    accepted: dict[int, ResultSheet],
    results: dict[tuple[int, int], Result],
    told: Mapping[int, Told],
    whom: Ruler,
    period: Period,
    before: Mapping[int, Cell],
) -> dict[int, Cell]:
    if indicator.kind == Indicator.Kind.DERIVED:
        return {}
    found = {}
    names = names_of(indicator)
    targets = _targets(indicator, rules, period)
    on_total = indicator.group.measured == Group.Measured.SUM
    for part in members:
        if not whom.measures(indicator.group, part.unit):
            continue
        sheet = accepted.get(part.pk)
        result = results.get((sheet.pk, indicator.pk)) if sheet else None
        rule, why, text = targets(part.unit)
        values = result or BLANK
        measured = measured_of(values.numerator, values.denominator, values.value, values.yes)
        old = before.get(part.unit_id)
        then = old.measured if old and old.state == REPORTED else None
        held = judgement(
            values.state,
            measured,
            None if on_total else rule,
            kind=indicator.kind,
            before=then,
            **names,
        )
        found[part.unit_id] = Cell(
            unit=part.unit_id,
            state=values.state,
            numerator=values.numerator,
            denominator=values.denominator,
            value=values.value,
            yes=values.yes,
            text=values.text,
            reason=values.reason,
            percent=held.percent,
            digits=held.digits,
            shown=held.shown,
            verdict=held.verdict,
            target=text,
            why=why,
            shortfall=held.shortfall,
            sheet_pk=sheet.pk if sheet else None,
            mark=held.mark if held.verdict in JUDGED else None,
            rule=rule,
            before=then,
            told=told.get(result.pk) if result else None,
        )
    return found


def _told(frame: Frame, results: Mapping[tuple[int, int], Result]) -> dict[int, Told]:
    """How the answers in words stand, by the key of the result."""
    words = {one.pk: one for one in frame.indicators if one.kind == Indicator.Kind.QUALITATIVE}
    held = [row for (_sheet, indicator), row in results.items() if indicator in words]
    return {pk: told_of(one) for pk, one in assessments_of(words, held).items()}


def _targets(
    indicator: Indicator, rules: list[Rule], period: Period
) -> Callable[[Unit], tuple[Rule | None, str, str]]:
    """The target of each unit, why and in words, worked out once for all units alike."""
    each = any(rule.unit is not None for rule in rules)
    known: dict[object, tuple[Rule | None, str, str]] = {}

    def target(unit: Unit) -> tuple[Rule | None, str, str]:
        facts = facts_of(unit)
        alike = facts if each else replace(facts, pk=0)
        if alike not in known:
            rule, why = target_for(indicator, rules, period, facts)
            known[alike] = rule, why, text_of(indicator, rule)
        return known[alike]

    return target


def _total(held: Mapping[int, Cell], before: Mapping[int, Cell]) -> Total:
    """Sums over reported cells; of yes-or-no questions the number of yes."""
    cells = list(held.values())
    both = [unit for unit in held.keys() & before if held[unit].answered and before[unit].answered]
    counts = {state: sum(cell.state == state for cell in cells) for state in Result.State.values}
    return Total(
        units=len(cells),
        reported=counts[REPORTED],
        nothing=counts[Result.State.NOTHING],
        not_applicable=counts[Result.State.NOT_APPLICABLE],
        met=sum(cell.verdict == Verdict.MET for cell in cells),
        not_met=sum(cell.verdict == Verdict.NOT_MET for cell in cells),
        hits=sum(cell.hit for cell in cells),
        told=tally(cell.told.found for cell in cells if cell.told),
        measured=roll_up(cell.measured for cell in cells if cell.state == REPORTED),
        compared=Compared(
            units=len(both),
            now=roll_up(held[unit].measured for unit in both),
            then=roll_up(before[unit].measured for unit in both),
        ),
    )

"""The figures of one plan in one period, rolled up from accepted sheets only.

The number of SQL queries is fixed whatever the number of units and indicators.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from django.db.models import Q, QuerySet

from campaigns.models import Campaign, Participation, Period, Result, ResultSheet
from campaigns.queries.cells import names_of
from campaigns.queries.figured import Cell, Figure, Figures, UnitRow, indicator_facts
from campaigns.queries.members import Ruler, rulers
from campaigns.queries.rows import target_for
from campaigns.rules import MISSING, REPORTED, Judgement, judgement, measured_of
from criteria.models import Group, Indicator
from criteria.queries import facts_of, rules_of, text_of
from criteria.rules import (
    LEVEL,
    Measured,
    Rule,
    Verdict,
    count_of_units,
    resolve_target,
    roll_up,
    share_of_units,
)
from units.models import Unit

JUDGED = (Verdict.MET, Verdict.NOT_MET)
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
    indicator: Indicator | None = None,
) -> list[Figures]:
    """The same for several periods of one plan in as many SQL queries; `indicator` narrows it to
    one, and to what that is computed from. A plan with a target on the change costs one more a
    period, for the figures of the year before.
    """
    asked = _asked(campaign, indicator)
    rules = rules_of(asked)
    by_change = any(rule.basis != LEVEL for held in rules.values() for rule in held)
    earlier = _years_before(campaign, periods) if by_change else {}
    every = {period.pk: period for period in (*periods, *earlier.values())}
    whom = rulers(campaign, [period.period_to.year for period in every.values()])
    parts = _members(campaign, units)
    sheets: dict[int, dict[int, ResultSheet]] = {pk: {} for pk in every}
    known = ResultSheet.objects.filter(period__in=sheets, participation__in=parts)
    for sheet in known.order_by():  # neither order is read, and each would cost a dozen joins
        sheets[sheet.period_id][sheet.participation_id] = sheet
    read = [s.pk for held in sheets.values() for s in held.values() if s.state in counted]
    results = {
        (result.result_sheet_id, result.indicator_id): result
        for result in Result.objects.filter(result_sheet__in=read, indicator__in=asked)
        .defer("typed", "problem")
        .order_by()
    }
    read_of: dict[int, _Read] = {}
    for period in sorted(every.values(), key=lambda one: one.period_from):  # the year before first
        held = sheets[period.pk]
        members = [part for part in parts if _takes_part(part, period)]
        accepted = {
            part.pk: held[part.pk]
            for part in members
            if part.pk in held and held[part.pk].state in counted
        }
        before = read_of.get(earlier[period.pk].pk) if period.pk in earlier else None
        cells = {
            one.pk: _cells(
                one,
                rules[one.pk],
                members,
                accepted,
                results,
                whom[period.period_to.year],
                period,
                before.cells[one.pk] if before else {},
            )
            for one in asked
        }
        read_of[period.pk] = _Read(members, accepted, cells, before)
    return [
        Figures(
            campaign=campaign,
            period=period,
            units=[
                _unit_row(part, sheets[period.pk].get(part.pk), part.pk in read.accepted)
                for part in read.members
            ],
            indicators=[_figure(one, rules[one.pk], read, period) for one in asked],
            revisions={sheet.pk: sheet.revision for sheet in read.all_accepted},
        )
        for period in periods
        for read in [read_of[period.pk]]
    ]


@dataclass(frozen=True)
class _Read:
    """What was read of one period, and of the same period a year before where targets ask it."""

    members: list[Participation]
    accepted: dict[int, ResultSheet]
    cells: dict[int, dict[int, Cell]]
    before: "_Read | None"

    @property
    def all_accepted(self) -> list[ResultSheet]:
        """The sheets that figures were made of, those of the year before too."""
        return [*self.accepted.values(), *(self.before.accepted.values() if self.before else ())]


def _years_before(campaign: Campaign, periods: Sequence[Period]) -> dict[int, Period]:
    """The same period of the year before by the key of each, two years back: the share of units
    that meet a target on the change may have one itself. One SQL query."""
    of_campaign = Period.objects.filter(campaign=campaign)
    known = {(p.kind, p.period_from.year, p.period_from.month): p for p in of_campaign}
    found: dict[int, Period] = {}
    for step in periods:
        for _year in range(2):
            began = step.period_from
            before = known.get((step.kind, began.year - 1, began.month))
            if before is None:
                break
            found[step.pk] = before
            step = before
    return found


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


def _members(campaign: Campaign, units: QuerySet[Unit] | None) -> list[Participation]:
    rows = Participation.objects.filter(campaign=campaign)
    if units is not None:
        rows = rows.filter(unit__in=units.values("pk"))
    return list(rows.select_related("unit__kind").order_by("unit__kind__name", "unit__name", "pk"))


def _takes_part(part: Participation, period: Period) -> bool:
    """Whether a member was in during the period: not gone before it, not come after it closed."""
    gone = part.left_on is not None and part.left_on < period.period_from
    return not gone and part.registered_on <= max(period.period_to, period.closes_on)


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
    )


def _cells(
    indicator: Indicator,
    rules: list[Rule],
    members: Iterable[Participation],
    accepted: dict[int, ResultSheet],
    results: dict[tuple[int, int], Result],
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
        held = judgement(
            values.state,
            measured,
            None if on_total else rule,
            kind=indicator.kind,
            before=old.measured if old and old.state == REPORTED else None,
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
        )
    return found


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


def _figure(indicator: Indicator, rules: list[Rule], read: _Read, period: Period) -> Figure:
    rows, measured = _rolled_up(indicator, read.cells)
    counts = {state: sum(cell.state == state for cell in rows) for state in Result.State.values}
    old = _rolled_up(indicator, read.before.cells)[1] if read.before else None
    rule, why = resolve_target(rules, None, period.period_to.year, period.period_to)
    if rule is None and any(not known.fits(None) for known in rules):
        why = "Mức khác nhau theo đơn vị, xem từng đơn vị"
    held = _held(indicator, measured, rule, counts[REPORTED], old)
    return Figure(
        indicator=indicator_facts(indicator),
        reported=counts[REPORTED],
        nothing=counts[Result.State.NOTHING],
        not_applicable=counts[Result.State.NOT_APPLICABLE],
        missing=counts[MISSING],
        met=sum(cell.verdict == Verdict.MET for cell in rows),
        not_met=sum(cell.verdict == Verdict.NOT_MET for cell in rows),
        numerator=measured.numerator,
        denominator=measured.denominator,
        value=measured.value,
        percent=held.percent,
        digits=held.digits,
        shown=held.shown,
        target=text_of(indicator, rule),
        why=why,
        verdict=held.verdict,
        shortfall=held.shortfall,
        mark=held.mark if held.verdict in JUDGED else None,
        cells=read.cells[indicator.pk],
    )


def _rolled_up(
    indicator: Indicator, cells: dict[int, dict[int, Cell]]
) -> tuple[list[Cell], Measured]:
    """The cells that a figure is made of, and the figure."""
    if indicator.kind != Indicator.Kind.DERIVED:
        rows = list(cells[indicator.pk].values())
        return rows, _rolled(rows)
    rows = list(cells.get(indicator.derived_from_id or 0, {}).values())
    return rows, _derived(indicator, rows)


def _rolled(rows: list[Cell]) -> Measured:
    """Sums over reported cells; of yes-or-no questions the number of yes."""
    return roll_up(cell.measured for cell in rows if cell.state == REPORTED)


def _derived(indicator: Indicator, rows: list[Cell]) -> Measured:
    """The share is of all units taking part in the source's group, those silent included: a
    unit that has not answered has not shown that it meets the condition."""
    hits = sum(cell.hit for cell in rows)
    if indicator.derivation == Indicator.Derivation.SHARE:
        return share_of_units(hits, len(rows))
    if indicator.derivation == Indicator.Derivation.COUNT:
        return count_of_units(hits)
    return _rolled(rows)


def _held(
    indicator: Indicator,
    measured: Measured,
    rule: Rule | None,
    reported: int,
    before: Measured | None,
) -> Judgement:
    """The roll-up against the plan's own target; a question answered in words has no sum."""
    if not reported or measured.exact is None:
        return Judgement(Verdict.NOT_JUDGED if reported else Verdict.NO_DATA)
    kind = indicator.kind
    if kind == Indicator.Kind.YES_NO and indicator.group.measured != Group.Measured.ONCE:
        # one target of “có” speaks of each unit; the sum only says how many answered yes
        return Judgement(Verdict.NOT_JUDGED, shown=f"{measured.value:f} đơn vị có")
    return judgement(REPORTED, measured, rule, kind=kind, before=before, **names_of(indicator))

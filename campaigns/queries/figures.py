"""The figures of one plan in one period, rolled up from accepted sheets only.

Plain values throughout, so that a report may freeze them and a dossier may print them. The number
of SQL queries is fixed whatever the number of units and indicators.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from django.db.models import Q, QuerySet

from campaigns.models import Campaign, Participation, Period, Result, ResultSheet
from campaigns.queries.cells import names_of
from campaigns.queries.members import Ruler, ruler
from campaigns.queries.sheets import target_for
from campaigns.rules import MISSING, REPORTED, Judgement, judgement, measured_of
from criteria.models import Group, Indicator
from criteria.queries import facts_of, rules_of, text_of
from criteria.rules import (
    Measured,
    Rule,
    Verdict,
    count_of_units,
    resolve_target,
    roll_up,
    share_of_units,
)
from units.models import Unit


@dataclass(frozen=True)
class IndicatorFacts:
    """An indicator as a paper names it; `source_ref` is what a derived one is computed from."""

    pk: int
    ref: str
    code: str
    name: str
    short_name: str
    heading: str
    kind: str
    kind_label: str
    measure_unit: str
    numerator_label: str
    denominator_label: str
    group_ref: str
    group_name: str
    measured: str
    order: int
    lead_unit: str
    derivation: str
    source_ref: str
    of_which_ref: str
    is_default: bool
    cumulative: bool


@dataclass(frozen=True)
class UnitRow:
    """A participating unit and its sheet; `accepted` when its figures are counted."""

    pk: int
    ref: str
    name: str
    kind: str
    kind_name: str
    level: str | None
    sheet_pk: int | None
    state: str
    state_label: str
    accepted: bool
    sent_at: datetime | None


@dataclass(frozen=True)
class Cell:
    """One indicator of one unit, as accepted."""

    unit: int
    state: str
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    yes: bool | None
    text: str
    reason: str
    percent: Decimal | None
    digits: int
    shown: str
    verdict: Verdict
    target: str
    why: str
    shortfall: str
    sheet_pk: int | None

    @property
    def measured(self) -> Measured:
        return measured_of(self.numerator, self.denominator, self.value, self.yes)

    @property
    def hit(self) -> bool:
        """Whether the unit counts for a derived share: yes, or its target met."""
        return bool(self.yes) if self.yes is not None else self.verdict == Verdict.MET


@dataclass(frozen=True)
class Figure:
    """One indicator over all units. Of a derived one the counts are those of its source."""

    indicator: IndicatorFacts
    reported: int
    nothing: int
    not_applicable: int
    missing: int
    met: int
    not_met: int
    numerator: Decimal | None
    denominator: Decimal | None
    value: Decimal | None
    percent: Decimal | None
    digits: int
    shown: str
    target: str
    why: str
    verdict: Verdict
    shortfall: str
    cells: dict[int, Cell] = field(default_factory=dict)

    @property
    def units(self) -> int:
        """How many units the indicator measures."""
        return self.reported + self.nothing + self.not_applicable + self.missing


@dataclass(frozen=True)
class Figures:
    """`revisions` says which version of which sheet was read, so that staleness can be told."""

    campaign: Campaign
    period: Period
    units: list[UnitRow]
    indicators: list[Figure]
    revisions: dict[int, int]

    @property
    def reported_units(self) -> list[UnitRow]:
        return [unit for unit in self.units if unit.accepted]

    @property
    def silent_units(self) -> list[UnitRow]:
        return [unit for unit in self.units if not unit.accepted]


def figures(campaign: Campaign, period: Period, units: QuerySet[Unit] | None = None) -> Figures:
    """Everything one report prints of one plan and period; `units` narrows it to some of them.

    Members that had left before the period began are not counted. Groups of nominees are measured
    elsewhere and left out.
    """
    year = period.period_to.year
    whom = ruler(campaign, year)
    members = _members(campaign, period, units)
    sheets = {
        sheet.participation_id: sheet
        for sheet in ResultSheet.objects.filter(period=period, participation__in=members)
    }
    accepted = {pk: s for pk, s in sheets.items() if s.state in ResultSheet.ACCEPTED}
    asked = list(
        Indicator.objects.filter(criteria_set=campaign.criteria_set_id)
        .exclude(group__measured=Group.Measured.NOMINEE)
        .select_related("group", "lead_unit", "of_which", "derived_from")
    )
    rules = rules_of(asked)
    results = {
        (result.result_sheet_id, result.indicator_id): result
        for result in Result.objects.filter(result_sheet__in=[s.pk for s in accepted.values()])
    }
    cells = {
        indicator.pk: _cells(
            indicator, rules[indicator.pk], members, accepted, results, whom, period
        )
        for indicator in asked
    }
    return Figures(
        campaign=campaign,
        period=period,
        units=[_unit_row(part, sheets.get(part.pk)) for part in members],
        indicators=[_figure(i, rules[i.pk], cells, period) for i in asked],
        revisions={sheet.pk: sheet.revision for sheet in accepted.values()},
    )


def _members(
    campaign: Campaign, period: Period, units: QuerySet[Unit] | None
) -> list[Participation]:
    rows = Participation.objects.filter(
        Q(left_on__isnull=True) | Q(left_on__gte=period.period_from),
        campaign=campaign,
        registered_on__lte=max(period.period_to, period.closes_on),
    )
    if units is not None:
        rows = rows.filter(unit__in=units.values("pk"))
    return list(rows.select_related("unit__kind").order_by("unit__kind__name", "unit__name", "pk"))


def _unit_row(part: Participation, sheet: ResultSheet | None) -> UnitRow:
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
        accepted=bool(sheet and sheet.state in ResultSheet.ACCEPTED),
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
) -> dict[int, Cell]:
    if indicator.kind == Indicator.Kind.DERIVED:
        return {}
    found = {}
    for part in members:
        if not whom.measures(indicator.group, part.unit):
            continue
        sheet = accepted.get(part.pk)
        result = results.get((sheet.pk, indicator.pk)) if sheet else None
        rule, why = target_for(indicator, rules, period, facts_of(part.unit))
        on_total = indicator.group.measured == Group.Measured.SUM
        found[part.unit_id] = _cell(indicator, part.unit_id, sheet, result, rule, why, on_total)
    return found


def _cell(
    indicator: Indicator,
    unit: int,
    sheet: ResultSheet | None,
    result: Result | None,
    rule: Rule | None,
    why: str,
    on_total: bool,
) -> Cell:
    state = result.state if result else MISSING
    values = result or Result()
    measured = measured_of(values.numerator, values.denominator, values.value, values.yes)
    held = judgement(
        state,
        measured,
        None if on_total else rule,
        kind=indicator.kind,
        **names_of(indicator),
    )
    return Cell(
        unit=unit,
        state=state,
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
        target=text_of(indicator, rule),
        why=why,
        shortfall=held.shortfall,
        sheet_pk=sheet.pk if sheet else None,
    )


def _figure(
    indicator: Indicator, rules: list[Rule], cells: dict[int, dict[int, Cell]], period: Period
) -> Figure:
    derived = indicator.kind == Indicator.Kind.DERIVED
    source = cells.get(indicator.derived_from_id or 0, {}) if derived else cells[indicator.pk]
    rows = list(source.values())
    counts = {state: sum(cell.state == state for cell in rows) for state in Result.State.values}
    measured = _derived(indicator, rows) if derived else _rolled(rows)
    rule, why = resolve_target(rules, None, period.period_to.year, period.period_to)
    if rule is None and any(not known.fits(None) for known in rules):
        why = "Mức khác nhau theo đơn vị, xem từng đơn vị"
    held = _held(indicator, measured, rule, counts[REPORTED])
    return Figure(
        indicator=_facts(indicator),
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
        cells=cells[indicator.pk],
    )


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


def _held(indicator: Indicator, measured: Measured, rule: Rule | None, reported: int) -> Judgement:
    """The roll-up against the plan's own target; a question answered in words has no sum."""
    if not reported or measured.exact is None:
        return Judgement(Verdict.NOT_JUDGED if reported else Verdict.NO_DATA)
    kind = indicator.kind
    if kind == Indicator.Kind.YES_NO and indicator.group.measured != Group.Measured.ONCE:
        # one target of “có” speaks of each unit; the sum only says how many answered yes
        return Judgement(Verdict.NOT_JUDGED, shown=f"{measured.value:f} đơn vị có")
    return judgement(REPORTED, measured, rule, kind=kind, **names_of(indicator))


def _facts(indicator: Indicator) -> IndicatorFacts:
    return IndicatorFacts(
        pk=indicator.pk,
        ref=indicator.ref,
        code=indicator.code,
        name=indicator.name,
        short_name=indicator.short_name,
        heading=indicator.heading,
        kind=indicator.kind,
        kind_label=indicator.get_kind_display(),
        measure_unit=indicator.measure_unit,
        numerator_label=indicator.numerator_label,
        denominator_label=indicator.denominator_label,
        group_ref=indicator.group.ref,
        group_name=indicator.group.name,
        measured=indicator.group.measured,
        order=indicator.order,
        lead_unit=indicator.lead_unit.name if indicator.lead_unit else "",
        derivation=indicator.derivation,
        source_ref=indicator.derived_from.ref if indicator.derived_from else "",
        of_which_ref=indicator.of_which.ref if indicator.of_which else "",
        is_default=indicator.is_default,
        cumulative=indicator.cumulative,
    )

"""What the results of a unit say of the items of its scoring table."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from campaigns.models import Result, ResultSheet, ScoreSheet
from campaigns.queries.cells import judgement_of
from campaigns.queries.figured import told_of
from campaigns.queries.marks import Assessment, assessments_of
from campaigns.rules import MISSING, NOT_APPLICABLE, NOTHING, measured_of
from criteria.models import Indicator
from criteria.queries import facts_of, rules_of, text_of
from criteria.rules import (
    BY_LEVEL,
    Computed,
    Item,
    Measured,
    Rounding,
    Rule,
    Table,
    Yardstick,
    by_level,
    compute,
    resolve_target,
)


@dataclass(frozen=True)
class Facts:
    """The result sheet of one unit in one period, by the ref of the indicator."""

    sheet: ResultSheet | None
    indicators: Mapping[str, Indicator]
    results: Mapping[str, Result]
    rules: Mapping[str, Rule | None]
    told: Mapping[str, Assessment]
    yardstick: Yardstick

    @property
    def accepted(self) -> bool:
        return self.sheet is not None and self.sheet.state in ResultSheet.ACCEPTED

    def state(self, ref: str) -> str:
        return self.results[ref].state if ref in self.results else MISSING

    def is_waiting(self, ref: str) -> bool:
        """Whether the answer is in words and nobody has assessed it, or not since it changed."""
        return ref in self.told and self.told[ref].mark is None

    def measured(self, ref: str) -> Measured:
        """Of an answer in words 1 or 0: whether the level that counts meets the criterion, what was
        found before what is claimed."""
        one = self.results.get(ref)
        if one is None:
            return Measured()
        if ref in self.told:
            return measured_of(None, None, None, self.told[ref].is_met)
        return measured_of(one.numerator, one.denominator, one.value, one.yes)


def facts_for(sheets: Sequence[ScoreSheet], table: Table) -> dict[int, Facts]:
    """What the results of these units say of the indicators that the table names, by the key of
    the score sheet; five SQL queries however many sheets, two more where it names a criterion in
    words. All of one period and one table."""
    if not sheets:
        return {}
    refs = {i.indicator for i in table.items} | {g.indicator for g in table.gates}
    refs |= {tie.ref for tie in table.ties if tie.by == "indicator"}
    plan, period = sheets[0].participation.campaign, sheets[0].period
    asked = list(
        Indicator.objects.filter(criteria_set=plan.criteria_set_id, ref__in=refs).select_related(
            "group", "derived_from"
        )
    )
    rules, by_ref = rules_of(asked), {indicator.ref: indicator for indicator in asked}
    parts = [sheet.participation_id for sheet in sheets]
    held = {
        one.participation_id: one
        for one in ResultSheet.objects.filter(participation__in=parts, period=period)
    }
    results: dict[int, dict[str, Result]] = defaultdict(dict)
    for row in Result.objects.filter(
        result_sheet__in=held.values(), indicator__in=asked
    ).select_related("indicator"):
        results[row.result_sheet_id][row.indicator.ref] = row
    yardstick = Yardstick({one.pk: rules[one.pk] for one in asked}, period.period_to)
    told = _told(asked, [row for held_by in results.values() for row in held_by.values()])
    found = {}
    for sheet in sheets:
        mine = held.get(sheet.participation_id)
        unit = facts_of(sheet.participation.unit)
        held_rules = {
            ref: resolve_target(rules[one.pk], unit, period.period_to.year, period.period_to)[0]
            for ref, one in by_ref.items()
        }
        answers = results[mine.pk] if mine else {}
        found[sheet.pk] = Facts(
            mine,
            by_ref,
            answers,
            held_rules,
            {ref: told[row.pk] for ref, row in answers.items() if row.pk in told},
            yardstick,
        )
    return found


def _told(asked: Sequence[Indicator], results: Sequence[Result]) -> dict[int, Assessment]:
    """How the answers in words stand, by the key of the result."""
    words = {one.pk: one for one in asked if one.kind == Indicator.Kind.QUALITATIVE}
    rows = [row for row in results if row.indicator_id in words]
    return assessments_of(words, rows)


@dataclass(frozen=True)
class Given:
    """What the results give for one item. Not `applies`: the unit does not have this task."""

    computed: Computed | None = None
    applies: bool = True
    shown: str = ""
    target: str = ""
    reason: str = ""


def given_for(item: Item, facts: Facts, rounding: Rounding) -> Given:
    """Where nothing arose or the indicator does not apply, there is nothing to score."""
    indicator = facts.indicators.get(item.indicator)
    if indicator is None:
        return Given()
    rule, result = facts.rules[item.indicator], facts.results.get(item.indicator)
    target = text_of(indicator, rule)
    if result is None:
        return Given(target=target)
    shown = judgement_of(indicator, rule, result).shown
    if one := facts.told.get(item.indicator):
        shown = told_of(one).sentence
    if result.state in (NOTHING, NOT_APPLICABLE):
        told = f"{result.get_state_display().capitalize()}: {result.reason}"
        return Given(applies=not item.computed, shown=told, target=target, reason=told)
    if item.method == BY_LEVEL:
        mark = facts.told[item.indicator].mark if item.indicator in facts.told else None
        found = mark.level.ref if mark and mark.level else ""
        return Given(by_level(item, found, rounding), True, shown, target)
    computed = compute(item, facts.measured(item.indicator), rule, rounding)
    return Given(computed, True, shown, target)

"""What the rows of a sheet are made of: what is asked, what is held, what it is held against."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

from django.db.models import Q, QuerySet, prefetch_related_objects

from campaigns import policies
from campaigns.models import CellFlag, Evidence, Period, Result, ResultSheet
from campaigns.queries.marks import Marks, marks_on
from campaigns.queries.members import groups_measuring, measuring, stands_for
from campaigns.queries.pledges import pledged_words
from campaigns.queries.results import Held, last_name, results_of
from campaigns.queries.reviews import Scope, open_flags, scope_of
from campaigns.queries.totals import sum_doubts, sums_over_units
from campaigns.rules import REPORTED, Doubt, doubts, falls_below, measured_of
from criteria.models import Group, Indicator
from criteria.queries import facts_of, rules_of
from criteria.rules import Measured, Rule, UnitFacts, resolve_target
from units.models import Prepared


# --- what is asked --------------------------------------------------------------------------------
def applicable_indicators(sheet: ResultSheet) -> QuerySet[Indicator]:
    """What this unit is asked: the indicators of the groups that measure it, in the plan's order.

    Derived ones are computed and never asked.
    """
    part, year = sheet.participation, sheet.period.period_to.year
    groups = groups_measuring(part.campaign, part.unit, year)
    return _asked_by(groups).select_related("group", "lead_unit").prefetch_related("levels")


def asked_on(sheet: ResultSheet, *, leads: bool = False) -> dict[int, Indicator]:
    """The same by their keys, from a statement that is written once; their `lead_unit` where asked
    for. One SQL query, two where a criterion is judged by a rubric.
    """
    part, plan = sheet.participation, sheet.participation.campaign
    given = [plan.criteria_set_id, part.unit.kind_id, part.unit_id]
    stands = plan.standing_agency_id == part.unit_id
    if plan.bloc_id is not None:
        given += [plan.bloc_id, sheet.period.period_to.year]
    found = _asking(len(given), stands, leads)(*given)
    judged = [one for one in found if one.kind == Indicator.Kind.QUALITATIVE]
    if judged:
        prefetch_related_objects(judged, "levels")
    return {one.pk: one for one in found}


@cache
def _asking(count: int, stands: bool, leads: bool) -> Prepared:
    related = ["group"] + ["lead_unit"] * leads
    once = Q(measured=Group.Measured.ONCE)

    def of_a_member(criteria_set: int, kind: str, unit: int) -> QuerySet[Indicator]:
        groups = measuring(criteria_set, kind, unit, once if stands else Q(pk__in=[]))
        return _asked_by(groups).select_related(*related)

    def of_a_bloc(
        criteria_set: int, kind: str, unit: int, bloc: int, year: int
    ) -> QuerySet[Indicator]:
        agency = Q() if stands else Q(pk__in=[])
        groups = measuring(criteria_set, kind, unit, once & stands_for(bloc, year, unit, agency))
        return _asked_by(groups).select_related(*related)

    return Prepared(of_a_member if count == 3 else of_a_bloc)


def _asked_by(groups: QuerySet[Group]) -> QuerySet[Indicator]:
    asked = Indicator.objects.filter(group__in=groups).exclude(kind=Indicator.Kind.DERIVED)
    return asked.order_by("group__order", "order", "pk")  # all of one set


# --- what is held ---------------------------------------------------------------------------------
def _in_hand(pk: int) -> QuerySet[ResultSheet]:
    return (
        ResultSheet.objects.filter(pk=pk)
        .select_related("participation__unit__kind", "participation__campaign", "period")
        .annotate(until=policies.UNTIL)
        .order_by()
    )


IN_HAND = Prepared(_in_hand)


def sheet_in_hand(pk: int) -> ResultSheet:
    """A sheet about to be written, with what the rules of entering ask of it; `until` is the last
    day of a unit whose time was extended."""
    return IN_HAND(pk)[0]  # type: ignore[no-any-return]


@dataclass
class SheetFacts:
    """One sheet with all that its rows are made of, each read when it is first asked for: the
    answer to a saved cell draws a row or two, and counts what is left on the others.

    `shown` are the indicators whose rows are drawn with their targets; all of them unless told.
    """

    sheet: ResultSheet
    asked: Mapping[int, Indicator]
    results: Held
    last: Held
    year_ago: Held
    grown: Held
    shown: Collection[int] = ()

    @cached_property
    def rules(self) -> dict[int, list[Rule]]:
        shown = self.shown or self.asked
        found = rules_of([self.asked[pk] for pk in shown])
        return {pk: found[pk] for pk in shown}

    @cached_property
    def evidence(self) -> dict[int, list[Evidence]]:
        """By the key of the result. No SQL query where there is none: a cell that was just begun
        has none either."""
        found: dict[int, list[Evidence]] = defaultdict(list)
        if any(getattr(result, "has_files", False) for result in self.results.values()):
            for item in FILES(self.sheet.pk):
                found[item.result_id].append(item)
        return found

    @cached_property
    def flags(self) -> Mapping[int, CellFlag]:
        return open_flags([self.sheet]).get(self.sheet.pk, {})

    @cached_property
    def scope(self) -> Scope:
        return scope_of(self.flags, self.asked)

    @cached_property
    def marks(self) -> dict[int, Marks]:
        """By the key of the result. Nobody speaks of a sheet that was never sent."""
        return marks_on(self.sheet) if self.sheet.submitted_at else {}

    @cached_property
    def pledged(self) -> dict[int, str]:
        part = self.sheet.participation
        return pledged_words(part.unit, part.campaign.bloc_id, self.sheet.period.period_to.year)

    @cached_property
    def unit(self) -> UnitFacts:
        return facts_of(self.sheet.participation.unit)

    @cached_property
    def twice(self) -> Mapping[int, list[Doubt]]:
        return _used_twice(self.asked, self.results, self.evidence)

    @cached_property
    def sums(self) -> Mapping[int, list[Doubt]]:
        over_units = sums_over_units(self.asked, self.sheet.period)
        return sum_doubts(self.asked, self.results, over_units)

    def target_for(self, indicator: Indicator) -> tuple[Rule | None, str]:
        return target_for(indicator, self.rules[indicator.pk], self.sheet.period, self.unit)

    def files_of(self, result: Result | None) -> list[Evidence]:
        return self.evidence.get(result.pk, []) if result else []

    def doubts_of(self, indicator: Indicator) -> list[Doubt]:
        result, before = self.results.get(indicator.pk), self.last.get(indicator.pk)
        then = last_name(self.sheet.period)
        return [
            *self.sums.get(indicator.pk, []),
            *doubts_of(indicator, result, before, then, self.grown.get(indicator.pk)),
            *self.twice.get(indicator.pk, []),
        ]


FILES = Prepared(
    lambda sheet: (
        Evidence.objects.filter(result__result_sheet=sheet, removed_at__isnull=True)
        .select_related("blob")
        .order_by("uploaded_at", "pk")
    )
)


def sheet_facts(sheet: ResultSheet, *, leads: bool = False) -> SheetFacts:
    """Two SQL queries, and one for each kind of fact that is asked for afterwards. Needs the
    `period`, the `participation` with its `campaign` and its `unit` of a `kind` selected.
    """
    return SheetFacts(sheet, asked_on(sheet, leads=leads), *results_of(sheet))


def doubts_of(
    indicator: Indicator,
    result: Result | None,
    before: Result | None,
    then: str,
    grown: Any = None,
) -> list[Doubt]:
    """What the figure raises beside the one of the period before, `then`, and, where it grows over
    the whole plan, beside that of the newest period of another kind, whose name is its `then`."""
    if result is None or result.state != REPORTED:
        return []
    now = measured_in(result)
    if grown is not None:
        was, when = measured_in(grown), in_a_sentence(grown.then)
        if lower := falls_below(now, was, kind=indicator.kind, then=when):
            return lower
    if before is None:
        return []
    return doubts(
        now,
        measured_in(before),
        kind=indicator.kind,
        then=in_a_sentence(then),
        cumulative=indicator.cumulative,
    )


def in_a_sentence(name: str) -> str:
    return name[:1].lower() + name[1:]


def measured_in(result: Result) -> Measured:
    return measured_of(result.numerator, result.denominator, result.value, result.yes)


def _used_twice(
    asked: Mapping[int, Indicator],
    results: Mapping[int, Result],
    evidence: Mapping[int, list[Evidence]],
) -> dict[int, list[Doubt]]:
    """The same file beside several indicators of a sheet, by content and not by name."""
    held = {pk: evidence.get(results[pk].pk, []) for pk in asked if pk in results}
    users: dict[str, set[str]] = defaultdict(set)  # by the key of the content
    for pk, files in held.items():
        for item in files:
            users[item.blob_id].add(asked[pk].code)
    found: dict[int, list[Doubt]] = defaultdict(list)
    for pk, files in held.items():
        for item in files:
            if others := sorted(users[item.blob_id] - {asked[pk].code}):
                told = f"Tệp “{item}” cũng là minh chứng của {', '.join(others)}."
                found[pk].append(Doubt(told, asks=False))
    return found


# --- what it is held against ----------------------------------------------------------------------
def target_for(
    indicator: Indicator, rules: Iterable[Rule], period: Period, facts: object
) -> tuple[Rule | None, str]:
    """The target of one unit; of a plan-wide indicator the plan's own, whoever enters it."""
    year = period.period_to.year
    measured = indicator.group.measured
    if measured == Group.Measured.EACH:
        return resolve_target(rules, facts, year, period.period_to)  # type: ignore[arg-type]
    rule, why = resolve_target(rules, None, year, period.period_to)
    if rule is None:
        return rule, why
    if measured == Group.Measured.SUM:
        return rule, "Tính chung toàn kế hoạch, cộng từ các đơn vị"
    return rule, "Tính chung toàn kế hoạch"

"""Many members in one period, each with what it is asked and what it holds."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import QuerySet

from campaigns.models import Campaign, CellFlag, Participation, Period, Result, ResultSheet
from campaigns.queries.figured import Told, told_of
from campaigns.queries.marks import assessments_of, is_assessed
from campaigns.queries.members import ruler
from campaigns.queries.presence import was_there
from campaigns.queries.reviews import Scope, is_frozen, open_flags, scope_of
from criteria.models import Group, Indicator
from criteria.queries import facts_of, rules_of, text_of
from criteria.rules import resolve_target


@dataclass(frozen=True)
class Line:
    """One member: its sheet (None before it was begun), the indicators it is asked in the plan's
    order, its results, the cells flagged to be mended, each by the key of the indicator."""

    participation: Participation
    sheet: ResultSheet | None
    asked: dict[int, Indicator]
    results: dict[int, Result]
    flags: dict[int, CellFlag] = field(default_factory=dict)

    @property
    def scope(self) -> Scope:
        """The indicators open to be mended."""
        return scope_of(self.flags, self.asked)

    def frozen(self, pk: int) -> bool:
        """Whether the sheet came back to have other cells mended."""
        sheet = self.sheet
        return sheet is not None and is_frozen(pk, self.results.get(pk), sheet, self.scope)


def member_lines(period: Period, parts: QuerySet[Participation]) -> list[Line]:
    """Nine SQL queries, one more where sheets were returned, however many members.

    `parts` are members of the period's campaign; those that had left before it began are passed
    over. Results come with `saved_by`.
    """
    there = parts.filter(was_there(period))
    members = list(there.select_related("unit__kind").order_by("unit__name", "pk"))
    by_part: dict[int, ResultSheet] = {}
    results: dict[int, dict[int, Result]] = {}
    sheets = ResultSheet.objects.filter(period=period, participation__in=members)
    for sheet in sheets:
        by_part[sheet.participation_id] = sheet
        results[sheet.pk] = {}
    for row in Result.objects.filter(result_sheet__in=list(results)).select_related("saved_by"):
        results[row.result_sheet_id][row.indicator_id] = row
    flags = open_flags(list(sheets))
    by_group = _indicators(period.campaign)
    whom = ruler(period.campaign, period.period_to.year)
    lines = []
    for part in members:
        mine = by_part.get(part.pk)
        if mine is not None:
            mine.participation, mine.period = part, period
        asked = {
            indicator.pk: indicator
            for group in whom.groups
            if group.pk in by_group and whom.measures(group, part.unit)
            for indicator in by_group[group.pk]
        }
        held, flagged = (results[mine.pk], flags.get(mine.pk, {})) if mine else ({}, {})
        lines.append(Line(part, mine, asked, held, flagged))
    return lines


def _indicators(campaign: Campaign) -> dict[int, list[Indicator]]:
    """What a plan asks, by group; derived ones are computed and never asked."""
    found: dict[int, list[Indicator]] = {}
    for indicator in (
        Indicator.objects.filter(criteria_set=campaign.criteria_set_id)
        .exclude(kind=Indicator.Kind.DERIVED)
        .exclude(group__measured=Group.Measured.NOMINEE)
        .select_related("group", "of_which", "derived_from")
        .prefetch_related("levels")
    ):
        found.setdefault(indicator.group_id, []).append(indicator)
    return found


def told_on(lines: Iterable[Line]) -> dict[int, Told]:
    """How the answers in words of sheets that were sent stand, by the key of the result; no SQL
    query where there are none, one where there are."""
    words: dict[int, Indicator] = {}
    held: list[Result] = []
    for line in lines:
        if line.sheet is not None and line.sheet.submitted_at:
            for pk, row in line.results.items():
                if pk in line.asked and is_assessed(line.asked[pk], row.state):
                    words[pk] = line.asked[pk]
                    held.append(row)
    return {pk: told_of(one) for pk, one in assessments_of(words, held).items()}


def columns_of(lines: Iterable[Line]) -> list[Indicator]:
    """Every indicator that one of `lines` is asked, in the plan's order."""
    asked = {pk: indicator for line in lines for pk, indicator in line.asked.items()}
    return sorted(
        asked.values(), key=lambda one: (one.group.order, one.group_id, one.order, one.pk)
    )


def column_targets(
    period: Period, columns: Iterable[Indicator], lines: Iterable[Line]
) -> dict[int, str]:
    """The target of each indicator in words; several where it differs from unit to unit."""
    rules, year = rules_of(columns), period.period_to.year
    words: dict[int, dict[str, None]] = {indicator.pk: {} for indicator in columns}
    known: dict[tuple[int, int], str] = {}
    for line in lines:
        facts = facts_of(line.participation.unit)
        for pk, indicator in line.asked.items():
            each = indicator.group.measured == Group.Measured.EACH
            rule, _why = resolve_target(rules[pk], facts if each else None, year, period.period_to)
            key = (pk, id(rule))
            if key not in known:
                known[key] = text_of(indicator, rule)
            if known[key]:
                words[pk][known[key]] = None
    return {pk: " hoặc ".join(found) for pk, found in words.items()}

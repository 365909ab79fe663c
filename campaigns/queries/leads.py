"""What the offices that lead indicators say of the figures: a second line across the tree."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import BooleanField, ExpressionWrapper, F, Q

from campaigns import policies
from campaigns.models import (
    Campaign,
    CellMark,
    Evidence,
    Participation,
    Period,
    Result,
    ResultSheet,
)
from campaigns.queries.cells import judgement_of, words_of
from campaigns.queries.facts import doubts_of, target_for
from campaigns.queries.marks import (
    CHANGED,
    NO_MARKS,
    WAITING,
    Assessment,
    Marks,
    assessment_of,
    bar_of,
    for_marking,
    is_open,
    last_marks,
    standing_of,
    waiting_counts,
)
from campaigns.queries.members import ruler
from campaigns.queries.presence import was_there
from campaigns.queries.results import a_year_before, grown_until, just_before, last_name
from campaigns.rules import Doubt, Judgement, Tally, measured_of, tally
from criteria.models import Group, Indicator, RubricLevel
from criteria.queries import facts_of, rules_of, text_of
from units.models import User


# --- one indicator over all units -----------------------------------------------------------------
@dataclass(frozen=True)
class LeadRow:
    """One unit's cell as the lead looks at it; `result` is None before the sheet was sent."""

    participation: Participation
    sheet: ResultSheet | None
    result: Result | None
    words: str
    judgement: Judgement | None
    target: str
    last: Judgement | None
    doubts: list[Doubt]
    evidence: list[Evidence]
    marks: Marks
    assessment: Assessment | None
    bar: str
    may_open: bool

    @property
    def mark(self) -> CellMark | None:
        return self.marks.lead

    @property
    def standing(self) -> str:
        return standing_of(self.mark, self.result)

    @property
    def may_mark(self) -> bool:
        if self.sheet is None or self.bar:
            return False
        return is_open(self.sheet, assesses=self.assessment is not None)

    @property
    def key(self) -> str:
        """What is sent along when it is ticked: the cell and what was seen of it."""
        if self.result is None:
            return ""
        return f"{self.result.pk}-{self.result.stamp}"  # type: ignore[attr-defined]


@dataclass(frozen=True)
class LeadPage:
    """`counts` are the indicators one attends with how many cells wait there; `decides` tells the
    lead from those who only look on."""

    indicator: Indicator
    counts: list[tuple[Indicator, int]]
    rows: list[LeadRow]
    decides: bool
    last_name: str

    @property
    def markable(self) -> int:
        return (
            sum(row.may_mark and row.result is not None for row in self.rows) if self.decides else 0
        )

    @property
    def sent(self) -> int:
        return sum(row.result is not None for row in self.rows)

    @property
    def assessed(self) -> bool:
        """Whether the answers are in words, to be assessed."""
        return self.indicator.kind == Indicator.Kind.QUALITATIVE

    @property
    def levels(self) -> list[RubricLevel]:
        return list(self.indicator.levels.all()) if self.assessed else []

    @property
    def tally(self) -> Tally:
        return tally(row.assessment.found for row in self.rows if row.assessment)

    def of(self, standing: str) -> int:
        return sum(row.result is not None and row.standing == standing for row in self.rows)


def attended(campaign: Campaign, user: User) -> list[Indicator]:
    """What `user`'s office leads or co-ordinates in a plan and units report, in its order."""
    rows = policies.attended_indicators(user).filter(criteria_set=campaign.criteria_set_id)
    return list(
        rows.exclude(kind=Indicator.Kind.DERIVED)
        .exclude(group__measured=Group.Measured.NOMINEE)
        .select_related("group", "lead_unit")
        .prefetch_related("levels")
    )


def lead_page(
    period: Period, indicators: list[Indicator], indicator: Indicator, user: User
) -> LeadPage:
    """One of `indicators` over every unit that is asked for it; about eighteen SQL queries, however
    many units."""
    campaign, year = period.campaign, period.period_to.year
    members = campaign.participations.filter(was_there(period)).select_related("unit__kind__level")
    whom = ruler(campaign, year)
    group = next(one for one in whom.groups if one.pk == indicator.group_id)
    parts = [p for p in members.order_by("unit__name", "pk") if whom.measures(group, p.unit)]
    results, last, year_ago, grown = _cells(period, indicator, user)
    sheets = {
        sheet.participation_id: sheet
        for sheet in ResultSheet.objects.filter(period=period, participation__in=parts)
    }
    keys = [result.pk for result in results.values()]
    evidence: dict[int, list[Evidence]] = defaultdict(list)
    for item in Evidence.objects.filter(result__in=keys, removed_at__isnull=True):
        evidence[item.result_id].append(item)
    marks = last_marks(keys)
    seen = policies.viewable_result_sheets(user).filter(period=period)
    open_to = set(seen.values_list("pk", flat=True))
    rules, then = rules_of([indicator])[indicator.pk], last_name(period)
    rows = []
    for part in parts:
        sheet, before = sheets.get(part.pk), last.get(part.pk)
        result = results.get(part.pk)
        held = marks.get(result.pk, NO_MARKS) if result else NO_MARKS
        rule, _why = target_for(indicator, rules, period, facts_of(part.unit))
        judged = None if indicator.group.measured == Group.Measured.SUM else rule
        old = year_ago.get(part.pk)
        then_was = measured_of(old.numerator, old.denominator, old.value, old.yes) if old else None
        rows.append(
            LeadRow(
                participation=part,
                sheet=sheet,
                result=result,
                words=words_of(indicator, result) if result else "",
                judgement=(judgement_of(indicator, judged, result, then_was) if result else None),
                target=text_of(indicator, rule),
                last=judgement_of(indicator, None, before) if before else None,
                doubts=doubts_of(indicator, result, before, then, grown.get(part.pk)),
                evidence=evidence[result.pk] if result else [],
                marks=held,
                assessment=assessment_of(indicator, result, held),
                bar=bar_of(result, sheet, user, CellMark.Office.LEAD) if result and sheet else "",
                may_open=bool(sheet and sheet.pk in open_to),
            )
        )
    counts = waiting_counts([period.pk], [one.pk for one in indicators])[period.pk]
    rows.sort(key=_first)
    return LeadPage(
        indicator=indicator,
        counts=[(one, counts.get(one.pk, 0)) for one in indicators],
        rows=rows,
        decides=policies.led_indicators(user).filter(pk=indicator.pk).exists(),
        last_name=then,
    )


def _first(row: LeadRow) -> tuple[bool, bool]:
    """What waits for a word comes first, what is not sent last; else by name, as they stand."""
    return (not (row.may_mark and row.standing in (WAITING, CHANGED)), row.result is None)


def _cells(period: Period, indicator: Indicator, user: User) -> tuple[dict[int, Result], ...]:
    """By member: what was sent, what was reported in the period before, what was accepted of the
    same time a year before, and what a figure that grows had come to; one SQL query."""
    sent = Q(result_sheet__period=period, result_sheet__state__in=ResultSheet.SENT)
    the_last = Q(result_sheet__period__in=just_before(period).values("pk"))
    a_year_ago = Q(
        result_sheet__period__in=a_year_before(period).values("pk"),
        result_sheet__state__in=ResultSheet.ACCEPTED,
    )
    until = grown_until(period) if indicator.cumulative else Period.objects.none()
    grew = Q(result_sheet__period__in=until.values("pk"))
    past = Q(the_last | a_year_ago | grew, state=Result.State.REPORTED)
    rows = (
        for_marking(Result.objects.filter(sent | past, indicator=indicator), user)
        .annotate(is_last=_is(the_last), is_year_ago=_is(a_year_ago))
        .annotate(is_grown=_is(grew), then=F("result_sheet__period__name"))
        .select_related("result_sheet", "saved_by")
    )
    now: dict[int, Result] = {}
    last: dict[int, Result] = {}
    year_ago: dict[int, Result] = {}
    grown: dict[int, Result] = {}
    for row in rows:
        member = row.result_sheet.participation_id
        if row.result_sheet.period_id == period.pk:
            now[member] = row
        if row.is_last:
            last[member] = row
        if row.is_year_ago:
            year_ago[member] = row
        if row.is_grown:
            grown[member] = row
    return now, last, year_ago, grown


def _is(condition: Q) -> ExpressionWrapper:
    return ExpressionWrapper(condition, output_field=BooleanField())

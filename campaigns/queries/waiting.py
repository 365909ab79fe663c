"""Sheets that were sent and wait to be accepted, each with what a verifier looks at first."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db.models import F

from campaigns import policies
from campaigns.models import Period, Result, ResultSheet, Review
from campaigns.queries.facts import doubts_of
from campaigns.queries.marks import (
    NO_MARKS,
    Missing,
    is_assessed,
    is_found,
    last_marks,
    missing_leads,
)
from campaigns.queries.members import still_asked
from campaigns.queries.results import last_name
from campaigns.queries.reviews import changed_counts, last_reviews
from campaigns.rules import REPORTED, Doubt
from criteria.models import Indicator
from units.models import User


@dataclass(frozen=True)
class Waiting:
    """One sheet: when it was verified before and how many values changed since, how many of its
    figures raise a question (which was answered, or it could not have been sent), which leads
    have not confirmed, how many answers in words nobody has assessed."""

    sheet: ResultSheet
    before: Review | None
    changed: int
    doubts: int
    missing: list[Missing]
    to_assess: int

    @property
    def key(self) -> str:
        """What is sent along when it is ticked: the sheet, and the revision that was seen."""
        return f"{self.sheet.pk}-{self.sheet.revision}"


def sheets_to_verify(user: User) -> list[Waiting]:
    """Sent and waiting for `user`, the oldest first; nine SQL queries, however many, one more where
    answers in words are to be assessed."""
    waiting = policies.verifiable_result_sheets(user).filter(state=ResultSheet.State.SUBMITTED)
    sheets = list(
        waiting.select_related(
            "participation__unit", "participation__campaign", "period", "submitted_by"
        ).order_by("submitted_at", "pk")
    )
    if not sheets:
        return []
    reviews = last_reviews(sheets, Review.Decision.VERIFIED)
    reported = still_asked(Result.objects.filter(result_sheet__in=sheets, state=REPORTED))
    results = list(reported.select_related("indicator"))
    changed, missing = changed_counts(reviews), missing_leads(sheets)
    doubted, waits = _doubted(sheets, results), _unassessed(results)
    return [
        Waiting(
            sheet,
            reviews.get(sheet.pk),
            changed.get(sheet.pk, 0),
            doubted[sheet.pk],
            missing.get(sheet.pk, []),
            waits[sheet.pk],
        )
        for sheet in sheets
    ]


def unassessed(sheets: Iterable[ResultSheet]) -> dict[int, int]:
    """How many answers in words of each sheet nobody has assessed, by its key, where there are any;
    two SQL queries."""
    reported = Result.objects.filter(
        result_sheet__in=[sheet.pk for sheet in sheets], state=REPORTED
    )
    words = still_asked(reported).select_related("indicator")
    return {pk: count for pk, count in _unassessed(words).items() if count}


def _unassessed(results: Iterable[Result]) -> dict[int, int]:
    """How many answers in words nobody has assessed, or not since they changed, by sheet."""
    words = [row for row in results if is_assessed(row.indicator, row.state)]
    marks = last_marks([row.pk for row in words]) if words else {}
    found: dict[int, int] = defaultdict(int)
    for row in words:
        found[row.result_sheet_id] += not is_found(marks.get(row.pk, NO_MARKS), row)
    return found


def _doubted(sheets: list[ResultSheet], results: Iterable[Result]) -> dict[int, int]:
    """How many figures of each sheet raise a question, by its key; two SQL queries."""
    before = results_before(sheets)
    found: dict[int, int] = defaultdict(int)
    by_key = {sheet.pk: sheet for sheet in sheets}
    for result in results:
        pk = result.result_sheet_id
        asked = before.doubts(by_key[pk], result.indicator, result)
        found[pk] += any(doubt.asks for doubt in asked)
    return found


@dataclass(frozen=True)
class Before:
    """What was reported before, by sheet of now and indicator: in the period before, and in the
    newest of another kind, which only what grows over the whole plan is held against."""

    last: dict[tuple[int, int], Result] = field(default_factory=dict)
    grown: dict[tuple[int, int], Result] = field(default_factory=dict)

    def doubts(self, sheet: ResultSheet, indicator: Indicator, result: Result) -> list[Doubt]:
        key, then = (sheet.pk, indicator.pk), last_name(sheet.period)
        grown = self.grown.get(key) if indicator.cumulative else None
        return doubts_of(indicator, result, self.last.get(key), then, grown)


def results_before(sheets: list[ResultSheet]) -> Before:
    """Two SQL queries. Needs `period` selected."""
    found = Before()
    known: dict[int, list[Period]] = defaultdict(list)
    campaigns = {sheet.period.campaign_id for sheet in sheets}
    for period in Period.objects.filter(campaign__in=campaigns).order_by("period_to"):
        known[period.campaign_id].append(period)
    places: dict[tuple[int, int], list[tuple[dict[tuple[int, int], Result], int]]]
    places = defaultdict(list)
    for sheet in sheets:
        now, others = sheet.period, known[sheet.period.campaign_id]
        same = [p for p in others if p.kind == now.kind and p.period_to < now.period_from]
        other = [p for p in others if p.kind != now.kind and _grows_into(p, now)]
        if same:
            places[sheet.participation_id, same[-1].pk].append((found.last, sheet.pk))
        if other:
            newest = max(other, key=lambda p: (p.period_to, p.period_from))
            places[sheet.participation_id, newest.pk].append((found.grown, sheet.pk))
    results = Result.objects.filter(
        result_sheet__participation__in=[part for part, _period in places],
        result_sheet__period__in=[period for _part, period in places],
        state=Result.State.REPORTED,
    )
    told = results.annotate(then=F("result_sheet__period__name"))
    for result in told.select_related("result_sheet"):
        then = result.result_sheet.participation_id, result.result_sheet.period_id
        for held, pk in places.get(then, ()):
            held[pk, result.indicator_id] = result
    return found


def _grows_into(period: Period, now: Period) -> bool:
    """As `results.grown_until` says it in SQL."""
    inside = period.period_to == now.period_to and period.period_from > now.period_from
    return inside or period.period_to < now.period_to

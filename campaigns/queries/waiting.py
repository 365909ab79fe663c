"""Sheets that were sent and wait to be accepted, each with what a verifier looks at first."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

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
from campaigns.queries.results import last_name
from campaigns.queries.reviews import changed_counts, last_reviews
from campaigns.rules import REPORTED
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
    reported = Result.objects.filter(result_sheet__in=sheets, state=REPORTED)
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
    words = Result.objects.filter(
        result_sheet__in=[sheet.pk for sheet in sheets], state=REPORTED
    ).select_related("indicator")
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
    then = {sheet.pk: last_name(sheet.period) for sheet in sheets}
    for result in results:
        pk = result.result_sheet_id
        last = before.get((pk, result.indicator_id))
        asked = doubts_of(result.indicator, result, last, then[pk])
        found[pk] += any(doubt.asks for doubt in asked)
    return found


def results_before(sheets: list[ResultSheet]) -> dict[tuple[int, int], Result]:
    """What was reported in the period before, by sheet of now and indicator; two SQL queries.

    Needs `period` selected.
    """
    others: dict[tuple[int, str], list[Period]] = defaultdict(list)
    campaigns = {sheet.period.campaign_id for sheet in sheets}
    for period in Period.objects.filter(campaign__in=campaigns).order_by("period_to"):
        others[period.campaign_id, period.kind].append(period)
    sheet_of: dict[tuple[int, int], int] = {}
    for sheet in sheets:
        same = others[sheet.period.campaign_id, sheet.period.kind]
        past = [p.pk for p in same if p.period_to < sheet.period.period_from]
        if past:
            sheet_of[sheet.participation_id, past[-1]] = sheet.pk
    results = Result.objects.filter(
        result_sheet__participation__in=[part for part, _period in sheet_of],
        result_sheet__period__in=[period for _part, period in sheet_of],
        state=Result.State.REPORTED,
    ).select_related("result_sheet")
    found: dict[tuple[int, int], Result] = {}
    for result in results:
        then = result.result_sheet.participation_id, result.result_sheet.period_id
        if then in sheet_of:
            found[sheet_of[then], result.indicator_id] = result
    return found

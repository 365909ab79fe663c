"""The last word of the lead on each cell, and who is still to speak."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

from campaigns.models import LeadMark, Result, ResultSheet
from units.models import User

WAITING, CHANGED = "waiting", "changed"  # beside the verdicts of a mark
MARKABLE = (ResultSheet.State.SUBMITTED, ResultSheet.State.VERIFIED)


def standing_of(mark: LeadMark | None, result: Result | None) -> str:
    """What the lead's word on a cell is worth now: a verdict, or `waiting`, or `changed` when it
    was given on another version of the cell."""
    if mark is None or result is None:
        return WAITING
    return mark.verdict if mark.version == result.version else CHANGED


def last_marks(results: Collection[int]) -> dict[int, LeadMark]:
    """The last word on each of these results; one SQL query."""
    rows = LeadMark.objects.filter(result__in=results).order_by("result_id", "-pk")
    return {mark.result_id: mark for mark in rows.distinct("result_id").select_related("by")}


@dataclass
class Missing:
    """A lead whose confirmation of a sheet is not whole: codes it has not looked at (again), codes
    it questions."""

    lead: str
    waiting: list[str] = field(default_factory=list)
    questioned: list[str] = field(default_factory=list)

    @property
    def words(self) -> str:
        parts = []
        if self.waiting:
            parts.append(f"chưa xác nhận {', '.join(self.waiting)}")
        if self.questioned:
            parts.append(f"có ý kiến về {', '.join(self.questioned)}")
        return f"{self.lead} {'; '.join(parts)}"


def missing_leads(
    sheets: Iterable[ResultSheet], asked: Collection[int] | None = None
) -> dict[int, list[Missing]]:
    """By sheet; two SQL queries. What the standing agency leads itself it answers for by accepting
    the sheet. `asked` narrows it to these indicators. Sheets need their campaign selected.
    """
    agency = {s.pk: s.participation.campaign.standing_agency_id for s in sheets}
    results = Result.objects.filter(result_sheet__in=agency, indicator__lead_unit__isnull=False)
    if asked is not None:
        results = results.filter(indicator__in=asked)
    rows = list(
        results.select_related("indicator__lead_unit").order_by("indicator__order", "indicator")
    )
    marks = last_marks([row.pk for row in rows])
    found: dict[int, dict[int, Missing]] = defaultdict(dict)
    for row in rows:
        lead = row.indicator.lead_unit
        assert lead is not None
        standing = standing_of(marks.get(row.pk), row)
        if lead.pk == agency[row.result_sheet_id] or standing == LeadMark.Verdict.CONFIRMED:
            continue
        missing = found[row.result_sheet_id].setdefault(
            lead.pk, Missing(lead.short_name or lead.name)
        )
        questioned = standing == LeadMark.Verdict.QUESTIONED
        (missing.questioned if questioned else missing.waiting).append(row.indicator.code)
    return {sheet: list(leads.values()) for sheet, leads in found.items()}


def waiting_counts(
    periods: Collection[int], indicators: Collection[int]
) -> dict[int, dict[int, int]]:
    """Period → indicator → cells of sheets that were sent and that the lead has not spoken of,
    or not since they changed; two SQL queries."""
    rows = list(
        Result.objects.filter(
            indicator__in=indicators,
            result_sheet__period__in=periods,
            result_sheet__state__in=MARKABLE,
        ).select_related("result_sheet")
    )
    marks = last_marks([row.pk for row in rows])
    found: dict[int, dict[int, int]] = defaultdict(lambda: defaultdict(int))
    for row in rows:
        if standing_of(marks.get(row.pk), row) in (WAITING, CHANGED):
            found[row.result_sheet.period_id][row.indicator_id] += 1
    return found


def may_mark(result: Result, sheet: ResultSheet, user: User) -> bool:
    """Nobody speaks of what he entered or sent himself, or of what is not sent or locked."""
    own = user.pk in (result.saved_by_id, sheet.submitted_by_id)
    return not own and sheet.state in MARKABLE

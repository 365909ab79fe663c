"""What the office that leads an indicator says of the figures of all units."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from campaigns import queries
from campaigns.models import Campaign, CellMark, Result, ResultSheet
from campaigns.rules import CLAIMED
from campaigns.services.assessing import assessment, keep_marks, refusal_of, told_of
from criteria.models import Indicator
from units.models import User
from units.rules import DomainError
from units.workflow import entry, locked, record, record_all

Verdict = CellMark.Verdict


@dataclass
class Marked:
    """What marking came to: the cells marked, and why each of the others was not."""

    results: list[Result] = field(default_factory=list)
    refused: list[tuple[Result, str]] = field(default_factory=list)


@transaction.atomic
def mark_cells(
    indicator: Indicator,
    chosen: Mapping[int, int],
    verdict: Verdict,
    *,
    actor: User,
    now: datetime,
    reason: str = "",
    found: str = CLAIMED,
) -> Marked:
    """Confirm or question cells of one indicator: result → what was seen of it, its stamp.

    To confirm an answer in words is to assess it: `found` is what it comes to, unless told the
    level that each unit claims.

    One that is refused stops none of the others: it changed since, `actor` entered or sent it
    himself, its sheet is not sent or is locked. Raises DomainError when nothing is chosen, or a
    question, or an assessment that differs from the claim, has no reason.
    """
    reason = reason.strip()
    if verdict == Verdict.QUESTIONED and not reason:
        raise DomainError("Ghi lý do có ý kiến: đơn vị và cơ quan thường trực cần biết sai ở đâu.")
    results = Result.objects.filter(pk__in=chosen, indicator=indicator)
    sheets = results.order_by("result_sheet").values("result_sheet")
    # entry takes the same locks, so nothing moves under the check
    list(ResultSheet.objects.filter(pk__in=sheets).order_by("pk").select_for_update(no_key=True))
    rows = (
        queries.for_marking(results, actor)
        .select_related("result_sheet__participation__unit", "indicator")
        .prefetch_related("indicator__levels")
        .order_by("pk")
    )
    done, marks, lines = Marked(), [], []
    for result in rows:
        if refusal := _refusal(result, chosen[result.pk], verdict, actor):
            done.refused.append((result, refusal))
            continue
        sheet = result.result_sheet
        done.results.append(result)
        marks.append(mark := _mark(result, verdict, found, reason, actor, now))
        lines.append(
            entry(
                f"resultsheet.lead_{verdict.value}",
                sheet,
                actor=actor,
                now=now,
                unit=sheet.participation.unit,
                note=told_of(mark),
                data={"result": result.pk, "version": result.version},
            )
        )
    if not done.results and not done.refused:
        raise DomainError("Chưa chọn đơn vị nào. Đánh dấu đơn vị rồi bấm Xác nhận hoặc Có ý kiến.")
    keep_marks(marks)
    record_all(lines)
    return done


def _assesses(result: Result, verdict: Verdict) -> bool:
    """To confirm an answer in words is to assess it."""
    told = queries.is_assessed(result.indicator, result.state)
    return told and verdict == Verdict.CONFIRMED


def _mark(
    result: Result, verdict: Verdict, found: str, reason: str, actor: User, now: datetime
) -> CellMark:
    if _assesses(result, verdict):
        try:
            return assessment(result, found, reason, CellMark.Office.LEAD, actor, now)
        except DomainError as error:
            raise DomainError(f"{result.result_sheet.participation.unit}: {error}") from error
    return CellMark(
        result=result, version=result.version, verdict=verdict, reason=reason, at=now, by=actor
    )


def _refusal(result: Result, seen: int, verdict: Verdict, actor: User) -> str:
    assesses = _assesses(result, verdict)
    if refusal := refusal_of(result, result.result_sheet, actor, CellMark.Office.LEAD, assesses):
        return refusal
    if result.stamp != seen:  # type: ignore[attr-defined]
        return "Số liệu hoặc minh chứng đã đổi từ khi mở trang, xem lại rồi xác nhận."
    return ""


@transaction.atomic
def set_leads_first(
    campaign: Campaign, leads_first: bool, *, actor: User, now: datetime
) -> Campaign:
    """Whether sheets of a plan wait for every lead before they may be accepted."""
    campaign = locked(campaign)
    if campaign.leads_first == leads_first:
        return campaign
    campaign.leads_first = leads_first
    campaign.save(update_fields=["leads_first"])
    action = "campaign.leads_first" if leads_first else "campaign.leads_any_time"
    record(action, campaign, actor=actor, now=now, unit=campaign.issuer)
    return campaign

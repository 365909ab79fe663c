"""What the office that leads an indicator says of the figures of all units."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from campaigns import queries
from campaigns.models import Campaign, LeadMark, Result, ResultSheet
from criteria.models import Indicator
from units.models import User
from units.rules import DomainError
from units.workflow import entry, locked, record, record_all

Verdict = LeadMark.Verdict


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
) -> Marked:
    """Confirm or question cells of one indicator: result → the version that was seen.

    One that is refused stops none of the others: it changed since, `actor` entered or sent it
    himself, its sheet is not sent or is locked. Raises DomainError when nothing is chosen, or a
    question has no reason.
    """
    reason = reason.strip()
    if verdict == Verdict.QUESTIONED and not reason:
        raise DomainError("Ghi lý do có ý kiến: đơn vị và cơ quan thường trực cần biết sai ở đâu.")
    results = Result.objects.filter(pk__in=chosen, indicator=indicator)
    sheets = results.order_by("result_sheet").values("result_sheet")
    # entry takes the same locks, so nothing moves under the check
    list(ResultSheet.objects.filter(pk__in=sheets).order_by("pk").select_for_update(no_key=True))
    rows = results.select_related("result_sheet__participation__unit").order_by("pk")
    done, marks, lines = Marked(), [], []
    for result in rows:
        if refusal := _refusal(result, chosen[result.pk], actor):
            done.refused.append((result, refusal))
            continue
        sheet = result.result_sheet
        done.results.append(result)
        marks.append(
            LeadMark(
                result=result,
                version=result.version,
                verdict=verdict,
                reason=reason,
                at=now,
                by=actor,
            )
        )
        lines.append(
            entry(
                f"resultsheet.lead_{verdict.value}",
                sheet,
                actor=actor,
                now=now,
                unit=sheet.participation.unit,
                note=f"{indicator.code}, {reason}" if reason else indicator.code,
                data={"result": result.pk, "version": result.version},
            )
        )
    if not done.results and not done.refused:
        raise DomainError("Chưa chọn đơn vị nào. Đánh dấu đơn vị rồi bấm Xác nhận hoặc Có ý kiến.")
    LeadMark.objects.bulk_create(marks)
    record_all(lines)
    return done


def _refusal(result: Result, version: int, actor: User) -> str:
    sheet = result.result_sheet
    if sheet.state not in queries.MARKABLE:
        return f"Phiếu đang ở trạng thái “{sheet.get_state_display()}” nên chưa xác nhận được."
    if not queries.may_mark(result, sheet, actor):
        return "Số liệu do chính người xác nhận nhập hoặc ký gửi; chuyển cho người khác xác nhận."
    if result.version != version:
        return "Số liệu đã đổi từ khi mở trang, xem lại rồi xác nhận."
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

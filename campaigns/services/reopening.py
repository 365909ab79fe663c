"""Opening a locked sheet again: what was built on it shows itself as stale by its revision."""

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from campaigns.models import Extension, ResultSheet
from campaigns.services.reviews import flagged_of, said_of, send_back
from campaigns.services.sheets import refuse_changed, refuse_idle, step, takes, with_related
from units.models import User
from units.rules import DomainError, day_text
from units.workflow import locked, record

State = ResultSheet.State


@transaction.atomic
def reopen_sheet(
    sheet: ResultSheet,
    *,
    reason: str,
    until: date | None,
    actor: User,
    now: datetime,
    revision: int | None = None,
    cells: Mapping[int, str] | None = None,
    keep: bool = False,
) -> ResultSheet:
    """A locked sheet goes back to the unit, which may mend it until the day `until` though its
    period is over; or, to `keep`, to the standing agency, which verifies it again.

    Raises DomainError without a reason, without a day for the unit or for a day that is over, for
    a sheet that is not locked or has changed since `revision`, when the plan is not under way.
    """
    locked(sheet.period)  # the closing of the period waits
    sheet, reason = with_related(locked(sheet)), reason.strip()
    if sheet.state != State.LOCKED:
        raise DomainError(
            f"{sheet} đang ở trạng thái “{sheet.get_state_display()}”, không khóa, nên không cần "
            "mở khóa. Tải lại trang để xem trạng thái hiện nay."
        )
    refuse_changed(sheet, revision, "mở khóa")
    refuse_idle(sheet.participation.campaign)
    flagged = {} if keep else flagged_of(sheet, cells or {})
    reason = reason or said_of(flagged)
    if not reason:
        raise DomainError("Ghi lý do mở khóa: phiếu đã được tính vào báo cáo, người xem cần biết.")
    if keep:
        return step(
            sheet,
            State.SUBMITTED,
            actor=actor,
            now=now,
            note=reason,
            verified_at=None,
            verified_by=None,
            locked_at=None,
        )
    _give_time(sheet, until, reason, actor, now)
    return send_back(sheet, reason, flagged, actor=actor, now=now, locked_at=None)


def _give_time(
    sheet: ResultSheet, until: date | None, reason: str, actor: User, now: datetime
) -> None:
    today, part = timezone.localdate(now), sheet.participation
    if until is None:
        raise DomainError("Chọn ngày đơn vị phải gửi lại, ví dụ 15/12/2026.")
    if until < today:
        raise DomainError(f"Ngày {day_text(until)} đã qua. Chọn từ hôm nay trở đi.")
    if takes(sheet, now):  # the unit still has time of its own
        return
    extension = Extension.objects.create(
        participation=part,
        period=sheet.period,
        until=until,
        reason=f"Mở khóa phiếu: {reason}",
        granted_by=actor,
        granted_at=now,
    )
    record("extension.granted", extension, actor=actor, now=now, unit=part.unit, note=reason)

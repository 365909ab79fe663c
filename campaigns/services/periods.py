"""Closing reporting periods on their day."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from campaigns.models import Period, ResultSheet
from campaigns.services.sheets import lock_sheet
from units.models import User
from units.rules import DomainError, day_text
from units.workflow import locked, record


def close_due_periods(*, now: datetime) -> int:
    """Close every period whose last day is over and lock its accepted sheets.

    One transaction a period, safe to run at any time and twice: a sheet accepted at the very
    moment of closing is locked by the next run. Returns how many periods were touched.
    """
    today = timezone.localdate(now)
    accepted = ResultSheet.objects.filter(period=OuterRef("pk"), state=ResultSheet.State.VERIFIED)
    due = Period.objects.filter(closes_on__lt=today).filter(
        Q(closed_at__isnull=True) | Exists(accepted)
    )
    periods = list(due)
    for period in periods:
        _close(period, now=now)
    return len(periods)


@transaction.atomic
def move_closing_day(
    period: Period, *, closes_on: date, reason: str, actor: User | None, now: datetime
) -> Period:
    """Give a period that is still open another last day, and say why.

    Raises DomainError when it is closed already, for a day before its start, or without a reason.
    """
    period = locked(period)
    if period.closed_at is not None:
        raise DomainError(
            f"{period} đã khóa ngày {day_text(timezone.localdate(period.closed_at))} nên không đổi "
            "ngày khóa được nữa."
        )
    if closes_on < period.period_from:
        raise DomainError(
            f"Ngày khóa {day_text(closes_on)} trước khi {period.name.lower()} bắt đầu "
            f"({day_text(period.period_from)}). Chọn ngày sau đó."
        )
    if not reason.strip():
        raise DomainError(f"Đổi ngày khóa của {period.name.lower()} phải ghi lý do.")
    before, period.closes_on = period.closes_on, closes_on
    period.save(update_fields=["closes_on"])
    record(
        "campaign.period_moved",
        period.campaign,
        actor=actor,
        now=now,
        note=f"{period.name}: ngày khóa {day_text(before)} → {day_text(closes_on)}. {reason}",
    )
    return period


@transaction.atomic
def _close(period: Period, *, now: datetime) -> None:
    period = locked(period)
    if period.closed_at is None:
        period.closed_at = now
        period.save(update_fields=["closed_at"])
        record("campaign.period_closed", period.campaign, actor=None, now=now, note=period.name)
    sheets = period.result_sheets.select_for_update(of=("self",), no_key=True)
    for sheet in sheets.filter(state=ResultSheet.State.VERIFIED).order_by("pk"):
        lock_sheet(sheet, now=now)

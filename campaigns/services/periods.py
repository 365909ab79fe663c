"""Closing reporting periods on their day."""

from datetime import date, datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from campaigns import queries
from campaigns.models import Extension, Participation, Period, ResultSheet
from campaigns.services.reviews import lock_sheet
from campaigns.services.sheets import refuse_idle
from units.models import User
from units.rules import DomainError, day_text
from units.workflow import locked, record


def close_due_periods(*, now: datetime) -> int:
    """Close every period whose last day is over and lock its accepted sheets.

    One transaction a period, safe to run at any time and twice: a sheet accepted at the very
    moment of closing is locked by the next run, one of a unit whose time was extended once that
    is over. Returns how many periods were touched.
    """
    today = timezone.localdate(now)
    accepted = _lockable(today).filter(period=OuterRef("pk"))
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
def extend_time(
    participation: Participation,
    period: Period,
    *,
    until: date,
    reason: str,
    actor: User | None,
    now: datetime,
) -> Extension:
    """Give one unit more time for one period, also after that has closed for the others.

    Raises DomainError without a reason, for a day that is over or no later than what the unit has
    already, and when its sheet is locked or the unit takes part no longer.
    """
    period = locked(period)  # the closing of the period waits
    unit, today, reason = participation.unit, timezone.localdate(now), reason.strip()
    sheet = ResultSheet.objects.filter(participation=participation, period=period).first()
    refuse_idle(period.campaign)
    if participation.left_on is not None:
        raise DomainError(
            f"{unit} đã thôi tham gia từ {day_text(participation.left_on)} nên không gia hạn. Ghi "
            "danh lại trước."
        )
    if sheet is not None and locked(sheet).state == ResultSheet.State.LOCKED:
        raise DomainError(
            f"{sheet} của {unit} đã khóa nên không gia hạn. Nếu số liệu sai, mở khóa phiếu kèm lý "
            "do và ngày phải gửi lại."
        )
    if until < today:
        raise DomainError(f"Ngày {day_text(until)} đã qua. Chọn từ hôm nay trở đi.")
    had = queries.owed_on(participation, period)
    if until <= had:
        raise DomainError(f"{unit} đã có hạn đến hết ngày {day_text(had)}. Chọn ngày sau ngày đó.")
    if not reason:
        raise DomainError("Ghi lý do gia hạn: đơn vị và người xem sau cần biết vì sao.")
    extension = Extension.objects.create(
        participation=participation,
        period=period,
        until=until,
        reason=reason,
        granted_by=actor,
        granted_at=now,
    )
    record("extension.granted", extension, actor=actor, now=now, unit=unit, note=reason)
    return extension


@transaction.atomic
def _close(period: Period, *, now: datetime) -> None:
    period = locked(period)
    if period.closed_at is None:
        period.closed_at = now
        period.save(update_fields=["closed_at"])
        record("campaign.period_closed", period.campaign, actor=None, now=now, note=period.name)
    sheets = _lockable(timezone.localdate(now)).filter(period=period)
    for sheet in sheets.select_for_update(of=("self",), no_key=True).order_by("pk"):
        lock_sheet(sheet, now=now)


def _lockable(today: date) -> QuerySet[ResultSheet]:
    """Accepted, and nobody has time left to mend them."""
    extended = queries.still_extended(today, participation="participation", period="period")
    return ResultSheet.objects.filter(~extended, state=ResultSheet.State.VERIFIED)

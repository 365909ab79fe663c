"""A period that is open may be given another last day, with a reason on record."""

from datetime import date

import pytest

from campaigns.models import Period
from campaigns.services import close_due_periods, move_closing_day
from tests.factories import NOW, PeriodFactory, UserFactory
from units.models import AuditEntry
from units.rules import DomainError

pytestmark = pytest.mark.django_db


def move(period: Period, day: date, reason: str = "Công văn gia hạn.") -> Period:
    return move_closing_day(period, closes_on=day, reason=reason, actor=UserFactory(), now=NOW)


def test_the_day_moves_and_the_reason_is_kept() -> None:
    period = move(PeriodFactory(), date(2025, 3, 31))
    period.refresh_from_db()
    assert period.closes_on == date(2025, 3, 31)
    entry = AuditEntry.objects.get(action="campaign.period_moved")
    assert "31/01/2025 → 31/03/2025. Công văn gia hạn." in entry.note


def test_a_closed_period_stays_closed() -> None:
    period = PeriodFactory(closes_on=date(2024, 2, 1))
    close_due_periods(now=NOW)
    with pytest.raises(DomainError, match="đã khóa"):
        move(period, date(2025, 3, 31))


def test_no_day_before_the_period_begins() -> None:
    with pytest.raises(DomainError, match="trước khi"):
        move(PeriodFactory(), date(2023, 12, 31))


def test_no_move_without_a_reason() -> None:
    with pytest.raises(DomainError, match="phải ghi lý do"):
        move(PeriodFactory(), date(2025, 3, 31), reason=" ")

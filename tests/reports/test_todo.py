"""What the first page tells somebody who consolidates."""

from datetime import UTC, date, datetime, timedelta

import pytest

from campaigns.models import ReportingDuty
from reports.models import Report
from reports.queries import todo
from tests.factories import NOW, UnitFactory, user_with
from units.models import User
from units.queries import TodoKind

pytestmark = pytest.mark.django_db

AFTER = datetime(2025, 1, 10, 3, 0, tzinfo=UTC)


@pytest.fixture
def officer(asked: Report) -> User:
    return user_with("home_affairs", asked.scope)


def told(user: User, now: datetime = AFTER) -> list[tuple[TodoKind, str]]:
    return [(line.kind, line.why) for line in todo(user, now)]


def test_a_period_that_ended_waits_for_its_report(asked: Report, officer: User) -> None:
    asked.delete()
    assert told(officer) == [(TodoKind.OWED, "1 trên 1 đơn vị có phiếu đã thẩm định.")]
    assert told(officer, NOW) == []
    assert told(officer, AFTER + timedelta(days=800)) == []


def test_it_is_due_on_the_day_of_the_plan_or_tells_no_day(asked: Report, officer: User) -> None:
    asked.delete()
    ReportingDuty.objects.all().delete()
    (line,) = todo(officer, AFTER)
    assert (line.due_on, line.due_text) == (None, "")
    duty = ReportingDuty.objects.create(
        campaign=asked.campaign,
        ref="tong-hop",
        what="consolidated",
        name="Báo cáo tổng hợp",
        rhythm="yearly",
        relation="before",
        month=12,
        day=31,
        owed_by="standing",
    )
    (line,) = todo(officer, AFTER)
    assert (line.due_on, line.due_text) == (
        date(2024, 12, 30),
        "trước ngày 31/12/2024, tức chậm nhất 30/12/2024",
    )
    duty.what = "report"
    duty.save()
    assert todo(officer, AFTER)[0].due_on is None


def test_a_stranger_is_told_nothing(asked: Report) -> None:
    asked.delete()
    assert told(user_with("home_affairs", UnitFactory())) == []


def test_my_report_under_way_and_failed(asked: Report, officer: User) -> None:
    Report.objects.update(requested_by=officer)
    assert (TodoKind.DONE, "Đang lập, có thể rời trang.") in told(officer)
    Report.objects.update(state="failed", error="Hỏng.", finished_at=AFTER)
    assert (TodoKind.RETURNED, "Hỏng.") in told(officer)

"""Who has sent and who has not, and what the pace comes to."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from campaigns import services
from campaigns.models import Period, ReportingDuty, ResultSheet
from campaigns.queries.deadline import Time, deadline, forecast, pace, time_left
from campaigns.rules import DutyDay
from tests.campaigns.test_board import text
from tests.campaigns.world import World
from tests.factories import NOW
from units.models import User

ClientOf = Callable[[User], Any]
TODAY = date(2024, 11, 24)  # the day on which the sheets of these tests are sent


@pytest.mark.parametrize(
    ("total", "not_begun", "sent", "days", "words"),
    [
        (68, 41, 20, Time(6), "41 trên 68 đơn vị chưa bắt đầu, còn 6 ngày."),
        (68, 41, 20, Time(0), "41 trên 68 đơn vị chưa bắt đầu, hôm nay là ngày cuối."),
        (68, 0, 20, Time(6), "Mọi đơn vị đã mở phiếu; 48 trên 68 đơn vị chưa gửi, còn 6 ngày."),
        (
            68,
            41,
            20,
            Time(60, late=365),
            "41 trên 68 đơn vị chưa bắt đầu, quá hạn 365 ngày, khóa sau 60 ngày.",
        ),
        (
            68,
            0,
            20,
            Time(0, late=1),
            "Mọi đơn vị đã mở phiếu; 48 trên 68 đơn vị chưa gửi, quá hạn 1 ngày, khóa hết hôm nay.",
        ),
        (68, 5, 60, Time(-1), "Kỳ đã khóa: 8 trên 68 đơn vị không gửi phiếu."),
        (
            68,
            5,
            60,
            (Time(-1), 3),
            "Kỳ đã khóa: 5 trên 68 đơn vị không gửi phiếu; 3 trên 68 đơn vị còn thời gian gia hạn.",
        ),
        (68, 5, 60, (Time(-1), 8), "Kỳ đã khóa; 8 trên 68 đơn vị còn thời gian gia hạn."),
        (68, 0, 68, Time(-1), "Cả 68 đơn vị đã gửi phiếu."),
        (68, 0, 68, Time(3), "Cả 68 đơn vị đã gửi phiếu."),
    ],
)
def test_the_state_of_things_in_a_sentence(
    total: int, not_begun: int, sent: int, days: Time | tuple[Time, int], words: str
) -> None:
    left = days if isinstance(days, tuple) else (days,)
    assert forecast(total, not_begun, sent, *left) == words


@pytest.mark.parametrize(
    ("left", "ago", "time", "words"),
    [
        (
            40,
            [0, 3, 6, 7],
            Time(6),
            "7 ngày qua có 3 phiếu được gửi; giữ nhịp này thì đến ngày khóa còn khoảng 38 đơn vị "
            "chưa gửi. Để kịp, mỗi ngày cần 6 phiếu.",
        ),
        (40, [8], Time(6), "7 ngày qua không có phiếu nào được gửi. Để kịp, mỗi ngày cần 6 phiếu."),
        (
            3,
            [1, 1, 2, 2],
            Time(6),
            "7 ngày qua có 4 phiếu được gửi; giữ nhịp này thì đến ngày khóa mọi đơn vị sẽ gửi đủ.",
        ),
        (
            3,
            [1],
            Time(6, end="hạn gửi"),
            "7 ngày qua có 1 phiếu được gửi; giữ nhịp này thì đến hạn gửi còn khoảng 3 đơn vị "
            "chưa gửi. Để kịp, mỗi ngày cần 1 phiếu.",
        ),
        (3, [1], Time(-1), ""),
        (0, [1], Time(6), ""),
    ],
)
def test_the_pace_of_the_last_week(left: int, ago: list[int], time: Time, words: str) -> None:
    sent = [TODAY - timedelta(days=one) for one in ago]
    assert pace(left, sent, TODAY, time) == words


@pytest.mark.parametrize(
    ("due_on", "today", "time"),
    [
        (date(2024, 11, 29), date(2024, 11, 24), Time(5, end="hạn gửi")),
        (date(2024, 11, 29), date(2024, 11, 29), Time(0, end="hạn gửi")),
        (date(2024, 11, 29), date(2024, 12, 2), Time(60, late=3)),
        (date(2024, 11, 29), date(2025, 1, 31), Time(0, late=63)),
        (date(2024, 11, 29), date(2025, 2, 1), Time(-1)),
        (date(2025, 2, 14), date(2025, 1, 30), Time(1)),  # nothing is taken any more by then
        (None, date(2025, 1, 30), Time(1)),
    ],
)
def test_the_plans_day_comes_before_the_closing_day(
    due_on: date | None, today: date, time: Time
) -> None:
    period = Period(closes_on=date(2025, 1, 31))
    assert time_left(period, DutyDay(due_on, ""), today) == time
    if due_on is None:
        assert time_left(period, None, today) == time


@pytest.fixture
def spread(world: World) -> None:
    """One member in each state."""
    indicator = world.indicator(code="CT01")
    typed = {"numerator": "9", "denominator": "10"}
    world.accepted(world.part, {indicator: typed})
    for name in ("B", "C"):
        sheet = world.sheet(world.member(name=f"Chi cục {name}"))
        world.fill(sheet, indicator, **typed)
        sheet = services.submit_sheet(sheet, actor=world.head, now=NOW)
        if name == "C":
            services.return_sheet(sheet, actor=world.verifier, reason="Sai CT01", now=NOW)
    world.sheet(world.member(name="Chi cục D"))
    world.member(name="Chi cục E")


def test_each_member_stands_where_its_sheet_stands(world: World, spread: None) -> None:
    found = deadline(world.campaign, world.period, world.verifier, TODAY)
    assert {g.key: [r.participation.unit.name for r in g.rows] for g in found.groups} == {
        "none": ["Chi cục E"],
        "draft": ["Chi cục D"],
        "returned": ["Chi cục C"],
        "submitted": ["Chi cục B"],
        "verified": [world.branch.name],
    }
    assert found.forecast == "1 trên 5 đơn vị chưa bắt đầu, còn 5 ngày."
    assert [(week.begins, week.sent, week.sum) for week in found.weeks] == [
        (date(2024, 11, 18), 2, 2)
    ]
    assert found.chart
    assert [name for _x, name, _left in found.chart.marks] == ["hạn 29/11", "khóa 31/01", "hôm nay"]
    ResultSheet.objects.filter(state="verified").update(state="locked", locked_at=NOW)
    locked = deadline(world.campaign, world.period, world.verifier, TODAY)
    assert len(locked.groups[-1].rows) == 1


def test_a_closed_period_has_no_pace_and_a_plan_without_a_day_no_mark(
    world: World, spread: None
) -> None:
    ReportingDuty.objects.all().delete()
    found = deadline(world.campaign, world.period, world.verifier, date(2025, 2, 1))
    assert (found.forecast, found.pace) == ("Kỳ đã khóa: 3 trên 5 đơn vị không gửi phiếu.", "")
    assert found.due is None
    assert found.chart
    assert [name for _x, name, _left in found.chart.marks] == ["khóa 31/01"]


def test_the_page_tells_it_to_the_standing_agency(
    world: World, spread: None, client_of: ClientOf
) -> None:
    world.period.closes_on = timezone.localdate() + timedelta(days=6)
    world.period.save()
    late = (timezone.localdate() - date(2024, 11, 29)).days
    client = client_of(world.verifier)
    where = reverse("campaigns:board_deadline", args=[world.campaign.ref])
    page = client.get(where)
    words = text(page)
    for told in (
        f"1 trên 5 đơn vị chưa bắt đầu, quá hạn {late} ngày, khóa sau 6 ngày.",
        "Hạn gửi: trước ngày 30/11/2024, tức chậm nhất 29/11/2024 (đã qua)",
        "Chưa bắt đầu: 1 đơn vị Chi cục E",
        "Trả lại để sửa: 1 đơn vị Chi cục C trả lại 24/11/2024",
        "Đã gửi, chờ thẩm định: 1 đơn vị Chi cục B gửi 24/11/2024",
        "18/11/2024 2 2 trên 5",
    ):
        assert told in words, told
    html = page.content.decode()
    assert 'aria-label="Chưa bắt đầu: 1; Đang nhập: 1;' in html
    assert 'class="climb"' in html
    own = text(client_of(world.clerk).get(where))
    assert "Cả 1 đơn vị đã gửi phiếu." in own
    assert "Chi cục E" not in own


def test_an_empty_plan_says_why(world: World, client_of: ClientOf) -> None:
    client = client_of(world.verifier)
    where = reverse("campaigns:board_deadline", args=[world.campaign.ref])
    page = text(client.get(where))
    assert "Phiếu đã gửi theo ngày" not in page
    world.part.delete()
    assert "Chưa có đơn vị nào tham gia trong phạm vi được xem" in text(client.get(where))
    world.campaign.periods.all().delete()
    assert "Kế hoạch chưa có kỳ báo cáo" in text(client.get(where))


@pytest.mark.parametrize("members", [1, 9])
def test_the_page_costs_the_same_for_one_member_and_nine(
    world: World,
    client_of: ClientOf,
    members: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for _ in range(members - 1):
        world.sheet(world.member())
    client = client_of(world.verifier)
    # session, user, grants, plan, periods, members, sheets, duties
    with django_assert_num_queries(9):
        client.get(reverse("campaigns:board_deadline", args=[world.campaign.ref]))

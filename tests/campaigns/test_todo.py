"""Việc cần làm: what this app has to say to each role."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from campaigns import queries, services
from campaigns.models import Campaign, Participation, ReportingDuty
from campaigns.queries.deadline import deadline
from criteria.models import Group, Indicator
from tests.campaigns.world import World
from tests.factories import (
    NOW,
    GroupFactory,
    ParticipationFactory,
    PeriodFactory,
    UnitFactory,
    user_with,
)
from units.models import User
from units.queries import Todo, TodoKind


def todo(user: User) -> list[Todo]:
    return queries.todo(user, NOW)


def test_a_clerk_owes_a_sheet_before_and_after_it_is_begun(world: World) -> None:
    (owed,) = todo(world.clerk)
    assert (owed.kind, owed.title, owed.label) == (
        TodoKind.OWED,
        "Phiếu kết quả năm 2024",
        "Mở phiếu",
    )
    assert (owed.due_on, owed.due_text) == (
        date(2024, 11, 29),
        "trước ngày 30/11/2024, tức chậm nhất 29/11/2024",
    )
    assert owed.url == reverse("campaigns:result_sheet_list")
    indicator = world.indicator(evidence_required=True)
    sheet = world.sheet()
    assert [one.label for one in (*todo(world.clerk), *todo(world.head))] == [
        "Nhập tiếp",
        "Xem phiếu",
    ]
    assert todo(world.head)[0].why == "Còn 1 tiêu chí chưa xong"
    world.fill(sheet, indicator, numerator="1", denominator="1")
    assert todo(world.head)[0].label == "Xem phiếu"  # its evidence is still to come
    world.fill(sheet, indicator, 1, numerator="x", denominator="1")
    assert todo(world.head)[0].label == "Xem phiếu"
    assert todo(world.clerk)[0].url == reverse("campaigns:result_sheet_detail", args=[sheet.pk])


def test_a_whole_sheet_waits_for_the_head_and_not_for_the_clerk(world: World) -> None:
    world.fill(world.sheet(), world.indicator(), choice="nothing", reason="Không có hồ sơ")
    (done,), (owed,) = todo(world.clerk), todo(world.head)
    assert (done.kind, done.due_on, done.due_text, done.label) == (
        TodoKind.DONE,
        None,
        "Đã đủ, chờ thủ trưởng ký",
        "Xem phiếu",
    )
    assert (owed.kind, owed.label, owed.why) == (TodoKind.OWED, "Ký và gửi", "")


def test_what_sheets_lack_is_what_each_sheet_says_itself(world: World) -> None:
    """Groups by kind, by unit, for the standing agency alone, of nominees and derived ones."""
    campaign, lines = world.campaign, []
    for fields in (
        {"measured": Group.Measured.ONCE},
        {"measured": Group.Measured.NOMINEE},
        {"measured": Group.Measured.SUM},
    ):
        world.indicator(group=GroupFactory(criteria_set=campaign.criteria_set, **fields))
    world.indicator()
    ParticipationFactory(campaign=campaign, unit=world.office)
    clerk = user_with("clerk", world.office, and_below=True)
    for part in campaign.participations.all():
        services.open_sheet(part, world.period, actor=clerk, now=NOW)
    with CaptureQueriesContext(connection) as few:
        lines = queries.sheets_to_fill(clerk, NOW.date())
        left = queries.left_on_sheets(lines)
    assert left == {line.sheet.pk: len(queries.unanswered(line.sheet)) for line in lines}  # type: ignore[union-attr,arg-type]
    world.sheet(world.member())
    with CaptureQueriesContext(connection) as many:
        queries.left_on_sheets(queries.sheets_to_fill(clerk, NOW.date()))
    assert len(few) == len(many)


def test_each_role_is_told_as_the_sheet_goes_on(world: World) -> None:
    indicator, sheet = world.indicator(), world.sheet()
    world.member()
    world.fill(sheet, indicator, numerator="1", denominator="1")
    services.submit_sheet(sheet, actor=world.head, now=NOW)
    waiting, owing = todo(world.verifier)
    assert (waiting.kind, owing.kind) == (TodoKind.WAITING, TodoKind.OWING)
    assert (owing.title, owing.count) == ("1 trên 2 đơn vị chưa gửi phiếu năm 2024", 1)
    assert (owing.due_on, owing.due_text) == (
        date(2024, 11, 29),
        "trước ngày 30/11/2024, tức chậm nhất 29/11/2024",
    )
    assert owing.url.endswith("?ky=2024&state=unsent")
    assert [one.kind for one in todo(world.clerk)] == [TodoKind.DONE]
    assert queries.todo(world.clerk, NOW + timedelta(days=30)) == []
    services.return_sheet(sheet, reason="CT01 lệch", actor=world.verifier, now=NOW)
    (returned,) = todo(world.clerk)
    assert (returned.kind, returned.why) == (
        TodoKind.RETURNED,
        "Trần Thị Mẫu trả lại: “CT01 lệch”",
    )


def test_a_lead_department_is_told_who_has_answered_what_it_leads(world: World) -> None:
    lead = user_with("lead_department", UnitFactory(name="Sở Thông tin"))
    (unit,) = lead.roles.values_list("unit", flat=True)
    assert todo(lead) == []
    led = [world.indicator(lead_unit_id=unit) for _ in range(2)]
    world.indicator()
    other = GroupFactory(criteria_set=world.campaign.criteria_set, name="Nhóm khác")
    other.units.add(world.office)
    world.indicator(group=other)
    ParticipationFactory(campaign=world.campaign, unit=world.office)  # is not asked what is led
    PeriodFactory(
        campaign=world.campaign,
        ref="2023",
        period_from=date(2023, 1, 1),
        period_to=date(2023, 12, 31),
        closes_on=date(2024, 1, 31),
    )
    (line,) = todo(lead)
    assert (line.kind, line.title, line.count) == (
        TodoKind.LED,
        "2 tiêu chí năm 2024: 0 trên 1 đơn vị đã gửi kết quả",
        2,
    )
    assert (line.due_on, line.due_text) == (
        date(2024, 11, 29),
        "trước ngày 30/11/2024, tức chậm nhất 29/11/2024",
    )
    assert line.url == reverse("campaigns:lead_cells", args=[world.campaign.ref]) + "?ky=2024"
    assert (line.why, line.label) == ("", "Xem số liệu")
    Indicator.objects.filter(lead_unit=None).delete()
    world.accepted(world.part, {i: {"numerator": "1", "denominator": "1"} for i in led})
    with CaptureQueriesContext(connection) as few:
        (line,) = todo(lead)
    assert line.title == "2 tiêu chí năm 2024: 1 trên 1 đơn vị đã gửi kết quả"
    assert (line.due_on, line.due_text) == (None, "đã gửi đủ")
    assert (line.why, line.label) == ("2 số liệu chờ xác nhận", "Xác nhận số liệu")
    world.member()
    with CaptureQueriesContext(connection) as many:
        (line,) = todo(lead)
    assert "1 trên 2 đơn vị" in line.title
    assert len(few) == len(many)
    viewer = user_with("clerk", UnitFactory())
    Indicator.objects.update(lead_unit=viewer.roles.get().unit)
    assert todo(viewer) == []  # enters, does not lead
    assert todo(lead) == []


def test_an_office_without_a_measured_member_leads_nothing_yet(world: World) -> None:
    lead = user_with("lead_department", UnitFactory())
    world.indicator(lead_unit=lead.roles.get().unit)
    Participation.objects.update(left_on=world.period.period_from - timedelta(days=1))
    assert todo(lead) == []


def test_who_left_inside_the_period_owes_its_sheet_and_who_left_before_does_not(
    world: World,
) -> None:
    sent = world.member()
    answers = {world.indicator(): {"numerator": "1", "denominator": "1"}}
    world.accepted(sent, answers)
    begins = world.period.period_from
    Participation.objects.update(left_on=begins)
    (mine,), (owing,) = todo(world.clerk), todo(world.verifier)
    assert mine.label == "Mở phiếu"
    assert owing.title.startswith("1 trên 2 đơn vị chưa gửi phiếu")
    found = deadline(world.campaign, world.period, world.verifier, NOW.date())
    assert found.forecast.startswith("1 trên 2 đơn vị chưa bắt đầu")
    Participation.objects.filter(pk=sent.pk).update(left_on=begins - timedelta(days=1))
    (owing,) = todo(world.verifier)
    assert owing.title.startswith("1 trên 1 đơn vị chưa gửi phiếu")
    Participation.objects.update(left_on=begins - timedelta(days=1))
    assert todo(world.clerk) == todo(world.verifier) == []
    away = [begins - timedelta(days=1), begins + timedelta(days=600)]
    Participation.objects.update(left_on=None, away=away)
    assert todo(world.clerk) == todo(world.verifier) == []


def test_when_all_have_sent_nobody_owes(world: World) -> None:
    world.accepted(world.part, {world.indicator(): {"numerator": "1", "denominator": "1"}})
    assert todo(world.verifier) == []


@pytest.mark.parametrize("state", [Campaign.State.DRAFT, Campaign.State.CLOSED])
def test_a_plan_not_under_way_asks_nothing(world: World, state: str) -> None:
    Campaign.objects.update(state=state)
    assert todo(world.clerk) == todo(world.verifier) == []


def test_where_a_plan_names_no_day_the_closing_day_counts(world: World) -> None:
    ReportingDuty.objects.update(rhythm="half_yearly")
    (owed,), (owing,) = todo(world.clerk), todo(world.verifier)
    closes, said = date(2025, 1, 31), "Kế hoạch không ghi ngày; kỳ khóa sau ngày 31/01/2025"
    assert (owed.due_on, owed.due_text) == (owing.due_on, owing.due_text) == (closes, said)

"""The mail of the morning: one a person, what is due soon or late, who has not sent to him."""

import smtplib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from campaigns import services as campaign_services
from config import queries, reminders
from config.tasks import mail_reminders as beat_task
from tests.campaigns.world import World, make_world
from tests.factories import (
    CampaignFactory,
    ParticipationFactory,
    PeriodFactory,
    UnitFactory,
    UserFactory,
    user_with,
)
from units.models import AuditEntry, User
from units.queries import Todo, TodoKind
from units.rules import DAILY, NEVER, WEEKLY, DomainError, reminder_due
from units.services import choose_reminders, claim_reminder

pytestmark = pytest.mark.django_db
MONDAY = date(2024, 11, 25)


def at(day: date = MONDAY, hour: int = 7) -> datetime:
    return timezone.make_aware(datetime(day.year, day.month, day.day, hour, 5))  # noqa: DTZ001


def todo(days: int | None, title: str = "Phiếu kết quả", kind: str = "owed", **more: Any) -> Todo:
    due_on = None if days is None else MONDAY + timedelta(days=days)
    return Todo(kind=TodoKind(kind), title=title, url="/phieu/1/", due_on=due_on, **more)


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def offer(*todos: Todo) -> None:
        monkeypatch.setattr(queries, "SOURCES", (lambda user, now: list(todos),))

    return offer


def bodies() -> list[str]:
    return [str(one.body) for one in mail.outbox]


# --- what is in it -------------------------------------------------------------------------------
def test_what_is_due_within_a_week_or_late_by_days(offered: Any, settings: Any) -> None:
    settings.PORTAL_URL = "https://thidua.example.test"
    offered(
        todo(8, "Xa"),
        todo(None, "Không ngày"),
        todo(0, "Duyệt", kind="waiting"),
        todo(7, "Gần", subject="Chi cục Mẫu", why="Còn 3 tiêu chí chưa xong"),
        todo(-3, "Trễ", kind="returned"),
        todo(1, "Người khác nợ", kind="owing"),
        todo(1, "Đã xong", kind="done"),
    )
    user = UserFactory(full_name="Lê Thị Mẫu")
    assert reminders.mail_reminders(now=at()) == 1
    [sent] = mail.outbox
    assert sent.to == [user.email]
    assert sent.subject == f"3 việc sắp đến hạn hoặc quá hạn – {settings.PORTAL_NAME}"
    lines = [line.strip() for line in sent.body.splitlines() if line.strip()]
    assert lines[:5] == [
        "Kính gửi Lê Thị Mẫu,",
        "VIỆC CẦN LÀM",
        "1. Trễ: hạn 22/11/2024, quá hạn 3 ngày.",
        "https://thidua.example.test/phieu/1/",
        "2. Duyệt: hạn 25/11/2024, hôm nay.",
    ]
    assert lines[6:10] == [
        "3. Gần: hạn 02/12/2024, còn 7 ngày.",
        "Chi cục Mẫu",
        "Còn 3 tiêu chí chưa xong",
        "https://thidua.example.test/phieu/1/",
    ]
    assert lines[-1] == "https://thidua.example.test" + reverse("units:reminders")
    assert "gửi mỗi tuần một lần" in sent.body
    assert "ĐƠN VỊ CHƯA GỬI" not in sent.body


def test_text_is_not_escaped(offered: Any) -> None:
    offered(todo(1, "Phiếu “A” & <B>"))
    UserFactory()
    reminders.mail_reminders(now=at())
    assert "Phiếu “A” & <B>" in bodies()[0]


def test_nothing_when_there_is_nothing(offered: Any) -> None:
    offered(todo(8), todo(None))
    user = UserFactory()
    assert reminders.mail_reminders(now=at()) == 0
    assert mail.outbox == []
    user.refresh_from_db()
    assert user.reminded_on is None


# --- when, and to whom ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("rhythm", "last", "today", "expected"),
    [
        (NEVER, None, MONDAY, False),
        (DAILY, None, MONDAY, True),
        (DAILY, MONDAY, MONDAY, False),
        (DAILY, MONDAY, MONDAY + timedelta(days=1), True),
        (WEEKLY, None, MONDAY + timedelta(days=3), True),
        (WEEKLY, MONDAY - timedelta(days=1), MONDAY, True),
        (WEEKLY, MONDAY, MONDAY + timedelta(days=6), False),
        (WEEKLY, MONDAY + timedelta(days=2), MONDAY + timedelta(days=7), True),
    ],
)
def test_the_rhythm(rhythm: str, last: date | None, today: date, expected: bool) -> None:
    assert reminder_due(rhythm, last, today) is expected


def test_each_by_his_rhythm_and_never_twice_a_day(offered: Any) -> None:
    offered(todo(1))
    never, daily, weekly = (UserFactory(reminders=r) for r in (NEVER, DAILY, WEEKLY))
    for day in (MONDAY, MONDAY, MONDAY + timedelta(days=1)):
        reminders.mail_reminders(now=at(day))
    found = [one.to[0] for one in mail.outbox]
    counts = [found.count(user.email) for user in (never, daily, weekly)]
    assert counts == [0, 2, 1]


@pytest.mark.parametrize(("hour", "sent"), [(6, 0), (7, 1), (11, 1), (12, 0)])
def test_only_in_the_morning(offered: Any, hour: int, sent: int) -> None:
    offered(todo(1))
    UserFactory()
    assert reminders.mail_reminders(now=at(hour=hour)) == sent


@pytest.mark.parametrize("fields", [{"email": ""}, {"is_active": False}])
def test_nobody_without_address_or_with_a_closed_account(offered: Any, fields: Any) -> None:
    offered(todo(1))
    UserFactory(**fields)
    assert reminders.mail_reminders(now=at()) == 0


class FirstRefused(EmailBackend):
    refusing = True

    def send_messages(self, messages: Any) -> int:
        if self.refusing and messages[0].to == ["a@example.test"]:
            raise smtplib.SMTPRecipientsRefused({})
        return super().send_messages(messages)


def test_one_address_that_fails_stops_no_other_and_is_tried_again(
    offered: Any, settings: Any, monkeypatch: pytest.MonkeyPatch, caplog: Any
) -> None:
    settings.EMAIL_BACKEND = f"{__name__}.FirstRefused"
    offered(todo(1))
    first, _second = UserFactory(email="a@example.test"), UserFactory(email="b@example.test")
    assert reminders.mail_reminders(now=at()) == 1
    assert [one.to for one in mail.outbox] == [["b@example.test"]]
    assert first.username in caplog.text
    monkeypatch.setattr(FirstRefused, "refusing", False)
    assert reminders.mail_reminders(now=at(hour=8)) == 1
    assert mail.outbox[-1].to == ["a@example.test"]


def test_what_cannot_be_gathered_for_one_stops_no_other(
    offered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = UserFactory(), UserFactory()

    def source(user: User, now: datetime) -> list[Todo]:
        if user == broken:
            raise ValueError("hỏng")
        return [todo(1)]

    monkeypatch.setattr(queries, "SOURCES", (source,))
    assert reminders.mail_reminders(now=at()) == 1
    assert mail.outbox[0].to == [fine.email]


def test_who_was_claimed_by_another_worker_gets_no_second_mail(
    offered: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    offered(todo(1))
    UserFactory()
    monkeypatch.setattr(reminders, "claim_reminder", lambda user, today: False)
    assert reminders.mail_reminders(now=at()) == 0
    assert mail.outbox == []


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_claim_one_day_once() -> None:
    user = UserFactory()

    def race(start: Barrier) -> bool:
        try:
            start.wait(timeout=30)
            return claim_reminder(user, today=MONDAY)
        finally:
            connection.close()

    start = Barrier(4)
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(race, [start] * 4)) == 1


def test_beat_reminds(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tasks = {one["task"] for one in settings.CELERY_BEAT_SCHEDULE.values()}
    assert "config.tasks.mail_reminders" in tasks
    monkeypatch.setattr(timezone, "now", lambda: at(hour=3))
    beat_task()


# --- the summary to who stands over the plan -----------------------------------------------------
@pytest.fixture
def world() -> World:
    return make_world()  # owed by 29/11/2024


def to_the_agency(world: World, day: date) -> str:
    mail.outbox.clear()
    User.objects.exclude(pk=world.verifier.pk).update(reminders=NEVER)
    User.objects.update(reminded_on=None)
    reminders.mail_reminders(now=at(day))
    return mail.outbox[0].body if mail.outbox else ""


def test_the_agency_reads_who_has_not_begun_with_the_forecast(world: World) -> None:
    world.member(name="Chi cục Thủy lợi")
    world.sheet()
    text = to_the_agency(world, date(2024, 11, 23))
    assert "1 trên 2 đơn vị chưa bắt đầu, còn 6 ngày." in text
    assert "Chưa gửi: 2 đơn vị. Hạn: trước ngày 30/11/2024, tức chậm nhất 29/11/2024." in text
    assert "Chưa bắt đầu: Chi cục Thủy lợi." in text
    assert "Quá hạn" not in text
    page = reverse("campaigns:campaign_units", args=[world.campaign.ref])
    assert f"{page}?ky=2024&state=unsent" in text
    assert "VIỆC CẦN LÀM" not in text


def test_the_agency_reads_who_is_late_by_his_own_day(world: World) -> None:
    late = world.member(name="Chi cục Thủy lợi")
    campaign_services.extend_time(
        world.part,
        world.period,
        until=date(2024, 12, 5),
        reason="Mưa lũ.",
        actor=world.verifier,
        now=at(date(2024, 11, 20)),
    )
    text = to_the_agency(world, date(2024, 12, 2))
    assert "2 trên 2 đơn vị chưa gửi, quá hạn 3 ngày." in text
    assert f"Quá hạn: {late.unit.name}." in text
    assert f"Quá hạn: {late.unit.name}; " not in text
    assert f"Quá hạn: {world.branch.name}; {late.unit.name}." in to_the_agency(
        world, date(2024, 12, 6)
    )


def test_no_summary_long_before_or_when_all_have_sent(world: World) -> None:
    indicator = world.indicator()
    assert to_the_agency(world, date(2024, 11, 21)) == ""
    world.accepted(world.part, {indicator: {"numerator": "9", "denominator": "10"}})
    assert to_the_agency(world, date(2024, 11, 25)) == ""


def test_where_a_plan_names_no_day_all_are_reminded_before_the_period_closes(
    world: World,
) -> None:
    world.campaign.duties.update(month=None, day=None, due_text="định kỳ hằng năm")
    closes = world.period.closes_on
    assert to_the_agency(world, closes - timedelta(days=8)) == ""
    text = to_the_agency(world, closes - timedelta(days=3))
    assert "1 trên 1 đơn vị chưa bắt đầu, còn 3 ngày." in text
    assert "Hạn: định kỳ hằng năm; kỳ khóa sau ngày 31/01/2025." in text
    assert "Quá hạn" not in text
    mail.outbox.clear()
    User.objects.filter(pk=world.clerk.pk).update(reminders=DAILY, reminded_on=None)
    reminders.mail_reminders(now=at(closes - timedelta(days=3)))
    [mine] = [one.body for one in mail.outbox if one.to == [world.clerk.email]]
    assert "1. Phiếu kết quả năm 2024: hạn 31/01/2025, còn 3 ngày." in mine


def test_a_plan_without_a_day_tells_only_who_passed_the_day_he_was_given(world: World) -> None:
    world.campaign.duties.all().delete()
    assert to_the_agency(world, date(2024, 11, 25)) == ""
    closes = date(2024, 11, 20)
    world.period.closes_on = closes
    world.period.save()
    given = {"reason": "Mưa lũ.", "actor": world.verifier, "now": at(closes)}
    campaign_services.extend_time(
        world.part, world.period, until=closes + timedelta(days=1), **given
    )
    world.period.closes_on = date(2024, 12, 31)
    world.period.save()
    text = to_the_agency(world, date(2024, 11, 25))
    assert "1 trên 1 đơn vị chưa bắt đầu, còn 36 ngày." in text
    assert f"Quá hạn: {world.branch.name}." in text


def test_who_left_inside_the_period_is_named_and_who_left_before_is_not(world: World) -> None:
    gone, before = world.member(name="Chi cục Thủy lợi"), world.member(name="Chi cục Kiểm lâm")
    for part, day in ((gone, date(2024, 6, 1)), (before, date(2023, 12, 31))):
        campaign_services.leave_campaign(part, actor=world.verifier, now=at(), on=day)
    text = to_the_agency(world, date(2024, 11, 25))
    assert "2 trên 2 đơn vị chưa bắt đầu" in text
    assert f"Chưa bắt đầu: {world.branch.name}; Chi cục Thủy lợi." in text


def test_members_of_other_plans_are_not_named(world: World) -> None:
    other = make_world()
    give = user_with("standing_agency", other.office)
    assert give
    text = to_the_agency(world, date(2024, 11, 25))
    assert "1 trên 1 đơn vị" in text
    assert str(other.campaign) not in text


def test_who_has_sent_is_not_named_and_each_plan_has_its_own_lines(world: World) -> None:
    indicator = world.indicator()
    world.accepted(world.part, {indicator: {"numerator": "9", "denominator": "10"}})
    world.member(name="Chi cục Thủy lợi")
    second = CampaignFactory(issuer=world.office, short_title="Phong trào thứ hai")
    PeriodFactory(campaign=second)
    ParticipationFactory(campaign=second, unit=UnitFactory(name="Chi cục Kiểm lâm"))
    duty = world.campaign.duties.get()
    duty.pk, duty.campaign = None, second
    duty.save()
    text = to_the_agency(world, date(2024, 11, 25))
    assert "1 trên 2 đơn vị chưa bắt đầu, còn 4 ngày." in text
    assert "Phong trào thứ hai, năm 2024: 1 trên 1 đơn vị chưa bắt đầu, còn 4 ngày." in text
    assert text.count("Chưa bắt đầu: Chi cục Thủy lợi.\n") == 1
    assert text.count("Chưa bắt đầu: Chi cục Kiểm lâm.\n") == 1
    assert world.branch.name not in text


def test_a_long_list_is_cut(world: World) -> None:
    for number in range(31):
        world.member(name=f"Chi cục {number:02d}")
    text = to_the_agency(world, date(2024, 11, 25))
    assert "; và 2 đơn vị khác." in text


def test_the_clerk_reads_his_own_sheet_with_its_address(world: World, settings: Any) -> None:
    User.objects.exclude(pk=world.clerk.pk).update(reminders=NEVER)
    reminders.mail_reminders(now=at())
    [text] = bodies()
    assert "1. Phiếu kết quả năm 2024: hạn 29/11/2024, còn 4 ngày." in text
    assert f"{settings.PORTAL_URL}{reverse('campaigns:result_sheet_list')}" in text


# --- the page ------------------------------------------------------------------------------------
def test_the_rhythm_is_chosen_on_a_page_of_ones_own(client_of: Any) -> None:
    user = UserFactory()
    client, where = client_of(user), reverse("units:reminders")
    page = client.get(where).content.decode()
    assert user.email in page
    assert 'value="weekly"' in page
    assert f'href="{where}"' in client.get(reverse("units:password_change")).content.decode()
    answer = client.post(where, {"rhythm": DAILY}, follow=True)
    assert "Đã lưu nhịp thư nhắc việc." in answer.content.decode()
    user.refresh_from_db()
    assert user.reminders == DAILY
    assert AuditEntry.objects.get(action="user.reminders_chosen").note == "mỗi ngày"


def test_a_rhythm_that_is_none_is_refused(client_of: Any) -> None:
    user = UserFactory(email="")
    page = client_of(user).post(reverse("units:reminders"), {"rhythm": "x"}).content.decode()
    assert "Nhịp đã chọn không có trong danh sách" in page
    assert "chưa có địa chỉ thư điện tử" in page
    with pytest.raises(DomainError, match="Không có nhịp nhắc việc “x”"):
        choose_reminders(user, rhythm="x", actor=user, now=at())

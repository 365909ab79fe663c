"""More time for one unit: its sheet stays open until its own day, and every deadline says so."""

from datetime import date, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from campaigns import queries, services
from campaigns.models import Extension, Participation, ResultImport, ResultSheet
from campaigns.queries.deadline import deadline
from campaigns.rules import DutyDay, extended
from criteria.models import Indicator
from reports.documents.facts import collect
from reports.models import Report
from tests.campaigns.excel import Book
from tests.campaigns.world import World, make_world
from tests.factories import NOW, TODAY, user_with
from units.models import AuditEntry
from units.rules import DomainError
from units.services import give_role

pytestmark = pytest.mark.django_db

CLOSES = date(2025, 1, 31)  # of the period; the plan's own day is 29/11/2024
UNTIL = date(2025, 2, 10)
LATER = timezone.make_aware(datetime(2025, 2, 5, 9))  # noqa: DTZ001
OVER = timezone.make_aware(datetime(2025, 2, 11, 1))  # noqa: DTZ001
RIGHT = {"numerator": "9", "denominator": "10"}


@pytest.fixture
def world() -> World:
    return make_world()


@pytest.fixture
def indicator(world: World) -> Indicator:
    return world.indicator()


def extend(world: World, until: date = UNTIL, **given: Any) -> Extension:
    given = {"reason": "Mưa lũ.", "actor": world.verifier, "now": NOW} | given
    part: Participation = given.pop("part", world.part)
    return services.extend_time(part, world.period, until=until, **given)


def close(world: World) -> None:
    services.close_due_periods(now=LATER)
    world.period.refresh_from_db()
    assert world.period.closed_at


# --- the service ---------------------------------------------------------------------------------
def test_it_is_kept_with_its_reason_and_put_on_record(world: World) -> None:
    given = extend(world, reason=" Mưa lũ. ")
    assert (given.until, given.reason, given.granted_by) == (UNTIL, "Mưa lũ.", world.verifier)
    assert given.granted_at == NOW
    entry = AuditEntry.objects.get(action="extension.granted")
    assert (entry.unit, entry.note, entry.actor) == (world.branch, "Mưa lũ.", world.verifier)
    assert entry.subject_name.endswith("đến hết ngày 10/02/2025")


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"reason": " "}, "Ghi lý do gia hạn"),
        ({"until": TODAY - timedelta(days=1)}, "đã qua"),
        ({"until": date(2024, 11, 29)}, "đã có hạn đến hết ngày 29/11/2024"),
    ],
)
def test_what_is_refused(world: World, given: dict[str, Any], told: str) -> None:
    with pytest.raises(DomainError, match=told):
        extend(world, **given)
    assert not Extension.objects.exists()


def test_the_next_one_is_later_and_the_latest_counts(world: World) -> None:
    extend(world, date(2024, 12, 5))
    with pytest.raises(DomainError, match="đã có hạn đến hết ngày 05/12/2024"):
        extend(world, date(2024, 12, 5))
    extend(world, date(2024, 12, 9))
    assert queries.owed_on(world.part, world.period) == date(2024, 12, 9)


def test_a_plan_that_names_no_day_counts_from_its_closing(world: World) -> None:
    world.campaign.duties.all().delete()
    with pytest.raises(DomainError, match="đến hết ngày 31/01/2025"):
        extend(world, CLOSES)
    world.campaign.duties.create(ref="x", what="report", name="BC", rhythm="yearly")
    assert queries.owed_on(world.part, world.period) == CLOSES
    assert extend(world, CLOSES + timedelta(days=1))


def test_not_for_a_unit_that_left_nor_a_plan_that_is_over(world: World) -> None:
    world.part.left_on = TODAY
    with pytest.raises(DomainError, match="thôi tham gia"):
        extend(world)
    world.part.left_on = None
    world.campaign.state = "closed"
    world.campaign.save()
    with pytest.raises(DomainError, match="đã tổng kết"):
        extend(world)


def test_not_for_a_sheet_that_is_locked(world: World, indicator: Indicator) -> None:
    world.accepted(world.part, {indicator: RIGHT})
    services.close_due_periods(now=LATER)
    with pytest.raises(DomainError, match="đã khóa nên không gia hạn"):
        extend(world, now=LATER)


# --- open for that unit, closed for the others ---------------------------------------------------
def test_the_unit_works_on_after_the_others_are_closed(world: World, indicator: Indicator) -> None:
    other = world.member()
    sheet = world.sheet()
    extend(world)
    close(world)
    clerk = world.clerk
    services.record_result(sheet, indicator, RIGHT, 0, actor=clerk, now=LATER)
    sheet = services.submit_sheet(sheet, actor=world.head, now=LATER)
    sheet = services.return_sheet(sheet, reason="Sai.", actor=world.verifier, now=LATER)
    sheet = services.submit_sheet(sheet, actor=world.head, now=LATER)
    sheet = services.verify_sheet(sheet, actor=world.verifier, now=LATER)
    assert sheet.state == ResultSheet.State.VERIFIED  # may still be returned
    with pytest.raises(DomainError, match="đã khóa lúc"):
        services.open_sheet(other, world.period, actor=clerk, now=LATER)


def test_a_sheet_is_begun_in_the_extended_time(world: World) -> None:
    close(world)
    with pytest.raises(DomainError, match="Đề nghị cơ quan thường trực gia hạn"):
        services.open_sheet(world.part, world.period, actor=world.clerk, now=LATER)
    extend(world, now=LATER)
    assert services.open_sheet(world.part, world.period, actor=world.clerk, now=LATER)


def test_the_day_after_it_is_closed_for_the_unit_too(world: World, indicator: Indicator) -> None:
    sheet = world.sheet()
    extend(world)
    with pytest.raises(DomainError, match="được gia hạn đến hết ngày 10/02/2025 nên không"):
        services.record_result(sheet, indicator, RIGHT, 0, actor=world.clerk, now=OVER)


def test_the_office_above_waits_as_long_as_a_unit_has_time(world: World) -> None:
    day = world.period.closes_on
    extend(world, day + timedelta(days=15))
    for later, owing in ((0, 1), (1, 1), (15, 1), (16, 0)):
        at = day + timedelta(days=later)
        assert len(queries.who_owes(world.verifier, at)) == owing
        assert len(queries.collecting(world.verifier, at)) == owing


def test_after_the_lock_only_who_has_time_is_waited_for(world: World) -> None:
    other, third = world.member(name="Chi cục B"), world.member(name="Chi cục C")
    world.sheet(third)
    day = world.period.closes_on
    extend(world, day + timedelta(days=15))
    (one,) = queries.collecting(world.verifier, day)
    assert (one.owing.members, len(one.idle)) == (3, 2)
    extend(world, day + timedelta(days=20), part=other)
    (one,) = queries.collecting(world.verifier, day + timedelta(days=1))
    assert (one.owing.members, one.owing.due.due_on) == (2, day + timedelta(days=20))
    assert (len(one.idle), one.late) == (2, [])
    (one,) = queries.collecting(world.verifier, day + timedelta(days=16))
    assert (one.owing.members, one.idle) == (1, ["Chi cục B"])
    theirs = services.open_sheet(other, world.period, actor=world.clerk, now=NOW)
    ResultSheet.objects.filter(pk=theirs.pk).update(
        state="submitted", submitted_at=NOW, submitted_by=world.head
    )
    (owing,) = queries.who_owes(world.verifier, day + timedelta(days=16))
    assert (owing.members, owing.sent) == (1, 1)
    assert queries.collecting(world.verifier, day + timedelta(days=16)) == []


def test_time_given_within_the_period_does_not_shorten_it(world: World) -> None:
    extend(world, date(2024, 12, 5))
    late = timezone.make_aware(datetime(2025, 1, 20, 9))  # noqa: DTZ001
    assert services.open_sheet(world.part, world.period, actor=world.clerk, now=late)
    other = timezone.make_aware(datetime(2025, 2, 2, 9))  # noqa: DTZ001
    with pytest.raises(DomainError, match="chỉ nhận số liệu đến hết ngày 31/01/2025"):
        services.submit_sheet(ResultSheet.objects.get(), actor=world.head, now=other)


def test_closing_locks_the_others_now_and_the_unit_after_its_day(
    world: World, indicator: Indicator
) -> None:
    other = world.member()
    mine = world.accepted(world.part, {indicator: RIGHT})
    theirs = world.accepted(other, {indicator: RIGHT})
    extend(world)

    def states() -> list[str]:
        return [ResultSheet.objects.get(pk=sheet.pk).state for sheet in (mine, theirs)]

    assert services.close_due_periods(now=LATER) == 1
    assert states() == ["verified", "locked"]
    assert services.close_due_periods(now=LATER) == 0
    assert services.close_due_periods(now=OVER) == 1
    assert states() == ["locked", "locked"]


# --- every deadline of that unit -----------------------------------------------------------------
def test_words_of_an_extended_day() -> None:
    due = DutyDay(date(2024, 11, 29), "trước ngày 30/11/2024, tức chậm nhất 29/11/2024")
    assert extended(due, None) is due
    assert extended(None, UNTIL) == DutyDay(UNTIL, "được gia hạn đến hết ngày 10/02/2025")


def test_the_todo_of_the_unit_has_its_day_even_after_the_period(world: World) -> None:
    extend(world)
    services.close_due_periods(now=LATER)
    [line] = queries.todo(world.clerk, LATER)
    assert (line.due_on, line.due_text) == (UNTIL, "được gia hạn đến hết ngày 10/02/2025")
    assert queries.todo(world.clerk, OVER) == []
    other = user_with("clerk", world.member().unit)
    assert queries.todo(other, LATER) == []


def test_the_report_names_the_day_of_each_silent_unit(world: World) -> None:
    world.member(name="Chi cục Khác")
    extend(world)
    report = Report(campaign=world.campaign, period=world.period, scope=world.office, version=1)
    days = {row["name"]: (row["due_on"], row["note"]) for row in collect(report)["unreported"]}
    assert days == {
        world.branch.name: ("2025-02-10", "được gia hạn"),
        "Chi cục Khác": ("2024-11-29", ""),
    }
    world.campaign.duties.update(month=None, day=None, due_text="định kỳ hằng năm")
    days = {row["name"]: (row["due_on"], row["note"]) for row in collect(report)["unreported"]}
    assert days == {
        world.branch.name: ("2025-02-10", "được gia hạn"),
        "Chi cục Khác": ("2025-01-31", "ngày khóa kỳ"),
    }
    world.campaign.participations.update(left_on=date(2024, 6, 1))
    notes = {row["name"]: row["note"] for row in collect(report)["unreported"]}
    assert notes == {
        world.branch.name: "được gia hạn; thôi tham gia từ ngày 01/06/2024",
        "Chi cục Khác": "ngày khóa kỳ; thôi tham gia từ ngày 01/06/2024",
    }
    world.campaign.participations.update(left_on=date(2025, 2, 1))
    assert collect(report)["unreported"][0]["note"] in ("được gia hạn", "ngày khóa kỳ")


# --- pages ---------------------------------------------------------------------------------------
@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timezone, "now", lambda: LATER)


def form_url(world: World) -> str:
    return reverse(
        "campaigns:participation_extend", args=[world.campaign.ref, world.part.pk, world.period.ref]
    )


def test_the_standing_agency_gives_time_on_the_page(
    world: World, today: None, client_of: Any
) -> None:
    services.close_due_periods(now=LATER)
    client = client_of(world.verifier)
    units = reverse("campaigns:campaign_units", args=[world.campaign.ref])
    assert form_url(world) in client.get(units).content.decode()
    page = client.get(form_url(world)).content.decode()
    assert "Hạn hiện nay: trước ngày 30/11/2024, tức chậm nhất 29/11/2024." in page
    page = client.post(form_url(world), {"until": "2025-02-10", "reason": "Mưa lũ."}, follow=True)
    assert "Đã gia hạn cho" in page.content.decode()
    assert "gia hạn đến 10/02/2025" in page.content.decode()
    again = client.get(form_url(world)).content.decode()
    assert "Mưa lũ." in again
    assert world.verifier.full_name in again


def test_what_was_typed_stays_when_it_is_refused(world: World, client_of: Any) -> None:
    page = client_of(world.verifier).post(
        form_url(world), {"until": "2020-01-01", "reason": "Mưa lũ."}
    )
    text = page.content.decode()
    assert "Ngày 01/01/2020 đã qua" in text
    assert "Mưa lũ." in text
    assert "2020-01-01" in text
    page = client_of(world.verifier).post(form_url(world), {"until": "mai", "reason": ""})
    assert "phải là một ngày có thật" in page.content.decode()
    assert "Nhập “Lý do”." in page.content.decode()


def test_who_does_not_verify_gives_no_time(world: World, client_of: Any) -> None:
    client = client_of(world.head)
    units = reverse("campaigns:campaign_units", args=[world.campaign.ref])
    assert "Gia hạn" not in client.get(units).content.decode()
    assert client.post(form_url(world), {"until": "2030-01-01", "reason": "x"}).status_code == 404


def test_the_sheet_tells_its_day_and_why_and_takes_figures(
    world: World, indicator: Indicator, today: None, client_of: Any
) -> None:
    sheet = world.sheet()
    extend(world)
    services.close_due_periods(now=LATER)
    where = reverse("campaigns:result_sheet_detail", args=[sheet.pk])
    page = client_of(world.clerk).get(where).content.decode()
    assert "Hạn gửi: được gia hạn đến hết ngày 10/02/2025" in page
    assert f"{world.verifier.full_name} gia hạn đến hết ngày 10/02/2025: Mưa lũ." in page
    assert "Kỳ đã khóa" not in page
    assert f'name="r{indicator.pk}-numerator"' in page
    listed = client_of(world.clerk).get(reverse("campaigns:result_sheet_list")).content.decode()
    assert "Được gia hạn đến hết ngày 10/02/2025" in listed


def test_a_workbook_of_the_unit_is_taken_in_its_time(
    world: World, indicator: Indicator, today: None
) -> None:
    world.sheet()
    content = services.download_workbook(world.period, world.branch, actor=world.clerk, now=NOW)
    close(world)

    def send() -> ResultImport:
        return services.check_upload(
            BytesIO(content),
            name="ket-qua.xlsx",
            size=len(content),
            period=world.period,
            unit=world.branch,
            actor=world.clerk,
            now=LATER,
        )

    with pytest.raises(DomainError, match="đã khóa lúc"):
        send()
    extend(world, now=LATER)
    pending = send()
    assert services.accept_import(pending, actor=world.clerk, now=LATER).state == "accepted"
    with pytest.raises(DomainError, match="được gia hạn đến hết ngày 10/02/2025 nên không"):
        services.check_upload(
            BytesIO(content),
            name="ket-qua.xlsx",
            size=len(content),
            period=world.period,
            unit=world.branch,
            actor=world.clerk,
            now=OVER,
        )


def test_the_workbook_of_many_units_is_taken_for_those_who_have_time_left(
    world: World, indicator: Indicator, today: None
) -> None:
    second = world.member(name="Chi cục Thủy lợi")
    gathers = user_with("clerk", world.branch, full_name="Đặng Thị Gom")
    for role, unit in (("clerk", second.unit), ("home_affairs", world.office)):
        give_role(user=gathers, unit=unit, role=role, and_below=False, actor=None, now=NOW)

    def book() -> Book:
        return Book(services.download_workbook(world.period, None, actor=gathers, now=LATER))

    def send(book: Book, now: datetime = LATER) -> ResultImport:
        content = book.bytes()
        return services.check_upload(
            BytesIO(content),
            name="ket-qua.xlsx",
            size=len(content),
            period=world.period,
            unit=None,
            actor=gathers,
            now=now,
        )

    close(world)
    with pytest.raises(DomainError, match="đã khóa lúc"):
        send(book())
    extend(world, part=second, now=LATER)
    filled = book()
    assert filled.at(second.unit.ref, "state").value == "chưa bắt đầu, gia hạn đến hết 10/02/2025"
    assert filled.at(world.branch.ref, "state").value == "chưa bắt đầu"
    for unit in (second.unit, world.branch):
        for name, value in (("numerator", "3"), ("denominator", "4")):
            filled.at(unit.ref, f"{indicator.ref}|{name}").value = value
    pending = send(filled)
    preview = services.preview_import(pending, actor=gathers, now=LATER)
    assert [one.unit for one in preview.good] == [second.unit]
    [wrong] = preview.wrong
    assert (wrong.unit, "đã khóa lúc" in wrong.problem) == (world.branch, True)
    assert services.accept_import(pending, actor=gathers, now=LATER).written == 1
    assert ResultSheet.objects.get().participation == second
    with pytest.raises(DomainError, match="đã khóa lúc"):
        send(filled, now=OVER)


def test_the_page_of_the_deadline_names_the_day_of_a_unit_with_more_time(
    world: World, client_of: Any, today: None
) -> None:
    world.member(name="Chi cục Thủy lợi")
    close(world)
    extend(world, now=LATER)
    page = client_of(world.verifier).get(
        reverse("campaigns:board_deadline", args=[world.campaign.ref])
    )
    assert "được gia hạn đến hết ngày 10/02/2025" in page.content.decode()
    found = deadline(world.campaign, world.period, world.verifier, LATER.date())
    assert found.forecast == (
        "Kỳ đã khóa: 1 trên 2 đơn vị không gửi phiếu; 1 trên 2 đơn vị còn thời gian gia hạn."
    )
    over = deadline(world.campaign, world.period, world.verifier, OVER.date())
    assert over.forecast == "Kỳ đã khóa: 2 trên 2 đơn vị không gửi phiếu."

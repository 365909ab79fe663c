"""Councils and who sits on them: the page, and what the record allows."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from awards import policies, queries, services
from awards.models import CouncilSeat
from tests.awards.factories import LATER, LATER_ON, SeatFactory, World
from tests.factories import NOW, PersonFactory, PostingFactory, UnitFactory, user_with
from units.models import AuditEntry, Person, User
from units.rules import DomainError
from units.services import give_role

pytestmark = pytest.mark.django_db
ClientOf = Callable[[Any], Client]


def url(name: str, *args: Any) -> str:
    return reverse(f"awards:{name}", args=args)


def saying(words: str) -> Any:
    return pytest.raises(DomainError, match=words)


@pytest.fixture
def admin(world: World) -> User:
    return user_with("account_admin", world.department, and_below=True)


# --- who keeps and who sees ----------------------------------------------------------------------
def test_the_administrator_of_accounts_keeps_the_seats_of_his_unit(
    world: World, admin: User
) -> None:
    other = SeatFactory().council
    assert list(policies.keepable_councils(admin)) == [world.council]
    assert other not in policies.viewable_councils(admin)
    for user in (world.secretary, world.standing, world.decider, world.head):
        assert not policies.keepable_councils(user).exists()
        assert not policies.keepable_seats(user).exists()
        assert list(policies.viewable_councils(user)) == [world.council]
    assert not policies.viewable_councils(user_with("head_of_unit", UnitFactory())).exists()


def test_only_accounts_with_a_role_on_the_council_are_tied_to_a_seat(
    world: World, admin: User
) -> None:
    member = user_with("council_member", world.department)
    user_with("council_member", world.unit)
    user_with("clerk", world.department)
    outside = user_with("council_member", world.department)
    give_role(user=outside, unit=UnitFactory(), role="clerk", and_below=False, actor=None, now=NOW)
    found = policies.seatable_users(admin, world.council)
    assert set(found) == {member, world.secretary}


# --- the record ----------------------------------------------------------------------------------
def seated(world: World, admin: User, **fields: Any) -> CouncilSeat:
    fields = {
        "person": None,
        "full_name": "",
        "account": None,
        "role": "member",
        "votes": True,
        "post": "Phó Giám đốc",
        "valid_from": LATER_ON,
    } | fields
    return services.seat_by_name(world.council, **fields, actor=admin, now=NOW)


def test_somebody_new_is_put_on_record_and_tied_to_his_account(world: World, admin: User) -> None:
    account = user_with("council_member", world.department)
    seat = seated(world, admin, full_name="Lê Thị Mới", account=account)
    assert (seat.person.full_name, seat.person.user, seat.post) == (
        "Lê Thị Mới",
        account,
        "Phó Giám đốc",
    )
    assert seat.person.postings.get().unit == world.department
    assert AuditEntry.objects.get(action="person.tied").note == account.username
    entry = AuditEntry.objects.get(action="council.seated")
    assert entry.note == f"Lê Thị Mới, Ủy viên, từ {LATER_ON:%d/%m/%Y}"
    with saying("đã là thành viên .* từ .* Ghi ngày kết thúc của lần trước"):
        seated(world, admin, person=seat.person, valid_from=LATER_ON + timedelta(days=5))
    services.end_seat(seat, valid_to=LATER_ON, actor=admin, now=NOW)
    again = seated(
        world, admin, person=seat.person, account=account, valid_from=LATER_ON + timedelta(days=1)
    )
    assert again.person == seat.person
    assert AuditEntry.objects.filter(action="person.tied").count() == 1  # they are tied already


def test_an_account_is_of_one_person_and_a_person_of_one_account(world: World, admin: User) -> None:
    account = user_with("council_member", world.department)
    PersonFactory(full_name="Người Khác", user=account)
    with saying("là của “Người Khác”"):
        seated(world, admin, person=PersonFactory(), account=account)
    holder = PersonFactory(user=user_with("clerk", world.unit))
    fresh = user_with("council_member", world.department)
    with saying("đã có tài khoản"):
        seated(world, admin, person=holder, account=fresh)
    assert not CouncilSeat.objects.filter(person__full_name="Người Khác").exists()


def test_a_seat_ends_once_and_within_its_life(world: World, admin: User) -> None:
    seat = world.council.seats.filter(role="member").first()
    world.council.valid_to = LATER_ON
    world.council.save()

    def end(day: date) -> CouncilSeat:
        return services.end_seat(seat, valid_to=day, actor=admin, now=NOW)

    for day in (seat.valid_from - timedelta(days=1), LATER_ON + timedelta(days=1)):
        with saying(r"hoạt động đến .* nằm ngoài"):
            end(day)
    end(LATER_ON)
    seat.refresh_from_db()
    assert seat.valid_to == LATER_ON
    entry = AuditEntry.objects.get(action="council.unseated")
    assert (entry.actor, entry.subject_id) == (admin, world.council.pk)
    with saying("đã kết thúc ngày"):
        end(LATER_ON)


def test_who_sat_in_a_session_that_has_ended_stays_as_it_is(world: World, admin: User) -> None:
    nomination, session = world.propose(), world.session()
    world.tally(session, nomination)
    world.close(session)
    seat = world.council.seats.filter(role="member").first()
    with saying("đã họp ngày 25/11/2024 và phiên đó đã kết thúc"):
        seated(world, admin, person=PersonFactory(), valid_from=LATER_ON)
    with saying("đã họp ngày 25/11/2024"):
        services.end_seat(seat, valid_to=LATER_ON - timedelta(days=1), actor=admin, now=LATER)
    services.end_seat(seat, valid_to=LATER_ON, actor=admin, now=LATER)
    seated(world, admin, person=PersonFactory(), valid_from=LATER_ON + timedelta(days=1))
    assert len(queries.seats_on(world.council, LATER_ON)) == 6


# --- the pages -----------------------------------------------------------------------------------
def test_a_seat_is_added_and_ended_on_the_page(
    client_of: ClientOf, world: World, admin: User
) -> None:
    person = PostingFactory(unit=world.unit).person
    away = PostingFactory(unit=UnitFactory()).person
    today = timezone.localdate()
    keeper, page = client_of(admin), url("council_detail", world.council.ref)
    assert page in keeper.get(url("council_list")).content.decode()
    add = url("seat_add", world.council.ref)
    typed = {"post": "Phó Giám đốc", "role": "member", "votes": "on", "valid_from": f"{today}"}
    for wrong in ({}, {"person": person.pk, "full_name": "Ai Đó"}):
        refused = keeper.post(add, typed | wrong)
        assert refused.status_code == 422
        assert "Hoặc chọn một người trong danh sách" in refused.content.decode()
        assert "Phó Giám đốc" in refused.content.decode()
    assert keeper.post(add, typed | {"person": away.pk}).status_code == 422
    early = keeper.post(add, typed | {"person": person.pk, "valid_from": "2020-01-01"})
    assert "nằm ngoài" in early.content.decode()
    answer = keeper.post(add, typed | {"person": person.pk}, follow=True)
    assert f"Đã thêm {person.full_name}, Ủy viên." in answer.content.decode()
    assert "6 thành viên có quyền biểu quyết hôm nay" in answer.content.decode()

    seat = world.council.seats.get(person=person)
    end = url("seat_end", seat.pk)
    answer = keeper.post(end, {"valid_to": "hôm nay"}, follow=True)
    assert "phải là một ngày có thật" in answer.content.decode()
    answer = keeper.post(end, {"valid_to": "9999-12-31"}, follow=True)
    assert "Năm 9999 không đúng; ghi ngày từ năm 1900 đến năm 2100." in answer.content.decode()
    assert "nằm ngoài" in keeper.post(end, {"valid_to": "2020-01-01"}, follow=True).content.decode()
    seat.valid_from = today - timedelta(days=9)
    seat.save()
    answer = keeper.post(end, {"valid_to": f"{today - timedelta(days=1)}"}, follow=True)
    assert f"Đã ghi ngày kết thúc của {person.full_name}" in answer.content.decode()
    assert "Đã thôi tham gia" in answer.content.decode()


def test_others_read_the_page_and_find_no_form(client_of: ClientOf, world: World) -> None:
    secretary = client_of(world.secretary)
    page = secretary.get(url("council_detail", world.council.ref)).content.decode()
    assert world.council.seats.first().person.full_name in page
    assert "Thêm thành viên</button>" not in page
    assert "Ghi ngày kết thúc" not in page
    stranger = client_of(user_with("account_admin", UnitFactory()))
    assert stranger.get(url("council_detail", world.council.ref)).status_code == 404
    assert (
        "Chưa có hội đồng nào trong phạm vi được xem"
        in stranger.get(url("council_list")).content.decode()
    )


def test_a_council_without_seats_says_who_adds_them(client_of: ClientOf, world: World) -> None:
    world.council.seats.all().delete()
    Person.objects.all().delete()
    page = client_of(world.secretary).get(url("council_detail", world.council.ref))
    assert "Hội đồng chưa có thành viên nào" in page.content.decode()


def test_the_pages_cost_the_same_whatever_there_is(
    client_of: ClientOf, world: World, admin: User
) -> None:
    costs = []
    for _ in range(2):
        for page in (url("council_list"), url("council_detail", world.council.ref)):
            with CaptureQueriesContext(connection) as asked:
                client_of(admin).get(page)
            costs.append(len(asked))
        SeatFactory.create_batch(3, council=world.council)
        SeatFactory(council__unit=world.unit)
    assert costs[:2] == costs[2:]

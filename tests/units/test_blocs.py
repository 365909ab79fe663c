"""Blocs and clusters: who sits in a year, who leads it, who may say so."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from tests.factories import (
    NOW,
    BlocFactory,
    BlocMembershipFactory,
    UnitFactory,
    user_with,
)
from units import policies, queries
from units.models import AuditEntry, Bloc, BlocMembership, BlocYear, Unit
from units.rules import BlocSeat, DomainError, bloc_faults
from units.services import set_bloc_year

HEAD, MEMBER = BlocMembership.Role.HEAD, BlocMembership.Role.MEMBER
DECISION = {"decision": "Quyết định số 12/QĐ-SNN", "decided_on": date(2024, 11, 20)}


# --- rules ----------------------------------------------------------------------------------------
def test_a_whole_list_has_no_fault():
    seats = [BlocSeat("A", "head", None, date(2025, 6, 30)), BlocSeat("B", "member")]
    assert bloc_faults(seats, 2025) == []


@pytest.mark.parametrize(
    ("seats", "said"),
    [
        ([BlocSeat("A", "head"), BlocSeat("A", "member")], "A có mặt 2 lần"),
        ([BlocSeat("A", "member"), BlocSeat("B", "deputy")], "chưa có đơn vị làm Trưởng"),
        ([BlocSeat("A", "head"), BlocSeat("B", "head")], "có 2 đơn vị làm Trưởng: A, B"),
        ([BlocSeat("A", "head")], "từ hai đơn vị trở lên"),
        (
            [BlocSeat("A", "head"), BlocSeat("B", "member", None, date(2024, 12, 31))],
            "B đã kết thúc hoạt động ngày 31/12/2024, trước năm 2025",
        ),
        (
            [BlocSeat("A", "head"), BlocSeat("B", "member", date(2026, 1, 1))],
            "B hoạt động từ ngày 01/01/2026, sau năm 2025",
        ),
        (
            [BlocSeat("A", "head"), BlocSeat("B", "member", elsewhere="Khối 2")],
            "B đã thuộc Khối 2 trong năm 2025",
        ),
    ],
)
def test_each_fault_is_one_sentence(seats, said):
    [fault] = bloc_faults(seats, 2025)
    assert said in fault


# --- the service ----------------------------------------------------------------------------------
@pytest.fixture
def bloc(db: None) -> Bloc:
    """Three units under their organiser; the first leads 2024."""
    bloc = BlocFactory()
    for role in ("head", "deputy", "member"):
        unit = UnitFactory(parent=bloc.organiser, name=f"Chi cục {role}")
        BlocMembershipFactory(bloc=bloc, unit=unit, role=role)
    return bloc


def members(bloc: Bloc) -> list[Unit]:
    return [row.unit for row in bloc.memberships.filter(year=2024).order_by("pk")]


def turned(bloc: Bloc) -> list[tuple[Unit, str]]:
    """The second leads."""
    first, second, third = members(bloc)
    return [(first, MEMBER), (second, HEAD), (third, MEMBER)]


def write(bloc: Bloc, year: int, lines: list[tuple[Unit, str]], **said: object) -> BlocYear:
    return set_bloc_year(bloc, year, members=lines, actor=None, now=NOW, **(DECISION | said))


def test_a_coming_year_is_set_by_a_decision(bloc):
    kept = write(bloc, 2025, turned(bloc))
    rows = bloc.memberships.filter(year=2025)
    assert {(row.unit.name, row.role) for row in rows} == {
        ("Chi cục head", "member"),
        ("Chi cục deputy", "head"),
        ("Chi cục member", "member"),
    }
    assert str(kept) == f"{bloc}, năm 2025"
    assert bloc.memberships.get(year=2024, role=HEAD).unit.name == "Chi cục head"
    line = AuditEntry.objects.get(action="bloc.year_set")
    assert "năm 2025, 3 đơn vị, theo Quyết định số 12/QĐ-SNN ngày 20/11/2024" in line.note
    assert line.data["before"] == {}
    assert sorted(line.data["after"].values()) == ["head", "member", "member"]


def test_setting_a_year_again_replaces_the_list_and_keeps_what_was_on_record(bloc):
    write(bloc, 2025, turned(bloc))
    write(bloc, 2025, turned(bloc)[:2], decision=" Biên bản số 3/BB-KTĐ ")
    assert bloc.memberships.filter(year=2025).count() == 2
    assert bloc.years.get().decision == "Biên bản số 3/BB-KTĐ"
    line = AuditEntry.objects.filter(action="bloc.year_set").order_by("pk").last()
    assert len(line.data["before"]) == 3


def test_a_list_that_somebody_wrote_meanwhile_is_shown_before_it_is_replaced(bloc):
    seen = queries.bloc_stamp(bloc, 2025)
    write(bloc, 2025, turned(bloc), seen=seen)
    with pytest.raises(DomainError, match=r"Chi cục deputy \(Trưởng\), .*Xem lại rồi ghi lần nữa"):
        write(bloc, 2025, turned(bloc)[:2], seen=seen)
    assert bloc.memberships.filter(year=2025).count() == 3
    write(bloc, 2025, turned(bloc)[:2], seen=queries.bloc_stamp(bloc, 2025))
    assert bloc.memberships.filter(year=2025).count() == 2


@pytest.mark.parametrize(
    ("year", "said", "sentence"),
    [
        (2023, {}, "Năm 2023 đã qua"),
        (2026, {}, "Danh sách lập trước nhiều nhất một năm. Chọn năm 2024 hoặc 2025."),
        (2025, {"decision": "  "}, "Ghi số, ký hiệu văn bản"),
        (2025, {"decided_on": date(2024, 11, 25)}, "Ngày văn bản 25/11/2024 chưa đến"),
    ],
)
def test_a_year_gone_by_or_without_a_decision_is_refused(bloc, year, said, sentence):
    with pytest.raises(DomainError, match=sentence):
        write(bloc, year, turned(bloc), **said)
    assert not bloc.memberships.exclude(year=2024).exists()


def test_every_fault_of_the_list_is_told_and_nothing_written(bloc):
    first, second, _third = members(bloc)
    Unit.objects.filter(pk=second.pk).update(valid_to=date(2024, 6, 30))
    second.refresh_from_db()
    other = BlocFactory(organiser=bloc.organiser, name="Khối 2")
    BlocMembershipFactory(bloc=other, unit=first, year=2025)
    with pytest.raises(DomainError) as refused:
        write(bloc, 2025, [(first, MEMBER), (first, MEMBER), (second, MEMBER)])
    for word in ("2 lần", "30/06/2024", "đã thuộc Khối 2", "chưa có đơn vị làm Trưởng"):
        assert word in str(refused.value)
    assert not bloc.memberships.filter(year=2025).exists()


def test_a_bloc_of_another_organiser_takes_no_place(bloc):
    BlocMembershipFactory(unit=members(bloc)[0], year=2025)
    assert write(bloc, 2025, turned(bloc))


# --- who sees, who keeps --------------------------------------------------------------------------
def test_members_of_any_year_and_the_organiser_see_a_bloc(bloc):
    BlocFactory()
    member = user_with("clerk", members(bloc)[2])
    above = user_with("home_affairs", bloc.organiser)
    stranger = user_with("standing_agency", UnitFactory())
    assert list(policies.viewable_blocs(member)) == [bloc]
    assert list(policies.viewable_blocs(above)) == [bloc]
    assert list(policies.viewable_blocs(stranger)) == []


def test_only_who_plans_for_the_organiser_sets_the_list(bloc):
    keeper = user_with("standing_agency", bloc.organiser)
    leader = user_with("bloc_leader", members(bloc)[0])
    assert list(policies.keepable_blocs(keeper)) == [bloc]
    assert list(policies.keepable_blocs(leader)) == []
    assert list(policies.keepable_blocs(user_with("head_of_unit", bloc.organiser))) == []


# --- reads ----------------------------------------------------------------------------------------
def test_the_card_shows_the_latest_year_that_has_begun(bloc, django_assert_num_queries):
    write(bloc, 2025, turned(bloc))
    with django_assert_num_queries(2):
        [card] = queries.bloc_cards([bloc], date(2024, 12, 31))
    assert (card.year, card.years, card.decision) == (2024, [2025, 2024], None)
    assert [member.role for member in card.members] == ["head", "deputy", "member"]
    assert card.head.unit.name == "Chi cục head"
    [card] = queries.bloc_cards([bloc], date(2025, 1, 1))
    assert (card.year, card.head.unit.name) == (2025, "Chi cục deputy")
    assert card.decision.decision == "Quyết định số 12/QĐ-SNN"


def test_a_bloc_without_a_list_or_with_a_coming_one_only(db):
    bloc = BlocFactory()
    [card] = queries.bloc_cards([bloc], date(2024, 5, 1))
    assert (card.year, card.members, card.head) == (2024, [], None)
    BlocMembershipFactory(bloc=bloc, year=2026)
    [card] = queries.bloc_cards([bloc], date(2024, 5, 1))
    assert card.year == 2026


def test_candidates_start_from_the_latest_list_without_its_offices(bloc):
    first, second, third = members(bloc)
    Unit.objects.filter(pk=third.pk).update(valid_to=date(2024, 12, 31))
    new = UnitFactory(parent=bloc.organiser, name="Trung tâm mới")
    UnitFactory(parent=bloc.organiser, name="Trạm đã hết", valid_to=date(2023, 1, 1))
    found = queries.bloc_candidates(bloc, 2025, user_with("clerk", bloc.organiser))
    assert found == [(second, "member"), (first, "member"), (third, ""), (new, "")]
    same = queries.bloc_candidates(bloc, 2024, user_with("clerk", bloc.organiser))
    assert same[1] == (first, "head")


def test_units_from_elsewhere_are_found_by_name_among_those_one_may_see(bloc):
    far = UnitFactory(name="Bảo hiểm xã hội")
    UnitFactory(name="Bảo hiểm xã hội tỉnh khác")
    keeper = user_with("clerk", bloc.organiser)
    user = user_with("clerk", far)
    assert (far, "") in queries.bloc_candidates(bloc, 2025, user, "bao hiem")
    assert len(queries.bloc_candidates(bloc, 2025, user, "bao hiem")) == 4
    assert len(queries.bloc_candidates(bloc, 2025, keeper, "bao hiem")) == 3


# --- pages ----------------------------------------------------------------------------------------
def test_the_list_costs_the_same_for_one_bloc_and_three(
    client_of, bloc, django_assert_max_num_queries
):
    browser = client_of(user_with("home_affairs", bloc.organiser))
    browser.get(reverse("units:bloc_list"))
    for _ in range(2):
        BlocMembershipFactory(bloc__organiser=bloc.organiser, role="head")
    with django_assert_max_num_queries(6):
        page = browser.get(reverse("units:bloc_list")).content.decode()
    assert page.count('data-label="Làm Trưởng"') == 3


def test_a_page_of_a_year_links_only_to_units_that_one_may_open(client_of, bloc):
    first, second, _third = members(bloc)
    page = client_of(user_with("clerk", first)).get(
        reverse("units:bloc_detail", args=[bloc.ref, 2024])
    )
    text = page.content.decode()
    assert reverse("units:unit_detail", args=[first.ref]) in text
    assert reverse("units:unit_detail", args=[second.ref]) not in text
    assert "Lập danh sách" not in text


@pytest.mark.parametrize("year", [1999, 99999999])
def test_a_year_out_of_reason_is_not_found(client_of, bloc, year):
    browser = client_of(user_with("standing_agency", bloc.organiser))
    assert browser.get(reverse("units:bloc_detail", args=[bloc.ref, year])).status_code == 404
    assert browser.get(reverse("units:bloc_year", args=[bloc.ref, year])).status_code == 404


def test_the_organiser_sets_a_year_on_the_page(client_of, bloc):
    keeper = client_of(user_with("standing_agency", bloc.organiser))
    first, second, third = members(bloc)
    year = timezone.localdate().year
    address = reverse("units:bloc_year", args=[bloc.ref, year])
    given = {
        "decision": "Quyết định số 15/QĐ-SNN",
        "decided_on": "01/02/2024",
        f"role-{first.pk}": "member",
        f"role-{second.pk}": "member",
    }
    refused = keeper.post(address, given)
    assert refused.status_code == 422
    text = refused.content.decode()
    assert "chưa có đơn vị làm Trưởng" in text
    assert "Quyết định số 15/QĐ-SNN" in text
    answer = keeper.post(address, given | {f"role-{third.pk}": "head"})
    assert answer.url == reverse("units:bloc_detail", args=[bloc.ref, year])
    page = keeper.get(answer.url).content.decode()
    assert "Theo Quyết định số 15/QĐ-SNN ngày 01/02/2024" in page
    assert "ghi danh sách: năm" in page


def test_what_was_typed_wrong_on_the_page_is_kept_with_a_sentence(client_of, bloc):
    keeper = client_of(user_with("standing_agency", bloc.organiser))
    address = reverse("units:bloc_year", args=[bloc.ref, 2025])
    text = keeper.post(address, {"decision": "", "decided_on": "hôm qua"}).content.decode()
    assert "Nhập “Văn bản”." in text
    assert 'value="hôm qua"' in text

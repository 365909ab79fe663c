"""The lead of a bloc passes on: rights move with the year, what is left open is told."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from campaigns import policies, queries, services
from campaigns.models import HandOver
from tests.campaigns.blocs import BlocWorld, make_bloc_world
from tests.factories import (
    BlocMembershipFactory,
    ParticipationFactory,
    PeriodFactory,
    ResultSheetFactory,
    UnitFactory,
    user_with,
)
from units.models import BlocMembership
from units.queries import TodoKind
from units.rules import DomainError

NOW = datetime(2024, 12, 20, 7, 0, tzinfo=UTC)
SAID = {"held_on": date(2024, 12, 19), "document": " Biên bản số 05/BB-KTĐ "}


@pytest.fixture
def world(db: None) -> BlocWorld:
    return make_bloc_world()


def give(world: BlocWorld, **said: object) -> HandOver:
    given = SAID | {"actor": world.leaders[0], "now": NOW} | said
    return services.hand_over_lead(world.bloc, 2024, **given)


# --- rights ---------------------------------------------------------------------------------------
def test_who_verifies_moves_with_the_year_and_the_past_year_stays(world):
    sheets = {}
    part = ParticipationFactory(campaign=world.campaign, unit=world.units[2])
    for year in (2024, 2025):
        period = PeriodFactory(
            campaign=world.campaign,
            ref=str(year),
            period_from=date(year, 1, 1),
            period_to=date(year, 12, 31),
            closes_on=date(year + 1, 1, 31),
        )
        sheets[year] = ResultSheetFactory(period=period, participation=part)
    services.confirm_hand_over(give(world), actor=world.heads[1], now=NOW)
    old, new, other = world.leaders
    assert list(policies.verifiable_result_sheets(old)) == [sheets[2024]]
    assert list(policies.verifiable_result_sheets(new)) == [sheets[2025]]
    assert list(policies.verifiable_result_sheets(other)) == []


# --- handing over ---------------------------------------------------------------------------------
def test_the_lead_is_handed_over_with_what_is_left_open(world):
    world.signed(world.open())
    period = PeriodFactory(campaign=world.campaign)
    ParticipationFactory(campaign=world.campaign, unit=world.units[2])
    made = give(world, note=" Sổ theo dõi ")
    assert (made.giver, made.taker, made.state) == (world.units[0], world.units[1], "submitted")
    assert (made.document, made.note) == ("Biên bản số 05/BB-KTĐ", "Sổ theo dõi")
    assert str(made) == "Bàn giao vai trò Trưởng năm 2024 từ Chi cục A sang Chi cục B"
    plan = world.campaign.short_title
    assert made.matters == [
        "Ký giao ước: còn 2 trên 3, gồm Chi cục B, Chi cục C.",
        "Chốt giao ước: còn 1 trên 1, gồm đơn vị Trưởng chưa chốt.",
        f"Gửi phiếu kết quả {period.in_a_sentence} ({plan}): còn 1 trên 1, gồm Chi cục C.",
        f"Thẩm định phiếu kết quả {period.in_a_sentence} ({plan}): còn 1 trên 1, gồm Chi cục C.",
    ]
    with pytest.raises(DomainError, match="từ “chờ xác nhận” sang “chờ xác nhận”"):
        give(world)


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"held_on": date(2024, 12, 21)}, "Ngày bàn giao 21/12/2024 chưa đến"),
        ({"held_on": date(2023, 12, 31)}, "trước năm 2024"),
        ({"document": " "}, "Ghi số, tên biên bản"),
    ],
)
def test_a_hand_over_has_a_day_and_minutes(world, said, sentence):
    with pytest.raises(DomainError, match=sentence):
        give(world, **said)
    assert not HandOver.objects.exists()


def test_there_must_be_somebody_to_give_and_somebody_else_to_take(world):
    rows = BlocMembership.objects.filter(bloc=world.bloc, role="head")
    rows.filter(year=2025).update(role="member")
    with pytest.raises(DomainError, match="Chưa có danh sách năm 2025"):
        give(world)
    BlocMembership.objects.filter(unit=world.units[0], year=2025).update(role="head")
    with pytest.raises(DomainError, match="Chi cục A tiếp tục làm Trưởng năm 2025"):
        give(world)
    rows.filter(year=2024).update(role="member")
    with pytest.raises(DomainError, match="Danh sách năm 2024 chưa có đơn vị làm Trưởng"):
        give(world)


# --- taking ---------------------------------------------------------------------------------------
def test_the_next_leaders_head_confirms_and_never_who_gave(world):
    made = give(world)
    assert list(policies.confirmable_hand_overs(world.heads[1])) == [made]
    assert list(policies.confirmable_hand_overs(world.heads[0])) == []
    assert list(policies.confirmable_hand_overs(world.leaders[1])) == []
    with pytest.raises(DomainError, match="không tự xác nhận"):
        services.confirm_hand_over(made, actor=world.leaders[0], now=NOW)
    taken = services.confirm_hand_over(made, actor=world.heads[1], now=NOW)
    assert (taken.state, taken.confirmed_by) == ("confirmed", world.heads[1])
    with pytest.raises(DomainError, match="Không thể chuyển"):
        services.return_hand_over(made, reason="Muộn", actor=world.heads[1], now=NOW)


def test_what_is_missing_is_sent_back_mended_and_sent_again(world):
    made = give(world)
    with pytest.raises(DomainError, match="Ghi lý do trả lại"):
        services.return_hand_over(made, reason=" ", actor=world.heads[1], now=NOW)
    services.return_hand_over(made, reason="Thiếu sổ", actor=world.heads[1], now=NOW)
    again = give(world, document="Biên bản số 06/BB-KTĐ")
    assert (again.pk, again.state, again.document) == (
        made.pk,
        "submitted",
        "Biên bản số 06/BB-KTĐ",
    )


def test_who_leads_no_longer_does_not_take(world):
    made = give(world)
    rows = BlocMembership.objects.filter(bloc=world.bloc, year=2025)
    rows.filter(role="head").update(role="member")
    rows.filter(unit=world.units[2]).update(role="head")
    with pytest.raises(DomainError, match="Danh sách năm 2025 đã đổi"):
        services.confirm_hand_over(made, actor=world.heads[1], now=NOW)


def test_the_database_keeps_what_a_state_means(world):
    made = give(world)
    for broken in (
        {"state": "confirmed"},
        {"state": "returned"},
        {"taker": made.giver},
        {"confirmed_by": made.sent_by},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            HandOver.objects.update(**broken)


# --- reads ----------------------------------------------------------------------------------------
def test_every_leader_and_his_hand_over_is_on_record(world):
    made = give(world)
    found = queries.lead_history(world.bloc)
    assert [(head.year, head.unit.name, held) for head, held in found] == [
        (2025, "Chi cục B", None),
        (2024, "Chi cục A", made),
    ]


def said(user, now=NOW):
    return [(one.kind, one.title, one.label) for one in queries.hand_over_todo(user, now)]


def test_what_is_to_be_done_about_the_lead(world):
    old, head = world.leaders[0], world.heads[1]
    title = "Bàn giao vai trò Trưởng năm 2024"
    assert said(old, datetime(2024, 11, 30, 7, tzinfo=UTC)) == []
    assert said(old) == [(TodoKind.OWED, title, "Lập bàn giao")]
    assert said(old, datetime(2025, 3, 1, 7, tzinfo=UTC)) == said(old)
    assert said(world.leaders[1]) == said(head) == []
    made = give(world)
    assert said(old) == []
    assert said(head) == [
        (TodoKind.WAITING, "Xác nhận nhận bàn giao vai trò Trưởng từ Chi cục A", "Xem và xác nhận")
    ]
    services.return_hand_over(made, reason="Thiếu sổ", actor=head, now=NOW)
    assert said(old) == [(TodoKind.RETURNED, title, "Bổ sung bàn giao")]
    services.confirm_hand_over(give(world), actor=head, now=NOW)
    assert said(old) == said(head) == []


def test_who_stays_leader_has_nothing_to_hand_over(world):
    bloc = BlocMembershipFactory(unit=world.units[0], year=2024, role="head").bloc
    give(world)
    assert said(world.leaders[0]) == []  # no list of 2025 yet
    BlocMembershipFactory(bloc=bloc, unit=world.units[0], year=2025, role="head")
    assert said(world.leaders[0]) == []


# --- pages ----------------------------------------------------------------------------------------
@pytest.fixture
def year(world):
    """The last year, handed over in this one: the pages ask the real clock."""
    year = timezone.localdate().year - 1
    rows = BlocMembership.objects.filter(bloc=world.bloc)
    rows.filter(year=2025).update(year=9999)
    rows.filter(year=2024).update(year=year)
    rows.filter(year=9999).update(year=year + 1)
    return year


def test_the_lead_is_handed_over_on_the_pages(client_of, world, year):
    old, taker, member = map(client_of, (world.leaders[0], world.heads[1], world.clerks[2]))
    page = reverse("campaigns:hand_over", args=[world.bloc.ref, year])
    refused = old.post(page, {"held_on": f"01/01/{year - 1}", "document": "Biên bản"})
    assert refused.status_code == 422
    assert "Xem lại ngày" in refused.content.decode()
    assert 'value="Biên bản"' in refused.content.decode()
    assert member.post(page, {}).status_code == 404
    old.post(page, {"held_on": f"31/12/{year}", "document": "Biên bản số 5", "note": "Con dấu"})
    text = member.get(page).content.decode()
    assert "Biên bản số 5" in text
    assert "Xác nhận đã nhận bàn giao" not in text
    assert "Xác nhận đã nhận bàn giao" in taker.get(page).content.decode()
    held = HandOver.objects.get()
    back = reverse("campaigns:hand_over_return", args=[held.pk])
    told = taker.post(back, {"reason": ""}, follow=True).content.decode()
    assert "Ghi lý do trả lại" in told
    taker.post(back, {"reason": "Thiếu sổ vàng"})
    text = old.get(page).content.decode()
    assert "Thiếu sổ vàng" in text
    assert 'value="Biên bản số 5"' in text
    old.post(page, {"held_on": f"31/12/{year}", "document": "Biên bản số 6"})
    confirm = reverse("campaigns:hand_over_confirm", args=[held.pk])
    assert old.post(confirm).status_code == 404
    taker.post(confirm)
    assert "Không thể chuyển" in taker.post(confirm, follow=True).content.decode()
    text = member.get(page).content.decode()
    assert "Biên bản số 6: đã nhận bàn giao" in text
    late = taker.post(back, {"reason": "Thiếu con dấu"})  # the words come back with the sentence
    assert (late.status_code, "Không thể chuyển" in late.content.decode()) == (422, True)
    assert "autofocus>Thiếu con dấu</textarea>" in late.content.decode()


def test_a_new_leader_from_outside_sees_what_he_is_given(client_of, world, year):
    new = UnitFactory(name="Trung tâm mới")
    BlocMembership.objects.filter(bloc=world.bloc, year=year + 1, role="head").update(unit=new)
    browser = client_of(user_with("head_of_unit", new))
    at = lambda name: reverse(f"campaigns:{name}", args=[world.bloc.ref, year])  # noqa: E731
    assert browser.get(at("hand_over")).status_code == 200
    assert browser.get(at("bloc_cycle")).status_code == 404
    late = reverse("campaigns:hand_over", args=[world.bloc.ref, 99999])
    assert browser.get(late).status_code == 404

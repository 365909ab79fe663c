"""Pledges of a bloc: opened, drafted, signed, closed, changed; who may what, and the pages."""

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from campaigns import policies, queries, services
from campaigns.models import Campaign, Pledge, PledgeLine, PledgeRound
from criteria.models import Target
from criteria.rules import BETWEEN, EQ, GE, GT, LE, NONE, Rule, registered
from tests.campaigns.blocs import DUE, YEAR, BlocWorld, make_bloc_world
from tests.factories import (
    NOW,
    BlocFactory,
    CampaignFactory,
    ParticipationFactory,
    PeriodFactory,
    ResultSheetFactory,
    TargetFactory,
    UnitFactory,
    user_with,
)
from units.models import AuditEntry, BlocMembership
from units.queries import TodoKind
from units.rules import DomainError


@pytest.fixture
def world(db: None) -> BlocWorld:
    return make_bloc_world()


# --- rules ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("above", "operator"),
    [
        (Rule(GT, Decimal(30)), GT),
        (Rule(EQ, Decimal(100)), EQ),
        (Rule(LE, Decimal(5)), LE),
        (Rule(BETWEEN, Decimal(65), Decimal(70)), GE),
        (Rule(NONE), GE),
        (None, GE),
    ],
)
def test_a_level_is_compared_as_the_plan_compares_it(above, operator):
    assert registered(Decimal(7), above) == Rule(operator, Decimal(7))


# --- the round ------------------------------------------------------------------------------------
def test_the_leader_opens_the_round_of_a_year(world):
    round_ = world.open()
    assert (str(round_), round_.state) == ("Giao ước thi đua năm 2024", "open")
    line = AuditEntry.objects.get(action="pledgeround.opened")
    assert line.note == "ký xong trong ngày 20/12/2024"
    with pytest.raises(DomainError, match="đã mở"):
        world.open()


@pytest.mark.parametrize(
    ("year", "due_on", "sentence"),
    [
        (2024, date(2024, 11, 23), "Ngày 23/11/2024 đã qua"),
        (2024, date(2025, 1, 1), "Ngày 01/01/2025 sau năm 2024"),
        (2026, date(2026, 1, 9), "chưa có danh sách thành viên năm 2026"),
    ],
)
def test_a_round_needs_a_day_of_its_year_and_a_list(world, year, due_on, sentence):
    with pytest.raises(DomainError, match=sentence):
        services.open_pledge_round(world.bloc, year, due_on=due_on, actor=None, now=NOW)
    assert not PledgeRound.objects.exists()


@pytest.mark.parametrize(
    "change", [{"state": "draft"}, {"period_from": date(2025, 1, 1)}, {"bloc": None}]
)
def test_a_round_needs_an_issued_plan_of_the_year(world, change):
    if "bloc" in change:
        change = change | {"standing_agency": world.bloc.organiser}
    Campaign.objects.filter(pk=world.campaign.pk).update(**change)
    with pytest.raises(DomainError, match="chưa có kế hoạch nào thực hiện trong năm 2024"):
        world.open()


def test_closing_names_who_is_missing_and_closes_without_them_only_when_told(world):
    round_ = world.open()
    with pytest.raises(DomainError, match="Chưa đơn vị nào ký"):
        services.close_pledge_round(round_, anyway=True, actor=None, now=NOW)
    world.signed(round_, 1)
    world.start(round_, 2)
    with pytest.raises(DomainError, match="Còn 2 đơn vị chưa ký: Chi cục A, Chi cục C"):
        services.close_pledge_round(round_, actor=None, now=NOW)
    closed = services.close_pledge_round(round_, anyway=True, actor=None, now=NOW)
    assert (closed.state, closed.missing) == ("closed", "Chi cục A, Chi cục C")
    assert "chưa ký: Chi cục A" in AuditEntry.objects.get(action="pledgeround.closed").note


def test_all_signed_closes_without_more_ado(world):
    round_ = world.open()
    for place in range(3):
        world.signed(round_, place)
    closed = services.close_pledge_round(round_, actor=None, now=NOW)
    assert (closed.state, closed.missing) == ("closed", "")


def test_after_closing_nobody_begins_or_signs_until_it_is_opened_again(world):
    round_ = world.open()
    world.signed(round_)
    late = world.start(round_, 1)
    services.close_pledge_round(round_, anyway=True, actor=None, now=NOW)
    with pytest.raises(DomainError, match="đã chốt"):
        world.start(round_, 2)
    with pytest.raises(DomainError, match="đã chốt"):
        world.sign(late, 1)
    again = {"due_on": date(2024, 12, 31), "actor": None, "now": NOW}
    with pytest.raises(DomainError, match="Ghi lý do mở lại"):
        services.reopen_pledge_round(round_, reason=" ", **again)
    with pytest.raises(DomainError, match="đã qua"):
        services.reopen_pledge_round(
            round_, reason="Bổ sung", **(again | {"due_on": date(2024, 1, 1)})
        )
    opened = services.reopen_pledge_round(round_, reason="Chi cục B ký muộn", **again)
    assert (opened.state, opened.missing, opened.due_on) == ("open", "", date(2024, 12, 31))
    assert world.sign(late, 1).state == "signed"


# --- the draft ------------------------------------------------------------------------------------
def test_a_draft_begins_with_the_levels_of_the_plan(world):
    world.indicator(80, ref="a")
    world.indicator(30, GT, ref="b")
    world.indicator(1, EQ, ref="c", kind="yes_no")
    world.indicator(None, ref="d", kind="qualitative")
    world.indicator(None, ref="e")
    pledge = world.start(world.open())
    held = {line.indicator.ref: (line.operator, line.value) for line in pledge.lines.all()}
    assert held == {"a": (">=", 80), "b": (">", 30), "c": ("=", 1)}
    assert str(pledge) == "Giao ước của Chi cục A, năm 2024"
    assert world.start(pledge.round) == pledge


def test_a_draft_of_a_no_and_of_another_group(world):
    world.indicator(0, EQ, ref="a", kind="yes_no")
    other = world.indicator(80, ref="b")
    world.group.units.add(world.units[1])
    pledge = world.start(world.open())
    assert not pledge.lines.exists()
    pledge = world.start(pledge.round, 1)
    assert [line.indicator.ref for line in pledge.lines.all()] == ["a", other.ref]
    rows = queries.pledge_rows(pledge)
    assert [(row.typed, row.words) for row in rows] == [
        ("không", "không"),
        ("80", "từ 80% trở lên"),
    ]


def test_only_members_of_the_year_pledge(world):
    round_ = world.open()
    with pytest.raises(DomainError, match="không có trong danh sách năm 2024"):
        services.start_pledge(round_, UnitFactory(), actor=None, now=NOW)
    pledge = world.start(round_, 2)
    BlocMembership.objects.filter(unit=world.units[2], year=YEAR).delete()
    with pytest.raises(DomainError, match="không có trong danh sách năm 2024"):
        world.sign(pledge, 2)


def test_what_was_typed_is_kept_as_levels_words_and_titles(world):
    a = world.indicator(80, ref="a")
    world.indicator(65, BETWEEN, ref="b", kind="quantity", measure_unit="ha").targets.all()
    Target.objects.filter(indicator__ref="b").update(value_to=70)
    world.indicator(None, ref="c", kind="qualitative")
    world.indicator(1, EQ, ref="d", kind="yes_no")
    world.indicator(2, ref="e", kind="count")
    pledge = world.start(world.open())
    titles = " Tập thể lao động xuất sắc \n\n Bằng khen của Chủ tịch UBND tỉnh"
    saved = world.write(pledge, titles=titles, a="85,5 %", b="1.070,25", c=" Có mô hình ", d="Có")
    rows = {row.asked.indicator.ref: row for row in queries.pledge_rows(saved)}
    assert {ref: row.words for ref, row in rows.items()} == {
        "a": "từ 85,5% trở lên",
        "b": "từ 1.070,25 ha trở lên",
        "c": "Có mô hình",
        "d": "có",
        "e": "",
    }
    assert {ref: row.typed for ref, row in rows.items()} == {
        "a": "85,5",
        "b": "1.070,25",
        "c": "Có mô hình",
        "d": "có",
        "e": "",
    }
    assert rows["a"].asked.target == "từ 80% trở lên"
    assert rows["a"].name == f"t{a.pk}"
    assert saved.titles == "Tập thể lao động xuất sắc\nBằng khen của Chủ tịch UBND tỉnh"
    assert saved.revision == 2


def test_a_target_on_the_change_is_registered_as_a_change(world):
    world.indicator(5, ref="a")
    Target.objects.update(basis="rise")
    pledge = world.start(world.open())
    [row] = queries.pledge_rows(pledge)
    assert row.asked.unit_text == " điểm phần trăm"
    with pytest.raises(services.PledgeFaults):
        world.write(pledge, a="4")
    world.write(pledge, a="6")
    [row] = queries.pledge_rows(world.sign(pledge))
    assert row.words == "tăng ít nhất 6 điểm phần trăm so với năm trước"


@pytest.mark.parametrize(
    ("basis", "read"), [("level", False), ("rise", False), ("rise_percent", True)]
)
def test_people_are_pledged_in_whole_numbers_and_so_is_their_rise(world, basis, read):
    world.indicator(1, ref="a", kind="quantity", measure_unit="người")
    Target.objects.update(basis=basis)
    pledge = world.start(world.open())
    if read:
        world.write(pledge, a="1,250")
    else:
        with pytest.raises(services.PledgeFaults) as refused:
            world.write(pledge, a="1,250")
        assert "gõ 1.250 hoặc 1250" in next(iter(refused.value.faults.values()))


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"ratio": "79,9"}, "nhẹ hơn chỉ tiêu của kế hoạch \\(từ 80% trở lên\\)"),
        ({"ratio": "100,1"}, "Tỷ lệ không quá 100%"),
        ({"ratio": "1,234.5"}, "không đọc được là một số"),
        ({"count": "-1"}, "không được âm"),
        ({"count": "1,250"}, "là 1,25 theo .* Nếu là một nghìn hai trăm năm mươi, gõ 1\\.250"),
        ({"people": "1.250,5"}, "có phần lẻ"),
        ({"most": "6"}, "nhẹ hơn chỉ tiêu của kế hoạch \\(không quá 5"),
        ({"yes": "không"}, "nhẹ hơn chỉ tiêu của kế hoạch \\(có\\)"),
        ({"yes": "chắc vậy"}, "Chọn “có” hoặc “không”"),
    ],
)
def test_what_cannot_be_read_or_is_weaker_writes_nothing(world, typed, sentence):
    keys = {
        "ratio": world.indicator(80, ref="ratio"),
        "count": world.indicator(None, ref="count", kind="count"),
        "most": world.indicator(5, LE, ref="most", kind="count"),
        "people": world.indicator(None, ref="people", kind="quantity", measure_unit="người"),
        "yes": world.indicator(1, EQ, ref="yes", kind="yes_no"),
    }
    pledge = world.start(world.open())
    [ref] = typed
    with pytest.raises(services.PledgeFaults) as refused:
        world.write(pledge, titles="Mất", **typed)
    assert list(refused.value.faults) == [keys[ref].pk]
    with pytest.raises(DomainError, match=sentence):
        raise DomainError(refused.value.faults[keys[ref].pk])
    pledge.refresh_from_db()
    assert (pledge.revision, pledge.titles, pledge.lines.count()) == (1, "", 3)


def test_the_head_of_the_page_leads_to_each_level_that_is_wrong(world, client_of):
    wrong, fine = world.indicator(80, ref="a", code="CT07"), world.indicator(70, ref="b")
    pledge = world.start(world.open())
    typed = {f"t{wrong.pk}": "79", f"t{fine.pk}": "75", "revision": "1", "titles": ""}
    at = reverse("campaigns:pledge_detail", args=[pledge.pk])
    answer = client_of(world.clerks[0]).post(at, typed)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert f'cần sửa 1 mức: <a href="#t{wrong.pk}">CT07</a>.' in page
    assert 'value="79"' in page


def test_nobody_writes_over_or_signs_what_he_has_not_seen(world):
    pledge = world.start(world.open())
    world.write(pledge)
    old = {"revision": 1, "actor": world.heads[0], "now": NOW}
    with pytest.raises(DomainError, match="đã đổi từ khi mở trang"):
        services.write_pledge(pledge, typed={}, titles="", **old)
    with pytest.raises(DomainError, match="đã đổi từ khi mở trang"):
        services.sign_pledge(pledge, **old)


# --- the signature --------------------------------------------------------------------------------
def test_signing_asks_a_level_for_every_target(world):
    world.indicator(80, ref="a", code="CT01")
    world.indicator(None, ref="b", code="CT02")
    world.indicator(70, ref="c", code="CT03")
    pledge = world.start(world.open())
    world.write(pledge, b="5")
    with pytest.raises(DomainError, match="Còn 2 chỉ tiêu chưa đăng ký mức: CT01, CT03"):
        world.sign(pledge)
    world.write(pledge, a="80", c="70")
    signed = world.sign(pledge)
    assert (signed.state, signed.signed_by) == ("signed", world.heads[0])


def test_a_target_made_stronger_after_the_draft_is_not_undercut(world):
    world.indicator(80, ref="a")
    pledge = world.start(world.open())
    Target.objects.update(value=90)
    with pytest.raises(DomainError, match="nhẹ hơn chỉ tiêu của kế hoạch"):
        world.sign(pledge)


def test_a_signed_pledge_is_frozen_and_changed_by_a_new_version_only(world):
    world.indicator(80, ref="a")
    first = world.signed(world.open())
    with pytest.raises(DomainError, match="đã ký nên không sửa được"):
        world.write(first, a="95")
    change = {"actor": world.clerks[0], "now": NOW + timedelta(days=30)}
    with pytest.raises(DomainError, match="Ghi lý do thay"):
        services.amend_pledge(first, reason=" ", **change)
    second = services.amend_pledge(first, reason="Được giao thêm nhiệm vụ", **change)
    assert (second.version, second.state) == (2, "draft")
    assert str(second) == "Giao ước của Chi cục A, năm 2024, thay đổi lần 1"
    with pytest.raises(DomainError, match="đã có bản giao ước sau bản này"):
        services.amend_pledge(first, reason="Lần nữa", **change)
    with pytest.raises(DomainError, match="đã có bản giao ước sau bản này"):
        services.amend_pledge(second, reason="Bản nháp", **change)
    world.write(second, a="95")
    row = next(r for r in queries.member_pledges(world.bloc, YEAR) if r.signed)
    assert (row.signed, row.draft, row.newest, row.state) == (first, second, second, "signed")
    services.close_pledge_round(first.round, anyway=True, actor=None, now=NOW)
    assert world.sign(second).state == "signed"  # a change may be signed after the round
    words = [[r.words for r in queries.pledge_rows(one)] for one in (first, second)]
    assert words == [["từ 80% trở lên"], ["từ 95% trở lên"]]
    assert queries.is_newest(second)
    assert not queries.is_newest(first)
    assert queries.pledge_versions(second, world.clerks[0]) == [second, first]


def test_what_another_wrote_or_signed_stands_beside_what_was_typed(client_of, world, today):
    indicator = world.indicator(80, ref="a")
    pledge = world.write(world.start(world.open(year=today)), titles="Cờ thi đua", a="85")
    clerk, page = client_of(world.clerks[0]), reverse("campaigns:pledge_detail", args=[pledge.pk])
    mine = {f"t{indicator.pk}": "91", "titles": "Bằng khen", "revision": "1"}
    told = clerk.post(page, mine)
    body = told.content.decode()
    assert told.status_code == 422
    assert 'value="91"' in body
    assert ">Bằng khen</textarea>" in body
    assert "Trên cổng hiện là: từ 85% trở lên" in body
    assert "Trên cổng hiện là: Cờ thi đua" in body
    body = clerk.get(page).content.decode()
    assert "Trên cổng" not in body
    assert "không ký được nữa" not in body
    same = mine | {f"t{indicator.pk}": " 85", "titles": "Cờ thi đua\r\n"}
    assert "Trên cổng" not in clerk.post(page, same).content.decode()
    world.sign(pledge)
    body = clerk.post(page, mine | {"revision": "2"}).content.decode()
    assert "đã ký nên không sửa được" in body
    assert "Đã gõ, chưa lưu: 91" in body
    assert "Đã gõ, chưa lưu: Bằng khen" in body
    assert "<p>Cờ thi đua</p>" in body


def test_nobody_changes_a_pledge_of_a_year_that_is_over(world):
    """He knows by then what he has come to, and would be held to less."""
    world.indicator(80, ref="a")
    round_ = world.open()
    first, other = world.signed(round_, 0), world.start(round_, 1)
    evening = datetime(YEAR, 12, 31, 23, 0, tzinfo=timezone.get_default_timezone())
    late = evening + timedelta(hours=2)
    change = {"reason": "Bớt nhiệm vụ", "actor": world.clerks[0]}
    with pytest.raises(DomainError, match=f"Năm {YEAR} đã hết"):
        services.amend_pledge(first, now=late, **change)
    fresh = services.amend_pledge(first, now=evening, **change)
    for pledge, head in ((fresh, 0), (other, 1)):
        with pytest.raises(DomainError, match=f"kết quả được xét theo bản ký trong năm {YEAR}"):
            services.sign_pledge(pledge, revision=1, actor=world.heads[head], now=late)
    assert services.sign_pledge(fresh, revision=1, actor=world.heads[0], now=evening).signed_at


def test_a_signed_pledge_shows_what_the_plan_asks_no_longer(world):
    indicator = world.indicator(80, ref="a", group=world.group)
    pledge = world.signed(world.open())
    world.group.units.add(world.units[1])
    [row] = queries.pledge_rows(pledge)
    assert (row.asked.indicator, row.asked.campaign, row.words) == (
        indicator,
        None,
        "từ 80% trở lên",
    )


def test_a_signed_pledge_stands_beside_what_was_asked_when_it_was_signed(client_of, world):
    indicator = world.indicator(80, ref="a")
    pledge = world.signed(world.open())
    clerk, page = client_of(world.clerks[0]), reverse("campaigns:pledge_detail", args=[pledge.pk])
    assert "điều chỉnh sau khi ký" not in clerk.get(page).content.decode()
    TargetFactory(
        indicator=indicator,
        value=95,
        in_force_from=NOW.date() + timedelta(days=3),
        decision="15/QĐ-UBND",
        reason="Đủ hạ tầng",
    )
    [row] = queries.pledge_rows(pledge)
    assert (row.asked.target, row.words) == ("từ 80% trở lên", "từ 80% trở lên")
    told = "Kế hoạch điều chỉnh sau khi ký: từ 95% trở lên"
    assert told in clerk.get(page).content.decode()
    fresh = services.amend_pledge(pledge, reason="Theo kế hoạch", actor=None, now=NOW)
    [row] = queries.pledge_rows(fresh)
    assert (row.asked.target, row.asked.amended) == ("từ 95% trở lên", "")


def test_the_sheet_shows_what_was_signed_beside_the_target(client_of, world):
    indicator = world.indicator(80, ref="a")
    part = ParticipationFactory(campaign=world.campaign, unit=world.units[0])
    sheet = ResultSheetFactory(period=PeriodFactory(campaign=world.campaign), participation=part)
    page = reverse("campaigns:result_sheet_detail", args=[sheet.pk])
    clerk = client_of(world.clerks[0])
    first = world.write(world.start(world.open()), a="85")
    assert "Giao ước:" not in clerk.get(page).content.decode()  # a draft binds nobody
    first = world.sign(first)
    assert "Giao ước: từ 85% trở lên" in clerk.get(page).content.decode()
    second = services.amend_pledge(first, reason="Thêm việc", actor=None, now=NOW)
    world.sign(world.write(second, a="90"))
    assert "Giao ước: từ 90% trở lên" in clerk.get(page).content.decode()
    assert queries.pledged_words(world.units[0], None, YEAR) == {}
    assert queries.pledged_words(world.units[0], world.bloc.pk, YEAR) == {
        indicator.pk: "từ 90% trở lên"
    }


def test_the_database_keeps_what_a_state_means(world):
    pledge = world.start(world.open())
    indicator = world.indicator(None)
    for broken in (
        lambda: Pledge.objects.update(state="signed"),
        lambda: Pledge.objects.update(version=2),
        lambda: Pledge.objects.create(
            round=pledge.round, unit=pledge.unit, version=2, reason="x", drafted_at=NOW
        ),
        lambda: PledgeRound.objects.update(state="closed"),
        lambda: PledgeLine.objects.create(pledge=pledge, indicator=indicator),
        lambda: PledgeLine.objects.create(pledge=pledge, indicator=indicator, operator=">="),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            broken()


# --- who ------------------------------------------------------------------------------------------
def test_a_draft_is_the_units_own_a_signed_one_the_blocs(world):
    round_ = world.open()
    draft, signed = world.start(round_, 0), world.signed(round_, 1)
    above = user_with("home_affairs", world.bloc.organiser)
    once = UnitFactory()
    BlocMembership.objects.create(bloc=world.bloc, unit=once, year=2023)
    assert set(policies.viewable_pledges(world.clerks[0])) == {draft, signed}
    assert set(policies.viewable_pledges(world.clerks[2])) == {signed}
    assert set(policies.viewable_pledges(above)) == {draft, signed}  # sees the units below
    assert set(policies.viewable_pledges(user_with("clerk", once))) == set()
    assert set(policies.viewable_pledges(user_with("clerk", UnitFactory()))) == set()
    assert set(policies.draftable_pledges(world.clerks[0])) == {draft}
    assert set(policies.signable_pledges(world.clerks[0])) == set()
    assert set(policies.signable_pledges(world.heads[1])) == {signed}


def test_the_lead_of_the_round_moves_with_the_year(world):
    first, second, third = world.leaders
    assert list(policies.led_blocs(first, 2024)) == [world.bloc]
    assert list(policies.led_blocs(first, 2025)) == []
    assert list(policies.led_blocs(second, 2025)) == [world.bloc]
    assert list(policies.led_blocs(third, 2025)) == []
    assert list(policies.led_blocs(world.heads[0], 2024)) == []


# --- to do ----------------------------------------------------------------------------------------
def titles(user):
    return [(one.kind, one.title, one.label) for one in queries.pledge_todo(user, NOW)]


def test_nothing_to_do_without_an_open_round(world, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert titles(world.clerks[0]) == []


def test_members_are_asked_to_draft_and_to_sign_the_leader_waits(world):
    round_ = world.open()
    assert titles(world.clerks[1]) == [
        (TodoKind.OWED, "Ký giao ước thi đua năm 2024", "Soạn giao ước")
    ]
    world.start(round_, 1)
    assert titles(world.clerks[1])[0][2] == "Soạn tiếp"
    assert titles(world.heads[1])[0][2] == "Xem và ký"
    assert titles(world.leaders[0]) == [
        (
            TodoKind.OWING,
            "3 trên 3 đơn vị chưa ký giao ước thi đua năm 2024",
            "Xem đơn vị chưa ký",
        )
    ]
    assert titles(world.leaders[1]) == []  # leads the year after
    for place in range(3):
        world.signed(round_, place)
    assert titles(world.heads[1]) == []
    assert titles(world.leaders[0]) == [
        (TodoKind.WAITING, "Chốt giao ước thi đua năm 2024: 3 đơn vị đã ký đủ", "Chốt giao ước")
    ]
    services.amend_pledge(
        Pledge.objects.get(unit=world.units[1]), reason="Thêm việc", actor=None, now=NOW
    )
    assert titles(world.heads[1]) == []


def test_things_to_do_cost_the_same_for_one_bloc_and_three(world, django_assert_num_queries):
    world.open()
    with django_assert_num_queries(7):
        queries.pledge_todo(world.leaders[0], NOW)
    for _ in range(2):
        other = make_bloc_world()
        other.start(other.open())
    with django_assert_num_queries(7):
        queries.pledge_todo(world.leaders[0], NOW)


# --- pages ----------------------------------------------------------------------------------------
@pytest.fixture
def today(world):
    """The pages ask the real clock: the same bloc, its list and its plan, this year."""
    year = timezone.localdate().year
    for row in list(world.bloc.memberships.filter(year=2024)):
        BlocMembership.objects.get_or_create(
            bloc=world.bloc, unit=row.unit, year=year, defaults={"role": row.role}
        )
    Campaign.objects.filter(pk=world.campaign.pk).update(period_to=date(year, 12, 31))
    return year


def page_of(world, year):
    return reverse("campaigns:pledge_round", args=[world.bloc.ref, year])


def test_a_year_of_pledges_on_the_pages(client_of, world, today):
    indicator = world.indicator(80, ref="a", code="CT01")
    leader, clerk, head = map(client_of, (world.leaders[0], world.clerks[1], world.heads[1]))
    at = lambda name: reverse(f"campaigns:{name}", args=[world.bloc.ref, today])  # noqa: E731
    assert "Chưa mở đợt ký giao ước" in clerk.get(page_of(world, today)).content.decode()
    refused = leader.post(at("pledge_round_open"), {"due_on": "hôm nào đó"})
    assert refused.status_code == 422
    assert "phải là một ngày có thật" in refused.content.decode()
    refused = leader.post(at("pledge_round_open"), {"due_on": "01/01/2020"})
    assert "Ngày 01/01/2020 đã qua" in refused.content.decode()
    leader.post(at("pledge_round_open"), {"due_on": f"31/12/{today}"})
    answer = clerk.post(at("pledge_start"), {"unit": world.units[1].pk})
    page = clerk.get(answer.url).content.decode()
    assert 'value="80"' in page
    name = f"t{indicator.pk}"
    weak = clerk.post(answer.url, {name: "79", "titles": "Cờ thi đua", "revision": "1"})
    assert weak.status_code == 422
    text = weak.content.decode()
    assert 'value="79"' in text
    assert "Cờ thi đua" in text
    assert "nhẹ hơn chỉ tiêu của kế hoạch (từ 80% trở lên)" in text
    stale = clerk.post(answer.url, {name: "85", "titles": "Cờ", "revision": "9"})
    assert stale.status_code == 422
    assert "đã đổi từ khi mở trang" in stale.content.decode()
    clerk.post(answer.url, {name: "85", "titles": "Cờ thi đua", "revision": "1"})
    pledge = Pledge.objects.get()
    sign = reverse("campaigns:pledge_sign", args=[pledge.pk])
    told = head.post(sign, {"revision": "1"}, follow=True).content.decode()
    assert "đã đổi từ khi mở trang" in told
    head.post(sign, {"revision": "2"})
    page = head.get(answer.url).content.decode()
    assert "từ 85% trở lên" in page
    assert "Lập bản thay đổi" in page
    told = leader.post(at("pledge_round_close"), follow=True).content.decode()
    assert "Còn 2 đơn vị chưa ký: Chi cục A, Chi cục C" in told
    leader.post(at("pledge_round_close"), {"anyway": "1"})
    assert "Chưa ký khi chốt:" in clerk.get(page_of(world, today)).content.decode()
    told = clerk.post(at("pledge_start"), {"unit": world.units[1].pk})
    assert told.url == answer.url
    refused = leader.post(at("pledge_round_reopen"), {"due_on": f"31/12/{today}", "reason": ""})
    assert "Nhập “Lý do mở lại”." in refused.content.decode()
    refused = leader.post(at("pledge_round_reopen"), {"due_on": "1/1/2020", "reason": "Muộn"})
    assert "đã qua" in refused.content.decode()
    leader.post(at("pledge_round_reopen"), {"due_on": f"31/12/{today}", "reason": "Muộn"})
    amend = reverse("campaigns:pledge_amend", args=[pledge.pk])
    told = clerk.post(amend, {"reason": ""}, follow=True).content.decode()
    assert "Ghi lý do thay" in told
    fresh = clerk.get(clerk.post(amend, {"reason": "Thêm nhiệm vụ"}).url).content.decode()
    assert "Thay đổi lần 1, lý do: Thêm nhiệm vụ" in fresh
    assert "Các bản" in fresh
    late = clerk.post(amend, {"reason": "Bớt nhiệm vụ"})  # a new version is under way
    assert late.status_code == 422
    assert "autofocus>Bớt nhiệm vụ</textarea>" in late.content.decode()
    assert "đã có bản giao ước sau bản này" in late.content.decode()


def test_a_mistaken_change_is_thrown_away_before_it_is_signed(client_of, world):
    world.indicator(80, ref="a")
    round_ = world.open()
    first = world.signed(round_, 0)
    clerk = client_of(world.clerks[0])
    fresh = services.amend_pledge(first, reason="Nhầm đơn vị", actor=world.clerks[0], now=NOW)
    page, discard = (
        reverse(f"campaigns:pledge_{name}", args=[fresh.pk]) for name in ("detail", "discard")
    )
    body = clerk.get(page).content.decode()
    assert "Bỏ bản thay đổi" in body
    assert f"Năm {YEAR} đã hết nên bản này không ký được nữa" in body
    told = clerk.post(discard, {"revision": "9"}, follow=True).content.decode()
    assert "đã đổi từ khi mở trang" in told
    told = clerk.post(discard, {"revision": "1"}, follow=True).content.decode()
    assert "Bản đã ký vẫn có hiệu lực" in told
    assert "bỏ bản thay đổi chưa ký: lần 1, lý do thay đổi khi đó: Nhầm đơn vị" in told
    assert "Lập bản thay đổi" not in told  # the year is over by now
    assert list(round_.pledges.filter(unit=first.unit)) == [first]
    line = AuditEntry.objects.get(action="pledge.amendment_discarded")
    assert line.data == {"titles": "", "lines": {"a": ">= 80.0000"}}
    other = world.start(round_, 1)
    with pytest.raises(DomainError, match="là bản đầu nên không bỏ"):
        services.discard_amendment(other, revision=1, actor=world.clerks[1], now=NOW)
    with pytest.raises(DomainError, match="đã ký nên không sửa được"):
        services.discard_amendment(first, revision=1, actor=world.clerks[0], now=NOW)


def test_a_member_may_not_begin_once_closed_and_is_told_so(client_of, world, today):
    round_ = services.open_pledge_round(
        world.bloc, today, due_on=date(today, 12, 31), actor=None, now=timezone.now()
    )
    world.signed(round_, 1)
    services.close_pledge_round(round_, anyway=True, actor=None, now=NOW)
    start = reverse("campaigns:pledge_start", args=[world.bloc.ref, today])
    told = client_of(world.clerks[0]).post(start, {"unit": world.units[0].pk}, follow=True)
    assert "đã chốt" in told.content.decode()
    assert "chốt đợt ký giao ước" in told.content.decode()


def test_what_is_not_there_is_not_found(client_of, world, today):
    clerk, leader = client_of(world.clerks[0]), client_of(world.leaders[0])
    at = lambda name, year: reverse(f"campaigns:{name}", args=[world.bloc.ref, year])  # noqa: E731
    assert clerk.get(at("pledge_round", 99999999)).status_code == 404
    assert clerk.post(at("pledge_start", today), {"unit": world.units[0].pk}).status_code == 404
    assert clerk.post(at("pledge_start", today), {"unit": "x"}).status_code == 404
    assert leader.post(at("pledge_round_close", today)).status_code == 404
    assert clerk.post(at("pledge_round_open", today)).status_code == 404


def test_the_page_of_a_round_costs_the_same_for_three_members_and_six(
    client_of, world, django_assert_num_queries
):
    round_ = world.open()
    world.signed(round_, 0)
    browser = client_of(world.clerks[0])
    browser.get(page_of(world, YEAR))
    with django_assert_num_queries(11) as counted:
        browser.get(page_of(world, YEAR))
    for _ in range(3):
        unit = UnitFactory(parent=world.bloc.organiser)
        BlocMembership.objects.create(bloc=world.bloc, unit=unit, year=YEAR)
    world.signed(round_, 1)
    with django_assert_num_queries(len(counted)):
        browser.get(page_of(world, YEAR))


def test_a_bloc_of_others_shows_no_pledge(client_of, world):
    world.open()
    stranger = client_of(user_with("bloc_leader", BlocFactory().organiser))
    assert stranger.get(page_of(world, YEAR)).status_code == 404
    assert CampaignFactory() not in queries.bloc_campaigns(world.bloc, YEAR)
    assert date(2024, 12, 20) == DUE

"""The year of a bloc in steps: what each waits for, whose turn it is, when."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.urls import reverse

from campaigns import queries, services
from campaigns.models import Period, Ranking, ResultSheet, ScoreLayer, ScoreSheet
from criteria.models import Layer, ScoreTable, TableLayer
from tests.campaigns.blocs import YEAR, BlocWorld, make_bloc_world
from tests.factories import (
    NOW,
    CampaignFactory,
    ParticipationFactory,
    PeriodFactory,
    UnitFactory,
    user_with,
)
from units.models import BlocMembership


@pytest.fixture
def world(db: None) -> BlocWorld:
    return make_bloc_world()


def steps(world: BlocWorld) -> dict[str, Any]:
    found = queries.bloc_cycle(world.bloc, YEAR)
    return {step.key: step for step in found.steps}


def lines(step: Any) -> list[tuple[str, int, int, list[str]]]:
    return [(line.what, line.done, line.total, line.missing) for line in step.lines]


def sheet_of(part: Any, period: Period, state: str) -> ResultSheet:
    by = user_with("head_of_unit", part.unit)
    held = ResultSheet(participation=part, period=period, state=state)
    held.submitted_at, held.submitted_by = NOW, by
    if state in ResultSheet.ACCEPTED:
        held.verified_at, held.verified_by = NOW, user_with("clerk", part.unit)
    held.save()
    return held


def table_of(world: BlocWorld, *layers: tuple[Layer, int | None], **fields: Any) -> ScoreTable:
    table = ScoreTable.objects.create(
        criteria_set=world.campaign.criteria_set,
        group=world.group,
        max_points=Decimal(100),
        **(
            {"ref": "bang", "from_year": 2023, "state": "active", "name": "Bảng điểm của Khối"}
            | fields
        ),
    )
    for order, (layer, days) in enumerate(layers):
        TableLayer.objects.create(table=table, order=order, layer=layer, days=days)
    return table


def scored(part: Any, period: Period, table: ScoreTable, layer: Layer, scorer: Any, state: str):
    sheet, _made = ScoreSheet.objects.get_or_create(
        participation=part, period=period, table=table, defaults={"opened_at": NOW}
    )
    sent = {"sent_at": NOW, "sent_by": user_with("clerk", scorer)} if state == "sent" else {}
    return ScoreLayer.objects.create(
        score_sheet=sheet, layer=layer, scorer=scorer, state=state, **sent
    )


@pytest.fixture
def parts(world):
    return [ParticipationFactory(campaign=world.campaign, unit=unit) for unit in world.units]


@pytest.fixture
def period(world):
    return PeriodFactory(campaign=world.campaign)


# --- without scores -------------------------------------------------------------------------------
def test_a_year_of_which_nothing_has_begun(world):
    found = steps(world)
    assert [step.title for step in found.values()] == [
        "Ký giao ước thi đua",
        "Sơ kết 6 tháng",
        "Tự chấm cuối năm",
        "Chấm chéo",
        "Khối thẩm định",
        "Xếp hạng",
        "Bàn giao vai trò Trưởng",
    ]
    assert [step.state for step in found.values()] == ["", "", "", "", "", "", "now"]
    assert found["pledge"].note == "Chưa mở đợt ký giao ước."
    assert found["peer"].note == "Không kế hoạch nào của năm chấm điểm."
    assert found["half"].note == "Không kế hoạch nào của năm có kỳ 6 tháng."


def test_the_first_step_that_is_not_done_is_now(world, parts, period):
    round_ = world.open()
    found = steps(world)
    assert lines(found["pledge"]) == [
        ("Ký giao ước", 0, 3, ["Chi cục A", "Chi cục B", "Chi cục C"]),
        ("Chốt giao ước", 0, 1, ["đơn vị Trưởng chưa chốt"]),
    ]
    assert (found["pledge"].state, found["self"].state) == ("now", "")
    for place in range(3):
        world.signed(round_, place)
    services.close_pledge_round(round_, actor=None, now=NOW)
    found = steps(world)
    assert (found["pledge"].state, found["self"].state) == ("done", "now")
    assert lines(found["pledge"]) == [("Ký giao ước", 3, 3, [])]


def test_a_round_closed_without_all_is_done_and_waits_for_nobody(world, parts, period):
    round_ = world.open()
    world.signed(round_)
    services.close_pledge_round(round_, anyway=True, actor=None, now=NOW)
    found = queries.bloc_cycle(world.bloc, YEAR)
    [line] = found.steps[0].lines
    assert (found.steps[0].state, line.waits_for, line.missing) == (
        "done",
        frozenset(),
        ["Chi cục B", "Chi cục C"],
    )
    assert found.open_matters[0] == "Ký giao ước: còn 2 trên 3, gồm Chi cục B, Chi cục C."


def test_sheets_are_sent_by_members_and_verified_by_the_leader(world, parts, period):
    sheet_of(parts[0], period, "submitted")
    sheet_of(parts[1], period, "verified")
    ParticipationFactory(campaign=world.campaign, unit=UnitFactory())  # of no bloc
    found = steps(world)
    name = period.in_a_sentence
    assert lines(found["self"]) == [(f"Gửi phiếu kết quả {name}", 2, 3, ["Chi cục C"])]
    assert lines(found["bloc"]) == [
        (f"Thẩm định phiếu kết quả {name}", 1, 3, ["Chi cục A", "Chi cục C"])
    ]
    [line] = found["bloc"].lines
    assert (line.led, line.waits_for) == (True, {world.units[0].pk})
    assert found["self"].lines[0].due_on == period.closes_on


def test_a_half_year_is_a_step_of_its_own(world, parts):
    half = PeriodFactory(
        campaign=world.campaign,
        ref="2024-6t",
        name="6 tháng đầu năm 2024",
        kind="half",
        period_to=date(2024, 6, 30),
        closes_on=date(2024, 7, 15),
    )
    table_of(world, (Layer.SELF, 5), (Layer.BLOC, None))
    found = steps(world)
    assert [line.what for line in found["half"].lines] == [
        f"Gửi phiếu kết quả {half.in_a_sentence}",
        f"Mở chấm điểm {half.in_a_sentence}",
        f"Tự chấm {half.in_a_sentence}",
        f"Khối thẩm định điểm {half.in_a_sentence}",
    ]
    assert found["self"].lines == []
    assert [line.due_on for line in found["half"].lines] == [
        date(2024, 7, 15),
        None,
        date(2024, 7, 20),
        None,
    ]


# --- with scores ----------------------------------------------------------------------------------
def test_every_layer_names_who_has_not_scored(world, parts, period):
    used = (Layer.SELF, 5), (Layer.PEER, 10), (Layer.BLOC, 20), (Layer.STANDING, None)
    table = table_of(world, *used)
    a, b, c = world.units
    scored(parts[0], period, table, Layer.SELF, a, "sent")
    scored(parts[1], period, table, Layer.SELF, b, "draft")
    scored(parts[0], period, table, Layer.PEER, b, "sent")
    scored(parts[0], period, table, Layer.PEER, c, "draft")
    scored(parts[0], period, table, Layer.BLOC, b, "draft")
    scored(parts[1], period, table, Layer.BLOC, a, "sent")
    found, name = steps(world), period.in_a_sentence
    assert lines(found["self"])[1:] == [
        (f"Mở chấm điểm {name}", 2, 3, ["Chi cục C"]),
        (f"Tự chấm {name}", 1, 3, ["Chi cục B", "Chi cục C"]),
    ]
    opening, own = found["self"].lines[1:]
    assert (opening.led, opening.waits_for) == (True, {a.pk})
    assert (own.led, own.waits_for) == (False, {b.pk})  # that of c is not open yet
    assert lines(found["peer"]) == [
        (f"Phân công chấm chéo {name}", 1, 3, ["Chi cục B", "Chi cục C"]),
        (f"Chấm chéo {name}", 1, 4, ["Chi cục C chấm Chi cục A", "Chi cục B", "Chi cục C"]),
    ]
    assert [line.waits_for for line in found["peer"].lines] == [{a.pk}, {c.pk}]
    assert lines(found["bloc"])[1] == (
        f"Khối thẩm định điểm {name}",
        1,
        3,
        ["Chi cục A", "Chi cục C"],
    )
    line = found["bloc"].lines[1]
    assert (line.led, line.waits_for) == (True, {b.pk})  # a deputy scores the leader
    assert lines(found["bloc"])[2][0] == f"Cơ quan thường trực thẩm định {name}"
    assert lines(found["rank"]) == [(f"Công bố xếp hạng {name}", 0, 1, ["Bảng điểm của Khối"])]
    Ranking.objects.create(
        period=period,
        table=table,
        version=1,
        snapshot={},
        published_at=NOW,
        published_by=world.leaders[0],
    )
    assert steps(world)["rank"].state == "done"


def test_the_latest_active_table_of_a_group_holds_and_only_for_whom_it_measures(
    world, parts, period
):
    table_of(world, (Layer.PEER, 1))
    table_of(world, (Layer.SELF, 1), ref="moi", from_year=2024)
    table_of(world, (Layer.BLOC, 1), ref="sau", from_year=2025)
    assert ScoreTable.objects.count() == 3
    world.group.units.add(world.units[1])
    found = steps(world)
    assert found["peer"].lines == []
    assert lines(found["self"])[2][1:] == (0, 1, ["Chi cục B"])
    assert [line.what for line in found["rank"].lines] == [
        f"Công bố xếp hạng {period.in_a_sentence}"
    ]


@pytest.mark.parametrize(
    ("left_on", "away"),
    [
        (date(2024, 6, 1), []),
        (None, [date(2024, 6, 1), date(2025, 6, 1)]),  # came back after the period was over
    ],
)
def test_a_sheet_begun_keeps_its_table_and_who_left_is_not_asked(
    world, parts, period, left_on, away
):
    old = table_of(world, (Layer.SELF, 1), name="Bảng cũ")
    scored(parts[0], period, old, Layer.SELF, world.units[0], "sent")
    table_of(world, (Layer.SELF, 1), ref="moi", from_year=2024, name="Bảng mới")
    parts[2].left_on, parts[2].away = left_on, away
    parts[2].save()
    assert queries.members_in(period) == parts[:2]
    found = steps(world)
    assert [one[1:] for one in lines(found["self"]) if one[0].startswith("Tự chấm")] == [
        (1, 1, []),
        (0, 1, ["Chi cục B"]),
    ]
    assert [line.missing for line in found["rank"].lines] == [["Bảng cũ"], ["Bảng mới"]]


def test_a_draft_table_scores_nobody(world, parts, period):
    table_of(world, (Layer.SELF, 1), state="draft")
    assert steps(world)["rank"].lines == []


# --- the lead -------------------------------------------------------------------------------------
def test_the_hand_over_is_the_last_step(world):
    assert lines(steps(world)["lead"]) == [("Lập bàn giao", 0, 1, ["Chi cục A"])]
    made = services.hand_over_lead(
        world.bloc,
        YEAR,
        held_on=date(2024, 11, 20),
        document="Biên bản",
        actor=world.leaders[0],
        now=NOW,
    )
    assert lines(steps(world)["lead"])[1] == ("Xác nhận bàn giao", 0, 1, ["Chi cục B"])
    services.return_hand_over(made, reason="Thiếu", actor=world.heads[1], now=NOW)
    assert lines(steps(world)["lead"]) == [("Lập bàn giao", 0, 1, ["Chi cục A"])]


def test_a_year_without_a_leader_waits_for_nobody(world):
    BlocMembership.objects.filter(year=YEAR).update(role="member")
    found = queries.bloc_cycle(world.bloc, YEAR)
    assert found.leader is None
    assert found.first_for({1, 2, 3}, {1, 2, 3}) is None


# --- whose turn it is -----------------------------------------------------------------------------
def turn(world: BlocWorld, user: Any) -> str | None:
    line = queries.first_thing(queries.bloc_cycle(world.bloc, YEAR), user)
    return line.what if line else None


def test_each_is_told_the_first_thing_that_waits_for_him(world, parts, period):
    sent = f"Gửi phiếu kết quả {period.in_a_sentence}"
    round_ = world.open()
    assert turn(world, world.clerks[1]) == "Ký giao ước"
    assert turn(world, world.leaders[0]) == "Chốt giao ước"
    assert turn(world, world.leaders[1]) is None  # leads the year after
    assert turn(world, user_with("home_affairs", world.bloc.organiser)) is None
    world.signed(round_, 1)
    assert turn(world, world.heads[1]) == sent
    services.close_pledge_round(round_, anyway=True, actor=None, now=NOW)
    assert turn(world, world.leaders[0]) == f"Thẩm định phiếu kết quả {period.in_a_sentence}"


def test_scoring_as_it_is_opened_and_assigned_waits_for_who_scores(world, parts, period):
    BlocMembership.objects.filter(unit=world.units[1], year=YEAR).update(role="deputy")
    table_of(world, (Layer.SELF, 5), (Layer.PEER, 10), (Layer.BLOC, 20))
    for part in parts:
        sheet_of(part, period, "verified")
    opening = f"Mở chấm điểm {period.in_a_sentence}"
    assert turn(world, world.leaders[0]) == opening
    services.open_scoring(period, actor=world.leaders[0], now=NOW)
    table = ScoreTable.objects.get()
    assert turn(world, world.clerks[2]) == f"Tự chấm {period.in_a_sentence}"
    assert turn(world, world.leaders[0]) == f"Phân công chấm chéo {period.in_a_sentence}"
    services.assign_peers(period, table, actor=world.leaders[0], now=NOW, each=1)
    found = steps(world)
    assert [line.done for line in found["peer"].lines] == [3, 0]
    assert found["peer"].lines[1].url == (
        reverse("campaigns:campaign_scores", args=[world.campaign.ref]) + "?ky=2024"
    )
    appraised = f"Khối thẩm định điểm {period.in_a_sentence}"
    assert turn(world, world.leaders[0]) == turn(world, world.leaders[1]) == appraised
    assert found["rank"].lines[0].url == reverse(
        "campaigns:ranking_detail", args=[world.campaign.ref, "2024"]
    )


# --- the page -------------------------------------------------------------------------------------
def test_the_page_costs_the_same_for_one_plan_and_three(
    client_of, world, parts, period, django_assert_num_queries
):
    table = table_of(world, (Layer.SELF, 5), (Layer.PEER, 10))
    scored(parts[0], period, table, Layer.PEER, world.units[1], "draft")
    world.open()
    browser = client_of(world.clerks[0])
    page = reverse("campaigns:bloc_cycle", args=[world.bloc.ref, YEAR])
    text = browser.get(page).content.decode()
    assert "Việc làm được ngay" in text
    assert "Chi cục B chấm Chi cục A" in text
    with django_assert_num_queries(23) as counted:
        browser.get(page)
    for _ in range(2):
        plan = CampaignFactory(bloc=world.bloc, issuer=world.bloc.organiser, standing_agency=None)
        PeriodFactory(campaign=plan)
        for unit in world.units:
            ParticipationFactory(campaign=plan, unit=unit)
    with django_assert_num_queries(len(counted)):
        text = browser.get(page).content.decode()
    assert text.count("Gửi phiếu kết quả năm 2024") == 3


def test_a_year_without_plans_says_so(client_of, world):
    page = reverse("campaigns:bloc_cycle", args=[world.bloc.ref, YEAR])
    world.campaign.period_from = date(2025, 1, 1)
    world.campaign.save(update_fields=["period_from"])
    assert "Chưa có kế hoạch nào thực hiện" in client_of(world.clerks[0]).get(page).content.decode()
    late = reverse("campaigns:bloc_cycle", args=[world.bloc.ref, 99999999])
    assert client_of(world.clerks[0]).get(late).status_code == 404

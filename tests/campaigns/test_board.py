"""The board: its cells, over whom it sums, what the address chooses, what it costs."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from campaigns import policies
from campaigns.models import Campaign, Participation, Result, ResultSheet
from campaigns.queries import board
from campaigns.queries.board import Board, Wanted
from criteria.models import Indicator, Target
from tests.campaigns.world import World
from tests.factories import (
    NOW,
    CampaignFactory,
    GroupFactory,
    IndicatorFactory,
    KindFactory,
    ParticipationFactory,
    TargetFactory,
    UnitFactory,
    user_with,
)
from units.models import Bloc, BlocMembership, User

ClientOf = Callable[[User], Any]


def url(name: str, *args: object) -> str:
    return reverse(f"campaigns:{name}", args=args)


def text(response: Any) -> str:
    """What a reader sees: tags gone, blanks folded."""
    page = re.sub(r"<[^>]+>", " ", response.content.decode())
    return re.sub(r"\s+", " ", page)


def read(world: World, user: User | None = None, **wanted: str) -> Board:
    return board.board(world.campaign, world.period, user or world.verifier, Wanted(**wanted))


def names(found: Board) -> list[str]:
    return [row.unit.name for row in found.rows]


@pytest.fixture
def five(world: World) -> list[Participation]:
    """Four members in the four states of a result, the fifth without a sheet."""
    indicator = world.indicator(code="CT01", ref="ct01", measure_unit="hồ sơ")
    second = world.indicator(code="CT02", ref="ct02", target=50)
    parts = [world.part, *(world.member(name=f"Chi cục {n}") for n in "ABCD")]
    full = {"numerator": "9", "denominator": "10"}
    for part, typed in zip(
        parts,
        (
            full,
            {"numerator": "7", "denominator": "10"},
            {"choice": "nothing", "reason": "Không có hồ sơ"},
            {"choice": "not_applicable", "reason": "Không giao"},
        ),
        strict=False,
    ):
        world.accepted(part, {indicator: typed, second: full})
    return parts


# --- what stands in it ---------------------------------------------------------------------------
def test_each_state_has_its_icon_its_word_and_leads_to_its_cell(
    world: World, five: list[Participation], client_of: ClientOf
) -> None:
    page = client_of(world.verifier).get(url("board_table", world.campaign.ref))
    html = page.content.decode()
    sheet = five[1].result_sheets.get()
    indicator = Indicator.objects.get(code="CT01")
    href = f'href="{url("result_sheet_detail", sheet.pk)}#r{indicator.pk}"'
    cell = re.search(rf'<td class="h-miss"><a {href}>(.*?)</td>', html, re.S)
    assert cell
    assert "i-miss" in cell[1]
    assert "Chưa đạt" in cell[1]
    assert "70,0%" in cell[1]
    assert "thiếu 1 hồ sơ" in cell[1]
    for tone, icon, word in (
        ("h-ok", "i-ok", "Đạt"),
        ("h-nil", "i-nil", "không phát sinh"),
        ("h-na", "i-na", "không áp dụng"),
    ):
        found = re.search(rf'<td class="{tone}">(.*?)</td>', html, re.S)
        assert found, tone
        assert icon in found[1]
        assert word in found[1]
    assert "Chưa có số liệu: chưa mở phiếu" in text(page)
    assert "css/board" in html


def test_sums_stand_on_numerators_and_the_four_states_are_counted_apart(
    world: World, five: list[Participation], client_of: ClientOf
) -> None:
    page = text(client_of(world.verifier).get(url("board_table", world.campaign.ref)))
    assert "80,0% 16 trên 20" in page
    assert "Đơn vị đạt 1 trên 2 4 trên 4" in page
    assert "Đã có số liệu 2 4" in page
    assert "Không phát sinh 1 0" in page
    assert "Không áp dụng 1 0" in page
    assert "Chưa có số liệu 1 1" in page


def test_a_sheet_that_is_not_verified_counts_only_when_asked_for(
    world: World, five: list[Participation], client_of: ClientOf
) -> None:
    sheet = five[0].result_sheets.get()
    ResultSheet.objects.filter(pk=sheet.pk).update(state="submitted", verified_by=None)
    found = read(world)
    assert (found.waiting, found.columns[0].reported) == (1, 1)
    assert read(world, figures=board.PROVISIONAL).columns[0].reported == 2
    client = client_of(world.verifier)
    address = url("board_table", world.campaign.ref)
    page = client.get(address, {"trang-thai": "dat"})
    assert "1 phiếu đã gửi, chưa thẩm định không tính ở đây" in text(page)
    assert "?trang-thai=dat&amp;so-lieu=tam-tinh" in page.content.decode()
    assert "phiếu đã gửi, chưa thẩm định" in text(client.get(address))
    assert "Tạm tính" in text(client.get(address, {"so-lieu": "tam-tinh"}))


def test_a_target_of_its_own_stands_in_the_cell(world: World, client_of: ClientOf) -> None:
    indicator = world.indicator(target=None)
    Target.objects.create(indicator=indicator, unit_kind=world.branch.kind, value=60)
    world.accepted(world.part, {indicator: {"numerator": "1", "denominator": "2"}})
    page = text(client_of(world.verifier).get(url("board_table", world.campaign.ref)))
    assert "mức từ 60% trở lên" in page
    assert "Mức khác nhau theo đơn vị" in page


def test_answers_in_words_are_told_apart_from_silence(world: World, client_of: ClientOf) -> None:
    indicator = world.indicator(target=None, kind="narrative")
    world.accepted(world.part, {indicator: {"text": "Đã phát động"}})
    html = client_of(world.verifier).get(url("board_table", world.campaign.ref)).content.decode()
    assert re.search(r'<td class="h-told">.*?Đã trả lời', html, re.S)


# --- whose ---------------------------------------------------------------------------------------
def test_one_sees_the_units_whose_sheets_one_may_see(
    world: World, five: list[Participation], client_of: ClientOf
) -> None:
    assert names(read(world, world.clerk)) == [world.branch.name]
    found = read(world, world.clerk)
    assert (found.scope.name, found.columns[0].denominator) == ("Các đơn vị được xem", 10)
    assert len(read(world).rows) == 5
    assert read(world).scope.name == "Toàn kế hoạch"
    elsewhere = user_with("home_affairs", UnitFactory())
    assert not read(world, elsewhere).rows
    answer = client_of(elsewhere).get(url("board_table", world.campaign.ref))
    assert answer.status_code == 404


def test_who_plans_only_reads_no_figures(world: World, five: list[Participation]) -> None:
    """The issuer's planner enrols units of another tree; their sheets are not his to see."""
    issuer = UnitFactory()
    Campaign.objects.filter(pk=world.campaign.pk).update(issuer=issuer)
    planner = user_with("standing_agency", issuer)
    assert policies.viewable_participations(planner, 2024).count() == 5
    assert not policies.comparable_participations(planner, 2024).exists()
    assert policies.comparable_participations(world.verifier, 2024).count() == 5


# --- what the address chooses --------------------------------------------------------------------
def test_a_state_keeps_the_units_that_have_it_and_the_sums_stay(
    world: World, five: list[Participation]
) -> None:
    found = read(world, state="chua-dat")
    assert names(found) == ["Chi cục A"]
    assert found.columns[0].denominator == 20
    assert names(read(world, state="chua-co")) == ["Chi cục D"]
    assert names(read(world, state="khong-phat-sinh")) == ["Chi cục B"]
    assert names(read(world, state="khong-ap-dung")) == ["Chi cục C"]
    assert len(read(world, state="dat").rows) == 4
    assert len(read(world, state="gì đó").rows) == 5


def test_one_indicator_narrows_the_columns_and_the_state(
    world: World, five: list[Participation]
) -> None:
    found = read(world, indicator="ct01", state="dat")
    assert names(found) == [world.branch.name]
    assert [one.indicator.code for one in found.shown] == ["CT01"]
    assert len(found.columns) == 2
    assert len(read(world, indicator="không có").shown) == 2


def test_the_worst_first(world: World, five: list[Participation]) -> None:
    assert names(read(world, sort=board.WORST_FIRST))[0] == "Chi cục A"


def test_a_branch_of_the_tree_is_summed_alone(world: World, five: list[Participation]) -> None:
    district = UnitFactory(ref="huyen", name="Huyện Mẫu")
    below = [
        ParticipationFactory(
            campaign=world.campaign,
            unit=UnitFactory(parent=district, kind=world.branch.kind, name=f"Xã {n}"),
        )
        for n in range(2)
    ]
    indicators = list(Indicator.objects.order_by("code"))
    for part in below:
        world.accepted(part, {i: {"numerator": "1", "denominator": "4"} for i in indicators})
    found = read(world, within="huyen")
    assert names(found) == ["Xã 0", "Xã 1"]
    assert (found.columns[0].numerator, found.columns[0].denominator) == (2, 8)
    assert found.scope.name == "Huyện Mẫu"
    assert {choice.ref: choice.members for choice in found.scope.trees} == {
        "huyen": 2,
        world.office.ref: 5,
    }
    assert len(read(world, within="không có").rows) == 7


def test_a_bloc_is_summed_alone(world: World, five: list[Participation]) -> None:
    bloc = Bloc.objects.create(ref="khoi-1", name="Khối 1", organiser=world.office)
    for part in five[:2]:
        BlocMembership.objects.create(bloc=bloc, unit=part.unit, year=2024)
    BlocMembership.objects.create(bloc=bloc, unit=five[2].unit, year=2023)
    found = read(world, bloc="khoi-1")
    assert (found.columns[0].numerator, found.columns[0].denominator) == (16, 20)
    assert (len(found.rows), found.scope.name) == (2, "Khối 1")
    assert not found.scope.whole
    both = read(world, bloc="khoi-1", within=world.office.ref)
    assert len(both.rows) == 2


def test_each_group_is_a_table_of_its_own(world: World, client_of: ClientOf) -> None:
    world.indicator(code="CT01")
    commune = KindFactory(code="xa", name="Xã")
    group = GroupFactory(criteria_set=world.campaign.criteria_set, ref="xa", name="Các xã")
    group.unit_kinds.add(commune)
    IndicatorFactory(group=group, code="XA1")
    world.member(kind=commune, name="Xã Mẫu")
    assert [one.indicator.code for one in read(world).columns] == ["CT01"]
    found = read(world, group="xa")
    assert ([one.indicator.code for one in found.columns], names(found)) == (["XA1"], ["Xã Mẫu"])
    page = client_of(world.verifier).get(url("board_table", world.campaign.ref), {"nhom": "xa"})
    assert '<option value="xa" selected>' in page.content.decode()


def test_what_is_computed_stands_beside_its_source(world: World, client_of: ClientOf) -> None:
    source = world.indicator(code="CT01", target=None, kind="yes_no")
    once = GroupFactory(criteria_set=world.campaign.criteria_set, ref="tong", measured="once")
    share = IndicatorFactory(
        group=once, kind="derived", derivation="share", derived_from=source, code="TT1"
    )
    TargetFactory(indicator=share, value=50)
    count = IndicatorFactory(
        group=once, kind="derived", derivation="count", derived_from=source, code="TT2"
    )
    world.accepted(world.part, {source: {"yes": "yes"}})
    world.member()
    assert [one.indicator.code for one in read(world).derived] == ["TT1", "TT2"]
    client = client_of(world.verifier)
    page = text(client.get(url("board_table", world.campaign.ref)))
    assert "50,0% 1 trên 2 từ 50% trở lên" in page
    assert count.name in page
    alone = client.get(url("board_table", world.campaign.ref), {"nhom": "tong"})
    assert "Nhóm này không có tiêu chí do đơn vị nhập" in text(alone)
    assert "50,0%" in text(alone)


def test_an_empty_board_says_why(world: World, client_of: ClientOf) -> None:
    client, address = client_of(world.verifier), url("board_table", world.campaign.ref)
    assert "Chưa có đơn vị nào trong phạm vi được xem số liệu" in text(client.get(address))
    world.accepted(world.part, {world.indicator(): {"numerator": "9", "denominator": "10"}})
    page = client.get(address, {"trang-thai": "chua-dat"})
    assert "Không có đơn vị nào ở trạng thái này" in text(page)
    without = CampaignFactory(issuer=world.office)
    assert "Kế hoạch chưa có kỳ báo cáo" in text(client.get(url("board_table", without.ref)))


# --- what it costs -------------------------------------------------------------------------------
def crowd(world: World, units: int, indicators: int) -> None:
    """Many members whose sheets are verified, written at once."""
    asked = [world.indicator() for _ in range(indicators)]
    stamps = {
        "submitted_at": NOW,
        "submitted_by": world.head,
        "verified_at": NOW,
        "verified_by": world.verifier,
    }
    parts = [world.part, *(world.member() for _ in range(units - 1))]
    sheets = ResultSheet.objects.bulk_create(
        ResultSheet(participation=part, period=world.period, state="verified", **stamps)
        for part in parts
    )
    Result.objects.bulk_create(
        Result(
            result_sheet=sheet,
            indicator=indicator,
            state="reported",
            numerator=70 + (sheet.pk + indicator.pk) % 30,
            denominator=100,
            saved_at=NOW,
        )
        for sheet in sheets
        for indicator in asked
    )


@pytest.mark.parametrize("units", [3, 70])
def test_the_page_costs_the_same_for_three_units_and_seventy(
    world: World, client_of: ClientOf, units: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    crowd(world, units, indicators=4)
    client = client_of(world.verifier)
    # session, user, grants, plan, periods, scope 3, frame 5, sums 2, waiting, rows 3
    with django_assert_num_queries(19):
        page = client.get(url("board_table", world.campaign.ref))
    rows = page.content.decode().count('<th scope="row"><a')
    assert rows == min(units, 60)
    everything = client.get(url("board_table", world.campaign.ref), {"hien": "tat-ca"})
    assert everything.content.decode().count('<th scope="row"><a') == units

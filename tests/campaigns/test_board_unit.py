"""One unit over the years of its plan."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from campaigns.models import Campaign, Period, ResultSheet
from campaigns.queries import tracks
from campaigns.queries.board import SENT
from campaigns.queries.tracks import UnitTracks
from criteria.models import Indicator
from tests.campaigns.test_board import text
from tests.campaigns.world import World
from tests.factories import (
    CampaignFactory,
    ParticipationFactory,
    PeriodFactory,
    UnitFactory,
    user_with,
)
from units.models import Bloc, BlocMembership, User

ClientOf = Callable[[User], Any]
TODAY = date(2024, 11, 24)


def address(campaign: Campaign, ref: str) -> str:
    return reverse("campaigns:board_unit", args=[campaign.ref, ref])


def period_of(world: World, year: int) -> Period:
    return PeriodFactory(
        campaign=world.campaign,
        ref=str(year),
        name=f"Năm {year}",
        period_from=date(year, 1, 1),
        period_to=date(year, 12, 31),
    )


def follow(world: World, user: User | None = None) -> UnitTracks | None:
    return tracks.unit_tracks(
        world.campaign,
        list(world.campaign.periods.order_by("period_from")),
        world.branch.ref,
        user or world.verifier,
        today=TODAY,
        counted=ResultSheet.ACCEPTED,
    )


@pytest.fixture
def years(world: World) -> Indicator:
    """60 % in 2022, nothing verified in 2023, 90 % in 2024; one more question in words."""
    indicator = world.indicator(code="CT01")
    words = world.indicator(code="CT02", target=None, kind="narrative")
    yes = world.indicator(code="CT03", target=None, kind="yes_no")
    now = world.period
    for year, figure in ((2022, "6"), (2024, "9")):
        world.period = now if year == 2024 else period_of(world, year)
        world.accepted(
            world.part,
            {
                indicator: {
                    "numerator": figure,
                    "denominator": "10",
                    "reason": f"Giải trình năm {year}",
                },
                words: {"text": f"Đã phát động năm {year}"},
                yes: {"yes": "yes"},
            },
        )
    world.period = period_of(world, 2023)
    world.fill(world.sheet(), indicator, numerator="1", denominator="10")
    world.period = now
    return indicator


def test_each_indicator_stands_period_by_period(
    world: World, years: Indicator, client_of: ClientOf
) -> None:
    found = follow(world)
    assert found
    first, second, third = found.tracks
    assert [(period.ref, cell.shown) for period, cell in first.years] == [
        ("2022", "60,0%"),
        ("2023", "–"),
        ("2024", "90,0%"),
    ]
    assert first.chart
    assert first.chart.words == "2022: 60,0%; 2023: chưa có; 2024: 90,0%"
    assert (second.chart, third.chart) == (None, None)
    page = client_of(world.verifier).get(address(world.campaign, world.branch.ref))
    words = text(page)
    assert "Năm 2022 60,0% 6 trên 10 từ 80% trở lên Chưa đạt thiếu 2" in words
    assert "Năm 2023 – – từ 80% trở lên Chưa có số liệu" in words
    assert "Đã phát động năm 2022" in words
    assert "Giải trình năm 2024" in words
    assert "Đang nhập" in words
    sheet = ResultSheet.objects.get(period__ref="2022")
    assert f"/phieu/{sheet.pk}/#r{years.pk}" in page.content.decode()


def test_sheets_on_their_way_count_when_asked_for(
    world: World, years: Indicator, client_of: ClientOf
) -> None:
    sheet = ResultSheet.objects.get(period__ref="2024")
    ResultSheet.objects.filter(pk=sheet.pk).update(state="submitted", verified_by=None)
    client, where = client_of(world.clerk), address(world.campaign, world.branch.ref)
    assert "90,0%" not in text(client.get(where))
    assert "90,0%" in text(client.get(where, {"so-lieu": "tam-tinh"}))
    assert "submitted" in SENT


def test_the_units_other_plans_are_named_if_one_may_read_them(
    world: World, years: Indicator, client_of: ClientOf
) -> None:
    other = CampaignFactory(issuer=world.office, title="Phong trào khác")
    ParticipationFactory(campaign=other, unit=world.branch)
    draft = CampaignFactory(title="Dự thảo", state="draft")
    ParticipationFactory(campaign=draft, unit=world.branch)
    ParticipationFactory(campaign=CampaignFactory(issuer=world.office), unit=UnitFactory())
    found = follow(world, world.clerk)
    assert found
    assert found.others == [other]
    page = client_of(world.clerk).get(address(world.campaign, world.branch.ref))
    assert address(other, world.branch.ref) in page.content.decode()


def test_strangers_and_units_that_take_no_part_are_not_found(
    world: World, years: Indicator, client_of: ClientOf
) -> None:
    client = client_of(world.verifier)
    assert client.get(address(world.campaign, world.office.ref)).status_code == 404
    assert client.get(address(world.campaign, "khong-co")).status_code == 404
    sibling = world.member()
    neighbour = user_with("clerk", sibling.unit)
    assert client_of(neighbour).get(address(world.campaign, world.branch.ref)).status_code == 404
    world.campaign.periods.exclude(result_sheets__isnull=False).delete()
    ParticipationFactory(campaign=(bare := CampaignFactory(issuer=world.office)), unit=world.branch)
    assert client.get(address(bare, world.branch.ref)).status_code == 404


def test_a_unit_without_indicators_says_so(world: World, client_of: ClientOf) -> None:
    page = client_of(world.verifier).get(address(world.campaign, world.branch.ref))
    assert "Đơn vị không có tiêu chí nào" in text(page)


def test_the_leader_of_a_bloc_reads_the_years_of_his_lead(world: World, years: Indicator) -> None:
    bloc = Bloc.objects.create(ref="khoi", name="Khối", organiser=world.office)
    lead = UnitFactory(name="Đơn vị Trưởng")
    Campaign.objects.update(bloc=bloc, standing_agency=None)
    for year in (2023, 2024):
        BlocMembership.objects.create(bloc=bloc, unit=lead, year=year, role="head")
    leader = user_with("bloc_leader", lead)
    world.campaign.refresh_from_db()
    found = follow(world, leader)
    assert found
    assert [period.ref for period, _row in found.sheets] == ["2023", "2024"]


@pytest.mark.parametrize("count", [1, 6])
def test_the_page_costs_the_same_for_one_indicator_and_six(
    world: World, client_of: ClientOf, count: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    asked = [world.indicator() for _ in range(count)]
    world.accepted(world.part, {one: {"numerator": "9", "denominator": "10"} for one in asked})
    client = client_of(world.verifier)
    # session, user, grants, plan, periods, unit, whether he may, figures 8, other plans
    with django_assert_num_queries(16):
        client.get(address(world.campaign, world.branch.ref))

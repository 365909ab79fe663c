"""One indicator over all units: the number opens to the units and cells it came from."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from campaigns import services
from campaigns.models import Participation
from campaigns.queries import comparison
from campaigns.queries.board import Wanted
from campaigns.queries.comparison import Comparison
from criteria.models import Indicator
from tests.campaigns.test_board import crowd, text
from tests.campaigns.world import World
from tests.factories import (
    NOW,
    GroupFactory,
    IndicatorFactory,
    PeriodFactory,
    TargetFactory,
    UnitFactory,
)
from units.models import User

ClientOf = Callable[[User], Any]
NIL = {"choice": "nothing", "reason": "Không có hồ sơ"}


def address(world: World, indicator: Indicator) -> str:
    return reverse("campaigns:board_indicator", args=[world.campaign.ref, indicator.ref])


def compare(
    world: World, indicator: Indicator, user: User | None = None, **wanted: str
) -> Comparison:
    return comparison.comparison(
        world.campaign,
        list(world.campaign.periods.order_by("period_from")),
        world.period,
        indicator,
        user or world.verifier,
        Wanted(**wanted),
    )


@pytest.fixture
def ratio(world: World) -> Indicator:
    return world.indicator(code="CT01", ref="ct01", measure_unit="hồ sơ")


@pytest.fixture
def four(world: World, ratio: Indicator) -> list[Participation]:
    parts = [world.part, *(world.member(name=f"Chi cục {n}") for n in "ABC")]
    world.accepted(parts[0], {ratio: {"numerator": "7", "denominator": "10"}})
    world.accepted(parts[1], {ratio: {"numerator": "9", "denominator": "10"}})
    world.accepted(parts[2], {ratio: NIL})
    return parts


def test_bars_are_sorted_and_carry_the_target(
    world: World, ratio: Indicator, four: list[Participation], client_of: ClientOf
) -> None:
    found = compare(world, ratio)
    assert [
        (bar.unit.name, bar.reach.width, bar.reach.target) for bar in found.lines if bar.reach
    ] == [
        ("Chi cục A", 900, 800),
        (world.branch.name, 700, 800),
    ]
    assert (found.one_target, found.finding) == (
        "từ 80% trở lên",
        "1 trên 2 đơn vị có số liệu đạt mục tiêu",
    )
    html = client_of(world.verifier).get(address(world, ratio)).content.decode()
    bars = re.search(r'<ol class="bars">(.*?)</ol>', html, re.S)
    assert bars
    assert bars[1].index("Chi cục A") < bars[1].index(world.branch.name)
    assert 'class="f-ok" fill="#17603a" width="900"' in bars[1]
    assert '<rect class="f-accent" fill="#a4161a" x="797"' in bars[1]
    assert 'aria-label="Chưa đạt"' in bars[1]


def test_the_sum_opens_to_its_cells(
    world: World, ratio: Indicator, four: list[Participation], client_of: ClientOf
) -> None:
    page = client_of(world.verifier).get(address(world, ratio))
    words = text(page)
    assert "Toàn kế hoạch: 80,0%" in words
    assert "16 Đã làm" in words
    assert "20 Tổng số" in words
    assert "80,0% tính từ 2 đơn vị có số liệu" in words
    assert "Chi cục A 9 10 90,0% từ 80% trở lên Đạt" in words
    assert "Cộng 2 đơn vị 16 20 80,0%" in words
    sheet = four[1].result_sheets.get()
    assert f'href="/phieu/{sheet.pk}/#r{ratio.pk}"' in page.content.decode()


def test_who_has_no_figure_is_listed_by_reason(
    world: World, ratio: Indicator, four: list[Participation], client_of: ClientOf
) -> None:
    services.open_sheet(four[3], world.period, actor=world.clerk, now=NOW)
    words = text(client_of(world.verifier).get(address(world, ratio)))
    assert "Không phát sinh (1) Chi cục B: Không có hồ sơ" in words
    assert "Chưa có số liệu (1) Chi cục C (phiếu đang nhập)" in words


def test_targets_that_differ_are_drawn_one_by_one(world: World) -> None:
    indicator = world.indicator(target=None)
    other = world.member()
    for part, value in ((world.part, 50), (other, 60)):
        TargetFactory(indicator=indicator, unit=part.unit, value=value)
        world.accepted(part, {indicator: {"numerator": "1", "denominator": "2"}})
    found = compare(world, indicator)
    assert found.one_target == ""
    assert sorted(bar.reach.target or 0 for bar in found.lines if bar.reach) == [500, 600]


def test_what_is_judged_as_a_whole_draws_no_target_for_a_unit(world: World) -> None:
    world.group.measured = "sum"
    world.group.save()
    indicator = world.indicator(target=3, kind="count", measure_unit="mô hình")
    world.accepted(world.part, {indicator: {"value": "2"}})
    found = compare(world, indicator)
    assert [bar.reach.target for bar in found.lines if bar.reach] == [None]
    assert (found.figure.mark, found.one_target) == (3, "")


def test_a_derived_share_opens_to_the_units_that_meet_the_condition(
    world: World, client_of: ClientOf
) -> None:
    source = world.indicator(code="XA1", target=None, kind="yes_no")
    TargetFactory(indicator=source, operator="=", value=1)
    once = GroupFactory(criteria_set=world.campaign.criteria_set, measured="once")
    share = IndicatorFactory(group=once, kind="derived", derivation="share", derived_from=source)
    TargetFactory(indicator=share, value=50)
    parts = [world.part, world.member(), world.member()]
    world.accepted(parts[0], {source: {"yes": "yes"}})
    world.accepted(parts[1], {source: {"yes": "no"}})
    found = compare(world, share)
    assert (found.source.hits, found.by_condition, found.drawn.bars) == (1, True, 0)
    assert [(one.word, one.count) for one in found.slices] == [
        ("Đạt", 1),
        ("Chưa đạt", 1),
        ("Chưa có số liệu", 1),
    ]
    words = text(client_of(world.verifier).get(address(world, share)))
    assert "33,3% tính từ 2 đơn vị có số liệu" in words
    assert "1 đơn vị có kết quả đạt ở XA1" in words
    assert "3 đơn vị thuộc nhóm" in words
    assert "Cộng 2 đơn vị 1 đơn vị có có Không xét mức 1 trên 3" in words
    away = {"choice": "not_applicable", "reason": "Không có thủ tục"}
    world.accepted(parts[2], {source: away})
    page = client_of(world.verifier).get(address(world, share))
    words = text(page)
    assert "2 đơn vị thuộc nhóm" in words
    assert "trừ 1 đơn vị không áp dụng" in words
    assert "Không xét mức 1 trên 2" in words
    assert page.content.decode().count('<td data-label="Tính vào tử số">–</td>') == 1


def test_a_derived_sum_opens_to_numerators_and_denominators(
    world: World, ratio: Indicator, four: list[Participation], client_of: ClientOf
) -> None:
    once = GroupFactory(criteria_set=world.campaign.criteria_set, measured="once")
    total = IndicatorFactory(group=once, kind="derived", derivation="sum", derived_from=ratio)
    found = compare(world, total)
    assert (found.derived, found.by_condition, found.drawn.bars) == (True, False, 2)
    words = text(client_of(world.verifier).get(address(world, total)))
    assert "Cộng 2 đơn vị 16 20 80,0%" in words
    assert "Tính từ CT01" in words


def test_answers_in_words_are_read_one_by_one(world: World, client_of: ClientOf) -> None:
    indicator = world.indicator(target=None, kind="narrative")
    world.accepted(world.part, {indicator: {"text": "Đã phát động thi đua"}})
    world.member()
    words = text(client_of(world.verifier).get(address(world, indicator)))
    assert "1 trên 2 đơn vị đã trả lời" in words
    assert "Đã phát động thi đua" in words
    assert compare(world, indicator).slices == []


def test_the_periods_stand_side_by_side(
    world: World, ratio: Indicator, four: list[Participation], client_of: ClientOf
) -> None:
    before = PeriodFactory(
        campaign=world.campaign,
        ref="2023",
        name="Năm 2023",
        period_from=date(2023, 1, 1),
        period_to=date(2023, 12, 31),
    )
    now, world.period = world.period, before
    world.accepted(four[0], {ratio: {"numerator": "1", "denominator": "2"}})
    world.period = now
    found = compare(world, ratio)
    assert [year.figure.shown for year in found.years] == ["50,0%", "80,0%"]
    assert found.chart
    assert found.chart.words == "2023: 50,0%; 2024: 80,0%"
    client = client_of(world.verifier)
    html = client.get(address(world, ratio), {"ky": "2024"}).content.decode()
    assert '<svg class="chart"' in html
    assert 'd="M' in html
    assert "50,0%" in text(client.get(address(world, ratio), {"ky": "2023"}))


def test_a_half_year_is_named_as_one(world: World, ratio: Indicator) -> None:
    world.period.kind = "half"
    world.period.save()
    one = compare(world, ratio).years[0]
    assert comparison.period_label(one.period) == "6 tháng 2024"


def test_nobody_to_compare_and_nothing_to_compare_by(world: World, client_of: ClientOf) -> None:
    client = client_of(world.verifier)
    group = GroupFactory(criteria_set=world.campaign.criteria_set)
    group.units.add(UnitFactory())
    nobody = IndicatorFactory(group=group)
    words = text(client.get(address(world, nobody)))
    assert "Tiêu chí này không đo đơn vị nào trong phạm vi được xem" in words
    elsewhere = IndicatorFactory()
    assert client.get(address(world, elsewhere)).status_code == 404
    nominee = GroupFactory(criteria_set=world.campaign.criteria_set, measured="nominee")
    assert client.get(address(world, IndicatorFactory(group=nominee))).status_code == 404
    world.campaign.periods.all().delete()
    assert client.get(address(world, nobody)).status_code == 404


@pytest.mark.parametrize("units", [3, 30])
def test_the_page_costs_the_same_for_three_units_and_thirty(
    world: World, client_of: ClientOf, units: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    crowd(world, units, indicators=2)
    indicator = Indicator.objects.order_by("pk")[0]
    client = client_of(world.verifier)
    # those of the board without those of its rows, the indicator; order, members, sheets, results
    # of the page
    with django_assert_num_queries(20):
        page = client.get(address(world, indicator))
    assert page.content.decode().count("bars__name") == units


def test_the_units_are_shown_by_the_page(world: World, client_of: ClientOf) -> None:
    """62 with a figure, the highest first; 61 more have none. The sums are of all of them."""
    crowd(world, 62, indicators=1)
    for _ in range(61):
        world.member()
    indicator = Indicator.objects.get()
    client = client_of(world.verifier)
    first = client.get(address(world, indicator))
    html = first.content.decode()
    assert html.count("bars__name") == 60
    assert html.count('<th scope="row"><a href="/phieu/') == 60
    assert "Cộng 62 đơn vị" in text(first)
    assert "Chưa có số liệu (61)" in text(first)
    assert "… đủ 61 đơn vị trong bảng dưới đây" in text(first)
    assert "1–60 trên 123 đơn vị" in text(first)
    second = client.get(address(world, indicator), {"page": "2"}).content.decode()
    assert second.count("bars__name") == 2
    third = client.get(address(world, indicator), {"page": "3"}).content.decode()
    assert third.count("bars__name") == 0
    whole = client.get(address(world, indicator), {"hien": "tat-ca"}).content.decode()
    assert whole.count("bars__name") == 62

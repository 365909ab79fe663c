"""A target on the change against the year before: on the sheet, in the figures, on the board."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from campaigns import queries, services
from campaigns.models import Participation, Period, ResultSheet
from campaigns.queries.frame import frame_of
from campaigns.queries.rollup import rollup
from criteria.models import Indicator
from criteria.rules import Verdict
from tests.campaigns.blocs import make_bloc_world
from tests.campaigns.test_board import ClientOf
from tests.campaigns.test_figures import derived, figure
from tests.campaigns.world import World
from tests.factories import NOW, ParticipationFactory, PeriodFactory, TargetFactory

LAST_YEAR = NOW - timedelta(days=365)
EARLY = NOW - timedelta(days=730)


def year(world: World, number: int, **fields: object) -> Period:
    return PeriodFactory(
        campaign=world.campaign,
        ref=fields.pop("ref", str(number)),
        name=f"Năm {number}",
        period_from=date(number, 1, 1),
        period_to=date(number, 12, 31),
        closes_on=date(number + 1, 1, 31),
        **fields,
    )


def enter(world, part, period, indicator, now, accept=True, **typed):
    sheet = services.open_sheet(part, period, actor=world.clerk, now=now)
    services.record_result(sheet, indicator, typed, 0, actor=world.clerk, now=now)
    if accept:
        sheet = services.submit_sheet(sheet, actor=world.head, now=now)
        services.verify_sheet(sheet, actor=world.verifier, now=now)
    return sheet


def share(percent: int, of: int = 100) -> dict[str, str]:
    return {"numerator": str(percent), "denominator": str(of)}


@pytest.fixture
def before(world: World) -> Period:
    return year(world, 2023)


@pytest.fixture
def rising(world: World) -> Indicator:
    """Tăng từ 5 đến 10 điểm phần trăm so với năm trước."""
    indicator = world.indicator(target=None, ref="tang", measure_unit="hồ sơ")
    TargetFactory(indicator=indicator, operator="between", value=5, value_to=10, basis="rise")
    return indicator


def row_of(world: World) -> queries.Row:
    (row,) = queries.sheet_page(world.sheet()).rows
    return row


# --- the sheet ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("now", "verdict", "said"),
    [
        (65, Verdict.MET, "tăng 5 điểm phần trăm"),
        (64, Verdict.NOT_MET, "tăng 4 điểm phần trăm, thiếu 1 hồ sơ"),
        (71, Verdict.NOT_MET, "tăng 11 điểm phần trăm, vượt 1 hồ sơ"),
        (58, Verdict.NOT_MET, "giảm 2 điểm phần trăm, thiếu 7 hồ sơ"),
    ],
)
def test_a_sheet_holds_the_change_against_the_range(
    world: World, before: Period, rising: Indicator, now: int, verdict: Verdict, said: str
) -> None:
    enter(world, world.part, before, rising, LAST_YEAR, **share(60))
    world.fill(world.sheet(), rising, **share(now))
    row = row_of(world)
    assert row.target == "tăng từ 5 đến 10 điểm phần trăm so với năm trước"
    assert row.last is not None
    assert (row.last.shown, row.judgement.verdict) == ("60,0%", verdict)
    assert row.judgement.shortfall == said


@pytest.mark.parametrize(
    ("accepted", "verdict"), [(True, Verdict.MET), (False, Verdict.NOT_JUDGED)]
)
def test_the_lead_sees_the_same_verdict(
    world: World, before: Period, rising: Indicator, accepted: bool, verdict: Verdict
) -> None:
    enter(world, world.part, before, rising, LAST_YEAR, accept=accepted, **share(60))
    world.fill(world.sheet(), rising, **share(65))
    services.submit_sheet(world.sheet(), actor=world.head, now=NOW)
    (row,) = queries.lead_page(world.period, [rising], rising, world.verifier).rows
    assert row.judgement is not None
    assert row.judgement.verdict == verdict
    assert row.last is not None


def test_the_first_year_has_nothing_to_rise_from(
    world: World, rising: Indicator, client_of: ClientOf
) -> None:
    sheet = world.sheet()
    world.fill(sheet, rising, **share(60))
    row = row_of(world)
    assert row.judgement.verdict == Verdict.NOT_JUDGED
    assert row.judgement.shortfall == "chưa có số năm trước để so"
    page = client_of(world.clerk).get(f"/phieu/{sheet.pk}/").content.decode()
    assert "chưa có số năm trước để so" in page


def test_a_year_before_counts_once_it_is_verified(
    world: World, before: Period, rising: Indicator
) -> None:
    """As on the board and in reports; the figure itself stands beside all the same."""
    held = enter(world, world.part, before, rising, LAST_YEAR, accept=False, **share(60))
    world.fill(world.sheet(), rising, **share(65))
    row = row_of(world)
    assert row.last is not None
    assert (row.last.shown, row.judgement.verdict) == ("60,0%", Verdict.NOT_JUDGED)
    held = services.submit_sheet(held, actor=world.head, now=LAST_YEAR)
    services.verify_sheet(held, actor=world.verifier, now=LAST_YEAR)
    assert row_of(world).judgement.verdict == Verdict.MET


def test_a_year_left_out_is_no_year_before(world: World, rising: Indicator) -> None:
    enter(world, world.part, year(world, 2022), rising, EARLY, **share(60))
    world.fill(world.sheet(), rising, **share(66))
    row = row_of(world)
    assert row.last is not None  # the last that was reported stands beside
    assert row.judgement.verdict == Verdict.NOT_JUDGED


def test_a_first_year_that_began_late_is_the_year_before(world: World, rising: Indicator) -> None:
    """A plan that is started in the browser begins its first year on its own first day."""
    first = year(world, 2023)
    Period.objects.filter(pk=first.pk).update(period_from=date(2023, 9, 1))
    enter(world, world.part, Period.objects.get(pk=first.pk), rising, LAST_YEAR, **share(60))
    sheet = world.accepted(world.part, {rising: share(65)})
    (row,) = queries.sheet_rows(sheet)
    assert (row.judgement.verdict, row.judgement.shortfall) == (
        Verdict.MET,
        "tăng 5 điểm phần trăm",
    )
    assert summed(world, rising).verdict == Verdict.MET
    (lead,) = queries.lead_page(world.period, [rising], rising, world.verifier).rows
    assert lead.judgement is not None
    assert lead.judgement.verdict == Verdict.MET


def test_half_a_year_is_held_against_the_same_half(world: World, rising: Indicator) -> None:
    def half(number: int, first: int, last: date) -> Period:
        return PeriodFactory(
            campaign=world.campaign,
            ref=f"{number}-{first}",
            kind="half",
            name=f"Nửa năm {first}/{number}",
            period_from=date(number, first, 1),
            period_to=last,
            closes_on=date(2024, 12, 31),
        )

    first, second = half(2023, 1, date(2023, 6, 30)), half(2023, 7, date(2023, 12, 31))
    enter(world, world.part, first, rising, LAST_YEAR, **share(50))
    enter(world, world.part, second, rising, LAST_YEAR, **share(60))
    this = half(2024, 1, date(2024, 6, 30))
    sheet = enter(world, world.part, this, rising, NOW, accept=False, **share(57))
    (row,) = queries.sheet_page(sheet).rows
    assert row.last is not None
    assert row.last.shown == "60,0%"  # the half just before stands beside
    assert row.judgement.shortfall == "tăng 7 điểm phần trăm"


# --- the figures ----------------------------------------------------------------------------------
def test_the_sum_is_held_against_the_sum_of_the_year_before(
    world: World, before: Period, rising: Indicator
) -> None:
    other = world.member()
    for part, old, new in ((world.part, share(1, 10), share(3, 10)), (other, share(59, 90), None)):
        enter(world, part, before, rising, LAST_YEAR, **old)
        world.accepted(part, {rising: new or share(62, 90)})
    one = figure(world, rising)
    assert (one.shown, one.verdict) == ("65,0%", Verdict.MET)  # 60 of 100, then 65 of 100
    assert (one.shortfall, one.mark) == ("tăng 5 điểm phần trăm", 65)
    cells = one.cells
    assert cells[world.branch.pk].shortfall == "tăng 20 điểm phần trăm, vượt 1 hồ sơ"
    assert (one.met, one.not_met) == (0, 2)


def test_only_an_accepted_year_before_counts(
    world: World, before: Period, rising: Indicator
) -> None:
    enter(world, world.part, before, rising, LAST_YEAR, accept=False, **share(60))
    world.accepted(world.part, {rising: share(65)})
    one = figure(world, rising)
    assert (one.verdict, one.cells[world.branch.pk].verdict) == (
        Verdict.NOT_JUDGED,
        Verdict.NOT_JUDGED,
    )
    assert one.shortfall == "chưa có số năm trước để so"


def test_what_was_read_of_the_year_before_is_told_as_read(
    world: World, before: Period, rising: Indicator
) -> None:
    old = enter(world, world.part, before, rising, LAST_YEAR, **share(60))
    now = world.accepted(world.part, {rising: share(65)})
    found = queries.figures(world.campaign, world.period)
    assert set(found.revisions) == {old.pk, now.pk}


def test_a_falling_number(world: World, before: Period) -> None:
    falling = world.indicator(target=None, kind="count", measure_unit="vụ")
    TargetFactory(indicator=falling, operator=">=", value=10, basis="fall_percent")
    enter(world, world.part, before, falling, LAST_YEAR, value="40")
    world.accepted(world.part, {falling: {"value": "37"}})
    one = figure(world, falling)
    assert one.target == "giảm ít nhất 10% so với năm trước"
    assert (one.shown, one.verdict, one.shortfall) == (
        "37 vụ",
        Verdict.NOT_MET,
        "giảm 7,5%, vượt 1 vụ",
    )


def test_a_share_of_units_that_rise_may_itself_have_to_rise(world: World, before: Period) -> None:
    source = world.indicator(target=None)
    TargetFactory(indicator=source, operator=">=", value=5, basis="rise")
    total = derived(world, source, "share", 1)
    total.targets.update(basis="rise", value=50)
    other, first = world.member(), year(world, 2022)
    for part, figures in ((world.part, (50, 60, 70)), (other, (50, 51, 60))):
        enter(world, part, first, source, EARLY, **share(figures[0]))
        enter(world, part, before, source, LAST_YEAR, **share(figures[1]))
        world.accepted(part, {source: share(figures[2])})
    one = figure(world, total)  # one of two rose by 5 points in 2023, both did in 2024
    assert (one.shown, one.shortfall, one.verdict) == (
        "100,0%",
        "tăng 50 điểm phần trăm",
        Verdict.MET,
    )


@pytest.fixture
def falling(world: World) -> Indicator:
    """Giảm ít nhất 10% tổng số so với năm trước."""
    world.group.measured = "sum"
    world.group.save()
    indicator = world.indicator(target=None, kind="quantity", measure_unit="người")
    TargetFactory(indicator=indicator, operator=">=", value=10, basis="fall_percent")
    return indicator


def summed(world: World, indicator: Indicator) -> queries.Figure:
    """The figure of the plan as the board shows it, which a report agrees to."""
    found = rollup(frame_of(world.campaign, [world.period]), None, ResultSheet.ACCEPTED)
    (one,) = (one for one in found.figures(world.period) if one.indicator.pk == indicator.pk)
    assert one == replace(figure(world, indicator), cells={})
    return one


def test_a_sum_is_held_against_the_sum_of_the_same_units(
    world: World, before: Period, falling: Indicator
) -> None:
    """Each unit rose by a tenth; that most have not been accepted yet is no fall."""
    parts = [world.part, world.member(), world.member()]
    for part in parts:
        enter(world, part, before, falling, LAST_YEAR, value="100")
    world.accepted(parts[0], {falling: {"value": "110"}})
    one = summed(world, falling)
    assert (one.shown, one.verdict, one.mark) == ("110 người", Verdict.NOT_MET, 90)
    assert one.shortfall == "tăng 10%, vượt 20 người, so trên 1 đơn vị có báo cáo cả hai năm"
    for part in parts[1:]:
        world.accepted(part, {falling: {"value": "110"}})
    one = summed(world, falling)
    assert (one.verdict, one.mark) == (Verdict.NOT_MET, 270)
    assert one.shortfall == "tăng 10%, vượt 60 người"


def test_a_unit_that_is_new_does_not_make_a_sum_rise(
    world: World, before: Period, falling: Indicator
) -> None:
    """No level follows from the change: the figure is of more units than are compared."""
    enter(world, world.part, before, falling, LAST_YEAR, value="100")
    world.accepted(world.part, {falling: {"value": "80"}})
    world.accepted(world.member(), {falling: {"value": "50"}})
    one = summed(world, falling)
    assert (one.shown, one.verdict, one.mark) == ("130 người", Verdict.MET, None)
    assert one.shortfall == "giảm 20%, so trên 1 đơn vị có báo cáo cả hai năm"


def test_nothing_to_report_is_a_report(world: World, before: Period, falling: Indicator) -> None:
    other = world.member()
    for part in (world.part, other):
        enter(world, part, before, falling, LAST_YEAR, value="50")
    world.accepted(world.part, {falling: {"value": "50"}})
    world.accepted(other, {falling: {"choice": "nothing", "reason": "Không có ai"}})
    one = summed(world, falling)
    assert (one.verdict, one.shortfall) == (Verdict.MET, "giảm 50%")


def test_where_no_unit_reported_in_both_years_nothing_is_compared(
    world: World, before: Period, falling: Indicator
) -> None:
    enter(world, world.part, before, falling, LAST_YEAR, value="100")
    world.accepted(world.member(), {falling: {"value": "50"}})
    one = summed(world, falling)
    assert (one.shown, one.verdict) == ("50 người", Verdict.NOT_JUDGED)
    assert one.shortfall == "chưa có số năm trước để so"


def test_a_share_of_units_is_compared_once_those_of_the_year_before_have_reported(
    world: World, before: Period
) -> None:
    """Who has not answered does not meet the condition, which is no fall yet."""
    source = world.indicator(target=None, kind="yes_no")
    total = derived(world, source, "count", 1)
    total.targets.update(basis="fall", value=1)
    parts = [world.part, world.member(), world.member()]
    for part in parts:
        enter(world, part, before, source, LAST_YEAR, yes="yes")
    world.accepted(parts[0], {source: {"yes": "yes"}})
    one = summed(world, total)
    assert (one.verdict, one.mark) == (Verdict.NOT_JUDGED, None)
    assert one.shortfall == "mới có 1 trên 3 đơn vị đã báo cáo năm trước nên chưa so"
    world.accepted(parts[1], {source: {"yes": "yes"}})
    world.accepted(parts[2], {source: {"yes": "no"}})
    one = summed(world, total)
    assert (one.verdict, one.mark) == (Verdict.MET, 2)
    assert one.shortfall.startswith("giảm 1")


@pytest.mark.django_db
def test_a_figure_given_once_is_compared_whoever_gives_it() -> None:
    """The leader of the bloc enters it, and another one led the year before."""
    world = make_bloc_world()
    world.group.measured = "once"
    world.group.save()
    rising = world.indicator(target=None, kind="quantity")
    TargetFactory(indicator=rising, operator=">=", value=10, basis="rise")
    sent = {"submitted_by": world.heads[0], "verified_by": world.clerks[0]}
    for place, (number, value) in enumerate([(2024, 100), (2025, 110)]):
        period = PeriodFactory(
            campaign=world.campaign,
            ref=str(number),
            period_from=date(number, 1, 1),
            period_to=date(number, 12, 31),
            closes_on=date(number + 1, 1, 31),
        )
        part = ParticipationFactory(campaign=world.campaign, unit=world.units[place])
        sheet = ResultSheet.objects.create(
            participation=part,
            period=period,
            state="verified",
            submitted_at=NOW,
            verified_at=NOW,
            **sent,
        )
        sheet.results.create(indicator=rising, state="reported", value=value, saved_at=NOW)
    (one,) = queries.figures(world.campaign, period).indicators
    assert (one.verdict, one.shortfall) == (Verdict.MET, "tăng 10")


@pytest.mark.parametrize("units", [1, 3])
def test_the_number_of_queries_is_fixed(
    world: World,
    before: Period,
    rising: Indicator,
    units: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    parts: list[Participation] = [world.part, *(world.member() for _ in range(units - 1))]
    for part in parts:
        enter(world, part, before, rising, LAST_YEAR, **share(60))
        world.accepted(part, {rising: share(65)})
    with django_assert_num_queries(9):
        assert queries.figures(world.campaign, world.period).indicators[0].met == units


def test_a_page_over_the_years_shows_the_level_of_each(
    world: World, before: Period, rising: Indicator, client_of: ClientOf
) -> None:
    enter(world, world.part, before, rising, LAST_YEAR, **share(60))
    world.accepted(world.part, {rising: share(65)})
    address = reverse("campaigns:board_indicator", args=[world.campaign.ref, rising.ref])
    page = client_of(world.verifier).get(address)
    assert page.status_code == 200
    assert "tăng 5 điểm phần trăm" in page.content.decode()

"""The figures of a plan, worked out by hand beside the query."""

from datetime import date
from decimal import Decimal

import pytest
from pytest_django import DjangoAssertNumQueries

from campaigns import queries, services
from campaigns.models import Participation, Result, ResultSheet
from campaigns.queries import Figure, Figures
from campaigns.queries.members import measured_groups, still_asked
from criteria.models import Indicator, Target
from criteria.rules import Verdict
from tests.campaigns.blocs import make_bloc_world
from tests.campaigns.world import World
from tests.factories import (
    NOW,
    GroupFactory,
    IndicatorFactory,
    ParticipationFactory,
    PeriodFactory,
    ResultSheetFactory,
    TargetFactory,
    UnitFactory,
)
from units.models import BlocMembership, Unit


def figure(world: World, indicator: Indicator) -> Figure:
    found = queries.figures(world.campaign, world.period)
    return next(one for one in found.indicators if one.indicator.pk == indicator.pk)


@pytest.fixture
def members(world: World) -> list[Participation]:
    return [world.part, *(world.member() for _ in range(4))]


def test_only_accepted_sheets_count_and_the_four_states_are_apart(
    world: World, members: list[Participation]
) -> None:
    indicator = world.indicator(code="CT01", measure_unit="hồ sơ")
    nil = {"choice": "nothing", "reason": "Không có hồ sơ"}
    off = {"choice": "not_applicable", "reason": "Không giao"}
    sheet = world.accepted(members[0], {indicator: {"numerator": "8", "denominator": "10"}})
    world.accepted(members[1], {indicator: nil})
    world.accepted(members[2], {indicator: off})
    unsent = world.sheet(members[3])
    world.fill(unsent, indicator, numerator="1", denominator="100")
    one = figure(world, indicator)
    assert (one.reported, one.nothing, one.not_applicable, one.missing) == (1, 1, 1, 2)
    assert (one.met, one.not_met, one.units) == (1, 0, 5)
    assert (one.numerator, one.denominator, one.percent) == (8, 10, 80)
    found = queries.figures(world.campaign, world.period)
    assert {row.sheet_pk for row in found.reported_units} == set(found.revisions)
    sheet.refresh_from_db()
    assert found.revisions[sheet.pk] == sheet.revision
    silent = {row.pk: row.state for row in found.silent_units}
    assert silent == {members[3].unit_id: "draft", members[4].unit_id: ""}
    assert one.cells[members[1].unit_id].reason == "Không có hồ sơ"
    assert one.cells[members[3].unit_id].sheet_pk is None


def test_shares_are_rolled_up_and_never_averaged(
    world: World, members: list[Participation]
) -> None:
    indicator = world.indicator(target=90)
    world.accepted(members[0], {indicator: {"numerator": "1", "denominator": "1"}})
    world.accepted(members[1], {indicator: {"numerator": "8998", "denominator": "9999"}})
    one = figure(world, indicator)
    assert (one.numerator, one.denominator) == (8999, 10000)
    assert (one.percent, one.digits, one.shown) == (Decimal("89.99"), 2, "89,99%")
    assert (one.verdict, one.shortfall, one.target) == (
        Verdict.NOT_MET,
        "thiếu 1",
        "từ 90% trở lên",
    )
    assert (one.met, one.not_met) == (1, 1)


def test_targets_by_unit_leave_the_sum_unjudged(world: World, members: list[Participation]) -> None:
    indicator = world.indicator(target=None)
    Target.objects.create(indicator=indicator, unit_kind=world.branch.kind, value=50)
    world.accepted(members[0], {indicator: {"numerator": "1", "denominator": "2"}})
    one = figure(world, indicator)
    assert (one.verdict, one.target) == (Verdict.NOT_JUDGED, "")
    assert one.why == "Mức khác nhau theo đơn vị, xem từng đơn vị"
    assert one.cells[members[0].unit_id].verdict == Verdict.MET


def test_a_sum_is_judged_as_a_whole(world: World, members: list[Participation]) -> None:
    world.group.measured = "sum"
    world.group.save()
    indicator = world.indicator(target=3, kind="count", measure_unit="mô hình")
    world.accepted(members[0], {indicator: {"value": "2"}})
    one = figure(world, indicator)
    assert (one.value, one.shown, one.shortfall) == (2, "2 mô hình", "thiếu 1 mô hình")
    assert one.verdict == Verdict.NOT_MET
    assert (one.met, one.not_met) == (0, 0)
    world.accepted(members[1], {indicator: {"value": "1"}})
    assert figure(world, indicator).verdict == Verdict.MET


def test_per_cent_that_units_gave_as_one_number_are_not_added(
    world: World, members: list[Participation]
) -> None:
    indicator = world.indicator(target=80, kind="quantity", measure_unit="%")
    total = derived(world, indicator, "sum", 75)
    share = derived(world, indicator, "share", 20)
    for part, value in zip(members, ("50", "85"), strict=False):
        world.accepted(part, {indicator: {"value": value}})
    for one in (figure(world, indicator), figure(world, total)):
        assert (one.value, one.shown, one.verdict) == (None, "–", Verdict.NOT_JUDGED)
    assert (figure(world, indicator).met, figure(world, indicator).not_met) == (1, 1)
    assert figure(world, share).shown == "20,0%"


def test_a_share_may_name_its_unit(world: World, members: list[Participation]) -> None:
    indicator = world.indicator(target=80, measure_unit="%")
    total = derived(world, indicator, "sum", 75)
    world.accepted(members[0], {indicator: {"numerator": "8", "denominator": "10"}})
    for one in (figure(world, indicator), figure(world, total)):
        assert (one.shown, one.verdict) == ("80,0%", Verdict.MET)


@pytest.mark.parametrize(("operator", "value"), [("=", 0), ("<=", 0)])
def test_none_at_all_is_asked_of_the_sum_as_well(
    world: World, members: list[Participation], operator: str, value: int
) -> None:
    indicator = world.indicator(target=None, kind="count", measure_unit="vụ")

    TargetFactory(indicator=indicator, operator=operator, value=value)
    world.accepted(members[0], {indicator: {"value": "0"}})
    assert figure(world, indicator).verdict == Verdict.MET
    world.accepted(members[1], {indicator: {"value": "3"}})
    assert figure(world, indicator).verdict == Verdict.NOT_MET


def test_so_much_of_each_unit_is_not_asked_of_their_sum(
    world: World, members: list[Participation]
) -> None:
    indicator = world.indicator(target=2, kind="count", measure_unit="mô hình")
    for part, value in zip(members, ("1", "1", "3"), strict=False):
        world.accepted(part, {indicator: {"value": value}})
    one = figure(world, indicator)
    assert (one.shown, one.verdict, one.shortfall) == ("5 mô hình", Verdict.NOT_JUDGED, "")
    assert (one.met, one.not_met) == (1, 2)


def derived(world: World, source: Indicator, how: str, target: int, **more: str) -> Indicator:
    once = GroupFactory(criteria_set=world.campaign.criteria_set, measured="once")
    indicator = IndicatorFactory(
        group=once, kind="derived", derivation=how, derived_from=source, **more
    )
    TargetFactory(indicator=indicator, value=target)
    return indicator


def test_a_derived_share_is_of_all_members_those_silent_included(
    world: World, members: list[Participation]
) -> None:
    source = world.indicator(target=None, kind="yes_no")
    share = derived(world, source, "share", 50)
    count = derived(world, source, "count", 2, measure_unit="chi cục")
    for part, answer in zip(members, ("yes", "yes", "no"), strict=False):
        world.accepted(part, {source: {"yes": answer}})
    one = figure(world, share)
    assert (one.numerator, one.denominator, one.shown) == (2, 5, "40,0%")
    assert (one.verdict, one.reported, one.missing) == (Verdict.NOT_MET, 3, 2)
    assert (one.shortfall, one.cells) == ("thiếu 1", {})
    assert figure(world, count).shown == "2 chi cục"
    assert figure(world, count).verdict == Verdict.MET
    asked = figure(world, source)
    assert (asked.value, asked.shown, asked.verdict) == (2, "2 đơn vị có", Verdict.NOT_JUDGED)


def test_a_derived_share_of_units_that_meet_a_target(
    world: World, members: list[Participation]
) -> None:
    source = world.indicator(target=80)
    share = derived(world, source, "share", 40)
    total = derived(world, source, "sum", 75)
    world.accepted(members[0], {source: {"numerator": "8", "denominator": "10"}})
    world.accepted(members[1], {source: {"numerator": "7", "denominator": "10"}})
    assert figure(world, share).shown == "20,0%"
    away = {"choice": "not_applicable", "reason": "Không có thủ tục hành chính"}
    world.accepted(members[2], {source: away})
    one = figure(world, share)
    assert (one.numerator, one.denominator, one.not_applicable) == (1, 4, 1)
    one = figure(world, total)
    assert (one.numerator, one.denominator, one.shown) == (15, 20, "75,0%")
    assert (one.target, one.verdict) == ("từ 75% trở lên", Verdict.MET)


def test_without_a_source_in_the_set_nothing_is_derived(world: World) -> None:
    one = figure(world, derived(world, IndicatorFactory(), "share", 50))
    assert (one.verdict, one.shown, one.units) == (Verdict.NO_DATA, "–", 0)


def test_answers_in_words_have_no_sum(world: World) -> None:
    indicator = world.indicator(target=None, kind="narrative")
    assert figure(world, indicator).verdict == Verdict.NO_DATA
    world.accepted(world.part, {indicator: {"text": "Đã phát động"}})
    one = figure(world, indicator)
    assert (one.verdict, one.shown) == (Verdict.NOT_JUDGED, "–")
    assert one.cells[world.branch.pk].text == "Đã phát động"


def test_once_is_answered_by_the_standing_agency(world: World) -> None:
    once = GroupFactory(criteria_set=world.campaign.criteria_set, measured="once")
    indicator = IndicatorFactory(group=once, kind="yes_no")
    TargetFactory(indicator=indicator, operator="=", value=1)
    part = services.enrol_units(world.campaign, [world.office], actor=None, now=NOW)[0]
    world.accepted(part, {indicator: {"yes": "yes"}})
    one = figure(world, indicator)
    assert list(one.cells) == [world.office.pk]
    assert (one.shown, one.target, one.verdict) == ("Có", "có", Verdict.MET)


def test_once_is_answered_by_one_unit_of_a_bloc(db: None) -> None:
    """The leader of the year; the standing agency only where nobody leads."""
    world = make_bloc_world()
    plan, (head, other, _third) = world.campaign, world.units
    agency = UnitFactory(name="Sở Nội vụ")
    plan.standing_agency = agency
    plan.save()
    once = GroupFactory(criteria_set=plan.criteria_set, measured="once")
    indicator = IndicatorFactory(group=once, kind="count")
    period = PeriodFactory(campaign=plan)  # 2024
    parts = [ParticipationFactory(campaign=plan, unit=unit) for unit in (head, other, agency)]

    def answers() -> list[Unit]:
        found = measured_groups([(part, period) for part in parts])
        told = [part.unit for part in parts if once in found[part.pk, period.pk]]
        assert told == list(Unit.objects.filter(pk__in=queries.standing_units(plan, 2024)))
        sheets = [ResultSheetFactory(participation=part, period=period) for part in parts]
        assert [s.participation.unit for s in sheets if queries.asked_on(s)] == told
        assert [s.participation.unit for s in sheets if queries.applicable_indicators(s)] == told
        kept = [sheet.results.create(indicator=indicator, saved_at=NOW) for sheet in sheets]
        still = still_asked(Result.objects.filter(pk__in=[one.pk for one in kept]))
        assert [one.result_sheet.participation.unit for one in still.order_by("pk")] == told
        ResultSheet.objects.all().delete()
        return told

    assert answers() == [head]
    BlocMembership.objects.filter(role="head").update(role="member")
    assert answers() == [agency]


def test_nominees_are_measured_elsewhere_and_leavers_not_at_all(world: World) -> None:
    IndicatorFactory(
        group=GroupFactory(criteria_set=world.campaign.criteria_set, measured="nominee")
    )
    world.part.left_on = date(2023, 1, 1)
    world.part.save()
    late = world.member()
    late.registered_on = date(2026, 1, 1)
    late.save()
    found = queries.figures(world.campaign, world.period)
    assert (found.indicators, found.units) == ([], [])


def test_figures_of_some_units_only(world: World, members: list[Participation]) -> None:
    indicator = world.indicator()
    for part in members[:2]:
        world.accepted(part, {indicator: {"numerator": "1", "denominator": "2"}})
    some = Unit.objects.filter(pk=members[0].unit_id)
    one = queries.figures(world.campaign, world.period, some).indicators[0]
    assert (one.units, one.denominator) == (1, 2)


@pytest.mark.parametrize(("units", "indicators"), [(1, 1), (3, 12)])
def test_the_number_of_queries_is_fixed(
    world: World,
    units: int,
    indicators: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    parts = [world.part, *(world.member() for _ in range(units - 1))]
    asked = [world.indicator() for _ in range(indicators)]
    for part in parts:
        world.accepted(part, {i: {"numerator": "1", "denominator": "2"} for i in asked})
    with django_assert_num_queries(8):
        found: Figures = queries.figures(world.campaign, world.period)
    assert (len(found.units), len(found.indicators)) == (units, indicators)


def test_facts_of_an_indicator_are_plain(world: World) -> None:
    lead = UnitFactory(name="Sở Công Thương")
    whole = world.indicator(ref="ct10")
    part = world.indicator(ref="ct10.1", of_which=whole, lead_unit=lead)
    source = derived(world, whole, "sum", 1)
    facts = figure(world, part).indicator
    assert (facts.of_which_ref, facts.lead_unit, facts.kind_label) == (
        "ct10",
        "Sở Công Thương",
        "tỷ lệ",
    )
    assert figure(world, source).indicator.source_ref == "ct10"
